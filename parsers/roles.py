"""Offices in a row of chunks: head noun, what stands before it and what follows it → role, class, portfolio, state, body.

The grammar is linear: from each head noun it walks left over modifiers, portfolio words, states and bodies, and right over
"of/for/to ..." complements, and stops at the first thing that cannot belong to an office.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.chunks import BodyForm, Chunk, Head, Kind, RoleLexicon, StateForm, role_lexicon
from parsers.records import RoleClass

MAX_WALK = 24  # chunks to either side of a head
_DETERMINERS = frozenset({"the", "a", "an", "this", "that", "our"})
_OWNERS = frozenset({"his", "her", "its", "their"})
_OPEN_TO = frozenset({"of", "for"})
_TARGET_PREPOSITIONS = frozenset({"to", "in", "on", "at", "with", "for"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RolePhrase:
    """One office as a phrase. first, last: its chunks, half open; head: the chunk of its head noun.

    text: the office as stated, the nation left out. nations: states it represents, in order (more than one only where it is plural).
    owner: "his", "its" ... before it, or None. boss: the chunk of a person to whom it belongs ("Putin's envoy"), or -1.
    definite: it has a determiner, an owner, a nation or a body. bare: nothing but the head noun.
    """

    first: int
    last: int
    head: int
    text: str
    role_class: RoleClass
    portfolio: str | None = None
    nations: tuple[str, ...] = ()
    organization: str | None = None
    body_country: str | None = None
    owner: str | None = None
    boss: int = -1
    plural: bool = False
    former: bool = False
    definite: bool = False
    bare: bool = False
    indefinite: bool = False


def find_roles(chunks: Sequence[Chunk]) -> list[RolePhrase]:
    """All offices of a sentence, in order, none overlapping another."""
    found: list[RolePhrase] = []
    reached = 0
    at = 0
    while at < len(chunks):
        if chunks[at].kind is Kind.HEAD and at >= reached:
            phrase = _parse(chunks, at, reached)
            if found and found[-1].last == _owner_of(chunks, phrase):
                phrase = _owned(found.pop(), phrase)
            found.append(phrase)
            reached = at = max(phrase.last, at + 1)
        else:
            at += 1
    return found


def _owner_of(chunks: Sequence[Chunk], phrase: RolePhrase) -> int:
    """Where the office that owns this one must end: before the boss's name, or before the possessive mark; -1 where none can."""
    if phrase.boss >= 0:
        return phrase.boss
    return phrase.first - 1 if phrase.first and chunks[phrase.first - 1].kind is Kind.POSS else -1


def _owned(owner: RolePhrase, phrase: RolePhrase) -> RolePhrase:
    """ "the Russian president's special envoy": one office, of the owner's state."""
    return replace(
        phrase,
        first=owner.first,
        nations=phrase.nations or owner.nations,
        organization=phrase.organization or owner.organization,
        body_country=phrase.body_country or owner.body_country,
        definite=True,
        bare=False,
    )


def _parse(chunks: Sequence[Chunk], head: int, floor: int) -> RolePhrase:
    lexicon = role_lexicon()
    # "Deputy Foreign Minister", "Chief of Staff General X": the last of a run of heads is the head, those before it modify
    while head + 1 < len(chunks) and _modifies(chunks, head, lexicon):
        head = _next_head(chunks, head, lexicon)
    left = _walk_left(chunks, head, floor, lexicon)
    right = _walk_right(chunks, head, lexicon)
    return _describe(chunks, head, left, right, lexicon)


def _modifies(chunks: Sequence[Chunk], head: int, lexicon: RoleLexicon) -> bool:
    """Whether the head noun only modifies another that follows within a few words: "deputy foreign minister", "chief cabinet secretary"."""
    word = chunks[head]
    value: Head = word.value
    if value.plural or value.words not in lexicon.modifiers:
        return False
    return _next_head(chunks, head, lexicon) >= 0


