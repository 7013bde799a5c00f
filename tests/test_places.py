import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.places import find_place
from parsers.records import HostEvent
from parsers.sites import find_sites, venue_names
from tests.staging import Case, cases, dateline_of, document_of, scene_of


@pytest.mark.parametrize("case", cases("places"))
def test_places(case: Case) -> None:
    document = document_of(case)
    beside = HostEvent(name=case["beside"]) if "beside" in case else None
    found = find_place(document, scene_of(document, case), dateline_of(document), beside)
    assert ((found.city, found.country) if found else (None, None)) == (case.get("city"), case.get("country"))
    if "venue" in case:
        assert found is not None
        assert found.venue == case["venue"]


def test_venues_know_their_city() -> None:
    assert len(venue_names()) > 500
    venue = venue_names().get("Chigi Palace")
    assert venue is not None
    assert (venue.city, venue.country) == ("Rome", "ITA")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="in at Bku Tehrnvsio.,'’\n", max_size=200))
def test_any_text(text: str) -> None:
    document = document_of({"text": "x " + text, "why": "any"})
    for sentence in document.sentences:
        for site in find_sites(sentence, frozenset()):
            assert sentence.span.covers(site.span)
