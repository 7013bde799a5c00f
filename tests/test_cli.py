"""The command line: exact contracts, one line for what is wrong, exit status 0, 1 or 2."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from flows import cli
from flows.cli import run_command
from flows.sample import SITE

GOOD = {
    "id": "a1",
    "title": "Norway and Peru talk about fish",
    "text": "LIMA – Norwegian Fisheries Minister Ingrid Solvang met Peru's Production Minister Rafael Quiroga Tello in Lima on Tuesday.",
    "published": "2025-11-19T16:05:00-05:00",
    "url": "https://harbour-post.example/1",
    "language": "en",
    "section": "an unknown field",
}
KEYS = {
    "status", "mode", "start_date", "end_date", "date_precision", "city", "country", "venue", "host_event", "participants", "topics",
    "outcomes", "background", "evidence", "confidence",
}  # fmt: skip
PARTY_KEYS = {"name", "role", "country", "organization", "kind"}
RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><item><title>One &amp; only</title><link>/a</link>
<guid isPermaLink="false">g-1</guid><pubDate>Sat, 22 Nov 2025 09:40:00 +0330</pubDate></item>
<item><title>Two</title></item></channel></rss>"""

Answer = tuple[int, str, str]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Runs a command line in this process: (status, standard output, standard error)."""

    def run(*arguments: object) -> Answer:
        status = run_command([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    path = tmp_path / "articles.jsonl"
    path.write_text(json.dumps(GOOD) + "\n", encoding="utf-8")
    return path


def test_extract_writes_the_guidelines_record(call: Callable[..., Answer], articles: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert call("extract", articles, "-o", out) == (0, "", "")
    (line,) = [json.loads(text) for text in out.read_text("utf-8").splitlines()]
    assert set(line) == {"id", "meetings"}
    assert line["id"] == "a1"
    (meeting,) = line["meetings"]
    assert set(meeting) == KEYS
    assert meeting["status"] == "held"
    assert {party["name"] for party in meeting["participants"]} == {"Ingrid Solvang", "Rafael Quiroga Tello"}
    assert all(set(party) == PARTY_KEYS for party in meeting["participants"])
    assert {party["country"] for party in meeting["participants"]} == {"NOR", "PER"}
    assert meeting["evidence"]
    assert all(0 <= start < end <= len(GOOD["text"]) for start, end in meeting["evidence"])
    assert 0 <= meeting["confidence"] <= 1


def test_bad_lines_are_named_and_good_ones_answered_in_order(call: Callable[..., Answer], tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl"
    lines = [
        json.dumps({**GOOD, "id": 7}),
        "{not json",
        json.dumps({"id": "no text"}),
        "",
        json.dumps({**GOOD, "id": "b", "published": "last week"}),
        json.dumps({"text": "no id"}),
        json.dumps({"id": "c", "text": "", "title": None, "published": None}),
        "[1, 2]",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    status, out, err = call("extract", path)
    assert status == 1
    assert [json.loads(line)["id"] for line in out.splitlines()] == [7, "c"]
    named = [int(line.split("line ")[1].split(":")[0]) for line in err.splitlines()]
    assert named == [2, 3, 5, 6, 8]
    assert "published: not an ISO date: 'last week'" in err


def test_many_articles_come_out_in_order_from_several_workers(call: Callable[..., Answer], tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text("".join(json.dumps({**GOOD, "id": number, "text": GOOD["text"] * (number % 3)}) + "\n" for number in range(100)))
    status, out, _ = call("extract", path, "--workers", 2)
    assert status == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == list(range(100))


def test_streams_stand_in_for_files(call: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(GOOD).encode())))
    status, out, _ = call("extract", "-", "-o", "-")
    assert status == 0
    assert json.loads(out)["id"] == "a1"


def test_lone_surrogates_survive(call: Callable[..., Answer], tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b'{"id": "x\\ud800", "text": "Broken \\udfff text."}\n')
    out = tmp_path / "out.jsonl"
    assert call("extract", path, "-o", out)[0] == 0
    assert json.loads(out.read_bytes()) == {"id": "x\ud800", "meetings": []}


def test_explain_shows_what_fired(call: Callable[..., Answer], articles: Path) -> None:
    status, out, _ = call("extract", articles, "--explain")
    assert status == 0
    assert "cue:" in out
    assert "Ingrid Solvang" in out


def test_feed_prints_items_as_lines(call: Callable[..., Answer], tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_bytes(RSS)
    status, out, _ = call("feed", path, "--url", "https://harbour-post.example/feed.xml")
    assert status == 0
    first, second = [json.loads(line) for line in out.splitlines()]
    assert set(first) == {"id", "link", "title", "authors", "published", "updated", "summary", "content"}
    assert (first["id"], first["link"], first["title"]) == ("g-1", "https://harbour-post.example/a", "One & only")
    assert first["published"] in {"2025-11-22T09:40:00+03:30", "2025-11-22T06:10:00+00:00"}
    assert second["id"] is None


def test_a_page_in_place_of_a_feed_is_one_line(call: Callable[..., Answer], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<!doctype html><html><body><p>Hello</p></body></html>")
    status, out, err = call("feed", path, "--url", "https://harbour-post.example/")
    assert (status, out) == (1, "")
    assert err.startswith("sidelines: ")
    assert len(err.splitlines()) == 1


def test_article_prints_each_field_and_its_source(call: Callable[..., Answer]) -> None:
    page = Path(str(SITE)) / "harbour-post/2025/11/22/iran-ict-talks-baku.html"
    status, out, _ = call("article", page, "--url", "https://harbour-post.example/2025/11/22/iran-ict-talks-baku.html")
    assert status == 0
    form = json.loads(out)
    wanted = {"title", "title_candidates", "authors", "published", "modified", "language", "dateline", "credit", "text", "sources"}
    assert wanted <= set(form)
    assert form["title"] == "Iran’s ICT minister sees Algeria, Kenya and the ITU chief in Baku"
    assert form["title"] in form["title_candidates"]
    assert form["published"] == form["modified"] == "2025-11-22T09:40:00+03:30"
    assert form["language"] == "en"
    assert form["dateline"]["city"].casefold() == "tehran"
    assert form["text"].startswith("TEHRAN – Iran’s Information")
    assert "Read also" not in form["text"]
    assert set(form["sources"]) >= {"title", "published", "text"}


def test_a_page_that_is_none_is_one_line(call: Callable[..., Answer]) -> None:
    page = Path(str(SITE)) / "harbour-post/2025/11/21/scanned-page.html"
    status, out, err = call("article", page, "--url", "https://harbour-post.example/x")
    assert (status, out) == (1, "")
    assert err == "sidelines: empty or binary\n"


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["extract"], 2), (["extract", "nowhere.jsonl"], 1), (["no-such-command"], 2), (["feed", "x.xml"], 2), (["extract", "."], 1)],
)
def test_what_is_wrong_is_one_line(call: Callable[..., Answer], arguments: list[str], status: int) -> None:
    got, out, err = call(*arguments)
    assert (got, out) == (status, "")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


def test_an_unforeseen_error_is_one_line_too(call: Callable[..., Answer], articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **options: object) -> None:
        raise RuntimeError("something\nnobody thought of")

    monkeypatch.setattr("flows.extracting.extract_lines", fail)
    status, _, err = call("extract", articles)
    assert (status, err) == (1, "sidelines: RuntimeError: something nobody thought of\n")


def test_help_starts_fast_and_without_prefect() -> None:
    """Commands that need no Prefect must not pay for it: its import takes longer than most of them."""
    code = (
        "import sys\nfrom flows.cli import run_command\nrun_command(['--help'])\n"
        "import flows.extracting, parsers.feed\nprint([m for m in ('prefect', 'duckdb', 'aiohttp') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_every_command_and_option_explains_itself(call: Callable[..., Answer]) -> None:
    names = [command.name or command.callback.__name__ for command in cli.app.registered_commands if command.callback]
    assert names
    for name in names:
        status, out, _ = call(name, "--help")
        assert status == 0
        assert "Usage: sidelines" in out
