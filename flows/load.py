"""The flow `load`: bundles of the inbox → warehouse → published file."""

from datetime import UTC, datetime

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from flows import announcing, events
from flows.presenting import Summary, count_of
from flows.settings import load_settings
from flows.tasks import load_task
from warehouse.asking import MeetingFilter, find_meetings
from warehouse.connection import WarehousePaths
from warehouse.loading import LoadReport


@flow(name="load", flow_run_name="load ({because})", persist_result=False)
def load(because: str = "by hand") -> State[None]:
    """Takes all that lies in the inbox; a run that finds it empty is Completed at once."""
    settings = load_settings()
    paths = WarehousePaths.under(settings.home)
    report = load_task(paths)
    events.send(announcing.load_events(report, paths.published))
    if report.published:
        announcing.tell_watches(settings.home, paths.published, now=datetime.now(UTC))
        newest = find_meetings(paths.published, MeetingFilter())
        announcing.show_summary("load", summary_of(report))
        announcing.show_meetings("newest-meetings", newest)
        what = (
            f"load {count_of(len(report.loaded), 'bundle')}: {count_of(report.articles, 'article')}, "
            f"{count_of(report.meetings_changed, 'meeting')} changed"
        )
        announcing.rename_run(what)
        return Completed(message=what)
    return Completed(message="nothing was pending")


def summary_of(report: LoadReport) -> Summary:
    """A load as a page."""
    failures = {"load": {reason: sum(r == reason for _, r in report.quarantined) for _, reason in report.quarantined}}
    return Summary(
        title=f"Load of {count_of(len(report.loaded), 'bundle')}",
        counts={"load": load_counts(report)},
        failures=failures if report.quarantined else {},
        seconds={"load": sum(report.seconds.values())},
    )


def load_counts(report: LoadReport) -> dict[str, int]:
    return {
        "bundles loaded": len(report.loaded),
        "bundles seen before": len(report.doubled),
        "bundles quarantined": len(report.quarantined),
        "articles": report.articles,
        "mentions added": report.mentions_added,
        "mentions removed": report.mentions_removed,
        "meetings changed": report.meetings_changed,
    }
