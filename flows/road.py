"""`sidelines run`: the whole road in one flow run, from due feeds to the published file, with progress on the terminal.

One flow run, since each costs a second or more; the stages are its tasks. It works with a temporary Prefect server, or shows on the one
that `PREFECT_API_URL` names.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from prefect import flow
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from flows import announcing, events
from flows.collecting import CollectOutcome
from flows.engine import server_of
from flows.health import health_of
from flows.load import load_counts
from flows.polling import PollOutcome
from flows.presenting import Summary, count_of
from flows.recording import RecordOutcome
from flows.sample import keep_sample
from flows.settings import Settings
from flows.tasks import fetch_task, load_task, poll_task, record_task
from flows.workplace import Workplace, open_workplace, open_workplace_here
from warehouse.asking import MeetingFilter, find_meetings
from warehouse.loading import LoadReport

STAGES = {"poll": "asking feeds", "fetch": "fetching pages", "read": "reading pages"}
MOST_ROUNDS = 200


class UnknownSource(Exception):
    """A source that is asked for is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a run is to do. source_ids: None for all. force: ask feeds that are not due, too. sample: serve and read the sample site."""

    source_ids: tuple[str, ...] | None = None
    since: datetime | None = None
    sample: bool = True
    force: bool = False


@dataclass(slots=True)
class Road:
    """What came of each stage."""

    polled: PollOutcome = field(default_factory=PollOutcome)
    collected: list[CollectOutcome] = field(default_factory=list)
    recorded: list[RecordOutcome] = field(default_factory=list)
    loaded: LoadReport = field(default_factory=LoadReport)
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = self.seconds.get(stage, 0.0) + time.perf_counter() - start


def run_road(settings: Settings, wanted: Wanted, console: Console) -> Summary:
    """Runs it and tells what was done. Raises UnknownSource, and what the warehouse raises."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        if wanted.sample:
            stack.enter_context(keep_sample(settings, say=lambda line: console.print(f"[dim]{line}[/dim]")))
        with console.status("starting Prefect"):
            stack.enter_context(server_of(settings))
        progress = stack.enter_context(_bars(console))
        opener = open_workplace_here if wanted.sample else open_workplace
        place = stack.enter_context(opener(settings, progress=progress))
        road = Road()
        _check_sources(place, wanted)
        _flow(place, wanted, road)
        return summarise(place, road)


def _check_sources(place: Workplace, wanted: Wanted) -> None:
    for source_id in wanted.source_ids or ():
        if source_id not in place.sources:
            raise UnknownSource(f"there is no enabled source {source_id!r}: `sidelines sources list` shows them")


@flow(name="run", flow_run_name="sidelines run", persist_result=False, validate_parameters=False)
def _flow(place: Workplace, wanted: Wanted, road: Road) -> None:
    """The stages, in the order of the road; each works from the ledger, so that a killed run is gone on with by the next."""
    sources = list(wanted.source_ids) if wanted.source_ids is not None else None
    with place.ledger.run("run", now=place.clock()) as run:
        with road.timed("poll"):
            road.polled = poll_task(place, run, source_ids=sources, force=wanted.force)
        events.send(announcing.poll_events(road.polled, run))
        for number in range(MOST_ROUNDS):
            with road.timed("fetch"):
                collected = fetch_task(place, run, limit=place.settings.batch_pages, source_ids=sources, since=wanted.since)
            with road.timed("read"):
                recorded = record_task(place, run, limit=place.settings.batch_pages, always=number == 0 and bool(road.polled.polled))
            if not collected.asked and not recorded.read and number:
                break
            road.collected.append(collected)
            road.recorded.append(recorded)
            events.send(announcing.fetch_events(collected, run))
            events.send(announcing.bundle_events(recorded, run, loader=announcing.LOADER_STARTED))
        with road.timed("load"):
            road.loaded = load_task(place.paths)
        events.send(announcing.load_events(road.loaded, place.paths.published))
        if road.loaded.published:
            announcing.tell_watches(place.settings.home, place.paths.published, now=place.clock())
    summary = summarise(place, road)
    announcing.show_summary("run", summary)
    announcing.show_sources("sources", summary.health)
    if summary.newest is not None:
        announcing.show_meetings("newest-meetings", summary.newest)
    articles = sum(recorded.articles for recorded in road.recorded)
    changed = count_of(road.loaded.meetings_changed, "meeting")
    announcing.rename_run(f"run: {count_of(len(road.polled.polled), 'feed')}, {count_of(articles, 'article')}, {changed} changed")


def summarise(place: Workplace, road: Road) -> Summary:
    """Counts per stage, failures by reason, the newest meetings, and where they are."""
    fetch_failures: Counter[str] = sum((outcome.failures for outcome in road.collected), Counter())
    read_failures: Counter[str] = sum((outcome.failures for outcome in road.recorded), Counter())
    failures = {"poll": road.polled.failures, "fetch": fetch_failures, "read": read_failures}
    failures["load"] = Counter(reason for _, reason in road.loaded.quarantined)
    published = place.paths.published if place.paths.published.exists() else None
    return Summary(
        title="sidelines run",
        counts=_counts(road),
        failures={stage: dict(reasons) for stage, reasons in failures.items() if reasons},
        health=health_of(place.sources, place.ledger.poll_states(), now=place.clock()),
        newest=find_meetings(published, MeetingFilter(), most=15) if published else None,
        published=published.absolute() if published else None,
        seconds=road.seconds,
    )


def _counts(road: Road) -> dict[str, dict[str, int]]:
    recorded = road.recorded
    return {
        "poll": {
            "feeds asked": len(road.polled.polled),
            "feeds that answered": sum(poll.ok for poll in road.polled.polled),
            "new items": road.polled.new_items,
        },
        "fetch": {
            "pages asked": sum(outcome.asked for outcome in road.collected),
            "pages archived": sum(outcome.fetched for outcome in road.collected),
            "left for a later try": sum(outcome.again for outcome in road.collected),
        },
        "read": {
            "pages read": sum(outcome.read for outcome in recorded),
            "articles": sum(outcome.articles for outcome in recorded),
            "articles with meetings": sum(outcome.with_meetings for outcome in recorded),
            "mentions of meetings": sum(outcome.mentions for outcome in recorded),
            "kept, in a language not spoken": sum(outcome.other_language for outcome in recorded),
        },
        "load": load_counts(road.loaded),
    }


@contextmanager
def _bars(console: Console) -> Iterator["_Bars"]:
    """A progress bar for each stage."""
    columns = (SpinnerColumn(), TextColumn("{task.description:<16}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:
        yield _Bars(progress)


class _Bars:
    """A `Progress` callback (flows.workplace) that moves the bars."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if total == 0:
            return
        if stage not in self._bars:
            self._bars[stage] = self._progress.add_task(STAGES.get(stage, stage), total=total)
        self._progress.update(self._bars[stage], completed=done, total=total)
