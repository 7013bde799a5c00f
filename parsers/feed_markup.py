"""RSS, Atom, RDF and CDF → what feedparser reads in them, within bounds.

feedparser's own handlers are driven here, strict first and tolerant where the XML is broken, and not through `feedparser.parse`: that
opens a body that happens to name a file or URL, guesses charsets differently with whatever detector is installed, and has no bounds. Its
time grows with the square of the attributes of a tag, of the tags of an entry, and of an e-mail address; a document of two hundred
thousand small elements takes ten seconds. Sanitising and link resolving inside content are off: content becomes plain text here.
"""

import io
import re
import xml.sax
import xml.sax.handler
import xml.sax.xmlreader
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import feedparser.api
import feedparser.sanitizer
from feedparser.exceptions import UndeclaredNamespace

from parsers.charsets import without_declaration
from parsers.errors import FeedTooLarge
from parsers.prescan import MAX_ATTRIBUTES, MAX_TAG_CHARACTERS, scan_xml

MAX_ITEMS = 2_000
MAX_NAME = 300
_MAX_HEAD = 64_000  # characters that may stand before the first element
_BUDGET = 800_000  # of work for one pass, in about microseconds: feeds of 2.5 MB were seen to need 350,000
_TAG_COST = 16
_END_COST = 10
_STRICT_PRICE = 1  # of a stretch of text between tags and references
_LOOSE_PRICE = 3
_MAX_NAMESPACES = 500  # each end of an element looks through all of them
_MAX_ENTITIES = 300
# what feedparser's handlers raise upon elements in places that it does not expect: that element is lost, not the feed
_FAULTS = (LookupError, TypeError, ValueError, AttributeError)
_FIRST_ELEMENT = re.compile(r"<\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """version: "" where the root is no feed's. channel, entries: feedparser's dictionaries, whose values may be of any type.

    cut: whether reading stopped before the end.
    """

    version: str
    channel: dict[str, Any]
    entries: list[dict[str, Any]]
    cut: bool


def read_markup(text: str) -> Markup:
    """What feedparser finds in `text`, up to the cap of items and of work. Raises FeedTooLarge where no complete entry fits the bounds."""
    text = without_declaration(text)
    first = _FIRST_ELEMENT.search(text)
    if (first.start() if first else len(text)) > _MAX_HEAD:
        raise FeedTooLarge(f"over {_MAX_HEAD} characters before the first element")
    if text.count("<!ENTITY", 0, _MAX_HEAD) > _MAX_ENTITIES:
        raise FeedTooLarge(f"over {_MAX_ENTITIES} entity declarations")
    scan = scan_xml(text)
    if scan.attributes > MAX_ATTRIBUTES or scan.longest > MAX_TAG_CHARACTERS:
        raise FeedTooLarge(f"a tag of {scan.longest} characters and {scan.attributes} attributes")
    declared = b"<?xml version='1.0' encoding='utf-8'?>\n" + text.encode("utf-8", "replace")
    doctype, data, entities = feedparser.sanitizer.replace_doctype(declared)
    handler, cut = _run(data, entities)
    if cut and not handler.complete:
        raise FeedTooLarge("too much markup for one entry")
    return Markup(
        version=str(doctype or handler.version or ""),
        channel=handler.feeddata,
        entries=handler.entries[: handler.complete] if cut else handler.entries,
        cut=cut,
    )


class _Spent(Exception):
    """Enough was read: the cap of items, or the budget of work."""


class _Bounds:
    """Limits upon feedparser's handlers, which keep all their state in the instance."""

    price = _STRICT_PRICE
    spent = 0
    complete = 0  # entries that have ended

    def _pay(self, cost: int) -> None:
        self.spent += cost
        if self.spent > _BUDGET:
            raise _Spent

    def unknown_starttag(self, tag: str, attributes: list[tuple[str, str]]) -> None:
        count = len(attributes)
        self._pay(_TAG_COST + count + count * count // 60)
        with suppress(*_FAULTS):
            super().unknown_starttag(tag, attributes)  # type: ignore[misc]

    def unknown_endtag(self, tag: str) -> None:
        self._pay(_END_COST)
        with suppress(*_FAULTS):
            super().unknown_endtag(tag)  # type: ignore[misc]

    def handle_data(self, text: str, escape: int = 1) -> None:
        self._pay(self.price)
        super().handle_data(text, escape)  # type: ignore[misc]

    def handle_entityref(self, ref: str) -> None:
        self._pay(self.price)
        super().handle_entityref(ref)  # type: ignore[misc]

    def handle_charref(self, ref: str) -> None:
        self._pay(self.price)
        try:
            super().handle_charref(ref)  # type: ignore[misc]
        except (ValueError, OverflowError):  # a number that is no character
            super().handle_data("\ufffd")  # type: ignore[misc]

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if len(self.namespaces_in_use) > _MAX_NAMESPACES:  # type: ignore[attr-defined]
            raise _Spent
        super().track_namespace(prefix, uri)  # type: ignore[misc]

    def _start_item(self, attributes: dict[str, str]) -> None:
        if len(self.entries) >= MAX_ITEMS:  # type: ignore[attr-defined]
            raise _Spent
        super()._start_item(attributes)  # type: ignore[misc]

    def _end_item(self) -> None:
        super()._end_item()  # type: ignore[misc]
        self.complete = len(self.entries)  # type: ignore[attr-defined]

    _start_entry = _start_item
    _end_entry = _end_item

    def _sync_author_detail(self, key: str = "author") -> None:
        context = self._get_context()  # type: ignore[attr-defined]
        value = context.get(key)
        if isinstance(value, str) and len(value) > MAX_NAME:  # the search for an address in it takes quadratic time
            context[key] = value[:MAX_NAME]
        super()._sync_author_detail(key)  # type: ignore[misc]

    def _add_tag(self, term: object, scheme: object, label: object) -> None:
        """Categories are not read here; feedparser compares each with all before it."""
        self._get_context().setdefault("tags", [])  # type: ignore[attr-defined]


class _Strict(_Bounds, feedparser.api.StrictFeedParser):  # type: ignore[misc]
    resolve_relative_uris = False
    sanitize_html = False


class _Loose(_Bounds, feedparser.api.LooseFeedParser):  # type: ignore[misc]
    price = _LOOSE_PRICE
    resolve_relative_uris = False
    sanitize_html = False


def _run(data: bytes, entities: dict[str, str]) -> tuple[Any, bool]:
    """The handler that read `data` and whether it stopped before the end."""
    strict = _Strict("", None, "utf-8")
    reader = xml.sax.make_parser()
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(strict)
    reader.setErrorHandler(strict)
    source = xml.sax.xmlreader.InputSource()
    source.setByteStream(io.BytesIO(data))
    try:
        reader.parse(source)
    except _Spent:
        return strict, True
    except (xml.sax.SAXException, UndeclaredNamespace):
        loose = _Loose("", None, "utf-8", entities)
        try:
            loose.feed(data.decode("utf-8", "replace"))
        except _Spent:
            return loose, True
        return loose, False
    return strict, False
