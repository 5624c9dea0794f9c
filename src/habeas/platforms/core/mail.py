"""A letter as an e-mail: its identity, its addresses for answers, its bytes.

The message id follows from the act's key, so a letter that is handed over twice is one letter to whoever files it. The
address for answers holds a token of the measure that nobody can make up for another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal
from urllib.parse import unquote, urlsplit

from habeas.platforms.core.dispatch import Attachment, CannotSend, Outgoing

Security = Literal["tls", "starttls", "none"]

# Of RFC 5321, section 4.5.3.1.
_LONGEST_LOCAL, _LONGEST_ADDRESS = 64, 254
_LOCAL = re.compile(r"[^\s@<>(),:;\"\[\]\\\x00-\x1f\x7f]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_TOKEN_BYTES = 10
_TOKEN = re.compile(r"\A(?P<measure>m-[0-9a-z]{10})-(?P<proof>[a-z2-7]{16})\Z")
_MESSAGE_ID = re.compile(r"<(?P<key>[0-9a-f]{32})@(?P<domain>[^<>@\s]+)>")
_PORTS: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}
_SCHEMES: dict[str, Security] = {"smtps": "tls", "smtp+starttls": "starttls", "smtp": "none"}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ANSWERS = "answers"


class NoSuchAddress(ValueError):
    """A text that is no address of electronic mail. It is not repeated: it may be somebody's."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How this house hands over mail.

    sender:       name and address that letters come from
    reply_domain: the domain whose mail comes back to the receiver; empty: answers go to the sender's address
    seconds:      of patience for each step of the conversation
    """

    host: str
    port: int
    security: Security
    sender_name: str
    sender: str
    reply_domain: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    seconds: float = 30.0

    @classmethod
    def parse(cls, url: str, *, sender_name: str, sender: str, reply_domain: str = "") -> MailSettings:
        """``smtp+starttls://user:password@host:587``, ``smtps://…``, or ``smtp://localhost`` on this machine alone.

        Raises ValueError, which never repeats the password.
        """
        parts = urlsplit(url)
        security = _SCHEMES.get(parts.scheme)
        if security is None or not parts.hostname:
            raise ValueError("HABEAS_MAIL must look like smtp+starttls://user:password@host:587 or smtps://host")
        if security == "none" and parts.hostname not in _LOOPBACK:
            raise ValueError("HABEAS_MAIL: smtp:// without encryption is for this machine only; use smtp+starttls://")
        return cls(
            host=parts.hostname,
            port=parts.port or _PORTS[security],
            security=security,
            sender_name=sender_name,
            sender=mail_address(sender),
            reply_domain=reply_domain,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


def mail_address(text: str) -> str:
    """An address as it is sent: the domain in ASCII (IDNA), the local part as it is. Raises NoSuchAddress."""
    local, at, domain = text.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > _LONGEST_LOCAL or ".." in f".{local}.":
        raise NoSuchAddress("this is no address of electronic mail: look at it again")
    try:
        ascii_domain = domain.encode("idna").decode("ascii").lower() if not domain.isascii() else domain.lower()
    except UnicodeError:
        raise NoSuchAddress("the part after the @ is no name of a domain: look at it again") from None
    labels = ascii_domain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise NoSuchAddress("the part after the @ is no name of a domain: look at it again")
    address = f"{local}@{ascii_domain}"
    if len(address.encode()) > _LONGEST_ADDRESS:
        raise NoSuchAddress("the address is longer than addresses can be: look at it again")
    return address


def needs_smtputf8(address: str) -> bool:
    return not address.isascii()


def token_for(secret: bytes, measure: str) -> str:
    """The token of a measure's reference, for an address: 80 bits that only this house can make."""
    name = measure.lower()
    return f"{name}-{_proof(secret, name)}"


def measure_of(secret: bytes, token: str) -> str | None:
    """The measure's reference that a token was made for, or null for one that was not made here."""
    found = _TOKEN.match(token.strip().lower())
    if found is None or not hmac.compare_digest(found["proof"], _proof(secret, found["measure"])):
        return None
    return found["measure"].upper()


def reply_address(secret: bytes, measure: str, domain: str) -> str:
    """Where answers to the letter of a measure go."""
    return f"{ANSWERS}+{token_for(secret, measure)}@{domain}"


def measure_in(secret: bytes, address: str) -> str | None:
    """The measure's reference in an address for answers, or null."""
    local = address.rpartition("@")[0] or address
    word, plus, token = local.partition("+")
    return measure_of(secret, token) if plus and word.lower() == ANSWERS else None


def message_id_for(key: str, domain: str) -> str:
    """The message id of an act: the same each time it is tried."""
    return f"<{hashlib.sha256(f'message {key}'.encode()).hexdigest()[:32]}@{domain}>"


def our_message_ids(text: str, domain: str) -> list[str]:
    """Our message ids in a header such as References, the last first."""
    found = [match[0] for match in _MESSAGE_ID.finditer(text) if match["domain"].lower() == domain.lower()]
    return found[::-1]


def mail_for(outgoing: Outgoing, settings: MailSettings, to: str, *, at: datetime) -> EmailMessage:
    """The letter as a message. Raises CannotSend for what cannot stand in one, before anything leaves."""
    if not outgoing.subject.strip() or not outgoing.text.strip():
        raise CannotSend("The letter has no subject or no text. Draft it again from the plan, then send it.")
    if any(sign in outgoing.subject for sign in "\r\n\0"):
        raise CannotSend("The subject of the letter has a line break in it. Take it out of the subject, then send it.")
    message = EmailMessage(policy=SMTP)
    domain = settings.sender.rpartition("@")[2]
    message["From"] = Address(settings.sender_name, addr_spec=settings.sender)
    message["To"] = to
    if outgoing.reply_to:
        message["Reply-To"] = _address_or_refusal(outgoing.reply_to)
    message["Subject"] = " ".join(outgoing.subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id_for(outgoing.key, domain)
    message["Content-Language"] = outgoing.language
    message["X-Reference"] = outgoing.measure
    message.set_content(_lines(outgoing.text), charset="utf-8", cte="quoted-printable")
    for attachment in outgoing.attachments:
        _attach(message, attachment)
    return message


def _proof(secret: bytes, name: str) -> str:
    digest = hmac.new(secret, f"answers to {name}".encode(), hashlib.sha256).digest()[:_TOKEN_BYTES]
    return base64.b32encode(digest).decode().lower()


def _address_or_refusal(address: str) -> str:
    try:
        return mail_address(address)
    except NoSuchAddress:
        raise CannotSend(
            "The address for answers is none: HABEAS_MAIL_DOMAIN and HABEAS_HOUSE_EMAIL must be set right."
        ) from None


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _attach(message: EmailMessage, attachment: Attachment) -> None:
    main, _, sub = attachment.media_type.partition("/")
    if not sub or not attachment.name.strip() or any(ord(sign) < 32 or sign in "/\\" for sign in attachment.name):
        raise CannotSend("A file of the letter has a name or type that cannot be sent. Attach it again.")
    message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name)
