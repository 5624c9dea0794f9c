"""Receiving answers: mail for ``answers+<token>@…`` comes in by LMTP or SMTP, or is fetched by IMAP.

A message is acknowledged only once it is stored: whoever hands it over keeps it until then, and nothing is lost when
this process is killed; the same message may then come twice. An address without a valid token is refused at once, so
that nothing else is ever taken in. No address and no word of a message is ever logged.
"""

from __future__ import annotations

import asyncio
import imaplib
import logging
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from habeas.platforms.core.answers import MOST_BYTES, identity_of
from habeas.platforms.core.dispatch import NotReached
from habeas.platforms.core.mail import LOOPBACK, Security, measure_in

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, Envelope, Session

log = logging.getLogger(__name__)

# One at a time: LMTP wants an answer for each, and a server with several asks again for the next.
MOST_RECIPIENTS = 1
# Messages that are stored at once, and conversations at once: each may hold one message in memory.
MOST_AT_ONCE = 20
MOST_CONVERSATIONS = 40
# Mail programs write lines that no standard allows. A message is not turned away for them.
LONGEST_LINE = 1_000_000
SILENCE_SECONDS = 120
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
# Stores a message durably, or raises.
Keep = Callable[[bytes], object]


class MailboxRefused(RuntimeError):
    """A mailbox that does not let us in or is not there: the message says which setting to look at."""


# ------------------------------------------------------------------------------------------------- handed over to us


class _Door:
    """What a mail server may do here: hand over messages for addresses of ours."""

    def __init__(self, keep: Keep, secret: bytes) -> None:
        self._keep, self._secret = keep, secret
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if measure_in(self._secret, address) is None:
            return "550 5.1.1 No such address here"
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        raw = _proved(envelope) + (envelope.original_content or b"")
        try:
            async with self._room:
                await asyncio.to_thread(self._keep, raw)
        except Exception as trouble:  # whatever is wrong here, the message stays with whoever has it
            log.warning("a message could not be stored: %s", type(trouble).__name__)
            return "451 4.3.0 Not stored; try again later"
        return "250 2.0.0 Stored"

    async def handle_exception(self, error: Exception) -> str:
        log.warning("a conversation with a mail server failed: %s", type(error).__name__)
        return "451 4.3.0 Try again later"


def _proved(envelope: Envelope) -> bytes:
    """What was said outside the message, as headers before it; the message itself does not always repeat it.

    Source: RFC 5321, section 4.4, for Return-Path; an empty one marks what a server wrote.
    """
    sender = (envelope.mail_from or "").strip("<>")
    lines = [f"Return-Path: <{sender}>", *(f"X-Original-To: {one}" for one in envelope.rcpt_tos)]
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")


class _Room:
    """How many conversations are open."""

    def __init__(self) -> None:
        self.taken = 0


def serve_lmtp(
    keep: Keep, secret: bytes, host: str = "127.0.0.1", port: int = 0, *, unix: Path | None = None, smtp: bool = False
) -> Any:
    """Listen for mail (RFC 2033; ``smtp`` for RFC 5321). The controller that is returned has ``stop()``.

    keep: stores a message durably or raises; called in threads, up to MOST_AT_ONCE at once
    unix: the socket to listen at, instead of host and port; its folder says who may come in
    For a mail server in front of it on this machine or in its own network: it does no TLS and no greylisting itself,
    and as SMTP it listens on this machine only. Raises ValueError for another host, OSError where nothing can listen.
    """
    from aiosmtpd.controller import Controller, UnixSocketController

    if smtp and unix is None and host not in LOOPBACK:
        raise ValueError("SMTP without encryption is for this machine only; let a mail server hand it over by LMTP")
    # It writes down every line of every conversation, with the addresses in it.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL + 1)
    kind, room = _conversation(smtp=smtp), _Room()

    def factory(controller: Any) -> Any:
        return kind(
            room,
            controller.handler,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname="answers",
            ident="Habeas",
            timeout=SILENCE_SECONDS,
        )

    door = _Door(keep, secret)
    if unix is not None:
        made = type("UnixReceiver", (UnixSocketController,), {"factory": factory})(door, str(unix), ready_timeout=10)
    else:
        made = type("Receiver", (Controller,), {"factory": factory})(door, hostname=host, port=port, ready_timeout=10)
    made.start()
    if unix is not None:
        unix.chmod(0o660)
    return made


