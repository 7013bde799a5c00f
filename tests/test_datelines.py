from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.datelines import find_opening, read_credit, read_dateline

PUBLISHED = date(2024, 11, 21)


@pytest.mark.parametrize(
    ("text", "city", "country", "day", "agency", "rest"),
    [
        ("BAKU, Nov. 20 (Xinhua) -- The ministers met.", "BAKU", "AZE", date(2024, 11, 20), "Xinhua", "The ministers"),
        ("TEHRAN – The minister met.", "TEHRAN", "IRN", None, None, "The minister"),
        ("TEHRAN- The minister met.", "TEHRAN", "IRN", None, None, "The minister"),
        ("LONDON (Reuters) - The minister met.", "LONDON", "GBR", None, "Reuters", "The minister"),
        ("Accra, Nov 14, GNA – The minister met.", "Accra", "GHA", date(2024, 11, 14), "GNA", "The minister"),
        ("ISLAMABAD: The minister met.", "ISLAMABAD", "PAK", None, None, "The minister"),
        ("MOSCOW, November 20. /TASS/. The minister met.", "MOSCOW", "RUS", date(2024, 11, 20), "TASS", "The minister"),
        ("BAKU, Azerbaijan, Sept. 17\n\nThe minister met.", "BAKU", "AZE", date(2024, 9, 17), None, "The minister"),
        ("New York, Nov 20 (PTI) External Affairs Minister met.", "New York", "USA", date(2024, 11, 20), "PTI", "External"),
        ("Riyadh, January 07, 2025, SPA -- The minister met.", "Riyadh", "SAU", date(2025, 1, 7), "SPA", "The minister"),
        ("Washington D.C. [USA], May 7 (ANI): The minister met.", "Washington D.C", "USA", date(2024, 5, 7), "ANI", "The minister"),
        ("#World|1 Min Read\n\nLONDON (Reuters) - The minister met.", "LONDON", "GBR", None, "Reuters", "The minister"),
        ("Addis Ababa — The minister met.", "Addis Ababa", "ETH", None, None, "The minister"),
        ("ANKARA – Anadolu Agency\n\nThe minister met.", "ANKARA", "TUR", None, "Anadolu Agency", "The minister"),
    ],
)
def test_datelines(text: str, city: str, country: str, day: date | None, agency: str | None, rest: str) -> None:
    opening = find_opening(text, PUBLISHED)
    assert opening is not None
    line = opening.dateline
    assert (line.city, line.country, line.day, line.agency) == (city, country, day, agency)
    assert text[opening.end :].lstrip().startswith(rest)


@pytest.mark.parametrize(
    "text",
    [
        "The minister met his colleague in Baku on Nov. 20 (Thursday).",
        "Minister: we will talk. Then he left.",
        "President Ana Duarte – who is on a visit – met Ivo Banik.",
        "NATO: an alliance of states.",
        "",
    ],
)
def test_no_dateline(text: str) -> None:
    assert read_dateline(text, PUBLISHED) is None


def test_a_day_without_year_needs_the_day_of_publication() -> None:
    line = read_dateline("BAKU, Nov. 20 (Xinhua) -- The ministers met.", None)
    assert line is not None
    assert line.day is None
    line = read_dateline("BAKU, Jan. 2 (Xinhua) -- The ministers met.", date(2025, 1, 3))
    assert line is not None
    assert line.day == date(2025, 1, 2)


@pytest.mark.parametrize(
    ("text", "credit"),
    [("The two met, ISNA reported.", "ISNA"), ("The two met, according to WAM.", "WAM"), ("The two met, he reported.", None)],
)
def test_credit(text: str, credit: str | None) -> None:
    assert read_credit(text) == credit


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="BAKU, Nov.20(Xin)-–—:/\n aé", max_size=300))
def test_any_text(text: str) -> None:
    opening = find_opening(text, PUBLISHED)
    assert opening is None or 0 <= opening.start < opening.end <= len(text)
