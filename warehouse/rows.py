"""What is kept beside articles and meetings: sources, failures, runs, reference lists and people's corrections.

Tables are derived from these classes and from `parsers.records` by `warehouse.schema`; the text beside a field becomes its comment.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from parsers.records import Article, Meeting, doc


class ArticleStatus(StrEnum):
    """What became of a page."""

    EXTRACTED = "extracted"
    NO_MEETING = "no_meeting"
    OTHER_LANGUAGE = "other_language"
    QUARANTINED = "quarantined"


class Stage(StrEnum):
    """The step of the road at which something failed."""

    POLL = "poll"
    FETCH = "fetch"
    READ = "read"
    EXTRACT = "extract"
    BUNDLE = "bundle"
    LOAD = "load"


class CorrectionKind(StrEnum):
    """What a person says is wrong."""

    MERGE = "merge"
    SPLIT = "split"
    WRONG_PARTY = "wrong_party"
    WRONG_DATE = "wrong_date"
    NOT_A_MEETING = "not_a_meeting"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleEntry:
    """One article as an extraction left it, with the meetings that it tells of."""

    article: Article
    observed_at: datetime = doc("when the extraction was made; of two that differ, the later one counts")
    extractor_version: str = doc("version of the extractor that read the article")
    status: ArticleStatus = doc("extracted, no_meeting, other_language (kept, not read) or quarantined")
    reason: str | None = doc("why it was quarantined or not read", default=None)
    source_id: str | None = doc("source whose feed led to the page", default=None)
    fetched_at: datetime | None = doc("when the page was first fetched", default=None)
    archive_file: str | None = doc("WARC file that holds the page as it came", default=None)
    archive_offset: int | None = doc("byte at which the page's record begins in that file", default=None)
    meetings: tuple[Meeting, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A news source."""

    source_id: str = doc("short name of the source, as its file is called")
    observed_at: datetime = doc("when this was so")
    name: str = doc("name of the outlet")
    country: str | None = doc("ISO 3166-1 alpha-3 code of its home; NULL for international bodies", default=None)
    language: str | None = doc("ISO 639-1 code of its language", default=None)
    time_zone: str | None = doc("IANA time zone in which it dates its articles", default=None)
    kind: str | None = doc("agency, ministry, international_body, paper or sample", default=None)
    feed_urls: tuple[str, ...] = doc("addresses of its feeds", default=())
    enabled: bool = doc("whether it is polled", default=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source fares: the newest state of each."""

    source_id: str = doc("the source")
    observed_at: datetime = doc("when this was so")
    state: str = doc("ok, unchanged, failing, unreachable, disabled or never_tried")
    last_success: datetime | None = doc("last poll that gave a feed", default=None)
    last_failure: datetime | None = doc("last poll that failed", default=None)
    consecutive_failures: int = doc("failed polls since the last success", default=0)
    next_try: datetime | None = doc("when it is polled next", default=None)
    reason: str | None = doc("short code of the last failure", default=None)
    detail: str | None = doc("what the last failure said", default=None)
    items_seen: int | None = doc("entries in the last feed", default=None)
    items_new: int | None = doc("of them, entries not seen before", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailure:
    """A page or feed that could not be had or read."""

    url: str = doc("address that failed")
    observed_at: datetime = doc("when it failed last")
    stage: Stage = doc("poll, fetch, read, extract, bundle or load")
    reason: str = doc("short code of the failure, for counts")
    source_id: str | None = doc("source that led to it", default=None)
    detail: str | None = doc("what the failure said", default=None)
    attempts: int = doc("tries so far", default=1)
    next_try: datetime | None = doc("when it is tried again; NULL when it is given up or mended", default=None)
    resolved: bool = doc("whether a later try went well", default=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRun:
    """One run of a flow."""

    run_id: str = doc("id of the run")
    observed_at: datetime = doc("when this was so")
    flow: str = doc("name of the flow")
    started_at: datetime = doc("start of the run")
    ended_at: datetime | None = doc("end of the run; NULL while it is under way", default=None)
    state: str = doc("running, completed or failed")
    version: str | None = doc("version of the program", default=None)
    counts: Mapping[str, int] = doc("how many of what: pages, articles, mentions, failures ...", default_factory=dict)
    detail: str | None = doc("what went wrong", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country of the project's table."""

    code: str = doc("ISO 3166-1 alpha-3 code")
    observed_at: datetime = doc("when the table was handed over")
    name: str = doc("English short name")
    demonym: str | None = doc("English demonym", default=None)
    capital: str | None = doc("English name of the capital", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicName:
    """A topic of the project's list."""

    topic: str = doc("code of the topic")
    observed_at: datetime = doc("when the list was handed over")
    name: str = doc("name for people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a person put right. Corrections are data: they are applied again whenever meetings are made from mentions."""

    kind: CorrectionKind = doc("merge, split, wrong_party, wrong_date, not_a_meeting, or withdraw (of an earlier correction)")
    observed_at: datetime = doc("when it was made")
    mention_id: UUID | None = doc("the mention that it is about; a meeting's id is that of its first mention", default=None)
    other_ids: tuple[str, ...] = doc("merge: mentions that tell of the same meeting; split: those that do not", default=())
    party: int | None = doc("wrong_party: which participant, counted from 0; NULL adds one", default=None)
    value: Mapping[str, str] = doc("wrong_party: right fields (name, role, country ...; empty removes the party); wrong_date: start_date, "
                                   "end_date, date_precision; withdraw: correction_id", default_factory=dict)
    note: str | None = doc("why, in words", default=None)
    made_by: str | None = doc("who made it", default=None)
