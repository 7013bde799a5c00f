"""What came of a contact: signed, agreed, proposed, invited, pledged, a statement, or no agreement, each with the phrase that says so.

Only the sentences that tell of this contact are read. An agreement of an earlier year, a signing to come or a plan that others made is no
outcome: the words that turn a cue into something else stand beside it in data/outcomes.toml.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from parsers.catalog import read_toml
from parsers.document import Document, Sentence
from parsers.errors import CatalogError
from parsers.records import Outcome, OutcomeKind, Span, Status
from parsers.scene import Scene
from parsers.voices import names_of, nobody_speaks, party_speaks, states_of

_FILE = "outcomes.toml"
_GAP = "…"
_OBJECT_BEFORE = 120  # "a number of documents were signed"
_BEFORE, _AFTER = 60, 90  # characters beside a cue that may turn it into something else
_MAX_SENTENCES = 40
_MAX_PHRASE = 180  # characters of the phrase that is kept
_PER_SENTENCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOutcome:
    outcome: Outcome
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    cues: re.Pattern[str]
    objects: re.Pattern[str] | None
    against: re.Pattern[str] | None


def _phrase(text: str) -> str:
    words = re.escape(text).replace(re.escape(_GAP), r"[^,;.]{1,40}?").replace(r"\*", r"\w*")
    return words.replace(r"\ ", r"\s+")


@cache
def _rules() -> Mapping[OutcomeKind, _Rule]:
    table = read_toml(_FILE, keys=frozenset(kind.value for kind in OutcomeKind))
    rules = {}
    for kind in OutcomeKind:
        entry = table.get(kind.value, {})
        if unknown := set(entry) - {"cues", "objects", "against"}:
            raise CatalogError(_FILE, kind.value, f"unknown key {sorted(unknown)}")
        if not entry.get("cues"):
            raise CatalogError(_FILE, kind.value, "has no cues")
        rules[kind] = _Rule(
            cues=re.compile(
                rf"\b(?:{'|'.join(_phrase(cue) for cue in sorted(entry['cues'], key=len, reverse=True))})(?!\w)", re.IGNORECASE
            ),
            objects=_union(kind, "objects", [_phrase(word) for word in entry.get("objects", [])]),
            against=_union(kind, "against", entry.get("against", [])),
        )
    return MappingProxyType(rules)


def _union(kind: OutcomeKind, key: str, patterns: list[str]) -> re.Pattern[str] | None:
    if not patterns:
        return None
    try:
        return re.compile(rf"\b(?:{'|'.join(patterns)})", re.IGNORECASE)
    except re.error as error:
        raise CatalogError(_FILE, f"{kind.value}.{key}", str(error)) from error


def find_outcomes(document: Document, scene: Scene) -> tuple[FoundOutcome, ...]:
    """The outcomes that are told of this contact, one of each kind, in order of the text. A contact that is still to come has none."""
    if scene.status is not Status.HELD:
        return ()
    found: dict[OutcomeKind, FoundOutcome] = {}
    names = names_of(scene) | states_of(scene)
    for index in scene.sentences[:_MAX_SENTENCES]:
        if index in scene.others:
            continue
        sentence = document.sentences[index]
        if sentence.in_title or (index != scene.trigger and not (party_speaks(sentence.text, names) or nobody_speaks(sentence.text))):
            continue
        for outcome in _in_sentence(sentence):
            found.setdefault(outcome.outcome.kind, outcome)
    return tuple(sorted(found.values(), key=lambda outcome: outcome.span.start))


def _in_sentence(sentence: Sentence) -> Iterator[FoundOutcome]:
    text = sentence.text
    for kind, rule in _rules().items():
        for number, match in enumerate(rule.cues.finditer(text)):
            if number >= _PER_SENTENCE:
                break
            if rule.objects is not None and not rule.objects.search(
                text, max(0, match.start() - _OBJECT_BEFORE), min(len(text), match.end() + _AFTER)
            ):
                continue
            left, right = max(0, match.start() - _BEFORE), min(len(text), match.end() + _AFTER)
            if rule.against is not None and any(hit.start() < right for hit in rule.against.finditer(text, left, right)):
                continue
            start, end = match.start(), _clause_end(text, match.end())
            phrase = " ".join(text[start:end].split())
            yield FoundOutcome(outcome=Outcome(kind=kind, text=phrase), span=Span(sentence.span.start + start, sentence.span.start + end))
            break


def _clause_end(text: str, start: int) -> int:
    match = re.compile(r"[;.!?]|,\s+(?:while|and\s+(?:he|she|they|the)|but|which|who|saying|adding|according)\b").search(text, start)
    end = min(match.start() if match else len(text), start + _MAX_PHRASE)
    if (end < len(text) and match is None) or (match is not None and end < match.start()):
        end = max(start, text.rfind(" ", start, end))
    return max(end, start)
