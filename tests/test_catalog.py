"""The knowledge tables: every row comes back by every one of its forms, and ordinary English sets nothing off."""

import pytest

from parsers import catalog
from parsers.countries import FormKind

ORDINARY = (
    "She put the plates in the china cabinet before the turkey dinner.",
    "He gave the shoes a polish in march and may do so again.",
    "It was a nice day for reading a book beside a lake.",
    "The jersey was made of wool, and the guinea pig slept.",
    "A mobile phone rang; us two waited for the bus to the split.",
    "The swede and the brazil nuts were cheap, and the dutch oven hot.",
)


@pytest.mark.parametrize("sentence", ORDINARY)
def test_ordinary_sentences_name_no_state(sentence: str) -> None:
    assert catalog.countries().find(sentence) == ()


def test_people_and_papers_are_no_states() -> None:
    find = catalog.countries().find
    assert find("The actor Jordan Smith spoke with Paris Hilton about the film.") == ()
    assert find("As the Washington Post wrote, Georgia Tech won against New Mexico.") == ()


def test_every_state_comes_back_by_every_form() -> None:
    table = catalog.countries()
    assert len(table.rows) == 250
    for row in table.rows:
        for form, _ in row.forms():
            meaning = table.lookup(form)
            assert meaning is not None, form
            assert row.alpha3 in (meaning.alpha3, *meaning.others), form
            (hit,) = table.find(f"xx {form} xx")
            assert (hit.alpha3, hit.form) == (meaning.alpha3, form)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TEHRAN, Nov. 20 - the Iranian minister", [("IRN", FormKind.CAPITAL), ("IRN", FormKind.DEMONYM)]),
        ("the Kremlin’s man at the Elysee", [("RUS", FormKind.METONYM), ("FRA", FormKind.METONYM)]),
        ("U.S.-led talks with Côte d’Ivoire", [("USA", FormKind.NAME), ("CIV", FormKind.NAME)]),
        ("South Koreans and Papua New Guinea", [("KOR", FormKind.DEMONYM), ("PNG", FormKind.NAME)]),
        ("Jordan Foreign Minister in Guinea-Bissau", [("JOR", FormKind.NAME), ("GNB", FormKind.NAME)]),
        ("Romania, www.China.org, romanian, Nigeria's", [("ROU", FormKind.NAME), ("NGA", FormKind.NAME)]),
    ],
)
def test_forms_in_text(text: str, expected: list[tuple[str, FormKind]]) -> None:
    assert [(hit.alpha3, hit.kind) for hit in catalog.countries().find(text)] == expected


def test_a_shared_form_keeps_its_candidates() -> None:
    (hit,) = catalog.countries().find("the Congolese side")
    assert (hit.alpha3, hit.others, hit.ambiguous) == ("COD", ("COG",), True)
