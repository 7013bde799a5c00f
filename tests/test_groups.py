"""Groups bound to the persons whom other sentences name."""

from datetime import UTC, datetime

import pytest

from parsers.meetings import extract
from parsers.records import Article

SHOWN = datetime(2024, 5, 15, 12, tzinfo=UTC)


def told(text: str) -> list[set[tuple[str | None, str | None]]]:
    """The parties of each record: name and state."""
    meetings = extract(Article(url="https://example.org/a", title=None, text=text, published=SHOWN))
    return [{(p.name, p.country) for p in meeting.participants} for meeting in meetings]


def test_ministers_of_states_are_those_who_attended() -> None:
    text = (
        "The ministers of water resources of Tajikistan, Uzbekistan and Kazakhstan met in Khujand on Monday. "
        "The meeting was attended by Farrukh Saidov, Timur Aliyev and Erlan Serikov. "
        "Farrukh Saidov, the Minister of Energy and Water Resources of Tajikistan, praised the plan."
    )
    assert told(text) == [{("Farrukh Saidov", "TJK"), ("Timur Aliyev", "UZB"), ("Erlan Serikov", "KAZ")}]


@pytest.mark.parametrize(
    "leader",
    [
        "The mission was headed by Akua Mensah, who chairs a cocoa board.",
        "Akua Mensah, who was heading the Ghanaian delegation, spoke of cocoa.",
        "Akua Mensah led the delegation.",
    ],
)
def test_delegation_is_its_leader_of_another_sentence(leader: str) -> None:
    text = f"Irish Trade Minister Sean Doyle received a delegation from Ghana in Dublin on Monday. {leader}"
    assert told(text) == [{("Sean Doyle", "IRL"), ("Akua Mensah", "GHA")}]


def test_leader_of_another_state_is_not_taken() -> None:
    text = (
        "Irish Trade Minister Sean Doyle received a delegation from Ghana in Dublin on Monday. "
        "Kenyan Trade Minister Joseph Wekesa led the Kenyan delegation to a fair in the same town."
    )
    assert ("Joseph Wekesa", "KEN") not in {party for meeting in told(text) for party in meeting}
