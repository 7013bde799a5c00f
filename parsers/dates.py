"""When a contact took place: the dates that the text states for the meeting itself, never the day of publication or of the report.

A day word is read against the day from which the article speaks (the dateline's, else the day of publication): a weekday is the last one
on or before it for a contact that was held, the next one after it for a planned one. Where that day is unknown only full dates count.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from parsers.catalog import cities
from parsers.days import DateMention, date_words, either, scan_dates, speaking_day
from parsers.document import Document, Sentence
from parsers.records import Dateline, DatePrecision, Span, Status
from parsers.scene import Scene
from parsers.voices import recalls_another

_NEAR_CUE = 700  # characters on either side of the cue that are searched for a date
_WINDOW = 90  # characters beside a date that tell what it belongs to
_LEAST = 0.2  # fit below which a date of the trigger sentence is not the contact's
_REACH, _PRONOUN_REACH = 2, 4  # sentences back from which a day is carried over with no party named, with "They also met"
_STORY = 8  # sentences before the trigger in which the day that "the same day" means is looked for
_CARRY = 14  # sentences before the trigger from which the day of the story is carried over
_LEAD = 3  # sentences of the body that tell again what the headline says
_NEIGHBOURS = 6  # sentences of a scene, beside its trigger, that are read for a date


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """The date of a contact. A month or a year is its first day; end_date only for contacts of more than one day."""

    start_date: date
    end_date: date | None
    precision: DatePrecision
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lexicon:
    saying_before: re.Pattern[str]
    saying_after: re.Pattern[str]
    foreign_before: re.Pattern[str]
    frame_before: re.Pattern[str]
    frame_after: re.Pattern[str]
    arrival: re.Pattern[str]
    contact: re.Pattern[str]
    ahead: re.Pattern[str]
    wide: re.Pattern[str]


@cache
def _lexicon() -> _Lexicon:
    table = date_words()
    saying = either(table["saying"])
    turns = rf"(?:{either(table['turns'])})\s+(?:(?:here|late|early|in\s+[\w’'-]+(?:\s[\w’'-]+)?|at\s+[\w’'-]+)\s+)?(?:on\s+)?$"
    foreign = rf"{turns}|(?:{either(table['foreign_prepositions'])})\s*(?:on\s+)?$|\b(?:{either(table['foreign_nouns'])})\b[^,;:]{{0,40}}$"
    frame = rf"(?:{either(table['frame_openers'])})[^,;.]{{0,25}}\b(?:{either(table['frames'])})"
    wide = rf"(?:{either(table['perfects'])})\s+(?:{either(table['contact'])})|{frame}"
    return _Lexicon(
        saying_before=re.compile(rf"\b(?:{saying})\b(?P<between>[^;:]{{0,60}})$", re.IGNORECASE),
        saying_after=re.compile(rf"^\s*(?:{saying})\b", re.IGNORECASE),
        foreign_before=re.compile(rf"\b(?:{foreign})", re.IGNORECASE),
        frame_before=re.compile(rf"\b(?:{either(table['frames'])})\b[^;:]{{0,50}}$", re.IGNORECASE),
        frame_after=re.compile(rf"\s+(?:[a-z]+\s+)?(?:{either(table['frames'])})\b"),
        # Capitals are left out: the Dialogue of a proper name is no contact.
        contact=re.compile(rf"\b(?:{either(table['contact'])})\b"),
        arrival=re.compile(rf"\b(?:{either(table['arrival'])})\b", re.IGNORECASE),
        ahead=re.compile(rf"\b(?:{either(table['ahead'])})\b", re.IGNORECASE),
        wide=re.compile(rf"\b(?:{wide}\b|(?:{either(table['wide'])})\b)", re.IGNORECASE),
    )


# ── choosing the contact's own ───────────────────────────────────────────────────────────────────────────────────────


def find_date(document: Document, scene: Scene, dateline: Dateline | None = None) -> FoundDate | None:
    """The date that the text states for this contact, or None.

    Looks first into the sentence that reports the contact, near its cue; then into the scene's other sentences, where a date counts only
    beside a word of contact; last, a day to which "later" or "earlier the same day" refers back.
    """
    today = speaking_day(document.published, dateline)
    trigger = document.sentences[scene.trigger]
    future = scene.status is not Status.HELD
    current = _story_day(document, scene, today)
    best: tuple[float, DateMention] | None = None
    for mention in _mentions(document, trigger, scene.cue, today, future, current):
        rank = _fit(document.text, trigger, scene.cue, mention)
        if rank > _LEAST and _possible(mention, today, future) and (best is None or rank > best[0]):
            best = rank, mention
    if best is None and not _lexicon().wide.search(trigger.text):
        best = _best_beside(document, _neighbours(document, scene), today, future, current)
    if best is None and not future and (day := _carried(document, scene, trigger, today)) is not None:
        best = 0.5, day
    if best is None:
        return None
    found = best[1]
    return FoundDate(start_date=found.start_date, end_date=found.end_date, precision=found.precision, span=found.span)


def _possible(mention: DateMention, today: date | None, future: bool) -> bool:
    """Whether the date lies on the side of today that the status tells; a day's difference may be the time zone's."""
    if today is None:
        return True
    if not future:
        return mention.start_date <= today + timedelta(days=1)
    last = mention.end_date or mention.start_date
    if mention.precision is DatePrecision.DAY:
        return last >= today
    return (last.year, last.month) >= (today.year, today.month) or (mention.precision is DatePrecision.YEAR and last.year >= today.year)


def _best_beside(
    document: Document, sentences: Iterable[Sentence], today: date | None, future: bool, current: date | None
) -> tuple[float, DateMention] | None:
    best: tuple[float, DateMention] | None = None
    for sentence in sentences:
        if future and not _lexicon().ahead.search(sentence.text):
            continue
        for mention in _mentions(document, sentence, None, today, future, current):
            if mention.anaphoric:  # "the day before" tells of something else
                continue
            rank = _fit_beside(document.text, sentence, mention, held=not future)
            if rank > _LEAST and _possible(mention, today, future) and (best is None or rank > best[0]):
                best = rank, mention
    return best


def _carried(document: Document, scene: Scene, trigger: Sentence, today: date | None) -> DateMention | None:
    """The day that the story has reached: of several contacts on one day, the day is told with the first.

    Not carried over where the sentence sets a wider frame of its own ("during his stay", "has also held").
    """
    if trigger.in_title or _lexicon().wide.search(trigger.text):
        return None
    place = _OPENING_PLACE.match(trigger.text)
    names = [name.split()[-1] for party in scene.parties if (name := party.name)]
    reach = _PRONOUN_REACH if _PRONOUN.match(trigger.text) else _REACH
    there = _THERE.match(trigger.text) is not None
    for sentence in reversed(document.sentences[max(0, scene.trigger - _CARRY) : scene.trigger]):
        last = sentence.index == trigger.index - 1
        named = sum(name in sentence.text for name in names)
        both = named > 1
        if sentence.in_title or not (named or sentence.index >= trigger.index - reach or _SEVERAL.search(sentence.text)):
            continue
        for mention in reversed(_mentions(document, sentence, None, today, False, None)):
            if mention.precision is not DatePrecision.DAY or mention.end_date is not None or not _possible(mention, today, False):
                continue
            if place is not None and _in_other_city(sentence.text, place["place"]):
                return None  # the story has moved on to another town
            if _fit_beside(document.text, sentence, mention, both=both) > 0:
                return mention
            if last and _arrived(document.text, sentence, mention, there):
                return mention
    return None


def _in_other_city(text: str, place: str) -> bool:
    named = _IN_PLACE.findall(text)
    return place not in named and any(cities().candidates(name) for name in named)


_IN_PLACE = re.compile(r"\b[Ii]n\s+([A-Z][\w’'-]+(?:\s[A-Z][\w’'-]+)?)")
_OPENING_PLACE = re.compile(r"(?:While\s+)?[Ii]n\s+(?P<place>[A-Z][\w’'-]+)")
_PRONOUN = re.compile(r"(?:They|He|She|The\s+two|Both|The\s+sides|The\s+ministers)\b")
_SEVERAL = re.compile(r"\b(?:series|number|round|string)\s+of\s+[^,;.]{0,30}(?:meetings|contacts|talks|calls|conversations)\b")
_THERE = re.compile(r"(?:There|Then|Afterwards|From there|In the evening|In the afternoon|In the morning)\b")


def _arrived(text: str, sentence: Sentence, mention: DateMention, there: bool) -> bool:
    """Whether the day is that of an arrival, or of an event that the next sentence goes on with: "... on Monday. There he met ..." """
    before = text[max(sentence.span.start, mention.span.start - _WINDOW) : mention.span.start]
    return (there or _lexicon().arrival.search(before) is not None) and not _is_said(text, sentence, mention.span, before)


def _mentions(
    document: Document, sentence: Sentence, cue: Span | None, today: date | None, future: bool, current: date | None
) -> list[DateMention]:
    start, end = sentence.span.start, sentence.span.end
    if cue is not None:
        start, end = max(start, cue.start - _NEAR_CUE), min(end, cue.end + _NEAR_CUE)
    else:
        end = min(end, start + 2 * _NEAR_CUE)
    found = scan_dates(document.text[start:end], start, today=today, future=future, current=current)
    return [mention for mention in found if not _of_dateline(document, mention)]


_AFTER_DATELINE = re.compile(r"\s*[.,]?\s*(?:\([A-Z]|/[A-Z]|[A-Z]{2,8}\s*[-–—:(]|[–—:]|-{1,2}\s|\n)")


def _of_dateline(document: Document, mention: DateMention) -> bool:
    """Whether the date belongs to the opening "BAKU, Nov. 20 (Xinhua) --"."""
    end = mention.span.end
    return document.body_start <= mention.span.start < document.body_start + 90 and bool(_AFTER_DATELINE.match(document.text, end))


def _story_day(document: Document, scene: Scene, today: date | None) -> date | None:
    """The last day named in the sentences before the trigger, which "the same day" refers to."""
    current: date | None = None
    for sentence in document.sentences[max(0, scene.trigger - _STORY) : scene.trigger]:
        for mention in scan_dates(sentence.text[: 2 * _NEAR_CUE], sentence.span.start, today=today, future=False, current=current):
            before = document.text[max(sentence.span.start, mention.span.start - _WINDOW) : mention.span.start]
            if mention.precision is DatePrecision.DAY and _possible(mention, today, False) and not _others_day(before):
                current = mention.start_date
    return current


def _others_day(before: str) -> bool:
    """Whether the words before a date bind it to another event, or to one still to come."""
    return _lexicon().foreign_before.search(before) is not None or _STILL_AHEAD.search(before) is not None


_BREAK = re.compile(
    r"[;]|\b(?:which|who|that|where|when|since|after|before|while|following|ahead|because|whose|as)\b|[.!?]\s", re.IGNORECASE
)


# "the conversation that he had with her on Saturday": the clause is the cue's own.
_OWN_CLAUSE = re.compile(r"(?:\s+[\w-]+){0,3}\W*(?:that|which|where|when)\b", re.IGNORECASE)
# "at a reception that he gave her on Wednesday"
_NOUN_CLAUSE = re.compile(
    r"\b(?:meeting|talks|reception|ceremony|dinner|lunch|luncheon|breakfast|session|call|conversation|visit|audience|event)\s+(?:that|which)\s+(?:he|she|they|it|the\s+latter)\b"
)


def _fit(text: str, sentence: Sentence, cue: Span, mention: DateMention) -> float:
    """How well a date of the trigger sentence belongs to the cue: above 0 where it may, nearer to 1 the better."""
    span = mention.span
    before = text[max(sentence.span.start, span.start - _WINDOW) : span.start]
    after = text[span.end : min(sentence.span.end, span.end + 30)]
    between = text[cue.end : span.start] if span.start >= cue.end else text[span.end : cue.start]
    rank = 1.0 - min(len(between), _NEAR_CUE) / (2 * _NEAR_CUE)
    if span.start >= cue.end:
        inner = before[-len(between) :] if len(between) < len(before) else before
    else:
        inner = before
    if _is_said(text, sentence, span, inner):
        rank -= 1.2
    if _lexicon().foreign_before.search(inner):
        rank -= 1.0
    if mention.end_date is not None and (_lexicon().frame_before.search(inner) or _lexicon().frame_after.match(after)):
        rank -= 1.0
    if not _OWN_CLAUSE.match(between) and not _NOUN_CLAUSE.search(between) and (broken := _BREAK.search(between)) is not None:
        closed = "," in between[broken.end() :] or span.start < cue.end
        rank -= (0.35 if closed else 0.8) + (0.0 if mention.precision is DatePrecision.DAY else 0.3)
    if mention.precision is not DatePrecision.DAY:
        rank -= 0.3
    return rank


# "told his colleague by phone on Tuesday": what was said is the contact itself.
_BY_WIRE = re.compile(
    r"\b(?:by\s+(?:tele)?phone|over\s+the\s+(?:tele)?phone|on\s+the\s+phone|in\s+a\s+(?:tele)?phone|in\s+a\s+call|in\s+(?:a|their|his|her)\s+meeting)\b"
)


def _is_said(text: str, sentence: Sentence, span: Span, before: str) -> bool:
    """Whether the date tells when something was said."""
    if _lexicon().saying_after.search(text[span.end : min(sentence.span.end, span.end + 30)]):
        return True
    match = _lexicon().saying_before.search(before)
    if match is not None and _BY_WIRE.search(match["between"]):
        return False
    return match is not None and not re.search(r"\b(?:that|he|she|they|it|had|has|will|would|is|are|was|were)\b|,", match["between"])


# "It will now take place on March 10, he said after talks with ...": tells of this contact, whatever else it tells.
_GOES_ON = re.compile(r"(?:It|The\s+(?:visit|meeting|trip|talks|call))\s+(?:will|is|was|had|has|took|were|are)\b")


def _neighbours(document: Document, scene: Scene) -> Iterator[Sentence]:
    """The scene's sentences beside the trigger, nearest first, the title last."""
    own = [index for index in scene.sentences if index != scene.trigger and index not in scene.others]
    if (after := scene.trigger + 1) < len(document.sentences) and after not in own and _GOES_ON.match(document.sentences[after].text):
        own.append(after)
    own.sort(key=lambda index: (document.sentences[index].in_title, abs(index - scene.trigger), index < scene.trigger))
    if document.sentences[scene.trigger].in_title:  # what a headline tells is told again in the first sentences
        lead = list(range(scene.trigger + 1, min(scene.trigger + 1 + _LEAD, len(document.sentences))))
        own = lead + [index for index in own if index not in lead]
    for index in own[:_NEIGHBOURS]:
        yield document.sentences[index]


