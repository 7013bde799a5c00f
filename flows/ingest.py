"""The flow `ingest`: pending pages → archive → articles and meetings → bundle; starts `load` for each bundle."""

from collections.abc import Iterator

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import announcing, events
from flows.collecting import CollectOutcome
from flows.ledger import Run
from flows.presenting import count_of
from flows.recording import RecordOutcome
from flows.settings import load_settings
from flows.tasks import fetch_task, record_task
from flows.workplace import Workplace, open_workplace_here

MOST_ROUNDS = 200
"""Batches of one run. What is left after them is the next run's: no run goes on for ever."""


@flow(name="ingest", flow_run_name="ingest ({because})", persist_result=False)
def ingest(because: str = "sweep", source_ids: list[str] | None = None) -> State[None]:
    """Fetches, reads and bundles until nothing is left that can be had now.

    Failed only where pages were asked for and none was had; what failed is in the log by page and in the ledger with its next try.
    """
    asked = had = articles = mentions = 0
    names: set[str] = set()
    with open_workplace_here(load_settings()) as place, place.ledger.run("ingest", now=place.clock()) as run:
        for collected, recorded in rounds(place, run, source_ids):
            asked, had = asked + collected.asked, had + collected.fetched
            articles, mentions = articles + recorded.articles, mentions + recorded.mentions
            names.update(recorded.sources)
            events.send(announcing.fetch_events(collected, run))
            hand_over(recorded, run)
        place.ledger.note_counts(run, {"asked": asked, "fetched": had, "articles": articles, "mentions": mentions})
    who = next(iter(names)) if len(names) == 1 else count_of(len(names), "source")
    what = f"ingest {who}: {count_of(had, 'page')}, {count_of(articles, 'article')}, {count_of(mentions, 'mention')}"
    if not asked and not articles:
        what = "ingest: nothing to do"
    announcing.rename_run(what)
    if asked and not had and not articles:
        return Failed(message=f"none of {asked} pages could be had")
    return Completed(message=what)


def rounds(place: Workplace, run: Run, source_ids: list[str] | None) -> Iterator[tuple[CollectOutcome, RecordOutcome]]:
    """Batches until one finds nothing to fetch and nothing to read."""
    for _ in range(MOST_ROUNDS):
        collected = fetch_task(place, run, limit=place.settings.batch_pages, source_ids=source_ids)
        recorded = record_task(place, run, limit=place.settings.batch_pages)
        if not collected.asked and not recorded.read:
            return
        yield collected, recorded


def hand_over(recorded: RecordOutcome, run: Run) -> None:
    """Starts the loader for a bundle, and tells of it."""
    if recorded.bundle is None:
        return
    started = announcing.start_next("load/load", key=f"load:{recorded.bundle}", because=f"bundle {recorded.bundle}")
    loader = announcing.LOADER_STARTED if started else announcing.LOADER_WAITING
    events.send(announcing.bundle_events(recorded, run, loader=loader))
