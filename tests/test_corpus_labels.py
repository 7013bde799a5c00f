"""The labels of real articles: well formed, beside ids alone, and about articles that the corpus holds.

The articles are third-party text and stay outside the repository (../shared/corpus); the tests that read them skip where they
are absent. How the batches were drawn and scored: docs/ACCURACY.md.
"""

import gzip
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from parsers.records import DatePrecision, Mode, OutcomeKind, PartyKind, Status, Topic

LABELS = Path(__file__).parent / "cases" / "en" / "corpus_labels.jsonl"
SHARED = Path(__file__).resolve().parents[2] / "shared"
CORPUS = SHARED / "corpus" / "tehran_times.jsonl.gz"
LABELLED_ELSEWHERE = SHARED / "eval" / "dev_tehran_times.jsonl"

MEETING_KEYS = {
    "status", "mode", "start_date", "end_date", "date_precision", "city", "country", "venue", "host_event", "participants", "topics",
    "outcomes", "background",
}  # fmt: skip
PARTY_KEYS = {"name", "role", "country", "organization", "kind"}
BATCH_SIZE = 20


@cache
def labels() -> tuple[dict[str, Any], ...]:
    """One row per labelled article: `id`, `batch` (counted from 1) and `meetings` in the form of the record guidelines."""
    return tuple(json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines())


@cache
def corpus() -> dict[str, dict[str, Any]]:
    """Id → article, for the labelled ones; skips the test where the corpus is not here."""
    if not CORPUS.exists():
        pytest.skip("../shared/corpus is not here")
    wanted = {row["id"] for row in labels()}
    with gzip.open(CORPUS, "rt", encoding="utf-8") as lines:
        return {row["id"]: row for row in map(json.loads, lines) if row["id"] in wanted}


def meetings() -> Iterator[tuple[str, dict[str, Any]]]:
    for row in labels():
        for meeting in row["meetings"]:
            yield row["id"], meeting


def parties(meeting: dict[str, Any]) -> list[dict[str, Any]]:
    return [*meeting["participants"], *meeting.get("attendees", [])]


def test_rows_hold_an_id_a_batch_and_meetings_and_no_text() -> None:
    assert all(set(row) == {"id", "batch", "meetings"} for row in labels())
    assert len({row["id"] for row in labels()}) == len(labels())
    sizes = Counter(row["batch"] for row in labels())
    assert set(sizes.values()) == {BATCH_SIZE}
    assert sorted(sizes) == list(range(1, len(sizes) + 1))


def test_meetings_use_the_closed_vocabularies() -> None:
    for article_id, meeting in meetings():
        assert set(meeting) - {"attendees"} == MEETING_KEYS, article_id
        assert meeting["status"] in set(Status), article_id
        assert meeting["mode"] in set(Mode), article_id
        assert set(meeting["topics"]) <= set(Topic), article_id
        assert all(outcome["kind"] in set(OutcomeKind) and outcome["text"] for outcome in meeting["outcomes"]), article_id
        assert isinstance(meeting["background"], bool), article_id
        event = meeting["host_event"]
        assert event is None or (set(event) == {"name", "acronym"} and event["name"]), article_id


def test_dates_and_places_fit_together() -> None:
    for article_id, meeting in meetings():
        start, precision = meeting["start_date"], meeting["date_precision"]
        assert (start is None) == (precision is None), article_id
        if start is not None:
            assert date.fromisoformat(start).isoformat() == start, article_id
            assert precision in set(DatePrecision), article_id
        assert meeting["country"] is None or re.fullmatch("[A-Z]{3}", meeting["country"]), article_id
        assert meeting["country"] or not meeting["city"], article_id
        assert not (meeting["country"] and meeting["mode"] in (Mode.PHONE, Mode.VIDEO)), article_id


def test_a_meeting_has_two_parties_each_of_whom_is_told_apart() -> None:
    for article_id, meeting in meetings():
        assert len(meeting["participants"]) >= 2, article_id
        for party in parties(meeting):
            assert set(party) - {"aliases"} == PARTY_KEYS, article_id
            assert party["kind"] in set(PartyKind), article_id
            assert any(party[key] for key in PARTY_KEYS - {"kind"}), article_id
            assert "" not in party.values(), article_id
            assert party["country"] is None or re.fullmatch("[A-Z]{3}", party["country"]), article_id


@pytest.mark.shared
def test_the_corpus_holds_every_labelled_article_and_no_other_set_does() -> None:
    assert {row["id"] for row in labels()} == set(corpus())
    elsewhere = {json.loads(line)["id"] for line in LABELLED_ELSEWHERE.read_text(encoding="utf-8").splitlines()}
    assert not elsewhere & set(corpus())


@pytest.mark.shared
def test_names_stand_in_the_article() -> None:
    for article_id, meeting in meetings():
        row = corpus()[article_id]
        words = set(_words(f"{row['title']} {row['text']}"))
        for party in parties(meeting):
            absent = [word for word in _words(party["name"] or "") if word not in words]
            assert not absent, f"{article_id}: {party['name']}"


def _words(text: str) -> list[str]:
    """The text's words with marks and apostrophes gone, as two spellings of one name are compared."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char)).casefold()
    return re.findall(r"\w+", re.sub(r"['’]s\b|['’]", "", plain))
