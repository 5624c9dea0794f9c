"""Marks in a PDF: words moved by a hair in pages that we set, faint patterns in pages that come from elsewhere.

Set by us (typst): each word stands 15 thousandths of an em further left or right than it would, a sixth of a point at
11 points. The spaces before and after it take this up, so lines keep their length. Which way follows from the copy's
codeword at a position that the word and the one before it choose, so neither headings nor cropped parts put the reading
out of step. Text that is copied out of the PDF is the unmarked text.

From elsewhere: each page becomes a picture that carries the marks of ``image``.

A leaked PDF is read by the places of its words where it has words (print-to-PDF keeps them, at any scale), and by its
rendered pages where it has not, or where the words tell nothing; so is a picture of a page. The original is set or
rendered beside it, unmarked.
"""

from __future__ import annotations

import ctypes
import hashlib
import io
import json
import time
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from habeas.evidence.core.marks.codes import Reading, Signs, signs
from habeas.evidence.core.marks.image import (
    SIDES,
    Laid,
    Pixels,
    Sketch,
    grid_signs,
    lay,
    luma,
    marked_pixels,
    slopes,
)
from habeas.evidence.core.marks.lists import fold
from habeas.evidence.core.marks.text import aligned

# How far a word moves, in thousandths of an em.
SHIFT = 15
SPACING_LABEL = "pdf/spacing"
RENDER_DPI = 150
_POSITIONS = 4096
_MOST_PAGES = 400
_ENOUGH_PAGES, _STRANGE_PAGES, _NEAREST_PAGES = 20, 20, 60
# A0 at RENDER_DPI has 35 million.
_MOST_PIXELS = 40_000_000
_JPEG_QUALITY = 92
_FEWEST_WORDS = 3
_FEWEST_PIXELS = 30

# Put this into a template, and ``#marked(words)`` where the text goes; ``words`` is what ``marked_spaces`` gives.
TYPST_MARKED = """#let marked(words) = for (word, extra) in words {
  word
  text(spacing: 100% + extra * 0.001em, " ")
}
"""
_PAGE = (
    TYPST_MARKED
    + """#set document(date: none)
#set page(paper: "a4", margin: 25mm, numbering: none)
#set text(size: 11pt, hyphenate: false)
#set par(justify: false)
#let given = json(bytes(sys.inputs.given))
#if given.line != "" { block(below: 2em, text(size: 8pt, given.line)) }
#for paragraph in given.paragraphs { par(marked(paragraph)) }
"""
)


