"""Text → sentences, and an article made ready for the finders.

The splitter is one pass of a regular expression over the ends of sentences, with guards for abbreviations, initials and lower-case
continuations. Time is linear in the length of the text, and no sentence is longer than MAX_SENTENCE, so that whatever is quadratic
in a sentence further on stays bounded.
"""

import re
from collections.abc import Iterator
from functools import cache

from parsers.catalog import read_toml
from parsers.document import TITLE_GAP, Document, Sentence
from parsers.records import Article, Span

MAX_SENTENCE = 1500  # characters; longer stretches without an end are cut at a space
MAX_TEXT = 250_000  # characters of a body that are read; what comes after is no news article

_PARAGRAPH = re.compile(r"[^\n]+")
_END = re.compile(
    r"""(?P<mark>[.!?…]+|[。！？])(?P<close>["'”’»)\]]*)(?P<gap>\s+|(?<=[a-z]{3}\.)(?=[A-Z][a-z]+[ ,])|$)""",
)
_WORD_BEFORE = re.compile(r"[\w.’'-]+$")
_WORD_AFTER = re.compile(r"""["'“‘«(\[]*(?P<word>[\w’'-]+)?""")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")


@cache
def _knowledge() -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    keys = ("abbreviations", "before_figures", "starters")
    table = read_toml("languages/en/sentences.toml", keys=frozenset(keys))
    return (frozenset(table[keys[0]]), frozenset(table[keys[1]]), frozenset(table[keys[2]]))


def build_document(article: Article) -> Document:
    """The article's title and body as one text with sentences. Never raises."""
    title = " ".join((article.title or "").split())
    body_start = len(title) + len(TITLE_GAP) if title else 0
    body = article.text[:MAX_TEXT]
    text = title + TITLE_GAP + body if title else body
    sentences: list[Sentence] = []
    if title:
        sentences.append(Sentence(index=0, paragraph=-1, span=Span(0, len(title)), text=title))
    for paragraph, (start, end) in enumerate(_paragraphs(body)):
        for left, right in split_sentences(body[start:end]):
            span = Span(body_start + start + left, body_start + start + right)
            sentences.append(Sentence(index=len(sentences), paragraph=paragraph, span=span, text=text[span.start : span.end]))
    return Document(
        text=text,
        body_start=body_start,
        sentences=tuple(sentences),
        published=article.published.date() if article.published else None,
        language=article.language,
        publisher=article.publisher,
        url=article.url,
    )


def _paragraphs(body: str) -> Iterator[tuple[int, int]]:
    """Stretches between line breaks; a line that goes on in lower case belongs to the one before it (wrapped text)."""
    start = end = -1
    for match in _PARAGRAPH.finditer(body):
        wrapped = end >= 0 and body[match.start()].islower() and body[end - 1 : end].isalnum() and match.start() - end == 1
        if wrapped:
            end = match.end()
            continue
        if end > start:
            yield start, end
        start, end = match.span()
    if end > start:
        yield start, end


def split_sentences(text: str) -> Iterator[tuple[int, int]]:
    """Half-open ranges of the sentences of one paragraph, without the white space around them."""
    start = 0
    for match in _END.finditer(text):
        if _ends_sentence(text, match):
            yield from _pieces(text, start, match.end("close"))
            start = match.end()
    yield from _pieces(text, start, len(text))


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    if match.end() == len(text):
        return True
    after = _WORD_AFTER.match(text, match.end())
    word = after.group("word") if after else None
    if word and word[0].islower():
        return False
    if match.group("mark") != ".":
        return True
    before = _WORD_BEFORE.search(text, max(0, match.start() - 24), match.start())
    if before is None:
        return True
    token = before.group()
    abbreviations, before_figures, starters = _knowledge()
    low = token.lower().rstrip(".")
    if low in before_figures and word and word[0].isdigit():
        return False
    if low in abbreviations or _INITIALS.fullmatch(token):
        # "U.S. Secretary", "B. Battsetseg" go on; "in the U.S. The two" and "at 5 p.m. He" do not
        return word is not None and len(token) > 1 and word != "I" and word.lower() in starters
    return True


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range without white space at its ends, cut where it is longer than MAX_SENTENCE."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > MAX_SENTENCE:
        cut = text.rfind(" ", start + MAX_SENTENCE // 2, start + MAX_SENTENCE)
        cut = cut if cut > start else start + MAX_SENTENCE
        yield start, cut
        start = cut
        while start < end and text[start].isspace():
            start += 1
    if end > start:
        yield start, end
