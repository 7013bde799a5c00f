"""Feeds, pages and strings cut, flipped and spliced at random: only declared errors, only text, never more than declared."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.boilerplate import clean_body
from parsers.bylines import read_authors
from parsers.charsets import decode
from parsers.errors import FeedError, PageError
from parsers.feed import parse_feed
from parsers.feed_dates import EARLIEST, has_clock, has_zone, read_date
from parsers.prescan import scan_html, scan_xml
from parsers.text import plain, tidy
from tests.test_article import json_ld, page
from tests.test_feed import item, rss

NOW = datetime(2026, 11, 24, tzinfo=UTC)
PIECES = [b"<", b">", b'"', b"'", b"&#", b"<![CDATA[", b"<!--", b"\x00", b"\xff", b"&#x110000;", b"</item>", b"<entry>", b"{", b"]", b"<p "]
FEED = rss(item("<guid>7</guid><pubDate>Sat, 22 Nov 2025 10:15:00 +0330</pubDate><description>&lt;p&gt;Talks&lt;/p&gt;</description>") * 3)
ARTICLE = {"@type": "NewsArticle", "headline": "T", "author": [{"name": "A B"}], "datePublished": "2025-11-22T10:15Z"}
PAGE = page(json_ld({"@graph": [ARTICLE]}))
FORMS = ["%Y-%m-%dT%H:%M:%S%z", "%a, %d %b %Y %H:%M:%S %z", "%d %B %Y - %H:%M %z", "%B %d, %Y %I:%M %p %z"]


def mutilate(body: bytes, dice: random.Random) -> bytes:
    damaged = bytearray(body)
    for _ in range(dice.randint(1, 6)):
        start = dice.randrange(len(damaged) + 1)
        end = start + dice.randrange(60)
        match dice.randrange(4):
            case 0:
                del damaged[start:end]
            case 1:
                damaged[start:start] = damaged[end : end + 60]
            case 2:
                damaged[start:start] = dice.choice(PIECES)
            case _:
                damaged[start:end] = dice.randbytes(end - start)
    return bytes(damaged)


@pytest.mark.parametrize("seed", range(4))
def test_mutilated_feeds(seed: int) -> None:
    dice = random.Random(seed)
    read = 0
    for _ in range(150):
        try:
            feed = parse_feed(mutilate(FEED, dice), url="https://news.example.org/rss", now=NOW)
        except FeedError as error:
            assert error.reason != "feed_error", error  # the reader itself failed
            continue
        read += 1
        assert all(entry.item_id and "\0" not in (entry.title or "") for entry in feed.items)
    assert read > 50


def test_mutilated_pages() -> None:
    from parsers.article import read_article

    dice = random.Random(7)
    read = 0
    for _ in range(60):
        try:
            article = read_article(mutilate(PAGE, dice), url="https://news.example.org/a", now=NOW)
        except PageError as error:
            assert error.reason != "page_error", error
            continue
        read += 1
        assert "\0" not in article.text and article.text == article.text.strip()
    assert read > 30


@given(st.text(max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_string(text: str) -> None:
    moment = read_date(text, now=NOW)
    assert moment is None or (moment.tzinfo is not None and moment >= EARLIEST)
    has_clock(text)
    has_zone(text)
    assert tidy(tidy(text)) == tidy(text)
    assert "\n\n\n" not in plain(text)
    assert all(0 < len(name) <= 100 for name in read_authors([text]))
    clean_body(text, titles=(text,), authors=(text,))
    scan_html(text)
    scan_xml(text)


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes(body: bytes) -> None:
    text, charset = decode(body, {"content-type": "text/html; charset=utf-8"})
    assert "\0" not in text and charset


@given(st.sampled_from(FORMS), st.integers(min_value=820_454_400, max_value=1_767_225_600))
@settings(max_examples=200, deadline=None)
def test_written_dates_are_read_back(form: str, second: int) -> None:
    moment = datetime.fromtimestamp(second - second % 60, UTC)
    assert read_date(moment.strftime(form), now=NOW) == moment
