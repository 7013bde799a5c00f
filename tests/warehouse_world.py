"""A small made-up world for warehouse tests: few people, few days, so that reports collide often. All of it follows from the seed."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from parsers.records import (
    Article,
    DatePrecision,
    Evidence,
    EvidenceField,
    HostEvent,
    Meeting,
    Mode,
    Outcome,
    OutcomeKind,
    Participant,
    PartyKind,
    RoleClass,
    Span,
    Status,
    Topic,
)
from warehouse import ArticleEntry, ArticleStatus, WarehousePaths

FIRST_DAY = date(2025, 11, 1)
PEOPLE = (
    ("Sattar Moradi", "IRN", "energy minister", RoleClass.MINISTER), ("Sattar Moraadi", "IRN", "energy minister", RoleClass.MINISTER),
    ("Moradi", "IRN", "energy minister", RoleClass.MINISTER), (None, "IRN", "energy minister", RoleClass.MINISTER),
    ("Yacine Belkacem", "DZA", "energy minister", RoleClass.MINISTER), ("Belkacem", "DZA", "energy minister", RoleClass.MINISTER),
    ("Wanjiru Kamau", "KEN", "foreign minister", RoleClass.FOREIGN_MINISTER), (None, "KEN", "foreign minister", RoleClass.FOREIGN_MINISTER),
    ("Wanjiru Kamaw", "KEN", "foreign minister", RoleClass.FOREIGN_MINISTER), ("Peter Kamau", "KEN", "president", RoleClass.HEAD_OF_STATE),
)
EVENTS = (None, None, HostEvent(name="Energy Forum", acronym="EF-25"), HostEvent(name="Energy Forum"))
WORDS = (
    "talks", "pipeline", "minister", "agreed", "visit", "trade", "port", "gas", "border", "water", "school",
    "health", "joint", "plan", "week", "harbour", "road", "bridge", "train", "loan",
)

TABLES = (
    "article", "mention", "mention_participant", "mention_topic", "mention_outcome", "mention_evidence", "meeting", "meeting_participant",
    "meeting_mention", "meeting_topic", "meeting_outcome", "meeting_status", "person", "internal.node", "internal.spelling",
)


def moment(day: int, hour: int = 12) -> datetime:
    return datetime.combine(FIRST_DAY, datetime.min.time(), UTC) + timedelta(days=day, hours=hour)


def entry(
    number: int, meetings: Sequence[Meeting], *, day: int = 5, observed: int = 100, text: str | None = None, version: str = "1",
    source: str | None = None,
) -> ArticleEntry:
    """Article `number`, published on `day` and extracted `observed` hours after the first day."""
    words = random.Random(number)
    return ArticleEntry(
        article=Article(url=f"https://paper{number % 7}.example/{number}", title=f"Title {number}", language="en",
                        text=text or "They met for talks. " + " ".join(words.choice(WORDS) for _ in range(60)), published=moment(day)),
        observed_at=moment(0, observed), extractor_version=version, source_id=source or f"paper{number % 7}",
        status=ArticleStatus.EXTRACTED if meetings else ArticleStatus.NO_MEETING, meetings=tuple(meetings),
    )


def party(name: str | None, country: str | None, role: str | None = None, role_class: RoleClass | None = None) -> Participant:
    return Participant(kind=PartyKind.PERSON, name=name, country=country, role=role, role_class=role_class)


def meeting(
    *parties: Participant, status: Status = Status.HELD, start: date | None = None, city: str | None = None,
    country: str | None = None, event: HostEvent | None = None, mode: Mode = Mode.UNKNOWN,
) -> Meeting:
    return Meeting(
        status=status, mode=mode, participants=parties, confidence=0.75,
        evidence=(Evidence(field=EvidenceField.MEETING, span=Span(0, 19)),),
        start_date=start, date_precision=DatePrecision.DAY if start else None, city=city, country=country, host_event=event,
        topics=(Topic.ENERGY,), outcomes=(Outcome(kind=OutcomeKind.AGREED, text="to meet again"),),
    )


def random_meeting(chance: random.Random) -> Meeting:
    parties = [party(*person) for person in chance.sample(PEOPLE, chance.choice((2, 2, 2, 3)))]
    start = FIRST_DAY + timedelta(chance.randrange(8)) if chance.random() < 0.5 else None
    status = chance.choice((Status.HELD, Status.HELD, Status.HELD, Status.PLANNED, Status.CANCELLED))
    city, country = chance.choice(((None, None), (None, None), ("Baku", "AZE"), ("Algiers", "DZA")))
    return meeting(*parties, status=status, start=start, city=city, country=country, event=chance.choice(EVENTS))


def random_entry(chance: random.Random, articles: int) -> ArticleEntry:
    """An extraction of one of `articles` articles; some tell of nothing, some repeat another's text."""
    number = chance.randrange(articles)
    text = "They met for talks on the shared gas field and agreed to name a joint committee. " * 3 if chance.random() < 0.3 else None
    meetings = [random_meeting(chance) for _ in range(chance.choice((0, 1, 1, 1, 2)))]
    return entry(number, meetings, day=number % 9, observed=chance.randrange(100, 10_000), text=text, version=chance.choice(("1", "2")))


def contents(database: Path, tables: Sequence[str] = TABLES) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the tables, in a fixed order, as text."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        return {name: connection.execute(f"SELECT * FROM (SELECT COLUMNS(*)::VARCHAR FROM {name}) ORDER BY ALL").fetchall()
                for name in tables}
    finally:
        connection.close()


def fresh(folder: Path, name: str = "warehouse") -> WarehousePaths:
    return WarehousePaths.under(folder / name)
