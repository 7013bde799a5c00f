"""The phrases of a sentence that may be parties: names with their offices, offices alone, counterparts, delegations, bodies, states."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.chunks import BodyForm, Chunk, Kind, RoleLexicon, StateForm, rename, role_lexicon
from parsers.lines import Line, merge_name, name_run
from parsers.mentions import Form, Mention
from parsers.records import CountrySource, PartyKind, RoleClass, Span
from parsers.roles import RolePhrase, find_roles, is_vague

_PRONOUNS = frozenset({"he", "she", "they", "him", "them"})
_ACTS = frozenset({"resolution", "resolutions", "charter", "report", "treaty", "statute", "summit"})  # what a body made, not the body
# What is called by the place where it was held: "the Vienna talks".
_NAMED_BY_PLACE = frozenset(
    {
        "talks", "negotiations", "summit", "conference", "meeting", "meetings", "dialogue", "process", "agreement", "accord", "accords",
        "deal", "round",
    }
)  # fmt: skip
_PLACE_WORDS = frozenset({"in", "near", "inside", "outside", "across", "at", "throughout"})


@dataclass(slots=True)
class Office:
    """One office or a chain of them ("Deputy Prime Minister and Foreign Minister")."""

    first: int
    last: int
    parts: list[RolePhrase]

    @property
    def nations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for part in self.parts for code in part.nations))


def mentions_of(line: Line) -> list[Mention]:
    """The line's phrases that may be parties, in order of their starts but for those that stand by themselves, which come last."""
    line.roles = find_roles(line.chunks)
    for mend in (_mistaken_bodies, _mistaken_persons, _name_leaders, _name_followers):
        if mend(line):
            line.roles = find_roles(line.chunks)
    offices = _chain(line)
    mentions: list[Mention] = []
    _pair_names(line, offices, mentions)
    _bare_names(line, mentions)
    _offices_alone(line, offices, mentions)
    _counterparts(line, mentions)
    _delegations(line, mentions)
    mentions.sort(key=lambda mention: mention.span.start)
    _share_nations(line, mentions)
    _rest(line, mentions)
    return mentions


def _mistaken_bodies(line: Line) -> bool:
    """Makes names of guessed bodies that stand where only a person can: before ", ROLE" or ", who", after "ROLE" or "ROLE,"."""
    changed = False
    chunks = line.chunks
    who = [
        at for at in range(len(chunks) - 2) if chunks[at].kind is Kind.BODY and chunks[at + 1].text == "," and chunks[at + 2].low == "who"
    ]
    candidates = [who]
    for phrase in line.roles:
        spots = [phrase.last, phrase.last + 1] if phrase.last < len(chunks) and chunks[phrase.last].text == "," else [phrase.last]
        if phrase.first >= 2 and chunks[phrase.first - 1].text in (",", "("):
            spots.append(phrase.first - 2)
        candidates.append(spots)
    for spots in candidates:
        for at in spots:
            if not 0 <= at < len(chunks) or chunks[at].kind is not Kind.BODY or not chunks[at].value.guessed or chunks[at].shouted:
                continue
            if 2 <= len(chunks[at].text.split()) <= 5:
                chunks[at] = rename(chunks[at], Kind.NAME)
                changed = True
    return changed


_BODY_HEADS = frozenset(
    {
        "head",
        "chief executive",
        "chief executive officer",
        "chairman",
        "chair",
        "chairwoman",
        "president",
        "director",
        "managing director",
        "founder",
        "owner",
        "general manager",
        "executive director",
        "general director",
        "chairperson",
        "co-founder",
    }
)


def _heads_body(chunks: list[Chunk], phrase: RolePhrase) -> bool:
    """Makes a body of what the tagger took for a person in "the head of Akzo Nobel"."""
    at = phrase.last + 1
    if at >= len(chunks) or chunks[phrase.last].low != "of" or chunks[at].kind is not Kind.NAME or phrase.last != phrase.head + 1:
        return False
    owned = at + 1 < len(chunks) and chunks[at + 1].kind is Kind.POSS
    if owned or chunks[phrase.head].value.words not in _BODY_HEADS:
        return False
    chunks[at] = rename(chunks[at], Kind.BODY, BodyForm(chunks[at].text, guessed=True))
    return True


def _name_followers(line: Line) -> bool:
    """Makes names of the capitalised runs right after an office that ends with a state ("Foreign Minister of Oman Badr Albusaidi")."""
    lexicon, changed = role_lexicon(), False
    if line.headline:
        return False
    for phrase in reversed(line.roles):
        at = phrase.last
        if (
            at < len(line.chunks)
            and at > phrase.head + 1
            and line.chunks[at].kind is Kind.WORD
            and line.chunks[at - 1].kind in (Kind.STATE, Kind.BODY)
        ):
            while at < len(line.chunks) and line.chunks[at].low in lexicon.honorifics:
                at += 1
            end = name_run(line.chunks, at, lexicon)
            if end > at:
                merge_name(line.chunks, at, end)
                changed = True
    return changed


