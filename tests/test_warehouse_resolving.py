"""Resolving in pieces gives what resolving at once gives, whatever the order, the batches and the re-extractions."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from bench.merging import read_cases, score
from parsers.identity import mention_ids
from parsers.records import Mode, Status
from tests.warehouse_world import FIRST_DAY, TABLES, contents, entry, fresh, meeting, moment, party, random_entry
from warehouse import ArticleEntry, Bundle, Correction, CorrectionKind, WarehousePaths, load_pending, query, write_bundle
from warehouse.bundles import correction_id, entry_id
from warehouse.resolving import resolve_all

MADE = tuple(table for table in TABLES if table not in ("article",))


def load(paths: WarehousePaths, *batches: Bundle) -> None:
    for batch in batches:
        write_bundle(paths.inbox, batch)
    report = load_pending(paths, publish=False)
    assert not report.quarantined, report.quarantined


@pytest.mark.parametrize("seed", range(3))
def test_order_and_batches_do_not_matter(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    entries = [replace(random_entry(chance, 14), observed_at=moment(0, 100 + n)) for n in range(24)]
    at_once, in_pieces = fresh(tmp_path, "once"), fresh(tmp_path, "pieces")
    load(at_once, Bundle(articles=tuple(entries)))
    shuffled = chance.sample(entries, len(entries))
    while shuffled:
        size = chance.randint(1, 5)
        batch, shuffled = shuffled[:size], shuffled[size:]
        load(in_pieces, Bundle(articles=tuple(batch)))
    assert _told(at_once) == _told(in_pieces)


@pytest.mark.parametrize("seed", range(2))
def test_in_pieces_is_from_nothing(tmp_path: Path, seed: int) -> None:
    chance = random.Random(1000 + seed)
    paths = fresh(tmp_path)
    for _ in range(6):
        load(paths, Bundle(articles=tuple(random_entry(chance, 12) for _ in range(4))))
    before = contents(paths.database, MADE)
    connection = duckdb.connect(str(paths.database))
    connection.execute("SET TimeZone = 'UTC'")
    resolve_all(connection)
    connection.close()
    assert contents(paths.database, MADE) == before


def _told(paths: WarehousePaths) -> dict[str, list[tuple[object, ...]]]:
    """Everything but the names of bundles."""
    connection = duckdb.connect(str(paths.database))
    connection.execute("UPDATE article SET bundle_id = ''")
    connection.close()
    return contents(paths.database)


A, B = party("Sattar Moradi", "IRN", "energy minister"), party("Yacine Belkacem", "DZA", "energy minister")
C = party("Wanjiru Kamau", "KEN", "foreign minister")
DAY = FIRST_DAY + timedelta(4)


def mention_of(one: ArticleEntry) -> str:
    return str(mention_ids(entry_id(one), one.meetings)[0])


def correction(kind: CorrectionKind, about: ArticleEntry, *others: ArticleEntry, hour: int = 500, **more: object) -> Correction:
    ids = mention_ids(entry_id(about), about.meetings)
    return Correction(kind=kind, observed_at=moment(0, hour), mention_id=ids[0], other_ids=tuple(mention_of(other) for other in others),
                      **more)  # type: ignore[arg-type]


def meetings(paths: WarehousePaths) -> list[tuple[object, ...]]:
    load_pending(paths)
    return list(query(paths.published, "SELECT parties, status, start_date, reports FROM meeting ORDER BY ALL").rows)


def test_a_split_survives_a_new_extraction(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    one, other = entry(1, [meeting(A, B, start=DAY)]), entry(2, [meeting(A, B, start=DAY)])
    load(paths, Bundle(articles=(one, other)))
    assert len(meetings(paths)) == 1
    load(paths, Bundle(corrections=(correction(CorrectionKind.SPLIT, one, other),)))
    assert len(meetings(paths)) == 2
    again = replace(other, observed_at=moment(0, 900), meetings=(meeting(A, B, start=DAY, city="Algiers", country="DZA"),))
    load(paths, Bundle(articles=(again,)))
    assert len(meetings(paths)) == 2


def test_a_merge_can_be_made_and_withdrawn(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    one, other = entry(1, [meeting(A, B, start=DAY)]), entry(2, [meeting(A, C, start=DAY)])
    merge = correction(CorrectionKind.MERGE, one, other)
    load(paths, Bundle(articles=(one, other), corrections=(merge,)))
    assert [row[3] for row in meetings(paths)] == [2]
    withdraw = Correction(kind=CorrectionKind.WITHDRAW, observed_at=moment(0, 800), value={"correction_id": str(correction_id(merge))})
    load(paths, Bundle(corrections=(withdraw,)))
    assert [row[3] for row in meetings(paths)] == [1, 1]


def test_a_correction_that_comes_before_its_article_waits(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    one, other = entry(1, [meeting(A, B, start=DAY)]), entry(2, [meeting(A, B, start=DAY)])
    load(paths, Bundle(corrections=(correction(CorrectionKind.SPLIT, one, other),)))
    load(paths, Bundle(articles=(one,)))
    load(paths, Bundle(articles=(other,)))
    assert len(meetings(paths)) == 2


def test_wrong_party_wrong_date_and_no_meeting(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    one, other, third = (entry(n, [meeting(A, B, start=DAY + timedelta(n))], day=10 + n) for n in (1, 2, 3))
    load(paths, Bundle(articles=(one, other, third), corrections=(
        correction(CorrectionKind.WRONG_PARTY, one, party=1, value={"name": "Wanjiru Kamau", "country": "KEN", "role": ""}),
        correction(CorrectionKind.WRONG_DATE, other, value={"start_date": "2025-11-20"}),
        correction(CorrectionKind.NOT_A_MEETING, third),
    )))
    assert meetings(paths) == [
        ("Sattar Moradi (IRN) – Wanjiru Kamau (KEN)", "held", DAY + timedelta(1), 1),
        ("Sattar Moradi (IRN) – Yacine Belkacem (DZA)", "held", FIRST_DAY.replace(day=20), 1),
    ]
    assert query(paths.published, "SELECT count(*) FROM mention").rows == ((3,),), "what the articles say stays as it is"


def test_a_plan_put_off_and_held_is_one_meeting_with_its_history(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    plan = entry(1, [meeting(A, B, status=Status.PLANNED, start=DAY)], day=1)
    later = entry(2, [meeting(A, B, status=Status.PLANNED, start=DAY + timedelta(6))], day=3, text="Moved to 11 Nov: they will meet later.")
    report = entry(3, [meeting(A, B, start=DAY + timedelta(6))], day=10)
    load(paths, Bundle(articles=(plan, later, report)))
    assert [(row[1], row[2], row[3]) for row in meetings(paths)] == [("held", DAY + timedelta(6), 3)]
    history = query(paths.published, "SELECT status, start_date FROM meeting_status ORDER BY ordinal").rows
    assert history == (("planned", DAY), ("postponed", DAY + timedelta(6)), ("held", DAY + timedelta(6)))


def test_copies_count_as_one_source(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    text = " ".join(f"word{n} of the agency report" for n in range(40))
    load(paths, Bundle(articles=(entry(1, [meeting(A, B)], text=text), entry(2, [meeting(A, B)], text="Agency. " + text),
                                 entry(3, [meeting(A, B)]))))
    load_pending(paths)
    assert query(paths.published, "SELECT reports, independent_reports, outlets FROM meeting").rows == ((3, 2, 3),)
    assert query(paths.published, "SELECT count(*) FROM meeting_mention WHERE copy_of IS NOT NULL").rows == ((1,),)


@pytest.mark.parametrize(("source", "reports"), [("paper", [2]), (None, [1, 1])])
def test_undated_articles_meet_only_when_a_feed_brought_them(tmp_path: Path, source: str | None, reports: list[int]) -> None:
    paths = fresh(tmp_path)
    undated = (replace(one, article=replace(one.article, published=None), fetched_at=moment(5), source_id=source)
               for one in (entry(1, [meeting(A, B)]), entry(2, [meeting(A, B)])))
    load(paths, Bundle(articles=tuple(undated)))
    assert [row[3] for row in meetings(paths)] == reports


def test_conflicts_are_shown(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    load(paths, Bundle(articles=(
        entry(1, [meeting(A, B, start=DAY, city="Baku", country="AZE", mode=Mode.IN_PERSON)]),
        entry(2, [meeting(A, B, start=DAY, city="Ganja", country="AZE")]))))
    load_pending(paths)
    assert query(paths.published, "SELECT field, said FROM conflict").rows == (("city", ["Baku", "Ganja"]),)


def test_spellings_of_one_person_are_one_row(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    names = ("Serhiy Kovalchuk", "Sergei Kovalchuk", "Serhii Kovalchuk", "Sergey Koval'chuk")
    load(paths, *(Bundle(articles=(entry(n, [meeting(party(name, "UKR"), B, start=DAY + timedelta(3 * n))], day=4 + 3 * n),))
                  for n, name in enumerate(names)))
    load_pending(paths)
    assert query(paths.published, "SELECT country, spellings FROM person WHERE country = 'UKR'").rows == (("UKR", 4),)
    assert query(paths.published, "SELECT count(*) FROM agenda('sergei kovalchuk')").rows == ((4,),)


@pytest.mark.parametrize(("which", "precision", "recall"), [("first", 0.98, 0.90), ("second", 0.95, 0.85), ("third", 0.95, 0.85)])
def test_labelled_groups(which: str, precision: float, recall: float) -> None:
    result = score(list(read_cases(which)))
    assert result.precision >= precision, result.errors
    assert result.recall >= recall, result.errors


@pytest.mark.faults
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", range(100, 112))
def test_order_does_not_matter_in_a_larger_world(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    bundles = [Bundle(articles=tuple(random_entry(chance, 40) for _ in range(4))) for _ in range(30)]
    at_once, in_pieces = fresh(tmp_path, "once"), fresh(tmp_path, "pieces")
    load(at_once, *bundles)
    shuffled = chance.sample(bundles, len(bundles))
    while shuffled:
        size = chance.randint(1, 6)
        load(in_pieces, *shuffled[:size])
        shuffled = shuffled[size:]
    assert _told(at_once) == _told(in_pieces)
