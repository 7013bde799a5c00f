"""The published copy: made beside the old one and renamed over it, so that readers see a whole database, old or new."""

from pathlib import Path
from shutil import copyfile

import duckdb

from warehouse.connection import WarehousePaths
from warehouse.durable import full_disk_named, replace_durably
from warehouse.errors import WarehouseError

_READ_ONLY = 0o444


def mark_changed(connection: duckdb.DuckDBPyConnection) -> None:
    """Notes, inside a load's transaction, that the published copy is about to be stale."""
    connection.execute("DELETE FROM internal.change")
    connection.execute("INSERT INTO internal.change VALUES (now())")


def changed_at(connection: duckdb.DuckDBPyConnection) -> int | None:
    """When the contents last changed, microseconds since 1970; None for a new database."""
    row = connection.execute("SELECT epoch_us(changed_at) FROM internal.change").fetchone()
    return None if row is None else int(row[0])


def is_stale(published: Path, changed: int | None) -> bool:
    """Whether the published copy is missing or says less than a database that last changed at `changed`."""
    if not published.exists():
        return True
    try:
        connection = duckdb.connect(str(published), read_only=True)
    except duckdb.Error:
        return True  # a copy that cannot be opened is replaced
    try:
        return changed_at(connection) != changed
    except duckdb.CatalogException:
        return True
    finally:
        connection.close()


def publish(paths: WarehousePaths) -> Path:
    """Copies the database, which nobody has open and which is checkpointed, over the published file. Call it under the loader's lock."""
    if Path(f"{paths.database}.wal").exists():
        raise WarehouseError(f"{paths.database} has a write-ahead log: it was not closed in order")
    temporary = paths.published.with_name(f".{paths.published.name}.new")
    with full_disk_named(str(paths.published), leftovers=temporary):
        temporary.unlink(missing_ok=True)
        copyfile(paths.database, temporary)
        temporary.chmod(_READ_ONLY)
        replace_durably(temporary, paths.published)
    return paths.published
