"""The one layer that asks the network: guarded, polite, with named outcomes.

    async with Fetcher(settings, robots_store=ledger) as fetcher:
        await fetcher.fetch_many(requests, on_answer)     # on_answer(Answer) is called once for each request, in the order of completion
        answer = await fetcher.fetch(request)             # one, the same way

Nothing but cancellation is raised: each request ends in an `Answer` with a `Reason`. What one request may cost is bounded: a total
deadline (waiting for a turn at its host does not count), a cap on bytes after decoding, five redirects, one encoding.

What one host may be asked is bounded: requests under way, time between starts, robots.txt with Crawl-delay; a host that fails several
times in a row, or asks to be left alone, gets the rest of its requests answered with HOST_LEFT_ALONE, and never holds up other hosts.

The address that is connected to must be public (`flows.guarding`). `trusted` lets exact (IP, port) pairs through: the sample site on the
loopback, which is ours and is asked without spacing. No proxy, no cookies, no credentials.
"""

import asyncio
import socket
import ssl
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from flows.addresses import BadAddress, check_url, host_of, origin_of, resolve_redirect
from flows.decoding import ACCEPT_ENCODING, BodyDecoder, DecodingError, NestedEncoding, OverCap, Truncated
from flows.guarding import Guard, Resolver, is_refusal
from flows.hosts import Host
from flows.outcomes import UNREACHABLE, Answer, Hop, Kind, Reason, Request, reason_of_status
from flows.robots import RobotsFile, RobotsStore, Rules, robots_file_of
from flows.settings import Settings

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MAX_HEADERS = 256
_MAX_FIELD = 32_768
_MANY_PIECES, _SMALL_PIECE = 5_000, 64  # chunks of a byte each cost more work than anything that they could hold is worth
_NAME_THREADS = 32
_ACCEPT = {
    Kind.FEED: "application/atom+xml, application/rss+xml, application/feed+json;q=0.9, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5",
    Kind.PAGE: "text/html, application/xhtml+xml, */*;q=0.5",
    Kind.ROBOTS: "text/plain, */*;q=0.5",
}
_NOT_PAGES = ("image/", "video/", "audio/", "font/", "application/pdf", "application/zip", "application/octet-stream", "application/msword",
              "application/vnd.", "application/gzip", "application/x-gzip")  # fmt: skip


