"""Whom a person speaks for, where the phrase itself does not say: by the one whose envoy or counterpart he is, by the place where he
receives, by the table of office holders, by the country for which the outlet writes. Unknown stays None.
"""

import re
from bisect import insort
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from parsers.bodies import BodyKind
from parsers.catalog import bodies, cities, office_holders
from parsers.chunks import role_lexicon
from parsers.datelines import read_dateline
from parsers.document import Document
from parsers.mentions import Form, Mention
from parsers.names import fold, name_tokens
from parsers.office_holders import OfficeHolder
from parsers.records import CountrySource, PartyKind, RoleClass
from parsers.roles import is_vague


@dataclass(slots=True)
class Known:
    """A party while the article is read. seen: (sentence, start) of its last mention in text order of reading."""

    kind: PartyKind
    name: str | None = None
    role: str | None = None
    role_class: RoleClass | None = None
    portfolio: str | None = None
    country: str | None = None
    country_source: CountrySource | None = None
    organization: str | None = None
    former: bool = False
    counterpart: bool = False  # of another state than the one that speaks, whichever that is
    mentions: list[int] = field(default_factory=list)

    def absorb(self, index: int, mention: Mention) -> None:
        """Takes over what the mention says and the party does not know yet; a fuller name replaces a shorter one."""
        insort(self.mentions, index)
        self.counterpart = self.counterpart or mention.form is Form.COUNTERPART
        if mention.name and (self.name is None or _fullness(mention.name) > _fullness(self.name)):
            self.name = mention.name
        if (
            mention.role
            and mention.form is not Form.COUNTERPART
            and (self.role is None or (is_vague(self.role) and not is_vague(mention.role)))
        ):
            self.role, self.role_class, self.portfolio = mention.role, mention.role_class, mention.portfolio or self.portfolio
            self.former = mention.former
        if mention.country and (self.country is None or self.country_source is CountrySource.ORGANIZATION is not mention.country_source):
            self.country, self.country_source = mention.country, mention.country_source
        if mention.organization and self.organization is None:
            self.organization = mention.organization


def lend_offices(text: str, mentions: Sequence[Mention], known: Sequence[Known], party_of: Sequence[int]) -> None:
    """Named counterparts ("his Omani counterpart Badr Albusaidi") get the office of the person whose counterparts they are."""
    for index, mention in enumerate(mentions):
        if mention.form is not Form.COUNTERPART or mention.name is None or known[party_of[index]].role is not None:
            continue
        row = known[party_of[index]]
        lent = as_counterpart(text, index, mentions, known, party_of)
        row.role, row.role_class, row.portfolio = lent.role, lent.role_class, lent.portfolio


_GATHERING = re.compile(
    r"(?i)\b(?:summit|conference|sidelines?|margins?|forum|general assembly|session|congress|festival|exhibition|expo|games)\b"
)


def dateline_state(document: Document) -> str | None:
    """The state of the dateline's city, unless it is a place where the states of the world meet."""
    dateline = read_dateline(document.text[document.body_start :], document.published)
    if dateline is None or dateline.city is None or dateline.city.title() in role_lexicon().words.meeting_places:
        return None
    return dateline.country


def _fullness(name: str) -> tuple[int, int]:
    """More tokens tell more; of as many, those that are no initials ("Zoltan Kerekes", "Z. Kerekes")."""
    tokens = name_tokens(name)
    return len(tokens), sum(len(token) > 1 for token in tokens)


def host_state(document: Document, mentions: Sequence[Mention], known: Sequence[Known]) -> str | None:
    """The one state in which the article says that things took place, if it names officials of other states with their nation and none
    of this one: then officials without a nation are the hosts. None where that is not so.
    """
    places = set()
    for mention in mentions:
        if mention.form is Form.COUNTRY:
            before = document.text[max(0, mention.span.start - 12) : mention.span.start].split()[-1:]
            there = document.text[mention.span.start : mention.span.end]
            if before and before[0].lower() in ("in", "at") and there not in role_lexicon().words.meeting_places:
                places.add(mention.country)
    named = {row.country for row in known if row.kind is PartyKind.PERSON and row.country_source is CountrySource.TEXT}
    place = places.pop() if len(places) == 1 else None
    return place if named and place not in named else None


