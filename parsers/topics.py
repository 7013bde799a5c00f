"""What a contact was about: codes of the closed list, the most specific first.

A lexicon of weighted terms is counted over the sentences that tell of the contact. A term counts most where the text says what was
treated ("discussed", "focused on"), less in the opening and the title, least in what merely stands nearby.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import ahocorasick

from parsers.catalog import countries, read_toml
from parsers.document import Document, Sentence
from parsers.errors import CatalogError
from parsers.records import Span, Topic
from parsers.scene import Scene
from parsers.voices import names_of, opens_section, outsider_speaks, party_speaks

_FILE = "topics.toml"
_MAX_TOPICS = 4
_ALIKE_SENTENCES = 40  # of the article in which one is looked for that speaks of all its contacts
_MAX_CHARACTERS = 8_000  # of a scene that are read
_STRONG, _WEAK, _PLACE, _IN_NAME = 1.0, 0.5, 0.75, 0.2
# Weight of a sentence by what it does: tells what was treated, quotes a party, opens the article, merely stands nearby.
_TOLD, _SAID, _OPENING, _NEARBY = 1.0, 0.8, 0.7, 0.25
_SENTENCE_CAP = 2.0  # what one sentence can add to a topic
_NEXT, _FOLLOWING = 1, 0.75  # the sentence right after the trigger goes on with the contact
_BOTH_OFFICES, _ONE_OFFICE = 0.8, 0.2  # for a topic that is the office of two parties, of one
_NEXT_SECTION = 0.4  # a sentence after a heading counts for so much
_FAR, _FAR_WEIGHT = 8, 0.6  # a sentence so many after the trigger counts for less
_LEAST_ALONE = 0.4  # for a general topic where no other is named
_WORLD_BODY = 0.5  # what a body of many states among the parties adds to multilateral cooperation
_LEAST = 0.8  # score below which a topic is not named
_SHARE = 0.2  # of the best topic's score that the others must reach

_TELLS = re.compile(
    r"\b(?:discuss(?:ed|es|ing|ions?)?|talk(?:ed|s)?|focus(?:ed|es|sed|ing)?|agenda|topics?|exchang(?:ed|es|ing)|address(?:ed|ing)|review(?:ed|ing)?|"
    r"explor(?:ed|ing)|touch(?:ed|ing)\s+(?:on|upon)|cover(?:ed|ing)|dealt|centr(?:ed|ing)|center(?:ed|ing)|agreed|agreeing|conversation|"
    r"cooperation|collaboration|signed|memorandum|consult(?:ed|ations?)|negotiat\w+|ways\s+(?:to|of|in)|went\s+over|raised|brought\s+up|"
    r"took\s+up|tackle[ds]?|main\s+subjects?|matters|took\s+stock|revolved|dwelt|looked\s+into|considered|deliberat\w+|"
    r"spoke\s+(?:of|about)|aimed\s+at)\b",
    re.IGNORECASE,
)
# Sentences that speak of several contacts at once: "in all of these exchanges", "came up in each of them".
_ALIKE = re.compile(
    r"\b(?:in|of|at|during)\s+(?:all|each|every|both)\s+(?:of\s+)?(?:these|the|his|her|their|them|meetings|talks|conversations|exchanges)\b|\beach\s+time\b|"
    r"\b(?:the|these|all|both)\s+(?:other\s+|separate\s+|bilateral\s+)?(?:meetings|talks|conversations|exchanges)\s+(?:were|dealt|focused|focussed|covered|centred)\b",
    re.IGNORECASE,
)
_SAYS = re.compile(
    r"\b(?:said|told|stressed|underlined|underscored|emphasi[sz]ed|highlighted|noted|added|voiced|expressed|reiterated|called\s+(?:for|on)|urged|hoped|"
    r"stated|praised|hailed|lauded|pointed|referr(?:ed|ing)|thanked|welcomed|proposed|offered|invited|assured|pledged|conveyed|explained|informed|"
    r"briefed|asked|condemned|warned|reaffirmed|affirmed|described|readiness|insisted|remarked|declared|announced)\b",
    re.IGNORECASE,
)
_BOILERPLATE = re.compile(
    r"(?:Read\s+(?:more|also)|Also\s+read|Related|See\s+also|All\s+[Cc]ontent|Follow|Share\s+this|ISSUED\s+BY|©|Copyright|For\s+(?:further|more)\s+information|"
    r"Enquiries|RSVP|Editor|Reporter|Photo|File\s+photo|Dear\s+reader|Subscribe|Sign\s+up|Source:|Tags|Last\s+(?:modified|updated)|Published)\b"
)
# Offices, bodies and sources are no topics by themselves: "the Minister of Energy", "the High Commissioner for Human Rights".
_HEADS = (
    r"(?:Ministry|Minister|Ministers|Secretary|Secretaries|Commissioner|Representative|Adviser|Advisor|Committee|Commission|Council|Department|"
    r"Directorate|Chief|Chairman|Chairwoman|Chairperson|Director|Head|Envoy|Rapporteur|Agency|Chamber|Institute|Center|Centre|Office|Board|"
    r"Under-Secretary|Undersecretary|Coordinator|Organi[sz]ation|Conference|Forum|Summit|Bank|Company|Corporation|Union|Association|University|"
    r"Assembly|Forces?|Corps|Fund|Session|Meeting|Administration|Authority|Foundation|minister|ministers|ministry|secretary|commissioner|chief|officials?)"
)
_NAMES = re.compile(
    rf"\b(?:[A-Z][\w’'-]*\s+(?:and\s+|&\s+)?){{0,6}}{_HEADS}\b"
    r"(?:\s+(?:of|for|on|to)\s+(?:the\s+)?[A-Z][\w’'-]*(?:(?:,\s+|,?\s+and\s+|\s+of\s+|\s+)(?:the\s+)?[A-Z][\w’'-]*){0,7})?"
    r"|\b(?:[a-z]+\s+)?(?:minister|ministers|ministry)\b"
    r"|\b\w+\s+(?:media|press|television|broadcaster|journalists?)\s+"
    r"(?:reported|reports?|said|release|conference|statement|service|outlets?|briefing|center|office|tv)\b|\b(?:on|via)\s+social\s+media\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTopic:
    topic: Topic
    score: float
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Term:
    topic: Topic
    weight: float
    length: int
    open_ended: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    automaton: ahocorasick.Automaton
    general: frozenset[Topic]


@cache
def _lexicon() -> _Lexicon:
    table = read_toml(_FILE, keys=frozenset(topic.value for topic in Topic))
    terms: dict[str, list[_Term]] = defaultdict(list)
    general = set()
    for topic in Topic:
        entry: Mapping[str, object] = table.get(topic.value, {})
        if unknown := set(entry) - {"strong", "weak", "places", "general"}:
            raise CatalogError(_FILE, topic.value, f"unknown key {sorted(unknown)}")
        if entry.get("general"):
            general.add(topic)
        for key, weight in (("strong", _STRONG), ("weak", _WEAK), ("places", _PLACE)):
            words = entry.get(key, [])
            if not isinstance(words, list):
                raise CatalogError(_FILE, f"{topic.value}.{key}", "is no list")
            for word in words:
                bare = str(word).rstrip("*")
                if not bare or bare != bare.casefold():
                    raise CatalogError(_FILE, f"{topic.value}.{key}", f"{word!r} is empty or not in lower case")
                terms[bare].append(_Term(topic=topic, weight=weight, length=len(bare), open_ended=str(word).endswith("*")))
    automaton = ahocorasick.Automaton()
    for bare, values in terms.items():
        automaton.add_word(bare, tuple(values))
    automaton.make_automaton()
    return _Lexicon(automaton=automaton, general=frozenset(general))


def find_topics(document: Document, scene: Scene) -> tuple[FoundTopic, ...]:
    """The topics that the contact is said to have treated, at most four, specific ones first; spans point to the first word that tells."""
    scores: dict[Topic, float] = defaultdict(float)
    spans: dict[Topic, Span] = {}
    weak: dict[Topic, float] = {}
    own = _own_states(scene)
    read = 0
    for sentence, weight in _weighted(document, scene):
        read += len(sentence.text)
        if read > _MAX_CHARACTERS:
            break
        for topic, (value, span) in _hits(sentence, own if weight >= _OPENING else None).items():
            if topic in _lexicon().general and value <= _WEAK:
                weak[topic] = max(weak.get(topic, 0.0), weight * value)  # "cooperation" said five times is no topic
            else:
                scores[topic] += weight * value
            spans.setdefault(topic, span)
    for topic, weight in (*weak.items(), *_offices(scene).items()):
        scores[topic] += weight
        spans.setdefault(topic, scene.cue)
    if _OF_MANY.search(" ".join(party.organization or "" for party in scene.parties)):
        scores[Topic.MULTILATERAL_COOPERATION] += _WORLD_BODY
        spans.setdefault(Topic.MULTILATERAL_COOPERATION, scene.cue)
    return _choose(scores, spans) or _choose(dict.fromkeys(_offices(scene), _LEAST), spans)


# Bodies of many states: a talk with their heads is about working together in them.
_OF_MANY = re.compile(
    r"\b(?:United Nations|UN|African Union|Arab League|League of Arab States|ASEAN|Organi[sz]ation of Islamic Cooperation|Commonwealth|SCO|"
    r"BRICS|Shanghai Cooperation Organi[sz]ation|Telecommunication Union|G20|Gulf Cooperation Council|Organi[sz]ation of American States|"
    r"ECOWAS|SADC)\b"
)


def _offices(scene: Scene) -> Mapping[Topic, float]:
    """What the parties' offices tell: two defence ministers talk about defence."""
    holders: dict[Topic, int] = defaultdict(int)
    for party in scene.parties:
        role = " ".join(filter(None, (party.role, party.organization)))
        if role:
            words = Sentence(index=0, paragraph=0, span=Span(0, len(role)), text=role)
            for topic in _hits(words, None, masked=False):
                holders[topic] += 1
    return {topic: _BOTH_OFFICES if count > 1 else _ONE_OFFICE for topic, count in holders.items()}


