"""`poll` hands over to `ingest` whenever pages are ready, whoever found them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import announcing
from flows.archiving import Place
from flows.deciding import PollState
from flows.outcomes import Answer, Kind, Reason, Request
from flows.poll import start_ingest
from flows.settings import Settings
from flows.workplace import Workplace, open_workplace
from parsers.records import FeedItem
from parsers.sources import Source, SourceKind

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
PAGE = "https://harbour-post.example/1"
FEED = PollState(feed_url="https://harbour-post.example/feed", source_id="harbour_post")
SOURCE = Source(
    id="harbour_post", name="Harbour Post", country=None, language="en", time_zone="UTC", kind=SourceKind.PAPER, feeds=(FEED.feed_url,),
    found="made up",
)  # fmt: skip
ANSWER = Answer(request=Request(url=PAGE, kind=Kind.PAGE), reason=Reason.TIMEOUT, started=NOW, seconds=1.0, url=PAGE)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with open_workplace(Settings(home=tmp_path), extra_sources=(SOURCE,), clock=lambda: NOW) as opened:
        yield opened


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Keys of the deployments that were started."""
    keys: list[str] = []

    def start(deployment: str, *, key: str, **parameters: object) -> bool:
        assert deployment == "ingest/ingest" and set(parameters) == {"because"}
        keys.append(key)
        return True

    monkeypatch.setattr(announcing, "start_next", start)
    return keys


def add_page(place: Workplace, state: PollState = FEED) -> str:
    place.ledger.add_items(state, [FeedItem(item_id="1", link=PAGE, title="One", published=NOW)], now=NOW)
    with place.ledger.run("ingest", now=NOW) as run:
        (page,) = place.ledger.claim_pages(run, now=NOW, limit=10)
    return page.page_id


def hand_over(place: Workplace) -> bool:
    with place.ledger.run("poll", now=NOW) as run:
        return start_ingest(place, run)


def test_with_no_page_nothing_is_started(place: Workplace, started: list[str]) -> None:
    assert not hand_over(place)
    assert started == []


def test_a_page_that_an_earlier_poll_found_is_handed_over_by_each_poll_until_it_is_taken(place: Workplace, started: list[str]) -> None:
    add_page(place)
    assert hand_over(place) and hand_over(place)
    assert len(set(started)) == 2
    with place.ledger.run("ingest", now=NOW) as run:
        assert len(place.ledger.claim_pages(run, now=NOW, limit=10)) == 1
        assert not hand_over(place)
    assert hand_over(place), "the run ended without having had the page"


@pytest.mark.parametrize(("next_try", "due"), [(NOW - HOUR, True), (NOW + HOUR, False)])
def test_a_page_that_waits_for_its_next_try_is_handed_over_when_that_is_due(
    place: Workplace, started: list[str], next_try: datetime, due: bool
) -> None:
    place.ledger.page_again(add_page(place), ANSWER, next_try=next_try, counted=True)
    assert hand_over(place) is due
    assert len(started) == due


def test_pages_of_resting_hosts_and_of_other_sources_wait(place: Workplace, started: list[str]) -> None:
    add_page(place, PollState(feed_url="https://other.example/feed", source_id="other"))
    assert not hand_over(place)
    place.ledger.add_items(FEED, [FeedItem(item_id="2", link=PAGE + "2", title="Two", published=NOW)], now=NOW)
    place.ledger.rest_host("harbour-post.example", NOW + HOUR, Reason.TOO_MANY_REQUESTS)
    assert not hand_over(place)
    assert started == []


def test_a_page_that_was_fetched_and_never_read_is_handed_over_until_it_is_bundled(place: Workplace, started: list[str]) -> None:
    page_id = add_page(place)
    place.ledger.page_fetched(page_id, Place(file="a.warc.gz", offset=0, length=10), ANSWER, now=NOW)
    assert hand_over(place)
    place.ledger.pages_bundled([page_id], "b1")
    assert not hand_over(place)
