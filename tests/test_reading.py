"""Hostile feeds and pages in killable workers: each ends with its reason, and its neighbours are read."""

import os
import time
from collections.abc import Iterator

import pytest

from flows.reading import FeedJob, PageJob, Readers, Unread, read_pages
from parsers.records import Article, Feed

URL = "https://www.example.org/news/a"
GOOD = (
    b"<html><head><title>Ministers meet in Lusaka</title></head><body><article>"
    + b"<p>Foreign Minister Thandi Mokoena met her Norwegian counterpart Bo Lund in Lusaka on Saturday, and they spoke of copper.</p>" * 3
    + b"</article></body></html>"
)
RSS = b'<rss version="2.0"><channel><title>W</title><item><title>T</title><link>/a</link></item></channel></rss>'
HTML = "<html><head><title>Attack</title></head><body>{}</body></html>"
REASONS = {"page_too_large", "not_a_page", "page_error", "timed_out", "out_of_memory", "worker_died"}
ATTACKS = {
    "nested divs": HTML.format("<div>" * 100_000 + "text"),
    "unclosed bold": HTML.format("<b>x" * 140_000),
    "flat": HTML.format("<p>word and word</p>" * 140_000),
    "attributes": HTML.format("<p " + "a " * 200_000 + ">text"),
    "tag soup": HTML.format("<a " * 200_000),
    "comments": HTML.format("<!--" * 200_000),
    "less-thans": HTML.format("<" * 1_000_000),
    "references": HTML.format("&#" * 1_000_000),
    "long attribute": HTML.format('<p title="' + "x" * 3_900_000 + '">text'),
    "brackets in json": HTML.format('<script type="application/ld+json">' + "[" * 100_000),
    "long json": HTML.format('<script type="application/ld+json">{"@type":"NewsArticle","headline":"' + "x" * 3_900_000 + '"}</script>'),
    "long date": HTML.format('<meta property="article:published_time" content="' + "1" * 200_000 + '"><time>' + "9" * 200_000),
    "tables": HTML.format("<svg><math><b><table>" * 3_000),
    "headings": HTML.format("<h1>x</h1>" * 100_000),
    "nul": HTML.format("<p>a\0b</p>" * 1_000),
}


def misbehave(how: str) -> str | Unread:
    """Runs in a worker."""
    match how:
        case "hang":
            time.sleep(60)
        case "hoard":
            bytearray(8_000_000_000)
        case "die":
            os._exit(3)
    return how


@pytest.fixture(scope="module")
def crew() -> Iterator[Readers]:
    with Readers(workers=2, seconds=8) as readers:
        yield readers


def test_workers_that_hang_hoard_or_die_cost_only_themselves() -> None:
    with Readers(workers=2, seconds=1.5) as readers:
        jobs = ["a", "hang", "hoard", "die", "b", "c"]
        results = list(readers.run(misbehave, jobs))
    reasons = [result.reason if isinstance(result, Unread) else result for result in results]
    assert reasons == ["a", "timed_out", "out_of_memory", "worker_died", "b", "c"]


def test_pages_come_back_in_order_with_their_reasons() -> None:
    jobs = [
        PageJob(body=GOOD, url=URL),
        PageJob(body=b"%PDF-1.7", url=URL),
        PageJob(body=GOOD.replace(b"Lusaka</title>", b"Oslo</title>"), url=URL, headers={"content-type": "text/html"}),
        PageJob(body=b"<p " + b"a " * 100_000 + b">", url=URL),
    ]
    first, second, third, fourth = read_pages(jobs, workers=2)
    assert isinstance(first, Article) and first.title == "Ministers meet in Lusaka"
    assert isinstance(second, Unread) and second.reason == "not_a_page"
    assert isinstance(third, Article) and third.title == "Ministers meet in Oslo"
    assert isinstance(fourth, Unread) and fourth.reason == "page_too_large"


def test_feeds_too(crew: Readers) -> None:
    page = b'<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>'
    feed, unread = crew.feeds([FeedJob(body=RSS, url=URL), FeedJob(body=page, url=URL)])
    assert isinstance(feed, Feed) and feed.items[0].link == "https://www.example.org/a"
    assert isinstance(unread, Unread)
    assert (unread.reason, unread.feed_urls) == ("not_a_feed", ("https://www.example.org/rss",))


def test_hostile_pages_among_good_ones(crew: Readers) -> None:
    """Every attack is read, refused or cut off within its deadline, and each good page between them is read."""
    names = list(ATTACKS)
    jobs = [PageJob(body=body, url=URL) for name in names for body in (ATTACKS[name].encode()[:4_000_000], GOOD)]
    started = time.monotonic()
    results = list(crew.pages(jobs))
    assert time.monotonic() - started < 120
    assert len(results) == len(jobs)
    for name, attack, good in zip(names, results[::2], results[1::2], strict=True):
        assert isinstance(good, Article), name
        if isinstance(attack, Unread):
            assert attack.reason in REASONS, (name, attack)
