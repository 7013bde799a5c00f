"""Pictures of the Prefect UI of a running `sidelines serve`, for the docs: python -m bench.screenshots [URL] [FOLDER].

Chromium is driven by Playwright; CHROMIUM names its program where it is not found by itself.
"""

import argparse
import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

VIEW = {"width": 1440, "height": 900}
PATIENCE_MILLISECONDS = 20_000  # the UI asks its API after the page has come
SETTLE_MILLISECONDS = 2_000
CHROMIUM_OPTIONS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def pages(url: str) -> Iterator[tuple[str, str]]:
    """(name of the picture, path in the UI)."""
    yield "dashboard", "/dashboard"
    yield "runs", "/runs"
    yield "deployments", "/deployments"
    yield "events", "/events?events[0]=sidelines.*"
    yield "automations", "/automations"
    yield "artifacts", "/artifacts"
    for flow in ("ingest", "load", "poll"):
        body = {"flows": {"name": {"any_": [flow]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}, "limit": 1}
        runs = httpx.post(f"{url}/api/flow_runs/filter", json=body, timeout=30).json()
        if runs:
            yield f"run-{flow}", f"/runs/flow-run/{runs[0]['id']}"
    for key in ("load", "newest-meetings", "sources"):
        found = httpx.get(f"{url}/api/artifacts/{key}/latest", timeout=30)
        if found.status_code == 200:
            yield f"artifact-{key}", f"/artifacts/key/{key}"


def take(page: Page, url: str, folder: Path) -> None:
    for name, path in pages(url):
        page.goto(url + path, wait_until="domcontentloaded")
        with contextlib.suppress(PlaywrightTimeout):
            page.wait_for_load_state("networkidle", timeout=PATIENCE_MILLISECONDS)
        page.wait_for_timeout(SETTLE_MILLISECONDS)
        if path.startswith("/artifacts/key/"):  # its history: the newest is the first of the list
            page.locator("a[href*='/artifacts/artifact/']").first.click()
            page.wait_for_timeout(2 * SETTLE_MILLISECONDS)
        page.screenshot(path=str(folder / f"{name}.png"))
        print(f"{name}.png  {path}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:4200")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("docs/screenshots"))
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport=VIEW, color_scheme="light")
        take(page, arguments.url.rstrip("/"), arguments.folder)
        browser.close()


if __name__ == "__main__":
    main()
