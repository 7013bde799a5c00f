"""The 25 questions of docs/queries.md and their answers on the sample of tests/cases/warehouse/sample.toml.

    python -m bench.answering            says whether the answers in the file are those of the warehouse
    python -m bench.answering --write    writes them
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from bench.merging import read_file
from warehouse import (
    Answer,
    ArticleEntry,
    Bundle,
    Country,
    FetchFailure,
    PipelineRun,
    Source,
    SourceHealth,
    Stage,
    WarehousePaths,
    load_pending,
    query,
    write_bundle,
)

ROOT = Path(__file__).resolve().parent.parent
QUESTIONS = ROOT / "docs" / "queries.md"
SAMPLE = ROOT / "tests" / "cases" / "warehouse" / "sample.toml"
_BLOCK = re.compile(r"```sql\n(?P<sql>.*?)```\n(?:\n?```text\n(?P<answer>.*?)```\n)?", re.DOTALL)
_NOW = datetime(2025, 12, 1, 6, tzinfo=UTC)
_WIDTH = 60


def sample(home: Path) -> WarehousePaths:
    """A published warehouse of the sample under `home`."""
    paths = WarehousePaths.under(home)
    entries: tuple[ArticleEntry, ...] = tuple(report.entry for report in read_file(SAMPLE))
    outlets = sorted({entry.source_id for entry in entries if entry.source_id})
    write_bundle(paths.inbox, Bundle(
        articles=entries,
        sources=tuple(Source(source_id=name, observed_at=_NOW, name=name.replace("-", " ").title(), language="en") for name in outlets),
        source_health=tuple(SourceHealth(source_id=name, observed_at=_NOW, state="failing" if name == "savanna-daily" else "ok",
                                         consecutive_failures=4 if name == "savanna-daily" else 0, last_success=_NOW) for name in outlets),
        failures=(FetchFailure(url="https://savanna-daily.example/feed", observed_at=_NOW, stage=Stage.POLL, reason="timeout", attempts=4,
                               source_id="savanna-daily"),),
        runs=(PipelineRun(run_id="sample", observed_at=_NOW, flow="ingest", started_at=_NOW, ended_at=_NOW.replace(minute=2),
                          state="completed", counts={"articles": len(entries)}),),
        countries=tuple(Country(code=code, observed_at=_NOW, name=name) for code, name in (
            ("AZE", "Azerbaijan"), ("BGR", "Bulgaria"), ("DZA", "Algeria"), ("FRA", "France"), ("HND", "Honduras"), ("HUN", "Hungary"),
            ("IRN", "Iran"), ("IRQ", "Iraq"), ("JPN", "Japan"), ("KEN", "Kenya"), ("LUX", "Luxembourg"), ("MEX", "Mexico"),
            ("NOR", "Norway"), ("ROU", "Romania"), ("SOM", "Somalia"), ("SRB", "Serbia"), ("TUR", "Turkey"), ("ZAF", "South Africa"))),
    ))
    report = load_pending(paths)
    assert not report.quarantined, report.quarantined
    return paths


def blocks(text: str) -> Iterator[tuple[str, str | None]]:
    """(SQL, answer as it stands) of each block."""
    for match in _BLOCK.finditer(text):
        yield match["sql"], match["answer"]


def shown(answer: Answer) -> str:
    """The answer as a table of text."""
    cells = [[_cell(value) for value in row] for row in answer.rows]
    widths = [max(len(line[n]) for line in [list(answer.columns), *cells]) for n in range(len(answer.columns))]
    lines = [list(answer.columns), ["-" * width for width in widths], *cells]
    return "".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _WIDTH else text[:_WIDTH - 1] + "…"


def answered(text: str, paths: WarehousePaths) -> str:
    """The text with every block followed by the warehouse's answer."""
    def fill(match: re.Match[str]) -> str:
        return f"```sql\n{match['sql']}```\n```text\n{shown(query(paths.published, match['sql']))}```\n"

    return _BLOCK.sub(fill, text)


def main() -> None:
    text = QUESTIONS.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        right = answered(text, sample(Path(folder)))
    if "--write" in sys.argv:
        QUESTIONS.write_text(right, encoding="utf-8")
    print("the answers are current" if right == text else "written" if "--write" in sys.argv else "the answers differ: --write")
    sys.exit(right != text and "--write" not in sys.argv)


if __name__ == "__main__":
    main()
