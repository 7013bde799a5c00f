"""The `sidelines` command. Each command is thin: what it does lives in the module that it imports when it is called.

Imports are late on purpose: `sidelines extract` must not pay for Prefect, nor `--help` for anything. Exit status: 0 done, 1 a failure
(one line says what), 2 bad use.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, TextIO

import typer

if TYPE_CHECKING:
    pass

STANDARD_STREAM = Path("-")
INTERRUPTED = 130

app = typer.Typer(
    name="sidelines",
    help="Who met whom: news feeds become meeting records in DuckDB.\n\n"
    "Start with [bold]sidelines run[/bold]: it polls the sources, reads the new pages and shows the newest meetings. "
    "Then ask: [bold]sidelines meetings --country IRN[/bold], or any SQL with [bold]sidelines sql[/bold].",
    no_args_is_help=True,
    rich_markup_mode="rich",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

ROAD, QUESTIONS, PIECES, UPKEEP = "The road", "Questions", "One step of it", "Upkeep"


class Failure(Exception):
    """A failure that a command names itself: the message is the one line that the user sees."""


def main() -> None:
    """The console script: one line for what went wrong, never a traceback."""
    sys.exit(run_command(sys.argv[1:]))


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
    if isinstance(error, Failure | SettingsError | ParseError | WarehouseError) and message:
        return message
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {message}" if message else type(error).__name__


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
    page: Annotated[Path, typer.Argument(metavar="PAGE.html", help="the page as it came; - reads standard input")],
    url: Annotated[str, typer.Option(help="where it was fetched from")],
) -> None:
    """A page in, the article as JSON out: each field, and where on the page it was found."""
    import json

    from flows.exchange import article_form
    from parsers.article import read_article

    with _reading(page) as stream:
        form = article_form(read_article(stream.read(), url=url))
    _print(json.dumps(form, ensure_ascii=False, indent=1))


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


def _name_of(path: Path) -> str:
    return "standard input" if path == STANDARD_STREAM else str(path)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
