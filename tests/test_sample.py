"""The sample site: whole, conditional, on the loopback alone, and on the same port every time."""

import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from flows.sample import LOOPBACK, OUTLETS, SITE, is_served, keep_sample, kept_port, sample_sources, serve_sample
from flows.settings import Settings
from parsers.feed import parse_feed

MODEL = "/harbour-post/2025/11/22/iran-ict-talks-baku.html"


def get(url: str, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read(), dict(answer.headers)
    except urllib.error.HTTPError as error:
        return error.code, error.read(), dict(error.headers)


def test_every_page_of_the_feeds_is_there_and_no_other() -> None:
    with serve_sample() as server:
        links: set[str] = set()
        for source in sample_sources(server.server_address[1]):
            (feed,) = source.feeds
            status, body, _ = get(feed)
            assert status == 200
            items = parse_feed(body, url=feed).items
            assert all(item.published and item.guid and item.title for item in items)
            links |= {item.link for item in items if item.link}
        assert len(links) >= 18
        assert all(link.startswith(server.base_url) for link in links)
        assert all(get(link)[0] == 200 for link in links)
    folder = Path(str(SITE))
    pages = {path.relative_to(folder).as_posix() for path in folder.rglob("*.html") if path.name != "index.html"}
    assert {link.removeprefix(f"{server.base_url}/") for link in links} == pages


def test_pages_have_different_shapes() -> None:
    texts = [path.read_text("utf-8") for path in Path(str(SITE)).rglob("*.html")]
    for mark in ("application/ld+json", "og:title", 'itemprop="articleBody"', '<p class="date">', 'lang="fr"', "%PDF"):
        assert any(mark in text for text in texts), mark


def test_addresses_lead_back_to_the_server() -> None:
    with serve_sample() as server:
        _, body, _ = get(server.base_url + MODEL)
        assert f'<link rel="canonical" href="{server.base_url}{MODEL}">'.encode() in body
        assert not re.search(rb"https://[\w-]+\.example", body)
        assert server.server_address[0] == LOOPBACK


def test_a_conditional_request_is_answered_without_a_body() -> None:
    with serve_sample() as server:
        url = f"{server.base_url}/harbour-post/feed.xml"
        _, _, headers = get(url)
        assert get(url, **{"If-None-Match": headers["ETag"]})[:2] == (304, b"")


@pytest.mark.parametrize("path", ["/", "/nothing", "/harbour-post/../../settings.py", "/harbour-post/%2e%2e/%2e%2e/settings.py", "/x.html"])
def test_only_the_site_is_served(path: str) -> None:
    with serve_sample() as server:
        assert get(server.base_url + path)[0] == 404


def test_the_port_is_kept_and_shared(tmp_path: Path) -> None:
    settings, lines = Settings(home=tmp_path), list[str]()
    with keep_sample(settings, say=lines.append) as server:
        assert server is not None
        port = kept_port(settings)
        assert port == server.server_address[1]
        assert port is not None
        assert is_served(port)
        with keep_sample(settings, say=lines.append) as second:
            assert second is None
    assert not is_served(port)
    with keep_sample(settings, say=lines.append) as again:
        assert again is not None
        assert again.server_address[1] == port
    assert len(lines) == 2


def test_both_outlets_are_sources() -> None:
    assert {feed.split("/")[3] for source in sample_sources(1) for feed in source.feeds} == set(OUTLETS)
