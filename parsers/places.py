"""Where a contact took place: city, state and venue, from the clause that places it.

A name counts when a preposition puts the contact there ("in Baku", "at the Kremlin"), when a journey leads there ("on a visit to Beijing"),
when the gathering beside which it was held is there, or when the text says "here" and a dateline tells where that is. A place that is only
talked about ("the situation in Yemen"), or where something was merely said, does not count. A dateline alone counts only for a contact at
home: a guest received in the dateline's country.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from parsers.catalog import countries, read_toml
from parsers.document import Document, Sentence
from parsers.errors import CatalogError
from parsers.records import Dateline, HostEvent, Mode, RoleClass, Span, Status
from parsers.scene import Scene
from parsers.sites import Site, dateline_site, find_sites
from parsers.voices import names_of, party_speaks, recalls_another

_WORDS = "languages/en/places.toml"
_KEYS = ("located", "between", "elsewhere", "offices", "journey", "invitation", "contact", "saying", "home", "bodies", "hosting")
_BESIDE = 120  # characters before a name that tell how it stands
_NEIGHBOURS = 10  # sentences of the scene beside its trigger that are read
_BEFORE = 8  # sentences before the trigger in which a journey is told
_CLOSE = 2  # sentences so near the trigger go on with the contact, whoever they name
_LEAD = 4  # sentences at the head of the article that may tell the journey of all its contacts
_EVENT_SENTENCES = 60  # sentences in which the place of the gathering is looked for
_LEAST = 0.3  # score below which a name is not the place


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPlace:
    """country: ISO alpha-3. spans: what in the document says so; none for a dateline."""

    city: str | None
    country: str | None
    venue: str | None
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    score: float
    site: Site


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    located: re.Pattern[str]
    elsewhere: re.Pattern[str]
    offices: re.Pattern[str]
    journey: re.Pattern[str]
    invitation: re.Pattern[str]
    contact: re.Pattern[str]
    saying: re.Pattern[str]
    home: re.Pattern[str]
    bodies: re.Pattern[str]
    hosting: re.Pattern[str]


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


@cache
def _lexicon() -> _Lexicon:
    table = read_toml(_WORDS, keys=frozenset(_KEYS))
    for key in _KEYS:
        if not table.get(key):
            raise CatalogError(_WORDS, key, "is empty or missing")
    words = {key: _either(table[key]) for key in _KEYS}
    between = rf"(?:(?:{words['between']})[\s,]+){{0,4}}"
    return _Lexicon(
        located=re.compile(rf"\b(?:{words['located']})\s+{between}$", re.IGNORECASE),
        elsewhere=re.compile(rf"\b(?:{words['elsewhere']})\s+(?:now\s+|currently\s+)?$", re.IGNORECASE),
        offices=re.compile(rf"\b(?:{words['offices']})\b(?:\s+(?:of|for|to|the|and|[A-Z][\w’'.-]*)){{0,10}}\s+$"),
        journey=re.compile(
            rf"\b(?:(?:{words['journey']})|(?:visit|trip|tour)\s+(?:of|by|paid\s+by)\s[^.;]{{1,80}}?\sto)\s+{between}$", re.IGNORECASE
        ),
        invitation=re.compile(rf"\b(?:{words['invitation']})\b", re.IGNORECASE),
        contact=re.compile(rf"\b(?:{words['contact']})\b", re.IGNORECASE),
        saying=re.compile(rf"\b(?:{words['saying']})\b[^,;]{{0,50}}$", re.IGNORECASE),
        home=re.compile(rf"\b(?:{words['home']})\b", re.IGNORECASE),
        bodies=re.compile(rf"\s+(?:[A-Z][\w’'-]*\s+){{0,3}}(?:{words['bodies']})\b"),
        hosting=re.compile(rf"(?:,\s+where\s[^,]{{1,40}},)?\s+(?:{words['hosting']})\b", re.IGNORECASE),
    )


def find_place(document: Document, scene: Scene, dateline: Dateline | None = None, beside: HostEvent | None = None) -> FoundPlace | None:
    """The place of the contact, or None where the text leaves it open. A call or video meeting has none.

    beside: the gathering at which it was held, whose place counts where the text tells no nearer one.
    """
    if scene.mode in (Mode.PHONE, Mode.VIDEO):
        return None
    states = frozenset(party.country for party in scene.parties if party.country)
    best: _Candidate | None = None
    for candidate in _candidates(document, scene, dateline, states, beside):
        if best is None or candidate.score > best.score:
            best = candidate
    post = _post_of_envoy(scene)
    if best is not None and best.score >= (_LEAST if post is None or best.site.country == post else _FIRM):
        return _complete(scene, dateline, best.site)
    at_home = _at_home(document, scene, dateline, states)
    if post is None or (at_home is not None and at_home.country == post):
        return at_home
    return FoundPlace(city=None, country=post, venue=None, spans=())


def _post_of_envoy(scene: Scene) -> str | None:
    """The state to which an ambassador of the contact is posted, where another party is of that state: it is there that they meet."""
    for party in scene.parties:
        posted = _POSTED.search(party.role or "") if party.role_class is RoleClass.AMBASSADOR else None
        form = countries().lookup(posted["where"]) if posted else None
        if form is not None and form.alpha3 != party.country and any(other.country == form.alpha3 for other in scene.parties):
            return form.alpha3
    return None


def _candidates(
    document: Document, scene: Scene, dateline: Dateline | None, states: frozenset[str], beside: HostEvent | None
) -> Iterator[_Candidate]:
    trigger = document.sentences[scene.trigger]
    held = scene.status is Status.HELD
    names = names_of(scene)
    yield from _in_trigger(document, scene, trigger, states)
    own = [index for index in scene.sentences if index != scene.trigger and index not in scene.others]
    own.sort(key=lambda index: abs(index - scene.trigger))
    for rank, index in enumerate(own[:_NEIGHBOURS]):
        sentence = document.sentences[index]
        yield from _in_neighbour(
            document,
            sentence,
            states,
            (0.6 if sentence.in_title else 0.85) - 0.02 * rank,
            held,
            names,
            abs(index - scene.trigger) <= _CLOSE,
        )
    for index in sorted(
        {*range(min(_LEAD, scene.trigger)), *range(max(0, scene.trigger - _BEFORE), scene.trigger)} - set(own[:_NEIGHBOURS])
    ):
        distance = min(scene.trigger - index, _BEFORE)
        yield from _in_neighbour(document, document.sentences[index], states, 0.66 - 0.03 * distance, held, names, distance <= _CLOSE)
    if scene.trigger and _THERE.search(trigger.text):
        yield from _there(document, document.sentences[scene.trigger - 1], states)
    if beside is not None:
        yield from _of_event(document, beside, states)
    if dateline is not None and dateline.city:
        for index in sorted({*range(min(_LEAD, scene.trigger)), scene.trigger}):
            for span in _here(document, document.sentences[index]):
                yield _Candidate(score=0.9 if index == scene.trigger else 0.5, site=dateline_site(dateline, span))
        if (
            held
            and (envoy := _ENVOY_TO.search(trigger.text)) is not None
            and envoy["where"].casefold().startswith(dateline.city.casefold())
        ):
            yield _Candidate(score=0.6, site=dateline_site(dateline, scene.cue))


_POSTED = re.compile(r"(?i:ambassador) (?:to|in) (?:the )?(?P<where>[A-Z][\w .’'-]*\w)$")
_FIRM = 0.8  # a place that outweighs the post of an ambassador
# "met the Russian Ambassador to Tehran" under the dateline TEHRAN
_ENVOY_TO = re.compile(r"\b[Aa]mbassador\s+(?:to|in)\s+(?P<where>[A-Z]\w+(?:\s[A-Z]\w+)?)(?=\s|,|\.|$)")
_HERE = re.compile(r"\bhere\b(?!\s+(?:in|at)\b)|\bin\s+this\s+(?:city|capital|town)\b")
_OWN_CLAUSE = re.compile(r"\W*(?:that|which|where|when)\b", re.IGNORECASE)  # "the talks which he was to have in China"
_BREAK = re.compile(r"[;]|\b(?:which|who|that|where|when|since|following|because|whose|about|regarding|over)\b", re.IGNORECASE)


def _here(document: Document, sentence: Sentence) -> Iterator[Span]:
    for match in _HERE.finditer(sentence.text):
        start = sentence.span.start + match.start()
        if not _is_said(document.text, sentence, start):
            yield Span(start, start + len(match[0]))


_THERE = re.compile(r"\bthere\b(?!\s+(?:is|are|was|were|has|have|had|will|would|be|being)\b)|^There\s+(?:he|she|they|the)\b")


def _there(document: Document, sentence: Sentence, states: frozenset[str]) -> Iterator[_Candidate]:
    """What "there" means: the last place of the sentence before, even if something was merely said in it."""
    sites = [site for site in find_sites(sentence, states) if _standing(document.text, sentence, site) is not None]
    if sites:
        yield _Candidate(score=0.88, site=max(sites, key=lambda site: (site.city is not None, site.span.start)))


def _in_trigger(document: Document, scene: Scene, trigger: Sentence, states: frozenset[str]) -> Iterator[_Candidate]:
    text = document.text
    for site in find_sites(trigger, states):
        kind = _standing(text, trigger, site)
        if kind is None:
            continue
        score = {"venue": 1.0, "located": 0.95, "journey": 0.85}[kind]
        span = site.span
        if site.city is None:  # a state, all the more before the cue, is often what they talked about
            score -= 0.25 if span.start >= scene.cue.end else 0.4
        between = text[scene.cue.end : span.start] if span.start >= scene.cue.end else text[span.end : scene.cue.start]
        score -= min(len(between), 400) / 2000
        if span.start >= scene.cue.end and kind != "journey" and not _OWN_CLAUSE.match(between) and (broken := _BREAK.search(between)):
            score -= 0.2 if "," in between[broken.end() :] else 0.45
        if _is_said(text, trigger, span.start):
            score -= 0.7
        yield _Candidate(score=score, site=site)


def _in_neighbour(
    document: Document, sentence: Sentence, states: frozenset[str], weight: float, held: bool, names: frozenset[str], close: bool
) -> Iterator[_Candidate]:
    text = document.text
    if recalls_another(sentence.text) or _of_another_year(document, sentence):
        return
    spoken = close or party_speaks(sentence.text, names)
    for site in find_sites(sentence, states):
        kind = _standing(text, sentence, site)
        if kind == "journey" and held and _is_ahead(text, sentence, site.span.start):
            continue
        if kind is None or _is_said(text, sentence, site.span.start):
            continue
        before = text[max(sentence.span.start, site.span.start - _BESIDE) : site.span.start]
        after = text[site.span.end : min(sentence.span.end, site.span.end + 60)]
        if not held and kind != "journey" and not sentence.in_title and not _LOOKS_AHEAD.search(sentence.text):
            continue
        if kind == "journey":
            score = 0.75
        elif sentence.in_title or (spoken and (_lexicon().contact.search(before) or _lexicon().contact.search(after))):
            score = 0.9 if site.city else 0.7  # "in Myanmar" is what they talked about more often than not
        else:
            score = 0.55 if any(name in sentence.text for name in names) else 0.4
        yield _Candidate(score=weight * (score - 0.2 * (site.city is None)), site=site)


def _of_another_year(document: Document, sentence: Sentence) -> bool:
    """Whether the sentence names a year before that of publication, so that it looks back."""
    year = document.published.year if document.published else None
    return year is not None and any(int(found) < year for found in _YEAR.findall(sentence.text))


_YEAR = re.compile(r"\b(?:in|of|since|,)\s+((?:19|20)\d\d)\b")


def _of_event(document: Document, beside: HostEvent, states: frozenset[str]) -> Iterator[_Candidate]:
    """The place of the gathering, from a sentence that names it."""
    labels = [label for label in (beside.name, beside.acronym) if label and len(label) > 2]
    for sentence in document.sentences[:_EVENT_SENTENCES]:
        if not any(label in sentence.text for label in labels):
            continue
        for site in find_sites(sentence, states):
            if _standing(document.text, sentence, site) is not None and not _is_said(document.text, sentence, site.span.start):
                yield _Candidate(score=0.68 - 0.2 * (site.city is None), site=site)


def _standing(text: str, sentence: Sentence, site: Site) -> str | None:
    """How the name stands in its sentence: "venue", "located", "journey", or None where nothing puts the contact there."""
    lexicon = _lexicon()
    before = text[max(sentence.span.start, site.span.start - _BESIDE) : site.span.start]
    after = text[site.span.end : min(sentence.span.end, site.span.end + 60)]
    if site.venue is None and (lexicon.bodies.match(after) or _PROCESS.match(after)):
        return None
    if (way := lexicon.journey.search(before)) is not None:
        return None if lexicon.invitation.search(before[: way.end()]) or _SEAT.search(before[: way.start()]) else "journey"
    if site.venue is not None:
        if re.search(r"\b[Aa]ccording\s+to\s+(?:the\s+)?$", before):
            return None
        return (
            "venue"
            if re.search(r"\b(?:(?:at|in|inside|into|near|outside|visited)\s+(?:[\w’'-]+\s+){0,3}|to\s+(?:the\s+)?)$", before)
            else None
        )
    if lexicon.hosting.match(after) or (_AT_HIS.search(before) and _OFFICE.match(after)) or _AT_NAMED.search(before):
        return "located"
    if sentence.in_title and before.endswith("(") and re.match(r",\s*\d", after):  # "... to meet ... (Paris, 20.09.18)"
        return "located"
    place = lexicon.located.search(before)
    if (
        place is None
        or _STILL_TO_COME.search(before[: place.start()])
        or lexicon.elsewhere.search(before[: place.start()])
        or lexicon.offices.search(before[: place.start()])
    ):
        return None
    if re.match(r"['’]s?\s+(?!(?:[A-Z]|capital|presidential|government|foreign|royal))", after):
        return None
    return "located"


_LOOKS_AHEAD = re.compile(
    r"\b(?:will|would|shall|is\s+to|are\s+to|was\s+to|were\s+to|to\s+(?:meet|hold|host|attend)|plan\w*|schedul\w+|expected|due|set\s+to|upcoming)\b"
)
_AT_NAMED = re.compile(
    r"\b(?:at|inside)\s+(?:the\s+|its\s+|his\s+|her\s+)?(?:[A-Z][\w’'.-]*\s+(?:of\s+|for\s+|the\s+|and\s+)*){1,6}(?:of|in)\s+$|"
    r"\bat\s+(?:the|his|her|their|its)\s+(?:[\w’'-]+\s+){0,5}(?:headquarters|office|embassy|palace|ministry|residence|hotel|villa|base)\s+[^,;.]{0,40}\bin\s+$|"
    r"\bat\s+(?:the\s+)?headquarters\s+of\s+[^,;.]{0,60}\bin\s+$"
)
# "held ahead of the talks, which begin in Astana"
_STILL_TO_COME = re.compile(r"\b(?:ahead\s+of|prior\s+to)\b[^.;]{0,100}$|\bbefore\s+the\b[^.;,]{0,60}$")
_PROCESS = re.compile(
    r"\s+(?:(?:peace|nuclear|ceasefire)\s+)?(?:talks|process|format|track|accords?|agreements?|deal|negotiations)\b"
)  # "the Astana talks"
_SEAT = re.compile(r"\b(?:seat|headquarters|office|offices|base|home|residence|mission)\s+$")  # "whose seat is in Moscow"
_AT_HIS = re.compile(r"\bat\s+(?:his|her|their|its|the)\s+$")  # "at his Nairobi office"
_OFFICE = re.compile(r"\s+(?:office|offices|residence|headquarters|home|palace|hotel|studio|embassy|ministry)\b")
_AHEAD = re.compile(
    r"\b(?:will|would|may|might|could|should|intends?\s+to|wants?\s+to|hopes?\s+to|likely\s+to|plans?\s+to|planned\s+to|scheduled\s+to|expected\s+to|due\s+to|set\s+to)\s[^,;.]{0,30}$"
)


def _is_ahead(text: str, sentence: Sentence, start: int) -> bool:
    """Whether the journey that leads to this offset is still to come."""
    return _AHEAD.search(text[max(sentence.span.start, start - _BESIDE) : start]) is not None


def _is_said(text: str, sentence: Sentence, start: int) -> bool:
    """Whether a name or "here" at this offset is where something was said."""
    before = text[max(sentence.span.start, start - _BESIDE) : start]
    match = _lexicon().saying.search(before)
    return match is not None and not _lexicon().contact.search(before[match.start() :])


def _complete(scene: Scene, dateline: Dateline | None, site: Site) -> FoundPlace:
    """A country with no city takes the dateline's city where that lies in it and the contact was held."""
    city = site.city
    if city is None and dateline is not None and dateline.city and scene.status is Status.HELD:
        home = dateline_site(dateline, site.span)
        if home.country == site.country and home.country is not None:
            city = home.city
    return FoundPlace(city=city, country=site.country, venue=site.venue, spans=(site.span,))


# Those who receive guests rather than call on them.
_RECEIVES = re.compile(
    r"\b(?:President|Prime\s+Minister|Premier|King|Emir|Sultan|Leader|Speaker|Pope|Chancellor|Crown\s+Prince)\b", re.IGNORECASE
)


def _at_home(document: Document, scene: Scene, dateline: Dateline | None, states: frozenset[str]) -> FoundPlace | None:
    """The dateline's place for a contact at home: a party of that state, and words of receiving or nobody from elsewhere."""
    if dateline is None or not dateline.city or scene.status is not Status.HELD or scene.background:
        return None
    home = dateline_site(dateline, scene.cue)
    if home.country not in states:
        return None
    trigger = document.sentences[scene.trigger]
    receives = any(party.country == home.country and _RECEIVES.search(party.role or "") for party in scene.parties)
    if len(states) > 1 and not receives and not _lexicon().home.search(trigger.text):
        return None
    return FoundPlace(city=home.city, country=home.country, venue=None, spans=())
