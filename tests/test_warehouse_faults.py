"""Killed at any moment, or with no room left: nothing lost, nothing doubled, nothing by half, and readers see no trace of it."""

import random
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pytest

from tests.warehouse_world import TABLES, contents, entry, fresh, meeting, party, random_entry
from warehouse import Bundle, DiskFull, WarehousePaths, load_pending, open_published, write_bundle
from warehouse.migrating import migrate
from warehouse.repairing import audit, repair

ROOT = Path(__file__).resolve().parent.parent
_PRODUCE = """
import os, random, sys
from pathlib import Path
from tests.warehouse_world import random_entry
from warehouse import Bundle, write_bundle
inbox, seed, acknowledged = Path(sys.argv[1]), int(sys.argv[2]), os.open(sys.argv[3], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
chance = random.Random(seed)
print("ready", flush=True)
while True:
    path = write_bundle(inbox, Bundle(articles=tuple(random_entry(chance, 40) for _ in range(6))))
    os.write(acknowledged, path.name.encode() + b"\\n")
    os.fsync(acknowledged)
"""
_LOAD = """
import sys
from pathlib import Path
from warehouse import WarehousePaths, load_pending
print("ready", flush=True)
while True:
    load_pending(WarehousePaths.under(Path(sys.argv[1])))
"""
_MIGRATE = """
import sys, duckdb
import warehouse.migrating as migrating
connection = duckdb.connect(sys.argv[1])
print("ready", flush=True)
migrating.migrate(connection)
"""


