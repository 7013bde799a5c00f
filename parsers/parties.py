"""Who may take part in a meeting: all noun phrases that name a party, and who is meant by each.

`find_mentions` finds the phrases sentence by sentence; `join_parties` binds them to the persons, bodies and states of the article.
A country comes from evidence only: the phrase's own nation, "X's", "of X", a ministry or palace, the body's seat.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from parsers.bodies import BodyKind
from parsers.catalog import bodies, cities, countries, office_holders
from parsers.chunks import BODY_NOUNS, BodyForm, Chunk, Kind, RoleLexicon, StateForm, chunk, rename, role_lexicon
from parsers.datelines import read_dateline
from parsers.document import Document, Sentence
from parsers.mentions import Form, Mention, Party
from parsers.names import BODY, LEADING, PARTICLES, PERSON, NameTagger, Tagged, fold, load_tagger, name_tokens, same_person
from parsers.office_holders import OfficeHolder
from parsers.organisations import find_named_bodies
from parsers.outlets import home_country
from parsers.records import CountrySource, PartyKind, RoleClass, Span
from parsers.roles import RolePhrase, find_roles
from parsers.tokens import Token, tokenize

_PRONOUNS = frozenset({"he", "she", "they", "him", "them"})
_PLACE_WORDS = frozenset({"in", "near", "inside", "outside", "across", "at", "throughout"})
_TITLE_CASE = 0.75  # share of capitalised words from which a line is a headline in title case
# Heads that are also surnames or given names: they are cut from a name only where they begin it.
_SURNAMES = frozenset(
    [
        "king",
        "queen",
        "prince",
        "dean",
        "major",
        "marshal",
        "bishop",
        "pope",
        "abbot",
        "baron",
        "duke",
        "captain",
        "judge",
        "justice",
        "pastor",
        "lord",
        "chair",
        "regent",
        "chancellor",
        "cardinal",
        "page",
        "whip",
        "speaker",
        "mayor",
        "governor",
        "general",
        "professor",
        "peer",
        "coach",
        "chief",
        "rector",
        "deputy",
        "principal",
        "imam",
        "mufti",
        "secretary",
    ]
)
# Heads that are given names too: they are cut from the beginning of a name only where something tells that they are a title.
_GIVEN_HEADS = frozenset("amir emir sultan major dean justice regent marshal".split())
_GIVEN_STATES = frozenset(
    ["israel", "jordan", "chad", "georgia", "india", "kenya", "america", "paris", "sydney", "london", "florence", "vienna", "adelaide"]
)
_WEAK_HEADS = frozenset(
    [
        "official",
        "member",
        "manager",
        "expert",
        "judge",
        "captain",
        "major",
        "coach",
        "activist",
        "author",
        "politician",
        "scholar",
        "analyst",
        "economist",
        "owner",
        "founder",
        "dean",
        "principal",
        "peer",
        "justice",
        "general",
        "colonel",
        "prince",
        "princess",
        "duke",
        "lord",
        "lady",
        "baron",
        "baroness",
        "professor",
        "scientist",
        "delegate",
        "vice",
        "assistant",
        "deputy",
        "aide",
        "representative",
        "businessman",
        "businesswoman",
        "lawmaker",
        "legislator",
        "parliamentarian",
        "diplomat",
        "executive",
        "inspector",
        "brigadier",
        "marshal",
        "commodore",
        "banker",
        "billionaire",
        "tycoon",
        "administrator",
        "secretary",
        "head",
        "chief",
        "leader",
        "manager",
        "superintendent",
        "rector",
        "provost",
        "moderator",
        "primate",
        "metropolitan",
        "pastor",
        "cleric",
        "strongman",
        "dictator",
        "dissident",
        "warlord",
        "councillor",
        "councilor",
    ]
)


@dataclass(slots=True)
class _Line:
    """A sentence at work."""

    sentence: Sentence
    chunks: list[Chunk]
    headline: bool
    roles: list[RolePhrase] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)


def find_mentions(document: Document, *, tagger: NameTagger | None = None) -> tuple[Mention, ...]:
    """Every phrase of the document that may be a party, in order of the text; only attributive ones lie within others.

    tagger: what finds names, the shipped one by default (loaded on the first call).
    """
    tags = (tagger or load_tagger()).tag([document.text])[0]
    states = [
        (hit.span.start, hit.span.end, StateForm(hit.alpha3, str(hit.kind), not hit.ambiguous)) for hit in countries().find(document.text)
    ]
    lines = _lines(document, tags, states, _listed_bodies(document.text, {state.code for _, _, state in states}))
    known: set[str] = set()
    for line in lines:
        if not line.headline:
            _anchor(line)
            known |= _surnames(line)
    for line in lines:
        _doubt(line, known)
        _recall(line, known)
    mentions: list[Mention] = []
    for line in lines:
        mentions.extend(_mentions_of(line))
    mentions.sort(key=lambda mention: (mention.span.start, -mention.span.end))
    return tuple(mentions)


# ── lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _lines(
    document: Document,
    tags: Sequence[Tagged],
    states: Sequence[tuple[int, int, StateForm]],
    in_tables: Sequence[tuple[int, int, BodyForm]],
) -> list[_Line]:
    names = [span for tag in tags if tag.label == PERSON for span in _clean(document.text, tag, states)]
    loose = [row for tag in tags if tag.label == BODY for row in _loose_body(document.text, tag, states)]
    lines = []
    for sentence in document.sentences:
        start, end = sentence.span.start, sentence.span.end
        inner = _within(names, start, end)
        listed = _within(in_tables, start, end)
        told = [row for a, b, form in find_named_bodies(sentence.text) for row in _after_office(document.text, start + a, start + b, form)]
        rest = _within(loose, start, end)
        local = _within(states, start, end)
        merged = [_with_state(document.text, row, local) for row in _merge_bodies(listed, told, rest)]
        chunks = chunk(document.text, start, end, names=inner, states=local, bodies=merged)
        words = [row for row in chunks if row.kind is not Kind.MARK and row.text[0].isalpha() and len(row.text) > 3]
        capitals = sum(row.capital for row in words)
        lines.append(_Line(sentence, chunks, sentence.in_title or (len(words) > 3 and capitals >= _TITLE_CASE * len(words))))
    return lines


def _after_office(text: str, start: int, end: int, form: BodyForm) -> list[tuple[int, int, BodyForm]]:
    """The body without an office before it: "Secretary-General of the World Customs Organization" names one as its complement."""
    lexicon = role_lexicon()
    tokens = tokenize(text, start, end)
    cut = 0
    for at in range(len(tokens)):
        found = lexicon.heads.longest(tokens, at)
        if found is None:
            continue
        after = at + found[0]
        if found[1].words in _BODY_WORDS and not (after < len(tokens) and tokens[after].low in ("of", "for")):
            continue
        if at == 0 and after == len(tokens):
            return []
        if after < len(tokens) and tokens[after].low in ("of", "for", "to", "at"):
            cut = after + 1
        elif after == len(tokens) or (tokens[after].text not in BODY_NOUNS and tokens[after].low not in ("'s", "’s", "and", "'", "’")):
            if at <= cut:  # an office and a name, no body: "House Speaker Mike Johnson and Senate ..."
                return []
            end, tokens = tokens[at - 1].end, tokens[:at]
            form = replace(form, name=text[start:end])
            break
    while 0 < cut < len(tokens) and tokens[cut].low in ("the", "its"):
        cut += 1
    if cut >= len(tokens):
        return []
    if cut:
        form = BodyForm(text[tokens[cut].start : end], form.country, form.official)
        start = tokens[cut].start
    return [(start, end, form)] if len(tokens) - cut > 1 else []


def _loose_body(text: str, tag: Tagged, states: Sequence[tuple[int, int, StateForm]]) -> list[tuple[int, int, BodyForm]]:
    """A body that only the tagger knows, unless it holds an office or a state or is made of portfolio words alone."""
    lexicon = role_lexicon()
    tokens = tokenize(text, tag.start, tag.end)
    while tokens and (tokens[0].low in lexicon.common or not tokens[0].text[0].isalnum()):
        tokens.pop(0)
    if not tokens or any(lexicon.heads.longest(tokens, at) for at in range(len(tokens))):
        return []
    if all(token.low in lexicon.portfolio or token.low in lexicon.common or not token.text[0].isalpha() for token in tokens):
        return []
    if any("\n" in text[a.end : b.start] for a, b in zip(tokens, tokens[1:], strict=False)):
        return []
    left = bisect_left(states, tokens[0].start, key=lambda row: row[0])
    if left < len(states) and states[left][0] < tag.end:
        return []
    return [(tokens[0].start, tag.end, BodyForm(text[tokens[0].start : tag.end], guessed=True))]


Row = TypeVar("Row", bound=tuple[Any, ...])


def _within(rows: Sequence[Row], start: int, end: int) -> list[Row]:
    """Those of the rows, sorted by their start, that lie within [start, end)."""
    at = bisect_left(rows, start, key=lambda row: row[0])
    found = []
    while at < len(rows) and rows[at][0] < end:
        if rows[at][1] <= end:
            found.append(rows[at])
        at += 1
    return found


def _merge_bodies(*layers: Sequence[tuple[int, int, BodyForm]]) -> list[tuple[int, int, BodyForm]]:
    """Bodies of all layers, earlier layers first; a later one stands only beside them or around them."""
    accepted: list[tuple[int, int, BodyForm]] = []
    for layer in layers:
        for start, end, form in layer:
            clash = [row for row in accepted if row[0] < end and start < row[1]]
            if any(row[0] <= start and end <= row[1] for row in clash) or any(row[0] < start or row[1] > end for row in clash):
                continue
            for row in clash:
                accepted.remove(row)
                form = replace(form, country=form.country or row[2].country)
            accepted.append((start, end, form))
    return sorted(accepted, key=lambda row: row[0])


def _with_state(text: str, row: tuple[int, int, BodyForm], states: Sequence[tuple[int, int, StateForm]]) -> tuple[int, int, BodyForm]:
    """The body with the state that its name tells ("Atomic Energy Organization of Iran"); "Iran's" before the name is cut off."""
    start, end, form = row
    for left, right, state in states:
        if left < start or right > end or (left, right) == (start, end):
            continue
        if form.listed and form.country is None and left == start:
            continue
        if text[right : right + 1] in ("-", "–") or text[left - 1 : left] in ("-", "–"):
            continue  # "Japan-Vietnam Friendship Association"
        if left == start and text[right : right + 2] in ("'s", "’s") and right + 3 < end:
            start = right + 3
            form = replace(form, name=text[start:end])
        if not form.listed or left > start:
            form = replace(form, country=form.country or state.code)
        break
    return start, end, form


_NATIONAL = frozenset(
    {BodyKind.AGENCY, BodyKind.BANK, BodyKind.MINISTRY, BodyKind.PARLIAMENT, BodyKind.MILITARY, BodyKind.MOVEMENT, BodyKind.PARTY}
)


def _listed_bodies(text: str, stated: set[str]) -> list[tuple[int, int, BodyForm]]:
    """Bodies of the table. A company, university or outlet has its country only where the text names that state at all."""
    found = []
    for hit in bodies().find(text):
        choices = [hit.body, *hit.others]
        body = next((row for row in choices if row.alpha3 in stated), hit.body)
        if hit.ambiguous and body.alpha3 is not None and body.alpha3 not in stated:
            continue
        country = body.alpha3 if body.kind in _NATIONAL or (body.alpha3 in stated and body.kind is not BodyKind.IGO) else None
        official = body.kind in (BodyKind.MINISTRY, BodyKind.PARLIAMENT)
        found.append((hit.span.start, hit.span.end, BodyForm(body.name, country, official, listed=True)))
    return found


def _clean(text: str, tag: Tagged, states: Sequence[tuple[int, int, StateForm]]) -> list[tuple[int, int]]:
    """The names within a stretch that the tagger called a person: titles, nations and marks cut off, lists cut apart."""
    lexicon = role_lexicon()
    parts: list[list[Token]] = [[]]
    for token in tokenize(text, tag.start, tag.end):
        if token.text[0].isalpha() and token.low not in ("and", "with") and token.text != "s":
            gap = text[parts[-1][-1].end : token.start] if parts[-1] else ""
            if "\n" in gap:
                parts.append([])
            parts[-1].append(token)
        elif token.text not in ("'", "’", "‘", "`", "-", "."):
            parts.append([])
    spans = []
    for part in parts:
        if all(token.low in lexicon.portfolio or token.low in lexicon.modifiers for token in part):
            continue
        part = _strip(_without_state(part, _within(states, tag.start, tag.end)), lexicon, text[max(0, tag.start - 24) : tag.start])
        if part and any(len(token.text) > 1 and token.capital for token in part):
            spans.append((part[0].start, part[-1].end))
    return spans


def _without_state(part: list[Token], states: Sequence[tuple[int, int, StateForm]]) -> list[Token]:
    """A name without the state before or after it; a state alone is left, being perhaps a name ("Jordan")."""
    for left, right, state in states:
        inside = [token for token in part if token.start >= left and token.end <= right]
        if inside and len(inside) == len(part) and state.sure:
            return []
        if not inside or len(inside) == len(part):
            continue
        if inside[0] is part[0] and state.sure and (state.sort == "demonym" or inside[0].low not in _GIVEN_STATES):
            part = part[len(inside) :]
        elif inside[-1] is part[-1] and state.sort != "demonym" and state.sure:
            part = part[: -len(inside)]
    return part


def _strip(part: list[Token], lexicon: RoleLexicon, before: str) -> list[Token]:
    """A name without the titles before it and the words after it. before: the text that leads to it."""
    at = 0
    while at < len(part):
        found = lexicon.heads.longest(part, at)
        if found is not None and found[1].words in _GIVEN_HEADS and not (at == 0 and _titled(part, before, lexicon)):
            at += 1
            continue
        if found is not None and at + found[0] < len(part) and (at == 0 or found[1].words not in _SURNAMES):
            part, at = part[at + found[0] :], 0
            continue
        at += 1
    while len(part) > 1 and (
        (part[0].low in lexicon.honorifics and part[0].low not in lexicon.kept_honorifics)
        or part[0].low in lexicon.modifiers
        or (part[0].low in lexicon.portfolio and len(part) > 2)
        or (
            part[0].low in lexicon.common
            and part[0].low not in ("may", "will", "an", "april", "june", "august", "march", "do", "so", "no", "on", "any")
        )
    ):
        part = part[1:]
    while len(part) > 1 and (
        part[-1].low in lexicon.common
        and part[-1].low not in ("may", "an", "do", "so", "no", "june", "march", "on", "hold", "will", "call")
    ):
        part = part[:-1]
    if len(part) == 1 and (
        part[0].low in lexicon.common or part[0].low in lexicon.honorifics or lexicon.heads.longest(part, 0) is not None
    ):
        return []
    return part


def _titled(part: Sequence[Token], before: str, lexicon: RoleLexicon) -> bool:
    """Whether a word that is a title and a given name ("Amir", "Sultan") is the title here: after a nation, or before an honorific."""
    if len(part) > 1 and part[1].low in lexicon.honorifics:
        return True
    words = before.split()
    return bool(words) and (words[-1].endswith(("'s", "’s", "ian", "i", "ese", "ish")) or words[-1].lower() in ("the", "his", "highness"))


# ── names that the tagger missed ─────────────────────────────────────────────────────────────────────────────────────


def _nameable(row: Chunk, lexicon: RoleLexicon) -> bool:
    return (
        row.kind is Kind.WORD
        and row.capital
        and row.low not in lexicon.common
        and row.low not in lexicon.portfolio
        and row.low not in lexicon.modifiers
    )


def _run(chunks: Sequence[Chunk], at: int, lexicon: RoleLexicon) -> int:
    """Where the capitalised run that begins at `at` ends: names in capitals with particles between them."""
    start = end = at
    if at < len(chunks) and chunks[at].low in LEADING and chunks[at].kind is Kind.WORD:
        at += 1
    while at < len(chunks) and at - end < 7:
        row = chunks[at]
        if row.kind is Kind.NAME or _nameable(row, lexicon):
            at = end = at + 1
            continue
        if row.kind is Kind.HEAD and row.capital and row.value.words in _GIVEN_HEADS and end == at and at + 1 < len(chunks):
            if at > start and (chunks[at + 1].kind is Kind.NAME or _nameable(chunks[at + 1], lexicon)):
                at += 1
                continue
        if (
            row.kind is Kind.WORD
            and row.low in PARTICLES
            and end == at
            and at + 1 < len(chunks)
            and (_nameable(chunks[at + 1], lexicon) or chunks[at + 1].kind is Kind.NAME)
        ):
            at += 1
            continue
        break
    return end


def _anchor(line: _Line) -> None:
    """Makes names of the capitalised runs after an office or an honorific ("Minister B. Battsetseg"), and lengthens cut ones."""
    lexicon = role_lexicon()
    chunks = line.chunks
    at = 0
    while at < len(chunks):
        row = chunks[at]
        begin = at + 1
        anchored = row.kind is Kind.HEAD or (
            row.kind is Kind.WORD
            and row.low in lexicon.honorifics
            and row.capital
            and row.low not in ("he", "his", "her", "u", "right", "royal", "chief", "don", "their")
        )
        if row.kind is Kind.NAME:
            begin = at
            anchored = True
            while begin and _is_initial(chunks[begin - 1]):
                begin -= 1
        while (
            anchored
            and begin < len(chunks)
            and chunks[begin].kind is Kind.WORD
            and chunks[begin].low in lexicon.honorifics
            and chunks[begin].low not in lexicon.kept_honorifics
        ):
            begin += 1
        if anchored and begin < len(chunks):
            end = _run(chunks, begin, lexicon)
            if end > begin and not (row.kind is Kind.NAME and end == begin + 1):
                _merge_name(chunks, begin, end)
                at = min(at, begin)
        at += 1


def _is_initial(row: Chunk) -> bool:
    """ "S" in "S Jaishankar", "B." in "B. Battsetseg"; not "A" and "I"."""
    return row.kind is Kind.WORD and row.capital and len(row.low) == 1 and row.text not in ("A", "I")


def _merge_name(chunks: list[Chunk], begin: int, end: int) -> None:
    rows = chunks[begin:end]
    start, stop = rows[0].start, rows[-1].end
    text = rows[0].text
    for before, row in zip(rows, rows[1:], strict=False):
        text += (" " if row.start > before.end else "") + row.text
    chunks[begin:end] = [Chunk(Kind.NAME, start, stop, text, " ".join(row.low for row in rows))]


def _surnames(line: _Line) -> set[str]:
    """Tokens of the line's fuller or backed names, by which the rest of the article may call the persons."""
    lexicon = role_lexicon()
    found = set()
    for at, row in enumerate(line.chunks):
        words = row.text.split()
        if row.kind is not Kind.NAME or (len(words) < 2 and not _backed(line.chunks, at)) or words[-1] in _PLACE_NOUNS:
            continue
        for order, word in enumerate(words):
            low = word.lower()
            plain = (
                low in PARTICLES
                or low in lexicon.common
                or low in lexicon.portfolio
                or low in lexicon.honorifics
                or low in lexicon.modifiers
            )
            if len(word) > 2 and word[0].isupper() and not plain and not (order == 0 and low in _GIVEN_HEADS):
                found.add(word)
    return found


