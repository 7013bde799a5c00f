"""Feed bytes → a `Feed` of plain text items, whatever the bytes.

RSS 0.9x, 1.0, 2.0, Atom and CDF are read with feedparser's handlers (parsers.feed_markup); JSON Feed and Google's news sitemaps, which it
does not know, here. Formats are told by their first element, never by feedparser's verdict on well-formedness, which is no verdict.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag
from bs4.filter import SoupStrainer
from lxml import etree

from parsers.charsets import decode, without_declaration
from parsers.errors import FeedError, FeedTooLarge, NotAFeed
from parsers.feed_dates import plausible, read_date
from parsers.feed_markup import MAX_ITEMS, MAX_NAME, read_markup
from parsers.prescan import scan_html
from parsers.records import Feed, FeedItem
from parsers.text import line, plain

MAX_BYTES = 5_000_000
MAX_TITLE = 1_000
MAX_SUMMARY = 50_000
MAX_CONTENT = 300_000
MAX_LINK = 2_000
MAX_RAW_DATE = 120
_MAX_FEED_URLS = 20
_MAX_TTL = 43_200  # minutes: a month
_PROLOGUE = re.compile(r"\s+|<\?[^>]*>|<!--(?:[^-]++|-(?!->))*+-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\]\s*)?>", re.IGNORECASE)
_HTML_DOCTYPE = re.compile(r"\s*<!doctype\s+html", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*+:)?([A-Za-z_][\w.-]*)")
_ITEM = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?(?:item|entry)[\s>/]", re.IGNORECASE)
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z]\w+);")
_BREAKS = re.compile(r"\s*[\t\r\n\v\f\x85\u2028\u2029]\s*")
_HALF_OF_DAY = re.compile(r"\d\s*[ap]\.?m\b", re.IGNORECASE)
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml"})
_FEED_PATH = re.compile(r"(?:^|[/._?=-])(?:rss|feeds?|atom)(?:[/._?=&-]|$|\d)", re.IGNORECASE)
_UPDATE_PERIODS = {"hourly": 60, "daily": 1_440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_NEWS = "{*}"
_LINE_ENDS = dict.fromkeys(map(ord, "\t\n\r"))  # which browsers drop from addresses


def parse_feed(body: bytes, *, url: str | None = None, headers: Mapping[str, str] | None = None, now: datetime | None = None) -> Feed:
    """The feed in `body`.

    url: where it was fetched from, for relative links. headers: of the response, for the charset. now: for the plausible window of dates.
    Entries beyond the first 2,000, or beyond what one second allows, are counted in `dropped_items`.
    Raises NotAFeed, with the feeds that the page announces if it is a page; FeedTooLarge; FeedError where the reader itself fails.
    """
    if len(body) > MAX_BYTES:
        raise FeedTooLarge(f"{len(body)} bytes, at most {MAX_BYTES} are read")
    text = decode(body, headers)[0].strip()
    if not text:
        raise NotAFeed("the body is empty")
    source = _Source(text=text, url=url or "", now=now)
    try:
        return _reader(text)(source)
    except (FeedError, MemoryError):
        raise
    except Exception as error:  # the boundary to third-party readers, which fail in ways that they do not declare
        raise FeedError(f"the reader failed: {type(error).__name__}: {line(str(error), 200)}") from error


def feed_urls(body: bytes | str, *, url: str | None = None, headers: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Absolute addresses of the feeds that an HTML page announces: its alternate links first, then anchors that look like feeds."""
    text = without_declaration(body if isinstance(body, str) else decode(body[:MAX_BYTES], headers)[0])
    if scan_html(text).refusal() is not None:
        return ()
    soup = BeautifulSoup(text, "lxml", parse_only=SoupStrainer(["link", "a", "base"]))
    base = url or ""
    if isinstance(tag := soup.find("base", href=True), Tag):
        base = _link(str(tag["href"]), base) or base
    announced = [
        str(link["href"])
        for link in soup.find_all("link", href=True)
        if "alternate" in (link.get("rel") or []) and str(link.get("type") or "").partition(";")[0].strip().lower() in _FEED_TYPES
    ]
    announced += [str(anchor["href"]) for anchor in soup.find_all("a", href=True) if _FEED_PATH.search(_path(str(anchor["href"])))]
    found = (_link(address, base) for address in announced)
    return tuple(dict.fromkeys(address for address in found if address is not None))[:_MAX_FEED_URLS]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    text: str
    url: str
    now: datetime | None