def _mistaken_persons(line: Line) -> bool:
    """Makes bodies of persons that only a body can be."""
    found = [_heads_body(line.chunks, phrase) for phrase in line.roles]
    return any(found)


def _name_leaders(line: Line) -> bool:
    """Makes names of capitalised words to which an office is an apposition; the last first, since each merge shifts what follows."""
    if line.headline:
        return False
    found = [_name_leader(line, phrase, role_lexicon()) for phrase in reversed(line.roles)]
    return any(found)


def _name_leader(line: Line, phrase: RolePhrase, lexicon: RoleLexicon) -> bool:
    """Makes a name of the two to four capitalised words that an office is an apposition to: "Natalia Tamirisa, head of the mission"."""
    chunks, comma = line.chunks, phrase.first - 1
    if comma < 2 or chunks[comma].text != "," or chunks[comma - 1].kind is not Kind.WORD:
        return False
    begin = comma
    while begin and name_run(chunks, begin - 1, lexicon) == comma and chunks[begin - 1].kind is Kind.WORD and chunks[begin - 1].capital:
        begin -= 1
    begin += begin == 0  # the first word of a sentence has its capital from there
    if not 2 <= comma - begin <= 4 or any(chunks[k].shouted for k in range(begin, comma)):
        return False
    merge_name(chunks, begin, comma)
    return True


def _chain(line: Line) -> list[Office]:
    """Offices, with those joined that one person holds."""
    chunks = line.chunks
    offices: list[Office] = []
    for phrase in line.roles:
        office = Office(phrase.first, phrase.last, [phrase])
        if offices and _same_holder(chunks, offices[-1], phrase):
            offices[-1].parts.append(phrase)
            offices[-1].last = phrase.last
        else:
            offices.append(office)
    return offices


def _same_holder(chunks: Sequence[Chunk], office: Office, phrase: RolePhrase) -> bool:
    lexicon = role_lexicon()
    before = office.parts[-1]
    between = [row.low for row in chunks[office.last : phrase.first] if row.low not in lexicon.honorifics]
    if before.plural or phrase.plural or len(between) > 3 or any(word not in role_lexicon().words.holding for word in between):
        return False
    if not between:
        return True
    if phrase.nations and office.nations and phrase.nations[0] != office.nations[0]:
        return False
    after = _past_titles(chunks, phrase.last + (phrase.last < len(chunks) and chunks[phrase.last].text == ","), heads=True)
    named_after = after < len(chunks) and chunks[after].kind is Kind.NAME
    named_before = office.first >= 2 and chunks[office.first - 1].low == "," and chunks[office.first - 2].kind is Kind.NAME
    if named_before:
        return not named_after
    if named_after:
        if between == [","]:
            again = chunks[phrase.head].value.words == chunks[before.head].value.words  # "the Sultan of Oman, Sultan X"
            return phrase.bare and (again or all(word in role_lexicon().words.titles for word in phrase.text.lower().split()))
        determined = chunks[phrase.first].low in ("the", "a", "an")
        return not determined and not (before.bare and before.definite)
    return False


def _pair_names(line: Line, offices: Sequence[Office], mentions: list[Mention]) -> None:
    """Binds offices to the names beside them: "ROLE NAME", "NAME, ROLE", "ROLE, NAME"."""
    chunks = line.chunks
    done: set[int] = set()
    for index, office in enumerate(offices):
        follower = _name_after(chunks, office.last)
        listed = office.last < len(chunks) and chunks[office.last].text in (",", "–", "—", "-", "(", ":") and office.parts[-1].plural
        if listed and len(office.nations) > 1 and len(_names_listed(chunks, office.last + 1)) == len(office.nations):
            follower = office.last + 1
        if follower >= 0 and _is_given_name(line, office, follower):
            head = office.parts[0].head
            chunks[follower] = replace(chunks[follower], start=chunks[head].start, text=f"{chunks[head].text} {chunks[follower].text}")
            line.taken.add(head)
            done.add(index)
            continue
        if follower >= 0 and follower not in line.taken:
            if office.parts[-1].plural:
                _named_list(line, office, follower, mentions)
            else:
                _named(line, follower, office, mentions, first=office.first, last=follower + 1)
            done.add(index)
    for index, office in enumerate(offices):
        if index in done or office.parts[-1].plural:
            continue
        leader = _name_before(chunks, office)
        if leader >= 0 and leader in line.taken and _add_office(line, leader, office, mentions):
            done.add(index)
            continue
        if leader >= 0 and leader not in line.taken:
            _named(line, leader, office, mentions, first=leader, last=office.last)
            done.add(index)
            continue
        follower = _past_titles(chunks, office.last + 1)
        if (
            office.last < len(chunks)
            and chunks[office.last].text in (",", ":", "–", "-")
            and follower < len(chunks)
            and chunks[follower].kind is Kind.NAME
            and follower not in line.taken
        ):
            closed = follower + 1 < len(chunks) and chunks[follower + 1].text == ","
            # "the President of X, A, the President of Y, B": an office with a name of its own does not take this one's
            later = closed and any(other.first == follower + 2 and not _followed(chunks, other) for other in offices)
            if not later and (office.parts[0].definite or office.parts[0].text[:1].isupper()):
                _named(line, follower, office, mentions, first=office.first, last=follower + 1)
                done.add(index)
    for index in done:
        line.taken.update(range(offices[index].first, offices[index].last))


