"""The flow `report`: the file in the home, and what is shown of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.report import report_markdown
from flows.reporting import write_report
from parsers.records import Status
from tests.warehouse_world import FIRST_DAY, entry, fresh, meeting, party
from warehouse import Bundle, load_pending, write_bundle
from warehouse.errors import NotPublished

NOW = datetime(2025, 11, 22, 12, tzinfo=UTC)


def test_it_is_written_whole_and_shown_with_its_path_and_counts(tmp_path: Path) -> None:
    paths = fresh(tmp_path)
    talks = meeting(party("Ada One", "ROU"), party("Bo One", "BGR"), start=FIRST_DAY)
    visit = meeting(party("Cy One", "SRB"), party("Di One", "TUR"), status=Status.PLANNED)
    write_bundle(paths.inbox, Bundle(articles=(entry(1, [talks]), entry(2, [visit]))))
    load_pending(paths)
    file = tmp_path / "report.html"
    file.write_text("an older one", encoding="utf-8")
    digest = write_report(paths.published, file, now=NOW)
    assert "Who met whom" in file.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "warehouse"]
    text = report_markdown(digest, file)
    assert f"`{file}`" in text and f"({file.as_uri()})" in text
    for row in ("| meetings | 2 |", "| of them held | 1 |", "| of them planned | 1 |", "| outlets that differ about one | 0 |"):
        assert row in text


def test_with_nothing_published_there_is_no_file(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    with pytest.raises(NotPublished):
        write_report(tmp_path / "published.duckdb", file, now=NOW)
    assert not file.exists()