def _next_head(chunks: Sequence[Chunk], head: int, lexicon: RoleLexicon) -> int:
    for at in range(head + 1, min(len(chunks), head + 7)):
        row = chunks[at]
        if row.kind is Kind.HEAD:
            return at
        inside = row.low in lexicon.portfolio or row.low in lexicon.modifiers or row.low in ("and", "&", "of")
        if not (row.kind is Kind.WORD and inside):
            return -1
        if row.low == "of":
            return -1
    return -1


@dataclass(slots=True)
class _Left:
    first: int
    nations: list[str]
    skip: set[int]
    body: BodyForm | None = None
    owner: str | None = None
    boss: int = -1
    determined: bool = False
    indefinite: bool = False
    demonym: bool = False


def _walk_left(chunks: Sequence[Chunk], head: int, floor: int, lexicon: RoleLexicon) -> _Left:
    left = _Left(first=head, nations=[], skip=set())
    at = head - 1
    plural = chunks[head].value.plural
    while at >= max(floor, head - MAX_WALK):
        row = chunks[at]
        if row.kind is Kind.STATE:
            if left.nations and not plural:
                break
            at = _take_nation(chunks, at, left, plural, floor)
            continue
        if row.kind is Kind.BODY:
            if left.body is not None or left.nations:
                break
            left.body = row.value
            left.first = at
            at -= 1
            continue
        if row.kind is Kind.POSS:
            owner = at - 1
            if owner < floor or left.nations or left.owner:
                break
            if chunks[owner].kind in (Kind.STATE, Kind.BODY):
                left.skip.add(at)
                at = owner
                continue
            if chunks[owner].kind is Kind.NAME:
                left.boss = owner
                left.skip.update((owner, at))
                left.first = owner
            elif chunks[owner].kind is Kind.HEAD or chunks[owner].low in role_lexicon().words.owning:
                left.determined = True
                left.first = owner - 1 if owner and chunks[owner - 1].low in ("the", "this", "that") else owner
                left.skip.update(range(left.first, at + 1))
                if chunks[owner].kind is Kind.HEAD:
                    left.first = at + 1
                _recall_owner(chunks, owner, left, head)
            break
        if row.kind is Kind.HEAD:
            if (
                not row.value.plural
                and (row.value.words in lexicon.modifiers or row.value.words.split()[-1] in lexicon.modifiers)
                and left.first == at + 1
            ):
                left.first = at
                at -= 1
                continue
            break
        if row.kind is Kind.MARK:
            step = _bridge(chunks, at, left, lexicon, floor)
            if step is None:
                break
            at = step
            continue
        if row.kind is not Kind.WORD and row.kind is not Kind.DELEGATION:
            break
        if row.low in _DETERMINERS:
            left.determined = row.low not in ("a", "an")
            left.indefinite = not left.determined
            left.skip.add(at)
            left.first = at
            break
        if row.low in _OWNERS:
            left.owner = row.low
            if row.low == "its":
                _recall_owner(chunks, at, left, head)
            left.skip.add(at)
            left.first = at
            break
        if left.nations and row.low not in lexicon.modifiers:
            break
        if row.low in ("and", "&"):
            if not _joins_portfolio(chunks, at, left, lexicon, floor):
                break
            left.first = at
            at -= 1
            continue
        if row.low == "ex" and at + 1 <= head:
            left.first = at
            at -= 1
            continue
        if row.low in lexicon.modifiers or row.low in lexicon.portfolio or _open_capital(chunks, at, lexicon):
            if row.low in lexicon.dropped:
                left.skip.add(at)
            left.first = at
            at -= 1
            continue
        break
    _trim_left(chunks, left, head, lexicon)
    return left