def _weighted(document: Document, scene: Scene) -> Iterator[tuple[Sentence, float]]:
    trigger = document.sentences[scene.trigger]
    names = names_of(scene)
    yield trigger, _OPENING if trigger.in_title else _TOLD
    for sentence in document.sentences[:_ALIKE_SENTENCES]:
        if sentence.index not in scene.sentences and not sentence.in_title and _ALIKE.search(sentence.text):
            yield sentence, _TOLD
    section = 1.0
    for index in scene.sentences:
        sentence = document.sentences[index]
        if index > scene.trigger and opens_section(sentence, document.sentences[index - 1]):
            section = _NEXT_SECTION
        if index == scene.trigger or index in scene.others or _BOILERPLATE.match(sentence.text):
            continue
        if sentence.in_title:
            yield sentence, _OPENING
            continue
        weight = _weight(sentence, names)
        if 0 < index - scene.trigger <= _NEXT:
            weight = max(weight, _FOLLOWING)
        yield sentence, weight * section * (_FAR_WEIGHT if index - scene.trigger > _FAR else 1.0)


def _weight(sentence: Sentence, names: frozenset[str]) -> float:
    """What a sentence after the trigger counts for: most where the parties, by name or pronoun, are said to treat or say something."""
    text = sentence.text
    spoken = party_speaks(text, names)
    if _TELLS.search(text):
        return _TOLD if spoken else _SAID
    if spoken and _SAYS.search(text) and not outsider_speaks(text):
        return _SAID
    return _NEARBY


