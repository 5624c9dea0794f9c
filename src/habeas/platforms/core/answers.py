"""Reading mail that comes back: to which measure it belongs, whether it is a report of delivery or an answer.

What an answer means is guessed with a reason and never decided here. Hostile mail is bounded: nesting, parts, sizes.
Nothing in it is fetched, and nothing of it is ever quoted in what is said about it.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from itertools import takewhile
from typing import Any, Literal, TypeAlias

from habeas.platforms.core import quoting
from habeas.platforms.core.answer_words import Likely, guess
from habeas.platforms.core.delivery_reports import (
    DeliveryReport,
    code_in,
    gravest,
    parse_report,
    sentence,
    status_in,
)
from habeas.platforms.core.dispatch import Attachment
from habeas.platforms.core.mail import ANSWERS, measure_in, message_id_for, our_message_ids

Kind = Literal["answer", "bounced", "delayed", "delivered", "automatic", "unknown"]
Part: TypeAlias = "Message[Any, Any]"

MOST_PARTS = 200
DEEPEST = 12
MOST_BYTES = 30_000_000
MOST_LETTERS = 200_000
MOST_ATTACHMENTS = 50
_TOO_LONG = "The message is longer than is read here; what stands beyond was left out."
UNREADABLE = "The message cannot be read as mail. Open it as it came."
# What the mail parser reads in seconds.
_MOST_COMPARISONS, _MOST_LINES, _MOST_GROUPS, _LONGEST_HEADER = 20_000_000, 1_500_000, 20_000, 50_000
# Letters of all bodies together, with the tags of pages in them.
_MOST_READ = 1_000_000
_MOST_TAGS = 20_000
_LONGEST_VALUE = 4_000
_MOST_IDS = 20

# Who wrote it down last stands first: the server that took it knew the address it took it for.
_ADDRESSED = (
    "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-forwarded-to", "to", "cc", "resent-to",
    "apparently-to",
)  # fmt: skip
_OF_OUR_LETTER = ("reply-to", "return-path", "from", "sender")
_FOLLOWS = ("in-reply-to", "references")
_STATUS_TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
_HEADER_TYPES = frozenset({"text/rfc822-headers", "message/rfc822-headers", "message/global-headers"})
_MESSAGE_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})

_OUR_ADDRESS = re.compile(rf"{ANSWERS}\+m-[0-9a-z]{{10}}-[a-z2-7]{{16}}(?=@)", re.IGNORECASE)
_REFERENCE = re.compile(r"(?<![\w-])M-[0-9A-HJKMNP-TV-Z]{10}(?![\w-])")
_POSTMASTER = re.compile(
    r"\A(?:mailer-?daemon|post-?master|mail-?daemon|mdaemon|mail-?system|bounces?)\b", re.IGNORECASE
)
_UNDELIVERED = re.compile(
    r"undeliver|delivery (?:status notification|has failed|failure|failed|incomplete|to the following)|returned mail"
    r"|returning message to sender|mail(?:block)? delivery failed|failure notice|(?:could|can) ?not be delivered"
    r"|this is the qmail-send program|wasn't delivered|unzustellbar|nicht zugestellt|non remis|n'a pas pu être remis"
    r"|no se (?:ha podido|pudo|puede) entregar|no entregado|onbestelbaar|niet (?:worden )?bezorgd|não (?:foi )?entregue"
    r"|não pôde ser entregue|non recapitabile|mancato recapito|недоставлен"
    r"|无法投递|無法投遞|退信|配信(?:不能|できません)|전송 실패|반송",
    re.IGNORECASE,
)
_WAITING = re.compile(
    r"\bdelay|will (?:be retried|keep trying|continue to (?:try|be retried))|still (?:being retried|trying)"
    r"|warning: (?:message|could not send)|not been delivered yet|verzögert|retardé|retrasad|vertraagd|atrasad",
    re.IGNORECASE,
)
# A line below which stands the letter that came back, and no words of the server.
_COPY_BELOW = re.compile(
    r"\s*-{2}.*\b(?:copy|original|returned|message|headers)\b|\s*(?:return-path|received|message-id):", re.IGNORECASE
)
_AWAY = re.compile(
    r"out of (?:the )?office|automatic(?:ally generated)? (?:reply|response)|auto(?:matic)?[- ]?repl(?:y|ies)"
    r"|autorespon|abwesen|absence du bureau|absent du bureau|fuera de (?:la )?oficina|automatische antwort"
    r"|automatisch antwoord|réponse automatique|respuesta automática|resposta automática|fora do escritório|afwezig"
    r"|不在(?:通知|にしており)"
    r"|自動(?:返信|応答)|自动(?:回复|答复)|自動回覆|자동 ?(?:응답|회신)|부재중|الرد التلقائي|خارج المكتب"
    r"|on (?:annual|parental) leave",
    re.IGNORECASE,
)
_EMPTY_LINE = re.compile(rb"\n\r?\n")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_BOUNDARY = re.compile(rb"(?i)boundary\s*=")
_LONG_HEADER = re.compile(rb"(?m)^[!-9;-~]{1,100}:(?:[^\n]|\n[ \t]){%d}" % _LONGEST_HEADER)
# Names of encodings that are written otherwise than they mean, and those that decode text and no mail.
_READ_AS = {"iso8859-1": "cp1252", "ascii": "utf-8", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
            "euc_kr": "cp949", "iso8859-9": "cp1254"}  # fmt: skip
_NO_CHARSET = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})


@dataclass(frozen=True, slots=True)
class Answered:
    """One message that came in.

    measure:     the reference of ours that it belongs to, or null; by_token says whether a token of ours proved it
    message_ids: those of our messages it follows or reports on, the nearest first
    sender:      the address it gives as its own, which proves nothing
    text:        what its writer wrote, without what they quoted
    attachments: their names; ``files_of`` gives their content
    says:        one sentence or two for the caseworker, without words of the message
    likely:      what it seems to answer, with the reason in ``why``; a person decides
    reports:     what mail servers report of each recipient
    mentions:    references of ours in subject and text, which anyone can write: for a person to look at
    notes:       what was left out, and why
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
    reports: tuple[DeliveryReport, ...] = ()
    mentions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def read_answer(raw: bytes, secret: bytes, domain: str) -> Answered:
    """What a message is. Never raises: what cannot be read is kept, and said to be so.

    secret: of the tokens in our addresses; domain: of our message ids
    """
    try:
        return _read(raw, secret, domain)
    except Exception:  # the mail parser fails on hostile bytes in ways it does not name; the message stays as it came
        return Answered(None, False, "unknown", "", (), "", "", "", (), UNREADABLE, "", "")