def _reader(text: str) -> Callable[[_Source], Feed]:
    if text[0] in "{[":
        return _read_json
    position = 0
    while match := _PROLOGUE.match(text, position):
        if _HTML_DOCTYPE.match(match.group()):
            return _refuse_page
        position = match.end()
    root = _ROOT.match(text, position)
    match root.group(1).lower() if root else None:
        case "html":
            return _refuse_page
        case "urlset":
            return _read_sitemap
        case _:
            return _read_xml


def _refuse_page(source: _Source) -> Feed:
    raise NotAFeed("an HTML page", feed_urls=feed_urls(source.text, url=source.url))


# ── RSS, Atom, RDF, CDF ──────────────────────────────────────────────────────────────────────────────────────────────


def _read_xml(source: _Source) -> Feed:
    markup = read_markup(source.text)
    if not markup.version and not markup.entries:
        raise NotAFeed("no feed and no entries", feed_urls=feed_urls(source.text, url=source.url) if "<html" in source.text else ())
    channel = markup.channel
    language = _word(channel.get("language"))
    items = [_xml_item(entry, source, language) for entry in markup.entries]
    return Feed(
        version=markup.version,
        title=_title(channel),
        link=_link(_string(channel, "link"), source.url),
        language=language,
        ttl_minutes=_ttl(channel),
        hub=_relation(channel, "hub", source.url),
        next_page=_relation(channel, "next", source.url),
        items=_with_own_ids(items),
        dropped_items=max(0, sum(1 for _ in _ITEM.finditer(source.text)) - len(items)) if markup.cut else 0,
    )


def _xml_item(entry: dict[str, Any], source: _Source, language: str | None) -> FeedItem:
    published, published_raw = _xml_date(entry, "published", source.now)
    updated, updated_raw = _xml_date(entry, "updated", source.now)
    if published_raw is None:
        created, created_raw = _xml_date(entry, "created", source.now)
        published, published_raw = (created, created_raw) if created_raw is not None else (updated, updated_raw)
    contents = entry.get("content")
    content = next((text for part in contents if (text := _body(part))), None) if isinstance(contents, list) else None
    return _item(
        guid=_string(entry, "id"),
        link=_link(_string(entry, "link"), source.url),
        title=_title(entry),
        authors=_authors(entry),
        published=published,
        published_raw=published_raw,
        updated=updated,
        summary=_summary(entry),
        content=content,
        language=language,
    )


def _string(table: dict[str, Any], key: str) -> str | None:
    """A value that is a string and not empty. Elements of unknown names may put any type under any key."""
    value = dict.get(table, key)  # feedparser's own `get` maps some keys to others
    return value.strip() or None if isinstance(value, str) else None


def _word(value: object) -> str | None:
    return line(value, 40) or None if isinstance(value, str) else None


def _title(table: dict[str, Any]) -> str | None:
    value = _string(table, "title")
    if value is None:
        return None
    detail = table.get("title_detail")
    kind = str(detail.get("type")) if isinstance(detail, dict) else "text/plain"
    if _MARKUP.search(value):
        return line(plain(value), MAX_TITLE) or None
    if kind != "text/plain":
        value = unescape(value)
    return _BREAKS.sub(" ", value)[:MAX_TITLE].strip() or None  # what is text already keeps its spaces


def _summary(entry: dict[str, Any]) -> str | None:
    value = _string(entry, "summary")
    return plain(value)[:MAX_SUMMARY] or None if value is not None else None


def _body(part: object) -> str | None:
    value = part.get("value") if isinstance(part, dict) else None
    return plain(value)[:MAX_CONTENT] or None if isinstance(value, str) else None


