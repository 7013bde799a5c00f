"""`sidelines run` from end to end, as a user runs it: a process of its own, the sample site over HTTP, Prefect's temporary server."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from flows.ledger import Ledger
from warehouse.connection import query

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(600)]

SIDELINES = (sys.executable, "-c", "from flows.cli import main; main()")
ROOT = Path(__file__).resolve().parent.parent
SAMPLE_ONLY = ("--source", "sample_harbour_post", "--source", "sample_meridian_wire")
PAGES, ARTICLES = 21, 20


def environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SIDELINES_"))}
    return {**kept, "SIDELINES_HOME": str(home), "SIDELINES_SPACING_SECONDS": "0.05", "COLUMNS": "160", "PYTHONPATH": str(ROOT)}


def sidelines(home: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIDELINES, *arguments], env=environment(home), cwd=cwd, capture_output=True, text=True, check=False, timeout=300
    )


def contents(home: Path) -> Mapping[str, list[tuple[object, ...]]]:
    """What must be the same however the road was gone: articles with their fate, and meetings with their parties."""
    published = home / "published.duckdb"
    return {
        "articles": list(query(published, "SELECT title, status, language FROM article ORDER BY ALL").rows),
        "meetings": list(query(published, "SELECT parties, status, mode, start_date::VARCHAR, city FROM meeting_list ORDER BY ALL").rows),
        "mentions": list(query(published, "SELECT count(*), count(DISTINCT mention_id) FROM mention").rows),
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A home after its first run."""
    home = tmp_path_factory.mktemp("road") / "home"
    return home, sidelines(home, "run", *SAMPLE_ONLY, cwd=home.parent)


