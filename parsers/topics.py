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

from parsers.catalog import read_toml
from parsers.document import Document, Sentence
from parsers.errors import CatalogError
from parsers.records import Span, Topic
from parsers.scene import Scene

_FILE = "topics.toml"
_MAX_TOPICS = 4
_MAX_CHARACTERS = 6_000  # of a scene that are read
_STRONG, _WEAK = 1.0, 0.5
_TOLD, _OPENING, _NEARBY = 1.0, 0.8, 0.45  # weight of a sentence by what it does
_LEAST = 0.9  # score below which a topic is not named
_SHARE = 0.3  # of the best topic's score that the others must reach

_TELLS = re.compile(
    r"\b(?:discuss(?:ed|es|ing|ions?)?|talk(?:ed|s)?|focus(?:ed|es|sed|ing)?|agenda|topics?|issues?|exchang(?:ed|es|ing)|views|address(?:ed|ing)|review(?:ed|ing)?|"
    r"explor(?:ed|ing)|touch(?:ed|ing)\s+(?:on|upon)|cover(?:ed|ing)|dealt|centr(?:ed|ing)|center(?:ed|ing)|agreed|called\s+for|cooperation|collaboration|"
    r"readiness|stressed|underlined|emphasi[sz]ed|highlighted|signed|memorandum|consult(?:ed|ations?)|negotiat\w+|ways\s+(?:to|of)|went\s+over|raised|brought\s+up|"
    r"took\s+up|tackle[ds]?|subjects?|matters)\b",
    re.IGNORECASE,
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
        if unknown := set(entry) - {"strong", "weak", "general"}:
            raise CatalogError(_FILE, topic.value, f"unknown key {sorted(unknown)}")
        if entry.get("general"):
            general.add(topic)
        for key, weight in (("strong", _STRONG), ("weak", _WEAK)):
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
    read = 0
    for sentence, weight in _weighted(document, scene):
        read += len(sentence.text)
        if read > _MAX_CHARACTERS:
            break
        for topic, (value, span) in _hits(sentence).items():
            scores[topic] += weight * value
            spans.setdefault(topic, span)
    return _choose(scores, spans)


def _weighted(document: Document, scene: Scene) -> Iterator[tuple[Sentence, float]]:
    trigger = document.sentences[scene.trigger]
    yield trigger, _TOLD
    for index in scene.sentences:
        sentence = document.sentences[index]
        if index == scene.trigger or index in scene.others:
            continue
        if sentence.in_title:
            yield sentence, _OPENING
        else:
            yield sentence, _TOLD if _TELLS.search(sentence.text) else _NEARBY


def _hits(sentence: Sentence) -> Mapping[Topic, tuple[float, Span]]:
    """Topic → its weight in one sentence (at most two terms' worth) and where its first term stands."""
    text = sentence.text.casefold()
    if len(text) != len(sentence.text):  # a letter that folds into two would shift the offsets
        text = sentence.text.lower() if len(sentence.text.lower()) == len(sentence.text) else ""
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
            if (term.topic, word) in seen:
                continue
            seen.add((term.topic, word))
            value, span = found.get(term.topic, (0.0, Span(sentence.span.start + start, sentence.span.start + last + 1)))
            found[term.topic] = (min(2.0, value + term.weight), span)
    return MappingProxyType(found)


def _choose(scores: Mapping[Topic, float], spans: Mapping[Topic, Span]) -> tuple[FoundTopic, ...]:
    if not scores:
        return ()
    best = max(scores.values())
    ranked = sorted(
        (topic for topic, score in scores.items() if score >= _LEAST and score >= _SHARE * best), key=lambda topic: -scores[topic]
    )
    chosen = ranked[:_MAX_TOPICS]
    chosen.sort(key=lambda topic: (topic in _lexicon().general, -scores[topic]))
    return tuple(FoundTopic(topic=topic, score=scores[topic], span=spans[topic]) for topic in chosen)
