"""The knowledge tables: every row comes back by every one of its forms, and ordinary English sets nothing off."""

import re
import shutil
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import catalog
from parsers.countries import FormKind
from parsers.errors import CatalogError
from parsers.office_holders import OfficeHolder
from parsers.records import RoleClass

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


@pytest.mark.parametrize("sentence", ORDINARY)
def test_ordinary_sentences_name_no_city(sentence: str) -> None:
    assert catalog.cities().find(sentence) == ()


@pytest.mark.parametrize("sentence", ORDINARY)
def test_ordinary_sentences_name_no_body(sentence: str) -> None:
    assert catalog.bodies().find(sentence) == ()


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


def test_every_city_comes_back_by_every_form() -> None:
    table = catalog.cities()
    for row in table.rows:
        for form in row.forms:
            assert row in table.candidates(form), form
            assert table.lookup(form, alpha3=row.alpha3) is not None
            (hit,) = table.find(f"xx {form} xx")
            assert row in (hit.city, *hit.others), form


def test_every_capital_is_a_city() -> None:
    for country in catalog.countries().rows:
        for capital in country.capitals[:1]:
            city = catalog.cities().lookup(capital, alpha3=country.alpha3)
            assert city is not None, capital
            assert city.is_capital, capital


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BAKU, Nov. 20 - talks in Sharm El Sheikh", [("Baku", "AZE"), ("Sharm el-Sheikh", "EGY")]),
        ("from Kiev to Davos and Isfahan", [("Kyiv", "UKR"), ("Davos", "CHE"), ("Isfahan", "IRN")]),
        ("in Sao Paulo, then in The Hague", [("São Paulo", "BRA"), ("The Hague", "NLD")]),
        ("The Oslo Accords and the Paris Agreement", []),
    ],
)
def test_cities_in_text(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(hit.city.name, hit.city.alpha3) for hit in catalog.cities().find(text)] == expected


def test_namesakes_are_told_apart_by_state() -> None:
    table = catalog.cities()
    spanish = table.lookup("Cordoba", alpha3="ESP")
    assert spanish is not None
    assert spanish.name == "Córdoba"
    (hit,) = table.find("He flew to Cordoba.")
    assert {city.alpha3 for city in (hit.city, *hit.others)} >= {"ARG", "ESP"}


def test_every_body_comes_back_by_every_form() -> None:
    table = catalog.bodies()
    assert len(table.rows) >= 450
    for row in table.rows:
        for form in row.forms:
            assert row in table.candidates(form), form
            (hit,) = table.find(f"xx {form} xx")
            assert row in (hit.body, *hit.others), form


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the UN refugee agency and the IMF", ["United Nations High Commissioner for Refugees", "International Monetary Fund"]),
        ("Houthis met Hamas's envoys and the Organization of American States", ["Ansarullah", "Hamas", "Organization of American States"]),
        ("he asked who would unite the fund", []),
        ("Shell’s head, FIFA’s president", ["Shell", "FIFA"]),
    ],
)
def test_bodies_in_text(text: str, expected: list[str]) -> None:
    assert [hit.body.name for hit in catalog.bodies().find(text)] == expected


def test_a_shared_acronym_is_ambiguous() -> None:
    (hit,) = catalog.bodies().find("the RSF said")
    assert hit.ambiguous
    assert len(hit.others) == 1


def test_every_office_holder_comes_back_by_every_name() -> None:
    table = catalog.office_holders()
    assert len(table.rows) >= 900
    for row in table.rows:
        for name in row.names:
            assert row in table.named(name), name


@pytest.mark.parametrize(
    ("name", "day", "office", "alpha3"),
    [
        ("Abdel-Fattah Al Sisi", date(2023, 5, 1), "President", "EGY"),
        ("Seyyed Abbas Araghchi", date(2025, 3, 1), "Foreign Minister", "IRN"),
        ("Lavrov", date(2019, 1, 1), "Foreign Minister", "RUS"),
        ("Xi", date(2019, 1, 1), "President", "CHN"),
        ("von der Leyen", date(2022, 1, 1), "President of the European Commission", None),
        ("Olaf Scholz", date(2020, 1, 1), "Finance Minister", "DEU"),
        ("Olaf Scholz", date(2022, 1, 1), "Chancellor", "DEU"),
        ("Jens Stoltenberg", date(2010, 1, 1), "Prime Minister", "NOR"),
        ("Jens Stoltenberg", date(2020, 1, 1), "Secretary-General of NATO", None),
        ("Recep T. Erdoğan", date(2020, 1, 1), None, None),
        ("Kassym Tokayev", date(2020, 1, 1), "President", "KAZ"),
        ("Wang", date(2020, 1, 1), None, None),
        ("Aoun", date(2020, 1, 1), None, None),
        ("Rouhani", date(2020, 1, 1), "President", "IRN"),
        ("Angela Merkel", date(2023, 1, 1), None, None),
        ("Somebody Else", date(2020, 1, 1), None, None),
    ],
)
def test_an_office_is_told_by_name_and_day(name: str, day: date, office: str | None, alpha3: str | None) -> None:
    row = catalog.office_holders().lookup(name, day)
    assert (row and row.office, row and row.alpha3) == (office, alpha3)


def test_what_the_text_says_settles_who_is_meant() -> None:
    table = catalog.office_holders()
    assert table.lookup("Mohammed bin Abdulrahman Al Thani", date(2024, 1, 1), role_class=RoleClass.FOREIGN_MINISTER) is not None
    assert table.lookup("Emmanuel Macron", date(2020, 1, 1), alpha3="DEU") is None
    wang = table.lookup("Wang", date(2020, 1, 1), role_class=RoleClass.FOREIGN_MINISTER)
    assert wang is not None
    assert wang.name == "Wang Yi"
    chancellor = table.in_office(RoleClass.HEAD_OF_GOVERNMENT, "DEU", date(2015, 6, 1))
    assert chancellor is not None
    assert chancellor.name == "Angela Merkel"


