"""Real files become text: what is read, what is noted, what is refused, and that nothing else ever happens."""

from __future__ import annotations

import hashlib
import io
import socket
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from habeas.exposure.core.documents import Document, UnreadableFile, read_document, recognise
from habeas.exposure.files import read_file

POST = ("Jane Example lives at 12 Sample Street", "jane.example@example.org", "call +1-555-0123 tonight")


# --- files made here -------------------------------------------------------------------------------------------------


def picture(lines=POST, *, size=(1200, 400), letters=28, ink="black", paper="white", mode="RGB") -> Image.Image:
    drawn = Image.new(mode, size, paper)
    draw = ImageDraw.Draw(drawn)
    font = ImageFont.load_default(size=letters)
    for number, line in enumerate(lines):
        draw.text((20, 20 + number * round(letters * 1.6)), line, fill=ink, font=font)
    return drawn


def saved(image: Image.Image, kind="PNG", **options) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def stream_object(content: bytes) -> bytes:
    return b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream"


def pdf_file(objects: list[bytes], trailer: bytes = b"") -> bytes:
    out = bytearray(b"%PDF-1.7\n")
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer, start)
    return bytes(out)


def text_pdf(pages: int = 1, trailer: bytes = b"", extra: tuple[bytes, ...] = ()) -> bytes:
    kids = b" ".join([b"3 0 R"] * pages)
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>/Annots[6 0 R 7 0 R 8 0 R]>>"
    )
    return pdf_file(
        [
            b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>>>",
            b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, pages),
            page,
            stream_object(b"BT /F1 18 Tf 40 700 Td (12 Sample Street) Tj 0 -30 Td (tel +1-555-0123) Tj ET"),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            b"<</Type/Annot/Subtype/Widget/FT/Tx/T(mail)/V(jane@example.com)/Rect[40 600 300 620]>>",
            b"<</Type/Annot/Subtype/Text/Contents(a note on her)/Rect[0 0 10 10]>>",
            b"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(mailto:jane@example.net?subject=x)>>>>",
            *extra,
        ],
        trailer,
    )


def locked_pdf() -> bytes:
    """A PDF whose password check fits no password: 40-bit RC4 with made-up check values."""
    encrypt = b"<</Filter/Standard/V 1/R 2/Length 40/P -4/O<%s>/U<%s>>>" % (b"ab" * 32, b"cd" * 32)
    return text_pdf(trailer=b"/Encrypt 9 0 R/ID[<%s><%s>]" % (b"ef" * 16, b"ef" * 16), extra=(encrypt,))


def mail_file(**changes) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Zoë Example <zoe@example.org>"
    message["To"] = "desk@example.com"
    message["Subject"] = "Grüße – they posted +1-555-0100"
    message["Date"] = "Fri, 06 Mar 2026 12:20:00 +0000"
    message["Message-ID"] = "<1@example.org>"
    message.set_content(changes.get("text", "See what they wrote.\n"))
    return message


def read(data: bytes | str, name: str = "post") -> Document:
    return read_document(data.encode() if isinstance(data, str) else data, name)


def origins(document: Document) -> list[str]:
    return [part.origin for part in document.parts]


def part(document: Document, origin: str) -> str:
    return next(document.text[part.start : part.end] for part in document.parts if part.origin == origin)


def refusal(data: bytes, name: str = "post.bin", **options) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_document(data, name, **options)
    return caught.value


