"""Finding the feeds of a site over real HTTP."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from flows.discovering import USUAL_PATHS, Discovery, find_feeds
from flows.fetching import Fetcher
from flows.settings import Settings
from tests.hostile_server import whole

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
PAGE = b"<!doctype html><html><head>%s</head><body><p>Welcome to the ministry.</p></body></html>"


def rss(title: str, entries: int) -> bytes:
    items = "".join(f"<item><title>Item {n}</title><link>https://a.example/{n}</link></item>" for n in range(entries))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>{items}</channel></rss>'.encode()


@asynccontextmanager
async def site(paths: Mapping[str, bytes]) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
        writer.write(whole(paths[target]) if target in paths else whole(b"no", "404 Not Found"))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def look(paths: Mapping[str, bytes], path: str = "/") -> Discovery:
    async with site(paths) as port, Fetcher(Settings(spacing_seconds=0), trusted=frozenset({("127.0.0.1", port)})) as fetcher:
        return await find_feeds(fetcher, f"http://127.0.0.1:{port}{path}", now=NOW)


async def test_feeds_that_a_page_announces_richest_first() -> None:
    links = b"".join(b'<link rel="alternate" type="application/rss+xml" href="%s">' % href for href in (b"/small", b"big.xml", b"/gone"))
    found = await look({"/": PAGE % links, "/small": rss("Small", 1), "/big.xml": rss("Big", 9)})
    assert [feed.feed.title for feed in found.feeds] == ["Big", "Small"]
    assert {reason.partition(":")[0] for _, reason in found.refused} == {"not_a_feed", "not_found"}


async def test_an_address_that_is_a_feed_is_taken_as_it_is() -> None:
    found = await look({"/rss": rss("It", 2)}, "/rss")
    assert [feed.feed.title for feed in found.feeds] == ["It"]
    assert found.refused == ()


async def test_the_usual_places_when_a_page_announces_none() -> None:
    found = await look({"/": PAGE % b"", "/feed.xml": rss("Hidden", 3)})
    assert [feed.feed.title for feed in found.feeds] == ["Hidden"]
    assert len(found.refused) == 1 + USUAL_PATHS.index("/feed.xml")


async def test_nothing_to_find() -> None:
    found = await look({"/": PAGE % b""})
    assert found.feeds == ()
    assert len(found.refused) == 1 + len(USUAL_PATHS)


async def test_a_bad_address() -> None:
    async with Fetcher(Settings()) as fetcher:
        found = await find_feeds(fetcher, "file:///etc/passwd", now=NOW)
    assert found.feeds == ()
    assert [reason.partition(":")[0] for _, reason in found.refused] == ["bad_address"]
