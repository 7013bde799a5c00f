"""URLs: what is asked, and when two spellings are one page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.addresses import MAX_URL, BadAddress, check_url, host_of, origin_of, page_key, resolve_redirect

LETTERS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=30)
URLS = st.builds(
    lambda scheme, host, path, query: f"{scheme}://{host}/{path}" + (f"?{query}" if query else ""),
    st.sampled_from(["http", "https", "HTTPS"]),
    st.sampled_from(["news.example", "www.News.example", "новости.example", "a.b.c.example:8080", "[2001:db8::1]:80", "10.0.0.1"]),
    LETTERS,
    LETTERS,
)


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://News.Example", "http://news.example/"),
        ("https://news.example:443/a b?c=d e#f", "https://news.example/a%20b?c=d%20e"),
        ("http://news.example:8080/é", "http://news.example:8080/%C3%A9"),
        ("https://news.example/%C3%A9/%2F?x=%26", "https://news.example/%C3%A9/%2F?x=%26"),
        ("https://новости.example/", "https://xn--b1amnebsh.example/"),
        ("https://[2001:db8::1]:443/", "https://[2001:db8::1]/"),
        ("  https://news.example/a  ", "https://news.example/a"),
    ],
)
def test_urls_as_they_are_asked(url: str, asked: str) -> None:
    assert check_url(url) == asked


@pytest.mark.parametrize(
    "url",
    [
        "", "news.example/a", "//news.example/", "ftp://news.example/", "file:///etc/passwd", "javascript:alert(1)", "data:text/html,x",
        "http://", "http:///a", "http://user@news.example/", "http://a:b@news.example/", "http://news.example:99999/", "http://news.example:x/",
        "http://[::1/", "http://..example/", "http://news.example/\r\nX: y", "http://news.example/\0", "http://a.example/" + "x" * MAX_URL,
        "http://" + "\u0661" * 300 + "/",
    ],
)  # fmt: skip
def test_urls_that_are_never_asked(url: str) -> None:
    with pytest.raises(BadAddress):
        check_url(url)


@given(URLS)
def test_checking_twice_changes_nothing(url: str) -> None:
    try:
        asked = check_url(url)
    except BadAddress:
        return
    assert check_url(asked) == asked
    assert asked.isascii() and " " not in asked
    assert asked.startswith(origin_of(asked))
    assert page_key(asked) == page_key(url)
    assert " " not in page_key(url)
    assert page_key(asked + ("&" if "?" in asked else "?") + "utm_source=x") == page_key(url)


@given(st.text(max_size=80))
def test_any_text_is_checked_or_refused(text: str) -> None:
    try:
        assert host_of(check_url(text))
    except BadAddress as error:
        assert str(error)


@given(LETTERS)
def test_any_location_is_resolved_or_refused(location: str) -> None:
    try:
        target = resolve_redirect("https://news.example/a/b", location)
    except BadAddress:
        return
    assert target.startswith(("http://", "https://"))


def test_different_pages_have_different_keys() -> None:
    urls = [
        "https://a.example/1", "https://a.example/2", "https://b.example/1", "https://a.example/1?id=3", "https://a.example/1?id=4",
        "https://a.example:8080/1", "https://a.example/1/2", "https://a.example/A",
    ]  # fmt: skip
    assert len({page_key(url) for url in urls}) == len(urls)
