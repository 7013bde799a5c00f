"""Bundles: the rows of one run as Parquet files with a manifest, written once and renamed into the inbox.

A bundle is a folder `<newest observed_at>-<hash>` with one `<table>.parquet` for each table that has rows, and `manifest.json`:
{"format": 1, "tables": {table: {"rows": n, "sha256": hex}}}. Its name follows from its contents, so the same rows written twice are the
same bundle. Any number of processes may write bundles at once; none of them opens the database.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from parsers import identity
from parsers.records import Dateline, Meeting
from warehouse.durable import full_disk_named, sync_folder, write_durably
from warehouse.errors import BundleError
from warehouse.rows import ArticleEntry, Correction, Country, FetchFailure, PipelineRun, Source, SourceHealth, TopicName
from warehouse.schema import BUNDLED, SCHEMA_VERSION, Table

MANIFEST = "manifest.json"
TEMPORARY = ".writing-"
"""How the name of a folder begins that is still being written; the loader passes it over."""

Row = Mapping[str, object]
_ARROW_TYPES: Mapping[str, pa.DataType] = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "SMALLINT": pa.int16(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(), "TIMESTAMPTZ": pa.timestamp("us", tz="UTC"), "VARCHAR[]": pa.list_(pa.string()),
    "UINTEGER[]": pa.list_(pa.uint32()),
    "MAP(VARCHAR, VARCHAR)": pa.map_(pa.string(), pa.string()), "MAP(VARCHAR, BIGINT)": pa.map_(pa.string(), pa.int64()),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The rows of one run. Of two entries with one address, the one observed last is kept."""

    articles: tuple[ArticleEntry, ...] = ()
    sources: tuple[Source, ...] = ()
    source_health: tuple[SourceHealth, ...] = ()
    failures: tuple[FetchFailure, ...] = ()
    runs: tuple[PipelineRun, ...] = ()
    countries: tuple[Country, ...] = ()
    topics: tuple[TopicName, ...] = ()
    corrections: tuple[Correction, ...] = ()


def write_bundle(inbox: Path, bundle: Bundle) -> Path:
    """Writes the bundle durably and returns its folder in `inbox`; the loader sees it whole or not at all.

    Raises BundleError where a row cannot be kept (a datetime without zone, an empty bundle) and DiskFull.
    """
    rows = bundle_rows(bundle)
    if not rows:
        raise BundleError("empty", "a bundle needs at least one row")
    try:
        tables = {table.name: arrow_table(table, rows[table.name]) for table in BUNDLED if table.name in rows}
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise BundleError("bad_value", f"a value does not fit its column: {error}") from error
    return write_tables(inbox, tables, _newest(bundle))


def write_tables(inbox: Path, tables: Mapping[str, pa.Table], stamp: datetime) -> Path:
    """The same for tables that are ready; `stamp` begins the bundle's name."""
    inbox.mkdir(parents=True, exist_ok=True)
    folder = inbox / f"{TEMPORARY}{uuid4().hex}"
    with full_disk_named(f"a bundle in {inbox}", leftovers=folder):
        folder.mkdir()
        entries: dict[str, dict[str, object]] = {}
        for name, table in tables.items():
            data = _parquet(table)
            write_durably(folder / f"{name}.parquet", data)
            entries[name] = {"rows": table.num_rows, "sha256": hashlib.sha256(data).hexdigest()}
        text = json.dumps({"format": SCHEMA_VERSION, "tables": entries}, sort_keys=True).encode()
        write_durably(folder / MANIFEST, text)
        sync_folder(folder)
        target = inbox / f"{stamp.astimezone(UTC):%Y%m%dT%H%M%S}-{hashlib.sha256(text).hexdigest()[:16]}"
        try:
            folder.rename(target)
        except OSError:
            if not target.is_dir():
                raise
            shutil.rmtree(folder)  # the same bundle is there already
        sync_folder(inbox)
    return target


