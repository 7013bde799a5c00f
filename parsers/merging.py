"""Contacts as single sentences tell them → one draft for each meeting of the article."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.cues import Frame
from parsers.mentions import Party
from parsers.records import Mode, PartyKind, RoleClass, Span, Status
from parsers.roster import same_side

# Classes of words that say little of the office ("defence chief", "top diplomat", "leader"): no clash with another office of the same state.
_VAGUE = frozenset({RoleClass.OTHER, RoleClass.MILITARY_CHIEF, RoleClass.EXECUTIVE, RoleClass.ENVOY})


@dataclass(slots=True, kw_only=True)
class Draft:
    """A meeting in the making. members: parties by index. sentence, cue: the trigger. sentences: all that tell of it."""

    members: tuple[int, ...]
    sentence: int
    sentences: list[int]
    cue: Span
    frame: Frame
    status: Status
    weak: bool
    background: bool
    mode: Mode
    in_title: bool
    inferred: bool
    tellings: int = 1


def merge_drafts(drafts: Sequence[Draft], parties: Sequence[Party]) -> list[Draft]:
    """One draft for each meeting, in the order of the text. The title's tellings come last, so that the body's words lead."""
    merged: list[Draft] = []
    for draft in sorted(drafts, key=lambda d: (d.in_title, d.sentence)):
        for other in merged:
            if _one_meeting(other, draft, parties):
                _join(other, draft, parties)
                break
        else:
            if not (draft.in_title and _covered(draft, merged, parties)):
                merged.append(replace(draft, sentences=list(draft.sentences)))
    return sorted(merged, key=lambda d: (d.sentence, d.cue))


def _one_meeting(a: Draft, b: Draft, parties: Sequence[Party]) -> bool:
    if a.background != b.background and not (a.in_title or b.in_title):
        return False
    if a.status is not b.status and not (a.weak or b.weak):
        return False
    if (
        a.mode is not b.mode
        and Mode.UNKNOWN not in (a.mode, b.mode)
        and Mode.IN_PERSON in (a.mode, b.mode)
        and not (a.in_title or b.in_title)
    ):
        return False
    small, large = sorted((a.members, b.members), key=len)
    rest = list(large)
    for member in small:
        match = next((other for other in rest if may_be_one(parties[member], parties[other])), None)
        if match is None:
            return False
        rest.remove(match)
    return all(any(same_side(parties[extra], parties[member]) for member in large if member != extra) for extra in rest)


def may_be_one(a: Party, b: Party) -> bool:
    """Whether two parties may be the same: the same one, or a nameless one that fits the other's country and office."""
    if a.index == b.index:
        return True
    if a.name and b.name and PartyKind.PERSON in (a.kind, b.kind):
        return False
    if a.country != b.country or a.country is None:
        return False
    if (
        (a.organization or None) != (b.organization or None)
        and not (a.name is None and a.organization is None)
        and not (b.name is None and b.organization is None)
    ):
        return False
    if a.role and b.role and a.role_class and b.role_class:
        return a.role_class is b.role_class or bool(_VAGUE & {a.role_class, b.role_class})
    return True


def _join(into: Draft, draft: Draft, parties: Sequence[Party]) -> None:
    into.sentences = sorted({*into.sentences, *draft.sentences})
    into.tellings += 1
    if into.weak and not draft.weak:
        into.status, into.weak = draft.status, False
    if into.mode is Mode.UNKNOWN:
        into.mode = draft.mode
    members = list(into.members)
    for member in draft.members:
        at = next((i for i, other in enumerate(members) if may_be_one(parties[member], parties[other])), None)
        if at is None:
            members.append(member)
        elif _fuller(parties[member], parties[members[at]]):
            members[at] = member
    into.members = tuple(dict.fromkeys(members))
    into.background = into.background and draft.background


def _fuller(a: Party, b: Party) -> bool:
    return (bool(a.name), bool(a.role), bool(a.organization)) > (bool(b.name), bool(b.role), bool(b.organization))


def _covered(draft: Draft, merged: Sequence[Draft], parties: Sequence[Party]) -> bool:
    """A headline of states or offices whose persons the body names: "Iran, Algeria, Kenya discuss cooperation"."""
    told = {parties[m].country for other in merged for m in other.members} - {None}
    nameless = [parties[m] for m in draft.members if not parties[m].name]
    return bool(nameless) and all(party.country in told for party in nameless)
