"""Phrases that name one party twice, made one: "a Kenyan delegation led by X", "the presidents of Estonia and Moldova, X and Y".

A delegation with a leader is that person; a list of offices followed by as many names is those persons. The person takes the state, body
and office that the wider phrase tells, where the article told none.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from parsers.mentions import Form, Mention, Party
from parsers.records import CountrySource, PartyKind, Span

REACH = 110  # characters between a delegation and its leader

_TITLES = r"(?:[A-Z][\w.]*\.?\s+){0,3}"
_LED = re.compile(
    rf"[^.;]{{0,90}}?\b(?:led|headed|chaired|spearheaded|presided over) by\s+(?:(?:the|its|their|his|her)\s+)?(?:country['’]s\s+)?{_TITLES}"
    rf"|[^.;]{{0,60}}?\bunder (?:the )?(?:leadership|chairmanship) of\s+(?:the\s+)?{_TITLES}"
    r"|\s*,?\s*with\s+(?=[^.;]{1,80} at (?:its|their|the) head)"
)
# "X, who was heading the visiting Kenyan delegation"
_LEADS = re.compile(
    r"\s*,?\s*(?:who\s+)?(?:(?:is|was|has been|had been)\s+)?"
    r"(?:heading|headed|heads|leading|led|leads|chairing|at the head of|head of|leader of)\s+"
    r"(?:(?:the|a|an)\s+)?(?:(?:visiting|high-ranking|high-level)\s+)?$"
)
_SENTENCE_ENDS = frozenset(".!?”\"")
_TEAM = re.compile(r"\b(?:delegation|team|mission)\b", re.IGNORECASE)
_PORTFOLIO = re.compile(r"\s+(?:of|for|on)\s+(?:(?:the\s+)?[\w&-]+,?\s+){0,5}")
_APPOSED = re.compile(r"\s*(?:,|–|—|-|\()\s*(?:(?:Mr|Ms|Mrs|Dr)\.?\s+)?(?:respectively,?\s+)?")
_LISTED = re.compile(r"\s*(?:,|;|,?\s+and)\s+(?:(?:Mr|Ms|Mrs|Dr)\.?\s+)?(?:the\s+)?")


def bind_leaders(text: str, mentions: Sequence[Mention], parties: Sequence[Party]) -> tuple[tuple[Mention, ...], tuple[Party, ...]]:
    """The mentions and parties with such phrases made one. Indices of mentions change; parties keep theirs (some lose their mentions)."""
    kept, known = list(mentions), list(parties)
    at = 0
    while at < len(kept):
        mention = kept[at]
        if mention.form is Form.DELEGATION or mention.kind is PartyKind.DELEGATION:
            _bind_leader(text, kept, known, at)
        elif mention.form is Form.OFFICE:
            _bind_names(text, kept, known, at)
            _bind_name(text, kept, known, at)
        at += 1
    _bind_heads(text, kept, known)
    _bind_holders(text, kept, known)
    of: dict[int, list[int]] = {}
    for index, mention in enumerate(kept):
        of.setdefault(mention.party, []).append(index)
    return tuple(kept), tuple(replace(party, mentions=tuple(of.get(party.index, ()))) for party in known)


def _bind_leader(text: str, kept: list[Mention], known: list[Party], at: int) -> None:
    body = kept[at]
    if body.attributive or body.form is Form.COUNTRY:
        return
    for later in range(at + 1, min(at + 6, len(kept))):
        person = kept[later]
        if person.sentence != body.sentence or person.span.start - body.span.end > REACH:
            return
        if person.form is Form.NAMED and person.party >= 0 and _LED.fullmatch(text, body.span.end, person.span.start):
            _adopt(known, person.party, body, role=False)
            kept[at : later + 1] = [replace(person, span=Span(body.span.start, person.span.end))]
            return


def _bind_heads(text: str, kept: list[Mention], known: list[Party]) -> None:
    """Gives a state's delegation, wherever it is told of, to the one who is said to head it: "X, who leads the Kenyan delegation"."""
    heads: dict[str, set[int]] = {}
    for person, body in pairwise(kept):
        if person.form is not Form.NAMED or body.form is not Form.DELEGATION or not body.country or body.organization:
            continue
        if person.sentence == body.sentence and person.party >= 0 and _LEADS.match(text[person.span.end : body.span.start]):
            if known[person.party].country is None:
                _adopt(known, person.party, body, role=False)
            heads.setdefault(body.country, set()).add(person.party)
    for at, mention in enumerate(kept):
        leaders = heads.get(mention.country or "", set())
        bare = mention.form is Form.DELEGATION and mention.organization is None and _TEAM.search(text, mention.span.start, mention.span.end)
        if bare and len(leaders) == 1:
            kept[at] = replace(mention, party=min(leaders))


