"""Pages: what they declare, what they say, what is cut, and what is refused."""

import json
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bench.reading import Answer, as_answer, gold_pages, judge
from parsers.article import MAX_BYTES, read_article
from parsers.boilerplate import clean_body
from parsers.bylines import read_authors
from parsers.charsets import decode
from parsers.errors import NotAPage, PageError, PageTooLarge
from parsers.feed_dates import has_clock, has_zone, read_date
from parsers.headlines import rank_titles
from parsers.prescan import MAX_ATTRIBUTES, scan_html, scan_xml
from parsers.records import Article, FeedItem
from parsers.structured import Found, read_structured
from parsers.text import plain, tidy

SHARED = Path(__file__).resolve().parents[2] / "shared" / "web"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
URL = "https://www.example.org/news/2025/11/22/talks"
PARAGRAPHS = (
    "LUSAKA, Nov. 22 (EXA) -- Foreign Minister Thandi Mokoena met her Norwegian counterpart Bo Lund in Lusaka on Saturday.",
    "The two ministers discussed trade in copper and the training of geologists, according to a statement of the ministry.",
    "They agreed to hold a second round in Oslo next spring, when a memorandum on mining safety is to be signed by both sides.",
    "Mokoena said that the visit was the first of a Norwegian foreign minister to the country in eleven years.",
)


def page(head: str = "", body: str = "", paragraphs: tuple[str, ...] = PARAGRAPHS) -> bytes:
    text = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head><body><nav><a href="/">Home</a></nav>'
        f"<article>{body}{text}</article><footer>All rights reserved</footer></body></html>"
    ).encode()


def json_ld(*values: Any) -> str:
    return "".join(f'<script type="application/ld+json">{json.dumps(value)}</script>' for value in values)


def read(body: bytes, **how: Any) -> Article:
    return read_article(body, url=how.pop("url", URL), now=NOW, **how)


def sources(article: Article) -> dict[str, str]:
    return dict(article.field_sources)


# ── declared metadata ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_page_with_json_ld() -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "@id": "#org", "name": "Example News"},
            {"@type": "Person", "@id": "#p1", "name": "Ana Silva"},
            {"@type": ["NewsArticle"], "headline": "Ministers meet in Lusaka", "datePublished": "2025-11-22T18:05:00+02:00",
             "dateModified": "2025-11-22T19:30:00+02:00", "author": [{"@id": "#p1"}, {"@type": "Person", "name": "By Joao Costa"}],
             "publisher": {"@id": "#org"}, "isAccessibleForFree": "False", "mainEntityOfPage": URL, "inLanguage": "en-GB"},
        ],
    }  # fmt: skip
    head = json_ld(graph) + f'<link rel="canonical" href="{URL}"><title>Ministers meet in Lusaka | Example News</title>'
    article = read(page(head, "<h1>Ministers meet in Lusaka</h1>"), url=f"{URL}?utm_source=feed")
    assert article.url == URL
    assert article.title == "Ministers meet in Lusaka"
    assert article.title_candidates[0] == article.title
    assert "Ministers meet in Lusaka | Example News" in article.title_candidates
    assert article.published is not None and article.published.isoformat() == "2025-11-22T18:05:00+02:00"
    assert article.modified is not None and article.modified.isoformat() == "2025-11-22T19:30:00+02:00"
    assert article.authors == ("Ana Silva", "Joao Costa")
    assert (article.publisher, article.paywalled, article.language) == ("Example News", True, "en")
    assert article.text == "\n\n".join(PARAGRAPHS)
    assert article.dateline is not None and article.dateline.city == "LUSAKA"
    found = sources(article)
    assert found["published"] == "json-ld:datePublished" and found["authors"] == "json-ld:author" and found["text"] == "trafilatura"


def test_a_page_with_meta_tags_only() -> None:
    head = (
        '<meta property="og:title" content="Ministers meet &amp; talk"><meta property="og:site_name" content="Example">'
        '<meta property="article:published_time" content="2025-11-22T16:05:00Z"><meta name="author" content="By Ana Silva and Joao Costa">'
        '<meta property="article:content_tier" content="free"><title>Ministers meet &amp; talk - Example</title>'
    )
    article = read(page(head))
    assert article.title == "Ministers meet & talk"
    assert article.published == datetime(2025, 11, 22, 16, 5, tzinfo=UTC)
    assert article.authors == ("Ana Silva", "Joao Costa")
    assert article.paywalled is False
    assert sources(article)["published"] == "meta:article:published_time"


