"""Files that survive a crash: written, synced, renamed; and a full disk that is named instead of thrown up."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import DiskFull

_FULL = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def write_durably(path: Path, data: bytes) -> None:
    """Writes and syncs a file; its folder entry is synced by `sync_folder`."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes renames in the folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_durably(source: Path, target: Path) -> None:
    """Syncs `source` and renames it to `target`: readers see the old file or the new one."""
    handle = os.open(source, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    source.replace(target)
    sync_folder(target.parent)


@contextmanager
def full_disk_named(what: str, *, leftovers: Path | None = None) -> Iterator[None]:
    """Turns "no space left" of the body into DiskFull that says what was being written; removes `leftovers` on any OSError."""
    try:
        yield
    except OSError as error:
        if leftovers is not None and leftovers.is_dir():
            shutil.rmtree(leftovers, ignore_errors=True)
        elif leftovers is not None:
            leftovers.unlink(missing_ok=True)
        if error.errno in _FULL:
            raise DiskFull(f"no room to write {what}: {error.strerror}") from error
        raise
