"""Watches: standing questions about meetings, kept as data, answered whenever a newer copy is published.

A watch lives in `watches.toml` of the data folder, where a person may edit it too. For each watch there are three files beside it in
`watches/`: an Atom feed and an iCalendar file of its meetings, rewritten as a whole, and what has been told already, so that a meeting
is told when it is new or has changed and not again. What has been told is kept after the telling: a crash in between tells twice, never
not at all.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import icalendar
import tomli_w
from feedgen.feed import FeedGenerator

from flows.events import MEETING_MATCHED, Event, Role
from parsers.records import Status, Topic
from warehouse.connection import open_published
from warehouse.digest import DigestMeeting, DigestParty, read_digest

FEED_ENTRIES = 200
"""Newest meetings in a watch's Atom feed; the calendar holds all that have a day."""

EVENTS_AT_ONCE = 100
"""Most events that one publication sends for one watch; the rest is in its feed all the same."""

HEADLINE_LIMIT = 300
"""Characters of the line that an event carries for notifications."""


class WatchError(Exception):
    """A watch is wrong; the message is one line that names it and the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a meeting must match, all of it; None asks for nothing, and a watch must ask for something.

    country: alpha-3 code of a party. person: name or part of one, case aside. topic, status: codes. event: part of the host event's
    name or its acronym. watch_id: its short name, which is also the name of its files.
    """

    watch_id: str
    country: str | None = None
    person: str | None = None
    topic: str | None = None
    status: str | None = None
    event: str | None = None

    def __post_init__(self) -> None:
        if not self.watch_id or not all(c.isascii() and (c.isalnum() or c in "-_") for c in self.watch_id):
            raise WatchError(f"watch {self.watch_id!r}: a name is made of letters, digits, - and _")
        if not any(value for key, value in asdict(self).items() if key != "watch_id"):
            raise WatchError(f"watch {self.watch_id}: asks for nothing; give a country, person, topic, status or event")
        if self.country and not (len(self.country) == 3 and self.country.isascii() and self.country.isupper()):
            raise WatchError(f"watch {self.watch_id}: country {self.country!r} is no ISO 3166-1 alpha-3 code such as IRN")
        if self.topic and self.topic not in set(Topic):
            raise WatchError(f"watch {self.watch_id}: topic {self.topic!r} is unknown; known are {', '.join(Topic)}")
        if self.status and self.status not in set(Status):
            raise WatchError(f"watch {self.watch_id}: status {self.status!r} is unknown; known are {', '.join(Status)}")

    @property
    def question(self) -> str:
        """The watch in words."""
        asked = {key: value for key, value in asdict(self).items() if value and key != "watch_id"}
        return ", ".join(f"{key} {value}" for key, value in asked.items())

    def matches(self, meeting: DigestMeeting) -> bool:
        event = f"{meeting.host_event or ''} {meeting.host_event_acronym or ''}".casefold()
        return (
            (self.country is None or any(party.country == self.country for party in meeting.parties))
            and (self.person is None or any(self.person.casefold() in (party.name or "").casefold() for party in meeting.parties))
            and (self.topic is None or self.topic in meeting.topics)
            and (self.status is None or self.status == meeting.status)
            and (self.event is None or self.event.casefold() in event)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAnswer:
    """The meetings of a watch, newest first, and those among them that are new or have changed since they were last told."""

    watch: Watch
    meetings: tuple[DigestMeeting, ...]
    news: tuple[DigestMeeting, ...]


# ── the list of watches ──────────────────────────────────────────────────────────────────────────────────────────────


def read_watches(home: Path) -> tuple[Watch, ...]:
    """All watches, in the order of the file; none where there is no file. Raises WatchError."""
    path = home / "watches.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WatchError(f"{path.name}: not TOML: {error}") from error
    entries = table.pop("watch", [])
    if table or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise WatchError(f"{path.name}: holds [[watch]] tables and nothing else")
    watches = tuple(_watch(entry) for entry in entries)
    names = [watch.watch_id for watch in watches]
    if doubled := {name for name in names if names.count(name) > 1}:
        raise WatchError(f"{path.name}: watch {min(doubled)} is there twice")
    return watches


def add_watch(home: Path, watch: Watch) -> None:
    """Adds a watch, or replaces the one of the same name."""
    _write_watches(home, (*(old for old in read_watches(home) if old.watch_id != watch.watch_id), watch))


def remove_watch(home: Path, watch_id: str) -> None:
    """Removes a watch and its files. Raises WatchError where there is none of that name."""
    watches = read_watches(home)
    if watch_id not in {watch.watch_id for watch in watches}:
        raise WatchError(f"there is no watch {watch_id}; known are {', '.join(watch.watch_id for watch in watches) or 'none'}")
    _write_watches(home, tuple(watch for watch in watches if watch.watch_id != watch_id))
    for path in _files(home, watch_id):
        path.unlink(missing_ok=True)


def _watch(entry: Mapping[str, object]) -> Watch:
    known = {field.name for field in fields(Watch)}
    for key, value in entry.items():
        if key not in known or not isinstance(value, str):
            raise WatchError(f"watches.toml: {key}: not a key with a text; known are {', '.join(sorted(known))}")
    return Watch(**{"watch_id": "", **{key: str(value) for key, value in entry.items()}})


def _write_watches(home: Path, watches: Iterable[Watch]) -> None:
    table = {"watch": [{key: value for key, value in asdict(watch).items() if value} for watch in watches]}
    home.mkdir(parents=True, exist_ok=True)
    _replace(home / "watches.toml", tomli_w.dumps(table).encode())


# ── answering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def answer_watches(home: Path, published: Path) -> tuple[WatchAnswer, ...]:
    """What each watch has to tell of the published copy. Writes nothing. Raises WatchError, NotPublished."""
    watches = read_watches(home)
    if not watches:
        return ()
    connection = open_published(published)
    try:
        meetings = read_digest(connection).meetings
    finally:
        connection.close()
    return tuple(answer_watch(home, watch, meetings) for watch in watches)


def answer_watch(home: Path, watch: Watch, meetings: Iterable[DigestMeeting]) -> WatchAnswer:
    told = _told(home, watch.watch_id)
    matching = tuple(meeting for meeting in meetings if watch.matches(meeting))
    news = tuple(meeting for meeting in matching if told.get(str(meeting.meeting_id)) != fingerprint(meeting))
    return WatchAnswer(watch=watch, meetings=matching, news=news)


def events_of(answer: WatchAnswer) -> tuple[Event, ...]:
    """One event for each meeting that is new or has changed, at most `EVENTS_AT_ONCE`."""
    return tuple(_event(answer.watch, meeting) for meeting in answer.news[:EVENTS_AT_ONCE])


def _event(watch: Watch, meeting: DigestMeeting) -> Event:
    countries = dict.fromkeys(party.country for party in meeting.parties if party.country)
    persons = dict.fromkeys(party.name for party in meeting.parties if party.name)
    return Event(
        kind=MEETING_MATCHED,
        subject=watch.watch_id,
        payload={
            "meeting": str(meeting.meeting_id), "status": meeting.status,
            "start_date": meeting.start_date.isoformat() if meeting.start_date else "",
            "city": meeting.city or "", "headline": headline(meeting)[:HEADLINE_LIMIT],
        },
        related=(
            (Role.MEETING, str(meeting.meeting_id)),
            *((Role.COUNTRY, country) for country in countries),
            *((Role.PERSON, person) for person in persons),
        ),
    )


def write_answer(home: Path, answer: WatchAnswer, *, now: datetime) -> None:
    """Rewrites the watch's feed and calendar, and keeps what has been told."""
    atom, calendar, told = _files(home, answer.watch.watch_id)
    atom.parent.mkdir(parents=True, exist_ok=True)
    _replace(atom, atom_feed(answer, now=now))
    _replace(calendar, icalendar_file(answer, now=now))
    prints = {str(meeting.meeting_id): fingerprint(meeting) for meeting in answer.meetings}
    _replace(told, json.dumps(prints, indent=0).encode())


def fingerprint(meeting: DigestMeeting) -> str:
    """Changes when what a watcher cares for does: status, day, place, event, parties."""
    parties = [(p.name, p.role, p.country, p.organization) for p in meeting.parties]
    told = (meeting.status, str(meeting.start_date), str(meeting.end_date), meeting.city, meeting.country, meeting.host_event, parties)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]


