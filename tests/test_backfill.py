"""Taking in files: the three kinds, bad parts, resuming, and a dry run."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows import backfill
from flows.backfill import BadInput, Intake, check_path, readings, take_path
from flows.reading import Unread
from flows.sample import SITE
from flows.settings import Settings
from flows.workplace import Workplace, open_workplace
from warehouse.asking import holdings
from warehouse.loading import load_pending

LINE = {
    "id": 1,
    "title": "Fish",
    "text": "Norwegian Fisheries Minister Ingrid Solvang met Peru's Production Minister Rafael Quiroga Tello in Lima on Tuesday.",
    "published": "2025-11-19",
}


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with open_workplace(Settings(home=tmp_path / "home", workers=1)) as opened:
        yield opened


def take(place: Workplace, path: Path, *, dry_run: bool = False) -> Intake:
    intake = Intake()
    with place.ledger.run("backfill", now=place.clock()) as run:
        take_path.fn(place, run, path, intake, dry_run=dry_run)
    return intake


def write_lines(path: Path, count: int) -> Path:
    path.write_text("".join(json.dumps({**LINE, "id": number, "url": f"https://a.example/{number}"}) + "\n" for number in range(count)))
    return path


def write_warc(path: Path) -> Path:
    page = (Path(str(SITE)) / "harbour-post/2025/11/19/norway-peru-fisheries.html").read_bytes()
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for status, url in (("200 OK", "https://a.example/fish"), ("404 Not Found", "https://a.example/gone")):
            headers = StatusAndHeaders(status, [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1")
            writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(page), http_headers=headers))
    return path


def test_lines_are_taken_in_once(place: Workplace, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "articles.jsonl", 3)
    first = take(place, path)
    assert (first.articles, first.mentions, len(first.bundles), first.skipped) == (3, 3, 1, 0)
    again = take(place, path)
    assert (again.articles, again.skipped, again.bundles) == (0, 3, [])
    load_pending(place.paths)
    assert holdings(place.paths.published).articles == 3


def test_a_killed_backfill_goes_on_after_its_last_bundle(place: Workplace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_lines(tmp_path / "articles.jsonl", 5)
    monkeypatch.setattr(backfill, "BATCH", 2)
    written: list[str] = []

    def fail_on_the_third(*arguments: object) -> Path:
        if len(written) == 2:
            raise KeyboardInterrupt
        folder = write(*arguments)  # type: ignore[arg-type]
        written.append(folder.name)
        return folder

    write = backfill.write_bundle
    monkeypatch.setattr(backfill, "write_bundle", fail_on_the_third)
    with pytest.raises(KeyboardInterrupt):
        take(place, path)
    monkeypatch.setattr(backfill, "write_bundle", write)
    rest = take(place, path)
    assert (rest.skipped, rest.articles) == (4, 1)
    load_pending(place.paths)
    assert holdings(place.paths.published).articles == 5


def test_a_dry_run_counts_and_writes_nothing(place: Workplace, tmp_path: Path) -> None:
    intake = take(place, write_lines(tmp_path / "articles.jsonl", 2), dry_run=True)
    assert (intake.articles, intake.bundles) == (2, [])
    assert not place.paths.inbox.exists()
    assert not (place.settings.home / "backfill").exists()


def test_bad_lines_are_named_and_the_rest_goes_on(place: Workplace, tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl.gz"
    path.write_bytes(gzip.compress(f"{json.dumps(LINE)}\nnot json\n\n{json.dumps({'id': 2})}\n".encode()))
    intake = take(place, path)
    assert (intake.articles, dict(intake.failures)) == (1, {"bad_line": 2})
    details = [r.ready.detail for r in readings(path) if isinstance(r.ready, Unread)]
    assert [detail.split(":")[0] for detail in details] == ["line 2", "line 4"]


def test_a_folder_of_pages_and_a_web_archive(place: Workplace, tmp_path: Path) -> None:
    pages = Path(str(SITE)) / "meridian-wire" / "stories"
    intake = take(place, pages)
    assert intake.articles == 10
    assert intake.mentions >= 6
    archive = take(place, write_warc(tmp_path / "crawl.warc.gz"))
    assert (archive.articles, archive.mentions) == (1, 1), "the page that was not found is left out"


def test_a_broken_archive_gives_what_it_holds_and_says_so(place: Workplace, tmp_path: Path) -> None:
    path = write_warc(tmp_path / "crawl.warc.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 4])
    intake = take(place, path)
    assert intake.articles == 1
    assert dict(intake.failures) == {"archive_damaged": 1}


@pytest.mark.parametrize("name", ["nothing.jsonl", "table.xlsx"])
def test_what_cannot_be_taken_in_is_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / "table.xlsx").write_bytes(b"PK")
    with pytest.raises(BadInput, match=name):
        check_path(tmp_path / name)
