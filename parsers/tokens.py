"""Text → tokens with offsets, and tables of phrases that are matched over them, longest first.

A word keeps its hyphens ("Secretary-General"), inner apostrophes ("d'Affaires") and the stops of initials ("L.P.", "U.S."); the
possessive ("'s", or the apostrophe after a plural) is a token of its own. Time is linear in the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

_TOKEN = re.compile(
    r"""
      (?P<poss>(?<=\w)['’ʼ]s?(?!\w)|(?<=\.)['’]s(?!\w))
    | (?P<init>(?<!\w)(?:[^\W\d_]\.){1,6}(?:[^\W\d_](?![\w.]))?)
    | (?P<abbr>(?<!\w)(?:Mr|Mrs|Ms|Dr|Prof|Gen|Lt|Col|Sen|Rep|Gov|Amb|Hon|Eng|Engr|Maj|Brig|Adm|Capt|Sgt|Jr|Sr|St|Md|Mme|Msgr|Rev|Pres
                     |Sh|Kh|Ts|Ch|Dz|Ma|Yu|Ya|Ye|Zh)\.(?=\s))
    | (?P<word>[^\W\d_][̀-ͯ]*(?:[^\W_]|[̀-ͯ]|[-‑'’ʼ‘`](?=[^\W_])(?!s(?!\w)))*)
    | (?P<num>\d(?:[\d.,:]*\d)?\w{0,4})
    | (?P<punct>[^\w\s]|_)
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number, possessive or mark. start, end count in the whole text; low: lower case, straight quotes, no final stop."""

    text: str
    low: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        return self.text[0].isupper()


def tokenize(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The tokens of text[start:end], in order."""
    tokens = []
    for match in _TOKEN.finditer(text, start, len(text) if end is None else end):
        word = match.group()
        tokens.append(Token(word, fold_word(word), match.start(), match.end()))
    return tokens


def fold_word(word: str) -> str:
    """Lower case with straight apostrophes and hyphens; the stops of initials and abbreviations dropped ("U.S." → "us", "Mr." → "mr")."""
    low = word.lower().replace("’", "'").replace("ʼ", "'").replace("‘", "'").replace("‑", "-")
    return low.replace(".", "") if len(low) > 1 else low


class PhraseTable(Generic[T]):
    """Phrases of words with a value each; `longest` finds the longest one that begins at a token.

    cased phrases match only as written; the others without regard to case, but see `proper`: they need a capital letter in the text.
    """

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[str, list[tuple[tuple[str, ...], tuple[str, ...] | None, bool, T]]] = {}

    def add(self, phrase: str, value: T, *, cased: bool = False, proper: bool = False) -> None:
        """Later phrases win over equal earlier ones only if they are longer: the first value of a phrase stays."""
        tokens = tokenize(phrase)
        if not tokens:
            return
        lows = tuple(token.low for token in tokens)
        texts = tuple(token.text.replace(".", "") for token in tokens) if cased else None
        rows = self._rows.setdefault(lows[0], [])
        if any(row[0] == lows and row[1] == texts for row in rows):
            return
        rows.append((lows, texts, proper, value))
        rows.sort(key=lambda row: -len(row[0]))

    def longest(self, tokens: Sequence[Token], at: int) -> tuple[int, T] | None:
        """Length in tokens and value of the longest phrase that begins at tokens[at], or None."""
        rows = self._rows.get(tokens[at].low)
        if rows is None:
            return None
        room = len(tokens) - at
        for lows, texts, proper, value in rows:
            size = len(lows)
            if size > room or (proper and not tokens[at].capital):
                continue
            if size > 1 and any(tokens[at + k].low != lows[k] for k in range(1, size)):
                continue
            if texts is not None and any(tokens[at + k].text.replace(".", "") != texts[k] for k in range(size)):
                continue
            return size, value
        return None