def _followed(chunks: Sequence[Chunk], office: Office) -> bool:
    """Whether a name comes right after the office, or after its comma."""
    comma = office.last < len(chunks) and chunks[office.last].text == ","
    return _name_after(chunks, office.last + comma) >= 0


def _is_given_name(line: Line, office: Office, name: int) -> bool:
    """Whether the "office" is a given name: "Sultan Ahmed Al-Jaber, the Minister of Industry"."""
    chunks = line.chunks
    phrase = office.parts[0]
    row = chunks[phrase.head]
    if (
        len(office.parts) > 1
        or not phrase.bare
        or phrase.definite
        or not row.capital
        or row.value.words not in role_lexicon().words.given_heads
        or name != phrase.last
    ):
        return False
    after = name + 1
    return after + 1 < len(chunks) and chunks[after].text == "," and any(other.first == after + 1 for other in line.roles)


def _name_after(chunks: Sequence[Chunk], at: int) -> int:
    at = _past_titles(chunks, at)
    return at if at < len(chunks) and chunks[at].kind is Kind.NAME else -1


def _past_titles(chunks: Sequence[Chunk], at: int, *, heads: bool = False) -> int:
    """Past honorifics and what stands in parentheses between them: "Lt Gen (Pilot) X"; heads: past offices that are titles too."""
    lexicon = role_lexicon()
    while at < len(chunks):
        if (chunks[at].kind is Kind.WORD and chunks[at].low in lexicon.honorifics) or (
            chunks[at].text in ("-", ".") and chunks[at].start == chunks[at - 1].end
        ):
            at += 1
        elif chunks[at].text == "(" and at + 2 < len(chunks) and chunks[at + 2].text == ")" and chunks[at - 1].low in lexicon.honorifics:
            at += 3
        elif heads and chunks[at].kind is Kind.HEAD and all(word in role_lexicon().words.titles for word in chunks[at].low.split()):
            at += 1
        else:
            break
    return at


def _add_office(line: Line, name: int, office: Office, mentions: list[Mention]) -> bool:
    """Adds the office after a name to the rank before it: "Major General X, the commander of the navy"."""
    head = line.chunks[name].start
    spot = next((at for at, mention in enumerate(mentions) if mention.head.start == head and mention.name), -1)
    if spot < 0 or mentions[spot].role is None or not is_vague(mentions[spot].role or ""):
        return False
    old = mentions[spot]
    country = office.nations[0] if office.nations else old.country
    if "cardinal" in (old.role or "").lower() and "secretary of state" in _singular_text(office).lower():
        country = "VAT"
    part = office.parts[0]
    body = next((each for each in office.parts if each.body_country), None)
    mentions[spot] = replace(
        old,
        span=Span(old.span.start, line.chunks[office.last - 1].end),
        role=_singular_text(office),
        role_class=_best_class(office),
        portfolio=part.portfolio,
        country=country or (body.body_country if body else None),
        country_source=CountrySource.TEXT if country else CountrySource.ORGANIZATION if body else None,
        organization=part.organization or old.organization,
        former=part.former,
    )
    return True


def _name_before(chunks: Sequence[Chunk], office: Office) -> int:
    """The name to which "..., ROLE" or "... (ROLE)" is an apposition, or -1."""
    at = office.first - 1
    back = at
    while back >= 0 and at - back < 8 and chunks[back].kind is Kind.WORD and chunks[back].low in role_lexicon().words.who:
        back -= 1
    if back < at and chunks[back + 1].low in ("who", "currently", "now", "also", "then", "at", "until", "previously"):
        at = back
    if at >= 1 and chunks[at].text in (",", "(", "–", "-", "—") and chunks[at - 1].kind is Kind.NAME:
        return at - 1
    if back < office.first - 1 and chunks[back + 1].low == "who" and chunks[back].kind is Kind.NAME:
        return back
    # "X of Oman, the foreign minister": a nation between
    if (
        at >= 3
        and chunks[at].text == ","
        and chunks[at - 1].kind is Kind.STATE
        and chunks[at - 2].low in ("of", "from")
        and chunks[at - 3].kind is Kind.NAME
    ):
        return at - 3
    return -1


