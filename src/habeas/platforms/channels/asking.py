"""Talking to an addressee's system over HTTP: bounded in time and size, encrypted, and never sent on elsewhere.

What a service writes in its answers may repeat a letter, so it stands in proofs and in no message.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from habeas.platforms.core.dispatch import CannotSend, NotReached
from habeas.platforms.core.mail import LOOPBACK

JSON_TYPE: Final = "application/json"
_CHUNK_BYTES = 65_536
# Answers that say for sure that nothing was done, and that it may be done later.
_LATER = frozenset({408, 425, 429})
_CHECK_THE_WAY = "Check its address in the directory, then send again."
_MEANINGS: Mapping[int, str] = {
    401: "it does not know our key. Whoever keeps this house asks the service for a new one, then send again.",
    403: "our key may not do this. Whoever keeps this house asks the service to allow it, then send again.",
    404: f"nothing is there. {_CHECK_THE_WAY}",
    405: f"this address takes no letters. {_CHECK_THE_WAY}",
    410: f"it no longer takes letters there. {_CHECK_THE_WAY}",
    409: "it holds something else under the same key. Queue the letter again, so that it gets a key of its own.",
    413: "the letter is too large for it. Send it with fewer attachments, or choose another way.",
}
_REFUSED = "it does not take what the letter holds. Read the proof it asks for in its rules, or choose another way."


class Unanswered(NotReached):
    """The request went out whole, but no readable answer came: whether it was acted on is not known."""


class Reply(NamedTuple):
    """What a service answered. media_type: without parameters; location: as it stands in the header"""

    status: int
    content: bytes
    media_type: str
    location: str

    def fields(self) -> dict[str, Any]:
        """The answer as a JSON object. Raises Unanswered."""
        try:
            said = json.loads(self.content)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise Unanswered(f"the service did not answer as agreed ({self.status}, not a JSON object)")
        return said


class Service:
    """One address to which requests go.

    seconds: of patience for each silence; most_seconds: for all of one request; most_bytes: of an answer
    ca:      certificates to trust beside the machine's own, for a service inside the house
    """

    def __init__(
        self,
        base: str,
        *,
        seconds: float = 20.0,
        most_seconds: float = 60.0,
        most_bytes: int = 1 << 20,
        ca: Path | None = None,
    ) -> None:
        """Raises CannotSend for an address to which nothing may go."""
        self._host, self._port, self._path, self._encrypted = _parts(base)
        self._seconds, self._most_seconds, self._most_bytes, self._ca = seconds, most_seconds, most_bytes, ca

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Raises CannotSend, NotReached."""
        return self._ask("GET", path, None, headers or {})

    def post(self, path: str, content: Any, headers: Mapping[str, str] | None = None) -> Reply:
        """Hand over a value as JSON. Raises CannotSend, NotReached; Unanswered where it may have been acted on."""
        body = json.dumps(content).encode("ascii")
        return self._ask("POST", path, body, {"Content-Type": JSON_TYPE, **(headers or {})})

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        every = {"Accept": JSON_TYPE, "Accept-Encoding": "identity", "User-Agent": "habeas", **headers}
        if not all(value.isascii() and value.isprintable() for value in every.values()):
            # The library would show the value, and it may be a key.
            raise CannotSend(
                "A key or reference holds signs that cannot be sent. Whoever keeps this house corrects it."
            )
        try:
            with self._connection() as connection:
                connection.request(method, self._path + path, body, every)
                return self._answer(connection)
        except NotReached:
            raise
        except ssl.SSLCertVerificationError:
            raise NotReached("the service's certificate is none this machine trusts: nothing was sent") from None
        except (HTTPException, OSError, ValueError) as trouble:
            raise NotReached(f"the service could not be reached ({type(trouble).__name__})") from None

    def _answer(self, connection: HTTPConnection) -> Reply:
        try:
            with connection.getresponse() as response:
                return self._read(response)
        except NotReached:
            raise
        except (HTTPException, OSError, ValueError) as trouble:
            raise Unanswered(f"the service did not answer in time, or broke off ({type(trouble).__name__})") from None

    def _read(self, response: HTTPResponse) -> Reply:
        content = bytearray()
        while chunk := response.read1(_CHUNK_BYTES):
            content += chunk
            if len(content) > self._most_bytes:
                raise Unanswered(f"the service answered more than {self._most_bytes:,} bytes: nothing was read")
        if response.length:
            raise Unanswered("the service broke off in the middle of its answer")
        media_type = (response.getheader("Content-Type") or "").partition(";")[0].strip().lower()
        return Reply(response.status, bytes(content), media_type, response.getheader("Location") or "")

    @contextmanager
    def _connection(self) -> Iterator[HTTPConnection]:
        """A connection that ends in time, however slowly the other side speaks."""
        connection = self._made()
        # Once an answer began, the library may forget its socket: whoever watches holds it too.
        held: list[socket.socket] = []
        watch = threading.Timer(self._most_seconds, _cut, [connection, held])
        watch.daemon = True
        watch.start()
        try:
            connection.connect()
            held.append(connection.sock)
            yield connection
        finally:
            watch.cancel()
            connection.close()

    def _made(self) -> HTTPConnection:
        if not self._encrypted:
            return HTTPConnection(self._host, self._port, timeout=self._seconds)
        context = ssl.create_default_context()
        if self._ca is not None:
            context.load_verify_locations(self._ca)
        return HTTPSConnection(self._host, self._port, timeout=self._seconds, context=context)


def refusal(reply: Reply) -> CannotSend | NotReached:
    """What an answer that is no success means for us: to be raised. It repeats nothing of what the service wrote."""
    status = reply.status
    if status >= 500 or status in _LATER:
        return NotReached(f"the service asks to come back later ({status})")
    if 300 <= status < 400:
        return CannotSend(
            f"The service wants the letter sent elsewhere ({status}), which is never done unseen. {_CHECK_THE_WAY}"
        )
    if status < 300:
        return Unanswered(f"the service did not answer as agreed ({status})")
    return CannotSend(f"The service refused the letter ({status}): {_MEANINGS.get(status, _REFUSED)}")


def asked_in_vain(reply: Reply) -> NotReached:
    """The same for a question after what became of a letter, which is simply asked again another time."""
    return NotReached(f"the service could not be asked ({reply.status})")


def proof_type(reply: Reply) -> str:
    return reply.media_type or "application/octet-stream"


def _cut(connection: HTTPConnection, held: list[socket.socket]) -> None:
    for sock in held or [connection.sock]:
        with suppress(OSError, AttributeError):
            sock.shutdown(socket.SHUT_RDWR)


def _parts(base: str) -> tuple[str, int | None, str, bool]:
    """(host, port, path, whether it is encrypted)."""
    try:
        parts = urlsplit(base.strip())
        port = parts.port
        host = parts.hostname or ""
        host.encode("idna")
    except ValueError:
        raise CannotSend(f"The way in the directory has no address that can be read. {_CHECK_THE_WAY}") from None
    fits = host and not (parts.username or parts.password or parts.query or parts.fragment)
    # Of a line break in it, the parts would know nothing any more.
    if not fits or not base.strip().isprintable() or " " in base.strip() or not parts.path.isascii():
        raise CannotSend(
            "The address in the directory must look like https://host/path, with nothing else in it. Correct it there."
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise CannotSend("The address in the directory does not begin with https://. Correct it, then send again.")
    return host, port, parts.path.rstrip("/"), parts.scheme == "https"
