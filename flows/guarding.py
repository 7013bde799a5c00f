"""The address guard: sockets are opened to addresses of the open internet only.

It is the socket factory of the connector, called with each address that is about to be connected to, after the name look-up and also for
addresses written as numbers: no redirect and no second answer of a name server gets round it.
"""

import asyncio
import errno
import socket
from concurrent.futures import ThreadPoolExecutor

from aiohttp.abc import AbstractResolver, ResolveResult

from flows.addresses import is_public


class AddressRefused(OSError):
    """The name leads to an address that is not of the open internet."""

    def __init__(self, address: str) -> None:
        super().__init__(errno.EACCES, f"{address} is not a public address")


class Guard:
    """trusted: exact (IP, port) pairs that are let through. off: everything is, for tests."""

    def __init__(self, *, trusted: frozenset[tuple[str, int]], off: bool) -> None:
        self._trusted = trusted
        self._off = off

    def open_socket(self, info: tuple[object, ...]) -> socket.socket:
        """The socket factory: called with each address that is about to be connected to."""
        family, kind, protocol, _, address = info
        if not isinstance(address, tuple):
            raise AddressRefused(repr(address))
        ip, port = str(address[0]), int(address[1])
        if not (self._off or (ip, port) in self._trusted or is_public(ip)):
            raise AddressRefused(ip)
        return socket.socket(family=family, type=kind, proto=protocol)  # type: ignore[arg-type]


def is_refusal(error: BaseException) -> bool:
    """Whether the guard's refusal is behind an error. Several refused addresses of one name come joined into one message."""
    cause = getattr(error, "os_error", None) or error
    return isinstance(cause, AddressRefused) or (isinstance(cause, OSError) and "is not a public address" in str(cause))


class Resolver(AbstractResolver):
    """Looks names up in threads of its own, so that slow name servers hold up no other work of the process."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        )
        return [
            ResolveResult(
                hostname=host, host=str(address[0]), port=port, family=found_family, proto=proto,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found_family, _, proto, _, address in found
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing to close: the threads belong to the fetcher."""