_STATE_CLASSES = frozenset(
    {
        RoleClass.MINISTER,
        RoleClass.FOREIGN_MINISTER,
        RoleClass.HEAD_OF_GOVERNMENT,
        RoleClass.AMBASSADOR,
        RoleClass.DEPUTY_MINISTER,
        RoleClass.SPEAKER,
    }
)


def _recall_owner(chunks: Sequence[Chunk], owner: int, left: _Left, head: int) -> None:
    """What "the country's", "the group's" or "its" means: the nearest state or body before it in the sentence."""
    word = chunks[owner].low
    of_state = chunks[head].value.role_class in _STATE_CLASSES
    for at in range(owner - 1, -1, -1):
        row = chunks[at]
        if row.kind is Kind.STATE and row.value.sort == "name" and (word in role_lexicon().words.countries or word == "its"):
            left.nations.append(row.value.code)
            return
        if row.kind is Kind.BODY and word not in role_lexicon().words.countries and not of_state:
            left.body = row.value
            return


def _trim_left(chunks: Sequence[Chunk], left: _Left, head: int, lexicon: RoleLexicon) -> None:
    """A walk must not begin with "and" or a mark."""
    while left.first < head and (chunks[left.first].low in ("and", "&", ",") or chunks[left.first].kind is Kind.MARK):
        left.first += 1


def _take_nation(chunks: Sequence[Chunk], at: int, left: _Left, plural: bool, floor: int) -> int:
    """Takes the state at `at` (and, before a plural, the states joined to it); returns where to go on."""
    form: StateForm = chunks[at].value
    previous = chunks[at - 1].low if at else ""
    if form.sort == "capital" and chunks[at + 1].kind is not Kind.POSS and previous in ("in", "at", "from", "to", "near"):
        return -1
    left.nations.insert(0, form.code)
    left.skip.add(at)
    left.first = at
    at -= 1
    while plural and at - 1 >= floor:
        row, before = chunks[at], chunks[at - 1]
        if row.low in ("and", ",", "&") and before.kind is Kind.STATE:
            left.nations.insert(0, before.value.code)
            left.skip.update((at, at - 1))
            left.first = at - 1
            at -= 2
        elif row.low == "and" and before.low == "," and at - 2 >= floor and chunks[at - 2].kind is Kind.STATE:
            left.nations.insert(0, chunks[at - 2].value.code)
            left.skip.update((at, at - 1, at - 2))
            left.first = at - 2
            at -= 3
        else:
            break
    return at


def _bridge(chunks: Sequence[Chunk], at: int, left: _Left, lexicon: RoleLexicon, floor: int) -> int | None:
    """Steps over "(ICT)" and over the comma of a list of portfolios; None where the mark ends the office."""
    row = chunks[at]
    if row.text == ")" and at - 2 >= floor and chunks[at - 2].text == "(" and chunks[at - 1].shouted:
        left.skip.update((at, at - 1, at - 2))
        left.first = at - 2
        return at - 3
    glued = at - 1 >= floor and row.start == chunks[at - 1].end and row.end == chunks[at + 1].start
    if row.text in ("/", "-", "–") and glued and left.first == at + 1:
        left.first = at
        return at - 1
    if row.text == "," and at - 1 >= floor and left.first == at + 1 and not left.nations:
        listed = any(chunks[k].low in ("and", "&") for k in range(at + 1, min(at + 6, len(chunks))))
        if (
            listed
            and _portfolio_like(chunks[at - 1], lexicon)
            and (chunks[at + 1].low in ("and", "&") or _portfolio_like(chunks[at + 1], lexicon))
        ):
            left.first = at
            return at - 1
    return None


def _joins_portfolio(chunks: Sequence[Chunk], at: int, left: _Left, lexicon: RoleLexicon, floor: int) -> bool:
    if at - 1 < floor or left.first != at + 1 or left.nations:
        return False
    before, after = chunks[at - 1], chunks[at + 1]
    if before.text == "," and at - 2 >= floor:
        before = chunks[at - 2]
    if after.kind is not Kind.WORD or after.low in ("deputy", "vice", "acting", "former") or not _portfolio_like(after, lexicon):
        return False
    return _portfolio_like(before, lexicon) and before.low not in lexicon.words.common


