"""Date expressions in English text, resolved against the day from which the text speaks: "Nov. 20", "on Thursday", "the same day".

A weekday is the last one on or before that day, or the next one after it where the text looks ahead. Where the day is unknown only full
dates are read. This module reads expressions; which of them is the date of a contact is decided in `parsers.dates`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from parsers.catalog import read_toml
from parsers.errors import CatalogError
from parsers.records import Dateline, DatePrecision, Span

_FILE = "languages/en/dates.toml"
_KEYS = (
    "months",
    "weekdays",
    "saying",
    "foreign_prepositions",
    "foreign_nouns",
    "frames",
    "frame_openers",
    "contact",
    "perfects",
    "ahead",
    "wide",
    "turns",
    "arrival",
)
_YEARS = range(1900, 2101)


@dataclass(frozen=True, slots=True, kw_only=True)
class DateMention:
    """A date expression in the text, resolved. anaphoric: it counts from a day named before ("the same day")."""

    start_date: date
    end_date: date | None
    precision: DatePrecision
    span: Span
    anaphoric: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    expression: re.Pattern[str]
    months: Mapping[str, int]
    weekdays: Mapping[str, int]


@cache
def date_words() -> Mapping[str, Any]:
    """The checked table of date words. Raises CatalogError where a list is missing or has a wrong length."""
    table = read_toml(_FILE, keys=frozenset(_KEYS))
    for key in _KEYS:
        if not table.get(key):
            raise CatalogError(_FILE, key, "is empty or missing")
    if len(table["months"]) != 12 or len(table["weekdays"]) != 7:
        raise CatalogError(_FILE, "months, weekdays", "there are twelve months and seven weekdays")
    return table


def either(words: Iterable[str]) -> str:
    """A pattern that matches any of the words, the longest first; a space matches any white space."""
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


@cache
def _names() -> _Names:
    table = date_words()
    return _Names(
        expression=_expression(f"(?:{either(form for forms in table['months'] for form in forms)})", either(table["weekdays"])),
        months={form.casefold(): number for number, forms in enumerate(table["months"], 1) for form in forms},
        weekdays={name.casefold(): number for number, name in enumerate(table["weekdays"])},
    )


def _expression(month: str, weekday: str) -> re.Pattern[str]:
    """One pattern with a named group for each way to write a date; the longer forms stand first."""
    day = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
    year = r"(?:19|20)\d\d"
    to = r"\s*(?:-|–|—|\bto\b|\bthrough\b|\buntil\b|\btill\b|\band\b)\s*"
    # A month alone counts only after these words; each look-behind has its own fixed width.
    before_month = "|".join(
        rf"(?<=\b{word}\s)"
        for word in (
            "[Ii]n",
            r"in\searly",
            r"in\slate",
            r"end\sof",
            r"beginning\sof",
            r"start\sof",
            r"middle\sof",
            "[Ll]ast",
            "next",
            "during",
        )
    )
    numbers = r"two|three|four|five|six|seven|ten|\d{1,2}"
    forms = {
        "iso": rf"(?<!\d){year}-(?:1[0-2]|0\d)-(?:3[01]|[0-2]\d)(?!\d)",
        "dm_dm": rf"(?<![\d.,/]){day}\s+{month}\.?{to}{day}\s+{month}\.?(?:,?\s+{year})?",
        "d_dm": rf"(?<![\d.,/]){day}{to}{day}\s+(?:of\s+)?{month}\b\.?(?:,?\s+{year})?",
        "md_md": rf"{month}\.?\s+{day}(?:,\s*{year})?{to}{month}\.?\s+{day}(?:,?\s+{year})?(?!\d)",
        "md_d": rf"{month}\.?\s+{day}{to}{day}(?!\d|\s*(?:{month}|percent|people|countries))(?:,?\s+{year})?",
        "dmy": rf"(?<![\d.,/]){day}(?:\s+day)?(?:\s+of)?[\s-]+{month}\b\.?(?:,?[\s-]+{year})?",
        "mdy": rf"{month}\.?\s+{day}(?![\d:%]|\.\d)(?:,?\s+{year}\b)?",
        "numeric": rf"(?<![\d./])(?:3[01]|[12]\d|0?[1-9])(?P<mark>[./])(?:1[0-2]|0?[1-9])(?P=mark){year}(?!\d)",
        "weekday_day": rf"(?:{weekday})\s+\(\d{{1,2}}\)",
        "weekday": rf"(?:(?i:last|next|this|this\s+past|this\s+coming|coming|the\s+following|the\s+previous)\s+)?(?:{weekday})\b",
        "two_days": r"(?i:the\s+day\s+(?:before\s+yesterday|after\s+tomorrow))\b",
        "day_word": r"(?i:(?:(?:earlier|later|early|late)\s+)?"
        r"(?:today|yesterday|tomorrow|tonight|last\s+night|this\s+(?:morning|afternoon|evening)))\b",
        "same_day": r"(?i:(?:earlier|later)\s+(?:in|on)\s+(?:the|that)\s+(?:same\s+)?day|(?:(?:earlier|later|on)\s+)?(?:the|that)\s+same\s+"
        r"(?:day|morning|afternoon|evening)|(?:earlier|later)\s+that\s+(?:day|morning|afternoon|evening)|on\s+that\s+day|"
        r"that\s+(?:evening|morning|afternoon))\b",
        "shifted": rf"(?i:(?:a|one|{numbers})\s+days?\s+(?:earlier|later|ago|before(?=\s*(?:[,.;]|$)))"
        r"|the\s+(?:previous|next|following)\s+day|the\s+day\s+(?:before|after)(?=\s*[,.]|\s*$)|the\s+night\s+before)\b",
        "month_word": r"(?i:(?:early|earlier|late|later)\s+)?(?i:last|next|this)\s+month\b",
        "month_year": rf"{month}\.?,?\s+(?:of\s+)?(?:{year}\b|(?:last|this|next)\s+year\b)",
        "month": rf"(?:{before_month}){month}\b",
        "year": rf"(?:(?<=\b[Ii]n\s)|(?<=\bduring\s)|(?<=\bend\sof\s)){year}\b(?!\s*(?:percent|people))",
        "year_word": r"(?i:last|next)\s+year\b",
    }
    # Months and weekdays count only with a capital ("may", "sun" are other words); the words around them ignore case.
    return re.compile(
        "|".join(rf"(?P<{name}>\b{form})" if name not in ("iso", "numeric") else rf"(?P<{name}>{form})" for name, form in forms.items())
    )


def speaking_day(published: date | None, dateline: Dateline | None) -> date | None:
    """The day from which the article speaks: the dateline's where it lies within the week up to publication, else the publication's."""
    day = dateline.day if dateline is not None else None
    if published is None:
        return day
    if day is not None and timedelta(0) <= published - day <= timedelta(days=7):
        return day
    return published


# What every date expression holds: a figure, a capitalised name (month, weekday) after a word of time, or a word of time. A quick look
# before the long pattern runs.
_HINT = re.compile(r"\d|day|night|morning|afternoon|evening|tomorrow|month|year|(?:[Ii]n|during|early|late|of|mid-|[Ll]ast|next)\s?[A-Z]")


def scan_dates(text: str, offset: int, *, today: date | None, future: bool, current: date | None = None) -> Iterator[DateMention]:
    """Date expressions of `text`, which stands at `offset` of the document, in order.

    today: the day from which the text speaks, or None. future: whether days without a year lie ahead of it. current: the day that the
    story has reached, from which "the same day" counts; the days read here move it on.
    """
    if _HINT.search(text) is None:
        return
    for match in _names().expression.finditer(text):
        kind = match.lastgroup
        if kind == "mark":
            kind = "numeric"
        assert kind is not None
        anaphoric = kind in ("same_day", "shifted") and not match[0].endswith("ago")
        value = _read(kind, match[0], today=today, future=future, current=current)
        if value is None:
            continue
        start, end, precision = value
        yield DateMention(
            start_date=start,
            end_date=end,
            precision=precision,
            span=Span(offset + match.start(), offset + match.end()),
            anaphoric=anaphoric,
        )
        if precision is DatePrecision.DAY:
            current = start


_Value = tuple[date, date | None, DatePrecision]


def _read(kind: str, phrase: str, *, today: date | None, future: bool, current: date | None) -> _Value | None:
    try:
        if kind in _WRITTEN:
            return _read_written(kind, phrase, today, future)
        return _read_relative(kind, " ".join(phrase.casefold().split()), today, future, current)
    except (ValueError, OverflowError):  # 31 February, or a day before the calendar begins
        return None


_WRITTEN = frozenset({"iso", "dm_dm", "d_dm", "md_md", "md_d", "dmy", "mdy", "numeric", "month_year", "month", "year"})


def _read_written(kind: str, phrase: str, today: date | None, future: bool) -> _Value | None:
    months = [_names().months[word] for word in re.findall(r"[a-z]+", phrase.casefold()) if word in _names().months]
    numbers = [int(number) for number in re.findall(r"\d+", phrase)]
    years = [number for number in numbers if number in _YEARS]
    days = [number for number in numbers if number <= 31]
    if kind == "iso":
        return date.fromisoformat(phrase), None, DatePrecision.DAY
    if kind == "numeric":
        return date(years[0], days[1], days[0]), None, DatePrecision.DAY
    if kind == "year":
        return date(years[0], 1, 1), None, DatePrecision.YEAR
    if kind in ("month_year", "month"):
        if years:
            return date(years[0], months[0], 1), None, DatePrecision.MONTH
        if today is None:
            return None
        step = {"last": -1, "this": 0, "next": 1}.get(phrase.split()[-2].casefold()) if kind == "month_year" else None
        year = today.year + step if step is not None else _nearest_year(months[0], 15, today, future)
        return date(year, months[0], 1), None, DatePrecision.MONTH
    if years:
        year = years[-1]
    elif today is not None:
        year = _nearest_year(months[0], days[0], today, future)
    else:
        return None
    start = date(years[0] if years else year, months[0], days[0])
    if len(days) < 2:
        return start, None, DatePrecision.DAY
    end = date(year, months[-1], days[1])
    if end < start and not years:
        end = date(year + 1, months[-1], days[1])
    return (start, end, DatePrecision.DAY) if end > start else (start, None, DatePrecision.DAY)


_GRACE = timedelta(days=45)  # a day without a year may lie so far on the other side of today


def _nearest_year(month: int, day: int, today: date, future: bool) -> int:
    """The year of a day printed without one: the last such day for what was held, the next for what is planned.

    A day just on the other side of today keeps this side's year: "on March 10" in a report of 18 February is 20 days ahead.
    """
    first = today - timedelta(days=320) if not future else today - _GRACE
    last = today + _GRACE if not future else today + timedelta(days=320)
    for year in (today.year, today.year - 1, today.year + 1):
        if first <= date(year, month, min(day, 28)) <= last:
            return year
    return today.year


_SHIFTS = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10}


def _read_relative(kind: str, phrase: str, today: date | None, future: bool, current: date | None) -> _Value | None:
    day: date | None = None
    if kind in ("same_day", "shifted") and not phrase.endswith("ago"):
        anchor = current if current is not None else (today if phrase.endswith("in the day") else None)
        if anchor is None:
            return None
        if kind == "same_day":
            return anchor, None, DatePrecision.DAY
        words = phrase.split()
        count = 1 if words[0] == "the" else _SHIFTS.get(words[0]) or int(words[0])
        behind = any(word in ("earlier", "before", "previous") for word in words)
        return anchor + timedelta(days=-count if behind else count), None, DatePrecision.DAY
    if today is None:
        return None
    if kind == "shifted":
        first = phrase.split()[0]
        return today - timedelta(days=_SHIFTS.get(first) or int(first)), None, DatePrecision.DAY
    if kind == "weekday_day":
        number = int(re.findall(r"\d+", phrase)[0])
        for back in range(31):
            day = today + timedelta(days=back if future else -back)
            if day.day == number:
                return day, None, DatePrecision.DAY
        return None
    if kind == "weekday":
        return _weekday(phrase, today, future), None, DatePrecision.DAY
    if kind == "two_days":
        return today + timedelta(days=2 if "tomorrow" in phrase else -2), None, DatePrecision.DAY
    if kind == "day_word":
        shift = -1 if "yesterday" in phrase or "last" in phrase else 1 if "tomorrow" in phrase else 0
        return today + timedelta(days=shift), None, DatePrecision.DAY
    step = -1 if "last" in phrase else 1 if "next" in phrase else 0
    if kind == "month_word":
        month = today.year * 12 + today.month - 1 + step
        return date(month // 12, month % 12 + 1, 1), None, DatePrecision.MONTH
    return date(today.year + step, 1, 1), None, DatePrecision.YEAR


def _weekday(phrase: str, today: date, future: bool) -> date:
    number = _names().weekdays[phrase.split()[-1]]
    back = (today.weekday() - number) % 7
    ahead = (number - today.weekday()) % 7
    if phrase.startswith(("next", "coming", "this coming")) or (future and not phrase.startswith(("last", "this past", "the previous"))):
        return today + timedelta(days=(ahead or 7) if phrase.startswith("next") else ahead)
    return today - timedelta(days=(back or 7) if phrase.startswith("last") else back)
