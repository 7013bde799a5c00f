"""The ledger: what was noted stays noted, whoever is killed; nothing is taken twice; items are known in spite of bad feeds."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.addresses import page_key, title_key
from flows.archiving import Archive, Place
from flows.deciding import PollState, Retired
from flows.ledger import READ_ATTEMPTS, Ledger, PageStatus
from flows.outcomes import Answer, Kind, Reason, Request
from flows.robots import RobotsFile
from parsers.records import FeedItem

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = "https://news.example/feed"
STATE = PollState(feed_url=FEED, source_id="news")
ROOT = Path(__file__).parent.parent


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger(tmp_path / "ledger.sqlite3")
    opened.register_feeds([(FEED, "news")])
    yield opened
    opened.close()


def item(number: int, **changes: object) -> FeedItem:
    made = FeedItem(item_id=f"id{number}", link=f"https://news.example/article/{number}", title=f"Title {number}", published=NOW)
    return replace(made, **changes)  # type: ignore[arg-type]


def answer(url: str, reason: Reason = Reason.OK) -> Answer:
    request = Request(url=url, kind=Kind.PAGE)
    return Answer(request=request, reason=reason, started=NOW, seconds=0.1, url=url, status=200, wire=b"x", body=b"x")


def place(number: int) -> Place:
    return Place(file="a.warc.gz", offset=number, length=10)


# ── feeds ──


def test_a_state_comes_back_as_it_was_kept(ledger: Ledger) -> None:
    state = PollState(
        feed_url=FEED, source_id="news", adopted_url="https://b.example/", etag='W/"é"', last_modified="x", body_hash="h", first_asked=NOW,
        last_asked=NOW + HOUR, last_success=NOW, last_full=NOW, last_new=NOW, next_try=NOW + 2 * HOUR, interval_minutes=61.5, failures=0.75,
        gone=1, moved_to="https://c.example/", moved_polls=2, adopted_failures=1, rate=3.25, items=20, retired=Retired.FAILING,
        reason="dns_failure", detail="no such name",
    )  # fmt: skip
    ledger.save_poll(state)
    assert ledger.poll_state(FEED) == state
    assert ledger.poll_states() == (state,)
    ledger.register_feeds([(FEED, "other")])
    assert ledger.poll_state(FEED) == replace(state, source_id="other")


def test_a_new_feed_is_due_and_a_polled_one_when_its_time_has_come(ledger: Ledger) -> None:
    with ledger.run("poll", now=NOW) as run:
        assert ledger.claim_due_feeds(run, now=NOW) == (STATE,)
        assert ledger.claim_due_feeds(run, now=NOW) == ()
        ledger.save_poll(replace(STATE, next_try=NOW + HOUR))
        assert ledger.claim_due_feeds(run, now=NOW + HOUR / 2) == ()
        assert ledger.claim_due_feeds(run, now=NOW + HOUR / 2, source_ids=["other"], force=True) == ()
        assert len(ledger.claim_due_feeds(run, now=NOW + HOUR / 2, force=True)) == 1
    with ledger.run("poll", now=NOW) as run:
        assert len(ledger.claim_due_feeds(run, now=NOW + HOUR)) == 1


def test_feeds_and_pages_of_a_resting_host_are_left(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1), item(2, link="https://elsewhere.example/2")], now=NOW)
    ledger.rest_host("news.example", NOW + HOUR, Reason.TOO_MANY_REQUESTS)
    ledger.rest_host("news.example", NOW + HOUR / 2, Reason.UNAVAILABLE)
    with ledger.run("all", now=NOW) as run:
        assert ledger.claim_due_feeds(run, now=NOW + HOUR / 1.5) == ()
        assert [page.url for page in ledger.claim_pages(run, now=NOW, limit=10)] == ["https://elsewhere.example/2"]
        assert len(ledger.claim_due_feeds(run, now=NOW + 2 * HOUR)) == 1
        assert len(ledger.claim_pages(run, now=NOW + 2 * HOUR, limit=10)) == 1


def test_a_feed_that_its_source_no_longer_names_is_forgotten(ledger: Ledger) -> None:
    ledger.register_feeds([("https://b.example/feed", "other")])
    ledger.save_poll(replace(STATE, rate=3.0))
    ledger.register_feeds([(FEED, "news"), ("https://news.example/world", "news")])
    assert [state.feed_url for state in ledger.poll_states()] == [FEED, "https://news.example/world", "https://b.example/feed"]
    assert ledger.poll_state(FEED) == replace(STATE, rate=3.0)
    ledger.register_feeds([("https://news.example/world", "news")])
    assert [state.feed_url for state in ledger.poll_states()] == ["https://news.example/world", "https://b.example/feed"]


def test_an_older_ledger_gets_the_columns_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as old:
        old.execute("create table feed (feed_url text primary key, claimed_by text, source_id) without rowid")
        old.execute("insert into feed values ('https://a.example/', null, 'a')")
    old.close()
    assert Ledger(path).poll_states() == (PollState(feed_url="https://a.example/", source_id="a"),)


# ── items ──


def test_items_are_new_once(ledger: Ledger) -> None:
    assert ledger.add_items(STATE, [item(1), item(2), item(1)], now=NOW) == 2
    assert ledger.add_items(STATE, [item(1), item(2), item(3)], now=NOW + HOUR) == 1


def test_all_spellings_of_an_address_are_one_page(ledger: Ledger) -> None:
    links = [
        "https://news.example/a/1", "http://news.example/a/1", "https://www.news.example/a/1/", "https://news.example/a/1?utm_source=rss#top",
        "https://NEWS.example:443/a/1?fbclid=x&utm_medium=y",
    ]  # fmt: skip
    assert ledger.add_items(STATE, [item(n, link=link, title=None) for n, link in enumerate(links)], now=NOW) == 1
    assert ledger.add_items(STATE, [item(9, link="https://news.example/a/1?page=2")], now=NOW) == 1


def test_a_feed_whose_items_share_one_id_loses_none(ledger: Ledger) -> None:
    items = [item(n, item_id="same") for n in range(10)]
    assert ledger.add_items(STATE, items, now=NOW) == 10
    assert ledger.add_items(STATE, items, now=NOW) == 0
    assert ledger.add_items(STATE, [item(n, item_id="same", link=None) for n in range(10)], now=NOW) == 10


def test_changed_ids_and_changed_titles_are_known_by_their_address(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    assert ledger.add_items(STATE, [item(1, item_id="headline in the id"), item(1, title="New headline")], now=NOW) == 0


def test_an_address_that_changed_is_known_by_id_and_title(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    renamed = item(1, link="https://news.example/2026/03/title-1")
    for _ in range(3):
        assert ledger.add_items(STATE, [renamed], now=NOW + HOUR) == 0
    assert ledger.add_items(STATE, [item(1, link="https://news.example/b", title="Another")], now=NOW) == 1
    assert ledger.add_items(STATE, [item(2, link="https://news.example/c", title="Title 1")], now=NOW) == 1
    assert ledger.add_items(STATE, [item(1, link="https://news.example/d")], now=NOW + timedelta(days=9)) == 1


def test_the_same_page_in_two_feeds_is_one(ledger: Ledger) -> None:
    assert ledger.add_items(STATE, [item(1)], now=NOW) == 1
    assert ledger.add_items(replace(STATE, feed_url="https://news.example/world"), [item(1)], now=NOW) == 0


@pytest.mark.parametrize("link", [None, "", "not a link", "mailto:a@b.example", "javascript:x", "http://user:word@a.example/"])
def test_items_without_a_page_are_kept_as_what_the_feed_says(ledger: Ledger, link: str | None) -> None:
    odd = item(1, link=link, content="The ministers met.", authors=("A. Writer",), updated=NOW)
    assert ledger.add_items(STATE, [odd], now=NOW) == 1
    with ledger.run("read", now=NOW) as run:
        assert ledger.claim_pages(run, now=NOW, limit=10) == ()
        (page,) = ledger.claim_fetched(run, limit=10)
    assert (page.url, page.place, page.item) == (None, None, odd)


def test_odd_text_is_kept(ledger: Ledger) -> None:
    odd = item(1, item_id="\ud800 \0 é", title="\ud83d half", summary="\0")
    assert ledger.add_items(STATE, [odd], now=NOW) == 1
    assert ledger.add_items(STATE, [odd], now=NOW) == 0


def test_keys() -> None:
    assert page_key("https://www.a.example/x/?b=2&a=1&utm_x=3") == page_key("http://a.example/x?a=1&b=2") == "a.example/x?a=1&b=2"
    assert page_key("https://a.example/%7Ename/%C3%A9") == page_key("https://a.example/~name/é")
    assert title_key("Iran, Kenya Sign Deal!") == title_key("iran  kenya – sign deal")


# ── pages ──


def test_the_way_of_a_page(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    with ledger.run("ingest", now=NOW) as run:
        (page,) = ledger.claim_pages(run, now=NOW, limit=10)
        assert (page.status, page.item, page.attempts) == (PageStatus.PENDING, item(1), 0)
        ledger.page_fetched(page.page_id, place(1), answer(page.url or ""), now=NOW)
        (page,) = ledger.claim_fetched(run, limit=10)
        assert (page.place, page.attempts, page.fetched) == (place(1), 1, NOW)
        ledger.page_read(page.page_id)
        ledger.pages_bundled([page.page_id], "bundle1")
        assert ledger.page_counts() == {"bundled": 1}
        assert ledger.claim_fetched(run, limit=10) == ()
    assert ledger.add_items(STATE, [item(1)], now=NOW) == 0
    assert ledger.read_again() == 1
    assert ledger.page_counts() == {"fetched": 1}


def test_a_page_that_was_read_but_not_bundled_is_read_again(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    with ledger.run("ingest", now=NOW) as run:
        (page,) = ledger.claim_pages(run, now=NOW, limit=10)
        ledger.page_fetched(page.page_id, place(1), answer("https://a.example/"), now=NOW)
        ledger.claim_fetched(run, limit=10)
        ledger.page_read(page.page_id)
    with ledger.run("ingest", now=NOW) as run:
        assert len(ledger.claim_fetched(run, limit=10)) == 1


def test_again_failed_and_counts(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1), item(2)], now=NOW)
    with ledger.run("ingest", now=NOW) as run:
        one, two = sorted(ledger.claim_pages(run, now=NOW, limit=10), key=lambda page: page.url or "")
        ledger.page_again(one.page_id, answer("https://a.example/", Reason.TIMEOUT), next_try=NOW + HOUR, counted=True)
        ledger.page_failed(two.page_id, answer("https://a.example/", Reason.GONE))
        assert ledger.claim_pages(run, now=NOW, limit=10) == ()
        (again,) = ledger.claim_pages(run, now=NOW + HOUR, limit=10)
        assert (again.page_id, again.attempts, again.reason) == (one.page_id, 1, "timeout")
    ledger.save_poll(replace(STATE, failures=0.5, reason="server_error"))
    assert ledger.reason_counts() == {("pending", "timeout"): 1, ("failed", "gone"): 1, ("feed", "server_error"): 1}


def test_newest_first_and_hosts_mixed(ledger: Ledger) -> None:
    items = [item(n, link=f"https://{host}.example/{n}", published=NOW - n * HOUR, title=None) for host in ("a", "b") for n in range(5)]
    ledger.add_items(STATE, items, now=NOW)
    with ledger.run("ingest", now=NOW) as run:
        urls = [page.url for page in ledger.claim_pages(run, now=NOW, limit=4)]
        assert set(urls) == {"https://a.example/0", "https://b.example/0", "https://a.example/1", "https://b.example/1"}
        since = ledger.claim_pages(run, now=NOW, limit=100, since=NOW - 3 * HOUR)
        assert {page.url for page in since} == {f"https://{host}.example/{n}" for host in "ab" for n in (2, 3)}
        assert len(ledger.claim_pages(run, now=NOW, limit=100, source_ids=["other"])) == 0


def test_a_page_that_takes_its_reader_with_it_is_quarantined(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1, link=None)], now=NOW)
    for _ in range(READ_ATTEMPTS):
        with ledger.run("read", now=NOW) as run:
            assert len(ledger.claim_fetched(run, limit=10)) == 1
    with ledger.run("read", now=NOW) as run:
        assert ledger.claim_fetched(run, limit=10) == ()
    assert ledger.reason_counts() == {("quarantined", "reading_never_ends"): 1}
    ledger.read_again()
    with ledger.run("read", now=NOW) as run:
        (page,) = ledger.claim_fetched(run, limit=10)
        ledger.page_quarantined(page.page_id, "not_a_page", "x" * 999)
    assert ledger.page_counts() == {"quarantined": 1}


def test_one_page_that_kills_costs_no_other(ledger: Ledger) -> None:
    """Every batch that holds the page dies; the others come through, and the page is found out in the end."""
    ledger.add_items(STATE, [item(n, link=None) for n in range(100)], now=NOW)
    killer = ""
    for _ in range(60):
        with ledger.run("read", now=NOW) as run:
            pages = ledger.claim_fetched(run, limit=64)
            killer = killer or pages[10].page_id
            if killer not in {page.page_id for page in pages}:
                ledger.pages_bundled([page.page_id for page in pages], "b")
        if not pages:
            break
    assert ledger.page_counts() == {"bundled": 99, "quarantined": 1}


def test_pages_archived_but_not_noted_are_adopted(ledger: Ledger, tmp_path: Path) -> None:
    ledger.add_items(STATE, [item(1), item(2)], now=NOW)
    archive = Archive(tmp_path / "archive")
    with ledger.run("ingest", now=NOW) as run:
        pages = ledger.claim_pages(run, now=NOW, limit=10)
        writer = archive.writer(run.run_id, now=NOW)
        for page in pages:
            request = Request(url=page.url or "", kind=Kind.PAGE, key=page.page_id)
            lying = writer.write(replace(answer(page.url or ""), request=request))
        ledger.page_fetched(page.page_id, lying, answer(page.url or ""), now=NOW)
    open_file = tmp_path / "archive" / (writer.name + ".open")
    copy = open_file.read_bytes()
    writer.close()
    for left in (tmp_path / "archive").iterdir():
        left.unlink()
    open_file.write_bytes(copy)
    entries = archive.recover()
    assert ledger.adopt(entries) == 1
    assert ledger.adopt(entries) == 0
    assert ledger.page_counts() == {"fetched": 2}


def test_bare_addresses(ledger: Ledger) -> None:
    urls = ["https://a.example/1", "http://www.a.example/1/", "ftp://a.example/2", "https://a.example/3"]
    assert ledger.add_pages("backfill", urls, now=NOW) == 2
    assert ledger.add_pages("backfill", urls, now=NOW) == 0


def bundle_all(ledger: Ledger, *, now: datetime) -> None:
    with ledger.run("ingest", now=now) as run:
        for page in ledger.claim_pages(run, now=now, limit=10):
            ledger.page_fetched(page.page_id, place(1), answer(page.url or ""), now=now)
        ledger.pages_bundled([page.page_id for page in ledger.claim_fetched(run, limit=10)], "b")


def test_a_page_that_was_changed_is_fetched_again_but_not_for_ever(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1, updated=NOW - HOUR)], now=NOW)
    bundle_all(ledger, now=NOW)
    ledger.add_items(STATE, [item(1, updated=NOW - HOUR)], now=NOW + 5 * HOUR)
    ledger.add_items(STATE, [item(1, updated=NOW + HOUR)], now=NOW + 2 * HOUR)
    assert ledger.page_counts() == {"bundled": 1}
    for day in range(1, 5):
        now = NOW + timedelta(days=day)
        assert ledger.add_items(STATE, [item(1, updated=now, title="Corrected")], now=now) == 0
        assert ledger.page_counts() == ({"pending": 1} if day <= 2 else {"bundled": 1})
        bundle_all(ledger, now=now)


def test_a_page_that_was_had_stays_so_when_it_cannot_be_had_again(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    bundle_all(ledger, now=NOW)
    ledger.add_items(STATE, [item(1, updated=NOW + HOUR)], now=NOW + 4 * HOUR)
    with ledger.run("ingest", now=NOW) as run:
        (page,) = ledger.claim_pages(run, now=NOW + 4 * HOUR, limit=10)
        ledger.page_failed(page.page_id, answer("https://a.example/", Reason.GONE))
    assert ledger.page_counts() == {"bundled": 1}


def test_tidying_forgets_no_page(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    ledger.rest_host("a.example", NOW + HOUR, Reason.UNAVAILABLE)
    with ledger.run("ingest", now=NOW, clock=lambda: NOW):
        pass
    ledger.tidy(now=NOW + timedelta(days=100))
    with sqlite3.connect(ledger.path) as sql:
        tables = ("item", "title", "host", "run", "page", "feed")
        left = {table: sql.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}
    sql.close()
    assert left == {"item": 0, "title": 0, "host": 0, "run": 0, "page": 1, "feed": 1}
    assert ledger.add_items(STATE, [item(1)], now=NOW + timedelta(days=100)) == 0


def test_robots_files(ledger: Ledger) -> None:
    assert ledger.robots_file("https://a.example") is None
    for text in ("User-agent: *", ""):
        ledger.keep_robots_file("https://a.example", RobotsFile(text=text, until=NOW))
        assert ledger.robots_file("https://a.example") == RobotsFile(text=text, until=NOW)


# ── runs, processes, kills ──


def test_claims_of_a_run_that_ended_or_failed_are_free(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    with pytest.raises(ZeroDivisionError), ledger.run("ingest", now=NOW) as run:
        assert len(ledger.claim_pages(run, now=NOW, limit=10)) == 1
        raise ZeroDivisionError
    with ledger.run("ingest", now=NOW, clock=lambda: NOW + HOUR) as run:
        ledger.note_counts(run, {"fetched": 3})
        assert len(ledger.claim_pages(run, now=NOW, limit=10)) == 1
    rows = sqlite3.connect(ledger.path).execute("select outcome, ended is not null, counts from run order by outcome").fetchall()
    assert rows == [("done", 1, '{"fetched": 3}'), ("failed", 1, None)]


def test_another_ledger_of_the_same_process_does_not_free_a_living_run(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1)], now=NOW)
    other = Ledger(ledger.path)
    with ledger.run("ingest", now=NOW) as run:
        assert len(ledger.claim_pages(run, now=NOW, limit=10)) == 1
        assert other.free_dead_claims() == 0
        with other.run("ingest", now=NOW) as second:
            assert other.claim_pages(second, now=NOW, limit=10) == ()
    other.close()


CLAIMER = """
import sys
from datetime import datetime, UTC
from pathlib import Path
from flows.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
with ledger.run("ingest", now=datetime.now(UTC)) as run:
    print(len(ledger.claim_pages(run, now=datetime.now(UTC), limit=10)), flush=True)
    sys.stdin.read()