def test_the_zone_of_the_outlet_or_of_another_tag() -> None:
    naive = json_ld({"@type": "NewsArticle", "headline": "T", "datePublished": "2025-11-22T18:05:00"})
    article = read(page(naive), zone=ZoneInfo("Asia/Tehran"))
    assert article.published is not None and article.published.isoformat() == "2025-11-22T18:05:00+03:30"
    both = naive + '<meta property="article:published_time" content="2025-11-22T14:35:00Z">'
    assert read(page(both)).published == datetime(2025, 11, 22, 14, 35, tzinfo=UTC)
    evening = json_ld({"@type": "NewsArticle", "headline": "T", "datePublished": "2025-11-23T02:25:00Z"})
    article = read(page(evening), zone=ZoneInfo("America/New_York"))
    assert article.published is not None and article.published.isoformat() == "2025-11-22T21:25:00-05:00"


def test_a_day_in_words_is_found_last() -> None:
    article = read(page("<title>T</title>", "<h1>Ministers meet</h1><div class='date'>Published: November 22, 2025</div>"))
    assert article.published == datetime(2025, 11, 22, tzinfo=UTC)
    assert sources(article)["published"] == "htmldate"


def test_absurd_dates_are_none() -> None:
    head = '<meta property="article:published_time" content="2099-01-01T00:00:00Z"><title>T</title>'
    article = read_article(page(head), url="https://www.example.org/a", now=NOW)
    assert article.published is None or article.published <= NOW


def test_dirty_json_ld_is_read_as_far_as_it_goes() -> None:
    good = '{"@type":"NewsArticle","headline":"Ministers\nmeet","datePublished":"2025-11-22T16:05:00Z",}'
    script = '<script type="application/ld+json">{}</script>'
    article = read(page(script.format(f"/*<![CDATA[*/{good}/*]]>*/") + script.format('{"@type": oops')))
    assert article.title == "Ministers meet"
    deep = f'<script type="application/ld+json">{"[" * 100_000}</script>'
    assert read(page(deep + "<title>Still read</title>")).title == "Still read"


def test_teasers_of_other_articles_are_not_this_one() -> None:
    teasers = [{"@type": "NewsArticle", "headline": f"Other story {n}", "datePublished": "2020-01-01T00:00:00Z"} for n in range(6)]
    head = (
        json_ld({"@type": "ItemList", "itemListElement": teasers}, teasers)
        + '<meta property="og:title" content="Ministers meet in Lusaka">'
        + '<meta property="article:published_time" content="2025-11-22T16:05:00Z">'
    )
    article = read(page(head, "<h1>Ministers meet in Lusaka</h1>"))
    assert article.title == "Ministers meet in Lusaka"
    assert article.published is not None and article.published.year == 2025


def test_hints_of_the_feed_come_last_and_are_marked() -> None:
    hint = FeedItem(
        item_id="1",
        link=URL,
        title="From the feed",
        authors=("Feed Author",),
        published=datetime(2025, 11, 22, 9, tzinfo=UTC),
        content="\n\n".join(PARAGRAPHS),
    )
    article = read(b"<html><body><div>Please enable scripts.</div></body></html>", hints=hint, url="https://www.example.org/a")
    assert (article.title, article.authors, article.published) == ("From the feed", ("Feed Author",), hint.published)
    assert article.text == "\n\n".join(PARAGRAPHS)
    found = sources(article)
    assert [found[name] for name in ("title", "authors", "published", "text")] == [
        "feed:title", "feed:authors", "feed:published", "feed:content",
    ]  # fmt: skip
    declared = read(page("<title>Its own title</title>"), hints=hint)
    assert declared.title == "Its own title" and sources(declared)["text"] == "trafilatura"


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1252", "utf-32"])
def test_charsets_of_pages(charset: str) -> None:
    body = page("<title>Visite à Reykjavík</title>").decode().replace('charset="utf-8"', f'charset="{charset}"').encode(charset)
    assert read(body).title == "Visite à Reykjavík"


def test_a_wrong_header_does_not_spoil_utf_8() -> None:
    text, charset = decode("Łódź – مذاکرات".encode(), {"Content-Type": "text/html; charset=iso-8859-1"})
    assert (text, charset) == ("Łódź – مذاکرات", "utf-8")
    assert decode(b"\x1b$B%K%e!<%9\x1b(B", {"content-type": "text/html; charset=iso-2022-jp"})[0] == "ニュース"
    assert decode(b"a\x00b\x08c")[0] == "abc"


@pytest.mark.parametrize(
    "body", [b"", b"   ", b"%PDF-1.7\n<html>", b"\x89PNG\r\n", b"PK\x03\x04<a>", b"no markup at all", b"<html></html>", b"<p>x</p>"]
)
def test_what_is_no_page(body: bytes) -> None:
    with pytest.raises(NotAPage):
        read(body)


