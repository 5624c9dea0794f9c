"""Invented texts, screenshots and pages, and what happens to copies of them before they turn up somewhere."""

from __future__ import annotations

import ctypes
import hashlib
import io
import random

import pypdfium2
from PIL import Image, ImageDraw, ImageEnhance, ImageFont

WORDS = [
    "the",
    "man",
    "wrote",
    "that",
    "he",
    "would",
    "find",
    "her",
    "at",
    "home",
    "and",
    "nobody",
    "knew",
    "what",
    "to",
    "say",
    "about",
    "it",
    "when",
    "people",
    "came",
    "again",
    "later",
    "with",
    "more",
    "of",
    "these",
    "posts",
    "about",
    "street",
    "morning",
    "letter",
    "angry",
    "account",
    "neighbour",
    "photo",
    "school",
    "police",
    "weekend",
    "garden",
    "village",
    "station",
    "window",
    "quietly",
    "nothing",
    "answer",
    "reply",
    "comment",
    "shared",
    "picture",
    "before",
    "after",
    "because",
    "although",
    "every",
    "another",
    "somebody",
    "anything",
    "himself",
    "around",
    "behind",
    "against",
    "yesterday",
    "often",
    "never",
    "always",
    "perhaps",
]
TURNS = ("don't", "couldn't", "wasn't", "they're", "café", "naïve", "well-known", "so-called", "half-open")


def seed(number):
    return hashlib.sha256(b"seed of a copy" + number.to_bytes(4, "big")).digest()


def prose(number, words=300, paragraphs=4):
    """Somebody's invented post: sentences, with a name, an address, a link and a number that must stay as they are."""
    chance = random.Random(number)  # noqa: S311
    blocks = []
    for _ in range(paragraphs):
        sentences, left = [], words // paragraphs
        while left > 0:
            length = chance.randint(6, 16)
            some = [chance.choice(TURNS) if chance.random() < 0.06 else chance.choice(WORDS) for _ in range(length)]
            if chance.random() < 0.3:
                some.insert(length // 2, chance.choice(("-", '"really"', "and so on...")))
            sentences.append(" ".join(some).capitalize() + ".")
            left -= length
        blocks.append(" ".join(sentences))
    blocks[0] += " Ask for Jane Doe, 12 Elm Street, +1-555-0142, jane.doe@example.org, https://example.org/a-b?c='d'."
    return "\n\n".join(blocks)


def screenshot(number, width=900, height=1200):
    """A page of posts: mostly white, letters, coloured discs and a line under each."""
    chance = random.Random(number)  # noqa: S311
    picture = Image.new("RGB", (width, height), "white")
    pencil, letters = ImageDraw.Draw(picture), ImageFont.load_default(21)
    top = 30
    while top < height - 60:
        pencil.ellipse((30, top, 80, top + 50), fill=tuple(chance.randint(60, 220) for _ in range(3)))
        for _ in range(chance.randint(2, 4)):
            pencil.text((100, top), " ".join(chance.choices(WORDS, k=10)), font=letters, fill=(25, 25, 25))
            top += 31
        pencil.line((30, top + 10, width - 30, top + 10), fill=(220, 220, 220))
        top += 30
    return picture


def png(picture):
    return _saved(picture, "PNG")


def jpeg(picture, quality):
    return _saved(picture, "JPEG", quality=quality)


def opened(content):
    return Image.open(io.BytesIO(content)).convert("RGB")


def rescaled(picture, share):
    size = round(picture.width * share), round(picture.height * share)
    return picture.resize(size, Image.Resampling.LANCZOS)


def half(picture, side="left"):
    """A half of a picture, cut where no grid of ours or of JPEG lies."""
    width, height = picture.size
    if side == "left":
        return picture.crop((3, 5, 3 + width // 2, height - 2))
    return picture.crop((7, 11, width - 3, 11 + height // 2))


def on_a_screen(picture):
    """Shown a little smaller in a window with bars around it, and captured with these."""
    shown = rescaled(picture, 0.83)
    screen = Image.new("RGB", (shown.width + 310, shown.height + 170), (240, 242, 245))
    ImageDraw.Draw(screen).rectangle((0, 0, screen.width, 60), fill=(52, 73, 94))
    screen.paste(shown, (150, 97))
    return screen


def brighter(picture):
    return ImageEnhance.Contrast(ImageEnhance.Brightness(picture).enhance(1.12)).enhance(0.93)


# What may happen to a picture; each makes the file that turns up.
PICTURE_ATTACKS = {
    "as it is": png,
    "JPEG 75": lambda picture: jpeg(picture, 75),
    "JPEG 50": lambda picture: jpeg(picture, 50),
    "half the size, JPEG 75": lambda picture: jpeg(rescaled(picture, 0.5), 75),
    "half the size, JPEG 50": lambda picture: jpeg(rescaled(picture, 0.5), 50),
    "150 % of the size, JPEG 50": lambda picture: jpeg(rescaled(picture, 1.5), 50),
    "left half, JPEG 50": lambda picture: jpeg(half(picture), 50),
    "upper half, JPEG 75": lambda picture: jpeg(half(picture, "upper"), 75),
    "screenshot, JPEG 80": lambda picture: jpeg(on_a_screen(picture), 80),
    "brighter, JPEG 75": lambda picture: jpeg(brighter(picture), 75),
}


def printed(content, width=612, height=792):
    """Printed to another paper as viewers do it: every page becomes a scaled form on a new one (PDFium's own way)."""
    raw = pypdfium2.raw
    document = pypdfium2.PdfDocument(content)
    made = raw.FPDF_ImportNPagesToOne(document.raw, ctypes.c_float(width), ctypes.c_float(height), 1, 1)
    return _written(pypdfium2.PdfDocument(made))


def cut_to_half(content):
    """Every page's upper half, the rest outside the paper."""
    document = pypdfium2.PdfDocument(content)
    for page in document:
        _, _, right, top = page.get_mediabox()
        page.set_mediabox(0, top / 2, right, top)
        page.set_cropbox(0, top / 2, right, top)
    return _written(document)


def pictures(content, dpi):
    return [page.render(scale=dpi / 72).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(content)]


def scanned(content, dpi, quality, cut=None):
    """Every page as a JPEG in a new PDF."""
    pages = [cut(page) if cut else page for page in pictures(content, dpi)]
    return _saved(pages[0], "PDF", resolution=dpi, quality=quality, save_all=True, append_images=pages[1:])


def upper_half(picture):
    return half(picture, "upper")


# What may happen to a PDF: the file that turns up, and its type.
PDF_ATTACKS = {
    "as it is": (lambda content: content, "application/pdf"),
    "printed to PDF, other paper": (printed, "application/pdf"),
    "pages cut to half": (cut_to_half, "application/pdf"),
    "rasterised 150 dpi, JPEG 75": (lambda content: scanned(content, 150, 75), "application/pdf"),
    "rasterised 100 dpi, JPEG 50": (lambda content: scanned(content, 100, 50), "application/pdf"),
    "rasterised, half, JPEG 60": (lambda content: scanned(content, 150, 60, upper_half), "application/pdf"),
    "picture of page 1, 96 dpi, JPEG 75": (lambda content: jpeg(pictures(content, 96)[0], 75), "image/jpeg"),
    "picture of half a page, 110 dpi": (
        lambda content: jpeg(half(pictures(content, 110)[0], "upper"), 60),
        "image/jpeg",
    ),
}


def _saved(picture, kind, **options):
    out = io.BytesIO()
    picture.convert("RGB").save(out, kind, **options)
    return out.getvalue()


def _written(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
