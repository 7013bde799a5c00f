"""Whether two mentions tell of one meeting: a function of the two alone, so that the order of arrival does not matter.

`compare` gives a verdict. A tie (score, reason) says that they tell of one meeting; a bar says that they cannot, except that a bar of
`MOVED` falls where a third mention tells that the meeting was put off; with neither, they say nothing of each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from parsers.records import CountrySource, Mode, PartyKind, RoleClass, Status
from warehouse.spelling import FULL_NAME, SURNAME_ALONE, body_score, body_words, person_score
from warehouse.telling import Party, Told

COPY = 0.5
"""Share of the shorter text's word shingles found in the other from which one is a copy (on copied and independent news: P 1, R .95)."""

_SAME_UNNAMED = 0.65
_VAGUE_CLASSES = frozenset((None, RoleClass.OTHER))
_MINISTERS = frozenset((RoleClass.MINISTER, RoleClass.FOREIGN_MINISTER))
_OFFICE_WORDS = frozenset((
    "minister", "ministry", "secretary", "cabinet", "deputy", "vice", "first", "prime", "state", "affairs", "chief", "head",
    "senior", "acting", "counterpart",
))
_KINDRED_FIELDS = tuple(frozenset(words.split()) for words in (
    "ict telecommunications telecoms communications communication digital post posts postal information technology technologies innovation",
    "oil energy petroleum gas power electricity", "mining mines minerals", "trade commerce economy economic industry business investment",
    "defence defense military war", "finance treasury economy economic budget", "environment climate ecology environmental",
    "agriculture farming food rural livestock fisheries", "interior home security internal", "education science research higher schools",
    "transport roads infrastructure railways aviation transportation", "water irrigation hydrology resources",
    "culture heritage tourism arts", "labour labor social welfare employment", "justice law legal",
))
"""Words that outlets use for one office: a telecommunications minister is another's ICT or post minister."""
_AFAR = frozenset((Mode.PHONE, Mode.VIDEO))
_EVENT_GAP = timedelta(2 * 5)
ONE_DAY = timedelta(1)
"""By how much copies of one text may differ in the day that was read from them."""


class Bar(StrEnum):
    """Why two mentions cannot tell of one meeting."""

    ARTICLE = "same article"
    PARTIES = "other parties"
    MODE = "other mode"
    DATES = "other days"
    MOVED = "other planned day"
    PLACE = "other place"
    SPLIT = "split by a correction"


@dataclass(frozen=True, slots=True)
class Verdict:
    """score > 0: a tie, with its reason. bar: what keeps them apart. Neither: nothing known."""

    score: float = 0.0
    reason: str = ""
    bar: Bar | None = None
    copied: bool = False
    """the texts are copies of one another"""


NOTHING = Verdict()


# ── parties ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def party_score(one: Party, other: Party) -> float:
    """How surely two parties are the same, 0..1; 0 where they are not."""
    person, other_person = one.kind is PartyKind.PERSON, other.kind is PartyKind.PERSON
    if person and other_person:
        return _persons(one, other)
    if person or other_person:
        return 0.5 if _same_side(one, other) else 0.0
    return _groups(one, other)


def _persons(one: Party, other: Party) -> float:
    if not one.words or not other.words:
        return _by_office(one, other)
    score = person_score(one.words, other.words)
    if score == 0.0:
        return 0.0
    full = score >= FULL_NAME and min(len(one.words), len(other.words)) >= 2
    if one.country and other.country and one.country != other.country:
        return 0.7 if full and CountrySource.OUTLET in (one.country_source, other.country_source) else 0.0
    if full:
        return score
    if _bodies_differ(one, other) or _offices_differ(one, other):
        return 0.0
    return min(score, SURNAME_ALONE) if len(one.words) != len(other.words) else score


def _by_office(one: Party, other: Party) -> float:
    """An unnamed party against another of the same state or body, by class and field of office."""
    if not _same_side(one, other) or _offices_differ(one, other):
        return 0.0
    if one.role_class == other.role_class and one.role_class not in _VAGUE_CLASSES:
        score = 0.7 if one.words or other.words else _SAME_UNNAMED
        return score if bool(_field(one)) == bool(_field(other)) else score - 0.05  # a like office that says less
    return 0.55


def _groups(one: Party, other: Party) -> float:
    if one.body and other.body:
        score = body_score(one.body, other.body)
        if score and one.country and other.country and one.country != other.country:
            return 0.0
        return score
    return 0.6 if one.country and one.country == other.country else 0.0


def _same_side(one: Party, other: Party) -> bool:
    if one.body and other.body:
        return body_score(one.body, other.body) > 0
    return one.country is not None and one.country == other.country and not (one.country is None or _half_bodied(one, other))


def _half_bodied(one: Party, other: Party) -> bool:
    """One speaks for a body and the other, a named person or a group, for the state itself: not the same side."""
    bodied, bare = (one, other) if one.body else (other, one)
    return bool(bodied.body) and bare.role_class not in _VAGUE_CLASSES


