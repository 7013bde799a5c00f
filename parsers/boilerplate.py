"""An extracted body → the text of the article: paragraphs parted by a blank line, with what is not the report cut off.

Cut are the headline and byline where the body repeats them, "read more" lines, lists of other pages, invitations and notices, credits of
who else worked on it, and the initials with which agencies sign ("MT/MG"). The words are data (data/boilerplate.toml).
After this step the text is never changed again, since offsets of evidence count in it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from parsers.catalog import read_toml
from parsers.errors import CatalogError
from parsers.text import tidy

_FILE = "boilerplate.toml"
_MAX_LINE = 240
_MAX_CREDIT = 700
_PROSE = 120  # characters from which a line is taken for a paragraph of the report
_HEAD = 6  # first lines, in which headline, byline and date are looked for
_TAIL = 8  # last lines, in which credits and signatures are looked for
_WORDS = re.compile(r"\w+")
_RULE = re.compile(r"[\W_]*")
# All quantifiers that could split one string in many ways are possessive: a page may be written to make them try.
_ADDRESS = re.compile(r"[^\s@]++@[^\s@.]++\.[^\s@]++|(?:https?://|www\.|twitter\.com/|facebook\.com/|t\.me/)\S+", re.IGNORECASE)
_BYLINE = re.compile(r"(?i:by)\s+(?:[A-Z][\w.'’-]++\s*+(?:,|and\b|&)?+\s*+){1,8}+(?:\||$)")
_STAMP = re.compile(
    r"(?:(?:first\s+)?(?:published|updated|posted|modified|last\s+updated|date)\b[\s:–-]+)?(?=.*\d)"
    r"(?:(?>mon|tues?|wed(?:nes)?|thur?s?|fri|sat(?:ur)?|sun|jan\w*+|feb\w*+|mar\w*+|apr\w*+|may|june?|july?|aug\w*+|sep\w*+|oct\w*+|nov\w*+|"
    r"dec\w*+|[ap]\.?m\b\.?|[a-z]{2,4}t\b|gmt|utc|at|on|day|\d++(?:st|nd|rd|th)?+|[\s.,:/|–()-]++))++",
    re.IGNORECASE,
)
# MT/MG · MNA/6289 · ■ · 9341**2050 · (end) nam.hb · SH/MA, behind the last sentence or on a line of their own
_SIGNATURE = re.compile(
    r"(?:(?<=[.!?”\"')])\s*|\s+|^)(?:[A-Z]{2,4}/(?:[A-Z]{2,4}|\d{3,})(?:/\w{2,6})*|\d{3,5}\*\*\d{3,5}|"
    r"\((?:end|END|End)\)(?:\s+[a-z]{1,6}(?:\.[a-z]{1,6})*)?|/end/|[■□◼●])\s*$"
)
_INITIALS = re.compile(r"[A-Z]{2,4}(?:[/.][A-Z]{1,4})*|[a-zA-Z]{1,4}/[a-zA-Z]{1,4}|/\d{2,6}|_{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Phrases:
    whole: frozenset[str]
    starts: tuple[str, ...]
    credits: tuple[str, ...]
    credit_ends: tuple[str, ...]
    lists: tuple[str, ...]


@cache
def _phrases() -> _Phrases:
    names = ("whole", "starts", "credits", "credit_ends", "lists")
    table = read_toml(_FILE, keys=frozenset(names))
    for name in names:
        words = table.get(name)
        if not isinstance(words, list) or not words or not all(isinstance(word, str) and word and word == word.lower() for word in words):
            raise CatalogError(_FILE, name, "must be a list of phrases in lower case")
    return _Phrases(
        whole=frozenset(_key(word) for word in table["whole"]), **{name: tuple(table[name]) for name in names if name != "whole"}
    )


def clean_body(extracted: str, *, titles: Sequence[str] = (), authors: Sequence[str] = ()) -> str:
    """The article's text of an extracted body whose lines are its paragraphs; "" where nothing is left.

    titles: headlines that the page offers. authors: their names.
    """
    lines = [paragraph for raw in extracted.split("\n") if (paragraph := tidy(raw))]
    lines = _without_head(lines, {_key(title) for title in titles}, {_key(author) for author in authors})
    lines = _without_lists(lines)
    lines = [line for line in lines if not _is_boilerplate(line)]
    return "\n\n".join(_without_tail(lines))


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))


def _without_head(lines: list[str], titles: set[str], authors: set[str]) -> list[str]:
    """The headline wherever it stands as a line of its own; byline and time only among the first lines."""
    out: list[str] = []
    for index, line in enumerate(lines):
        key = _key(line)
        if key in titles and (index < _HEAD or len(key) > 20):
            continue
        if index < _HEAD and len(line) < _PROSE and (key in authors or key.removeprefix("by ") in authors or _is_byline(line)):
            continue
        out.append(line)
    return out


def _is_byline(line: str) -> bool:
    return _BYLINE.match(line) is not None or _STAMP.fullmatch(line) is not None


def _is_boilerplate(line: str) -> bool:
    phrases = _phrases()
    if len(line) > _MAX_LINE:
        return False
    if _key(line) in phrases.whole or _RULE.fullmatch(line) or _ADDRESS.fullmatch(line):
        return True
    return line.lower().lstrip("-*•>▶►» ").startswith(phrases.starts)


def _without_lists(lines: list[str]) -> list[str]:
    """Drops each line that opens a list of other pages and the short lines after it; what is one line only is left to the next step."""
    lists = _phrases().lists
    out: list[str] = []
    within = False
    for line in lines:
        short = len(line) < _PROSE and not line.endswith((".", "?", "!", "”", '"'))
        if short and len(line) < 60 and line.lower().startswith(lists):
            within = True
        elif within and not short:
            within = False
        if not within:
            out.append(line)
    return out


def _without_tail(lines: list[str]) -> list[str]:
    """Cuts credits, signatures and initials off the end."""
    phrases = _phrases()
    out = list(lines)
    for index in range(len(out) - 1, max(-1, len(out) - 1 - _TAIL), -1):
        lower = out[index].lower()
        credit = lower.startswith(phrases.credits) or lower.rstrip(" .)").endswith(phrases.credit_ends)
        if credit and len(lower) <= _MAX_CREDIT and index > 0:
            del out[index]
    while len(out) > 1 and _INITIALS.fullmatch(out[-1]):
        out.pop()
    if out:
        out[-1] = _SIGNATURE.sub("", out[-1]).rstrip()
    return [line for line in out if line]
