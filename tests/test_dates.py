from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.dates import find_date
from parsers.days import scan_dates
from parsers.records import DatePrecision, Span
from tests.staging import Case, cases, dateline_of, document_of, scene_of


@pytest.mark.parametrize("case", cases("dates"))
def test_dates(case: Case) -> None:
    document = document_of(case)
    found = find_date(document, scene_of(document, case), dateline_of(document))
    got = (found.start_date, found.end_date, found.precision.value) if found else None
    start = case.get("start")
    assert got == ((start, case.get("end"), case.get("precision", "day")) if start else None)
    if found:
        assert document.text[found.span.start : found.span.end].strip()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("on 5-7 May 2024", date(2024, 5, 5), date(2024, 5, 7)),
        ("on 30 April - 2 May 2024", date(2024, 4, 30), date(2024, 5, 2)),
        ("December 30 to January 2", date(2024, 12, 30), date(2025, 1, 2)),
        ("08.11.2018", date(2018, 11, 8), None),
        ("three days ago", date(2025, 6, 7), None),
        ("next Tuesday", date(2025, 6, 17), None),
        ("31 February 2024", None, None),
        ("they may go", None, None),
    ],
)
def test_expressions(text: str, start: date | None, end: date | None) -> None:
    found = list(scan_dates(text, 0, today=date(2025, 6, 10), future=False))
    assert [(mention.start_date, mention.end_date) for mention in found] == ([(start, end)] if start else [])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["on", "May", "5", "31", "Monday", "2024", "-", "to", "0004-12-31", "the same day", "99.99.2024", ",", "é", "last month"]
        )
    ),
    st.booleans(),
)
def test_any_text(words: list[str], future: bool) -> None:
    text = " ".join(words)
    reached = 0
    for mention in scan_dates(text, 0, today=date(2024, 2, 29), future=future, current=date(1, 1, 1)):
        assert reached <= mention.span.start < mention.span.end <= len(text)
        assert mention.end_date is None or mention.end_date > mention.start_date
        assert mention.precision is DatePrecision.DAY or mention.start_date.day == 1
        reached = mention.span.end


def test_offsets() -> None:
    (mention,) = scan_dates("met on Nov. 20 there", 100, today=date(2024, 12, 1), future=False)
    assert mention.span == Span(107, 114)
