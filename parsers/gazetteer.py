"""Finds the forms of a table in a text: whole words, case-sensitive, longest first, in time linear in the text (Aho-Corasick)."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import ahocorasick

from parsers.records import Span

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """One form of the table in the text."""

    span: Span
    form: str
    value: Value


class Gazetteer(Generic[Value]):
    """A frozen matcher over `forms`: what is written in the text → the value that it stands for.

    A form also matches with the other kind of apostrophe. Overlapping finds are settled for the one that begins first, then for the
    longest. Letters of a longer word never match: "Oman" is not found in "Romania", nor "Mali" in "malign" or "x@Mali.org".
    """

    __slots__ = ("_automaton", "_forms")

    def __init__(self, forms: Mapping[str, Value]) -> None:
        self._forms = dict(forms)
        self._automaton = ahocorasick.Automaton()
        for form, value in forms.items():
            for spelling in {form, form.replace("'", "’"), form.replace("’", "'")}:
                self._automaton.add_word(spelling, (form, len(spelling), value))
        self._automaton.make_automaton()

    def __len__(self) -> int:
        return len(self._forms)

    def get(self, form: str) -> Value | None:
        """The value of exactly this form."""
        return self._forms.get(form.replace("’", "'"), self._forms.get(form))

    def find(self, text: str) -> Iterator[Found[Value]]:
        """Finds in order of the text, none overlapping another."""
        if not self._forms:
            return
        candidates = [
            (last + 1 - length, -length, form, value)
            for last, (form, length, value) in self._automaton.iter(text)
            if stands_alone(text, last + 1 - length, last + 1)
        ]
        candidates.sort(key=lambda candidate: candidate[:2])
        reached = 0
        for start, negative_length, form, value in candidates:
            if start >= reached:
                reached = start - negative_length
                yield Found(Span(start, reached), form, value)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] is made of whole words, and is no part of an address or handle ("www.China.org", "@Iran")."""
    if start > 0:
        before = text[start - 1]
        if before.isalnum() or before in "_@" or (before == "." and start > 1 and text[start - 2].isalnum() and text[start].islower()):
            return False
    if end >= len(text):
        return True
    after = text[end]
    if after.isalnum() or after in "_@$" or unicodedata.combining(after):
        return False
    return not (after == "." and text[end - 1] != "." and end + 1 < len(text) and text[end + 1].islower())


# What may follow a place's name that is also a given name without making it one: "Jordan Foreign Minister" is no Mr Minister.
_NO_SURNAME = re.compile(
    r"""Foreign|Prime|President(?:ial)?|Vice|Deputy|Minist(?:er|ry)|Ambassador|Embassy|King|Queen|Crown|Prince(?:ss)?|Emir|Def[ea]n[cs]e|Army|Air
    |Armed|Military|Navy|Interior|Finance|Trade|Energy|Oil|Econom(?:y|ic)|Health|Education|Government|Parliament|Senate|Assembly|Speaker|Envoy
    |Delegation|Chief|Central|Bank|National|State|Supreme|High|Court|Secretary|Security|Intelligence|Police|Football|Chamber|FM|PM|MP
    |Hamas|Hezbollah|Iran|Palestine|Russia|Syria|Egypt|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day
    |January|February|March|April|May|June|July|August|(?:Sept|Nov|Dec)ember|October""",
    re.VERBOSE,
)
_NEXT_WORD = re.compile(r" (?P<word>[A-Z][\w’'-]+)")
_LOWER_WORD = re.compile(r"\b[a-z]{4,}")
_LINE_WINDOW = 60


def is_given_name(text: str, span: Span) -> bool:
    """Whether a place's ambiguous one-word name is a person's or body's here: "Jordan Smith", "Israel Katz", "Georgia Tech".

    In a headline where every word has a capital nothing can be told from the next one, so the answer is no there.
    """
    if " " in text[span.start : span.end]:
        return False
    following = _NEXT_WORD.match(text, span.end, span.end + 40)
    if following is None or _NO_SURNAME.fullmatch(following["word"]):
        return False
    return _LOWER_WORD.search(text, max(0, span.start - _LINE_WINDOW), span.end + _LINE_WINDOW) is not None


def fold(text: str) -> str:
    """`text` without diacritics, dashes and apostrophes made plain: "Élysée" → "Elysee", "São Tomé" → "Sao Tome"."""
    plain = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    return "".join(character for character in plain if not unicodedata.combining(character))


_PLAIN = str.maketrans(
    {"ı": "i", "ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "ß": "ss", "æ": "ae", "Æ": "Ae", "œ": "oe"}
    | {"ə": "a", "Ə": "A", "þ": "th", "Þ": "Th"}
    | dict.fromkeys("’‘ʼʻ`", "'")
    | dict.fromkeys("–—‑", "-")
)
