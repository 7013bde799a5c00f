"""Where the names of persons and bodies stand: the trained tagger, and the rules on what belongs to a name.

The tagger is spaCy's transition-based recogniser alone (no parser, no vectors), fine-tuned by `training/` and kept under
`parsers/data/model`. It is loaded on the first call, so that a text that does not pass the gate never pays for it.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Protocol

from rapidfuzz.distance import JaroWinkler, Levenshtein

from parsers.catalog import read_blob

if TYPE_CHECKING:
    from spacy.language import Language

PIECE = 12_000  # characters that the tagger reads at a time: its cost stays linear, its memory small
PERSON, BODY, PLACE = "PERSON", "ORG", "GPE"
MODEL_CONFIG, MODEL_WEIGHTS = "model/name_tagger.cfg", "model/name_tagger.bin"
_LONG_RUN = re.compile(r"\S{80,}")
_BREAK = re.compile(r"\n|(?<=[.!?])\s")

PARTICLES = frozenset(
    [
        "al",
        "el",
        "bin",
        "ibn",
        "bint",
        "abu",
        "abou",
        "abd",
        "abdul",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "di",
        "der",
        "den",
        "van",
        "von",
        "la",
        "le",
        "les",
        "ben",
        "bou",
        "ould",
        "uld",
        "ul",
        "ur",
        "y",
        "e",
        "ter",
        "ten",
        "af",
        "av",
        "zu",
        "zur",
        "du",
        "des",
        "st",
        "st.",
        "san",
        "santa",
        "mac",
        "mc",
        "ap",
        "tan-sri",
        "binti",
        "al-",
        "el-",
        "ed",
        "ad",
        "an",
        "as",
        "ar",
        "bu",
        "ait",
        "umm",
        "om",
        "o'",
        "d'",
        "i",
        "bani",
    ]
)
# Particles that may begin a name in small letters: "al-Assad" is one token, "bin Salman" after a title is not a start.
LEADING = frozenset(["al", "el", "de", "van", "von", "da", "di", "del", "ben", "ibn", "abu", "la", "le", "du", "ter", "bin"])


@dataclass(frozen=True, slots=True)
class Tagged:
    """A stretch of text with a label: PERSON, ORG, GPE, NORP, FAC, EVENT ..."""

    start: int
    end: int
    label: str


class NameTagger(Protocol):
    """What finds names in texts. One list of stretches per text, in order, without overlaps."""

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]: ...


class SpacyTagger:
    """The recogniser of a spaCy pipeline that has no other part."""

    def __init__(self, pipeline: "Language") -> None:
        self._pipeline = pipeline

    def tag(self, texts: Sequence[str]) -> list[list[Tagged]]:
        pieces = [(text, at, index) for index, whole in enumerate(texts) for at, text in _pieces(whole)]
        found: list[list[Tagged]] = [[] for _ in texts]
        docs = self._pipeline.pipe((_LONG_RUN.sub(_blank, text) for text, _, _ in pieces), batch_size=16)
        for doc, (_, at, index) in zip(docs, pieces, strict=True):
            found[index].extend(Tagged(at + ent.start_char, at + ent.end_char, ent.label_) for ent in doc.ents)
        return found


def _blank(run: re.Match[str]) -> str:
    """As many spaces: no name is that long, and the tokenizer's cost grows with the square of a run's length."""
    return " " * len(run.group())


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """The text in stretches of at most PIECE characters, cut at the end of a line or sentence where there is one."""
    start = 0
    while len(text) - start > PIECE:
        cut = start + PIECE
        for match in _BREAK.finditer(text, start + PIECE // 2, start + PIECE):
            cut = match.end()
        yield start, text[start:cut]
        start = cut
    if start < len(text):
        yield start, text[start:]


@cache
def load_tagger() -> NameTagger:
    """The shipped tagger, loaded once per process (about a second). The weights' hash is recorded in data/model/README.md."""
    # imported here, since spaCy costs a second that texts which do not pass the gate need not pay
    from spacy.util import load_model_from_config
    from thinc.api import Config

    settings = Config().from_str(read_blob(MODEL_CONFIG).decode())
    pipeline = load_model_from_config(settings, auto_fill=True)
    pipeline.from_bytes(zlib.decompress(read_blob(MODEL_WEIGHTS)))
    return SpacyTagger(pipeline)