class Fetcher:
    """Asks addresses, for one run. Use as an async context manager, in one event loop."""

    def __init__(
        self,
        settings: Settings,
        *,
        robots_store: RobotsStore | None = None,
        trusted: frozenset[tuple[str, int]] = frozenset(),
        ssl_context: ssl.SSLContext | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """trusted: (IP, port) pairs that may be asked though they are not public. ssl_context: instead of the system's."""
        self._settings = settings
        self._store = robots_store
        self._trusted = trusted
        self._guard = Guard(trusted=trusted, off=settings.allow_private_networks)
        self._ssl = ssl_context
        self._clock = clock
        self._hosts: dict[str, Host] = {}
        self._rules: dict[str, Rules] = {}
        self._rules_locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._slots = asyncio.Semaphore(settings.connections)
        self._names = ThreadPoolExecutor(_NAME_THREADS, thread_name_prefix="names")
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=0,
            ttl_dns_cache=300,
            ssl=self._ssl if self._ssl is not None else True,
            resolver=Resolver(self._names),
            socket_factory=self._guard.open_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            headers={"User-Agent": self._settings.user_agent, "Accept-Encoding": ACCEPT_ENCODING, "Accept-Language": "en, *;q=0.5"},
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._settings.connect_seconds),
            auto_decompress=False,
            trust_env=False,
            max_line_size=_MAX_FIELD,
            max_field_size=_MAX_FIELD,
            max_headers=_MAX_HEADERS,
        )
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._session is not None:
            await self._session.close()
        self._names.shutdown(wait=False, cancel_futures=True)

    # ── asking ──

    async def fetch_many(self, requests: Iterable[Request], on_answer: Callable[[Answer], None]) -> None:
        """Ask all, hosts side by side; `on_answer` is called in this loop for each, once. What it raises ends the whole, and is raised."""
        queues: dict[str, deque[Request]] = defaultdict(deque)
        for request in requests:
            queues[_queue_of(request.url)].append(request)

        async def work(queue: deque[Request]) -> None:
            while queue:
                on_answer(await self.fetch(queue.popleft()))

        try:
            async with asyncio.TaskGroup() as group:
                for queue in queues.values():
                    for _ in range(min(len(queue), self._settings.per_host)):
                        group.create_task(work(queue))
        except ExceptionGroup as errors:  # only on_answer raises, and what it raised first is what the caller knows
            raise errors.exceptions[0] from errors

    async def fetch(self, request: Request) -> Answer:
        """Ask one. Never raises but when cancelled."""
        attempt = _Attempt(request=request, started=self._clock(), seconds_left=self._seconds(request.kind))
        try:
            return await self._follow(attempt)
        except Exception as error:  # noqa: BLE001 - the boundary: whatever one server provokes, the others are served
            return attempt.answer(Reason.INTERNAL_ERROR, detail=f"{type(error).__name__}: {error}")

    async def _follow(self, attempt: "_Attempt") -> Answer:
        """One request and its redirects."""
        try:
            attempt.url = check_url(attempt.request.url)
        except BadAddress as error:
            return attempt.answer(Reason.BAD_ADDRESS, detail=str(error))
        while True:
            answer = await self._ask(attempt)
            if answer.status not in _REDIRECTS:
                return answer
            location = answer.header("Location")
            if not location:
                return attempt.answer(Reason.BAD_RESPONSE, exchange=answer, detail="redirect without a Location")
            try:
                target = resolve_redirect(attempt.url, location)
            except BadAddress as error:
                return attempt.answer(Reason.REDIRECT_REFUSED, exchange=answer, detail=f"to {location[:100]!r}: {error}")
            attempt.hops.append(Hop(url=attempt.url, status=answer.status, target=target))
            if target in {hop.url for hop in attempt.hops}:
                return attempt.answer(Reason.REDIRECT_LOOP, detail=f"back to {target[:150]}")
            if len(attempt.hops) > self._settings.redirects:
                return attempt.answer(Reason.TOO_MANY_REDIRECTS, detail=f"more than {self._settings.redirects}")
            attempt.url = target

    async def _ask(self, attempt: "_Attempt") -> Answer:
        """One exchange with one host, when robots.txt and the host's turn allow."""
        host = self._host(attempt.url)
        if (why := host.left_alone()) is not None:
            return attempt.answer(Reason.HOST_LEFT_ALONE, detail=why)
        if attempt.request.kind is Kind.PAGE or (attempt.request.kind is Kind.FEED and self._settings.robots_for_feeds):
            rules = await self._robots(attempt.url)
            if rules.trouble is not None:
                reason = rules.trouble if rules.trouble in UNREACHABLE or rules.trouble in _OURS else Reason.ROBOTS_UNREACHABLE
                return attempt.answer(reason, detail=f"robots.txt: {rules.trouble}")
            if not rules.allows(attempt.url):
                return attempt.answer(Reason.ROBOTS_DENIED, detail="robots.txt denies it")
            host.slow_down(min(rules.crawl_delay, self._settings.crawl_delay_cap_seconds))
        async with host.turn():
            if (why := host.left_alone()) is not None:
                return attempt.answer(Reason.HOST_LEFT_ALONE, detail=why)
            async with self._slots:
                answer = await self._exchange_in_time(attempt)
        host.note(answer, now=self._clock())
        return answer

    async def _exchange_in_time(self, attempt: "_Attempt") -> Answer:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(max(0.0, attempt.seconds_left)):
                answer = await self._exchange(attempt)
        except TimeoutError as error:
            answer = attempt.answer(Reason.TIMEOUT, detail=str(error) or "deadline passed")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            answer = attempt.answer(_reason_of(error), detail=str(error))
        attempt.spend(loop.time() - began)
        return replace(answer, seconds=attempt.seconds)

    async def _exchange(self, attempt: "_Attempt") -> Answer:
        request, session = attempt.request, self._session
        if session is None:
            raise RuntimeError("a Fetcher is used as an async context manager")
        headers = {"Accept": _ACCEPT[request.kind], **dict(request.headers)}
        cap = self._cap(request.kind)
        async with session.get(URL(attempt.url, encoded=True), headers=headers, allow_redirects=False) as response:
            bare = _Exchange(
                status=response.status,
                headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.raw_headers),
            )
            if response.status in _REDIRECTS:
                return attempt.answer(Reason.BAD_STATUS, exchange=bare)
            challenged = response.headers.get("cf-mitigated", "").lower() == "challenge"
            reason = reason_of_status(response.status, challenged=challenged)
            if reason is not Reason.OK:
                return attempt.answer(reason, exchange=bare, detail=f"{response.status} {response.reason or ''}".strip()[:100])
            kind = response.headers.get("Content-Type", "").lower()
            if request.kind is Kind.PAGE and kind.startswith(_NOT_PAGES):
                return attempt.answer(Reason.UNSUPPORTED_TYPE, exchange=bare, detail=kind[:80])
            if request.kind is not Kind.ROBOTS and (response.content_length or 0) > cap:
                return attempt.answer(Reason.TOO_LARGE, exchange=bare, detail=f"{response.content_length:,} bytes announced")
            return await self._read_body(attempt, response, bare, cap)

    async def _read_body(self, attempt: "_Attempt", response: aiohttp.ClientResponse, bare: "_Exchange", cap: int) -> Answer:
        """The body, decoded as it comes. The wire form is kept beside it where it differs."""
        wire = bytearray()
        try:
            decoder = BodyDecoder(response.headers.get("Content-Encoding"), cap=cap)
            pieces = size = 0
            async for piece, _ in response.content.iter_chunks():
                pieces, size = pieces + 1, size + len(piece)
                if pieces > _MANY_PIECES and size < pieces * _SMALL_PIECE:
                    return attempt.answer(Reason.BAD_RESPONSE, exchange=bare, detail=f"{pieces:,} pieces of {size:,} bytes in all")
                decoder.feed(piece)
                if not decoder.plain:
                    wire += piece
                    if len(wire) > cap:
                        raise OverCap(f"more than {cap:,} encoded bytes")
            body = decoder.finish()
        except OverCap as error:
            if attempt.request.kind is Kind.ROBOTS:
                return attempt.answer(Reason.OK, exchange=bare, body=decoder.so_far())
            return attempt.answer(Reason.TOO_LARGE, exchange=bare, detail=str(error))
        except DecodingError as error:
            return attempt.answer(_reason_of_decoding(error), exchange=bare, detail=str(error))
        return attempt.answer(Reason.OK, exchange=bare, body=body, wire=body if decoder.plain else bytes(wire))

    # ── robots ──

    async def _robots(self, url: str) -> Rules:
        """The rules of the URL's origin: in memory, from the store, or asked for once while others wait."""
        origin = origin_of(url)
        async with self._rules_locks[origin]:
            rules = self._rules.get(origin)
            if rules is not None and rules.until > self._clock():
                return rules
            file = self._store.robots_file(origin) if self._store is not None else None
            if file is None or file.until <= self._clock():
                file = await self._fetch_robots(origin)
            rules = self._rules[origin] = Rules(file)
            return rules

    async def _fetch_robots(self, origin: str) -> RobotsFile:
        answer = await self.fetch(Request(url=f"{origin}/robots.txt", kind=Kind.ROBOTS))
        file = robots_file_of(answer, now=self._clock(), holds=timedelta(hours=self._settings.robots_hours))
        if self._store is not None and file.trouble is None:
            self._store.keep_robots_file(origin, file)
        return file

    # ── bounds ──

    def _host(self, url: str) -> Host:
        name = host_of(url)
        if name not in self._hosts:
            ours = name in {f"{ip}:{port}" for ip, port in self._trusted}
            self._hosts[name] = Host(self._settings, spacing=0.0 if ours else self._settings.spacing_seconds)
        return self._hosts[name]

    def _cap(self, kind: Kind) -> int:
        caps = {Kind.FEED: self._settings.feed_bytes, Kind.PAGE: self._settings.page_bytes, Kind.ROBOTS: self._settings.robots_bytes}
        return caps[kind]

    def _seconds(self, kind: Kind) -> float:
        return self._settings.page_seconds if kind is Kind.PAGE else self._settings.feed_seconds

