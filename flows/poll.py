"""The flow `poll`: due sources → new items; starts `ingest` where pages are ready, new or left from before."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows import announcing, events
from flows.health import health_of
from flows.ledger import Run
from flows.presenting import count_of
from flows.settings import load_settings
from flows.tasks import poll_task
from flows.workplace import Workplace, open_workplace_here


@flow(name="poll", flow_run_name="poll due sources", persist_result=False)
def poll(source_ids: list[str] | None = None, force: bool = False) -> State[None]:
    """Asks the feeds that are due (`force`: all), of all sources or of those named.

    Failed only where every feed that was asked failed; with some failures the run is Completed and its table of sources says which.
    """
    with open_workplace_here(load_settings()) as place, place.ledger.run("poll", now=place.clock()) as run:
        outcome = poll_task(place, run, source_ids=source_ids, force=force)
        place.ledger.note_counts(run, {"feeds": len(outcome.polled), "new": outcome.new_items, "failed": outcome.failures.total()})
        events.send(announcing.poll_events(outcome, run))
        if outcome.polled:
            announcing.show_sources("sources", health_of(place.sources, place.ledger.poll_states(), now=place.clock()))
        start_ingest(place, run)
    failed = outcome.failures.total()
    what = f"poll {count_of(len(outcome.polled), 'feed')}: {count_of(outcome.new_items, 'new item')}"
    announcing.rename_run(what + (f", {failed} failed" if failed else ""))
    if outcome.polled and failed == len(outcome.polled):
        return Failed(message=f"all {failed} feeds failed: " + ", ".join(f"{reason} {n}" for reason, n in outcome.failures.items()))
    return Completed(message=what)


def start_ingest(place: Workplace, run: Run) -> bool:
    """Hands over to `ingest` if it would find work, and says whether it was started.

    Asks the ledger, not what this poll has found: so a hand-over that was lost is made good by the next poll.
    """
    if not place.ledger.ready_pages(now=place.clock(), source_ids=tuple(place.sources)):
        return False
    return announcing.start_next("ingest/ingest", key=f"ingest:{run.run_id}", because=f"poll {run.run_id}")
