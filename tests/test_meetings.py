"""The extractor as a whole: labelled sentences, evidence, and any text at all."""

import time
import tomllib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers.meetings import explain, extract, extract_all
from parsers.records import Article, Meeting, Participant

CASES = tomllib.loads((Path(__file__).parent / "cases" / "en" / "contacts.toml").read_text(encoding="utf-8"))["case"]
SHOWN = datetime(2024, 5, 15, 12, tzinfo=UTC)


def article(text: str, title: str | None = None) -> Article:
    return Article(url="https://example.org/a", title=title, text=text, published=SHOWN)


def told(meeting: Meeting) -> str:
    return f"{meeting.status} {meeting.mode}: " + " + ".join(map(party, meeting.participants))


def party(participant: Participant) -> str:
    if participant.name:
        return participant.name
    return f"{participant.role} {participant.country}" if participant.role else str(participant.country)


def fits(wanted: str, got: str) -> bool:
    """Whether a told record is the wanted one: same status and mode, and each wanted party among the told ones, in any order."""
    head, _, who = wanted.partition(": ")
    told_head, _, told_who = got.partition(": ")
    parties, said = who.split(" + "), told_who.split(" + ")
    return head == told_head and len(parties) == len(said) and all(any(_one(p, s) for s in said) for p in parties)


def _one(wanted: str, said: str) -> bool:
    return all(word.lower().rstrip("s") in {w.lower().rstrip("s") for w in said.split()} for word in wanted.split())


@pytest.mark.parametrize("case", CASES, ids=[case["why"][:60] for case in CASES])
def test_contact(case: dict[str, Any]) -> None:
    found = [told(meeting) for meeting in extract(article(case["text"])) if not meeting.background]
    left = list(found)
    for wanted in case["meetings"]:
        match = next((got for got in left if fits(wanted, got)), None)
        assert match is not None, f"{wanted!r} is not among {found}"
        left.remove(match)
    assert not left, f"invented: {left}"


def test_evidence_lies_in_the_body_and_names_a_participant() -> None:
    text = "Irish Foreign Minister Sean Doyle met Canadian Foreign Minister Claire Gagnon in Ottawa on Monday."
    (meeting,) = extract(article(text, title="Doyle meets Gagnon"))
    quotes = [text[e.span.start : e.span.end] for e in meeting.evidence]
    assert quotes[0] == text
    assert any("Gagnon" in quote for quote in quotes[1:])


def test_headline_alone_is_proved_by_the_body() -> None:
    text = "Claire Gagnon, the Canadian foreign minister, praised the ties. Sean Doyle, the Irish foreign minister, agreed."
    meetings = extract(article(text, title="Irish FM Sean Doyle meets Canadian FM Claire Gagnon"))
    assert [len(meeting.participants) for meeting in meetings] == [2]
    assert all(0 <= e.span.start < e.span.end <= len(text) for e in meetings[0].evidence)


def test_an_ambassador_meets_hosts_where_he_is_posted() -> None:
    text = "MUSCAT - Oman's Ambassador to Kenya, Hamed Albalushi, met Kenyan Foreign Minister Joseph Wekesa on Monday to discuss trade."
    (meeting,) = extract(article(text))
    assert (meeting.city, meeting.country) == (None, "KEN")


def test_explain_tells_what_was_turned_down() -> None:
    found = explain(article("Polish Foreign Minister Anna Zielinska hopes to meet Latvian Foreign Minister Janis Ozols."))
    assert found.passed_gate and not found.meetings
    assert "wished" in {step.verdict for step in found.steps}


def test_extract_all_keeps_the_order() -> None:
    texts = ["Nothing happened.", "Irish Foreign Minister Sean Doyle met Canadian Foreign Minister Claire Gagnon.", "", "It rained."]
    assert [len(found) for found in extract_all([article(text) for text in texts])] == [0, 1, 0, 0]


WORDS = st.sampled_from(
    ["Foreign Minister", "met", "with", "and", ",", "Iran", "Omani", "his counterpart", "the two", "held talks", "Sean Doyle", "on Monday",
     ";", "(", ")", "“", "”", "will", "to", "in", "meeting", "between", "received", "by", "phone", ".", "\n", "’s",
     "who", "said", "-", "U.S.", "delegation led by", "\U0001f91d", "محمد", "\x00"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=400), st.lists(WORDS, max_size=60).map(" ".join)))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read(text: str) -> None:
    for meeting in extract(article(text, title=text[:60])):
        assert len(meeting.participants) >= 2
        assert 0 <= meeting.confidence <= 1
        assert meeting.evidence and all(e.span.end <= len(text) for e in meeting.evidence)


@pytest.mark.parametrize(
    "text",
    [
        "Foreign Minister met and " * 40_000,
        "a" * 1_000_000,
        "Minister X met Y with Z, " * 2_000,
        "(" * 100_000 + "minister met",
        "Iran, Oman and Qatar held talks. " * 3_000,
        "talks with the foreign minister of " + "Iran, " * 3_000,
        "\u202eminister met\u202c " * 5_000,
    ],
    ids=["1 MB with no full stop", "one word", "50 kB of commas", "brackets", "100 kB of sentences", "a list of states", "right to left"],
)
def test_long_texts_end(text: str) -> None:
    start = time.process_time()
    extract(article(text))
    assert time.process_time() - start < 60


def test_time_grows_with_the_text() -> None:
    sentence = "Irish Foreign Minister Sean Doyle met Canadian Foreign Minister Claire Gagnon in Ottawa on Monday. It rained all day. "
    extract(article(sentence))

    def seconds(times: int) -> float:
        start = time.process_time()
        extract(article(sentence * times))
        return time.process_time() - start

    short, long = seconds(20), seconds(200)
    assert long < 40 * max(short, 0.02)


def test_statuses_of_one_article_are_counted_once() -> None:
    text = (
        "Irish Foreign Minister Sean Doyle met Canadian Foreign Minister Claire Gagnon in Ottawa on Monday.\n\n"
        "At the meeting, Doyle told Gagnon that trade was up. The two ministers discussed fisheries.\n\n"
        "Doyle will meet French Foreign Minister Paul Aumont in Paris on Friday."
    )
    assert Counter(str(m.status) for m in extract(article(text))) == {"held": 1, "planned": 1}