def bundle_rows(bundle: Bundle) -> dict[str, list[Row]]:
    """Table name → rows as column → value, parents sorted by id; tables without rows are left out."""
    rows: dict[str, list[Row]] = {table.name: [] for table in BUNDLED}
    newest: dict[str, ArticleEntry] = {}
    for entry in bundle.articles:
        key = identity.url_key(entry.article.url)
        if key not in newest or newest[key].observed_at <= entry.observed_at:
            newest[key] = entry
    keyed = [(entry_id(entry), key, entry) for key, entry in newest.items()]
    for article_id, key, entry in sorted(keyed, key=lambda item: item[0]):
        _add_article(rows, article_id, key, entry)
    for name, records in (
        ("source", bundle.sources), ("source_health", bundle.source_health), ("fetch_failure", bundle.failures),
        ("pipeline_run", bundle.runs), ("country", bundle.countries), ("topic", bundle.topics),
    ):
        rows[name].extend(_plain(record) for record in records)
    rows["correction"].extend({"correction_id": correction_id(record), **_plain(record)} for record in bundle.corrections)
    return {name: table for name, table in rows.items() if table}


def entry_id(entry: ArticleEntry) -> UUID:
    """The article's id: dated by its publication, else by its first fetch, in UTC."""
    moment = entry.article.published or entry.fetched_at
    return identity.article_id(entry.article.url, None if moment is None else _utc(moment).date())


def correction_id(correction: Correction) -> UUID:
    """The id of a correction, by which a later one can withdraw it."""
    return identity.dated_id(_utc(correction.observed_at).date(), "correction", repr(sorted(_plain(correction).items(), key=str)))


def _add_article(rows: dict[str, list[Row]], article_id: UUID, key: str, entry: ArticleEntry) -> None:
    article = entry.article
    dateline = article.dateline
    content = identity.content_hash(article.url, article.title, article.text, str(article.published), str(article.modified),
                                    entry.status, entry.reason, entry.source_id)
    rows["article"].append({
        "article_id": article_id, "url_key": UUID(key), "content_hash": UUID(content),
        **_plain(article, skip=("dateline",)),
        **{f"dateline_{f.name}": None if dateline is None else getattr(dateline, f.name) for f in fields(Dateline)},
        **_plain(entry, skip=("article", "meetings")),
    })
    for ordinal, (mention_id, meeting) in enumerate(zip(identity.mention_ids(article_id, entry.meetings), entry.meetings, strict=True)):
        _add_mention(rows, article_id, mention_id, ordinal, meeting, entry)


def _add_mention(
    rows: dict[str, list[Row]], article_id: UUID, mention_id: UUID, ordinal: int, meeting: Meeting, entry: ArticleEntry
) -> None:
    event = meeting.host_event
    rows["mention"].append({
        "mention_id": mention_id, "article_id": article_id, "ordinal": ordinal,
        **_plain(meeting, skip=("participants", "evidence", "topics", "outcomes", "host_event")),
        "host_event": event.name if event else None, "host_event_acronym": event.acronym if event else None,
        "extractor_version": entry.extractor_version,
        "content_hash": UUID(identity.content_hash(repr(meeting), str(ordinal))),
    })
    for name, children in (("mention_participant", meeting.participants), ("mention_outcome", meeting.outcomes)):
        rows[name].extend({"mention_id": mention_id, "ordinal": place, **_plain(child)} for place, child in enumerate(children))
    rows["mention_topic"].extend({"mention_id": mention_id, "ordinal": n, "topic": topic} for n, topic in enumerate(meeting.topics))
    rows["mention_evidence"].extend(
        {"mention_id": mention_id, "ordinal": n, "field": proof.field, "span_start": proof.span.start, "span_end": proof.span.end,
         "item": proof.ordinal}
        for n, proof in enumerate(meeting.evidence)
    )


def _plain(record: Any, *, skip: tuple[str, ...] = ()) -> Row:
    """Field → value of a record, as it is. BundleError for a datetime without zone."""
    kind: Any = type(record)
    row = {name: getattr(record, name) for name in _field_names(kind, skip)}
    for name, value in row.items():
        if isinstance(value, datetime):
            _utc(value, where=f"{type(record).__name__}.{name}")
    return row


@cache
def _field_names(record: Any, skip: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record) if f.name not in skip)


def _utc(moment: datetime, *, where: str = "a datetime") -> datetime:
    if moment.tzinfo is None:
        raise BundleError("naive_datetime", f"{where} has no time zone: {moment}")
    return moment.astimezone(UTC)


def _newest(bundle: Bundle) -> datetime:
    groups: Iterable[Iterable[Any]] = (bundle.articles, bundle.sources, bundle.source_health, bundle.failures, bundle.runs,
                                       bundle.countries, bundle.topics, bundle.corrections)
    moments: list[datetime] = [record.observed_at for group in groups for record in group]
    return max(moments)


