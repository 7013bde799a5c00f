"""Dates as feeds and pages write them → aware datetimes, or None rather than a guess.

Reads ISO 8601 and its short forms, RFC 822 and what passes for it, epoch seconds and milliseconds, numeric dates whose order is certain,
and dates in words ("22 November 2025 - 10:15", "Nov 22, 2025, 3:05 PM IRST") with months of several languages. Zone names come from a
table (data/feed_dates.toml): a library that does not know IRST reads it as UTC, three and a half hours off. A date outside the plausible
window (1995 to two days after `now`) is None; the caller keeps the raw string.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import cache
from types import MappingProxyType

from parsers.catalog import read_toml
from parsers.errors import CatalogError

MAX_CHARACTERS = 80
EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=2)  # clocks of publishers run ahead, and some announce tomorrow's pages
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_NOWHERE = timezone(timedelta(hours=-23, minutes=-59))  # told apart by identity
_FILE = "feed_dates.toml"
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")

_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})(?:(?:t|\s+|\s*-\s*)(\d{1,2})(?::?(\d{2})(?::?(\d{2})(?:[.,:]\d{1,9})?)?)?)?"
    r"\s*([a-z]{1,5}|(?:gmt|utc)?[+-]\d{1,2}:?\d{0,2}(?::\d\d)?)?"
)
_MONTH_ONLY = re.compile(r"(\d{4})(?:-(\d{2}))?")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d+)?")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})(?!\d)")
_CLOCK = re.compile(
    r"(?<![\d+-])(\d{1,2})[:h](\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*([ap]\.?\s?m\b\.?)?|(?<![\d:])(\d{1,2})\s*([ap])\.?m\b\.?"
)
_OFFSET = re.compile(r"(?:\b(?:gmt|utc|ut)\s*)?(?<![\d])([+-])(\d{1,2})(?::?(\d{2}))?(?!\d)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"(?<!\d)(\d{1,2})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """months: word → 1..12. zones: name → minutes east of Greenwich."""

    months: Mapping[str, int]
    zones: Mapping[str, int]


@cache
def words() -> Words:
    """The tables of data/feed_dates.toml. Raises CatalogError where they are wrong."""
    table = read_toml(_FILE, keys=frozenset({"months", "zones"}))
    if set(table.get("months", {})) != set(_MONTHS):
        raise CatalogError(_FILE, "months", f"must be exactly {_MONTHS}")
    months: dict[str, int] = {}
    for number, name in enumerate(_MONTHS, 1):
        for word in (name, *table["months"][name]):
            if months.setdefault(word, number) != number:
                raise CatalogError(_FILE, f"months.{name}", f"{word!r} stands for two months")
    for name, minutes in table["zones"].items():
        if not isinstance(minutes, int) or not -12 * 60 <= minutes <= 14 * 60:
            raise CatalogError(_FILE, f"zones.{name}", f"{minutes!r} are no minutes east of Greenwich")
    return Words(months=MappingProxyType(months), zones=MappingProxyType(dict(table["zones"])))


def plausible(moment: datetime, *, now: datetime | None = None) -> bool:
    """Whether a news item may carry this time. Without `now` only the lower bound and the century count."""
    return EARLIEST <= moment <= (now + AHEAD if now is not None else _LATEST)


def read_date(raw: str, *, now: datetime | None = None, zone: tzinfo = UTC) -> datetime | None:
    """The moment that `raw` names, or None where it is unreadable, ambiguous or implausible.

    `zone` is taken where the string names none, or one that the table does not know. A date with no time is its midnight in that zone;
    see `has_clock`.
    """
    text = " ".join(raw.split()).lower()
    if not text or len(text) > MAX_CHARACTERS:
        return None
    try:
        moment = _read_epoch(text) or _read_iso(text, zone) or _read_written(text, zone)
        if moment is None or not plausible(moment, now=now):
            return None
    except (ValueError, OverflowError):  # a 31st of June, a 25th hour
        return None
    return moment


def has_clock(raw: str) -> bool:
    """Whether the string names a time of day, not just a day."""
    text = " ".join(raw.split()).lower()[:MAX_CHARACTERS]
    if _EPOCH.fullmatch(text):
        return True
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return iso.group(4) is not None
    return _CLOCK.search(text) is not None


def has_zone(raw: str) -> bool:
    """Whether the string says in which zone its time of day is."""
    text = " ".join(raw.split()).lower()[:MAX_CHARACTERS]
    if _EPOCH.fullmatch(text):
        return True
    iso = _ISO.fullmatch(text)
    if iso is not None:
        return bool(iso.group(7)) and _zone(iso.group(7), _NOWHERE) is not _NOWHERE
    clock = _CLOCK.search(text)
    return clock is not None and _zone(text[clock.end() :], _NOWHERE) is not _NOWHERE


def _read_epoch(text: str) -> datetime | None:
    match = _EPOCH.fullmatch(text)
    return datetime.fromtimestamp(int(match.group(1)), UTC) if match else None


def _read_iso(text: str, zone: tzinfo) -> datetime | None:
    if match := _MONTH_ONLY.fullmatch(text):
        return datetime(int(match.group(1)), int(match.group(2) or 1), 1, tzinfo=zone)
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, zone_text = match.groups()
    return _moment(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), _zone(zone_text or "", zone))


def _read_written(text: str, zone: tzinfo) -> datetime | None:
    """Dates in words or with slashes: takes the clock and the zone out, then looks for day, month and year in what is left."""
    clock = _CLOCK.search(text)
    hour, minute, second = _clock(clock) if clock else (0, 0, 0)
    rest = text[: clock.start()] + " ; " + text[clock.end() :] if clock else text
    day = _numeric_day(rest) or _worded_day(rest)
    if day is None:
        return None
    tail = text[clock.end() :] if clock else ""
    return _moment(*day, hour, minute, second, _zone(tail, zone))


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    hour = int(match.group(1) or match.group(5))
    half = (match.group(4) or match.group(6) or "")[:1]
    if half and not 1 <= hour <= 12:
        half = ""  # "15:30 pm"
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    return hour, int(match.group(2) or 0), int(match.group(3) or 0)


def _numeric_day(text: str) -> tuple[int, int, int] | None:
    match = _NUMERIC.search(text)
    if match is None:
        return None
    first, mark, second, third = match.group(1), match.group(2), int(match.group(3)), match.group(4)
    if len(first) == 4:
        return int(first), second, int(third)
    if len(third) != 4:
        return None
    day, month = int(first), second
    if mark == "/" and day <= 12 and month <= 12 and day != month:
        return None  # 04/05/2025 is a day in April or in May
    if month > 12:
        day, month = month, day
    return int(third), month, day


def _worded_day(text: str) -> tuple[int, int, int] | None:
    months = words().months
    found = next(((match, months[match.group()]) for match in _WORD.finditer(text) if match.group() in months), None)
    if found is None:
        return None
    word, month = found
    year = _YEAR.search(text)
    if year is not None:
        text = text[: year.start()] + " " * 4 + text[year.end() :]
    before = list(_NUMBER.finditer(text, 0, word.start()))
    after = list(_NUMBER.finditer(text, word.end()))
    if year is None:
        # "16-Nov-25": a year of two digits follows the month
        if not (before and after):
            return None
        short = int(after[0].group(1))
        return 1900 + short if short >= 90 else 2000 + short, month, int(before[-1].group(1))
    number = before[-1] if before else after[0] if after else None
    return (int(year.group(1)), month, int(number.group(1))) if number else None


def _zone(text: str, default: tzinfo) -> tzinfo:
    """The zone that the rest of a date string names: an offset, a name of the table, else the default."""
    if offset := _OFFSET.search(text):
        minutes = int(offset.group(2)) * 60 + int(offset.group(3) or 0)
        if len(offset.group(2)) == 1 or offset.group(3) or minutes <= 14 * 60:
            return timezone(timedelta(minutes=-minutes if offset.group(1) == "-" else minutes))
    for word in _WORD.finditer(text):
        if (minutes_east := words().zones.get(word.group())) is not None:
            return timezone(timedelta(minutes=minutes_east)) if minutes_east else UTC
    return default


def _moment(year: int, month: int, day: int, hour: int, minute: int, second: int, zone: tzinfo) -> datetime:
    days, hour = divmod(hour, 24) if hour == 24 else (0, hour)
    return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone) + timedelta(days=days)
