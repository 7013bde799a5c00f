"""The ledger: what is known of feeds, items, pages and runs. The truth that every stage works from; events are only wake-up calls.

    ledger = Ledger(settings.ledger)
    with ledger.run("ingest", now=now) as run:                       # marks what it claims; a dead run's claims are free again
        for state in ledger.claim_due_feeds(run, now=now): ...       # PollState, for flows.deciding
        ledger.save_poll(decision.state)
        new = ledger.add_items(state, feed.items, now=now)           # how many were never seen
        for page in ledger.claim_pages(run, now=now, limit=500): ... # Page, status pending
        ledger.page_fetched(page.page_id, place, answer, now=now)    # or page_again / page_failed
        for page in ledger.claim_fetched(run, limit=500): ...        # with its place in the archive
        ledger.page_read(...); ledger.pages_bundled(ids, bundle_id)  # or page_quarantined

A page's way: pending → fetched → read → bundled, or failed (never had), or quarantined (had, but cannot be read). Every method is one
transaction, takes the time as an argument, and may be repeated: a second call with the same arguments changes nothing.

One SQLite file in WAL mode: several processes may use it at once (writers wait for each other up to `BUSY_SECONDS`), and a process that
is killed at any moment leaves it whole. A `Ledger` belongs to one thread. Times are stored as ISO 8601 text in UTC.
"""

import contextlib
import hashlib
import json
import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.addresses import BadAddress, check_url, host_of, page_key, title_key
from flows.archiving import Entry, Place
from flows.deciding import PollState
from flows.ledger_rows import TABLES, Page, PageStatus, PastRun, Run, item_text, page_of, plain, state_of, time_of, time_text
from flows.locking import hold, is_held, let_go
from flows.outcomes import Answer, Reason
from flows.robots import RobotsFile
from parsers.records import FeedItem

__all__ = ["Ledger", "Page", "PageStatus", "Run"]

BUSY_SECONDS = 60
SAME_TITLE_DAYS = 7
READ_ATTEMPTS = 6
REFRESHES = 2
REFRESH_AFTER = timedelta(hours=3)
_CLOCK_SLACK = timedelta(minutes=5)
_ITEMS_KEPT = timedelta(days=30)
_RUNS_KEPT = timedelta(days=90)


