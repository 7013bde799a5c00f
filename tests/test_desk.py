"""The analyst's desk from the command line, on a small warehouse of its own."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import icalendar
import pytest

from flows.cli import run_command
from parsers.records import HostEvent, RoleClass, Status
from tests.warehouse_world import entry, meeting, party
from warehouse import Bundle, WarehousePaths, load_pending, write_bundle

ICT = "minister of information technology"
MORADI = party("Sattar Moradi", "IRN", ICT, RoleClass.MINISTER)
BELKACEM = party("Yacine Belkacem", "DZA", ICT, RoleClass.MINISTER)
KAMAU = party("Wanjiru Kamau", "KEN", "foreign minister", RoleClass.FOREIGN_MINISTER)
FORUM = HostEvent(name="World Energy Forum 2025", acronym="WEF-25")
URL = "https://paper1.example/1"

Answer = tuple[int, str, str]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three meetings, one of them told by two outlets."""
    home = tmp_path_factory.mktemp("home")
    paths = WarehousePaths.under(home)
    told = meeting(MORADI, BELKACEM, start=date(2025, 11, 5), city="Baku", country="AZE", event=FORUM)
    again = replace(told, city="Tehran", country="IRN")
    planned = meeting(KAMAU, BELKACEM, status=Status.PLANNED, start=date(2099, 1, 2), city="Nairobi", country="KEN")
    entries = (
        entry(1, [told]),
        entry(2, [again], text="They met for talks. Another paper tells of it in words of its own, and at some length."),
        entry(3, [planned], text="They met for talks. The Kenyan minister is to see the Algerian one in the new year."),
    )
    write_bundle(paths.inbox, Bundle(articles=entries))
    load_pending(paths)
    return home


