"""Page bytes → an `Article`: headline, authors, times with zone, dateline, credit, and a body in which offsets count.

Metadata comes from what the page declares (parsers.structured), the body from trafilatura, a missing date from htmldate: each was measured
best at its part. Where a publisher class knows the page's system (parsers.publishers) its body is taken if it agrees with the generic one.
Every field says in `field_sources` where it was found.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from typing import Any

import htmldate
import trafilatura
from lxml.html import HtmlElement
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from trafilatura.metadata import extract_author
from trafilatura.settings import Document
from trafilatura.utils import load_html

from parsers.boilerplate import clean_body
from parsers.bylines import read_authors
from parsers.charsets import decode, without_declaration
from parsers.datelines import read_credit, read_dateline
from parsers.errors import NotAPage, PageError, PageTooLarge
from parsers.feed_dates import has_clock, has_zone, read_date
from parsers.headlines import rank_titles
from parsers.prescan import scan_html
from parsers.publishers import LaidOut, agreement, find_layouts, read_layouts
from parsers.records import Article, FeedItem
from parsers.structured import Found, Structured, read_structured
from parsers.text import line

MAX_BYTES = 4_000_000
MAX_TEXT = 300_000  # characters: the longest live blogs seen have 130,000
MIN_BODY = 200  # characters under which a body is a failure to find it
_AGREEING = 0.6  # share of words from which two bodies are the same
_TEASER = 80
_SAMPLE = 3_000  # characters by which the language is told
_SURE = 0.9
_MANY = 4  # authors, where the teasers of other articles name theirs in the same way
_SHARED_PLACES = frozenset({"itemprop:author", "rel:author"})
_BINARY = re.compile(rb"\s*(?:%PDF|PK\x03\x04|\x89PNG|GIF8|\xff\xd8\xff|\x1f\x8b|RIFF|\xd0\xcf\x11\xe0|ID3)")
_DAYS_APART = 1
_ZONES_APART = timedelta(hours=14)

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs an error for each page with no text: here that is a field's source
logging.getLogger("htmldate").setLevel(logging.CRITICAL)


def read_article(
    body: bytes,
    *,
    url: str,
    headers: Mapping[str, str] | None = None,
    hints: FeedItem | None = None,
    now: datetime | None = None,
    zone: tzinfo = UTC,
) -> Article:
    """The article of a page.

    url: where the page was fetched. headers: of the response, for the charset. hints: the feed's item, used for what the page lacks and
    marked as such. now: when it was fetched, for the plausible window of dates. zone: the outlet's, for times in UTC or in none.
    Raises PageTooLarge over 4 MB or for a tag that no honest page has, NotAPage for what holds neither headline nor text, PageError where
    a reader itself fails.
    """
    if len(body) > MAX_BYTES:
        raise PageTooLarge(f"{len(body)} bytes, at most {MAX_BYTES} are read")
    if not body.strip() or _BINARY.match(body):
        raise NotAPage("empty or binary")
    markup = without_declaration(decode(body, headers)[0])
    if "<" not in markup:
        raise NotAPage("no markup")
    if (refusal := scan_html(markup).refusal()) is not None:
        raise PageTooLarge(refusal)
    try:
        return _Reader(markup=markup, url=url, hints=hints, now=now, zone=zone).read()
    except (PageError, MemoryError):
        raise
    except Exception as error:  # the boundary to third-party readers, which fail in ways that they do not declare
        raise PageError(f"the reader failed: {type(error).__name__}: {line(str(error), 200)}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Time:
    """moment: with zone. source: where on the page. exact: whether the page gives the time of day; zoned: and its zone."""

    moment: datetime
    source: str
    exact: bool
    zoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """drift: how the layout's body parted from the generic one; None where it did not, or where the page has no known layout."""

    text: str
    source: str
    drift: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    markup: str
    url: str
    hints: FeedItem | None
    now: datetime | None
    zone: tzinfo

    def read(self) -> Article:
        structured = read_structured(self.markup, self.url)
        tree = load_html(self.markup)
        raw_body = _generic_body(tree)
        laid_out = self._laid_out(structured, raw_body)
        sources: dict[str, str] = {}
        titles = rank_titles(self._titles(structured, laid_out), structured.publisher.value if structured.publisher else None)
        authors, authors_source = self._authors(tree, structured, laid_out)
        body = self._body(raw_body, structured, laid_out, titles.candidates, authors)
        if not body.text and titles.best is None:
            raise NotAPage("neither headline nor text")
        published = self._published(tree, structured, laid_out)
        modified = self._time(structured.modified, self._zone(laid_out))
        language, language_source = _language(body.text, structured)
        dateline = read_dateline(body.text, published.moment.date() if published else None)
        credit = read_credit(body.text)
        found = {
            "url": structured.canonical.source if structured.canonical else "request",
            "title": titles.best.source if titles.best else None,
            "text": body.source,
            "drift": body.drift,
            "authors": authors_source,
            "published": published.source if published else None,
            "modified": modified.source if modified else None,
            "language": language_source,
            "publisher": structured.publisher.source if structured.publisher else None,
            "paywalled": "declared" if structured.paywalled is not None else None,
            "dateline": "text" if dateline else None,
            "credit": "text" if credit else None,
        }
        sources.update({field: source for field, source in found.items() if source is not None})
        return Article(
            url=structured.canonical.value if structured.canonical else self.url,
            title=titles.best.value if titles.best else None,
            text=body.text,
            language=language,
            published=published.moment if published else None,
            modified=modified.moment if modified else None,
            authors=authors,
            publisher=structured.publisher.value if structured.publisher else None,
            title_candidates=titles.candidates,
            dateline=dateline,
            credit=credit,
            paywalled=structured.paywalled,
            field_sources=tuple(sorted(sources.items())),
        )

    def _laid_out(self, structured: Structured, raw_body: str) -> LaidOut | None:
        declared = self._time(structured.published, self.zone)
        candidates = find_layouts(self.url, structured.generator, declared.moment.date() if declared else None)
        complete = declared is not None and bool(structured.titles and structured.authors) and len(raw_body) >= MIN_BODY
        if complete and all(layout.stand_in for layout in candidates):
            return None  # nothing is missing that they could give
        return read_layouts(self.markup, candidates)

    def _zone(self, laid_out: LaidOut | None) -> tzinfo:
        """The caller's zone, or the layout's where the caller knows none."""
        return laid_out.layout.zone if laid_out is not None and laid_out.layout.zone is not None and self.zone is UTC else self.zone

    def _titles(self, structured: Structured, laid_out: LaidOut | None) -> tuple[Found, ...]:
        titles = structured.titles
        if laid_out is not None and laid_out.title is not None:
            titles = (*titles, Found(value=laid_out.title, source=f"layout:{laid_out.layout.layout_id}"))
        if not titles and self.hints is not None and self.hints.title is not None:
            titles = (Found(value=self.hints.title, source="feed:title"),)
        return titles

    def _body(
        self,
        raw_body: str,
        structured: Structured,
        laid_out: LaidOut | None,
        titles: tuple[str, ...],
        authors: tuple[str, ...],
    ) -> _Body:
        """The layout's body where it agrees with the generic one, else the generic one.

        What the page declares, then what the feed carried, stands in only for a body that was not found.
        """
        generic = clean_body(raw_body, titles=titles, authors=authors)
        drift = None
        if laid_out is not None and not (laid_out.layout.stand_in and len(generic) >= MIN_BODY):
            source = f"layout:{laid_out.layout.layout_id}"
            text = clean_body(laid_out.text, titles=titles, authors=authors)
            shared = agreement(text, generic)
            if len(text) >= MIN_BODY and (shared >= _AGREEING or len(generic) < MIN_BODY):
                return _Body(text=_capped(text), source=source)
            drift = f"{source}: {len(text)} characters, {shared:.0%} of words shared with trafilatura's {len(generic)}"
        if len(generic) >= MIN_BODY:
            return _Body(text=_capped(generic), source="trafilatura", drift=drift)
        stand_ins = [(structured.body.value, structured.body.source)] if structured.body is not None else []
        if self.hints is not None:
            stand_ins += [(self.hints.content or "", "feed:content"), (self.hints.summary or "", "feed:summary")]
        for raw, source in stand_ins:
            text = clean_body(raw, titles=titles, authors=authors)
            if len(text) > len(generic) + _TEASER:
                return _Body(text=_capped(text), source=source, drift=drift)
        return _Body(text=generic, source="trafilatura" if generic else "none", drift=drift)

    def _published(self, tree: HtmlElement | None, structured: Structured, laid_out: LaidOut | None) -> _Time | None:
        zone = self._zone(laid_out)
        places = tuple(found for found in structured.published if found.source != "time")
        if laid_out is not None and laid_out.time is not None:
            places = (*places, Found(value=laid_out.time, source=f"layout:{laid_out.layout.layout_id}"))
        declared = self._time(places, zone)
        if declared is not None:
            return declared
        times = tuple(found for found in structured.published if found.source == "time")
        day = _htmldate_day(tree, self.url, self.now)
        if day is not None:
            same_day = tuple(found for found in times if (read := self._read(found, zone)) is not None and read.moment.date() == day)
            return self._time(same_day, zone) or _Time(
                moment=datetime(day.year, day.month, day.day, tzinfo=UTC), source="htmldate", exact=False, zoned=False
            )
        hinted = self.hints.published if self.hints is not None else None
        if hinted is not None:
            return _Time(moment=hinted, source="feed:published", exact=True, zoned=True)
        return self._time(times[:1], zone)

    def _time(self, candidates: tuple[Found, ...], zone: tzinfo) -> _Time | None:
        """The first candidate that can be read; its time of day from a later one where it has none."""
        times = [time for found in candidates if (time := self._read(found, zone)) is not None]
        if not times:
            return None
        first = times[0]
        if not first.exact:
            near = (time for time in times if time.exact and abs((time.moment - first.moment).days) <= _DAYS_APART)
            return next(near, first)
        if not first.zoned:
            # the same time elsewhere, with its zone: as many minutes past the hour, and no more hours away than a zone can be
            return next((time for time in times if time.zoned and _same_clock(time.moment, first.moment)), first)
        return first

    def _read(self, found: Found, zone: tzinfo) -> _Time | None:
        moment = read_date(found.value, now=self.now, zone=zone)
        if moment is None:
            return None
        exact, zoned = has_clock(found.value), has_zone(found.value)
        if not exact:
            moment = moment.replace(tzinfo=UTC)
        elif zone is not UTC and not moment.utcoffset():
            # the same moment as the outlet's readers see it: an evening in New York is the next day in UTC, and "on Monday" counts from it
            moment = moment.astimezone(zone)
        return _Time(moment=moment, source=found.source, exact=exact, zoned=zoned)

    def _authors(
        self, tree: HtmlElement | None, structured: Structured, laid_out: LaidOut | None
    ) -> tuple[tuple[str, ...], str | None]:
        """The first place that names persons; the outlet itself only where no place does."""
        outlet = structured.publisher.value.casefold() if structured.publisher else ""
        named: list[tuple[tuple[str, ...], str]] = []
        for group in structured.authors:
            names = read_authors(found.value for found in group)
            if len(names) > _MANY and group[0].source in _SHARED_PLACES:
                names = names[:1]
            named.append((names, group[0].source))
        if laid_out is not None:
            named.append((read_authors(laid_out.authors), f"layout:{laid_out.layout.layout_id}"))
        if not any(names and not _is_outlet(names, outlet) for names, _ in named) and tree is not None and (byline := extract_author(tree)):
            named.append((read_authors([byline]), "byline"))
        if self.hints is not None:
            named.append((self.hints.authors, "feed:authors"))
        named = [(names, source) for names, source in named if names]
        persons = next(((names, source) for names, source in named if not _is_outlet(names, outlet)), None)
        return persons or next(iter(named), ((), None))