def _named_list(line: Line, office: Office, follower: int, mentions: list[Mention]) -> None:
    """ "Presidents Putin and Erdogan", "the ministers of Iran and Oman, X and Y": one mention for each name."""
    chunks = line.chunks
    names = [follower]
    at = follower + 1
    while at + 1 < len(chunks) and chunks[at].low in (",", "and", "&"):
        step = at + 1
        while step < len(chunks) and chunks[step].low in ("and",):
            step += 1
        if step >= len(chunks) or chunks[step].kind is not Kind.NAME:
            break
        names.append(step)
        at = step + 1
    nations = office.nations
    paired = nations if len(nations) == len(names) else (nations * len(names) if len(nations) == 1 else ())
    for order, name in enumerate(names):
        _named(
            line, name, office, mentions, first=office.first if order == 0 else name, last=name + 1, nation=paired[order] if paired else ""
        )


def _named(
    line: Line, name: int, office: Office | None, mentions: list[Mention], *, first: int, last: int, nation: str | None = None
) -> None:
    """Adds the mention of a named person; an owner nation beside the name counts where the office tells none."""
    chunks = line.chunks
    country: str | None = nation if nation else None
    if nation is None and office is not None and office.nations:
        country = office.nations[0]
    if country is None and nation is None:
        country, first, last = _nation_beside(chunks, name, first, last)
    source = CountrySource.TEXT if country else None
    organization = next((part.organization for part in office.parts if part.organization), None) if office else None
    if office is None and country is None and name >= 2 and chunks[name - 1].kind is Kind.POSS and chunks[name - 2].kind is Kind.BODY:
        body: BodyForm = chunks[name - 2].value
        first, organization, country = name - 2, None if body.official else body.name, body.country
        source = CountrySource.ORGANIZATION if country else None
    if country is None and office is not None and nation is None:
        country = next((part.body_country for part in office.parts if part.body_country), None)
        source = CountrySource.ORGANIZATION if country else None
    row = chunks[name]
    followed = name + 1 < len(chunks) and chunks[name + 1].kind is Kind.POSS
    lead = office.parts[0] if office else None
    mentions.append(
        Mention(
            span=Span(chunks[first].start, chunks[last - 1].end),
            head=Span(row.start, row.end),
            form=Form.NAMED,
            kind=PartyKind.PERSON,
            sentence=line.sentence.index,
            name=" ".join(row.text.split()),
            role=_singular_text(office) if office else None,
            role_class=_best_class(office) if office else None,
            portfolio=next((part.portfolio for part in office.parts if part.portfolio), None) if office else None,
            country=country,
            country_source=source,
            organization=organization,
            former=bool(lead and lead.former),
            attributive=followed and any(role.boss == name for role in line.roles),
        )
    )
    line.taken.update(range(first, last))


def _boss(line: Line, at: int, mentions: list[Mention]) -> None:
    """The person to whom an office belongs, within the mention of the one who holds it: "Putin's special envoy, Kirill Dmitriev"."""
    row = line.chunks[at]
    span = Span(row.start, row.end)
    if any(mention.head == span for mention in mentions):
        return
    mentions.append(
        Mention(
            span=span,
            head=span,
            form=Form.NAMED,
            kind=PartyKind.PERSON,
            sentence=line.sentence.index,
            name=" ".join(row.text.split()),
            attributive=True,
        )
    )


def _nation_beside(chunks: Sequence[Chunk], name: int, first: int, last: int) -> tuple[str | None, int, int]:
    """The nation in "Italy's Giorgia Meloni", "Iranian Hassan Rouhani", "Mosud Mannan of Bangladesh"."""
    if first == name and name >= 1:
        before = chunks[name - 1]
        if before.kind is Kind.POSS and name >= 2 and chunks[name - 2].kind is Kind.STATE and chunks[name - 2].value.sort != "capital":
            return chunks[name - 2].value.code, name - 2, last
        if before.kind is Kind.STATE and before.value.sort == "demonym":
            return before.value.code, name - 1, last
    if last == name + 1 and name + 2 < len(chunks):
        link, state = chunks[name + 1], chunks[name + 2]
        if link.low == "of" and state.kind is Kind.STATE and state.value.sort != "demonym":
            return state.value.code, first, name + 3
        if link.text == "," and _represents(chunks, name + 2) and name + 4 < len(chunks) and chunks[name + 4].kind is Kind.STATE:
            return chunks[name + 4].value.code, first, name + 5
        if link.text == "(" and state.kind is Kind.STATE and name + 3 < len(chunks) and chunks[name + 3].text == ")":
            return state.value.code, first, name + 4
    return None, first, last


