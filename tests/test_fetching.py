"""Fetching: every kind of bad server ends in its named reason, within the deadline, while others are served; politeness holds."""

import asyncio
import contextlib
import random
import socket
import ssl
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from flows.addresses import is_public
from flows.archiving import Archive
from flows.fetching import Fetcher
from flows.ledger import Ledger
from flows.outcomes import Answer, Kind, Reason, Request
from flows.robots import RobotsFile
from flows.settings import Settings
from tests.hostile_server import HANDLERS, PAGE, HostileServer, whole

DEADLINE = 1.5
SLACK = 3.0  # seconds that a busy machine may take longer
QUICK = {"page_seconds": DEADLINE, "feed_seconds": DEADLINE, "connect_seconds": 1.0, "spacing_seconds": 0.0, "host_failures": 3}

LOST = (Reason.CONNECTION_LOST,)
CUT = (Reason.TRUNCATED, Reason.CONNECTION_LOST)
CASES: dict[str, Reason | tuple[Reason, ...]] = {
    "/good": Reason.OK,
    "/bomb/gzip": Reason.TOO_LARGE,
    "/bomb/deflate": Reason.TOO_LARGE,
    "/bomb/br": Reason.TOO_LARGE,
    "/bomb/zstd": Reason.TOO_LARGE,
    "/nested": Reason.NESTED_ENCODING,
    "/nested/mixed": Reason.NESTED_ENCODING,
    "/nested/hidden": Reason.NESTED_ENCODING,
    "/encoding/unknown": Reason.BAD_ENCODING,
    "/encoding/false": Reason.OK,
    "/encoding/corrupt": Reason.BAD_ENCODING,
    "/encoding/cut": Reason.TRUNCATED,
    "/encoding/right": Reason.OK,
    "/length/short": Reason.TRUNCATED,
    "/length/long": (Reason.OK, Reason.BAD_RESPONSE),
    "/length/huge": Reason.TOO_LARGE,
    "/length/negative": Reason.BAD_RESPONSE,
    "/length/two": Reason.BAD_RESPONSE,
    "/length/word": Reason.BAD_RESPONSE,
    "/charset/lie": Reason.OK,
    "/charset/none": Reason.OK,
    "/type/video": Reason.UNSUPPORTED_TYPE,
    "/chunks/bad": (*CUT, Reason.BAD_RESPONSE),
    "/chunks/cut": CUT,
    "/chunks/huge": (*CUT, Reason.BAD_RESPONSE),
    "/headers/many": Reason.BAD_RESPONSE,
    "/headers/long": Reason.BAD_RESPONSE,
    "/headers/nul": Reason.BAD_RESPONSE,
    "/garbage": Reason.BAD_RESPONSE,
    "/nothing": LOST,
    "/status/999": Reason.BAD_STATUS,
    "/status/204": Reason.BAD_STATUS,
    "/status/206": Reason.BAD_STATUS,
    "/status/403": Reason.FORBIDDEN,
    "/status/challenge": Reason.CHALLENGED,
    "/status/404": Reason.NOT_FOUND,
    "/status/410": Reason.GONE,
    "/status/429": Reason.TOO_MANY_REQUESTS,
    "/status/500": Reason.SERVER_ERROR,
    "/status/503": Reason.UNAVAILABLE,
    "/redirect/fine": Reason.OK,
    "/redirect/self": Reason.REDIRECT_LOOP,
    "/redirect/loop": Reason.REDIRECT_LOOP,
    "/redirect/chain/0": Reason.TOO_MANY_REDIRECTS,
    "/redirect/file": Reason.REDIRECT_REFUSED,
    "/redirect/ftp": Reason.REDIRECT_REFUSED,
    "/redirect/data": Reason.REDIRECT_REFUSED,
    "/redirect/script": Reason.REDIRECT_REFUSED,
    "/redirect/user": Reason.REDIRECT_REFUSED,
    "/redirect/nowhere": Reason.REDIRECT_REFUSED,
    "/redirect/unsaid": Reason.BAD_RESPONSE,
    "/redirect/private": Reason.ADDRESS_REFUSED,
    "/redirect/metadata": Reason.ADDRESS_REFUSED,
    "/redirect/loopback": Reason.ADDRESS_REFUSED,
    "/redirect/scheme_relative": Reason.ADDRESS_REFUSED,
    "/redirect/mapped": Reason.ADDRESS_REFUSED,
    "/redirect/hex": Reason.ADDRESS_REFUSED,
    "/redirect/short": (Reason.ADDRESS_REFUSED, Reason.BAD_ADDRESS),
    "/redirect/fullwidth": (Reason.ADDRESS_REFUSED, Reason.REDIRECT_REFUSED, Reason.DNS_FAILURE),
    "/redirect/local_name": Reason.ADDRESS_REFUSED,
    "/redirect/slow": Reason.TIMEOUT,
    "/endless": Reason.TOO_LARGE,
    "/endless/chunked": Reason.TOO_LARGE,
    "/endless/tiny": Reason.BAD_RESPONSE,
    "/endless/headers": Reason.BAD_RESPONSE,
    "/endless/status": Reason.BAD_RESPONSE,
    "/endless/continue": (Reason.TIMEOUT, Reason.BAD_RESPONSE),
    "/endless/trailers": (*CUT, Reason.TIMEOUT, Reason.BAD_RESPONSE),
    "/drip/body": Reason.TIMEOUT,
    "/drip/headers": Reason.TIMEOUT,
    "/silent": Reason.TIMEOUT,
    "/reset": LOST,
    "/reset/body": CUT,
}
GOOD_HOST = "127.0.30.1"


