"""Layouts of publishing systems: where a known system puts headline, time, authors and body (data/publishers.toml).

Readers written for one site are perfect in their era and dead outside it, so each layout has days of validity and never stands alone:
`agreement` compares its body with the generic one, and the caller believes the generic one where they part.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bs4 import BeautifulSoup
from bs4.element import Tag
from soupsieve import SelectorSyntaxError
from soupsieve import compile as compile_selector

from parsers.catalog import read_toml
from parsers.errors import CatalogError
from parsers.text import line, plain

_FILE = "publishers.toml"
_TEXTS = ("title", "time", "time_attribute", "authors", "generator")
_LISTS = ("domains", "body", "drop")
_REQUIRED = ("id", "seen", "body")
_KEYS = frozenset({"id", "seen", "zone", "valid_from", "valid_until", "stand_in", *_TEXTS, *_LISTS})
_WORD = re.compile(r"\w+")
_MAX_LINE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Selectors are CSS; None where the layout has no such part. zone: of times that name none.

    stand_in: the generic reader does better on these pages, so the layout only gives what is missing.
    """

    layout_id: str
    domains: tuple[str, ...]
    generator: str | None
    body: tuple[str, ...]
    drop: str | None
    title: str | None
    time: str | None
    time_attribute: str | None
    authors: str | None
    zone: ZoneInfo | None
    stand_in: bool
    valid_from: date | None
    valid_until: date | None

    def holds_on(self, day: date | None) -> bool:
        """Whether pages of that day may have this layout; those of an unknown day may have any."""
        if day is None:
            return True
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidOut:
    """What a layout finds on a page; "" and None where it finds nothing. time is raw."""

    layout: Layout
    text: str
    title: str | None
    time: str | None
    authors: tuple[str, ...]


def find_layouts(url: str, generator: str | None, day: date | None) -> tuple[Layout, ...]:
    """The layouts that a page may have: those of its host, else those of its generator tag. Eras overlap where a change is undated."""
    host = _host(url)
    held = [layout for layout in layouts() if layout.holds_on(day)]
    of_host = tuple(layout for layout in held if any(host == domain or host.endswith(f".{domain}") for domain in layout.domains))
    named = (generator or "").lower()
    return of_host or tuple(layout for layout in held if layout.generator and named.startswith(layout.generator))


def read_layouts(markup: str, candidates: Sequence[Layout]) -> LaidOut | None:
    """The parts of a page by the first layout whose body is there, else by the first; None without layouts."""
    if not candidates:
        return None
    soup = BeautifulSoup(markup, "lxml")
    found = ((layout, body) for layout in candidates if (body := _body(soup, layout)) is not None)
    layout, body = next(found, (candidates[0], None))
    return LaidOut(
        layout=layout,
        text=plain(str(body)) if body is not None else "",
        title=_line(soup.select_one(layout.title) if layout.title else None),
        time=_time(soup.select_one(layout.time) if layout.time else None, layout.time_attribute),
        authors=tuple(text for tag in (soup.select(layout.authors, limit=10) if layout.authors else ()) if (text := _line(tag))),
    )


def _body(soup: BeautifulSoup, layout: Layout) -> Tag | None:
    body = next((tag for selector in layout.body if (tag := soup.select_one(selector)) is not None), None)
    if body is not None and layout.drop:
        for tag in body.select(layout.drop):
            tag.extract()
    return body


def agreement(one: str, other: str) -> float:
    """Share of the shorter text's words that the other has too: 0..1, 0.0 where either is empty."""
    a, b = Counter(_WORD.findall(one.lower())), Counter(_WORD.findall(other.lower()))
    shorter = min(a.total(), b.total())
    return (a & b).total() / shorter if shorter else 0.0


def _line(tag: Tag | None) -> str | None:
    return line(tag.get_text(" ", strip=True), _MAX_LINE) or None if tag is not None else None


def _time(tag: Tag | None, attribute: str | None) -> str | None:
    if tag is not None and attribute is not None and (value := tag.get(attribute)):
        return line(str(value), _MAX_LINE)
    return _line(tag)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


@cache
def layouts() -> tuple[Layout, ...]:
    """All layouts of the data file, in its order. Raises CatalogError where it is wrong."""
    tables = read_toml(_FILE, keys=frozenset({"layout"})).get("layout", [])
    found = tuple(_layout(table) for table in tables)
    ids = [layout.layout_id for layout in found]
    if len(ids) != len(set(ids)):
        raise CatalogError(_FILE, "id", f"an id is there twice: {ids}")
    return found


def _layout(table: Mapping[str, Any]) -> Layout:
    where = str(table.get("id", "a layout without an id"))
    if unknown := set(table) - _KEYS:
        raise CatalogError(_FILE, where, f"unknown keys {sorted(unknown)}; known are {sorted(_KEYS)}")
    if missing := [key for key in _REQUIRED if not table.get(key)]:
        raise CatalogError(_FILE, where, f"missing {missing}")
    if not table.get("domains") and not table.get("generator"):
        raise CatalogError(_FILE, where, "has neither domains nor generator")
    for key in _LISTS:
        if not all(isinstance(part, str) and part for part in table.get(key, [])):
            raise CatalogError(_FILE, f"{where}.{key}", "must be a list of strings")
    for key in ("valid_from", "valid_until"):
        if key in table and type(table[key]) is not date:
            raise CatalogError(_FILE, f"{where}.{key}", "must be a date")
    for selector in (*table["body"], *table.get("drop", []), *(table[key] for key in ("title", "time", "authors") if key in table)):
        try:
            compile_selector(selector)
        except SelectorSyntaxError as error:
            raise CatalogError(_FILE, where, f"not a CSS selector: {selector!r}") from error
    return Layout(
        layout_id=where,
        domains=tuple(table.get("domains", ())),
        body=tuple(table["body"]),
        drop=", ".join(table.get("drop", ())) or None,
        zone=_zone(table.get("zone"), where),
        stand_in=table.get("stand_in", False) is True,
        valid_from=table.get("valid_from"),
        valid_until=table.get("valid_until"),
        **{key: table.get(key) for key in _TEXTS},
    )


def _zone(name: str | None, where: str) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CatalogError(_FILE, f"{where}.zone", f"unknown time zone {name!r}") from error