def files_of(raw: bytes) -> tuple[Attachment, ...]:
    """The attachments of a message with their content, named without paths; messages within it as .eml files."""
    found = _Walk()
    try:
        found.part(_parsed(raw, found), 0)
        return tuple(Attachment(name, _type(part), _content(part)) for name, part in found.files)
    except Exception:  # as in read_answer
        return ()


def identity_of(raw: bytes) -> str:
    """The same for the same message however often and by whatever way it arrives: SHA-256 in hexadecimal.

    Of who wrote it, when, to which measure, and all it holds. A message id alone would not do: whoever knows one could
    send another message under it first, and the real one would be taken for known.
    """
    head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    message = BytesHeaderParser(policy=policy.compat32).parsebytes(head[:MOST_BYTES])
    names = ("message-id", "from", "date", "subject", "delivered-to", "x-original-to")
    told = "\n".join(value.strip() for name in names for value in sorted(set(_raw(message, name))))
    return hashlib.sha256(told.encode("utf-8", "surrogateescape") + b"\0" + body.rstrip()).hexdigest()


# ----------------------------------------------------------------------------------------------------- reading it whole


def _read(raw: bytes, secret: bytes, domain: str) -> Answered:
    found = _Walk()
    message = _parsed(raw, found)
    found.part(message, 0)
    subject, sender = _header(message, "subject")[:300], _sender(message)
    whole = "\n".join(text for _, text in found.bodies)
    text = "\n".join(own for own in map(_own, found.bodies) if own)
    if len(text) > MOST_LETTERS:
        found.notes.append(_TOO_LONG)
        text = text[:MOST_LETTERS]
    ids = _ids(message, found, whole, domain)
    measure = _measure(message, found, whole, secret)
    kind, says, reports = _kind(message, found, subject, sender, text, whole)
    likely: Likely = ""
    why = ""
    if kind == "answer":
        likely, why = guess(f"{subject}\n\n{text}" if not _is_ours(subject) else text)
        says = says or (f"An answer: {why}." if why else "An answer; read what it says.")
    mentions = dict.fromkeys(_REFERENCE.findall(f"{subject}\n{whole}"))
    return Answered(
        measure=measure,
        by_token=measure is not None,
        kind=kind,
        message_id=_header(message, "message-id").strip()[:300],
        message_ids=tuple(ids),
        sender=sender,
        subject=subject,
        text=text,
        attachments=tuple(name for name, _ in found.files),
        says=says,
        likely=likely,
        why=why,
        reports=tuple(reports),
        mentions=tuple(mentions)[:_MOST_IDS],
        notes=tuple(dict.fromkeys(found.notes)),
    )


