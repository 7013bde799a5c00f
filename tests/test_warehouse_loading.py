"""Bundles and the loader: whatever comes late, twice, out of order or broken, the warehouse says what it should."""

import json
import shutil
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from parsers.records import Evidence, EvidenceField, Span
from tests.warehouse_world import FIRST_DAY, contents, entry, fresh, meeting, moment, party
from warehouse import (
    Bundle,
    BundleError,
    Country,
    Engine,
    FetchFailure,
    NotPublished,
    PipelineRun,
    QueryError,
    Source,
    SourceHealth,
    Stage,
    WarehousePaths,
    load_pending,
    open_published,
    query,
    schema,
    write_bundle,
)
from warehouse.migrating import migrate

A, B, C = party("Sattar Moradi", "IRN", "energy minister"), party("Yacine Belkacem", "DZA", "post minister"), party("Wanjiru Kamau", "KEN")
TOLD = meeting(A, B, start=FIRST_DAY)


def load(paths: WarehousePaths, *batches: Bundle) -> None:
    for batch in batches:
        write_bundle(paths.inbox, batch)
    report = load_pending(paths)
    assert not report.quarantined, report.quarantined


def one(paths: WarehousePaths, sql: str) -> object:
    return query(paths.published, sql).rows[0][0]


def test_a_bundle_loads_once(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    batch = Bundle(articles=(entry(1, [TOLD]), entry(2, [])))
    folder = write_bundle(paths.inbox, batch)
    report = load_pending(paths)
    assert (report.loaded, report.articles, report.mentions_added, report.published) == ((folder.name,), 2, 1, True)
    before = contents(paths.database)
    assert write_bundle(paths.inbox, batch).name == folder.name, "the name follows from the contents"
    again = load_pending(paths)
    assert (again.loaded, again.doubled, again.published) == ((), (folder.name,), False)
    assert contents(paths.database) == before
    assert list(paths.inbox.iterdir()) == []


@pytest.mark.parametrize("late_first", [True, False])
def test_the_extraction_observed_last_counts(tmp_path: Path, late_first: bool) -> None:
    paths = fresh(tmp_path)
    old, new = entry(1, [TOLD, meeting(A, C)], observed=10, version="1"), entry(1, [meeting(A, C)], observed=20, version="2")
    for batch in (new, old) if late_first else (old, new):
        load(paths, Bundle(articles=(batch,)))
    assert query(paths.published, "SELECT parties FROM meeting").rows == (("Sattar Moradi (IRN) – Wanjiru Kamau (KEN)",),)
    assert query(paths.published, "SELECT extractor_version, mentions FROM extraction ORDER BY 1").rows == (("1", 2), ("2", 1))
    assert one(paths, "SELECT extractor_version FROM article") == "2"
    assert one(paths, "SELECT count(*) FROM mention_participant") == 2


def test_children_come_from_the_winning_bundle_alone(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    three, two = meeting(A, B, C), meeting(A, B)
    for observed, told in ((10, three), (30, two), (20, three)):
        write_bundle(paths.inbox, Bundle(articles=(entry(1, [told], observed=observed),)))
    load_pending(paths)
    assert one(paths, "SELECT count(*) FROM mention_participant") == 2


def test_what_has_not_changed_is_not_touched(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD, meeting(A, C)], observed=10, version="1"),)))
    write_bundle(paths.inbox, Bundle(articles=(entry(1, [TOLD, meeting(A, C, city="Nairobi", country="KEN")], observed=20, version="2"),)))
    report = load_pending(paths)
    assert (report.mentions_added, report.mentions_removed) == (1, 1)
    versions = query(paths.published, "SELECT city, extractor_version FROM mention ORDER BY ordinal").rows
    assert versions == ((None, "1"), ("Nairobi", "2")), "the version that first said it in this form"


def test_an_article_whose_day_changes_stays_one(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(entry(1, [TOLD], day=3, observed=10),)))
    load(paths, Bundle(articles=(entry(1, [TOLD], day=4, observed=20),)))
    assert (one(paths, "SELECT count(*) FROM article"), one(paths, "SELECT count(*) FROM mention")) == (1, 1)
    assert one(paths, "SELECT count(*) FROM meeting_mention JOIN mention USING (mention_id)") == 1


