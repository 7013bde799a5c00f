"""Feeds and pages read in processes that can be killed: a hostile body costs its own deadline, never its neighbours'.

A thread's or a task's timeout cannot stop a regular expression or a loop in C, so each body is read in a worker process with a deadline
and a bound on its memory. What was not read comes back as an `Unread` with a stable reason for the ledger, in its place in the order.
"""

import multiprocessing
import os
import resource
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from parsers.article import read_article
from parsers.errors import ParseError
from parsers.feed import parse_feed
from parsers.records import Article, Feed, FeedItem

SECONDS = 10.0
MEMORY_BYTES = 1_000_000_000
_AHEAD = 4  # bodies under way for each worker
_BODIES = 1_000  # after which a worker is replaced: the caches of the libraries it uses grow

Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedJob:
    """A fetched feed. url: after redirects. headers: of the response. now: when it was fetched."""

    body: bytes
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageJob:
    """A fetched page. url: after redirects. hints: the feed's item. now: when it was fetched. zone: the outlet's, for times without one."""

    body: bytes
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    hints: FeedItem | None = None
    now: datetime | None = None
    zone: tzinfo = UTC


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A body that was not read.

    reason: of the ParseError ("not_a_page" ...), or timed_out, out_of_memory, worker_died, unexpected. detail: one line for people.
    feed_urls: the feeds that a page announces where a feed was expected.
    """

    reason: str
    detail: str
    feed_urls: tuple[str, ...] = ()


class Readers:
    """A crew of reading processes, kept for as long as the `with` block lasts.

    workers: processes. seconds: deadline of one body. memory_bytes: what a worker may use beyond what it needs at its start.
    prepare: a module's own function that each worker runs first, such as one that loads models; its time counts to no body's deadline.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        seconds: float = SECONDS,
        memory_bytes: int = MEMORY_BYTES,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        self._workers = workers or os.cpu_count() or 1
        self._seconds = seconds
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])  # a worker that was killed is replaced in milliseconds
        self._pool = ProcessPool(
            max_workers=self._workers, max_tasks=_BODIES, initializer=_begin, initargs=(memory_bytes, prepare), context=context)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def pages(self, jobs: Iterable[PageJob]) -> Iterator[Article | Unread]:
        """The article of each page, or why there is none, in the order of the jobs; a few are read ahead."""
        return self.run(read_page, jobs)

    def feeds(self, jobs: Iterable[FeedJob]) -> Iterator[Feed | Unread]:
        """Each feed, or why there is none, in the order of the jobs; a few are read ahead."""
        return self.run(read_feed, jobs)

    def run(self, read: Callable[[Job], Result | Unread], jobs: Iterable[Job]) -> Iterator[Result | Unread]:
        """`read(job)` for each job, in order, each in a worker with the deadline. `read` is a module's own function that raises nothing."""
        waiting: deque[ProcessFuture[Result | Unread]] = deque()
        for job in jobs:
            waiting.append(self._pool.schedule(read, args=[job], timeout=self._seconds))
            if len(waiting) >= _AHEAD * self._workers:
                yield self._outcome(waiting.popleft())
        while waiting:
            yield self._outcome(waiting.popleft())

    def _outcome(self, future: "ProcessFuture[Result | Unread]") -> "Result | Unread":
        try:
            return future.result()
        except TimeoutError:
            return Unread(reason="timed_out", detail=f"reading it took more than {self._seconds:g} s")
        except ProcessExpired as error:
            return Unread(reason="worker_died", detail=f"reading it ended its process ({error.exitcode})")
        except MemoryError:
            return _out_of_memory()


def read_pages(
    jobs: Iterable[PageJob], *, workers: int | None = None, seconds: float = SECONDS, memory_bytes: int = MEMORY_BYTES
) -> Iterator[Article | Unread]:
    """The article of each page, or why there is none, in the order of the jobs, with a crew of its own."""
    with Readers(workers=workers, seconds=seconds, memory_bytes=memory_bytes) as readers:
        yield from readers.pages(jobs)


def read_page(job: PageJob) -> Article | Unread:
    """Reads one page in this process, with no deadline."""
    try:
        return read_article(job.body, url=job.url, headers=job.headers, hints=job.hints, now=job.now, zone=job.zone)
    except ParseError as error:
        return Unread(reason=error.reason, detail=str(error))
    except MemoryError:
        return _out_of_memory()
    except Exception as error:  # noqa: BLE001  the boundary: a fault of the reader is a fact about this page, not the end of the batch
        return Unread(reason="unexpected", detail=f"{type(error).__name__}: {error}")


def read_feed(job: FeedJob) -> Feed | Unread:
    """Reads one feed in this process, with no deadline."""
    try:
        return parse_feed(job.body, url=job.url, headers=job.headers, now=job.now)
    except ParseError as error:
        return Unread(reason=error.reason, detail=str(error), feed_urls=getattr(error, "feed_urls", ()))
    except MemoryError:
        return _out_of_memory()
    except Exception as error:  # noqa: BLE001  the boundary: as for pages
        return Unread(reason="unexpected", detail=f"{type(error).__name__}: {error}")


def _out_of_memory() -> Unread:
    return Unread(reason="out_of_memory", detail="reading it needs more memory than a worker may use")


def _begin(memory_bytes: int, prepare: Callable[[], None] | None) -> None:
    """Runs first in each worker."""
    if prepare is not None:
        prepare()
    _bound_memory(memory_bytes)


def _bound_memory(extra: int) -> None:
    """The bound counts from what is mapped already, which differs between machines by hundreds of megabytes."""
    if sys.platform != "linux":
        return  # elsewhere the bound on address space is not kept by the kernel
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