# --- what a file is --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "name", "media_type"), [
    pytest.param(b"%PDF-1.7\n", "photo.png", "application/pdf", id="a-pdf-named-as-picture"),
    pytest.param(b"\n\n%PDF-1.4\n", "x", "application/pdf", id="a-pdf-after-blank-lines"),
    pytest.param(b"They say %PDF-1.4 is a mark", "x.txt", "text/plain", id="text-that-speaks-of-pdf"),
    pytest.param(b"\x89PNG\r\n\x1a\n", "x.txt", "image/png", id="a-picture-named-as-text"),
    pytest.param(b"RIFF\0\0\0\0WEBPVP8 ", "x", "image/webp", id="webp"),
    pytest.param(b"BM is a brand", "x.bmp", "text/plain", id="text-that-begins-with-bm"),
    pytest.param(b"<!-- saved --><!DOCTYPE html><p>x", "x.txt", "text/html", id="a-page-named-as-text"),
    pytest.param("<html><body>x".encode("utf-16"), "x", "text/html", id="a-page-in-utf-16"),
    pytest.param(b"a < b and <b> is a tag", "x.txt", "text/plain", id="text-with-a-tag"),
    pytest.param(b"a <b>bold</b> note", "x.html", "text/html", id="the-name-breaks-the-tie-for-a-page"),
    pytest.param(b"From: a@example.org\nMIME-Version: 1.0\n\nx", "x", "message/rfc822", id="mail-without-name"),
    pytest.param(b"From: the mob\nTo: all\nPhone: +1-555-0100\n\nx", "x", "text/plain", id="a-note-like-a-mail"),
    pytest.param(b"Subject: x\n\nbody", "x.eml", "message/rfc822", id="the-name-breaks-the-tie-for-mail"),
    pytest.param(b"From a@example.org Fri Mar  6 12:20:00 2026\nFrom: a@example.org\n\nx", "x", "application/mbox",
                 id="a-mailbox"),
    pytest.param(b"PK\x03\x04....word/document.xml", "x.pdf", "application/vnd.openxmlformats-officedocument",
                 id="an-office-document"),
    pytest.param(bytes(range(256)) * 8, "x.txt", "application/octet-stream", id="bytes-that-are-no-text"),
])  # fmt: skip
def test_the_content_says_what_a_file_is(data, name, media_type):
    assert recognise(data, name) == media_type


# --- plain text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "text", "noted"), [
    pytest.param("Jürgen, 東京".encode(), "Jürgen, 東京", "", id="utf-8"),
    pytest.param("\ufeffJürgen".encode(), "Jürgen", "", id="utf-8-with-mark"),
    pytest.param("Jürgen 5".encode("utf-16"), "Jürgen 5", "", id="utf-16-with-mark"),
    pytest.param("Jürgen 5".encode("utf-32"), "Jürgen 5", "", id="utf-32-with-mark"),
    pytest.param("at home 5".encode("utf-16-le"), "at home 5", "utf-16-le", id="utf-16-without-mark"),
    pytest.param("Адрес: дом 5".encode("utf-16-be"), "Адрес: дом 5", "utf-16-be", id="cyrillic-utf-16-without-mark"),
    pytest.param("Grüße aus Köln, René".encode("cp1252"), "Grüße aus Köln, René", "windows-1252", id="windows-1252"),
    pytest.param("Адрес: улица Примерная 5, телефон".encode("cp1251"), "Адрес: улица Примерная 5, телефон",
                 "windows-1251", id="windows-1251"),
    pytest.param("東京都の住所はこちらです、電話番号".encode("shift_jis"), "東京都の住所はこちらです、電話番号",
                 "cp932", id="shift-jis"),
    pytest.param("é".encode() * 200 + b"\xff!", "é" * 200 + "\ufffd!", "1 damaged", id="one-byte-of-many-damaged"),
    pytest.param(b"5\x005 5\x1b[0m\x08", "55 5[0m", "NUL", id="control-characters-go"),
    pytest.param(b"a\r\nb\rc\x0cd\xc2\x85e\xe2\x80\xa8f\tg", "a\nb\nc\nd\ne\nf\tg", "", id="every-line-ends-alike"),
    pytest.param(b"  ident\n\n\n kept \n", "  ident\n\n\n kept \n", "", id="blanks-stay-as-they-are"),
])  # fmt: skip
def test_plain_text_is_read_in_any_encoding(data, text, noted):
    document = read(data)
    assert document.text == text
    assert document.media_type == "text/plain"
    assert noted in " ".join(document.notes)
    assert bool(noted) == bool(document.notes)


def test_a_document_knows_its_bytes():
    document = read("x y", "folder/post.txt")
    assert document.sha256 == hashlib.sha256(b"x y").hexdigest()
    assert (document.size_bytes, document.name) == (3, "folder/post.txt")
    assert [(p.origin, p.start, p.end) for p in document.parts] == [("text", 0, 3)]