def _bind_holders(text: str, kept: list[Mention], known: list[Party]) -> None:
    """The office that begins a sentence is held by whose bare name begins the next: "The Kenyan envoy met X. Joseph Wekesa said ..."."""
    first: dict[int, int] = {}
    told: Counter[int] = Counter(mention.party for mention in kept)
    for at, mention in enumerate(kept):
        if not mention.attributive and mention.form is not Form.COUNTRY:
            first.setdefault(mention.sentence, at)
    for sentence, at in first.items():
        office, name = kept[at], kept[first[sentence + 1]] if sentence + 1 in first else None
        if name is None or name.form is not Form.NAMED or office.form is not Form.OFFICE:
            continue
        opens = text[max(0, name.span.start - 9) : name.span.start].rstrip()[-1:] in _SENTENCE_ENDS
        if office.plural or office.party < 0 or name.party < 0 or not opens:
            continue
        holder, unnamed = known[name.party], known[office.party]
        unknown = not (holder.country or holder.role or holder.organization) and " " in (holder.name or "")
        if unknown and told[name.party] > 1 and unnamed.name is None and unnamed.country and not office.former:
            _adopt(known, name.party, office, role=True)
            for k, mention in enumerate(kept):
                if mention.party == office.party:
                    kept[k] = replace(mention, party=name.party)


def _bind_names(text: str, kept: list[Mention], known: list[Party], at: int) -> None:
    """Offices of several states in one phrase, then as many names."""
    span = kept[at].span
    offices = [m for m in kept[at : at + 12] if m.span == span]
    names: list[Mention] = []
    end = span.end
    for later in kept[at + len(offices) : at + 3 * len(offices)]:
        link = _LISTED if names else _APPOSED
        if later.form is not Form.NAMED or later.party < 0 or len(names) == len(offices) or not link.fullmatch(text, end, later.span.start):
            break
        names.append(later)
        end = later.span.end
    if len(offices) < 2 or len(names) != len(offices):
        return
    for office, name in zip(offices, names, strict=True):
        _adopt(known, name.party, office, role=True)
    whole = Span(span.start, end)
    kept[at : at + 2 * len(offices)] = [replace(name, span=whole) for name in names]


def _bind_name(text: str, kept: list[Mention], known: list[Party], at: int) -> None:
    """An office whose portfolio parts it from its holder: "the chairman of Ukraine's committee on foreign affairs X"."""
    office = kept[at]
    if at + 1 >= len(kept) or office.form is not Form.OFFICE or office.plural or office.party < 0 or known[office.party].name:
        return
    name = kept[at + 1]
    alone = name.form is Form.NAMED and name.party >= 0 and known[name.party].role is None and name.sentence == office.sentence
    if alone and _PORTFOLIO.fullmatch(text, office.span.end, name.span.start):
        _adopt(known, name.party, office, role=True)
        kept[at : at + 2] = [replace(name, span=Span(office.span.start, name.span.end))]


def _adopt(known: list[Party], person: int, wider: Mention, *, role: bool) -> None:
    """Gives the person what the wider phrase tells and the article did not."""
    party = known[person]
    state = wider.country or (known[wider.party].country if wider.party >= 0 else None)
    told = party.country is not None and party.country_source is not CountrySource.OUTLET
    if state and not told:
        party = replace(party, country=state, country_source=CountrySource.TEXT)
    if party.organization is None and not told and wider.organization:
        party = replace(party, organization=wider.organization)
    if role and party.role is None and wider.party >= 0:
        office = known[wider.party]
        party = replace(party, role=singular(office.role), role_class=office.role_class, portfolio=office.portfolio)
    known[person] = party


def singular(role: str | None) -> str | None:
    """The office of one of several holders: "Ministers of Water Affairs" → "Minister of Water Affairs"."""
    return re.sub(r"(?<=[a-z]{3})s\b(?= of\b| for\b|$)", "", role, count=1) if role else None
