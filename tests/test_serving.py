"""`sidelines serve` on a real server with a real worker: deployments, the chain of flows, the event that starts a load, the end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from flows import events
from flows.engine import command_of
from flows.ledger import Ledger
from parsers.records import Article
from warehouse.asking import holdings
from warehouse.bundles import Bundle, write_bundle
from warehouse.connection import query
from warehouse.errors import NotPublished
from warehouse.rows import ArticleEntry, ArticleStatus

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(600)]

SIDELINES = (sys.executable, "-c", "from flows.cli import main; main()")
ROOT = Path(__file__).resolve().parent.parent
DEPLOYMENTS = {
    f"{name}/{name}" for name in ("poll", "ingest", "load", "reparse", "backfill", "audit", "report", "alarm")
}  # fmt: skip
OWN_AUTOMATIONS = {"crash-zombie-runs", "crash-stuck-pending", "failed-twice-in-a-row", "a-watch-matched"}
READY = "ready: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A `sidelines serve` under way."""

    home: Path
    api: str
    process: "subprocess.Popen[str]"
    environment: dict[str, str]
    log: Path

    def post(self, path: str, **body: Any) -> Any:
        answer = httpx.post(f"{self.api}{path}", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def runs(self, flow: str) -> list[dict[str, Any]]:
        return list(self.post("/flow_runs/filter", flows={"name": {"any_": [flow]}}, limit=200))

    def articles(self) -> int:
        try:
            return holdings(self.home / "published.duckdb").articles
        except NotPublished:
            return 0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(truth: Callable[[], bool], *, seconds: float, what: str) -> float:
    """Seconds until it is true. Fails after `seconds`."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if truth():
            return time.monotonic() - start
        time.sleep(0.2)
    pytest.fail(f"after {seconds:.0f} s still not: {what}")


def begin(home: Path, port: int) -> Served:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SIDELINES_"))}
    ours = {"SIDELINES_HOME": str(home), "SIDELINES_SPACING_SECONDS": "0.05", "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    environment = {**kept, **ours}
    log = home.parent / "serve.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            [*SIDELINES, "serve", "--port", str(port)], env=environment, cwd=home.parent, stdout=out, stderr=out, text=True
        )
    return Served(home=home, api=f"http://127.0.0.1:{port}/api", process=process, environment=environment, log=log)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("serving") / "home"
    running = begin(home, free_port())
    try:
        wait_for(lambda: READY in running.log.read_text() or running.process.poll() is not None, seconds=240, what=READY)
        assert running.process.poll() is None, running.log.read_text()
        yield running
    finally:
        if running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            running.process.wait(90)


def test_the_server_answers(served: Served) -> None:
    assert httpx.get(f"{served.api}/health", timeout=10).json() is True
    assert httpx.get(f"{served.api}/admin/version", timeout=10).json().startswith("3.")


def test_what_prefect_yaml_declares_is_there(served: Served) -> None:
    deployments = served.post("/deployments/filter")
    flows = {flow["id"]: flow["name"] for flow in served.post("/flows/filter")}
    by_name = {f"{flows[row['flow_id']]}/{row['name']}": row for row in deployments}
    assert set(by_name) == DEPLOYMENTS
    for name, row in by_name.items():
        assert row["description"], name
        assert row["work_pool_name"] == "sidelines"
        assert row["entrypoint"].startswith("flows."), "a path as entrypoint would put flows/ first on the path of modules"
        assert "sidelines" in row["tags"]
    schedules = {name: [s["slug"] for s in row["schedules"] if s["active"]] for name, row in by_name.items()}
    assert schedules["poll/poll"] == ["every-10-minutes"]
    assert schedules["ingest/ingest"] == schedules["load/load"] == ["sweep"]
    assert schedules["report/report"] == ["daily"]
    assert by_name["load/load"]["global_concurrency_limit"]["limit"] == 1
    assert by_name["load/load"]["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert by_name["poll/poll"]["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    automations = {row["name"]: row for row in served.post("/automations/filter")}
    assert set(automations) >= OWN_AUTOMATIONS
    assert automations["crash-zombie-runs"]["trigger"]["within"] >= 3 * 180, "less than three heartbeats would crash healthy runs"
    trigger = automations["load a bundle that was written elsewhere"]["trigger"]
    assert trigger["expect"] == ["sidelines.bundle.written"]


def test_the_first_poll_goes_the_whole_road(served: Served) -> None:
    wait_for(lambda: served.articles() == 20, seconds=240, what="the sample's 20 articles are published")
    for flow in ("poll", "ingest", "load"):
        wait_for(
            lambda flow=flow: any(run["state_type"] == "COMPLETED" for run in served.runs(flow)),  # type: ignore[misc]
            seconds=60, what=f"{flow} is completed",
        )  # fmt: skip
    names = [run["name"] for flow in ("poll", "ingest", "load") for run in served.runs(flow)]
    assert any(name.startswith("poll ") and "21 new items" in name for name in names), names
    assert any(name.startswith("ingest 2 sources: 21 pages") for name in names), names
    assert any(name.startswith("load ") and "20 articles" in name for name in names), names
    keys = {artifact["key"] for artifact in served.post("/artifacts/filter")}
    assert {"sources", "load", "newest-meetings"} <= keys


def test_the_report_is_written_and_shown(served: Served) -> None:
    wait_for(lambda: served.articles() >= 20, seconds=240, what="the first load is done")
    start = f"{served.api}/deployments/{deployment(served, 'report')}/create_flow_run"
    body = {"idempotency_key": "test"}  # a busy SQLite answers 503: ask again, and have one run all the same
    wait_for(lambda: httpx.post(start, json=body, timeout=30).is_success, seconds=60, what="the server takes a run of report")
    wait_for(lambda: any(run["state_type"] == "COMPLETED" for run in served.runs("report")), seconds=120, what="report is completed")
    assert "Who met whom" in (served.home / "report.html").read_text(encoding="utf-8")
    (run,) = (run for run in served.runs("report") if run["state_type"] == "COMPLETED")  # others wait for their day
    assert run["name"].startswith("report: ") and run["name"].endswith("meetings")
    (shown,) = (artifact for artifact in served.post("/artifacts/filter") if artifact["key"] == "report")
    assert str(served.home.resolve() / "report.html") in shown["data"]


def test_a_bundle_written_elsewhere_is_loaded_on_its_event(served: Served) -> None:
    wait_for(lambda: served.articles() >= 20, seconds=240, what="the first load is done")
    now = datetime.now(UTC)
    article = Article(url="https://elsewhere.example/1", title="Elsewhere", text="Written elsewhere.", language="en", published=now)
    entry = ArticleEntry(article=article, observed_at=now, extractor_version="test", status=ArticleStatus.NO_MEETING)
    bundle = write_bundle(served.home / "inbox", Bundle(articles=(entry,)))
    before = len(served.runs("load"))
    event = {
        "occurred": now.isoformat(),
        "event": "sidelines.bundle.written",
        "resource": {"prefect.resource.id": f"sidelines.bundle.{bundle.name}", "sidelines.loader": "waiting"},
        "related": [],
        "payload": {"bundle": bundle.name, "articles": 1, "mentions": 0, "related_left_out": 0},
        "id": "00000000-0000-4000-8000-000000000001",
    }
    for _ in range(2):  # the same event twice: one run, and a load that finds nothing would harm nobody
        httpx.post(f"{served.api}/events", json=[event], timeout=10).raise_for_status()
    wait_for(lambda: served.articles() == 21, seconds=120, what="the bundle is in the published file")
    assert any(bundle.name in run["name"] or "1 article" in run["name"] for run in served.runs("load"))
    assert len(served.runs("load")) > before


def test_each_watch_that_matches_raises_one_alarm(served: Served) -> None:
    def matched(watch: str, headline: str) -> dict[str, Any]:
        kind = events.MEETING_MATCHED
        payload = {"meeting": str(uuid4()), "status": "held", "start_date": "2025-11-22", "city": "Baku", "headline": headline}
        form = events.form_of(events.Event(kind=kind, subject=watch, payload=payload))
        return {**form, "occurred": datetime.now(UTC).isoformat(), "id": str(uuid4())}

    sent = [matched("iran", "A – B, Baku"), matched("iran", "C – D, Baku"), matched("kenya", "E – F, Baku")]
    httpx.post(f"{served.api}/events", json=sent, timeout=10).raise_for_status()

    def alarms() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for run in served.runs("alarm"):
            if run["state_type"] == "COMPLETED" and "matched" in run["name"]:
                found.setdefault(run["name"], []).append(run["parameters"]["detail"])
        return found

    wait_for(lambda: len(alarms()) == 2, seconds=240, what="an alarm for each of two watches")
    told = alarms()
    assert told["alarm: watch kenya matched"] == ["E – F, Baku, 2025-11-22"]
    (first,) = told["alarm: watch iran matched"]  # either: the server takes events that come together in no fixed order
    assert first in {"A – B, Baku, 2025-11-22", "C – D, Baku, 2025-11-22"}


def test_a_second_serve_says_that_there_is_one(served: Served) -> None:
    done = subprocess.run(
        [*SIDELINES, "serve", "--port", str(free_port())], env=served.environment, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 1
    assert "this home is served already" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_it_ends_in_order(served: Served) -> None:
    """Last in the file: the module's server ends here."""
    pids = [int((served.home / "prefect" / f"{name}.pid").read_text()) for name in ("server", "worker")]
    assert all(command_of(pid) for pid in pids)
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(90) == 0
    assert not any("prefect" in command_of(pid) for pid in pids)
    assert served.log.read_text().rstrip().endswith("ended")


@pytest.mark.faults
@pytest.mark.timeout(1800)
def test_all_killed_at_once_and_started_again(tmp_path: Path) -> None:
    """serve, worker, server and the flow run under way: killed while pages are being read. Nothing is lost, doubled or left stuck."""
    home, port = tmp_path / "home", free_port()
    first = begin(home, port)
    wait_for(lambda: bool(list(home.glob("archive/*.warc.gz*"))), seconds=300, what="pages are being fetched")
    pids = [int((home / "prefect" / f"{name}.pid").read_text()) for name in ("server", "worker")]
    for pid in (first.process.pid, *pids):
        os.kill(pid, signal.SIGKILL)
    first.process.wait()
    second = begin(home, port)
    try:
        wait_for(lambda: READY in second.log.read_text() or second.process.poll() is not None, seconds=300, what=READY)
        assert second.process.poll() is None, second.log.read_text()
        httpx.post(f"{second.api}/deployments/{deployment(second, 'ingest')}/create_flow_run", json={}, timeout=30).raise_for_status()
        # A page asked for while the sample site was dead is had on its next try, minutes later; it may be the one that is no article.
        wait_for(lambda: 0 < 20 - later(home) <= second.articles(), seconds=300, what="all articles that can be had are published")
        wait_for(lambda: not stuck(second), seconds=120, what="no run is left under way")
        doubled = query(home / "published.duckdb", "SELECT count(*) - count(DISTINCT url_key) FROM article").rows
        assert doubled == ((0,),)
    finally:
        second.process.send_signal(signal.SIGINT)
        second.process.wait(90)


def later(home: Path) -> int:
    """Pages that wait for their next try."""
    ledger = Ledger(home / "ledger.sqlite3")
    try:
        return ledger.page_counts()["pending"]
    finally:
        ledger.close()


def deployment(served: Served, name: str) -> str:
    return str(httpx.get(f"{served.api}/deployments/name/{name}/{name}", timeout=30).json()["id"])


def stuck(served: Served) -> list[str]:
    """Runs under way."""
    states = {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}
    return [run["name"] for run in served.post("/flow_runs/filter", flow_runs=states)]