# ── names as strings ─────────────────────────────────────────────────────────────────────────────────────────────────


def fold(name: str) -> str:
    """Lower case without marks, apostrophes and hyphens: what two spellings of a name share."""
    text = unicodedata.normalize("NFKD", name)
    text = "".join(c for c in text if not unicodedata.combining(c)).casefold()
    text = text.replace("ı", "i").replace("ø", "o").replace("ł", "l").replace("ə", "a").replace("đ", "d")
    return re.sub(r"[^\w\s]", " ", re.sub(r"['’ʼ‘`]", "", text)).strip()


@lru_cache(maxsize=50_000)
def name_tokens(name: str) -> tuple[str, ...]:
    """The tokens of a name that tell persons apart, particles left out unless nothing else is there."""
    tokens = tuple(fold(name).split())
    telling = tuple(token for token in tokens if token not in PARTICLES)
    return telling or tokens


def alike(a: str, b: str) -> bool:
    """Two tokens that are the same name in two spellings ("Mohammed", "Muhammad"; "Zelenskiy", "Zelensky")."""
    if a == b:
        return True
    if min(len(a), len(b)) < 4 or a[0] != b[0]:
        return min(len(a), len(b)) >= 6 and Levenshtein.distance(a, b) <= 1
    skeleton_a, skeleton_b = _skeleton(a), _skeleton(b)
    if skeleton_a == skeleton_b and len(skeleton_a) >= 2 and abs(len(a) - len(b)) <= 2 and JaroWinkler.similarity(a, b) >= 0.85:
        return True
    return min(len(a), len(b)) >= 6 and JaroWinkler.similarity(a, b) >= 0.94


def _skeleton(token: str) -> str:
    """Consonants without doubles, with the letters that transliterations swap made one."""
    token = token.replace("sch", "sh").replace("ph", "f").replace("kh", "h").replace("gh", "g").replace("q", "k").replace("c", "k")
    token = re.sub(r"[aeiouyjw]", "", token[:1].replace("y", "i") + token[1:]) if len(token) > 1 else token
    return re.sub(r"(.)\1+", r"\1", token)


@lru_cache(maxsize=50_000)
def name_keys(name: str) -> frozenset[str]:
    """What two names must share one of to be one person's: the first consonants of each token. For look-ups, not for judging."""
    tokens = name_tokens(name)
    joined = ["".join(tokens), "".join(tokens[-2:]), "".join(tokens[:2])] if len(tokens) > 1 else []
    return frozenset(_skeleton(token)[:2] for token in (*tokens, *joined) if len(token) > 1) or frozenset(tokens)


def same_person(a: str, b: str) -> bool:
    """Whether two names may be one person's: one within the other, or first and last alike."""
    x, y = name_tokens(a), name_tokens(b)
    if not x or not y:
        return False
    short, long = (x, y) if len(x) <= len(y) else (y, x)
    if "".join(x) == "".join(y):
        return True
    if all(any(alike(s, t) or _initial_of(s, t) for t in long) for s in short):
        return any(len(s) > 1 for s in short)
    if len(short) == 1:
        return alike(short[0], "".join(long[-2:])) or alike(short[0], "".join(long[:2]))
    return alike(x[-1], y[-1]) and (alike(x[0], y[0]) or _initial_of(x[0], y[0]) or _initial_of(y[0], x[0]))


def _initial_of(initial: str, token: str) -> bool:
    return len(initial) == 1 and token.startswith(initial)
