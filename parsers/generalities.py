"""Talks of states that a sentence speaks of as a matter ("negotiations with Iran lie with the EU"), not as a meeting that took place."""

import re
from collections.abc import Sequence

from parsers.cues import Frame
from parsers.mentions import Form, Mention
from parsers.roster import Contact

# What ties talks to a day or makes them the speaker's own: "in Monday's talks with Oman", "our negotiations with Oman".
_TOLD = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|today|yesterday|tomorrow|(?:last|next|this) (?:week|month)|rounds?|january|february"
    r"|march|april|may|june|july|august|september|october|november|december|held|hold|holding|our|my)\b",
    re.IGNORECASE,
)
NEAR = 70  # characters around the cue in which its day is told
_MATTER = re.compile(r"talks|negotiations?|discussions|consultations|dialogues?|contacts?|diplomacy", re.IGNORECASE)
_APPEAL = re.compile(r"called for|stress", re.IGNORECASE)
_FACELESS = frozenset({Form.COUNTRY, Form.BODY})


def in_general(sentence: str, contact: Contact, mentions: Sequence[Mention]) -> bool:
    """Whether the contact is only spoken of: a side that is a bare state in a noun phrase with no day, or no side that is a person.

    sentence: its skeleton. "Called for dialogue with Iran" is in general too, whatever the day on which it was said.
    """
    forms = [{mentions[at].form for at in side} for side in (contact.left, contact.right) if side]
    bare = any(side <= {Form.COUNTRY} for side in forms)
    if contact.cue.frame is Frame.DISCUSS and _APPEAL.match(contact.cue.text):
        return any(side <= _FACELESS for side in forms)
    if contact.cue.frame is not Frame.NOUN or _TOLD.search(sentence, max(0, contact.cue.start - NEAR), contact.cue.end + NEAR):
        return False
    if all(side <= _FACELESS for side in forms):
        return True
    return any(side <= _FACELESS for side in forms) and (bare or _MATTER.fullmatch(contact.cue.text) is not None)