def _own_states(scene: Scene) -> frozenset[str]:
    """Names and demonyms of the parties' states, in lower case: Syria is no topic of a talk with Syria's minister."""
    rows = [countries().get(party.country) for party in scene.parties if party.country]
    return frozenset(form.casefold() for row in rows if row is not None for form, _ in row.forms())


def _hits(sentence: Sentence, own: frozenset[str] | None, *, masked: bool = True) -> Mapping[Topic, tuple[float, Span]]:
    """Topic → its weight in one sentence (at most two terms' worth) and where its first term stands.

    own: the parties' states, which are no topic; None where no place is one, because the sentence does not tell what was treated.
    """
    text = sentence.text.casefold()
    if len(text) != len(sentence.text):  # a letter that folds into two would shift the offsets
        text = sentence.text.lower() if len(sentence.text.lower()) == len(sentence.text) else ""
    names = [match.span() for match in _NAMES.finditer(sentence.text)] if masked else []
    found: dict[Topic, tuple[float, Span]] = {}
    seen: set[tuple[Topic, str]] = set()
    for last, terms in _lexicon().automaton.iter(text):
        for term in terms:
            start = last + 1 - term.length
            if start and (text[start - 1].isalnum()):
                continue
            if not term.open_ended and last + 1 < len(text) and text[last + 1].isalnum():
                continue
            word = text[start : last + 1]
            if (term.topic, word) in seen or (term.weight == _PLACE and (own is None or word in own)):
                continue
            seen.add((term.topic, word))
            value, span = found.get(term.topic, (0.0, Span(sentence.span.start + start, sentence.span.start + last + 1)))
            weight = _IN_NAME if any(left <= start < right for left, right in names) else term.weight
            found[term.topic] = (min(_SENTENCE_CAP, value + weight), span)
    return MappingProxyType(found)


def _choose(scores: Mapping[Topic, float], spans: Mapping[Topic, Span]) -> tuple[FoundTopic, ...]:
    if not scores:
        return ()
    best = max(scores.values())
    ranked = sorted(
        (topic for topic, score in scores.items() if score >= _LEAST and score >= _SHARE * best), key=lambda topic: -scores[topic]
    )
    if not ranked:
        ranked = [topic for topic in _lexicon().general if scores.get(topic, 0.0) >= _LEAST_ALONE]
    chosen = ranked[:_MAX_TOPICS]
    chosen.sort(key=lambda topic: (topic in _lexicon().general, -scores[topic]))
    return tuple(FoundTopic(topic=topic, score=scores[topic], span=spans[topic]) for topic in chosen)
