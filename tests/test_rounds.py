"""Rounds of contacts: lists, turns, line items, and sides that the article leaves to its protagonist."""

from datetime import UTC, datetime

import pytest

from parsers.meetings import extract
from parsers.records import Article

SHOWN = datetime(2024, 5, 15, 12, tzinfo=UTC)
LEAD = "Kenyan Foreign Minister Joseph Wekesa met Irish Foreign Minister Sean Doyle in Nairobi on Monday. "


def pairs(text: str, title: str | None = None) -> set[frozenset[str]]:
    """The surnames of each record's parties; a nameless one's role."""
    meetings = extract(Article(url="https://example.org/a", title=title, text=text, published=SHOWN))
    return {frozenset((p.name or p.role or str(p.country)).split()[-1] for p in meeting.participants) for meeting in meetings}


def one(*names: str) -> frozenset[str]:
    return frozenset(names)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "Danish Prime Minister Signe Holm was busy in Nuuk. The list of those with whom she met reads like a who is who: the President "
            "of Kenya, Joseph Wekesa; Prime Minister Sean Doyle of Ireland; and Norwegian Foreign Minister Ingrid Aasen.",
            {one("Holm", "Wekesa"), one("Holm", "Doyle"), one("Holm", "Aasen")},
        ),
        (
            "Romanian President Radu Ionel spent Monday with guests. Received in the morning were: Kenya's Ambassador, Joseph Wekesa; and "
            "the Ambassador of Ireland, Sean Doyle. On Tuesday it was the turn of: Norway's Ambassador, Ingrid Aasen.",
            {one("Ionel", "Wekesa"), one("Ionel", "Doyle"), one("Ionel", "Aasen")},
        ),
        (
            "Romanian Foreign Minister Radu Ionel told of separate meetings on Friday: with Kenya's envoy Joseph Wekesa, with Sean Doyle "
            "of Ireland and with Ingrid Aasen of Norway.",
            {one("Ionel", "Wekesa"), one("Ionel", "Doyle"), one("Ionel", "Aasen")},
        ),
        (
            "Romanian Foreign Minister Radu Ionel met on Friday with the Prime Minister of Kenya, Joseph Wekesa; the President of Ireland, "
            "Sean Doyle, whose country takes over the chair of the bloc; and the Foreign Minister of Norway, Ingrid Aasen.",
            {one("Ionel", "Wekesa"), one("Ionel", "Doyle"), one("Ionel", "Aasen")},
        ),
        (
            "Among those who held talks with Romanian President Radu Ionel were Kenyan President Joseph Wekesa and Irish envoy Sean Doyle.",
            {one("Ionel", "Wekesa"), one("Ionel", "Doyle")},
        ),
        (
            "Romanian Foreign Minister Radu Ionel met Kenyan President Joseph Wekesa in Bucharest; Irish Foreign Minister Sean Doyle "
            "received Norwegian Foreign Minister Ingrid Aasen in Dublin.",
            {one("Ionel", "Wekesa"), one("Doyle", "Aasen")},
        ),
    ],
    ids=["list of those", "received were", "with, with and with", "list goes on after a clause", "those with whom", "clauses apart"],
)
def test_lists_give_one_record_for_each_item(text: str, wanted: set[frozenset[str]]) -> None:
    assert pairs(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "It was then on to the Defence Minister of Ghana, Kofi Boadu.",
        "Ghanaian Defence Minister Kofi Boadu came next.",
        "Next on the list was Ghanaian Defence Minister Kofi Boadu.",
        "The last guest of the day, at 8:20 pm, was Ghanaian Defence Minister Kofi Boadu.",
        "The afternoon began with Ghanaian Defence Minister Kofi Boadu.",
        "The visiting dignitary called on the Defence Minister of Ghana, Kofi Boadu, the same evening.",
        "With Ghanaian Defence Minister Kofi Boadu, he looked at ways of guarding the coast.",
    ],
)
def test_who_comes_next_meets_the_protagonist(text: str) -> None:
    assert pairs(LEAD + text) == {one("Wekesa", "Doyle"), one("Wekesa", "Boadu")}


def test_line_items_are_meetings_of_the_sentence_before() -> None:
    text = (
        "Kyrgyz Foreign Minister Azamat Toktogulov held separate bilateral meetings with the heads of three delegations.\n\n"
        "Communiques were signed:\n\n"
        "- for the Republic of Kiribati — by Tekeeua Maamau, President;\n\n"
        "- for the Republic of Vanuatu — by Ralph Kalsakau, Minister of Foreign Affairs."
    )
    assert pairs(text) == {one("Toktogulov", "Maamau"), one("Toktogulov", "Kalsakau")}


@pytest.mark.parametrize(
    "text",
    [
        "Irish envoy Sean Doyle said on Monday: Kenyan Foreign Minister Joseph Wekesa is right.",
        LEAD + "Boadu was next to speak.",
        "Hosts Ireland will play in group C. Kenyan coach Joseph Wekesa was pleased with the draw.",
        LEAD + "Ghanaian President Kofi Boadu was the first to praise it.",
        LEAD + "The debate began with a film.",
        LEAD + "The group refused to hold parleys with Ghanaian President Kofi Boadu.",
        LEAD + "Three nominees received approval: Kofi Boadu as minister of defence, Ama Darko as minister of the interior.",
    ],
)
def test_other_lists_and_turns_are_no_contact(text: str) -> None:
    assert pairs(text) <= {one("Wekesa", "Doyle")} if text.startswith(LEAD) else not pairs(text)
