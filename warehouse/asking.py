"""The questions that the command line and the operator's pages put to the published copy."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from warehouse.connection import Answer, query


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


_PARTY = """
    concat_ws(' ', coalesce(p.name, p.organization, p.role, p.kind),
        CASE WHEN p.country IS NOT NULL AND coalesce(p.name, p.organization, p.role, '') <> p.country THEN '(' || p.country || ')' END)
"""
_MEETINGS = f"""
    SELECT m.meeting_id::VARCHAR AS meeting_id, coalesce(strftime(m.start_date, '%Y-%m-%d'), '') AS date, m.status, m.mode,
        array_to_string(list_transform(m.participants, lambda p: {_PARTY}), ' · ') AS parties,
        concat_ws(', ', m.city, m.country) AS place, coalesce(m.host_event_acronym, m.host_event, '') AS event,
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