# --- refusals --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "code", "says"), [
    pytest.param(b"", "empty", "paste its text", id="nothing-in-it"),
    pytest.param(b" \r\n\t\x00", "empty", "only blanks", id="only-blanks"),
    pytest.param("\ufeff\u200b".encode(), "empty", "only blanks", id="only-zero-width"),
    pytest.param(bytes(range(256)) * 8, "unknown_type", "Habeas reads text", id="not-text"),
    pytest.param(b"PK\x03\x04" + b"x" * 90, "unknown_type", "unpack it", id="an-archive"),
    pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(90), "unknown_type", "save it as PDF",
                 id="an-old-office-file"),
    pytest.param(b"\0\0\0\x18ftypheic" + bytes(90), "unknown_type", "JPEG or PNG", id="a-photo-in-heic"),
    pytest.param("é".encode() * 20 + b"\xff\xfe\xfd", "encoding", "save it as UTF-8", id="too-much-damaged"),
    pytest.param(b"<html><body><script>x()</script></body></html>", "no_text", "screenshot", id="a-page-without-text"),
    pytest.param(saved(Image.new("RGB", (300, 300), "white")), "no_text", "sharper", id="an-empty-picture"),
    pytest.param(saved(picture())[:900], "broken", "save it again", id="half-a-picture"),
    pytest.param(saved(Image.new("1", (20_000, 20_000))), "too_large", "million pixels", id="a-picture-bomb"),
    pytest.param(b"%PDF-1.7\nnothing more", "broken", "save it again", id="a-broken-pdf"),
    pytest.param(locked_pdf(), "encrypted", "without a password", id="a-locked-pdf"),
])  # fmt: skip
def test_a_refusal_says_what_where_and_what_to_do(data, code, says):
    error = refusal(data, "C:\\mine\\post.bin")
    assert error.code == code
    assert says in str(error)
    assert str(error).startswith("post.bin ") or "post.bin" in str(error)
    assert "mine" not in str(error)


def test_a_file_over_the_limit_is_refused_with_both_sizes():
    assert refusal(b"x" * 1_500_000, limit_bytes=1_000_000).code == "too_large"
    assert "1.5 MB, and the limit is 1.0 MB" in str(refusal(b"x" * 1_500_000, limit_bytes=1_000_000))


# --- pages -----------------------------------------------------------------------------------------------------------

PAGE = """<!DOCTYPE html>
<!-- saved from url=(0031)https://forum.example.org/t/1 -->
<html><head><meta charset="windows-1252"><title>Thread on
 Jane</title><link rel="canonical" href="https://forum.example.org/other">
<script>var a = "no@example.com"</script><style>p {}</style></head>
<body><p>J\u00e4ne&nbsp;E <b>jane</b>@example.org<p>Call <a href="tel:+15550101">her</a> or
<a href="mailto:jane%2Bx@example.org?subject=hi">write</a>, <a href="https://facebook.com/jane.example">friends</a>,
<a href="https://facebook.com/sharer?u=1">share</a>, <a href="mailto:b@example.org">b@example.org</a>
<table><tr><td><div>Name</div></td><td><p>Jane</p></td><td></td><td>x</td></tr><tr><th>Tel<td>+1-555-0102</table>
<img src="data:image/png;base64,AAAA" alt="her house" title="12 Sample Street">
<div style="display: none">hidden one<p>hidden two</p></div><span hidden>hidden three</span>
<span style="color:#FFF; background: white">hidden four</span><span style="font-size:0">hidden five</span>
<input type="email" value="form@example.org"><select><option>Mars<option selected>Venus</select>
<pre>a  b
  c</pre><template>no</template><!-- no --> unclosed <b>end"""


def test_a_saved_page_reads_as_it_looks():
    document = read(PAGE.encode("cp1252"), "thread.html")
    shown = part(document, "page text")
    assert document.headers == {"title": "Thread on Jane", "url": "https://forum.example.org/t/1"}
    assert origins(document) == ["page title", "page text", "hidden text"]
    assert "Jäne E jane@example.org\n" in shown
    assert "her <+15550101> or write <jane+x@example.org>, friends <https://facebook.com/jane.example>" in shown
    assert "share, b@example.org\n" in shown
    assert "Name\tJane\t\tx\nTel\t+1-555-0102" in shown.replace("\n\n", "\n")
    assert "[her house] [12 Sample Street]" in shown
    assert "form@example.org" in shown
    assert "Venus" in shown
    assert "a  b\n  c" in shown
    assert shown.endswith("unclosed end")
    for unseen in ("no@example.com", "no", "Mars", "hidden"):
        assert unseen not in shown.split()
    hidden = part(document, "hidden text")
    assert hidden.split("\n") == [line for line in hidden.split("\n") if line == "" or line.startswith("hidden ")]
    assert [number in hidden for number in ("one", "two", "three", "four", "five")] == [True] * 5
    assert any("1 picture" in note for note in document.notes)


