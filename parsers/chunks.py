"""A sentence as a row of chunks: names, states, bodies, heads of offices, and the plain words between them.

The chunker lays what the finders found (persons' names, states, organisations) and the phrases of the office lexicon over the tokens;
where two overlap the longer one stands. The grammar of offices (`parsers.roles`) and of parties (`parsers.parties`) reads chunks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cache
from typing import Any

from parsers.catalog import read_toml
from parsers.errors import CatalogError
from parsers.records import RoleClass
from parsers.tokens import PhraseTable, Token, fold_word, tokenize

ROLES_FILE = "languages/en/roles.toml"


class Kind(StrEnum):
    """What a chunk is."""

    NAME = "name"  # a person's name
    STATE = "state"  # a form of a state: value is a StateForm
    BODY = "body"  # an organisation: value is a BodyForm
    HEAD = "head"  # the head noun of an office: value is a Head
    COUNTERPART = "counterpart"
    DELEGATION = "delegation"
    GROUP = "group"
    WORD = "word"
    NUMBER = "number"
    POSS = "poss"  # the possessive mark
    MARK = "mark"


@dataclass(frozen=True, slots=True)
class Head:
    """The head noun of an office. words: singular, as in the lexicon, acronyms written out."""

    words: str
    role_class: RoleClass
    plural: bool
    acronym: bool = False


@dataclass(frozen=True, slots=True)
class StateForm:
    """A state. sort: name, demonym, capital or metonym. sure: False for forms that need support ("Georgia", "Washington")."""

    code: str
    sort: str
    sure: bool


@dataclass(frozen=True, slots=True)
class BodyForm:
    """An organisation. country: the state that it belongs to, None for international bodies and where unknown.

    official: it is an organ of its state (ministry, parliament), so that it stands for the state's government.
    listed: a table has it. guessed: only the tagger says so; it may be a person's name.
    """

    name: str
    country: str | None = None
    official: bool = False
    listed: bool = False
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of the text. low: its tokens folded, joined by spaces."""

    kind: Kind
    start: int
    end: int
    text: str
    low: str
    value: Any = None

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()

    @property
    def shouted(self) -> bool:
        return len(self.text) > 1 and self.text.isupper()


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLists:
    """The plain lists of roles.toml; what each is for stands there beside it."""

    surnames: frozenset[str]
    given_heads: frozenset[str]
    given_states: frozenset[str]
    weak: frozenset[str]
    titles: frozenset[str]
    vague: frozenset[str]
    in_bodies: frozenset[str]
    who: frozenset[str]
    holding: frozenset[str]
    of_state: frozenset[str]
    towards: frozenset[str]
    owning: frozenset[str]
    countries: frozenset[str]
    legislatures: frozenset[str]
    body_nouns: frozenset[str]
    place_nouns: frozenset[str]
    meeting_places: frozenset[str]
    common: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLexicon:
    """roles.toml, checked and indexed. Sets hold folded words."""

    heads: PhraseTable[Head]
    counterparts: PhraseTable[str]
    delegations: PhraseTable[str]
    groups: PhraseTable[str]
    modifiers: frozenset[str]
    dropped: frozenset[str]
    former: frozenset[str]
    deputy: frozenset[str]
    portfolio: frozenset[str]
    foreign: tuple[str, ...]
    honorifics: frozenset[str]
    kept_honorifics: frozenset[str]
    state_offices: Mapping[str, str]
    likely_offices: Mapping[str, str]
    bare_delegations: frozenset[str]
    nations_only: frozenset[str]
    words: WordLists
    crowns: Mapping[str, str]


@cache
def role_lexicon() -> RoleLexicon:
    """The office lexicon of English news. Raises CatalogError where the file is wrong."""
    top = frozenset(
        {
            "heads",
            "irregular",
            "acronyms",
            "modifiers",
            "portfolio",
            "delegations",
            "counterparts",
            "groups",
            "honorifics",
            "state_offices",
            "likely_offices",
            "words",
            "crowns",
        }
    )
    table = read_toml(ROLES_FILE, keys=top)
    classes = _classes(table["heads"])
    heads: PhraseTable[Head] = PhraseTable()
    for phrase, role_class in classes.items():
        heads.add(phrase, Head(phrase, role_class, False))
        heads.add(_plural(phrase), Head(phrase, role_class, True))
    for plural, singular in table["irregular"].items():
        heads.add(plural, Head(singular, _class_of(singular, classes), True))
    for acronym, phrase in table["acronyms"].items():
        singular = _singular(phrase, classes, table["irregular"])
        heads.add(acronym, Head(singular, _class_of(singular, classes), singular != phrase, True), cased=True)
    modifiers, portfolio = table["modifiers"], table["portfolio"]
    counterparts, delegations = table["counterparts"], table["delegations"]
    return RoleLexicon(
        heads=heads,
        counterparts=_phrases(counterparts["heads"]),
        delegations=_phrases(delegations["heads"]),
        groups=_phrases(table["groups"]["words"]),
        modifiers=_folded(modifiers["kept"]) | _folded(modifiers["dropped"]),
        dropped=_folded(modifiers["dropped"]),
        former=_folded(modifiers["former"]),
        deputy=_folded(modifiers["deputy"]),
        portfolio=_folded(portfolio["words"]),
        foreign=tuple(portfolio["foreign"]),
        honorifics=_folded(table["honorifics"]["words"]),
        kept_honorifics=_folded(table["honorifics"]["kept"]),
        state_offices=table["state_offices"],
        likely_offices=table["likely_offices"],
        bare_delegations=_folded(delegations["bare"]),
        nations_only=_folded(counterparts["nations_only"]),
        words=_word_lists(table["words"]),
        crowns=table["crowns"],
    )