def host_of_case(number: int) -> str:
    return f"127.0.10.{number + 1}"


def case_requests(port: int) -> list[Request]:
    return [Request(url=f"http://{host_of_case(n)}:{port}{path}", kind=Kind.PAGE, key=path) for n, path in enumerate(CASES)]


def trusted(port: int) -> frozenset[tuple[str, int]]:
    hosts = [host_of_case(n) for n in range(len(CASES))] + [GOOD_HOST] + [f"127.0.{n}.1" for n in range(20, 30)]
    return frozenset((host, port) for host in hosts)


@pytest.fixture
async def server() -> AsyncIterator[HostileServer]:
    async with HostileServer().running() as running:
        yield running


async def ask(fetcher: Fetcher, requests: list[Request]) -> dict[str, Answer]:
    answers: dict[str, Answer] = {}

    def keep(answer: Answer) -> None:
        assert answer.request.key not in answers
        answers[answer.request.key] = answer

    await fetcher.fetch_many(requests, keep)
    return answers


def test_every_handler_is_a_case() -> None:
    followed = {f"/redirect/chain/{n}" for n in range(1, 12)} | {"/redirect/loop2"}
    assert set(HANDLERS) - followed == set(CASES)


async def test_hostile_servers_end_in_their_reason_while_others_are_served(server: HostileServer) -> None:
    loop = asyncio.get_running_loop()
    good = [Request(url=f"http://{GOOD_HOST}:{server.port}/good?{n}", kind=Kind.PAGE, key=f"good {n}") for n in range(40)]
    finished: dict[str, float] = {}
    answers: dict[str, Answer] = {}
    began = loop.time()

    def keep(answer: Answer) -> None:
        answers[answer.request.key] = answer
        finished[answer.request.key] = loop.time() - began

    async with Fetcher(Settings(**QUICK), trusted=trusted(server.port)) as fetcher:
        await fetcher.fetch_many(case_requests(server.port) + good, keep)
    took = loop.time() - began
    wrong = {
        path: (str(answers[path].reason), answers[path].detail)
        for path, expected in CASES.items()
        if answers[path].reason not in (expected if isinstance(expected, tuple) else (expected,))
    }
    assert not wrong
    assert took < 3 * DEADLINE + SLACK
    assert all(answers[request.key].body == PAGE for request in good)
    assert max(finished[request.key] for request in good) < took
    assert all(answer.seconds <= DEADLINE + SLACK for answer in answers.values())
    assert answers["/encoding/right"].body == PAGE
    assert answers["/encoding/right"].wire != PAGE


