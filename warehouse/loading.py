"""The one loader: all pending bundles in one transaction, then resolving, checks, a checkpoint and the published copy.

Bundles may come late, doubled or in any order: of an article's extractions the one observed last counts, and a bundle that is in the
ledger changes nothing. A bundle that is not as its manifest says, or that breaks a check, goes to quarantine; the others load.
"""

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from warehouse import bundles, publishing
from warehouse.bundles import PendingBundle
from warehouse.checking import check_touched
from warehouse.connection import Engine, WarehousePaths, engine_errors, loader_lock, open_writer
from warehouse.durable import full_disk_named, sync_folder, write_durably
from warehouse.errors import BundleError, CheckFailed
from warehouse.migrating import migrate, transaction
from warehouse.resolving import resolve
from warehouse.schema import BUNDLED, BY_NAME, Table

_STALE_SECONDS = 3600.0  # a half-written bundle that old belongs to a process that was killed
_DATA_ERRORS = (duckdb.ConversionException, duckdb.ConstraintException, duckdb.InvalidInputException, duckdb.OutOfRangeException)
_ARTICLE_TABLES = ("article", "mention", "mention_participant", "mention_topic", "mention_outcome", "mention_evidence")
_CHILDREN = ("mention_participant", "mention_topic", "mention_outcome", "mention_evidence")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """What a load did. Names are those of bundles; counts are rows."""

    loaded: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    quarantined: tuple[tuple[str, str], ...] = ()
    """(bundle, reason)"""
    articles: int = 0
    mentions_added: int = 0
    mentions_removed: int = 0
    meetings_changed: int = 0
    published: bool = False
    seconds: dict[str, float] = field(default_factory=dict)
    """seconds by step: read, rows, resolve, check, commit, publish"""
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    """the same of the processor, all threads together"""


@dataclass(slots=True)
class _Tally:
    loaded: list[str] = field(default_factory=list)
    quarantined: list[tuple[str, str]] = field(default_factory=list)
    articles: int = 0
    added: int = 0
    removed: int = 0
    meetings: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    cpu_mark: float = field(default_factory=time.process_time)

    def start(self) -> float:
        self.cpu_mark = time.process_time()
        return time.perf_counter()

    def since(self, step: str, start: float) -> float:
        """Counts the time since `start` to the step; returns the start of the next."""
        now, cpu = time.perf_counter(), time.process_time()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - start
        self.cpu_seconds[step] = self.cpu_seconds.get(step, 0.0) + cpu - self.cpu_mark
        self.cpu_mark = cpu
        return now


def load_pending(paths: WarehousePaths, *, engine: Engine | None = None, publish: bool = True) -> LoadReport:
    """Loads all bundles in the inbox and publishes; waits for a loader that is at work. With nothing pending it only publishes what
    an earlier, killed load left unpublished.

    Raises DiskFull, DamagedDatabase, SchemaError; CheckFailed only where no single bundle is to blame.
    """
    engine = engine or Engine()
    with loader_lock(paths), engine_errors(str(paths.database)), full_disk_named(str(paths.database)):
        _sweep(paths.inbox)
        tally = _Tally()
        start = tally.start()
        with open_writer(paths.database, engine) as connection:
            migrate(connection)
            known = dict(connection.execute("SELECT bundle_id, sha256 FROM load_ledger WHERE outcome = 'loaded'").fetchall())
            folders = sorted(path for path in paths.inbox.iterdir() if path.is_dir() and not path.name.startswith("."))
            doubled = tuple(path.name for path in folders if path.name in known)
            pending = list(_readable(connection, paths, [path for path in folders if path.name not in known], tally))
            tally.since("read", start)
            for group in _groups(pending, engine.group):
                _load_group(connection, paths, group, tally)
            if tally.loaded:
                start = tally.start()
                connection.execute("CHECKPOINT")
                tally.since("commit", start)
            changed = publishing.changed_at(connection)
        published = False
        if publish and (tally.loaded or publishing.is_stale(paths.published, changed)):
            start = tally.start()
            publishing.publish(paths)
            tally.since("publish", start)
            published = True
        for name in (*tally.loaded, *doubled):
            _finish(paths, name)
    return LoadReport(
        loaded=tuple(tally.loaded), doubled=doubled, quarantined=tuple(tally.quarantined), articles=tally.articles,
        mentions_added=tally.added, mentions_removed=tally.removed, meetings_changed=tally.meetings, published=published,
        seconds={step: round(seconds, 4) for step, seconds in tally.seconds.items()},
        cpu_seconds={step: round(seconds, 4) for step, seconds in tally.cpu_seconds.items()},
    )