def take_places(document: Document, mentions: Sequence[Mention], known: Sequence[Known], party_of: Sequence[int]) -> None:
    """Who is met at home: in "In Beirut, X will meet Parliament Speaker Y and Prime Minister Z" both have the state of the city.

    Only for offices of a state that the text gives no nation, after the first person of the sentence, where no gathering is spoken of.
    """
    place: str | None = None
    sentence, persons = -1, 0
    for index, mention in enumerate(mentions):
        if mention.sentence != sentence:
            sentence, persons = mention.sentence, 0
            place = None
        if mention.form is Form.COUNTRY:
            inside = document.text[max(0, mention.span.start - 12) : mention.span.start].split()[-1:]
            there = document.text[mention.span.start : mention.span.end]
            capital = document.text[mention.span.end : mention.span.end + 9] == " capital "
            if (capital or (inside and inside[0].lower() in ("in", "to"))) and there not in role_lexicon().words.meeting_places:
                place = mention.country
            continue
        if party_of[index] < 0:
            persons += mention.form is Form.PRONOUN
            continue
        row = known[party_of[index]]
        if row.kind is not PartyKind.PERSON:
            continue
        persons += 1
        bare = row.country is None and row.organization is None and _holds_state_office(row) and not row.former
        if place and persons > 1 and bare and not _GATHERING.search(document.sentences[sentence].text):
            row.country, row.country_source = place, CountrySource.TEXT


def take_bosses(mentions: Sequence[Mention], known: Sequence[Known], party_of: Sequence[int]) -> None:
    """Whoever holds an office of a person speaks for that person's state: "Putin's envoy"."""
    for index, mention in enumerate(mentions):
        if not mention.attributive or mention.name is None:
            continue
        for holder in range(max(0, index - 2), index):
            row = known[party_of[holder]] if party_of[holder] >= 0 else None
            if (
                row is not None
                and mentions[holder].span.covers(mention.span)
                and row.country is None
                and party_of[holder] != party_of[index]
            ):
                boss = known[party_of[index]]
                row.country, row.country_source = boss.country, boss.country_source


def take_shared_offices(mentions: Sequence[Mention], known: Sequence[Known]) -> None:
    """Offices that the article tells for the group: "the foreign ministers of X and Y" for those whom it names with their nation only."""
    shared = {mention.country: mention for mention in mentions if mention.form is Form.OFFICE and mention.role and mention.country}
    persons = Counter(row.country for row in known if row.kind is PartyKind.PERSON)
    foreign = any("foreign minister" in (mention.role or "").lower() for mention in mentions)
    for row in known:
        if row.kind is not PartyKind.PERSON or row.country is None or row.organization or not (row.role is None or is_vague(row.role)):
            continue
        mention = shared.get(row.country)
        if mention is not None and persons[row.country] == 1 and mention.role_class in OF_A_STATE and not mention.former:
            row.role, row.role_class, row.portfolio = mention.role, mention.role_class, mention.portfolio
        elif row.role_class is RoleClass.FOREIGN_MINISTER and foreign and row.role and "diplomat" in row.role.lower():
            row.role = "foreign minister"


# Offices that only a state has, so that without a nation they belong to the country for which the outlet writes.
OF_A_STATE = frozenset(
    {
        RoleClass.HEAD_OF_STATE,
        RoleClass.HEAD_OF_GOVERNMENT,
        RoleClass.FOREIGN_MINISTER,
        RoleClass.MINISTER,
        RoleClass.DEPUTY_MINISTER,
        RoleClass.SPEAKER,
        RoleClass.LEGISLATOR,
        RoleClass.MILITARY_CHIEF,
        RoleClass.CENTRAL_BANKER,
        RoleClass.GOVERNOR,
        RoleClass.MAYOR,
    }
)
_STATE_BODY = re.compile(
    r"(?i)department|headquarters|council|committee|commission|authority|directorate|court|army|guards?|police|judiciary|armed forces"
    r"|navy|office of the president"
)


def settle_countries(known: Sequence[Known], day: date | None, home: str | None, stated: Set[str]) -> None:
    """Gives a state to persons of whom the text tells none: by the table of office holders, then by the outlet's own state."""
    for row in known:
        if row.kind is not PartyKind.PERSON:
            continue
        if row.country is not None and not _doubtful(row, day):
            _settle_office(row, day)
            continue
        holder = _holder(row, day)
        if holder is not None and (holder.alpha3 or not row.organization):
            row.country = holder.alpha3
            row.country_source = CountrySource.OFFICE_HOLDERS if holder.alpha3 else None
            row.organization = row.organization or holder.organization
            if row.role is None:
                row.role, row.role_class = holder.office, holder.role_class
        if holder is not None or row.role is None or not _may_be_of_state(row.organization):
            continue
        likely = next(
            (code for phrase, code in role_lexicon().likely_offices.items() if phrase in row.role.lower() and code in stated), None
        )
        if likely is not None and home in (None, likely):
            row.country, row.country_source = likely, CountrySource.TEXT
        if row.country is not None or home is None:
            continue
        if _holds_state_office(row) or row.organization is not None:
            row.country, row.country_source = _seat(row, home) or home, CountrySource.OUTLET


