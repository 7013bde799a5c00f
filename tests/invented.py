"""Invented meetings of realistic shape, by the thousand, from a seed: for the report's tests and benchmark."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from warehouse.digest import Digest, DigestConflict, DigestMeeting, DigestOutcome, DigestParty, DigestReport, DigestSource

COUNTRIES = {
    "IRN": "Iran", "DZA": "Algeria", "KEN": "Kenya", "CHN": "China", "RUS": "Russia", "USA": "United States",
    "GBR": "United Kingdom", "FRA": "France", "DEU": "Germany", "TUR": "Türkiye", "SAU": "Saudi Arabia",
    "ARE": "United Arab Emirates", "QAT": "Qatar", "OMN": "Oman", "PAK": "Pakistan", "IND": "India", "JPN": "Japan",
    "KOR": "South Korea", "IDN": "Indonesia", "EGY": "Egypt", "NGA": "Nigeria", "ZAF": "South Africa", "BRA": "Brazil",
    "VEN": "Venezuela", "KAZ": "Kazakhstan", "UZB": "Uzbekistan", "AZE": "Azerbaijan",
}
FIRST = ("Ali", "Sara", "Wei", "Ivan", "John", "Maria", "Ahmed", "Fatima", "Hiroshi", "Min", "Kofi", "Thabo", "Luis", "Ana", "Nur")
LAST = ("Rahimi", "Benali", "Otieno", "Zhang", "Petrov", "Smith", "Rossi", "Khan", "Tanaka", "Kim", "Mensah", "Dlamini", "Silva", "Karimov")
ROLES = ("Foreign Minister", "Minister of Energy", "President", "Prime Minister", "Ambassador")
TOPICS = ("trade", "energy", "nuclear", "health", "space", "cybersecurity", "peace_conflict", "bilateral_relations", "tourism", "sanctions")
EVENTS = ("World Telecommunication Development Conference 2025", "UN General Assembly", "COP30", "Munich Security Conference")


def digest_of(count: int, *, today: date = date(2026, 3, 1), seed: int = 1) -> Digest:
    draw = random.Random(seed)
    meetings = sorted((_meeting(draw, number, today) for number in range(count)), key=lambda m: (m.day or today), reverse=True)
    return Digest(
        meetings=tuple(meetings),
        countries=COUNTRIES,
        conflicts=(DigestConflict(meeting_id=meetings[-1].meeting_id, field="city", values=("Baku", "Tehran")),),
        sources=tuple(
            DigestSource(source_id=f"s{n}", name=f"Source {n}", country="IRN" if n else None, articles=90 * n, meetings=9 * n,
                         newest=datetime(2026, 2, 28, tzinfo=UTC), state="ok" if n % 4 else "unreachable", reason=None if n % 4 else "dns")
            for n in range(8)
        ),
    )


def _meeting(draw: random.Random, number: int, today: date) -> DigestMeeting:
    day = today + timedelta(days=8 - int(draw.random() ** 2 * 400))
    status = "planned" if day > today else draw.choices(("held", "cancelled"), (30, 1))[0]
    told = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    report = DigestReport(
        url=f"https://news.example/{number}", title="Ministers meet in Baku", publisher="Example News", published=told,
        sentence="The two ministers met on the sidelines of the conference and went through trade and energy.",
    )
    return DigestMeeting(
        meeting_id=UUID(int=number + 1), status=status, mode=draw.choices(("in_person", "phone", "video"), (8, 2, 1))[0],
        start_date=day if draw.random() < 0.8 else None, end_date=None, date_precision="day", first_day=day, last_day=day,
        city="Baku", country="AZE", venue=None, host_event=draw.choice((*EVENTS, None, None, None)), host_event_acronym=None,
        background=False, confidence=0.9, outlets=draw.choice((1, 1, 1, 2)), first_reported=told, last_reported=told,
        parties=tuple(
            DigestParty(kind="person", name=f"{draw.choice(FIRST)} {draw.choice(LAST)}" if draw.random() < 0.85 else None,
                        role=draw.choice(ROLES), country=country, organization=None)
            for country in draw.sample(tuple(COUNTRIES), 2 if draw.random() < 0.9 else 3)
        ),
        topics=tuple(draw.sample(TOPICS, 2)),
        outcomes=(DigestOutcome(kind="agreed", text="to set up a joint working group"),) if draw.random() < 0.2 else (),
        reports=(report,) * draw.choice((1, 1, 1, 2)),
    )
