"""The rows of the ledger: its tables, the records that its methods give, and how each is kept in SQLite.

Times are stored as ISO 8601 text in UTC with microseconds, so that they compare as text. The feed table is not written down here: it has a
column for each field of `flows.deciding.PollState`.
"""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from flows.archiving import Place
from flows.deciding import PollState, Retired
from parsers.records import FeedItem


class PageStatus(StrEnum):
    """How far a page has come."""

    PENDING = "pending"
    FETCHED = "fetched"
    READ = "read"
    BUNDLED = "bundled"
    FAILED = "failed"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page to fetch or to read.

    url: None for an entry that has no page: its text is the item's own. place: where it lies in the archive, once fetched.
    attempts: counted tries of the fetch. reads: times that its reading was begun. item: as the feed gave it; None for a page that was
    not found in a feed.
    """

    page_id: str
    url: str | None
    source_id: str
    feed_url: str | None
    status: PageStatus
    discovered: datetime
    attempts: int
    reads: int
    item: FeedItem | None
    place: Place | None
    fetched: datetime | None
    final_url: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run under way; its lock lives as long as its process."""

    run_id: str
    kind: str
    started: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRun:
    """A run as it was left. ended, outcome: None while it is under way; outcome is done, failed or killed."""

    run_id: str
    kind: str
    started: datetime
    ended: datetime | None
    outcome: str | None
    counts: Mapping[str, int]


TABLES = """
create table if not exists item (
    feed_url text not null, item_key text not null, page_id text not null, seen text not null,
    primary key (feed_url, item_key)
) without rowid;
create table if not exists title (
    source_id text not null, title_key text not null, seen text not null, page_id text not null,
    primary key (source_id, title_key)
) without rowid;
create table if not exists page (
    page_id text primary key, url text, host text not null default '', source_id text not null, feed_url text,
    status text not null default 'pending', discovered text not null, published text, item text,
    attempts integer not null default 0, reads integer not null default 0, next_try text, reason text, detail text,
    file text, offset integer, length integer, fetched text, final_url text, http_status integer, bundle_id text, claimed_by text,
    refreshes integer not null default 0
) without rowid;
create index if not exists page_by_status on page (status, next_try);
create table if not exists host (host text primary key, rests_until text not null, reason text not null) without rowid;
create table if not exists robots (origin text primary key, body text not null, until text not null) without rowid;
create table if not exists run (
    run_id text primary key, kind text not null, started text not null, ended text, outcome text, counts text
) without rowid;
"""
_STATE_TIMES = frozenset({"first_asked", "last_asked", "last_success", "last_full", "last_new", "next_try"})
_ITEM_TIMES = ("published", "updated")


def time_text(time: datetime) -> str:
    """An aware time as the ledger keeps it."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def time_of(text: str) -> datetime:
    """A time that the ledger kept."""
    return datetime.fromisoformat(text)


def plain(value: object) -> object:
    """A field of PollState as SQLite keeps it."""
    if isinstance(value, datetime):
        return time_text(value)
    return str(value) if isinstance(value, StrEnum) else value


def state_of(row: sqlite3.Row) -> PollState:
    """A feed's row as its state; a column that is null has the field's default."""
    values: dict[str, Any] = {}
    for field in fields(PollState):
        value = row[field.name]
        if value is None:
            continue
        if field.name in _STATE_TIMES:
            value = time_of(value)
        elif field.name == "retired":
            value = Retired(value)
        values[field.name] = value
    return PollState(**values)


def item_text(item: FeedItem) -> str:
    """A feed's entry as JSON. In ASCII: half a surrogate pair, as some feeds have them, is no UTF-8."""
    values = asdict(item)
    for name in _ITEM_TIMES:
        values[name] = time_text(values[name]) if values[name] is not None else None
    return json.dumps(values)


def item_of(text: str) -> FeedItem:
    """A feed's entry from its JSON; what an older version kept and this one does not know is left out."""
    known = {field.name for field in fields(FeedItem)}
    values = {name: value for name, value in json.loads(text).items() if name in known}
    for name in _ITEM_TIMES:
        values[name] = time_of(values[name]) if values.get(name) is not None else None
    values["authors"] = tuple(values["authors"])
    return FeedItem(**values)


def page_of(row: sqlite3.Row) -> Page:
    """A page's row as a record."""
    return Page(
        page_id=row["page_id"],
        url=row["url"],
        source_id=row["source_id"],
        feed_url=row["feed_url"],
        status=PageStatus(row["status"]),
        discovered=time_of(row["discovered"]),
        attempts=row["attempts"],
        reads=row["reads"],
        item=item_of(row["item"]) if row["item"] else None,
        place=Place(file=row["file"], offset=row["offset"], length=row["length"]) if row["file"] else None,
        fetched=time_of(row["fetched"]) if row["fetched"] else None,
        final_url=row["final_url"],
        reason=row["reason"],
    )