def test_language_is_told_by_the_text() -> None:
    sentence = "Le ministre des Affaires étrangères a rencontré son homologue à Lusaka, où ils ont parlé du cuivre et des mines, jour"
    french = tuple(f"{sentence} {n}." for n in range(4))
    article = read(page("<title>Rencontre</title>", paragraphs=french))
    assert article.language == "fr" and sources(article)["language"] == "text"


# ── the parts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_cut_from_a_body() -> None:
    lines = [
        "Ministers meet in Lusaka",
        "By Ana Silva",
        "Published: Nov 22, 2025 | 18:05 GMT",
        *PARAGRAPHS[:2],
        "READ MORE: Copper prices fall",
        "Related stories",
        "- Copper prices fall again",
        "- Oslo prepares for spring",
        PARAGRAPHS[2],
        "Follow us on Twitter @example",
        "Comments",
        "___",
        PARAGRAPHS[3] + " MT/MG",
        "Additional reporting by Bo Berg in Oslo",
    ]
    cut = clean_body("\n".join(lines), titles=("Ministers Meet in Lusaka",), authors=("Ana Silva",))
    assert cut == "\n\n".join(PARAGRAPHS)


@pytest.mark.parametrize("signature", [" MT/MG", "\nMNA/6289", "\nMP", " 9341**2050", "\nSH/MA", "\n(end) nam.hb", "\n/129", "\nEnd item"])
def test_signatures_of_agencies(signature: str) -> None:
    assert clean_body(f"They met in Lusaka.\nThey parted in peace.{signature}") == "They met in Lusaka.\n\nThey parted in peace."


def test_nothing_of_the_report_is_cut() -> None:
    head = ["Iran and Oman met on 5 May.", "Reporting by the ministry was praised."]
    lines = [*head, *PARAGRAPHS, *PARAGRAPHS, "He asked whether more was to come."]
    assert clean_body("\n".join(lines)) == "\n\n".join(lines)


@pytest.mark.parametrize(
    ("strings", "names"),
    [
        (["By Ana Silva and Joao Costa"], ("Ana Silva", "Joao Costa")),
        (["Ana Silva, Staff Writer"], ("Ana Silva",)),
        (["Ana Silva, Joao Costa & Bo Lund"], ("Ana Silva", "Joao Costa", "Bo Lund")),
        (["Martin King, Jr."], ("Martin King Jr",)),
        (["ana@example.org (Ana Silva)", "https://example.org/ana"], ()),
        (["ANA SILVA", "Ana Silva", "admin", "22 Nov 2025"], ("ANA SILVA",)),
        (["Reuters"], ("Reuters",)),
    ],
)
def test_authors(strings: list[str], names: tuple[str, ...]) -> None:
    assert read_authors(strings) == names


def test_the_headline_that_places_agree_upon() -> None:
    titles = (
        Found(value="Ministers meet in Lusaka to talk about copper", source="h1"),
        Found(value="Ministers meet in Lusaka", source="json-ld:headline"),
        Found(value="Ministers meet in Lusaka - Example News", source="meta:og:title"),
        Found(value="Ministers meet in Lusaka | Example News", source="title"),
    )
    ranked = rank_titles(titles, "Example News")
    assert ranked.best is not None and ranked.best.value == "Ministers meet in Lusaka"
    assert {found.value for found in titles} <= set(ranked.candidates)
    assert rank_titles((), None).best is None


DATES = {
    "Sat, 22 Nov 2025 10:15:00 +0330": "2025-11-22T10:15:00+03:30",
    "Sat, 22 Nov 2025 10:15:00 IRST": "2025-11-22T10:15:00+03:30",
    "Sat, 22 Nov 2025 10:15:00 GMT+3": "2025-11-22T10:15:00+03:00",
    "Saturday, November 22, 2025, 10:00 PM EST": "2025-11-22T22:00:00-05:00",
    "22 November 2025 - 10:15": "2025-11-22T10:15:00+00:00",
    "Nov 22 2025": "2025-11-22T00:00:00+00:00",
    "22/11/2025": "2025-11-22T00:00:00+00:00",
    "22.11.2025 10:15": "2025-11-22T10:15:00+00:00",
    "2025/11/22 - 08:15": "2025-11-22T08:15:00+00:00",
    "mer, 16 nov 2022 12:00:00": "2022-11-16T12:00:00+00:00",
    "22 août 2025 à 10h15": "2025-08-22T10:15:00+00:00",
    "22 ноября 2025, 10:15 MSK": "2025-11-22T10:15:00+03:00",
    "1763805600": "2025-11-22T10:00:00+00:00",
    "1763805600000": "2025-11-22T10:00:00+00:00",
    "20251122T101500Z": "2025-11-22T10:15:00+00:00",
    "2025-11-22T10:15:00.123456-05:00": "2025-11-22T10:15:00-05:00",
    "2025-11-22T24:00:00Z": "2025-11-23T00:00:00+00:00",
    "04/05/2025": None,
    "1404/09/01": None,
    "0001-01-01": None,
    "2031-01-01": None,
    "31 June 2025": None,
    "25:61 22 Nov 2025": None,
    "yesterday": None,
    "": None,
    "1" * 200_000: None,
}


