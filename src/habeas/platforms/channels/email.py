"""Letters by e-mail, handed over by SMTP (RFC 5321, 6409), encrypted; reports of delivery are asked for (RFC 3461).

What a server writes beside its codes may repeat an address, so it stands in the proof and nowhere else.
"""

from __future__ import annotations

import base64
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from habeas.platforms.core import delivery_reports
from habeas.platforms.core.dispatch import Answer, CannotSend, NotReached, Outgoing, Receipt
from habeas.platforms.core.mail import (
    MailSettings,
    envelope_id,
    envelope_sender,
    faults_of,
    mail_address,
    mail_for,
    needs_smtputf8,
)

# Bytes of attachments, before they are encoded: most servers take no more.
_LARGE = 20_000_000
_LONGEST_SAID = 300
_LACKS = "The mail server lacks what this letter needs: {}. Ask whoever keeps our mail server."


class _Refused(NamedTuple):
    """A recipient that was not taken, by its place in the list."""

    place: int
    code: int
    said: str


class _Taken(NamedTuple):
    """How the conversation ended: what the server said to the letter, and whom it did not take."""

    code: int
    said: str
    refused: tuple[_Refused, ...]


class EmailChannel:
    """E-mail to one addressee.

    to: its address, or several; a letter that any of them takes is sent, and the receipt says which were refused
    ca: certificates to trust beside the machine's own, for a server inside the house
    """

    name = "email"

    def __init__(self, settings: MailSettings, to: str | Sequence[str], *, ca: Path | None = None) -> None:
        self._settings, self._ca = settings, ca
        self._to = (to,) if isinstance(to, str) else tuple(to)

    def needs(self, outgoing: Outgoing) -> list[str]:
        found = faults_of(outgoing, self._to)
        if sum(len(attachment.content) for attachment in outgoing.attachments) > _LARGE:
            found.append(
                "The attachments are larger than mail servers take. Send fewer, or hand them over as evidence."
            )
        return found

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        if missing := self.needs(outgoing):
            raise CannotSend(" ".join(missing))
        message = mail_for(outgoing, self._settings, self._to, at=at)
        content = _bytes_of(message)
        try:
            taken = self._hand_over(content, outgoing)
        except smtplib.SMTPResponseException as refusal:
            raise _refused(refusal.smtp_code, _text(refusal.smtp_error), whole=True) from None
        except ssl.SSLCertVerificationError:
            raise NotReached("the mail server's certificate is none this machine trusts: nothing was sent") from None
        except (smtplib.SMTPException, OSError) as trouble:
            raise NotReached(f"the mail server could not be reached ({type(trouble).__name__})") from None
        says = "The mail server took the letter; a report follows where it cannot deliver it."
        return Receipt(
            channel=self.name,
            state="accepted",
            reference=str(message["Message-ID"]),
            at=at,
            proof=_transcript(taken, at) + content,
            proof_type="message/rfc822",
            says=f"{says} {_not_taken(taken.refused, len(self._to))}".strip(),
        )

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        return None  # answers come by mail

    def _hand_over(self, content: bytes, outgoing: Outgoing) -> _Taken:
        settings = self._settings
        to = [mail_address(address) for address in self._to]
        sender = envelope_sender(outgoing, settings)
        with self._conversation() as server:
            if settings.security == "starttls":
                self._encrypt(server)
            if settings.user:
                _sign_in(server, settings)
            options, recipient_options = _options(server, content, [sender, *to], envelope_id(outgoing.key))
            _expect(server.mail(sender, options))
            refused = []
            for place, address in enumerate(to):
                code, said = server.rcpt(address, recipient_options)
                if code // 10 != 25:
                    refused.append(_Refused(place, code, _text(said)))
            if len(refused) == len(to):
                # One that may take it later decides: the others are told of when it did.
                worst = next((one for one in refused if one.code < 500), refused[0])
                raise _refused(worst.code, worst.said, whole=False)
            code, said = server.data(content)
            _expect((code, said))
            return _Taken(code, _text(said), tuple(refused))

    @contextmanager
    def _conversation(self) -> Iterator[smtplib.SMTP]:
        """A server that was greeted. All of it ends in time, however slowly the other side speaks."""
        server = self._connected()
        watch = threading.Timer(self._settings.most_seconds, _cut, [server])
        watch.daemon = True
        watch.start()
        try:
            server.ehlo_or_helo_if_needed()
            yield server
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError, ssl.SSLError):
            raise
        except Exception:
            _part(server)
            raise
        else:
            # The letter is taken; how the conversation ends changes nothing.
            _part(server)
        finally:
            watch.cancel()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        # The name we greet with: that of our mail, instead of whatever this machine is called.
        name = settings.sender.rpartition("@")[2]
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, name, timeout=settings.seconds, context=self._trust())
        return smtplib.SMTP(settings.host, settings.port, name, timeout=settings.seconds)

    def _encrypt(self, server: smtplib.SMTP) -> None:
        if not server.has_extn("starttls"):
            raise CannotSend(_LACKS.format("it offers no encryption"))
        _expect(server.starttls(context=self._trust()))
        _expect(server.ehlo())

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca is not None:
            context.load_verify_locations(self._ca)
        return context


