"""The field finders on any text at all: they never raise, their spans lie inside it, and time stays in proportion."""

from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.datelines import find_opening
from parsers.dates import find_date
from parsers.document import Document
from parsers.host_events import find_host_event
from parsers.mentions import Party
from parsers.outcomes import find_outcomes
from parsers.places import find_place
from parsers.records import Article, Mode, PartyKind, Span, Status
from parsers.scene import Scene
from parsers.sentences import build_document
from parsers.topics import find_topics

WORDS = [
    "met",
    "in",
    "Baku",
    "the",
    "Kremlin",
    "on",
    "Monday",
    "May 5",
    "2024",
    "sidelines of",
    "the conference",
    "(WTDC-25)",
    "signed",
    "agreed to",
    "İstanbul",
    "ß",
    "said",
    "that",
    ",",
    ".",
    "“",
    "Iran’s",
    "capital",
    "during",
    "UN General Assembly",
    "here",
    "energy",
    "yesterday",
    "a",
    "\n\n",
    "\u202e",
    "😀",
    "\x00",
    "",
]


def spans_of(document: Document, scene: Scene) -> list[Span]:
    opening = find_opening(document.text[document.body_start :], None)
    dateline = opening.dateline if opening else None
    event = find_host_event(document, scene)
    date = find_date(document, scene, dateline)
    place = find_place(document, scene, dateline, event.host_event if event else None)
    spans = [found.span for found in (event, date) if found is not None]
    spans += place.spans if place else ()
    spans += [topic.span for topic in find_topics(document, scene)]
    return spans + [outcome.span for outcome in find_outcomes(document, scene)]


def whole_scene(document: Document, status: Status = Status.HELD) -> Scene:
    trigger = document.sentences[len(document.sentences) // 2]
    party = Party(index=0, kind=PartyKind.PERSON, name="Ana Duarte", role="Minister of Energy", country="PRT")
    return Scene(
        trigger=trigger.index,
        cue=Span(trigger.span.start, trigger.span.start + 1),
        sentences=tuple(range(len(document.sentences))),
        parties=(party,),
        status=status,
        mode=Mode.IN_PERSON,
    )


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=6)), max_size=60), st.sampled_from(list(Status)))
def test_any_text(words: list[str], status: Status) -> None:
    document = build_document(Article(url="https://news.example/1", title="Talks", text="x " + " ".join(words)))
    for span in spans_of(document, whole_scene(document, status)):
        assert 0 <= span.start < span.end <= len(document.text)


@pytest.mark.parametrize(
    "unit",
    [
        "in ",
        "on the sidelines of the ",
        "A",
        "May 5 ",
        "(Nov. 20 ",
        "said on Monday that ",
        "Baku, ",
        "the conference in Iran's capital ",
        "“ ",
    ],
)
def test_time_stays_in_proportion(unit: str) -> None:
    seconds = []
    for length in (20_000, 200_000):
        document = build_document(Article(url="https://news.example/1", title=None, text=unit * (length // len(unit))))
        begin = process_time()
        spans_of(document, whole_scene(document))
        seconds.append(process_time() - begin)
    assert seconds[1] < 25 * seconds[0] + 0.5
