"""Opening the database: the loader's one writing connection, and readers of the published copy."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import duckdb

from warehouse.errors import DamagedDatabase, DiskFull, NotPublished, QueryError, WarehouseError


@dataclass(frozen=True, slots=True, kw_only=True)
class WarehousePaths:
    """Where a warehouse lives. All folders are made on first use; keep them on one file system, so that renames are atomic."""

    inbox: Path
    """folder into which bundles are renamed"""
    done: Path
    """folder of bundles that were loaded"""
    quarantine: Path
    """folder of bundles that could not be loaded, each with a `reason.json`"""
    database: Path
    """the loader's own file; nobody else opens it"""
    published: Path
    """the copy that analysts open"""
    lock: Path
    """file that the loader locks"""

    @classmethod
    def under(cls, home: Path) -> "WarehousePaths":
        """The usual layout below one folder."""
        return cls(inbox=home / "inbox", done=home / "done", quarantine=home / "quarantine", database=home / "warehouse.duckdb",
                   published=home / "published.duckdb", lock=home / "warehouse.lock")

    def make_folders(self) -> None:
        for folder in (self.inbox, self.done, self.quarantine, self.database.parent, self.published.parent, self.lock.parent):
            folder.mkdir(parents=True, exist_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Limits of the loader's connection. memory as DuckDB writes it ("1GB"); group is how many rows one transaction takes."""

    memory: str = "1GB"
    threads: int = 2
    group: int = 500_000


@contextmanager
def loader_lock(paths: WarehousePaths) -> Iterator[None]:
    """Waits until no other loader runs on this machine. The lock ends with the process, however it ends."""
    paths.make_folders()
    with paths.lock.open("a") as file:
        flock(file, LOCK_EX)
        yield


@contextmanager
def open_writer(database: Path, engine: Engine) -> Iterator[duckdb.DuckDBPyConnection]:
    """The writing connection, under `loader_lock`; closed at the end. Raises DamagedDatabase where the file cannot be opened."""
    connection = connect(database, engine)
    try:
        yield connection
    finally:
        connection.close()


def connect(database: Path, engine: Engine) -> duckdb.DuckDBPyConnection:
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": engine.memory, "threads": engine.threads, "temp_directory": str(database.parent / "spill"),
    }
    try:
        connection = duckdb.connect(str(database), config=config)
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        return connection
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        if "Conflicting lock" in message:
            raise WarehouseError(f"{database} is open in another program: {message}") from error
        raise DamagedDatabase(f"{database} cannot be opened: {message}") from error


def open_published(path: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the published copy, in UTC.

    The connection keeps the copy that it opened, also when a newer one is published. A process that wants the newer one must close
    all its connections first. Raises NotPublished where there is none.
    """
    if not path.exists():
        raise NotPublished(f"nothing is published yet at {path}: run `sidelines run` first")
    try:
        connection = duckdb.connect(str(path), read_only=True)
        connection.execute("SET TimeZone = 'UTC'")
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be opened: {str(error).splitlines()[0]}") from error
    return connection


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows of a query, and the names of their columns."""

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]


def query(path: Path, sql: str, parameters: Sequence[object] | Mapping[str, object] = ()) -> Answer:
    """The answer of the published copy to one SELECT. Raises QueryError with DuckDB's own words for SQL that it does not take."""
    connection = open_published(path)
    try:
        result = connection.execute(sql, parameters)
        rows = result.fetchall()
        return Answer(tuple(column[0] for column in result.description or ()), tuple(rows))
    except duckdb.Error as error:
        raise QueryError(str(error).strip()) from error
    finally:
        connection.close()


@contextmanager
def engine_errors(what: str) -> Iterator[None]:
    """Turns the engine's "no space left" into DiskFull; other errors pass."""
    try:
        yield
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        if any(sign in message for sign in ("No space left", "File too large", "Disk quota")):
            raise DiskFull(f"no room to write {what}: {message}") from error
        raise
