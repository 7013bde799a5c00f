"""How sources fare, and how the house stands for Prometheus."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.deciding import PollState, Retired
from flows.health import drifts, health_of
from flows.settings import Settings
from flows.standing import metrics_text, stand
from flows.workplace import open_workplace
from parsers.sources import Source, SourceKind

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
FEEDS = ("https://a.example/1", "https://a.example/2")
SOURCE = Source(id="a", name="A", country=None, language="en", time_zone="UTC", kind=SourceKind.PAPER, feeds=FEEDS, found="made up")


def state(feed: str = FEEDS[0], **values: object) -> PollState:
    return PollState(**{"feed_url": feed, "source_id": "a", **values})  # type: ignore[arg-type]


def test_a_source_is_named_for_how_its_best_feed_fares() -> None:
    good = state(last_asked=NOW, last_success=NOW, reason="ok", items=3)
    bad = state(FEEDS[1], last_asked=NOW, failures=2.5, reason="timeout", detail="deadline passed", next_try=NOW + timedelta(hours=1))
    cases = [
        ([], "never_tried", None, 0),
        ([state()], "never_tried", None, 0),
        ([good], "ok", None, 0),
        ([state(last_asked=NOW, last_success=NOW, reason="not_modified")], "unchanged", None, 0),
        ([bad], "unreachable", "timeout", 3),
        ([state(last_asked=NOW, failures=1.0, reason="not_a_feed")], "failing", "not_a_feed", 1),
        ([state(last_asked=NOW, failures=30.0, reason="gone", retired=Retired.GONE)], "disabled", "gone", 30),
        ([bad, good], "ok", None, 0),
    ]
    for states, expected, reason, failures in cases:
        (row,) = health_of({"a": SOURCE}, states, now=NOW)
        assert (row.state, row.reason, row.consecutive_failures) == (expected, reason, failures)


def test_feeds_of_sources_that_are_gone_are_left_out() -> None:
    assert health_of({}, [state()], now=NOW) == ()


@pytest.mark.parametrize(
    ("before", "now", "fallen"),
    [
        ((100, 95), (30, 10), True),
        ((100, 95), (30, 0), True),
        ((400, 80), (100, 3), True),
        ((100, 95), (30, 29), False),
        ((100, 50), (30, 30), False),
        ((5000, 4900), (5000, 4400), False),
        ((100, 5), (30, 0), False),
        ((100, 95), (19, 0), False),
        ((59, 59), (30, 0), False),
        ((100, 0), (30, 0), False),
        ((100, 100), (30, 30), False),
    ],
    ids=[
        "texts fell", "no text at all any more", "meetings fell", "as ever", "risen", "surely, but by little",
        "few meetings: may be chance", "too few pages now", "too few pages before", "never any", "always all",
    ],
)  # fmt: skip
def test_a_source_drifts_where_a_share_has_fallen_by_much_and_not_by_chance(
    before: tuple[int, int], now: tuple[int, int], fallen: bool
) -> None:
    found = list(drifts({"a": before, "only_before": (99, 99)}, {"a": now, "only_now": (99, 0)}))
    assert [drift.source_id for drift in found] == (["a"] if fallen else [])
    assert all((drift.before, drift.now) == (before[1] / before[0], now[1] / now[0]) for drift in found)


def test_metrics_are_in_prometheus_form(tmp_path: Path) -> None:
    with open_workplace(Settings(home=tmp_path), clock=lambda: NOW) as place, place.ledger.run("poll", now=NOW, clock=lambda: NOW):
        text = metrics_text(stand(place))
    assert text.endswith("\n")
    names = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            names.add(line.split()[2])
        elif not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            assert name.split("{")[0] in names, "each sample follows its type"
            float(value)
    assert 'sidelines_run_started_seconds{flow="poll",outcome="running"} 1763812800\n' in text
    assert "sidelines_inbox_bundles 0\n" in text
