"""Contacts as single sentences tell them → one draft for each meeting of the article."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.cues import Frame
from parsers.mentions import Party
from parsers.records import Mode, PartyKind, RoleClass, Span, Status
from parsers.roster import same_side

# Classes of words that say little of the office ("defence chief", "top diplomat"): no clash with another office of the same state.
_VAGUE = frozenset({RoleClass.OTHER, RoleClass.MILITARY_CHIEF, RoleClass.EXECUTIVE, RoleClass.ENVOY})

_DESCRIBED = frozenset({"diplomat", "envoy", "official", "dignitary"})


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
    elaborates: bool = False  # the words go on about a contact rather than report one
    tellings: int = 1


def merge_drafts(drafts: Sequence[Draft], parties: Sequence[Party]) -> list[Draft]:
    """One draft for each meeting, in the order of the text. The title's tellings come last, so that the body's words lead."""
    merged: list[Draft] = []
    for draft in sorted(drafts, key=lambda d: (d.in_title, d.sentence)):
        other = _told_before(draft, merged, parties)
        if other is not None:
            _join(other, draft, parties)
        elif not (draft.in_title and _covered(draft, merged, parties)):
            merged.append(replace(draft, sentences=list(draft.sentences)))
    for draft in merged:
        draft.members = tuple(dict.fromkeys(_guest(_named(member, draft, parties), draft, merged, parties) for member in draft.members))
    kept = [draft for draft in merged if not _loose(draft, merged, parties)]
    for draft in kept:
        if draft.mode is Mode.UNKNOWN and draft.frame is not Frame.SPEAK:
            draft.mode = Mode.IN_PERSON
    return sorted(kept, key=lambda d: (d.sentence, d.cue))


def _named(member: int, draft: Draft, parties: Sequence[Party]) -> int:
    """The only person of the article who holds the office of a nameless member, or who speaks for its body."""
    party = parties[member]
    if not party.name and party.organization and party.kind is PartyKind.PERSON and party.country is None and not _plural(party):
        speakers = [
            other.index for other in parties if other.name and other.country is None and not other.former and _one_body(party, other)
        ]
        return speakers[0] if len(speakers) == 1 and speakers[0] not in draft.members else member
    if party.name or not party.country or not party.role_class or party.kind is not PartyKind.PERSON:
        return member
    natives = [other for other in parties if other.name and other.country == party.country and other.kind is PartyKind.PERSON]
    holders = [other.index for other in natives if other.role_class is party.role_class]
    if not holders and len(natives) == 1 and natives[0].role is None:
        holders = [natives[0].index]
    return holders[0] if len(holders) == 1 and holders[0] not in draft.members else member


def _guest(member: int, draft: Draft, merged: Sequence[Draft], parties: Sequence[Party]) -> int:
    """Whom "the Kenyan diplomat" or "the envoy" means: the one named person of that state in the article's other contacts of this kind."""
    party = parties[member]
    words = (party.role or "").lower().split()
    if party.name or not party.country or _plural(party) or not words or words[-1] not in _DESCRIBED:
        return member
    others = [other for other in merged if other is not draft and (other.mode is Mode.PHONE) == (draft.mode is Mode.PHONE)]
    guests = {m for other in others if other.status is draft.status for m in other.members if parties[m].name}
    fits = [m for m in guests if parties[m].country == party.country and m not in draft.members]
    return fits[0] if len(fits) == 1 else member


def _plural(party: Party) -> bool:
    return (party.role or "").split(" of ")[0].endswith("s")


def _told_before(draft: Draft, merged: Sequence[Draft], parties: Sequence[Party]) -> Draft | None:
    """The meeting that this sentence tells of again, or more of: the latest for one that only goes on ("the two also discussed")."""
    if draft.elaborates:
        return next((other for other in reversed(merged) if _same_members(other, draft, parties)), None)
    return next((other for other in merged if _compatible(other, draft) and _same_members(other, draft, parties)), None)


def _compatible(a: Draft, b: Draft) -> bool:
    if a.elaborates:
        return a.background or not b.background
    titled = a.in_title or b.in_title
    if a.background != b.background and not titled:
        return False
    if a.status is not b.status and not (a.weak or b.weak):
        return False
    clash = a.mode is not b.mode and Mode.UNKNOWN not in (a.mode, b.mode) and Mode.IN_PERSON in (a.mode, b.mode)
    return titled or not clash


def _same_members(a: Draft, b: Draft, parties: Sequence[Party]) -> bool:
    small, large = sorted((a.members, b.members), key=len)
    rest = list(large)
    for member in small:
        match = next((other for other in rest if may_be_one(parties[member], parties[other])), None)
        if match is None:
            return False
        rest.remove(match)
    return all(any(same_side(parties[extra], parties[member]) for member in large if member != extra) for extra in rest)


def _loose(draft: Draft, merged: Sequence[Draft], parties: Sequence[Party]) -> bool:
    """Contact with "senior officials" of a state whose persons the article names beside the same guest."""
    vague = [m for m in draft.members if not parties[m].name and not parties[m].role_class and not parties[m].organization]
    if not vague:
        return False
    firm = set(draft.members) - set(vague)
    return any(
        other is not draft
        and firm & set(other.members)
        and all(any(parties[o].country == parties[v].country and parties[o].name for o in other.members) for v in vague)
        for other in merged
    )


def may_be_one(a: Party, b: Party) -> bool:
    """Whether two parties may be the same: the same one, or a nameless one that fits the other's country and office."""
    if a.index == b.index:
        return True
    if a.name and b.name and PartyKind.PERSON in (a.kind, b.kind):
        return False
    if a.country != b.country:
        return False
    if a.country is None and not _one_body(a, b):
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


def _one_body(a: Party, b: Party) -> bool:
    """Whether both speak for the same body that is no state's: "the IAEA chief", "the IAEA" and its named director."""
    return a.organization is not None and b.organization is not None and a.organization.casefold() == b.organization.casefold()


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
    if not draft.elaborates:
        into.background = into.background and draft.background
    if into.elaborates and not draft.elaborates:
        into.elaborates, into.frame, into.cue, into.sentence = False, draft.frame, draft.cue, draft.sentence
        into.status, into.weak, into.background, into.mode = draft.status, draft.weak, draft.background, draft.mode


def _fuller(a: Party, b: Party) -> bool:
    return (bool(a.name), bool(a.role), bool(a.organization)) > (bool(b.name), bool(b.role), bool(b.organization))


def _covered(draft: Draft, merged: Sequence[Draft], parties: Sequence[Party]) -> bool:
    """A headline of states and offices whose persons the body names: "Iran, Algeria discuss cooperation", "Army chief meets envoy"."""
    told = {m for other in merged for m in other.members}
    states = {parties[m].country for m in told} - {None}
    names = {word for m in told for word in (parties[m].name or "").split()}
    for member in draft.members:
        party = parties[member]
        if member in told or (party.name is not None and names & set(party.name.split())):
            continue
        if party.name is None and (party.country in states or party.country is None) and told:
            continue
        return False
    return True