def _word_lists(table: Mapping[str, Sequence[str]]) -> WordLists:
    known = {row.name for row in fields(WordLists)}
    if set(table) != known:
        raise CatalogError(ROLES_FILE, "words", f"lists are {sorted(table)}, expected {sorted(known)}")
    return WordLists(**{name: frozenset(words) for name, words in table.items()})


def _classes(heads: Mapping[str, Sequence[str]]) -> dict[str, RoleClass]:
    classes: dict[str, RoleClass] = {}
    for name, phrases in heads.items():
        try:
            role_class = RoleClass(name)
        except ValueError as error:
            raise CatalogError(ROLES_FILE, f"heads.{name}", "no such class of office") from error
        for phrase in phrases:
            if classes.setdefault(phrase, role_class) is not role_class:
                raise CatalogError(ROLES_FILE, f"heads.{name}", f"{phrase!r} is in two classes")
    return classes


def _class_of(phrase: str, classes: Mapping[str, RoleClass]) -> RoleClass:
    """Class of the phrase, or of the longest tail of it that is in the lexicon."""
    words = phrase.split()
    for at in range(len(words)):
        found = classes.get(" ".join(words[at:]))
        if found is not None:
            return found
    return RoleClass.OTHER


def _singular(phrase: str, classes: Mapping[str, RoleClass], irregular: Mapping[str, str]) -> str:
    if phrase in irregular:
        return irregular[phrase]
    return phrase[:-1] if phrase.endswith("s") and phrase[:-1] in classes else phrase


def _plural(phrase: str) -> str:
    if phrase.endswith("man"):
        return phrase[:-3] + "men"
    if phrase.endswith("y") and phrase[-2] not in "aeiou":
        return phrase[:-1] + "ies"
    if phrase.endswith(("s", "ch", "sh")):
        return phrase + "es"
    return phrase + "s"


def _phrases(phrases: Sequence[str]) -> PhraseTable[str]:
    table: PhraseTable[str] = PhraseTable()
    for phrase in phrases:
        table.add(phrase, phrase)
    return table


def _folded(words: Sequence[str]) -> frozenset[str]:
    return frozenset(fold_word(word) for word in words)


# Words that are no part of a name, an office or a body although a headline or the start of a sentence gives them a capital.
_COMMON = frozenset(
    [
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "those",
        "his",
        "her",
        "its",
        "their",
        "our",
        "my",
        "your",
        "he",
        "she",
        "it",
        "they",
        "we",
        "i",
        "you",
        "who",
        "whom",
        "whose",
        "which",
        "what",
        "when",
        "where",
        "why",
        "how",
        "and",
        "or",
        "but",
        "nor",
        "yet",
        "so",
        "if",
        "as",
        "than",
        "then",
        "because",
        "while",
        "although",
        "though",
        "since",
        "until",
        "after",
        "before",
        "during",
        "within",
        "without",
        "with",
        "in",
        "on",
        "at",
        "by",
        "to",
        "from",
        "of",
        "for",
        "into",
        "onto",
        "over",
        "under",
        "about",
        "against",
        "among",
        "amid",
        "between",
        "through",
        "across",
        "along",
        "around",
        "behind",
        "beyond",
        "near",
        "off",
        "out",
        "up",
        "down",
        "upon",
        "via",
        "per",
        "toward",
        "towards",
        "throughout",
        "following",
        "despite",
        "besides",
        "except",
        "regarding",
        "concerning",
        "including",
        "meanwhile",
        "also",
        "both",
        "either",
        "neither",
        "not",
        "no",
        "yes",
        "all",
        "any",
        "some",
        "many",
        "much",
        "more",
        "most",
        "other",
        "another",
        "such",
        "same",
        "each",
        "every",
        "few",
        "several",
        "own",
        "only",
        "just",
        "even",
        "still",
        "already",
        "again",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "am",
        "has",
        "have",
        "had",
        "having",
        "do",
        "does",
        "did",
        "done",
        "will",
        "would",
        "shall",
        "should",
        "can",
        "could",
        "may",
        "might",
        "must",
        "said",
        "says",
        "say",
        "told",
        "tells",
        "added",
        "noted",
        "stressed",
        "met",
        "meets",
        "meet",
        "meeting",
        "meetings",
        "hold",
        "holds",
        "held",
        "holding",
        "receive",
        "receives",
        "received",
        "host",
        "hosts",
        "hosted",
        "visit",
        "visits",
        "visited",
        "talks",
        "talk",
        "call",
        "calls",
        "called",
        "discuss",
        "discusses",
        "discussed",
        "speak",
        "speaks",
        "spoke",
        "spoken",
        "welcome",
        "welcomes",
        "welcomed",
        "arrive",
        "arrives",
        "arrived",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sept",
        "sep",
        "oct",
        "nov",
        "dec",
        "today",
        "yesterday",
        "tomorrow",
        "week",
        "month",
        "year",
        "here",
        "there",
        "now",
        "earlier",
        "later",
        "however",
        "moreover",
        "according",
        "photo",
        "file",
        "new",
        "old",
        "last",
        "next",
        "first",
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
    ]
)


