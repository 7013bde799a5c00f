"""Invariants: `checks/*.sql`, each a SELECT of the rows that should not be.

The same files run over the whole database (`sidelines audit`) and, after each load, over what the load touched: then temporary views of the
same names stand before the tables and show only the touched articles, mentions and meetings.
"""

from collections.abc import Iterator

import duckdb

from warehouse.errors import CheckFailed
from warehouse.migrating import sql_files

_SHOWN = 5
_SCOPES = {
    "article": ("article_id", ("article",)),
    "mention": ("mention_id", ("mention", "mention_participant", "mention_topic", "mention_outcome", "mention_evidence")),
    "meeting": ("meeting_id", ("meeting", "meeting_participant", "meeting_mention", "meeting_topic", "meeting_outcome", "meeting_status")),
}


def failures(connection: duckdb.DuckDBPyConnection) -> Iterator[CheckFailed]:
    """One error for each check that fails on what the connection sees."""
    for file in sql_files("checks"):
        rows = connection.execute(file.sql).fetchmany(_SHOWN)
        if rows:
            yield CheckFailed(file.name, tuple(rows))


def check_touched(connection: duckdb.DuckDBPyConnection) -> None:
    """Raises CheckFailed for the first check that what this load touched does not pass."""
    database = (connection.execute("SELECT current_database()").fetchone() or ("",))[0]
    main = f'"{database}".main'
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE touched_mention AS
        SELECT mention_id, article_id FROM {main}.mention WHERE mention_id IN (SELECT mention_id FROM added_mention)
        UNION SELECT mention_id, article_id FROM {main}.meeting_mention WHERE meeting_id IN (SELECT id FROM touched_meeting)""")
    keys = {"article": "SELECT article_id FROM touched_article UNION SELECT article_id FROM touched_mention",
            "mention": "SELECT mention_id FROM touched_mention", "meeting": "SELECT id FROM touched_meeting"}
    tables = [(table, column, keys[scope]) for scope, (column, names) in _SCOPES.items() for table in names]
    for table, column, touched in tables:
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {table} AS SELECT * FROM {main}.{table} WHERE {column} IN ({touched})")
    try:
        for failure in failures(connection):
            raise failure
    finally:
        _drop(connection, [table for table, _, _ in tables])


def _drop(connection: duckdb.DuckDBPyConnection, names: list[str]) -> None:
    for name in names:
        connection.execute(f"DROP VIEW IF EXISTS temp.main.{name}")
