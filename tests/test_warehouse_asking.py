"""What analysts ask: the 25 questions, the views and macros, the dictionary."""

import re
from pathlib import Path

import pytest

from bench.answering import QUESTIONS, answered, blocks, sample
from tests.warehouse_world import FIRST_DAY, entry, fresh, meeting, party
from warehouse import Bundle, load_pending, query, write_bundle
from warehouse.connection import WarehousePaths
from warehouse.describing import DICTIONARY, dictionary
from warehouse.migrating import sql_files


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> WarehousePaths:
    return sample(tmp_path_factory.mktemp("sample"))


def test_the_answers_in_the_file_are_those_of_the_warehouse(paths: WarehousePaths) -> None:
    text = QUESTIONS.read_text(encoding="utf-8")
    assert len(list(blocks(text))) == 25
    assert all(answer and answer.count("\n") > 2 for _, answer in blocks(text)), "every question has an answer on the sample"
    assert answered(text, paths) == text, "run: python -m bench.answering --write"


def test_the_dictionary_is_current() -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == dictionary(), "run: python -m warehouse.describing --write"


@pytest.mark.parametrize("folder", ["views", "macros", "checks"])
def test_every_file_says_what_it_is_for(folder: str) -> None:
    files = list(sql_files(folder))
    assert files
    assert [file.name for file in files if len(file.description) <= 30 or not file.description.endswith(".")] == []


@pytest.mark.parametrize("name", [file.name for file in sql_files("views")])
def test_every_view_answers_and_is_described(paths: WarehousePaths, name: str) -> None:
    query(paths.published, f'SELECT * FROM "{name}" LIMIT 5')
    comment = query(paths.published, "SELECT comment FROM duckdb_views() WHERE view_name = ?", [name]).rows[0][0]
    assert comment


def test_dyads_do_not_inflate_counts(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    five = meeting(*(party(f"{name} One", code) for name, code in
                     (("Ada", "ROU"), ("Bo", "BGR"), ("Cy", "SRB"), ("Di", "TUR"), ("Ed", "HUN"))), start=FIRST_DAY)
    write_bundle(paths.inbox, Bundle(articles=(entry(1, [five]), entry(2, [meeting(party("Al One", "IRN"), party("Bi One", "DZA"))]))))
    load_pending(paths)
    counts = query(paths.published, "SELECT count(*), count(DISTINCT event_id), round(sum(weight), 6) FROM dyad").rows[0]
    assert counts == (11, 2, 2.0)


def test_macros_take_any_case_and_part_of_a_name(paths: WarehousePaths) -> None:
    for one, other in (("met('irn', 'Dza')", "met('DZA', 'IRN')"), ("agenda('hashemi')", "agenda('Sattar Hashemi')"),
                       ("at_event('wtdc 25')", "at_event('WTDC-25')")):
        first, second = (sorted(query(paths.published, f"SELECT meeting_id FROM {call}").rows) for call in (one, other))
        assert first == second
        assert first


def test_text_search_finds_words_of_articles_outcomes_and_events(paths: WarehousePaths) -> None:
    assert len(query(paths.published, "FROM text_search('Undersea Cables')").rows) == 1
    assert len(query(paths.published, "FROM text_search('data centres')").rows) == 1
    assert len(query(paths.published, "FROM text_search('Black Sea Forum')").rows) == 2
    assert query(paths.published, "FROM text_search('no such words')").rows == ()


def test_names_that_views_and_macros_use_are_not_bound_to_a_file() -> None:
    for folder in ("views", "macros"):
        for file in sql_files(folder):
            assert not re.search(r"\b(warehouse|published|main)\.", file.sql), "it must work under any file name"
