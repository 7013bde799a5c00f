"""The conference or summit at or beside which a contact took place, named as the article names it.

A gathering after "on the sidelines of" counts whatever it is called; after "at", "during" or "attending" it must bear the name of one: a
name of the table, or a proper name with a head noun ("Doha Forum"). "The conference" is bound to the gathering that the article names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from parsers.catalog import read_toml, read_tsv, split_list
from parsers.document import Document, Sentence
from parsers.errors import CatalogError
from parsers.records import HostEvent, Mode, Span
from parsers.scene import Scene

_TABLE = "host_events.tsv"
_WORDS = "languages/en/host_events.toml"
_KEYS = ("beside", "at", "heads", "weak_heads", "again", "stops")
_MAX_WORDS = 18
_NAME_WINDOW = 260  # characters after a connecting phrase in which the name must stand
_LEAD = 8  # sentences at the head of an article in which the gathering of a whole journey is told


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
        heads=frozenset(table["heads"]),
        weak_heads=frozenset(table["weak_heads"]),
        again=re.compile(rf"(?:the|this|that)\s+(?:[\w-]+\s+){{0,2}}(?:{_either(table['again'])})\b", re.IGNORECASE),
        stops=frozenset(table["stops"]),
    )


def _fold(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("–", "-").casefold().split())


def find_host_event(document: Document, scene: Scene) -> FoundHostEvent | None:
    """The gathering at or beside which the contact took place, or None. A call has none unless the text puts it there."""
    trigger = document.sentences[scene.trigger]
    own = [document.sentences[index] for index in scene.sentences if index != scene.trigger and index not in scene.others]
    for sentence, strict in [
        (trigger, False),
        *((sentence, True) for sentence in sorted(own, key=lambda s: (s.in_title, abs(s.index - trigger.index)))[:8]),
    ]:
        if (found := _in_sentence(document, sentence, strict=strict)) is not None:
            return found
    if scene.mode in (Mode.PHONE, Mode.VIDEO) or scene.background:
        return None
    return _of_journey(document, trigger)


def _in_sentence(document: Document, sentence: Sentence, *, strict: bool) -> FoundHostEvent | None:
    lexicon = _lexicon()
    text = sentence.text
    for match in lexicon.beside.finditer(text):
        if (found := _named(document, sentence, match.end(), anything=True)) is not None:
            return found
    if strict:
        return None
    for match in lexicon.at.finditer(text):
        if (found := _named(document, sentence, match.end(), anything=False)) is not None:
            return found
    return None


def _of_journey(document: Document, trigger: Sentence) -> FoundHostEvent | None:
    """A gathering that the head of the article, or the text just before, gives as the frame of all contacts."""
    lexicon = _lexicon()
    for sentence in document.sentences[:_LEAD]:
        if sentence.index == trigger.index:
            continue
        for match in lexicon.beside.finditer(sentence.text):
            if (found := _named(document, sentence, match.end(), anything=True)) is not None:
                return found
    return None


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


def _named(document: Document, sentence: Sentence, offset: int, *, anything: bool, proper: bool = False) -> FoundHostEvent | None:
    """The gathering whose name begins at this offset of the sentence. proper: only by its own name, not "the conference"."""
    window = sentence.text[offset : offset + _NAME_WINDOW]
    end = _name_end(window)
    phrase = window[:end].rstrip(" ,;:-–—")
    article = re.match(r"(?:the|a|an|this\s+year['’]s|its|their|his|her|another|ongoing|recent)\s+", phrase, re.IGNORECASE)
    begin = article.end() if article else 0
    name = phrase[begin:]
    if not name:
        return None
    if _lexicon().again.fullmatch(phrase) is not None or not re.search(r"[A-Z0-9]", name):
        if proper:
            return None
        bound = _bound(document, name.split()[-1]) if anything else None
        if bound is not None:
            return bound
    known = _lexicon().names.search(_straight(name))
    if not _is_gathering(name, known is not None, anything):
        return None
    event = _event(document, name, known)
    start = sentence.span.start + offset + begin
    return FoundHostEvent(host_event=event, span=Span(start, start + len(name)))


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("–", "-")


def _name_end(window: str) -> int:
    """Where the name that opens the window ends: before a verb, a comma, a place or a date."""
    end = 0
    for count, match in enumerate(_WORD.finditer(window)):
        word = match["word"]
        low = word.casefold().strip('("“”')
        if match.start() > end + 1 or count >= _MAX_WORDS or (low in _lexicon().stops and count > 0):
            break
        if low in ("in", "on") and not _goes_on(window[match.end() :], low, window[: match.start()]):
            break
        if low == "and" and not re.match(
            r"\s+[A-Z]|\s+(?:related|security|economic|trade|peace|cooperation|development)", window[match.end() :]
        ):
            break
        end = match.end("word")
        if match["after"] and not match["after"].startswith(("/", "&")):
            break
    return _without_tail(window, end)


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


def _is_gathering(name: str, known: bool, anything: bool) -> bool:
    words = re.findall(r"[\w'’+-]+", name)
    heads = [word.casefold() for word in words if word.casefold() in _lexicon().heads]
    proper = [word for word in words if word[0].isupper() or word[0].isdigit()]
    if anything:
        return bool(heads) or known or bool(proper)
    if not proper:
        return False
    if known:
        return bool(heads) or len(words) > 1 or name.isupper()
    titled = [word for word in words if word[0].isupper() and word.casefold() in _lexicon().heads]
    strong = [head for head in heads if head not in _lexicon().weak_heads]
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


def _bound(document: Document, head: str) -> FoundHostEvent | None:
    """The gathering with this head noun that the article names, the first one of it."""
    for sentence in document.sentences[:40]:
        for found in _proper_names(document, sentence):
            words = _fold(found.host_event.name).split()
            if head.casefold() in words or head.casefold() in ("event", "gathering", "meeting") or words[-1].isdigit():
                return found
    return None


def _proper_names(document: Document, sentence: Sentence) -> Iterator[FoundHostEvent]:
    lexicon = _lexicon()
    for pattern in (lexicon.beside, lexicon.at):
        for match in pattern.finditer(sentence.text):
            window = sentence.text[match.end() : match.end() + 12]
            if lexicon.again.match(sentence.text[match.end() : match.end() + 40]) and not re.search(r"\s[A-Z0-9]", window):
                continue
            if (found := _named(document, sentence, match.end(), anything=False, proper=True)) is not None:
                yield found