@pytest.fixture
def call(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Answer]]:
    monkeypatch.setenv("SIDELINES_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object) -> Answer:
        status = run_command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    yield run


def rows(answer: Answer) -> list[dict[str, str]]:
    status, out, err = answer
    assert (status, err) == (0, "")
    return [dict(row) for row in json.loads(out)]


def test_who_knows_a_person_by_any_part_of_the_name(call: Callable[..., Answer]) -> None:
    found = rows(call("who", "moradi", "--format", "json"))
    assert [row["parties"] for row in found] == ["Sattar Moradi (IRN) – Yacine Belkacem (DZA)"]

    status, out, _ = call("who", "belkacem")
    assert status == 0
    assert "minister of" in out
    assert max(len(line) for line in out.splitlines()) <= 80


def test_country_and_event_list_their_meetings(call: Callable[..., Answer]) -> None:
    assert {row["status"] for row in rows(call("country", "Algeria", "--format", "json"))} == {"held", "planned"}
    assert len(rows(call("country", "KEN", "--format", "json"))) == 1
    assert len(rows(call("event", "WEF-25", "--format", "json"))) == 1
    status, out, _ = call("country", "DZA", "--format", "csv")
    assert status == 0
    assert len(list(csv.DictReader(io.StringIO(out)))) == 2


def test_nothing_found_is_said(call: Callable[..., Answer]) -> None:
    assert "Nobody called 'Xyzzy'" in call("who", "Xyzzy")[1]
    status, _, err = call("country", "Atlantis")
    assert (status, len(err.splitlines())) == (2, 1)


def test_why_shows_outlets_words_and_reasons(call: Callable[..., Answer]) -> None:
    (row,) = rows(call("event", "WEF-25", "--format", "json"))
    status, out, _ = call("why", row["id"])
    assert status == 0
    flat = " ".join(out.split())
    for words in (URL, "https://paper2.example/2", "They met for talks", "2 articles of 2 outlets", row["meeting_id"]):
        assert words in flat

    status, _, err = call("why", "ffffff")
    assert (status, err.count("\n")) == (1, 1)


def test_article_marks_the_proof_in_the_text(call: Callable[..., Answer]) -> None:
    status, out, _ = call("article", URL)
    assert status == 0
    assert "[1:They met for talks.]" in out
    assert "[1] held: Sattar Moradi (IRN) – Yacine Belkacem (DZA)" in out

    story = json.loads(call("article", URL, "--format", "json")[1])
    (proof,) = story["mentions"][0]["proofs"]
    assert story["text"][proof["start"] : proof["end"]] == "They met for talks."
    assert call("article", "https://paper1.example/none")[0] == 1
    assert call("article", "page.html")[0] == 2


def test_report_is_written_whole(call: Callable[..., Answer], tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    status, out, _ = call("report", "--since", "2025-11-01", "-o", target)
    assert status == 0
    assert "2 meetings" in out
    assert target.read_text("utf-8").startswith("<!doctype html>")
    assert not list(tmp_path.glob("*.new"))


def test_watches_are_added_tested_and_removed(call: Callable[..., Answer], home: Path) -> None:
    status, out, _ = call("watch", "add", "--country", "Kenya")
    assert status == 0
    assert "1 meetings are known" in out
    calendar = icalendar.Calendar.from_ical((home / "watches" / "ken.ics").read_bytes())
    assert [str(e["status"]) for e in calendar.walk("VEVENT")] == ["TENTATIVE"]

    assert [row["news"] for row in rows(call("watch", "test", "ken", "--format", "json"))] == [""]
    assert [row["watch"] for row in rows(call("watch", "list", "--format", "json"))] == ["ken"]
    assert call("watch", "remove", "ken")[0] == 0
    assert not (home / "watches" / "ken.ics").exists()
    status, _, err = call("watch", "test", "ken")
    assert (status, err) == (1, "sidelines: there is no watch ken\n")


def test_a_correction_holds_is_listed_and_can_be_withdrawn(call: Callable[..., Answer]) -> None:
    (row,) = rows(call("country", "KEN", "--format", "json"))
    assert call("correct", "not-a-meeting", row["meeting_id"], "--reason", "only a wish", "--by", "a reader")[0] == 0
    assert rows(call("country", "KEN", "--format", "json")) == []

    (kept,) = rows(call("correct", "list", "--format", "json"))
    assert (kept["note"], kept["made_by"]) == ("only a wish", "a reader")
    assert call("correct", "withdraw", kept["correction_id"], "--reason", "it was one after all")[0] == 0
    assert len(rows(call("country", "KEN", "--format", "json"))) == 1

    mention = rows(call("country", "KEN", "--format", "json"))[0]["meeting_id"]
    assert call("correct", "date", mention, "2099-02-03", "--reason", "the ministry says so")[0] == 0
    assert rows(call("country", "KEN", "--format", "json"))[0]["day"] == "2099-02-03"
    assert call("correct", "party", mention, "--number", 1, "--name", "Wanjiru K. Kamau", "--reason", "her full name")[0] == 0
    assert "Wanjiru K. Kamau" in rows(call("country", "KEN", "--format", "json"))[0]["parties"]
    assert call("correct", "party", mention, "--reason", "nothing given")[0] == 2


def test_sql_with_no_statement_opens_harlequin_where_there_is_one(
    call: Callable[..., Answer], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    status, _, err = call("sql")
    assert (status, "harlequin is not installed" in err) == (2, True)

    program = tmp_path / "harlequin"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    opened: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda path, arguments: opened.append([path, *arguments]))
    assert call("sql")[0] == 0
    assert opened == [[str(program), str(program), "--read-only", str(home / "published.duckdb")]]


def test_the_example_draws_its_plots(home: Path, tmp_path: Path) -> None:
    import runpy

    target = tmp_path / "plots.html"
    example = runpy.run_path(str(Path(__file__).resolve().parent.parent / "examples" / "plots.py"))
    example["draw"](home / "published.duckdb", target)
    assert "Countries that met most" in target.read_text("utf-8")
