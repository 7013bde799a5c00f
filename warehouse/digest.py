"""Meetings as typed values, with their parties and the sentences that prove them: what the report and the watches read.

One pass of a few queries over the published copy, whatever the number of meetings; nothing is asked per meeting.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import duckdb

EVIDENCE_LIMIT = 400
"""Characters of a proof that are shown; the rest is in the article."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestParty:
    """One party of a meeting; fields as in table meeting_participant."""

    kind: str
    name: str | None
    role: str | None
    country: str | None
    organization: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestReport:
    """One article's report of a meeting. sentence: the stretch that reports the contact, None where the record has none."""

    url: str
    title: str | None
    publisher: str | None
    published: datetime | None
    sentence: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestOutcome:
    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMeeting:
    """One meeting. Fields as in table meeting; first_day and last_day bound the day where no report states it."""

    meeting_id: UUID
    status: str
    mode: str
    start_date: date | None
    end_date: date | None
    date_precision: str | None
    first_day: date | None
    last_day: date | None
    city: str | None
    country: str | None
    venue: str | None
    host_event: str | None
    host_event_acronym: str | None
    background: bool
    confidence: float
    outlets: int
    first_reported: datetime | None
    last_reported: datetime | None
    parties: tuple[DigestParty, ...]
    topics: tuple[str, ...]
    outcomes: tuple[DigestOutcome, ...]
    reports: tuple[DigestReport, ...]

    @property
    def day(self) -> date | None:
        """The stated day, else the earliest on which it can have been."""
        return self.start_date or self.first_day


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestConflict:
    """Two or more values that reports give for one field of one meeting."""

    meeting_id: UUID
    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestSource:
    source_id: str
    name: str
    country: str | None
    articles: int
    meetings: int
    newest: datetime | None
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Meetings newest first, with names for the country codes among them, conflicts between outlets, and all sources."""

    meetings: tuple[DigestMeeting, ...]
    countries: Mapping[str, str]
    conflicts: tuple[DigestConflict, ...]
    sources: tuple[DigestSource, ...]


_CHOSEN = """
CREATE OR REPLACE TEMP TABLE chosen AS
SELECT meeting_id FROM meeting
WHERE NOT background
    AND ($since IS NULL OR coalesce(last_day, last_reported::DATE) >= $since::DATE)
    AND ($until IS NULL OR coalesce(first_day, last_reported::DATE) <= $until::DATE)
    AND ($reported_after IS NULL OR last_reported > $reported_after::TIMESTAMPTZ)
"""

_MEETINGS = """
SELECT meeting_id, status, mode, start_date, end_date, date_precision, first_day, last_day, city, country, venue, host_event,
    host_event_acronym, background, confidence, outlets, first_reported, last_reported
FROM meeting JOIN chosen USING (meeting_id)
ORDER BY coalesce(start_date, first_day, last_reported::DATE) DESC NULLS LAST, meeting_id
"""

_PARTIES = """
SELECT meeting_id, kind, name, role, country, organization
FROM meeting_participant JOIN chosen USING (meeting_id) ORDER BY meeting_id, ordinal
"""

_TOPICS = "SELECT meeting_id, topic FROM meeting_topic JOIN chosen USING (meeting_id) ORDER BY meeting_id, reports DESC, topic"

_OUTCOMES = "SELECT DISTINCT ON (meeting_id, kind, text) meeting_id, kind, text FROM meeting_outcome JOIN chosen USING (meeting_id) \
ORDER BY meeting_id, kind, text, ordinal"

_REPORTS = f"""
WITH proof AS (
    SELECT mention_id, min_by(span_start, ordinal) AS span_start, min_by(span_end, ordinal) AS span_end
    FROM mention_evidence WHERE field = 'meeting' GROUP BY mention_id
)
SELECT mm.meeting_id, a.url, a.title, coalesce(a.publisher, s.name) AS publisher, a.published,
    substr(a.text, p.span_start + 1, least(p.span_end - p.span_start, {EVIDENCE_LIMIT})) AS sentence
FROM meeting_mention mm JOIN chosen USING (meeting_id) JOIN article a USING (article_id)
LEFT JOIN proof p USING (mention_id) LEFT JOIN source s USING (source_id)
ORDER BY mm.meeting_id, a.published NULLS LAST, mm.mention_id
"""

_CONFLICTS = 'SELECT meeting_id, field, said AS "values" FROM conflict JOIN chosen USING (meeting_id) ORDER BY meeting_id, field'

_SOURCES = """
WITH told AS (
    SELECT a.source_id, count(DISTINCT a.article_id) AS articles, count(DISTINCT mm.meeting_id) AS meetings, max(a.published) AS newest
    FROM article a LEFT JOIN meeting_mention mm USING (article_id) WHERE a.source_id IS NOT NULL GROUP BY a.source_id
)
SELECT s.source_id, s.name, s.country, coalesce(t.articles, 0) AS articles, coalesce(t.meetings, 0) AS meetings, t.newest,
    coalesce(h.state, 'never_tried') AS state, h.reason
FROM source s LEFT JOIN told t USING (source_id) LEFT JOIN source_health h USING (source_id)
ORDER BY coalesce(t.articles, 0) DESC, s.name
"""


def read_digest(
    connection: duckdb.DuckDBPyConnection, *, since: date | None = None, until: date | None = None, reported_after: datetime | None = None
) -> Digest:
    """The meetings between two days (both included, None for no bound), or those with a report later than `reported_after`."""
    connection.execute(_CHOSEN, {"since": since, "until": until, "reported_after": reported_after})
    parties, topics, outcomes, reports = (_by_meeting(connection, sql) for sql in (_PARTIES, _TOPICS, _OUTCOMES, _REPORTS))
    meetings = tuple(
        DigestMeeting(
            **row,
            parties=tuple(DigestParty(**party) for party in parties[row["meeting_id"]]),
            topics=tuple(topic["topic"] for topic in topics[row["meeting_id"]]),
            outcomes=tuple(DigestOutcome(**outcome) for outcome in outcomes[row["meeting_id"]]),
            reports=tuple(DigestReport(**report) for report in reports[row["meeting_id"]]),
        )
        for row in _rows(connection, _MEETINGS)
    )
    return Digest(
        meetings=meetings,
        countries={row["code"]: row["name"] for row in _rows(connection, "SELECT code, name FROM country")},
        conflicts=tuple(DigestConflict(**(row | {"values": tuple(row["values"])})) for row in _rows(connection, _CONFLICTS)),
        sources=tuple(DigestSource(**row) for row in _rows(connection, _SOURCES)),
    )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Rows as dicts by column name; the names are those of the fields that they fill."""
    result = connection.execute(sql)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _by_meeting(connection: duckdb.DuckDBPyConnection, sql: str) -> defaultdict[UUID, list[dict[str, Any]]]:
    groups: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(connection, sql):
        groups[row.pop("meeting_id")].append(row)
    return groups