def _sweep(inbox: Path) -> None:
    """Takes away what killed writers left half-written."""
    for folder in inbox.glob(f"{bundles.TEMPORARY}*"):
        try:
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder, ignore_errors=True)
        except FileNotFoundError:
            continue  # its writer has just finished


def _readable(
    connection: duckdb.DuckDBPyConnection, paths: WarehousePaths, folders: Sequence[Path], tally: _Tally
) -> Iterator[PendingBundle]:
    for folder in folders:
        try:
            yield bundles.read_manifest(folder)
        except BundleError as error:
            _quarantine(connection, paths, folder, error.reason, str(error), tally)


def _groups(pending: Sequence[PendingBundle], limit: int) -> Iterator[list[PendingBundle]]:
    """Bundles in the order of their names, cut so that a group has at most `limit` rows (or one bundle)."""
    group: list[PendingBundle] = []
    total = 0
    for bundle in pending:
        size = sum(bundle.rows.values())
        if group and total + size > limit:
            yield group
            group, total = [], 0
        group.append(bundle)
        total += size
    if group:
        yield group


def _load_group(connection: duckdb.DuckDBPyConnection, paths: WarehousePaths, group: list[PendingBundle], tally: _Tally) -> None:
    """One transaction; where the rows break it, the halves are tried, down to the one bundle that is to blame."""
    try:
        counts = _load(connection, group, tally)
    except (CheckFailed, *_DATA_ERRORS) as error:
        if len(group) == 1:
            reason = f"check_{error.check}" if isinstance(error, CheckFailed) else "bad_value"
            _quarantine(connection, paths, group[0].folder, reason, str(error).splitlines()[0], tally)
            return
        middle = len(group) // 2
        _load_group(connection, paths, group[:middle], tally)
        _load_group(connection, paths, group[middle:], tally)
        return
    tally.loaded.extend(bundle.name for bundle in group)
    tally.articles += counts[0]
    tally.added += counts[1]
    tally.removed += counts[2]
    tally.meetings += counts[3]


def _load(connection: duckdb.DuckDBPyConnection, group: Sequence[PendingBundle], tally: _Tally) -> tuple[int, int, int, int]:
    start = tally.start()
    with transaction(connection):
        for table in BUNDLED:
            _stage(connection, table, group)
        articles = _merge_articles(connection)
        added, removed = _merge_mentions(connection)
        for table in BUNDLED:
            if table.name not in _ARTICLE_TABLES and any(table.name in bundle.rows for bundle in group):
                _merge_newest(connection, table)
        _note_loaded(connection, group)
        start = tally.since("rows", start)
        meetings = resolve(connection)
        start = tally.since("resolve", start)
        check_touched(connection)
        start = tally.since("check", start)
    tally.since("commit", start)
    return articles, added, removed, meetings


