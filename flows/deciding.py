"""When to ask a feed, with which headers, and what its answer means. Pure: the time is an argument, and so is the seed of the jitter.

A feed's whole history is one `PollState`. `request_for` says how to ask now; `after_poll` takes the answer (and how many of its items
were new) and gives the next state with what there is to say about it. The rules and their sources:

- Conditional requests send ETag and Last-Modified back as they came, and a hash of the body stands in for them where a server has
  none or changes them for nothing. Once a day the feed is asked in full, since some servers answer 304 to everything.
- The interval aims at one new item a poll, by the feed's own rate, between a floor and a ceiling; it is halved at once when two
  thirds of a feed were new (items could be lost), and never under what the publisher asks for (ttl, Cache-Control, Expires,
  Retry-After). Floors differ for feeds with and without validators.
- Failures count 1 where the address itself seems dead, 0.5 where it may come back (404, 429, 5xx, no feed), 0.25 where it may well be
  our side (names, connections); the wait grows with the count, and at `RETIRE_AT` the feed is retired: asked once a month. 410 twice
  retires it for good. A feed that "is" 404 does come back, so 404 is no verdict.
- A redirect is followed each time, but adopted only when a chain of nothing but permanent ones has led to the same address on three
  polls in a row; an adopted address that fails twice is dropped for the old one.
- A feed that gave items and gives none is silent when its own rate makes that a one-in-a-thousand chance, and never before three days.
"""

import hashlib
import math
import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from flows.outcomes import UNREACHABLE, Answer, Reason
from flows.settings import Settings
from flows.waits import publisher_wait, retry_after

FULL_EVERY = timedelta(hours=24)
REDIRECT_POLLS = 3
RETIRE_AT = 30.0
RETIRED_EVERY = timedelta(days=30)
GONE_POLLS = 2
WAIT_CAP = timedelta(hours=24)
MORE_PAGES = 5
SILENT_AFTER = timedelta(days=3)
SILENT_SURPRISE = 7.0
RATE_DAYS = 7.0
ROLLED_OVER = 2 / 3
UNREACHABLE_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The bounds that the settings put on polling."""

    floor: timedelta
    floor_full: timedelta
    start: timedelta
    ceiling: timedelta
    jitter: float
    page_attempts: int

    @classmethod
    def of(cls, settings: Settings) -> "Policy":
        return cls(
            floor=timedelta(minutes=settings.interval_floor_minutes),
            floor_full=timedelta(minutes=max(settings.interval_floor_minutes, settings.interval_floor_full_minutes)),
            start=timedelta(minutes=settings.interval_start_minutes),
            ceiling=timedelta(minutes=settings.interval_ceiling_minutes),
            jitter=settings.jitter,
            page_attempts=settings.page_attempts,
        )


class Retired(StrEnum):
    """Why a feed is no longer polled at its pace."""

    GONE = "gone"
    FAILING = "failing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollState:
    """All that is known of one feed. Times are aware; `interval` is the pace in force, before jitter and failures.

    feed_url: as the source names it. adopted_url: where it has moved for good. etag, last_modified: as they came.
    body_hash: of the last body that was read. failures: the graded count since the last success. gone: 410 answers in a row.
    moved_to, moved_polls: where permanent redirects lead, and for how many polls running. adopted_failures: of the adopted address.
    rate: decayed items a day over `watched` days. last_new: when new items last came. reason: how the last poll ended.
    """

    feed_url: str
    source_id: str
    adopted_url: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    first_asked: datetime | None = None
    last_asked: datetime | None = None
    last_success: datetime | None = None
    last_full: datetime | None = None
    last_new: datetime | None = None
    next_try: datetime | None = None
    interval_minutes: float | None = None
    failures: float = 0.0
    gone: int = 0
    moved_to: str | None = None
    moved_polls: int = 0
    adopted_failures: int = 0
    rate: float = 0.0
    items: int = 0
    retired: Retired | None = None
    reason: str | None = None
    detail: str = ""

    @property
    def url(self) -> str:
        """The address that is asked."""
        return self.adopted_url or self.feed_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the body of a poll held. items: entries read. new: entries never seen. ttl_minutes: as the feed asks.

    error: reason word where it could not be read ("not_a_feed"), else None.
    """

    items: int = 0
    new: int = 0
    ttl_minutes: int | None = None
    error: str | None = None


class Notice(StrEnum):
    """What a poll gives cause to say."""

    FAILING = "failing"
    RECOVERED = "recovered"
    RETIRED = "retired"
    MOVED = "moved"
    MOVE_UNDONE = "move_undone"
    ROLLED_OVER = "rolled_over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The feed's next state, and what there is to report."""

    state: PollState
    notices: tuple[Notice, ...] = ()


