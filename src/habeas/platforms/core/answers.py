"""Reading mail that comes back: to which measure it belongs, whether it is a report of delivery or an answer.

What an answer means is guessed with a reason and never decided here. Hostile mail is bounded: nesting, parts, sizes.
Nothing in it is fetched, and nothing of it is ever quoted in an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from typing import Literal

from habeas.platforms.core.answer_words import Likely, guess
from habeas.platforms.core.mail import measure_in, our_message_ids

Kind = Literal["answer", "bounced", "delayed", "delivered", "automatic", "unknown"]

MOST_PARTS = 200
DEEPEST = 12
MOST_BYTES = 30_000_000
MOST_LETTERS = 200_000
MOST_ATTACHMENTS = 50
_ADDRESSED = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "resent-to", "apparently-to")
_FOLLOWS = ("in-reply-to", "references")
# Of RFC 3464, section 2.3.3.
_ACTIONS: dict[str, Kind] = {
    "failed": "bounced",
    "delayed": "delayed",
    "delivered": "delivered",
    "relayed": "delivered",
    "expanded": "delivered",
}
_GRAVEST: tuple[Kind, ...] = ("bounced", "delayed", "delivered")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_POSTMASTER = re.compile(r"\A(?:mailer-daemon|postmaster|mail-daemon|mdaemon)\b", re.IGNORECASE)
_UNDELIVERED = re.compile(
    r"undeliver|delivery (?:status notification|has failed|failure|incomplete)|returned mail|mail delivery failed"
    r"|failure notice|could not be delivered|unzustellbar|non remis|no se (?:ha podido|pudo) entregar|onbestelbaar"
    r"|nicht zugestellt|no entregado|não entregue|non recapitabile|недоставлен",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"out of (?:the )?office|automatic(?:ally generated)? (?:reply|response)|auto-?reply|abwesen|absence du bureau"
    r"|fuera de la oficina|automatische antwort|réponse automatique|respuesta automática|afwezig|自動返信|자동 응답",
    re.IGNORECASE,
)
_QUOTE_HEADS = re.compile(
    r"^(?:>|On .{5,200} wrote:\s*$|Am .{5,200} schrieb .{1,200}:\s*$|Le .{5,200} a écrit\s*:\s*$"
    r"|El .{5,200} escribió:\s*$|Op .{5,200} schreef .{0,200}:\s*$|Em .{5,200} escreveu:\s*$"
    r"|-{2,}\s*(?:Original Message|Ursprüngliche Nachricht|Message d'origine|Mensaje original|Forwarded message).*"
    r"|_{10,}\s*$|From: .{3,200}$|Von: .{3,200}$|De\s?: .{3,200}$)"
)


@dataclass(frozen=True, slots=True)
class Answered:
    """One message that came in.

    measure:     the reference of ours that it belongs to, or null; by_token says whether its address proved it
    message_ids: those of our messages it follows or reports on, the nearest first
    text:        what its writer wrote, without what they quoted
    says:        one sentence for the caseworker, without words of the message
    likely:      what it seems to answer, with the reason in ``why``; a person decides
    """

    measure: str | None
    by_token: bool
    kind: Kind
    message_id: str
    message_ids: tuple[str, ...]
    sender: str
    subject: str
    text: str
    attachments: tuple[str, ...]
    says: str
    likely: Likely
    why: str


def read_answer(raw: bytes, secret: bytes, domain: str) -> Answered:
    """What a message is. Never raises: what cannot be read is kept, and said to be so.

    secret: of the tokens in our addresses; domain: of our message ids
    """
    try:
        return _read(message_from_bytes(raw[:MOST_BYTES], policy=policy.compat32), secret, domain)
    except Exception:  # the mail parser fails on hostile bytes in many ways; the message itself is kept as it came
        return Answered(None, False, "unknown", "", (), "", "", "", (), "The message cannot be read as mail.", "", "")


def _read(message: Message, secret: bytes, domain: str) -> Answered:
    parts = list(_parts(message))
    measure = _measure(message, secret)
    ids = _ids(message, parts, domain)
    subject, sender = _header(message, "subject")[:300], _sender(message)
    text = _text(parts)
    kind, says = _kind(message, parts, subject, sender, text)
    likely: Likely = ""
    why = ""
    if kind == "answer":
        likely, why = guess(f"{subject}\n{text}")
        says = f"An answer: {why}." if why else "An answer; read what it says."
    return Answered(
        measure=measure,
        by_token=measure is not None,
        kind=kind,
        message_id=_header(message, "message-id").strip()[:300],
        message_ids=tuple(ids),
        sender=sender,
        subject=subject,
        text=text,
        attachments=tuple(_names(parts)),
        says=says,
        likely=likely,
        why=why,
    )


def _parts(message: Message, depth: int = 0, left: list[int] | None = None) -> Iterator[Message]:
    left = left if left is not None else [MOST_PARTS]
    left[0] -= 1
    if left[0] < 0 or depth > DEEPEST:
        return
    yield message
    payload = message.get_payload()
    if isinstance(payload, list):
        for part in payload:
            if isinstance(part, Message):
                yield from _parts(part, depth + 1, left)


def _measure(message: Message, secret: bytes) -> str | None:
    for name in _ADDRESSED:
        for _, address in getaddresses([str(value) for value in message.get_all(name, [])]):
            if (found := measure_in(secret, address)) is not None:
                return found
    return None


def _ids(message: Message, parts: list[Message], domain: str) -> list[str]:
    found = [one for name in _FOLLOWS for one in our_message_ids(_header(message, name), domain)]
    if any(part.get_content_type() in {"message/delivery-status", "message/rfc822", "text/rfc822-headers"}
           for part in parts):  # fmt: skip
        for part in parts[1:]:
            found += our_message_ids(_header(part, "message-id"), domain)
            if part.get_content_type() == "text/rfc822-headers":
                found += our_message_ids(_decoded(part), domain)
    return list(dict.fromkeys(found))[:20]


def _kind(message: Message, parts: list[Message], subject: str, sender: str, text: str) -> tuple[Kind, str]:
    if reported := _reported(parts):
        return reported
    automatic = _header(message, "auto-submitted").strip().lower()
    returned = _header(message, "return-path").strip() == "<>" or _POSTMASTER.match(sender)
    if returned and (_UNDELIVERED.search(subject) or _UNDELIVERED.search(text[:4000])):
        return "bounced", f"The mail came back{_status_in(text)}: look up another way to this addressee."
    if (automatic and automatic != "no") or _AWAY.search(subject):
        # A ticket system answers by itself too, and says that it has the letter.
        likely, _ = guess(f"{subject}\n{text}")
        if likely and not _AWAY.search(subject):
            return "answer", ""
        return "automatic", "An automatic reply: nobody has read the letter yet."
    if not text.strip() and not any(True for _ in _names(parts)):
        return "unknown", "The message has no text and no attachment."
    return "answer", ""


def _reported(parts: list[Message]) -> tuple[Kind, str] | None:
    """What a delivery status notification (RFC 3464) says of its recipients: the worst of it."""
    found: dict[Kind, str] = {}
    for part in parts:
        if part.get_content_type() != "message/delivery-status":
            continue
        payload = part.get_payload()
        for block in payload if isinstance(payload, list) else []:
            if not isinstance(block, Message):
                continue
            action = _header(block, "action").strip().lower()
            status = _STATUS.search(_header(block, "status"))
            if action in _ACTIONS:
                found.setdefault(_ACTIONS[action], f" ({status[0]})" if status else "")
    words = {
        "bounced": "The mail came back{}: look up another way to this addressee.",
        "delayed": "The mail waits{}; the mail server goes on trying.",
        "delivered": "The mail server of the addressee took the letter.",
    }
    for kind in _GRAVEST:
        if kind in found:
            return kind, words[kind].format(found[kind])
    return None


def _status_in(text: str) -> str:
    found = _STATUS.search(text)
    return f" ({found[0]})" if found else ""


def _text(parts: list[Message]) -> str:
    plain = [_decoded(part) for part in parts if part.get_content_type() == "text/plain" and not _is_file(part)]
    if any(text.strip() for text in plain):
        return _own("\n".join(plain)[:MOST_LETTERS])
    pages = [_decoded(part) for part in parts if part.get_content_type() == "text/html" and not _is_file(part)]
    return _own("\n".join(_from_html(page[:MOST_LETTERS]) for page in pages)[:MOST_LETTERS])


def _own(text: str) -> str:
    """What the writer wrote: everything before the first line that begins a quotation."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if _QUOTE_HEADS.match(line.strip()[:400]) and any(kept.strip() for kept in lines):
            break
        if not line.startswith(">"):
            lines.append(line.rstrip())
    return "\n".join(lines).strip()