@dataclass(frozen=True, slots=True, kw_only=True)
class _Exchange:
    """Status and headers of one response."""

    status: int | None
    headers: tuple[tuple[str, str], ...]


class _Attempt:
    """One request under way: where it has been led, and what is left of its time."""

    def __init__(self, *, request: Request, started: datetime, seconds_left: float) -> None:
        self.request = request
        self.url = request.url
        self.hops: list[Hop] = []
        self.seconds_left = seconds_left
        self.seconds = 0.0
        self._started = started

    def spend(self, seconds: float) -> None:
        self.seconds_left -= seconds
        self.seconds = round(self.seconds + seconds, 4)

    def answer(
        self,
        reason: Reason,
        *,
        exchange: "_Exchange | Answer | None" = None,
        detail: str = "",
        body: bytes = b"",
        wire: bytes = b"",
    ) -> Answer:
        return Answer(
            request=self.request,
            reason=reason,
            started=self._started,
            seconds=self.seconds,
            url=self.url,
            status=exchange.status if exchange is not None else None,
            headers=exchange.headers if exchange is not None else (),
            hops=tuple(self.hops),
            wire=wire,
            body=body,
            detail=" ".join(detail.split())[:200].encode("utf-8", "replace").decode(),
        )


_OURS = frozenset({Reason.ADDRESS_REFUSED, Reason.HOST_LEFT_ALONE, Reason.INTERNAL_ERROR})


