"""A sentence with each party's phrase shrunk to one mark, so that the grammar of contact reads as text.

"Foreign Minister Wang Yi met with his Omani counterpart on Monday" becomes "① met with ② on Monday". Marks are characters of the
private use area; a `Skeleton` leads from its own offsets back to the document's.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from parsers.catalog import read_toml
from parsers.document import Sentence
from parsers.mentions import Mention
from parsers.records import Span

FIRST_MARK = 0xE000
MAX_MARKS = 400
MARK = "[\ue000-\ue18f]"

_LINK = re.compile(
    r"""(?:\s*\((?:R|L|C|left|right|cent(?:er|re))\))?\s*(?:[,;]\s*(?P<and>(?:and|as\ well\ as|along\ with|together\ with|plus|or)\s+)?
    |(?P<and2>(?:and|&|as\ well\ as|along\ with|together\ with|plus|or)\s+)|/)
    (?:(?:also|then|later|finally|separately)\s+)?(?:(?:with|by|to|from|between)\s+)?(?:(?:the|his|her|their|its|both)\s+)?""",
    re.IGNORECASE | re.VERBOSE,
)
_BY_PREPOSITION = re.compile(r"\b(?:with|by|to|from|and)\b", re.IGNORECASE)
_ITEM_END = re.compile(r"\s*(?:[;,.()]|$)|\s+(?:and|of|in|from|at|for|on|who|whose)\b", re.IGNORECASE)
_LIST_END = re.compile(r"\s*(?:[.;:)]|$|,?\s+(?:in|on|at|to|for|about|over|during|as|where|who|here|yesterday|today)\b)", re.IGNORECASE)


@cache
def _courtesies() -> re.Pattern[str]:
    """Courtesies before a name belong to its mark, so that their full stops do not look like the end of a clause."""
    words = "|".join(read_toml("languages/en/grammar.toml")["courtesies"])
    return re.compile(rf"(?:(?<!\w)(?:{words})\.?,?\s+)+$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Group:
    """Marks in coordination ("A, B and C"). start, end: offsets in the skeleton; mentions: indices into the article's mentions."""

    start: int
    end: int
    mentions: tuple[int, ...]


@dataclass(frozen=True)
class Skeleton:
    """text: the sentence with marks. marks: mentions of each mark in order (several where a phrase names several parties).

    places: offsets of the marks. starts, origins: where stretches begin, here and in the document.
    """

    sentence: Sentence
    text: str
    marks: tuple[tuple[int, ...], ...]
    places: tuple[int, ...]
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def origin(self, offset: int) -> int:
        """The document's offset of a skeleton's offset."""
        at = bisect_right(self.starts, offset) - 1
        return self.origins[at] + offset - self.starts[at]

    def span(self, start: int, end: int) -> Span:
        """The document's span of a stretch of the skeleton."""
        left = self.origin(start)
        return Span(left, max(left + 1, min(self.origin(end - 1) + 1, self.sentence.span.end)))

    @cached_property
    def groups(self) -> tuple[Group, ...]:
        """Every run of coordinated marks, in order. Commas alone join only where a conjunction follows ("A, B and C"), or in a headline."""
        parts: list[list[int]] = []
        for run, links in self._runs():
            parts += self._cut(run, links)
        return tuple(self._group(part) for part in parts)

    def _runs(self) -> Iterator[tuple[list[int], list[bool]]]:
        """Marks with only commas and conjunctions between them, and for each link whether it is a conjunction."""
        run: list[int] = []
        links: list[bool] = []
        for number, place in enumerate(self.places):
            link = _LINK.fullmatch(self.text, self.places[number - 1] + 1, place) if number else None
            if (
                link is not None
                and ";" in link.group()
                and not (_BY_PREPOSITION.search(link.group()) or _ITEM_END.match(self.text, place + 1))
            ):
                link = None  # "A met B; C telephoned D": another clause
            if link is None and run:
                yield run, links
                run, links = [], []
            if link is not None:
                links.append(_conjunction(link) is not None or ";" in link.group())
            run.append(number)
        if run:
            yield run, links

    def _cut(self, run: list[int], links: list[bool]) -> list[list[int]]:
        """A run as lists: all of it up to its last conjunction, then each mark alone ("with A and B, C said")."""
        if self.sentence.in_title:
            return [run]
        last = max((at for at, conjunction in enumerate(links) if conjunction), default=-1)
        if last < 0 and len(run) > 2 and _LIST_END.match(self.text, self.places[run[-1]] + 1):
            return [run]
        head = [run[: last + 2]] if last >= 0 else []
        return head + [[number] for number in run[last + 2 if last >= 0 else 0 :]]

    def _group(self, run: Sequence[int]) -> Group:
        return Group(self.places[run[0]], self.places[run[-1]] + 1, tuple(m for number in run for m in self.marks[number]))


def _conjunction(link: re.Match[str]) -> str | None:
    return link.group("and") or link.group("and2")


def shrink(text: str, sentence: Sentence, mentions: Sequence[tuple[int, Mention]]) -> Skeleton:
    """The sentence's skeleton; `mentions` are its own, with their indices. Where two overlap, the longer one is marked."""
    chosen: list[tuple[Span, tuple[int, ...]]] = []
    for index, mention in sorted(mentions, key=lambda pair: (pair[1].span.start, -pair[1].span.end)):
        if chosen and mention.span == chosen[-1][0]:
            chosen[-1] = (mention.span, (*chosen[-1][1], index))
        elif len(chosen) < MAX_MARKS and sentence.span.covers(mention.span) and not (chosen and mention.span.start < chosen[-1][0].end):
            chosen.append((mention.span, (index,)))
    pieces: list[str] = []
    starts, origins, places = [0], [sentence.span.start], []
    at, length = sentence.span.start, 0
    for number, (span, _) in enumerate(chosen):
        before = text[at : span.start]
        begin = span.start
        if honorific := _courtesies().search(before, max(0, len(before) - 60)):
            before = before[: honorific.start()]
            begin = at + honorific.start()
        pieces += (before, chr(FIRST_MARK + number))
        places.append(length + len(before))
        length += len(before) + 1
        at = span.end
        starts += (places[-1], length)
        origins += (begin, at)
    pieces.append(text[at : sentence.span.end])
    return Skeleton(sentence, "".join(pieces), tuple(indices for _, indices in chosen), tuple(places), tuple(starts), tuple(origins))
