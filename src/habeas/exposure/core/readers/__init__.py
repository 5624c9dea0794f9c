"""What kind of file it is, and which reader turns it into text.

A reader is a module with ``read(data, name, budget) -> Reading``. It raises UnreadableFile with a sentence for people,
loads its libraries inside its functions, and takes what it uses up from the budget, which a mail shares with everything
attached to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from habeas.exposure.core.documents import UnreadableFile

SUPPORTED = "Habeas reads text, saved web pages (HTML), e-mail (.eml, .mbox), PDF, PNG, JPEG, WebP, GIF, BMP and TIFF"


@dataclass(slots=True)
class Budget:
    """What reading one file may still use up, so that no file takes the machine with it.

    bytes_left:    bytes of attachments, decoded
    depth_left:    levels of mail within mail, or attachments
    parts_left:    parts of a mail, messages of a mailbox
    pages_left:    pages of PDFs
    pictures_left: pictures and scanned pages for OCR, about one to three seconds each
    """

    bytes_left: int
    depth_left: int = 3
    parts_left: int = 2_000
    pages_left: int = 200
    pictures_left: int = 60


@dataclass(slots=True)
class Reading:
    """What a reader found. pieces: (origin, text) in the order in which a person would read them."""

    pieces: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)


_PICTURES = {
    "image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff",
}  # fmt: skip

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"\x1f\x8b\x08", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"\xfd7zXZ\x00", "application/x-xz"),
    (b"BZh", "application/x-bzip2"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"{\\rtf", "application/rtf"),
    (b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (b"\x7fELF", "application/x-executable"),
    (b"MZ\x90\x00", "application/x-executable"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"\x1aE\xdf\xa3", "video/x-matroska"),
)

# What to do with a file that has no reader, by its media type.
_INSTEAD: dict[str, str] = {
    "application/zip": "is an archive: unpack it and send the files inside",
    "application/gzip": "is an archive: unpack it and send the files inside",
    "application/x-7z-compressed": "is an archive: unpack it and send the files inside",
    "application/vnd.rar": "is an archive: unpack it and send the files inside",
    "application/x-xz": "is an archive: unpack it and send the files inside",
    "application/x-bzip2": "is an archive: unpack it and send the files inside",
    "application/zstd": "is an archive: unpack it and send the files inside",
    "application/vnd.openxmlformats-officedocument": "is an Office document: save it as PDF and send that",
    "application/vnd.oasis.opendocument": "is an Office document: save it as PDF and send that",
    "application/x-ole-storage": "is an Office document or Outlook message: save it as PDF, or as .eml, and send that",
    "application/rtf": "is a rich-text document: save it as PDF and send that",
    "image/heic": "is a HEIC photo: save it as JPEG or PNG, or take a screenshot of it",
    "image/avif": "is an AVIF picture: save it as JPEG or PNG, or take a screenshot of it",
    "audio/mpeg": "is a sound recording: type what is said in it",
    "audio/ogg": "is a sound recording: type what is said in it",
    "video/mp4": "is a video: send screenshots of what it shows",
    "video/x-matroska": "is a video: send screenshots of what it shows",
}

_HTML_START = re.compile(
    rb"""(?xi) \s* < (?: !doctype \s{1,50} html | (?: html | head | body | title | meta | script | style | link | base
    | div | table | p | span | article | section | main | ul | ol | h[1-6] | a | font | center | form | iframe | img
    | br ) (?= [\s/>] ) )"""
)
_HTML_PROLOGUE = re.compile(rb"\s*(?:<\?xml[^>]{0,500}>|<!--)")
_HTML_WITHIN = re.compile(rb"(?i)<html[\s>]")
_HTML_BODY = re.compile(rb"(?i)<(?:head|body)[\s>]")
_HTML_TAG = re.compile(rb"(?i)</?(?:html|head|body|div|p|span|a|table|td|br|b|i|li|h[1-6])(?=[\s/>])")

_MAIL_LINE = re.compile(rb"([!-9;-~]{1,76}):(?:[ \t]|\r?\Z)")
_MBOX_START = re.compile(rb"\AFrom [^\r\n]{1,300} \d{4}(?: [-+]\d{4})?\r?\n[!-9;-~]{1,76}:")
# Lines that only mail software writes, and lines that people may also write above a note.
_MAIL_MACHINE = {b"message-id", b"mime-version", b"received", b"content-type", b"return-path", b"delivered-to"}
_MAIL_HUMAN = {b"from", b"to", b"subject", b"date", b"cc", b"reply-to", b"sender", b"x-mailer", b"user-agent"}


def recognise(data: bytes, name: str = "") -> str:
    """The media type by magic bytes, then mail structure, then HTML tags, then whether it can be text at all."""
    from habeas.exposure.core.readers import plain

    media_type = _by_magic(data, name)
    if media_type:
        return media_type
    head = plain.sniffable_head(data)
    if _is_mail(head, name):
        return "application/mbox" if head.startswith(b"From ") else "message/rfc822"
    if _is_html(head, name):
        return "text/html"
    return "text/plain" if plain.may_be_text(data) else "application/octet-stream"


def read(data: bytes, name: str, media_type: str, budget: Budget) -> Reading:
    """Read bytes of a recognised type. Raises UnreadableFile."""
    if media_type == "text/plain":
        from habeas.exposure.core.readers import plain

        return plain.read(data, name, budget)
    if media_type == "text/html":
        from habeas.exposure.core.readers import html

        return html.read(data, name, budget)
    if media_type in {"message/rfc822", "application/mbox"}:
        from habeas.exposure.core.readers import mail

        return mail.read(data, name, budget)
    if media_type == "application/pdf":
        from habeas.exposure.core.readers import pdf

        return pdf.read(data, name, budget)
    if media_type in _PICTURES:
        from habeas.exposure.core.readers import image

        return image.read(data, name, budget)
    instead = _INSTEAD.get(media_type, "is of a kind that cannot be read: save it as PDF or text, or send a screenshot")
    raise UnreadableFile("unknown_type", f"{name} {instead}. {SUPPORTED}.")


def _by_magic(data: bytes, name: str) -> str | None:
    for magic, media_type in _MAGIC:
        if data.startswith(magic):
            return _office_or_archive(data) if media_type == "application/zip" else media_type
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0" and data[14:18] in _BMP_HEADER_BYTES:
        return "image/bmp"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in {b"avif", b"avis"}:
            return "image/avif"
        return "image/heic" if brand in {b"heic", b"heix", b"mif1", b"msf1", b"hevc"} else "video/mp4"
    # Readers of PDF accept up to 1024 bytes of rubbish before the mark; text that merely speaks of it has no end mark.
    mark = data.find(b"%PDF-", 0, 1029)
    if mark >= 0 and (
        not data[:mark].strip(b"\xef\xbb\xbf \t\r\n\0") or name.lower().endswith(".pdf") or b"%%EOF" in data[-2048:]
    ):
        return "application/pdf"
    return None


_BMP_HEADER_BYTES = {length.to_bytes(4, "little") for length in (12, 40, 52, 56, 64, 108, 124)}


def _office_or_archive(data: bytes) -> str:
    head = data[:4096]
    if b"[Content_Types].xml" in head or b"word/" in head or b"xl/" in head or b"ppt/" in head:
        return "application/vnd.openxmlformats-officedocument"
    if b"mimetypeapplication/vnd.oasis.opendocument" in head:
        return "application/vnd.oasis.opendocument"
    return "application/zip"


def _is_mail(head: bytes, name: str) -> bool:
    if _MBOX_START.match(head):
        return True
    names: set[bytes] = set()
    strangers = 0
    for line in head.lstrip(b"\r\n").split(b"\n")[:300]:
        if not line.strip():
            break
        if line[:1] in b" \t" and names:
            continue
        match = _MAIL_LINE.match(line)
        if match is None:
            strangers += 1
            continue
        field_name = match[1].lower()
        names.add(field_name)
        if field_name not in _MAIL_MACHINE | _MAIL_HUMAN and b"-" not in field_name:
            strangers += 1
    machine, human = names & _MAIL_MACHINE, names & _MAIL_HUMAN
    if name.lower().endswith((".eml", ".mbox", ".mht", ".mhtml")):
        return len(machine) + len(human) >= 1
    # A note may begin "From: … To: …": only what mail software writes, or a full set of mail lines alone, is mail.
    if machine & {b"message-id", b"mime-version", b"received"} and len(machine | human) >= 2:
        return strangers <= 3
    return strangers == 0 and b"from" in human and len(human & {b"to", b"subject", b"date"}) >= 2


def _is_html(head: bytes, name: str) -> bool:
    if _HTML_START.match(head, _after_prologue(head)):
        return True
    if _HTML_WITHIN.search(head) and _HTML_BODY.search(head):
        return True
    return name.lower().endswith((".html", ".htm", ".xhtml")) and _HTML_TAG.search(head) is not None


def _after_prologue(head: bytes) -> int:
    """Where the page begins after its XML declaration and comments."""
    position = 0
    while match := _HTML_PROLOGUE.match(head, position):
        position = match.end()
        if match[0].endswith(b"<!--"):
            end = head.find(b"-->", position)
            if end < 0:
                break
            position = end + 3
    return position
