"""What a host's robots.txt allows, after RFC 9309: read by protego, kept for a day, and known before anything else is asked.

No file (any 4xx but 429) allows all. A server error denies all for the time being, since the rules exist but cannot be read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from protego import Protego

from flows.outcomes import Answer, Reason

ROBOT_NAME = "Sidelines"
TROUBLE_HOLDS = timedelta(minutes=10)
_MAX_LINE = 2_000
_NO_FILE = frozenset({
    Reason.NOT_FOUND, Reason.GONE, Reason.FORBIDDEN, Reason.CLIENT_ERROR, Reason.CHALLENGED, Reason.BAD_STATUS, Reason.UNSUPPORTED_TYPE,
    Reason.REDIRECT_LOOP, Reason.TOO_MANY_REDIRECTS, Reason.REDIRECT_REFUSED, Reason.BAD_ENCODING, Reason.NESTED_ENCODING,
    Reason.BAD_ADDRESS,
})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsFile:
    """What is kept of one robots.txt. text: the file, empty where there is none. trouble: why it could not be had, else None."""

    text: str
    until: datetime
    trouble: Reason | None = None


class RobotsStore(Protocol):
    """Where robots files are kept between runs; the ledger is one."""

    def robots_file(self, origin: str) -> RobotsFile | None: ...

    def keep_robots_file(self, origin: str, file: RobotsFile) -> None: ...


class Rules:
    """The rules of one origin for our robot."""

    def __init__(self, file: RobotsFile) -> None:
        self.trouble = file.trouble
        self.until = file.until
        lines = (line for line in file.text.splitlines() if len(line) <= _MAX_LINE)
        self._rules = Protego.parse("\n".join(lines))

    def allows(self, url: str) -> bool:
        return self._rules.can_fetch(url, ROBOT_NAME)

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the file asks for; 0.0 where it asks for none."""
        return max(0.0, self._rules.crawl_delay(ROBOT_NAME) or 0.0)


def robots_file_of(answer: Answer, *, now: datetime, holds: timedelta) -> RobotsFile:
    """What the answer to a request for robots.txt means."""
    if answer.ok:
        return RobotsFile(text=answer.body.decode("utf-8-sig", errors="replace").replace("\0", ""), until=now + holds)
    if answer.reason in _NO_FILE:
        return RobotsFile(text="", until=now + holds)
    return RobotsFile(text="", until=now + TROUBLE_HOLDS, trouble=answer.reason)
