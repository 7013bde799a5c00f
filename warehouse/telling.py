"""A mention as the resolver sees it: its parties folded for comparison and the days on which its meeting can have been."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import combinations
from uuid import UUID

from parsers.identity import article_day
from parsers.records import CountrySource, DatePrecision, Mode, PartyKind, RoleClass, Status
from warehouse.spelling import body_words, fold, initials, skeleton, untitled

_BEFORE_REPORT = 4  # days that an undated report of a meeting may lag behind it
_AFTER_REPORT = 1  # a report from the other side of the date line
_PLAN_AHEAD = 45  # days that an undated plan may lie ahead
_OFF_AHEAD = 30  # days that an undated cancelled meeting may have lain ahead
_OFF_BEFORE = 3
_MOVED_FROM = 45  # days before a report of a postponement on which the first date may lie
SLACK = 5  # days by which each block window is widened: meetings at one event are compared across a gap of twice that
_BLOCK_PARTIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One party. `words` is the folded name of a person; `body` the name of the body, its own or the one it stands for."""

    kind: PartyKind
    name: str | None
    words: tuple[str, ...]
    role: str | None
    role_class: RoleClass | None
    portfolio: str | None
    country: str | None
    organization: str | None
    body: str | None
    country_source: CountrySource | None = None

    @property
    def side(self) -> str | None:
        """What it speaks for: its body, else its state."""
        return " ".join(body_words(self.body)) if self.body else self.country

    @property
    def sides(self) -> frozenset[str]:
        """What it stands for: a country, a body, or both."""
        return frozenset(filter(None, (self.country, " ".join(body_words(self.body)) if self.body else None)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One mention. `low` to `high` are the days on which the meeting can have been; `stated` says that the text names the day.

    Ids are the whole numbers of the UUIDs: they are compared and hashed millions of times.
    """

    mention_id: int
    article_id: int
    status: Status
    mode: Mode
    start: date | None
    end: date | None
    precision: DatePrecision | None
    published: date | None
    city: str | None
    country: str | None
    venue: str | None
    event: str | None
    acronym: str | None
    background: bool
    confidence: float
    parties: tuple[Party, ...]
    moved: bool = False
    """the text says that the meeting was put off to this date"""
    low: date | None = field(default=None)
    high: date | None = field(default=None)

    @property
    def stated(self) -> bool:
        return self.start is not None and self.precision is DatePrecision.DAY


def make_party(
    kind: str, name: str | None, role: str | None, role_class: str | None, portfolio: str | None, country: str | None,
    organization: str | None, country_source: str | None = None,
) -> Party:
    party_kind = PartyKind(kind)
    person = party_kind is PartyKind.PERSON
    return Party(
        kind=party_kind, name=name, words=untitled(fold(name)) if person and name else (), role=role,
        role_class=RoleClass(role_class) if role_class else None, portfolio=portfolio, country=country, organization=organization,
        body=organization or (name if not person else None), country_source=CountrySource(country_source) if country_source else None,
    )


def window(
    status: Status, start: date | None, end: date | None, precision: DatePrecision | None, published: date | None
) -> tuple[date | None, date | None]:
    """First and last day on which the meeting can have been: the stated days, else days about the publication that the status allows."""
    if start is not None and precision is DatePrecision.DAY:
        return start, max(start, end or start)
    if start is not None:
        last = _end_of(start, precision)
        if published is not None and status is Status.HELD:
            return start, max(start, min(last, published + timedelta(_AFTER_REPORT)))
        return start, last
    if published is None:
        return None, None
    if status is Status.HELD:
        return published - timedelta(_BEFORE_REPORT), published + timedelta(_AFTER_REPORT)
    if status is Status.PLANNED:
        return published - timedelta(1), published + timedelta(_PLAN_AHEAD)
    return published - timedelta(_OFF_BEFORE), published + timedelta(_OFF_AHEAD)


def _end_of(start: date, precision: DatePrecision | None) -> date:
    if precision is DatePrecision.YEAR:
        return date(start.year, 12, 31)
    following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return following - timedelta(1)


def report_day(article_id: int, published: datetime | None, *, polled: bool) -> date | None:
    """The day of publication (UTC). For an article without one that a feed led to: the day of its first fetch, which its id begins with.

    Of an article from an archive the fetch says nothing of its age: None, and without stated days its meetings meet no others.
    """
    if published is not None:
        return published.date()
    return article_day(UUID(int=article_id)) if polled else None


def block_window(told: Told) -> tuple[date, date] | None:
    """The days in which the mention looks for others; None for an undated mention of an undated article, which meets no other."""
    if told.low is None or told.high is None:
        return None
    low, high = told.low, told.high
    if told.moved and told.published is not None:
        low = min(low, told.published - timedelta(_MOVED_FROM))
    return low - timedelta(SLACK), high + timedelta(SLACK)


def block_keys(told: Told) -> tuple[int, ...]:
    """Numbers of 32 bits, one for each way to name two of the parties: mentions of one meeting share at least one."""
    keys = set()
    for one, other in combinations(told.parties[:_BLOCK_PARTIES], 2):
        for a in _party_keys(one):
            for b in _party_keys(other):
                keys.add(zlib.crc32("|".join(sorted((a, b))).encode()))
    return tuple(sorted(keys))


def _party_keys(party: Party) -> Iterator[str]:
    if party.country:
        yield f"c:{party.country}"
    if party.words:
        yield f"n:{skeleton(party.words[-1])}"
        if len(party.words) > 1 and not party.country:
            yield f"n:{skeleton(party.words[0])}"
    if party.body:
        words = body_words(party.body)
        yield f"o:{initials(words) or ''.join(words)}"