def _parsed(raw: bytes, found: _Walk) -> Part:
    """The message, or its headers alone where its parts are more than can be read."""
    if len(raw) > MOST_BYTES:
        found.notes.append("The message is larger than is read here; what stands beyond was left out.")
        raw = raw[:MOST_BYTES]
    if _takes_too_long(raw):
        return _headers_alone(raw, found)
    try:
        return message_from_bytes(raw, policy=policy.compat32)
    except RecursionError:
        return _headers_alone(raw, found)


def _takes_too_long(raw: bytes) -> bool:
    """Whether the parser would work on it for minutes.

    It compares each line with every boundary that is open, and makes a message of each group of fields in a report.
    """
    lines = raw.count(b"\n")
    return (
        lines > _MOST_LINES
        or lines * len(_BOUNDARY.findall(raw)) > _MOST_COMPARISONS
        or (b"delivery-status" in raw.lower() and len(_EMPTY_LINE.findall(raw)) > _MOST_GROUPS)
        or _LONG_HEADER.search(raw) is not None
    )


def _headers_alone(raw: bytes, found: _Walk) -> Part:
    found.notes.append("The message is built so that it cannot be read here; open it as it came.")
    head = re.split(rb"\r?\n\r?\n", raw[: _LONGEST_HEADER * 2], maxsplit=1)[0]
    message: Part = BytesHeaderParser(policy=policy.compat32).parsebytes(head)
    message.set_payload("")
    for name in ("content-type", "content-transfer-encoding"):
        del message[name]
    return message


@dataclass(slots=True)
class _Walk:
    """What the parts of one message hold, in order.

    bodies:   (whether it is a page, the text)
    files:    (name, part)
    statuses: fields of delivery reports; returned: headers of letters that came back or were passed on
    """

    bodies: list[tuple[bool, str]] = field(default_factory=list)
    files: list[tuple[str, Part]] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    returned: list[Part] = field(default_factory=list)
    types: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    left: int = MOST_PARTS
    letters_left: int = _MOST_READ

    def part(self, part: Part, depth: int) -> None:
        self.left -= 1
        if self.left < 0 or depth > DEEPEST:
            self.notes.append("The message has more parts than are read here; the rest was left out.")
            return
        kind, children = _type(part), _children(part)
        self.types.add(kind)
        if kind in _STATUS_TYPES or kind in {"message/disposition-notification", "message/feedback-report"}:
            self.statuses.append(_fields(part) if kind in _STATUS_TYPES else "")
        elif kind in _HEADER_TYPES:
            self.returned.append(_head_of(_content(part) or _flat(children)))
        elif kind in _MESSAGE_TYPES:
            self.returned.append(children[0] if children else _head_of(_content(part)))
            if "multipart/report" not in self.types:
                self._file(part)
        elif children:
            self._container(children, kind, depth)
        elif kind in {"text/plain", "text/html"} and not _is_file(part):
            self._body(part, page=kind == "text/html")
        elif kind.startswith("multipart/"):
            self._body(part, page=False)  # its boundary is missing: it is the text it is
        else:
            self._file(part)

    def _container(self, children: list[Part], kind: str, depth: int) -> None:
        start = len(self.bodies)
        for child in children:
            self.part(child, depth + 1)
        if kind == "multipart/alternative":
            self.bodies[start:] = _better(self.bodies[start:])

    def _body(self, part: Part, *, page: bool) -> None:
        whole = _text(part)
        text = whole[: self.letters_left]
        self.letters_left -= len(text)
        if len(text) < len(whole):
            self.notes.append(_TOO_LONG)
        if text.strip():
            self.bodies.append((page, text))

    def _file(self, part: Part) -> None:
        if len(self.files) >= MOST_ATTACHMENTS:
            self.notes.append("The message has more attachments than are read here; the rest was left out.")
            return
        self.files.append((_name(part, len(self.files) + 1), part))


