"""Offices: what stands before and after the head noun, the class, the state."""

import pytest

from parsers.catalog import countries
from parsers.chunks import StateForm, chunk, role_lexicon
from parsers.records import RoleClass
from parsers.roles import RolePhrase, find_roles, is_vague


def offices(text: str) -> list[RolePhrase]:
    states = [(hit.span.start, hit.span.end, StateForm(hit.alpha3, str(hit.kind), not hit.ambiguous)) for hit in countries().find(text)]
    return find_roles(chunk(text, 0, len(text), names=[], states=states, bodies=[]))


@pytest.mark.parametrize(
    ("text", "role", "role_class", "nations"),
    [
        ("the Kenyan foreign minister said", "foreign minister", RoleClass.FOREIGN_MINISTER, ("KEN",)),
        ("Iran's deputy culture and tourism minister", "deputy culture and tourism minister", RoleClass.DEPUTY_MINISTER, ("IRN",)),
        ("the Minister of Post and Telecommunications of Algeria", "Minister of Post and Telecommunications", RoleClass.MINISTER, ("DZA",)),
        ("visiting Iranian First Vice President", "First Vice President", RoleClass.OTHER, ("IRN",)),
        ("the ambassador of Japan to Kenya", "ambassador to Kenya", RoleClass.AMBASSADOR, ("JPN",)),
        ("Speaker of the National Assembly of Hungary", "Speaker of the National Assembly", RoleClass.SPEAKER, ("HUN",)),
        ("the former U.S. secretary of state", "former secretary of state", RoleClass.MINISTER, ("USA",)),
        ("Chinese FM", "foreign minister", RoleClass.FOREIGN_MINISTER, ("CHN",)),
        ("the foreign ministers of Iran, Oman and Qatar", "foreign ministers", RoleClass.FOREIGN_MINISTER, ("IRN", "OMN", "QAT")),
        ("the Turkish and Qatari presidents", "presidents", RoleClass.HEAD_OF_STATE, ("TUR", "QAT")),
        ("the governor of the central bank", "governor of the central bank", RoleClass.CENTRAL_BANKER, ()),
        ("special envoy for Syria", "special envoy for Syria", RoleClass.ENVOY, ()),
    ],
)
def test_office(text: str, role: str, role_class: RoleClass, nations: tuple[str, ...]) -> None:
    (office,) = offices(text)
    assert (office.text, office.role_class, office.nations) == (role, role_class, nations)


def test_ranks_and_bare_heads_are_vague() -> None:
    assert is_vague("Major General")
    assert is_vague("Rear-Admiral")
    assert is_vague("minister")
    assert not is_vague("energy minister")
    assert not is_vague("President")


def test_every_class_of_office_has_heads() -> None:
    table = role_lexicon()
    assert table.words.vague
    assert table.state_offices["taoiseach"] == "IRL"
    assert all(code == "" or code in countries() for code in table.state_offices.values())
    assert all(code in countries() for code in table.likely_offices.values())
