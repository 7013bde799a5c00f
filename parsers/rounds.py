"""Rounds of contacts: lists of those whom one person saw in turn, and contacts whose first side is the article's protagonist.

"Received on Thursday were: A; B; and C. On Friday it was the turn of D." tells four contacts with two verbs, and whose they are stands
in the headline or in the sentences before. `Rounds` reads what the sentence's own grammar (`parsers.roster`) leaves open. The words are
data: data/languages/en/rounds.toml.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from parsers.catalog import read_toml
from parsers.clauses import FIRST_MARK, MARK, Skeleton
from parsers.cues import Cue, Frame
from parsers.document import Document
from parsers.mentions import Form
from parsers.records import PartyKind
from parsers.roster import Contact, Stage, TurnedDown, grammar, same_side

FILE = "languages/en/rounds.toml"
KEYS = frozenset({"met", "persons", "lists", "turns", "places", "days", "visitors", "openers"})
FAR = 4  # sentences between a round's first words and its line items

_WHO = frozenset({Form.NAMED, Form.OFFICE, Form.COUNTERPART, Form.DELEGATION})
_LISTED = frozenset({Frame.MEET, Frame.HOLD, Frame.RECEIVED_BY, Frame.VISIT, Frame.NOUN})
_LEADING = frozenset({Frame.MEET, Frame.HOLD, Frame.RECEIVE, Frame.VISIT, Frame.SPEAK, Frame.NOUN, Frame.PHONE})
_SEPARATOR = re.compile(r";|,?\s+and\s+(?=with\b)|,\s*(?=with\b)")
_SEMICOLON = re.compile(r";")
_ENDS_NOUN = re.compile(r"\s*(?:,|\(|\.|$|who\b|whose\b)")
_COMMA = re.compile(rf",?\s+and\s+|,\s+(?={MARK}|(?:the|with)\s)")
_OPENS_ITEM = re.compile(rf"\s*(?:and\s+|then\s+|finally\s+)*(?:with\s+)?(?:the\s+)?(?:[\w’'-]+\s+){{0,2}}?(?P<mark>{MARK})")
_NAMES_IT = re.compile(rf"[^;]{{0,60}}?(?:,|–|—|\()\s*(?P<mark>{MARK})")
_BULLET = re.compile(r"\s*(?:[-–—•*·▪●○]|\d{1,2}[.)])\s*")
_REPRESENTS = re.compile(rf"\s*(?:[-–—•*·▪●○]|\d{{1,2}}[.)])\s*(?:for|with|by|on behalf of)?\s*(?:the\s+)?[^.;:]{{0,60}}?(?P<mark>{MARK})")
_SAYS = re.compile(r"\b(?:said|says|told|stated|added|according|called|urged|expressed|thanked)\b")
_PRONOUN_SUBJECT = re.compile(
    r"(?:^|[,;–—]\s*|\b(?:that|when|where|and|before|after|as|which|whom|while|also|later|then|there)\s+)s?he\b[^.;,]{0,60}$", re.IGNORECASE
)
_NO_SUBJECT = re.compile(r"^[^\w\ue000-\ue18f]*(?:(?:also|then|later|earlier)\s+)?$", re.IGNORECASE)
_SAME_PERSON = re.compile(  # "the visiting dignitary called on": who the article is about
    r"^(?:[^.;,\ue000-\ue18f]{0,40},\s*)?the\s+(?:visiting\s+)?(?:dignitary|diplomat|statesman|leader|premier|official)\s+"
    r"(?:(?:also|then|later|earlier|separately|will)\s+)*$",
    re.IGNORECASE,
)
_NO_OWNER = re.compile(
    r"^[^\w\ue000-\ue18f]*(?:(?:on|in|at|this|last|later|also|earlier|then|an?|another|one|further|the|other|separate|bilateral)\b"
    r"[^.;:\ue000-\ue18f]{0,60})?$",
    re.IGNORECASE,
)
_OPENS_CLAUSE = re.compile(rf"[^.;]{{0,160}}?,\s*(?:he|she|(?:the\s+)?{MARK}|the (?:minister|president|premier|envoy))\s", re.IGNORECASE)
_TAKES_PLACE = re.compile(
    r"[^.;]{0,90}?\b(?:(?:is|was|are|were|has been|will be) (?:also )?(?:scheduled|planned|held|due|envisaged|expected|on)"
    r"|took place|takes place|will take place|followed|follows)\b"
)
_BETWEEN_PRONOUN = re.compile(
    rf"\s+(?:\w+\s+){{0,3}}?between\s+(?:(?:him|her)\s+and\s+[^.;]{{0,60}}?(?P<second>{MARK})"
    rf"|(?:the\s+)?(?P<first>{MARK})\s+and\s+(?:him|her)\b)"
)
_WITH_WHOM = re.compile(rf"\b(?:with|by|whom|met|received|saw|hosted)\s+(?:the\s+)?(?P<mark>{MARK})", re.IGNORECASE)
_HOST = re.compile(r"hosts?\b|hosting\b", re.IGNORECASE)  # "Hosts Kenya play Ghana": a noun
_PREPOSITION = re.compile(r"\b(?:of|with|to|for|by|from|in|at)\s+(?:the\s+)?$")
_MEETINGS = re.compile(r"(?:meeting|conversation|audience|bilateral)s$")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """rounds.toml, compiled."""

    lists: re.Pattern[str]  # words before a list of those who were met
    turns: re.Pattern[str]  # "it was then the turn of": before those who came next
    next: re.Pattern[str]  # "A came next": after the one who came
    colon: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    table = read_toml(FILE, keys=KEYS)
    words = {key: "|".join(table[key]) for key in KEYS}
    be = r"(?:was|were|are|is|will be|includes?|included|comprised?)"
    nth = r"another|other|the other|the (?:last|first|next|second|third|final)|among (?:his|her|the|their)"
    lists = [
        r"^[\W\d]*(?:also\s+|then\s+)?(?:received|seen|hosted|welcomed)\b[^.;:]{0,80}?\b(?:was|were)\b\s*:?",
        rf"\b(?:{words['persons']})\b[^.;:]{{0,50}}?\b(?:{words['met']})\b[^.;:]{{0,80}}?(?::|\b{be}\b\s*:?)",
        rf"\b(?:{nth})\s+(?:\w+\s+)?(?:{words['visitors']})\b(?:[^.;:]|\d:\d){{0,60}}?\b{be}\b\s*:?",
        rf"^(?:the|his|her)\s+(?:{words['days']})(?:\s+\w+){{0,2}}?\s+(?:{words['openers']})\s+with\b",
    ]
    came = (
        rf"^(?:[^.;:]{{0,40}}?,\s*)?(?:the\s+)?(?P<mark>{MARK})[^.;:]{{0,60}}?\b(?:was|were|came|comes|will be|is)\s+(?:{words['places']})"
        r"(?=\s*[.,;]|\s+(?:in line|on the list)\b)"
    )
    return _Patterns(
        lists=re.compile("|".join(f"(?:{p})" for p in (*lists, *table["lists"])), re.IGNORECASE),
        turns=re.compile(rf"\b(?:{words['turns']})\s*:?", re.IGNORECASE),
        next=re.compile(came, re.IGNORECASE),
        colon=re.compile(r"[^.;:“”\"]{0,140}?:\s*"),
    )


class Rounds:
    """Reads one article's sentences in order; `stage` is the roster's memory of them."""

    def __init__(self, document: Document, stage: Stage) -> None:
        self._stage = stage
        self._title = [k for k, m in enumerate(stage.mentions) if m.span.start < document.body_start]
        self._lead = [k for k, m in enumerate(stage.mentions) if m.span.start >= document.body_start][:12]
        self._intro: tuple[int, tuple[int, ...]] | None = None  # where somebody's meetings were told in the plural: line items may follow
        self._left: tuple[int, ...] = ()  # the protagonist of the last contact that was read here

    def contacts(self, skeleton: Skeleton, cues: Sequence[Cue], read: Sequence[Contact | TurnedDown]) -> Iterator[Contact]:
        """Contacts of the sentence that `read`, the roster's reading of its cues, leaves open."""
        taken = {m for found in read if isinstance(found, Contact) for m in (*found.left, *found.right)}
        for cue, right, own in self._listed(skeleton, cues):
            rest = tuple(m for m in right if m not in taken)
            left = self._inside(skeleton, cue, rest) or (self._subject(skeleton, cue.start, rest) if own else self._protagonist(rest))
            if left and rest:
                self._left = left
                yield self._contact(skeleton, cue, left, rest)
        for found in read:
            if isinstance(found, TurnedDown):
                yield from self._of_protagonist(skeleton, found, taken)
            elif found.right and not found.reciprocal:
                yield from self._rest_of_list(skeleton, found, taken)
        yield from self._item(skeleton, cues, taken)

    def _rest_of_list(self, skeleton: Skeleton, found: Contact, taken: set[int]) -> Iterator[Contact]:
        """What a list with semicolons goes on to name after a clause: "with A; B, whose country chairs the bloc; and C"."""
        first = next((k for k, mark in enumerate(skeleton.marks) if found.right[0] in mark), None)
        if first is None or ";" not in skeleton.text[found.cue.end :] or skeleton.places[first] < found.cue.end:
            return
        rest = tuple(m for m in self._items(skeleton, skeleton.places[first], bare=True) if m not in taken)
        if rest:
            yield replace(found, right=rest)

    def _contact(self, skeleton: Skeleton, cue: Cue, left: tuple[int, ...], right: tuple[int, ...]) -> Contact:
        span = skeleton.span(cue.start, cue.end)
        return Contact(sentence=skeleton.sentence.index, cue=cue, span=span, left=left, right=right, inferred=True)

    def _listed(self, skeleton: Skeleton, cues: Sequence[Cue]) -> Iterator[tuple[Cue, tuple[int, ...], bool]]:
        """Cues of the sentence with those whom the list after them names, and whether the first side may stand before them."""
        text, patterns = skeleton.text, _patterns()
        if match := patterns.lists.search(text):
            yield Cue(Frame.MEET, match.start(), match.end(), match.group()), self._items(skeleton, match.end()), True
        if self._stage.leads or self._left:
            for match in patterns.turns.finditer(text):
                yield Cue(Frame.MEET, match.start(), match.end(), match.group()), self._items(skeleton, match.end()), False
            if match := patterns.next.match(text):
                start = match.end("mark")
                yield Cue(Frame.MEET, start, match.end(), text[start : match.end()]), self._of(skeleton, match.group("mark")), False
        for cue in cues:
            if cue.frame in _LISTED and (match := patterns.colon.match(text, cue.end)):
                items = self._items(skeleton, match.end())
                if len(items) > 1:
                    yield cue, items, True
                return

    def _items(self, skeleton: Skeleton, start: int, *, bare: bool = False) -> tuple[int, ...]:
        """Those whom a list names: the one that opens each of its items, or the name in apposition to it.

        bare: items between semicolons only, none of which may be a clause of its own ("; A met B").
        """
        text = skeleton.text[start:]
        if end := re.search(r"\. |[“”\"]|\b(?:who|which|whom|where) said\b", text):
            text = text[: end.start()]
        separator = _SEMICOLON if bare else _SEPARATOR if _SEPARATOR.search(text) else _COMMA
        found: list[int] = []
        for number, item in enumerate(separator.split(text)):
            match = _OPENS_ITEM.match(item)
            if match is None:
                if not number:
                    return ()
                continue
            if bare and number and not _ENDS_NOUN.match(item, match.end()):
                break
            members = self._of(skeleton, match.group("mark"))
            if members and not any(self._stage.mentions[m].form is Form.NAMED for m in members):
                named = _NAMES_IT.match(item, match.end())
                members = (named and self._of(skeleton, named.group("mark"))) or members
            found += members
        return tuple(dict.fromkeys(found))

    def _of(self, skeleton: Skeleton, mark: str) -> tuple[int, ...]:
        number = ord(mark) - FIRST_MARK
        members = skeleton.marks[number] if 0 <= number < len(skeleton.marks) else ()
        return tuple(m for m in members if self._stage.mentions[m].form in _WHO and self._stage.party(m) is not None)

    def _spelled(self, skeleton: Skeleton, end: int) -> str:
        """The skeleton's text up to `end` with "he" for the marks of pronouns."""

        def word(mark: re.Match[str]) -> str:
            members = skeleton.marks[ord(mark.group()) - FIRST_MARK : ord(mark.group()) - FIRST_MARK + 1]
            single = members and all(
                self._stage.mentions[m].form is Form.PRONOUN and not self._stage.mentions[m].plural for m in members[0]
            )
            return "he" if single else mark.group()

        return re.sub(MARK, word, skeleton.text[:end])

    def _inside(self, skeleton: Skeleton, cue: Cue, right: Sequence[int]) -> tuple[int, ...]:
        """Whom the words before the list name: "those who held talks with A were"."""
        match = _WITH_WHOM.search(skeleton.text, cue.start, cue.end)
        members = self._of(skeleton, match.group("mark")) if match else ()
        return members if len(members) == 1 and self._differs(members[0], right) else ()

    def _subject(self, skeleton: Skeleton, before: int, right: Sequence[int]) -> tuple[int, ...]:
        """The person in subject position before the words of the list, else the protagonist."""
        for group in skeleton.groups:
            if group.end > before or len(group.mentions) != 1 or _PREPOSITION.search(skeleton.text, 0, group.start):
                continue
            party = self._stage.party(group.mentions[0])
            told = party is not None and party.kind is PartyKind.PERSON and (party.name or party.country)
            if told and self._differs(group.mentions[0], right):
                return group.mentions
        return self._protagonist(right)

    def _protagonist(self, right: Sequence[int]) -> tuple[int, ...]:
        """About whom the article is: who took part in most contacts so far, else whom the headline or the first sentences name first."""
        stage = self._stage
        if stage.leads:
            told = Counter(stage.mentions[m].party for m in (*stage.leads, *stage.guests))
            best = max(stage.leads, key=lambda m: told[stage.mentions[m].party])
            return (best,) if self._differs(best, right) else ()
        if self._left:
            return self._left if self._differs(self._left[0], right) else ()
        for mention in (*self._title, *self._lead):
            party = stage.party(mention)
            if party is None or stage.mentions[mention].plural or stage.mentions[mention].form not in _WHO:
                continue
            if party.kind is PartyKind.PERSON and (party.country or party.organization or (party.name and party.role)):
                return (mention,) if self._differs(mention, right) else ()
        return ()

    def _differs(self, mention: int, others: Sequence[int]) -> bool:
        """Whether the mention's party is none of the others, nor of the side of all of them."""
        party = self._stage.party(mention)
        if party is None or any(self._stage.mentions[m].party == party.index for m in others):
            return False
        return not others or not all(same_side(party, self._stage.party(m)) for m in others)

    def _of_protagonist(self, skeleton: Skeleton, found: TurnedDown, taken: set[int]) -> Iterator[Contact]:
        """A contact that tells one side only, where the words show that the other one is the protagonist."""
        text, cue = skeleton.text, found.cue
        if found.reason == "no other side" and cue.frame is Frame.NOUN and (match := _BETWEEN_PRONOUN.match(text, cue.end)):
            right = self._of(skeleton, match.group("second") or match.group("first"))
        elif found.reason == "no subject" and (cue.frame is Frame.WITH or cue.frame in _LEADING):
            right = tuple(m for m in found.known if self._stage.mentions[m].form in _WHO and m not in taken)
            before = self._spelled(skeleton, cue.start)
            if cue.frame is Frame.WITH:
                fits = bool(_OPENS_CLAUSE.match(text, cue.end))
            else:
                if cue.frame is Frame.NOUN:
                    bare = _NO_OWNER.match(before) and _TAKES_PLACE.match(text, cue.end)
                else:
                    bare = _NO_SUBJECT.match(before) if not _HOST.match(cue.text) else None
                fits = bare is not None or any(pattern.search(before) for pattern in (_PRONOUN_SUBJECT, _SAME_PERSON))
            if not fits or grammar().sport.search(text) or text.rstrip().endswith("?"):
                return
        else:
            return
        left = self._protagonist(right)
        if left and right and not grammar().media.search(" ".join(self._stage.mentions[m].organization or "" for m in right)):
            self._left = left
            yield self._contact(skeleton, cue, left, right)

    def _item(self, skeleton: Skeleton, cues: Sequence[Cue], taken: set[int]) -> Iterator[Contact]:
        """A line item ("- for Kenya: by N, President;") of the meetings that a sentence shortly before tells in the plural."""
        index, text = skeleton.sentence.index, skeleton.text
        if _BULLET.match(text) and self._intro is not None and index - self._intro[0] <= FAR:
            match = _REPRESENTS.match(text)
            named = [m for mark in skeleton.marks for m in mark if self._stage.mentions[m].form is Form.NAMED]
            if match and named and not taken and not _SAYS.search(text):
                left = self._intro[1]
                self._intro = (index, left)
                if left and self._differs(left[0], named[:1]):
                    start = skeleton.text.index(match.group("mark"))
                    yield self._contact(skeleton, Cue(Frame.MEET, start, start + 1, "(item)"), left, tuple(named[:1]))
            return
        plural = next((cue for cue in cues if cue.frame in (Frame.HOLD, Frame.NOUN) and _MEETINGS.search(cue.text)), None)
        if plural is not None:
            self._intro = (index, self._subject(skeleton, plural.start, ()))