def _better(versions: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Of the versions of one text the plain one, unless it is a stub beside a much longer page."""
    plain = [version for version in versions if not version[0]]
    pages = [version for version in versions if version[0]]
    if not plain or not pages:
        return versions
    longer = sum(len(_page_text(text)) for _, text in pages)
    return pages if longer > 4 * sum(len(text.strip()) for _, text in plain) + 200 else plain


# ---------------------------------------------------------------------------------------------------------- whose it is


def _measure(message: Part, found: _Walk, whole: str, secret: bytes) -> str | None:
    """The measure that a token of ours names: where it was sent to, in the letter that came back, in the text."""
    for text in _places_of_tokens(message, found, whole):
        for address in _OUR_ADDRESS.findall(text):
            if (measure := measure_in(secret, address)) is not None:
                return measure
    return None


def _places_of_tokens(message: Part, found: _Walk, whole: str) -> Iterator[str]:
    for name in _ADDRESSED:
        yield from _raw(message, name)
    for letter in found.returned:
        for name in (*_OF_OUR_LETTER, *_ADDRESSED):
            yield from _raw(letter, name)
    yield whole


def _ids(message: Part, found: _Walk, whole: str, domain: str) -> list[str]:
    ids = [one for name in _FOLLOWS for value in _raw(message, name) for one in our_message_ids(value, domain)]
    for letter in found.returned:
        for name in ("message-id", *_FOLLOWS):
            ids += [one for value in _raw(letter, name) for one in our_message_ids(value, domain)]
    for status in found.statuses:
        envelope = re.sub(r"\+([0-9A-F]{2})", lambda sign: chr(int(sign[1], 16)), parse_report(status)[0])
        if envelope:
            ids.append(message_id_for(envelope, domain))
    ids += our_message_ids(whole, domain)
    return list(dict.fromkeys(ids))[:_MOST_IDS]


def _is_ours(subject: str) -> bool:
    """Whether a subject is that of our letter with a word before it: then its words are ours."""
    return bool(_REFERENCE.search(subject))


# ----------------------------------------------------------------------------------------------------------- what it is


def _kind(
    message: Part, found: _Walk, subject: str, sender: str, text: str, whole: str
) -> tuple[Kind, str, list[DeliveryReport]]:
    """(what it is, what is said of it, what was reported)."""
    reports = [report for status in found.statuses for report in parse_report(status)[1]]
    if not reports and "message/feedback-report" in found.types:
        return "automatic", "A mail service tells that the letter was marked as unwanted.", []
    if not reports and "message/disposition-notification" in found.types:
        return "automatic", "A receipt: somebody or something there opened the letter.", []
    reports = reports or _informal(message, found, subject, sender, whole)
    worst = gravest(reports)
    if worst is not None:
        kinds: dict[str, Kind] = {"failed": "bounced", "delayed": "delayed"}
        return kinds.get(worst.action, "delivered"), sentence(reports), reports
    if _is_automatic(message) or _AWAY.search(subject):
        # A ticket system answers by itself too, and says that it has the letter.
        likely, why = guess(text)
        if likely and not _AWAY.search(subject) and not _AWAY.search(text[:300]):
            return "answer", f"An answer that was sent automatically: {why}.", []
        return "automatic", "An automatic reply: nobody has read the letter yet.", []
    if not text.strip() and not found.files:
        return "unknown", found.notes[0] if found.notes else "The message has no text and no attachment.", []
    return "answer", "", []


def _is_automatic(message: Part) -> bool:
    """Source: RFC 3834, section 5; what came before it is asked for too."""
    submitted = _header(message, "auto-submitted").strip().lower().partition(";")[0].strip()
    if submitted and submitted != "no":
        return True
    if any(_raw(message, name) for name in ("x-autoreply", "x-autorespond", "x-auto-reply-from", "x-autogenerated")):
        return True
    return _header(message, "precedence").strip().lower() in {"auto_reply", "auto-reply"}


def _informal(message: Part, found: _Walk, subject: str, sender: str, whole: str) -> list[DeliveryReport]:
    """What a mail server reports in words of its own."""
    failed = bool(_raw(message, "x-failed-recipients"))
    null_sender = any(value.strip() == "<>" for value in _raw(message, "return-path"))
    if not (failed or null_sender or _POSTMASTER.match(sender) or "multipart/report" in found.types):
        return []
    lines = takewhile(lambda line: not _COPY_BELOW.match(line[:200]), whole[:10_000].splitlines()[:300])
    said = "\n".join(lines)
    if _AWAY.search(subject) or not (failed or _UNDELIVERED.search(subject) or _UNDELIVERED.search(said[:4000])):
        return []
    told = next((line for line in said.splitlines() if status_in(line) or code_in(line)), "")
    status = status_in(told)
    waits = _WAITING.search(subject) or (_WAITING.search(said) and not status.startswith("5"))
    return [DeliveryReport("delayed" if waits else "failed", status, diagnostic=told[:1000])]


# -------------------------------------------------------------------------------------------------------- parts of mail


def _own(body: tuple[bool, str]) -> str:
    page, text = body
    if not page:
        return quoting.own_words(text)
    own = _page_text(quoting.own_page(text))
    return quoting.own_words(own if own.strip() else _page_text(text))


def _page_text(page: str) -> str:
    """The visible words of a page, line by line. Nothing is fetched."""
    from habeas.exposure.core.readers import html

    # Every end tag is looked for among all that are open: tens of thousands of each would take minutes.
    if page.count("<") <= _MOST_TAGS:
        try:
            pieces = html.read_text(page).pieces
            return "\n".join(text for origin, text in pieces if origin == "page text")
        except Exception:  # noqa: S110 (the parser of pages has many; the words between the tags are left)
            pass
    return _TAG.sub(" ", page)


def _type(part: Part) -> str:
    try:
        return part.get_content_type()
    except Exception:  # a header that cannot be read at all
        return "text/plain"


def _children(part: Part) -> list[Part]:
    # Asked for the payload of any other part, the library would decode it, and stumble over its parameters.
    payload = part.get_payload() if part.is_multipart() else None
    return [child for child in payload if isinstance(child, Message)] if isinstance(payload, list) else []


def _is_file(part: Part) -> bool:
    try:
        return part.get_content_disposition() == "attachment" or part.get_filename() is not None
    except Exception:
        return False


def _name(part: Part, number: int) -> str:
    try:
        name = _decoded(part.get_filename() or "")
    except Exception:  # a name in an encoding that is none
        name = ""
    name = "".join(sign for sign in name if sign.isprintable() and sign not in "/\\").strip()[-120:]
    if name:
        return name
    return f"message {number}.eml" if _type(part) in _MESSAGE_TYPES else f"attachment {number}"


def _content(part: Part) -> bytes:
    if children := _children(part):
        return _flat(children)
    try:
        payload = part.get_payload(decode=True)
    except Exception:
        return b""
    return payload if isinstance(payload, bytes) else b""


def _flat(children: Iterable[Part]) -> bytes:
    pieces = []
    for child in children:
        try:
            pieces.append(child.as_bytes())
        except Exception:  # headers that cannot be written down again
            pieces.append(_content(child))
    return b"\n".join(pieces)


def _fields(part: Part) -> str:
    """The fields of a report as text. The parser takes each group of them for the headers of a message."""
    text = _flat(_children(part)).decode("utf-8", "replace") if _children(part) else _text(part)
    if ":" not in text.partition("\n")[0] and _header(part, "content-transfer-encoding").lower() == "base64":
        try:
            return codecs.decode("".join(text.split()).encode(), "base64").decode("utf-8", "replace")
        except ValueError:
            return text
    return text


def _head_of(raw: bytes) -> Part:
    return BytesHeaderParser(policy=policy.compat32).parsebytes(raw[: _LONGEST_HEADER * 2])


def _text(part: Part) -> str:
    payload = _content(part)
    try:
        charset = part.get_content_charset() or ""
    except Exception:
        charset = ""
    return _letters(payload, charset)


def _letters(data: bytes, charset: str) -> str:
    """Text of bytes: as they say they are written, else as they can be read; never refused."""
    for name in (charset, "utf-8", "cp1252"):
        try:
            known = codecs.lookup(name).name
            if known not in _NO_CHARSET:
                return data.decode(_READ_AS.get(known, known)).replace("\0", "")
        except (LookupError, ValueError):
            continue
    return data.decode("utf-8", "replace").replace("\0", "")


# -------------------------------------------------------------------------------------------------------------- headers


def _raw(message: Part, name: str) -> list[str]:
    """Every value of a header as it stands, in one line each."""
    return [
        re.sub(r"[\r\n]+[ \t]*", " ", str(value))[:_LONGEST_VALUE]
        for key, value in message.raw_items()
        if key.lower() == name
    ][:20]


def _header(message: Part, name: str) -> str:
    values = _raw(message, name)
    return _decoded(values[0]) if values else ""


def _decoded(value: str) -> str:
    """A header's words, in whatever encodings they are, as far as they can be read."""
    if "=?" in value:
        try:
            pieces = decode_header(value)
        except Exception:  # an encoding that is broken: its signs are shown as they stand
            pieces = [(value, None)]
    else:
        pieces = [(value, None)]
    text = "".join(
        _letters(piece, charset or "")
        if isinstance(piece, bytes)
        else _letters(piece.encode("utf-8", "surrogateescape"), "")
        for piece, charset in pieces
    )
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _sender(message: Part) -> str:
    try:
        found = getaddresses([_header(message, "from")])
    except RecursionError:  # comments within comments
        return ""
    return found[0][1][:254] if found else ""
