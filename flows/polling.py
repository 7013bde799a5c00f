"""Due feeds → items in the ledger. Decisions are `flows.deciding`'s; what is done here is asking, reading and noting."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from flows.addresses import host_of
from flows.deciding import Decision, Notice, Policy, PollState, Reading, after_poll, goes_on, host_rest, is_unchanged, request_for
from flows.fetching import Fetcher
from flows.ledger import Run
from flows.outcomes import Answer, Kind, Request
from flows.workplace import Workplace
from parsers.errors import FeedError
from parsers.feed import parse_feed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """One feed's poll. reason: how it ended (flows.outcomes, or the reader's word for a body that is no feed)."""

    state: PollState
    reason: str
    ok: bool
    items: int
    new: int
    notices: tuple[Notice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollOutcome:
    """What a round of polls gave."""

    polled: tuple[Polled, ...] = ()

    @property
    def new_items(self) -> int:
        return sum(poll.new for poll in self.polled)

    @property
    def failures(self) -> Counter[str]:
        """Feeds that failed, by reason."""
        return Counter(poll.reason for poll in self.polled if not poll.ok)


@dataclass(slots=True)
class _Round:
    """The polls under way."""

    place: Workplace
    policy: Policy
    states: dict[str, PollState]
    done: list[Polled] = field(default_factory=list)
    more: dict[str, str] = field(default_factory=dict)
    """Next pages of paged feeds that are still to be asked for, by feed."""
    pages: Counter[str] = field(default_factory=Counter)

    def take_page(self, answer: Answer) -> None:
        """One more page of a paged feed: its items, and no change of the feed's state."""
        if answer.ok:
            reading = self._read(self.states[answer.request.key], answer)
            log.info("%s: %d more items, %d new", answer.url, reading.items, reading.new)

    def take(self, answer: Answer) -> None:
        """One feed's answer: items first, then the state, so that a kill between them only asks again."""
        place, now = self.place, self.place.clock()
        state = self.states[answer.request.key]
        reading = None if is_unchanged(state, answer) or not answer.ok else self._read(state, answer)
        decision = after_poll(state, answer, reading, now=now, policy=self.policy, seed=place.settings.seed)
        place.ledger.save_poll(decision.state)
        rest = host_rest(answer, now=now)
        if rest is not None:
            place.ledger.rest_host(host_of(answer.url), rest, answer.reason)
        self._report(decision, answer, reading)

    def _read(self, state: PollState, answer: Answer) -> Reading:
        now = self.place.clock()
        try:
            feed = parse_feed(answer.body, url=answer.url, headers=answer.header_map(), now=now)
        except FeedError as error:
            return Reading(error=error.reason)
        new = self.place.ledger.add_items(state, feed.items, now=now)
        reading = Reading(items=len(feed.items), new=new, ttl_minutes=feed.ttl_minutes)
        self.pages[state.feed_url] += 1
        if feed.next_page and goes_on(state, reading, self.pages[state.feed_url]):
            self.more[state.feed_url] = feed.next_page
        return reading

    def _report(self, decision: Decision, answer: Answer, reading: Reading | None) -> None:
        state = decision.state
        ok = state.failures == 0
        poll = Polled(
            state=state,
            reason=state.reason or str(answer.reason),
            ok=ok,
            items=reading.items if reading else state.items,
            new=reading.new if reading else 0,
            notices=decision.notices,
        )
        self.done.append(poll)
        level = logging.INFO if ok else logging.WARNING
        log.log(level, "%s: %s (%s), %d items, %d new", state.source_id, poll.reason, answer.url, poll.items, poll.new)
        self.place.progress("poll", len(self.done), len(self.states))


async def poll_feeds(
    place: Workplace, run: Run, *, source_ids: Sequence[str] | None = None, force: bool = False, limit: int = 10_000
) -> PollOutcome:
    """Asks the feeds that are due (`force`: those that are not, too) of the workplace's sources, or of those named."""
    wanted = tuple(place.sources) if source_ids is None else source_ids
    now = place.clock()
    states = {s.feed_url: s for s in place.ledger.claim_due_feeds(run, now=now, source_ids=wanted, force=force, limit=limit)}
    round_ = _Round(place=place, policy=Policy.of(place.settings), states=states)
    place.progress("poll", 0, len(states))
    requests = []
    for state in states.values():
        url, headers = request_for(state, now=now)
        requests.append(Request(url=url, kind=Kind.FEED, headers=headers, key=state.feed_url))
    async with Fetcher(place.settings, robots_store=place.ledger, trusted=place.trusted, clock=place.clock) as fetcher:
        await fetcher.fetch_many(requests, round_.take)
        while round_.more:
            requests = [Request(url=url, kind=Kind.FEED, key=feed_url) for feed_url, url in round_.more.items()]
            round_.more.clear()
            await fetcher.fetch_many(requests, round_.take_page)
    place.ledger.tidy(now=place.clock())
    return PollOutcome(polled=tuple(round_.done))