def _portfolio_like(row: Chunk, lexicon: RoleLexicon) -> bool:
    return row.kind in (Kind.WORD, Kind.DELEGATION) and (
        row.low in lexicon.portfolio or (row.capital and row.low not in lexicon.words.common)
    )


def _open_capital(chunks: Sequence[Chunk], at: int, lexicon: RoleLexicon) -> bool:
    """A capitalised word that may name a body or portfolio although no table has it; not the first word of the sentence."""
    row = chunks[at]
    if row.kind is not Kind.WORD or not row.capital or row.low in lexicon.words.common or row.low in lexicon.honorifics:
        return False
    return not (at == 0 or chunks[at - 1].text in ('"', "“", "”", ".", ":", "–", "-", "—"))


@dataclass(slots=True)
class _Right:
    last: int
    nations: list[str]
    skip: set[int]
    body: BodyForm | None = None
    complement: bool = False
    targeted: bool = False


def _walk_right(chunks: Sequence[Chunk], head: int, lexicon: RoleLexicon) -> _Right:
    right = _Right(last=head + 1, nations=[], skip=set())
    plural = chunks[head].value.plural
    word = chunks[head].value.words
    towards = any(part in role_lexicon().words.towards for part in word.replace("-", " ").split())
    at = head + 1
    if at + 1 < len(chunks) and chunks[at].text in ("-", "–") and chunks[at + 1].low in ("designate", "elect", "general"):
        right.last = at = at + 2
    if at < len(chunks) and chunks[at].low in ("designate", "elect", "plenipotentiary", "extraordinary", "emeritus"):
        right.last = at = at + 1
        while at + 1 < len(chunks) and chunks[at].low == "and" and chunks[at + 1].low in ("plenipotentiary", "extraordinary"):
            right.last = at = at + 2
    at = right.last = _past_acronym(chunks, at, right)
    while at < len(chunks) and at < head + MAX_WALK:
        row = chunks[at]
        opens = (plural and row.low == "from") or (
            row.low in _OPEN_TO
            or (towards and row.low in _TARGET_PREPOSITIONS)
            or (row.low == "in" and chunks[at + 1 : at + 2] and chunks[at + 1].low == "charge")
        )
        if row.low in ("in", "at", "with", "on") and right.complement and right.targeted:
            break
        if row.kind is not Kind.WORD or not opens:
            break
        target = row.low not in ("of", "from") and not (chunks[at + 1 : at + 2] and chunks[at + 1].low == "charge")
        end = _complement(chunks, at + 1, right, lexicon, target=target, plural=plural, towards=towards)
        if end == at + 1:
            break
        right.last = at = end
        right.complement = True
        right.targeted = right.targeted or target
    at = right.last = _past_acronym(chunks, right.last, right)
    if at + 2 < len(chunks) and chunks[at].low in ("in", "to") and chunks[at + 1].kind is Kind.STATE and chunks[at + 2].kind is Kind.NAME:
        right.last = at + 2  # "Charge d'Affaires at the Embassy of Peru in Kenya Luis Quispe"
    return right


def _past_acronym(chunks: Sequence[Chunk], at: int, right: _Right) -> int:
    """Past "(CDS)" after "Chief of Defence Staff"."""
    inside = chunks[at + 1] if at + 2 < len(chunks) and chunks[at].text == "(" and chunks[at + 2].text == ")" else None
    if inside is not None and inside.kind not in (Kind.STATE, Kind.NAME) and (inside.shouted or inside.kind is Kind.BODY or inside.capital):
        right.skip.update(range(at, at + 3))
        return at + 3
    return at


