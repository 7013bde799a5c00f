"""Names across spellings: folding, consonant skeletons, and how alike two names of a person or a body are.

Newspapers write one name in many ways: accents, transliteration (Zelenskyy, Zelensky), word order (Lee Jae Myung), particles
(al-Sudani), initials, or the surname alone. Scores are 0 for "not the same" up to 1; the steps were set on tests/cases/merge.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import JaroWinkler, Levenshtein
from rapidfuzz.fuzz import token_set_ratio

_PARTICLES = frozenset((
    "al", "el", "ul", "bin", "ibn", "bint", "ben", "de", "da", "do", "dos", "del", "della", "di", "du", "van", "von", "der",
    "den", "la", "le", "the", "y", "e",
))
_HONORIFICS = frozenset((
    "mr", "mrs", "ms", "dr", "sir", "dame", "lord", "sheikh", "shaikh", "shaykh", "sayyid", "sayyed", "ayatollah", "prof",
    "professor", "gen", "general", "hon",
))
_TITLES = frozenset((
    "minister", "president", "chancellor", "premier", "ambassador", "secretary", "king", "prince", "queen", "emir", "speaker", "governor",
    "mayor", "envoy", "senator", "marshal", "admiral", "colonel", "commissioner", "director",
))
_SOUNDS = (("sch", "$"), ("sh", "$"), ("tch", "%"), ("ch", "%"), ("kh", "k"), ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"),
           ("dj", "j"), ("zh", "j"), ("ck", "k"), ("q", "k"), ("c", "k"), ("w", "v"), ("x", "ks"))
_VOWELS = re.compile(r"[aeiouy']")
_DOUBLED = re.compile(r"(.)\1+")
_SKELETON_ALIKE = 0.74  # Jaro-Winkler similarity: below it, words with equal consonants are other words
_SHORT_WORDS = frozenset(["of", "and", "the", "for", "to", "in", "on", "at", "&"])

SURNAME_ALONE = 0.75
FULL_NAME = 0.85
"""From this score on, two names of two words or more are spellings of one."""


@lru_cache(maxsize=200_000)
def fold(name: str) -> tuple[str, ...]:
    """The words of a name in lower case, without accents, apostrophes, particles and honorifics; all its words where nothing is left."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    plain = re.sub(r"['’‘`ʿʾʻ]", "", plain)
    words = re.findall(r"\w+", plain)
    kept = tuple(word for word in words if word not in _PARTICLES and word not in _HONORIFICS)
    return kept or tuple(words)


def untitled(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words after the last title that an article left in a name ("Italian Defence Minister Serra"); all where none would be left."""
    last = max((place for place, word in enumerate(words) if word in _TITLES), default=-1)
    return words[last + 1:] or words


@lru_cache(maxsize=200_000)
def skeleton(word: str) -> str:
    """The consonants of a word, like sounds written alike, so that most spellings of a word share it."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    bare = _VOWELS.sub("", word[1:]).replace("h", "g")  # Serhiy, Sergei
    first = "" if word[:1] and word[0] in "aeiouy" else word[:1]
    return _DOUBLED.sub(r"\1", first + bare) or word[:1]


@lru_cache(maxsize=500_000)
def word_score(one: str, other: str) -> float:
    """How alike two words of names are."""
    if one == other:
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return 0.85 if one[0] == other[0] else 0.0
    letters = float(JaroWinkler.similarity(one, other))
    if min(len(one), len(other)) >= 5 and Levenshtein.distance(one, other, score_cutoff=1) <= 1:
        return 0.93
    if letters >= _SKELETON_ALIKE and skeleton(one) == skeleton(other) and one.startswith("mahm") == other.startswith("mahm"):
        return 0.93  # Mahmoud is not Mohammed, though their consonants are the same
    return 0.0


@lru_cache(maxsize=500_000)
def person_score(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How alike two folded names of persons are; 0 where a given name or surname contradicts the other."""
    if one == other:
        return 1.0
    if not one or not other:
        return 0.0
    short, long = sorted((one, other), key=lambda words: (len(words), words))
    if len(short) == 1:
        if len(long) == 1:
            return word_score(short[0], long[0])
        return SURNAME_ALONE * max(word_score(short[0], long[-1]), 0.95 * word_score(short[0], long[0]))
    if word_score("".join(short), "".join(long)) >= 1.0:
        return 0.97
    if len(long) == len(short) + 1:  # Sid Ali Zerrouki, Sidali Zarrouki
        joined = ((*long[:i], long[i] + long[i + 1], *long[i + 2:]) for i in range(len(short)))
        if any(len(_aligned(short, words)) == len(short) for words in joined):
            return 0.93
    found = _aligned(short, long)
    if len(found) == len(short):
        return 0.98 * sum(found.values()) / len(found)
    if len(found) == len(short) - 1 >= 2 and {0, len(short) - 1} <= set(found):
        return 0.8 * sum(found.values()) / len(found)  # a middle name that differs
    return 0.0


def _aligned(short: tuple[str, ...], long: tuple[str, ...]) -> dict[int, float]:
    """Place in `short` → score, for each of its words that has a partner of its own in `long`."""
    scores = sorted(((word_score(a, b), -i, -j) for i, a in enumerate(short) for j, b in enumerate(long)), reverse=True)
    used: set[int] = set()
    found: dict[int, float] = {}
    for score, i, j in scores:
        if score > 0 and -i not in found and j not in used:
            used.add(j)
            found[-i] = score
    return found


@lru_cache(maxsize=200_000)
def body_words(name: str) -> tuple[str, ...]:
    """The words of a body's, event's or office's name that carry meaning."""
    return tuple(word for word in fold(name) if word not in _SHORT_WORDS)


@lru_cache(maxsize=200_000)
def body_score(one: str, other: str) -> float:
    """How alike two names of bodies or events are: equal words, an acronym and its words, or nearly equal words."""
    a, b = body_words(one), body_words(other)
    if not a or not b:
        return 0.0
    if a == b:
        return 1.0
    if initials(a) == "".join(b) or initials(b) == "".join(a):
        return 0.9
    alike = token_set_ratio(" ".join(a), " ".join(b)) / 100.0
    shorter = min(len(a), len(b))
    return 0.9 if alike >= 0.92 and shorter >= 2 else 0.0


def initials(words: tuple[str, ...]) -> str:
    """First letters ("wtdc"); empty for a single word."""
    return "".join(word[0] for word in words) if len(words) > 1 else ""
