"""Polling decisions: each rule on its own, and a simulated month of a hundred sources for politeness and freshness."""

import heapq
import itertools
import math
import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from flows.deciding import (
    FULL_EVERY,
    Decision,
    Notice,
    PageFate,
    Policy,
    PollState,
    Reading,
    Retired,
    after_page,
    after_poll,
    host_rest,
    is_silent,
    items_a_day,
    request_for,
)  # fmt: skip
from flows.outcomes import Answer, Hop, Kind, Reason, Request, reason_of_status
from flows.settings import Settings
from flows.waits import retry_after

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLICY = Policy.of(Settings())
URL = "https://news.example/feed"
HOUR = timedelta(hours=1)
FRESH = PollState(feed_url=URL, source_id="news")


def answer(
    reason: Reason = Reason.OK,
    *,
    body: bytes = b"<rss/>",
    headers: dict[str, str] | None = None,
    hops: tuple[Hop, ...] = (),
    url: str = URL,
) -> Answer:
    return Answer(
        request=Request(url=URL, kind=Kind.FEED), reason=reason, started=NOW, seconds=0.1, url=url, headers=tuple((headers or {}).items()),
        hops=hops, body=body if reason is Reason.OK else b"",
    )  # fmt: skip


def poll(state: PollState, what: Answer, reading: Reading | None = None, *, now: datetime = NOW, seed: int = 0) -> Decision:
    if what.ok and reading is None:
        reading = Reading(items=20)
    return after_poll(state, what, reading, now=now, policy=POLICY, seed=seed)


def wait_of(decision: Decision, now: datetime = NOW) -> timedelta:
    assert decision.state.next_try is not None
    return decision.state.next_try - now


def known(**changes: object) -> PollState:
    """A feed in good health that has been watched for a month, asked two hours ago."""
    state = PollState(
        feed_url=URL, source_id="news", etag='"e"', last_modified="Mon, 02 Mar 2026 10:00:00 GMT", body_hash="x",
        first_asked=NOW - timedelta(days=30), last_asked=NOW - 2 * HOUR, last_success=NOW - 2 * HOUR, last_full=NOW - 2 * HOUR,
        last_new=NOW - 5 * HOUR, next_try=NOW, interval_minutes=120.0, rate=6.0, items=20, reason="ok",
    )  # fmt: skip
    return replace(state, **changes)  # type: ignore[arg-type]


# ── asking ──


def test_first_poll_asks_in_full() -> None:
    assert request_for(FRESH, now=NOW) == (URL, ())


def test_validators_go_back_as_they_came() -> None:
    odd = 'W/"a b,c"; x'
    state = poll(FRESH, answer(headers={"ETag": odd, "Last-Modified": "yesterday, about noon"})).state
    url, headers = request_for(state, now=NOW + HOUR)
    assert url == URL
    assert headers == (("If-None-Match", odd), ("If-Modified-Since", "yesterday, about noon"))


def test_validators_that_cannot_be_sent_back_are_dropped() -> None:
    state = poll(FRESH, answer(headers={"ETag": '"é"', "Last-Modified": "x" * 5_000})).state
    assert (state.etag, state.last_modified) == (None, None)


def test_once_a_day_the_feed_is_asked_in_full() -> None:
    state = known(last_full=NOW - FULL_EVERY)
    assert request_for(state, now=NOW) == (URL, ())
    assert request_for(known(), now=NOW)[1]


def test_not_modified_keeps_validators_and_is_a_success() -> None:
    decision = poll(known(failures=0.5), answer(Reason.NOT_MODIFIED))
    assert decision.state.etag == '"e"'
    assert decision.state.failures == 0
    assert decision.state.last_full == known().last_full


def test_not_modified_without_a_question_is_a_failure() -> None:
    assert poll(FRESH, answer(Reason.NOT_MODIFIED)).state.failures > 0


def test_same_body_needs_no_reading() -> None:
    first = poll(FRESH, answer(body=b"<rss>1</rss>")).state
    decision = after_poll(first, answer(body=b"<rss>1</rss>"), None, now=NOW + 3 * HOUR, policy=POLICY)
    assert decision.state.failures == 0
    assert decision.state.items == first.items


# ── redirects ──


def moved(status: int = 301, target: str = "https://new.example/feed") -> Answer:
    return answer(hops=(Hop(url=URL, status=status, target=target),), url=target)


def test_permanent_redirect_is_adopted_on_the_third_poll() -> None:
    state, notices = FRESH, []
    for n in range(3):
        assert state.url == URL
        decision = poll(state, moved(), now=NOW + n * HOUR)
        state, notices = decision.state, [*notices, *decision.notices]
    assert state.url == "https://new.example/feed"
    assert notices.count(Notice.MOVED) == 1


