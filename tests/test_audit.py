"""What `audit` sees: sources that drift, by what the ledger and the warehouse know of their pages."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.archiving import Place
from flows.audit import alarm_markdown, concerns, drifting
from flows.deciding import PollState
from flows.events import SOURCE_DRIFTING
from flows.outcomes import Answer, Kind, Reason, Request
from flows.settings import Settings
from flows.workplace import Workplace, open_workplace
from parsers.records import FeedItem
from parsers.sources import Source, SourceKind
from tests.warehouse_world import entry, meeting, party
from warehouse import ArticleEntry, Bundle, load_pending, write_bundle

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)
RECENT, EARLIER, LONG_AGO = (NOW - timedelta(days=days) for days in (2, 20, 50))
FEED = PollState(feed_url="https://harbour-post.example/feed", source_id="harbour_post")
SOURCE = Source(
    id="harbour_post", name="Harbour Post", country=None, language="en", time_zone="UTC", kind=SourceKind.PAPER, feeds=(FEED.feed_url,),
    found="made up",
)  # fmt: skip
TALKS = meeting(party("Ada One", "ROU"), party("Bo One", "BGR"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    with open_workplace(Settings(home=tmp_path), extra_sources=(SOURCE,), clock=lambda: NOW) as opened:
        yield opened


def add_pages(place: Workplace, fetched: datetime, *, read: int, unread: int, reason: str = "no_text") -> None:
    """Pages that were fetched then, of which `read` gave a text and `unread` none."""
    links = [f"https://harbour-post.example/{fetched:%j}/{reason}/{number}" for number in range(read + unread)]
    place.ledger.add_items(FEED, [FeedItem(item_id=link, link=link, title=link) for link in links], now=fetched)
    with place.ledger.run("ingest", now=fetched) as run:
        pages = place.ledger.claim_pages(run, now=fetched, limit=10_000)
        assert len(pages) == len(links)
        for page in pages:
            answer = Answer(request=Request(url=page.url or "", kind=Kind.PAGE), reason=Reason.OK, started=fetched, seconds=0.1, url="")
            place.ledger.page_fetched(page.page_id, Place(file="a.warc.gz", offset=0, length=1), answer, now=fetched)
        for page in pages[read:]:
            place.ledger.page_quarantined(page.page_id, reason)
        place.ledger.pages_bundled([page.page_id for page in pages[:read]], "b1")


def articles(first: int, fetched: datetime, *, telling: int, silent: int) -> list[ArticleEntry]:
    """Articles of the source that were fetched then, of which `telling` tell of a meeting."""
    return [
        replace(entry(first + number, [TALKS] if number < telling else [], source=FEED.source_id), fetched_at=fetched)
        for number in range(telling + silent)
    ]


def told(place: Workplace) -> list[tuple[str, dict[str, object]]]:
    return [(event.subject, dict(event.payload)) for event in drifting(place)]


def test_with_nothing_known_nothing_drifts(place: Workplace) -> None:
    assert told(place) == []


def test_a_source_whose_pages_no_longer_give_texts_drifts(place: Workplace) -> None:
    add_pages(place, LONG_AGO, read=0, unread=300)
    add_pages(place, EARLIER, read=90, unread=10)
    add_pages(place, RECENT, read=10, unread=30)
    assert told(place) == [("harbour_post", {"measure": "text", "before": 0.9, "now": 0.25})]
    assert [event.kind for event in concerns(place)].count(SOURCE_DRIFTING) == 1


@pytest.mark.parametrize("reason", ["archive_damaged", "extractor_failed"])
def test_faults_of_the_archive_and_of_the_extractor_are_not_the_sources(place: Workplace, reason: str) -> None:
    add_pages(place, EARLIER, read=90, unread=10)
    add_pages(place, RECENT, read=25, unread=0)
    add_pages(place, RECENT + timedelta(days=1), read=0, unread=30, reason=reason)
    assert told(place) == []


def test_a_source_whose_texts_no_longer_tell_of_meetings_drifts(place: Workplace) -> None:
    rows = [*articles(0, EARLIER, telling=40, silent=60), *articles(100, RECENT, telling=1, silent=39)]
    write_bundle(place.paths.inbox, Bundle(articles=tuple(rows)))
    load_pending(place.paths)
    assert told(place) == [("harbour_post", {"measure": "meeting", "before": 0.4, "now": 0.025})]


def test_sources_that_are_no_longer_asked_are_left_out(place: Workplace) -> None:
    add_pages(place, EARLIER, read=90, unread=10)
    add_pages(place, RECENT, read=0, unread=30)
    assert told(place)
    assert told(replace(place, sources={})) == []


def test_what_an_alarm_quotes_is_no_markup() -> None:
    assert alarm_markdown("watch iran matched", "<b>A</b>\n\n# B") == "# watch iran matched\n\n    <b>A</b> # B\n"
    assert alarm_markdown("no poll succeeded for an hour", "") == "# no poll succeeded for an hour\n\n"
