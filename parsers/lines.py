"""An article's sentences as rows of chunks in which the names stand: what the tagger found, cleaned, and what it missed.

Names come from the tagger, from capitalised runs after an office or honorific, and from the rest of the article, which calls a
person by the last name. A name of which nothing but the tagger speaks and which looks like a place or a thing is taken back.
"""

import itertools
import re
from bisect import bisect_left
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from parsers.bodies import BodyKind
from parsers.catalog import bodies, cities, countries, office_holders
from parsers.chunks import BodyForm, Chunk, Kind, RoleLexicon, StateForm, chunk, rename, role_lexicon
from parsers.document import Document, Sentence
from parsers.gazetteer import fold as fold_marks
from parsers.names import BODY, LEADING, PARTICLES, PERSON, NameTagger, Tagged
from parsers.organisations import find_named_bodies
from parsers.roles import RolePhrase
from parsers.tokens import Token, tokenize

_NAMES_TOO = frozenset({"Said", "Will", "May", "June", "April", "August", "Sun", "Mark"})  # words that are given names with a capital
_NUMERAL = re.compile(r"[IVX]+")
_TITLE_CASE = 0.75  # share of capitalised words from which a line is a headline in title case


@dataclass(slots=True)
class Line:
    """A sentence at work."""

    sentence: Sentence
    chunks: list[Chunk]
    headline: bool
    roles: list[RolePhrase] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)


def read_lines(document: Document, tagger: NameTagger) -> list[Line]:
    """The sentences of the document as chunks, with all persons' names found."""
    tags = tagger.tag([document.text])[0]
    states = [
        (hit.span.start, hit.span.end, StateForm(hit.alpha3, str(hit.kind), not hit.ambiguous)) for hit in countries().find(document.text)
    ]
    states = sorted(states + _states_of(document.text, {start for start, _, _ in states}), key=lambda row: row[0])
    lines = _lines(document, tags, states, _listed_bodies(document.text, {state.code for _, _, state in states}))
    known: set[str] = set()
    for line in lines:
        if not line.headline:
            _anchor(line)
            known |= _surnames(line)
    for line in lines:
        _doubt(line, known)
        _recall(line, known)
    return lines


def _states_of(text: str, found: Set[int]) -> list[tuple[int, int, StateForm]]:
    """States that are given names too, after "of": "Prime Minister of Georgia Levan X"; the table takes them for names there."""
    rows = []
    for match in re.finditer(r"\b(?:of|Of) (\w+)(?= \w)", text):
        start, word = match.start(1), match[1]
        if start not in found and word[0].isupper() and word.lower() in role_lexicon().words.given_states:
            form = countries().lookup(word)
            if form is not None:
                rows.append((start, match.end(1), StateForm(form.alpha3, str(form.kind), True)))
    return rows


def _lines(
    document: Document,
    tags: Sequence[Tagged],
    states: Sequence[tuple[int, int, StateForm]],
    in_tables: Sequence[tuple[int, int, BodyForm]],
) -> list[Line]:
    names = [span for tag in tags if tag.label == PERSON for span in _clean(document.text, tag, states)]
    loose = [row for tag in tags if tag.label == BODY for row in _loose_body(document.text, tag, states)]
    lines = []
    for sentence in document.sentences:
        start, end = sentence.span.start, sentence.span.end
        inner = within(names, start, end)
        listed = within(in_tables, start, end)
        told = [row for a, b, form in find_named_bodies(sentence.text) for row in _after_office(document.text, start + a, start + b, form)]
        told = [cut for row in told if (cut := _before_names(document.text, row, inner)) is not None]
        rest = within(loose, start, end)
        local = within(states, start, end)
        merged = [_with_state(document.text, row, local) for row in _merge_bodies(listed, told, rest)]
        chunks = chunk(document.text, start, end, names=inner, states=local, bodies=merged)
        words = [row for row in chunks if row.kind is not Kind.MARK and row.text[0].isalpha() and len(row.text) > 3]
        capitals = sum(row.capital for row in words)
        lines.append(
            Line(
                sentence,
                chunks,
                sentence.in_title or (not sentence.text.endswith(".") and len(words) > 3 and capitals >= _TITLE_CASE * len(words)),
            )
        )
    return lines