_PLACE_NOUNS = BODY_NOUNS | frozenset(
    """Street Road Avenue Square Hotel Building Palace Airport Port Island Islands River Lake Mount Mountain Valley Reef Sea Bay Gulf Strait Desert Province
    District County City Town Village Region State Republic Tower House Hall Park Garden Gardens Bridge Dam Gate Stadium Arena Museum Theatre Theater Church
    Mosque Cathedral Temple Cemetery Station Camp Base Prison Market Mall Plaza Championship Championships Cup Games Tournament Olympics Festival Prize Award
    Awards Summit Conference Meeting Session Day Week Year Act Law Bill Treaty Agreement Accord Plan Programme Program Project Strategy Report Statement
    Declaration Resolution Times News Post Herald Tribune Gazette Journal Magazine Daily Press TV Radio Channel Story Call Talks Remarks Details Photo Image
    Cyclone Hurricane Typhoon Operation War Battle Revolution Line Pipeline Highway Railway Express Field Block Mine Plant Refinery Terminal Zone""".split()
)


def _doubt(line: _Line, known: set[str]) -> None:
    """Takes back names of which nothing but the tagger speaks and which look like something else.

    A place or thing by its last word; capitals alone ("AGOA"); a single word that the table of cities has, or that only begins its
    sentence. What stands after an office, honorific or nation, or is part of a fuller name elsewhere, stays.
    """
    chunks = line.chunks
    for at, row in enumerate(chunks):
        if row.kind is not Kind.NAME or _backed(chunks, at):
            continue
        words = row.text.split()
        if len(words) > 1:
            if words[-1].title() in _PLACE_NOUNS or words[0] in _PLACE_NOUNS:
                chunks[at] = rename(row, Kind.WORD)
            continue
        if row.text in known or office_holders().named(row.text):
            continue
        opens = at == 0 or chunks[at - 1].kind is Kind.MARK
        if (
            row.shouted
            or cities().lookup(row.text) is not None
            or (opens and (at + 1 >= len(chunks) or chunks[at + 1].kind is not Kind.POSS))
        ):
            chunks[at] = rename(row, Kind.WORD)