def _from_html(page: str) -> str:
    """The visible words of a page, line by line. Nothing is fetched."""
    from lxml import html

    try:
        root = html.fromstring(page)
    except Exception:  # lxml has many; a page that cannot be read has no text
        return ""
    for hidden in root.xpath("//script|//style|//head|//blockquote|//*[contains(@class,'gmail_quote')]"):
        hidden.drop_tree()
    for block in root.xpath("//br|//p|//div|//tr|//li"):
        block.tail = f"\n{block.tail or ''}"
    return str(root.text_content())


def _is_file(part: Message) -> bool:
    return (part.get_content_disposition() or "") == "attachment"


def _names(parts: list[Message]) -> Iterator[str]:
    for part in parts[:MOST_PARTS]:
        if _is_file(part) or (part.get_filename() and not part.is_multipart()):
            name = part.get_filename() or "attachment"
            yield "".join(sign for sign in str(name) if sign.isprintable() and sign not in "/\\")[:120]


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "latin-1"):
        try:
            return payload.decode(charset)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
    return payload.decode("utf-8", "replace")


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value))))
    except Exception:  # a header in a charset that is none
        text = str(value)
    return "".join(sign if sign.isprintable() else " " for sign in text)[:4000]


def _sender(message: Message) -> str:
    found = getaddresses([_header(message, "from")])
    return found[0][1][:254] if found else ""
