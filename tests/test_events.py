"""Events are as declared, within Prefect's limits, and documented."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows import events
from flows.events import BUNDLE_WRITTEN, KINDS, MAX_RELATED, SOURCE_POLLED, Event, Role, form_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "events.md"


def bundle_event(**changes: object) -> Event:
    values: dict[str, object] = {
        "kind": BUNDLE_WRITTEN,
        "subject": "20251122T094000-0a1b",
        "payload": {"bundle": "20251122T094000-0a1b", "articles": 3, "mentions": 2},
        "related": ((Role.SOURCE, "harbour_post"), (Role.SOURCE, "harbour_post"), (Role.RUN, "r1")),
        "labels": (("sidelines.loader", "waiting"),),
    }
    return Event(**{**values, **changes})  # type: ignore[arg-type]


def test_the_page_lists_every_kind_with_its_payload() -> None:
    rows = {match.group(1): match.group(0) for match in re.finditer(r"^\| `(sidelines\.[a-z.]+)` \|.*$", PAGE.read_text("utf-8"), re.M)}
    assert set(rows) == {kind.name for kind in KINDS}
    for kind in KINDS:
        cells = [cell.strip() for cell in rows[kind.name].strip("|").split("|")]
        assert cells[1] == f"`{kind.resource}.<id>`"
        assert re.findall(r"`(\w+)` \(", cells[3]) == list(kind.payload)
        assert cells[2] == (", ".join(kind.roles) or "none")
        assert cells[4] == kind.meaning


def test_names_are_short_and_distinct() -> None:
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    assert all(re.fullmatch(r"sidelines(\.[a-z]+){2}", kind.name) for kind in KINDS)


def test_an_event_has_the_form_that_prefect_takes() -> None:
    form = form_of(bundle_event())
    assert form["event"] == "sidelines.bundle.written"
    assert form["resource"] == {
        "prefect.resource.id": "sidelines.bundle.20251122T094000-0a1b",
        "prefect.resource.name": "20251122T094000-0a1b",
        "sidelines.loader": "waiting",
    }
    assert [r["prefect.resource.id"] for r in form["related"]] == ["sidelines.source.harbour_post", "sidelines.run.r1"]
    assert form["payload"]["related_left_out"] == 0


def test_related_resources_are_bounded_and_the_rest_is_counted() -> None:
    form = form_of(bundle_event(related=tuple((Role.SOURCE, f"source_{i}") for i in range(MAX_RELATED + 7))))
    assert len(form["related"]) == MAX_RELATED
    assert form["payload"]["related_left_out"] == 7


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": {"bundle": "b", "articles": 3}},
        {"payload": {"bundle": "b", "articles": "3", "mentions": 2}},
        {"payload": {"bundle": "b", "articles": True, "mentions": 2}},
        {"payload": {"bundle": "b", "articles": 3, "mentions": 2, "text": "a whole article"}},
        {"related": ((Role.PERSON, "A. Person"),)},
        {"labels": ()},
    ],
    ids=["key missing", "wrong type", "a truth value is no count", "key not declared", "role not declared", "label missing"],
)
def test_what_is_not_declared_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"sidelines\.bundle\.written"):
        bundle_event(**changes)


def test_outside_a_prefect_run_nothing_is_sent() -> None:
    event = Event(kind=SOURCE_POLLED, subject="harbour_post", payload={"reason": "ok", "items": 12, "new_items": 3})
    assert events.send([event]) == 0


def listeners() -> Iterator[tuple[str, dict[str, Any], str]]:
    """Name, trigger, and the parameters as text, of all triggers of deployments and of all automations."""
    for deployment in yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]:
        for trigger in deployment.get("triggers", []):
            yield trigger["name"], trigger, str(trigger.get("parameters", {}))
    for automation in tomllib.loads((ROOT / "flows" / "automations.toml").read_text(encoding="utf-8"))["automations"]:
        yield automation["name"], automation["trigger"], str([action.get("parameters", {}) for action in automation["actions"]])


@pytest.mark.parametrize(("name", "trigger", "parameters"), listeners(), ids=[name for name, _, _ in listeners()])
def test_triggers_and_automations_listen_to_events_as_they_are_declared(name: str, trigger: dict[str, Any], parameters: str) -> None:
    kinds = {kind.name: kind for kind in KINDS}
    ours = [event for event in trigger["expect"] if event.startswith("sidelines.")]
    for event in ours:
        assert trigger["match"]["prefect.resource.id"] == f"{kinds[event].resource}.*"
        assert set(re.findall(r"event\.payload\.(\w+)", parameters)) <= kinds[event].payload.keys()
    assert ours or all(event.startswith("prefect.") for event in trigger["expect"])


def test_a_matched_watch_and_a_source_in_trouble_raise_an_alarm() -> None:
    expected = {event for _, trigger, _ in listeners() for event in trigger["expect"]}
    assert {kind.name for kind in (events.MEETING_MATCHED, events.SOURCE_DRIFTING, events.SOURCE_SILENT, events.DISK_LOW)} <= expected
