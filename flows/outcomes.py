"""What came of asking an address: a closed list of reasons, and the result of one request as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Reason(StrEnum):
    """How a request ended. The words go into the ledger and into counts, so they do not change."""

    OK = "ok"
    NOT_MODIFIED = "not_modified"

    # the server answered, but not with the thing
    CLIENT_ERROR = "client_error"
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    CHALLENGED = "challenged"
    TOO_MANY_REQUESTS = "too_many_requests"
    UNAVAILABLE = "unavailable"
    SERVER_ERROR = "server_error"
    BAD_STATUS = "bad_status"

    # no answer
    DNS_FAILURE = "dns_failure"
    CONNECTION_FAILED = "connection_failed"
    CONNECTION_LOST = "connection_lost"
    TIMEOUT = "timeout"
    TLS_ERROR = "tls_error"
    TLS_CERTIFICATE = "tls_certificate"

    # an answer that is refused
    BAD_RESPONSE = "bad_response"
    TOO_LARGE = "too_large"
    TRUNCATED = "truncated"
    BAD_ENCODING = "bad_encoding"
    NESTED_ENCODING = "nested_encoding"
    UNSUPPORTED_TYPE = "unsupported_type"
    REDIRECT_LOOP = "redirect_loop"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    REDIRECT_REFUSED = "redirect_refused"

    # not asked
    BAD_ADDRESS = "bad_address"
    ADDRESS_REFUSED = "address_refused"
    ROBOTS_DENIED = "robots_denied"
    ROBOTS_UNREACHABLE = "robots_unreachable"
    HOST_LEFT_ALONE = "host_left_alone"
    INTERNAL_ERROR = "internal_error"


UNREACHABLE = frozenset({
    Reason.DNS_FAILURE,
    Reason.CONNECTION_FAILED,
    Reason.CONNECTION_LOST,
    Reason.TIMEOUT,
    Reason.TLS_ERROR,
    Reason.TLS_CERTIFICATE,
})
"""The host gave no answer at all: nothing is known about the address itself."""


class Kind(StrEnum):
    """What is asked for; it decides the caps, the Accept header and which content types are refused unread."""

    FEED = "feed"
    PAGE = "page"
    ROBOTS = "robots"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One address to ask. `headers` are sent besides the usual ones (If-None-Match ...); `key` is the caller's own mark."""

    url: str
    kind: Kind
    headers: tuple[tuple[str, str], ...] = ()
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One redirect: the address that was asked, its status, and where it pointed (absolute)."""

    url: str
    status: int
    target: str

    @property
    def permanent(self) -> bool:
        return self.status in (301, 308)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How one request ended; never an exception.

    url: the last address asked. status: its HTTP status, None where there was none. headers: as received, names as sent.
    wire: the body as it came over the wire, still encoded, empty unless `reason` is OK. body: the same, decoded.
    detail: one line for people. retry_after: the header's value as sent, on any status. seconds: from the first byte sent.
    """

    request: Request
    reason: Reason
    started: datetime
    seconds: float
    url: str
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    hops: tuple[Hop, ...] = ()
    wire: bytes = field(default=b"", repr=False)
    body: bytes = field(default=b"", repr=False)
    detail: str = ""

    @property
    def ok(self) -> bool:
        return self.reason is Reason.OK

    @property
    def permanent_url(self) -> str | None:
        """Where a chain of nothing but permanent redirects has led; None where there was no redirect or a temporary one."""
        return self.url if self.hops and all(hop.permanent for hop in self.hops) else None

    def header(self, name: str) -> str | None:
        """The first value of a header, whatever the case of its name."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    def header_map(self) -> Mapping[str, str]:
        """Headers with lower-case names; doubled ones joined by a comma."""
        joined: dict[str, str] = {}
        for key, value in self.headers:
            lower = key.lower()
            joined[lower] = f"{joined[lower]}, {value}" if lower in joined else value
        return joined


def reason_of_status(status: int, *, challenged: bool = False) -> Reason:
    """The reason that stands for an HTTP status that is not a redirect. `challenged`: a bot check stands before the page."""
    named = {304: Reason.NOT_MODIFIED, 404: Reason.NOT_FOUND, 410: Reason.GONE, 429: Reason.TOO_MANY_REQUESTS, 503: Reason.UNAVAILABLE}
    if challenged and status >= 400:
        return Reason.CHALLENGED
    if status in named:
        return named[status]
    if status in (401, 402, 403, 407, 451):
        return Reason.FORBIDDEN
    if 400 <= status < 500:
        return Reason.CLIENT_ERROR
    if 500 <= status < 600:
        return Reason.SERVER_ERROR
    return Reason.OK if status in (200, 203) else Reason.BAD_STATUS