def _stage(connection: duckdb.DuckDBPyConnection, table: Table, group: Sequence[PendingBundle]) -> None:
    """`new_<table>`: a view of the rows of the group's files, each with the name of its bundle. Files keep the order of the days, so that
    what is inserted from them lies in the order of the ids, or nearly."""
    files = [str(bundle.folder / f"{table.name}.parquet") for bundle in group if bundle.rows.get(table.name)]
    names = ", ".join(f'"{column.name}"' for column in table.bundle_columns)
    if not files:
        types = ", ".join(f'CAST(NULL AS {column.sql_type}) AS "{column.name}"' for column in table.bundle_columns)
        connection.execute(f"CREATE OR REPLACE TEMP VIEW new_{table.name} AS SELECT {types}, '' AS bundle_id WHERE false")
        return
    quoted = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW new_{table.name} AS SELECT {names}, parse_path(filename)[-2] AS bundle_id "
                       f"FROM read_parquet([{quoted}], filename = true)")


def _merge_articles(connection: duckdb.DuckDBPyConnection) -> int:
    """Leaves in `winner` the articles that this group changes, and in `touched_article` their ids, old ones included."""
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE stored AS
        SELECT url_key, article_id, observed_at, bundle_id, content_hash FROM article
        WHERE url_key IN (SELECT url_key FROM new_article)""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE winner AS
        SELECT a.article_id, a.url_key, a.bundle_id, s.article_id AS old_id,
            s.content_hash IS NOT DISTINCT FROM a.content_hash AND s.article_id = a.article_id AS same
        FROM new_article a LEFT JOIN stored s USING (url_key)
        WHERE s.url_key IS NULL OR (a.observed_at, a.bundle_id) > (s.observed_at, s.bundle_id)
        QUALIFY row_number() OVER (PARTITION BY url_key ORDER BY a.observed_at DESC, a.bundle_id DESC) = 1""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE touched_article AS
        SELECT article_id FROM winner UNION SELECT old_id FROM winner WHERE old_id IS NOT NULL""")
    names = BY_NAME["article"].names
    columns = ", ".join(f'"{name}"' for name in names)
    small = ("observed_at", "extractor_version", "fetched_at", "archive_file", "archive_offset", "bundle_id")
    total, replaced, kept = _counts(connection, "SELECT count(*), count(*) FILTER (old_id IS NOT NULL AND NOT same), "
                                                "count(*) FILTER (coalesce(same, false)) FROM winner")
    if replaced:
        connection.execute("DELETE FROM article WHERE article_id IN (SELECT old_id FROM winner WHERE NOT same)")
    if kept:
        sets = ", ".join(f"{name} = n.{name}" for name in small)
        connection.execute(f"""
            UPDATE article SET {sets} FROM new_article n SEMI JOIN (SELECT * FROM winner WHERE same) w USING (article_id, bundle_id)
            WHERE article.article_id = n.article_id""")
    if total > kept:
        connection.execute(f"""
            INSERT INTO article ({columns}) SELECT {columns} FROM new_article
            SEMI JOIN (SELECT * FROM winner WHERE NOT coalesce(same, false)) w USING (article_id, bundle_id)""")
    connection.execute("""
        INSERT INTO extraction BY NAME
        SELECT a.article_id, a.extractor_version, a.observed_at, a.status, count(m.mention_id) AS mentions, a.bundle_id,
            CAST(md5(coalesce(string_agg(m.content_hash::VARCHAR, ',' ORDER BY m.ordinal), '')) AS UUID) AS mention_hash
        FROM new_article a LEFT JOIN new_mention m USING (article_id, bundle_id)
        GROUP BY ALL ORDER BY a.article_id""")
    return total


def _merge_mentions(connection: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Replaces the mentions of changed articles, each with its children; those that are as before are not touched.

    Leaves in `added_mention` and `removed_mention` what changed. Children come from the bundle of the winning article alone: those of
    an older extraction of the same mention must not come back.
    """
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE arriving AS
        SELECT m.mention_id, m.content_hash, m.bundle_id, coalesce(w.same, false) AS same_article
        FROM new_mention m JOIN winner w USING (article_id, bundle_id)""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE old_mention AS
        SELECT mention_id, content_hash FROM mention WHERE article_id IN (SELECT old_id FROM winner WHERE old_id IS NOT NULL)""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE added_mention AS
        SELECT a.mention_id, a.bundle_id FROM arriving a LEFT JOIN old_mention o USING (mention_id)
        WHERE o.mention_id IS NULL OR o.content_hash <> a.content_hash OR NOT a.same_article""")
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE removed_mention AS
        SELECT o.mention_id FROM old_mention o LEFT JOIN arriving a USING (mention_id)
        WHERE a.mention_id IS NULL OR o.mention_id IN (SELECT mention_id FROM added_mention)""")
    added, = _counts(connection, "SELECT count(*) FROM added_mention")
    removed, = _counts(connection, "SELECT count(*) FROM removed_mention")
    for name in ("mention", *_CHILDREN):
        columns = ", ".join(f'"{column}"' for column in BY_NAME[name].names)
        if removed:
            connection.execute(f"DELETE FROM {name} WHERE mention_id IN (SELECT mention_id FROM removed_mention)")
        if added:
            connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM new_{name} "
                               "SEMI JOIN added_mention USING (mention_id, bundle_id)")
    return added, removed


