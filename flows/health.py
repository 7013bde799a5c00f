"""How sources fare, told from what is known of their feeds and of their pages. Pure: the time is an argument."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

from flows.deciding import PollState
from flows.outcomes import UNREACHABLE, Reason
from parsers.sources import Source
from warehouse.rows import SourceHealth

OK, UNCHANGED, FAILING, NO_ANSWER, DISABLED, NEVER_TRIED = "ok", "unchanged", "failing", "unreachable", "disabled", "never_tried"
_NO_ANSWER = frozenset(str(reason) for reason in UNREACHABLE | {Reason.HOST_LEFT_ALONE, Reason.ROBOTS_UNREACHABLE})


def health_of(sources: Mapping[str, Source], states: Iterable[PollState], *, now: datetime) -> tuple[SourceHealth, ...]:
    """One row for each source, in the order of their ids. A source with several feeds fares as its best feed does."""
    by_source: dict[str, list[PollState]] = {source_id: [] for source_id in sources}
    for state in states:
        if state.source_id in by_source:
            by_source[state.source_id].append(state)
    return tuple(_row(source_id, by_source[source_id], now=now) for source_id in sorted(by_source))


def _row(source_id: str, states: list[PollState], *, now: datetime) -> SourceHealth:
    if not states:
        return SourceHealth(source_id=source_id, observed_at=now, state=NEVER_TRIED)
    best = min(states, key=lambda state: (_RANKS[state_of(state)], state.feed_url))
    failed = [state.last_asked for state in states if state.failures and state.last_asked]
    return SourceHealth(
        source_id=source_id,
        observed_at=now,
        state=state_of(best),
        last_success=max((state.last_success for state in states if state.last_success), default=None),
        last_failure=max(failed, default=None),
        consecutive_failures=int(-(-best.failures // 1)),
        next_try=min((state.next_try for state in states if state.next_try), default=None),
        reason=best.reason if best.failures else None,
        detail=(best.detail or None) if best.failures else None,
        items_seen=sum(state.items for state in states),
    )


_RANKS = {OK: 0, UNCHANGED: 1, FAILING: 2, NO_ANSWER: 3, NEVER_TRIED: 4, DISABLED: 5}


def state_of(state: PollState) -> str:
    """One feed's state in a word."""
    if state.last_asked is None:
        return NEVER_TRIED
    if state.retired is not None:
        return DISABLED
    if state.failures:
        return NO_ANSWER if state.reason in _NO_ANSWER else FAILING
    return UNCHANGED if state.reason == Reason.NOT_MODIFIED else OK


# ── drift ────────────────────────────────────────────────────────────────────────────────────────────────────────────

DRIFT_NOW, DRIFT_BEFORE = timedelta(days=7), timedelta(days=30)
"""The days that are looked at, and the days just before them with which they are compared."""

LEAST_NOW, LEAST_BEFORE = 20, 60
"""Pages in each, below which nothing is said."""

MOST_LEFT = 0.75
"""A share that has kept more than this part of itself has not fallen, however sure the fall is."""

LEAST_SURE = 3.5
"""Standard errors of the difference of two shares. Every source is looked at each hour, so the usual two would cry wolf every day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """A share (0 to 1) of a source's pages that has fallen."""

    source_id: str
    before: float
    now: float


def drifts(before: Mapping[str, tuple[int, int]], now: Mapping[str, tuple[int, int]]) -> Iterator[Drift]:
    """Sources whose share has fallen, by id. before, now: by source, how many pages and how many of them gave what is looked for."""
    for source_id in sorted(before.keys() & now.keys()):
        (pages_before, gave_before), (pages_now, gave_now) = before[source_id], now[source_id]
        if pages_before < LEAST_BEFORE or pages_now < LEAST_NOW:
            continue
        drift = Drift(source_id=source_id, before=gave_before / pages_before, now=gave_now / pages_now)
        pooled = (gave_before + gave_now) / (pages_before + pages_now)
        error = sqrt(pooled * (1 - pooled) * (1 / pages_before + 1 / pages_now))
        if drift.now <= MOST_LEFT * drift.before and drift.before - drift.now > LEAST_SURE * error:
            yield drift
