"""Who may take part in a meeting: all noun phrases that name a party, and who is meant by each.

`find_mentions` finds the phrases sentence by sentence; `join_parties` binds them to the persons, bodies and states of the article.
A country comes from evidence first: the phrase's own nation, "X's", "of X", a ministry or palace, the body's seat.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from dataclasses import replace
from functools import lru_cache

from parsers.allegiances import (
    Known,
    as_counterpart,
    dateline_state,
    host_state,
    lend_offices,
    settle_countries,
    take_bosses,
    take_places,
    take_shared_offices,
)
from parsers.chunks import role_lexicon
from parsers.document import Document
from parsers.lines import read_lines
from parsers.mentions import Form, Mention, Party
from parsers.names import NameTagger, fold, load_tagger, name_keys, name_tokens, same_person
from parsers.outlets import home_country
from parsers.phrases import mentions_of
from parsers.records import PartyKind, RoleClass


def find_mentions(document: Document, *, tagger: NameTagger | None = None) -> tuple[Mention, ...]:
    """Every phrase of the document that may be a party, in order of the text; only attributive ones lie within others.

    tagger: what finds names, the shipped one by default (loaded on the first call).
    """
    lines = read_lines(document, tagger or load_tagger())
    mentions = [mention for line in lines for mention in mentions_of(line)]
    return tuple(sorted(mentions, key=lambda mention: (mention.span.start, -mention.span.end)))


def join_parties(document: Document, mentions: Sequence[Mention]) -> tuple[tuple[Mention, ...], tuple[Party, ...]]:
    """The mentions with their parties, and the parties: every person, body and state of the article once."""
    register = _Register()
    known = register.known
    party_of = [-1] * len(mentions)
    order = sorted(range(len(mentions)), key=lambda k: (mentions[k].span.start < document.body_start, mentions[k].span.start))

    def bind(index: int, party: int) -> None:
        register.bind(index, party, mentions[index])
        party_of[index] = party

    for index in order:
        if mentions[index].name is not None:
            bind(index, register.person(mentions[index]))
    stated = {mention.country for mention in mentions if mention.country}
    home = home_country(document.publisher, document.url) or dateline_state(document)
    lend_offices(document.text, mentions, known, party_of)
    settle_countries(known, document.published, None, frozenset())
    take_bosses(mentions, known, party_of)
    take_places(document, mentions, known, party_of)
    home = home or host_state(document, mentions, known)
    take_shared_offices(mentions, known)
    lend_offices(document.text, mentions, known, party_of)
    settle_countries(known, document.published, home, stated)
    for index in order:
        mention = mentions[index]
        if mention.name is not None or mention.form in (Form.GROUP, Form.PRONOUN):
            continue
        if mention.form is Form.OFFICE and mention.kind is PartyKind.PERSON:
            bind(index, register.office(index, mentions))
        elif mention.form is Form.COUNTERPART:
            mention = as_counterpart(document.text, index, mentions, known, party_of)
            target = register.counterpart(mention)
            bind(index, target)
            if known[target].role is None and not mention.plural:
                known[target].role, known[target].role_class, known[target].portfolio = mention.role, mention.role_class, mention.portfolio
        else:
            bind(index, register.body(mention))
    for index in order:
        if mentions[index].form is Form.PRONOUN and not mentions[index].plural:
            target = _antecedent(index, mentions, party_of, known)
            if target >= 0:
                bind(index, target)
    settle_countries(known, document.published, home, stated)
    joined = tuple(replace(mention, party=party_of[index]) for index, mention in enumerate(mentions))
    parties = tuple(
        Party(
            index=index,
            kind=row.kind,
            name=_spelt(row, mentions),
            role=row.role,
            role_class=row.role_class,
            portfolio=row.portfolio,
            country=row.country,
            country_source=row.country_source,
            organization=row.organization,
            former=row.former,
            mentions=tuple(sorted(row.mentions)),
        )
        for index, row in enumerate(known)
    )
    return joined, parties


def _spelt(row: Known, mentions: Sequence[Mention]) -> str | None:
    """The name, its last word as the article mostly spells it: a slip in the fullest form does not outvote the rest."""
    if row.name is None or row.kind is not PartyKind.PERSON:
        return row.name
    *first, last = row.name.split()
    told = Counter(name.split()[-1] for at in row.mentions if (name := mentions[at].name))
    usual, times = max(told.items(), key=lambda item: item[1], default=(last, 0))
    slip = usual != last and times > told[last] and usual[:1] == last[:1] and abs(len(usual) - len(last)) <= 2
    return " ".join([*first, usual]) if first and slip and fold(usual) not in map(fold, first) else row.name


RECENT = 300  # persons among whom an office without a name is looked for: bounds the time on long lists


class _Register:
    """The parties found so far, with the look-ups by which mentions find theirs."""

    def __init__(self) -> None:
        self.known: list[Known] = []
        self._by_key: dict[str, dict[int, None]] = defaultdict(dict)
        self._by_body: dict[tuple[object, ...], int] = {}
        self._persons: list[int] = []

    def bind(self, index: int, party: int, mention: Mention) -> None:
        """Gives the mention to the party; a new one where `party` is the number of parties."""
        if party == len(self.known):
            self.known.append(Known(kind=mention.kind))
            if mention.kind is PartyKind.PERSON:
                self._persons.append(party)
            else:
                self._by_body.setdefault(_body_key(mention), party)
        self.known[party].absorb(index, mention)
        for key in name_keys(mention.name) if mention.name else ():
            self._by_key[key][party] = None

    def person(self, mention: Mention) -> int:
        """The party that the name belongs to: one with the same state first, then the latest; a new one where none fits."""
        known, name = self.known, mention.name or ""
        near = dict.fromkeys(party for key in name_keys(name) for party in self._by_key.get(key, ()))
        fits = [k for k in near if same_person(known[k].name or "", name)]
        if mention.country:
            single = len(name_tokens(name)) == 1
            fits = [k for k in fits if known[k].country in (None, mention.country)] or ([] if single else fits)
        if not fits:
            return len(known)
        tokens = set(name_tokens(name))
        return max(
            fits,
            key=lambda k: (known[k].country == mention.country, len(tokens & set(name_tokens(known[k].name or ""))), known[k].mentions[-1]),
        )

    def office(self, index: int, mentions: Sequence[Mention]) -> int:
        """Whom an office without a name means. With its nation it may come before the name; a bare "the minister" looks back."""
        mention, fits = mentions[index], []
        for k in self._persons[-RECENT:]:
            row = self.known[k]
            if not _same_office(mention, row) or row.former != mention.former:
                continue
            if mention.country and (row.country or row.organization or row.counterpart) and mention.country != row.country:
                continue
            at = bisect_left(row.mentions, index)
            if not at and not mention.country and mention.sentence > 0:
                continue
            near = row.mentions[at - 1] if at else -row.mentions[0]
            fits.append((mention.country is not None and row.country == mention.country, bool(at), near, k))
        return max(fits)[-1] if fits else len(self.known)

    def counterpart(self, mention: Mention) -> int:
        """A person of that state and class of office whom the article names, else one more unnamed party."""
        if mention.country is None:
            return len(self.known)
        same = [k for k in self._persons[-RECENT:] if self.known[k].country == mention.country]
        fits = [k for k in same if mention.role_class is not None and self.known[k].role_class is mention.role_class]
        if fits:
            return max(fits, key=lambda k: self.known[k].name is not None)
        return next((k for k in same if self.known[k].role is None), len(self.known))

    def body(self, mention: Mention) -> int:
        """The body, state or delegation of the same description."""
        nameless = mention.organization is None and mention.country is None
        return len(self.known) if nameless else self._by_body.get(_body_key(mention), len(self.known))


def _body_key(mention: Mention) -> tuple[object, ...]:
    if mention.organization:
        return (mention.kind, fold(mention.organization))
    return (mention.kind, mention.country, mention.role)


@lru_cache(maxsize=4096)
def _role_words(role: str) -> frozenset[str]:
    return frozenset(fold(role).split())


def _same_office(a: Mention, row: Known) -> bool:
    """Whether an office without a name may be this person's: same class, or "the minister" for any minister."""
    if row.role_class is None or a.role_class is None:
        return False
    ministers = (RoleClass.MINISTER, RoleClass.FOREIGN_MINISTER, RoleClass.DEPUTY_MINISTER)
    words, theirs = _role_words(a.role or ""), _role_words(row.role or "")
    if a.role_class is row.role_class:
        if a.role_class in (RoleClass.HEAD_OF_STATE, RoleClass.HEAD_OF_GOVERNMENT):
            return not (kinds := _crown(words)) or not (others := _crown(theirs)) or bool(kinds & others)
        if a.role_class in (RoleClass.OTHER, RoleClass.EXECUTIVE, RoleClass.MINISTER, RoleClass.ENVOY):
            return words <= theirs or theirs <= words
        return True
    if words == {"minister"} or words == {"secretary"}:
        return row.role_class in ministers or "secretary" in theirs
    if words in ({"diplomat"}, {"top", "diplomat"}, {"official"}, {"senior", "official"}):
        return row.role_class in (*ministers, RoleClass.AMBASSADOR)
    if a.role_class is RoleClass.FOREIGN_MINISTER and row.role_class is RoleClass.MINISTER:
        return words <= theirs
    return bool(words) and words <= theirs


def _crown(words: Set[str]) -> set[str]:
    """Which sort of head of state or government the words name."""
    return {role_lexicon().crowns[word.split("-")[0]] for word in words if word.split("-")[0] in role_lexicon().crowns}


def _antecedent(index: int, mentions: Sequence[Mention], party_of: Sequence[int], known: Sequence[Known]) -> int:
    """Whom "he" or "she" means: the first person of the sentence before the pronoun, else the first of the last sentence with one."""
    here = mentions[index].sentence
    seen = -1
    for k in range(index - 1, -1, -1):
        other = mentions[k]
        if party_of[k] < 0 or known[party_of[k]].kind is not PartyKind.PERSON or other.attributive or other.plural:
            continue
        if seen not in (-1, other.sentence):
            break
        if other.sentence < here - 3:
            break
        seen = other.sentence
        found = party_of[k]
        if k == 0 or mentions[k - 1].sentence != seen:
            return found
        result = found
        if all(
            party_of[j] < 0 or known[party_of[j]].kind is not PartyKind.PERSON
            for j in range(max(0, k - 6), k)
            if mentions[j].sentence == seen
        ):
            return result
    return -1