class Ledger:
    """Opens, or makes, the ledger file. Methods are named for what has happened to a feed, page or run."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._locks = path.parent / "runs"
        self._sql = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        self._sql.row_factory = sqlite3.Row
        self._sql.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
        self._sql.execute("pragma journal_mode = wal")
        self._sql.execute("pragma synchronous = normal")
        with self._writing():
            for statement in TABLES.split(";"):
                self._sql.execute(statement)
            self._shape_feed_table()
            if "refreshes" not in self._columns("page"):
                self._sql.execute("alter table page add column refreshes integer not null default 0")

    def _columns(self, table: str) -> frozenset[str]:
        return frozenset(row["name"] for row in self._sql.execute(f"pragma table_info({table})"))

    def close(self) -> None:
        self._sql.close()

    # ── runs ──

    @contextlib.contextmanager
    def run(self, kind: str, *, now: datetime, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Iterator[Run]:
        """A run, from its start to its end; what it has claimed and not finished is free for others when it ends, or dies.

        `clock` tells the time of the end.
        """
        run = Run(run_id=f"{now.astimezone(UTC):%H%M%S}-{secrets.token_hex(4)}", kind=kind, started=now)
        self._locks.mkdir(exist_ok=True)
        lock_path = self._lock_path(run.run_id)
        lock = os.open(lock_path, os.O_CREAT | os.O_RDWR, 0o644)
        hold(lock, lock_path)
        with self._writing():
            self._sql.execute("insert into run (run_id, kind, started) values (?, ?, ?)", (run.run_id, kind, time_text(now)))
        outcome = "failed"
        try:
            yield run
            outcome = "done"
        finally:
            with self._writing():
                self._free_claims([run.run_id])
                self._sql.execute(
                    "update run set ended = ?, outcome = ? where run_id = ?", (time_text(clock()), outcome, run.run_id)
                )
            lock_path.unlink(missing_ok=True)
            let_go(lock_path)
            os.close(lock)

    def note_counts(self, run: Run, counts: Mapping[str, int]) -> None:
        """Keep a run's counts, replacing earlier ones."""
        with self._writing():
            self._sql.execute("update run set counts = ? where run_id = ?", (json.dumps(dict(counts), sort_keys=True), run.run_id))

    def free_dead_claims(self) -> int:
        """Take back what runs that are no longer alive had claimed, and close those runs. How many runs there were."""
        open_runs = [row["run_id"] for row in self._sql.execute("select run_id from run where ended is null")]
        dead = [run_id for run_id in open_runs if not is_held(self._lock_path(run_id))]
        if dead:
            with self._writing():
                self._free_claims(dead)
                self._sql.executemany(
                    "update run set ended = started, outcome = 'killed' where run_id = ? and ended is null", [(run_id,) for run_id in dead]
                )
            for run_id in dead:
                self._lock_path(run_id).unlink(missing_ok=True)
        return len(dead)

    def _free_claims(self, run_ids: Sequence[str]) -> None:
        for table in ("feed", "page"):
            self._sql.executemany(f"update {table} set claimed_by = null where claimed_by = ?", [(run_id,) for run_id in run_ids])

    def _lock_path(self, run_id: str) -> Path:
        return self._locks / f"{run_id}.lock"

    # ── feeds ──

    def register_feeds(self, feeds: Iterable[tuple[str, str]]) -> None:
        """Make (feed URL, source id) pairs known; what is known of a feed already stays. Other feeds of the same sources are forgotten."""
        pairs = tuple(feeds)
        listed = {url for url, _ in pairs}
        with self._writing():
            self._sql.executemany(
                "insert into feed (feed_url, source_id) values (?, ?) on conflict (feed_url) do update set source_id = excluded.source_id",
                pairs,
            )
            known = self._sql.execute("select feed_url, source_id from feed").fetchall()
            sources = {source_id for _, source_id in pairs}
            gone = [(row["feed_url"],) for row in known if row["source_id"] in sources and row["feed_url"] not in listed]
            self._sql.executemany("delete from feed where feed_url = ?", gone)

    def claim_due_feeds(
        self, run: Run, *, now: datetime, source_ids: Sequence[str] | None = None, limit: int = 10_000, force: bool = False
    ) -> tuple[PollState, ...]:
        """Feeds to ask now, longest due first, taken for this run. `force` takes those that are not due yet, too.

        Feeds of hosts that asked to be left alone are not given.
        """
        self.free_dead_claims()
        resting = self._resting_hosts(now)
        with self._writing():
            rows = self._sql.execute(
                "select * from feed where claimed_by is null and (? or next_try is null or next_try <= ?) order by next_try, feed_url",
                (force, time_text(now)),
            ).fetchall()
            states = [state_of(row) for row in rows]
            wanted = [s for s in states if (source_ids is None or s.source_id in source_ids) and _host(s.url) not in resting][:limit]
            self._sql.executemany("update feed set claimed_by = ? where feed_url = ?", [(run.run_id, s.feed_url) for s in wanted])
        return tuple(wanted)

    def poll_states(self) -> tuple[PollState, ...]:
        """What is known of every feed, by source and address."""
        return tuple(state_of(row) for row in self._sql.execute("select * from feed order by source_id, feed_url"))

    def poll_state(self, feed_url: str) -> PollState | None:
        row = self._sql.execute("select * from feed where feed_url = ?", (feed_url,)).fetchone()
        return state_of(row) if row is not None else None

    def save_poll(self, state: PollState) -> None:
        """Keep a feed's state after a poll, and let go of it."""
        values = {name: plain(value) for name, value in asdict(state).items()}
        names = list(values)
        updates = ", ".join(f"{name} = excluded.{name}" for name in names if name != "feed_url")
        with self._writing():
            self._sql.execute(
                f"insert into feed ({', '.join(names)}) values ({', '.join('?' * len(names))}) "
                f"on conflict (feed_url) do update set {updates}, claimed_by = null",
                list(values.values()),
            )

    def _shape_feed_table(self) -> None:
        """The feed table has a column for each field of PollState; a field added later is added here."""
        self._sql.execute("create table if not exists feed (feed_url text primary key, claimed_by text) without rowid")
        have = self._columns("feed")
        for field in fields(PollState):
            if field.name not in have:
                self._sql.execute(f"alter table feed add column {field.name}")

    # ── items ──

    def add_items(self, state: PollState, items: Iterable[FeedItem], *, now: datetime) -> int:
        """Make pages to fetch of the items that were never seen; how many there were.

        An item is known by its page's address, whatever its id. Where the address is new, it is known only if this feed has had its
        id and this source its title, both in the last week: an address that changed. So feeds whose items share one id, feeds that
        change ids, and feeds that change titles all lose nothing; what is the same text after all is told apart when loading.

        A page whose entry says that it was changed after it was fetched is fetched once more, up to `REFRESHES` times.
        """
        new = 0
        with self._writing():
            for item in items:
                new += self._add_item(state, item, now)
        return new

    def add_pages(self, source_id: str, urls: Iterable[str], *, now: datetime) -> int:
        """Make pages to fetch of bare addresses; how many were never seen. Addresses that are never asked are left out."""
        new = 0
        with self._writing():
            for url in urls:
                try:
                    address, page_id = check_url(url), _page_id(page_key(url))
                except BadAddress:
                    continue
                new += self._insert_page(page_id, address, source_id, None, None, now)
        return new

    def _add_item(self, state: PollState, item: FeedItem, now: datetime) -> int:
        address: str | None = None
        if item.link:
            with contextlib.suppress(BadAddress):
                address = check_url(item.link)
        item_key, title = _digest(item.item_id), title_key(item.title or "")
        page_id = _page_id(page_key(address) if address else f"{state.feed_url}\n{item.item_id}\n{title}")
        added = 0
        if self._sql.execute("select 1 from page where page_id = ?", (page_id,)).fetchone():
            self._refresh(page_id, item, now)
        else:
            moved_from = self._moved_from(state, item_key, title, now) if address else None
            if moved_from is not None:
                page_id = moved_from
            else:
                added = self._insert_page(page_id, address, state.source_id, state.feed_url, item, now)
        self._sql.execute(
            "insert into item (feed_url, item_key, page_id, seen) values (?, ?, ?, ?) on conflict do nothing",
            (state.feed_url, item_key, page_id, time_text(now)),
        )
        if item.title:
            self._sql.execute(
                "insert into title (source_id, title_key, seen, page_id) values (?, ?, ?, ?) "
                "on conflict do update set seen = excluded.seen, page_id = excluded.page_id",
                (state.source_id, title, time_text(now), page_id),
            )
        return added

    def _refresh(self, page_id: str, item: FeedItem, now: datetime) -> None:
        """Fetch a page again that was changed since; not at once, nor often: some feeds say "changed" of everything, always."""
        if item.updated is None:
            return
        self._sql.execute(
            "update page set status = 'pending', attempts = 0, next_try = null, refreshes = refreshes + 1, item = ? "
            "where page_id = ? and url is not null and status = 'bundled' and refreshes < ? and fetched < ? and fetched <= ?",
            (item_text(item), page_id, REFRESHES, time_text(item.updated - _CLOCK_SLACK), time_text(now - REFRESH_AFTER)),
        )

    def _moved_from(self, state: PollState, item_key: str, title: str, now: datetime) -> str | None:
        """The page of the last week that has both this id and this title, under another address; None where there is none."""
        row = self._sql.execute(
            "select page_id from item join title using (page_id) where item.feed_url = ? and item_key = ? and source_id = ? "
            "and title_key = ? and title.seen >= ?",
            (state.feed_url, item_key, state.source_id, title, time_text(now - timedelta(days=SAME_TITLE_DAYS))),
        ).fetchone()
        return row["page_id"] if row is not None else None

    def _insert_page(
        self, page_id: str, address: str | None, source_id: str, feed_url: str | None, item: FeedItem | None, now: datetime
    ) -> int:
        cursor = self._sql.execute(
            "insert into page (page_id, url, host, source_id, feed_url, status, discovered, published, item, fetched) "
            "values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
            (
                page_id, address, host_of(address) if address else "", source_id, feed_url,
                PageStatus.PENDING if address else PageStatus.FETCHED, time_text(now),
                time_text(item.published) if item and item.published else None, item_text(item) if item else None,
                None if address else time_text(now),
            ),
        )  # fmt: skip
        return cursor.rowcount

    # ── pages: fetching ──

    def claim_pages(
        self, run: Run, *, now: datetime, limit: int, source_ids: Sequence[str] | None = None, since: datetime | None = None
    ) -> tuple[Page, ...]:
        """Pending pages to fetch now, newest first and hosts mixed, taken for this run; those of resting hosts are left.

        `since`: only pages published (or, where that is unknown, discovered) then or later.
        """
        self.free_dead_claims()
        resting = self._resting_hosts(now)
        with self._writing():
            rows = self._sql.execute(
                "select page_id, host, source_id, "
                "row_number() over (partition by host order by coalesce(published, discovered) desc, page_id) as turn "
                "from page where status = 'pending' and claimed_by is null and (next_try is null or next_try <= ?) "
                "and (? is null or coalesce(published, discovered) >= ?) order by turn, page_id",
                (time_text(now), time_text(since) if since else None, time_text(since) if since else None),
            ).fetchall()
            wanted = [r for r in rows if r["host"] not in resting and (source_ids is None or r["source_id"] in source_ids)][:limit]
            self._claim(run, wanted)
            full = [self._sql.execute("select * from page where page_id = ?", (row["page_id"],)).fetchone() for row in wanted]
        return tuple(page_of(row) for row in full)

    def page_fetched(self, page_id: str, place: Place, answer: Answer, *, now: datetime) -> None:
        """The page lies in the archive."""
        self._mark_fetched(page_id, place, final_url=answer.url, http_status=answer.status, fetched=now)

    def page_again(self, page_id: str, answer: Answer, *, next_try: datetime, counted: bool) -> None:
        """The page could not be had now; it is pending until its next try."""
        with self._writing():
            self._sql.execute(
                "update page set attempts = attempts + ?, next_try = ?, reason = ?, detail = ?, http_status = ?, claimed_by = null "
                "where page_id = ? and status = 'pending'",
                (int(counted), time_text(next_try), str(answer.reason), answer.detail, answer.status, page_id),
            )

    def page_failed(self, page_id: str, answer: Answer) -> None:
        """The page is given up; one that was had before stays as it was."""
        with self._writing():
            self._sql.execute(
                "update page set attempts = attempts + 1, status = case when bundle_id is null then 'failed' else 'bundled' end, "
                "next_try = null, reason = ?, detail = ?, http_status = ?, claimed_by = null where page_id = ? and status = 'pending'",
                (str(answer.reason), answer.detail, answer.status, page_id),
            )

    def adopt(self, entries: Iterable[Entry]) -> int:
        """Mark as fetched the pages that a killed run had archived, but not noted (`Archive.recover` gives them); how many."""
        return sum(
            self._mark_fetched(entry.key, entry.place, final_url=entry.url, http_status=entry.status, fetched=entry.fetched)
            for entry in entries
            if entry.key
        )

    def _mark_fetched(self, page_id: str, place: Place, *, final_url: str, http_status: int | None, fetched: datetime) -> int:
        with self._writing():
            return self._sql.execute(
                "update page set status = 'fetched', attempts = attempts + 1, next_try = null, reason = null, detail = null, "
                "file = ?, offset = ?, length = ?, fetched = ?, final_url = ?, http_status = ?, claimed_by = null "
                "where page_id = ? and status in ('pending', 'failed')",
                (place.file, place.offset, place.length, time_text(fetched), final_url, http_status, page_id),
            ).rowcount

    def rest_host(self, host: str, until: datetime, reason: Reason) -> None:
        """The host asked to be left alone until then; a later wish wins over an earlier one."""
        with self._writing():
            self._sql.execute(
                "insert into host (host, rests_until, reason) values (?, ?, ?) on conflict (host) do update set "
                "rests_until = max(rests_until, excluded.rests_until), reason = excluded.reason",
                (host, time_text(until), str(reason)),
            )

    def _resting_hosts(self, now: datetime) -> frozenset[str]:
        return frozenset(row["host"] for row in self._sql.execute("select host from host where rests_until > ?", (time_text(now),)))

    # ── pages: reading ──

    def claim_fetched(self, run: Run, *, limit: int) -> tuple[Page, ...]:
        """Fetched (or read, but not bundled) pages to read now, oldest first, taken for this run and counted as begun.

        Pages whose reading was begun before and never ended may take their process with them. They come after all others, and in
        ever smaller batches, a quarter of the last, until the one that does harm is alone; after `READ_ATTEMPTS` it is quarantined.
        """
        self.free_dead_claims()
        waiting = "status in ('fetched', 'read') and claimed_by is null"
        with self._writing():
            self._sql.execute(
                f"update page set status = 'quarantined', reason = 'reading_never_ends' where {waiting} and reads >= ?", (READ_ATTEMPTS,)
            )
            begun = self._sql.execute(f"select min(reads) as begun from page where {waiting}").fetchone()["begun"] or 0
            rows = self._sql.execute(
                f"select * from page where {waiting} and reads = ? order by fetched, page_id limit ?", (begun, max(1, limit // 4**begun))
            ).fetchall()
            self._claim(run, rows)
            self._sql.executemany("update page set reads = reads + 1 where page_id = ?", [(row["page_id"],) for row in rows])
        return tuple(page_of(row) for row in rows)

    def page_read(self, page_id: str) -> None:
        """The page was read without harm; it waits for its bundle."""
        with self._writing():
            self._sql.execute("update page set status = 'read', reads = 0 where page_id = ? and status = 'fetched'", (page_id,))

    def pages_bundled(self, page_ids: Iterable[str], bundle_id: str) -> None:
        """The pages' records are in a bundle that lies in the inbox."""
        with self._writing():
            self._sql.executemany(
                "update page set status = 'bundled', reads = 0, bundle_id = ?, claimed_by = null where page_id = ?",
                [(bundle_id, page_id) for page_id in page_ids],
            )

    def page_quarantined(self, page_id: str, reason: str, detail: str = "") -> None:
        """The page was had, but cannot be read; it stays in the archive."""
        with self._writing():
            self._sql.execute(
                "update page set status = 'quarantined', reason = ?, detail = ?, claimed_by = null where page_id = ?",
                (reason, detail[:200], page_id),
            )

    def read_again(self, *, source_ids: Sequence[str] | None = None, since: datetime | None = None) -> int:
        """Put archived pages back to fetched, for a new reading: all, or those of these sources, fetched `since`. How many."""
        first = time_text(since) if since else None
        with self._writing():
            rows = self._sql.execute(
                "select page_id, source_id from page where status in ('read', 'bundled', 'quarantined') and (? is null or fetched >= ?)",
                (first, first),
            ).fetchall()
            wanted = [(row["page_id"],) for row in rows if source_ids is None or row["source_id"] in source_ids]
            self._sql.executemany(
                "update page set status = 'fetched', reads = 0, reason = null, detail = null where page_id = ?", wanted
            )
        return len(wanted)

    def _claim(self, run: Run, rows: Sequence[sqlite3.Row]) -> None:
        self._sql.executemany("update page set claimed_by = ? where page_id = ?", [(run.run_id, row["page_id"]) for row in rows])

    # ── looking ──

    def page(self, page_id: str) -> Page | None:
        row = self._sql.execute("select * from page where page_id = ?", (page_id,)).fetchone()
        return page_of(row) if row is not None else None

    def page_counts(self) -> Counter[str]:
        """Pages by status."""
        return Counter({row["status"]: row["n"] for row in self._sql.execute("select status, count(*) as n from page group by status")})

    def last_runs(self) -> tuple[PastRun, ...]:
        """The newest run of each kind."""
        rows = self._sql.execute(
            "select run_id, kind, started, ended, outcome, counts, max(started) from run group by kind order by kind"
        ).fetchall()
        return tuple(
            PastRun(
                run_id=row["run_id"], kind=row["kind"], started=time_of(row["started"]),
                ended=time_of(row["ended"]) if row["ended"] else None, outcome=row["outcome"], counts=json.loads(row["counts"] or "{}"),
            )
            for row in rows
        )  # fmt: skip

    def ready_pages(self, *, now: datetime, source_ids: Sequence[str]) -> int:
        """Pages that nobody has taken and that could be fetched (of these sources, their hosts not at rest) or read now."""
        resting = self._resting_hosts(now)
        rows = self._sql.execute(
            "select status, host, source_id, count(*) as n from page where claimed_by is null and "
            "(status in ('fetched', 'read') or (status = 'pending' and (next_try is null or next_try <= ?))) "
            "group by status, host, source_id",
            (time_text(now),),
        )
        return sum(
            row["n"] for row in rows
            if row["status"] != PageStatus.PENDING or (row["host"] not in resting and row["source_id"] in source_ids)
        )  # fmt: skip

    def texts_by_source(self, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
        """By source, of the pages that were fetched from `since` until before `until` and read: how many, and how many gave a text.

        Pages that the archive no longer gives are left out: that tells nothing of the source.
        """
        rows = self._sql.execute(
            "select source_id, count(*) as n, sum(status = 'bundled' or reason = 'extractor_failed') as texts from page "
            "where fetched >= ? and fetched < ? and (status = 'bundled' or (status = 'quarantined' and reason <> 'archive_damaged')) "
            "group by source_id",
            (time_text(since), time_text(until)),
        )
        return {row["source_id"]: (row["n"], row["texts"]) for row in rows}

    def reason_counts(self) -> Counter[tuple[str, str]]:
        """(status, reason) of pages that have not come through, and of feeds ("feed", reason) whose last poll failed."""
        found: Counter[tuple[str, str]] = Counter()
        for row in self._sql.execute("select status, reason, count(*) as n from page where reason is not null group by status, reason"):
            found[row["status"], row["reason"]] = row["n"]
        for row in self._sql.execute("select reason, count(*) as n from feed where failures > 0 group by reason"):
            found["feed", row["reason"]] = row["n"]
        return found

    # ── keeping small ──

    def tidy(self, *, now: datetime) -> None:
        """Forget what has no more use: ids and titles of long-gone entries, old runs, expired robots files. Pages stay known for good."""
        with self._writing():
            for table in ("item", "title"):
                self._sql.execute(f"delete from {table} where seen < ?", (time_text(now - _ITEMS_KEPT),))
            self._sql.execute("delete from run where ended < ?", (time_text(now - _RUNS_KEPT),))
            self._sql.execute("delete from robots where until < ?", (time_text(now - _ITEMS_KEPT),))
            self._sql.execute("delete from host where rests_until < ?", (time_text(now),))

    # ── robots (flows.robots.RobotsStore) ──

    def robots_file(self, origin: str) -> RobotsFile | None:
        row = self._sql.execute("select body, until from robots where origin = ?", (origin,)).fetchone()
        return RobotsFile(text=row["body"], until=time_of(row["until"])) if row is not None else None

    def keep_robots_file(self, origin: str, file: RobotsFile) -> None:
        with self._writing():
            self._sql.execute(
                "insert into robots (origin, body, until) values (?, ?, ?) "
                "on conflict (origin) do update set body = excluded.body, until = excluded.until",
                (origin, file.text, time_text(file.until)),
            )

    # ── transactions ──

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction that holds the write lock from its start, so that it never has to be tried again."""
        self._sql.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._sql.execute("rollback")
            raise
        self._sql.execute("commit")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _page_id(key: str) -> str:
    return _digest("page\n" + key)


def _host(url: str) -> str:
    try:
        return host_of(check_url(url))
    except BadAddress:
        return ""