# ---------------------------------------------------------------------------------------------------- the conversation


def _sign_in(server: smtplib.SMTP, settings: MailSettings) -> None:
    try:
        if (settings.user + settings.password).isascii():
            server.login(settings.user, settings.password)
        else:
            _sign_in_utf8(server, settings)
    except smtplib.SMTPAuthenticationError as refusal:
        if refusal.smtp_code < 500:
            raise
        raise CannotSend(
            f"Signing in to the mail server failed ({refusal.smtp_code}). The user and password in HABEAS_MAIL must be "
            "renewed."
        ) from None
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException):
        raise
    except smtplib.SMTPException:
        raise CannotSend(_LACKS.format("it offers no way to sign in")) from None


def _sign_in_utf8(server: smtplib.SMTP, settings: MailSettings) -> None:
    """Signing in with letters beyond a to z, which the library does not know. Source: RFC 4616."""
    if "PLAIN" not in server.esmtp_features.get("auth", "").upper().split():
        raise smtplib.SMTPNotSupportedError
    told = base64.b64encode(f"\0{settings.user}\0{settings.password}".encode()).decode("ascii")
    code, said = server.docmd("AUTH", f"PLAIN {told}")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)


def _options(
    server: smtplib.SMTP, content: bytes, addresses: Sequence[str], envelope: str
) -> tuple[list[str], list[str]]:
    """(parameters of MAIL, of each RCPT), as the server offers them. Raises CannotSend where it lacks a needed one."""
    options, recipient_options = [], []
    if server.has_extn("size"):
        limit = server.esmtp_features["size"].strip()
        if limit.isdigit() and 0 < int(limit) < len(content):
            raise CannotSend(
                f"The letter is larger than the mail server takes ({int(limit) // 1_000_000} MB). Send it with fewer "
                "attachments, or hand them over as evidence."
            )
        options.append(f"SIZE={len(content)}")
    # A letter holds other signs than ASCII only where one of its addresses does.
    if not content.isascii() or any(map(needs_smtputf8, addresses)):
        if not server.has_extn("smtputf8"):
            raise CannotSend(_LACKS.format("it takes no address in letters beyond a to z"))
        options.append("SMTPUTF8")
    if not content.isascii() and server.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    if server.has_extn("dsn"):
        options += ["RET=HDRS", *([f"ENVID={envelope}"] if envelope else [])]
        recipient_options = ["NOTIFY=SUCCESS,FAILURE,DELAY"]
    return options, recipient_options


def _expect(reply: tuple[int, bytes]) -> None:
    if reply[0] // 100 != 2:
        raise smtplib.SMTPResponseException(*reply)


def _part(server: smtplib.SMTP) -> None:
    with suppress(smtplib.SMTPException, OSError):
        server.quit()


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with suppress(OSError):
            server.sock.shutdown(socket.SHUT_RDWR)


# ------------------------------------------------------------------------------------------------- what came of it


def _refused(code: int, said: str, *, whole: bool) -> CannotSend | NotReached:
    """What a code means for us. whole: the letter was refused, and not one of its addresses."""
    if code < 500:
        return NotReached(f"the mail server asks to come back later ({code})")
    status = delivery_reports.status_in(said)
    shown = f"{code}, {status}" if status else str(code)
    if whole and not status and code in {550, 551, 553}:
        # Said to the letter, these codes are about us or about what it holds, and not about an address.
        return CannotSend(
            f"The mail server refused the letter ({shown}). Ask whoever keeps our mail server, or choose another way."
        )
    why, step = delivery_reports.meaning(status, code)
    return CannotSend(f"The mail server refused the letter ({shown}): {why}. {step}")


def _not_taken(refused: Sequence[_Refused], every: int) -> str:
    if not refused:
        return ""
    first = refused[0]
    why, step = delivery_reports.meaning(delivery_reports.status_in(first.said), first.code)
    return f"It refused {len(refused)} of {every} addresses ({first.code}): {why}. {step}"


def _transcript(taken: _Taken, at: datetime) -> bytes:
    """What the server said, as headers before the letter, the way servers write their own."""
    lines = [f"X-Handed-Over: {at.isoformat()}; {taken.code} {taken.said}"]
    lines += [f"X-Refused: address {one.place + 1}; {one.code} {one.said}" for one in taken.refused]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_SAID]


def _bytes_of(message: EmailMessage) -> bytes:
    out = BytesIO()
    BytesGenerator(out, policy=message.policy).flatten(message)
    return out.getvalue()
