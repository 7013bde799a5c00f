"""Articles as JSON lines in, meeting records as JSON lines out: the road without feeds, pages or a warehouse.

Every good line gets its answer, in order, whatever its neighbours are like; a bad line is a `BadLine` with its number and reason.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flows.exchange import BadArticle, JsonObject, article_of, meeting_form
from parsers.records import Article, Meeting

Extract = Callable[[Article], tuple[Meeting, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleLine:
    """One readable line. number counts from 1; key is the line's `id` as given."""

    number: int
    key: str | int
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """One line that holds no article. number counts from 1."""

    number: int
    reason: str


def read_lines(lines: Iterable[bytes]) -> Iterator[ArticleLine | BadLine]:
    """One value for each line that is not blank."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield read_line(number, line)


def read_line(number: int, line: bytes) -> ArticleLine | BadLine:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadLine(number=number, reason="not UTF-8")
    except (ValueError, RecursionError) as error:
        return BadLine(number=number, reason=f"not JSON: {error}")
    if not isinstance(value, dict):
        return BadLine(number=number, reason="not a JSON object")
    try:
        return ArticleLine(number=number, key=value.get("id", ""), article=article_of(value))
    except BadArticle as error:
        return BadLine(number=number, reason=str(error))


def answer(line: ArticleLine, extract: Extract) -> JsonObject:
    """The record line of an article line."""
    return {"id": line.key, "meetings": [meeting_form(meeting) for meeting in extract(line.article)]}


def write_line(form: JsonObject) -> str:
    """One JSON line. A lone surrogate, which JSON can carry and UTF-8 cannot, stays an escape."""
    text = json.dumps(form, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(form)
    return text + "\n"
