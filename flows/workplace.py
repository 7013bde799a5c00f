"""What every stage works with: settings, ledger, archive, sources, and the few private addresses that may be asked.

    with open_workplace(settings) as place:
        ...

Opening one makes good what a killed run has left: its archive file is closed, its pages are noted, its claims are free again.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable

from flows.archiving import Archive
from flows.ledger import Ledger
from flows.sample import is_served, kept_port, sample_sources, trusted_of
from flows.settings import Settings
from parsers.sources import Source, load_sources
from warehouse.connection import WarehousePaths


class Clock:
    """The time now, aware. Tests put a function of their own in its place."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


Progress = Callable[[str, int, int], None]
"""Told (stage, done, total) as the work goes on."""


def no_progress(stage: str, done: int, total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workplace:
    """sources: by id, the enabled ones. trusted: (IP, port) pairs that may be asked though they are not public."""

    settings: Settings
    ledger: Ledger
    archive: Archive
    sources: Mapping[str, Source]
    trusted: frozenset[tuple[str, int]] = frozenset()
    clock: Callable[[], datetime] = field(default_factory=Clock)
    progress: Progress = no_progress

    @property
    def paths(self) -> WarehousePaths:
        return WarehousePaths.under(self.settings.home)


@contextmanager
def open_workplace(
    settings: Settings,
    *,
    extra_sources: tuple[Source, ...] = (),
    trusted: frozenset[tuple[str, int]] = frozenset(),
    clock: Callable[[], datetime] | None = None,
    progress: Progress = no_progress,
) -> Iterator[Workplace]:
    """The workplace under `settings.home`. `extra_sources`: such as the sample's, beside those of the catalogue."""
    settings.home.mkdir(parents=True, exist_ok=True)
    sources = {source.id: source for source in (*load_sources(), *extra_sources) if source.enabled}
    ledger = Ledger(settings.ledger)
    try:
        archive = Archive(settings.archive)
        ledger.free_dead_claims()
        ledger.adopt(archive.recover())
        ledger.register_feeds((feed, source.id) for source in sources.values() for feed in source.feeds)
        yield Workplace(
            settings=settings, ledger=ledger, archive=archive, sources=sources, trusted=trusted, clock=clock or Clock(), progress=progress
        )
    finally:
        ledger.close()


@contextmanager
def open_workplace_here(settings: Settings, *, progress: Progress = no_progress) -> Iterator[Workplace]:
    """The workplace with the sample's outlets beside the real ones, where somebody serves the sample site for this home."""
    port = kept_port(settings)
    if port is None or not is_served(port):
        with open_workplace(settings, progress=progress) as place:
            yield place
        return
    with open_workplace(settings, extra_sources=sample_sources(port), trusted=trusted_of(port), progress=progress) as place:
        yield place


@cache
def rules_version() -> str:
    """The program's version and a digest of all that decides what is read from a page: the code and the data of `parsers`."""
    digest = hashlib.sha256()
    for file in sorted(_files(files("parsers")), key=str):
        digest.update(file.read_bytes())
    return f"{version('sidelines')}+{digest.hexdigest()[:10]}"


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in folder.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry)
        elif entry.is_file() and not entry.name.endswith(".pyc"):
            yield entry