@pytest.mark.parametrize("raw", DATES, ids=lambda raw: raw[:40])
def test_dates(raw: str) -> None:
    moment = read_date(raw, now=NOW)
    assert (moment.isoformat() if moment else None) == DATES[raw]


def test_what_a_date_says_of_clock_and_zone() -> None:
    assert has_clock("2025-11-22T10:15") and not has_clock("Nov 22, 2025")
    assert has_zone("2025-11-22T10:15Z") and has_zone("Sat, 22 Nov 2025 10:15 IRST") and not has_zone("2025-11-22T10:15")


def test_plain_text_of_markup() -> None:
    markup = "<p>A &amp; <b>B</b><br>C</p><script>if (a<b) {}</script><!-- x --><ul><li>D<li>E</ul> 3 < 5"
    assert plain(markup) == "A & B\nC\n\nD\nE\n\n3 < 5"
    assert tidy(" a\u00a0b\u200b \r\n\r\n\r\n c\u00ad ") == "a b\n\nc"


def test_prescan_counts_as_tokenisers_do() -> None:
    assert scan_html("<a b='1' c=\"x > y\" d e=f>").tags == 1
    assert scan_html("<script>if (a<b && c<d) {}</script><p>").tags == 2
    hidden = "<a x=\"<>\" " + " ".join(f'y{n}=">"' for n in range(5_000)) + ">"
    assert scan_html(hidden).attributes > MAX_ATTRIBUTES
    assert scan_html("<a ' " + "b " * 5_000 + "' >").attributes > MAX_ATTRIBUTES
    assert scan_xml("<![CDATA[<a " + "b=1 " * 5_000 + ">]]>").attributes == 0


@pytest.mark.parametrize("piece", ["<!--", '<a "', "<a b='", "<script>", "<", "<a", "<![CDATA[", "&#", "</", "<a b= "])
def test_linear_passes_are_linear(piece: str) -> None:
    markup = piece * (4_000_000 // len(piece))
    started = time.process_time()
    scan_html(markup)
    scan_xml(markup)
    plain(markup)
    assert time.process_time() - started < 6  # about 2 s on an idle core; quadratic would be hours


def test_structured_reading_is_bounded() -> None:
    many = json_ld([{"@type": "NewsArticle", "headline": f"h{n}", "author": [{"name": f"a{n}"}]} for n in range(20_000)])
    started = time.process_time()
    found = read_structured(many + "<h1>T</h1>" * 5_000 + "<time>x</time>" * 5_000, URL)
    assert time.process_time() - started < 5
    assert len(found.titles) < 50


def test_caps_and_hostile_tags() -> None:
    with pytest.raises(PageTooLarge):
        read(b"<p>" + b"x" * MAX_BYTES)
    with pytest.raises(PageTooLarge):
        read(b"<p " + b"a " * 200_000 + b">text")


# ── real pages ───────────────────────────────────────────────────────────────────────────────────────────────────────


def judged() -> Iterator[tuple[str, dict[str, float]]]:
    if not (SHARED / "article_gold.jsonl").exists():
        pytest.skip("../shared/web is not here")
    for gold, body in gold_pages(SHARED, all_languages=False):
        if gold["set"] not in {"fundus", "aeb"}:
            continue
        try:
            article = read(body, url=gold["url"])
        except PageError:
            yield gold["set"], judge(gold, Answer(authors=(), title="", candidates=()))
            continue
        yield gold["set"], judge(gold, as_answer(article))


@pytest.mark.shared
def test_figures_on_real_pages() -> None:
    """Floors under the figures of bench.reading: they only rise."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(list)
    for origin, figures in judged():
        for name, value in figures.items():
            sums[origin, name].append(value)
    means = {key: sum(values) / len(values) for key, values in sums.items()}
    floors = {
        ("fundus", "body"): 0.970, ("aeb", "body"): 0.975, ("fundus", "day"): 0.99, ("fundus", "minute"): 0.97,
        ("fundus", "title a candidate"): 0.99, ("fundus", "title"): 0.90, ("fundus", "authors"): 0.92,
    }  # fmt: skip
    assert {key: round(means[key], 3) for key in floors if means[key] < floors[key]} == {}
    assert sums["fundus", "body under .5"].count(1) + sums["aeb", "body under .5"].count(1) == 0
