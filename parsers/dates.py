"""When a contact took place: the dates that the text states for the meeting itself, never the day of publication or of the report.

A day word is read against the day from which the article speaks (the dateline's, else the day of publication): a weekday is the last one
on or before it for a contact that was held, the next one after it for a planned one. Where that day is unknown only full dates count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from parsers.days import DateMention, date_words, either, scan_dates, speaking_day
from parsers.document import Document, Sentence
from parsers.records import Dateline, DatePrecision, Span, Status
from parsers.scene import Scene

_NEAR_CUE = 700  # characters on either side of the cue that are searched for a date
_WINDOW = 90  # characters beside a date that tell what it belongs to
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
    contact: re.Pattern[str]


@cache
def _lexicon() -> _Lexicon:
    table = date_words()
    saying = either(table["saying"])
    foreign = rf"(?:{either(table['foreign_prepositions'])})\s*(?:on\s+)?$|\b(?:{either(table['foreign_nouns'])})\b[^,;:]{{0,40}}$"
    return _Lexicon(
        saying_before=re.compile(rf"\b(?:{saying})\b(?P<between>[^;:]{{0,60}})$", re.IGNORECASE),
        saying_after=re.compile(rf"^\s*(?:{saying})\b", re.IGNORECASE),
        foreign_before=re.compile(rf"\b(?:{foreign})", re.IGNORECASE),
        frame_before=re.compile(rf"\b(?:{either(table['frames'])})\b[^;:]{{0,50}}$", re.IGNORECASE),
        contact=re.compile(rf"\b(?:{either(table['contact'])})\b", re.IGNORECASE),
    )


# ── choosing the contact's own ───────────────────────────────────────────────────────────────────────────────────────


def find_date(document: Document, scene: Scene, dateline: Dateline | None = None) -> FoundDate | None:
    """The date that the text states for this contact, or None.

    Looks first into the sentence that reports the contact, near its cue; then into the scene's other sentences, where a date counts only
    beside a word of contact; last, a day to which "later" or "earlier the same day" refers back.
    """
    today = speaking_day(document.published, dateline)
    future = scene.status is not Status.HELD
    trigger = document.sentences[scene.trigger]
    current = _story_day(document, scene, today)
    best: tuple[float, DateMention] | None = None
    for mention in _mentions(document, trigger, scene.cue, today, future, current):
        rank = _fit(document.text, trigger, scene.cue, mention)
        if rank > 0 and (best is None or rank > best[0]):
            best = rank, mention
    if best is None:
        for sentence in _neighbours(document, scene):
            for mention in _mentions(document, sentence, None, today, future, current):
                if (rank := _fit_beside(document.text, sentence, mention)) > 0 and (best is None or rank > best[0]):
                    best = rank, mention
    if best is None:
        return None
    found = best[1]
    return FoundDate(start_date=found.start_date, end_date=found.end_date, precision=found.precision, span=found.span)


def _mentions(
    document: Document, sentence: Sentence, cue: Span | None, today: date | None, future: bool, current: date | None
) -> list[DateMention]:
    start, end = sentence.span.start, sentence.span.end
    if cue is not None:
        start, end = max(start, cue.start - _NEAR_CUE), min(end, cue.end + _NEAR_CUE)
    else:
        end = min(end, start + 2 * _NEAR_CUE)
    return list(scan_dates(document.text[start:end], start, today=today, future=future, current=current))


def _story_day(document: Document, scene: Scene, today: date | None) -> date | None:
    """The last day named in the four sentences before the trigger, which "the same day" refers to."""
    current: date | None = None
    for sentence in document.sentences[max(0, scene.trigger - 4) : scene.trigger]:
        for mention in scan_dates(sentence.text[: 2 * _NEAR_CUE], sentence.span.start, today=today, future=False, current=current):
            if mention.precision is DatePrecision.DAY:
                current = mention.start_date
    return current


_BREAK = re.compile(
    r"[;]|\b(?:which|who|that|where|when|since|after|before|while|following|ahead|because|whose|as)\b|[.!?]\s", re.IGNORECASE
)


def _fit(text: str, sentence: Sentence, cue: Span, mention: DateMention) -> float:
    """How well a date of the trigger sentence belongs to the cue: above 0 where it may, nearer to 1 the better."""
    span = mention.span
    before = text[max(sentence.span.start, span.start - _WINDOW) : span.start]
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
    if mention.end_date is not None and _lexicon().frame_before.search(inner):
        rank -= 1.0
    if _BREAK.search(between):
        rank -= 0.45
    if mention.precision is not DatePrecision.DAY:
        rank -= 0.3
    return rank


def _is_said(text: str, sentence: Sentence, span: Span, before: str) -> bool:
    """Whether the date tells when something was said."""
    if _lexicon().saying_after.search(text[span.end : min(sentence.span.end, span.end + 30)]):
        return True
    match = _lexicon().saying_before.search(before)
    return match is not None and not re.search(r"\b(?:that|he|she|they|it|had|has|will|would|is|are|was|were)\b|,", match["between"])


def _neighbours(document: Document, scene: Scene) -> Iterator[Sentence]:
    """The scene's sentences beside the trigger, nearest first, the title last."""
    own = [index for index in scene.sentences if index != scene.trigger and index not in scene.others]
    own.sort(key=lambda index: (document.sentences[index].in_title, abs(index - scene.trigger), index < scene.trigger))
    for index in own[:_NEIGHBOURS]:
        yield document.sentences[index]


def _fit_beside(text: str, sentence: Sentence, mention: DateMention) -> float:
    span = mention.span
    before = text[max(sentence.span.start, span.start - _WINDOW) : span.start]
    after = text[span.end : min(sentence.span.end, span.end + _WINDOW)]
    if _is_said(text, sentence, span, before) or _lexicon().foreign_before.search(before):
        return 0.0
    if _lexicon().frame_before.search(before) and mention.end_date is not None:
        return 0.0
    near = _lexicon().contact.search(before) or _lexicon().contact.search(after)
    if near is None:
        return 0.0
    return 0.6 if mention.precision is DatePrecision.DAY else 0.3
