"""For which country an outlet writes."""

import pytest

from parsers.outlets import home_country


@pytest.mark.parametrize(
    ("publisher", "url", "country"),
    [
        ("Kenya News Agency", "", "KEN"),
        ("Ministry of Foreign Affairs of Japan", "", "JPN"),
        ("Business Standard / ANI", "", "IND"),
        (None, "https://www.mofa.gov.sa/news/1", "SAU"),
        (None, "https://www.state.gov/readout", "USA"),
        (None, "https://en.yna.co.kr/view/1", "KOR"),
        ("Reuters", "https://www.reuters.com/world/1", None),
        ("United Nations", "https://news.un.org/en", None),
        (None, "", None),
        ("Some Blog", "https://blog.example.io/1", None),
    ],
)
def test_home(publisher: str | None, url: str, country: str | None) -> None:
    assert home_country(publisher, url) == country