class NotAPdf(ValueError):
    """The bytes cannot be read as a PDF, or it has more pages than can be marked."""


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word on a page: ``left`` is where its first letter begins, ``base`` its line, in points from bottom left.

    box: left, bottom, right, top of the letters
    """

    text: str
    page: int
    left: float
    base: float
    box: tuple[float, float, float, float]


class Page:
    """One page of an unmarked original, rendered when it is first needed."""

    def __init__(self, document: Any, number: int, words: list[PlacedWord]) -> None:
        self._document, self.number, self.words = document, number, words

    @cached_property
    def sketch(self) -> Sketch:
        return Sketch(luma(_rendered(self._document, self.number)))

    @cached_property
    def corner(self) -> tuple[float, float]:
        """Left and top of what is shown of the page, in points."""
        left, _, _, top = self._document[self.number].get_cropbox()
        return left, top


class Original:
    """An unmarked PDF, opened once for all leaks and copies that it is compared with. Raises NotAPdf."""

    def __init__(self, content: bytes) -> None:
        self._document = _opened(content)
        self.words = _words(self._document)
        self.pages = [
            Page(self._document, number, [word for word in self.words if word.page == number])
            for number in range(len(self._document))
        ]


def marked_spaces(text: str, seed: bytes | None, *, shift: int = SHIFT) -> list[tuple[str, int]]:
    """The words of one paragraph, each with the extra width of the space after it, in thousandths of an em.

    seed:  None sets the unmarked original: no extra width anywhere
    shift: how far a word moves; more is read better and seen sooner
    Set it ragged, without hyphenation: justified lines would take the marks up. Raises BadSeed.
    """
    words = text.split()
    if seed is None:
        return [(word, 0) for word in words]
    code = signs(seed, SPACING_LABEL, _POSITIONS)
    # The first word has nothing before it that could give way, and the last one takes nothing back.
    moved = [0, *(int(code[_position(*pair)]) * shift for pair in pairwise(words))]
    extra = [after - here for here, after in pairwise(moved)]
    return list(zip(words, [*extra, 0], strict=False))


def set_text(text: str, seed: bytes | None, *, line: str = "") -> bytes:
    """A text as a PDF of our own, A4, for one recipient; with no seed the unmarked original beside which it is read.

    line: a small line at the top, for example ``lists.VISIBLE_LINE``; the same in original and copies
    The same arguments give the same bytes. Raises BadSeed.
    """
    import typst

    paragraphs = [marked_spaces(paragraph, seed) for paragraph in text.splitlines() if paragraph.strip()]
    given = json.dumps({"line": line, "paragraphs": paragraphs}, ensure_ascii=False)
    made: bytes = typst.compile(_PAGE.encode(), format="pdf", sys_inputs={"given": given})
    return made


def mark_pages(content: bytes, seed: bytes) -> bytes:
    """One recipient's copy of a PDF from elsewhere: its pages as marked pictures. Raises NotAPdf, BadSeed.

    Links, forms and letters that can be selected are gone from such a copy; the original keeps them.
    """
    document = _opened(content)
    made = [
        Image.fromarray(marked_pixels(_rendered(document, number), seed, _page_label(number)))
        for number in range(len(document))
    ]
    # A fixed date: the same page and seed give the same bytes, whose hash is kept.
    dated = time.gmtime(0)
    out = io.BytesIO()
    made[0].save(
        out,
        "PDF",
        resolution=RENDER_DPI,
        quality=_JPEG_QUALITY,
        subsampling=0,
        save_all=True,
        append_images=made[1:],
        creationDate=dated,
        modDate=dated,
    )
    return out.getvalue()


def read_pdf(leaked: bytes, original: Original) -> Iterator[Reading]:
    """What a leaked PDF tells, one way of reading after the other, the cheapest first. At most WAYS. Raises NotAPdf."""
    document = _opened(leaked)
    by_words = read_words(_words(document), original)
    if by_words is not None:
        yield by_words
    yield from read_pictures(_pictures(document), original)


WAYS = 3


def read_words(theirs: Sequence[PlacedWord], original: Original) -> Reading | None:
    """How far each word stands from where it stands in the original, beside the other words of its line."""
    ours = original.words
    matched = aligned([word.text for word in ours], [word.text for word in theirs])
    lines = []
    for line in _lines(ours):
        pairs = [(number, matched[number]) for number in line if matched[number] >= 0]
        if len(pairs) < _FEWEST_WORDS:
            continue
        # Where the leak breaks lines elsewhere, only what stands on one line in both can be compared.
        by_line: dict[tuple[int, float], list[tuple[int, int]]] = {}
        for number, other in pairs:
            by_line.setdefault((theirs[other].page, round(theirs[other].base, 1)), []).append((number, other))
        lines += [same for same in by_line.values() if len(same) >= _FEWEST_WORDS]
    if not lines:
        return None
    here = [_centred(np.array([ours[number].left for number, _ in line])) for line in lines]
    there = [_centred(np.array([theirs[other].left for _, other in line])) for line in lines]
    scale = float(sum(a @ b for a, b in zip(here, there, strict=True)) / sum(a @ a for a in here))
    if scale <= 0:
        return None
    moved = [b / scale - a for a, b in zip(here, there, strict=True)]
    numbers = [number for line in lines for number, _ in line]
    return _spacing("the places of the words", ours, numbers, np.concatenate(moved))


def read_pictures(pictures: Iterable[Pixels], original: Original) -> Iterator[Reading]:
    """What pictures of pages tell: the places of words, then the brightness of the page."""
    found = [
        (page, over) for number, picture in enumerate(pictures) for page, over in _found(picture, number, original)
    ]
    if not found:
        return
    numbers: list[int] = []
    moved: list[NDArray[np.float64]] = []
    first = {
        page.number: next((n for n, w in enumerate(original.words) if w.page == page.number), 0) for page, _ in found
    }
    for page, over in found:
        some, far = _moved_in_picture(page, over)
        numbers += [first[page.number] + number for number in some]
        moved.append(far)
    if numbers:
        yield _spacing("the places of the words in the picture", original.words, numbers, np.concatenate(moved))
    merged: dict[str, NDArray[np.float64]] = {}
    for page, over in found:
        each = grid_signs(over, page.sketch.grey, _page_label(page.number))
        merged[each.label] = merged.get(each.label, 0) + each.weights
    yield Reading(
        "the brightness of the pages", tuple(Signs(label, weights) for label, weights in sorted(merged.items()))
    )


def pictures_of(content: bytes) -> Iterator[Pixels]:
    """The pages of a PDF as pictures, one at a time. Raises NotAPdf."""
    return _pictures(_opened(content))


def text_of(content: bytes) -> str:
    """All text of a PDF, page after page. Raises NotAPdf."""
    document = _opened(content)
    return "\n".join(page.get_textpage().get_text_range() for page in document)


def _found(picture: Pixels, number: int, original: Original) -> list[tuple[Page, Laid]]:
    """The page of the original that a picture shows; the one of the same number is tried first."""
    leak = Sketch(luma(picture))
    for side in SIDES:
        for page in sorted(original.pages, key=lambda page: abs(page.number - number))[:_NEAREST_PAGES]:
            over = lay(leak, page.sketch, (side,))
            if over is not None and _alike(over):
                return [(page, over)]
    return []


def _alike(over: Laid) -> bool:
    """Do both show the same, beyond the points by which they were laid over each other?"""
    inside = over.known > 0.99
    if inside.sum() < 1000:
        return False
    return float(np.corrcoef(over.leaked[inside], over.original[inside])[0, 1]) > 0.5


def _moved_in_picture(page: Page, over: Laid) -> tuple[list[int], NDArray[np.float64]]:
    """Numbers of the page's words, and how far right each stands of where it should, in points."""
    pixels = over.share * RENDER_DPI / 72
    left, top = page.corner
    blurred = [cv2.GaussianBlur(each, (0, 0), 0.8) for each in (over.leaked, over.original)]
    across, _ = slopes(blurred[1])
    # One step of Lucas and Kanade for a whole word: summed over its box by integral images.
    with_slope = cv2.integral(((blurred[1] - blurred[0]) * across).astype(np.float64))
    steep = cv2.integral((across * across).astype(np.float64))
    missing = cv2.integral((over.known < 0.99).astype(np.float64))
    height, width = over.original.shape
    numbers, far, places = [], [], []
    for number, word in enumerate(page.words):
        x0, x1 = (word.box[0] - left) * pixels - 2, (word.box[2] - left) * pixels + 2
        y0, y1 = (top - word.box[3]) * pixels - 1, (top - word.box[1]) * pixels + 1
        box = [round(value) for value in (x0, y0, x1, y1)]
        if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height:
            continue
        if (box[2] - box[0]) * (box[3] - box[1]) < _FEWEST_PIXELS or _sum(missing, box) > 0:
            continue
        energy = _sum(steep, box)
        if energy > 1:
            numbers.append(number)
            far.append(_sum(with_slope, box) / energy / pixels)
            places.append(((x0 + x1) / width - 1, (y0 + y1) / height - 1))
    if len(numbers) < 12:
        return [], np.zeros(0)
    shifts = np.array(far)
    limit = 4 * float(np.median(np.abs(shifts))) + 1e-9
    kept = np.clip(shifts, -limit, limit)
    # What bends the whole page (a scan, a rounding of the place) is not a mark.
    x, y = np.array(places).T
    bends = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    kept = kept - bends @ np.linalg.lstsq(bends, kept, rcond=None)[0]
    by_number = dict(zip(numbers, kept, strict=True))
    result_numbers: list[int] = []
    result: list[NDArray[np.float64]] = []
    for line in _lines(page.words):
        some = [number for number in line if number in by_number]
        if len(some) >= _FEWEST_WORDS:
            result_numbers += some
            result.append(_centred(np.array([by_number[number] for number in some])))
    return result_numbers, np.concatenate(result) if result else np.zeros(0)


