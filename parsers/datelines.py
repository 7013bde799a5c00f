"""The opening of a wire report, "BAKU, Nov. 20 (Xinhua) --", and the agency that a text credits."""

import re
from dataclasses import dataclass
from datetime import date

from parsers.catalog import cities, countries
from parsers.days import scan_dates
from parsers.records import Dateline, DatePrecision

_HEAD = 1200  # characters of a text in which its dateline must stand
_LINE = 160  # characters of a line that are read as an opening

_UPPER = r"[A-ZÀ-ÖØ-ÞĀ-ŽƠƯẠ-Ỹ]"
_CITY_UPPER = rf"{_UPPER}[{_UPPER[1:-1]}.'’\-]+(?:[ -]{_UPPER}[{_UPPER[1:-1]}.'’\-]*){{0,3}}"
_CITY_MIXED = rf"(?:{_UPPER}[\w.'’\-]+)(?:[ -](?:{_UPPER}[\w.'’\-]+|de|do|el|al|la|of|upon)){{0,3}}"
_REGION = r"(?:,\s*(?!\d)(?P<region>[A-Z][\w.'’ \-]{1,30}?))?(?:\s*\[(?P<country>[A-Z][\w.' ]{1,30})\])?"
_MONTHS = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}\.?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = rf"(?P<date>{_MONTHS}\s+{_DAY}(?:,?\s+\d{{4}})?|{_DAY}\s+{_MONTHS}(?:,?\s+\d{{4}})?|\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}})"
_HIJRI = r"(?:\d{1,2}\s+[A-Z][\w'’\- ]{3,20}\s+\d{4}\s*A?H\.?\s*(?:,|/|corresponding\s+to)\s*)?"
_AGENCY = (
    r"(?:\((?P<agency>[A-Z][^()\n]{1,60})\)|/(?P<slashed>[A-Z]{3,12})/"
    r"|(?P<bare>[A-Z]{2,8}(?:\s[A-Z][a-z]+)?|Anadolu Agency|Xinhua|Reuters|Trend))"
)
_DASH = r"(?:-{1,3}|–|—|:|/{2})"