def _backed(chunks: Sequence[Chunk], at: int) -> bool:
    """Whether something beside the name says that it is a person's: an office, an honorific, a nation before it, an office after it."""
    lexicon = role_lexicon()
    if at and (
        chunks[at - 1].kind in (Kind.HEAD, Kind.COUNTERPART)
        or chunks[at - 1].low in lexicon.honorifics
        or (chunks[at - 1].kind is Kind.POSS and at > 1 and chunks[at - 2].kind is Kind.STATE)
    ):
        return True
    return any(row.kind is Kind.HEAD for row in chunks[at + 1 : at + 6]) and at + 1 < len(chunks) and chunks[at + 1].text in (",", "(")


def _called(row: Chunk, known: set[str]) -> bool:
    """Whether the chunk is a word by which the article calls a person; a title only where it is part of a name ("Amir")."""
    return row.text in known and (row.kind is Kind.WORD or (row.kind is Kind.HEAD and row.value.words in _GIVEN_HEADS))


def _recall(line: _Line, known: set[str]) -> None:
    """Makes names of words that are names elsewhere in the article, also in headlines."""
    chunks = line.chunks
    at = 0
    while at < len(chunks):
        row = chunks[at]
        if row.kind is Kind.NAME or _called(row, known):
            end = at + 1
            while end < len(chunks) and (chunks[end].kind is Kind.NAME or _called(chunks[end], known)):
                end += 1
            if row.kind is not Kind.NAME or end > at + 1:
                _merge_name(chunks, at, end)
        at += 1