def _represents(chunks: Sequence[Chunk], at: int) -> bool:
    """ "who represents", "who represented"."""
    return at + 1 < len(chunks) and chunks[at].low in ("who", "and") and chunks[at + 1].low in ("represents", "represented", "representing")


def _singular_text(office: Office) -> str:
    """The offices as stated, without mere titles beside them."""
    told = [part.text for part in office.parts if not is_vague(part.text)] or [office.parts[0].text]
    return " and ".join(dict.fromkeys(told))


_RANK = (
    RoleClass.HEAD_OF_STATE,
    RoleClass.HEAD_OF_GOVERNMENT,
    RoleClass.FOREIGN_MINISTER,
    RoleClass.SPEAKER,
    RoleClass.CENTRAL_BANKER,
    RoleClass.HEAD_OF_INTERNATIONAL_BODY,
    RoleClass.MINISTER,
    RoleClass.DEPUTY_MINISTER,
    RoleClass.AMBASSADOR,
    RoleClass.ENVOY,
    RoleClass.GOVERNOR,
    RoleClass.MAYOR,
    RoleClass.MILITARY_CHIEF,
    RoleClass.LEGISLATOR,
    RoleClass.CLERIC,
    RoleClass.EXECUTIVE,
    RoleClass.OTHER,
)


def _best_class(office: Office) -> RoleClass:
    return min((part.role_class for part in office.parts), key=_RANK.index)


_HEADS = {
    "heads": "head",
    "leads": "head",
    "chairs": "chair",
    "runs": "head",
    "directs": "director",
    "governs": "governor",
    "headed": "head",
}


def _who_heads(line: Line, name: int, mentions: list[Mention]) -> bool:
    """The office that a clause tells: "X, who heads the Middle East department of the IMF"."""
    chunks = line.chunks
    if name + 4 >= len(chunks) or chunks[name + 1].text != "," or chunks[name + 2].low != "who" or chunks[name + 3].low not in _HEADS:
        return False
    end = name + 4
    while end < len(chunks) and chunks[end].kind is not Kind.MARK and end - name < 16:
        end += 1
    inner = chunks[name + 4 : end]
    body = next((row.value for row in inner if row.kind is Kind.BODY), None)
    state = next((row.value.code for row in inner if row.kind is Kind.STATE), None)
    country = state or (body.country if body else None)
    row = chunks[name]
    mentions.append(
        Mention(
            span=Span(row.start, chunks[end - 1].end),
            head=Span(row.start, row.end),
            form=Form.NAMED,
            kind=PartyKind.PERSON,
            sentence=line.sentence.index,
            name=" ".join(row.text.split()),
            role=f"{_HEADS[chunks[name + 3].low]} of {' '.join(part.text for part in inner)}",
            role_class=RoleClass.OTHER,
            country=country,
            country_source=CountrySource.TEXT if state else CountrySource.ORGANIZATION if country else None,
            organization=body.name if body and not body.official else None,
        )
    )
    line.taken.update(range(name, end))
    return True


def _bare_names(line: Line, mentions: list[Mention]) -> None:
    for at, row in enumerate(line.chunks):
        if row.kind is Kind.NAME and at not in line.taken and _who_heads(line, at, mentions):
            continue
        if row.kind is Kind.NAME and at not in line.taken:
            _named(line, at, None, mentions, first=at, last=at + 1)
        elif row.kind is Kind.NAME:
            _boss(line, at, mentions)


def _offices_alone(line: Line, offices: Sequence[Office], mentions: list[Mention]) -> None:
    """Offices with no name: "the Kenyan foreign minister"; one mention for each nation of a plural."""
    chunks = line.chunks
    for office in offices:
        if any(at in line.taken for at in range(office.first, office.last)):
            continue
        for part in office.parts:
            head = chunks[part.head]
            if (part.indefinite and not part.nations) or not _worthy(part, head):
                continue
            line.taken.update(range(part.first, part.last))
            for nation in part.nations or (None,):
                country = nation or part.body_country
                mentions.append(
                    Mention(
                        span=Span(chunks[part.first].start, chunks[part.last - 1].end),
                        head=Span(head.start, head.end),
                        form=Form.OFFICE,
                        kind=PartyKind.DELEGATION if part.plural and len(part.nations) < 2 else PartyKind.PERSON,
                        sentence=line.sentence.index,
                        role=part.text,
                        role_class=part.role_class,
                        portfolio=part.portfolio,
                        country=country,
                        country_source=CountrySource.TEXT if nation else CountrySource.ORGANIZATION if country else None,
                        organization=part.organization,
                        plural=part.plural and len(part.nations) < 2,
                        former=part.former,
                    )
                )