def _is_outlet(names: tuple[str, ...], outlet: str) -> bool:
    return len(names) == 1 and bool(outlet) and (names[0].casefold() in outlet or outlet in names[0].casefold())


def _capped(text: str) -> str:
    """No more than an article can be, cut between paragraphs."""
    if len(text) <= MAX_TEXT:
        return text
    end = text.rfind("\n\n", 0, MAX_TEXT)
    return text[: end if end > 0 else MAX_TEXT].rstrip()


def _same_clock(one: datetime, other: datetime) -> bool:
    apart = abs(one - other)
    return apart <= _ZONES_APART and apart.seconds % 1_800 < 60


def _generic_body(tree: HtmlElement | None) -> str:
    if tree is None:
        return ""
    document = trafilatura.bare_extraction(tree, include_comments=False, with_metadata=False)
    return str(document.text or "") if isinstance(document, Document) else ""


def _htmldate_day(tree: HtmlElement | None, url: str, now: datetime | None) -> date | None:
    if tree is None:
        return None
    latest = now.date().isoformat() if now is not None else None
    found: Any = htmldate.find_date(tree, original_date=True, url=url, max_date=latest)
    return date.fromisoformat(found) if isinstance(found, str) else None


@cache
def _identifier() -> Any:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _language(text: str, structured: Structured) -> tuple[str | None, str | None]:
    """What the text is in, where there is enough of it to tell; else what the page declares, which is often its template's language."""
    declared = structured.language
    if len(text) >= MIN_BODY:
        language, probability = _identifier().classify(text[:_SAMPLE])
        if declared is None or probability >= _SURE:
            return str(language), "text"
    return (declared.value, declared.source) if declared is not None else (None, None)
