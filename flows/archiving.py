"""The archive: pages as they came, in WARC files that any web-archive tool reads.

    archive = Archive(settings.archive)
    archive.recover()                                  # once, at the start: closes what a killed run has left
    with archive.writer(run_id, now=now) as writer:
        place = writer.write(answer)                   # Place(file, offset, length): keep it in the ledger
    page = archive.read(place)                         # Archived: address, time, status, headers, body (decoded)
    for place, page in archive.pages(path): ...        # a whole file in order; foreign WARC files too

One file a run (or a batch of it), `<date>-<run>.warc.gz`, one gzip member a record. It is written as `….open` and renamed when it is
whole; a `Place` names the final name and is good in both states. Every record is handed to the operating system before `write` returns,
so a killed process loses none that it has told anybody of. An `….open` file whose writer is dead (it holds a lock while it lives) is cut
after its last whole record and renamed by `recover`. Beside each closed file lies an index (`.cdxj`: URL key, time, JSON).
"""

import io
import json
import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from warcio.archiveiterator import WARCIterator
from warcio.bufferedreaders import ChunkedDataException, ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from flows.addresses import BadAddress, page_key
from flows.decoding import DecodingError, decode_body
from flows.locking import hold, is_held, let_go
from flows.outcomes import Answer

ENDING = ".warc.gz"
OPEN_ENDING = ".warc.gz.open"
INDEX_ENDING = ".cdxj"
BODY_CAP = 16_000_000
_RECORD_CAP = 4 * BODY_CAP
_GZIP_LEVEL = 4  # level 9, warcio's own, took 2.7 times as long on 60 real pages, for 5 % less
_STORED = 0  # a body that came compressed goes into its gzip member as it is: packing it again saves nothing
_REQUESTED = "Sidelines-Requested-URI"
_KEY = "Sidelines-Key"


class ArchiveError(Exception):
    """A record cannot be read. The message names the file, the offset and the reason."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a record lies. file: name inside the archive's folder. offset, length: of its gzip member, bytes."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """One archived page. url: the address that answered. requested: the one that was asked. key: the caller's mark, may be empty.

    body: decoded, up to `BODY_CAP` bytes.
    """

    url: str
    requested: str
    key: str
    fetched: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header_map(self) -> dict[str, str]:
        """Headers with lower-case names; the first of doubled ones."""
        return {name.lower(): value for name, value in reversed(self.headers)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of an index: a record's place, and whose it is. `key` is the caller's mark."""

    place: Place
    url: str
    requested: str
    key: str
    fetched: datetime
    status: int