def _fit_beside(text: str, sentence: Sentence, mention: DateMention, *, both: bool = False, held: bool = True) -> float:
    """How well a date of another sentence belongs to the contact: only beside a word of contact, and not where it is another one's.

    both: the sentence names two of the parties, so that it tells of the contact whatever its words.
    """
    span = mention.span
    before = text[max(sentence.span.start, span.start - _WINDOW) : span.start]
    opening = span.start - sentence.span.start < 5  # "On Nov. 2, the minister ... met": the date holds for the whole sentence
    after = text[span.end : min(sentence.span.end, span.end + (3 if opening else 1) * _WINDOW)]
    if _is_said(text, sentence, span, before) or _lexicon().foreign_before.search(before):
        return 0.0
    if _lexicon().frame_before.search(before) and mention.end_date is not None:
        return 0.0
    if held and _STILL_AHEAD.search(before):
        return 0.0
    if recalls_another(sentence.text):
        return 0.0
    left = [match.end() for match in _lexicon().contact.finditer(before)]
    right = _lexicon().contact.search(after)
    near = [before[left[-1] :]] if left else []
    near += [after[: right.start()]] if right else []
    if not both and not (opening and right) and not any(_OWN_CLAUSE.match(between) or not _BREAK.search(between) for between in near):
        return 0.0
    if mention.precision is DatePrecision.DAY:
        return 0.6
    return 0.3 if _SAME_CONTACT.search(before) else 0.0


_STILL_AHEAD = re.compile(
    r"\b(?:will|shall|is\s+to|are\s+to|is\s+due\s+to|takes?\s+over|is\s+expected\s+to|is\s+scheduled\s+to|is\s+set\s+to)\b[^,;]{0,60}$"
)
_SAME_CONTACT = re.compile(
    r"\b(?:the|this|their|that)\s+(?:[\w-]+\s+)?(?:meeting|talks|visit|call|conversation|trip|encounter|session)\b|\bit\b", re.IGNORECASE
)