def _before_names(text: str, row: tuple[int, int, BodyForm], names: Sequence[tuple[int, int]]) -> tuple[int, int, BodyForm] | None:
    """The body without a person's name at its end: "Organization of Turkic States Omurbek Asanov"."""
    start, end, form = row
    for left, right in names:
        if start < left < end <= right:
            end = left
            while end > start and not text[end - 1].isalnum():
                end -= 1
            return (start, end, replace(form, name=text[start:end])) if " " in text[start:end] else None
    return row


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
        if found[1].words in lexicon.words.in_bodies and not (after < len(tokens) and tokens[after].low in ("of", "for")):
            continue
        if at == 0 and after == len(tokens):
            return []
        if after < len(tokens) and tokens[after].low in ("of", "for", "to", "at"):
            cut = after + 1
        elif after == len(tokens) or (
            tokens[after].text not in lexicon.words.body_nouns and tokens[after].low not in ("'s", "’s", "and", "'", "’")
        ):
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
    while tokens and (tokens[0].low in lexicon.words.common or not tokens[0].text[0].isalnum()):
        tokens.pop(0)
    if not tokens or any(lexicon.heads.longest(tokens, at) for at in range(len(tokens))):
        return []
    if all(token.low in lexicon.portfolio or token.low in lexicon.words.common or not token.text[0].isalpha() for token in tokens):
        return []
    if any("\n" in text[a.end : b.start] for a, b in itertools.pairwise(tokens)):
        return []
    left = bisect_left(states, tokens[0].start, key=lambda row: row[0])
    if left < len(states) and states[left][0] < tag.end:
        return []
    return [(tokens[0].start, tag.end, BodyForm(text[tokens[0].start : tag.end], guessed=True))]


Row = TypeVar("Row", bound=tuple[Any, ...])


def within(rows: Sequence[Row], start: int, end: int) -> list[Row]:
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
    for left, right, state in states:  # also within: "... and Iran's Department of Environment"
        if start <= left and right + 3 < end and text[right : right + 2] in ("'s", "’s") and not form.listed:
            start, form = right + 3, replace(form, name=text[right + 3 : end], country=state.code)
    for left, right, state in states:
        if left < start or right > end or (left, right) == (start, end):
            continue
        if form.listed and form.country is None and left == start:
            continue
        if text[right : right + 1] in ("-", "–") or text[left - 1 : left] in ("-", "–"):
            continue  # "Japan-Vietnam Friendship Association"
        if not form.listed or left > start:
            form = replace(form, country=form.country or state.code)
        break
    if form.country is None and not form.listed:
        low = form.name.lower()
        form = replace(form, country=next((code for phrase, code in role_lexicon().state_offices.items() if code and phrase in low), None))
    return start, end, form


_NATIONAL = frozenset(
    {BodyKind.AGENCY, BodyKind.BANK, BodyKind.MINISTRY, BodyKind.PARLIAMENT, BodyKind.MILITARY, BodyKind.MOVEMENT, BodyKind.PARTY}
)


