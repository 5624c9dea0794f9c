"""Real mail servers on the loopback, with the moods of real ones."""

# ruff: noqa: N802  the names of handlers are aiosmtpd's

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


@dataclass
class Post:
    """What a server got, and how it behaves.

    answers: what it says to the end of a letter, one after the other; the last one stays
    refuses: what it says to a recipient
    """

    port: int = 0
    got: list[bytes] = field(default_factory=list)
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
def smtp_server(post: Post, *, tls: ssl.SSLContext | None = None, dsn: bool = True, **more: Any) -> Iterator[Post]:
    """An SMTP server; with ``tls`` it offers STARTTLS and takes nothing without."""

    class Here(Controller):
        def factory(self) -> SMTP:
            kind = _Server if dsn else SMTP
            return kind(self.handler, tls_context=tls, require_starttls=tls is not None, enable_SMTPUTF8=False, **more)

    post.port = free_port()
    controller = Here(post, hostname="127.0.0.1", port=post.port, ready_timeout=10)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


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
