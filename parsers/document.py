"""The text that finders read: title and body as one string, cut into sentences, with offsets that lead back to the body.

Title and body are joined as ``title + TITLE_GAP + body`` so that every finder works on one string with one kind of offset.
Evidence may only point into the article's own text: `Document.to_article` converts, and gives None for what lies in the title.
"""

from dataclasses import dataclass, field
from datetime import date

from parsers.records import Span

TITLE_GAP = "\n\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence. `span` counts in the document's text; `paragraph` counts from 0, -1 for the title."""

    index: int
    paragraph: int
    span: Span
    text: str

    @property
    def in_title(self) -> bool:
        return self.paragraph < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """An article made ready for the finders.

    text: title, gap and body. body_start: where the article's own text begins in it (0 where there is no title).
    sentences: in order of the text. published: the day that relative dates count from, or None.
    """

    text: str
    body_start: int
    sentences: tuple[Sentence, ...]
    published: date | None = None
    language: str | None = None
    publisher: str | None = None
    url: str = field(default="")

    def to_article(self, span: Span) -> Span | None:
        """The same stretch counted in the article's text; None where it touches the title."""
        if span.start < self.body_start:
            return None
        return Span(span.start - self.body_start, span.end - self.body_start)

    def sentence_at(self, offset: int) -> Sentence:
        """The sentence that holds the offset, or the last one that begins before it."""
        low, high = 0, len(self.sentences) - 1
        while low < high:
            middle = (low + high + 1) // 2
            if self.sentences[middle].span.start <= offset:
                low = middle
            else:
                high = middle - 1
        return self.sentences[low]
