"""Receiving answers: mail for ``answers+<token>@…`` comes in by LMTP or SMTP, or is fetched by IMAP.

A message is acknowledged only once it is stored: whoever hands it over keeps it until then, and nothing is lost when
this process is killed. An address without a valid token is refused at once, so that nothing else is ever taken in.
"""

from __future__ import annotations

import asyncio
import imaplib
import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from habeas.platforms.core.mail import measure_in

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

log = logging.getLogger(__name__)

MOST_BYTES = 30_000_000
# One at a time: LMTP wants an answer for each, and a server with several asks again for the next.
MOST_RECIPIENTS = 1
MOST_AT_ONCE = 20
# Stores a message durably, or raises.
Keep = Callable[[bytes], object]


class _Door:
    """What a mail server may do here: hand over messages for addresses of ours, one conversation at a time each."""

    def __init__(self, keep: Keep, secret: bytes) -> None:
        self._keep, self._secret = keep, secret
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        if measure_in(self._secret, address) is None:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.original_content or b""
        # The address that was proved when it was handed over is not always repeated in the message.
        proved = b"".join(b"X-Original-To: %s\r\n" % one.encode("utf-8") for one in envelope.rcpt_tos[:MOST_RECIPIENTS])
        try:
            async with self._room:
                await asyncio.to_thread(self._keep, proved + content)
        except Exception as trouble:  # whatever is wrong here, the message stays with whoever has it
            log.warning("a message could not be stored: %s", type(trouble).__name__)
            return "451 4.3.0 Not stored; try again later"
        return "250 2.0.0 Stored"


def serve_lmtp(keep: Keep, secret: bytes, host: str, port: int, *, smtp: bool = False) -> Any:
    """Listen for mail (RFC 2033; ``smtp`` for RFC 5321). The controller that is returned has ``stop()``.

    For a mail server in front of it on this machine or in its own network: it does no TLS and no greylisting itself.
    """
    from aiosmtpd.controller import Controller
    from aiosmtpd.lmtp import LMTP
    from aiosmtpd.smtp import SMTP

    kind = SMTP if smtp else LMTP

    class Receiver(Controller):
        def factory(self) -> Any:
            return kind(
                self.handler,
                data_size_limit=MOST_BYTES,
                enable_SMTPUTF8=True,
                hostname="answers",
                ident="Habeas",
                timeout=120,
            )

    controller = Receiver(_Door(keep, secret), hostname=host, port=port, ready_timeout=10)
    controller.start()
    return controller


def fetch_imap(
    keep: Keep,
    host: str,
    port: int,
    user: str,
    password: str,
    *,
    mailbox: str = "INBOX",
    context: ssl.SSLContext | None = None,
    most: int = 200,
    seconds: float = 60.0,
) -> int:
    """Take in what nobody has seen in a mailbox, marking each message seen once it is stored. Returns how many.

    Raises OSError or imaplib.IMAP4.error where the mailbox cannot be reached; what was stored stays stored, and comes
    again at most once more.
    """
    taken = 0
    server = imaplib.IMAP4_SSL(host, port, ssl_context=context or ssl.create_default_context(), timeout=seconds)
    try:
        server.login(user, password)
        server.select(mailbox)
        _, found = server.uid("SEARCH", "UNSEEN")
        for number in (found[0] or b"").split()[:most]:
            _, answer = server.uid("FETCH", number.decode(), "(BODY.PEEK[])")
            for piece in answer:
                if isinstance(piece, tuple) and len(piece[1]) <= MOST_BYTES:
                    keep(piece[1])
                    server.uid("STORE", number.decode(), "+FLAGS", r"(\Seen)")
                    taken += 1
                    break
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()
    return taken