@pytest.mark.skipif(sys.platform != "linux", reason="the size is read from /proc")
def test_memory_stays_bounded_under_attack() -> None:
    """A client in a process of its own, against a server in another: all cases, under 150 MB."""
    root = Path(__file__).parent.parent
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hostile_server"], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None and running.stdin is not None
        port = int(running.stdout.readline())
        client = subprocess.run(
            [sys.executable, "-c", f"from tests.test_fetching import measure_memory; measure_memory({port})"],
            cwd=root, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        running.stdin.close()
        running.wait(10)
    assert client.returncode == 0, client.stderr
    answered, megabytes = client.stdout.split()
    assert int(answered) == len(CASES)
    assert int(megabytes) < 150


def measure_memory(port: int) -> None:
    """Ask all cases at once and print how many answered and the process's largest size, MB."""

    async def run() -> int:
        count = 0

        def keep(_: Answer) -> None:
            nonlocal count
            count += 1

        async with Fetcher(Settings(**QUICK), trusted=trusted(port)) as fetcher:
            await fetcher.fetch_many(case_requests(port), keep)
        return count

    print(asyncio.run(run()), largest_size())


def largest_size() -> int:
    """The largest size that this process has had, MB. Not ru_maxrss, which counts what the parent was when it started us."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


@pytest.mark.faults
async def test_a_hundred_dripping_hosts_do_not_stop_the_good_ones(server: HostileServer) -> None:
    """More bad requests than there are places: the good ones wait their turn, and come through."""
    bad = [
        Request(url=f"http://127.0.40.{n}:{server.port}/drip/body?{m}", kind=Kind.PAGE, key=f"bad {n} {m}")
        for n in range(1, 101)
        for m in range(9)
    ]
    good = [Request(url=f"http://127.0.50.{n}:{server.port}/good", kind=Kind.PAGE, key=f"good {n}") for n in range(1, 51)]
    async with Fetcher(Settings(**{**QUICK, "allow_private_networks": True})) as fetcher:
        answers = await ask(fetcher, bad + good)
    assert all(answers[request.key].ok for request in good)
    reasons = [answers[request.key].reason for request in bad]
    assert set(reasons) == {Reason.TIMEOUT, Reason.HOST_LEFT_ALONE}
    assert reasons.count(Reason.TIMEOUT) <= 100 * 4


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="the size is read from /proc")
async def test_memory_stays_bounded_when_attacks_go_on(server: HostileServer) -> None:
    """All cases again and again in one process: what one round leaves behind does not add up."""
    sizes = []
    for _ in range(8):
        async with Fetcher(Settings(**QUICK), trusted=trusted(server.port)) as fetcher:
            await ask(fetcher, case_requests(server.port))
        sizes.append(largest_size())
    assert sizes[-1] - sizes[2] < 20


# ── addresses ──


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/", "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0x7f000001/", "http://0/",
        "http://169.254.169.254/", "http://10.1.2.3/", "http://192.168.1.1/", "http://[fe80::1]/", "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/", "http://[2001:0:53aa:64c:0:5bff:80ff:fffe]/", "http://224.0.0.1/", "http://[fc00::1]/",
        "http://100.64.0.1/", "http://[::]/", "http://[::127.0.0.1]/",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_public_are_refused(url: str) -> None:
    async with Fetcher(Settings(**QUICK)) as fetcher:
        answer = await fetcher.fetch(Request(url=url, kind=Kind.PAGE))
    # a machine without IPv6 may say that it cannot reach an IPv6 address before the guard has its turn
    assert answer.reason in {Reason.ADDRESS_REFUSED, Reason.BAD_ADDRESS} or (":" in url[5:] and answer.reason is Reason.DNS_FAILURE)


@pytest.mark.parametrize("url", ["http://127.1/", "http://2130706433/", "http://0177.0.0.1/", "ftp://a.example/", "//a.example/", ""])
async def test_odd_addresses_are_not_asked(url: str) -> None:
    async with Fetcher(Settings(**QUICK)) as fetcher:
        answer = await fetcher.fetch(Request(url=url, kind=Kind.PAGE))
    assert answer.reason in {Reason.BAD_ADDRESS, Reason.ADDRESS_REFUSED}


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2606:4700:4700::1111", True), ("64:ff9b::808:808", True), ("192.88.99.1", False), ("240.0.0.1", False),
     ("255.255.255.255", False), ("198.18.0.1", False), ("192.0.2.1", False), ("2001:db8::1", False), ("64:ff9b:1::1", False),
     ("::ffff:0:127.0.0.1", False), ("fec0::1", False), ("ff02::1", False), ("not an address", False), ("fe80::1%eth0", False)],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_a_second_answer_of_the_name_server_does_not_get_round_the_guard(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name leads to a public address when it is first looked up, and to the loopback afterwards."""
    answers = iter(["93.184.216.34"])
    looked_up = []

    def look_up(host: str, port: int, **_: Any) -> list[Any]:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers, "127.0.0.1"), port))]

    monkeypatch.setattr("flows.fetching.socket.getaddrinfo", look_up)
    settings = Settings(**QUICK, robots_for_feeds=False)
    async with Fetcher(settings) as fetcher:
        fetcher._session.connector.clear_dns_cache()  # type: ignore[union-attr]
        await fetcher.fetch(Request(url=f"http://rebind.example:{server.port}/good", kind=Kind.FEED))
        fetcher._session.connector.clear_dns_cache()  # type: ignore[union-attr]
        second = await fetcher.fetch(Request(url=f"http://rebind.example:{server.port}/good", kind=Kind.FEED))
    assert len(looked_up) == 2
    assert second.reason is Reason.ADDRESS_REFUSED
    assert not server.asked


