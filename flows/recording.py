"""Archived pages → articles → meetings → one bundle in the inbox.

A bundle is written first and noted in the ledger after: a kill between the two writes its rows once more, which the loader takes as the
same. What cannot be read is quarantined with its reason, and told in the bundle.
"""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flows.archiving import Archived, ArchiveError, Place
from flows.health import health_of
from flows.ledger import Page, Run
from flows.reading import PageJob, Readers, Unread, read_page
from flows.settings import Settings
from flows.workplace import Workplace, rules_version
from parsers.catalog import languages
from parsers.meetings import extract  # its models are loaded on the first article, so in the workers alone
from parsers.records import Article, FeedItem, Meeting
from parsers.sources import Source
from warehouse.bundles import Bundle, write_bundle
from warehouse.rows import ArticleEntry, ArticleStatus, FetchFailure, PipelineRun, Stage
from warehouse.rows import Source as SourceRow

log = logging.getLogger(__name__)

PAGES_A_WORKER = 32
"""Fewer pages than this are not worth one more process: each loads the models first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One page to read and extract. `ready` stands in place of the page: an article that needs none (a feed's own text, a backfill), or
    why the page cannot be opened."""

    job: PageJob
    ready: Article | Unread | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What one page holds. `spoken`: whether the extractor knows the article's language; where it does not, meetings are empty."""

    article: Article
    meetings: tuple[Meeting, ...] = ()
    spoken: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOutcome:
    """What a batch gave. bundle: name of the bundle, None where there was nothing to write. failures: unread pages by reason."""

    bundle: str | None = None
    read: int = 0
    articles: int = 0
    mentions: int = 0
    other_language: int = 0
    with_meetings: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    sources: tuple[str, ...] = ()


def load_models() -> None:
    """Runs first in a worker: what the extractor loads on its first article."""
    extract(Article(url="", title=None, text="The foreign ministers of Norway and Peru met in Lima on Tuesday."))