# ── phrases ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Office:
    """One office or a chain of them ("Deputy Prime Minister and Foreign Minister")."""

    first: int
    last: int
    parts: list[RolePhrase]

    @property
    def nations(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(code for part in self.parts for code in part.nations))


def _mentions_of(line: _Line) -> list[Mention]:
    line.roles = find_roles(line.chunks)
    if _name_followers(line) | _mistaken_bodies(line):
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


def _mistaken_bodies(line: _Line) -> bool:
    """Makes names of guessed bodies that stand where only a person can: before ", ROLE", after "ROLE" or "ROLE,"."""
    changed = False
    chunks = line.chunks
    for phrase in line.roles:
        spots = [phrase.last, phrase.last + 1] if phrase.last < len(chunks) and chunks[phrase.last].text == "," else [phrase.last]
        if phrase.first >= 2 and chunks[phrase.first - 1].text in (",", "("):
            spots.append(phrase.first - 2)
        for at in spots:
            if not 0 <= at < len(chunks) or chunks[at].kind is not Kind.BODY or not chunks[at].value.guessed or chunks[at].shouted:
                continue
            if 2 <= len(chunks[at].text.split()) <= 5:
                chunks[at] = rename(chunks[at], Kind.NAME)
                changed = True
    return changed


def _name_followers(line: _Line) -> bool:
    """Makes names of the capitalised runs right after an office that ends with a state ("Foreign Minister of Oman Badr Albusaidi")."""
    lexicon, changed = role_lexicon(), False
    if line.headline:
        return False
    for phrase in reversed(line.roles):
        at = phrase.last
        if at < len(line.chunks) and at > phrase.head + 1 and line.chunks[at].kind is Kind.WORD and line.chunks[at - 1].kind is Kind.STATE:
            while at < len(line.chunks) and line.chunks[at].low in lexicon.honorifics:
                at += 1
            end = _run(line.chunks, at, lexicon)
            if end > at:
                _merge_name(line.chunks, at, end)
                changed = True
    return changed