_OF_A_BODY = re.compile(r"(?i)secretary[- ]general|\bUN\b|united nations|\bEU\b")


def _holds_state_office(row: Known) -> bool:
    if _OF_A_BODY.search(row.role or ""):
        return False
    if row.role_class in (RoleClass.OTHER, RoleClass.ENVOY):
        return bool(set(fold(row.role or "").split()) & role_lexicon().words.of_state)
    return row.role_class in OF_A_STATE


def _settle_office(row: Known, day: date | None) -> None:
    """The office that the table has beyond doubt for a full name of which the text tells only the nation, or only "top diplomat"."""
    bare = row.role is None or "diplomat" in row.role.lower()
    if not bare or row.former or len(name_tokens(row.name or "")) < 2:
        return
    holder = office_holders().lookup(row.name or "", day, alpha3=row.country, sure_only=True)
    if holder is not None and holder.alpha3 == row.country:
        row.role, row.role_class = holder.office, holder.role_class


def _seat(row: Known, home: str) -> str | None:
    """The state of the city that a governor or mayor is of; the outlet's own where it has a city of that name."""
    if row.role is None or row.role_class not in (RoleClass.GOVERNOR, RoleClass.MAYOR):
        return None
    for word in row.role.split():
        if word[:1].isupper() and (found := cities().lookup(word, alpha3=home) or cities().lookup(word)):
            return found.alpha3
    return None


def _doubtful(row: Known, day: date | None) -> bool:
    """Whether the state that the text seems to give contradicts what is known beyond doubt of this person, by full name."""
    if row.name is None or len(name_tokens(row.name)) < 2:
        return False
    holder = _holder(row, day)
    return holder is not None and holder.sure and holder.alpha3 is not None and holder.alpha3 != row.country


def _may_be_of_state(organization: str | None) -> bool:
    """Whether who holds an office of the body may stand for a state that the text leaves out: no international body or company."""
    if organization is None:
        return True
    listed = bodies().lookup(organization)
    return bool(_STATE_BODY.search(organization)) and (listed is None or listed.kind not in (BodyKind.IGO, BodyKind.NGO, BodyKind.COMPANY))


def _holder(row: Known, day: date | None) -> OfficeHolder | None:
    """The office that the table has for this person, if it does not contradict the one that the text tells."""
    if row.name is None or row.former:
        return None
    told = None if row.role is None or is_vague(row.role) else row.role_class
    if told in (RoleClass.OTHER, RoleClass.ENVOY, RoleClass.MILITARY_CHIEF, RoleClass.CLERIC, RoleClass.EXECUTIVE):
        told = None
    return office_holders().lookup(row.name, day, role_class=told)


def as_counterpart(text: str, index: int, mentions: Sequence[Mention], known: Sequence[Known], party_of: Sequence[int]) -> Mention:
    """The counterpart with the office of the person whose counterpart it is: the nearest person before it in the sentence."""
    mention = mentions[index]
    first = index
    while first > 0 and mentions[first - 1].sentence == mention.sentence:
        first -= 1
    last = index
    while last + 1 < len(mentions) and mentions[last + 1].sentence == mention.sentence:
        last += 1
    before = first
    while before > 0 and mentions[before - 1].sentence == mention.sentence - 1:
        before -= 1
    if index and first < index:
        gap = text[mentions[index - 1].span.end : mention.span.start].strip().lower()
        if gap in ("and", ", and", "and with", "with", ","):  # "between President X and his French counterpart"
            first = index - 1
    # the subject comes first; in "In a call with his Turkish counterpart X, President Y said" it comes after
    for k in (*range(first, index), *range(index + 1, last + 1), *range(before, first)):
        other = mentions[k]
        if other.form is Form.OFFICE and party_of[k] < 0 and not other.plural and other.role and other.country != mention.country:
            return replace(mention, role=other.role, role_class=other.role_class, portfolio=other.portfolio)
        if party_of[k] < 0 or other.form is Form.COUNTERPART or other.attributive:
            continue
        row = known[party_of[k]]
        if row.kind is PartyKind.PERSON and row.role and (row.country is None or row.country != mention.country):
            return replace(mention, role=row.role, role_class=row.role_class, portfolio=row.portfolio)
    return mention