# ── asking ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def request_for(state: PollState, *, now: datetime) -> tuple[str, tuple[tuple[str, str], ...]]:
    """(URL, extra headers) of the poll to make now: conditional, or in full once a day and where nothing is known."""
    if state.last_full is None or now - state.last_full >= FULL_EVERY:
        return state.url, ()
    headers: list[tuple[str, str]] = []
    if state.etag is not None:
        headers.append(("If-None-Match", state.etag))
    if state.last_modified is not None:
        headers.append(("If-Modified-Since", state.last_modified))
    return state.url, tuple(headers)


def goes_on(state: PollState, reading: Reading, pages: int) -> bool:
    """Whether the next page of a paged feed (RFC 5005) is wanted: nothing on the last one was known, so that more may have been missed.

    `state` is the feed's before the poll: its first poll wants no pages, since the past is not missed. `pages`: those read so far.
    """
    return state.last_success is not None and reading.items > 0 and reading.new == reading.items and pages <= MORE_PAGES


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


def is_unchanged(state: PollState, answer: Answer) -> bool:
    """Whether the answer holds nothing that was not read before, so that it need not be parsed."""
    return answer.reason is Reason.NOT_MODIFIED or (answer.ok and body_hash(answer.body) == state.body_hash)


# ── judging ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def after_poll(
    state: PollState, answer: Answer, reading: Reading | None, *, now: datetime, policy: Policy, seed: int = 0
) -> Decision:
    """The state after a poll. `reading` is None where the answer is unchanged or is no body to read; `now` is when it ended."""
    asked = replace(state, last_asked=now, first_asked=state.first_asked or now)
    unchanged = is_unchanged(state, answer)
    if answer.reason is Reason.NOT_MODIFIED and state.last_full is None:
        unchanged = False  # a 304 to a request that named no version says nothing
    if unchanged or (answer.ok and reading is not None and reading.error is None):
        return _after_success(asked, answer, reading or Reading(items=state.items), now=now, policy=policy, seed=seed)
    error = reading.error if answer.ok and reading is not None else None
    return _after_failure(asked, answer, error, now=now, policy=policy, seed=seed)


def _after_success(state: PollState, answer: Answer, reading: Reading, *, now: datetime, policy: Policy, seed: int) -> Decision:
    notices: list[Notice] = []
    if state.failures >= 1 or state.retired is not None:
        notices.append(Notice.RECOVERED)
    rate = _next_rate(state, reading.new, now=now)
    rolled_over = state.last_success is not None and reading.items > 2 and reading.new >= ROLLED_OVER * reading.items
    if rolled_over:
        notices.append(Notice.ROLLED_OVER)
    state, moved = _weigh_redirect(state, answer)
    if moved:
        notices.append(Notice.MOVED)
    headers = answer.header_map()
    if answer.ok:
        state = replace(
            state,
            etag=_validator(headers.get("etag")),
            last_modified=_validator(headers.get("last-modified")),
            body_hash=body_hash(answer.body),
            last_full=now,
        )
    state = replace(
        state,
        rate=rate,
        items=reading.items,
        last_success=now,
        last_new=now if reading.new else state.last_new or now,
        failures=0.0,
        gone=0,
        adopted_failures=0,
        retired=None,
        reason=str(answer.reason),
        detail="",
    )
    interval = _interval(state, rolled_over=rolled_over, now=now, policy=policy)
    asked_for = min(publisher_wait(headers, reading.ttl_minutes, now=now), policy.ceiling)
    least = max(asked_for, policy.floor if rolled_over else _floor(state, policy))
    wait = _jittered(max(interval, asked_for), state, policy=policy, seed=seed, least=least)
    state = replace(state, interval_minutes=interval.total_seconds() / 60, next_try=now + wait)
    return Decision(state=state, notices=tuple(notices))


