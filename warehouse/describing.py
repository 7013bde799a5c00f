"""The data dictionary: docs/dictionary.md, written from the comments of tables, columns, views and macros.

    python -m warehouse.describing --write
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb

from warehouse import schema
from warehouse.migrating import migrate, sql_files

DICTIONARY = Path(__file__).resolve().parent.parent / "docs" / "dictionary.md"
_HEAD = """# Dictionary

Written from the comments in the database (`python -m warehouse.describing --write`); the same words are there in SQL:
`SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = 'meeting'`. `mention` is what one article says, `meeting`
what happened. Times are UTC; countries are ISO 3166-1 alpha-3 codes; ids begin with a day (`20251122-…`).
"""


def dictionary() -> str:
    """The text of docs/dictionary.md."""
    return _HEAD + "".join(_parts())


def _parts() -> Iterator[str]:
    connection = duckdb.connect()
    migrate(connection)
    yield "\n## Views\n"
    for file in sql_files("views"):
        yield f"\n### {file.name}\n{file.description}\n\n`{', '.join(_columns(connection, file.name))}`\n"
    yield "\n## Table macros\nCalled like tables: `FROM met('IRN', 'DZA')`.\n\n"
    for file in sql_files("macros"):
        yield f"- {file.description}\n"
    yield "\n## Tables\n"
    for table in schema.TABLES:
        if not table.name.startswith("internal."):
            yield _table(table)
    connection.close()


def _columns(connection: duckdb.DuckDBPyConnection, view: str) -> list[str]:
    return [row[0] for row in connection.execute(f'DESCRIBE "{view}"').fetchall()]


def _table(table: schema.Table) -> str:
    lines = [f"\n### {table.name}\n{table.doc} Key: {', '.join(table.key)}.\n\n| column | type | meaning |\n| --- | --- | --- |\n"]
    for column in table.columns:
        may = "" if column.nullable else " not null"
        codes = f" ({', '.join(column.codes)})" if 0 < len(column.codes) <= 8 and column.codes[0] not in column.doc else ""
        lines.append(f"| {column.name} | {column.sql_type}{may} | {column.doc}{codes} |\n")
    return "".join(lines)


if __name__ == "__main__":
    if "--write" in sys.argv:
        DICTIONARY.write_text(dictionary(), encoding="utf-8")
    else:
        sys.stdout.write(dictionary())