def _bodies_differ(one: Party, other: Party) -> bool:
    return bool(one.body and other.body) and body_score(one.body or "", other.body or "") == 0.0


def _offices_differ(one: Party, other: Party) -> bool:
    """Two offices that one person does not hold at once: other classes, or ministers of other fields."""
    a, b = one.role_class, other.role_class
    if a != b and a not in _VAGUE_CLASSES and b not in _VAGUE_CLASSES:
        vague_minister = {a, b} == _MINISTERS and not _field(one if a is RoleClass.MINISTER else other)
        if not vague_minister:
            return True
    field, other_field = _field(one), _field(other)
    return bool(field and other_field) and not _fields_meet(field, other_field)


def _field(party: Party) -> frozenset[str]:
    """What the office is for, as words."""
    text = party.portfolio or party.role or ""
    return frozenset(word for word in body_words(text) if word not in _OFFICE_WORDS)


def _fields_meet(one: frozenset[str], other: frozenset[str]) -> bool:
    stems = {word[:5] for word in one}
    if any(word[:5] in stems for word in other):
        return True
    return any(one & fields and other & fields for fields in _KINDRED_FIELDS)


@dataclass(frozen=True, slots=True)
class Parties:
    """How the parties of two mentions go together. named: pairs by name or body; total: pairs; mean: of their scores."""

    named: int
    total: int
    mean: float


@lru_cache(maxsize=100_000)
def match_parties(a: tuple[Party, ...], b: tuple[Party, ...]) -> Parties | None:
    """The best pairing of two lists of parties; None where they are not those of one meeting.

    At least two pairs, and nobody left over except members of a delegation that is paired already, and except further sides of a
    meeting of three sides or more of which both mentions name at least three.
    """
    scored = sorted(
        ((score, -i, -j) for i, one in enumerate(a) for j, other in enumerate(b) if (score := party_score(one, other)) > 0), reverse=True
    )
    left, right, scores = set(range(len(a))), set(range(len(b))), []
    named = 0
    for score, i, j in scored:
        if -i in left and -j in right:
            left.remove(-i)
            right.remove(-j)
            scores.append(score)
            named += score >= 0.72
    if len(scores) < 2:
        return None
    if len(scores) < 3 and not (_covered(a, left) and _covered(b, right)):
        return None
    if left and right and not (_covered(a, left) or _covered(b, right)):
        return None
    return Parties(named, len(scores), sum(scores) / len(scores))


def _covered(parties: Sequence[Party], rest: set[int]) -> bool:
    """Whether each party left over stands for a side that another, paired party stands for too: its own body, else its state."""
    paired = [party.side for place, party in enumerate(parties) if place not in rest]
    return all(parties[place].side is not None and parties[place].side in paired for place in rest)


# ── the verdict ──────────────────────────────────────────────────────────────────────────────────────────────────────


def compare(a: Told, b: Told, *, copied: float = 0.0) -> Verdict:
    """The verdict on two mentions. `copied` is the containment of their articles' texts, 0..1."""
    if a.article_id == b.article_id:
        return Verdict(bar=Bar.ARTICLE)
    parties = match_parties(a.parties, b.parties)
    if parties is None:
        return Verdict(bar=Bar.PARTIES)
    if _modes_differ(a, b):
        return Verdict(bar=Bar.MODE)
    days = _days(a, b, parties, copied)
    if isinstance(days, Bar):
        return Verdict(bar=days)
    closeness, why_days = days
    place = _place(a, b)
    event = _event(a, b)
    if place < 0 and not (copied >= COPY or (a.stated and b.stated and parties.named >= 2)):
        return Verdict(bar=Bar.PLACE)
    if event < 0 and not (a.stated and b.stated and place >= 0):
        return Verdict(bar=Bar.PLACE)
    if not _enough(a, b, parties, place, event, closeness, copied):
        return NOTHING
    score = 0.32 * parties.mean + 0.48 * closeness + 0.08 * place + 0.08 * event + (0.04 if copied >= COPY else 0.0)
    return Verdict(max(score, 0.01), _reason(parties, why_days, place, event, copied), copied=copied >= COPY)


def _modes_differ(a: Told, b: Told) -> bool:
    return {a.mode, b.mode} & _AFAR != set() and Mode.IN_PERSON in (a.mode, b.mode)


def _enough(a: Told, b: Told, parties: Parties, place: float, event: float, closeness: float, copied: float) -> bool:
    """Whether parties, days and place together are enough for a tie; the vaguer the parties, the more the rest must say."""
    if copied >= COPY and closeness > 0:
        return True
    if parties.named >= 2 and parties.named == parties.total:
        return closeness > 0
    if parties.named >= 1:
        return closeness >= 0.5 or place > 0 or event > 0
    if parties.mean < 0.55:
        return closeness >= 0.9 and (place == 1.0 or event > 0)
    return closeness >= 0.9 or (event > 0 and closeness > 0) or (place > 0 and closeness >= 0.5)


