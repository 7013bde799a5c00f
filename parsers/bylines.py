"""Author strings as pages write them → names.

"By Ana Silva and Joao Costa, Staff Writers" is two names; an address, a profile link or a "Share" button is none.
"""

import re
from collections.abc import Iterable, Iterator

from parsers.text import line

MAX_NAME = 100
MAX_AUTHORS = 30
_BY = re.compile(
    r"^(?:(?:written|reported|posted|published|edited|story|words|text|photos?|more(?:\s+\w+)?|(?:view|see)\s+all(?:\s+\w+)?)\s+)?by\b[:\s]+|"
    r"^(?:author|from)s?\s*:\s*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+|https?://\S+|\bwww\.\S+|(?<!\w)@\w+")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]|<[^>]*>")
_BETWEEN = re.compile(r"\s*(?:[;|•·\n]|\s/\s|\s[–—]\s|\s-\s|\band\b|\bet\b|\bund\b|&|\bwith\b(?=\s+[A-Z]))\s*")
_COMMA = re.compile(r"\s*,\s*")
_SUFFIX = re.compile(r"^(?:jr|sr|i{2,3}|iv)\.?$", re.IGNORECASE)
_DEGREE = re.compile(r"^(?:ph\.?\s?d|m\.?d|m\.?sc|m\.?a|b\.?a|mph|mba|rn|rd|esq|ceo|cfo)\.?$", re.IGNORECASE)
# behind two words at least: "Guardian staff reporter" is how some sign
_OFFICE_AT_END = re.compile(
    r"^((?-i:[A-Z]\S*\s+[A-Z]\S*).*?)\s+(?:(?:senior|chief|special|staff|foreign|political)\s+)*(?:writer|reporter|correspondent|editor|ph\.?d|ceo)\.?$",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"\b(?:staff(?:\s+(?:writer|reporter))?|reporter|correspondent|columnist|editor|writer|contributor|journalist|bureau|desk|for\s+[A-Z]\w+|"
    r"special\s+to|updated|published|minutes?\s+read|associate|senior|chief|head\s+of)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"^(?:admin|administrator|editor|authors?|unknown|none|null|undefined|user|guest|share|follow|n/?a|by|see full bio|full bio|bio|"
    r"view profile|(?:updated|published|posted)\b.*)$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d{2}|\d:\d")


def read_authors(strings: Iterable[str]) -> tuple[str, ...]:
    """Names in the strings, in order, each once whatever its case."""
    found: dict[str, str] = {}
    for string in strings:
        for name in _split(string[: 6 * MAX_NAME]):
            found.setdefault(name.casefold(), name)
            if len(found) == MAX_AUTHORS:
                return tuple(found.values())
    return tuple(found.values())


def _split(string: str) -> Iterator[str]:
    text = line(_BRACKETS.sub(" ", _ADDRESS.sub(" ", string)))
    text = _BY.sub("", text)
    for part in _BETWEEN.split(text):
        names = [piece for piece in _COMMA.split(part) if piece]
        if len(names) > 1:
            names = _commas(names)
        for name in names:
            name = _OFFICE_AT_END.sub(r"\1", _BY.sub("", name)).strip(" .,:;|-–—*\"'")
            if _is_name(name):
                yield name


def _commas(pieces: list[str]) -> list[str]:
    """A comma parts names, or a name from its suffix or office, or a family name from a given one."""
    names: list[str] = []
    for piece in pieces:
        if names and _SUFFIX.match(piece):
            names[-1] += f" {piece}"
        elif names and (_ROLE.search(piece) or _DEGREE.match(piece)):
            continue
        else:
            names.append(piece)
    return names


def _is_name(text: str) -> bool:
    if not 1 < len(text) <= MAX_NAME or len(text.split()) > 8 or not any(map(str.isalpha, text)):
        return False
    return not _NO_NAME.match(text) and not _DIGITS.search(text)
