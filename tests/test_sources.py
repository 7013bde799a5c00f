"""The news sources: every file is read, and a wrong one is named with its key."""

from typing import Any

import pytest

from parsers.catalog import countries
from parsers.errors import CatalogError
from parsers.sources import SourceKind, load_sources, source_of

GOOD: dict[str, Any] = {
    "name": "Harbour Post",
    "country": "NOR",
    "language": "en",
    "time_zone": "Europe/Oslo",
    "kind": "paper",
    "feeds": ["https://harbour-post.example/rss"],
    "found": "its page of feeds",
}


def test_sources_of_all_continents_and_kinds_are_there() -> None:
    sources = [source for source in load_sources() if source.enabled]
    assert len(sources) >= 40
    assert "tehran_times" in {source.id for source in sources}
    assert {source.kind for source in sources} >= {SourceKind.AGENCY, SourceKind.MINISTRY, SourceKind.INTERNATIONAL_BODY, SourceKind.PAPER}
    zones = {source.time_zone.split("/")[0] for source in sources}
    assert zones >= {"Africa", "America", "Asia", "Australia", "Europe", "Pacific"}
    assert {source.country for source in sources if source.country} <= {row.alpha3 for row in countries().rows}


def test_a_source_is_read() -> None:
    source = source_of("harbour_post", GOOD)
    assert (source.id, source.country, source.kind, source.enabled) == ("harbour_post", "NOR", SourceKind.PAPER, True)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("country", "NO"),
        ("time_zone", "Oslo"),
        ("kind", "blog"),
        ("feeds", ["harbour-post.example/rss"]),
        ("feeds", []),
        ("found", ""),
    ],
)
def test_a_wrong_source_is_refused_by_key(key: str, value: Any) -> None:
    with pytest.raises(CatalogError) as refused:
        source_of("harbour_post", GOOD | {key: value})
    assert refused.value.where == key
