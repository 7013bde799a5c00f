"""The archive: records come back as they went in, a killed writer's file is made whole, other people's WARC files can be read."""

import gzip
import io
import os
import random
import signal
import subprocess
import sys
import time
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows.archiving import BODY_CAP, Archive, ArchiveError, Place
from flows.decoding import BodyDecoder, DecodingError, decode_body
from flows.outcomes import Answer, Kind, Reason, Request

NOW = datetime(2026, 3, 2, 12, 30, 15, 250_000, tzinfo=UTC)
HTML = "<html><title>Двое министров · 部長</title>".encode() + b"<p>text</p>" * 200


def answer(number: int = 1, *, wire: bytes = HTML, encoding: str | None = None, final: str | None = None) -> Answer:
    url = f"https://news.example/article/{number}"
    headers = [("Content-Type", "text/html; charset=utf-8"), ("ETag", 'W/"a"'), ("X-Odd", "caf\xe9"), ("Transfer-Encoding", "chunked")]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    return Answer(
        request=Request(url=url, kind=Kind.PAGE, key=f"key{number}"), reason=Reason.OK, started=NOW, seconds=0.1, url=final or url,
        status=200, headers=tuple(headers), wire=wire, body=HTML,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "wire"),
    [(None, HTML), ("gzip", gzip.compress(HTML)), ("br", brotli.compress(HTML)), ("zstd", zstd.compress(HTML)), (None, b""),
     (None, b"5\r\nthis is no chunk\r\n0\r\n\r\n")],
)  # fmt: skip
def test_what_was_written_is_read_back(tmp_path: Path, encoding: str | None, wire: bytes) -> None:
    archive = Archive(tmp_path)
    with archive.writer("run1", now=NOW) as writer:
        writer.write(answer(7))
        place = writer.write(answer(8, wire=wire, encoding=encoding, final="https://news.example/moved/8"))
        while_open = archive.read(place)
    page = archive.read(place)
    assert page == while_open
    assert page.body == (HTML if encoding else wire)
    assert (page.url, page.requested, page.key) == ("https://news.example/moved/8", "https://news.example/article/8", "key8")
    assert (page.status, page.fetched) == (200, NOW)
    assert page.header_map()["etag"] == 'W/"a"'
    assert archive.find("https://news.example/article/8") == archive.find("http://www.news.example/moved/8?utm_source=x") == (place,)


def test_file_is_closed_under_its_name_and_others_can_read_it(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    writer = archive.writer("run1", now=NOW)
    places = [writer.write(answer(n)) for n in range(20)]
    assert archive.files() == ()
    writer.close()
    writer.close()
    (path,) = archive.files()
    assert path.name == "20260302-run1.warc.gz"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["20260302-run1.cdxj", "20260302-run1.warc.gz"]
    assert [place for place, _ in archive.pages(path)] == places
    assert [place for place, _ in archive.pages(path, start=places[12].offset)] == places[12:]
    with path.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream, check_digests="raise")]
    assert kinds == ["warcinfo"] + ["response"] * 20