def _with_data(monkeypatch: pytest.MonkeyPatch, folder: Path, **changed: str) -> None:
    """Loads from a copy of the data folder in which the named tables are replaced."""
    data = folder / "data"
    shutil.copytree(str(catalog.DATA), data, ignore=shutil.ignore_patterns("model"))
    for table, text in changed.items():
        (data / f"{table}.tsv").write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalog, "DATA", data)


COUNTRIES = "alpha3\tname\taliases\tdemonyms\tcapital\tmetonyms\tambiguous\n"
CITIES = "name\talpha3\taliases\tpopulation\tcapital\tregion\tambiguous\n"
BODIES = "name\tacronym\taliases\talpha3\tkind\thead_title\tambiguous\n"
HOLDERS = "name\taliases\toffice\trole_class\talpha3\torganisation\tfrom\tto\tnote\n"


@pytest.mark.parametrize(
    ("table", "text", "reason"),
    [
        ("countries", "code\tname\n", "columns are"),
        ("countries", f"{COUNTRIES}NOR\tNorway\n", "2 cells"),
        ("countries", f"{COUNTRIES}NOR\t\t\t\t\t\t\n", "name is empty"),
        ("countries", f"{COUNTRIES}NO\tNorway\t\t\t\t\t\n", "no alpha-3 code"),
        ("countries", f"{COUNTRIES}NOR\tNorway\t\t\t\t\t\nNOR\tNorge\t\t\t\t\t\n", "is there twice"),
        ("countries", f"{COUNTRIES}NOR\tNorway\t\t\t\t\tSweden\n", "that the row does not have"),
        ("cities", f"{CITIES}Oslo\tXYZ\t\t700\tyes\t\t\n", "no state has the code"),
        ("cities", f"{CITIES}Oslo\tNOR\t\tmany\tyes\t\t\n", "no whole number"),
        ("cities", f"{CITIES}Oslo\tNOR\t\t700\tmaybe\t\t\n", "neither yes nor empty"),
        ("cities", f"{CITIES}Oslo\tNOR\t\t700\tyes\t\tBergen\n", "that the row does not have"),
        ("organisations", f"{BODIES}Fjord Council\t\t\tNOR\tclub\t\t\n", "'club' is none of"),
        ("organisations", f"{BODIES}Fjord Council\t\t\tXYZ\tigo\t\t\n", "no state has the code"),
        ("office_holders", f"{HOLDERS}Kari Nordmann\t\tMayor\tmayor\t\t\t2020\t\tsure\n", "neither a state nor an organisation"),
        ("office_holders", f"{HOLDERS}Kari Nordmann\t\tMayor\tboss\tNOR\t\t2020\t\tsure\n", "'boss' is none of"),
        ("office_holders", f"{HOLDERS}Kari Nordmann\t\tHead\tother\t\tFjord Council\t2020\t\tsure\n", "organisations.tsv has no"),
        ("office_holders", f"{HOLDERS}Kari Nordmann\t\tMayor\tmayor\tNOR\t\tspring\t\tsure\n", "no date of the form"),
        ("office_holders", f"{HOLDERS}Kari Nordmann\t\tMayor\tmayor\tNOR\t\t2020-02-31\t\tsure\n", "2020-02-31"),
        ("office_holders", f"{HOLDERS}Kari Nordmann\t\tMayor\tmayor\tNOR\t\t2020\t2019-05\tsure\n", "before it begins"),
        ("office_holders", f"{HOLDERS}Kari Nordmann\t\tMayor\tmayor\tNOR\t\t2020\t\tperhaps\n", "neither sure nor unsure"),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason(
    table: str, text: str, reason: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaders = {
        "countries": catalog.countries,
        "cities": catalog.cities,
        "organisations": catalog.bodies,
        "office_holders": catalog.office_holders,
    }
    _with_data(monkeypatch, tmp_path, **{table: text})
    with pytest.raises(CatalogError, match=re.escape(reason)):
        loaders[table].__wrapped__()


def test_dates_of_office_are_counted_in() -> None:
    row = OfficeHolder(
        name="Kari Nordmann", aliases=(), office="Mayor", role_class=RoleClass.MAYOR, alpha3="NOR", organization=None,
        first=date(2020, 3, 1), last=date(2021, 2, 28), sure=True,
    )  # fmt: skip
    days = (date(2020, 2, 29), date(2020, 3, 1), date(2021, 2, 28), date(2021, 3, 1))
    assert [row.held_on(day) for day in days] == [False, True, True, False]


@given(st.text(max_size=400))
def test_any_text_is_searched_and_spans_show_their_form(text: str) -> None:
    found = [(hit.span, hit.form) for hit in catalog.countries().find(text)]
    found += [(hit.span, hit.form) for hit in catalog.cities().find(text)]
    found += [(hit.span, hit.form) for hit in catalog.bodies().find(text)]
    for span, form in found:
        assert text[span.start : span.end].replace("’", "'") == form.replace("’", "'")


def test_time_grows_with_the_text_and_no_faster() -> None:
    text = "The Iranian minister met the head of the United Nations in Sharm El Sheikh near the South China Sea. " * 2000
    started = time.perf_counter()
    hits = catalog.countries().find(text)
    assert len(hits) == 2000
    assert time.perf_counter() - started < 5  # 0.02 s where this was written; a quadratic search would take minutes