@pytest.mark.parametrize(("data", "text"), [
    pytest.param('<meta charset="utf-8"><p>Köln'.encode(), "Köln", id="declared-utf-8"),
    pytest.param('<meta charset="iso-8859-1"><p>Köln'.encode(), "Köln", id="declared-wrongly"),
    pytest.param('<meta charset="hex"><p>Köln'.encode(), "Köln", id="declared-absurdly"),
    pytest.param(b'<?xml version="1.0" encoding="windows-1251"?><html><p>\xcc\xe8\xf0</html>', "Мир", id="xhtml"),
    pytest.param("<html><p>Мир".encode("utf-16"), "Мир", id="utf-16"),
    pytest.param(b"<div><p>one<div>two</p>three</span></table>", "one\n\ntwo\nthree", id="broken-nesting"),
    pytest.param(b"<p>one\0two", "onetwo", id="a-zero-does-not-end-the-page"),
    pytest.param(b'<body style="color:white"><p>light', "light", id="white-on-nothing-is-still-read"),
])  # fmt: skip
def test_pages_are_read_whatever_they_declare(data, text):
    assert read(data).text == text


# --- mail ------------------------------------------------------------------------------------------------------------


def test_a_mail_is_read_with_headers_and_attachments():
    message = mail_file()
    message.add_alternative("<p>the <b>HTML</b> version</p>", subtype="html")
    message.add_attachment("Straße 5".encode("cp1252"), maintype="text", subtype="plain", filename="nöte.txt",
                           params={"charset": "windows-1252"})  # fmt: skip
    message.add_attachment(text_pdf(), maintype="application", subtype="octet-stream", filename="note.pdf")
    message.add_attachment(b"PK\x03\x04zzz", maintype="application", subtype="zip", filename="all.zip")
    message.add_attachment(mail_file(text="forwarded: +1-555-0102"))
    document = read(message.as_bytes(), "x")
    assert document.media_type == "message/rfc822"
    assert document.headers["subject"] == "Grüße – they posted +1-555-0100"
    assert document.headers["from"] == "Zoë Example <zoe@example.org>"
    assert origins(document)[:2] == ["headers", "message text"]
    assert "Subject: Grüße – they posted +1-555-0100\n" in part(document, "headers")
    assert part(document, "message text") == "See what they wrote."
    assert part(document, "attachment nöte.txt") == "Straße 5"
    assert "+1-555-0123" in part(document, "attachment note.pdf, page 1")
    assert part(document, "attachment message 4, message text") == "forwarded: +1-555-0102"
    assert any("all.zip" in note and "unpack it" in note for note in document.notes)


HEAD = b"From: a@example.org\r\nMIME-Version: 1.0\r\n"


@pytest.mark.parametrize(("data", "text"), [
    pytest.param(b"Content-Type: text/html\r\n\r\n<p>only<br>HTML", "only\nHTML", id="html-only"),
    pytest.param(b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                 b"K=F6ln=\r\n 5", "Köln 5", id="quoted-printable"),
    pytest.param(b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nS8O2bG4=",
                 "Köln", id="base64"),
    pytest.param(b"Content-Type: text/plain; charset=nonsense\r\n\r\nK\xc3\xb6ln", "Köln", id="unknown-charset"),
    pytest.param(b"Content-Type: text/plain; charset=us-ascii\r\n\r\nK\xf6ln", "Köln", id="wrong-charset"),
    pytest.param(b"Content-Type: multipart/mixed\r\n\r\nno boundary", "no boundary", id="multipart-without-boundary"),
    pytest.param(b"Content-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain\r\n\r\n \r\n"
                 b"--B\r\nContent-Type: text/html\r\n\r\n<p>rich\r\n--B--", "rich", id="empty-plain-version"),
])  # fmt: skip
def test_a_mail_body_is_decoded(data, text):
    assert part(read(HEAD + data), "message text") == text


