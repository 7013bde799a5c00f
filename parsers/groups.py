"""Groups bound to the persons whom other sentences name: drafts of "the ministers of A, B and C" → drafts of three persons.

An article tells first that delegations or ministers of some states met, and a sentence or two later who they were: "The meeting was
attended by N, M and O", "The delegation was headed by N", "M led the other side". The person takes the state and the office that the
group tells, where the article told none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from parsers.document import Document
from parsers.mentions import Form, Mention, Party
from parsers.merging import Draft
from parsers.records import CountrySource, PartyKind

REACH = 4  # sentences between a contact and those that say who took part

_ATTENDED = re.compile(
    r"\b(?:attended by|(?:participants|those present|attendees) (?:were|included)|brought together|was joined by|between)\b",
    re.IGNORECASE,
)
_GROUP = r"(?:side|delegation|team|mission|group|party)"
_LED_BY = re.compile(
    rf"\b{_GROUP}\b[^.;]{{0,90}}?\b(?:was|is|were|being)\s+(?:headed|led|chaired|represented)\s+by\s+[^.;]{{0,40}}$", re.IGNORECASE
)
_LEADS = re.compile(
    rf"[^.;]{{0,110}}?\b(?:led|leads|headed|heads|heading|leading)\s+(?:(?:the|its|his|her|their)\s+(?:[\w’'-]+\s+){{0,3}}?{_GROUP}\b|them\b)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"\s*(?:,|;|,?\s+and)\s+(?:(?:the|its|his|her|their|also)\s+)?(?:(?:Mr|Ms|Mrs|Dr)\.?\s+)?", re.IGNORECASE)


def name_groups(
    document: Document, mentions: Sequence[Mention], parties: Sequence[Party], drafts: Sequence[Draft]
) -> tuple[list[Draft], tuple[Party, ...]]:
    """The drafts with their groups named, and the parties with what the groups tell of them."""
    known = list(parties)
    own: dict[int, list[Mention]] = {}
    for mention in mentions:
        if not mention.attributive:
            own.setdefault(mention.sentence, []).append(mention)
    lists = list(_lists(document, own))
    leaders = list(_leaders(document, own))
    named = []
    for draft in drafts:
        members = _without_doubles(draft.members, known)
        near = range(draft.sentence - REACH, draft.sentence + REACH + 1)
        for sentence, names in lists:
            if sentence in near and sentence != draft.sentence:
                members = _from_list(members, names, known)
        for sentence, name, state in leaders:
            if sentence in near:
                members = _from_leader(members, name, state, known)
        named.append(replace(draft, members=members, sentences=list(draft.sentences)))
    return named, tuple(known)


def _nameless(party: Party) -> bool:
    return party.name is None and party.organization is None and party.country is not None


def _without_doubles(members: tuple[int, ...], known: Sequence[Party]) -> tuple[int, ...]:
    """Without "the top diplomats" of a state whose person is there by name, where others are there too."""
    states = {known[m].country for m in members if known[m].name and known[m].kind is PartyKind.PERSON}
    kept = tuple(m for m in members if not (_nameless(known[m]) and known[m].country in states))
    return kept if len(kept) >= 2 else members


def _lists(document: Document, own: dict[int, list[Mention]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Sentences that say who took part, with the persons that they name in a row."""
    for sentence in document.sentences:
        match = _ATTENDED.search(sentence.text)
        if match is None or sentence.in_title:
            continue
        start = sentence.span.start + match.end()
        names: list[int] = []
        end = -1
        for mention in own.get(sentence.index, ()):
            if mention.span.start < start or mention.form is not Form.NAMED or mention.party < 0:
                continue
            if end >= 0 and not _LISTED.fullmatch(document.text, end, mention.span.start):
                break
            names.append(mention.party)
            end = mention.span.end
        if len(names) > 1:
            yield sentence.index, tuple(dict.fromkeys(names))


def _leaders(document: Document, own: dict[int, list[Mention]]) -> Iterator[tuple[int, int, str | None]]:
    """Who leads a delegation or side, with the state that its phrase names."""
    for sentence in document.sentences:
        if sentence.in_title or not re.search(rf"\b(?:{_GROUP}|them)\b", sentence.text):
            continue
        here = own.get(sentence.index, [])
        for at, mention in enumerate(here):
            if mention.form is not Form.NAMED or mention.party < 0:
                continue
            after = next((m.span.start for m in here[at + 1 :] if m.form is Form.NAMED), sentence.span.end)
            before = document.text[sentence.span.start : mention.head.start]
            leads = _LEADS.match(document.text, mention.span.end, after)
            if leads or _LED_BY.search(before):
                start, end = (mention.span.end, leads.end()) if leads else (sentence.span.start, mention.head.start)
                states = [m.country for m in here if start <= m.span.start < end and m.country and m.form in (Form.DELEGATION, Form.GROUP)]
                yield sentence.index, mention.party, states[0] if states else None


def _from_list(members: tuple[int, ...], names: Sequence[int], known: list[Party]) -> tuple[int, ...]:
    """The nameless members as the list names them: by state where it is known, the others in the order of the list."""
    nameless = [m for m in members if _nameless(known[m])]
    if len(nameless) < 2 or len(nameless) != len(members):
        return members
    states = [known[m].country for m in nameless]
    told = [known[n].country for n in names]
    if set(states) <= set(told):
        return tuple(n for n in names if known[n].country in states)
    rest_names = [n for n in names if known[n].country is None and known[n].organization is None]
    rest_states = [m for m in nameless if known[m].country not in told]
    if len(names) != len(members) or len(rest_names) != len(rest_states):
        return members
    for name, member in zip(rest_names, rest_states, strict=True):
        _adopt(known, name, known[member])
    return tuple(names)


def _from_leader(members: tuple[int, ...], name: int, state: str | None, known: list[Party]) -> tuple[int, ...]:
    """The members with the leader in the place of the nameless delegation that is his."""
    if name in members or known[name].former:
        return members
    state = state or known[name].country
    teams = [m for m in members if _nameless(known[m]) and known[m].role_class is None]
    fits = [m for m in teams if known[m].country == state] if state else teams
    if len(fits) != 1 or (known[name].country not in (None, known[fits[0]].country)):
        return members
    _adopt(known, name, known[fits[0]])
    return tuple(name if m == fits[0] else m for m in members)


def _adopt(known: list[Party], person: int, group: Party) -> None:
    """Gives the person the state and office of the group, where the article told none."""
    party = known[person]
    if party.country is None and party.organization is None:
        party = replace(party, country=group.country, country_source=CountrySource.TEXT)
    if party.role is None and group.role is not None and group.kind is PartyKind.PERSON:
        role = re.sub(r"(?<=[a-z]{3})s\b(?= of\b| for\b| in charge\b|$)", "", group.role, count=1)
        party = replace(party, role=role, role_class=group.role_class, portfolio=group.portfolio)
    known[person] = party
