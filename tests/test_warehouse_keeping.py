"""Backup, restore, repair, audit, export, corrections from the published copy, migrations of past versions."""

import json
import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from tests.warehouse_world import FIRST_DAY, contents, entry, fresh, meeting, moment, party
from warehouse import Bundle, DamagedDatabase, NotPublished, SchemaError, WarehouseError, WarehousePaths, load_pending, query, write_bundle
from warehouse.amending import merge, not_a_meeting, split, withdraw, write_correction
from warehouse.exporting import STORAGE, TABLES, Form, export
from warehouse.migrating import HERE, migrate
from warehouse.repairing import audit, backup, repair, restore

A, B, C = party("Sattar Moradi", "IRN"), party("Yacine Belkacem", "DZA"), party("Wanjiru Kamau", "KEN")
TOLD = meeting(A, B, start=FIRST_DAY)


def load(paths: WarehousePaths, *batches: Bundle) -> None:
    for batch in batches:
        write_bundle(paths.inbox, batch)
    report = load_pending(paths)
    assert not report.quarantined, report.quarantined


def articles(paths: WarehousePaths) -> object:
    return query(paths.published, "SELECT count(*) FROM article").rows[0][0]


def test_a_backup_comes_back_with_what_was_loaded_since(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD]),)))
    saved = backup(paths, tmp_path / "backups" / "first.duckdb")
    load(paths, Bundle(articles=(entry(2, [TOLD]),)))
    before = contents(paths.database)
    paths.database.write_bytes(b"broken")
    back = restore(paths, saved)
    assert len(back) == 1
    assert articles(paths) == 1
    load_pending(paths)
    assert contents(paths.database) == before


def test_no_backup_is_restored_from_something_else(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD]),)))
    wrong = tmp_path / "wrong.duckdb"
    wrong.write_bytes(b"no database")
    with pytest.raises(WarehouseError, match="no backup"):
        restore(paths, wrong)
    assert articles(paths) == 1