def _days(a: Told, b: Told, parties: Parties, copied: float) -> tuple[float, str] | Bar:
    """(closeness 0..1, reason) where the days can be the same, else the bar."""
    if a.low is None or a.high is None or b.low is None or b.high is None:
        return (0.3, "undated copies") if copied >= COPY else Bar.DATES
    if a.stated and b.stated:
        if a.low <= b.high and b.low <= a.high:
            return (1.0, "same day") if a.status == b.status else (0.95, "same day, other status")
        if _put_off(a, b) or _put_off(b, a):
            return 0.6, "put off to another day"
        if copied >= COPY and gap(a, b) <= ONE_DAY:
            return 0.6, "copies that differ by a day"
        return Bar.MOVED if Status.PLANNED in (a.status, b.status) or Status.CANCELLED in (a.status, b.status) else Bar.DATES
    return _vague_days(a, b, parties)


def _vague_days(a: Told, b: Told, parties: Parties) -> tuple[float, str] | Bar:
    """At least one of the two states no day."""
    apart_by = gap(a, b)
    both_held = a.status is Status.HELD and b.status is Status.HELD
    if apart_by > timedelta(0):
        if both_held and _event(a, b) > 0 and apart_by <= _EVENT_GAP and not (a.stated and b.stated):
            return 0.5, "at one event"
        if _put_off(a, b) or _put_off(b, a):
            return 0.5, "put off to another day"
        return Bar.DATES
    if {a.status, b.status} == {Status.HELD, Status.CANCELLED}:
        return Bar.DATES  # an undated call-off is of another meeting than the one that took place
    if {a.status, b.status} == {Status.HELD, Status.PLANNED}:
        return _plan_and_report(*((a, b) if a.status is Status.PLANNED else (b, a)))
    apart = abs(_centre(a) - _centre(b)).days
    if both_held:
        return max(0.5, 0.9 - 0.1 * apart), "days that go together"
    return max(0.3, 0.8 - 0.02 * apart), "plans that go together"


def _plan_and_report(plan: Told, report: Told) -> tuple[float, str] | Bar:
    """A plan without a day, or a report without one, of what may be the same meeting: the plan must come first."""
    if plan.published and report.published and plan.published > report.published + timedelta(1):
        return Bar.DATES
    if plan.stated:
        return 0.85, "reported after the planned day"
    day = report.high if not report.stated else report.low
    ahead = (day - plan.published).days if day and plan.published else 99
    return (max(0.3, 0.75 - 0.03 * max(0, ahead)), "planned, then held")


def _put_off(earlier: Told, later: Told) -> bool:
    """Whether `later` tells that a meeting was put off to its date, and `earlier` is the plan that it replaces."""
    if not later.moved or earlier.status is Status.HELD or earlier.moved:
        return False
    if earlier.published and later.published and earlier.published > later.published:
        return False
    return earlier.low is not None and later.published is not None and earlier.low >= later.published - timedelta(45)


def gap(a: Told, b: Told) -> timedelta:
    """Days between two windows; 0 where they overlap."""
    low, high = max(a.low or date.min, b.low or date.min), min(a.high or date.max, b.high or date.max)
    return max(timedelta(0), low - high)


def _centre(told: Told) -> date:
    """The likeliest day: the stated one, else the publication's, else the first of the window."""
    if told.stated and told.start:
        return told.start
    return (told.published if told.start is None else None) or told.low or date.min


def _place(a: Told, b: Told) -> float:
    """1: same city; 0.5: same country; 0: unknown; -1: other city or country."""
    if a.country and b.country and a.country != b.country:
        return -1.0
    if a.city and b.city:
        return 1.0 if person_score(_words(a.city), _words(b.city)) >= SURNAME_ALONE else -1.0
    return 0.5 if a.country and a.country == b.country else 0.0


def _words(text: str) -> tuple[str, ...]:
    return body_words(text)


def _event(a: Told, b: Told) -> float:
    """1: same conference; 0: unknown; -0.5: other names that may be one; -1: other acronyms."""
    if not a.event or not b.event:
        return 0.0
    if a.acronym and b.acronym:
        return 1.0 if _key(a.acronym) == _key(b.acronym) else -1.0
    if body_score(a.event, b.event) > 0 or any(
        acronym and body_score(acronym, name) > 0 for acronym, name in ((a.acronym, b.event), (b.acronym, a.event))
    ):
        return 1.0
    return -0.5


def _key(acronym: str) -> str:
    """WTDC-25, WTDC 2025 and WTDC25 are one."""
    letters = "".join(c for c in acronym.casefold() if c.isalpha())
    digits = "".join(c for c in acronym if c.isdigit())
    return f"{letters}{digits[-2:]}"


def _reason(parties: Parties, days: str, place: float, event: float, copied: float) -> str:
    who = "same parties" if parties.named == parties.total else f"{parties.named} of {parties.total} parties by name, the rest by office"
    said = [who, days]
    if place != 0:
        said.append({1.0: "same city", 0.5: "same country", -1.0: "other city"}[place])
    if event != 0:
        said.append("same event" if event > 0 else "other event")
    if copied >= COPY:
        said.append(f"copied text ({copied:.0%})")
    return "; ".join(said)