"""


def test_claims_of_a_living_process_hold_and_those_of_a_killed_one_are_free_at_once(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(1), item(2)], now=NOW)
    with subprocess.Popen(
        [sys.executable, "-c", CLAIMER, str(ledger.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "2\n"
        with ledger.run("ingest", now=NOW) as run:
            assert ledger.claim_pages(run, now=NOW, limit=10) == ()
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
            assert len(ledger.claim_pages(run, now=NOW, limit=10)) == 2
    outcomes = sqlite3.connect(ledger.path).execute("select outcome, count(*) from run group by 1 order by 1").fetchall()
    assert outcomes == [("done", 1), ("killed", 1)]
    assert list((ledger.path.parent / "runs").iterdir()) == []


WORKER = """
import sys
from datetime import datetime, timedelta, UTC
from pathlib import Path
from flows.archiving import Place
from flows.ledger import Ledger
from tests.test_ledger import STATE, answer, item
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ledger = Ledger(Path(sys.argv[1]))
while True:
    with ledger.run("ingest", now=NOW) as run:
        pages = ledger.claim_pages(run, now=NOW, limit=7)
        if not pages:
            break
        for page in pages:
            ledger.page_fetched(page.page_id, Place(file="x", offset=1, length=1), answer(page.url), now=NOW)
            print("fetched", page.page_id, flush=True)
        read = ledger.claim_fetched(run, limit=7)
        ledger.pages_bundled([page.page_id for page in read], run.run_id)
        for page in read:
            print("bundled", page.page_id, flush=True)
