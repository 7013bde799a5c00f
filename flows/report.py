"""The flow `report`: the published file → `report.html` in the home."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import announcing
from flows.presenting import count_of, markdown_table
from flows.reporting import write_report
from flows.settings import load_settings
from warehouse.digest import Digest
from warehouse.errors import NotPublished

FILE = "report.html"


@flow(name="report", flow_run_name="write the report", persist_result=False)
def report() -> State[None]:
    """Writes the report of all meetings anew, and shows where it lies. Completed, too, where nothing is published yet."""
    settings = load_settings()
    file = settings.home.resolve() / FILE
    try:
        digest = write_report(settings.published, file, now=datetime.now(UTC))
    except NotPublished:
        return Completed(message="nothing is published yet")
    what = f"report: {count_of(len(digest.meetings), 'meeting')}"
    create_markdown_artifact(key="report", markdown=report_markdown(digest, file), description=what)
    announcing.rename_run(what)
    return Completed(message=what)


def report_markdown(digest: Digest, file: Path) -> str:
    """Where the report lies on the worker's machine, and what is in it."""
    by_status = Counter(meeting.status for meeting in digest.meetings)
    rows = [("meetings", len(digest.meetings)), *((f"of them {status}", count) for status, count in sorted(by_status.items()))]
    rows += [("outlets that differ about one", len(digest.conflicts)), ("sources", len(digest.sources))]
    size = f"{file.stat().st_size / 1e6:.1f} MB"
    return (
        f"# Who met whom\n\n[{file.name}]({file.as_uri()}), {size}, on the worker's machine: `{file}`. "
        f"Open it in a browser; it needs no server.\n\n{markdown_table(('what', 'count'), rows)}\n"
    )