def _merge_newest(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Tables whose rows are the newest state of something: a row comes in where it is newer than the stored one and says something else."""
    key = ", ".join(f'"{name}"' for name in table.key)
    columns = ", ".join(f'"{name}"' for name in table.names)
    same_key = " AND ".join(f't."{name}" = n."{name}"' for name in table.key)
    says = [name for name in table.names if name not in (*table.key, "observed_at")] if table.name in ("source", "country", "topic") else []
    repeats = " AND ".join(f't."{name}" IS NOT DISTINCT FROM n."{name}"' for name in says) or "false"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE newest AS SELECT {columns} FROM new_{table.name} n
        WHERE NOT EXISTS (SELECT 1 FROM {table.name} t WHERE {same_key} AND (t.observed_at >= n.observed_at OR ({repeats})))
        QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY observed_at DESC, bundle_id DESC) = 1""")
    connection.execute(f"DELETE FROM {table.name} t USING newest n WHERE {same_key}")
    connection.execute(f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM newest ORDER BY {key}")


def _note_loaded(connection: duckdb.DuckDBPyConnection, group: Sequence[PendingBundle]) -> None:
    names = [bundle.name for bundle in group]
    connection.execute("DELETE FROM load_ledger WHERE bundle_id IN (SELECT unnest(?::VARCHAR[]))", [names])
    connection.execute(
        "INSERT INTO load_ledger SELECT unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), 'loaded', NULL, unnest(?::BIGINT[]), now()",
        [names, [bundle.sha256 for bundle in group], [sum(bundle.rows.values()) for bundle in group]])
    publishing.mark_changed(connection)


def _counts(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[int, ...]:
    row = connection.execute(sql).fetchone()
    return tuple(int(value) for value in row or ())


def _quarantine(
    connection: duckdb.DuckDBPyConnection, paths: WarehousePaths, folder: Path, reason: str, message: str, tally: _Tally
) -> None:
    """Moves the bundle aside with its reason, first in the ledger, then on disk: a crash between them is made good by the next load."""
    with transaction(connection):
        connection.execute("DELETE FROM load_ledger WHERE bundle_id = ?", [folder.name])
        connection.execute("INSERT INTO load_ledger VALUES (?, '', 'quarantined', ?, 0, now())", [folder.name, f"{reason}: {message}"])
        publishing.mark_changed(connection)
    target = paths.quarantine / folder.name
    if target.exists():
        shutil.rmtree(target)
    folder.rename(target)
    write_durably(target / "reason.json", json.dumps({"reason": reason, "message": message}, indent=1).encode())
    sync_folder(paths.quarantine)
    tally.quarantined.append((folder.name, f"{reason}: {message}"))


def _finish(paths: WarehousePaths, name: str) -> None:
    """Moves a loaded bundle out of the inbox."""
    source, target = paths.inbox / name, paths.done / name
    if target.exists():
        shutil.rmtree(source)
    else:
        source.rename(target)