def _chain(line: _Line) -> list[_Office]:
    """Offices, with those joined that one person holds."""
    chunks, offices = line.chunks, []
    for phrase in line.roles:
        office = _Office(phrase.first, phrase.last, [phrase])
        if offices and _same_holder(chunks, offices[-1], phrase):
            offices[-1].parts.append(phrase)
            offices[-1].last = phrase.last
        else:
            offices.append(office)
    return offices


_HOLDING = frozenset({",", "and", "as", "well", "also", "cum", "/", "&", "the", "–", "-"})
# Offices that are also titles before a name, so that they go with the office before them: "Minister of Foreign Affairs, Ambassador X".
_TITLES = frozenset(
    "ambassador senator prince princess general professor justice archbishop cardinal lord lady ayatollah hojatoleslam king major lieutenant colonel admiral "
    "brigadier commodore captain marshal imam bishop rear vice air chief field grand mufti".split()
)


def _same_holder(chunks: Sequence[Chunk], office: _Office, phrase: RolePhrase) -> bool:
    lexicon = role_lexicon()
    before = office.parts[-1]
    between = [row.low for row in chunks[office.last : phrase.first] if row.low not in lexicon.honorifics]
    if before.plural or phrase.plural or len(between) > 3 or any(word not in _HOLDING for word in between):
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
            return phrase.bare and all(word in _TITLES for word in phrase.text.lower().split())
        determined = chunks[phrase.first].low in ("the", "a", "an")
        return not determined and not (before.bare and before.definite)
    return False


def _pair_names(line: _Line, offices: Sequence[_Office], mentions: list[Mention]) -> None:
    """Binds offices to the names beside them: "ROLE NAME", "NAME, ROLE", "ROLE, NAME"."""
    chunks = line.chunks
    done: set[int] = set()
    for index, office in enumerate(offices):
        follower = _name_after(chunks, office.last)
        listed = office.last < len(chunks) and chunks[office.last].text == "," and office.parts[-1].plural
        if listed and office.nations and len(_names_listed(chunks, office.last + 1)) == len(office.nations):
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
            later = follower + 1 < len(chunks) and any(other.first in (follower + 1, follower + 2) for other in offices)
            if not later and (office.parts[0].definite or office.parts[0].text[:1].isupper()):
                _named(line, follower, office, mentions, first=office.first, last=follower + 1)
                done.add(index)
    for index in done:
        line.taken.update(range(offices[index].first, offices[index].last))


