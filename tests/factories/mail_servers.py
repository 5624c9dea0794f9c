"""Real mail servers on the loopback, with the moods of real ones."""

# ruff: noqa: N802  the names of handlers are aiosmtpd's

from __future__ import annotations

import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult


@dataclass
class Post:
    """What a server got, and how it behaves.

    answers: what it says to the end of a letter, one after the other; the last one stays
    refuses: what it says to a recipient
    cuts:    how many letters it takes and then hangs up, without an answer
    senders: where reports are to go, for each letter; users: who signed in
    """

    port: int = 0
    got: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    options: list[list[str]] = field(default_factory=list)
    answers: list[str] = field(default_factory=lambda: ["250 OK"])
    refuses: dict[str, str] = field(default_factory=dict)
    cuts: int = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        self.options.append([*envelope.mail_options, *options])
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.got.append(envelope.original_content)
        self.senders.append(envelope.mail_from)
        if self.cuts:
            self.cuts -= 1
            server.transport.abort()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Server(SMTP):
    """Takes the parameters of RFC 3461 as well, as most mail servers do."""

    async def smtp_EHLO(self, hostname: str) -> None:
        self._dsn = True
        await super().smtp_EHLO(hostname)

    async def push(self, status: str | bytes) -> None:
        text = status if isinstance(status, str) else status.decode()
        if getattr(self, "_dsn", False) and text.startswith("250 HELP"):
            self._dsn = False
            await super().push("250-DSN")
        await super().push(status)

    async def smtp_MAIL(self, arg: str | None) -> None:
        kept, more = _without_dsn(arg, ("RET=", "ENVID="))
        await super().smtp_MAIL(kept)
        self.envelope.mail_options = [*self.envelope.mail_options, *more]

    async def smtp_RCPT(self, arg: str | None) -> None:
        kept, more = _without_dsn(arg, ("NOTIFY=",))
        await super().smtp_RCPT(kept)
        if self.event_handler.options:
            self.event_handler.options[-1] += more


def _without_dsn(arg: str | None, names: tuple[str, ...]) -> tuple[str | None, list[str]]:
    words = (arg or "").split()
    more = [word for word in words if word.upper().startswith(names)]
    return (" ".join(word for word in words if word not in more) or None), more


@contextmanager
def smtp_server(
    post: Post,
    *,
    tls: ssl.SSLContext | None = None,
    at_once: bool = False,
    dsn: bool = True,
    password: str | None = None,
    **more: Any,
) -> Iterator[Post]:
    """An SMTP server; with ``tls`` it offers STARTTLS and takes nothing without, or speaks TLS ``at_once``.

    password: of any user, who must sign in
    """

    def knows(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        post.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == password, handled=False)

    options = {"enable_SMTPUTF8": False, **more}
    if tls is not None and not at_once:
        options |= {"tls_context": tls, "require_starttls": True}
    if password is not None:
        options |= {"authenticator": knows, "auth_required": True, "auth_require_tls": tls is not None and not at_once}

    class Here(Controller):
        def factory(self) -> SMTP:
            return (_Server if dsn else SMTP)(self.handler, **options)

    post.port = free_port()
    controller = Here(
        post, hostname="127.0.0.1", port=post.port, ready_timeout=10, ssl_context=tls if at_once else None
    )
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


