"""The flows `audit` (how everything fares) and `alarm` (something that an operator should see)."""

import logging
import shutil
from collections.abc import Iterator

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import announcing, events
from flows.deciding import is_silent
from flows.events import Event
from flows.health import DRIFT_BEFORE, DRIFT_NOW, drifts, health_of
from flows.presenting import health_markdown
from flows.recording import source_rows
from flows.settings import load_settings
from flows.workplace import Workplace, open_workplace_here
from warehouse.asking import meetings_by_source
from warehouse.bundles import Bundle, write_bundle
from warehouse.errors import NotPublished

log = logging.getLogger(__name__)

DISK_LOW_MEGABYTES = 1_000
MEGABYTE = 1_000_000


@flow(name="audit", persist_result=False)
def audit() -> State[None]:
    """Tells how sources, inbox and disk fare, keeps it in the warehouse, and sends an event for each thing that needs a person."""
    with open_workplace_here(load_settings()) as place:
        now = place.clock()
        health = health_of(place.sources, place.ledger.poll_states(), now=now)
        bundle = write_bundle(place.paths.inbox, Bundle(sources=source_rows(place.sources.values(), now=now), source_health=health))
        announcing.start_next("load/load", key=f"load:{bundle.name}", because="audit")
        announcing.show_sources("sources", health)
        create_markdown_artifact(key="audit", markdown=health_markdown(health), description="how the sources fare")
        found = list(concerns(place))
        for event in found:
            log.warning("%s %s: %s", event.kind.name, event.subject, dict(event.payload))
        events.send(found)
    troubled = sum(row.consecutive_failures > 0 for row in health)
    what = f"audit: {troubled} of {len(health)} sources in trouble, {len(found)} concerns"
    announcing.rename_run(what)
    return Completed(message=what)


def concerns(place: Workplace) -> Iterator[Event]:
    """Silent sources, sources that drift, and a disk that fills up."""
    now = place.clock()
    for state in place.ledger.poll_states():
        if state.source_id in place.sources and is_silent(state, now=now):
            since = state.last_new.isoformat(timespec="minutes") if state.last_new else "ever"
            yield Event(kind=events.SOURCE_SILENT, subject=state.source_id, payload={"reason": f"nothing new since {since}"})
    yield from drifting(place)
    free = shutil.disk_usage(place.settings.home).free // MEGABYTE
    if free < DISK_LOW_MEGABYTES:
        yield Event(kind=events.DISK_LOW, subject="home", payload={"free_megabytes": free})


def drifting(place: Workplace) -> Iterator[Event]:
    """Sources whose pages give a text less often than before (the ledger knows), or whose texts tell of a meeting less often (the
    warehouse does). Both go by the day on which a page was fetched, so that a reparse moves nothing."""
    now = place.clock()
    split = now - DRIFT_NOW
    texts = drifts(place.ledger.texts_by_source(split - DRIFT_BEFORE, split), place.ledger.texts_by_source(split, now))
    found = [("text", drift) for drift in texts if drift.source_id in place.sources]
    try:
        published = place.paths.published
        meetings = drifts(meetings_by_source(published, split - DRIFT_BEFORE, split), meetings_by_source(published, split, now))
        found += [("meeting", drift) for drift in meetings if drift.source_id in place.sources]
    except NotPublished:
        log.info("nothing is published yet")
    for measure, drift in found:
        payload: dict[str, str | int | float] = {"measure": measure, "before": round(drift.before, 3), "now": round(drift.now, 3)}
        yield Event(kind=events.SOURCE_DRIFTING, subject=drift.source_id, payload=payload)


@flow(name="alarm", flow_run_name="alarm: {reason}", persist_result=False)
def alarm(reason: str, detail: str = "") -> State[None]:
    """Keeps an alarm where an operator looks: an error in the log, and an artifact."""
    log.error("alarm: %s %s", reason, detail)
    create_markdown_artifact(key="alarm", markdown=alarm_markdown(reason, detail), description=reason)
    return Completed(message=f"{reason} {detail}".strip())


def alarm_markdown(reason: str, detail: str) -> str:
    """The alarm as a page. The detail may hold words of an article, so it stands as a block of code, in which nothing is markup."""
    line = " ".join(detail.split())
    return f"# {reason}\n\n" + (f"    {line}\n" if line else "")
