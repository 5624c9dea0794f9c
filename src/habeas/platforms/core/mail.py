"""A letter as an e-mail: its identity, its addresses for answers, its bytes.

The message id follows from the act's key, so a letter that is handed over twice is one letter to whoever files it. The
address for answers holds a token of the measure that nobody can make up for another one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
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
# RFC 3461, section 4.4: characters of an ENVID, encoded.
_LONGEST_ENVELOPE_ID = 100
_LOCAL = re.compile(r"[^\s@<>(),:;\"\[\]\\\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# The two standards of names write these differently (UTS 46, "deviation characters"): the letter could reach another
# domain than the one that was meant.
_TWO_MEANINGS = frozenset("ßς\u200c\u200d")
_TOKEN_BYTES = 10
_MEASURE = re.compile(r"m-[0-9a-z]{10}")
_TOKEN = re.compile(rf"\A(?P<measure>{_MEASURE.pattern})-(?P<proof>[a-z2-7]{{16}})\Z")
_MESSAGE_ID = re.compile(r"<(?P<key>[0-9a-f]{32})@(?P<domain>[^<>@\s]+)>")
_MEDIA_TYPE = re.compile(r"[A-Za-z0-9][\w!#$&^.+-]{0,126}/[A-Za-z0-9][\w!#$&^.+-]{0,126}", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_REFERENCE = re.compile(r"[\x21-\x7e]{1,100}")
_PORTS: dict[Security, int] = {"tls": 465, "starttls": 587, "none": 25}
_SCHEMES: dict[str, Security] = {"smtps": "tls", "smtp+starttls": "starttls", "smtp": "none"}
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ANSWERS = "answers"


class NoSuchAddress(ValueError):
    """A text that is no address of electronic mail. It is not repeated: it may be somebody's."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """How this house hands over mail.

    sender:       the address that letters come from; sender_name: the name beside it
    reply_domain: the domain whose mail comes back to the receiver; empty: answers go to the sender's address
    seconds:      of patience for each step of the conversation; most_seconds: for all of it
    Raises ValueError for what no letter can be sent with; it never repeats the password.
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
    most_seconds: float = 300.0

    def __post_init__(self) -> None:
        if self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("HABEAS_MAIL: smtp:// without encryption is for this machine only; use smtp+starttls://")
        if mail_address(self.sender) != self.sender:
            raise NoSuchAddress("the address letters come from must be written as it is sent (its domain in ASCII)")
        if any(_breaks(text) for text in (self.sender_name, self.reply_domain, self.user)):
            raise ValueError("HABEAS_HOUSE_NAME, HABEAS_MAIL_DOMAIN and the user hold no line breaks")

    @classmethod
    def parse(cls, url: str, *, sender_name: str, sender: str, reply_domain: str = "") -> MailSettings:
        """``smtp+starttls://user:password@host:587``, ``smtps://…``, or ``smtp://localhost`` on this machine alone.

        Raises ValueError, which never repeats the password.
        """
        shape = "HABEAS_MAIL must look like smtp+starttls://user:password@host:587 or smtps://host"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:  # it repeats what it could not read: half a password, where that holds a slash
            raise ValueError(f"{shape}; write signs such as / and @ in a password as %2F and %40") from None
        security = _SCHEMES.get(parts.scheme)
        if security is None or not parts.hostname:
            raise ValueError(shape)
        return cls(
            host=parts.hostname,
            port=port or _PORTS[security],
            security=security,
            sender_name=sender_name,
            sender=mail_address(sender),
            reply_domain=reply_domain.strip().lower(),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


# ----------------------------------------------------------------------------------------------------------- addresses


def mail_address(text: str) -> str:
    """An address as it is sent: the domain in ASCII (IDNA), the local part as it is. Raises NoSuchAddress."""
    local, at, domain = text.strip().rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > _LONGEST_LOCAL or ".." in f".{local}.":
        raise NoSuchAddress("this is no address of electronic mail: look at it again")
    address = f"{local}@{_ascii_domain(domain)}"
    if len(address.encode()) > _LONGEST_ADDRESS:
        raise NoSuchAddress("the address is longer than addresses can be: look at it again")
    return address


def needs_smtputf8(address: str) -> bool:
    return not address.isascii()


def _ascii_domain(domain: str) -> str:
    if _TWO_MEANINGS & set(domain.lower()):
        raise NoSuchAddress("the name of the domain can be written in two ways: give it as it is registered (xn--…)")
    try:
        in_ascii = domain.encode("idna").decode("ascii").lower() if not domain.isascii() else domain.lower()
    except UnicodeError:
        in_ascii = ""
    labels = in_ascii.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise NoSuchAddress("the part after the @ is no name of a domain: look at it again")
    return in_ascii


# -------------------------------------------------------------------------------------------------- tokens and identity


def token_for(secret: bytes, measure: str) -> str:
    """The token of a measure's reference (M-…), for an address: its random signs, and 80 bits only we can make.

    Raises ValueError for what is no reference.
    """
    name = measure.lower()
    if not _MEASURE.fullmatch(name):
        raise ValueError("a token is made for a measure's reference: M- and ten signs")
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
    return measure_of(secret, token) if plus and word.strip().lower() == ANSWERS else None


def message_id_for(key: str, domain: str) -> str:
    """The message id of an act: the same each time it is tried."""
    return f"<{hashlib.sha256(f'message {key}'.encode()).hexdigest()[:32]}@{domain}>"


def our_message_ids(text: str, domain: str) -> list[str]:
    """Our message ids in a header such as References, the last first."""
    found = [match[0] for match in _MESSAGE_ID.finditer(text) if match["domain"].lower() == domain.lower()]
    return found[::-1]


def envelope_id(key: str) -> str:
    """A key as an envelope id, which reports of delivery repeat; empty for one that is too long.

    Source: RFC 3461, sections 4 (xtext) and 4.4.
    """
    encoded = "".join(chr(byte) if 33 <= byte <= 126 and byte not in b"+=" else f"+{byte:02X}" for byte in key.encode())
    return encoded if len(encoded) <= _LONGEST_ENVELOPE_ID else ""


def envelope_sender(outgoing: Outgoing, settings: MailSettings) -> str:
    """Where mail servers report to. A report that comes to the address for answers finds its measure by itself."""
    if not settings.reply_domain or not outgoing.reply_to:
        return settings.sender
    back = mail_address(outgoing.reply_to)
    return back if back.rpartition("@")[2] == _ascii_domain(settings.reply_domain) else settings.sender


def _proof(secret: bytes, name: str) -> str:
    digest = hmac.new(secret, f"answers to {name}".encode(), hashlib.sha256).digest()[:_TOKEN_BYTES]
    return base64.b32encode(digest).decode().lower()


# --------------------------------------------------------------------------------------------------------- the message


def faults_of(outgoing: Outgoing, to: Sequence[str]) -> list[str]:
    """Sentences on what cannot stand in a message, each with what to do; empty where it can be written."""
    found = []
    if not to or not all(_is_address(address) for address in to):
        found.append("The directory holds no e-mail address that can be written to. Correct it there.")
    if outgoing.reply_to and not _is_address(outgoing.reply_to):
        found.append("The address for answers is none: HABEAS_MAIL_DOMAIN and HABEAS_HOUSE_EMAIL must be set right.")
    if not outgoing.subject.strip() or not outgoing.text.strip():
        found.append("The letter has no subject or no text. Draft it again from the plan, then send it.")
    if _breaks(outgoing.subject):
        found.append("The subject of the letter has a line break in it. Take it out of the subject, then send it.")
    if not _writable(outgoing.subject) or not _writable(outgoing.text):
        found.append("The letter holds signs that are no letters of any script. Draft it again, then send it.")
    if not _LANGUAGE.fullmatch(outgoing.language) or not _REFERENCE.fullmatch(outgoing.measure):
        found.append("The letter's language or reference cannot be written. Draft it again from the plan.")
    if not outgoing.key or _breaks(outgoing.key) or not _writable(outgoing.key):
        found.append("The letter has no key that can be sent. Queue it again.")
    if not all(map(_can_be_attached, outgoing.attachments)):
        found.append("A file of the letter has a name or type that cannot be sent. Attach it again.")
    return found


def mail_for(outgoing: Outgoing, settings: MailSettings, to: str | Sequence[str], *, at: datetime) -> EmailMessage:
    """The letter as a message; apart from its date the same each time. Raises CannotSend, before anything leaves.

    to: an address, or several; at: with a time zone
    """
    recipients = (to,) if isinstance(to, str) else tuple(to)
    if faults := faults_of(outgoing, recipients):
        raise CannotSend(" ".join(faults))
    written = [mail_address(address) for address in recipients]
    utf8 = any(needs_smtputf8(address) for address in (*written, outgoing.reply_to, settings.sender))
    message = EmailMessage(policy=SMTP.clone(utf8=utf8))
    message["From"] = _address(settings.sender, settings.sender_name)
    message["To"] = [_address(address) for address in written]
    if outgoing.reply_to:
        message["Reply-To"] = _address(mail_address(outgoing.reply_to))
    message["Subject"] = " ".join(outgoing.subject.split())
    message["Date"] = format_datetime(at)
    message["Message-ID"] = message_id_for(outgoing.key, settings.sender.rpartition("@")[2])
    message["X-Reference"] = outgoing.measure
    text = _lines(outgoing.text)
    message.set_content(text, charset="utf-8", cte=_shorter_encoding(text))
    for attachment in outgoing.attachments:
        main, _, sub = attachment.media_type.partition("/")
        message.add_attachment(attachment.content, maintype=main, subtype=sub, filename=attachment.name.strip())
    # Last: a file that is added takes what is said of the content with it, into the part of the text.
    message["Content-Language"] = outgoing.language
    if outgoing.attachments:
        message.set_boundary(f"=_{hashlib.sha256(f'boundary {outgoing.key}'.encode()).hexdigest()[:40]}")
    return message


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _is_address(text: str) -> bool:
    try:
        mail_address(text)
    except NoSuchAddress:
        return False
    return not _breaks(text)


def _breaks(text: str) -> bool:
    """Whether a text would end a line of a header, for any reader of it."""
    return any(ord(sign) < 32 or sign in "\x7f\x85\u2028\u2029" for sign in text)


def _writable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _can_be_attached(attachment: Attachment) -> bool:
    name = attachment.name.strip()
    if not name or _breaks(name) or not _writable(name) or set(name) & set("/\\") or len(name) > 200:
        return False
    # A message inside a message and a part with parts may not be encoded: RFC 2046, sections 5.1 and 5.2.
    composite = attachment.media_type.lower().startswith(("message/", "multipart/"))
    return bool(_MEDIA_TYPE.fullmatch(attachment.media_type)) and not composite


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _shorter_encoding(text: str) -> str:
    """Seven bits either way, for whatever server it passes; readable as it stands where that is not much longer."""
    others = sum(len(sign.encode()) for sign in text if not sign.isascii())
    return "base64" if others * 3 > len(text.encode()) else "quoted-printable"