@pytest.mark.parametrize(("line", "value"), [
    pytest.param(b"Subject: =?utf-8?q?J=C3=A4ne?= =?utf-8?b?w5w=?=", "JäneÜ", id="encoded-words"),
    pytest.param(b"Subject: raw \xfc bytes", "raw ü bytes", id="raw-latin-letters"),
    pytest.param("Subject: raw ü".encode(), "raw ü", id="raw-utf-8"),
    pytest.param(b"Subject: =?bad?x?zz?=", "=?bad?x?zz?=", id="broken-encoded-word"),
    pytest.param(b"Subject: on\r\n two lines", "on two lines", id="folded"),
])  # fmt: skip
def test_header_lines_are_decoded(line, value):
    assert read(HEAD + line + b"\r\n\r\nx").headers["subject"] == value


def test_every_message_of_a_mailbox_is_read():
    one = b"From a@example.org Fri Mar  6 12:20:00 2026\n" + mail_file(text="first\n>From here\n").as_bytes()
    two = b"\nFrom b@example.org Fri Mar  6 12:20:00 2026\n" + mail_file(text="second\n").as_bytes()
    document = read(one + two, "all.mbox")
    assert document.media_type == "application/mbox"
    assert part(document, "message 1, message text") == "first\nFrom here"
    assert part(document, "message 2, message text") == "second"


def test_a_page_saved_as_one_file_gives_its_address():
    data = (
        b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://forum.example.org/t/1\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/related; boundary=B\r\n\r\n--B\r\nContent-Type: text/html\r\n\r\n<p>saved\r\n--B--"
    )
    document = read(data, "page.mhtml")
    assert document.headers["url"] == "https://forum.example.org/t/1"
    assert part(document, "message text") == "saved"


# --- PDF -------------------------------------------------------------------------------------------------------------


def test_a_pdf_is_read_by_page_with_its_form_notes_and_links():
    document = read(text_pdf(pages=2))
    assert origins(document)[:3] == ["page 1", "page 1, form fields and notes", "page 2"]
    assert part(document, "page 1") == "12 Sample Street\ntel +1-555-0123"
    assert part(document, "page 1, form fields and notes") == "jane@example.com\na note on her\njane@example.net"


def test_a_scanned_page_is_read_by_ocr():
    document = read(saved(picture(size=(1240, 900), letters=40), "PDF", resolution=150))
    assert origins(document) == ["page 1, by OCR"]
    assert "jane.example@example.org" in document.text
    assert any("letters may be wrong" in note for note in document.notes)


def test_a_long_pdf_is_cut_with_a_note():
    document = read(text_pdf(pages=230))
    assert origins(document)[-1].startswith("page 200")
    assert any("first 200 of 230 pages" in note for note in document.notes)


# --- pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [
    pytest.param(saved(picture()), id="a-screenshot"),
    pytest.param(saved(picture(size=(500, 120), letters=12)), id="small-letters"),
    pytest.param(saved(picture(ink=(255, 255, 255, 255), paper=(0, 0, 0, 0), mode="RGBA")), id="white-on-transparent"),
    pytest.param(saved(picture(ink="white", paper="#202020"), "JPEG", quality=60), id="dark-mode-jpeg"),
    pytest.param(saved(picture(), "WEBP"), id="webp"),
    pytest.param(saved(picture().convert("P"), "GIF"), id="gif"),
    pytest.param(saved(picture(), "BMP"), id="bmp"),
    pytest.param(saved(picture().convert("1"), "TIFF"), id="fax"),
])  # fmt: skip
def test_a_picture_is_read(data):
    document = read(data, "shot.txt")
    assert origins(document) == ["image, by OCR"]
    assert "jane.example@example.org" in document.text
    assert "555-0123" in document.text
    assert document.text.splitlines()[0].startswith("Jane Example")
    assert any("letters may be wrong" in note for note in document.notes)


