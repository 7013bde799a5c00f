"""The `sidelines` command. Each command is thin: what it does lives in the module that it imports when it is called.

Imports are late on purpose: `sidelines extract` must not pay for Prefect, nor `--help` for anything. Exit status: 0 done, 1 a failure
(one line says what), 2 bad use.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, TextIO

import typer

from flows import desk, sourcing, upkeep

if TYPE_CHECKING:
    from flows.settings import Settings

STANDARD_STREAM = Path("-")
INTERRUPTED = 130
SPEAKING = frozenset({"BadInput", "DeployFailed", "NoServer", "WatchError"})
"""Errors of modules that only some commands import: their message is a whole line, too."""

app = typer.Typer(
    name="sidelines",
    help="Who met whom: news feeds become meeting records in DuckDB.\n\n"
    "Start with [bold]sidelines run[/bold]: it polls the sources, reads the new pages and shows the newest meetings. "
    "Then ask: [bold]sidelines meetings --country IRN[/bold], or any SQL with [bold]sidelines sql[/bold].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ROAD, QUESTIONS, PIECES, UPKEEP = "The road", "Questions", "One step of it", "Upkeep"


class Form(StrEnum):
    """How rows come out."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


class Failure(Exception):
    """A failure that a command names itself: the message is the one line that the user sees."""


