"""Bodies in a text that no table lists: told by the noun that ends their name ("... Chamber of Commerce", "... Oil Company").

The listed ones come from the catalogue; together they are what `parsers.parties` takes for an organisation.
"""

import re
from collections.abc import Iterator

from parsers.chunks import BodyForm, role_lexicon

_TAIL = "|".join(sorted(role_lexicon().words.body_nouns, key=len, reverse=True))
_WORD = r"[A-Z][\w’'&.-]*[\w]"
_LINK = r"(?:\s(?:of|for|and|on|&|de|du|des|la|al)(?:\sthe)?)"
_NAMED = re.compile(
    rf"(?<![\w-])(?:{_WORD}(?:{_LINK}(?=\s[A-Z]))?\s){{1,7}}(?:{_TAIL})s?\b"
    rf"(?:\s(?:of|for|on)\s(?:the\s)?{_WORD}(?:(?:{_LINK}(?=\s[A-Z]))?\s{_WORD}){{0,6}})?"
    rf"|(?<![\w-])(?:{_TAIL})\s(?:of|for|on)\s(?:the\s)?{_WORD}(?:(?:{_LINK}(?=\s[A-Z]))?(?:,)?\s{_WORD}){{0,6}}"
)
_MINISTRY = re.compile(
    rf"(?<![\w-])(?:[Mm]inistry|[Dd]epartment) of (?:the )?{_WORD}(?:(?:,? (?:and|of|&)(?: the)?(?= [A-Z])|,(?= [A-Z]))? {_WORD}){{0,7}}"
    r"|(?<![\w-])(?:[Ff]oreign|[Dd]efen[cs]e|[Ii]nterior|[Ff]inance|[Ee]nergy|[Oo]il|[Hh]ealth|[Tt]rade|[Jj]ustice|[Ee]conomy"
    r"|[Aa]griculture|[Ee]ducation|External Affairs) [Mm]inistry\b"
)
_OFFICIAL = re.compile(
    r"(?i)ministry|department of|parliament|senate|assembly|cabinet|embassy|consulate|house of representatives|government"
)


def _without_guest(name: str) -> str:
    """The name without what only stands beside it: "Ministry of Finance, and Natalia Petrova", "Department of Energy and Zarif"."""
    lexicon = role_lexicon()
    for match in re.finditer(r",? and (?:the )?(\w+)", name):
        follower = match[1]
        if (
            follower.lower() not in lexicon.portfolio
            and follower not in lexicon.words.body_nouns
            and not re.search("|".join(lexicon.words.body_nouns), name[match.end() :])
        ):
            return name[: match.start()]
    return name


_DAY = re.compile(r"\s+on\s+(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b.*$", re.DOTALL)  # "the Foreign Ministry on Monday"


def find_named_bodies(text: str) -> Iterator[tuple[int, int, BodyForm]]:
    """Bodies by their last noun, in order of the text, not overlapping; may overlap what the tables find."""
    reached = 0
    hits = sorted(
        [match.span() for match in _MINISTRY.finditer(text)] + [match.span() for match in _NAMED.finditer(text)],
        key=lambda span: (span[0], -span[1]),
    )
    for start, end in hits:
        if start < reached:
            continue
        name = text[start:end]
        name = _DAY.sub("", _without_guest(name))
        end = start + len(name)
        start += len(name) - len(name := re.sub(r"^(?:The|A|An|In|At|On|And|But|Of|For|From|With|By|As|If|When)\s", "", name))
        yield start, end, BodyForm(name, None, bool(_OFFICIAL.search(name)))
        reached = end