def _complement(chunks: Sequence[Chunk], at: int, right: _Right, lexicon: RoleLexicon, *, target: bool, plural: bool, towards: bool) -> int:
    """Reads what follows a preposition; returns where it ends, the start itself where nothing fits."""
    start = at
    end = at
    if at < len(chunks) and chunks[at].low in ("charge",):
        at += 2
    if at < len(chunks) and chunks[at].low in ("the", "his", "her", "its", "their", "a"):
        at += 1
    begin = at
    while at < len(chunks) and at < start + MAX_WALK:
        row = chunks[at]
        if row.kind is Kind.STATE:
            form: StateForm = row.value
            if not target and not right.nations and form.sort != "demonym":
                right.nations.append(form.code)
                right.skip.add(at)
                if at > start:
                    right.skip.update(range(start - 1, at)) if at - start <= 1 else None
                else:
                    right.skip.add(start - 1)
                at = end = at + 1
                if plural:
                    at = end = _state_list(chunks, at, right)
                if begin == at - 1 and not (at < len(chunks) and chunks[at].kind is Kind.POSS):
                    break
                continue
            if form.sort == "demonym" and not target and not _after_demonym(chunks, at, lexicon):
                break
            if form.sort == "demonym" and not target and not right.nations:
                right.nations.append(form.code)
            at = end = at + 1
            if target and form.sort != "demonym" and at < len(chunks) and chunks[at].capital and chunks[at].low not in lexicon.portfolio:
                break  # "envoy for Syria Geir Pedersen"
            continue
        if row.kind is Kind.BODY:
            if row.low.startswith(("embassy", "consulate", "permanent mission", "high commission")):
                right.nations = right.nations or ([row.value.country] if row.value.country else [])
            elif (right.body is None or (right.body.country is None and not right.body.listed and row.value.country)) and (
                not target or at > begin
            ):
                national = at > begin and chunks[at - 1].kind is Kind.STATE
                right.body = _national(chunks[at - 1], row) if national else row.value
            at = end = at + 1
            continue
        if row.kind is Kind.POSS and at > begin:
            at += 1
            continue
        if row.kind is Kind.HEAD:
            before = chunks[at - 1]
            inner = begin == at or before.low in ("the", "prime", "'s") or before.low in lexicon.portfolio or before.kind is Kind.STATE
            if not inner or (row.value.plural and at == begin):
                break
            owner = next((k for k in range(begin, at) if chunks[k].kind is Kind.STATE), -1)
            if owner >= 0 and not right.nations:  # "adviser to the Iranian health minister"
                right.nations.append(chunks[owner].value.code)
                right.skip.add(owner)
            if at + 1 < len(chunks) and chunks[at + 1].kind is Kind.NAME:
                if not target:
                    break
                return at + 2  # "special assistant to President Biden"
            at = end = at + 1
            continue
        if row.kind in (Kind.WORD, Kind.DELEGATION):
            if row.low in lexicon.portfolio or (row.low in lexicon.modifiers and row.low not in ("then", "late")):
                at = end = at + 1
                continue
            if row.capital and row.low not in lexicon.words.common and row.low not in lexicon.honorifics:
                closed = (chunks[at - 1].kind is Kind.BODY and chunks[at - 1].value.listed and not row.shouted) or chunks[
                    at - 1
                ].text.rstrip("s") in lexicon.words.body_nouns
                if at > begin and closed and row.text.rstrip("s") not in lexicon.words.body_nouns:
                    break  # "Chairman of the Friendship Alliance Nikai Toshihiro"
                at = end = at + 1
                continue
            if row.capital and row.low in ("north", "south", "east", "west", "northern", "southern", "eastern", "western"):
                at = end = at + 1
                continue
            if row.low in ("and", "&"):
                if end > begin - 1 and end == at and _and_goes_on(chunks, at, lexicon):
                    at += 2 if chunks[at + 1].low == "the" else 1
                    continue
                break
            if (
                row.low == "with"
                and end == at
                and at + 1 < len(chunks)
                and chunks[at - 1].low in lexicon.portfolio
                and chunks[at + 1].kind is Kind.STATE
            ):
                at = end = _states_joined(chunks, at + 1)  # "economic cooperation with Iraq and Syria"
                continue
            if row.low in ("of", "for", "on", "in", "the") and end == at and at + 1 < len(chunks):
                nxt = chunks[at + 1] if chunks[at + 1].low != "the" or at + 2 >= len(chunks) else chunks[at + 2]
                if row.low == "of" and (nxt.kind in (Kind.STATE, Kind.BODY) or _portfolio_like(nxt, lexicon)):
                    target = target and towards
                    at += 2 if nxt is not chunks[at + 1] else 1
                    begin = at if nxt.kind is Kind.STATE else begin
                    continue
            break
        if row.kind is Kind.MARK:
            if row.text == "," and end == at and (after := _list_end(chunks, at, lexicon)):
                at = end = after
                continue
            if row.text == "(" and at + 2 < len(chunks) and chunks[at + 2].text == ")" and chunks[at + 1].low != "":
                if chunks[at + 1].kind in (Kind.NAME, Kind.HEAD, Kind.STATE):
                    break
                at = end = at + 3
                continue
            if (
                row.text in ("&", "/", "-", "–")
                and end == at
                and at + 1 < len(chunks)
                and row.start <= chunks[at - 1].end + 1
                and _portfolio_like(chunks[at + 1], lexicon)
                and row.text != "–"
            ):
                at += 1
                continue
        break
    return end if end > begin or end > start else start


