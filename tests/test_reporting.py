"""The report is looked at in a real browser: it draws, filters, and lets no headline run."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from flows.reporting import render
from tests.browser import chromium
from tests.invented import digest_of
from warehouse.digest import Digest

TODAY = date(2026, 3, 1)
HOSTILE = "</script><img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


def opened(browser: Browser, folder: Path, digest: Digest, *, width: int = 1280) -> tuple[Page, list[str]]:
    """The report as a page that has drawn itself, and what the console complained of."""
    file = folder / "report.html"
    file.write_text(render(digest, today=TODAY, since=date(2025, 3, 1), made="made by a test"), encoding="utf-8")
    page, complaints = browser.new_page(viewport={"width": width, "height": 900}), []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.append(f"asked for {request.url}") if request.url.startswith("http") else None)
    page.goto(file.as_uri())
    page.wait_for_selector("body[data-ready=yes]", timeout=30_000)
    return page, complaints


def first_figure(page: Page) -> int:
    return int(re.sub(r"\D", "", page.inner_text("#figures .figure b >> nth=0")))


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 820, 1440])
def test_draws_without_complaint_at_three_widths(browser: Browser, tmp_path: Path, width: int) -> None:
    page, complaints = opened(browser, tmp_path, digest_of(300), width=width)

    assert complaints == []
    assert first_figure(page) == 300
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for chart in ("network", "calendar", "matrix", "topics", "events"):
        assert page.locator(f"#{chart}-chart svg").count() > 0, chart


@pytest.mark.browser
def test_filters_work_with_no_server(browser: Browser, tmp_path: Path) -> None:
    digest = digest_of(300)
    page, complaints = opened(browser, tmp_path, digest)

    page.select_option("select[name=country]", "IRN")
    assert first_figure(page) == sum(any(p.country == "IRN" for p in m.parties) for m in digest.meetings)

    page.click("button[type=reset]")
    expect(page.locator("#figures b").first).to_have_text("300")
    page.fill("input[name=person]", "tanaka")
    assert first_figure(page) == sum(any("Tanaka" in (p.name or "") for p in m.parties) for m in digest.meetings)

    page.fill("input[name=person]", "")
    page.select_option("select[name=topic]", "space")
    page.fill("input[name=from]", "2026-01-01")
    expected = [m for m in digest.meetings if "space" in m.topics and m.day is not None and m.day >= date(2026, 1, 1)]
    assert first_figure(page) == len(expected)
    assert complaints == []


@pytest.mark.browser
def test_figures_lead_to_records_and_records_to_sentences(browser: Browser, tmp_path: Path) -> None:
    digest = digest_of(60)
    page, _ = opened(browser, tmp_path, digest)

    page.click("#figures .figure >> nth=2")
    planned = sum(m.status == "planned" for m in digest.meetings)
    assert page.inner_text("#records .count") == f"({planned})"

    page.click("#records .cards summary >> nth=0")
    assert "on the sidelines of the conference" in page.inner_text("#records blockquote >> nth=0")
    assert page.get_attribute("#records .said a >> nth=0", "href").startswith("https://news.example/")  # type: ignore[union-attr]


@pytest.mark.browser
def test_hostile_text_does_not_run(browser: Browser, tmp_path: Path) -> None:
    digest = digest_of(20)
    evil = tuple(
        replace(
            m, status="held", city=HOSTILE, venue=HOSTILE, host_event=HOSTILE, country="AZE",
            parties=tuple(replace(p, name=HOSTILE + str(n), role=HOSTILE) for n, p in enumerate(m.parties)),
            reports=tuple(
                replace(r, title=HOSTILE, sentence=HOSTILE, publisher=HOSTILE, url="javascript:document.title='ran'") for r in m.reports
            ),
        )
        for m in digest.meetings
    )
    page, _ = opened(browser, tmp_path, replace(digest, meetings=evil))
    for summary in page.locator("#records summary").all():
        summary.click()
    page.hover("#events-chart")

    assert page.title() == "Sidelines: who met whom"
    assert page.locator("img").count() == 0
    assert page.locator("a[href^='javascript']").count() == 0
    assert HOSTILE in page.inner_text("#records blockquote >> nth=0")


def test_an_empty_warehouse_gives_a_page() -> None:
    empty = Digest(meetings=(), countries={}, conflicts=(), sources=())
    assert "Who met whom" in render(empty, today=TODAY, since=None, made="made by a test")
