"""The bundled sample site: two made-up outlets with an RSS and an Atom feed, served on the loopback over real HTTP.

The files under `sample_site/` name their outlets `https://<outlet>.example`; the server writes its own address in their place, so
that feeds, canonical addresses and pages agree wherever it listens. It answers conditional requests as a good outlet does.
"""

import hashlib
import mimetypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path, PurePosixPath
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import urlopen

from flows.settings import Settings
from parsers.sources import Source, SourceKind

SITE: Traversable = files("flows") / "sample_site"
OUTLETS = ("harbour-post", "meridian-wire")
LOOPBACK = "127.0.0.1"
ROBOTS = b"# The sample site of Sidelines\nUser-agent: *\nDisallow: /private/\n"
PORT = 8642
"""The port that is tried first. The one in use is kept under the home folder, so that the pages keep their addresses."""
TYPES = {".html": "text/html; charset=utf-8", ".xml": "application/xml; charset=utf-8"}


class SampleServer(ThreadingHTTPServer):
    """Serves a folder of outlets. `site` may be any folder, so that tests can publish new pages while it runs."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, site: Traversable, port: int) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.site = site

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_address[1]}"

    def body(self, path: str) -> bytes | None:
        """The file at an address path with the server's own address written into it; None where there is none."""
        parts = PurePosixPath(unquote(path)).parts[1:]
        if not parts or ".." in parts:
            return None
        file = self.site.joinpath(*parts)
        if not PurePosixPath(parts[-1]).suffix:
            file = file / "index.html"
        if not file.is_file():
            return None
        content = file.read_bytes()
        for outlet in OUTLETS:
            content = content.replace(f"https://{outlet}.example".encode(), f"{self.base_url}/{outlet}".encode())
        return content


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: SampleServer

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        body = ROBOTS if path == "/robots.txt" else self.server.body(path)
        if body is None:
            self._answer(HTTPStatus.NOT_FOUND, b"Not found\n", {"Content-Type": "text/plain; charset=utf-8"})
            return
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            self._answer(HTTPStatus.NOT_MODIFIED, b"", {"ETag": tag})
            return
        self._answer(HTTPStatus.OK, body, {"Content-Type": _content_type(path), "ETag": tag})

    def _answer(self, status: HTTPStatus, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status is not HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the standard library's name)
        """Silent: what the road makes of each answer is in the ledger."""


def _content_type(path: str) -> str:
    suffix = PurePosixPath(path).suffix
    if path == "/robots.txt":
        return "text/plain; charset=utf-8"
    return TYPES.get(suffix) or mimetypes.guess_type(path)[0] or TYPES[".html"]


@contextmanager
def serve_sample(*ports: int, site: Traversable = SITE) -> Iterator[SampleServer]:
    """The sample site on the loopback for as long as the block runs, on the first free port of those named, else on any."""
    server = _open_server(ports, site)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="sample-site", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def _open_server(ports: tuple[int, ...], site: Traversable) -> SampleServer:
    for port in ports:
        with suppress(OSError):
            return SampleServer(site, port)
    return SampleServer(site, 0)


@contextmanager
def keep_sample(settings: Settings, *, say: Callable[[str], None], site: Traversable = SITE) -> Iterator[SampleServer | None]:
    """The sample site for this home, on the port that it had before, if that is free.

    Yields None where somebody else serves it for this home already.
    """
    before = kept_port(settings)
    if before is not None and is_served(before):
        yield None
        return
    with serve_sample(before or PORT, site=site) as server:
        kept_file(settings).parent.mkdir(parents=True, exist_ok=True)
        kept_file(settings).write_text(str(server.server_address[1]), encoding="ascii")
        say(f"sample site at {server.base_url}")
        yield server


def kept_file(settings: Settings) -> Path:
    return settings.home / "sample-port"


def kept_port(settings: Settings) -> int | None:
    """The port of this home's sample site; None where it was never served."""
    try:
        return int(kept_file(settings).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def is_served(port: int) -> bool:
    """Whether a sample site answers there."""
    try:
        with urlopen(f"http://{LOOPBACK}:{port}/robots.txt", timeout=2) as answer:
            return bool(answer.read(len(ROBOTS) + 1) == ROBOTS)
    except (URLError, OSError):
        return False


def sample_sources(port: int) -> tuple[Source, ...]:
    """The two outlets as sources, at the site on that port."""
    base = f"http://{LOOPBACK}:{port}"
    found = "part of the project"
    return (
        Source(
            id="sample_harbour_post", name="Harbour Post", country=None, language="en", time_zone="UTC", kind=SourceKind.SAMPLE,
            feeds=(f"{base}/harbour-post/feed.xml",), found=found,
        ),
        Source(
            id="sample_meridian_wire", name="Meridian Wire", country=None, language="en", time_zone="UTC", kind=SourceKind.SAMPLE,
            feeds=(f"{base}/meridian-wire/atom.xml",), found=found,
        ),
    )  # fmt: skip


def trusted_of(port: int) -> frozenset[tuple[str, int]]:
    """The one private address that may be asked: the sample site's."""
    return frozenset({(LOOPBACK, port)})