def _national(state: Chunk, body: Chunk) -> BodyForm:
    """A national branch of a body: "Swiss Red Cross"."""
    form: BodyForm = body.value
    return replace(form, name=f"{state.text} {body.text}", country=form.country or state.value.code, listed=False)


def _states_joined(chunks: Sequence[Chunk], at: int) -> int:
    """The end of "Iraq and Syria"."""
    while at + 2 < len(chunks) and chunks[at + 1].low in ("and", ",") and chunks[at + 2].kind is Kind.STATE:
        at += 2
    return at + 1


def _after_demonym(chunks: Sequence[Chunk], at: int, lexicon: RoleLexicon) -> bool:
    """Whether the demonym goes on as part of an office: "of the Russian Red Cross", "of the Iranian Army", "of the Belgians"."""
    if at + 1 >= len(chunks):
        return chunks[at].low.endswith("s")
    following = chunks[at + 1]
    return following.kind in (Kind.BODY, Kind.HEAD) or _portfolio_like(following, lexicon) or chunks[at].low.endswith("ns")


def _state_list(chunks: Sequence[Chunk], at: int, right: _Right) -> int:
    """After "the ministers of X": takes ", Y and Z"; returns the end."""
    end = at
    while at + 1 < len(chunks):
        step = 1
        if chunks[at].low not in (",", "and", "&", "as"):
            break
        while at + step < len(chunks) and chunks[at + step].low in ("and", "the", "well", "as", ","):
            step += 1
        if at + step >= len(chunks) or chunks[at + step].kind is not Kind.STATE or chunks[at + step].value.sort == "demonym":
            break
        right.nations.append(chunks[at + step].value.code)
        right.skip.update(range(at, at + step + 1))
        at = end = at + step + 1
    return end


def _and_goes_on(chunks: Sequence[Chunk], at: int, lexicon: RoleLexicon) -> bool:
    """Whether "and" joins two portfolios: what follows is a portfolio, and no office, name or verb."""
    nxt = at + 1
    if nxt < len(chunks) and chunks[nxt].low == "the":
        nxt += 1
    run = 0
    while nxt < len(chunks) and run < 6:
        row = chunks[nxt]
        if row.kind is Kind.HEAD:
            return run > 3
        if row.kind in (Kind.WORD, Kind.DELEGATION) and (
            row.low in lexicon.portfolio or (row.capital and row.low not in lexicon.words.common)
        ):
            if row.low in ("deputy", "acting", "vice", "former") and run == 0:
                return False
            run += 1
            nxt += 1
            continue
        break
    return run > 0


