"""THE schema: what feeds, articles and meetings look like as data.

Every record is frozen, slotted and keyword-only; sequences are tuples; datetimes are aware. The warehouse derives its tables
from these classes and takes the comment of each column from the `doc(...)` beside the field, so a column exists in one place.
The meaning of a meeting record and of each of its fields follows the project's record guidelines (docs/records.md).
"""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any


def doc(text: str, **kwargs: Any) -> Any:
    """A dataclass field with its description, which becomes the column's comment in the warehouse."""
    return field(metadata={"doc": text}, **kwargs)


def describe(record: type) -> dict[str, str]:
    """Field name → description, for every field of a record class."""
    return {f.name: f.metadata["doc"] for f in fields(record)}


# ── closed vocabularies ──────────────────────────────────────────────────────────────────────────────────────────────


class Status(StrEnum):
    """What the article says of the meeting."""

    HELD = "held"
    PLANNED = "planned"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    """How the parties were in contact."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    VIDEO = "video"
    UNKNOWN = "unknown"


class DatePrecision(StrEnum):
    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class PartyKind(StrEnum):
    PERSON = "person"
    DELEGATION = "delegation"
    ORGANIZATION = "organization"


class CountrySource(StrEnum):
    """Where a participant's country comes from."""

    TEXT = "text"
    OFFICE_HOLDERS = "office_holders"
    ORGANIZATION = "organization"
    OUTLET = "outlet"


class RoleClass(StrEnum):
    """The normalised class of an office."""

    HEAD_OF_STATE = "head_of_state"
    HEAD_OF_GOVERNMENT = "head_of_government"
    FOREIGN_MINISTER = "foreign_minister"
    MINISTER = "minister"
    DEPUTY_MINISTER = "deputy_minister"
    AMBASSADOR = "ambassador"
    SPEAKER = "speaker"
    LEGISLATOR = "legislator"
    MILITARY_CHIEF = "military_chief"
    CENTRAL_BANKER = "central_banker"
    GOVERNOR = "governor"
    MAYOR = "mayor"
    HEAD_OF_INTERNATIONAL_BODY = "head_of_international_body"
    EXECUTIVE = "executive"
    ENVOY = "envoy"
    CLERIC = "cleric"
    OTHER = "other"


class OutcomeKind(StrEnum):
    SIGNED = "signed"
    AGREED = "agreed"
    PROPOSED = "proposed"
    INVITED = "invited"
    PLEDGED = "pledged"
    STATEMENT = "statement"
    NO_AGREEMENT = "no_agreement"


class Topic(StrEnum):
    """What a meeting was about. The words that tell a topic are data: data/topics.toml."""

    TRADE = "trade"
    INVESTMENT = "investment"
    FINANCE = "finance"
    ENERGY = "energy"
    NUCLEAR = "nuclear"
    CLIMATE_ENVIRONMENT = "climate_environment"
    WATER = "water"
    AGRICULTURE_FOOD = "agriculture_food"
    HEALTH = "health"
    EDUCATION_SCIENCE = "education_science"
    TECHNOLOGY_DIGITAL = "technology_digital"
    TELECOMMUNICATIONS = "telecommunications"
    CYBERSECURITY = "cybersecurity"
    ARTIFICIAL_INTELLIGENCE = "artificial_intelligence"
    SPACE = "space"
    TRANSPORT_INFRASTRUCTURE = "transport_infrastructure"
    DEFENCE_MILITARY = "defence_military"
    SECURITY_COUNTERTERRORISM = "security_counterterrorism"
    PEACE_CONFLICT = "peace_conflict"
    ARMS_CONTROL = "arms_control"
    HUMAN_RIGHTS = "human_rights"
    MIGRATION_REFUGEES = "migration_refugees"
    CONSULAR = "consular"
    CULTURE_HERITAGE = "culture_heritage"
    TOURISM = "tourism"
    SPORT = "sport"
    MEDIA = "media"
    LAW_JUSTICE = "law_justice"
    CRIME_DRUGS = "crime_drugs"
    GOVERNANCE_ELECTIONS = "governance_elections"
    PARLIAMENT = "parliament"
    HUMANITARIAN_AID = "humanitarian_aid"
    LABOUR_SOCIAL = "labour_social"
    RELIGION = "religion"
    SANCTIONS = "sanctions"
    REGIONAL_INTEGRATION = "regional_integration"
    MULTILATERAL_COOPERATION = "multilateral_cooperation"
    BILATERAL_RELATIONS = "bilateral_relations"
    INDUSTRY_MINING = "industry_mining"
    OTHER = "other"


class EvidenceField(StrEnum):
    """Which part of a meeting record a span proves; `meeting` is the sentence that reports the contact itself."""

    MEETING = "meeting"
    PARTICIPANT = "participant"
    STATUS = "status"
    MODE = "mode"
    DATE = "date"
    PLACE = "place"
    HOST_EVENT = "host_event"
    TOPIC = "topic"
    OUTCOME = "outcome"