def _worthy(part: RolePhrase, head: Chunk) -> bool:
    """Whether an office without a name may be a party."""
    if part.plural:
        return bool(part.nations or part.organization)
    if head.value.words in role_lexicon().words.weak:
        return bool(part.nations or part.organization or part.boss >= 0) or (part.definite and part.portfolio is not None)
    return part.definite or head.capital or part.portfolio is not None


_JOINED = re.compile(r"(?:,|,? and|,? as well as|,? along with|,? accompanied by|,? together with) (?:the )?$")
_AMONG = re.compile(r",? (?:including|such as|among them|namely|like|:)")


def _share_nations(line: Line, mentions: list[Mention]) -> None:
    """Nations said once for several persons.

    "Iranian President X and Foreign Minister Y": the second office, if it is another one, has the nation of the first.
    "Lebanese officials including Speaker X and Prime Minister Y": all have that of the group. "the King and Queen of the Belgians":
    the first office has the nation of the second.
    """
    text, offset = line.sentence.text, line.sentence.span.start
    group: str | None = None
    for at, mention in enumerate(mentions):
        if mention.form is Form.DELEGATION or (mention.form is Form.OFFICE and mention.plural):
            group = mention.country if _AMONG.match(text, mention.span.end - offset) else group
            _lead(text, offset, mentions, at)
            continue
        if mention.form not in (Form.NAMED, Form.OFFICE) or mention.country or mention.organization or mention.role is None:
            continue
        nation = group
        if at and nation is None:
            first = mentions[at - 1]
            gap = text[first.span.end - offset : mention.span.start - offset]
            if (
                first.country_source is CountrySource.TEXT
                and first.role
                and first.role_class is not mention.role_class
                and _JOINED.match(gap)
            ):
                nation = first.country
        if nation is None and at + 1 < len(mentions) and mention.form is Form.OFFICE:
            second = mentions[at + 1]
            if second.form is Form.OFFICE and text[mention.span.end - offset : second.span.start - offset] in (" and ", " and the "):
                nation = second.country if second.span.end > second.head.end else None
        if nation is not None and not _foreign_office(mention):
            mentions[at] = replace(mention, country=nation, country_source=CountrySource.TEXT)


_LED = re.compile(
    r"(?:,? (?:of|from) [^,.;]{2,60})?,? (?:that was |which was |was )?(?:led|headed|chaired|fronted) by (?:the |its |their )?$"
)


def _lead(text: str, offset: int, mentions: list[Mention], at: int) -> None:
    """Who leads a delegation speaks for whom it speaks: "a Congolese delegation headed by Deputy Prime Minister X"."""
    if at + 1 >= len(mentions):
        return
    group, leader = mentions[at], mentions[at + 1]
    if leader.form is not Form.NAMED or leader.country:
        return
    if _LED.match(text[group.span.end - offset : leader.span.start - offset]):
        mentions[at + 1] = replace(
            leader, country=group.country, country_source=group.country_source, organization=leader.organization or group.organization
        )


def _foreign_office(mention: Mention) -> bool:
    """An office that stands towards a state is not of the state beside it: "Iranian Foreign Minister X and Ambassador Y"."""
    return mention.role_class in (RoleClass.AMBASSADOR, RoleClass.ENVOY, RoleClass.HEAD_OF_INTERNATIONAL_BODY, RoleClass.EXECUTIVE)


def _states_around(chunks: Sequence[Chunk], at: int, floor: int) -> tuple[int, int, list[str]]:
    """Nations listed before the noun at `at`, or after it with "from/of/in"; the stretch that they take with it."""
    first, k = at, at - 1
    nations: list[str] = []
    while k >= floor:
        row = chunks[k]
        if row.kind is Kind.STATE:
            nations.insert(0, row.value.code)
            first = k
            k -= 1
        elif (
            nations
            and row.low in (",", "and", "&", "or")
            and k - 1 >= floor
            and (chunks[k - 1].kind is Kind.STATE or chunks[k - 1].text == ",")
        ) or (row.kind is Kind.POSS and k - 1 >= floor and chunks[k - 1].kind is Kind.STATE):
            k -= 1
        elif not nations and row.kind is Kind.WORD and (row.low in role_lexicon().modifiers or row.low in role_lexicon().portfolio):
            first = k
            k -= 1
        else:
            break
    last = at + 1
    if not nations and at + 2 < len(chunks) and chunks[at + 1].low in ("from", "of", "in"):
        k = at + 2
        while k < len(chunks):
            row = chunks[k]
            if row.kind is Kind.STATE and row.value.sort != "demonym":
                nations.append(row.value.code)
                last = k + 1
                k += 1
            elif (
                row.low in (",", "and", "the", "as", "well")
                and k + 1 < len(chunks)
                and (chunks[k + 1].kind is Kind.STATE or chunks[k + 1].low in ("and", "the", "as", "well"))
            ):
                k += 1
            else:
                break
    return first, last, nations