def _spacing(what: str, ours: Sequence[PlacedWord], numbers: Sequence[int], moved: NDArray[np.float64]) -> Reading:
    """Add up how far words were moved, per position of the codeword. The same pair of words moves the same way."""
    limit = 3 * float(np.median(np.abs(moved))) + 1e-9
    weights = np.zeros(_POSITIONS)
    for number, far in zip(numbers, np.clip(moved, -limit, limit), strict=True):
        if number > 0:
            weights[_position(ours[number - 1].text, ours[number].text)] += far / limit
    return Reading(what, (Signs(SPACING_LABEL, weights),))


def _position(before: str, word: str) -> int:
    """Where in the codeword a word after another is found. Says nothing of a seed."""
    digest = hashlib.sha256(f"{_folded(before)} {_folded(word)}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % _POSITIONS


def _folded(word: str) -> str:
    return fold(unicodedata.normalize("NFKC", word))


def _lines(words: Sequence[PlacedWord]) -> list[list[int]]:
    """Numbers of the words, line by line."""
    lines: list[list[int]] = []
    for number, word in enumerate(words):
        before = words[number - 1] if number else None
        same = before is not None and before.page == word.page and abs(before.base - word.base) < 0.5
        if same and before is not None and before.left < word.left:
            lines[-1].append(number)
        else:
            lines.append([number])
    return lines


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    centred: NDArray[np.float64] = values - values.mean()
    return centred


def _sum(integral: NDArray[Any], box: Sequence[int]) -> float:
    x0, y0, x1, y1 = box
    return float(integral[y1, x1] - integral[y0, x1] - integral[y1, x0] + integral[y0, x0])


def _page_label(number: int) -> str:
    return f"pdf/page/{number}"


def _opened(content: bytes) -> Any:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
        pages = len(document)
    except pypdfium2.PdfiumError as error:
        raise NotAPdf("this cannot be read as a PDF; an encrypted one has to be opened first") from error
    if not 0 < pages <= _MOST_PAGES:
        raise NotAPdf(f"a PDF of {pages} pages cannot be marked or traced: 1 to {_MOST_PAGES} can")
    return document


def _pictures(document: Any) -> Iterator[Pixels]:
    return (_rendered(document, number) for number in range(len(document)))


def _rendered(document: Any, number: int) -> Pixels:
    """A page as RGB pixels at RENDER_DPI, upright as it is shown."""
    page = document[number]
    if page.get_width() * page.get_height() * (RENDER_DPI / 72) ** 2 > _MOST_PIXELS:
        raise NotAPdf(f"page {number + 1} is larger than A0 and cannot be marked or traced as a picture")
    bitmap = page.render(scale=RENDER_DPI / 72, rev_byteorder=True)
    pixels: Pixels = np.ascontiguousarray(bitmap.to_numpy()[:, :, :3])
    return pixels


def _words(document: Any) -> list[PlacedWord]:
    found: list[PlacedWord] = []
    for number in range(len(document)):
        found += _words_of_page(document[number], number)
    return found


def _words_of_page(page: Any, number: int) -> list[PlacedWord]:
    from pypdfium2 import raw

    text = page.get_textpage()
    x, y = ctypes.c_double(), ctypes.c_double()
    found: list[PlacedWord] = []
    letters: list[str] = []
    boxes: list[tuple[float, float, float, float]] = []
    start = (0.0, 0.0)

    def close() -> None:
        if letters:
            left, bottom, right, top = zip(*boxes, strict=True)
            box = min(left), min(bottom), max(right), max(top)
            found.append(PlacedWord(_folded("".join(letters)), number, *start, box))
        letters.clear()
        boxes.clear()

    for index in range(text.count_chars()):
        letter = chr(raw.FPDFText_GetUnicode(text.raw, index))
        if letter.isspace() or letter in "\x00\ufffe":
            close()
            continue
        raw.FPDFText_GetCharOrigin(text.raw, index, x, y)
        # A space that the PDF left out is seen by the line only.
        if letters and abs(y.value - start[1]) > 0.5 and x.value < start[0]:
            close()
        if not letters:
            start = (x.value, y.value)
        letters.append(letter)
        boxes.append(text.get_charbox(index))
    close()
    return found
