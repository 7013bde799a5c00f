"""Commands that keep the house in order: read again, take in, repair, back up, export, correct, deploy."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

if TYPE_CHECKING:
    from flows.settings import Settings
    from warehouse.connection import WarehousePaths

PANEL = "Upkeep"
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="only pages fetched on this day or later")]
Note = Annotated[str | None, typer.Option(help="why, in words")]
By = Annotated[str | None, typer.Option("--by", help="who says so")]


def register(app: typer.Typer) -> None:
    """Adds the commands to the program."""
    for command in (reparse, backfill, repair, backup, restore, export, merge, split, deploy):
        app.command(rich_help_panel=PANEL)(command)


def reparse(
    source: Annotated[list[str] | None, typer.Option("--source", metavar="ID", help="only this source; may be given again")] = None,
    since: Since = None,
) -> None:
    """Reads the archived pages again with today's rules and loads what came of it; needs no network."""
    from flows.reparse import reread
    from flows.workplace import open_workplace_here

    settings = _settings()
    moment = since.replace(tzinfo=UTC) if since else None

    def work() -> str:
        with open_workplace_here(settings) as place:
            read, mentions = reread(place, source_ids=source, since=moment)
        return f"{read} pages read again, {mentions} mentions of meetings"

    _say(_with_prefect(settings, "reparse", work))
    _load(settings)


def backfill(
    paths: Annotated[list[Path], typer.Argument(help="JSON lines of articles (.jsonl, .jsonl.gz), WARC files, pages, or folders of them")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="read and count, write nothing")] = False,
) -> None:
    """Takes in articles from files. A backfill that was ended goes on where its last bundle stopped; one repeated does nothing."""
    from flows.backfill import check_path, take_in
    from flows.workplace import open_workplace_here

    settings = _settings()
    for path in paths:
        check_path(path)

    def work() -> str:
        with open_workplace_here(settings) as place:
            intake = take_in(place, paths, dry_run=dry_run)
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(intake.failures.items()))
        return (
            f"{intake.articles} articles, {intake.mentions} mentions of meetings, {len(intake.bundles)} bundles"
            + (f"; {intake.skipped} taken in before" if intake.skipped else "")
            + (f"; not read: {reasons}" if reasons else "")
        )

    _say(_with_prefect(settings, "backfill", work))
    if not dry_run:
        _load(settings)


def _with_prefect(settings: "Settings", name: str, work: Callable[[], str]) -> str:
    """Runs `work` as a flow run called `name`."""
    from flows.engine import prepare

    prepare(settings)
    from prefect import flow

    from flows.engine import server_of

    with server_of(settings):
        return flow(name=name, persist_result=False)(work)()


def _load(settings: "Settings") -> None:
    from warehouse.loading import load_pending

    report = load_pending(_paths(settings))
    _say(
        f"loaded {len(report.loaded)} bundles: {report.articles} articles, {report.mentions_added} mentions added, "
        f"{report.mentions_removed} removed, {report.meetings_changed} meetings changed"
    )
    for bundle, reason in report.quarantined:
        _say(f"quarantined {bundle}: {reason}")


def repair() -> None:
    """Makes a damaged warehouse open again, brings back what was lost, and checks everything."""
    from warehouse.repairing import repair as mend

    report = mend(_paths(_settings()))
    _say("the database was damaged and opens again" if report.damaged else "the database opens")
    if report.kept_log is not None:
        _say(f"{report.lost_bytes} of {report.log_bytes} bytes of its log could not be read; the log is kept at {report.kept_log}")
    if report.bundles_back:
        _say(f"in the inbox again: {len(report.bundles_back)} of the bundles; `sidelines run` loads them")
    for check in report.checks:
        _say(check)
    if report.checks:
        raise typer.Exit(1)


def backup(target: Annotated[Path, typer.Argument(help="the file to write")]) -> None:
    """Copies the warehouse as it stands after its last load."""
    from warehouse.repairing import backup as copy

    _say(f"wrote {copy(_paths(_settings()), target)}")


def restore(source: Annotated[Path, typer.Argument(help="a file that `sidelines backup` wrote")]) -> None:
    """Puts a backup in the warehouse's place; bundles loaded after it was made go back into the inbox."""
    from warehouse.repairing import restore as put_back

    settings = _settings()
    back = put_back(_paths(settings), source)
    from flows.presenting import count_of

    _say(f"restored; in the inbox again: {count_of(len(back), 'bundle')}")
    if back:
        _load(settings)


def export(
    target: Annotated[Path, typer.Argument(help="a new or empty folder; for duckdb a file")],
    form: Annotated[str, typer.Option("--format", help="parquet (by month), csv, jsonl, duckdb, duckdb-compat")] = "parquet",
) -> None:
    """Takes the meetings out of the published copy."""
    from warehouse.exporting import Form
    from warehouse.exporting import export as take_out

    if form not in list(Form):
        raise typer.BadParameter(f"--format: {form!r} is none of {', '.join(Form)}")
    written = take_out(_settings().published, target, Form(form))
    _say(f"wrote {len(written)} files under {target}" if len(written) != 1 else f"wrote {written[0]}")


def merge(
    meeting: Annotated[UUID, typer.Argument(help="id of a meeting")],
    other: Annotated[UUID, typer.Argument(help="id of the meeting that is the same")],
    note: Note = None,
    by: By = None,
) -> None:
    """Says that two meetings are one. The correction is data: it survives every later load."""
    from warehouse.amending import merge as join
    from warehouse.amending import write_correction

    settings = _settings()
    write_correction(settings.inbox, join(settings.published, meeting, other, at=datetime.now(UTC), note=note, made_by=by))
    _load(settings)


def split(
    mention: Annotated[UUID, typer.Argument(help="id of a mention (see the view meeting_report)")], note: Note = None, by: By = None
) -> None:
    """Says that a mention does not tell of the meeting that it was put to. The correction survives every later load."""
    from warehouse.amending import split as part
    from warehouse.amending import write_correction

    settings = _settings()
    write_correction(settings.inbox, part(settings.published, mention, at=datetime.now(UTC), note=note, made_by=by))
    _load(settings)


def deploy() -> None:
    """Makes the work pool, the deployments of prefect.yaml and the automations on the server of PREFECT_API_URL. Safe to repeat."""
    from flows.engine import child_environment, prepare

    settings = _settings()
    if not os.environ.get("PREFECT_API_URL"):
        raise typer.BadParameter("PREFECT_API_URL is not set: name the server, or use `sidelines serve`, which brings its own")
    prepare(settings)
    from flows.deploying import deploy as make

    make(child_environment(settings))
    _say("work pool, deployments and automations are in place")


def _settings() -> "Settings":
    from flows.settings import load_settings

    return load_settings()


def _paths(settings: "Settings") -> "WarehousePaths":
    from warehouse.connection import WarehousePaths

    return WarehousePaths.under(settings.home)


def _say(line: str) -> None:
    typer.echo(line)