def chunk(
    text: str,
    start: int,
    end: int,
    *,
    names: Sequence[tuple[int, int]],
    states: Sequence[tuple[int, int, StateForm]],
    bodies: Sequence[tuple[int, int, BodyForm]],
) -> list[Chunk]:
    """The chunks of text[start:end]. The stretches given are those of this very range, in order; a longer one wins over a shorter."""
    tokens = tokenize(text, start, end)
    lexicon = role_lexicon()
    laid: dict[int, tuple[int, Kind, Any]] = {}
    for left, right, state in states:
        laid[left] = (right, Kind.STATE, state)
    for left, right, body in bodies:
        if left not in laid or right > laid[left][0]:
            laid[left] = (right, Kind.BODY, body)
    named = dict(names)
    chunks: list[Chunk] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        stop, kind, value = _longest(tokens, at, laid.get(token.start), named.get(token.start), lexicon)
        after = at
        while after < len(tokens) and tokens[after].start < stop:
            after += 1
        last = tokens[after - 1]
        low = " ".join(t.low for t in tokens[at:after])
        chunks.append(Chunk(kind, token.start, last.end, text[token.start : last.end], low, value))
        at = after
    return [rename(row, Kind.WORD) if _is_portfolio(chunks, at, lexicon) else row for at, row in enumerate(chunks)]


def _is_portfolio(chunks: Sequence[Chunk], at: int, lexicon: RoleLexicon) -> bool:
    """Whether a word that may be an office is another's portfolio: "Minister of Justice X", "Justice Minister X"."""
    row = chunks[at]
    if row.kind is not Kind.HEAD or row.low not in lexicon.portfolio or row.low in lexicon.modifiers:
        return False
    if at >= 2 and chunks[at - 1].low == "of" and chunks[at - 2].kind is Kind.HEAD:
        return True
    return at + 1 < len(chunks) and chunks[at + 1].kind is Kind.HEAD and chunks[at + 1].value.words in ("minister", "secretary")


def _longest(
    tokens: Sequence[Token], at: int, laid: tuple[int, Kind, Any] | None, name_end: int | None, lexicon: RoleLexicon
) -> tuple[int, Kind, Any]:
    """Where the chunk that begins at tokens[at] ends, and what it is."""
    token = tokens[at]
    best: tuple[int, Kind, Any] = (token.end, _plain(token), None)
    if name_end is not None and (laid is None or laid[0] <= name_end):
        return name_end, Kind.NAME, None
    if not (token.text[0].isalpha()):
        return best if laid is None else laid
    reach = token.start
    if laid is not None:
        best, reach = laid, laid[0]
    for kind, found in (
        (Kind.HEAD, lexicon.heads.longest(tokens, at)),
        (Kind.COUNTERPART, lexicon.counterparts.longest(tokens, at)),
        (Kind.GROUP, lexicon.groups.longest(tokens, at)),
        (Kind.DELEGATION, lexicon.delegations.longest(tokens, at)),
    ):
        if found is not None and tokens[at + found[0] - 1].end > reach:
            if kind is Kind.GROUP and at + found[0] < len(tokens) and tokens[at + found[0]].low in ("of", "from"):
                continue  # "the foreign ministers of Iran and Oman" are an office, not a group that was told before
            best, reach = (tokens[at + found[0] - 1].end, kind, found[1]), tokens[at + found[0] - 1].end
    return best


def _plain(token: Token) -> Kind:
    first = token.text[0]
    if token.text == "s":  # headlines made from an address lose the apostrophe: "Iran s foreign minister"
        return Kind.POSS
    if first.isalpha():
        return Kind.WORD
    if first.isdigit():
        return Kind.NUMBER
    return Kind.POSS if token.text in _POSSESSIVES else Kind.MARK


_POSSESSIVES = frozenset({"'s", "’s", "ʼs", "'", "’"})


def rename(row: Chunk, kind: Kind, value: Any = None) -> Chunk:
    """The chunk as something else."""
    return replace(row, kind=kind, value=value)