class Archive:
    """A folder of WARC files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def writer(self, run_id: str, *, now: datetime) -> "ArchiveWriter":
        """A new file for one run, or for one more batch of it."""
        stem = f"{now.astimezone(UTC):%Y%m%d}-{run_id}"
        names = (f"{stem}{ENDING}", *(f"{stem}-{number}{ENDING}" for number in range(2, 10_000)))
        free = next(name for name in names if not (self.folder / name).exists() and not (self.folder / f"{name}.open").exists())
        return ArchiveWriter(self.folder, free)

    def files(self) -> tuple[Path, ...]:
        """The closed files, oldest first."""
        return tuple(sorted(self.folder.glob(f"*{ENDING}")))

    def read(self, place: Place) -> Archived:
        """One record. Raises ArchiveError."""
        try:
            with self._open(place.file) as stream:
                stream.seek(place.offset)
                member = stream.read(place.length)
        except OSError as error:
            raise ArchiveError(f"{place.file} at {place.offset}: {error}") from error
        for _, page in _read_pages(io.BytesIO(member), f"{place.file} at {place.offset}", place.file, strict=True):
            return page
        raise ArchiveError(f"{place.file} at {place.offset}: no response record there")

    def pages(self, path: Path, *, start: int = 0) -> Iterator[tuple[Place, Archived]]:
        """All pages of a WARC file (closed, or anybody's), in its order, from the record that begins at byte `start`.

        Records that cannot be read as pages are left out. Raises ArchiveError where the file itself breaks off.
        """
        with path.open("rb") as stream:
            stream.seek(start)
            yield from _read_pages(stream, str(path.name), path.name, strict=False)

    def find(self, url: str) -> tuple[Place, ...]:
        """All records of a page's address in the closed files, oldest first, by the indexes."""
        try:
            wanted = page_key(url) + " "
        except BadAddress:
            return ()
        found = []
        for index in sorted(self.folder.glob(f"*{INDEX_ENDING}")):
            for line in index.read_text(encoding="utf-8").splitlines():
                if line.startswith(wanted):
                    fields = json.loads(line.split(" ", 2)[2])
                    found.append(Place(file=fields["filename"], offset=int(fields["offset"]), length=int(fields["length"])))
        return tuple(found)

    def recover(self) -> tuple[Entry, ...]:
        """Close the files of dead runs: cut after the last whole record, index, rename. Gives what they hold.

        The caller marks in its ledger what it did not know. Files of living writers are left alone.
        """
        recovered: list[Entry] = []
        for path in sorted(self.folder.glob(f"*{OPEN_ENDING}")):
            if is_held(path):
                continue
            try:
                stream = path.open("r+b")
            except FileNotFoundError:
                continue  # another process has just recovered it
            with stream:
                if not hold(stream.fileno(), path):
                    continue
                try:
                    recovered.extend(_close_for_the_dead(path, stream))
                finally:
                    let_go(path)
        return tuple(recovered)

    def _open(self, name: str) -> BinaryIO:
        path = self.folder / Path(name).name
        try:
            return path.open("rb")
        except FileNotFoundError:
            opened = path.with_name(path.name + ".open")
            return opened.open("rb") if opened.exists() else path.open("rb")


class ArchiveWriter:
    """Writes one run's file. Not for several threads at once. Closed by `close` or at the end of a with block."""

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._final = folder / name
        self._path = folder / (name + ".open")
        unlocked = folder / (name + ".new")
        self._stream = unlocked.open("wb", buffering=0)
        hold(self._stream.fileno(), self._path)
        unlocked.rename(self._path)  # it has the name that `recover` looks for only once it is locked
        self._end = 0
        self._index: list[Entry] = []
        buffer, warc = _new_warc()
        warc.write_record(warc.create_warcinfo_record(name, {"software": "Sidelines", "format": "WARC File Format 1.1"}))
        self._append(buffer.getvalue())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def write(self, answer: Answer) -> Place:
        """Archive the response of a successful answer. Raises OSError (a full disk), after which the file is as before."""
        buffer, warc = _new_warc()
        headers = StatusAndHeaders(f"{answer.status} {_phrase(answer.status)}", _kept(answer.headers), protocol="HTTP/1.1")
        extra = {"WARC-Date": answer.started.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"), _REQUESTED: answer.request.url}
        if answer.request.key:
            extra[_KEY] = answer.request.key
        warc.write_record(
            warc.create_warc_record(
                answer.url,
                "response",
                payload=io.BytesIO(answer.wire),
                length=len(answer.wire),
                http_headers=headers,
                warc_headers_dict=extra,
            )
        )
        place = self._append(buffer.getvalue(), level=_STORED if answer.header("Content-Encoding") else _GZIP_LEVEL)
        self._index.append(
            Entry(
                place=place,
                url=answer.url,
                requested=answer.request.url,
                key=answer.request.key,
                fetched=answer.started,
                status=answer.status or 0,
            )
        )
        return place

    def close(self) -> None:
        """Make the file whole: to the disk, indexed, under its final name. An empty one is removed. Safe to call twice."""
        if self._stream.closed:
            return
        if not self._index:
            self._path.unlink(missing_ok=True)
            self._end_lock()
            return
        os.fsync(self._stream.fileno())
        _write_index(self._final, self._index)
        self._path.rename(self._final)
        self._end_lock()
        _sync_folder(self._final.parent)

    def _end_lock(self) -> None:
        let_go(self._path)
        self._stream.close()

    def _append(self, record: bytes, *, level: int = _GZIP_LEVEL) -> Place:
        packer = zlib.compressobj(level, zlib.DEFLATED, 31)
        member = packer.compress(record) + packer.flush()
        written = 0
        try:
            while written < len(member):
                written += self._stream.write(member[written:]) or 0
        except OSError:
            self._stream.truncate(self._end)
            self._stream.seek(self._end)
            raise
        place = Place(file=self.name, offset=self._end, length=len(member))
        self._end += len(member)
        return place


def _new_warc() -> tuple[io.BytesIO, WARCWriter]:
    buffer = io.BytesIO()
    return buffer, WARCWriter(buffer, gzip=False, warc_version="1.1")


def _kept(headers: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Headers as they came, but for the transfer coding: the body is stored without its chunks."""
    return [(name, value) for name, value in headers if name.lower() != "transfer-encoding"]


def _phrase(status: int | None) -> str:
    return "OK" if status == 200 else "Answer"


def _read_pages(stream: BinaryIO, name: str, file: str, *, strict: bool) -> Iterator[tuple[Place, Archived]]:
    """Response records as pages. strict: the first that cannot be read is an error instead of being left out."""
    records = WARCIterator(stream)
    end = stream.tell()
    try:
        for record in records:
            page = _page_or_none(record, name, strict=strict)
            place = Place(file=file, offset=records.get_record_offset(), length=records.get_record_length())
            end = place.offset + place.length
            if page is not None:
                yield place, page
    except (ArchiveLoadFailed, EOFError, OSError, zlib.error) as error:
        raise ArchiveError(f"{name}: {type(error).__name__}: {error}") from error
    stream.seek(end)
    if stream.read(64).strip():
        raise ArchiveError(f"{name}: breaks off inside a record at {end}")


def _page_or_none(record: ArcWarcRecord, name: str, *, strict: bool) -> Archived | None:
    if record.rec_type != "response" or record.http_headers is None:
        return None
    try:
        return _page_of(record)
    except (DecodingError, ValueError, ChunkedDataException) as error:
        if strict:
            raise ArchiveError(f"{name}: {error}") from error
        return None


def _page_of(record: ArcWarcRecord) -> Archived:
    """A response record as a page. Raises DecodingError or ValueError; EOFError where the file ends inside the record."""
    if record.length > _RECORD_CAP:
        raise ValueError(f"a record of {record.length:,} bytes")
    headers = tuple((str(key), str(value)) for key, value in record.http_headers.headers)
    lower = {key.lower(): value for key, value in reversed(headers)}
    stream = record.raw_stream
    if "chunked" in lower.get("transfer-encoding", "").lower():
        stream = ChunkedDataReader(stream, decomp_type=None)
    wire = stream.read(BODY_CAP)
    record.raw_stream.read()
    if record.raw_stream.limit > 0:
        raise EOFError("the file ends inside a record")
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    return Archived(
        url=url,
        requested=record.rec_headers.get_header(_REQUESTED) or url,
        key=record.rec_headers.get_header(_KEY) or "",
        fetched=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
        status=int(record.http_headers.get_statuscode()),
        headers=headers,
        body=decode_body(wire, lower.get("content-encoding"), cap=BODY_CAP),
    )


def _whole_members(stream: BinaryIO) -> int:
    """How many bytes of the file are whole gzip members."""
    stream.seek(0)
    whole = position = 0
    unpacker = zlib.decompressobj(31)
    while piece := stream.read(1 << 16):
        while piece:
            try:
                unpacker.decompress(piece)
            except zlib.error:
                return whole
            if not unpacker.eof:
                position += len(piece)
                break
            position += len(piece) - len(unpacker.unused_data)
            whole, piece = position, unpacker.unused_data
            unpacker = zlib.decompressobj(31)
    return whole


def _close_for_the_dead(path: Path, stream: BinaryIO) -> tuple[Entry, ...]:
    """What a dead writer's file holds, after it was cut, indexed and renamed; an empty one is removed, a spoilt one set aside."""
    final = path.with_name(path.name.removesuffix(OPEN_ENDING) + ENDING)
    stream.truncate(_whole_members(stream))
    os.fsync(stream.fileno())
    stream.seek(0)
    try:
        entries = tuple(
            Entry(place=place, url=page.url, requested=page.requested, key=page.key, fetched=page.fetched, status=page.status)
            for place, page in _read_pages(stream, final.name, final.name, strict=False)
        )
    except ArchiveError:
        path.rename(path.with_name(path.name.removesuffix(".open") + ".damaged"))
        return ()
    if not entries:
        path.unlink()
        return ()
    _write_index(final, entries)
    path.rename(final)
    _sync_folder(final.parent)
    return entries


def _write_index(final: Path, entries: Iterable[Entry]) -> None:
    """The CDXJ file beside a WARC file, sorted; a page asked under another address than it answered has a line for each."""
    lines = set()
    for entry in entries:
        place = entry.place
        fields = json.dumps(
            {
                "url": entry.url, "status": str(entry.status),
                "length": str(place.length), "offset": str(place.offset), "filename": place.file,
            },
            ensure_ascii=False,
        )  # fmt: skip
        for address in {entry.url, entry.requested}:
            try:
                lines.add(f"{page_key(address)} {entry.fetched.astimezone(UTC):%Y%m%d%H%M%S} {fields}")
            except BadAddress:
                continue
    temporary = final.with_name(final.name + ".index-open")
    temporary.write_text("".join(line + "\n" for line in sorted(lines)), encoding="utf-8")
    temporary.replace(final.with_name(final.name.removesuffix(ENDING) + INDEX_ENDING))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