def main() -> None:
    """The console script: one line for what went wrong, never a traceback."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")  # JSON is, whatever the terminal's locale
    status = run_command(sys.argv[1:])
    sys.stderr.flush()
    # DuckDB's bindings list "leaked" types on standard error when Prefect's threads still live at the end: nothing that a user can use.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    sys.exit(status)


def run_command(arguments: list[str]) -> int:
    """Runs one command line and gives its exit status."""
    try:
        status = app(arguments, prog_name="sidelines", standalone_mode=False)
    except typer.TyperException as error:
        return _say(error.format_message() if hasattr(error, "format_message") else str(error), status=2)
    except (KeyboardInterrupt, typer.Abort):
        return _say("interrupted; what was done is kept, and the next run goes on from there", status=INTERRUPTED)
    except BrokenPipeError:
        sys.stdout = None  # whoever read us has gone: nothing more to write, not even at exit
        return 0
    except Exception as error:  # noqa: BLE001  the one boundary: every failure becomes a line
        return _say(describe(error), status=1)
    return status if isinstance(status, int) else 0


def _say(message: str, *, status: int) -> int:
    line = " ".join(message.split())
    print(f"sidelines: {line}", file=sys.stderr)  # noqa: T201
    return status


def describe(error: Exception) -> str:
    """A failure in one line: our own errors speak for themselves, others also say their kind."""
    from flows.settings import SettingsError
    from parsers.errors import ParseError
    from warehouse.errors import WarehouseError

    message = str(error)
    ours = (Failure, SettingsError, ParseError, WarehouseError, sourcing.SourceTrouble)
    if (isinstance(error, ours) or type(error).__name__ in SPEAKING) and message:
        return message
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


# ── the road ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(rich_help_panel=ROAD)
def run(
    source: Annotated[list[str] | None, typer.Option("--source", metavar="ID", help="only this source; may be given again")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="only pages published on this day or later")] = None,
    sample: Annotated[bool, typer.Option("--sample/--no-sample", help="serve the bundled sample site and read it, too")] = True,
    force: Annotated[bool, typer.Option("--force", help="ask feeds that are not due yet, too")] = False,
) -> None:
    """The whole road once: poll, fetch, archive, read, extract, load, publish.

    Needs no server: where [i]PREFECT_API_URL[/i] is set the run shows in that UI, elsewhere Prefect runs for as long as this does. What was
    done before is not done again, and what a killed run left is gone on with. State lives under [i]SIDELINES_HOME[/i] (default ./data).
    """
    from rich.console import Console

    settings = _settings()
    from flows.engine import prepare

    prepare(settings)
    from flows.presenting import print_summary
    from flows.road import UnknownSource, Wanted, run_road

    console = Console()
    wanted = Wanted(
        source_ids=tuple(source) if source else None,
        since=since.replace(tzinfo=UTC) if since else None,
        sample=sample,
        force=force,
    )
    try:
        summary = run_road(settings, wanted, console)
    except UnknownSource as error:
        raise typer.BadParameter(str(error)) from error
    print_summary(summary, console)


@app.command(rich_help_panel=ROAD)
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="where the Prefect server and its UI listen, on the loopback")] = 4200,
    limit: Annotated[int, typer.Option(min=1, help="flow runs at a time")] = 2,
) -> None:
    """A Prefect server, a worker, the deployments and automations, and the sample site, in one command; Ctrl-C ends them all.

    Polling, ingesting and loading then go on by themselves. With [i]PREFECT_API_URL[/i] set, that server is used and none is started.
    """
    from rich.console import Console

    from flows.serving import ServeFailed
    from flows.serving import serve as serve_all

    console = Console()
    try:
        serve_all(_settings(), port=port, limit=limit, say=lambda line: console.print(line, soft_wrap=True, highlight=False))
    except ServeFailed as error:
        raise Failure(str(error)) from error


# ── questions ────────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command(rich_help_panel=QUESTIONS)
def meetings(
    country: Annotated[str | None, typer.Option(help="a party's country: alpha-3 code or English name")] = None,
    person: Annotated[str | None, typer.Option(help="part of a party's name")] = None,
    event: Annotated[str | None, typer.Option(help="part of the host event's name, or its acronym")] = None,
    topic: Annotated[str | None, typer.Option(help="a topic's code, such as trade")] = None,
    status: Annotated[str | None, typer.Option(help="held, planned or cancelled")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="held, planned or reported since this day")] = None,
    background: Annotated[bool, typer.Option("--background", help="also meetings that articles only recall")] = False,
    most: Annotated[int, typer.Option(min=1, help="how many at most, newest first")] = 20,
    form: Annotated[Form, typer.Option("--format", help="table for eyes, csv or json for programs")] = Form.TABLE,
) -> None:
    """The newest meetings, filtered."""
    from rich.console import Console

    from flows.naming import country_code
    from flows.presenting import Format, print_meetings, print_rows
    from parsers.records import Status, Topic
    from warehouse.asking import MeetingFilter, find_meetings

    wanted = MeetingFilter(
        country=country_code(country) if country else None,
        person=person,
        event=event,
        topic=_one_of("--topic", topic, [str(t) for t in Topic]),
        status=_one_of("--status", status, [str(s) for s in Status]),
        since=since.date() if since else None,
        background=background,
    )
    answer = find_meetings(_settings().published, wanted, most=most)
    if form is Form.TABLE:
        print_meetings(answer, Console())
    elif form is Form.PARQUET:
        raise typer.BadParameter("--format parquet is for `sidelines sql`")
    else:
        print_rows(answer, Format(form))


@app.command(rich_help_panel=QUESTIONS)
def sql(
    query: Annotated[
        str | None, typer.Argument(metavar='"SELECT ..."', help="one statement; - reads standard input; none opens harlequin")
    ] = None,
    form: Annotated[Form, typer.Option("--format", help="table for eyes, csv, json or parquet for programs")] = Form.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="write there instead of standard output; parquet needs it")] = None,
) -> None:
    """Any SQL on the published copy, read-only.

    [i]SHOW ALL TABLES[/i] lists tables and views; [i]SELECT * FROM meeting_list[/i] is a good beginning. With no statement the copy is
    opened in harlequin, an SQL desk for the terminal, where that is installed.
    """
    if query is None:
        desk.open_harlequin()
        return
    from flows.presenting import Format, as_csv, as_json, print_rows
    from warehouse.connection import query as ask

    text = sys.stdin.read() if query == "-" else query
    published = _settings().published
    if form is Form.PARQUET:
        if output is None:
            raise typer.BadParameter("--format parquet needs --output FILE")
        from warehouse.asking import write_parquet

        write_parquet(published, text, output)
        return
    answer = ask(published, text)
    if output is None:
        print_rows(answer, Format(form))
        return
    output.write_text(as_json(answer) if form is Form.JSON else as_csv(answer), encoding="utf-8")


@app.command(rich_help_panel=QUESTIONS)
def status() -> None:
    """How everything stands: freshness, inbox, pages, sources, last runs, disk, versions."""
    from rich.console import Console

    from flows.standing import print_standing, stand
    from flows.workplace import open_workplace_here

    with open_workplace_here(_settings()) as place:
        print_standing(stand(place), Console())


@app.command(rich_help_panel=QUESTIONS)
def metrics() -> None:
    """The same for Prometheus, in its text format."""
    from flows.standing import metrics_text, stand
    from flows.workplace import open_workplace_here

    with open_workplace_here(_settings()) as place:
        sys.stdout.write(metrics_text(stand(place)))


# ── one step of the road ─────────────────────────────────────────────────────────────────────────────────────────────


@app.command(rich_help_panel=PIECES)
def extract(
    articles: Annotated[
        Path,
        typer.Argument(metavar="ARTICLES.jsonl", help="JSON lines with id, title, text, published, url, language; - reads standard input"),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="OUT.jsonl", help="where the records go; - is standard output")
    ] = STANDARD_STREAM,
    workers: Annotated[int, typer.Option(min=0, help="processes; 0 takes one per core where there are enough articles")] = 0,
    explain: Annotated[bool, typer.Option("--explain", help="show which sentences fired, and which were turned down and why")] = False,
) -> int:
    """Articles in, meeting records out, one line each, in order.

    A line that holds no article is named by its number, and the exit status is 1 after all good lines are done. [i]published[/i] may be
    null; unknown fields are ignored.
    """
    from flows.extracting import explain_lines, extract_lines

    def complain(number: int, reason: str) -> None:
        _say(f"{_name_of(articles)}: line {number}: {reason}", status=1)

    with _reading(articles) as lines, _writing(output) as out:
        bad = explain_lines(lines, out, complain) if explain else extract_lines(lines, out, complain, workers=workers)
    return 1 if bad else 0


@app.command(rich_help_panel=PIECES)
def article(
    page: Annotated[
        str, typer.Argument(metavar="PAGE.html|URL", help="a page as it came (- reads standard input), or a stored article's address")
    ],
    url: Annotated[str | None, typer.Option(help="where the page was fetched from; needed with a page")] = None,
    form: Annotated[Form, typer.Option("--format", help="of a stored article: table for eyes, json for programs")] = Form.TABLE,
) -> None:
    """A page in, the article as JSON out: each field, and where on the page it was found.

    With the address of an article that is stored already: its text with the proof of each record marked.
    """
    if url is None and page.startswith(("http://", "https://")):
        if form not in (Form.TABLE, Form.JSON):
            raise typer.BadParameter("--format of an article is table or json")
        desk.print_article(page, desk.Form(form))
        return
    if url is None:
        raise typer.BadParameter("--url is missing: where was the page fetched from?")
    from flows.exchange import article_form
    from flows.extracting import write_line
    from parsers.article import read_article

    with _reading(Path(page)) as stream:
        read = article_form(read_article(stream.read(), url=url))
    sys.stdout.write(write_line(read, indent=1))


@app.command(rich_help_panel=PIECES)
def feed(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="RSS, Atom, JSON Feed or news sitemap; - reads standard input")],
    url: Annotated[str, typer.Option(help="where it was fetched from, for relative links")],
) -> None:
    """A feed in, its items as JSON lines out."""
    from flows.exchange import item_form
    from flows.extracting import write_line
    from parsers.feed import parse_feed

    with _reading(file) as stream:
        parsed = parse_feed(stream.read(), url=url)
    for item in parsed.items:
        sys.stdout.write(write_line(item_form(item)))


# ── streams ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    if path == STANDARD_STREAM:
        yield sys.stdin.buffer
        return
    if path.is_dir():
        raise Failure(f"{path}: is a folder")
    with path.open("rb") as stream:
        yield stream


@contextmanager
def _writing(path: Path) -> Iterator[TextIO]:
    if path == STANDARD_STREAM:
        yield sys.stdout
        return
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        yield stream


def _settings() -> "Settings":
    from flows.settings import load_settings

    return load_settings()


def _one_of(option: str, value: str | None, allowed: list[str]) -> str | None:
    if value is not None and value not in allowed:
        raise typer.BadParameter(f"{option}: {value!r} is none of {', '.join(allowed)}")
    return value


def _name_of(path: Path) -> str:
    return "standard input" if path == STANDARD_STREAM else str(path)


app.add_typer(sourcing.app, name="sources", rich_help_panel=ROAD)
desk.register(app)
upkeep.register(app)
