"""`sidelines sources`: what is polled and how it fares, one tried now, and a new one found from any page of its site."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

if TYPE_CHECKING:
    from flows.discovering import Discovery
    from flows.outcomes import Answer
    from flows.workplace import Workplace

app = typer.Typer(help="The news sources: list, check, add.", no_args_is_help=True)


class SourceTrouble(Exception):
    """A source that is not there, or cannot be added. The message is one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One feed asked now, aside from the schedule. items: None where it gave no feed."""

    source_id: str
    url: str
    reason: str
    detail: str
    items: int | None
    newest: str
    seconds: float


@app.command("list")
def list_sources(
    trouble: Annotated[bool, typer.Option("--trouble", help="only those that did not answer last")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for programs")] = False,
) -> None:
    """Every source with its state, last success, failures and next try."""
    from flows.health import health_of
    from flows.presenting import Format, clock_text, pick_columns, print_rows
    from flows.settings import load_settings
    from flows.workplace import open_workplace_here
    from warehouse.connection import Answer as Rows

    with open_workplace_here(load_settings()) as place:
        health = health_of(place.sources, place.ledger.poll_states(), now=place.clock())
        names = {source.id: source for source in place.sources.values()}
    columns = ("source", "name", "country", "state", "items", "failures", "reason", "last success", "next try")
    rows = tuple(
        (
            row.source_id, names[row.source_id].name, names[row.source_id].country or "", row.state, row.items_seen,
            row.consecutive_failures, row.reason or "", clock_text(row.last_success), clock_text(row.next_try),
        )
        for row in health
        if row.consecutive_failures or not trouble
    )  # fmt: skip
    answer = Rows(columns, rows)
    if as_json:
        print_rows(answer, Format.JSON)
    else:
        print_rows(pick_columns(answer, ("source", "state", "items", "reason", "last success", "next try")), Format.TABLE)


@app.command()
def check(source_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="all where none is named")] = None) -> int:
    """Asks feeds now and says what they gave; notes nothing, so that the schedule is as it was. Exit status 1 where one failed."""
    import asyncio

    from flows.presenting import Format, print_rows
    from flows.settings import load_settings
    from flows.workplace import open_workplace_here
    from warehouse.connection import Answer as Rows

    with open_workplace_here(load_settings()) as place:
        unknown = sorted(set(source_ids or ()) - set(place.sources))
        if unknown:
            raise typer.BadParameter(f"there is no enabled source {', '.join(unknown)}")
        wanted = [place.sources[source_id] for source_id in source_ids or place.sources]
        trials = asyncio.run(_try_all(place, [(source.id, feed) for source in wanted for feed in source.feeds]))
    columns = ("source", "result", "items", "newest", "seconds", "detail", "feed")
    rows = tuple((t.source_id, t.reason, t.items, t.newest, f"{t.seconds:.1f}", t.detail, t.url) for t in trials)
    print_rows(Rows(columns, rows), Format.TABLE)
    return 1 if any(trial.items is None for trial in trials) else 0


async def _try_all(place: "Workplace", feeds: list[tuple[str, str]]) -> list[Trial]:
    from flows.fetching import Fetcher
    from flows.outcomes import Kind, Request

    owner = {feed: source_id for source_id, feed in feeds}
    trials: list[Trial] = []

    def take(answer: "Answer") -> None:
        trials.append(_trial(owner[answer.request.key], answer))

    async with Fetcher(place.settings, robots_store=place.ledger, trusted=place.trusted) as fetcher:
        await fetcher.fetch_many([Request(url=feed, kind=Kind.FEED, key=feed) for _, feed in feeds], take)
    return sorted(trials, key=lambda trial: (trial.source_id, trial.url))


def _trial(source_id: str, answer: "Answer") -> Trial:
    from parsers.errors import FeedError
    from parsers.feed import parse_feed

    trial = Trial(
        source_id=source_id, url=answer.url, reason=str(answer.reason), detail=answer.detail, items=None, newest="", seconds=answer.seconds
    )
    if not answer.ok:
        return trial
    try:
        feed = parse_feed(answer.body, url=answer.url, headers=answer.header_map(), now=datetime.now(UTC))
    except FeedError as error:
        return replace(trial, reason=error.reason, detail=str(error))
    newest = max((item.published for item in feed.items if item.published), default=None)
    return replace(trial, items=len(feed.items), newest=newest.isoformat(timespec="minutes") if newest else "")


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="any page of the site, or a feed")],
    source_id: Annotated[str | None, typer.Option("--id", help="short name of the source; made of the host where left out")] = None,
    name: Annotated[str | None, typer.Option(help="name of the outlet; the feed's title where left out")] = None,
    country: Annotated[str | None, typer.Option(help="alpha-3 code of its home; left out for international bodies")] = None,
    language: Annotated[str | None, typer.Option(help="ISO 639-1 code; the feed's where left out")] = None,
    time_zone: Annotated[str, typer.Option(help="IANA name, for times that name no zone")] = "UTC",
    kind: Annotated[str, typer.Option(help="agency, ministry, international_body or paper")] = "paper",
) -> None:
    """Finds the feeds of a page, and writes the source's TOML file under parsers/data/sources/.

    The file is checked before it is kept; look at it, since names, country and time zone are guesses where they were not given.
    """
    import asyncio
    from importlib.resources import files

    import tomli_w

    from flows.discovering import find_feeds
    from flows.fetching import Fetcher
    from flows.settings import load_settings
    from flows.workplace import open_workplace_here
    from parsers.sources import load_sources, source_of

    async def look(place: "Workplace") -> "Discovery":
        async with Fetcher(place.settings, robots_store=place.ledger, trusted=place.trusted) as fetcher:
            return await find_feeds(fetcher, url, now=place.clock())

    with open_workplace_here(load_settings()) as place:
        found = asyncio.run(look(place))
    if not found.feeds:
        tried = "; ".join(f"{address}: {reason}" for address, reason in found.refused[:3]) or "nothing there looks like a feed"
        raise SourceTrouble(f"no feed found from {url}: {tried}")
    best = found.feeds[0]
    chosen = source_id or _id_of(url)
    if any(source.id == chosen for source in load_sources()):
        raise SourceTrouble(f"there is a source {chosen} already: choose another name with --id")
    table = {
        "name": name or best.feed.title or chosen,
        "country": country or "",
        "language": (language or best.feed.language or "en").split("-")[0].lower(),
        "time_zone": time_zone,
        "kind": kind,
        "feeds": [best.url],
        "found": f"found from {url} by `sidelines sources add`",
    }
    table = {key: value for key, value in table.items() if value}
    source_of(chosen, table)
    target = Path(str(files("parsers") / "data" / "sources" / f"{chosen}.toml"))
    target.write_text(tomli_w.dumps(table), encoding="utf-8")
    others = "".join(f"\n  also found: {feed.url} ({len(feed.feed.items)} items)" for feed in found.feeds[1:])
    typer.echo(f"wrote {target.name} with {best.url} ({len(best.feed.items)} items); look at it: {target}{others}")


def _id_of(url: str) -> str:
    """A short name from the host: https://www.harbour-post.example/world → harbour_post."""
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    words = re.sub(r"[^a-z0-9]+", "_", host.rsplit(".", 1)[0]).strip("_")
    return words if words[:1].isalpha() else f"source_{words}"
