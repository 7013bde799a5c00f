"""A web server that does everything wrong, for the tests of the fetcher. Every host 127.0.x.y of it serves the same paths.

Run as a program it prints its port and serves until its standard input ends, so that a test can measure a client alone.
"""

import asyncio
import contextlib
import gzip
import socket
import struct
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import brotli
from backports import zstd

Handler = Callable[[asyncio.StreamWriter, str], Awaitable[None]]
HANDLERS: dict[str, Handler] = {}
PAGE = b"<html><title>A page</title><p>Two ministers met.</p></html>"
BIG = 200_000_000


def path(name: str) -> Callable[[Handler], Handler]:
    def keep(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        return handler

    return keep


def head(status: str = "200 OK", **headers: str | int) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def whole(body: bytes, status: str = "200 OK", **headers: str | int) -> bytes:
    return head(status, Content_Type="text/html", Content_Length=len(body), **headers) + body


def fixed(name: str, answer: bytes) -> None:
    async def serve(writer: asyncio.StreamWriter, _: str) -> None:
        writer.write(answer)
        await writer.drain()

    HANDLERS[name] = serve


def _bomb(name: str) -> bytes:
    if name == "br":
        return brotli.compress(bytes(BIG), quality=1)
    packer = zstd.ZstdCompressor() if name == "zstd" else zlib.compressobj(1, zlib.DEFLATED, 31 if name == "gzip" else 15)
    zeros = bytes(1_000_000)
    return b"".join(packer.compress(zeros) for _ in range(BIG // len(zeros))) + packer.flush()


# ── bombs and encodings ──
for encoding in ("gzip", "deflate", "br", "zstd"):
    fixed(f"/bomb/{encoding}", whole(_bomb(encoding), Content_Encoding=encoding))
fixed("/nested", whole(gzip.compress(gzip.compress(PAGE)), Content_Encoding="gzip, gzip"))
fixed("/nested/mixed", whole(brotli.compress(gzip.compress(PAGE)), Content_Encoding="gzip, br"))
fixed("/nested/hidden", whole(gzip.compress(gzip.compress(PAGE)), Content_Encoding="gzip"))
fixed("/encoding/unknown", whole(PAGE, Content_Encoding="lzma"))
fixed("/encoding/false", whole(PAGE, Content_Encoding="gzip"))
fixed("/encoding/corrupt", whole(gzip.compress(PAGE)[:-8] + bytes(8), Content_Encoding="gzip"))
fixed("/encoding/cut", whole(gzip.compress(PAGE * 50)[:-20], Content_Encoding="gzip"))
fixed("/encoding/right", whole(zstd.compress(PAGE), Content_Encoding="zstd"))

# ── lies ──
fixed("/length/short", head(Content_Length=1000) + PAGE)
fixed("/length/long", head(Content_Length=10) + PAGE)
fixed("/length/huge", head(Content_Length=10**11) + PAGE)
fixed("/length/negative", head(Content_Length=-5) + PAGE)
fixed("/length/two", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 50\r\n\r\n" + PAGE)
fixed("/length/word", head(Content_Length="many") + PAGE)
fixed("/charset/lie", head(Content_Type="text/html; charset=utf-16", Content_Length=len(PAGE)) + PAGE)
fixed("/charset/none", head(Content_Type="text/html; charset=no-such-thing", Content_Length=len(PAGE)) + PAGE)
fixed("/type/video", head(Content_Type="video/mp4", Content_Length=10**9) + PAGE)
fixed("/chunks/bad", head(Transfer_Encoding="chunked") + b"zz\r\n" + PAGE)
fixed("/chunks/cut", head(Transfer_Encoding="chunked") + b"ff\r\nshort")
fixed("/chunks/huge", head(Transfer_Encoding="chunked") + b"f" * 100_000)

# ── heads ──
fixed("/headers/many", b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(20_000)) + b"\r\n")
fixed("/headers/long", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 5_000_000 + b"\r\n\r\n")
fixed("/headers/nul", b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 2\r\n\r\nok")
fixed("/garbage", b"\x00\x01\x02 this is not HTTP at all\r\n\r\n")
fixed("/nothing", b"")
fixed("/status/999", whole(PAGE, "999 Odd"))
fixed("/status/204", head("204 No Content"))
fixed("/status/206", whole(PAGE, "206 Partial Content"))
fixed("/status/403", whole(PAGE, "403 Forbidden"))
fixed("/status/challenge", whole(PAGE, "403 Forbidden", cf_mitigated="challenge"))
fixed("/status/404", whole(PAGE, "404 Not Found"))
fixed("/status/410", whole(PAGE, "410 Gone"))
fixed("/status/429", whole(PAGE, "429 Slow", Retry_After="120"))
fixed("/status/500", whole(PAGE, "500 Oh"))
fixed("/status/503", whole(PAGE, "503 Busy"))
fixed("/good", whole(PAGE))

# ── redirects ──
for name, target in {
    "self": "/redirect/self",
    "loop": "/redirect/loop2",
    "loop2": "/redirect/loop",
    "file": "file:///etc/passwd",
    "ftp": "ftp://127.0.0.1/x",
    "data": "data:text/html,x",
    "script": "javascript:alert(1)",
    "user": "http://user:word@127.0.0.1/",
    "private": "http://10.0.0.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "loopback": "http://127.0.0.1:1/",
    "scheme_relative": "//127.0.0.1:1/x",
    "mapped": "http://[::ffff:127.0.0.1]:1/",
    "hex": "http://0x7f000001:1/",
    "short": "http://127.1:1/",
    "fullwidth": "http://\uff11\uff12\uff17.0.0.1:1/".encode().decode("latin-1"),
    "local_name": "http://localhost:1/",
    "nowhere": "https:///x",
    "fine": "/good",
}.items():
    fixed(f"/redirect/{name}", head("302 Found", Location=target, Content_Length=0))
fixed("/redirect/unsaid", head("302 Found", Content_Length=0))
for step in range(12):
    fixed(f"/redirect/chain/{step}", head("301 Moved", Location=f"/redirect/chain/{step + 1}", Content_Length=0))


async def _forever(writer: asyncio.StreamWriter, piece: bytes, *, pause: float = 0.0) -> None:
    while not writer.is_closing():
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause)


@path("/endless")
async def endless(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(head(Content_Type="text/html"))
    await _forever(writer, b"x" * 65_536)


@path("/endless/chunked")
async def endless_chunked(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(head(Content_Type="text/html", Transfer_Encoding="chunked"))
    await _forever(writer, b"10000\r\n" + b"x" * 65_536 + b"\r\n")


@path("/endless/tiny")
async def endless_tiny(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(head(Content_Type="text/html", Transfer_Encoding="chunked"))
    await _forever(writer, b"1\r\nx\r\n" * 1_000)


@path("/endless/headers")
async def endless_headers(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    await _forever(writer, b"X-More: and more\r\n" * 500)


@path("/endless/status")
async def endless_status(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(b"HTTP/1.1 200 ")
    await _forever(writer, b"OK" * 5_000)


@path("/endless/continue")
async def endless_continue(writer: asyncio.StreamWriter, _: str) -> None:
    await _forever(writer, b"HTTP/1.1 100 Continue\r\n\r\n" * 100, pause=0.001)


@path("/endless/trailers")
async def endless_trailers(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(head(Transfer_Encoding="chunked") + b"2\r\nok\r\n0\r\n")
    await _forever(writer, b"X-More: and more\r\n" * 500, pause=0.001)


@path("/drip/body")
async def drip_body(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(head(Content_Type="text/html", Content_Length=1_000_000))
    await _forever(writer, b"x", pause=0.05)


@path("/drip/headers")
async def drip_headers(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    await _forever(writer, b"x", pause=0.05)


@path("/silent")
async def silent(_writer: asyncio.StreamWriter, _: str) -> None:
    await asyncio.sleep(3600)


@path("/reset")
async def reset(writer: asyncio.StreamWriter, _: str) -> None:
    _abort(writer)


@path("/reset/body")
async def reset_body(writer: asyncio.StreamWriter, _: str) -> None:
    writer.write(head(Content_Length=100_000) + b"x" * 5_000)
    await writer.drain()
    await asyncio.sleep(0.05)
    _abort(writer)


@path("/redirect/slow")
async def redirect_slowly(writer: asyncio.StreamWriter, target: str) -> None:
    await asyncio.sleep(0.6)
    step = int(target.partition("?")[2] or 0)
    writer.write(head("302 Found", Location=f"/redirect/slow?{step + 1}", Content_Length=0))


def _abort(writer: asyncio.StreamWriter) -> None:
    handle = writer.get_extra_info("socket")
    handle.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# ── robots.txt, by the host's third number ──
ROBOTS: dict[int, Handler | bytes] = {
    20: whole(b"x", "500 Oh"),
    21: whole(b"User-agent: *\nDisallow: /\n"),
    22: drip_body,
    23: endless,
    24: HANDLERS["/redirect/loop"],
    25: whole(b"User-agent: *\n" + b"".join(b"Disallow: /%d/*x*y*z\n" % n for n in range(20_000))),
    26: whole(b"User-agent: Sidelines\nCrawl-delay: 0.3\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n"),
    27: whole(b"x", "429 Slow", Retry_After="300"),
}


class HostileServer:
    """The server; `asked` lists (time, host, path) of every request."""

    def __init__(self) -> None:
        self.asked: list[tuple[float, str, str]] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["HostileServer"]:
        tasks: set[asyncio.Task[None]] = set()

        async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            tasks.add(task)
            try:
                await self._serve(reader, writer)
            except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
                pass
            finally:
                tasks.discard(task)
                writer.close()

        server = await asyncio.start_server(on_connection, "0.0.0.0", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        target = request.split(" ")[1]
        host = writer.get_extra_info("sockname")[0]
        self.asked.append((asyncio.get_running_loop().time(), host, target))
        if target == "/robots.txt":
            robots = ROBOTS.get(int(host.split(".")[2]), whole(b"none", "404 Not Found"))
            if isinstance(robots, bytes):
                writer.write(robots)
                await writer.drain()
            else:
                await robots(writer, target)
            return
        await HANDLERS[target.partition("?")[0]](writer, target)
        await writer.drain()


async def main() -> None:
    async with HostileServer().running() as server:
        print(server.port, flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
