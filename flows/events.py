"""The events that stages send: wake-up calls for the next stage and for whoever listens, never the truth itself.

`KINDS` declares each kind once; docs/events.md is tested against it. An event carries ids and counts, no text but a matched meeting's
one line, and no list without a bound. It is sent only inside a Prefect run: elsewhere nobody listens, and the client would wait ten
seconds to find that out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MAX_RELATED = 60
"""Prefect drops an event with more than 100 related resources; the rest is counted in the payload's `related_left_out`."""


class Role(StrEnum):
    """What a related resource is to the event."""

    SOURCE = "source"
    BUNDLE = "bundle"
    RUN = "run"
    ARTICLE = "article"
    MEETING = "meeting"
    COUNTRY = "country"
    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventKind:
    """One kind of event. resource: what stands before the id in `prefect.resource.id`. payload: key → type, all of them always there."""

    name: str
    resource: str
    meaning: str
    roles: tuple[Role, ...]
    payload: Mapping[str, type]
    labels: tuple[str, ...] = ()


SOURCE_POLLED = EventKind(
    name="sidelines.source.polled",
    resource="sidelines.source",
    meaning="a feed of the source answered; new_items are entries not seen before",
    roles=(Role.RUN,),
    payload={"reason": str, "items": int, "new_items": int},
)
SOURCE_FAILING = EventKind(
    name="sidelines.source.failing",
    resource="sidelines.source",
    meaning="a feed of the source has failed twice in a row or more; failures counts them",
    roles=(Role.RUN,),
    payload={"reason": str, "failures": int, "next_try": str},
)
SOURCE_SILENT = EventKind(
    name="sidelines.source.silent",
    resource="sidelines.source",
    meaning="a source that used to publish has given nothing for longer than its own pace explains",
    roles=(Role.RUN,),
    payload={"reason": str},
)
SOURCE_DRIFTING = EventKind(
    name="sidelines.source.drifting",
    resource="sidelines.source",
    meaning="the share of a source's pages that give a text, or of its texts that tell of a meeting, has fallen",
    roles=(Role.RUN,),
    payload={"measure": str, "before": float, "now": float},
)
PAGES_FETCHED = EventKind(
    name="sidelines.pages.fetched",
    resource="sidelines.run",
    meaning="pages were fetched and archived",
    roles=(Role.SOURCE,),
    payload={"pages": int, "failed": int},
)
BUNDLE_WRITTEN = EventKind(
    name="sidelines.bundle.written",
    resource="sidelines.bundle",
    meaning="a bundle lies in the inbox; the label says whether its writer has already started the loader",
    roles=(Role.SOURCE, Role.RUN),
    payload={"bundle": str, "articles": int, "mentions": int},
    labels=("sidelines.loader",),
)
WAREHOUSE_PUBLISHED = EventKind(
    name="sidelines.warehouse.published",
    resource="sidelines.warehouse",
    meaning="the published file was replaced by a newer one",
    roles=(Role.RUN,),
    payload={"bundles": int, "articles": int, "mentions": int, "meetings": int},
)
MEETING_RECORDED = EventKind(
    name="sidelines.meeting.recorded",
    resource="sidelines.meeting",
    meaning="a meeting is new in the published file; sent for the newest of a load, at most 25",
    roles=(Role.ARTICLE, Role.COUNTRY, Role.PERSON),
    payload={"status": str, "mode": str, "start_date": str, "city": str, "country": str, "parties": int},
)
MEETING_MATCHED = EventKind(
    name="sidelines.meeting.matched",
    resource="sidelines.watch",
    meaning="a meeting that a watch asks for is new or has changed in the published file; at most 100 a watch and publication",
    roles=(Role.MEETING, Role.COUNTRY, Role.PERSON),
    payload={"meeting": str, "status": str, "start_date": str, "city": str, "headline": str},
)
DISK_LOW = EventKind(
    name="sidelines.disk.low",
    resource="sidelines.host",
    meaning="less disk is free than the settings ask for",
    roles=(),
    payload={"free_megabytes": int},
)

KINDS = (
    SOURCE_POLLED, SOURCE_FAILING, SOURCE_SILENT, SOURCE_DRIFTING, PAGES_FETCHED, BUNDLE_WRITTEN, WAREHOUSE_PUBLISHED, MEETING_RECORDED,
    MEETING_MATCHED, DISK_LOW,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event, ready to send. related: (role, id) pairs; ids are bare ("tehran_times", "IRN", "Sattar Hashemi")."""

    kind: EventKind
    subject: str
    payload: Mapping[str, str | int | float]
    related: tuple[tuple[Role, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        keys = self.payload.keys() | self.kind.payload.keys()
        wrong = {key for key in keys if not _fits(self.payload.get(key), self.kind.payload.get(key))}
        if wrong:
            raise ValueError(f"{self.kind.name}: payload {sorted(wrong)} is not as declared")
        if foreign := {role for role, _ in self.related} - set(self.kind.roles):
            raise ValueError(f"{self.kind.name}: related {sorted(foreign)} is not declared")
        if {label for label, _ in self.labels} != set(self.kind.labels):
            raise ValueError(f"{self.kind.name}: labels are {list(self.kind.labels)}")


def _fits(value: object, kind: type | None) -> bool:
    return kind is not None and isinstance(value, (int, float) if kind is float else kind) and not isinstance(value, bool)


def form_of(event: Event) -> dict[str, Any]:
    """The arguments of Prefect's `emit_event`."""
    related = tuple(dict.fromkeys(event.related))
    payload = {**event.payload, "related_left_out": max(0, len(related) - MAX_RELATED)}
    return {
        "event": event.kind.name,
        "resource": {
            "prefect.resource.id": f"{event.kind.resource}.{event.subject}",
            "prefect.resource.name": event.subject,
            **dict(event.labels),
        },
        "related": [
            {"prefect.resource.id": f"sidelines.{role}.{name}", "prefect.resource.role": str(role), "prefect.resource.name": name}
            for role, name in related[:MAX_RELATED]
        ],
        "payload": payload,
    }


def send(events: Iterable[Event]) -> int:
    """Sends the events of a stage and says how many; 0 outside a Prefect run."""
    from prefect.context import FlowRunContext, TaskRunContext  # heavy, and needed only where Prefect runs
    from prefect.events import emit_event

    if FlowRunContext.get() is None and TaskRunContext.get() is None:
        return 0
    count = 0
    for event in events:
        emit_event(**form_of(event))
        count += 1
    return count