def crew(settings: Settings, *, pages: int | None = None) -> Readers:
    """Workers as the settings bound them; fewer for few pages."""
    workers = settings.workers if pages is None else min(settings.workers, -(-pages // PAGES_A_WORKER))
    return Readers(workers=workers, seconds=settings.parse_seconds, memory_bytes=settings.parse_bytes, prepare=load_models)


def read_and_extract(reading: Reading) -> Extracted | Unread:
    """Runs in a worker: the article of a page, and its meetings. Raises nothing."""
    article = reading.ready or read_page(reading.job)
    if isinstance(article, Unread):
        return article
    if article.language is not None and article.language.split("-")[0].lower() not in languages():
        return Extracted(article=article, spoken=False)
    try:
        return Extracted(article=article, meetings=extract(article))
    except Exception as error:  # noqa: BLE001  the boundary: a fault of the extractor is a fact about this page, not the end of the batch
        return Unread(reason="extractor_failed", detail=f"{type(error).__name__}: {error}")


def entry_of(
    extracted: Extracted,
    *,
    now: datetime,
    source_id: str | None = None,
    fetched_at: datetime | None = None,
    place: Place | None = None,
) -> ArticleEntry:
    """The row of an article, with its meetings. now: when it was extracted."""
    if not extracted.spoken:
        status, reason = ArticleStatus.OTHER_LANGUAGE, f"language_{extracted.article.language}"
    else:
        status, reason = (ArticleStatus.EXTRACTED if extracted.meetings else ArticleStatus.NO_MEETING), None
    return ArticleEntry(
        article=extracted.article,
        observed_at=now,
        extractor_version=rules_version(),
        status=status,
        reason=reason,
        source_id=source_id,
        fetched_at=fetched_at,
        archive_file=place.file if place else None,
        archive_offset=place.offset if place else None,
        meetings=extracted.meetings,
    )


# ── the batch of a run ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class Tally:
    """The rows and counts of a batch as they come."""

    entries: list[ArticleEntry] = field(default_factory=list)
    failures: list[FetchFailure] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)
    done: list[str] = field(default_factory=list)

    def outcome(self, bundle: str | None) -> RecordOutcome:
        return RecordOutcome(
            bundle=bundle,
            read=len(self.entries) + len(self.failures),
            articles=len(self.entries),
            mentions=sum(len(entry.meetings) for entry in self.entries),
            other_language=sum(entry.status is ArticleStatus.OTHER_LANGUAGE for entry in self.entries),
            with_meetings=sum(bool(entry.meetings) for entry in self.entries),
            failures=self.reasons,
            languages=Counter(entry.article.language or "unknown" for entry in self.entries),
            sources=tuple(sorted({entry.source_id for entry in self.entries if entry.source_id})),
        )


def record_pages(place: Workplace, run: Run, *, limit: int, always: bool = False) -> RecordOutcome:
    """Reads up to `limit` fetched pages and writes their bundle. `always`: write one that tells the sources' health alone, too."""
    pages = place.ledger.claim_fetched(run, limit=limit)
    tally = Tally()
    place.progress("read", 0, len(pages))
    if pages:
        with crew(place.settings, pages=len(pages)) as readers:
            results = readers.run(read_and_extract, (_open(place, page) for page in pages))
            for page, result in zip(pages, results, strict=True):
                _take(place, page, result, tally)
                place.progress("read", len(tally.entries) + len(tally.failures), len(pages))
    if not tally.entries and not tally.failures and not always:
        return tally.outcome(None)
    bundle = write_bundle(place.paths.inbox, bundle_of(place, run, tally)).name
    place.ledger.pages_bundled(tally.done, bundle)
    return tally.outcome(bundle)


def _open(place: Workplace, page: Page) -> Reading:
    """The page as it lies in the archive, or the feed's own text where the entry names no page."""
    if page.place is None:
        return _item_reading(place, page)
    try:
        archived = place.archive.read(page.place)
    except ArchiveError as error:
        return Reading(job=PageJob(body=b"", url=page.url or ""), ready=Unread(reason="archive_damaged", detail=str(error)))
    return reading_of(archived, item=page.item, source=place.sources.get(page.source_id))


def reading_of(archived: Archived, *, item: FeedItem | None = None, source: Source | None = None) -> Reading:
    """How an archived page is to be read."""
    zone = ZoneInfo(source.time_zone) if source and source.time_zone else UTC
    job = PageJob(
        body=archived.body, url=archived.url, headers=archived.header_map(), hints=item, now=archived.fetched, zone=zone,
    )  # fmt: skip
    return Reading(job=job)


def _item_reading(place: Workplace, page: Page) -> Reading:
    item = page.item
    text = (item.content or item.summary) if item else None
    if item is None or not text:
        return Reading(job=PageJob(body=b"", url=""), ready=Unread(reason="no_page", detail="the entry names no page and has no text"))
    source = place.sources.get(page.source_id)
    article = Article(
        url=f"{page.feed_url}#{page.page_id}",
        title=item.title,
        text=text,
        language=item.language or (source.language if source else None),
        published=item.published,
        modified=item.updated,
        authors=item.authors,
        publisher=source.name if source else None,
        field_sources=(("text", "feed:content" if item.content else "feed:summary"),),
    )
    return Reading(job=PageJob(body=b"", url=article.url), ready=article)


def _take(place: Workplace, page: Page, result: Extracted | Unread, tally: Tally) -> None:
    now = place.clock()
    if isinstance(result, Unread):
        stage = Stage.EXTRACT if result.reason == "extractor_failed" else Stage.READ
        tally.failures.append(
            FetchFailure(
                url=page.url or page.page_id, observed_at=now, stage=stage, reason=result.reason, source_id=page.source_id,
                detail=result.detail[:300], attempts=page.reads,
            )
        )  # fmt: skip
        tally.reasons[result.reason] += 1
        place.ledger.page_quarantined(page.page_id, result.reason, result.detail)
        log.warning("%s: %s: %s (%s)", page.source_id, page.url, result.reason, result.detail)
        return
    source = place.sources.get(page.source_id)
    article = result.article
    if article.publisher is None and source is not None:
        result = replace(result, article=replace(article, publisher=source.name))
    tally.entries.append(entry_of(result, now=now, source_id=page.source_id, fetched_at=page.fetched, place=page.place))
    tally.done.append(page.page_id)
    place.ledger.page_read(page.page_id)


def bundle_of(place: Workplace, run: Run, tally: Tally) -> Bundle:
    """The batch's rows, with the sources and how they fare."""
    now = place.clock()
    mentions = sum(len(entry.meetings) for entry in tally.entries)
    counts = {"articles": len(tally.entries), "mentions": mentions, "unread": len(tally.failures)}
    return Bundle(
        articles=tuple(tally.entries),
        failures=tuple(tally.failures),
        sources=source_rows(place.sources.values(), now=now),
        source_health=health_of(place.sources, place.ledger.poll_states(), now=now),
        runs=(
            PipelineRun(
                run_id=run.run_id, observed_at=now, flow=run.kind, started_at=run.started, ended_at=now, state="completed",
                version=rules_version(), counts=counts,
            ),
        ),
    )  # fmt: skip


def source_rows(sources: Iterable[Source], *, now: datetime) -> tuple[SourceRow, ...]:
    return tuple(
        SourceRow(
            source_id=source.id, observed_at=now, name=source.name, country=source.country, language=source.language,
            time_zone=source.time_zone, kind=source.kind, feed_urls=source.feeds, enabled=source.enabled,
        )
        for source in sources
    )  # fmt: skip


def in_batches(entries: Iterator[ArticleEntry], size: int) -> Iterator[Sequence[ArticleEntry]]:
    """Lists of at most `size` entries."""
    batch: list[ArticleEntry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch
