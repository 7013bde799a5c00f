"""How the house stands: `sidelines status` for people, `sidelines metrics` for Prometheus. Reads only; needs no server."""

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from flows.health import health_of
from flows.ledger_rows import PastRun
from flows.presenting import clock_text, print_table
from flows.workplace import Workplace, rules_version
from warehouse.asking import Holdings, holdings
from warehouse.bundles import TEMPORARY
from warehouse.errors import NotPublished
from warehouse.rows import SourceHealth

PROGRAMS = ("sidelines", "prefect", "duckdb", "fastapi", "sqlalchemy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """now: when it was so. pages: by status. reasons: (stage, reason) of what has not come through. inbox: bundles that wait.

    published_at: None where nothing is published. bytes_used: of each part of the home folder.
    """

    now: datetime
    runs: tuple[PastRun, ...]
    health: tuple[SourceHealth, ...]
    pages: Mapping[str, int]
    reasons: Mapping[tuple[str, str], int]
    inbox: int
    published_at: datetime | None
    holdings: Holdings | None
    bytes_used: Mapping[str, int]
    bytes_free: int
    versions: Mapping[str, str]

    @property
    def states(self) -> Counter[str]:
        """Sources by state."""
        return Counter(row.state for row in self.health)


def stand(place: Workplace) -> Standing:
    """Looks at ledger, inbox, published copy and disk."""
    now = place.clock()
    home = place.settings.home
    published = place.paths.published
    try:
        held = holdings(published)
    except NotPublished:
        held = None
    parts = {"archive": home / "archive", "inbox": home / "inbox", "done": home / "done", "warehouse": place.paths.database,
             "published": published, "ledger": place.settings.ledger, "prefect": home / "prefect"}  # fmt: skip
    return Standing(
        now=now,
        runs=place.ledger.last_runs(),
        health=health_of(place.sources, place.ledger.poll_states(), now=now),
        pages=place.ledger.page_counts(),
        reasons=place.ledger.reason_counts(),
        inbox=_bundles(place.paths.inbox),
        published_at=datetime.fromtimestamp(published.stat().st_mtime, now.tzinfo) if published.exists() else None,
        holdings=held,
        bytes_used={name: _size(path) for name, path in parts.items()},
        bytes_free=shutil.disk_usage(home).free,
        versions={**{program: version(program) for program in PROGRAMS}, "rules": rules_version()},
    )


def _bundles(inbox: Path) -> int:
    return sum(entry.is_dir() and not entry.name.startswith(TEMPORARY) for entry in inbox.iterdir()) if inbox.exists() else 0


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    return path.stat().st_size if path.exists() else 0


# ── for people ───────────────────────────────────────────────────────────────────────────────────────────────────────


def print_standing(standing: Standing, console: Console) -> None:
    """One screen."""
    held, published = standing.holdings, standing.published_at
    facts: list[tuple[object, ...]] = [
        ("published", f"{clock_text(published)} ({_ago(published, standing.now)})" if published else "never"),
        ("articles", f"{held.articles:,}, the newest of {clock_text(held.newest_article)}" if held else "none"),
        ("meetings", f"{held.meetings:,}, the newest reported {clock_text(held.newest_meeting)}" if held else "none"),
        ("inbox", f"{standing.inbox} bundles wait for the loader" if standing.inbox else "empty"),
        ("pages", ", ".join(f"{count:,} {status}" for status, count in sorted(standing.pages.items())) or "none"),
        ("sources", ", ".join(f"{count} {state}" for state, count in standing.states.most_common()) or "none"),
        ("disk", ", ".join(f"{name} {_megabytes(size)}" for name, size in standing.bytes_used.items() if size)),
        ("disk free", _megabytes(standing.bytes_free)),
        ("versions", ", ".join(f"{name} {number}" for name, number in standing.versions.items())),
    ]
    print_table(console, ("what", "how it stands"), facts)
    runs = [
        (run.kind, clock_text(run.started), run.outcome or "under way", ", ".join(f"{n} {what}" for what, n in run.counts.items()))
        for run in standing.runs
    ]
    if runs:
        print_table(console, ("flow", "last run", "outcome", "counts"), runs, title="Last runs")
    if standing.reasons:
        rows = [(stage, reason, count) for (stage, reason), count in sorted(standing.reasons.items())]
        print_table(console, ("where", "reason", "count"), rows, title="What has not come through")


def _ago(then: datetime, now: datetime) -> str:
    seconds = max(0, int((now - then).total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"


# ── for Prometheus ───────────────────────────────────────────────────────────────────────────────────────────────────


def metrics_text(standing: Standing) -> str:
    """The same in Prometheus's text format, version 0.0.4."""
    return "".join(_metrics(standing))


def _metrics(standing: Standing) -> Iterator[str]:
    held = standing.holdings
    yield from _gauge("sidelines_pages", "pages by status", [({"status": status}, n) for status, n in sorted(standing.pages.items())])
    yield from _gauge("sidelines_sources", "sources by state", [({"state": state}, n) for state, n in sorted(standing.states.items())])
    yield from _gauge(
        "sidelines_source_failures", "failed polls of a source since its last success",
        [({"source": row.source_id}, row.consecutive_failures) for row in standing.health],
    )  # fmt: skip
    yield from _gauge(
        "sidelines_source_last_success_seconds", "time of a source's last good poll, seconds since 1970",
        [({"source": row.source_id}, row.last_success.timestamp()) for row in standing.health if row.last_success],
    )  # fmt: skip
    yield from _gauge(
        "sidelines_failures", "pages and feeds that have not come through, by reason",
        [({"stage": stage, "reason": reason}, n) for (stage, reason), n in sorted(standing.reasons.items())],
    )  # fmt: skip
    yield from _gauge("sidelines_inbox_bundles", "bundles that wait for the loader", [({}, standing.inbox)])
    if standing.published_at is not None:
        moment = standing.published_at.timestamp()
        yield from _gauge("sidelines_published_seconds", "time of the published file, seconds since 1970", [({}, moment)])
    if held is not None:
        yield from _gauge("sidelines_articles", "articles in the published file", [({}, held.articles)])
        yield from _gauge("sidelines_mentions", "mentions of meetings in the published file", [({}, held.mentions)])
        yield from _gauge("sidelines_meetings", "meetings in the published file", [({}, held.meetings)])
    yield from _gauge(
        "sidelines_run_started_seconds", "start of the last run of a flow, seconds since 1970",
        [({"flow": run.kind, "outcome": run.outcome or "running"}, run.started.timestamp()) for run in standing.runs],
    )  # fmt: skip
    yield from _gauge(
        "sidelines_run_duration_seconds", "duration of the last run of a flow that ended",
        [({"flow": run.kind}, (run.ended - run.started).total_seconds()) for run in standing.runs if run.ended],
    )  # fmt: skip
    sizes = [({"part": part}, float(size)) for part, size in standing.bytes_used.items()]
    yield from _gauge("sidelines_disk_bytes", "size of a part of the home folder", sizes)
    yield from _gauge("sidelines_disk_free_bytes", "free space on the home folder's disk", [({}, standing.bytes_free)])
    yield from _gauge("sidelines_info", "versions", [(dict(standing.versions), 1)])


def _gauge(name: str, about: str, samples: Sequence[tuple[Mapping[str, str], float]]) -> Iterator[str]:
    if not samples:
        return
    yield f"# HELP {name} {about}\n# TYPE {name} gauge\n"
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        yield f"{name}{{{inside}}} {value:.15g}\n" if inside else f"{name} {value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