def _list_end(chunks: Sequence[Chunk], at: int, lexicon: RoleLexicon) -> int:
    """The end of ", B, and C" after a portfolio A, 0 where the commas do not list portfolios."""
    closed = False
    run = 0
    k = at
    while k < len(chunks) and k < at + 20:
        row = chunks[k]
        if row.text == "," or row.low in ("and", "&"):
            if closed:
                break
            closed = row.low in ("and", "&")
            run = 0
            k += 1
            continue
        if row.low == "the" and run == 0:
            k += 1
            continue
        if row.kind in (Kind.WORD, Kind.DELEGATION) and (
            row.low in lexicon.portfolio or (row.capital and row.low not in lexicon.words.common)
        ):
            if run == 0 and row.low in ("deputy", "acting", "vice", "former"):
                return 0
            run += 1
            k += 1
            continue
        if row.kind is Kind.HEAD:
            return 0
        break
    return k if closed and run else 0


def _describe(chunks: Sequence[Chunk], head: int, left: _Left, right: _Right, lexicon: RoleLexicon) -> RolePhrase:
    value: Head = chunks[head].value
    skip = left.skip | right.skip
    words = [row for at, row in enumerate(chunks[left.first : right.last], left.first) if at not in skip]
    words = [row for at, row in enumerate(words) if row.kind is not Kind.POSS or (at > 0 and words[at - 1].end == row.start)]
    while len(words) > 1 and (
        words[-1].low in ("of", "the", "and", "for", "to", "in") or (words[-1].kind is Kind.MARK and words[-1].text != ")")
    ):
        words.pop()
    while len(words) > 1 and (words[0].low in ("of", "the", "and", "&") or words[0].kind is Kind.MARK):
        words.pop(0)
    text = _spell(words, value)
    nations = left.nations or right.nations
    body = left.body or right.body
    low = " ".join(value.words if row.kind is Kind.HEAD and row.value is value else row.low for row in words)
    before = [row.low for row in chunks[left.first : head]]
    former = any(word in lexicon.former for word in before) or value.words.startswith("ex-")
    role_class = refine_class(value, low, before, body, lexicon)
    for_what = right.last > head + 1 and chunks[head + 1].low == "for" and value.words == "secretary of state"
    if not nations and body is None and left.boss < 0 and not for_what and (state := lexicon.state_offices.get(value.words)):
        nations = [state]
    portfolio = _portfolio(chunks, head, left, right, skip, lexicon)
    return RolePhrase(
        first=left.first,
        last=right.last,
        head=head,
        text=text,
        role_class=role_class,
        portfolio=portfolio,
        nations=tuple(dict.fromkeys(nations)),
        organization=body.name if body and not body.official else None,
        body_country=body.country if body else None,
        owner=left.owner,
        boss=left.boss,
        plural=value.plural,
        former=former,
        definite=bool(left.determined or left.owner or nations or body or left.boss >= 0),
        bare=len(words) == 1 and not nations and body is None and left.boss < 0 and left.owner is None,
        indefinite=left.indefinite,
    )


def _spell(words: Sequence[Chunk], head: Head) -> str:
    """The words as written, an acronym of the office written out."""
    parts: list[str] = []
    for at, row in enumerate(words):
        text = head.words if row.kind is Kind.HEAD and row.value.acronym and row.value is head else row.text
        glued = (
            row.kind is Kind.POSS
            or (row.kind is Kind.MARK and row.text in (",", ")", "/", "-"))
            or (at > 0 and words[at - 1].text in ("(", "/", "-"))
        )
        parts.append(text if glued or not parts else " " + text)
    return " ".join("".join(parts).split())