@pytest.mark.parametrize("between", [answer(), moved(302), moved(target="https://other.example/"), answer(Reason.SERVER_ERROR)])
def test_an_interrupted_redirect_is_not_adopted(between: Answer) -> None:
    state = FRESH
    for what in (moved(), moved(), between, moved(), moved()):
        state = poll(state, what).state
    assert state.url == URL


def test_a_chain_with_one_temporary_step_is_not_adopted() -> None:
    hops = (Hop(url=URL, status=301, target="https://b.example/"), Hop(url="https://b.example/", status=302, target="https://c.example/"))
    state = FRESH
    for _ in range(5):
        state = poll(state, answer(hops=hops, url="https://c.example/")).state
    assert state.url == URL


def test_no_step_down_from_https() -> None:
    state = FRESH
    for _ in range(5):
        state = poll(state, moved(target="http://new.example/feed")).state
    assert state.url == URL


def test_an_adopted_address_that_fails_twice_is_dropped() -> None:
    state = known(adopted_url="https://poisoned.example/")
    first = poll(state, answer(Reason.NOT_FOUND))
    assert first.state.url == "https://poisoned.example/"
    second = poll(first.state, answer(Reason.NOT_FOUND))
    assert second.state.url == URL
    assert Notice.MOVE_UNDONE in second.notices
    assert request_for(second.state, now=NOW) == (URL, ())


# ── failures ──


@pytest.mark.parametrize(
    ("what", "weight"),
    [
        (answer(Reason.DNS_FAILURE), 0.25), (answer(Reason.TIMEOUT), 0.25), (answer(Reason.NOT_FOUND), 0.5),
        (answer(Reason.SERVER_ERROR), 0.5),
        (answer(Reason.TOO_MANY_REQUESTS), 0.5), (answer(Reason.GONE), 1.0), (answer(Reason.FORBIDDEN), 1.0),
    ],
)  # fmt: skip
def test_failures_are_graded(what: Answer, weight: float) -> None:
    state = poll(known(), what).state
    assert state.failures == weight
    assert poll(state, what).state.failures == 2 * weight
    assert state.reason == str(what.reason)


def test_an_unreadable_feed_is_a_failure_with_its_word() -> None:
    decision = poll(known(), answer(), Reading(error="not_a_feed"))
    assert decision.state.reason == "not_a_feed"
    assert decision.state.failures == 0.5
    assert decision.state.last_success == known().last_success


def test_waits_grow_with_failures_up_to_a_day() -> None:
    state, waits = known(), []
    for _ in range(20):
        decision = poll(state, answer(Reason.SERVER_ERROR))
        state = decision.state
        waits.append(wait_of(decision))
    assert HOUR <= waits[0] < 2 * HOUR
    assert waits[3] >= 6 * HOUR
    assert all(later >= earlier * 0.9 for earlier, later in itertools.pairwise(waits))
    assert max(waits) <= timedelta(hours=24) * (1 + POLICY.jitter)


def test_failing_and_recovering_are_told_once() -> None:
    state, told = known(), []
    for what in [answer(Reason.SERVER_ERROR)] * 4 + [answer()] * 2:
        decision = poll(state, what)
        state, told = decision.state, [*told, *decision.notices]
    assert told == [Notice.FAILING, Notice.RECOVERED]


def test_gone_twice_is_retired_for_good() -> None:
    once = poll(known(), answer(Reason.GONE))
    assert once.state.retired is None
    twice = poll(once.state, answer(Reason.GONE))
    assert twice.state.retired is Retired.GONE
    assert Notice.RETIRED in twice.notices
    assert wait_of(twice) > timedelta(days=300)


def test_gone_must_be_said_twice_in_a_row() -> None:
    state = known()
    for reason in (Reason.GONE, Reason.NOT_FOUND, Reason.GONE):
        state = poll(state, answer(reason)).state
    assert state.retired is None


def test_a_feed_that_is_not_found_for_long_is_asked_once_a_month_and_comes_back() -> None:
    state = known()
    for _ in range(60):
        decision = poll(state, answer(Reason.NOT_FOUND))
        state = decision.state
    assert state.retired is Retired.FAILING
    assert wait_of(decision) >= timedelta(days=30)
    back = poll(state, answer())
    assert back.state.retired is None
    assert back.state.failures == 0
    assert wait_of(back) <= POLICY.ceiling