# ── TLS ──


async def tls_answer(context: ssl.SSLContext | None, *, ca: trustme.CA, name: str = "127.0.0.1") -> Answer:
    """What a fetcher that trusts `ca` says of a server with that context (None: one that speaks no TLS)."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(whole(PAGE))
        await writer.drain()
        writer.close()

    async def serve_plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(PAGE))
        await writer.drain()
        writer.close()

    trust = ssl.create_default_context()
    ca.configure_trust(trust)
    listening = await asyncio.start_server(serve if context else serve_plain, "127.0.0.1", 0, ssl=context)
    port = listening.sockets[0].getsockname()[1]
    settings = Settings(**QUICK, robots_for_feeds=False)
    async with listening, Fetcher(settings, trusted=frozenset({("127.0.0.1", port)}), ssl_context=trust) as fetcher:
        return await fetcher.fetch(Request(url=f"https://{name}:{port}/", kind=Kind.FEED))


def server_context(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


async def test_tls() -> None:
    ca, other = trustme.CA(), trustme.CA()
    past = datetime.now(UTC) - timedelta(days=2)
    assert (await tls_answer(server_context(ca.issue_cert("127.0.0.1")), ca=ca)).reason is Reason.OK
    assert (await tls_answer(server_context(other.issue_cert("127.0.0.1")), ca=ca)).reason is Reason.TLS_CERTIFICATE
    assert (await tls_answer(server_context(ca.issue_cert("other.example")), ca=ca)).reason is Reason.TLS_CERTIFICATE
    assert (await tls_answer(server_context(ca.issue_cert("127.0.0.1", not_after=past)), ca=ca)).reason is Reason.TLS_CERTIFICATE
    assert (await tls_answer(None, ca=ca)).reason in {Reason.TLS_ERROR, Reason.CONNECTION_FAILED, Reason.CONNECTION_LOST}


async def test_tls_handshake_that_never_ends_is_cut() -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(10)
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        async with Fetcher(Settings(**QUICK, robots_for_feeds=False), trusted=frozenset({("127.0.0.1", port)})) as fetcher:
            answer = await fetcher.fetch(Request(url=f"https://127.0.0.1:{port}/", kind=Kind.FEED))
    finally:
        listening.close()
    assert answer.reason is Reason.TIMEOUT
    assert answer.seconds < DEADLINE + SLACK


async def test_nobody_there() -> None:
    with socket.socket() as handle:
        handle.bind(("127.0.0.1", 0))
        port = handle.getsockname()[1]
    async with Fetcher(Settings(**QUICK), trusted=frozenset({("127.0.0.1", port)})) as fetcher:
        closed = await fetcher.fetch(Request(url=f"http://127.0.0.1:{port}/", kind=Kind.PAGE))
        unknown = await fetcher.fetch(Request(url="http://no-such-host.invalid/", kind=Kind.PAGE))
    assert (closed.reason, unknown.reason) == (Reason.CONNECTION_FAILED, Reason.DNS_FAILURE)


# ── politeness ──


class Shelf:
    """A robots store in memory."""

    def __init__(self) -> None:
        self.files: dict[str, RobotsFile] = {}

    def robots_file(self, origin: str) -> RobotsFile | None:
        return self.files.get(origin)

    def keep_robots_file(self, origin: str, file: RobotsFile) -> None:
        self.files[origin] = file


async def test_robots_files_of_all_kinds(server: HostileServer) -> None:
    expected = {
        20: Reason.ROBOTS_UNREACHABLE, 21: Reason.ROBOTS_DENIED, 22: Reason.TIMEOUT, 23: Reason.OK, 24: Reason.OK, 25: Reason.OK,
        26: Reason.OK, 27: Reason.ROBOTS_UNREACHABLE,
    }  # fmt: skip
    requests = [Request(url=f"http://127.0.{n}.1:{server.port}/good", kind=Kind.PAGE, key=str(n)) for n in expected]
    requests.append(Request(url=f"http://127.0.26.1:{server.port}/private", kind=Kind.PAGE, key="private"))
    shelf = Shelf()
    patient = Settings(**{**QUICK, "page_seconds": 3 * DEADLINE})  # robots.txt comes first, on a machine that may be busy
    async with Fetcher(patient, robots_store=shelf, trusted=trusted(server.port)) as fetcher:
        answers = await ask(fetcher, requests)
        for number, reason in expected.items():
            assert answers[str(number)].reason is reason, (number, answers[str(number)])
        assert answers["private"].reason is Reason.ROBOTS_DENIED
    asked_before = sum(path == "/robots.txt" for _, _, path in server.asked)
    assert f"http://127.0.21.1:{server.port}" in shelf.files
    assert f"http://127.0.20.1:{server.port}" not in shelf.files
    async with Fetcher(Settings(**QUICK), robots_store=shelf, trusted=trusted(server.port)) as fetcher:
        again = await ask(fetcher, [request for request in requests if request.key in ("21", "25")])
    assert again["21"].reason is Reason.ROBOTS_DENIED
    assert again["25"].reason is Reason.OK
    assert sum(path == "/robots.txt" for _, _, path in server.asked) == asked_before


async def test_spacing_and_crawl_delay_hold(server: HostileServer) -> None:
    requests = [
        Request(url=f"http://127.0.{host}.1:{server.port}/good?{n}", kind=Kind.PAGE, key=f"{host} {n}")
        for host in (26, 29)
        for n in range(4)
    ]
    settings = Settings(**{**QUICK, "spacing_seconds": 0.1, "allow_private_networks": True})
    async with Fetcher(settings) as fetcher:
        answers = await ask(fetcher, requests)
    assert all(answer.ok for answer in answers.values())
    times: dict[str, list[float]] = defaultdict(list)
    for at, host, path in server.asked:
        if path.startswith("/good"):
            times[host].append(at)
    for host, least in (("127.0.26.1", 0.3), ("127.0.29.1", 0.1)):
        assert times[host][-1] - times[host][0] > 3 * least - 0.1


async def test_a_failing_host_is_left_alone_after_some_tries(server: HostileServer) -> None:
    requests = [Request(url=f"http://127.0.29.1:{server.port}/reset?{n}", kind=Kind.PAGE, key=str(n)) for n in range(30)]
    async with Fetcher(Settings(**QUICK), trusted=trusted(server.port)) as fetcher:
        answers = await ask(fetcher, requests)
    reasons = [answer.reason for answer in answers.values()]
    assert reasons.count(Reason.CONNECTION_LOST) <= 4
    assert reasons.count(Reason.HOST_LEFT_ALONE) >= 26


async def test_a_host_that_asks_for_rest_gets_it(server: HostileServer) -> None:
    requests = [Request(url=f"http://127.0.29.1:{server.port}/status/429?{n}", kind=Kind.PAGE, key=str(n)) for n in range(20)]
    async with Fetcher(Settings(**{**QUICK, "per_host": 1}), trusted=trusted(server.port)) as fetcher:
        answers = await ask(fetcher, requests)
    reasons = [answer.reason for answer in answers.values()]
    assert reasons.count(Reason.TOO_MANY_REQUESTS) == 1
    assert reasons.count(Reason.HOST_LEFT_ALONE) == 19


async def test_requests_say_who_we_are_and_keep_nothing() -> None:
    heads: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(whole(PAGE, Set_Cookie="id=1; Path=/"))
        await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    settings = Settings(**QUICK, robots_for_feeds=False, contact="editor@example.org")
    async with listening, Fetcher(settings, trusted=frozenset({("127.0.0.1", port)})) as fetcher:
        for _ in range(2):
            answer = await fetcher.fetch(
                Request(url=f"http://127.0.0.1:{port}/f%20x?a=%C3%A9#here", kind=Kind.FEED, headers=(("If-None-Match", 'W/"a"'),))
            )
            assert answer.ok
    for text in heads:
        lower = text.lower()
        assert text.startswith("GET /f%20x?a=%C3%A9 HTTP/1.1\r\n")
        assert "user-agent: sidelines/" in lower and "editor@example.org" in lower
        assert 'if-none-match: w/"a"' in lower
        assert "cookie" not in lower


# ── resuming ──

COLLECTOR = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from flows.archiving import Archive
from flows.archiving import Archive
from flows.fetching import Fetcher
from flows.ledger import Ledger
from flows.ledger import Ledger
from flows.outcomes import Kind, Request
from flows.settings import Settings
settings = Settings(home=Path(sys.argv[1]), spacing_seconds=0, allow_private_networks=True)
ledger, archive = Ledger(settings.ledger), Archive(settings.archive)
now = datetime.now(UTC)
ledger.free_dead_claims()
ledger.adopt(archive.recover())
with ledger.run("ingest", now=now) as run, archive.writer(run.run_id, now=now) as writer:
    pages = ledger.claim_pages(run, now=now, limit=10_000)
    print("ready", flush=True)
    requests = [Request(url=page.url, kind=Kind.PAGE, key=page.page_id) for page in pages]
    def keep(answer):
        ledger.page_fetched(answer.request.key, writer.write(answer), answer, now=now)
    async def fetch():
        async with Fetcher(settings, robots_store=ledger) as fetcher:
            await fetcher.fetch_many(requests, keep)
    asyncio.run(fetch())
"""