def _listed_bodies(text: str, stated: set[str]) -> list[tuple[int, int, BodyForm]]:
    """Bodies of the table. A company, university or outlet has its country only where the text names that state at all."""
    found, names = [], dict[str, str]()
    for hit in bodies().find(text):
        choices = [hit.body, *hit.others]
        body = next((row for row in choices if row.alpha3 in stated), hit.body)
        if hit.ambiguous and body.alpha3 is not None and body.alpha3 not in stated:
            continue
        if hit.others and body.alpha3 not in stated:
            body = replace(body, alpha3=None)
        country = body.alpha3 if body.kind in _NATIONAL or (body.alpha3 in stated and body.kind is not BodyKind.IGO) else None
        official = body.kind in (BodyKind.MINISTRY, BodyKind.PARLIAMENT)
        # movements and parties are called as the article calls them, all others by their full names
        called = names.setdefault(body.name, hit.form) if body.kind in (BodyKind.MOVEMENT, BodyKind.PARTY) else body.name
        found.append((hit.span.start, hit.span.end, BodyForm(called, country, official, listed=True)))
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
        before = text[max(0, tag.start - 24) : tag.start]
        part = _strip(_without_state(part, within(states, tag.start, tag.end), before), lexicon, before)
        if part and any(len(token.text) > 1 and token.capital for token in part):
            spans.append((part[0].start, part[-1].end))
    return spans


def _without_state(part: list[Token], states: Sequence[tuple[int, int, StateForm]], before: str) -> list[Token]:
    """A name without the state before or after it; a state alone is left, being perhaps a name ("Jordan")."""
    for left, right, state in states:
        inside = [token for token in part if token.start >= left and token.end <= right]
        if inside and len(inside) == len(part) and state.sure:
            return []
        if not inside or len(inside) == len(part):
            continue
        certain = state.sort == "demonym" or inside[0].low not in role_lexicon().words.given_states
        if inside[0] is part[0] and ((state.sure and certain) or before.endswith(" of ")):
            part = part[len(inside) :]
        elif inside[-1] is part[-1] and state.sort != "demonym" and state.sure and len(part) - len(inside) > 1:
            part = part[: -len(inside)]
    for size in (2, 1):  # spellings with diacritics that the table has without: "Việt Nam"
        form = fold_marks(" ".join(token.text for token in part[:size]))
        if len(part) > size and (state_form := countries().lookup(form)) is not None and not state_form.ambiguous:
            return part[size:]
    return part


def _strip(part: list[Token], lexicon: RoleLexicon, before: str) -> list[Token]:
    """A name without the titles before it and the words after it. before: the text that leads to it."""
    at = 0
    while at < len(part):
        found = lexicon.heads.longest(part, at)
        if found is not None and found[1].words in role_lexicon().words.given_heads and not (at == 0 and _titled(part, before, lexicon)):
            at += 1
            continue
        if found is not None and at + found[0] < len(part) and (at == 0 or found[1].words not in role_lexicon().words.surnames):
            part, at = part[at + found[0] :], 0
            continue
        at += 1
    while len(part) > 1 and (
        (part[0].low in lexicon.honorifics and part[0].low not in lexicon.kept_honorifics)
        or part[0].low in lexicon.modifiers
        or (part[0].low in lexicon.portfolio and len(part) > 2)
        or (
            part[0].low in lexicon.words.common
            and part[0].low not in ("may", "will", "said", "an", "april", "june", "august", "march", "do", "so", "no", "on", "any")
        )
    ):
        part = part[1:]
    while len(part) > 1 and (
        part[-1].low in lexicon.words.common
        and part[-1].low not in ("may", "an", "do", "so", "no", "june", "march", "on", "hold", "will", "call")
    ):
        part = part[:-1]
    if len(part) == 1 and (
        part[0].low in lexicon.words.common or part[0].low in lexicon.honorifics or lexicon.heads.longest(part, 0) is not None
    ):
        return []
    return part


def _titled(part: Sequence[Token], before: str, lexicon: RoleLexicon) -> bool:
    """Whether a word that is a title and a given name ("Amir", "Sultan") is the title here: after a nation, or before an honorific."""
    if len(part) > 1 and part[1].low in lexicon.honorifics:
        return True
    words = before.split()
    return bool(words) and (words[-1].endswith(("'s", "’s", "ian", "i", "ese", "ish")) or words[-1].lower() in ("the", "his", "highness"))


def _nameable(row: Chunk, lexicon: RoleLexicon) -> bool:
    return (
        row.kind is Kind.WORD
        and row.capital
        and row.low not in lexicon.words.common
        and row.low not in lexicon.portfolio
        and row.low not in lexicon.modifiers
    )