def _is_given_name(line: _Line, office: _Office, name: int) -> bool:
    """Whether the "office" is a given name: "Sultan Ahmed Al-Jaber, the Minister of Industry"."""
    chunks = line.chunks
    phrase = office.parts[0]
    row = chunks[phrase.head]
    if (
        len(office.parts) > 1
        or not phrase.bare
        or phrase.definite
        or not row.capital
        or row.value.words not in _GIVEN_HEADS
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
        if chunks[at].kind is Kind.WORD and chunks[at].low in lexicon.honorifics:
            at += 1
        elif chunks[at].text in ("-", ".") and chunks[at].start == chunks[at - 1].end:
            at += 1
        elif chunks[at].text == "(" and at + 2 < len(chunks) and chunks[at + 2].text == ")" and chunks[at - 1].low in lexicon.honorifics:
            at += 3
        elif heads and chunks[at].kind is Kind.HEAD and all(word in _TITLES for word in chunks[at].low.split()):
            at += 1
        else:
            break
    return at


def _add_office(line: _Line, name: int, office: _Office, mentions: list[Mention]) -> bool:
    """Adds the office after a name to the rank before it: "Major General X, the commander of the navy"."""
    head = line.chunks[name].start
    spot = next((at for at, mention in enumerate(mentions) if mention.head.start == head and mention.name), -1)
    if spot < 0 or mentions[spot].role is None or not _vague(mentions[spot].role or ""):
        return False
    old = mentions[spot]
    country = office.nations[0] if office.nations else old.country
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


_WHO_WORDS = frozenset(
    "who is was has been also the as serves served acts acted currently now then until recently previously at time doubles combines holds held post posts "
    "position office of since concurrently heads his her country's".split()
)


def _name_before(chunks: Sequence[Chunk], office: _Office) -> int:
    """The name to which "..., ROLE" or "... (ROLE)" is an apposition, or -1."""
    at = office.first - 1
    back = at
    while back >= 0 and at - back < 8 and chunks[back].kind is Kind.WORD and chunks[back].low in _WHO_WORDS:
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


def _named_list(line: _Line, office: _Office, follower: int, mentions: list[Mention]) -> None:
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
    line: _Line, name: int, office: _Office | None, mentions: list[Mention], *, first: int, last: int, nation: str | None = None
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


def _boss(line: _Line, at: int, mentions: list[Mention]) -> None:
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


def _singular_text(office: _Office) -> str:
    """The offices as stated, without mere titles beside them."""
    told = [part.text for part in office.parts if not _vague(part.text)] or [office.parts[0].text]
    return " and ".join(told)


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


def _best_class(office: _Office) -> RoleClass:
    return min((part.role_class for part in office.parts), key=_RANK.index)


def _bare_names(line: _Line, mentions: list[Mention]) -> None:
    for at, row in enumerate(line.chunks):
        if row.kind is Kind.NAME and at not in line.taken:
            _named(line, at, None, mentions, first=at, last=at + 1)
        elif row.kind is Kind.NAME:
            _boss(line, at, mentions)


def _offices_alone(line: _Line, offices: Sequence[_Office], mentions: list[Mention]) -> None:
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
    if head.value.words in _WEAK_HEADS:
        return bool(part.nations or part.organization or part.boss >= 0) or (part.definite and part.portfolio is not None)
    return part.definite or head.capital or part.portfolio is not None


_JOINED = re.compile(r"(?:,|,? and|,? as well as|,? along with|,? accompanied by|,? together with) (?:the )?$")
_AMONG = re.compile(r",? (?:including|such as|among them|namely|like|:)")


def _share_nations(line: _Line, mentions: list[Mention]) -> None:
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
            continue
        if mention.form not in (Form.NAMED, Form.OFFICE) or mention.country or mention.organization or mention.role is None:
            continue
        nation = group
        if at and nation is None:
            first = mentions[at - 1]
            gap = text[first.span.end - offset : mention.span.start - offset] + " "
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


def _foreign_office(mention: Mention) -> bool:
    """An office that stands towards a state is not of the state beside it: "Iranian Foreign Minister X and Ambassador Y"."""
    return mention.role_class in (RoleClass.AMBASSADOR, RoleClass.ENVOY, RoleClass.HEAD_OF_INTERNATIONAL_BODY, RoleClass.EXECUTIVE)


def _states_around(chunks: Sequence[Chunk], at: int, floor: int) -> tuple[int, int, list[str]]:
    """Nations listed before the noun at `at`, or after it with "from/of/in"; the stretch that they take with it."""
    first, nations = at, []
    k = at - 1
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


def _counterparts(line: _Line, mentions: list[Mention]) -> None:
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
        while back >= 0 and first - back < 5 and chunks[back].kind is Kind.WORD and chunks[back].low in _WHO_WORDS:
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


def _named_counterpart(line: _Line, at: int, first: int, name: int, nations: Sequence[str], mentions: list[Mention]) -> None:
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


def _delegations(line: _Line, mentions: list[Mention]) -> None:
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


def _rest(line: _Line, mentions: list[Mention]) -> None:
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


def _simple(line: _Line, at: int, form: Form, *, plural: bool) -> Mention:
    span = Span(line.chunks[at].start, line.chunks[at].end)
    return Mention(span=span, head=span, form=form, kind=PartyKind.PERSON, sentence=line.sentence.index, plural=plural)


def _body(line: _Line, at: int) -> Mention:
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
        attributive=last < len(chunks) and chunks[last].kind is Kind.POSS,
    )


def _state(line: _Line, at: int) -> Mention:
    """A state that may stand for its government."""
    chunks = line.chunks
    row = chunks[at]
    form: StateForm = row.value
    before = chunks[at - 1].low if at else ""
    after = chunks[at + 1] if at + 1 < len(chunks) else None
    there = before in _PLACE_WORDS or (form.sort == "capital" and before in ("to", "from", "for", "of"))
    attributive = form.sort == "demonym" or there or bool(after and after.kind in (Kind.POSS, Kind.BODY))
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


# ── who is meant ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(slots=True)
class _Known:
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
    mentions: list[int] = field(default_factory=list)

    def absorb(self, index: int, mention: Mention) -> None:
        """Takes over what the mention says and the party does not know yet; a fuller name replaces a shorter one."""
        self.mentions.append(index)
        if mention.name and (self.name is None or len(name_tokens(mention.name)) > len(name_tokens(self.name))):
            self.name = mention.name
        if (
            mention.role
            and mention.form is not Form.COUNTERPART
            and (self.role is None or (_vague(self.role) and not _vague(mention.role)))
        ):
            self.role, self.role_class, self.portfolio = mention.role, mention.role_class, mention.portfolio or self.portfolio
            self.former = mention.former
        if mention.country and (self.country is None or self.country_source is CountrySource.ORGANIZATION is not mention.country_source):
            self.country, self.country_source = mention.country, mention.country_source
        if mention.organization and self.organization is None:
            self.organization = mention.organization


_RANKS = frozenset(
    "general major lieutenant brigadier colonel admiral rear ayatollah hojatoleslam prince princess top diplomat official senior grand imam marshal air commander captain".split()
)


_VAGUE_HEADS = frozenset(
    "minister ministers secretary chief head leader envoy director deputy chairman chairwoman chairperson chair representative delegate member adviser advisor aide "
    "lawmaker senator politician counterpart negotiator executive manager professor expert new former ex doctor cleric".split()
)


def _vague(role: str) -> bool:
    """A rank, or a head noun alone: tells less than an office with its portfolio."""
    words = role.lower().split()
    return all(word in _RANKS or word in _VAGUE_HEADS for word in words)


