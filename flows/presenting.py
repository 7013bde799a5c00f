"""What people see: tables in the terminal, and the same as Markdown for Prefect's artifacts."""

import csv
import io
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from warehouse.connection import Answer
from warehouse.rows import SourceHealth

MEETING_COLUMNS = ("date", "status", "parties", "place", "event", "topics", "reports")
NARROW_COLUMNS = ("date", "status", "parties", "place", "event")
WIDE = 130
"""Terminal columns from which on all of MEETING_COLUMNS fit."""
MOST_TROUBLED = 8
READABLE = 12
"""Width that a long cell needs at least, folded."""
UNBROKEN = frozenset({"id", "day", "from", "to", "last", "country", "date", "status", "stage", "source", "state", "next try", "reason"})
WIDE_CELLS = frozenset({"parties"})


class Format(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run did. counts: stage → what → how many. failures: stage → reason → how many. newest: rows of the newest meetings."""

    title: str
    counts: Mapping[str, Mapping[str, int]]
    failures: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    health: tuple[SourceHealth, ...] = ()
    newest: Answer | None = None
    published: Path | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


# ── rows ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def print_rows(answer: Answer, form: Format) -> None:
    """Rows on standard output. CSV and JSON hold every column and row; the table is for eyes."""
    match form:
        case Format.TABLE:
            print_answer(answer, Console())
        case Format.CSV:
            sys.stdout.write(as_csv(answer))
        case Format.JSON:
            sys.stdout.write(as_json(answer))


def print_answer(answer: Answer, console: Console) -> None:
    """Rows for eyes: as a table where its columns fit the terminal, else one row below the other, a line for each value."""
    if len(answer.rows) == 0:
        console.print("no rows")
    elif sum(_least_width(answer, place) + 3 for place in range(len(answer.columns))) <= console.width:
        console.print(_table(answer.columns, answer.rows))
    else:
        label = max(len(column) for column in answer.columns)
        for row in answer.rows:
            lines = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
            lines.add_column(no_wrap=True, min_width=label, style="bold")
            lines.add_column(overflow="fold")
            for column, value in zip(answer.columns, row, strict=True):
                if value is not None:
                    lines.add_row(Text(column), Text(str(value)))
            console.print(lines)
            console.print()


def _least_width(answer: Answer, place: int) -> int:
    """Columns of the terminal below which a column is no longer read with ease."""
    longest = max(len(str(row[place])) for row in answer.rows)
    return max(min(longest, READABLE), min(len(answer.columns[place]), READABLE))


def as_csv(answer: Answer) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(answer.columns)
    writer.writerows([["" if value is None else value for value in row] for row in answer.rows])
    return out.getvalue()


def as_json(answer: Answer) -> str:
    """One JSON array of objects."""
    rows = [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
    return json.dumps(rows, ensure_ascii=False, indent=1, default=str) + "\n"


def print_table(console: Console, columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """A table in the terminal."""
    console.print(_table(columns, rows, title=title))


def print_meetings(answer: Answer, console: Console, *, title: str | None = None) -> None:
    """Meetings as a table that fits the terminal."""
    picked = pick_columns(answer, MEETING_COLUMNS if console.width >= WIDE else NARROW_COLUMNS)
    console.print(_table(picked.columns, picked.rows, title=title))


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> Table:
    table = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column in UNBROKEN, ratio=3 if column in WIDE_CELLS else None)
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row))
    return table


def pick_columns(answer: Answer, names: Sequence[str]) -> Answer:
    """The named columns, in the order of the names."""
    places = [answer.columns.index(name) for name in names]
    return Answer(tuple(names), tuple(tuple(row[place] for place in places) for row in answer.rows))


def count_of(count: int, noun: str, plural: str | None = None) -> str:
    """A count in words: "1 bundle", "2 bundles", "1,234 entries"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


# ── summaries ────────────────────────────────────────────────────────────────────────────────────────────────────────


def print_summary(summary: Summary, console: Console) -> None:
    """A run in the terminal: newest meetings, counts, failures, sources that do not answer, and where the database is."""
    if summary.newest is not None and summary.newest.rows:
        print_meetings(summary.newest, console, title="Newest meetings")
    console.print(_table(("stage", "what was done", "seconds"), _count_rows(summary), title="Stages"))
    failures = _failure_rows(summary)
    if failures:
        console.print(_table(("stage", "reason", "count"), failures, title="What failed, by reason"))
    troubled = [row for row in summary.health if row.consecutive_failures]
    if troubled:
        title = f"Sources that did not answer: {len(troubled)} of {len(summary.health)}"
        console.print(_table(("source", "state", "reason", "next try"), _trouble_rows(troubled[:MOST_TROUBLED]), title=title))
        if len(troubled) > MOST_TROUBLED:
            console.print(f"… and {len(troubled) - MOST_TROUBLED} more: [bold]sidelines sources list[/bold] shows all\n")
    if summary.published is not None:
        console.print(f"\nPublished database: [bold]{summary.published}[/bold]", soft_wrap=True)
        console.print('Ask it: [bold]sidelines meetings[/bold], or [bold]sidelines sql "SELECT * FROM meeting_list"[/bold]', soft_wrap=True)


def _count_rows(summary: Summary) -> list[tuple[object, ...]]:
    """One row a stage; what did not happen is left out, but for a stage in which nothing did."""
    rows: list[tuple[object, ...]] = []
    for stage, counts in summary.counts.items():
        happened = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)
        seconds = summary.seconds.get(stage)
        rows.append((stage, happened or "nothing to do", f"{seconds:.1f}" if seconds is not None else ""))
    return rows


def _failure_rows(summary: Summary) -> list[tuple[object, ...]]:
    return [(stage, reason, count) for stage, reasons in summary.failures.items() for reason, count in sorted(reasons.items())]


def _trouble_rows(health: Iterable[SourceHealth]) -> list[tuple[object, ...]]:
    return [(row.source_id, row.state, row.reason, clock_text(row.next_try)) for row in health]


def clock_text(moment: datetime | None) -> str:
    """A time for people: to the minute, with its zone."""
    return moment.strftime("%Y-%m-%d %H:%M %Z") if moment else ""


# ── Markdown ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def summary_markdown(summary: Summary) -> str:
    """The same as a Markdown page."""
    parts = [f"# {summary.title}", markdown_table(("stage", "what was done", "seconds"), _count_rows(summary))]
    if failures := _failure_rows(summary):
        parts += ["## What failed, by reason", markdown_table(("stage", "reason", "count"), failures)]
    if summary.newest is not None and summary.newest.rows:
        newest = pick_columns(summary.newest, MEETING_COLUMNS)
        parts += ["## Newest meetings", markdown_table(newest.columns, newest.rows)]
    return "\n\n".join(parts) + "\n"


def health_markdown(health: Sequence[SourceHealth]) -> str:
    """Sources by state, those in trouble first."""
    rows = [
        (row.source_id, row.state, row.reason or "", row.consecutive_failures, clock_text(row.last_success), clock_text(row.next_try))
        for row in sorted(health, key=lambda row: (-row.consecutive_failures, row.source_id))
    ]
    return "# Sources\n\n" + markdown_table(("source", "state", "reason", "failures", "last success", "next try"), rows) + "\n"


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(("" if cell is None else str(cell)).replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(columns), line("---" for _ in columns), *(line(row) for row in rows)])