def _conversation(*, smtp: bool) -> Any:
    """The class of one conversation: of LMTP or SMTP, with room for long lines and none for endless conversations."""
    from aiosmtpd.lmtp import LMTP
    from aiosmtpd.smtp import SMTP

    base: Any = SMTP if smtp else LMTP

    class Conversation(base):  # type: ignore[misc]
        line_length_limit = LONGEST_LINE

        def __init__(self, room: _Room, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self._room = room

        def connection_made(self, transport: Any) -> None:
            # STARTTLS would come here again; none is offered.
            if self._room.taken >= MOST_CONVERSATIONS:
                self._turned_away = True
                transport.write(b"421 4.3.2 Too many conversations; try again later\r\n")
                transport.close()
                return
            self._turned_away = False
            self._room.taken += 1
            super().connection_made(transport)

        def connection_lost(self, error: Exception | None) -> None:
            if not self._turned_away:
                self._room.taken -= 1
                super().connection_lost(error)

        def data_received(self, data: bytes) -> None:
            if not self._turned_away:
                super().data_received(data)

        def eof_received(self) -> bool | None:
            return None if self._turned_away else super().eof_received()

    return Conversation


# ------------------------------------------------------------------------------------------------------ fetched by us


def fetch_imap(
    keep: Keep,
    host: str,
    port: int,
    user: str,
    password: str,
    *,
    mailbox: str = "INBOX",
    done: str = "",
    security: Security = "tls",
    context: ssl.SSLContext | None = None,
    most: int = 200,
    seconds: float = 60.0,
) -> int:
    """Take in what nobody has seen in a mailbox, marking each message seen once it is stored. Returns how many.

    done: a folder to which what was stored is moved, where the server can (RFC 6851); empty: it stays, as seen
    What cannot be stored stays unseen and is fetched again; what is too large stays unseen for a person to look at.
    A copy of a message that came in before it is marked without being stored again.
    Raises NotReached, MailboxRefused.
    """
    for text in (mailbox, done, user):
        if not text.isascii() or any(ord(sign) < 32 for sign in text):
            raise MailboxRefused("the user and the folders of a mailbox are written in plain signs: look at them again")
    taken = 0
    known: set[str] = set()
    with _mailbox(host, port, user, password, security, context, seconds) as server:
        if server.select(_quoted(mailbox))[0] != "OK":
            raise MailboxRefused("the mailbox has no folder of that name; look at the settings")
        moves = bool(done) and "MOVE" in server.capabilities
        found = server.uid("SEARCH", "UNSEEN")[1]
        for number in (found[0] or b"").decode("ascii", "ignore").split()[:most]:
            if _take(server, number, keep, known):
                taken += 1
                server.uid("STORE", number, "+FLAGS", r"(\Seen)")
                if moves:
                    server.uid("MOVE", number, _quoted(done))
    return taken


def _take(server: imaplib.IMAP4, number: str, keep: Keep, known: set[str]) -> bool:
    """Whether a message is stored now."""
    size = _SIZE.search(_joined(server.uid("FETCH", number, "(RFC822.SIZE)")[1]))
    if size is not None and int(size[1]) > MOST_BYTES:
        log.warning("a message is too large to be taken in; it stays unseen in the mailbox")
        return False
    raw = next(
        (piece[1] for piece in server.uid("FETCH", number, "(BODY.PEEK[])")[1] if isinstance(piece, tuple)), None
    )
    if not raw or len(raw) > MOST_BYTES:
        return False
    identity = identity_of(raw)
    if identity not in known:
        try:
            keep(raw)
        except Exception as trouble:  # whatever is wrong here, the message stays unseen and comes again
            log.warning("a message could not be stored: %s", type(trouble).__name__)
            return False
        known.add(identity)
    return True


@contextmanager
def _mailbox(
    host: str, port: int, user: str, password: str, security: Security, context: ssl.SSLContext | None, seconds: float
) -> Iterator[imaplib.IMAP4]:
    if security == "none" and host not in LOOPBACK:
        raise MailboxRefused("a mailbox elsewhere is read over an encrypted line only; use tls or starttls")
    trust = context or ssl.create_default_context()
    try:
        if security == "tls":
            server: imaplib.IMAP4 = imaplib.IMAP4_SSL(host, port, ssl_context=trust, timeout=seconds)
        else:
            server = imaplib.IMAP4(host, port, timeout=seconds)
    except (OSError, imaplib.IMAP4.error) as trouble:
        raise NotReached(f"the mailbox could not be reached ({type(trouble).__name__})") from None
    try:
        if security == "starttls":
            server.starttls(ssl_context=trust)
        _sign_in(server, user, password)
        yield server
    except imaplib.IMAP4.abort:
        raise NotReached("the mailbox broke off the conversation") from None
    except imaplib.IMAP4.error:
        raise MailboxRefused("the mailbox did not take a command; its server may lack what is needed") from None
    except NotReached:
        raise
    except OSError as trouble:
        raise NotReached(f"the mailbox could not be reached ({type(trouble).__name__})") from None
    finally:
        with suppress(OSError, imaplib.IMAP4.error):
            server.logout()


def _sign_in(server: imaplib.IMAP4, user: str, password: str) -> None:
    try:
        server.login(_quoted(user), password)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:  # it repeats what the server said
        raise MailboxRefused("the mailbox does not know our user or password; renew them") from None


def _joined(answer: list[Any]) -> bytes:
    return b" ".join(piece if isinstance(piece, bytes) else piece[0] for piece in answer if piece)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