def join_parties(document: Document, mentions: Sequence[Mention]) -> tuple[tuple[Mention, ...], tuple[Party, ...]]:
    """The mentions with their parties, and the parties: every person, body and state of the article once."""
    known: list[_Known] = []
    party_of = [-1] * len(mentions)
    order = sorted(range(len(mentions)), key=lambda k: (mentions[k].span.start < document.body_start, mentions[k].span.start))

    def bind(index: int, party: int) -> None:
        if party == len(known):
            known.append(_Known(kind=mentions[index].kind))
        known[party].absorb(index, mentions[index])
        party_of[index] = party

    for index in order:
        if mentions[index].name is not None:
            bind(index, _find_person(mentions[index], known))
    home = home_country(document.publisher, document.url) or _dateline_state(document)
    _lend_offices(document.text, mentions, known, party_of)
    _settle_countries(known, document.published, None)
    _take_bosses(mentions, known, party_of)
    _take_places(document, mentions, known, party_of)
    _take_shared_offices(mentions, known)
    _settle_countries(known, document.published, home)
    for index in order:
        mention = mentions[index]
        if mention.name is not None or mention.form in (Form.GROUP, Form.PRONOUN):
            continue
        if mention.form is Form.OFFICE and mention.kind is PartyKind.PERSON:
            bind(index, _find_office(index, mentions, known, party_of))
        elif mention.form is Form.COUNTERPART:
            mention = _as_counterpart(document.text, index, mentions, known, party_of)
            target = _find_counterpart(mention, known)
            bind(index, target)
            if known[target].role is None and not mention.plural:
                known[target].role, known[target].role_class, known[target].portfolio = mention.role, mention.role_class, mention.portfolio
        else:
            bind(index, _find_body(mention, known))
    for index in order:
        if mentions[index].form is Form.PRONOUN and not mentions[index].plural:
            target = _antecedent(index, mentions, party_of, known)
            if target >= 0:
                bind(index, target)
    _settle_countries(known, document.published, home)
    joined = tuple(replace(mention, party=party_of[index]) for index, mention in enumerate(mentions))
    parties = tuple(
        Party(
            index=index,
            kind=row.kind,
            name=row.name,
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


def _lend_offices(text: str, mentions: Sequence[Mention], known: Sequence[_Known], party_of: Sequence[int]) -> None:
    """Named counterparts ("his Omani counterpart Badr Albusaidi") get the office of the person whose counterparts they are."""
    for index, mention in enumerate(mentions):
        if mention.form is not Form.COUNTERPART or mention.name is None or known[party_of[index]].role is not None:
            continue
        row = known[party_of[index]]
        lent = _as_counterpart(text, index, mentions, known, party_of)
        row.role, row.role_class, row.portfolio = lent.role, lent.role_class, lent.portfolio


# Cities where states meet that are not at home there: who is met in them need not be of the country.
_MEETING_PLACES = frozenset(
    {
        "Geneva",
        "Vienna",
        "New York",
        "Brussels",
        "The Hague",
        "Davos",
        "Munich",
        "Strasbourg",
        "Luxembourg",
        "Nairobi",
        "Rome",
        "Addis Ababa",
        "Doha",
    }
)
_GATHERING = re.compile(
    r"(?i)\b(?:summit|conference|sidelines?|margins?|forum|general assembly|session|congress|festival|exhibition|expo|games)\b"
)


def _dateline_state(document: Document) -> str | None:
    """The state of the dateline's city, unless it is a place where the states of the world meet."""
    dateline = read_dateline(document.text[document.body_start :], document.published)
    if dateline is None or dateline.city is None or dateline.city.title() in _MEETING_PLACES:
        return None
    return dateline.country


def _take_places(document: Document, mentions: Sequence[Mention], known: Sequence[_Known], party_of: Sequence[int]) -> None:
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
            if inside and inside[0].lower() in ("in", "to") and there not in _MEETING_PLACES:
                place = mention.country
            continue
        if party_of[index] < 0:
            persons += mention.form is Form.PRONOUN
            continue
        row = known[party_of[index]]
        if row.kind is not PartyKind.PERSON:
            continue
        persons += 1
        if place and persons > 1 and row.country is None and row.organization is None and row.role_class in _OF_A_STATE and not row.former:
            if not _GATHERING.search(document.sentences[sentence].text):
                row.country, row.country_source = place, CountrySource.TEXT


def _take_bosses(mentions: Sequence[Mention], known: Sequence[_Known], party_of: Sequence[int]) -> None:
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


def _take_shared_offices(mentions: Sequence[Mention], known: Sequence[_Known]) -> None:
    """Offices that the article tells for the group: "the foreign ministers of X and Y" for those whom it names with their nation only."""
    shared = {mention.country: mention for mention in mentions if mention.form is Form.OFFICE and mention.role and mention.country}
    foreign = any("foreign minister" in (mention.role or "").lower() for mention in mentions)
    for row in known:
        if row.kind is not PartyKind.PERSON or row.country is None or row.organization or not (row.role is None or _vague(row.role)):
            continue
        mention = shared.get(row.country)
        alone = sum(other.country == row.country and other.kind is PartyKind.PERSON for other in known) == 1
        if mention is not None and alone and mention.role_class in _OF_A_STATE and not mention.former:
            row.role, row.role_class, row.portfolio = mention.role, mention.role_class, mention.portfolio
        elif row.role_class is RoleClass.FOREIGN_MINISTER and foreign and row.role and "diplomat" in row.role.lower():
            row.role = "foreign minister"


# Offices that only a state has, so that without a nation they belong to the country for which the outlet writes.
_OF_A_STATE = frozenset(
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
_STATE_WORDS = frozenset(
    "national crown judiciary ministry department presidential supreme vice deputy premier atomic chief secretary commissioner cabinet "
    "adviser advisor aide negotiator envoy leader".split()
)
_BODY_WORDS = frozenset(
    "general justice state deputy vice assistant head member principal lord lady national prince king queen captain major marshal".split()
)
_STATE_BODY = re.compile(
    r"(?i)department|headquarters|council|committee|commission|authority|directorate|court|army|guards?|police|judiciary|armed forces|navy|office of the president"
)


def _settle_countries(known: Sequence[_Known], day: date | None, home: str | None) -> None:
    """Gives a state to persons of whom the text tells none: by the table of office holders, then by the outlet's own state."""
    for row in known:
        if row.kind is not PartyKind.PERSON or (row.country is not None and not _doubtful(row, day)):
            continue
        holder = _holder(row, day)
        if holder is not None and (holder.alpha3 or not row.organization):
            row.country = holder.alpha3
            row.country_source = CountrySource.OFFICE_HOLDERS if holder.alpha3 else None
            row.organization = row.organization or holder.organization
            if row.role is None:
                row.role, row.role_class = holder.office, holder.role_class
        if holder is not None or row.role is None or home is None or not _may_be_of_state(row.organization):
            continue
        words = set(fold(row.role).split())
        of_state = row.role_class in _OF_A_STATE or (row.role_class in (RoleClass.OTHER, RoleClass.ENVOY) and words & _STATE_WORDS)
        if of_state or row.organization is not None:
            row.country, row.country_source = _seat(row, home) or home, CountrySource.OUTLET


def _seat(row: _Known, home: str) -> str | None:
    """The state of the city that a governor or mayor is of; the outlet's own where it has a city of that name."""
    if row.role is None or row.role_class not in (RoleClass.GOVERNOR, RoleClass.MAYOR):
        return None
    for word in row.role.split():
        if word[:1].isupper() and (found := cities().lookup(word, alpha3=home) or cities().lookup(word)):
            return found.alpha3
    return None


def _doubtful(row: _Known, day: date | None) -> bool:
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


def _holder(row: _Known, day: date | None) -> OfficeHolder | None:
    """The office that the table has for this person, if it does not contradict the one that the text tells."""
    if row.name is None or row.former:
        return None
    told = None if row.role is None or _vague(row.role) else row.role_class
    if told in (RoleClass.OTHER, RoleClass.ENVOY, RoleClass.MILITARY_CHIEF, RoleClass.CLERIC, RoleClass.EXECUTIVE):
        told = None
    return office_holders().lookup(row.name, day, role_class=told)


def _find_person(mention: Mention, known: Sequence[_Known]) -> int:
    """The party that the name belongs to: the latest that fits, one with the same state first; len(known) for a new one."""
    name = mention.name or ""
    fits = [k for k, row in enumerate(known) if row.name and same_person(row.name, name)]
    if mention.country:
        fits = [k for k in fits if known[k].country in (None, mention.country)] or ([] if len(name_tokens(name)) == 1 else fits)
    if not fits:
        return len(known)
    return max(
        fits,
        key=lambda k: (
            known[k].country == mention.country,
            len(set(name_tokens(known[k].name or "")) & set(name_tokens(name))),
            known[k].mentions[-1],
        ),
    )


def _head_word(role: str | None) -> str:
    return role.split()[-1].lower() if role else ""


def _same_office(a: Mention, row: _Known) -> bool:
    """Whether an office without a name may be this person's: same class, or "the minister" for any minister."""
    if row.role_class is None or a.role_class is None:
        return False
    ministers = (RoleClass.MINISTER, RoleClass.FOREIGN_MINISTER, RoleClass.DEPUTY_MINISTER)
    words, theirs = set(fold(a.role or "").split()), set(fold(row.role or "").split())
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


_CROWNS = {
    "king": "king", "monarch": "king", "queen": "queen", "emir": "emir", "amir": "emir", "sultan": "sultan", "president": "president", "premier": "premier",
    "prime": "premier", "chancellor": "chancellor", "emperor": "emperor", "ruler": "emir", "taoiseach": "premier", "leader": "leader",
}  # fmt: skip


def _crown(words: set[str]) -> set[str]:
    """Which sort of head of state or government the words name."""
    return {_CROWNS[word.split("-")[0]] for word in words if word.split("-")[0] in _CROWNS}


def _find_office(index: int, mentions: Sequence[Mention], known: Sequence[_Known], party_of: Sequence[int]) -> int:
    mention = mentions[index]
    fits = []
    for k, row in enumerate(known):
        if row.kind is not PartyKind.PERSON or not _same_office(mention, row) or row.former != mention.former:
            continue
        if mention.country and row.country and mention.country != row.country:
            continue
        if mention.country and row.country is None and row.organization:
            continue
        before = [m for m in row.mentions if m < index]
        # an office with its nation may come before the name; a bare "the minister" looks back
        if not before and not mention.country and mentions[index].sentence > 0:
            continue
        fits.append(
            (mention.country is not None and row.country == mention.country, bool(before), max(before, default=-min(row.mentions)), k)
        )
    return max(fits)[-1] if fits else len(known)


def _as_counterpart(text: str, index: int, mentions: Sequence[Mention], known: Sequence[_Known], party_of: Sequence[int]) -> Mention:
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
        if party_of[k] < 0 or other.form is Form.COUNTERPART or other.attributive:
            continue
        row = known[party_of[k]]
        if row.kind is PartyKind.PERSON and row.role and (row.country is None or row.country != mention.country):
            return replace(mention, role=row.role, role_class=row.role_class, portfolio=row.portfolio)
    return mention


def _find_counterpart(mention: Mention, known: Sequence[_Known]) -> int:
    """A person of that state and class of office whom the article names, else one more unnamed party."""
    if mention.country is None:
        return len(known)
    same = [k for k, row in enumerate(known) if row.kind is PartyKind.PERSON and row.country == mention.country]
    fits = [k for k in same if mention.role_class is not None and known[k].role_class is mention.role_class]
    if fits:
        return max(fits, key=lambda k: known[k].name is not None)
    bare = [k for k in same if known[k].role is None]
    return bare[0] if bare else len(known)


def _find_body(mention: Mention, known: Sequence[_Known]) -> int:
    for k, row in enumerate(known):
        if row.kind is PartyKind.PERSON or row.kind is not mention.kind:
            continue
        if mention.organization:
            if row.organization and fold(row.organization) == fold(mention.organization):
                return k
        elif row.organization is None and row.country == mention.country and mention.country and row.role == mention.role:
            return k
    return len(known)


def _antecedent(index: int, mentions: Sequence[Mention], party_of: Sequence[int], known: Sequence[_Known]) -> int:
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