def _counterparts(line: Line, mentions: list[Mention]) -> None:
    """ "his Algerian counterpart", "his counterparts from Kenya and Algeria", "her counterpart, X"."""
    chunks, lexicon = line.chunks, role_lexicon()
    for at, row in enumerate(chunks):
        if row.kind is not Kind.COUNTERPART or at in line.taken:
            continue
        first, last, nations = _states_around(chunks, at, 0)
        if (
            row.low in lexicon.nations_only
            and not nations
            and not (row.low in ("host", "guest", "visitor") and at and chunks[at - 1].low in ("his", "her", "their"))
        ):
            continue
        if first and chunks[first - 1].low in ("his", "her", "its", "their", "the"):
            first -= 1
        plural = row.low.endswith("s")
        back = first - 1
        while back >= 0 and first - back < 5 and chunks[back].kind is Kind.WORD and chunks[back].low in role_lexicon().words.who:
            back -= 1
        if (
            not plural
            and back >= 1
            and chunks[back].text in (",", "(")
            and chunks[back - 1].kind is Kind.NAME
            and chunks[first].low in ("his", "her", "their", "its")
        ):
            line.taken.update(range(first, last))
            _named_counterpart(line, at, first, back - 1, nations, mentions)
            continue
        name = _past_titles(chunks, last, heads=True)
        if not (name < len(chunks) and chunks[name].kind is Kind.NAME):
            name = _past_titles(chunks, last + 1, heads=True)
        titled = next((role for role in line.roles if last <= role.first <= last + 1 and not role.plural), None)
        if titled is not None and (after := _name_after(chunks, titled.last)) >= 0:
            name = after  # "his Kenyan host, President X"
        if plural and (names := _names_listed(chunks, name)) and len(names) == len(nations):
            line.taken.update(range(first, last))
            for each, nation in zip(names, nations, strict=True):
                _named_counterpart(line, at, first if each == name else each, each, [nation], mentions)
            continue
        named = (
            name < len(chunks)
            and chunks[name].kind is Kind.NAME
            and (chunks[last].kind is not Kind.MARK or chunks[last].text in (",", "–", "-"))
        )
        line.taken.update(range(first, last))
        if named and not plural:
            _named_counterpart(line, at, first, name, nations, mentions)
            continue
        for nation in nations or [None]:  # type: ignore[list-item]
            mentions.append(
                Mention(
                    span=Span(chunks[first].start, chunks[last - 1].end),
                    head=Span(row.start, row.end),
                    form=Form.COUNTERPART,
                    kind=PartyKind.PERSON,
                    sentence=line.sentence.index,
                    country=nation,
                    country_source=CountrySource.TEXT if nation else None,
                    plural=plural and len(nations) < 2,
                )
            )


def _names_listed(chunks: Sequence[Chunk], at: int) -> list[int]:
    """The names in "X, Y and Z" that begin at `at`."""
    names = []
    while at < len(chunks) and chunks[at].kind is Kind.NAME:
        names.append(at)
        at += 1
        while at < len(chunks) and chunks[at].low in (",", "and", "&"):
            at += 1
    return names


def _named_counterpart(line: Line, at: int, first: int, name: int, nations: Sequence[str], mentions: list[Mention]) -> None:
    chunks = line.chunks
    spot = next((k for k, mention in enumerate(mentions) if mention.head.start == chunks[name].start), -1)
    nation = nations[0] if nations else None
    span = Span(min(chunks[first].start, chunks[name].start), chunks[name].end if first == name else max(chunks[at].end, chunks[name].end))
    if spot >= 0:
        old = mentions[spot]
        span = Span(min(span.start, old.span.start), max(span.end, old.span.end))
        mentions[spot] = replace(
            old,
            span=span,
            form=Form.COUNTERPART,
            country=old.country or nation,
            country_source=old.country_source or (CountrySource.TEXT if nation else None),
        )


