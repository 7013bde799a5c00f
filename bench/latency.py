"""From a bundle in the inbox to the published file, by the event that starts the loader: python -m bench.latency [-n 50] [--url URL].

Needs a running `sidelines serve` of the same SIDELINES_HOME. Each bundle is written as another machine would write it, its event is sent,
and the clock stops when the published file holds its article; the next follows when the loader's run has ended.
"""

import argparse
import statistics
import time
from datetime import UTC, datetime
from uuid import uuid4

import httpx

from flows.settings import load_settings
from parsers.records import Article
from warehouse.bundles import Bundle, write_bundle
from warehouse.connection import query
from warehouse.rows import ArticleEntry, ArticleStatus

MOST_SECONDS = 180.0


def one(url: str, number: int) -> float:
    """Seconds for one bundle."""
    settings, now = load_settings(), datetime.now(UTC)
    address = f"https://latency.example/{uuid4().hex}"
    article = Article(url=address, title=f"Bundle {number}", text="A made-up article.", language="en", published=now)
    entry = ArticleEntry(article=article, observed_at=now, extractor_version="bench", status=ArticleStatus.NO_MEETING)
    bundle = write_bundle(settings.inbox, Bundle(articles=(entry,))).name
    start = time.perf_counter()
    event = {
        "id": str(uuid4()),
        "occurred": datetime.now(UTC).isoformat(),
        "event": "sidelines.bundle.written",
        "resource": {"prefect.resource.id": f"sidelines.bundle.{bundle}", "sidelines.loader": "waiting"},
        "payload": {"bundle": bundle, "articles": 1, "mentions": 0, "related_left_out": 0},
    }
    httpx.post(f"{url}/api/events", json=[event], timeout=30).raise_for_status()
    while time.perf_counter() - start < MOST_SECONDS:
        if query(settings.published, "SELECT 1 FROM article WHERE url = ?", [address]).rows:
            return time.perf_counter() - start
        time.sleep(0.1)
    raise SystemExit(f"bundle {bundle} was not published within {MOST_SECONDS:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=50, help="bundles")
    parser.add_argument("--pause", type=float, default=5.0, help="seconds between bundles, so that the worker is idle again")
    parser.add_argument("--url", default="http://127.0.0.1:4200")
    arguments = parser.parse_args()
    seconds = []
    for number in range(arguments.n):
        seconds.append(one(arguments.url, number))
        print(f"{number + 1:3d}  {seconds[-1]:5.1f} s")
        time.sleep(arguments.pause)
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    print(f"bundles {len(ordered)}  median {statistics.median(ordered):.1f} s  p95 {p95:.1f} s  max {ordered[-1]:.1f} s")


if __name__ == "__main__":
    main()
