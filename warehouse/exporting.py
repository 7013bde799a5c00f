"""Taking meetings out: Parquet by month, CSV, JSON lines, or one database file; from the published copy, so the loader never waits.

The contract: one file set for each of TABLES, with the columns that docs/dictionary.md lists, in that order; columns are only ever added
at the end. Parquet files lie under `<table>/year=…/month=…/` by the day of the meeting (unknown days under year=0), the other forms in
`<table>.csv` and `<table>.jsonl`. Times are UTC, ISO 8601. Lists and structs stay what they are in Parquet and JSON, and are JSON in CSV.
"""

import shutil
from enum import StrEnum
from pathlib import Path

import duckdb

from warehouse.connection import open_published
from warehouse.durable import full_disk_named, replace_durably
from warehouse.errors import WarehouseError

TABLES = ("meeting_list", "participant_list", "meeting_report", "outcome_list", "status_history", "dyad")


class Form(StrEnum):
    """Form of an export."""

    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"
    DUCKDB = "duckdb"
    DUCKDB_COMPATIBLE = "duckdb-compat"


STORAGE = "v1.5.0"
"""The storage version that older command lines (1.5) read."""


def export(published: Path, target: Path, form: Form) -> tuple[Path, ...]:
    """Writes the export into the folder `target` (for the database forms: to the file `target`) and returns what was written.

    The folder must be new or empty; it appears whole or not at all. Raises WarehouseError, NotPublished, DiskFull.
    """
    if form in (Form.DUCKDB, Form.DUCKDB_COMPATIBLE):
        return (snapshot(published, target, storage=STORAGE if form is Form.DUCKDB_COMPATIBLE else None),)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise WarehouseError(f"{target} is there already: name a new or empty folder")
    temporary = target.with_name(f".{target.name}.new")
    shutil.rmtree(temporary, ignore_errors=True)
    with full_disk_named(str(target), leftovers=temporary):
        temporary.mkdir(parents=True)
        connection = open_published(published)
        try:
            for table in TABLES:
                _export_table(connection, table, temporary, form)
        finally:
            connection.close()
        if target.exists():
            target.rmdir()
        temporary.rename(target)
    return tuple(sorted(path for path in target.rglob("*") if path.is_file()))


def _export_table(connection: duckdb.DuckDBPyConnection, table: str, folder: Path, form: Form) -> None:
    has_day = _has_day(connection, table)
    order = "meeting_id" if table != "dyad" else "event_id"
    if form is Form.PARQUET:
        day = "day" if has_day else f"(SELECT m.day FROM meeting m WHERE m.meeting_id = t.{order})"
        connection.execute(f"""
            COPY (SELECT t.*, coalesce(year({day}), 0) AS year, coalesce(month({day}), 0) AS month FROM {table} t ORDER BY {order})
            TO '{_quoted(folder / table)}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (year, month))""")
    elif form is Form.CSV:
        connection.execute(f"COPY (SELECT * FROM {table} ORDER BY ALL) TO '{_quoted(folder / table)}.csv' (FORMAT csv, HEADER)")
    else:
        connection.execute(f"COPY (SELECT * FROM {table} ORDER BY ALL) TO '{_quoted(folder / table)}.jsonl' (FORMAT json)")


def _has_day(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    columns = connection.execute("SELECT column_name FROM duckdb_columns() WHERE table_name = ?", [table]).fetchall()
    return ("day",) in columns


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def snapshot(published: Path, target: Path, *, storage: str | None = None) -> Path:
    """One database file with everything, renamed to `target` when it is whole. `storage` is the storage version of an older DuckDB
    that has to read it ("v1.5.0"): slower to make, and larger."""
    temporary = target.with_name(f".{target.name}.new")
    temporary.unlink(missing_ok=True)
    with full_disk_named(str(target), leftovers=temporary):
        if storage is None:
            open_published(published).close()  # says what is wrong where there is none
            shutil.copyfile(published, temporary)
        else:
            _copy_database(published, temporary, storage)
        replace_durably(temporary, target)
    return target


def _copy_database(published: Path, target: Path, storage: str) -> None:
    open_published(published).close()
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH '{_quoted(published)}' AS source (READ_ONLY)")
        connection.execute(f"ATTACH '{_quoted(target)}' AS target (STORAGE_VERSION '{storage}')")
        connection.execute("COPY FROM DATABASE source TO target")
        connection.execute("CHECKPOINT target")
    finally:
        connection.close()
