"""One host's turn: how many requests may be under way, how far apart they start, and whether the host is to be left alone for now."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

from flows.deciding import host_rest
from flows.outcomes import UNREACHABLE, Answer
from flows.settings import Settings

_SHORT_REST = 10.0
_HOST_REST = 600.0


class Host:
    """What one host is being asked, how fast it may be, and whether it wants to be asked at all."""

    def __init__(self, settings: Settings, *, spacing: float) -> None:
        self._slots = asyncio.Semaphore(settings.per_host)
        self._spacing = spacing
        self._failures_allowed = settings.host_failures
        self._failures = 0
        self._next_start = 0.0
        self._rests_until = 0.0
        self._why = ""

    def slow_down(self, crawl_delay: float) -> None:
        self._spacing = max(self._spacing, crawl_delay)

    def left_alone(self) -> str | None:
        """Why the host is left alone for now, or None."""
        return self._why if asyncio.get_running_loop().time() < self._rests_until else None

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a free place and for the time since the last start."""
        async with self._slots:
            now = asyncio.get_running_loop().time()
            start = max(now, self._next_start)
            self._next_start = start + self._spacing
            if start > now:
                await asyncio.sleep(start - now)
            yield

    def note(self, answer: Answer, *, now: datetime) -> None:
        """Take in how an exchange with the host ended."""
        clock = asyncio.get_running_loop().time()
        self._failures = self._failures + 1 if answer.reason in UNREACHABLE else 0
        if self._failures >= self._failures_allowed:
            self._failures = 0
            self._rests_until, self._why = clock + _HOST_REST, f"{self._failures_allowed} failures in a row, the last {answer.reason}"
        until = host_rest(answer, now=now)
        if until is None:
            return
        seconds = (until - now).total_seconds()
        if seconds <= _SHORT_REST:
            self._next_start = max(self._next_start, clock + seconds)
        else:
            self._rests_until, self._why = clock + seconds, f"{answer.reason}: asked to be left alone for {seconds:.0f} s"