# ── what servers ask for ──


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(minutes=2)), (" 7 ", timedelta(seconds=7)), ("0", timedelta(0)), ("Mon, 02 Mar 2026 14:00:00 GMT", 2 * HOUR),
        ("Monday, 02-Mar-26 13:00:00 GMT", HOUR), ("Mon, 02 Mar 2026 10:00:00 GMT", timedelta(0)), ("soon", None), ("-5", None), ("", None),
        ("1e9", None), ("9" * 400, None), ("\u0661\u0662", None),
    ],
)  # fmt: skip
def test_retry_after_in_both_forms(value: str, expected: timedelta | None) -> None:
    assert retry_after(answer(Reason.UNAVAILABLE, headers={"Retry-After": value}), now=NOW) == expected


def test_retry_after_is_kept_to_and_capped() -> None:
    long = poll(known(), answer(Reason.TOO_MANY_REQUESTS, headers={"Retry-After": "40000"}))
    assert timedelta(seconds=40_000) <= wait_of(long) <= timedelta(seconds=44_000)
    endless = poll(known(), answer(Reason.TOO_MANY_REQUESTS, headers={"Retry-After": str(10**9)}))
    assert wait_of(endless) <= timedelta(hours=26.5)


def test_host_rest() -> None:
    assert host_rest(answer(Reason.TOO_MANY_REQUESTS), now=NOW) == NOW + timedelta(minutes=30)
    assert host_rest(answer(Reason.UNAVAILABLE, headers={"Retry-After": "60"}), now=NOW) == NOW + timedelta(minutes=1)
    assert host_rest(answer(Reason.UNAVAILABLE), now=NOW) is None
    assert host_rest(answer(Reason.NOT_FOUND, headers={"Retry-After": "60"}), now=NOW) is None


@pytest.mark.parametrize(
    ("headers", "ttl", "least"),
    [
        ({"Cache-Control": "public, max-age=14400"}, None, 4 * HOUR), ({"Cache-Control": 'max-age="14400"', "Age": "3600"}, None, 3 * HOUR),
        ({"Expires": "Mon, 02 Mar 2026 16:00:00 GMT"}, None, 4 * HOUR), ({"Expires": "0"}, None, HOUR), ({"Expires": "-1"}, None, HOUR),
        ({"Cache-Control": "no-cache, max-age=14400"}, None, HOUR), ({}, 240, 4 * HOUR), ({"Cache-Control": "max-age=600"}, 240, 4 * HOUR),
        ({"Cache-Control": "max-age=99999999999999999999"}, None, HOUR), ({"Cache-Control": "max-age=-1"}, 0, HOUR), ({}, 10**12, 6 * HOUR),
    ],
)  # fmt: skip
def test_what_the_publisher_asks_for_is_kept_to(headers: dict[str, str], ttl: int | None, least: timedelta) -> None:
    """A busy feed, whose own pace would be the floor of an hour; never over the ceiling of six."""
    decision = poll(known(rate=30.0, etag='"e"'), answer(headers={**headers, "ETag": '"f"'}), Reading(items=20, new=1, ttl_minutes=ttl))
    assert least <= wait_of(decision) <= least * 1.1 + timedelta(seconds=1)


# ── pace ──


def test_pace_follows_the_feeds_rate() -> None:
    busy = poll(known(rate=40.0), answer(Reason.NOT_MODIFIED))
    middling = poll(known(rate=8.0), answer(Reason.NOT_MODIFIED))
    quiet = poll(known(rate=0.3), answer(Reason.NOT_MODIFIED))
    assert busy.state.interval_minutes == 60
    assert 170 < (middling.state.interval_minutes or 0) < 200
    assert quiet.state.interval_minutes == 360


def test_without_validators_the_floor_is_higher() -> None:
    decision = poll(known(rate=40.0), answer(), Reading(items=20, new=2))
    assert decision.state.interval_minutes == 120


def test_a_feed_that_rolled_over_is_asked_sooner_at_once() -> None:
    decision = poll(known(rate=1.0, interval_minutes=300.0), answer(headers={"ETag": '"f"'}), Reading(items=20, new=18))
    assert Notice.ROLLED_OVER in decision.notices
    assert decision.state.interval_minutes == 150


def test_the_backlog_of_the_first_poll_is_no_rate() -> None:
    state = poll(FRESH, answer(), Reading(items=50, new=50)).state
    assert items_a_day(state, now=NOW + HOUR) == 0


def test_rate_converges() -> None:
    state = poll(FRESH, answer(), Reading(items=20, new=20)).state
    for n in range(1, 200):
        state = poll(state, answer(body=str(n).encode()), Reading(items=20, new=2), now=NOW + n * 4 * HOUR).state
        if n > 6:
            assert 9 < items_a_day(state, now=NOW + n * 4 * HOUR) < 16


