"""Schema versions: numbered SQL files, each run once, in one transaction, remembered with its hash; forward only.

After the numbered files come what can be made again at any time: comments, views, macros and the closed vocabularies.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb

from warehouse import schema
from warehouse.errors import SchemaError

HERE = Path(__file__).parent
_LEDGER = """CREATE TABLE IF NOT EXISTS schema_migration (
    version INTEGER PRIMARY KEY, name VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, applied_at TIMESTAMPTZ NOT NULL,
    engine VARCHAR NOT NULL)"""
_NAME = re.compile(r"(\d{4})_\w+\.sql")


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One file: name without ending, first comment as description, SQL."""

    name: str
    description: str
    sql: str


def sql_files(folder: str) -> Iterator[SqlFile]:
    """The files of a folder of this package, by name."""
    for path in sorted((HERE / folder).glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        comment = " ".join(line[2:].strip() for line in _leading_comment(text))
        yield SqlFile(path.stem, comment, text)


def _leading_comment(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("--"):
            return
        yield line


def migrate(connection: duckdb.DuckDBPyConnection, *, folder: Path = HERE / "migrations", target: int | None = None) -> tuple[int, ...]:
    """Brings the database to the newest version (or `target`) and returns the versions that were applied.

    Raises SchemaError where the database is newer than the files, or a file was changed after it was applied.
    """
    connection.execute(_LEDGER)
    applied = dict(connection.execute("SELECT version, sha256 FROM schema_migration ORDER BY version").fetchall())
    paths = sorted(path for path in folder.glob("*.sql") if _NAME.fullmatch(path.name))
    if [int(path.name[:4]) for path in paths] != list(range(1, len(paths) + 1)):
        raise SchemaError(f"migrations are not numbered without gaps: {', '.join(path.name for path in paths)}")
    if applied and max(applied) > len(paths):
        raise SchemaError(f"the database has schema {max(applied)}, this program knows {len(paths)}: upgrade the program")
    done = []
    for version, path in enumerate(paths[:target], 1):
        sql = path.read_text(encoding="utf-8").replace("\r\n", "\n")
        sha256 = hashlib.sha256(sql.encode()).hexdigest()
        if version in applied:
            if applied[version] != sha256:
                raise SchemaError(f"{path.name} was changed after it was applied to this database")
            continue
        _apply(connection, version, path.stem, sql, sha256)
        done.append(version)
    if target is None:
        _refresh(connection, changed=bool(done))
    if done:
        connection.execute("CHECKPOINT")
    return tuple(done)


def _apply(connection: duckdb.DuckDBPyConnection, version: int, name: str, sql: str, sha256: str) -> None:
    with transaction(connection):
        for statement in connection.extract_statements(sql):
            connection.execute(statement)
        connection.execute("INSERT INTO schema_migration VALUES (?, ?, ?, now(), version())", [version, name, sha256])


class transaction:  # noqa: N801 - reads as a statement
    """BEGIN … COMMIT, with ROLLBACK on any exception: a failed transaction's COMMIT would undo it in silence."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if kind is None:
            self._connection.execute("COMMIT")
            return
        try:
            self._connection.execute("ROLLBACK")
        except duckdb.Error:
            return  # the engine has already given the transaction up (a fatal error), and the first exception says more


def refresh_hash() -> str:
    """Hash of everything that `migrate` makes again: when it differs from the stored one, it is made again."""
    digest = hashlib.sha256(repr((schema.TABLES, schema.vocabulary())).encode())
    for folder in ("views", "macros"):
        for file in sql_files(folder):
            digest.update(f"{folder}/{file.name}\n{file.sql}".encode())
    return digest.hexdigest()


def _refresh(connection: duckdb.DuckDBPyConnection, *, changed: bool) -> None:
    """Comments, views, macros and vocabularies, in one transaction, when the program brings others than the database has."""
    wanted = refresh_hash()
    stored = connection.execute("SELECT sha256 FROM schema_migration WHERE version = 0").fetchone()
    if stored == (wanted,) and not changed:
        return
    with transaction(connection):
        for table in schema.TABLES:
            connection.execute(f"COMMENT ON TABLE {table.name} IS {_quoted(table.doc)}")
            for column in table.columns:
                connection.execute(f'COMMENT ON COLUMN {table.name}."{column.name}" IS {_quoted(column.doc)}')
        connection.execute("DELETE FROM internal.vocabulary")
        connection.executemany("INSERT INTO internal.vocabulary VALUES (?, ?, ?)", [list(row) for row in schema.vocabulary()])
        _drop_made(connection)
        _make_views(connection)
        for file in sql_files("macros"):
            connection.execute(file.sql)
            connection.execute(f"COMMENT ON MACRO TABLE {file.name} IS {_quoted(file.description)}")
        connection.execute("DELETE FROM schema_migration WHERE version = 0")
        connection.execute("INSERT INTO schema_migration VALUES (0, 'views, macros and comments', ?, now(), version())", [wanted])
    connection.execute("CHECKPOINT")


def _drop_made(connection: duckdb.DuckDBPyConnection) -> None:
    """All views and table macros: a file that was taken away or renamed leaves nothing behind."""
    for (name,) in connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal AND schema_name = 'main'").fetchall():
        connection.execute(f'DROP VIEW IF EXISTS "{name}" CASCADE')
    macros = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE NOT internal AND function_type = 'table_macro'"
    for (name,) in connection.execute(macros).fetchall():
        connection.execute(f'DROP MACRO TABLE IF EXISTS "{name}"')


def _make_views(connection: duckdb.DuckDBPyConnection) -> None:
    """One view for each file, after those that it reads from."""
    files = {file.name: file for file in sql_files("views")}
    reads = {name: {other for other in files if other != name and re.search(rf"\b{other}\b", file.sql)} for name, file in files.items()}
    for name in TopologicalSorter(reads).static_order():
        connection.execute(f'CREATE VIEW "{name}" AS {files[name].sql}')
        connection.execute(f'COMMENT ON VIEW "{name}" IS {_quoted(files[name].description)}')


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
