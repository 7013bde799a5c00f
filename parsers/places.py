"""Where a contact took place: city, state and venue, from the clause that places it.

A name counts when a preposition puts the contact there ("in Baku", "at the Kremlin"), when a journey leads there ("on a visit to Beijing"),
or when the text says "here" and a dateline tells where that is. A place that is only talked about ("the situation in Yemen"), or where
something was merely said, does not count. A dateline alone counts only for a contact at home: a guest received in the dateline's country.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from parsers.catalog import cities, countries, read_toml, read_tsv, split_list
from parsers.cities import City
from parsers.countries import FormKind
from parsers.document import Document, Sentence
from parsers.errors import CatalogError
from parsers.gazetteer import Gazetteer, fold
from parsers.records import Dateline, Mode, Span, Status
from parsers.scene import Scene

_WORDS = "languages/en/places.toml"
_VENUES = "venues.tsv"
_KEYS = ("located", "between", "elsewhere", "journey", "contact", "saying", "home")
_BESIDE = 110  # characters before a name that tell how it stands
_NEIGHBOURS = 10
_BEFORE = 8  # sentences before the trigger in which a journey is told
_LEAST = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlace:
    """country: ISO alpha-3. spans: what in the document says so, in order of the text; none in a dateline."""

    city: str | None
    country: str | None
    venue: str | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Venue:
    """One row of venues.tsv."""

    name: str
    city: str
    country: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """A name in a sentence that may be the place; the span counts in the document."""

    city: str | None
    country: str | None
    venue: str | None
    span: Span
    near: int  # characters of the sentence from which the words before the name are read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    score: float
    named: _Named


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    located: re.Pattern[str]
    elsewhere: re.Pattern[str]
    journey: re.Pattern[str]
    contact: re.Pattern[str]
    saying: re.Pattern[str]
    home: re.Pattern[str]
    venues: Gazetteer[Venue]


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


@cache
def _lexicon() -> _Lexicon:
    table = read_toml(_WORDS, keys=frozenset(_KEYS))
    for key in _KEYS:
        if not table.get(key):
            raise CatalogError(_WORDS, key, "is empty or missing")
    between = rf"(?:(?:{_either(table['between'])})[\s,]+){{0,4}}"
    return _Lexicon(
        located=re.compile(rf"\b(?:{_either(table['located'])})\s+{between}$", re.IGNORECASE),
        elsewhere=re.compile(rf"\b(?:{_either(table['elsewhere'])})\s+(?:now\s+|currently\s+)?$", re.IGNORECASE),
        journey=re.compile(rf"\b(?:{_either(table['journey'])})\s+{between}$", re.IGNORECASE),
        contact=re.compile(rf"\b(?:{_either(table['contact'])})\b", re.IGNORECASE),
        saying=re.compile(rf"\b(?:{_either(table['saying'])})\b[^,;]{{0,50}}$", re.IGNORECASE),
        home=re.compile(rf"\b(?:{_either(table['home'])})\b", re.IGNORECASE),
        venues=_venues(),
    )


def _venues() -> Gazetteer[Venue]:
    forms: dict[str, Venue] = {}
    for row in read_tsv(_VENUES, columns=("name", "city", "alpha3", "aliases"), required=("name", "city", "alpha3"), key="name"):
        if row["alpha3"] not in countries():
            raise CatalogError(_VENUES, row["name"], f"no state has the code {row['alpha3']!r}")
        venue = Venue(name=row["name"], city=row["city"], country=row["alpha3"])
        for form in (row["name"], *split_list(row["aliases"])):
            forms.setdefault(form, venue)
            forms.setdefault(fold(form), venue)
    return Gazetteer(forms)


def find_place(document: Document, scene: Scene, dateline: Dateline | None = None) -> FoundPlace | None:
    """The place of the contact, or None where the text leaves it open. A call or video meeting has none."""
    if scene.mode in (Mode.PHONE, Mode.VIDEO):
        return None
    states = {party.country for party in scene.parties if party.country}
    best: _Candidate | None = None
    for candidate in _candidates(document, scene, dateline, states):
        if best is None or candidate.score > best.score:
            best = candidate
    if best is not None and best.score >= _LEAST:
        return _complete(document, scene, dateline, best.named)
    return _at_home(document, scene, dateline, states)


def _candidates(document: Document, scene: Scene, dateline: Dateline | None, states: set[str]) -> Iterator[_Candidate]:
    trigger = document.sentences[scene.trigger]
    yield from _in_trigger(document, scene, trigger, dateline, states)
    own = [index for index in scene.sentences if index != scene.trigger and index not in scene.others]
    own.sort(key=lambda index: abs(index - scene.trigger))
    for rank, index in enumerate(own[:_NEIGHBOURS]):
        sentence = document.sentences[index]
        weight = (0.6 if sentence.in_title else 0.85) - 0.02 * rank
        yield from _in_neighbour(document, sentence, states, weight)
    first = max(0, scene.trigger - _BEFORE)
    for sentence in document.sentences[first : scene.trigger]:
        if sentence.index in own[:_NEIGHBOURS]:
            continue
        weight = 0.6 - 0.03 * (scene.trigger - sentence.index)
        yield from _in_neighbour(document, sentence, states, weight)


def _in_trigger(document: Document, scene: Scene, trigger: Sentence, dateline: Dateline | None, states: set[str]) -> Iterator[_Candidate]:
    text = document.text
    for named in _names(document, trigger, states):
        kind = _standing(text, trigger, named)
        if kind is None:
            continue
        score = {"venue": 1.0, "located": 0.95, "journey": 0.75}[kind] - 0.25 * (named.city is None)
        span = named.span
        between = text[scene.cue.end : span.start] if span.start >= scene.cue.end else text[span.end : scene.cue.start]
        score -= min(len(between), 400) / 2000
        if span.start >= scene.cue.end and _BREAK.search(between) and kind != "journey":
            score -= 0.25
        if _is_said(text, trigger, named):
            score -= 0.5
        yield _Candidate(score=score, named=named)
    if dateline is not None and dateline.city:
        for match in re.finditer(r"\bhere\b(?!\s+in\b)", trigger.text):
            start = trigger.span.start + match.start()
            yield _Candidate(score=0.9, named=_from_dateline(dateline, Span(start, start + 4)))


_BREAK = re.compile(r"[;]|\b(?:which|who|that|where|when|since|following|because|whose|about|regarding|over)\b", re.IGNORECASE)


def _in_neighbour(document: Document, sentence: Sentence, states: set[str], weight: float) -> Iterator[_Candidate]:
    text = document.text
    for named in _names(document, sentence, states):
        kind = _standing(text, sentence, named)
        if kind is None or _is_said(text, sentence, named):
            continue
        before = text[max(sentence.span.start, named.span.start - _BESIDE) : named.span.start]
        met = _lexicon().contact.search(before) or _lexicon().contact.search(
            text[named.span.end : min(sentence.span.end, named.span.end + 60)]
        )
        if kind == "journey":
            score = 0.75
        elif met or sentence.in_title:
            score = 0.9
        else:
            score = 0.4
        yield _Candidate(score=weight * (score - 0.2 * (named.city is None)), named=named)


def _standing(text: str, sentence: Sentence, named: _Named) -> str | None:
    """How the name stands in its sentence: "venue", "located", "journey", or None where nothing puts the contact there."""
    lexicon = _lexicon()
    before = text[max(sentence.span.start, named.near - _BESIDE) : named.near]
    after = text[named.span.end : min(sentence.span.end, named.span.end + 40)]
    if lexicon.journey.search(before):
        return "journey"
    if named.venue is not None:
        return "venue" if re.search(r"\b(?:at|in|inside|to|into|near|outside|visited)\s+(?:[\w’'-]+\s+){0,3}$", before) else None
    place = lexicon.located.search(before)
    if place is None:
        return None
    if lexicon.elsewhere.search(before[: place.start()]):
        return None
    if re.match(r"['’]s?\s+(?!(?:[A-Z]|capital|presidential|government|foreign|royal))", after):
        return None
    return "located"


def _is_said(text: str, sentence: Sentence, named: _Named) -> bool:
    before = text[max(sentence.span.start, named.near - _BESIDE) : named.near]
    match = _lexicon().saying.search(before)
    return match is not None and not _lexicon().contact.search(before[match.start() :])


# ── the names in a sentence ──────────────────────────────────────────────────────────────────────────────────────────

_CAPITAL_OF = re.compile(r"^(?:['’]s)?\s+capital(?!\s+(?:[A-Z]|market|goods|punishment))\b")
_CAPITAL_BEFORE = re.compile(r"\bcapital\s+of\s+(?:the\s+)?$")


def _names(document: Document, sentence: Sentence, states: set[str]) -> Iterator[_Named]:
    offset, text = sentence.span.start, sentence.text
    taken: list[Span] = []
    for found in _lexicon().venues.find(text):
        taken.append(found.span)
        yield _Named(
            city=found.value.city,
            country=found.value.country,
            venue=found.form,
            span=_moved(found.span, offset),
            near=offset + found.span.start,
        )
    for hit in cities().find(text):
        if any(span.overlaps(hit.span) for span in taken):
            continue
        taken.append(hit.span)
        city = _settled(text[hit.span.end : hit.span.end + 40], hit.city, hit.others, states)
        yield _Named(city=city.name, country=city.alpha3, venue=None, span=_moved(hit.span, offset), near=offset + hit.span.start)
    for state in countries().find(text):
        if any(span.overlaps(state.span) for span in taken):
            continue
        row = countries().get(state.alpha3)
        capital = row.capitals[0] if row is not None and row.capitals else None
        after = _CAPITAL_OF.match(text[state.span.end : state.span.end + 30])
        if capital and (after or _CAPITAL_BEFORE.search(text[max(0, state.span.start - 20) : state.span.start])):
            end = state.span.end + (after.end() if after else 0)
            yield _Named(
                city=capital,
                country=state.alpha3,
                venue=None,
                span=Span(offset + state.span.start, offset + end),
                near=offset + state.span.start,
            )
        elif state.kind is FormKind.NAME:
            yield _Named(city=None, country=state.alpha3, venue=None, span=_moved(state.span, offset), near=offset + state.span.start)


def _moved(span: Span, offset: int) -> Span:
    return Span(span.start + offset, span.end + offset)


def _settled(after: str, first: City, others: tuple[City, ...], states: set[str]) -> City:
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


# ── filling up ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _from_dateline(dateline: Dateline, span: Span | None) -> _Named:
    found = cities().lookup(dateline.city or "", alpha3=dateline.country) or cities().lookup(dateline.city or "")
    city = found.name if found else (dateline.city or "").title()
    country = dateline.country or (found.alpha3 if found else None)
    return _Named(city=city, country=country, venue=None, span=span or Span(0, 1), near=span.start if span else 0)


def _complete(document: Document, scene: Scene, dateline: Dateline | None, named: _Named) -> FoundPlace:
    """A country with no city takes the dateline's city where that lies in it and the contact was held at home."""
    city = named.city
    if city is None and dateline is not None and dateline.city and scene.status is Status.HELD:
        home = _from_dateline(dateline, None)
        if home.country == named.country and home.country is not None:
            city = home.city
    return FoundPlace(city=city, country=named.country, venue=named.venue, spans=(named.span,))


def _at_home(document: Document, scene: Scene, dateline: Dateline | None, states: set[str]) -> FoundPlace | None:
    if dateline is None or not dateline.city or scene.status is not Status.HELD or scene.background:
        return None
    home = _from_dateline(dateline, None)
    if home.country not in states:
        return None
    if not _lexicon().home.search(document.sentences[scene.trigger].text):
        return None
    return FoundPlace(city=home.city, country=home.country, venue=None, spans=())