def _broken(folder: Path, how: str) -> None:
    article, manifest = folder / "article.parquet", folder / "manifest.json"
    told = json.loads(manifest.read_text())
    if how == "hash_mismatch":
        article.write_bytes(article.read_bytes()[:-1] + b"x")
    elif how == "missing_file":
        article.unlink()
    elif how == "no_manifest":
        manifest.unlink()
    elif how == "bad_manifest":
        manifest.write_text("{")
    elif how == "unknown_format":
        manifest.write_text(json.dumps({**told, "format": 99}))
    elif how == "unknown_table":
        manifest.write_text(json.dumps({**told, "tables": {"wish": {"rows": 1, "sha256": ""}}}))


@pytest.mark.parametrize("how", ["hash_mismatch", "missing_file", "no_manifest", "bad_manifest", "unknown_format", "unknown_table"])
def test_a_bad_bundle_is_set_aside_and_the_others_load(tmp_path: Path, how: str) -> None:
    paths = fresh(tmp_path)
    bad = write_bundle(paths.inbox, Bundle(articles=(entry(1, [TOLD]),)))
    good = write_bundle(paths.inbox, Bundle(articles=(entry(2, [TOLD]),)))
    _broken(bad, how)
    report = load_pending(paths)
    assert report.loaded == (good.name,)
    assert [name for name, _ in report.quarantined] == [bad.name]
    assert json.loads((paths.quarantine / bad.name / "reason.json").read_text())["reason"] == how
    assert str(one(paths, "SELECT reason FROM load_ledger WHERE outcome = 'quarantined'")).startswith(f"{how}: ")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    folder = write_bundle(paths.inbox, Bundle(articles=(entry(1, [TOLD]),)))
    table = pq.read_table(folder / "article.parquet").drop_columns(["title"])
    pq.write_table(table, folder / "article.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    from hashlib import sha256

    manifest["tables"]["article"]["sha256"] = sha256((folder / "article.parquet").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    assert "unknown_schema" in load_pending(paths).quarantined[0][1]


def test_rows_that_break_a_check_are_set_aside_alone(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    outside = replace(TOLD, evidence=(Evidence(field=EvidenceField.MEETING, span=Span(0, 10_000)),))
    lonely = replace(TOLD, participants=(A,))
    names = [write_bundle(paths.inbox, Bundle(articles=(entry(n, [told]),))).name
             for n, told in enumerate((TOLD, outside, TOLD, lonely, TOLD))]
    report = load_pending(paths)
    assert set(report.loaded) == {names[0], names[2], names[4]}
    assert {name: reason.split(":")[0] for name, reason in report.quarantined} == {
        names[1]: "check_spans_outside_text", names[3]: "check_too_few_parties"}
    assert one(paths, "SELECT count(*) FROM article") == 3


def test_a_corrected_bundle_of_the_same_article_loads_after_quarantine(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    write_bundle(paths.inbox, Bundle(articles=(entry(1, [replace(TOLD, participants=(A,))]),)))
    assert load_pending(paths).quarantined
    load(paths, Bundle(articles=(entry(1, [TOLD]),)))
    assert one(paths, "SELECT count(*) FROM meeting") == 1


def test_newest_state_counts(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    bad = SourceHealth(source_id="a", observed_at=moment(1), state="failing", consecutive_failures=3)
    good = SourceHealth(source_id="a", observed_at=moment(2), state="ok")
    run = PipelineRun(run_id="r", observed_at=moment(1), flow="ingest", started_at=moment(1), state="running", counts={"pages": 3})
    load(paths, Bundle(source_health=(good,), runs=(replace(run, observed_at=moment(2), state="completed"),),
                       sources=(Source(source_id="a", observed_at=moment(1), name="Paper A", feed_urls=("https://a.example/rss",)),)))
    load(paths, Bundle(source_health=(bad,), runs=(run,), countries=(Country(code="IRN", observed_at=moment(1), name="Iran"),),
                       failures=(FetchFailure(url="https://a.example/x", observed_at=moment(1), stage=Stage.FETCH, reason="timeout"),)))
    assert one(paths, "SELECT state FROM source_health") == "ok"
    assert query(paths.published, "SELECT state, counts['pages'] FROM pipeline_run").rows == (("completed", 3),)
    assert one(paths, "SELECT failures FROM failure_summary") == 1
    assert query(paths.published, "SELECT source_id, state FROM source_overview").rows == (("a", "ok"),)


def test_readers_keep_their_copy_and_the_next_ones_see_the_new(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    with pytest.raises(NotPublished):
        open_published(paths.published)
    load(paths, Bundle(articles=(entry(1, [TOLD]),)))
    reader = open_published(paths.published)
    write_bundle(paths.inbox, Bundle(articles=(entry(2, []),)))
    # another process loads: one process keeps one copy of a database open at a time
    with ProcessPoolExecutor(1) as pool:
        assert pool.submit(load_pending, paths).result().published
    assert reader.execute("SELECT count(*) FROM article").fetchone() == (1,)
    reader.close()
    assert one(paths, "SELECT count(*) FROM article") == 2
    with pytest.raises(QueryError):
        query(paths.published, "INSERT INTO source VALUES (NULL)")


def test_an_unpublished_load_is_published_by_the_next(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    write_bundle(paths.inbox, Bundle(articles=(entry(1, [TOLD]),)))
    assert not load_pending(paths, publish=False).published
    assert load_pending(paths).published
    assert not load_pending(paths).published


def test_groups_bound_a_transaction(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    for n in range(5):
        write_bundle(paths.inbox, Bundle(articles=(entry(n, [TOLD], day=n),)))
    assert len(load_pending(paths, engine=Engine(group=1)).loaded) == 5
    assert one(paths, "SELECT count(*) FROM article") == 5


def test_many_writers_at_once(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    batches = [Bundle(articles=(entry(n % 4, [TOLD], observed=100 + n // 2),)) for n in range(8)]
    with ProcessPoolExecutor(4) as pool:
        names = {path.name for path in pool.map(write_bundle, [paths.inbox] * 8, batches)}
    assert len(names) == 8
    assert len(load_pending(paths).loaded) == 8


def test_what_cannot_be_bundled_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no time zone"):
        write_bundle(tmp_path, Bundle(articles=(replace(entry(1, [TOLD]), observed_at=datetime(2025, 1, 1)),)))  # noqa: DTZ001
    with pytest.raises(BundleError, match="at least one row"):
        write_bundle(tmp_path, Bundle())
    assert not list(tmp_path.iterdir())


def test_half_written_bundles_are_passed_over_and_old_ones_swept(tmp_path: Path) -> None:
    import os

    paths = fresh(tmp_path)
    paths.make_folders()
    young, old = paths.inbox / ".writing-a", paths.inbox / ".writing-b"
    for folder in (young, old):
        folder.mkdir()
        (folder / "article.parquet").write_bytes(b"half")
    os.utime(old, (0, 0))
    load(paths, Bundle(articles=(entry(1, [TOLD]),)))
    assert [path.name for path in paths.inbox.iterdir()] == [".writing-a"]


def test_the_tables_are_those_of_the_records(tmp_path: Path) -> None:
    connection = duckdb.connect(str(tmp_path / "x.duckdb"))
    migrate(connection)
    found = {}
    for table, column, sql_type, nullable, comment in connection.execute("""
            SELECT CASE WHEN schema_name = 'main' THEN table_name ELSE schema_name || '.' || table_name END, column_name, data_type,
                is_nullable, comment
            FROM duckdb_columns() WHERE NOT internal AND table_name IN (SELECT table_name FROM duckdb_tables())
            ORDER BY schema_name, table_name, column_index""").fetchall():
        found.setdefault(table, []).append((column, sql_type.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ"), nullable, comment))
    del found["schema_migration"]
    key = {table.name: table.key if table.primary else () for table in schema.TABLES}
    wanted = {table.name: [(c.name, c.sql_type, c.nullable and c.name not in key[table.name], c.doc) for c in table.columns]
              for table in schema.TABLES}
    assert found == wanted
    undescribed = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL").fetchall()
    assert not undescribed


def test_times_are_kept_to_the_microsecond_in_utc(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    east = datetime(2025, 11, 2, 1, 30, tzinfo=UTC).astimezone(tz=None) + timedelta(microseconds=5)
    article = entry(1, [])
    load(paths, Bundle(articles=(replace(article, article=replace(article.article, published=east)),)))
    assert one(paths, "SELECT published FROM article") == east
    shutil.rmtree(paths.done)  # nothing of a loaded bundle is needed any more
    load(paths, Bundle(articles=(entry(2, []),)))
