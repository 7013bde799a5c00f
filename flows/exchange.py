"""The JSON forms in which records leave and articles enter the house: plain dicts, dates as ISO 8601, enum values as strings.

The keys of a meeting are those of the record guidelines (docs/records.md), with evidence as [start, end) pairs and confidence.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from parsers.records import Article, Dateline, FeedItem, Meeting, Participant

JsonObject = dict[str, Any]


class BadArticle(ValueError):
    """A line that holds no article. The message is a short reason with the key."""


def article_of(line: Mapping[str, object]) -> Article:
    """The article of one JSON line with `id, title, text, published, url, language`; other keys are ignored.

    `text` must be a string; title, url, language and published may be null or absent. `published` is an ISO date or datetime;
    without a zone it counts as UTC. Raises BadArticle.
    """
    if "id" not in line or not isinstance(line["id"], str | int):
        raise BadArticle("id: a string or a whole number is needed")
    text = line.get("text")
    if not isinstance(text, str):
        raise BadArticle("text: a string is needed")
    return Article(
        url=_optional_text(line, "url") or "",
        title=_optional_text(line, "title"),
        text=text,
        language=_optional_text(line, "language"),
        published=_published(line.get("published")),
        publisher=_optional_text(line, "publisher"),
    )


def _optional_text(line: Mapping[str, object], key: str) -> str | None:
    value = line.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadArticle(f"{key}: a string or null is needed")
    return value


def _published(value: object) -> datetime | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadArticle("published: an ISO date, a datetime or null is needed")
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise BadArticle(f"published: not an ISO date: {value!r}") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def meeting_form(meeting: Meeting) -> JsonObject:
    """One record as the guidelines write it."""
    return {
        "status": meeting.status.value,
        "mode": meeting.mode.value,
        "start_date": _day(meeting.start_date),
        "end_date": _day(meeting.end_date),
        "date_precision": meeting.date_precision.value if meeting.date_precision else None,
        "city": meeting.city,
        "country": meeting.country,
        "venue": meeting.venue,
        "host_event": {"name": meeting.host_event.name, "acronym": meeting.host_event.acronym} if meeting.host_event else None,
        "participants": [_participant_form(participant) for participant in meeting.participants],
        "topics": [topic.value for topic in meeting.topics],
        "outcomes": [{"kind": outcome.kind.value, "text": outcome.text} for outcome in meeting.outcomes],
        "background": meeting.background,
        "evidence": [[start, end] for start, end in dict.fromkeys((e.span.start, e.span.end) for e in meeting.evidence)],
        "confidence": round(meeting.confidence, 4),
    }


def _participant_form(participant: Participant) -> JsonObject:
    return {
        "name": participant.name,
        "role": participant.role,
        "country": participant.country,
        "organization": participant.organization,
        "kind": participant.kind.value,
    }


def article_form(article: Article) -> JsonObject:
    """A page as read: each field, and under `sources` where on the page its value was found."""
    return {
        "url": article.url,
        "title": article.title,
        "title_candidates": list(article.title_candidates),
        "authors": list(article.authors),
        "published": _moment(article.published),
        "modified": _moment(article.modified),
        "language": article.language,
        "publisher": article.publisher,
        "dateline": _dateline_form(article.dateline) if article.dateline else None,
        "credit": article.credit,
        "paywalled": article.paywalled,
        "text": article.text,
        "sources": dict(article.field_sources),
    }


def _dateline_form(dateline: Dateline) -> JsonObject:
    return {"city": dateline.city, "country": dateline.country, "date": _day(dateline.day), "agency": dateline.agency}


def item_form(item: FeedItem) -> JsonObject:
    """One feed entry; `id` is the entry's own, null where the feed gives it none."""
    return {
        "id": item.guid,
        "link": item.link,
        "title": item.title,
        "authors": list(item.authors),
        "published": _moment(item.published),
        "updated": _moment(item.updated),
        "summary": item.summary,
        "content": item.content,
    }


def _day(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