def test_jitter_depends_on_seed_feed_and_poll_only() -> None:
    waits = {wait_of(poll(known(), answer(Reason.NOT_MODIFIED), seed=seed)) for seed in range(20)}
    assert len(waits) == 20
    assert poll(known(), answer(), seed=7) == poll(known(), answer(), seed=7)


# ── silence ──


def test_silent_source_is_noticed_by_its_own_measure() -> None:
    busy = known(rate=10.0, last_success=NOW, last_new=NOW - timedelta(days=4))
    assert is_silent(busy, now=NOW)
    assert not is_silent(replace(busy, last_new=NOW - timedelta(days=2)), now=NOW)
    assert not is_silent(known(rate=0.5, last_success=NOW, last_new=NOW - timedelta(days=4)), now=NOW)
    assert is_silent(known(rate=0.5, last_success=NOW - timedelta(days=20), last_new=NOW - timedelta(days=20)), now=NOW)
    assert not is_silent(FRESH, now=NOW)


# ── pages ──


def test_pages_that_may_come_back_are_tried_again() -> None:
    waits = []
    for attempts in range(4):
        verdict = after_page(answer(Reason.SERVER_ERROR), attempts, now=NOW, policy=POLICY)
        assert verdict.fate is PageFate.AGAIN and verdict.next_try is not None
        waits.append(verdict.next_try - NOW)
    assert waits == sorted(waits)
    assert after_page(answer(Reason.SERVER_ERROR), 4, now=NOW, policy=POLICY).fate is PageFate.FAILED


@pytest.mark.parametrize("reason", [Reason.ROBOTS_DENIED, Reason.GONE, Reason.TOO_LARGE, Reason.ADDRESS_REFUSED])
def test_pages_that_never_will_are_given_up_at_once(reason: Reason) -> None:
    assert after_page(answer(reason), 0, now=NOW, policy=POLICY).fate is PageFate.FAILED


def test_a_page_that_is_not_there_yet_gets_a_second_try() -> None:
    assert after_page(answer(Reason.NOT_FOUND), 0, now=NOW, policy=POLICY).fate is PageFate.AGAIN
    assert after_page(answer(Reason.NOT_FOUND), 1, now=NOW, policy=POLICY).fate is PageFate.FAILED


def test_a_try_that_was_not_made_does_not_count() -> None:
    verdict = after_page(answer(Reason.HOST_LEFT_ALONE), 4, now=NOW, policy=POLICY)
    assert verdict.fate is PageFate.AGAIN
    assert not verdict.counted


def test_every_reason_has_a_fate_and_a_state() -> None:
    for reason in Reason:
        decision = poll(known(), answer(reason))
        assert decision.state.next_try is not None and decision.state.next_try > NOW
        verdict = after_page(answer(reason), 0, now=NOW, policy=POLICY)
        assert (verdict.next_try is not None) == (verdict.fate is PageFate.AGAIN)


def test_every_status_has_a_reason() -> None:
    assert {reason_of_status(status) for status in range(100, 1000)} >= {Reason.OK, Reason.GONE, Reason.BAD_STATUS, Reason.SERVER_ERROR}


# ── a month of a hundred sources ──


@dataclass
class Source:
    """A made-up source: when it publishes, and how its server behaves."""

    state: PollState
    published: list[datetime]
    window: int
    behaviour: str
    seen: int = 0
    begun: bool = False
    delays: list[timedelta] = field(default_factory=list)
    lost: int = 0
    polls: list[tuple[datetime, Reason]] = field(default_factory=list)

    def answer_at(self, now: datetime, headers: tuple[tuple[str, str], ...], rng: random.Random) -> tuple[Answer, Reading | None]:
        day = (now - NOW) / timedelta(days=1)
        if self.behaviour == "outage" and 10 < day < 12:
            return answer(Reason.DNS_FAILURE), None
        if self.behaviour == "gone" and day > 15:
            return answer(Reason.GONE), None
        if self.behaviour == "flaky" and rng.random() < 0.15:
            return answer(rng.choice([Reason.SERVER_ERROR, Reason.TIMEOUT, Reason.NOT_FOUND])), None
        if self.behaviour == "strict" and rng.random() < 0.1:
            return answer(Reason.TOO_MANY_REQUESTS, headers={"Retry-After": "10800"}), None
        there = sum(1 for at in self.published if at <= now)
        tag = f'"{there}"'
        if self.behaviour != "bare" and dict(headers).get("If-None-Match") == tag:
            return answer(Reason.NOT_MODIFIED), None
        oldest = max(0, there - self.window)
        new = there - max(self.seen, oldest)
        if self.begun:  # the backlog of the first answer is not late
            self.lost += max(0, oldest - self.seen)
            self.delays.extend(now - at for at in self.published[max(self.seen, oldest) : there])
        self.seen, self.begun = there, True
        body = f"{there}".encode() if self.behaviour != "restless" else f"{there} {now}".encode()
        return answer(body=body, headers={} if self.behaviour == "bare" else {"ETag": tag}), Reading(items=min(there, self.window), new=new)


