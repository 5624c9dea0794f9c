"""A PDF, page by page: its text, what its form fields and notes say, and OCR where a page is only a picture."""

from __future__ import annotations

import ctypes
import re
import threading
import warnings
from typing import Any

from habeas.exposure.core.documents import UnreadableFile
from habeas.exposure.core.readers import Budget, Reading, image

RENDER_DPI = 200
MAX_PAGE_PIXELS = 8_000_000
MAX_TEXT_CHARACTERS = 10_000_000
_MAX_ANNOTATIONS = 300

# A page with less text than this and a picture over most of it is a scan with a stamp or page number.
_LITTLE_TEXT = 40
# PDFium marks a hyphen at a line's end so; whether it belongs to the word cannot be told, so it is kept.
_LINE_END_HYPHEN = re.compile("[\x02\ufffe]")
_UNMAPPED = re.compile("[\ufffd\ue000-\uf8ff]")

# PDFium keeps global state and is not safe to call from two threads.
_pdfium_lock = threading.RLock()


def read(data: bytes, name: str, budget: Budget) -> Reading:
    """The text of at most 200 pages. Raises UnreadableFile: encrypted, broken."""
    with _pdfium_lock:
        document = _open(data, name)
        try:
            return _read(document, name, budget)
        finally:
            document.close()


def _open(data: bytes, name: str) -> Any:
    import pypdfium2
    from pypdfium2 import raw

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) in {raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY}:
            raise UnreadableFile(
                "encrypted",
                f"{name} is locked with a password: open it, print it to a new PDF without a password, and send that.",
            ) from None
        raise UnreadableFile(
            "broken", f"{name} is a damaged PDF: save it again, or send screenshots of its pages."
        ) from None


def _read(document: Any, name: str, budget: Budget) -> Reading:
    reading = Reading()
    for key in ("Title", "Author"):
        value = document.get_metadata_value(key).strip()
        if value:
            reading.headers[key.lower()] = value[:500]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            document.init_forms()  # so that what was typed into a form is drawn for OCR
        except Exception:
            reading.notes.append("the PDF's form cannot be drawn")
    pages = len(document)
    characters = 0
    damaged: list[int] = []
    for number in range(1, pages + 1):
        if budget.pages_left <= 0 or characters > MAX_TEXT_CHARACTERS:
            reading.notes.append(f"only the first {number - 1} of {pages} pages were read: send the rest as a new file")
            break
        budget.pages_left -= 1
        try:
            characters += _read_page(document, number, reading, budget)
        except UnreadableFile:
            raise
        except Exception:
            damaged.append(number)
    if damaged:
        shown = ", ".join(map(str, damaged[:10])) + ("…" if len(damaged) > 10 else "")
        reading.notes.append(f"damaged and not read: page {shown}")
        if len(damaged) == pages:
            raise UnreadableFile("broken", f"{name} is a damaged PDF: save it again, or send screenshots of its pages.")
    return reading


def _read_page(document: Any, number: int, reading: Reading, budget: Budget) -> int:
    """Add one page's pieces to the reading. Returns how many characters its text has."""
    page = document[number - 1]
    try:
        text = _page_text(page)
        if text.strip():
            reading.pieces.append((f"page {number}", text))
        added = _annotations(document, page)
        if added:
            reading.pieces.append((f"page {number}, form fields and notes", "\n".join(added)))
        if _needs_ocr(page, text):
            _ocr_page(page, number, reading, budget)
        return len(text)
    finally:
        page.close()


def _page_text(page: Any) -> str:
    text_page = page.get_textpage()
    try:
        if text_page.count_chars() > MAX_TEXT_CHARACTERS:
            return ""
        text: str = text_page.get_text_bounded()
    finally:
        text_page.close()
    return _LINE_END_HYPHEN.sub("-", text.replace("\r\n", "\n")).strip("\n")


def _needs_ocr(page: Any, text: str) -> bool:
    letters = len(re.sub(r"\s", "", text))
    if letters == 0 or len(_UNMAPPED.findall(text)) * 3 > letters:
        return True
    return letters < _LITTLE_TEXT and _picture_share(page) > 0.5


def _picture_share(page: Any) -> float:
    """How much of the page its largest picture covers, 0..1."""
    from pypdfium2 import raw

    width, height = page.get_size()
    share = 0.0
    for count, item in enumerate(page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        if count >= 50:
            break
        left, bottom, right, top = item.get_bounds()
        share = max(share, (right - left) * (top - bottom) / max(1.0, width * height))
    return share


def _ocr_page(page: Any, number: int, reading: Reading, budget: Budget) -> None:
    if budget.pictures_left <= 0:
        reading.notes.append(f"page {number} is a picture and was not read: send the scanned pages as a smaller file")
        return
    width, height = page.get_size()  # points, 72 to the inch
    scale = RENDER_DPI / 72
    scale = min(scale, (MAX_PAGE_PIXELS / max(1.0, width * height)) ** 0.5, 10_000 / max(1.0, width, height))
    if min(width, height) * scale < 8:
        return
    bitmap = page.render(scale=scale)
    try:
        picture = bitmap.to_pil().convert("RGB")
    finally:
        bitmap.close()
    low_high = picture.convert("L").getextrema()
    if low_high[1] - low_high[0] < 8:
        return  # an empty page
    budget.pictures_left -= 1
    letters = image.read_letters(picture)
    if letters.text.strip():
        reading.pieces.append((f"page {number}, by OCR", letters.text))
        reading.notes.append(image.OCR_NOTE)
    else:
        reading.notes.append(f"page {number} holds a picture in which no text was found")
    reading.notes.extend(letters.notes)


def _annotations(document: Any, page: Any) -> list[str]:
    """What the page's form fields, notes and links say."""
    from pypdfium2 import raw

    said: dict[str, None] = {}
    for index in range(min(raw.FPDFPage_GetAnnotCount(page), _MAX_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            subtype = raw.FPDFAnnot_GetSubtype(annotation)
            if subtype == raw.FPDF_ANNOT_LINK:
                said[_link_target(document, annotation)] = None
            elif subtype == raw.FPDF_ANNOT_WIDGET:
                said[_string_value(annotation, b"V")] = None
            else:
                said[_string_value(annotation, b"Contents")] = None
        finally:
            raw.FPDFPage_CloseAnnot(annotation)
    return [text for text in said if text.strip()]


def _string_value(annotation: Any, key: bytes) -> str:
    from pypdfium2 import raw

    size = raw.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    if size <= 2 or size > 200_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAnnot_GetStringValue(annotation, key, ctypes.cast(buffer, ctypes.POINTER(raw.FPDF_WCHAR)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace").replace("\r", "\n")


def _link_target(document: Any, annotation: Any) -> str:
    """The address behind a link; of mail and telephone links only what follows the scheme."""
    from pypdfium2 import raw

    link = raw.FPDFAnnot_GetLink(annotation)
    action = raw.FPDFLink_GetAction(link) if link else None
    if not action or raw.FPDFAction_GetType(action) != raw.PDFACTION_URI:
        return ""
    size = raw.FPDFAction_GetURIPath(document, action, None, 0)
    if size <= 1 or size > 4_000:
        return ""
    buffer = ctypes.create_string_buffer(size)
    raw.FPDFAction_GetURIPath(document, action, buffer, size)
    target = buffer.raw[: size - 1].decode("utf-8", "replace")
    scheme, colon, rest = target.partition(":")
    return rest.partition("?")[0] if colon and scheme.lower() in {"mailto", "tel", "sms"} else target
