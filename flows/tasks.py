"""The stages as Prefect tasks: one task is one stage over a whole batch, since a task costs more than reading a page.

Thin on purpose: what a stage does is in its own module, and can be called without Prefect.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.collecting import CollectOutcome, collect_pages
from flows.ledger import Run
from flows.polling import PollOutcome, poll_feeds
from flows.recording import RecordOutcome, record_pages
from flows.workplace import Workplace
from warehouse.connection import WarehousePaths
from warehouse.loading import LoadReport, load_pending


@task(name="poll", task_run_name="ask due feeds", tags=["poll"], cache_policy=NO_CACHE, persist_result=False)
def poll_task(place: Workplace, run: Run, *, source_ids: Sequence[str] | None = None, force: bool = False) -> PollOutcome:
    """Due feeds → items in the ledger."""
    return asyncio.run(poll_feeds(place, run, source_ids=source_ids, force=force))


@task(name="fetch", task_run_name="fetch pages", tags=["fetch"], cache_policy=NO_CACHE, persist_result=False)
def fetch_task(
    place: Workplace, run: Run, *, limit: int, source_ids: Sequence[str] | None = None, since: datetime | None = None
) -> CollectOutcome:
    """Pending pages → archive."""
    return asyncio.run(collect_pages(place, run, limit=limit, source_ids=source_ids, since=since))


@task(name="read", task_run_name="read pages", tags=["read"], cache_policy=NO_CACHE, persist_result=False)
def record_task(place: Workplace, run: Run, *, limit: int, always: bool = False) -> RecordOutcome:
    """Archived pages → a bundle in the inbox."""
    return record_pages(place, run, limit=limit, always=always)


@task(
    name="load", task_run_name="load bundles", tags=["load"], cache_policy=NO_CACHE, persist_result=False,
    retries=2, retry_delay_seconds=[5, 20],
)  # fmt: skip
def load_task(paths: WarehousePaths) -> LoadReport:
    """Bundles → warehouse → published file."""
    return load_pending(paths)