def _authors(entry: dict[str, Any]) -> tuple[str, ...]:
    people = entry.get("authors")
    names = [person.get("name") for person in people if isinstance(person, dict)] if isinstance(people, list) else []
    if not any(names):
        names = [entry.get("author")]
    return _names(names)


def _names(names: Iterable[object]) -> tuple[str, ...]:
    cleaned = (line(plain(name[: 2 * MAX_NAME]), MAX_NAME) for name in names if isinstance(name, str))
    return tuple(dict.fromkeys(name for name in cleaned if name))


def _xml_date(entry: dict[str, Any], key: str, now: datetime | None) -> tuple[datetime | None, str | None]:
    raw = _string(entry, key)
    if raw is None:
        return None, None
    raw = line(raw, MAX_RAW_DATE)
    return read_date(raw, now=now) or _feedparser_date(raw, dict.get(entry, f"{key}_parsed"), now), raw or None


def _feedparser_date(raw: str, parsed: object, now: datetime | None) -> datetime | None:
    """feedparser's reading, where ours has none: it knows more languages. Not believed where it is known to misread."""
    if not isinstance(parsed, time.struct_time) or _HALF_OF_DAY.search(raw):
        return None
    try:
        moment = datetime(*parsed[:5], min(parsed[5], 59), tzinfo=UTC)
    except ValueError:
        return None
    # a year that the string does not name was made from some other number in it
    if f"{moment.year:04d}"[2:] not in raw or not plausible(moment, now=now):
        return None
    return moment


def _ttl(channel: dict[str, Any]) -> int | None:
    minutes = _number(channel, "ttl")
    if minutes is None and (period := _UPDATE_PERIODS.get((_string(channel, "sy_updateperiod") or "").lower())):
        minutes = period // max(1, _number(channel, "sy_updatefrequency") or 1)
    return min(minutes, _MAX_TTL) if minutes else None


def _number(table: dict[str, Any], key: str) -> int | None:
    value = _string(table, key)
    return int(value) if value is not None and value.isascii() and value.isdigit() and len(value) <= 9 else None


def _relation(channel: dict[str, Any], relation: str, base: str) -> str | None:
    links = channel.get("links")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("rel") == relation and isinstance(link.get("href"), str):
            return _link(link["href"], base)
    return None


# ── JSON Feed ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_json(source: _Source) -> Feed:
    try:
        table = json.loads(source.text)
    except (ValueError, RecursionError) as error:
        raise NotAFeed("neither XML nor readable JSON") from error
    if not isinstance(table, dict) or "jsonfeed.org/version" not in str(table.get("version")) or not isinstance(table.get("items"), list):
        raise NotAFeed("JSON, but no JSON Feed")
    entries = [entry for entry in table["items"] if isinstance(entry, dict)]
    language = _word(table.get("language"))
    hubs = table.get("hubs")
    hub = next((hub.get("url") for hub in hubs if isinstance(hub, dict)), None) if isinstance(hubs, list) else None
    return Feed(
        version="json_feed",
        title=_json_line(table, "title"),
        link=_link(_string(table, "home_page_url"), source.url),
        language=language,
        hub=_link(hub, source.url) if isinstance(hub, str) else None,
        next_page=_link(_string(table, "next_url"), source.url),
        items=_with_own_ids([_json_item(entry, source, language) for entry in entries[:MAX_ITEMS]]),
        dropped_items=max(0, len(entries) - MAX_ITEMS),
    )


def _json_item(entry: dict[str, Any], source: _Source, language: str | None) -> FeedItem:
    guid = entry.get("id")
    authors = entry.get("authors") if isinstance(entry.get("authors"), list) else [entry.get("author")]
    markup, text, summary = _string(entry, "content_html"), _string(entry, "content_text"), _string(entry, "summary")
    published_raw, updated_raw = _string(entry, "date_published"), _string(entry, "date_modified")
    updated = read_date(updated_raw, now=source.now) if updated_raw else None
    return _item(
        guid=str(guid).strip()[:MAX_LINK] or None if isinstance(guid, str | int | float) else None,
        link=_link(_string(entry, "url") or _string(entry, "external_url"), source.url),
        title=_json_line(entry, "title"),
        authors=_names(person.get("name") for person in authors or [] if isinstance(person, dict)),
        published=read_date(published_raw, now=source.now) if published_raw else updated,
        published_raw=line(published_raw or updated_raw or "", MAX_RAW_DATE) or None,
        updated=updated,
        summary=plain(summary)[:MAX_SUMMARY] or None if summary else None,
        content=(plain(markup) if markup else plain(text.replace("<", "&lt;")) if text else "")[:MAX_CONTENT] or None,
        language=_word(entry.get("language")) or language,
    )