def _after_failure(state: PollState, answer: Answer, error: str | None, *, now: datetime, policy: Policy, seed: int) -> Decision:
    notices: list[Notice] = []
    gone = state.gone + 1 if answer.reason is Reason.GONE else 0
    weight = _weight(answer.reason)
    failures = min(state.failures + weight, RETIRE_AT)
    adopted_failures = state.adopted_failures + (1 if state.adopted_url else 0)
    state = replace(
        state, failures=failures, gone=gone, adopted_failures=adopted_failures, moved_polls=0, moved_to=None,
        reason=error or str(answer.reason), detail=answer.detail[:200],
    )  # fmt: skip
    if state.adopted_url and adopted_failures >= 2 and answer.reason not in (Reason.TOO_MANY_REQUESTS, Reason.UNAVAILABLE):
        state = replace(state, adopted_url=None, adopted_failures=0, gone=0, etag=None, last_modified=None, last_full=None)
        return Decision(state=replace(state, next_try=now + policy.floor), notices=(Notice.MOVE_UNDONE,))
    if failures - weight < 1 <= failures:
        notices.append(Notice.FAILING)
    retired = Retired.GONE if gone >= GONE_POLLS else Retired.FAILING if failures >= RETIRE_AT else state.retired
    if retired is not state.retired:
        notices.append(Notice.RETIRED)
    state = replace(state, retired=retired)
    next_try = _next_after_failure(state, answer, now=now, policy=policy, seed=seed)
    return Decision(state=replace(state, next_try=next_try), notices=tuple(notices))


def _next_after_failure(state: PollState, answer: Answer, *, now: datetime, policy: Policy, seed: int) -> datetime:
    if state.retired is Retired.GONE:
        return now + timedelta(days=365)
    if state.retired is Retired.FAILING:
        return now + _jittered(RETIRED_EVERY, state, policy=policy, seed=seed)
    base = UNREACHABLE_WAIT if answer.reason in UNREACHABLE else policy.floor
    wait = min(base * max(1.0, 4 * state.failures - 1), WAIT_CAP)
    asked_for = min(retry_after(answer, now=now) or timedelta(0), WAIT_CAP)
    return now + _jittered(max(wait, asked_for), state, policy=policy, seed=seed)


def _weight(reason: Reason) -> float:
    """How much one failure counts."""
    if reason in UNREACHABLE or reason in (Reason.HOST_LEFT_ALONE, Reason.ROBOTS_UNREACHABLE):
        return 0.25
    if reason in (Reason.GONE, Reason.FORBIDDEN, Reason.ADDRESS_REFUSED, Reason.BAD_ADDRESS, Reason.ROBOTS_DENIED, Reason.REDIRECT_REFUSED):
        return 1.0
    return 0.5


def _weigh_redirect(state: PollState, answer: Answer) -> tuple[PollState, bool]:
    """The state with the redirect counted, and whether it has just been adopted."""
    target = answer.permanent_url
    if target is None or target == state.url or (state.url.startswith("https:") and target.startswith("http:")):
        return replace(state, moved_to=None, moved_polls=0), False
    polls = state.moved_polls + 1 if target == state.moved_to else 1
    if polls < REDIRECT_POLLS:
        return replace(state, moved_to=target, moved_polls=polls), False
    return replace(state, adopted_url=target, adopted_failures=0, moved_to=None, moved_polls=0), True


def _validator(value: str | None) -> str | None:
    """A validator as it came, if it can be sent back as it came."""
    return value if value and len(value) <= 1_000 and value.isascii() and value.isprintable() else None


# ── pace ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _next_rate(state: PollState, new: int, *, now: datetime) -> float:
    """Items a day, decayed over a week. The first poll finds the backlog, which says nothing of the rate."""
    if state.last_success is None:
        return 0.0
    days = max(0.0, (now - state.last_success) / timedelta(days=1))
    return state.rate * math.exp(-days / RATE_DAYS) + new / RATE_DAYS


def items_a_day(state: PollState, *, now: datetime) -> float:
    """The feed's rate of new items, corrected for how short it has been watched; 0.0 where nothing is known."""
    if state.first_asked is None:
        return 0.0
    watched = max(1 / 24, (now - state.first_asked) / timedelta(days=1))
    return state.rate / (1 - math.exp(-watched / RATE_DAYS))


def _interval(state: PollState, *, rolled_over: bool, now: datetime, policy: Policy) -> timedelta:
    """The pace: one new item a poll by the feed's own rate; half the pace before, if that is less, when the feed rolled over."""
    floor = policy.floor if rolled_over else _floor(state, policy)
    watched = now - (state.first_asked or now)
    rate = items_a_day(state, now=now)
    if watched < timedelta(days=1):
        wanted = policy.start
    elif rate <= 0:
        wanted = policy.ceiling
    else:
        wanted = min(timedelta(days=1 / rate), policy.ceiling)
    if rolled_over:
        before = timedelta(minutes=state.interval_minutes) if state.interval_minutes else policy.start
        wanted = min(wanted, before / 2)
    return min(max(wanted, floor), max(policy.ceiling, floor))


def _floor(state: PollState, policy: Policy) -> timedelta:
    """The least time between two polls: longer where every poll costs the server a whole feed."""
    return policy.floor if state.etag or state.last_modified else policy.floor_full