# ── spans ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of character offsets, 0 ≤ start < end. The one record that is built by position: Span(3, 9)."""

    start: int = doc("first character of the proof, counted from 0 in the article's text")
    end: int = doc("one past the last character of the proof")

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")

    def covers(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end


# ── feeds and articles ───────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry of a feed, as plain text."""

    item_id: str = doc("the feed's own id of the entry (guid, atom:id), else its link, else a hash of title and date; never empty")
    guid: str | None = doc("the feed's own id of the entry as written; None where it has none", default=None)
    link: str | None = doc("absolute URL of the article's page; None where the entry names none")
    title: str | None = doc("title as plain text")
    authors: tuple[str, ...] = doc("names of authors as given", default=())
    published: datetime | None = doc("publication time; None where absent or absurd", default=None)
    published_raw: str | None = doc("the publication time as the feed wrote it", default=None)
    updated: datetime | None = doc("time of last change; None where absent or absurd", default=None)
    summary: str | None = doc("summary as plain text", default=None)
    content: str | None = doc("full content as plain text, where the feed carries it", default=None)
    language: str | None = doc("language that the feed declares for it, as a BCP 47 tag", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One fetched feed."""

    version: str = doc("format as feedparser names it (rss20, atom10 ...), or json_feed, news_sitemap")
    title: str | None = doc("title of the feed", default=None)
    link: str | None = doc("page that the feed belongs to", default=None)
    language: str | None = doc("declared language", default=None)
    ttl_minutes: int | None = doc("how long the publisher asks to wait between polls, minutes", default=None)
    hub: str | None = doc("WebSub hub, recorded only", default=None)
    next_page: str | None = doc("URL of the next page of a paged feed (RFC 5005)", default=None)
    items: tuple[FeedItem, ...] = doc("entries in the feed's order, capped", default=())
    dropped_items: int = doc("entries over the cap that were not read", default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The opening "BAKU, Nov. 20 (Xinhua) --" of a wire report."""

    city: str | None = doc("city as printed", default=None)
    country: str | None = doc("country of that city, ISO 3166-1 alpha-3, where it is known", default=None)
    day: date | None = doc("date as printed, resolved to a year against the publication time", default=None)
    agency: str | None = doc("agency as printed in parentheses", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One news article as text. Every offset of every record counts characters of `text`."""

    url: str = doc("address of the page, canonical where the page names one")
    title: str | None = doc("headline")
    text: str = doc("body as plain text, paragraphs parted by a blank line; offsets of evidence count in it")
    language: str | None = doc("ISO 639-1 code of the text's language", default=None)
    published: datetime | None = doc("publication time; midnight UTC where only the day is known", default=None)
    modified: datetime | None = doc("time of last change", default=None)
    authors: tuple[str, ...] = doc("names of authors", default=())
    publisher: str | None = doc("name of the outlet", default=None)
    title_candidates: tuple[str, ...] = doc("all headlines that the page offers, best first", default=())
    dateline: Dateline | None = doc("the opening dateline", default=None)
    credit: str | None = doc("agency that the text credits (\"ISNA reported\")", default=None)
    paywalled: bool | None = doc("whether the page declares itself not free to read; None where it says nothing", default=None)
    field_sources: tuple[tuple[str, str], ...] = doc("field → where on the page its value was found", default=())


# ── meetings ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One party of a meeting."""

    kind: PartyKind = doc("person, delegation or organization")
    name: str | None = doc("name as fully as the article gives it, without titles; None for an unnamed person or body", default=None)
    role: str | None = doc("office as stated, the nation left out", default=None)
    role_class: RoleClass | None = doc("normalised class of the office", default=None)
    portfolio: str | None = doc("what the office is for (\"energy\"), as stated", default=None)
    country: str | None = doc("ISO 3166-1 alpha-3 code of the state represented; None for international bodies and where unknown",
                              default=None)
    country_source: CountrySource | None = doc("where the country comes from", default=None)
    organization: str | None = doc("body represented when it is not the state's government itself", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostEvent:
    """The conference or summit at or beside which a meeting took place."""

    name: str = doc("full name as the article gives it, or the table's name for it")
    acronym: str | None = doc("acronym with its number or year (\"WTDC-25\")", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    kind: OutcomeKind = doc("kind of outcome")
    text: str = doc("short phrase that says what")


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A stretch of the article's text that proves a field of the record."""

    field: EvidenceField = doc("what it proves")
    span: Span = doc("where in the article's text")
    ordinal: int | None = doc("which participant, topic or outcome, counted from 0; None for fields that occur once", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """What one article says of one meeting (a *mention*, as the warehouse calls it)."""

    status: Status = doc("held, planned or cancelled")
    mode: Mode = doc("in person, by phone, by video, or unknown")
    participants: tuple[Participant, ...] = doc("two or more parties")
    evidence: tuple[Evidence, ...] = doc("spans of the text that prove the record; the meeting's own sentence first")
    confidence: float = doc("0..1: how often records with this figure are right")
    start_date: date | None = doc("first day that the text states for the meeting itself; a month or year is its first day", default=None)
    end_date: date | None = doc("last day, for meetings of more than one", default=None)
    date_precision: DatePrecision | None = doc("how exact start_date is; None with no date", default=None)
    city: str | None = doc("English name of the city", default=None)
    country: str | None = doc("ISO 3166-1 alpha-3 code of the country where it took place", default=None)
    venue: str | None = doc("named building or site", default=None)
    host_event: HostEvent | None = doc("conference or summit at or beside which it took place", default=None)
    topics: tuple[Topic, ...] = doc("what was treated, most specific first", default=())
    outcomes: tuple[Outcome, ...] = doc("what came of it", default=())
    background: bool = doc("an earlier meeting that the article only recalls", default=False)
