"""The news sources: one TOML file each under `data/sources/`, checked when it is loaded.

    name = "Tehran Times"
    country = "IRN"                    # home of the outlet, ISO 3166-1 alpha-3; left out for international bodies
    language = "en"
    time_zone = "Asia/Tehran"          # for times that name no zone
    kind = "paper"                     # agency, ministry, international_body, paper
    feeds = ["https://www.tehrantimes.com/rss"]
    found = "where the addresses of the feeds were found"
    enabled = true                     # may be left out

The file's name is the source's id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from parsers.catalog import countries, list_names, read_toml
from parsers.errors import CatalogError

FOLDER = "sources"
KEYS = frozenset({"name", "country", "language", "time_zone", "kind", "feeds", "found", "enabled"})
REQUIRED = ("name", "language", "time_zone", "kind", "feeds", "found")
_ID = re.compile(r"[a-z][a-z0-9_]{1,39}")


class SourceKind(StrEnum):
    """What a source is."""

    AGENCY = "agency"
    MINISTRY = "ministry"
    INTERNATIONAL_BODY = "international_body"
    PAPER = "paper"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One news source. feeds: absolute addresses. found: where they were found. See the module's text for the other fields."""

    id: str
    name: str
    country: str | None
    language: str
    time_zone: str
    kind: SourceKind
    feeds: tuple[str, ...]
    found: str
    enabled: bool = True


@cache
def load_sources() -> tuple[Source, ...]:
    """All sources in the order of their ids. Raises CatalogError, also where two name the same feed."""
    sources = tuple(source_of(name.removesuffix(".toml"), read_toml(f"{FOLDER}/{name}", keys=KEYS)) for name in list_names(FOLDER))
    owner: dict[str, str] = {}
    for source in sources:
        for feed in source.feeds:
            if feed in owner:
                raise CatalogError(f"{FOLDER}/{source.id}.toml", "feeds", f"{feed} is {owner[feed]}'s already")
            owner[feed] = source.id
    return sources


def source_of(source_id: str, table: Mapping[str, Any]) -> Source:
    """The source that a TOML table describes. Raises CatalogError that names the file, the key and the reason."""

    def refuse(key: str, reason: str) -> CatalogError:
        return CatalogError(f"{FOLDER}/{source_id}.toml", key, reason)

    if not _ID.fullmatch(source_id):
        raise refuse("file name", "is lower-case letters, digits and underscores")
    for key in REQUIRED:
        if not table.get(key):
            raise refuse(key, "is missing or empty")
    feeds = table["feeds"]
    if not isinstance(feeds, list) or not all(isinstance(feed, str) and feed.startswith(("http://", "https://")) for feed in feeds):
        raise refuse("feeds", "is a list of absolute http(s) addresses")
    country = table.get("country") or None
    if country is not None and country not in countries():
        raise refuse("country", f"{country!r} is no alpha-3 code of countries.tsv")
    try:
        ZoneInfo(table["time_zone"])
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise refuse("time_zone", f"{table['time_zone']!r} is no IANA time zone") from error
    try:
        kind = SourceKind(table["kind"])
    except ValueError as error:
        raise refuse("kind", f"{table['kind']!r} is none of {', '.join(SourceKind)}") from error
    return Source(
        id=source_id, name=table["name"], country=country, language=table["language"], time_zone=table["time_zone"], kind=kind,
        feeds=tuple(feeds), found=table["found"], enabled=table.get("enabled", True),
    )  # fmt: skip
