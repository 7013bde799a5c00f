"""The flow `reparse`: archived pages, read again with today's rules, without the network."""

from datetime import datetime

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import announcing
from flows.ingest import MOST_ROUNDS, hand_over
from flows.settings import load_settings
from flows.tasks import record_task
from flows.workplace import Workplace, open_workplace_here


@flow(name="reparse", flow_run_name="reparse the archive", persist_result=False)
def reparse(source_ids: list[str] | None = None, since: datetime | None = None) -> State[None]:
    """Reads the archived pages of all sources (or of those named), fetched `since` or ever, and starts `load` for their bundles."""
    with open_workplace_here(load_settings()) as place:
        read, mentions = reread(place, source_ids=source_ids, since=since)
    what = f"reparse {read} pages: {mentions} mentions"
    announcing.rename_run(what)
    return Completed(message=what)


def reread(place: Workplace, *, source_ids: list[str] | None, since: datetime | None) -> tuple[int, int]:
    """Pages read, and mentions found in them."""
    read = mentions = 0
    place.ledger.read_again(source_ids=source_ids, since=since)
    with place.ledger.run("reparse", now=place.clock()) as run:
        for _ in range(MOST_ROUNDS):
            recorded = record_task(place, run, limit=place.settings.batch_pages)
            if not recorded.read:
                break
            read, mentions = read + recorded.read, mentions + recorded.mentions
            hand_over(recorded, run)
    return read, mentions