def name_run(chunks: Sequence[Chunk], at: int, lexicon: RoleLexicon) -> int:
    """Where the capitalised run that begins at `at` ends: names in capitals with particles between them."""
    start = end = at
    if at < len(chunks) and _NUMERAL.fullmatch(chunks[at].text):
        return end
    if at < len(chunks) and chunks[at].low in LEADING and chunks[at].kind is Kind.WORD:
        at += 1
    while at < len(chunks) and at - end < 7:
        row = chunks[at]
        if row.kind is Kind.NAME or _nameable(row, lexicon) or (at == start and (row.kind is Kind.STATE or row.text in _NAMES_TOO)):
            at = end = at + 1
            continue
        if (
            (
                row.kind is Kind.HEAD
                and row.capital
                and row.value.words in role_lexicon().words.given_heads
                and end == at
                and at + 1 < len(chunks)
            )
            and at > start
            and (chunks[at + 1].kind is Kind.NAME or _nameable(chunks[at + 1], lexicon))
        ):
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


def _anchor(line: Line) -> None:
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
            # a first name that the tagger left out: capitalised in the middle of the sentence, and no place
            if begin > 1 and chunks[begin - 1].kind is Kind.STATE and not chunks[begin - 1].value.sure and chunks[begin - 2].text == ",":
                begin -= 1  # a given name that is a state's form as well
            if begin > 1 and chunks[begin - 1].text in _NAMES_TOO:
                begin -= 1
            first = chunks[begin - 1] if begin > 1 and chunks[begin - 2].kind is not Kind.MARK else None
            if first is not None and _nameable(first, lexicon) and not first.shouted and cities().lookup(first.text) is None:
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
            end = name_run(chunks, begin, lexicon)
            if end > begin and not (row.kind is Kind.NAME and end == begin + 1):
                merge_name(chunks, begin, end)
                at = min(at, begin)
        at += 1


def _is_initial(row: Chunk) -> bool:
    """ "S" in "S Jaishankar", "B." in "B. Battsetseg"; not "A" and "I"."""
    return row.kind is Kind.WORD and row.capital and len(row.low) == 1 and row.text not in ("A", "I")


def merge_name(chunks: list[Chunk], begin: int, end: int) -> None:
    rows = chunks[begin:end]
    start, stop = rows[0].start, rows[-1].end
    text = rows[0].text
    for before, row in itertools.pairwise(rows):
        text += (" " if row.start > before.end else "") + row.text
    chunks[begin:end] = [Chunk(Kind.NAME, start, stop, text, " ".join(row.low for row in rows))]


def _surnames(line: Line) -> set[str]:
    """Tokens of the line's fuller or backed names, by which the rest of the article may call the persons."""
    lexicon = role_lexicon()
    found = set()
    for at, row in enumerate(line.chunks):
        words = row.text.split()
        if row.kind is not Kind.NAME or (len(words) < 2 and not _backed(line.chunks, at)) or _names_thing(words[-1]):
            continue
        for order, word in enumerate(words):
            low = word.lower()
            plain = (
                low in PARTICLES
                or low in lexicon.words.common
                or low in lexicon.portfolio
                or low in lexicon.honorifics
                or low in lexicon.modifiers
            )
            if len(word) > 2 and word[0].isupper() and not plain and not (order == 0 and low in role_lexicon().words.given_heads):
                found.add(word)
    return found


def _names_thing(word: str) -> bool:
    words = role_lexicon().words
    return word in words.place_nouns or word in words.body_nouns


def _doubt(line: Line, known: set[str]) -> None:
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
            if _names_thing(words[-1].title()) or _names_thing(words[0]):
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
    return row.text in known and (row.kind is Kind.WORD or (row.kind is Kind.HEAD and row.value.words in role_lexicon().words.given_heads))


def _recall(line: Line, known: set[str]) -> None:
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
                merge_name(chunks, at, end)
        at += 1