# Tried in order on the start of each of the text's first lines.
_FORMS = (
    # BAKU, Nov. 20 (Xinhua) -- · New York, Sep 23 (PTI) · Washington D.C. [USA], May 7 (ANI): · MOSCOW, June 11. /TASS/.
    re.compile(rf"(?P<city>{_CITY_UPPER}|{_CITY_MIXED}){_REGION},?\s+{_HIJRI}{_DATE}\s*[.,]?\s*{_AGENCY}\s*\.?\s*{_DASH}*\s*"),
    # DUSHANBE, January 26, 2012, Asia-Plus —
    re.compile(rf"(?P<city>{_CITY_UPPER}){_REGION},?\s+{_DATE},\s*(?P<bare>[A-Z][\w-]+(?:\s[A-Z]\w+)?)\s*(?:--|–|—)\s*"),
    # NAIROBI, Kenya, Aug 24 –
    re.compile(rf"(?P<city>{_CITY_UPPER}|{_CITY_MIXED}){_REGION},?\s+{_HIJRI}{_DATE}\s*(?:{_DASH}+|(?=\n)|\.\s)\s*"),
    # Brussels, 15/06/2020 - 20:05
    re.compile(rf"(?P<city>{_CITY_UPPER}|{_CITY_MIXED}){_REGION},\s+{_DATE}(?=\s)"),
    # ANKARA, (APP - UrduPoint / Pakistan Point News - 16th Sep, 2019 ) :
    re.compile(rf"(?P<city>{_CITY_UPPER}){_REGION},?\s+\((?P<agency>[A-Z][^()\n]{{1,40}}?)\s+-\s+{_DATE}\s*\)\s*{_DASH}*\s*"),
    # LONDON (Reuters) - · Brussels (ANTARA News) -
    re.compile(rf"(?P<city>{_CITY_UPPER}|{_CITY_MIXED}){_REGION}\s+{_AGENCY}\s*(?:{_DASH}+|(?=\n))\s*"),
    # ANKARA – Anadolu Agency
    re.compile(rf"(?P<city>{_CITY_UPPER}){_REGION}\s+[–—-]\s+(?P<bare>[A-Z][\w ]{{2,30}})(?=\n)"),
    # ASTANA. KAZINFORM -
    re.compile(rf"(?P<city>{_CITY_UPPER})\.\s+(?P<bare>[A-Z]{{3,12}})\s+{_DASH}+\s*"),
    # TEHRAN – · ISLAMABAD: · CAPE TOWN, South Africa –
    re.compile(rf"(?P<city>{_CITY_UPPER}){_REGION}\s*(?:[–—:]|-{{1,2}})\s*(?=\S)"),
    # Addis Ababa — · Kigali:
    re.compile(rf"(?P<city>{_CITY_MIXED}){_REGION}\s*(?:\s[–—]|\s--?\s|:)\s*(?=\S)"),
    # Jakarta.
    re.compile(rf"(?P<city>{_CITY_MIXED})\.\s+(?=[A-Z])"),
)
_AGENCY_ONLY = re.compile(r"\((?P<agency>[A-Z]{2,8})\)[:\s]\s*")
_CREDIT = re.compile(
    r"\b(?P<a>[A-Z]{3,8}|Xinhua|Reuters|Bloomberg|Anadolu(?:\s+Agency)?|Interfax|Yonhap|Kyodo|Tasnim|Fars|Mehr)(?:\s+news\s+agency)?\s+(?:has\s+)?(?:reported|reports)\b"
    r"|\baccording\s+to\s+(?:an?\s+|the\s+)?(?P<b>[A-Z]{3,8}|Xinhua|Reuters|Bloomberg|Anadolu|Interfax|Yonhap|Kyodo|Tasnim|Fars|Mehr)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A dateline and where it stands: start and end are offsets in the text; the report's own words begin at `end`."""

    dateline: Dateline
    start: int
    end: int


def read_dateline(text: str, published: date | None = None) -> Dateline | None:
    """The dateline of an article's text, or None. `published` gives a printed day without a year its year."""
    opening = find_opening(text, published)
    return opening.dateline if opening is not None else None


def find_opening(text: str, published: date | None = None) -> Opening | None:
    """The dateline with its place in the text. Only starts of lines near the text's beginning are tried."""
    position = 0
    for line in text[:_HEAD].split("\n"):
        start = position
        position += len(line) + 1
        if not line.strip():
            continue
        window = text[start : start + _LINE]
        for form in _FORMS:
            match = form.match(window)
            if match is not None and (opening := _opening(match, start, published)) is not None:
                return opening
        if (match := _AGENCY_ONLY.match(window)) is not None:
            return Opening(dateline=Dateline(agency=match["agency"]), start=start, end=start + match.end())
        if len(line) > _LINE:  # the first paragraph has begun, so a dateline would have been seen
            return None
    return None


def _opening(match: re.Match[str], start: int, published: date | None) -> Opening | None:
    found = match.groupdict()
    city = found["city"].strip(" .,")
    state = countries().lookup(found.get("country") or found.get("region") or "")
    country = state.alpha3 if state is not None else None
    named = cities().lookup(city, alpha3=country) or cities().lookup(city)
    agency = next((found[key] for key in ("agency", "slashed", "bare") if found.get(key)), None)
    if named is None and (not (found.get("date") or agency) or len(city) <= 3 or not (found["city"].isupper() or found.get("date"))):
        return None  # a word that no table knows needs a date or an agency beside it
    if country is None and named is not None:
        country = named.alpha3
    return Opening(
        dateline=Dateline(city=city, country=country, day=_day(found.get("date"), published), agency=agency),
        start=start,
        end=start + match.end(),
    )


def _day(printed: str | None, published: date | None) -> date | None:
    if printed is None:
        return None
    for mention in scan_dates(printed, 0, today=published, future=False):
        if mention.precision is DatePrecision.DAY:
            return mention.start_date
    return None


def read_credit(text: str) -> str | None:
    """The agency that the text credits with the report ("ISNA reported", "according to WAM"), or None."""
    match = _CREDIT.search(text[:20_000])
    return (match["a"] or match["b"]) if match is not None else None