@contextmanager
def spoken_server(greeting: bytes, *, then: bytes = b"", pause: float = 0.0) -> Iterator[int]:
    """A server that says its greeting, and after the first command ``then`` again and again; its port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        stopped = threading.Event()

        def speak() -> None:
            with suppress(OSError):
                visitor, _ = listening.accept()
                with visitor:
                    visitor.sendall(greeting)
                    visitor.recv(1000)
                    while then and not stopped.is_set():
                        visitor.sendall(then)
                        time.sleep(pause)

        thread = threading.Thread(target=speak, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            stopped.set()
            listening.close()
            thread.join(3)


@dataclass
class Mailbox:
    """An IMAP mailbox: messages by number, which of them were seen, which were moved where.

    claims: sizes it gives that are not the real ones; cuts_at: the message at whose content it hangs up
    """

    messages: dict[int, bytes]
    password: str = "open"
    seen: set[int] = field(default_factory=set)
    moved: dict[int, str] = field(default_factory=dict)
    claims: dict[int, int] = field(default_factory=dict)
    fetched: list[int] = field(default_factory=list)
    cuts_at: int = 0
    can_move: bool = True
    port: int = 0


class _ImapServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, mailbox: Mailbox, tls: ssl.SSLContext | None) -> None:
        self.mailbox, self.tls = mailbox, tls
        super().__init__(("127.0.0.1", 0), _ImapVisitor)

    def get_request(self) -> tuple[Any, Any]:
        visitor, address = super().get_request()
        return (self.tls.wrap_socket(visitor, server_side=True) if self.tls else visitor), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A visitor who does not trust our certificate hangs up."""


class _ImapVisitor(socketserver.StreamRequestHandler):
    server: _ImapServer

    def handle(self) -> None:
        self.wfile.write(b"* OK ready\r\n")
        while line := self.rfile.readline().decode().strip():
            tag, _, command = line.partition(" ")
            said = self.obey(command)
            if said is None:
                return
            self.wfile.write(f"{tag} {said} done\r\n".encode())
            if command == "LOGOUT":
                return

    def obey(self, command: str) -> str | None:
        word = command.upper()
        if word == "CAPABILITY":
            self.wfile.write(b"* CAPABILITY IMAP4rev1%s\r\n" % (b" MOVE" if self.server.mailbox.can_move else b""))
        elif word.startswith("LOGIN"):
            return (
                "OK"
                if command.endswith(f'"{self.server.mailbox.password}"')
                else "NO user somebody@example.org unknown"
            )
        elif word.startswith("SELECT"):
            self.wfile.write(b"* %d EXISTS\r\n" % len(self.server.mailbox.messages))
            return "OK" if '"INBOX"' in word else "NO"
        elif word.startswith("UID SEARCH UNSEEN"):
            here = (
                number
                for number in self.server.mailbox.messages
                if number not in self.server.mailbox.seen | set(self.server.mailbox.moved)
            )
            self.wfile.write(f"* SEARCH {' '.join(map(str, here))}\r\n".encode())
        else:
            return self.obey_for_one(command)
        return "OK"

    def obey_for_one(self, command: str) -> str | None:
        found = re.fullmatch(r"UID (\w+) (\d+) (.*)", command)
        if found is None:
            return "BAD"
        verb, number, rest = found[1], int(found[2]), found[3]
        raw = self.server.mailbox.messages[number]
        if verb == "FETCH" and "SIZE" in rest:
            size = self.server.mailbox.claims.get(number, len(raw))
            self.wfile.write(f"* 1 FETCH (UID {number} RFC822.SIZE {size})\r\n".encode())
        elif verb == "FETCH":
            self.server.mailbox.fetched.append(number)
            if number == self.server.mailbox.cuts_at:
                return None
            self.wfile.write(f"* 1 FETCH (UID {number} BODY[] {{{len(raw)}}}\r\n".encode() + raw + b")\r\n")
        elif verb == "STORE":
            self.server.mailbox.seen.add(number)
        elif verb == "MOVE":
            self.server.mailbox.moved[number] = rest.strip('"')
        return "OK"


@contextmanager
def imap_server(mailbox: Mailbox, *, tls: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """An IMAP server (RFC 3501, as far as one who fetches needs it) for one mailbox; with ``tls`` from the start."""
    with _ImapServer(mailbox, tls) as server:
        mailbox.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield mailbox
        finally:
            server.shutdown()


def free_port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def certificate(folder: Path, host: str = "localhost") -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate: (its file, a server's context with it)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "server.pem", folder / "server.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate_file, key_file)
    return certificate_file, context