def _json_line(table: dict[str, Any], key: str) -> str | None:
    value = _string(table, key)
    return line(value, MAX_TITLE) or None if value is not None else None


# ── news sitemaps ────────────────────────────────────────────────────────────────────────────────────────────────────


def _read_sitemap(source: _Source) -> Feed:
    """Google's news sitemap. A sitemap of all pages, with no news in it, is no feed."""
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(source.text.encode("utf-8", "replace"), parser)
    entries = root.findall(f"{_NEWS}url") if root is not None else []
    news = [entry for entry in entries if entry.find(f"{_NEWS}news") is not None]
    if not news:
        raise NotAFeed("a sitemap with no news in it")
    publication = f"{_NEWS}news/{_NEWS}publication/{_NEWS}"
    return Feed(
        version="news_sitemap",
        title=_found(news[0], f"{publication}name"),
        language=_found(news[0], f"{publication}language"),
        items=_with_own_ids([_sitemap_item(entry, source, publication) for entry in news[:MAX_ITEMS]]),
        dropped_items=max(0, len(news) - MAX_ITEMS),
    )


def _sitemap_item(entry: Any, source: _Source, publication: str) -> FeedItem:
    published_raw = _found(entry, f"{_NEWS}news/{_NEWS}publication_date")
    updated_raw = _found(entry, f"{_NEWS}lastmod")
    return _item(
        guid=None,
        link=_link(_found(entry, f"{_NEWS}loc"), source.url),
        title=_found(entry, f"{_NEWS}news/{_NEWS}title"),
        authors=(),
        published=read_date(published_raw, now=source.now) if published_raw else None,
        published_raw=published_raw,
        updated=read_date(updated_raw, now=source.now) if updated_raw else None,
        summary=None,
        content=None,
        language=_found(entry, f"{publication}language"),
    )


def _found(entry: Any, path: str) -> str | None:
    value = entry.findtext(path)
    return line(value, MAX_TITLE) or None if isinstance(value, str) else None


# ── items ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _item(*, guid: str | None, link: str | None, title: str | None, published_raw: str | None, **fields: Any) -> FeedItem:
    key = guid or link or _digest(title, published_raw, fields["summary"])
    return FeedItem(item_id=key, guid=guid, link=link, title=title, published_raw=published_raw, **fields)


def _with_own_ids(items: list[FeedItem]) -> tuple[FeedItem, ...]:
    """The items, with an id of its own for each that shares its guid with an entry of another link: some feeds have one guid for all."""
    first: dict[str, str | None] = {}
    out: list[FeedItem] = []
    for item in items:
        if first.setdefault(item.item_id, item.link) != item.link:
            values = {name: getattr(item, name) for name in FeedItem.__dataclass_fields__}
            item = FeedItem(**{**values, "item_id": _digest(item.item_id, item.link)})
        out.append(item)
    return tuple(out)


def _digest(*parts: str | None) -> str:
    return "sha256:" + hashlib.sha256("\n".join(part or "" for part in parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _link(address: str | None, base: str) -> str | None:
    """The absolute web address, or None for what is none. A relative one stays as it is where no base is known."""
    if not address or len(address) > MAX_LINK:
        return None
    try:
        absolute = urljoin(base, address.strip().translate(_LINE_ENDS))
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if not base and not parts.scheme:
        return absolute or None
    return absolute if parts.scheme in {"http", "https"} and parts.netloc else None


def _path(address: str) -> str:
    """Path and query of an address, "" where it is none."""
    try:
        parts = urlsplit(address[:MAX_LINK])
    except ValueError:
        return ""
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