def _delegations(line: Line, mentions: list[Mention]) -> None:
    """Groups that stand for a state or a body: "a Kenyan parliamentary delegation", "officials from the IMF", "the Iranian side"."""
    chunks, lexicon = line.chunks, role_lexicon()
    for at, row in enumerate(chunks):
        if row.kind is not Kind.DELEGATION or at in line.taken:
            continue
        first, last, nations = _states_around(chunks, at, 0)
        body: BodyForm | None = None
        k = first - 1
        if k >= 1 and chunks[k].kind is Kind.POSS and chunks[k - 1].kind is Kind.BODY:
            k -= 1
        if k >= 0 and chunks[k].kind is Kind.BODY and k not in line.taken:
            body, first = chunks[k].value, k
            if chunks[at + 1 : at + 2] and chunks[at + 1].low == "in":  # where a body's team is, not for whom it speaks
                nations, last = [], at + 1
        elif not nations and last + 1 < len(chunks) and chunks[last].low in ("from", "of"):
            k = last + 2 if chunks[last + 1].low == "the" and last + 2 < len(chunks) else last + 1
            if chunks[k].kind is Kind.BODY:
                body, last = chunks[k].value, k + 1
        if any(k in line.taken for k in range(first, last)):
            continue
        determined = first > 0 and chunks[first - 1].low in ("the", "a", "an", "its", "his", "their")
        if not nations and body is None and not (determined and row.low in lexicon.bare_delegations and chunks[first - 1].low == "the"):
            continue
        if determined:
            first -= 1
        line.taken.update(range(first, last))
        words = " ".join(
            c.text
            for c in chunks[first:last]
            if c.kind in (Kind.WORD, Kind.DELEGATION) and c.low not in ("the", "a", "an", "its", "his", "their", "of", "from", "in")
        )
        for nation in nations or [None]:  # type: ignore[list-item]
            country = nation or (body.country if body else None)
            mentions.append(
                Mention(
                    span=Span(chunks[first].start, chunks[last - 1].end),
                    head=Span(row.start, row.end),
                    form=Form.DELEGATION,
                    kind=PartyKind.DELEGATION,
                    sentence=line.sentence.index,
                    role=None if row.low in lexicon.bare_delegations else words or None,
                    country=country,
                    country_source=CountrySource.TEXT if nation else CountrySource.ORGANIZATION if country else None,
                    organization=body.name if body and not body.official else None,
                    plural=True,
                )
            )


def _rest(line: Line, mentions: list[Mention]) -> None:
    """Bodies, states, pronouns and groups that stand by themselves."""
    chunks = line.chunks
    for at, row in enumerate(chunks):
        if at in line.taken:
            continue
        if row.kind is Kind.BODY:
            mentions.append(_body(line, at))
        elif row.kind is Kind.STATE:
            mentions.append(_state(line, at))
        elif row.kind is Kind.GROUP:
            mentions.append(_simple(line, at, Form.GROUP, plural=True))
        elif row.kind is Kind.WORD and row.low in _PRONOUNS and "." not in row.text and not row.shouted:
            mentions.append(_simple(line, at, Form.PRONOUN, plural=row.low in ("they", "them")))


def _simple(line: Line, at: int, form: Form, *, plural: bool) -> Mention:
    span = Span(line.chunks[at].start, line.chunks[at].end)
    return Mention(span=span, head=span, form=form, kind=PartyKind.PERSON, sentence=line.sentence.index, plural=plural)


def _body(line: Line, at: int) -> Mention:
    """A body, with the nation beside it: "Iran's Foreign Ministry", "the Ministry of Health of Kenya"."""
    chunks = line.chunks
    form: BodyForm = chunks[at].value
    first, last = at, at + 1
    country, source = form.country, CountrySource.ORGANIZATION if form.country else None
    k = at - 1
    if k >= 1 and chunks[k].kind is Kind.POSS:
        k -= 1
    if k >= 0 and chunks[k].kind is Kind.STATE and (k < at - 1 or chunks[k].value.sort != "capital"):
        country, source, first = chunks[k].value.code, CountrySource.TEXT, k
    elif last + 1 < len(chunks) and chunks[last].low == "of" and chunks[last + 1].kind is Kind.STATE:
        country, source, last = chunks[last + 1].value.code, CountrySource.TEXT, last + 2
    line.taken.update(range(first, last))
    return Mention(
        span=Span(chunks[first].start, chunks[last - 1].end),
        head=Span(chunks[at].start, chunks[at].end),
        form=Form.BODY,
        kind=PartyKind.ORGANIZATION,
        sentence=line.sentence.index,
        country=country,
        country_source=source,
        organization=form.name,
        attributive=last < len(chunks) and (chunks[last].kind is Kind.POSS or chunks[last].low in _ACTS),
    )


def _state(line: Line, at: int) -> Mention:
    """A state that may stand for its government."""
    chunks = line.chunks
    row = chunks[at]
    form: StateForm = row.value
    before = chunks[at - 1].low if at else ""
    after = chunks[at + 1] if at + 1 < len(chunks) else None
    there = before in _PLACE_WORDS or (form.sort == "capital" and before in ("to", "from", "for", "of"))
    talks = form.sort == "capital" and after is not None and after.low in _NAMED_BY_PLACE
    attributive = form.sort == "demonym" or there or talks or bool(after and after.kind in (Kind.POSS, Kind.BODY))
    return Mention(
        span=Span(row.start, row.end),
        head=Span(row.start, row.end),
        form=Form.COUNTRY,
        kind=PartyKind.DELEGATION,
        sentence=line.sentence.index,
        country=form.code,
        country_source=CountrySource.TEXT,
        attributive=attributive,
    )
