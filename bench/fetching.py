"""How many pages a second the fetcher takes from many hosts: a site of its own on the loopback, 40 hosts and 5,000 pages of real size.

    python -m bench.fetching [--pages N] [--hosts N] [--per-host N] [--latency SECONDS] [--spacing SECONDS]

The site (127.0.0.1 to 127.0.0.40) runs in a process of its own and gives each page as gzip, as most do. Two figures: fetched and decoded,
and fetched, archived and noted in the ledger, as the ingest flow does. The bound is what the site allows: hosts x per host / latency.
"""

import argparse
import asyncio
import gzip
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flows.archiving import Archive
from flows.fetching import Fetcher
from flows.ledger import Ledger
from flows.outcomes import Answer, Kind, Request
from flows.settings import Settings

VARIANTS = 50
WORDS = 16_000


def page_bytes(seed: int) -> bytes:
    """A page of about 150 kB: paragraphs of made-up words between the markup of a news site."""
    rng = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    vocabulary = ["".join(rng.choices(letters, weights=range(26, 0, -1), k=rng.randint(2, 9))) for _ in range(3_000)]
    words = rng.choices(vocabulary, k=WORDS)
    rows = [
        f'<div class="c{n % 7} row" data-id="{n * seed:x}"><p><a href="/news/{n}/{words[n]}">{" ".join(words[n : n + 30])}</a></p></div>'
        for n in range(0, WORDS, 30)
    ]
    return f"<!doctype html><html><head><title>Page {seed}</title></head><body>{''.join(rows)}</body></html>".encode()


class _Site(asyncio.Protocol):
    """Answers each request on a connection with a page, after the latency."""

    pages: tuple[bytes, ...] = ()
    latency = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            if path == b"/robots.txt":
                answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
            else:
                body = self.pages[int(path.rsplit(b"/", 1)[1]) % len(self.pages)]
                answer = (
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
                    % len(body)
                ) + body
            if self.latency:
                asyncio.get_running_loop().call_later(self.latency, self.transport.write, answer)
            else:
                self.transport.write(answer)


async def serve(latency: float) -> None:
    """The site, until the standard input ends."""
    _Site.pages = tuple(gzip.compress(page_bytes(seed), 6) for seed in range(VARIANTS))
    _Site.latency = latency
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Site, "0.0.0.0", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


async def take(requests: list[Request], settings: Settings, on_answer: Callable[[Answer], None]) -> tuple[float, float]:
    """(wall seconds, CPU seconds) of asking them all."""
    wall, cpu = time.perf_counter(), time.process_time()
    async with Fetcher(settings) as fetcher:
        await fetcher.fetch_many(requests, on_answer)
    return time.perf_counter() - wall, time.process_time() - cpu


def measure(port: int, arguments: argparse.Namespace) -> None:
    """Print both figures."""
    hosts = [f"http://127.0.0.{number + 1}:{port}" for number in range(arguments.hosts)]
    urls = [f"{hosts[number % len(hosts)]}/page/{number}" for number in range(arguments.pages)]
    requests = [Request(url=url, kind=Kind.PAGE, key=str(number)) for number, url in enumerate(urls)]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            home=Path(folder), allow_private_networks=True, spacing_seconds=arguments.spacing, per_host=arguments.per_host,
            connections=2 * arguments.hosts,
        )  # fmt: skip
        reasons: Counter[str] = Counter()
        size = 0

        def count(answer: Answer) -> None:
            nonlocal size
            reasons[answer.reason] += 1
            size += len(answer.body)

        report("fetched and decoded", asyncio.run(take(requests, settings, count)), len(requests))
        print(f"  {dict(reasons)}, {size / 1e6:.0f} MB decoded, {size / len(requests) / 1e3:.0f} kB a page")
        report("archived and noted too", asyncio.run(take_and_keep(urls, settings)), len(requests))
        files = Archive(settings.archive).files()
        print(f"  archive {sum(path.stat().st_size for path in files) / 1e6:.0f} MB in {len(files)} file")
    print(f"  largest size of the client {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB (on Linux)")


async def take_and_keep(urls: list[str], settings: Settings) -> tuple[float, float]:
    """As the ingest flow does: from the ledger, into the archive, noted in the ledger."""
    ledger, archive = Ledger(settings.ledger), Archive(settings.archive)
    now = datetime.now(UTC)
    ledger.add_pages("bench", urls, now=now)
    with ledger.run("bench", now=now) as run, archive.writer(run.run_id, now=now) as writer:
        pages = ledger.claim_pages(run, now=now, limit=len(urls))
        requests = [Request(url=page.url or "", kind=Kind.PAGE, key=page.page_id) for page in pages]

        def keep(answer: Answer) -> None:
            ledger.page_fetched(answer.request.key, writer.write(answer), answer, now=now)

        took = await take(requests, settings, keep)
    assert ledger.page_counts() == {"fetched": len(urls)}
    return took


def report(what: str, took: tuple[float, float], pages: int) -> None:
    wall, cpu = took
    print(f"{what}: {pages} pages in {wall:.2f} s = {pages / wall:.0f} pages/s; client CPU {cpu / pages * 1000:.2f} ms a page")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--hosts", type=int, default=40)
    parser.add_argument("--per-host", type=int, default=2)
    parser.add_argument("--latency", type=float, default=0.05)
    parser.add_argument("--spacing", type=float, default=0.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve(arguments.latency))
        return
    command = [sys.executable, "-m", "bench.fetching", "--serve", "--latency", str(arguments.latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as site:
        assert site.stdout is not None and site.stdin is not None
        latency = arguments.latency
        bound = arguments.hosts * arguments.per_host / latency if latency else float("inf")
        print(f"{arguments.hosts} hosts, {arguments.per_host} per host, {latency * 1000:.0f} ms latency: bound {bound:.0f} pages/s")
        measure(int(site.stdout.readline()), arguments)
        site.stdin.close()


if __name__ == "__main__":
    main()