def _with_torn_log(paths: WarehousePaths, damage: str) -> None:
    """Leaves five committed batches in the write-ahead log and damages it past the middle."""
    import subprocess
    import sys

    script = f"""
import duckdb, os
c = duckdb.connect({str(paths.database)!r})
c.execute("PRAGMA disable_checkpoint_on_shutdown"); c.execute("SET checkpoint_threshold = '1TB'")
for n in range(5):
    c.execute("BEGIN")
    c.execute("INSERT INTO source SELECT 'batch' || ? || '-' || i, now(), 'x', NULL, NULL, NULL, NULL, [], true FROM range(500) r(i)", [n])
    c.execute("INSERT INTO load_ledger VALUES ('bundle' || ?, '', 'loaded', NULL, 1, now())", [n])
    c.execute("COMMIT")
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    log = Path(f"{paths.database}.wal")
    data = bytearray(log.read_bytes())
    if damage == "flip":
        data[int(len(data) * 0.7)] ^= 4
    elif damage == "zeros":
        data[-2048:] = bytes(2048)
    else:
        del data[int(len(data) * 0.7):]
    log.write_bytes(data)


@pytest.mark.parametrize("damage", ["flip", "zeros", "torn"])
def test_repair_recovers_every_whole_batch(tmp_path: Path, damage: str) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD]),)))
    _with_torn_log(paths, damage)
    (paths.done / "bundle4").mkdir()
    if damage != "torn":
        with pytest.raises(DamagedDatabase):
            load_pending(paths)
    report = repair(paths)
    assert report.damaged == (damage != "torn")
    assert (report.kept_log is not None) == report.damaged
    whole = query(paths.published, "SELECT count(*) FROM source").rows[0][0]
    batches = query(paths.published, "SELECT count(*) FROM load_ledger WHERE bundle_id LIKE 'bundle%'").rows[0][0]
    assert isinstance(batches, int)
    assert 3 <= batches <= 4
    assert whole == 500 * batches, "no batch is there by half"
    assert report.bundles_back == ("bundle4",), "a done bundle that the log lost goes back into the inbox"
    assert not report.checks
    assert repair(paths).damaged is False


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD]),)))
    paths.database.write_bytes(b"broken")
    with pytest.raises(DamagedDatabase, match="restore a backup"):
        repair(paths)


def test_the_audit_sees_what_a_hand_has_broken(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD]), entry(2, [meeting(A, C)]))))
    assert audit(paths) == ()
    connection = duckdb.connect(str(paths.database))
    connection.execute("DELETE FROM mention WHERE ordinal = 0 AND article_id IN (SELECT article_id FROM article WHERE url LIKE '%/2')")
    connection.execute("INSERT INTO mention_topic SELECT mention_id, 9, 'gossip' FROM mention")
    connection.execute("UPDATE mention_evidence SET span_end = 100000")
    connection.close()
    assert {failure.check for failure in audit(paths)} == {"orphans", "spans_outside_text", "unknown_codes"}


def test_corrections_by_the_ids_that_an_analyst_sees(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD]), entry(2, [TOLD]), entry(3, [meeting(A, C, start=FIRST_DAY)]))))
    rows = query(paths.published, "SELECT meeting_id, mention_id FROM meeting_mention ORDER BY meeting_id, mention_id").rows
    assert len({row[0] for row in rows}) == 2
    (big,) = {row[0] for row in rows if sum(other[0] == row[0] for other in rows) == 2}
    (small,) = {row[0] for row in rows} - {big}
    mention = next(row[1] for row in rows if row[0] == big and row[1] != big)
    joined = merge(paths.published, big, small, at=moment(9))  # type: ignore[arg-type]
    write_correction(paths.inbox, joined)
    load_pending(paths)
    assert query(paths.published, "SELECT reports FROM meeting").rows == ((3,),)
    write_correction(paths.inbox, split(paths.published, mention, at=moment(10), note="another day"))  # type: ignore[arg-type]
    load_pending(paths)
    assert query(paths.published, "SELECT reports FROM meeting ORDER BY 1").rows == ((1,), (2,))
    write_correction(paths.inbox, not_a_meeting(paths.published, mention, at=moment(11)))  # type: ignore[arg-type]
    known = query(paths.published, "SELECT correction_id FROM correction WHERE kind = 'merge'").rows[0][0]
    write_correction(paths.inbox, withdraw(known, at=moment(12)))  # type: ignore[arg-type]
    load_pending(paths)
    assert query(paths.published, "SELECT reports FROM meeting").rows == ((1,), (1,))
    assert query(paths.published, "SELECT kind, withdrawn, mention_known FROM correction_state ORDER BY observed_at").rows == (
        ("merge", True, True), ("split", False, True), ("not_a_meeting", False, True), ("withdraw", False, False))
    with pytest.raises(WarehouseError, match="neither"):
        merge(paths.published, big, known, at=moment(13))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", list(Form))
def test_exports_hold_every_meeting(tmp_path: Path, form: Form) -> None:
    paths = fresh(tmp_path)
    with pytest.raises(NotPublished):
        export(paths.published, tmp_path / "out", form)
    load(paths, Bundle(articles=(entry(1, [TOLD]), entry(2, [meeting(A, C)]))))
    target = tmp_path / "out"
    files = export(paths.published, target, form)
    if form is Form.PARQUET:
        assert {path.parent.name for path in files} == {"month=11"}
        assert pq.read_table(target / "meeting_list").num_rows == 2
    elif form is Form.CSV:
        assert {path.stem for path in files} == set(TABLES)
        assert len((target / "meeting_list.csv").read_text().splitlines()) == 3
    elif form is Form.JSONL:
        lines = [json.loads(line) for line in (target / "meeting_list.jsonl").read_text().splitlines()]
        assert {tuple(line["countries"]) for line in lines} == {("DZA", "IRN"), ("IRN", "KEN")}
    else:
        connection = duckdb.connect(str(target), read_only=True)
        assert connection.execute("SELECT count(*) FROM met('IRN', 'KEN')").fetchone() == (1,)
        version = str(connection.execute("SELECT tags FROM duckdb_databases() WHERE NOT internal").fetchone())
        assert (STORAGE in version) == (form is Form.DUCKDB_COMPATIBLE)
        connection.close()
    if form not in (Form.DUCKDB, Form.DUCKDB_COMPATIBLE):
        with pytest.raises(WarehouseError, match="there already"):
            export(paths.published, target, form)


def test_every_past_version_migrates(tmp_path: Path) -> None:
    newest = len(list((HERE / "migrations").glob("*.sql")))
    whole = duckdb.connect(str(tmp_path / "whole.duckdb"))
    migrate(whole)
    layout = "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    for version in range(1, newest + 1):
        old = duckdb.connect(str(tmp_path / f"{version}.duckdb"))
        assert migrate(old, target=version) == tuple(range(1, version + 1))
        assert migrate(old) == tuple(range(version + 1, newest + 1))
        assert migrate(old) == ()
        assert old.execute(layout).fetchall() == whole.execute(layout).fetchall()


def test_a_newer_schema_and_an_edited_migration_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(HERE / "migrations", folder)
    newest = len(list(folder.glob("*.sql")))
    (folder / f"{newest + 1:04}_more.sql").write_text("ALTER TABLE source ADD COLUMN mood VARCHAR;")
    connection = duckdb.connect(str(tmp_path / "x.duckdb"))
    migrate(connection, folder=folder)
    with pytest.raises(SchemaError, match="upgrade the program"):
        migrate(connection)
    (folder / f"{newest + 1:04}_more.sql").write_text("ALTER TABLE source ADD COLUMN mood INTEGER;")
    with pytest.raises(SchemaError, match="changed after it was applied"):
        migrate(connection, folder=folder)


def test_a_failed_migration_leaves_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_one.sql").write_text("CREATE TABLE a (x INTEGER); CREATE TABLE a (x INTEGER);")
    connection = duckdb.connect(str(tmp_path / "x.duckdb"))
    with pytest.raises(duckdb.CatalogException):
        migrate(connection, folder=folder)
    assert connection.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'a'").fetchone() == (0,)
