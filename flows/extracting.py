"""Articles as JSON lines in, meeting records as JSON lines out: the road without feeds, pages or a warehouse.

Every good line gets its answer, in order, whatever its neighbours are like; a bad line is a `BadLine` with its number and reason.
"""

import json
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TextIO

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from flows.exchange import BadArticle, JsonObject, article_of, meeting_form
from parsers.records import Article, Meeting, Participant

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """An article that could not be read to its end."""

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


def write_line(form: JsonObject, *, indent: int | None = None) -> str:
    """One JSON line (with `indent`, a page). A lone surrogate, which JSON can carry and UTF-8 cannot, stays an escape."""
    text = json.dumps(form, ensure_ascii=False, indent=indent)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = json.dumps(form, indent=indent)
    return text + "\n"


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────

CHUNK = 16
ALONE_SECONDS = 60.0
"""What one article may cost. Reading takes milliseconds; this bound only keeps one strange text from holding up a batch."""
FEW = 4 * CHUNK
Complain = Callable[[int, str], None]
Chunk = tuple[ArticleLine | BadLine, ...]
Answers = list[JsonObject | Lost | None]
"""One for each line of a chunk; None for a bad line."""


def extract_lines(lines: Iterable[bytes], out: TextIO, complain: Complain, *, workers: int = 0) -> int:
    """Writes one answer for each good line, in order, and says how many lines were bad. workers: 0 takes one per core, if it pays.

    An article whose reading takes its worker with it, or never ends, counts as bad; its answer is written without meetings.
    """
    parsed = read_lines(lines)
    first = list(islice(parsed, FEW))
    if workers == 0:
        workers = 1 if len(first) < FEW else os.cpu_count() or 1
    bad = 0
    with _crew(workers) as pool:
        for chunk, forms in _in_order(pool, chain(first, parsed), ahead=3 * workers):
            bad += sum(_write(line, form, out, complain) for line, form in zip(chunk, forms, strict=True))
    out.flush()
    return bad


def _write(line: ArticleLine | BadLine, form: JsonObject | Lost | None, out: TextIO, complain: Complain) -> bool:
    """Writes or complains; whether the line was bad."""
    if isinstance(line, BadLine):
        complain(line.number, line.reason)
        return True
    if isinstance(form, Lost):
        complain(line.number, form.reason)
        out.write(write_line({"id": line.key, "meetings": []}))
        return True
    assert form is not None
    out.write(write_line(form))
    return False


def _crew(workers: int) -> ProcessPool:
    return ProcessPool(max_workers=workers, max_tasks=0, context=multiprocessing.get_context("spawn"))


def _in_order(
    pool: ProcessPool, lines: Iterable[ArticleLine | BadLine], *, ahead: int
) -> Iterator[tuple[Chunk, Answers]]:
    """Chunks of lines with their answers, in order; at most `ahead` chunks are under way."""
    waiting: deque[tuple[Chunk, ProcessFuture[Answers]]] = deque()
    source = iter(lines)
    while chunk := tuple(islice(source, CHUNK)):
        waiting.append((chunk, pool.schedule(_answers, args=[chunk], timeout=ALONE_SECONDS * 2)))
        if len(waiting) > ahead:
            yield _outcome(pool, *waiting.popleft())
    while waiting:
        yield _outcome(pool, *waiting.popleft())


def _outcome(pool: ProcessPool, chunk: Chunk, future: "ProcessFuture[Answers]") -> tuple[Chunk, Answers]:
    try:
        return chunk, future.result()
    except (TimeoutError, ProcessExpired):
        return chunk, [_alone(pool, line) for line in chunk]


def _alone(pool: ProcessPool, line: ArticleLine | BadLine) -> JsonObject | Lost | None:
    """One line of a chunk that was lost, in a worker of its own time."""
    if isinstance(line, BadLine):
        return None
    try:
        found: Answers = pool.schedule(_answers, args=[(line,)], timeout=ALONE_SECONDS).result()
    except TimeoutError:
        return Lost(reason=f"reading it takes more than {ALONE_SECONDS:.0f} s")
    except ProcessExpired as error:
        return Lost(reason=f"reading it ended its process ({error.exitcode})")
    return found[0]


def _answers(chunk: Chunk) -> Answers:
    """Runs in a worker."""
    from parsers.meetings import extract

    return [_answer(line, extract) if isinstance(line, ArticleLine) else None for line in chunk]


def _answer(line: ArticleLine, extract: Extract) -> JsonObject | Lost:
    try:
        return answer(line, extract)
    except Exception as error:  # noqa: BLE001  the boundary: one article's fault is not its neighbours'
        return Lost(reason=f"{type(error).__name__}: {error}")


# ── for people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def explain_lines(lines: Iterable[bytes], out: TextIO, complain: Complain) -> int:
    """Writes for each article which sentences fired, and which were turned down and why; says how many lines were bad."""
    from parsers.meetings import explain

    bad = 0
    for line in read_lines(lines):
        if isinstance(line, BadLine):
            complain(line.number, line.reason)
            bad += 1
            continue
        out.write(f"── {line.key}: {line.article.title or 'no title'}\n")
        explanation = explain(line.article)
        if not explanation.passed_gate:
            out.write("   nothing in it looks like a meeting, so no sentence was read\n\n")
            continue
        for step in explanation.steps:
            out.write(f"   [{step.verdict}] {' '.join(step.sentence.split())}\n")
            out.write("".join(f"       {cue_line}\n" for cue_line in (f"cue: {step.cue}", *(f"→ {parties}" for parties in step.parties))))
        for meeting in explanation.meetings:
            parties = " and ".join(_who(participant) for participant in meeting.participants)
            out.write(f"   ✓ {meeting.status}, {meeting.mode}: {parties} (confidence {meeting.confidence:.2f})\n")
        out.write("\n")
    out.flush()
    return bad


def _who(participant: Participant) -> str:
    name = participant.name or participant.role or participant.organization or participant.kind.value
    return f"{name} ({participant.country})" if participant.country else name
