"""Held, planned, cancelled, denied, wished for, recalled: what the words around a cue say. And the mode of contact.

The words are data: data/languages/en/status.toml. Readings are made on a skeleton (see `parsers.clauses`), so names never count.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from parsers.catalog import read_toml
from parsers.cues import Cue, Frame
from parsers.records import Mode, Status

FILE = "languages/en/status.toml"
KEYS = frozenset(
    {"plan_before_to", "wish_before_to", "future", "doubt", "denial", "hypothesis", "rumour", "mandate", "wish_before_noun",
     "plan_near_noun", "plan_before_noun", "cancelled", "new_date", "recall", "base_verbs", "clause_starts", "phone", "phone_nouns",
     "video", "in_person"}
)  # fmt: skip


class Refusal(StrEnum):
    """Why a cue is no record."""

    DENIED = "denied"
    WISHED = "wished"
    HYPOTHETICAL = "hypothetical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """status: None where refused. weak: the words allow the other status too ("arrived to meet"). background: an earlier one recalled."""

    status: Status | None
    refusal: Refusal | None = None
    weak: bool = False
    background: bool = False


@cache
def _words(key: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w])(?:{'|'.join(read_toml(FILE, keys=KEYS)[key])})(?!\w)", re.IGNORECASE)


_TRAVEL_TO_COME = re.compile(
    r"\b(?:will|is to|are to|to visit|to travel|due|expected|scheduled|heads? to|leaves? for|tomorrow)\b", re.IGNORECASE
)
# Frames that tell what was said: "the two also discussed" leaves open how, whatever visits its sentence speaks of.
_SAYINGS = frozenset({Frame.DISCUSS, Frame.SIGN, Frame.TELL, Frame.WITH, Frame.CHAIR})
_MAY_FALL = frozenset({Frame.NOUN, Frame.HOLD, Frame.MEET, Frame.VISIT, Frame.RECEIVE})
_RELATIVE_CLAUSE = re.compile(r",\s*(?:which|who)\b[^,;.]*(?:,[^,;.]*)??,(?=\s*(?:\w+\s){0,3}$)")
_OTHER_CLAUSE = re.compile(r"[;”]|\b(?:who|which|said|says|while|after|because|since|although|when|whose|but)\b", re.IGNORECASE)
_VISITING_CALL = re.compile(r"courtesy|farewell|call(?:ed|s)? (?:up)?on|call(?:ed|s)? for|visit", re.IGNORECASE)
_TO = re.compile(r"(?P<before>[\w’']+(?: [\w’']+)?)?[ ,]*\bto(?: \w+ly| also| again| then| later| jointly| separately)*\s*$", re.IGNORECASE)
_PERFECT_PAST = re.compile(
    r"\b(?:had|having)(?: (?:\w+ly|also|already|earlier|last|just|first|recently|both|even|been))*\s*$", re.IGNORECASE
)
_NEGATED = re.compile(r"(?:\bnot|n['’]t|\bnever|\bno longer|\bneither|\bnor|\bwithout)(?: \w+){0,3}\s*$", re.IGNORECASE)


@cache
def _modal() -> re.Pattern[str]:
    table = read_toml(FILE, keys=KEYS)
    future, doubt = "|".join(table["future"]), "|".join(table["doubt"])
    between = r"(?: [\w’'-]+| \S)?(?:,[^,]{1,60},)?(?: [\w’'-]+){0,4}\s*$"
    return re.compile(rf"(?:\b(?P<future>{future})|['’]ll|\b(?P<doubt>{doubt})){between}", re.IGNORECASE)


@cache
def _denies() -> re.Pattern[str]:
    """A verb of denial with no turn of the sentence after it."""
    return re.compile(
        rf"\b(?:{'|'.join(read_toml(FILE, keys=KEYS)['denial'])})\b(?:(?!\b(?:but|after|while)\b)[^.;]){{0,90}}$", re.IGNORECASE
    )


@cache
def _moved() -> re.Pattern[str]:
    dates = "|".join(read_toml(FILE, keys=KEYS)["new_date"])
    way = r"\s+(?:(?:back|forward|again)\s+)?(?:by [^.;]{1,25}\s)?(?:to|until|till|for)\s+(?:the\s+)?(?:\w+\s+){0,2}?"
    return re.compile(rf"{way}(?:{dates})", re.IGNORECASE)


@cache
def _clause_start() -> re.Pattern[str]:
    return re.compile(rf"[;:()–—]|(?<!\d),(?! \d)|\b(?:{'|'.join(read_toml(FILE, keys=KEYS)['clause_starts'])})\b", re.IGNORECASE)


def read_status(text: str, cue: Cue, *, in_title: bool) -> Reading:
    """What the skeleton `text` says of the contact that `cue` reports."""
    left = text[max(0, cue.start - 160) : cue.start]
    clause = left[_last_end(_clause_start(), left) :]
    if cue.frame in _MAY_FALL and (fall := _called_off(text, cue)) is not None:
        return Reading(status=Status.PLANNED if _moved().match(text, fall) else Status.CANCELLED)
    if _denies().search(text, max(0, cue.start - 110), cue.start):
        return Reading(status=None, refusal=Refusal.DENIED)
    if _NEGATED.search(clause) or re.search(r"\bno\b", cue.text):
        return Reading(status=None, refusal=Refusal.DENIED)
    if _words("hypothesis").search(clause[-70:]) or _words("mandate").search(left) or _words("rumour").search(left):
        return Reading(status=None, refusal=Refusal.HYPOTHETICAL)
    if cue.frame is Frame.NOUN:
        return _read_noun(text, cue, clause, in_title=in_title)
    if _words("base_verbs").match(cue.text) and not _is_past(cue.text):
        return _read_base(left, clause, cue, in_title=in_title)
    if _PERFECT_PAST.search(left):
        return Reading(status=Status.HELD, background=_recalled(text, cue), weak=True)
    if cue.frame is Frame.RECEIVED_BY and (modal := _modal().search(clause)):
        return _from_modal(modal)
    if cue.frame is Frame.RECEIVED_BY and cue.text.lower().startswith("be ") and (to := _TO.search(left)):
        return _from_infinitive(to, left, cue, in_title=in_title)
    return Reading(status=Status.HELD, background=_recalled(text, cue))


def _is_past(word: str) -> bool:
    return bool(re.match(r"(?:held|had|met|received|hosted|spoke|talked|discussed|sat|has\b)", word, re.IGNORECASE))


def _read_base(left: str, clause: str, cue: Cue, *, in_title: bool) -> Reading:
    if to := _TO.search(left):
        return _from_infinitive(to, left, cue, in_title=in_title)
    modal = _modal().search(clause) or _modal().search(left[-70:])
    if modal:
        return _from_modal(modal)
    if re.search(r"\b(?:did|do|does)\s*$", clause):
        return Reading(status=Status.HELD)
    return Reading(status=Status.HELD, weak=not in_title)


def _from_modal(modal: re.Match[str]) -> Reading:
    if re.search(r"not|n['’]t|never", modal.group(), re.IGNORECASE):
        return Reading(status=None, refusal=Refusal.DENIED)
    if re.search(r"\bwould (?:like|love|prefer|be (?:ready|willing|happy))", modal.group(), re.IGNORECASE):
        return Reading(status=None, refusal=Refusal.WISHED)
    if modal.group("doubt"):
        return Reading(status=None, refusal=Refusal.WISHED)
    return Reading(status=Status.PLANNED)


def _from_infinitive(to: re.Match[str], left: str, cue: Cue, *, in_title: bool) -> Reading:
    before = left[: to.end("before") if to.group("before") else to.start()][-60:]
    tail = " ".join(before.split()[-3:])
    if _NEGATED.search(before):
        return Reading(status=None, refusal=Refusal.DENIED)
    if wish := _final(_words("wish_before_to"), tail):
        plan = _final(_words("plan_before_to"), tail)
        if plan is None or wish > plan:
            return Reading(status=None, refusal=Refusal.WISHED)
    if _final(_words("plan_before_to"), tail):
        return Reading(status=Status.PLANNED)
    return Reading(status=Status.PLANNED, weak=not in_title)


def _read_noun(text: str, cue: Cue, clause: str, *, in_title: bool) -> Reading:
    before = text[max(0, cue.start - 60) : cue.start]
    near = " ".join(before.split()[-5:])
    if _final(_words("wish_before_noun"), near):
        return Reading(status=None, refusal=Refusal.WISHED)
    if _final(_words("plan_before_noun"), near):
        return Reading(status=Status.PLANNED, weak=True)
    after = text[cue.end : cue.end + 110]
    stop = re.search(r"[.;]|\b(?:who|which|said|says|and(?!\s(?:\w+\s){0,2}[\ue000-\ue18f]))\b", after)
    if _words("plan_near_noun").search(after[: stop.start() if stop else None]) or _words("plan_near_noun").search(clause):
        return Reading(status=Status.PLANNED)
    if re.search(r"\b(?:for|to hold|to have|to attend)(?: \w+){0,4}\s*$", before):
        earlier = text[: cue.start]
        if _TRAVEL_TO_COME.search(earlier):
            return Reading(status=Status.PLANNED)
        return Reading(status=Status.HELD, weak=True)
    return Reading(status=Status.HELD, background=_recalled(text, cue))


def _called_off(text: str, cue: Cue) -> int | None:
    """Where a word of cancellation ends that stands beside the cue with no other clause between them."""
    for match in _words("cancelled").finditer(text, max(0, cue.start - 80), min(len(text), cue.end + 200)):
        between = text[match.end() : cue.start] if match.end() <= cue.start else text[cue.end : match.start()]
        if not _OTHER_CLAUSE.search(_RELATIVE_CLAUSE.sub("", between)):
            return match.end()
    return None


def _recalled(text: str, cue: Cue) -> bool:
    return _near(text, cue, _words("recall"), 90)


def _near(text: str, cue: Cue, pattern: re.Pattern[str], reach: int) -> bool:
    return bool(pattern.search(text, max(0, cue.start - reach), min(len(text), cue.end + reach)))


def _final(pattern: re.Pattern[str], text: str) -> int | None:
    """Where the last match begins, plus one; None where there is none."""
    at = None
    for match in pattern.finditer(text):
        at = match.start() + 1
    return at


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    end = 0
    for match in pattern.finditer(text):
        end = match.end()
    return end


def read_mode(cue: Cue, trigger: str, near: Iterable[str]) -> Mode:
    """The mode that the cue, its sentence, and the sentences beside it tell, in that order of trust; UNKNOWN where they tell none."""
    if _words("video").search(cue.text):
        return Mode.VIDEO
    if _words("phone").search(cue.text) or cue.frame is Frame.PHONE:
        return Mode.PHONE
    if _words("phone_nouns").search(cue.text) and not _VISITING_CALL.search(cue.text):
        return Mode.PHONE
    if cue.frame in (Frame.RECEIVE, Frame.RECEIVED_BY, Frame.VISIT):
        return Mode.IN_PERSON
    for text in (trigger, *near):
        if _words("video").search(text):
            return Mode.VIDEO
        if _words("phone").search(text):
            return Mode.PHONE
        if cue.frame not in _SAYINGS and _words("in_person").search(text):
            return Mode.IN_PERSON
    return Mode.UNKNOWN