def test_a_photo_gives_away_its_place_even_where_it_shows_no_text():
    exif = Image.Exif()
    exif.get_ifd(0x8825).update({1: "S", 2: (10.0, 30.0, 0.0), 3: "W", 4: (20.0, 15.0, 36.0)})
    document = read(saved(Image.new("RGB", (300, 300), "green"), "JPEG", exif=exif))
    assert document.text == "GPS position in the image's metadata: -10.500000, -20.260000"
    assert origins(document) == ["metadata"]


def test_a_photo_taken_sideways_is_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    document = read(saved(picture().rotate(90, expand=True), "JPEG", exif=exif))
    assert "jane.example@example.org" in document.text


def test_a_moving_picture_is_read_from_its_first_frame_with_a_note():
    frames = [picture().convert("P"), Image.new("P", (1200, 400))]
    document = read(saved(frames[0], "GIF", save_all=True, append_images=frames[1:]))
    assert "jane.example@example.org" in document.text
    assert any("only the first of 2 frames" in note for note in document.notes)


def test_columns_stay_apart_and_lines_in_order():
    drawn = picture(("left one", "left two"), size=(1000, 200))
    draw = ImageDraw.Draw(drawn)
    for number, line in enumerate(("right one", "right two")):
        draw.text((600, 20 + number * 45), line, fill="black", font=ImageFont.load_default(size=28))
    assert read(saved(drawn)).text == "left one  right one\nleft two  right two"


def test_a_tall_screenshot_is_read_to_its_end_without_doubles():
    lines = [f"number {number} of Sample Street" for number in range(70)]
    document = read(saved(picture(lines, size=(900, 3_400))))
    assert document.text.splitlines() == lines


def test_without_its_models_ocr_is_refused_and_never_downloads(monkeypatch):
    from habeas.exposure.core.readers import image

    image._engine.cache_clear()
    monkeypatch.setitem(image._MODELS, "Det.model_path", "absent.onnx")
    error = refusal(saved(picture()))
    image._engine.cache_clear()
    assert error.code == "broken"
    assert "absent.onnx is not installed" in str(error)


def test_ocr_stays_off_the_network(monkeypatch):
    from habeas.exposure.core.readers import image

    def refuse(*_):
        pytest.fail("reading a picture opened a connection")

    image._engine.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert "555-0123" in read(saved(picture())).text


def test_letters_of_an_unread_script_are_said_to_be_there(monkeypatch):
    from habeas.exposure.core.readers import image

    unread = [image._Box(left=20, right=300, middle=40 * n, height=30, text="?", score=0.2) for n in range(1, 4)]
    monkeypatch.setattr(image, "_boxes", lambda *_, **__: unread)
    error = refusal(saved(picture()))
    assert error.code == "no_text"
    assert "its script is not one that OCR reads here" in str(error)


# --- files on disk ---------------------------------------------------------------------------------------------------


def test_a_file_on_disk_is_read(tmp_path: Path):
    path = tmp_path / "post.txt"
    path.write_text("12 Sample Street")
    assert read_file(path).text == "12 Sample Street"
    assert read_file(path).name == "post.txt"


@pytest.mark.parametrize(("make", "code"), [
    pytest.param(lambda path: None, "missing", id="no-such-file"),
    pytest.param(lambda path: path.mkdir(), "missing", id="a-folder"),
    pytest.param(lambda path: path.touch(), "empty", id="an-empty-file"),
    pytest.param(lambda path: path.write_bytes(b"x" * 200), "too_large", id="over-the-limit"),
])  # fmt: skip
def test_a_file_on_disk_is_refused_with_its_name(tmp_path: Path, make, code):
    path = tmp_path / "post.txt"
    make(path)
    with pytest.raises(UnreadableFile) as caught:
        read_file(path, limit_bytes=100)
    assert caught.value.code == code
    assert str(caught.value).startswith("post.txt ")
    assert str(tmp_path) not in str(caught.value)


# --- what must always hold -------------------------------------------------------------------------------------------


CODES = {"missing", "empty", "too_large", "encrypted", "encoding", "no_text", "broken", "unknown_type"}


