"""Watches: kept as data, told once, and read by real feed and calendar parsers."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import feedparser
import icalendar
import pytest

from flows.events import form_of
from flows.watching import (
    Watch,
    WatchAnswer,
    WatchError,
    add_watch,
    answer_watch,
    atom_feed,
    events_of,
    icalendar_file,
    read_watches,
    remove_watch,
    write_answer,
)
from tests.invented import digest_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MEETINGS = digest_of(200).meetings


def answer(watch: Watch) -> WatchAnswer:
    meetings = tuple(meeting for meeting in MEETINGS if watch.matches(meeting))
    return WatchAnswer(watch=watch, meetings=meetings, news=meetings)


def test_a_watch_asks_for_all_that_it_names() -> None:
    watch = Watch(watch_id="w", country="IRN", topic="space", status="held")
    found = answer(watch).meetings

    assert found
    for meeting in found:
        assert meeting.status == "held"
        assert "space" in meeting.topics
        assert "IRN" in {party.country for party in meeting.parties}


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"watch_id": "a b", "country": "IRN"}, "letters"),
        ({"watch_id": "w"}, "asks for nothing"),
        ({"watch_id": "w", "country": "Iran"}, "alpha-3"),
        ({"watch_id": "w", "topic": "spaceflight"}, "known are"),
        ({"watch_id": "w", "status": "done"}, "known are"),
    ],
)
def test_a_wrong_watch_says_what_is_wrong(wrong: dict[str, str], reason: str) -> None:
    with pytest.raises(WatchError, match=reason):
        Watch(**wrong)


def test_watches_are_data_that_a_person_may_edit(tmp_path: Path) -> None:
    first, second = Watch(watch_id="iran-space", country="IRN", topic="space"), Watch(watch_id="hashemi", person="Sattar Hashemi")
    add_watch(tmp_path, first)
    add_watch(tmp_path, second)
    add_watch(tmp_path, replace(first, topic="energy"))
    assert set(read_watches(tmp_path)) == {second, replace(first, topic="energy")}

    remove_watch(tmp_path, "hashemi")
    assert [watch.watch_id for watch in read_watches(tmp_path)] == ["iran-space"]
    with pytest.raises(WatchError, match="no watch hashemi"):
        remove_watch(tmp_path, "hashemi")

    (tmp_path / "watches.toml").write_text('[[watch]]\nwatch_id = "w"\ncuntry = "IRN"\n', encoding="utf-8")
    with pytest.raises(WatchError, match="cuntry"):
        read_watches(tmp_path)


def test_a_meeting_is_told_when_new_or_changed_and_not_again(tmp_path: Path) -> None:
    watch = Watch(watch_id="iran", country="IRN")
    before = answer_watch(tmp_path, watch, MEETINGS[:50])
    assert before.news == before.meetings
    write_answer(tmp_path, before, now=NOW)
    assert answer_watch(tmp_path, watch, MEETINGS[:50]).news == ()

    changed = replace(before.meetings[0], city="Geneva")
    after = answer_watch(tmp_path, watch, (changed, *MEETINGS[:80]))
    fresh = [m for m in MEETINGS[50:80] if watch.matches(m)]
    assert set(after.news) == {changed, *fresh}


def test_a_torn_memory_tells_again_and_does_not_fail(tmp_path: Path) -> None:
    watch = Watch(watch_id="iran", country="IRN")
    write_answer(tmp_path, answer_watch(tmp_path, watch, MEETINGS), now=NOW)
    (tmp_path / "watches" / "iran.told.json").write_bytes(b'{"half')

    assert answer_watch(tmp_path, watch, MEETINGS).news == answer_watch(tmp_path, watch, MEETINGS).meetings


def test_events_name_watch_meeting_countries_and_people() -> None:
    told = answer(Watch(watch_id="iran", country="IRN"))
    form = form_of(events_of(told)[0])

    assert form["event"] == "sidelines.meeting.matched"
    assert form["resource"]["prefect.resource.id"] == "sidelines.watch.iran"
    related = {item["prefect.resource.id"] for item in form["related"]}
    assert {f"sidelines.meeting.{told.news[0].meeting_id}", "sidelines.country.IRN"} <= related


def test_the_feed_is_read_by_a_feed_reader() -> None:
    told = answer(Watch(watch_id="iran", country="IRN"))
    feed = feedparser.parse(io.BytesIO(atom_feed(told, now=NOW)))

    assert not feed.bozo
    assert feed.version == "atom10"
    assert [entry.id for entry in feed.entries] == [f"urn:uuid:{meeting.meeting_id}" for meeting in told.meetings]
    assert all(entry.link.startswith("https://news.example/") for entry in feed.entries)


def test_the_calendar_is_read_by_a_calendar_reader() -> None:
    told = answer(Watch(watch_id="iran", country="IRN"))
    calendar = icalendar.Calendar.from_ical(icalendar_file(told, now=NOW))
    events = {str(event["uid"]): event for event in calendar.walk("VEVENT")}

    dated = [meeting for meeting in told.meetings if meeting.start_date]
    assert len(events) == len(dated)
    planned = next(meeting for meeting in dated if meeting.status == "planned")
    event = events[f"{planned.meeting_id}@sidelines"]
    assert event.decoded("dtstart") == planned.start_date
    assert event.decoded("dtstart") > date(2026, 3, 1)
    assert str(event["status"]) == "TENTATIVE"


def test_control_characters_break_neither_feed_nor_calendar() -> None:
    told = answer(Watch(watch_id="iran", country="IRN"))
    report = replace(told.meetings[0].reports[0], sentence="a\x1b]0;b\x07", url="https://x.example/\x01")
    told = replace(told, meetings=tuple(replace(m, city="Ba\x00ku\x0b", reports=(report,)) for m in told.meetings))

    assert not feedparser.parse(io.BytesIO(atom_feed(told, now=NOW))).bozo
    assert len(icalendar.Calendar.from_ical(icalendar_file(told, now=NOW)).walk("VEVENT")) > 0