@pytest.mark.parametrize("kills", [2, pytest.param(12, marks=pytest.mark.faults)])
async def test_what_was_fetched_before_a_kill_is_not_fetched_again(tmp_path: Path, kills: int) -> None:
    """Collectors are killed while they fetch. At the end every page is there, and only those under way at a kill were asked for twice."""
    hosts, per_host, total = 5, 2, 300 * kills
    asked: Counter[str] = Counter()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                target = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
                asked[target] += 1
                await asyncio.sleep(0.01)
                writer.write(whole(f"page {target}".encode()) if target != "/robots.txt" else whole(b"none", "404 Not Found"))
                await writer.drain()
        writer.close()

    listening = await asyncio.start_server(serve, "0.0.0.0", 0)
    port = listening.sockets[0].getsockname()[1]
    settings = Settings(home=tmp_path)
    ledger = Ledger(settings.ledger)
    ledger.add_pages("test", [f"http://127.0.60.{n % hosts + 1}:{port}/{n}" for n in range(total)], now=datetime.now(UTC))
    rng = random.Random(kills)
    for number in range(kills + 1):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", COLLECTOR, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parent.parent
        )
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        if number < kills:
            await asyncio.sleep(rng.uniform(0.05, 0.3))
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        else:
            assert await process.wait() == 0
    listening.close()
    assert ledger.page_counts() == {"fetched": total}
    del asked["/robots.txt"]
    assert sum(asked.values()) <= total + kills * hosts * per_host
    archive = Archive(settings.archive)
    with ledger.run("read", now=datetime.now(UTC)) as run:
        for page in ledger.claim_fetched(run, limit=total):
            assert page.place is not None and page.url is not None
            assert archive.read(page.place).body == f"page /{page.url.rsplit('/', 1)[1]}".encode()
    ledger.close()


async def test_what_the_caller_raises_ends_the_whole(server: HostileServer) -> None:
    class CallerFault(Exception):
        pass

    def fail(_: Answer) -> None:
        raise CallerFault

    async with Fetcher(Settings(**QUICK), trusted=trusted(server.port)) as fetcher:
        with pytest.raises(CallerFault):
            await fetcher.fetch_many([Request(url=f"http://{GOOD_HOST}:{server.port}/good", kind=Kind.PAGE)], fail)