def make_source(number: int, rng: random.Random) -> Source:
    """Sources of 0.2 to 40 items a day, more by day than by night, in windows of 10 to 50 entries."""
    rate = math.exp(rng.uniform(math.log(0.2), math.log(40)))
    behaviour = rng.choice(["plain"] * 5 + ["bare", "restless", "outage", "flaky", "strict", "gone", "silent"])
    times, at = [], NOW - timedelta(days=10)
    while at < NOW + timedelta(days=30):
        by_day = 1.6 if 6 <= at.hour < 20 else 0.2
        at += timedelta(days=rng.expovariate(rate * by_day))
        if not (behaviour == "silent" and at > NOW + timedelta(days=15)):
            times.append(at)
    state = PollState(feed_url=f"https://host{number // 3}.example/{number}", source_id=f"s{number}")
    return Source(state=state, published=times, window=rng.randint(10, 50), behaviour=behaviour)


def simulate(sources: list[Source], *, days: int, rng: random.Random) -> None:
    """Poll every source when it is due, at the next of the ticks that come every ten minutes."""
    tick = timedelta(minutes=10)
    queue = [(NOW, number) for number in range(len(sources))]
    heapq.heapify(queue)
    while queue and queue[0][0] < NOW + timedelta(days=days):
        due, number = heapq.heappop(queue)
        source = sources[number]
        now = NOW + math.ceil((due - NOW) / tick) * tick
        _, headers = request_for(source.state, now=now)
        what, reading = source.answer_at(now, headers, rng)
        source.polls.append((now, what.reason))
        decision = after_poll(source.state, what, reading, now=now, policy=POLICY, seed=1)
        assert decision.state.next_try is not None
        source.state = decision.state
        heapq.heappush(queue, (decision.state.next_try, number))


def test_a_month_of_a_hundred_sources_is_polite_and_fresh() -> None:
    rng = random.Random(20260302)
    sources = [make_source(number, rng) for number in range(100)]
    simulate(sources, days=30, rng=rng)

    for source in sources:
        polls = source.polls
        for (earlier, reason), (later, _) in itertools.pairwise(polls):
            least = timedelta(minutes=15) if reason in (Reason.DNS_FAILURE, Reason.TIMEOUT) else POLICY.floor
            assert later - earlier >= least, (source.behaviour, reason)
            if reason is Reason.TOO_MANY_REQUESTS:
                assert later - earlier >= timedelta(hours=3)
    by_host: dict[str, int] = defaultdict(int)
    for number, source in enumerate(sources):
        by_host[f"host{number // 3}"] += len(source.polls)
    assert max(by_host.values()) <= 3 * 30 * 24  # three feeds a host, each at most once an hour

    steady = [source for source in sources if source.behaviour not in ("gone", "outage")]
    delays = [delay for source in steady for delay in source.delays]
    assert median(delays) < POLICY.ceiling / 4
    for source in steady:
        if len(source.delays) >= 60:  # fewer say little of a median
            bound = POLICY.ceiling * (0.6 if source.behaviour in ("flaky", "strict") else 0.5)
            assert median(source.delays) < bound, (source.behaviour, len(source.delays))
    assert sum(source.lost for source in steady) <= 0.001 * len(delays)
    assert all(source.state.retired is Retired.GONE and len(source.polls) < 15 * 24 + 5 for source in sources if source.behaviour == "gone")
    end = NOW + timedelta(days=30)
    for source in sources:
        rate = len([at for at in source.published if NOW <= at < NOW + timedelta(days=15)]) / 15
        if source.behaviour == "silent" and rate > 1:
            assert is_silent(source.state, now=end)
    assert not [s for s in sources if s.behaviour in ("plain", "bare", "restless") and is_silent(s.state, now=end)]


def test_a_simulated_month_is_the_same_each_time() -> None:
    def run() -> list[list[tuple[datetime, Reason]]]:
        rng = random.Random(7)
        sources = [make_source(number, rng) for number in range(5)]
        simulate(sources, days=10, rng=rng)
        return [source.polls for source in sources]

    assert run() == run()
