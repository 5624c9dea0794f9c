"""Letters by e-mail, handed over by SMTP (RFC 5321, 6409), encrypted; reports of delivery are asked for (RFC 3461)."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from datetime import datetime
from email.generator import BytesGenerator
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path

from habeas.platforms.core.dispatch import Answer, CannotSend, NotReached, Outgoing, Receipt
from habeas.platforms.core.mail import MailSettings, NoSuchAddress, mail_address, mail_for, needs_smtputf8

# Replies after which the same letter to the same address will not be taken either (RFC 3463).
_NEXT_STEPS = {
    530: "The mail server wants us to sign in: HABEAS_MAIL must hold a user and a password.",
    535: "Signing in to the mail server failed: the user and password in HABEAS_MAIL must be renewed.",
    550: "The address does not exist or refuses mail. Look up another way to this addressee in the directory.",
    551: "The addressee has moved. Look up its new address in the directory.",
    552: "The letter is too large for it. Send it with fewer attachments.",
    553: "The address is not written as the server wants it. Look at it again in the directory.",
    554: "The server takes no mail from us. Ask whoever keeps our mail server, or choose another way.",
}
_OTHER_STEP = "Look at the address in the directory, or choose another way."
_LARGE = 20_000_000


class EmailChannel:
    """E-mail to one address.

    to: the addressee's address
    ca: certificates to trust beside the machine's own, for a server inside the house
    """

    name = "email"

    def __init__(self, settings: MailSettings, to: str, *, ca: Path | None = None) -> None:
        self._settings, self._to, self._ca = settings, to, ca

    def needs(self, outgoing: Outgoing) -> list[str]:
        found = []
        try:
            mail_address(self._to)
        except NoSuchAddress:
            found.append("The directory holds no e-mail address that can be written to. Correct it there.")
        if sum(len(attachment.content) for attachment in outgoing.attachments) > _LARGE:
            found.append(
                "The attachments are larger than mail servers take. Send fewer, or hand them over as evidence."
            )
        return found

    def send(self, outgoing: Outgoing, *, at: datetime) -> Receipt:
        if missing := self.needs(outgoing):
            raise CannotSend(" ".join(missing))
        to = mail_address(self._to)
        message = mail_for(outgoing, self._settings, to, at=at)
        content = _bytes_of(message)
        try:
            said = self._hand_over(content, to, outgoing.key)
        except smtplib.SMTPResponseException as refusal:
            raise _refused(refusal.smtp_code) from None
        except smtplib.SMTPRecipientsRefused as refusal:
            raise _refused(next(iter(refusal.recipients.values()))[0]) from None
        except smtplib.SMTPNotSupportedError:
            raise CannotSend(
                "The mail server lacks what this letter needs (encryption, sign-in or letters in the address). "
                "Ask whoever keeps our mail server."
            ) from None
        except (smtplib.SMTPException, OSError) as trouble:
            raise NotReached(f"the mail server could not be reached ({type(trouble).__name__})") from None
        return Receipt(
            channel=self.name,
            state="accepted",
            reference=str(message["Message-ID"]),
            at=at,
            proof=content + b"\r\n" + said,
            proof_type="message/rfc822",
            says="The mail server took the letter; a report follows where it cannot deliver it.",
        )

    def ask(self, reference: str, *, at: datetime) -> Answer | None:
        return None  # answers come by mail

    def _hand_over(self, content: bytes, to: str, key: str) -> bytes:
        settings = self._settings
        server = self._connected()
        try:
            server.ehlo_or_helo_if_needed()
            if settings.security == "starttls":
                server.starttls(context=self._trust())
                server.ehlo()
            if settings.user:
                server.login(settings.user, settings.password)
            options = [f"SIZE={len(content)}"] if server.has_extn("size") else []
            if server.has_extn("8bitmime"):
                options.append("BODY=8BITMIME")
            if needs_smtputf8(to):
                if not server.has_extn("smtputf8"):
                    raise smtplib.SMTPNotSupportedError
                options.append("SMTPUTF8")
                server.command_encoding = "utf-8"
            recipient = []
            if server.has_extn("dsn"):
                options += ["RET=HDRS", f"ENVID={key}"]
                recipient = ["NOTIFY=SUCCESS,FAILURE,DELAY"]
            _expect(server.mail(settings.sender, options), 250)
            _expect(server.rcpt(to, recipient), 250, 251)
            code, said = server.data(content)
            _expect((code, said), 250)
            return b"X-Handed-Over: %d %s\r\n" % (code, said.replace(b"\n", b" ")[:300])
        finally:
            # The letter is taken, or it is not; how the conversation ends changes nothing.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.security == "tls":
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.seconds, context=self._trust())
        return smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if self._ca is not None:
            context.load_verify_locations(self._ca)
        return context


def _expect(reply: tuple[int, bytes], *good: int) -> None:
    if reply[0] not in good:
        raise smtplib.SMTPResponseException(*reply)


def _refused(code: int) -> CannotSend | NotReached:
    """What a code means for us. What the server wrote beside it is left out: it may repeat the address."""
    if 400 <= code < 500 or code < 0:
        return NotReached(f"the mail server asks to come back later ({code})")
    return CannotSend(f"The mail server refused the letter ({code}). {_NEXT_STEPS.get(code, _OTHER_STEP)}")


def _bytes_of(message: EmailMessage) -> bytes:
    out = BytesIO()
    BytesGenerator(out, policy=message.policy).flatten(message)
    return out.getvalue()
