"""May this article tell of a meeting? A cheap test before any costly reading, on words alone.

An article passes when some passage of it holds a word of contact and a word that only parties have. The measure of the gate is how many
articles with meetings it keeps (bench/accuracy.py says), then how many others it stops.
"""

import re
from functools import cache

from parsers.catalog import read_toml
from parsers.records import Article

FILE = "languages/en/gate.toml"
PASSAGE = 400  # characters: about two sentences
MAX_TEXT = 250_000
SPORT_WORDS = 6  # distinct words of sport that make a sports page

_WORD = re.compile(r"[\w’'-]+")


@cache
def _words() -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    keys = ("contact", "party", "sport", "diplomacy")
    table = read_toml(FILE, keys=frozenset(keys))
    return (frozenset(table["contact"]), frozenset(table["party"]), frozenset(table["sport"]), frozenset(table["diplomacy"]))


def may_hold_meeting(article: Article) -> bool:
    """False only where the article surely tells of none. Linear time, never raises."""
    contact, party, sport, diplomacy = _words()
    text = f"{article.title or ''}\n{article.text[:MAX_TEXT]}".lower().replace("’", "'")
    words = set(_WORD.findall(text))
    if contact.isdisjoint(words) or party.isdisjoint(words):
        return False
    if len(words & sport) >= SPORT_WORDS and len(words & diplomacy) < 2:
        return False
    return any(
        not contact.isdisjoint(passage) and not party.isdisjoint(passage)
        for start in range(0, len(text), PASSAGE)
        for passage in (set(_WORD.findall(text, start, start + 2 * PASSAGE)),)
    )