def _reason_of(error: Exception) -> Reason:
    """The reason that stands for what aiohttp, ssl or the socket raised."""
    if is_refusal(error):
        return Reason.ADDRESS_REFUSED
    kinds: tuple[tuple[type[BaseException], Reason], ...] = (
        (aiohttp.ClientConnectorCertificateError, Reason.TLS_CERTIFICATE),
        (ssl.SSLCertVerificationError, Reason.TLS_CERTIFICATE),
        (aiohttp.ClientSSLError, Reason.TLS_ERROR),
        (ssl.SSLError, Reason.TLS_ERROR),
        (aiohttp.ClientConnectorDNSError, Reason.DNS_FAILURE),
        (socket.gaierror, Reason.DNS_FAILURE),
        (aiohttp.ClientConnectorError, Reason.CONNECTION_FAILED),
        (aiohttp.ClientPayloadError, Reason.TRUNCATED),
        (aiohttp.ClientResponseError, Reason.BAD_RESPONSE),
        (aiohttp.InvalidURL, Reason.BAD_ADDRESS),
        (aiohttp.ClientConnectionError, Reason.CONNECTION_LOST),
        (OSError, Reason.CONNECTION_LOST),
    )
    return next((reason for kind, reason in kinds if isinstance(error, kind)), Reason.BAD_RESPONSE)


def _reason_of_decoding(error: DecodingError) -> Reason:
    if isinstance(error, NestedEncoding):
        return Reason.NESTED_ENCODING
    return Reason.TRUNCATED if isinstance(error, Truncated) else Reason.BAD_ENCODING


def _queue_of(url: str) -> str:
    try:
        return host_of(check_url(url))
    except BadAddress:
        return ""
