"""The conference or summit at or beside which a contact took place, named as the article names it.

A gathering after "on the sidelines of" counts whatever it is called; after "at", "during" or "attending" it must bear the name of one: a
name of the table, or a proper name with a head noun ("Doha Forum"). "The conference" is bound to the gathering that the article names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from parsers.catalog import read_toml, read_tsv, split_list
from parsers.document import Document, Sentence
from parsers.errors import CatalogError
from parsers.records import HostEvent, Mode, Span, Status
from parsers.scene import Scene
from parsers.voices import recalls_another

_TABLE = "host_events.tsv"
_WORDS = "languages/en/host_events.toml"
_KEYS = ("beside", "at", "of_body", "inside", "heads", "weak_heads", "again", "stops")
_MAX_WORDS = 18
_PER_SENTENCE, _AT_PER_SENTENCE = 3, 12  # connecting phrases of a sentence that are followed up
_NAME_WINDOW = 260  # characters after a connecting phrase in which the name must stand
_HEADS = 4  # different nouns said again that are looked up for one contact
_BOUND_SENTENCES = 40  # sentences in which the name of "the conference" is looked for
_RECALL_WINDOW = 60  # characters before a connecting phrase that tell whether it is about another contact
_NEIGHBOURS = 8  # sentences of the scene beside its trigger that are read
_BEFORE = 14  # sentences before the trigger in which the frame of a journey is told
_LEAD = 6  # sentences at the head of an article in which the gathering of a whole journey is told


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundHostEvent:
    host_event: HostEvent
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    name: str
    acronym: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    known: dict[str, _Known]
    names: re.Pattern[str]
    beside: re.Pattern[str]
    at: re.Pattern[str]
    of_body: re.Pattern[str]
    inside: re.Pattern[str]
    heads: frozenset[str]
    weak_heads: frozenset[str]
    again: re.Pattern[str]
    stops: frozenset[str]


def _either(words: list[str]) -> str:
    return "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(words, key=len, reverse=True))


@cache
def _lexicon() -> _Lexicon:
    table = read_toml(_WORDS, keys=frozenset(_KEYS))
    for key in _KEYS:
        if not table.get(key):
            raise CatalogError(_WORDS, key, "is empty or missing")
    known: dict[str, _Known] = {}
    for row in read_tsv(_TABLE, columns=("name", "acronym", "aliases"), required=("name",), key="name"):
        event = _Known(name=row["name"], acronym=row["acronym"] or None)
        for form in (row["name"], *split_list(row["aliases"]), *([row["acronym"]] if row["acronym"] else [])):
            known.setdefault(_fold(form), event)
    return _Lexicon(
        known=known,
        names=re.compile(rf"(?<!\w)(?:{_either(list(known))})(?!\w)", re.IGNORECASE),
        beside=re.compile(rf"\b(?:{_either(table['beside'])})\s+", re.IGNORECASE),
        at=re.compile(rf"\b(?:{_either(table['at'])})\s+", re.IGNORECASE),
        of_body=re.compile(rf"(?:{_either(table['of_body'])})", re.IGNORECASE),
        inside=re.compile(rf"(?:{_either(table['inside'])})", re.IGNORECASE),
        heads=frozenset(table["heads"]),
        weak_heads=frozenset(table["weak_heads"]),
        again=re.compile(rf"(?:[Tt]he|[Tt]his|[Tt]hat)\s+(?:[a-z-]+\s+){{0,2}}(?:{_either(table['again'])})\b"),
        stops=frozenset(table["stops"]),
    )


def _fold(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("–", "-").casefold().split())


_Bound = dict[str, "FoundHostEvent | None"]  # head noun said again → the gathering that it means, found once in a call


def find_host_event(document: Document, scene: Scene) -> FoundHostEvent | None:
    """The gathering at or beside which the contact took place, or None. A call has none unless the text puts it beside one."""
    bound: _Bound = {}
    trigger = document.sentences[scene.trigger]
    by_wire = scene.mode in (Mode.PHONE, Mode.VIDEO)
    if (found := _beside(document, trigger, bound) or (None if by_wire else _at(document, trigger, bound))) is not None:
        return found
    own = [document.sentences[index] for index in scene.sentences if index != scene.trigger and index not in scene.others]
    for sentence in sorted(own, key=lambda sentence: (sentence.in_title, abs(sentence.index - trigger.index)))[:_NEIGHBOURS]:
        if not recalls_another(sentence.text) and (found := _beside(document, sentence, bound)) is not None:
            return found
    if by_wire or scene.background or (scene.status is not Status.HELD and not _FRAMED.search(trigger.text)):
        return None
    return _of_journey(document, trigger, bound)


def _beside(document: Document, sentence: Sentence, bound: _Bound) -> FoundHostEvent | None:
    for match in islice(_lexicon().beside.finditer(sentence.text), _PER_SENTENCE):
        if recalls_another(sentence.text[max(0, match.start() - _RECALL_WINDOW) : match.start()]):
            continue
        if (found := _named(document, sentence, match.end(), bound, anything=True)) is not None:
            return found
    return None


def _at(document: Document, sentence: Sentence, bound: _Bound, *, bodies: bool = True) -> FoundHostEvent | None:
    lexicon = _lexicon()
    for match in islice(lexicon.at.finditer(sentence.text), _AT_PER_SENTENCE):
        if recalls_another(sentence.text[max(0, match.start() - _RECALL_WINDOW) : match.start()]):
            continue
        word = match[0].strip()
        again = lexicon.inside.fullmatch(word) is not None
        alone = bodies and lexicon.of_body.fullmatch(word) is None
        if (found := _named(document, sentence, match.end(), bound, anything=False, again=again, bodies=alone)) is not None:
            return found
    return None


def _of_journey(document: Document, trigger: Sentence, bound: _Bound) -> FoundHostEvent | None:
    """A gathering that the text before, nearest first, or the head of the article gives as the frame of all contacts."""
    before = document.sentences[max(0, trigger.index - _BEFORE) : trigger.index]
    lead = [sentence for sentence in document.sentences[:_LEAD] if sentence.index > trigger.index]
    elsewhere = frozenset(_PLACED.findall(trigger.text))
    for sentence in (*reversed(before), *lead):
        found = _beside(document, sentence, bound)
        if found is None and _FRAMED.search(trigger.text):
            found = _at(document, sentence, bound, bodies=False)
        if found is None:
            continue
        there = frozenset(_PLACED.findall(sentence.text))
        return None if elsewhere and there and not elsewhere & there else found  # the contact has a place of its own
    return None


# The contact is said to fall into a journey or gathering told before.
_FRAMED = re.compile(
    r"\b(?:[Ww]hile\s+(?:there|in|at)|[Tt]here|[Dd]uring\s+(?:the|his|her|their)\s+(?:visit|trip|stay|summit|conference|forum|session|meetings?))\b"
)
_PLACED = re.compile(r"\b[Ii]n\s+(?!January|February|March|April|May|June|July|August|September|October|November|December)([A-Z][\w’'-]+)")


# ── reading the name ─────────────────────────────────────────────────────────────────────────────────────────────────

_WORD = re.compile(r"\s*(?P<word>\(?[\w.&'’+/-]*[\w&’'+)]|[“\"‘][^”\"’\n]{3,90}[”\"’])(?P<after>[^\w\s(]*)")
_ORDINAL = re.compile(
    r"\d+(?:st|nd|rd|th)|(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|"
    r"sixteenth|seventeenth|eighteenth|nineteenth|twentieth)|[IVXL]{2,6}",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"\(\s*[\"“]?(?P<acronym>[A-Z][A-Za-z]{0,3}[A-Z0-9][\w+&/-]{0,12}(?:\s(?:19|20)?\d\d)?)[\"”]?\s*\)")
_SHORT = re.compile(r"(?P<acronym>[A-Z]{1,2}[A-Za-z]{0,2}[A-Z0-9][A-Z0-9+]{0,8})(?:[- ](?P<number>(?:19|20)?\d\d))?")
_CONNECTING = frozenset({"of", "the", "for", "and", "on", "&", "in", "de", "du", "des", "la", "to", "against", "a"})


def _named(
    document: Document, sentence: Sentence, offset: int, bound: _Bound | None, *, anything: bool, again: bool = True, bodies: bool = True
) -> FoundHostEvent | None:
    """The gathering whose name begins at this offset of the sentence.

    anything: whatever it is called counts. again: "the summit", said again, counts. bodies: an organisation's name alone counts.
    bound: what has been found for nouns said again; with None only a name of its own counts, never "the conference".
    """
    window = sentence.text[offset : offset + _NAME_WINDOW]
    phrase = window[: _name_end(window)].rstrip(" ,;:-–—")
    article = _ARTICLE.match(phrase)
    if article is not None and not anything and article[0].casefold().startswith(("a ", "an ")):
        return None  # "at a meeting of the group" is the contact itself
    begin = article.end() if article else 0
    name = phrase[begin:]
    if not name or _MONTH.match(name):
        return None
    if _lexicon().again.fullmatch(phrase) is not None or not re.search(r"[A-Z0-9]", name):
        if bound is None or not (anything or (again and _lexicon().again.fullmatch(phrase) is not None and _STRONG_AGAIN.search(name))):
            return None
        head = name.split()[-1]
        if head not in bound and len(bound) < _HEADS:
            bound[head] = _named_elsewhere(document, head)
        if bound.get(head) is not None or not anything or not _DESCRIBED.search(name):
            return bound.get(head)
    known = _lexicon().names.search(_straight(name))
    if not _is_gathering(name, known[0] if known else None, anything, bodies):
        return None
    start = sentence.span.start + offset + begin
    return FoundHostEvent(host_event=_event(document, name, known), span=Span(start, start + len(name)))


# "the annual meeting of heads of mission": no proper name, yet told apart from other gatherings.
_DESCRIBED = re.compile(
    r"\b(?:meeting|conference|summit|session|gathering|forum|assembly|seminar|workshop|exhibition)\s+(?:of|on|for)\s+[a-z]+\s+\w+"
)
_ARTICLE = re.compile(r"(?:the|a|an|this\s+year['’]s|its|their|his|her|another|ongoing|recent|current)\s+", re.IGNORECASE)
_MONTH = re.compile(r"(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")
_STRONG_AGAIN = re.compile(r"\b(?:summit|conference|forum|assembly|congress|expo|gathering|convention|symposium)$", re.IGNORECASE)


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("–", "-")


def _name_end(window: str) -> int:
    """Where the name that opens the window ends: before a verb, a comma, a place or a date."""
    end = 0
    previous = ""
    for count, match in enumerate(_WORD.finditer(window)):
        word = match["word"]
        low = word.casefold().strip('("“”')
        if match.start() > end + 1 or count >= _MAX_WORDS or (low in _lexicon().stops and count > 0):
            break
        if previous in _lexicon().heads and match["word"][0].isupper():  # "During the summit Nakatani also held ..."
            break
        if low in ("in", "on") and not _goes_on(window[match.end() :], low, window[: match.start()]):
            break
        if low == "and" and not re.match(
            r"\s+[A-Z]|\s+(?:related|security|economic|trade|peace|cooperation|development)", window[match.end() :]
        ):
            break
        end = match.end("word")
        previous = match["word"]
        if match["after"] and not match["after"].startswith(("/", "&")):
            break
    if window[:end].count("(") > window[:end].count(")"):
        end = window.rindex("(", 0, end)
    return _without_tail(window, len(window[:end].rstrip()))


def _without_tail(window: str, end: int) -> int:
    while (match := re.search(r"\s+(?:of|the|for|and|on|in|a|to)$", window[:end], re.IGNORECASE)) is not None:
        end = match.start()
    return end


def _goes_on(rest: str, low: str, before: str) -> bool:
    """Whether "in" or "on" belongs to the name ("Conference on Afghanistan", "in Asia") and does not tell a place or a day."""
    words = rest.split()
    following = words[0] if words else ""
    if low == "on":
        return not re.match(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)", following)
    return following.rstrip(",.") in ("Asia", "Africa", "Europe", "Space") and bool(re.search(r"[A-Z]", before))


def _is_gathering(name: str, known: str | None, anything: bool, bodies: bool) -> bool:
    words = re.findall(r"[\w'’+-]+", name)
    heads = [word.casefold() for word in words if word.casefold() in _lexicon().heads]
    proper = [word for word in words if word[0].isupper() or word[0].isdigit()]
    if anything:
        return known is not None or bool(proper) or _DESCRIBED.search(name) is not None
    if not proper:
        return False
    strong = [head for head in heads if head not in _lexicon().weak_heads]
    if known is not None:
        of_body = not any(word in _lexicon().heads for word in known.casefold().split())
        return bool(strong) or (bool(heads) and not of_body) or (of_body and (bodies or bool(heads)) and known.isupper())
    titled = [word for word in words if word[0].isupper() and word.casefold() in _lexicon().heads]
    return bool(titled) and len(proper) > 1 and bool(strong)


def _event(document: Document, name: str, known: re.Match[str] | None) -> HostEvent:
    inner = _ACRONYM.search(name)
    acronym = inner["acronym"] if inner else None
    plain = " ".join(_ACRONYM.sub(" ", name).split()).strip(' ,"“”')
    row = _lexicon().known.get(_fold(known[0])) if known is not None else None
    short = _SHORT.fullmatch(plain)
    if short is not None:
        acronym = acronym or plain
        if (full := _expansion(document, plain)) is not None:
            plain = full
        elif row is not None:
            plain = row.name
    if acronym is None and row is not None:
        acronym = row.acronym
    if acronym is None:
        acronym = _acronym_after(document, plain)
    return HostEvent(name=plain or name, acronym=acronym)


def _expansion(document: Document, acronym: str) -> str | None:
    """The name before "(WTDC-25)" elsewhere in the article."""
    place = re.search(
        rf"(?P<name>(?:[A-Z][\w'’.-]*|\d[\w-]*)(?:\s+(?:of|the|for|and|on|in|to|&|[A-Z][\w'’.-]*|\d[\w-]*)){{1,14}})\s+\(\s*{re.escape(acronym)}\b",
        document.text[:40_000],
    )
    return re.sub(r"^(?:The|the|At|In)\s+", "", place["name"]) if place is not None else None


def _acronym_after(document: Document, name: str) -> str | None:
    place = document.text.find(name + " (")
    if place < 0:
        return None
    match = _ACRONYM.match(document.text[place + len(name) + 1 : place + len(name) + 30])
    return match["acronym"] if match is not None else None


def _named_elsewhere(document: Document, head: str) -> FoundHostEvent | None:
    """The gathering with this head noun that the article names, the first one of it."""
    low = head.casefold()
    vague = low in ("event", "gathering", "meeting", "meetings")
    for sentence in document.sentences[:_BOUND_SENTENCES]:
        for found in _proper_names(document, sentence):
            words = _fold(found.host_event.name).split()
            if vague or low in words or words[-1].isdigit():
                return found
    titled = re.compile(
        rf"\b[A-Z][\w.’'-]*(?:\s+(?:of|on|for|and|the|in)\s+[A-Z][\w.’'-]*|\s+[A-Z][\w.’'-]*){{0,7}}\s+{re.escape(head.capitalize())}\b"
    )
    for sentence in document.sentences[:_BOUND_SENTENCES]:
        if not sentence.in_title and not vague and (match := titled.search(sentence.text)) is not None:
            offset = 4 if match[0].startswith("The ") else 0
            start = sentence.span.start + match.start() + offset
            name = match[0][offset:]
            event = _event(document, name, _lexicon().names.search(_straight(name)))
            return FoundHostEvent(host_event=event, span=Span(start, start + len(name)))
    return None


def _proper_names(document: Document, sentence: Sentence) -> Iterator[FoundHostEvent]:
    lexicon = _lexicon()
    for pattern in (lexicon.beside, lexicon.at):
        for match in islice(pattern.finditer(sentence.text), _PER_SENTENCE):
            if (found := _named(document, sentence, match.end(), None, anything=False)) is not None:
                yield found
