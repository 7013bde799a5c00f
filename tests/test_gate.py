"""The gate: what it must let pass, and what it may stop."""

import time

import pytest

from parsers.gate import may_hold_meeting
from parsers.records import Article


def passes(text: str, title: str | None = None) -> bool:
    return may_hold_meeting(Article(url="", title=title, text=text))


@pytest.mark.parametrize(
    "text",
    [
        "The Kenyan president met his counterpart.",
        "Foreign ministers held a video conference.",
        "The envoy was received at the palace.",
        "Two generals shook hands at the border.",
    ],
)
def test_meetings_pass(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It rained all day and the river rose by two metres.",
        "The striker scored twice as the league match ended 2-1; the coach praised his players, who met in the cup final last season.",
    ],
)
def test_other_texts_are_stopped(text: str) -> None:
    assert not passes(text)


def test_headline_counts() -> None:
    assert passes("They talked about trade.", title="President meets envoy")


def test_speed() -> None:
    article = Article(url="", title="Prices rise", text="Prices of fuel rose again in the capital, the bureau said. " * 40)
    start = time.process_time()
    for _ in range(200):
        may_hold_meeting(article)
    assert time.process_time() - start < 2