"""


def start_worker(path: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WORKER, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def drain(process: subprocess.Popen[str], into: list[str]) -> threading.Thread:
    assert process.stdout is not None
    stream = process.stdout
    reader = threading.Thread(target=lambda: into.extend(stream.readlines()))
    reader.start()
    return reader


def test_several_processes_take_each_page_once(ledger: Ledger) -> None:
    ledger.add_items(STATE, [item(n) for n in range(300)], now=NOW)
    lines: list[str] = []
    processes = [start_worker(ledger.path) for _ in range(3)]
    readers = [drain(process, lines) for process in processes]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    for reader in readers:
        reader.join()
    fetched = [line.split()[1] for line in lines if line.startswith("fetched")]
    assert len(fetched) == len(set(fetched)) == 300
    assert ledger.page_counts()["pending"] == 0


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.faults) for seed in range(1, 12))])
def test_kill_at_any_moment_loses_nothing_and_doubles_nothing(ledger: Ledger, seed: int) -> None:
    """Workers are killed again and again; what they said they had noted is noted, and in the end everything is done."""
    rng = random.Random(seed)
    ledger.add_items(STATE, [item(n) for n in range(400)], now=NOW)
    lines: list[str] = []
    for _ in range(4):
        process = start_worker(ledger.path)
        reader = drain(process, lines)
        time.sleep(rng.uniform(0.25, 0.45))
        process.kill()
        process.wait()
        reader.join()
        assert sqlite3.connect(ledger.path).execute("pragma integrity_check").fetchone() == ("ok",)
        told = [line.split() for line in lines if len(line.split()) == 2 and len(line.split()[1]) == 24]
        for word, page_id in told:
            page = ledger.page(page_id)
            assert page is not None
            assert page.status in ({PageStatus.BUNDLED} if word == "bundled" else {PageStatus.FETCHED, PageStatus.BUNDLED})
    last = start_worker(ledger.path)
    reader = drain(last, lines)
    assert last.wait(60) == 0
    reader.join()
    fetched = [line.split()[1] for line in lines if line.startswith("fetched ")]
    assert len(fetched) == len(set(fetched))
    counts = ledger.page_counts()
    with ledger.run("ingest", now=NOW) as run:
        rest = ledger.claim_fetched(run, limit=1000)
    assert counts["bundled"] + len(rest) == 400
