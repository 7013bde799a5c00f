"""The bundled sample site: two made-up outlets with an RSS and an Atom feed, served on the loopback over real HTTP.

The files under `sample_site/` name their outlets `https://<outlet>.example`; the server writes its own address in their place, so
that feeds, canonical addresses and pages agree wherever it listens. It answers conditional requests as a good outlet does.
"""

import hashlib
import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

SITE: Traversable = files("flows") / "sample_site"
OUTLETS = ("harbour-post", "meridian-wire")
LOOPBACK = "127.0.0.1"
ROBOTS = b"User-agent: *\nDisallow: /private/\n"
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
def serve_sample(port: int = 0, *, site: Traversable = SITE) -> Iterator[SampleServer]:
    """The sample site on the loopback for as long as the block runs; port 0 takes any free one. Raises OSError where it is taken."""
    server = SampleServer(site, port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="sample-site", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
