"""A sentence with each party's phrase shrunk to one mark, so that the grammar of contact reads as text.

"Foreign Minister Wang Yi met with his Omani counterpart on Monday" becomes "① met with ② on Monday". Marks are characters of the
private use area; a `Skeleton` leads from its own offsets back to the document's.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from parsers.document import Sentence
from parsers.mentions import Mention
from parsers.records import Span

FIRST_MARK = 0xE000
MAX_MARKS = 400
MARK = "[\ue000-\ue18f]"

_JOIN = re.compile(
    r"""\s*(?:[,;]\s*(?:(?:and|as\ well\ as|along\ with|together\ with|plus|or)\s+)?|(?:and|&|as\ well\ as|along\ with|together\ with|plus|or)\s+|/)
    (?:(?:also|then|later|finally|separately)\s+)?(?:(?:with|by|to|from|between)\s+)?(?:(?:the|his|her|their|its|both)\s+)?""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Group:
    """Marks in coordination ("A, B and C"). start, end: offsets in the skeleton; mentions: indices into the article's mentions."""

    start: int
    end: int
    mentions: tuple[int, ...]


@dataclass(frozen=True)
class Skeleton:
    """text: the sentence with marks. marks: indices of the mentions in order. starts, origins: where stretches begin, here and in the document."""

    sentence: Sentence
    text: str
    marks: tuple[int, ...]
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
        """Every run of coordinated marks, in order."""
        found: list[Group] = []
        for place, mention in zip(self.places, self.marks, strict=True):
            if found and _JOIN.fullmatch(self.text, found[-1].end, place):
                last = found.pop()
                found.append(Group(last.start, place + 1, (*last.mentions, mention)))
            else:
                found.append(Group(place, place + 1, (mention,)))
        return tuple(found)


def shrink(text: str, sentence: Sentence, mentions: Sequence[tuple[int, Mention]]) -> Skeleton:
    """The sentence's skeleton; `mentions` are its own, with their indices. Where two overlap, the longer one is marked."""
    chosen: list[tuple[int, Mention]] = []
    for index, mention in sorted(mentions, key=lambda pair: (pair[1].span.start, -pair[1].span.end)):
        if chosen and mention.span.start < chosen[-1][1].span.end:
            continue
        if len(chosen) < MAX_MARKS and sentence.span.covers(mention.span):
            chosen.append((index, mention))
    pieces: list[str] = []
    starts, origins, places = [0], [sentence.span.start], []
    at, length = sentence.span.start, 0
    for number, (_, mention) in enumerate(chosen):
        before = text[at : mention.span.start]
        pieces += (before, chr(FIRST_MARK + number))
        places.append(length + len(before))
        length += len(before) + 1
        at = mention.span.end
        starts += (places[-1], length)
        origins += (mention.span.start, at)
    pieces.append(text[at : sentence.span.end])
    return Skeleton(sentence, "".join(pieces), tuple(index for index, _ in chosen), tuple(places), tuple(starts), tuple(origins))