def arrow_table(table: Table, rows: Sequence[Row]) -> pa.Table:
    """The rows as an Arrow table with the columns of a bundle's file."""
    arrays, names = [], []
    for column in table.bundle_columns:
        values = [row[column.name] for row in rows]
        arrays.append(_array(column.sql_type, values))
        names.append(column.name)
    return pa.table(arrays, names=names)


def _array(sql_type: str, values: list[Any]) -> pa.Array:
    if sql_type == "UUID":
        packed = pa.array([_packed(value) for value in values], pa.binary(16))
        return pa.ExtensionArray.from_storage(pa.uuid(), packed)
    if sql_type.startswith("MAP"):
        values = [list(value.items() if isinstance(value, Mapping) else value) for value in values]
    return pa.array(values, _ARROW_TYPES[sql_type])


def _packed(value: UUID | int | None) -> bytes | None:
    """The 16 bytes of an id, which resolving handles as a whole number."""
    return None if value is None else value.to_bytes(16, "big") if isinstance(value, int) else value.bytes


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return bytes(sink.getvalue())


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingBundle:
    """A bundle whose files are as its manifest says. sha256 is that of the manifest; rows counts by table."""

    folder: Path
    sha256: str
    rows: Mapping[str, int]

    @property
    def name(self) -> str:
        return self.folder.name


def read_manifest(folder: Path) -> PendingBundle:
    """Checks a bundle's files against its manifest. Raises BundleError with the reason where anything is not as it should be."""
    known = {table.name: table for table in BUNDLED}
    try:
        data = (folder / MANIFEST).read_bytes()
        manifest = json.loads(data)
        form, entries = manifest["format"], manifest["tables"]
        listed = {str(name): (int(entry["rows"]), str(entry["sha256"])) for name, entry in entries.items()}
    except FileNotFoundError as error:
        raise BundleError("no_manifest", f"{folder.name} has no {MANIFEST}") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleError("bad_manifest", f"{folder.name}: {MANIFEST} cannot be read: {error}") from error
    if form != SCHEMA_VERSION:
        raise BundleError("unknown_format", f"{folder.name} has format {form!r}, this program reads {SCHEMA_VERSION}")
    for name, (rows, sha256) in listed.items():
        if name not in known:
            raise BundleError("unknown_table", f"{folder.name} holds an unknown table {name!r}")
        _check_file(folder / f"{name}.parquet", known[name], rows, sha256)
    return PendingBundle(folder=folder, sha256=hashlib.sha256(data).hexdigest(), rows={name: rows for name, (rows, _) in listed.items()})


def _check_file(path: Path, table: Table, rows: int, sha256: str) -> None:
    where = f"{path.parent.name}/{path.name}"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError("missing_file", f"{where} cannot be read: {error.strerror}") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise BundleError("hash_mismatch", f"{where} is not the file that was written")
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
    except pa.ArrowException as error:
        raise BundleError("broken_parquet", f"{where} is no Parquet file: {error}") from error
    if file.metadata.num_rows != rows:
        raise BundleError("row_count", f"{where} has {file.metadata.num_rows} rows, the manifest says {rows}")
    expected = {column.name: column.sql_type for column in table.bundle_columns}
    if set(file.schema_arrow.names) != set(expected):
        wrong = sorted(set(file.schema_arrow.names) ^ set(expected))
        raise BundleError("unknown_schema", f"{where} has other columns than {table.name}: {', '.join(wrong)}")
    for field in file.schema_arrow:
        wanted = pa.uuid() if expected[field.name] == "UUID" else _ARROW_TYPES[expected[field.name]]
        if not _same_type(field.type, wanted):
            raise BundleError("unknown_schema", f"{where}: column {field.name} is {field.type}, expected {wanted}")


def _same_type(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Equal but for the names that Parquet gives to the items of lists and maps."""
    if pa.types.is_list(wanted):
        return bool(pa.types.is_list(found) and found.value_type == wanted.value_type)
    if pa.types.is_map(wanted):
        return bool(pa.types.is_map(found) and (found.key_type, found.item_type) == (wanted.key_type, wanted.item_type))
    return bool(found == wanted)
