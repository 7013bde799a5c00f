"""Meeting verbs and nouns → cue spans. The words are data: data/languages/en/cues.toml."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from parsers.catalog import read_toml
from parsers.errors import CatalogError

FILE = "languages/en/cues.toml"


class Frame(StrEnum):
    """Where the parties of a cue stand; told at the head of the data file."""

    MEET = "meet"
    HOLD = "hold"
    RECEIVE = "receive"
    RECEIVED_BY = "received_by"
    VISIT = "visit"
    PHONE = "phone"
    FROM = "from"
    SPEAK = "speak"
    NOUN = "noun"
    DISCUSS = "discuss"
    CHAIR = "chair"
    SIGN = "sign"
    TELL = "tell"
    WITH = "with"


@dataclass(frozen=True, slots=True)
class Cue:
    """One cue. start, end: half-open offsets in the text that was searched. order: how firm its frame is, 0 the firmest."""

    frame: Frame
    start: int
    end: int
    text: str


_MOD = r"(?: (?!(?:with|of|in|on|for|to|at|by|that|who|which|from|after|before|during)\b)[\w’'“”\"‘.-]+,?){0,6}"
_FIRMNESS = {
    frame: number
    for number, frame in enumerate(
        (
            Frame.RECEIVED_BY,
            Frame.FROM,
            Frame.PHONE,
            Frame.HOLD,
            Frame.VISIT,
            Frame.CHAIR,
            Frame.MEET,
            Frame.RECEIVE,
            Frame.SPEAK,
            Frame.NOUN,
            Frame.DISCUSS,
            Frame.SIGN,
            Frame.TELL,
            Frame.WITH,
        )
    )
}


@cache
def _patterns() -> tuple[tuple[Frame, re.Pattern[str]], ...]:
    table = read_toml(FILE, keys=frozenset({"contact", "strong_contact", "light_verbs", "frames"}))
    words = {
        "{contact}": "|".join(table["contact"]),
        "{strong}": "|".join(table["strong_contact"]),
        "{light}": "|".join(table["light_verbs"]),
        "{mod}": _MOD,
    }
    compiled = []
    for name, patterns in table["frames"].items():
        if name not in set(Frame):
            raise CatalogError(FILE, f"frames.{name}", f"unknown frame; known are {[f.value for f in Frame]}")
        source = "|".join(patterns)
        for macro, value in words.items():
            source = source.replace(macro, value)
        try:
            compiled.append((Frame(name), re.compile(rf"(?<![\w’'])(?:{source})(?!\w)", re.IGNORECASE)))
        except re.error as error:
            raise CatalogError(FILE, f"frames.{name}", str(error)) from error
    return tuple(compiled)


def find_cues(text: str) -> tuple[Cue, ...]:
    """All cues of a sentence in order; where two overlap, the firmer frame stays."""
    found = [Cue(frame, m.start(), m.end(), m.group()) for frame, pattern in _patterns() for m in pattern.finditer(text)]
    found.sort(key=lambda cue: (_FIRMNESS[cue.frame], cue.start))
    kept: list[Cue] = []
    for cue in found:
        if not any(cue.start < other.end and other.start < cue.end for other in kept):
            kept.append(cue)
    return tuple(sorted(kept, key=lambda cue: cue.start))
