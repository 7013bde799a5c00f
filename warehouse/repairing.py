"""Keeping a warehouse whole: backup, restore, audit, and repair after a torn write-ahead log.

A load that is killed leaves a whole database: the engine's log holds the transaction or does not. Repair is for a log that the disk has
damaged. The engine refuses it and names the place; the log cut at that place holds every batch before it.
"""

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.checking import failures
from warehouse.connection import Engine, WarehousePaths, connect, loader_lock, open_writer
from warehouse.durable import full_disk_named, replace_durably
from warehouse.errors import CheckFailed, DamagedDatabase, WarehouseError
from warehouse.migrating import migrate
from warehouse.publishing import publish

_POSITION = re.compile(r"byte position (\d+)")
_STEPS_BACK = 64  # bytes before the named place at which the damaged entry can begin


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """What repair found. damaged: the database could not be opened. kept_log: the damaged log, set aside, of `log_bytes` bytes.

    lost_bytes of the log could not be read. bundles_back are bundles that were loaded and lost, found in the folder of done bundles
    and put into the inbox again; bundles_lost can only come again from the archive. checks are failed invariants.
    """

    damaged: bool
    kept_log: Path | None = None
    log_bytes: int = 0
    lost_bytes: int = 0
    bundles_back: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


def repair(paths: WarehousePaths, *, engine: Engine | None = None) -> RepairReport:
    """Makes the database open again with every whole batch, puts what was lost back into the inbox, and checks it.

    Nothing is thrown away: the damaged log stays beside the database. Raises DamagedDatabase where the database file itself is broken:
    then `restore` a backup, after which the done bundles come back in the same way.
    """
    engine = engine or Engine()
    with loader_lock(paths):
        log = Path(f"{paths.database}.wal")
        size = log.stat().st_size if log.exists() else 0
        error = _opening_error(paths.database, engine)
        kept, lost = None, 0
        if error is not None:
            kept = log.with_name(f"{log.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}")
            lost = _cut_log(paths.database, log, kept, error, engine)
        with open_writer(paths.database, engine) as connection:
            migrate(connection)
            known = {row[0] for row in connection.execute("SELECT bundle_id FROM load_ledger").fetchall()}
            broken = tuple(str(failure) for failure in failures(connection))
            connection.execute("CHECKPOINT")
        back = _bring_back(paths, known)
        publish(paths)
    return RepairReport(damaged=error is not None, kept_log=kept, log_bytes=size, lost_bytes=lost, bundles_back=back, checks=broken)


def _opening_error(database: Path, engine: Engine) -> str | None:
    """None where the database opens. (Opening replays the log.)"""
    try:
        connect(database, engine).close()
    except DamagedDatabase as error:
        return str(error)
    return None


def _cut_log(database: Path, log: Path, kept: Path, error: str, engine: Engine) -> int:
    """Sets the log aside and cuts it before its first damaged entry; returns the bytes given up."""
    found = _POSITION.search(error)
    if found is None or not log.exists():
        raise DamagedDatabase(f"{database} is damaged beyond its write-ahead log; restore a backup ({error})")
    shutil.copyfile(log, kept)
    size, position = kept.stat().st_size, int(found.group(1))
    for place in range(position, max(0, position - _STEPS_BACK) - 1, -8):
        shutil.copyfile(kept, log)
        os.truncate(log, place)
        if _opening_error(database, engine) is None:
            return size - place
    shutil.copyfile(kept, log)
    raise DamagedDatabase(f"{database}: its write-ahead log cannot be read from byte {position} on nor cut there; restore a backup")


def _bring_back(paths: WarehousePaths, known: set[str]) -> tuple[str, ...]:
    """Moves done bundles that the ledger does not know into the inbox."""
    lost = sorted(path for path in paths.done.iterdir() if path.is_dir() and path.name not in known)
    for folder in lost:
        folder.rename(paths.inbox / folder.name)
    return tuple(folder.name for folder in lost)


def audit(paths: WarehousePaths, *, engine: Engine | None = None) -> tuple[CheckFailed, ...]:
    """All checks over the whole database; empty when all is well."""
    with loader_lock(paths), open_writer(paths.database, engine or Engine()) as connection:
        return tuple(failures(connection))


def backup(paths: WarehousePaths, target: Path) -> Path:
    """A copy of the database as it stands after its last load, written durably and renamed to `target`."""
    with loader_lock(paths):
        _checkpoint(paths)
        _copy(paths.database, target)
    return target


def restore(paths: WarehousePaths, source: Path, *, engine: Engine | None = None) -> tuple[str, ...]:
    """Puts a backup in the database's place and publishes it. Bundles that were loaded after the backup was made go back into the
    inbox; their names are returned. The database that was there is kept beside it as `*.replaced`.

    Raises WarehouseError where `source` is no warehouse, before anything is touched.
    """
    try:
        with duckdb.connect(str(source), read_only=True) as probe:
            known = {row[0] for row in probe.execute("SELECT bundle_id FROM load_ledger WHERE outcome = 'loaded'").fetchall()}
    except duckdb.Error as error:
        raise WarehouseError(f"{source} is no backup of a warehouse: {str(error).splitlines()[0]}") from error
    with loader_lock(paths):
        log = Path(f"{paths.database}.wal")
        for file in (paths.database, log):
            if file.exists():
                file.replace(file.with_name(f"{file.name}.replaced"))
        _copy(source, paths.database)
        with open_writer(paths.database, engine or Engine()) as connection:
            migrate(connection)
        back = _bring_back(paths, known)
        publish(paths)
    return back


def _checkpoint(paths: WarehousePaths) -> None:
    with open_writer(paths.database, Engine()) as connection:
        connection.execute("CHECKPOINT")


def _copy(source: Path, target: Path, *, copy: Callable[[Path, Path], object] = shutil.copyfile) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.new")
    with full_disk_named(str(target), leftovers=temporary):
        copy(source, temporary)
        replace_durably(temporary, target)
