"""The guarded proxy: the one way out for the browser of a capture.

The browser is told to send everything, names unresolved, to this SOCKS proxy on the loopback (RFC 1928). Here a name is
resolved once, its addresses are held against ``addresses.why_not``, and the connection goes to the very address that
was checked: a name that changes its mind between the two (DNS rebinding) gains nothing. Bytes, connections and time are
bounded. What is inside the connections is not touched: encryption stays between browser and site.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from habeas.evidence.capture.addresses import PORTS, Address, place, why_not

Resolve = Callable[[str, int], Awaitable[Sequence[Address]]]

MOST_AT_ONCE = 64
MOST_IN_ALL = 2_000
MOST_REFUSALS = 500
CONNECT_SECONDS = 10.0
HANDSHAKE_SECONDS = 10.0
_PIECE = 1 << 16
# Answers of RFC 1928, section 6.
_GRANTED, _NOT_ALLOWED, _UNREACHABLE, _NOT_SUPPORTED = 0, 2, 4, 7


@dataclass(frozen=True, slots=True)
class Refusal:
    """A place that was asked for and not reached. place: host:port; why: one sentence's end."""

    place: str
    why: str
    unsafe: bool


@dataclass(slots=True)
class Report:
    """What went through. addresses: host:port -> the address that was spoken to."""

    addresses: dict[str, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    bytes_in: int = 0
    bytes_out: int = 0
    connections: int = 0
    cut: list[str] = field(default_factory=list)


class Guard:
    """Use as a context manager; ``port`` is where it listens on 127.0.0.1.

    allow_private: host:port places that may be reached wherever they are
    max_bytes:     of all connections together, both ways
    max_seconds:   after which every connection is cut
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        max_seconds: float,
        allow_private: frozenset[str] = frozenset(),
        resolve: Resolve | None = None,
    ) -> None:
        self.report = Report()
        self.port = 0
        self._max_bytes, self._max_seconds = max_bytes, max_seconds
        self._allowed = frozenset(entry.lower() for entry in allow_private)
        self._resolve = resolve or _resolve
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="capture-guard", daemon=True)
        self._known: dict[str, asyncio.Future[Sequence[Address]]] = {}
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._closed = False

    def __enter__(self) -> Guard:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        if not self._thread.is_alive():
            self._loop.close()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0, limit=_PIECE)
        self.port = self._server.sockets[0].getsockname()[1]
        self._loop.call_later(self._max_seconds, self._cut, f"the time ({self._max_seconds:g} s) was up")

    async def _stop(self) -> None:
        self._closed = True
        if self._server is not None:
            self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _cut(self, why: str) -> None:
        """End every connection and let none in any more."""
        if self._closed:
            return
        self._closed = True
        if self._open:
            self.report.cut.append(why)
        for task in list(self._open):
            task.cancel()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  streams run their callback in a task
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # cut, or the guard ends: either way this connection is over
        except (OSError, EOFError, TimeoutError):
            pass  # one side hung up
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HANDSHAKE_SECONDS):
            asked = await _asked(reader, writer)
        if asked is None:
            await _answer(writer, _NOT_SUPPORTED)
            return
        host, port = asked
        self.report.connections += 1
        upstream = await self._connected(host, port, writer)
        if upstream is None:
            return
        far_reader, far_writer = upstream
        try:
            await _answer(writer, _GRANTED)
            await self._relay(reader, writer, far_reader, far_writer)
        finally:
            far_writer.transport.abort()

    async def _connected(
        self, host: str, port: int, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        where = place(host, port)
        if self._closed:
            return await self._refuse(writer, where, "the capture had reached its bounds", unsafe=False)
        if len(self._open) > MOST_AT_ONCE or self.report.connections > MOST_IN_ALL:
            if self.report.connections > MOST_IN_ALL:
                self._note_cut(f"more than {MOST_IN_ALL} connections")
            return await self._refuse(writer, where, "too many connections", unsafe=False)
        if port not in PORTS and where not in self._allowed:
            return await self._refuse(writer, where, f"port {port} is none of the web's", unsafe=True)
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                found = await self._addresses_of(host, port)
        except (OSError, TimeoutError, UnicodeError):
            return await self._refuse(writer, where, "its name leads nowhere", unsafe=False)
        good = [one for one in found if where in self._allowed or not why_not(one)]
        if not good:
            why = why_not(found[0]) if found else ""
            return await self._refuse(writer, where, why or "its name leads nowhere", unsafe=bool(why))
        for address in good[:4]:
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(CONNECT_SECONDS):
                    streams = await asyncio.open_connection(str(address), port, limit=_PIECE)
                self.report.addresses[where] = str(address)
                return streams
        return await self._refuse(writer, where, "nobody answers there", unsafe=False)

    async def _addresses_of(self, host: str, port: int) -> Sequence[Address]:
        """Resolved once for a whole capture: every connection to a name goes to the addresses first seen."""
        key = host.lower()
        if key not in self._known:
            self._known[key] = asyncio.ensure_future(self._resolve(host, port))
        return await asyncio.shield(self._known[key])

    async def _refuse(self, writer: asyncio.StreamWriter, where: str, why: str, *, unsafe: bool) -> None:
        refusal = Refusal(where, why, unsafe)
        if refusal not in self.report.refusals and len(self.report.refusals) < MOST_REFUSALS:
            self.report.refusals.append(refusal)
        await _answer(writer, _NOT_ALLOWED if unsafe else _UNREACHABLE)

    def _note_cut(self, why: str) -> None:
        if why not in self.report.cut:
            self.report.cut.append(why)

    async def _relay(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        outward = asyncio.ensure_future(self._pump(reader, far_writer, inward=False))
        inward = asyncio.ensure_future(self._pump(far_reader, writer, inward=True))
        try:
            await asyncio.gather(outward, inward)
        finally:
            outward.cancel()
            inward.cancel()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, inward: bool) -> None:
        while piece := await source.read(_PIECE):
            if inward:
                self.report.bytes_in += len(piece)
            else:
                self.report.bytes_out += len(piece)
            if self.report.bytes_in + self.report.bytes_out > self._max_bytes:
                self._cut(f"more than {self._max_bytes:,} bytes came")
                return
            sink.write(piece)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[str, int] | None:
    """The host and port of a SOCKS5 CONNECT; None for anything else."""
    version, count = await reader.readexactly(2)
    methods = await reader.readexactly(count)
    if version != 5 or 0 not in methods:
        writer.write(b"\x05\xff")
        return None
    writer.write(b"\x05\x00")
    version, command, _, kind = await reader.readexactly(4)
    if kind == 1:
        host = str(ipaddress.IPv4Address(await reader.readexactly(4)))
    elif kind == 4:
        host = str(ipaddress.IPv6Address(await reader.readexactly(16)))
    elif kind == 3:
        (length,) = await reader.readexactly(1)
        host = (await reader.readexactly(length)).decode("ascii", "replace")
    else:
        return None
    (port,) = struct.unpack("!H", await reader.readexactly(2))
    return (host, port) if version == 5 and command == 1 and host else None


async def _answer(writer: asyncio.StreamWriter, code: int) -> None:
    writer.write(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
    await writer.drain()


async def _resolve(host: str, port: int) -> list[Address]:
    with suppress(ValueError):
        return [ipaddress.ip_address(host)]
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses: list[Address] = []
    for *_, name in found:
        address = ipaddress.ip_address(str(name[0]).partition("%")[0])
        if address not in addresses:
            addresses.append(address)
    return addresses
