"""Who speaks in a sentence: a party of the contact, by name or by a word that stands for one, or somebody outside the room."""

import re

from parsers.catalog import countries
from parsers.document import Sentence
from parsers.scene import Scene

_STANDS_FOR = re.compile(
    r"\b(?:[Hh]e|[Ss]he|[Tt]hey|[Bb]oth|[Ww]e|[Ee]ach|[Aa]ll\s+(?:two|three|four|five|sides|parties)|[Tt]he\s+(?:(?i:two|three|four|sides|pair|ministers?|"
    r"presidents?|premier|prime\s+minister|officials?|ambassadors?|envoys?|diplomats?|guests?|hosts?|visitors?|delegations?|leaders?|secretary|chief|"
    r"parties|meeting|talks|discussions?|conversation|call|visit\w*)|[A-Z]\w+\s+(?:side|minister|president|official|ambassador|envoy|delegation|"
    r"diplomat|leader|premier|prime\s+minister|foreign\s+minister)))\b"
)
_IMPERSONAL = re.compile(r"\b(?:was|were|been)\s+(?:\w+\s+)?(?:signed|agreed|decided|inked|concluded|reached|issued)\b")
_OUTSIDER = re.compile(
    r"\b(?:spokes(?:man|woman|person)|analysts?|experts?|critics|observers|sources|activists|according\s+to|lawmakers?|campaigners|skeptics|sceptics)\b",
    re.IGNORECASE,
)

_HEADING = 80  # characters that a heading may have
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_RECALLS = re.compile(
    r"\bhad\s+(?:also\s+|already\s+|last\s+|previously\s+|first\s+)?(?:met|held|spoken|visited|talked|resumed|begun|started)\b|\blast\s+(?:met|spoke|time|month|year|week)\b|"
    r"\bfirst\s+met\b|\bmet\s+last\b|\bearlier\s+this\s+(?:year|month)\b|\bprevious(?:ly)?\b|\b(?:since\s+then|back\s+in|in\s+the\s+past|years?\s+ago|months?\s+ago)\b|"
    rf"\b(?:in|last)\s+(?:{_MONTH})\b(?!\s+\d)"
)


def names_of(scene: Scene) -> frozenset[str]:
    """The last part of each party's name, by which later sentences call him, or of the body that has no name."""
    labels = [party.name or party.organization for party in scene.parties]
    return frozenset(label.split()[-1] for label in labels if label and label.split())


def states_of(scene: Scene) -> frozenset[str]:
    """The parties' states by name and capital: "Madrid will spare no effort"."""
    rows = [countries().get(party.country) for party in scene.parties if party.country]
    return frozenset(form for row in rows if row is not None for form in (row.name, *row.capitals))


def nobody_speaks(text: str) -> bool:
    """Whether the text tells with no doer that something was signed, agreed or issued."""
    return _IMPERSONAL.search(text) is not None


def party_speaks(text: str, names: frozenset[str]) -> bool:
    """Whether a party is named in the text, or a word stands for one ("he", "the two sides", "the Kenyan minister")."""
    return any(name in text for name in names) or _STANDS_FOR.search(text) is not None


def outsider_speaks(text: str) -> bool:
    """Whether the text gives the words of somebody who was not in the room."""
    return _OUTSIDER.search(text) is not None


def recalls_another(text: str) -> bool:
    """Whether a sentence looks back at some other contact, whose day, place and gathering are its own."""
    return _RECALLS.search(text) is not None


def opens_section(sentence: Sentence, before: Sentence) -> bool:
    """Whether the sentence is a heading inside the text, after which another story may be told."""
    text = sentence.text
    return sentence.paragraph != before.paragraph and len(text) < _HEADING and text[:1].isupper() and text[-1].isalnum() and " " in text
