"""Pending pages → fetched and archived, each noted in the ledger as it comes."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flows.addresses import BadAddress, check_url, host_of
from flows.archiving import ArchiveWriter
from flows.deciding import PageFate, Policy, after_page, host_rest
from flows.fetching import Fetcher
from flows.ledger import Page, Run
from flows.outcomes import Answer, Kind, Request
from flows.workplace import Workplace

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectOutcome:
    """Pages of one batch. again: left for a later try. failures: pages that were not had, by reason, those left for later included."""

    asked: int = 0
    fetched: int = 0
    again: int = 0
    failed: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Batch:
    place: Workplace
    policy: Policy
    writer: ArchiveWriter
    pages: dict[str, Page]
    fates: Counter[PageFate] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    by_source: Counter[str] = field(default_factory=Counter)

    def take(self, answer: Answer) -> None:
        """One page's answer: into the archive first, then into the ledger; a page of a kill between them is found in the archive."""
        place, now = self.place, self.place.clock()
        page = self.pages[answer.request.key]
        verdict = after_page(answer, page.attempts, now=now, policy=self.policy, seed=place.settings.seed)
        self.fates[verdict.fate] += 1
        match verdict.fate:
            case PageFate.FETCHED:
                place.ledger.page_fetched(page.page_id, self.writer.write(answer), answer, now=now)
                self.by_source[page.source_id] += 1
            case PageFate.AGAIN:
                assert verdict.next_try is not None
                place.ledger.page_again(page.page_id, answer, next_try=verdict.next_try, counted=verdict.counted)
            case PageFate.FAILED:
                place.ledger.page_failed(page.page_id, answer)
        if verdict.fate is not PageFate.FETCHED:
            self.failures[str(answer.reason)] += 1
            log.warning("%s: %s: %s (%s)", page.source_id, answer.request.url, answer.reason, answer.detail)
        rest = host_rest(answer, now=now)
        if rest is not None:
            place.ledger.rest_host(_host(answer.url), rest, answer.reason)
        place.progress("fetch", self.fates.total(), len(self.pages))


def _host(url: str) -> str:
    try:
        return host_of(check_url(url))
    except BadAddress:
        return ""


async def collect_pages(
    place: Workplace, run: Run, *, limit: int, source_ids: Sequence[str] | None = None, since: datetime | None = None
) -> CollectOutcome:
    """Fetches up to `limit` pending pages, of the workplace's sources or of those named, published `since` or later."""
    wanted = tuple(place.sources) if source_ids is None else source_ids
    now = place.clock()
    pages = {p.page_id: p for p in place.ledger.claim_pages(run, now=now, limit=limit, source_ids=wanted, since=since)}
    if not pages:
        return CollectOutcome()
    place.progress("fetch", 0, len(pages))
    requests = [Request(url=page.url, kind=Kind.PAGE, key=page.page_id) for page in pages.values() if page.url]
    with place.archive.writer(run.run_id, now=now) as writer:
        batch = _Batch(place=place, policy=Policy.of(place.settings), writer=writer, pages=pages)
        async with Fetcher(place.settings, robots_store=place.ledger, trusted=place.trusted, clock=place.clock) as fetcher:
            await fetcher.fetch_many(requests, batch.take)
    return CollectOutcome(
        asked=len(pages),
        fetched=batch.fates[PageFate.FETCHED],
        again=batch.fates[PageFate.AGAIN],
        failed=batch.fates[PageFate.FAILED],
        failures=batch.failures,
        by_source=batch.by_source,
    )
