"""Golden pages, written in the shape of each known layout's real ones, and what happens when a site is rebuilt."""

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from parsers import publishers
from parsers.article import read_article
from parsers.errors import CatalogError
from parsers.publishers import agreement, find_layouts, layouts

GOLDEN = Path(__file__).parent / "golden"
PAGES = sorted(GOLDEN.glob("*/*.html"))
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_golden_page(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    article = read_article(path.read_bytes(), url=expected["url"], now=NOW)
    assert article.url == expected["url"]
    assert article.title == expected["title"]
    assert article.published is not None and article.published.isoformat() == expected["published"]
    assert article.text.split("\n\n") == expected["text"]
    if "authors" in expected:
        assert list(article.authors) == expected["authors"]
    if "credit" in expected:
        assert article.credit == expected["credit"]
    if "dateline_city" in expected:
        assert article.dateline is not None and article.dateline.city == expected["dateline_city"]
    sources = dict(article.field_sources)
    assert {field: sources.get(field) for field in expected["sources"]} == expected["sources"]
    assert "drift" not in sources


def test_every_layout_has_a_golden_page() -> None:
    assert {layout.layout_id for layout in layouts()} <= {path.parent.name for path in PAGES}


def test_a_rebuilt_site_falls_back_and_says_so() -> None:
    path = GOLDEN / "nastooh" / "talks.html"
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    rebuilt = path.read_text(encoding="utf-8").replace("item-text", "story-text").replace("item-body", "story-body")
    article = read_article(rebuilt.encode(), url=expected["url"], now=NOW)
    assert set(expected["text"]) <= set(article.text.split("\n\n"))
    sources = dict(article.field_sources)
    assert sources["text"] == "trafilatura" and sources["drift"].startswith("layout:nastooh: 0 characters")


def test_a_body_that_disagrees_is_not_taken() -> None:
    path = GOLDEN / "xinhua" / "call.html"
    advertisement = "<p>Buy our calendar with twelve views of mountains and lakes for the wall of your kitchen.</p>" * 4
    box = f'<div id="detailContent">{advertisement}</div>'
    body = re.sub(r'<div id="detail"><div id="detailContent">', box + "<div><div>", path.read_text(encoding="utf-8"))
    article = read_article(body.encode(), url="https://english.news.cn/a/c.html", now=NOW)
    assert "Jon Varga" in article.text and "calendar with twelve" not in article.text.split("\n\n")[-1]


def test_layouts_hold_on_their_days_only() -> None:
    url = "https://www.aa.com.tr/en/a/1"
    assert [layout.layout_id for layout in find_layouts(url, None, date(2020, 1, 1))] == ["anadolu-2025"]
    assert [layout.layout_id for layout in find_layouts(url, None, date(2026, 6, 1))] == ["anadolu-2026"]
    assert len(find_layouts(url, None, None)) == 2
    assert [layout.layout_id for layout in find_layouts("https://en.example.org/a", "WordPress 6.8", None)] == ["wordpress"]
    assert find_layouts("https://notaa.com.tr/a", None, None) == ()
    assert find_layouts("http://[", "Drupal", None) == ()


def test_agreement() -> None:
    assert agreement("the two ministers met", "The two ministers met in Lusaka") == 1.0
    assert agreement("", "x") == 0.0
    assert agreement("a b c d", "a b x y z") == 0.5


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"id": "x", "seen": "y", "body": ["p"]},
        {"id": "x", "seen": "y", "body": ["p:::"], "domains": ["a.b"]},
        {"id": "x", "seen": "y", "body": ["p"], "domains": ["a.b"], "colour": "red"},
        {"id": "x", "seen": "y", "body": ["p"], "domains": ["a.b"], "zone": "Asia/Nowhere"},
        {"id": "x", "seen": "y", "body": ["p"], "domains": ["a.b"], "valid_from": "2020"},
        {"id": "x", "seen": "y", "body": ["p"], "domains": [7]},
    ],
)
def test_wrong_tables_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(CatalogError):
        publishers._layout(table)
