"""The names in a sentence that may tell where something was: venues, cities, "the Azerbaijani capital", states.

Whether the contact was there is decided in `parsers.places`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from parsers.catalog import cities, countries, read_tsv, split_list
from parsers.cities import City
from parsers.countries import FormKind
from parsers.document import Sentence
from parsers.errors import CatalogError
from parsers.gazetteer import Gazetteer, fold
from parsers.records import Dateline, Span

_VENUES = "venues.tsv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One row of venues.tsv."""

    name: str
    city: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A name that may be a place; the span counts in the document. city: English name. country: ISO alpha-3."""

    city: str | None
    country: str | None
    venue: str | None
    span: Span


@cache
def venue_names() -> Gazetteer[Venue]:
    """The table of venues (venues.tsv). A form of two rows belongs to the first."""
    forms: dict[str, Venue] = {}
    for row in read_tsv(_VENUES, columns=("name", "city", "alpha3", "aliases"), required=("name", "city", "alpha3"), key="name"):
        if row["alpha3"] not in countries():
            raise CatalogError(_VENUES, row["name"], f"no state has the code {row['alpha3']!r}")
        venue = Venue(name=row["name"], city=row["city"], country=row["alpha3"])
        for form in (row["name"], *split_list(row["aliases"])):
            forms.setdefault(form, venue)
            forms.setdefault(fold(form), venue)
    return Gazetteer(forms)


_CAPITAL_OF = re.compile(r"^(?:['’]s)?\s+capital(?!\s+(?:[A-Z]|market|goods|punishment))\b")
# A town that no table knows, told by the state after it: "in Cornwall, England".
_TOWN_BEFORE = re.compile(r"\bin\s+(?P<town>[A-Z][\w’'-]+(?:[\s-][A-Z][\w’'-]+){0,2}),\s+$")
_CAPITAL_BEFORE = re.compile(r"\bcapital\s+of\s+(?:the\s+)?$")


def find_sites(sentence: Sentence, states: frozenset[str]) -> Iterator[Site]:
    """The names in the sentence, venues first, then cities, then states. states: those of the parties, which settle namesakes."""
    offset, text = sentence.span.start, sentence.text
    taken: list[Span] = []
    for found in venue_names().find(text):
        taken.append(found.span)
        yield Site(
            city=found.value.city,
            country=found.value.country,
            venue=found.form,
            span=_moved(found.span, offset),
        )
    for hit in cities().find(text):
        if any(span.overlaps(hit.span) for span in taken):
            continue
        taken.append(hit.span)
        city = _settled(text[hit.span.end : hit.span.end + 40], hit.city, hit.others, states)
        yield Site(
            city=city.name,
            country=city.alpha3,
            venue=None,
            span=_moved(hit.span, offset),
        )
    for state in countries().find(text):
        if any(span.overlaps(state.span) for span in taken):
            continue
        row = countries().get(state.alpha3)
        capital = row.capitals[0] if row is not None and row.capitals else None
        after = _CAPITAL_OF.match(text[state.span.end : state.span.end + 30])
        if capital and (after or _CAPITAL_BEFORE.search(text[max(0, state.span.start - 20) : state.span.start])):
            end = state.span.end + (after.end() if after else 0)
            yield Site(
                city=capital,
                country=state.alpha3,
                venue=None,
                span=Span(offset + state.span.start, offset + end),
            )
        elif (
            state.kind is FormKind.NAME
            and (town := _TOWN_BEFORE.search(text[max(0, state.span.start - 60) : state.span.start])) is not None
        ):
            start = max(0, state.span.start - 60) + town.start("town")
            yield Site(city=town["town"], country=state.alpha3, venue=None, span=Span(offset + start, offset + state.span.end))
        elif state.kind is FormKind.NAME:
            yield Site(
                city=None,
                country=state.alpha3,
                venue=None,
                span=_moved(state.span, offset),
            )


def _unknown_town(text: str, end: int) -> re.Match[str] | None:
    town = _TOWN_BEFORE.search(text[max(0, end - 60) : end])
    return town if town is not None and countries().lookup(town["town"]) is None else None


def _moved(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)


def _settled(after: str, first: City, others: tuple[City, ...], states: frozenset[str]) -> City:
    """Which namesake is meant: the one in the state or region named next, else one in a party's state if the first is no capital."""
    match = re.match(r",\s*(?:the\s+)?(?P<region>[A-Z][\w.’' -]{1,30})", after)
    if match is not None:
        for city in (first, *others):
            row = countries().get(city.alpha3)
            names = {city.region} | ({row.name, *row.aliases} if row is not None else set())
            if any(name and match["region"].startswith(name) for name in names):
                return city
    if not first.is_capital and first.alpha3 not in states:
        for city in others:
            if city.alpha3 in states and city.population * 20 > first.population:
                return city
    return first


def dateline_site(dateline: Dateline, span: Span) -> Site:
    """The place of the dateline, with its English name; `span` is what leads to it (\"here\")."""
    found = cities().lookup(dateline.city or "", alpha3=dateline.country) or cities().lookup(dateline.city or "")
    city = found.name if found else (dateline.city or "").title()
    country = dateline.country or (found.alpha3 if found else None)
    return Site(city=city or None, country=country, venue=None, span=span)
