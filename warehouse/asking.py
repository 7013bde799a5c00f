"""The questions that the command line and the operator's pages put to the published copy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from warehouse.connection import Answer, open_published, query
from warehouse.errors import QueryError


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingFilter:
    """What a meeting must match, all of it; None asks for nothing.

    country: alpha-3 code of a party. person: part of a party's name, accents and case aside. event: part of the host event's name, or its
    acronym. topic, status: codes. since: the first day on which it took place, is to, or was first reported.
    """

    country: str | None = None
    person: str | None = None
    event: str | None = None
    topic: str | None = None
    status: str | None = None
    since: date | None = None
    background: bool = False


_MEETINGS = """
    SELECT m.meeting_id::VARCHAR AS meeting_id, coalesce(strftime(m.start_date, '%Y-%m-%d'), '') AS date, m.status, m.mode,
        m.parties, concat_ws(', ', m.city, m.country) AS place, coalesce(m.host_event_acronym, m.host_event, '') AS event,
        array_to_string(coalesce(m.topics, []), ', ') AS topics, m.reports, round(m.confidence, 2) AS confidence,
        strftime(m.first_reported, '%Y-%m-%d') AS reported
    FROM meeting_list m
    WHERE ($country IS NULL OR list_contains(m.countries, $country))
        AND ($person IS NULL
            OR len(list_filter(m.participants, lambda p: contains(lower(strip_accents(p.name)), strip_accents($person)))) > 0)
        AND ($event IS NULL OR contains(lower(strip_accents(concat_ws(' ', m.host_event, m.host_event_acronym))), strip_accents($event)))
        AND ($topic IS NULL OR list_contains(m.topics, $topic))
        AND ($status IS NULL OR m.status = $status)
        AND ($since IS NULL OR coalesce(m.start_date, m.first_reported::DATE) >= $since)
        AND (NOT m.background OR $background)
    ORDER BY m.first_reported DESC NULLS LAST, m.meeting_id DESC
    LIMIT $most
"""


def find_meetings(published: Path, wanted: MeetingFilter, *, most: int = 20) -> Answer:
    """The newest meetings that match, newest report first. Raises NotPublished."""
    parameters = {
        "country": wanted.country,
        "person": _folded(wanted.person),
        "event": _folded(wanted.event),
        "topic": wanted.topic,
        "status": wanted.status,
        "since": wanted.since,
        "background": wanted.background,
        "most": most,
    }
    return query(published, _MEETINGS, parameters)


def _folded(text: str | None) -> str | None:
    return None if text is None else text.strip().lower()


def write_parquet(published: Path, sql: str, target: Path) -> None:
    """The answer to one SELECT as a Parquet file. Raises NotPublished and QueryError."""
    connection = open_published(published)
    try:
        pq.write_table(connection.sql(sql).to_arrow_table(), target)
    except (duckdb.Error, AttributeError) as error:
        raise QueryError(str(error).strip()) from error
    finally:
        connection.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One meeting that a load brought. start_date: ISO day. articles: addresses. parties: how many there are."""

    meeting_id: str
    status: str
    mode: str
    start_date: str | None
    city: str | None
    country: str | None
    parties: int
    countries: tuple[str, ...]
    persons: tuple[str, ...]
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """How much the published copy holds. newest_article: by publication. newest_meeting: by first report. None where there is none."""

    articles: int
    mentions: int
    meetings: int
    newest_article: datetime | None
    newest_meeting: datetime | None


def holdings(published: Path) -> Holdings:
    """Raises NotPublished."""
    row = query(published, """
        SELECT (SELECT count(*) FROM article), (SELECT count(*) FROM mention), (SELECT count(*) FROM meeting),
            (SELECT max(published) FROM article), (SELECT max(first_reported)::TIMESTAMPTZ FROM meeting)""").rows[0]
    articles, mentions, meetings, newest_article, newest_meeting = row
    return Holdings(
        articles=int(str(articles)), mentions=int(str(mentions)), meetings=int(str(meetings)),
        newest_article=newest_article if isinstance(newest_article, datetime) else None,
        newest_meeting=newest_meeting if isinstance(newest_meeting, datetime) else None,
    )  # fmt: skip


_RECORDED = """
    WITH brought AS (
        SELECT mm.meeting_id, list(DISTINCT a.url ORDER BY a.url) AS articles
        FROM article a JOIN mention m USING (article_id) JOIN meeting_mention mm USING (mention_id)
        WHERE a.bundle_id IN (SELECT unnest($bundles::VARCHAR[])) GROUP BY mm.meeting_id
    )
    SELECT m.meeting_id::VARCHAR, m.status, m.mode, strftime(m.start_date, '%Y-%m-%d'), m.city, m.country, len(m.participants),
        coalesce(m.countries, []), list_filter(list_transform(m.participants, lambda p: p.name), lambda name: name IS NOT NULL), b.articles
    FROM brought b JOIN meeting_list m USING (meeting_id)
    WHERE NOT m.background
    ORDER BY m.first_reported DESC NULLS LAST, m.meeting_id
    LIMIT $most
"""


def recorded_by(published: Path, bundles: Sequence[str], *, most: int) -> tuple[Recorded, ...]:
    """The newest meetings of which articles of these bundles tell. Raises NotPublished."""
    answer = query(published, _RECORDED, {"bundles": list(bundles), "most": most})
    return tuple(
        Recorded(
            meeting_id=str(row[0]), status=str(row[1]), mode=str(row[2]), start_date=_text(row[3]), city=_text(row[4]),
            country=_text(row[5]), parties=int(str(row[6])), countries=_texts(row[7]), persons=_texts(row[8]), articles=_texts(row[9]),
        )
        for row in answer.rows
    )  # fmt: skip


_WITH_MEETINGS = """
    SELECT source_id, count(*), count(*) FILTER (status = 'extracted') FROM article
    WHERE source_id IS NOT NULL AND status <> 'quarantined' AND fetched_at >= $since AND fetched_at < $until GROUP BY source_id
"""


def meetings_by_source(published: Path, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
    """By source, of the articles fetched from `since` until before `until`: how many, and how many tell of a meeting.

    Raises NotPublished.
    """
    rows = query(published, _WITH_MEETINGS, {"since": since, "until": until}).rows
    return {str(source_id): (int(str(articles)), int(str(telling))) for source_id, articles, telling in rows}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(part) for part in value) if isinstance(value, list) else ()
