"""Which of a page's headlines is the article's, and all of them in order.

A headline stands in up to six places, cut, decorated with the outlet's name, or replaced for search engines. The one that several places
agree upon is right more often than any one place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.structured import Found

_WORDS = re.compile(r"\w+")
_MARKS = re.compile(r"\s+(?:[|•·»›–—]|-{1,2}|::?)\s+|\s*\|\s*")
MAX_CANDIDATES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Headlines:
    """best: the chosen one, or None. candidates: all, best first, each once."""

    best: Found | None
    candidates: tuple[str, ...]


def rank_titles(titles: Sequence[Found], publisher: str | None) -> Headlines:
    """Order the headlines that a page offers. `publisher` is cut from their ends, as is whatever follows a mark in <title> alone."""
    cleaned = [Found(value=text, source=found.source) for found in titles if (text := _without_outlet(found.value, publisher))]
    ranked = sorted(range(len(cleaned)), key=lambda index: (-_score(cleaned[index], cleaned), index))
    best = cleaned[ranked[0]] if ranked else None
    ordered = [cleaned[index].value for index in ranked] + [found.value for found in titles]
    return Headlines(best=best, candidates=tuple(dict.fromkeys(ordered))[:MAX_CANDIDATES])


# Set on 167 English pages with known headlines; any weights near these choose alike.
_WEIGHTS = {"h1": 2.0, "json-ld:headline": 2.5, "itemprop:headline": 2.0, "meta:og:title": 3.0, "meta:twitter:title": 1.0, "title": 1.5}


def _score(found: Found, all_found: Sequence[Found]) -> float:
    """Weight of its place and of every place that says the same, or that it begins."""
    key = _key(found.value)
    if not key:
        return -1.0
    score = 0.0
    places: set[str] = set()
    for other in all_found:
        weight = _WEIGHTS.get(other.source, 0.3)
        if other.source in places:
            continue
        other_key = _key(other.value)
        if other_key == key:
            places.add(other.source)
            score += weight
        elif other_key.startswith(key + " ") and len(key) > 20:
            places.add(other.source)
            score += weight * 0.4
    return score


def _key(text: str) -> str:
    return " ".join(_WORDS.findall(text.casefold()))


def _without_outlet(text: str, publisher: str | None) -> str:
    pieces = _MARKS.split(text)
    if len(pieces) < 2:
        return text
    name = _key(publisher or "")
    last = _key(pieces[-1])
    if name and (last == name or (len(last) > 3 and (last in name or name in last))):
        return text[: text.rfind(pieces[-1])].rstrip(" |•·»›–—-:")
    return text