def test_a_run_may_have_several_files(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for number in range(3):
        with archive.writer("run1", now=NOW) as writer:
            writer.write(answer(number))
    assert [path.name for path in archive.files()] == [f"20260302-run1{ending}.warc.gz" for ending in ("-2", "-3", "")]
    assert len(archive.find("https://news.example/article/1")) == 1


def test_a_run_that_fetched_nothing_leaves_nothing(tmp_path: Path) -> None:
    with Archive(tmp_path).writer("run1", now=NOW):
        pass
    assert list(tmp_path.iterdir()) == []


def test_living_writers_are_left_alone(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with archive.writer("run1", now=NOW) as writer:
        writer.write(answer())
        assert archive.recover() == ()
        program = "import pathlib, sys, flows.archiving as a; print(a.Archive(pathlib.Path(sys.argv[1])).recover())"
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path],
            capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        assert done.stdout.strip() == "()"
        writer.write(answer(2))
    assert len(list(archive.pages(archive.files()[0]))) == 2


def test_places_that_are_wrong_are_errors(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with archive.writer("run1", now=NOW) as writer:
        place = writer.write(answer())
    for wrong in (
        Place(file=place.file, offset=place.offset + 1, length=place.length),
        Place(file=place.file, offset=0, length=place.offset),
        Place(file=place.file, offset=place.offset, length=place.length // 2),
        Place(file=place.file, offset=10**9, length=10),
        Place(file="../../etc/passwd", offset=0, length=100),
        Place(file="other.warc.gz", offset=0, length=100),
    ):
        with pytest.raises(ArchiveError):
            archive.read(wrong)


def test_recovery_at_every_length(tmp_path: Path) -> None:
    """Whatever was cut off, the whole records before it are kept, and the file is whole afterwards."""
    archive = Archive(tmp_path / "whole")
    with archive.writer("run1", now=NOW) as writer:
        places = [writer.write(answer(n)) for n in range(4)]
    data = archive.files()[0].read_bytes()
    rng = random.Random(5)
    for cut in sorted({0, 1, 10, places[0].offset, places[1].offset, len(data) - 1, len(data), *rng.sample(range(len(data)), 40)}):
        folder = tmp_path / str(cut)
        folder.mkdir()
        (folder / "20260302-run1.warc.gz.open").write_bytes(data[:cut])
        entries = Archive(folder).recover()
        expected = [place for place in places if place.offset + place.length <= cut]
        assert [entry.place for entry in entries] == expected
        assert [entry.key for entry in entries] == [f"key{n}" for n in range(len(expected))]
        assert all(Archive(folder).read(place).body == HTML for place in expected)
        assert Archive(folder).recover() == ()
        assert not list(folder.glob("*.open"))


def test_a_spoilt_file_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / "20260302-run1.warc.gz.open").write_bytes(gzip.compress(b"this is no WARC record\r\n\r\n"))
    archive = Archive(tmp_path)
    assert archive.recover() == ()
    assert [path.name for path in tmp_path.iterdir()] == ["20260302-run1.warc.gz.damaged"]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = Archive(tmp_path)
    with archive.writer("run1", now=NOW) as writer:
        first = writer.write(answer(1))
        stream = writer._stream

        class Full:
            """Takes half of what it is given, once, and then has no room."""

            def __init__(self) -> None:
                self.calls = 0

            def write(self, data: bytes) -> int:
                self.calls += 1
                if self.calls > 1:
                    raise OSError(28, "No space left on device")
                return stream.write(data[: len(data) // 2]) or 0

            def __getattr__(self, name: str) -> object:
                return getattr(stream, name)

        monkeypatch.setattr(writer, "_stream", Full())
        with pytest.raises(OSError, match="No space"):
            writer.write(answer(2))
        monkeypatch.setattr(writer, "_stream", stream)
        third = writer.write(answer(3))
    assert [place for place, _ in archive.pages(archive.files()[0])] == [first, third]


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from flows.archiving import Archive
from tests.test_archiving import answer
with Archive(Path(sys.argv[1])).writer("killed", now=datetime.now(UTC)) as writer:
    n = 0
    while True:
        place = writer.write(answer(n))
        print(n, place.offset, place.length, flush=True)
        n += 1
"""


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.faults) for seed in range(1, 20))])
def test_what_a_killed_writer_told_of_is_there(tmp_path: Path, seed: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(random.Random(seed).uniform(0.02, 0.2))
        os.kill(process.pid, signal.SIGKILL)
        told = [line.split() for line in process.stdout.read().splitlines() if len(line.split()) == 3]
    archive = Archive(tmp_path)
    entries = {entry.key: entry.place for entry in archive.recover()}
    assert told
    for number, offset, _ in told:
        place = entries[f"key{number}"]
        assert place.offset == int(offset)
    last = entries[f"key{told[-1][0]}"]
    assert archive.read(last).body == HTML
    assert len(list(archive.pages(archive.files()[0]))) == len(entries) >= len(told) + 1


@pytest.mark.parametrize("packed", [True, False])
def test_warc_files_of_others(tmp_path: Path, packed: bool) -> None:
    """As Common Crawl writes them: requests and metadata between, chunks left in, encodings gone or kept; and one spoilt record."""
    path = tmp_path / "CC-NEWS-1.warc.gz"
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (HTML[:100], HTML[100:])) + b"0\r\n\r\n"
    bodies = [
        (HTML, {}),
        (HTML, {"X-Crawler-Content-Encoding": "gzip", "X-Crawler-Transfer-Encoding": "chunked"}),
        (chunked, {"Transfer-Encoding": "chunked"}),
        (gzip.compress(HTML), {"Content-Encoding": "gzip"}),
        (b"\x1f\x8bspoilt", {"Content-Encoding": "gzip"}),
        (HTML, {}),
    ]
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=packed)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "other"}))
        for number, (body, headers) in enumerate(bodies):
            http = StatusAndHeaders("200 OK", [("Content-Type", "text/html"), *headers.items()], protocol="HTTP/1.1")
            url = f"https://other.example/{number}"
            ask = StatusAndHeaders(f"GET /{number} HTTP/1.1", [("Host", "other.example")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", http_headers=ask))
            writer.write_record(writer.create_warc_record(url, "response", payload=io.BytesIO(body), http_headers=http))
    pages = list(Archive(tmp_path).pages(path))
    assert [page.url for _, page in pages] == [f"https://other.example/{n}" for n in (0, 1, 2, 3, 5)]
    assert all(page.body == HTML for _, page in pages)
    assert all(Archive(tmp_path).read(place).body == HTML for place, _ in pages)
    data = path.read_bytes()
    cut = tmp_path / "cut.warc.gz"
    cut.write_bytes(data[: len(data) // 2])
    seen = []
    with pytest.raises(ArchiveError):
        for _, page in Archive(tmp_path).pages(cut):
            seen.append(page.url)
    assert seen[:2] == ["https://other.example/0", "https://other.example/1"]


# ── decoding ──

ENCODERS = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstd.compress, "": bytes}


@given(data=st.binary(max_size=3_000), step=st.integers(1, 500), name=st.sampled_from(sorted(ENCODERS)))
def test_any_body_in_any_pieces_comes_out_whole(data: bytes, step: int, name: str) -> None:
    wire = ENCODERS[name](data)
    decoder = BodyDecoder(name, cap=3_000)
    for start in range(0, len(wire), step):
        decoder.feed(wire[start : start + step])
    if data[:2] == b"\x1f\x8b" and name:
        return
    assert decoder.finish() == data


@given(data=st.binary(max_size=500), name=st.sampled_from(["gzip", "deflate", "br", "zstd", "x-gzip", "identity", "lzma", "gzip, br"]))
def test_any_bytes_decode_or_are_refused(data: bytes, name: str) -> None:
    try:
        assert len(decode_body(data, name, cap=10_000)) <= 10_000
    except DecodingError as error:
        assert str(error)


@pytest.mark.parametrize("name", ["gzip", "deflate", "br", "zstd"])
def test_a_cut_body_is_told_from_a_whole_one(name: str) -> None:
    wire = ENCODERS[name](HTML)
    for cut in range(8, len(wire), 7):
        with pytest.raises(DecodingError):
            decode_body(wire[:cut], name, cap=BODY_CAP)


def test_members_follow_members() -> None:
    assert decode_body(gzip.compress(b"a") + gzip.compress(b"b") + b"\r\n", "gzip", cap=10) == b"ab"
    assert decode_body(zstd.compress(b"a") + zstd.compress(b"b"), "zstd", cap=10) == b"ab"