def test_the_first_run_ends_with_meetings(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, done = first
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for told in ("Newest meetings", "Sattar Hashemi", "Stages", "not_a_page", "in a language not spoken", str(home / "published.duckdb")):
        assert told in done.stdout
    found = contents(home)
    assert len(found["articles"]) == ARTICLES
    assert ("La ministre belge de l’Éducation reçue à Dakar", "other_language", "fr") in found["articles"]
    assert len(found["meetings"]) >= 12


def test_the_model_article_gives_three_right_records(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    rows = query(
        first[0] / "published.duckdb",
        "SELECT list_sort(list_transform(participants, lambda p: p.name)), status, mode, city, country, host_event_acronym "
        "FROM meeting_list WHERE contains(parties, 'Hashemi') ORDER BY 1",
    ).rows
    minister = "Sattar Hashemi"
    others = ("Sid Ali Zerrouki", "William Kabogo Gitau", "Doreen Bogdan-Martin")
    assert sorted(row[0] for row in rows) == sorted(sorted([minister, other]) for other in others)
    assert {row[1:] for row in rows} == {("held", "in_person", "Baku", "AZE", "WTDC-25")}
    parties = query(
        first[0] / "published.duckdb",
        "SELECT DISTINCT p.name, p.country, p.organization FROM meeting_participant p JOIN meeting_participant h USING (meeting_id) "
        "WHERE h.name = 'Sattar Hashemi' ORDER BY 1",
    ).rows
    assert set(parties) == {
        ("Sattar Hashemi", "IRN", None),
        ("Sid Ali Zerrouki", "DZA", None),
        ("William Kabogo Gitau", "KEN", None),
        ("Doreen Bogdan-Martin", None, "International Telecommunication Union"),
    }


def test_a_syndicated_copy_is_one_meeting(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    told = "SELECT reports, independent_reports FROM meeting_list WHERE contains(parties, 'Mulenga')"
    rows = query(first[0] / "published.duckdb", told).rows
    assert rows == ((2, 1),)


def test_a_second_run_fetches_and_loads_nothing_twice(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = first
    before, archived = contents(home), sorted(path.name for path in (home / "archive").iterdir())
    done = sidelines(home, "run", *SAMPLE_ONLY, "--force", cwd=home.parent)
    assert done.returncode == 0, done.stderr
    assert contents(home) == before
    assert sorted(path.name for path in (home / "archive").iterdir()) == archived
    assert "0 new items" not in done.stdout
    assert "pages archived" not in done.stdout


def test_questions_are_answered(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = first
    found = sidelines(home, "meetings", "--country", "Iran", "--format", "json", cwd=home.parent)
    assert {row["event"] for row in json.loads(found.stdout)} == {"WTDC-25"}
    assert len(json.loads(found.stdout)) == 3
    filtered = sidelines(home, "meetings", "--person", "zerrouki", "--topic", "cybersecurity", "--format", "csv", cwd=home.parent)
    assert len(filtered.stdout.splitlines()) == 2
    count = sidelines(home, "sql", "SELECT count(*) AS n FROM article", "--format", "json", cwd=home.parent)
    assert json.loads(count.stdout) == [{"n": ARTICLES}]
    target = home.parent / "articles.parquet"
    assert sidelines(home, "sql", "FROM article", "--format", "parquet", "-o", str(target), cwd=home.parent).returncode == 0
    assert target.read_bytes()[:4] == b"PAR1"
    for bad in (("sql", "SELEC 1"), ("sql", "DROP TABLE article"), ("sql", "SELECT * FROM nowhere")):
        refused = sidelines(home, *bad, cwd=home.parent)
        assert refused.returncode == 1
        assert refused.stderr.startswith("sidelines: ")
        assert len(refused.stderr.splitlines()) == 1
    assert sidelines(home, "meetings", "--country", "Atlantis", cwd=home.parent).returncode == 2
    status = sidelines(home, "status", cwd=home.parent)
    assert status.returncode == 0
    assert "20 bundled, 1 quarantined" in status.stdout
    metrics = sidelines(home, "metrics", cwd=home.parent)
    assert "sidelines_articles 20\n" in metrics.stdout
    assert 'sidelines_pages{status="bundled"} 20\n' in metrics.stdout


def test_the_archive_can_be_read_again(first: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    home, _ = first
    before = contents(home)
    done = sidelines(home, "reparse", cwd=home.parent)
    assert done.returncode == 0, done.stderr
    assert f"{PAGES} pages read again" in done.stdout
    assert contents(home) == before


def test_an_unknown_source_is_bad_use(tmp_path: Path) -> None:
    done = sidelines(tmp_path / "home", "run", "--source", "nowhere", "--no-sample", cwd=tmp_path)
    assert done.returncode == 2
    assert "there is no enabled source 'nowhere'" in done.stderr


def test_a_server_that_does_not_answer_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [*SIDELINES, "run", "--no-sample"],
        env={**environment(tmp_path / "home"), "PREFECT_API_URL": "http://127.0.0.1:9/api"},
        cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.startswith("sidelines: Prefect's server at http://127.0.0.1:9/api does not answer")
    assert len(done.stderr.splitlines()) == 1


# ── kills ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def kill_after(home: Path, seconds: float, cwd: Path) -> bool:
    """Starts a run and kills it, and all that it started but its temporary server; whether it was still running."""
    process = subprocess.Popen(
        [*SIDELINES, "run", *SAMPLE_ONLY], env=environment(home), cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def assert_whole(home: Path, expected: Mapping[str, list[tuple[object, ...]]], cwd: Path) -> None:
    """One more run completes, and nothing is lost or doubled."""
    done = sidelines(home, "run", *SAMPLE_ONLY, cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert contents(home) == expected
    ledger = Ledger(home / "ledger.sqlite3")
    try:
        assert ledger.page_counts() == {"bundled": ARTICLES, "quarantined": PAGES - ARTICLES}
    finally:
        ledger.close()


def test_a_run_that_was_killed_is_completed_by_the_next(first: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    """Killed at the moment when pages are in the archive and nothing is loaded yet."""
    home = tmp_path / "home"
    process = subprocess.Popen(
        [*SIDELINES, "run", *SAMPLE_ONLY], env=environment(home), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    end = time.monotonic() + 120
    while time.monotonic() < end and not list(home.glob("archive/*.warc.gz*")):
        time.sleep(0.05)
    time.sleep(0.3)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (home / "published.duckdb").exists()
    assert_whole(home, contents(first[0]), tmp_path)


@pytest.mark.faults
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(10))
def test_kills_at_random_moments(first: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path, seed: int) -> None:
    """Three kills in a row at random moments of up to half a minute, then a run that must make all whole."""
    home, chance = tmp_path / "home", random.Random(seed)
    for _ in range(3):
        kill_after(home, chance.uniform(1.0, 30.0), tmp_path)
    assert_whole(home, contents(first[0]), tmp_path)