def _portfolio(chunks: Sequence[Chunk], head: int, left: _Left, right: _Right, skip: set[int], lexicon: RoleLexicon) -> str | None:
    before = [
        row.text
        for at, row in enumerate(chunks[left.first : head], left.first)
        if at not in skip
        and row.kind in (Kind.WORD, Kind.DELEGATION)
        and (row.low not in lexicon.modifiers or row.low in ("legal", "political"))
    ]
    if before and before[0] in ("and", "&"):
        before = before[1:]
    if before:
        return " ".join(before).lower()
    after = [row for at, row in enumerate(chunks[head + 1 : right.last], head + 1) if at not in skip]
    while after and after[0].low in ("of", "for", "the", "in", "charge", "to", "on"):
        after.pop(0)
    while after and after[-1].low in ("of", "the", "and"):
        after.pop()
    words = " ".join(row.text for row in after).replace(" ,", ",")
    if words:
        return words.lower()
    first, _, last = chunks[head].value.words.rpartition(" ")
    return (
        first
        if last in ("minister", "secretary")
        and first in ("foreign", "home", "defence", "defense", "treasury", "external affairs", "justice", "interior")
        else None
    )


def refine_class(head: Head, low: str, before: Sequence[str], body: BodyForm | None, lexicon: RoleLexicon) -> RoleClass:
    """The class of the office, once its whole phrase is known."""
    base = head.role_class
    words = head.words
    deputy = any(word in lexicon.deputy for word in before) or words.startswith(("deputy ", "vice ", "assistant ", "under"))
    if base is RoleClass.MINISTER:
        if deputy:
            return RoleClass.DEPUTY_MINISTER
        if any(phrase in low for phrase in lexicon.foreign):
            return RoleClass.FOREIGN_MINISTER
        return base
    if base in (RoleClass.HEAD_OF_STATE, RoleClass.HEAD_OF_GOVERNMENT):
        if deputy:
            return RoleClass.OTHER
        if any(word in low for word in lexicon.words.legislatures):
            return RoleClass.SPEAKER
        if "bank" in low and "central" in low:
            return RoleClass.CENTRAL_BANKER
        if body is not None and not body.official:
            return RoleClass.HEAD_OF_INTERNATIONAL_BODY if body.country is None else RoleClass.EXECUTIVE
        return base
    if words in ("governor", "president", "chairman", "chief", "head") and (
        "central bank" in low or "reserve bank" in low or "national bank" in low or "federal reserve" in low
    ):
        return RoleClass.CENTRAL_BANKER
    if words in ("chairman", "chairwoman", "chairperson", "chair", "head", "chief", "president") and any(
        word in low for word in lexicon.words.legislatures
    ):
        return RoleClass.OTHER if "committee" in low or "commission" in low or deputy else RoleClass.SPEAKER
    if (
        (
            words
            in (
                "secretary",
                "head",
                "chief",
                "chairman",
                "president",
                "director",
                "director general",
                "director-general",
                "executive director",
                "managing director",
                "chairperson",
            )
            and body
        )
        and body.country is None
        and not body.official
        and body.listed
    ):
        return RoleClass.HEAD_OF_INTERNATIONAL_BODY
    if words == "secretary" and any(word in low for word in ("foreign",)):
        return RoleClass.FOREIGN_MINISTER
    if words in ("chief", "commander", "head") and any(
        word in low for word in ("army", "navy", "air force", "armed forces", "military", "ground force")
    ):
        return RoleClass.MILITARY_CHIEF
    if base is RoleClass.SPEAKER and deputy:
        return RoleClass.LEGISLATOR
    return base


def is_vague(role: str) -> bool:
    """A rank, or a head noun alone: tells less than an office with its portfolio."""
    words = role.lower().replace("-", " ").split()
    return all(word in role_lexicon().words.vague for word in words)