def killed(script: str, *arguments: str, after: float) -> str:
    """Runs the script and kills it `after` seconds from its start of work; returns what it wrote to stderr."""
    process = subprocess.Popen([sys.executable, "-c", script, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               cwd=ROOT)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.readline()
    time.sleep(after)
    process.kill()
    errors = process.stderr.read()
    process.wait()
    process.stdout.close()
    process.stderr.close()
    return errors


@dataclass
class Reading:
    opened: int = 0
    errors: tuple[str, ...] = ()
    went_back: int = 0


def _read(path: Path, control: Connection) -> None:
    """Opens the published copy again and again until told to stop, and reports what it saw."""
    seen, last = Reading(), 0
    while not control.poll(0.03):
        if not path.exists():
            continue
        try:
            connection = open_published(path)
            loaded, = connection.execute("SELECT count(*) FROM load_ledger").fetchone() or (0,)
            orphans, = connection.execute("""
                SELECT (SELECT count(*) FROM mention ANTI JOIN article USING (article_id))
                     + (SELECT count(*) FROM meeting_participant ANTI JOIN meeting USING (meeting_id))
                     + (SELECT count(*) FROM meeting ANTI JOIN meeting_mention USING (meeting_id))""").fetchone() or (0,)
            connection.close()
        except Exception as error:  # noqa: BLE001 - whatever a reader meets is the finding
            seen.errors = (*seen.errors, repr(error))
            continue
        seen.opened += 1
        seen.went_back += loaded < last
        last = loaded
        if orphans:
            seen.errors = (*seen.errors, f"{orphans} orphans")
    control.send(seen)


def _kill_loop(folder: Path, seed: int, kills: int) -> Reading:
    chance = random.Random(seed)
    paths = fresh(folder)
    paths.make_folders()
    acknowledged = folder / "acknowledged"
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    reader = context.Process(target=_read, args=(paths.published, theirs))
    reader.start()
    try:
        for turn in range(kills):
            if turn % 3 == 0:
                errors = killed(_PRODUCE, str(paths.inbox), str(seed * 1000 + turn), str(acknowledged), after=chance.uniform(0, 0.12))
            else:
                errors = killed(_LOAD, str(folder / "warehouse"), after=chance.uniform(0, 0.8))
            assert not errors, errors
            if turn % 3 == 0:
                for n in range(2):
                    write_bundle(paths.inbox, Bundle(articles=tuple(random_entry(random.Random(turn * 10 + n), 40) for _ in range(5))))
    finally:
        with get_context("spawn").Pool(1) as pool:
            pool.apply(load_pending, (paths,))
            pool.apply(load_pending, (paths,))
        ours.send("stop")
        seen = ours.recv()
        reader.join()
    _compare(folder, paths, acknowledged)
    assert isinstance(seen, Reading)
    return seen


def _compare(folder: Path, paths: WarehousePaths, acknowledged: Path) -> None:
    """The warehouse is what one load of the same bundles makes, and holds every bundle whose writer was told that it is safe."""
    left = [path.name for path in paths.inbox.iterdir() if not path.name.startswith(".")]
    assert left == []
    done = {path.name for path in paths.done.iterdir()}
    assert set(acknowledged.read_text().split() if acknowledged.exists() else []) <= done
    connection = duckdb.connect(str(paths.database), read_only=True)
    ledger = {row[0] for row in connection.execute("SELECT bundle_id FROM load_ledger WHERE outcome = 'loaded'").fetchall()}
    connection.close()
    assert ledger == done
    once = fresh(folder, "once")
    once.make_folders()
    for path in paths.done.iterdir():
        path.rename(once.inbox / path.name)
    assert not load_pending(once).quarantined
    assert contents(paths.database, TABLES) == contents(once.database, TABLES)
    assert audit(paths) == ()


def test_a_few_kills(tmp_path: Path) -> None:
    seen = _kill_loop(tmp_path, seed=7, kills=8)
    assert (seen.errors, seen.went_back) == ((), 0)


@pytest.mark.faults
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_sixty_kills_of_writers_and_loaders(tmp_path: Path, seed: int) -> None:
    seen = _kill_loop(tmp_path, seed, kills=60)
    assert (seen.errors, seen.went_back) == ((), 0)
    assert seen.opened > 100


@pytest.mark.faults
@pytest.mark.timeout(600)
def test_forty_kills_of_a_migration(tmp_path: Path) -> None:
    chance = random.Random(3)
    whole = duckdb.connect(str(tmp_path / "whole.duckdb"))
    migrate(whole)
    layout = "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    for turn in range(40):
        path = tmp_path / f"{turn}.duckdb"
        assert not killed(_MIGRATE, str(path), after=chance.uniform(0, 0.5))
        connection = duckdb.connect(str(path))
        migrate(connection)
        assert connection.execute(layout).fetchall() == whole.execute(layout).fetchall()
        connection.close()
        path.unlink()


def _limited(paths: WarehousePaths, size: int) -> str:
    """Loads with no file allowed to grow beyond `size` bytes; returns the error's name."""
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        load_pending(paths)
    except DiskFull as error:
        return f"DiskFull: {error}"
    return "loaded"


@pytest.mark.parametrize("share", [0.02, 1.0, 1.3])
def test_a_full_disk_is_named_and_harms_nothing(tmp_path: Path, share: float) -> None:
    paths = fresh(tmp_path)
    told = meeting(party("Sattar Moradi", "IRN"), party("Yacine Belkacem", "DZA"))
    write_bundle(paths.inbox, Bundle(articles=(entry(1, [told]),)))
    load_pending(paths)
    noise = random.Random(5)
    texts = ["They met for talks. " + "".join(chr(noise.randrange(97, 123)) for _ in range(40_000)) for _ in range(120)]
    write_bundle(paths.inbox, Bundle(articles=tuple(entry(10 + n, [told], text=text) for n, text in enumerate(texts))))
    size = int(paths.database.stat().st_size * share)
    with get_context("spawn").Pool(1) as pool:
        outcome = pool.apply(_limited, (paths, size))
    assert outcome.startswith("DiskFull: no room"), outcome
    assert "\n" not in outcome
    assert not repair(paths).damaged
    connection = duckdb.connect(str(paths.database), read_only=True)
    found = connection.execute("SELECT count(*), (SELECT count(*) FROM load_ledger) FROM article").fetchone()
    connection.close()
    assert found in ((1, 1), (121, 2)), "the load is there as a whole (the disk was full at the checkpoint after it) or not at all"
    report = load_pending(paths)
    assert len(report.loaded) + len(report.doubled) == 1, "with room again, the load goes on where it was"
    assert len(contents(paths.database, ("article",))["article"]) == 121
    assert audit(paths) == ()


def test_a_full_disk_while_bundling_leaves_no_trace(tmp_path: Path) -> None:
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(_bundle_limited, (tmp_path / "inbox",)).startswith("no room to write a bundle")
    assert list((tmp_path / "inbox").iterdir()) == []


def _bundle_limited(inbox: Path) -> str:
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
    try:
        write_bundle(inbox, Bundle(articles=tuple(entry(n, []) for n in range(200))))
    except DiskFull as error:
        return str(error)
    return "written"
