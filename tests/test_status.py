"""Status and mode from the words around a cue. ① and ② stand for the parties' marks."""

import pytest

from parsers.cues import find_cues
from parsers.records import Mode, Status
from parsers.status import Reading, Refusal, read_mode, read_status


def reading(text: str, *, in_title: bool = False) -> Reading:
    marked = text.replace("①", "\ue000").replace("②", "\ue001")
    cue = next(cue for cue in find_cues(marked) if not cue.text.startswith("called"))
    return read_status(marked, cue, in_title=in_title)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("① met ② on Monday.", Status.HELD),
        ("① will meet ② on Monday.", Status.PLANNED),
        ("① is scheduled to meet ② on Monday.", Status.PLANNED),
        ("A meeting between ① and ② will be held on Monday.", Status.PLANNED),
        ("Talks between ① and ② were called off.", Status.CANCELLED),
        ("Talks between ① and ② were postponed to Friday.", Status.PLANNED),
        ("① was received by ② on Monday.", Status.HELD),
    ],
)
def test_status(text: str, status: Status) -> None:
    assert reading(text).status is status


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("① did not meet ② on Monday.", Refusal.DENIED),
        ("① denied that he had met ② on Monday.", Refusal.DENIED),
        ("① hopes to meet ② soon.", Refusal.WISHED),
        ("① could meet ② soon.", Refusal.WISHED),
        ("① called for talks with ②.", Refusal.WISHED),
    ],
)
def test_refusal(text: str, refusal: Refusal) -> None:
    found = [r for r in [reading(text)] if r.status is None]
    assert found and found[0].refusal is refusal


def test_headline_infinitive_is_planned() -> None:
    assert reading("① to meet ② in Rome", in_title=True).status is Status.PLANNED


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("\ue000 spoke by phone with \ue001.", Mode.PHONE),
        ("\ue000 held a video conference with \ue001.", Mode.VIDEO),
        ("\ue000 received \ue001 at the palace.", Mode.IN_PERSON),
        ("\ue000 has spoken to \ue001.", Mode.UNKNOWN),
    ],
)
def test_mode(text: str, mode: Mode) -> None:
    assert read_mode(find_cues(text)[0], text, []) is mode
