"""The questions of the analyst's desk about one person, one meeting, one article."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from warehouse.connection import Answer, open_published, query
from warehouse.errors import WarehouseError


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A stretch of an article's text and the field that it proves; offsets count characters. item: which participant, topic ..."""

    field: str
    item: int | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMention:
    """One meeting as one article tells it."""

    mention_id: UUID
    meeting_id: UUID | None
    status: str
    parties: str
    confidence: float
    proofs: tuple[Proof, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article with the meetings that it tells of."""

    url: str
    title: str | None
    publisher: str | None
    published: datetime | None
    text: str
    mentions: tuple[StoryMention, ...]


_AGENDA = """
SELECT right(meeting_id::VARCHAR, 6) AS id, strftime(day, '%Y-%m-%d') AS day, status, person, parties,
    concat_ws(', ', city, country) AS place, coalesce(host_event_acronym, host_event) AS event, meeting_id::VARCHAR AS meeting_id
FROM agenda($name) JOIN (SELECT meeting_id, host_event_acronym FROM meeting) USING (meeting_id)
ORDER BY day DESC NULLS LAST, meeting_id
"""
_PEOPLE = """
SELECT person, role, country, organization, strftime(first_seen, '%Y-%m-%d') AS "from", strftime(last_seen, '%Y-%m-%d') AS "to",
    meetings
FROM office_holding
WHERE person_id IN (SELECT person_id FROM person_alias WHERE contains(strip_accents(lower(name)), strip_accents(lower($name))))
ORDER BY meetings DESC, person, role
"""
_COUNTRY = """
SELECT right(meeting_id::VARCHAR, 6) AS id, strftime(day, '%Y-%m-%d') AS day, status, parties, concat_ws(', ', city, country) AS place,
    coalesce(host_event_acronym, host_event) AS event, reports, meeting_id::VARCHAR AS meeting_id
FROM meetings_of($code) JOIN (SELECT meeting_id, host_event_acronym FROM meeting) USING (meeting_id)
ORDER BY day DESC NULLS LAST, meeting_id
"""
_PARTNERS = """
SELECT coalesce(c.name, p.country) AS country, count(DISTINCT meeting_id) AS meetings, strftime(max(m.day), '%Y-%m-%d') AS last
FROM meeting_participant p JOIN meeting m USING (meeting_id) LEFT JOIN country c ON c.code = p.country
WHERE meeting_id IN (SELECT meeting_id FROM meetings_of($code)) AND p.country <> $code AND NOT m.background
GROUP BY ALL ORDER BY meetings DESC, country LIMIT 15
"""
_EVENT = """
SELECT right(meeting_id::VARCHAR, 6) AS id, strftime(day, '%Y-%m-%d') AS day, status, parties, concat_ws(', ', city, country) AS place,
    coalesce(host_event_acronym, host_event) AS event, reports, meeting_id::VARCHAR AS meeting_id
FROM at_event($name)
"""
_WHY = """
SELECT r.publisher, strftime(r.published, '%Y-%m-%d') AS published, r.status, strftime(r.start_date, '%Y-%m-%d') AS told_day,
    round(r.confidence, 2) AS confidence, r.reason, round(r.score, 2) AS score, r.is_copy, r.url,
    (SELECT any_value(e.words ORDER BY e.span_start) FROM evidence e WHERE e.mention_id = r.mention_id AND e.field = 'meeting') AS words,
    r.mention_id::VARCHAR AS mention_id
FROM meeting_report r WHERE r.meeting_id = $meeting ORDER BY r.published NULLS LAST, r.mention_id
"""
_STORY_MENTIONS = """
SELECT m.mention_id, mm.meeting_id, m.status, m.confidence,
    (SELECT string_agg(concat_ws(' ', coalesce(p.name, p.organization, p.role, p.kind), '(' || p.country || ')'), ' – ' ORDER BY p.ordinal)
     FROM mention_participant p WHERE p.mention_id = m.mention_id) AS parties
FROM mention m LEFT JOIN meeting_mention mm USING (mention_id) WHERE m.article_id = $article ORDER BY m.ordinal
"""
_PROOFS = 'SELECT field, item, span_start AS "start", span_end AS "end" FROM mention_evidence WHERE mention_id = $mention ORDER BY ordinal'


def agenda_of(published: Path, name: str) -> Answer:
    """A person's meetings under any spelling, newest first; part of a name will do."""
    return query(published, _AGENDA, {"name": name})


def offices_of(published: Path, name: str) -> Answer:
    """The offices in which people of that name met others."""
    return query(published, _PEOPLE, {"name": name})


def meetings_of_country(published: Path, code: str) -> Answer:
    return query(published, _COUNTRY, {"code": code})


def partners_of(published: Path, code: str) -> Answer:
    """The countries that one met most."""
    return query(published, _PARTNERS, {"code": code})


def meetings_at(published: Path, event: str) -> Answer:
    return query(published, _EVENT, {"name": event})


def find_meeting(published: Path, text: str) -> UUID:
    """The meeting of that id, or the only one whose id begins or ends so. Raises WarehouseError where there is none, or more."""
    sought = text.strip().lower().lstrip("#")
    rows = query(published, """
        SELECT meeting_id FROM meeting WHERE starts_with(meeting_id::VARCHAR, $id) OR suffix(meeting_id::VARCHAR, $id)""",
        {"id": sought}).rows
    if len(rows) != 1 or not isinstance(rows[0][0], UUID):
        raise WarehouseError(f"{text!r} is the id of {'no meeting' if not rows else f'{len(rows)} meetings: give more of it'}")
    return rows[0][0]


def meeting_row(published: Path, meeting: UUID) -> dict[str, Any]:
    """The meeting's row of meeting_list, by column name."""
    answer = query(published, "SELECT * FROM meeting_list WHERE meeting_id = $id", {"id": meeting})
    return dict(zip(answer.columns, answer.rows[0], strict=True))


def reports_of(published: Path, meeting: UUID) -> Answer:
    """Which articles tell of the meeting, in which words, and why each was put with it."""
    return query(published, _WHY, {"meeting": meeting})


def corrections(published: Path) -> Answer:
    """Every correction, who made it and why, and whether it holds."""
    return query(published, "SELECT * FROM correction_state")


def read_story(published: Path, url: str) -> Story:
    """The stored article of that address. Raises WarehouseError where there is none."""
    connection = open_published(published)
    try:
        found = _rows(connection, "SELECT article_id, url, title, publisher, published, text FROM article WHERE url = $url OR url = $other",
                      {"url": url, "other": url.rstrip("/") if url.endswith("/") else url + "/"})
        if not found:
            raise WarehouseError(f"no article of the address {url} is stored")
        article = found[0]
        mentions = tuple(
            StoryMention(**row, proofs=tuple(Proof(**proof) for proof in _rows(connection, _PROOFS, {"mention": row["mention_id"]})))
            for row in _rows(connection, _STORY_MENTIONS, {"article": article.pop("article_id")})
        )
        return Story(**article, mentions=mentions)
    finally:
        connection.close()


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: dict[str, object]) -> list[dict[str, Any]]:
    result = connection.execute(sql, parameters)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
