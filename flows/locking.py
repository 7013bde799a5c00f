"""Locks that say "a living process works on this": let go by the system when the process dies, however it dies.

POSIX record locks, since a child of the process does not inherit them: workers that outlive a killed parent do not keep its locks. Such a
lock is also lost when its process closes any other handle of the same file, so a process never opens what it holds itself: `HELD` knows.
"""

import fcntl
import os
from pathlib import Path

HELD: set[Path] = set()
"""Resolved paths of the files that this process holds."""


def hold(handle: int, path: Path) -> bool:
    """Lock an open file for this process. False where another process, or this one, holds it already."""
    real = path.resolve()
    if real in HELD:
        return False
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    HELD.add(real)
    return True


def let_go(path: Path) -> None:
    """Say that the file is no longer held; closing its handle is the caller's part, and comes after."""
    HELD.discard(path.resolve())


def is_held(path: Path) -> bool:
    """Whether a living process, this one included, holds the file. A missing file is not held."""
    if path.resolve() in HELD:
        return True
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    else:
        return False
    finally:
        os.close(handle)
