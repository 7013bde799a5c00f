"""A round of polls over real HTTP: items, states, pages of a paged feed, hosts that ask for rest."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.archiving import Archive
from flows.ledger import Ledger
from flows.polling import PollOutcome, poll_feeds
from flows.settings import Settings
from flows.workplace import Workplace
from tests.hostile_server import whole

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
Site = Callable[[str, str], bytes]
"""(path, whole head of the request) → whole answer."""


def rss(numbers: range, next_page: str = "") -> bytes:
    items = "".join(f"<item><title>Item {n}</title><link>https://a.example/{n}</link></item>" for n in numbers)
    link = f'<atom:link rel="next" href="{next_page}"/>' if next_page else ""
    head = '<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>News</title>'
    return whole(f"{head}{link}{items}</channel></rss>".encode(), ETag=f'"{numbers}"')


@asynccontextmanager
async def place_with(site: Site, home: Path) -> AsyncIterator[tuple[Workplace, str, list[str]]]:
    """A workplace whose one source is the site's /feed; the feed's address; the paths that were asked."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split(" ")[1]
        if path != "/robots.txt":
            asked.append(path)
        writer.write(site(path, head) if path != "/robots.txt" else whole(b"no", "404 Not Found"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    feed = f"http://127.0.0.1:{port}/feed"
    settings = Settings(home=home)
    ledger = Ledger(settings.ledger)
    ledger.register_feeds([(feed, "news")])
    async with server:
        trusted = frozenset({("127.0.0.1", port)})
        yield Workplace(settings=settings, ledger=ledger, archive=Archive(settings.archive), sources={}, trusted=trusted), feed, asked
    ledger.close()


async def poll(place: Workplace, *, after: timedelta = timedelta(0)) -> PollOutcome:
    with place.ledger.run("poll", now=NOW) as run:
        return await poll_feeds(replace(place, clock=lambda: NOW + after), run, source_ids=["news"], force=True)


async def test_a_paged_feed_is_followed_until_something_is_known(tmp_path: Path) -> None:
    newest = 10

    def site(path: str, _: str) -> bytes:
        page = int(path.partition("?")[2] or 0)
        top = newest - 10 * page
        return rss(range(top - 9, top + 1), f"/feed?{page + 1}")

    async with place_with(site, tmp_path) as (place, feed, asked):
        assert (await poll(place)).new_items == 10
        assert asked == ["/feed"]
        newest = 35
        await poll(place, after=timedelta(hours=3))
        assert asked == ["/feed", "/feed", "/feed?1", "/feed?2"]
        assert place.ledger.page_counts() == {"pending": 35}
        newest = 1_000
        await poll(place, after=timedelta(hours=6))
        assert asked[4:] == ["/feed", *(f"/feed?{n}" for n in range(1, 6))]
        state = place.ledger.poll_state(feed)
        assert state is not None
        assert state.etag == f'"{range(991, 1001)}"'


async def test_a_second_poll_asks_conditionally_and_a_bad_answer_is_noted(tmp_path: Path) -> None:
    heads: list[str] = []

    def site(_: str, head: str) -> bytes:
        heads.append(head.lower())
        answers = [rss(range(5)), whole(b"", "304 Not Modified"), whole(b"<!doctype html><html><body>Sorry</body></html>")]
        return answers[len(heads) - 1]

    async with place_with(site, tmp_path) as (place, feed, _):
        first = await poll(place)
        second = await poll(place, after=timedelta(hours=3))
        third = await poll(place, after=timedelta(hours=6))
        assert [outcome.polled[0].reason for outcome in (first, second, third)] == ["ok", "not_modified", "not_a_feed"]
        assert "if-none-match" not in heads[0]
        assert 'if-none-match: "range(0, 5)"' in heads[1]
        state = place.ledger.poll_state(feed)
        assert state is not None
        assert (state.failures, state.reason) == (0.5, "not_a_feed")


async def test_a_host_that_asks_for_rest_is_left_alone_by_the_next_run(tmp_path: Path) -> None:
    async with place_with(lambda path, head: whole(b"", "429 Slow", Retry_After="7200"), tmp_path) as (place, _, asked):
        await poll(place)
        await poll(place, after=timedelta(hours=1))
        assert asked == ["/feed"]
        await poll(place, after=timedelta(hours=3))
        assert asked == ["/feed", "/feed"]