def _jittered(wait: timedelta, state: PollState, *, policy: Policy, seed: int, least: timedelta | None = None) -> timedelta:
    """The wait moved at random by the policy's share, so that feeds do not keep step; the same for the same seed and poll.

    Made shorter where that stays over `least`, and longer where it does not; without a `least`, only longer.
    """
    low = max(least if least is not None else wait, wait * (1 - policy.jitter))
    return low + wait * policy.jitter * random.Random(f"{seed}:{state.feed_url}:{state.last_asked}").random()


# ── hosts, silence, pages ────────────────────────────────────────────────────────────────────────────────────────────


def host_rest(answer: Answer, *, now: datetime) -> datetime | None:
    """Until when the answer's whole host is to be left alone; None for no such wish. 429 and 503 are said by hosts, not pages."""
    asked = retry_after(answer, now=now)
    if answer.reason is Reason.TOO_MANY_REQUESTS:
        return now + min(asked if asked is not None else timedelta(minutes=30), WAIT_CAP)
    if answer.reason is Reason.UNAVAILABLE and asked:
        return now + min(asked, WAIT_CAP)
    return None


def is_silent(state: PollState, *, now: datetime) -> bool:
    """Whether a feed that used to bring items brings none for longer than its rate lets expect."""
    if state.last_new is None or state.first_asked is None or state.retired is not None:
        return False
    quiet = now - state.last_new
    watched_before = (state.last_new - state.first_asked) / timedelta(days=1)
    if quiet < SILENT_AFTER or watched_before <= 0 or state.last_success is None:
        return False
    decayed = max(0.0, (state.last_success - state.last_new) / timedelta(days=1))
    rate_then = state.rate * math.exp(decayed / RATE_DAYS) / (1 - math.exp(-max(watched_before, 1 / 24) / RATE_DAYS))
    return rate_then * (quiet / timedelta(days=1)) >= SILENT_SURPRISE


class PageFate(StrEnum):
    """What becomes of a page after a try."""

    FETCHED = "fetched"
    AGAIN = "again"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVerdict:
    """`next_try` is set where the fate is AGAIN. `counted`: whether the try counts towards the page's attempts."""

    fate: PageFate
    next_try: datetime | None = None
    counted: bool = True


_NEVER_AGAIN = frozenset({
    Reason.GONE, Reason.ROBOTS_DENIED, Reason.BAD_ADDRESS, Reason.ADDRESS_REFUSED, Reason.REDIRECT_REFUSED, Reason.UNSUPPORTED_TYPE,
    Reason.TOO_LARGE, Reason.NESTED_ENCODING,
})  # fmt: skip
_ONCE_MORE = frozenset({
    Reason.NOT_FOUND, Reason.FORBIDDEN, Reason.CHALLENGED, Reason.CLIENT_ERROR, Reason.BAD_STATUS, Reason.REDIRECT_LOOP,
    Reason.TOO_MANY_REDIRECTS, Reason.BAD_ENCODING,
})  # fmt: skip
_PAGE_WAITS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))


def after_page(answer: Answer, attempts: int, *, now: datetime, policy: Policy, seed: int = 0) -> PageVerdict:
    """What becomes of a page that had `attempts` counted tries before this one."""
    if answer.ok:
        return PageVerdict(fate=PageFate.FETCHED)
    jitter = 1 + policy.jitter * random.Random(f"{seed}:{answer.request.url}:{attempts}").random()
    if answer.reason is Reason.HOST_LEFT_ALONE:
        return PageVerdict(fate=PageFate.AGAIN, next_try=now + _PAGE_WAITS[0] * jitter, counted=False)
    tries = attempts + 1
    if tries >= _page_limit(answer.reason, policy):
        return PageVerdict(fate=PageFate.FAILED)
    wait = _PAGE_WAITS[1] if answer.reason in _ONCE_MORE else _PAGE_WAITS[min(attempts, len(_PAGE_WAITS) - 1)]
    asked_for = min(retry_after(answer, now=now) or timedelta(0), WAIT_CAP)
    return PageVerdict(fate=PageFate.AGAIN, next_try=now + max(wait, asked_for) * jitter)


def _page_limit(reason: Reason, policy: Policy) -> int:
    """Tries that a page gets for such a failure; twice as many where the network between us may be the cause."""
    if reason in _NEVER_AGAIN:
        return 1
    if reason in _ONCE_MORE:
        return min(2, policy.page_attempts)
    return policy.page_attempts * 2 if reason in UNREACHABLE else policy.page_attempts