def _told(home: Path, watch_id: str) -> Mapping[str, str]:
    """What was told already; nothing where the file is absent or torn, so that a meeting is rather told twice."""
    try:
        told = json.loads(_files(home, watch_id)[2].read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


# ── what people and programs subscribe to ────────────────────────────────────────────────────────────────────────────


def headline(meeting: DigestMeeting) -> str:
    """The meeting in one line: "Sattar Hashemi (IRN) – Sid Ali Zerrouki (DZA), Baku, planned"."""
    parties = " – ".join(_party(party) for party in meeting.parties)
    return ", ".join(part for part in (parties, meeting.city, "" if meeting.status == Status.HELD else meeting.status) if part)


def _party(party: DigestParty) -> str:
    name = party.name or party.organization or party.role or party.kind
    return f"{name} ({party.country})" if party.country else name


def _description(meeting: DigestMeeting) -> str:
    lines = [
        f"{meeting.status}, {meeting.mode.replace('_', ' ')}" + (f", {meeting.start_date}" if meeting.start_date else ""),
        *(f"{_party(party)}: {party.role}" for party in meeting.parties if party.name and party.role),
        f"beside {meeting.host_event}" if meeting.host_event else "",
        ("about " + ", ".join(topic.replace("_", " ") for topic in meeting.topics)) if meeting.topics else "",
        *(f"“{report.sentence}” {report.publisher or ''} {report.url}" for report in meeting.reports if report.sentence),
    ]
    return "\n".join(line for line in lines if line)


def atom_feed(answer: WatchAnswer, *, now: datetime) -> bytes:
    """The newest meetings of a watch as an Atom feed."""
    feed = FeedGenerator()
    feed.id(f"urn:sidelines:watch:{answer.watch.watch_id}")
    feed.title(f"Meetings: {answer.watch.question}")
    feed.updated(max((m.last_reported for m in answer.meetings if m.last_reported), default=now))
    for meeting in answer.meetings[:FEED_ENTRIES]:
        entry = feed.add_entry(order="append")
        entry.id(f"urn:uuid:{meeting.meeting_id}")
        entry.title(_plain(headline(meeting)))
        entry.updated(meeting.last_reported or now)
        if meeting.first_reported:
            entry.published(meeting.first_reported)
        if meeting.reports:
            entry.link(href=_plain(meeting.reports[0].url), rel="alternate")
        entry.content(_plain(_description(meeting)), type="text")
    return bytes(feed.atom_str(pretty=True))


def icalendar_file(answer: WatchAnswer, *, now: datetime) -> bytes:
    """The meetings of a watch whose day is known, as all-day events: held and planned ones, and cancelled ones marked as such."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Sidelines//meetings//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Meetings: {answer.watch.question}")
    for meeting in answer.meetings:
        if meeting.start_date and meeting.date_precision == "day":
            calendar.add_component(_calendar_event(meeting, meeting.start_date, now))
    return bytes(calendar.to_ical())


_CALENDAR_STATUS = {Status.HELD: "CONFIRMED", Status.PLANNED: "TENTATIVE", Status.CANCELLED: "CANCELLED"}


def _calendar_event(meeting: DigestMeeting, day: date, now: datetime) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", f"{meeting.meeting_id}@sidelines")
    event.add("dtstamp", (meeting.last_reported or now).astimezone(UTC))
    event.add("dtstart", day)
    event.add("dtend", (meeting.end_date or day) + timedelta(days=1))  # the end of an all-day event is the day after it
    event.add("summary", _plain(headline(meeting)))
    event.add("status", _CALENDAR_STATUS[Status(meeting.status)])
    event.add("description", _plain(_description(meeting)))
    if place := ", ".join(part for part in (meeting.venue, meeting.city, meeting.country) if part):
        event.add("location", _plain(place))
    if meeting.reports:
        event.add("url", _plain(meeting.reports[0].url))
    return event


def _plain(text: str) -> str:
    """Without the control characters that neither XML nor iCalendar may hold."""
    return "".join(character for character in text if character.isprintable() or character == "\n")


def _files(home: Path, watch_id: str) -> tuple[Path, Path, Path]:
    folder = home / "watches"
    return folder / f"{watch_id}.atom", folder / f"{watch_id}.ics", folder / f"{watch_id}.told.json"


def _replace(path: Path, content: bytes) -> None:
    """All of it or nothing, whenever the process dies."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)
