"""What a stage tells Prefect when it is done: its events, its artifacts, its name, and which stage is to go on."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import httpx
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound, PrefectException

from flows import events
from flows.collecting import CollectOutcome
from flows.deciding import Notice
from flows.events import Event, Role
from flows.ledger import Run
from flows.polling import PollOutcome
from flows.presenting import MEETING_COLUMNS, Summary, pick_columns, summary_markdown
from flows.recording import RecordOutcome
from flows.watching import answer_watches, events_of, write_answer
from warehouse.asking import recorded_by
from warehouse.connection import Answer
from warehouse.loading import LoadReport
from warehouse.rows import SourceHealth

log = logging.getLogger(__name__)

LOADER_STARTED, LOADER_WAITING = "started", "waiting"
MOST_MEETINGS = 25
ALARMING_FAILURES = 2


# ── events ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def poll_events(outcome: PollOutcome, run: Run) -> Iterator[Event]:
    """One for each source that answered, and one for each that has failed twice or more."""
    related = ((Role.RUN, run.run_id),)
    for poll in outcome.polled:
        state = poll.state
        if poll.ok:
            payload: dict[str, str | int | float] = {"reason": poll.reason, "items": poll.items, "new_items": poll.new}
            yield Event(kind=events.SOURCE_POLLED, subject=state.source_id, payload=payload, related=related)
        elif state.failures >= ALARMING_FAILURES or Notice.RETIRED in poll.notices:
            payload = {
                "reason": poll.reason,
                "failures": int(state.failures),
                "next_try": state.next_try.isoformat() if state.next_try else "",
            }
            yield Event(kind=events.SOURCE_FAILING, subject=state.source_id, payload=payload, related=related)


def fetch_events(outcome: CollectOutcome, run: Run) -> Iterator[Event]:
    if outcome.asked:
        yield Event(
            kind=events.PAGES_FETCHED,
            subject=run.run_id,
            payload={"pages": outcome.fetched, "failed": outcome.again + outcome.failed},
            related=tuple((Role.SOURCE, source) for source in sorted(outcome.by_source)),
        )


def bundle_events(outcome: RecordOutcome, run: Run, *, loader: str) -> Iterator[Event]:
    """loader: LOADER_STARTED, or LOADER_WAITING where somebody else must start it."""
    if outcome.bundle is not None:
        yield Event(
            kind=events.BUNDLE_WRITTEN,
            subject=outcome.bundle,
            payload={"bundle": outcome.bundle, "articles": outcome.articles, "mentions": outcome.mentions},
            related=((Role.RUN, run.run_id), *((Role.SOURCE, source) for source in outcome.sources)),
            labels=(("sidelines.loader", loader),),
        )


def load_events(report: LoadReport, published: Path) -> Iterator[Event]:
    """The published file, and the newest meetings that the load brought."""
    if not report.published:
        return
    yield Event(
        kind=events.WAREHOUSE_PUBLISHED,
        subject="published",
        payload={
            "bundles": len(report.loaded),
            "articles": report.articles,
            "mentions": report.mentions_added,
            "meetings": report.meetings_changed,
        },
    )
    for row in recorded_by(published, report.loaded, most=MOST_MEETINGS):
        yield Event(
            kind=events.MEETING_RECORDED,
            subject=row.meeting_id,
            payload={
                "status": row.status,
                "mode": row.mode,
                "start_date": row.start_date or "",
                "city": row.city or "",
                "country": row.country or "",
                "parties": row.parties,
            },
            related=(
                *((Role.COUNTRY, country) for country in row.countries),
                *((Role.PERSON, person) for person in row.persons),
                *((Role.ARTICLE, article) for article in row.articles),
            ),
        )


def tell_watches(home: Path, published: Path, *, now: datetime) -> int:
    """Answers the standing questions (flows.watching) from the published file: events first, then feeds, calendars and what was told.

    Says how many meetings were new to a watch.
    """
    news = 0
    for answer in answer_watches(home, published):
        events.send(events_of(answer))
        write_answer(home, answer, now=now)
        news += len(answer.news)
    return news


# ── going on ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def start_next(deployment: str, *, key: str, **parameters: object) -> bool:
    """Starts a deployment, once for a key, from within a deployment's run; says whether it did.

    Elsewhere (`sidelines run`) the caller goes on by itself. Where the server does not answer, the sweep goes on instead.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        return False
    try:
        run_deployment(deployment, parameters=parameters, timeout=0, as_subflow=False, idempotency_key=key)
    except ObjectNotFound:
        log.warning("there is no deployment %s: `sidelines deploy` makes it; its sweep would take up what is left", deployment)
        return False
    except (httpx.HTTPError, PrefectException) as error:
        log.warning("could not start %s (%s): its sweep takes up what is left", deployment, error)
        return False
    return True


# ── artifacts and names ──────────────────────────────────────────────────────────────────────────────────────────────


def rename_run(name: str) -> None:
    """Gives the flow run a name that says what it did."""
    context = FlowRunContext.get()
    if context is None or context.flow_run is None:
        return
    with get_client(sync_client=True) as client:
        client.update_flow_run(context.flow_run.id, name=name)


def show_summary(key: str, summary: Summary) -> None:
    """The Markdown page of a run; its description says at a glance whether something failed."""
    failed = sum(count for reasons in summary.failures.values() for count in reasons.values())
    create_markdown_artifact(
        key=key, markdown=summary_markdown(summary), description=f"{summary.title}: {failed} failures" if failed else summary.title
    )


def show_meetings(key: str, newest: Answer) -> None:
    """A table of meetings."""
    picked = pick_columns(newest, MEETING_COLUMNS)
    table = [dict(zip(picked.columns, row, strict=True)) for row in picked.rows]
    create_table_artifact(key=key, table=table, description=f"{len(table)} newest meetings")


def show_sources(key: str, health: Sequence[SourceHealth]) -> None:
    """A table of sources, those in trouble first."""
    rows = sorted(health, key=lambda row: (-row.consecutive_failures, row.source_id))
    table = [
        {
            "source": row.source_id,
            "state": row.state,
            "failures": row.consecutive_failures,
            "reason": row.reason or "",
            "last success": row.last_success.isoformat(timespec="minutes") if row.last_success else "",
            "next try": row.next_try.isoformat(timespec="minutes") if row.next_try else "",
        }
        for row in rows
    ]
    troubled = sum(row.consecutive_failures > 0 for row in rows)
    create_table_artifact(key=key, table=table, description=f"{troubled} of {len(rows)} sources in trouble")