def sound(data: bytes, name: str = "x") -> None:
    """Reading raises nothing but UnreadableFile, and a document keeps its promises."""
    try:
        document = read_document(data, name)
    except UnreadableFile as error:
        document, code = None, error.code
    if document is None:
        assert code in CODES
        return
    assert all(character in "\n\t" or not ("\0" <= character < " " or "\x7f" <= character < "\xa0")
               for character in document.text)  # fmt: skip
    document.text.encode()
    ends = [0]
    for stretch in document.parts:
        assert ends[-1] <= stretch.start < stretch.end <= len(document.text)
        ends.append(stretch.end)


SEEDS = {
    "page": PAGE.encode("cp1252"),
    "mail": HEAD
    + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n--B\r\n\r\nx\r\n--B\r\nContent-Type: text/html\r\n"
    b"Content-Disposition: attachment; filename*=utf-8''a%20b\r\n\r\n<p>x\r\n--B--",
    "pdf": text_pdf(),
    "text": "Jürgen, 12 Sample Street\r\n".encode("utf-16"),
    "gif": saved(picture(("x",), size=(40, 30), letters=12), "GIF"),
    "png": saved(Image.new("RGB", (40, 30), "white")),
}


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(data):
    sound(data)


@pytest.mark.parametrize("kind", SEEDS)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 5_000), st.binary(max_size=6), st.integers(0, 40)), min_size=1, max_size=4
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_is_read_or_refused(kind, changes):
    data = SEEDS[kind]
    for place, inserted, removed in changes:
        at = place % len(data)
        data = data[:at] + inserted + data[at + removed :] or b"x"
    sound(data)


def many_parts() -> bytes:
    parts = b"".join(b"--B\r\nContent-Type: text/plain\r\n\r\npart %d\r\n" % number for number in range(10_000))
    return HEAD + b"Content-Type: multipart/mixed; boundary=B\r\n\r\n" + parts + b"--B--\r\n"


@pytest.mark.parametrize("data", [
    pytest.param(b"<div>" * 100_000 + b"deep" + b"</div>" * 100_000, id="page-nested-deep"),
    pytest.param(b"<a href='mailto:q@example.org'>x" * 20_000, id="links-in-links"),
    pytest.param(b"<table><tr>" + b"<td>" * 100_000 + b"x", id="a-row-of-cells"),
    pytest.param(b"<p>" + b"<!--" * 50_000, id="comments-never-closed"),
    pytest.param(many_parts(), id="mail-of-ten-thousand-parts"),
    pytest.param(HEAD + b"".join(b"Content-Type: multipart/mixed; boundary=B%d\r\n\r\n--B%d\r\n" % (n, n)
                                 for n in range(2_000)) + b"\r\nx", id="parts-in-parts"),
    pytest.param(HEAD + b"Content-Type: message/rfc822\r\n\r\nFrom: a@example.org\r\n" * 2_000, id="mail-in-mail"),
    pytest.param(HEAD + b"Content-Type: text/plain; " + b"a=b; " * 200_000 + b"\r\n\r\nx", id="endless-content-type"),
    pytest.param(HEAD + b"Subject: " + b" " * 1_000_000 + b"\r\nTo: " + b"(" * 500_000 + b"\r\n\r\nx",
                 id="endless-header-lines"),
    pytest.param(b"<!---->" * 4_000 + b"x", id="a-chain-of-comments"),
    pytest.param(b"x" * 5_000_000 + b"\xe4 " * 3, id="one-endless-line"),
    pytest.param(saved(picture(("x",), size=(3_000, 12), letters=10)), id="a-thin-picture"),
])  # fmt: skip
def test_hostile_files_are_read_within_seconds(data):
    started = time.perf_counter()
    sound(data)
    assert time.perf_counter() - started < 20


def test_importing_and_reading_text_loads_nothing_heavy():
    script = (
        "import sys; from habeas.exposure.core.documents import read_document; import habeas.exposure.files;"
        "read_document('Jürgen, 12 Sample Street'.encode(), 'x');"
        "heavy = {'lxml', 'PIL', 'cv2', 'numpy', 'rapidocr', 'onnxruntime', 'pypdfium2', 'charset_normalizer'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_short_text_is_read_in_under_a_millisecond():
    data = ("Jürgen Example lives at 12 Sample Street.\r\n" * 70).encode()
    read_document(data, "x")
    times = []
    for _ in range(20):
        started = time.perf_counter()
        read_document(data, "x")
        times.append(time.perf_counter() - started)
    assert min(times) < 0.001
