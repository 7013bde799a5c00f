"""Content-Encoding undone piece by piece, with a cap on what comes out: a small body that unfolds to a huge one costs only the cap.

gzip, deflate (with and without its zlib frame), brotli and zstd. More than one encoding, or a body that is still gzip when decoded,
is refused: no honest server sends it, and it multiplies the work. A body that is declared as gzip, but is not, is taken as it is.
"""

import sys
import zlib
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPT_ENCODING = "gzip, deflate, br, zstd"
_STEP = 65_536
_GZIP_MAGIC = b"\x1f\x8b"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_ZSTD_WINDOW_LOG = 23  # 8 MB: what RFC 8878 asks decoders to take, and all that one body may make us allocate
_MAX_MEMBERS = 1_000


class DecodingError(Exception):
    """The body cannot be decoded."""


class UnknownEncoding(DecodingError):
    """A Content-Encoding that was not asked for, or bytes that are not what it says."""


class NestedEncoding(DecodingError):
    """An encoding inside an encoding."""


class OverCap(DecodingError):
    """More comes out than the cap allows."""


class Truncated(DecodingError):
    """The encoded stream ends before its end."""


class _Codec(Protocol):
    @property
    def eof(self) -> bool: ...
    def feed(self, data: bytes, room: int) -> bytes:
        """Up to about `room` bytes of what `data` and earlier pieces hold; call again with b"" while it gives any."""


class BodyDecoder:
    """Takes a body in pieces and keeps what comes out, up to `cap` bytes."""

    def __init__(self, content_encoding: str | None, *, cap: int) -> None:
        """Raises NestedEncoding or UnknownEncoding at once for a header that is refused."""
        names = [name.strip().lower() for name in (content_encoding or "").split(",")]
        names = [name for name in names if name not in ("", "identity", "none")]
        if len(names) > 1:
            raise NestedEncoding(", ".join(names)[:80])
        self._name = names[0].removeprefix("x-") if names else ""
        if self._name not in ("", "gzip", "deflate", "br", "zstd", "utf-8", "utf8"):
            raise UnknownEncoding(self._name[:40])
        self._cap = cap
        self._held = b""
        self._codec: _Codec | None = None
        self._plain = self._name in ("", "utf-8", "utf8")
        self._out = bytearray()

    def feed(self, data: bytes) -> None:
        """One more piece. Raises OverCap, UnknownEncoding or NestedEncoding."""
        if self._codec is None and not self._plain:
            self._held += data
            if len(self._held) < 4:
                return
            data, self._held = self._held, b""
            self._begin(data)
        self._take(data)

    @property
    def plain(self) -> bool:
        """Whether the body goes through as it is, so that what is fed is what comes out."""
        return self._plain

    def so_far(self) -> bytes:
        """What has come out, up to the cap."""
        return bytes(self._out[: self._cap])

    def finish(self) -> bytes:
        """The whole body. Raises Truncated where the encoded stream has not ended."""
        if self._codec is None and self._held:
            self._begin(self._held)
            self._take(self._held)
        if self._codec is not None:
            if not self._codec.eof:
                raise Truncated(f"{self._name} stream ends early")
            if self._out[:2] == _GZIP_MAGIC:
                raise NestedEncoding(f"gzip inside {self._name}")
        return bytes(self._out)

    def _begin(self, start: bytes) -> None:
        if self._name == "gzip":
            self._codec = _Gzip() if start[:2] == _GZIP_MAGIC else None
        elif self._name == "deflate":
            self._codec = _Deflate(framed=_has_zlib_frame(start))
        elif self._name == "br":
            self._codec = _Brotli()
        else:
            self._codec = _Zstd() if start[:4] == _ZSTD_MAGIC else None
        self._plain = self._codec is None

    def _take(self, data: bytes) -> None:
        if self._codec is None:
            self._keep(data)
            return
        piece = self._codec.feed(data, _STEP)
        while piece:
            self._keep(piece)
            piece = self._codec.feed(b"", _STEP)

    def _keep(self, piece: bytes) -> None:
        self._out += piece
        if len(self._out) > self._cap:
            raise OverCap(f"more than {self._cap:,} bytes")


def decode_body(wire: bytes, content_encoding: str | None, *, cap: int) -> bytes:
    """A whole body decoded. Raises DecodingError."""
    decoder = BodyDecoder(content_encoding, cap=cap)
    for start in range(0, len(wire), _STEP):
        decoder.feed(wire[start : start + _STEP])
    return decoder.finish()


def _has_zlib_frame(start: bytes) -> bool:
    return len(start) >= 2 and start[0] & 0x0F == 8 and (start[0] << 8 | start[1]) % 31 == 0


class _Gzip:
    """One or more gzip members; bytes after the last that are not gzip are ignored, as browsers do."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=31)
        self._rest = b""
        self._members = 1

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes, room: int) -> bytes:
        self._rest += data
        while self._rest:
            if self._stream.eof:
                if self._rest[:2] != _GZIP_MAGIC:
                    if len(self._rest) < 2 and _GZIP_MAGIC.startswith(self._rest):
                        return b""
                    self._rest = b""
                    return b""
                self._members += 1
                if self._members > _MAX_MEMBERS:
                    raise UnknownEncoding("too many gzip members")
                self._stream = zlib.decompressobj(wbits=31)
            try:
                piece = self._stream.decompress(self._rest, room)
            except zlib.error as error:
                raise UnknownEncoding(str(error)) from error
            self._rest = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if piece:
                return piece
        return b""


class _Deflate:
    def __init__(self, *, framed: bool) -> None:
        self._stream = zlib.decompressobj(wbits=15 if framed else -15)
        self._rest = b""

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes, room: int) -> bytes:
        if self._stream.eof:
            return b""
        try:
            piece = self._stream.decompress(self._rest + data, room)
        except zlib.error as error:
            raise UnknownEncoding(str(error)) from error
        self._rest = self._stream.unconsumed_tail
        return piece


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._rest = b""

    @property
    def eof(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes, room: int) -> bytes:
        self._rest += data
        while not self._stream.is_finished():
            given = b""
            if self._stream.can_accept_more_data():
                given, self._rest = self._rest, b""
            try:
                piece = bytes(self._stream.process(given, output_buffer_limit=room))
            except brotli.error as error:
                raise UnknownEncoding(str(error)) from error
            if piece or not self._rest:
                return piece
        return b""


class _Zstd:
    """One or more zstd frames."""

    def __init__(self) -> None:
        self._stream = self._new()
        self._frames = 1

    @staticmethod
    def _new() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    @property
    def eof(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes, room: int) -> bytes:
        try:
            if self._stream.eof:
                data = self._stream.unused_data + data
                if not data:
                    return b""
                self._frames += 1
                if self._frames > _MAX_MEMBERS:
                    raise UnknownEncoding("too many zstd frames")
                self._stream = self._new()
            return self._stream.decompress(data, room)
        except zstd.ZstdError as error:
            raise UnknownEncoding(str(error)) from error
