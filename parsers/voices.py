"""Who speaks in a sentence: a party of the contact, by name or by a word that stands for one, or somebody outside the room."""

import re

from parsers.scene import Scene

_STANDS_FOR = re.compile(
    r"\b(?:[Hh]e|[Ss]he|[Tt]hey|[Bb]oth|[Ww]e|[Ee]ach|[Tt]he\s+(?:two|three|four|sides|pair|ministers?|presidents?|premier|prime\s+minister|officials?|ambassadors?|"
    r"envoys?|diplomats?|guests?|host|hosts|delegations?|leaders?|secretary|chief|parties|meeting|talks|discussions?|conversation|call|visit\w*|"
    r"[A-Z]\w+\s+(?:side|minister|president|official|ambassador|envoy|delegation|diplomat|leader|premier|prime\s+minister|foreign\s+minister)))\b"
)
_OUTSIDER = re.compile(
    r"\b(?:spokes(?:man|woman|person)|analysts?|experts?|critics|observers|sources|activists|according\s+to|lawmakers?|campaigners|skeptics|sceptics)\b",
    re.IGNORECASE,
)

_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_RECALLS = re.compile(
    r"\bhad\s+(?:also\s+|already\s+|last\s+|previously\s+|first\s+)?(?:met|held|spoken|visited|talked|resumed|begun|started)\b|\blast\s+(?:met|spoke|time|month|year|week)\b|"
    r"\bfirst\s+met\b|\bmet\s+last\b|\bearlier\s+this\s+(?:year|month)\b|\bprevious(?:ly)?\b|\b(?:since\s+then|back\s+in|in\s+the\s+past|years?\s+ago|months?\s+ago)\b|"
    rf"\b(?:in|last)\s+(?:{_MONTH})\b(?!\s+\d)"
)


def names_of(scene: Scene) -> frozenset[str]:
    """The last part of each party's name, by which later sentences call him."""
    return frozenset(name.split()[-1] for party in scene.parties if (name := party.name) and name.split())


def party_speaks(text: str, names: frozenset[str]) -> bool:
    """Whether a party is named in the text, or a word stands for one ("he", "the two sides", "the Kenyan minister")."""
    return any(name in text for name in names) or _STANDS_FOR.search(text) is not None


def outsider_speaks(text: str) -> bool:
    """Whether the text gives the words of somebody who was not in the room."""
    return _OUTSIDER.search(text) is not None


def recalls_another(text: str) -> bool:
    """Whether a sentence looks back at some other contact, whose day, place and gathering are its own."""
    return _RECALLS.search(text) is not None
