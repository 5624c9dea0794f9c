"""PDQ: 256 bits that stay the same, or nearly, when a picture is saved again, made smaller, grey or brighter.

Two pictures whose hashes differ in at most 31 of the 256 bits are taken for the same (``MATCH_DISTANCE``). A cropped,
turned or framed copy has another hash: turned and mirrored copies are found through ``dihedral``, cropped photos
through ``photo_match``, cropped screenshots through the letters in them.

The bits are those of Meta's reference in C++ (ThreatExchange, ``pdq/cpp``), to the last one: hashes may be compared
with other people's. There a picture passes four box filters pixel by pixel; here the four are one weighted mean per
point of the 64 x 64 grid, which is the same number but for rounding. Where rounding could turn a bit, which is in flat
or perfectly regular pictures, the filters run in the reference's own order.

A hash tells something of what the picture shows, and is personal data like the picture. numpy is loaded with this
module, so import it where the first picture arrives.

Source: "The TMK+PDQF video-hashing algorithm and the PDQ image-hashing algorithm", Facebook, 2019.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from habeas.exposure.core.documents import UnreadableFile
from habeas.exposure.core.readers.image import FORMATS, MAX_PIXELS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]
    Doubles = NDArray[np.float64]

HASH_BYTES = 32
MATCH_DISTANCE = 31
# Below, a picture shows too little for its hash to say which it is: do not index it, do not search for it.
MIN_QUALITY = 50
# No camera and no screen makes a longer side; JPEG cannot even say one.
MAX_SIDE = 65_535

_GRID = 64
_MIN_SIDE = 5
_STRIP_PIXELS = 4_000_000
_BLOCK = 64
# The reference rounds each running sum to 24 bits. The largest error seen in a coefficient, over 100 pictures of all
# sorts, is 0.004; a coefficient and the median may both be off. A photo has about one coefficient in this reach.
_ROUNDING = 0.01


@dataclass(frozen=True, slots=True)
class PictureHash:
    """What is kept of a picture to know it again.

    bits:    32 bytes; as hexadecimal digits they are the reference's way to write a hash
    quality: 0..100, how much the picture shows; see ``MIN_QUALITY``
    """

    bits: bytes
    quality: int

    @property
    def is_telling(self) -> bool:
        return self.quality >= MIN_QUALITY


@dataclass(frozen=True, slots=True)
class Dihedral:
    """The hashes of a picture and of what it becomes when turned and mirrored, from one reading of it.

    rotated_*: turned counter-clockwise, degrees; mirrored_*: about the axis or diagonal named
    """

    original: PictureHash
    rotated_90: PictureHash
    rotated_180: PictureHash
    rotated_270: PictureHash
    mirrored_top_bottom: PictureHash
    mirrored_left_right: PictureHash
    mirrored_main_diagonal: PictureHash
    mirrored_other_diagonal: PictureHash

    def all(self) -> tuple[PictureHash, ...]:
        return (
            self.original,
            self.rotated_90,
            self.rotated_180,
            self.rotated_270,
            self.mirrored_top_bottom,
            self.mirrored_left_right,
            self.mirrored_main_diagonal,
            self.mirrored_other_diagonal,
        )


def hash_picture(picture: bytes | Image, name: str = "the picture") -> PictureHash:
    """The hash of a picture as people see it: upright, on white where it is transparent, its first frame.

    Raises UnreadableFile where it has too many pixels or is damaged; ``name`` stands in that message.
    A picture less than 5 pixels wide or high has quality 0 and no bit set.
    """
    coefficients, quality = _coefficients(picture, name)
    return PictureHash(_bits(coefficients), quality)


def dihedral(picture: bytes | Image, name: str = "the picture") -> Dihedral:
    """The eight hashes of a picture, to find copies that were turned or mirrored. Raises UnreadableFile.

    Turning or mirroring a picture swaps the axes of its cosine transform and changes signs, nothing else.
    """
    found, quality = _coefficients(picture, name)
    odd = np.where(np.arange(16) % 2, 1, -1).astype(np.float32)
    down, across, both = found * odd[:, None], found * odd, found * np.outer(odd, odd)
    turned = (found, across.T, both, down.T, down, across, found.T, both.T)
    return Dihedral(*(PictureHash(_bits(each), quality) for each in turned))


def distance(one: bytes, other: bytes) -> int:
    """In how many of their bits two hashes differ, 0..256."""
    if len(one) != HASH_BYTES or len(other) != HASH_BYTES:
        raise ValueError(f"a PDQ hash has {HASH_BYTES} bytes, not {len(one)} and {len(other)}")
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def upright(picture: bytes | Image, name: str) -> Image:
    """The first frame as people see it, in RGB or grey. Raises UnreadableFile, for its size before it is unpacked."""
    from PIL import Image as Pillow
    from PIL import ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if isinstance(picture, bytes):
                picture = Pillow.open(io.BytesIO(picture), formats=FORMATS)
            _refuse_too_large(picture, name)
            frame: Image = ImageOps.exif_transpose(picture)
            if frame.mode.startswith("I;16"):
                frame = frame.point(lambda value: value / 256).convert("L")
            if frame.has_transparency_data:
                paper = Pillow.new("RGBA", frame.size, "white")
                frame = Pillow.alpha_composite(paper, frame.convert("RGBA"))
            return frame if frame.mode in ("RGB", "L") else frame.convert("RGB")
    except UnreadableFile:
        raise
    except Pillow.DecompressionBombError:
        raise _too_many_pixels(name) from None
    except Exception:
        # Decoders raise whatever they stumble over: ValueError, struct.error, SyntaxError, OSError.
        message = f"{name} is a damaged picture: save it again, or take a new screenshot."
        raise UnreadableFile("broken", message) from None


def _refuse_too_large(picture: Image, name: str) -> None:
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels(name)
    if max(picture.size) > MAX_SIDE:
        raise UnreadableFile(
            "too_large",
            f"{name} is more than {MAX_SIDE:,} pixels wide or high: send a smaller picture, or parts of it.",
        )


def _too_many_pixels(name: str) -> UnreadableFile:
    return UnreadableFile(
        "too_large",
        f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels: send a smaller picture, or parts of it.",
    )


def _coefficients(picture: bytes | Image, name: str) -> tuple[Floats, int]:
    """The 16 x 16 lowest cosine coefficients, without those of a constant, and the quality."""
    frame = upright(picture, name)
    if min(frame.size) < _MIN_SIDE:
        return np.zeros((16, 16), dtype=np.float32), 0
    smooth = _grid(frame)
    cosines = _cosines().astype(np.float64)
    found, grid = (cosines @ smooth @ cosines.T).astype(np.float32), smooth.astype(np.float32)
    if _rounding_decides(found, max(frame.size)):
        grid = _grid_in_reference_order(frame)
        found = _transformed_in_reference_order(grid)
    return found, _quality(grid)


def _rounding_decides(coefficients: Floats, side: int) -> bool:
    """Whether a coefficient lies so near the median that the reference's rounding could turn its bit."""
    ordered = np.sort(coefficients, axis=None)
    median = ordered[127]
    tolerance = _ROUNDING * max(1.0, (side / 1000) ** 0.5)
    near = np.count_nonzero(np.abs(ordered - median) < tolerance)
    return bool(near > 1)


def _bits(coefficients: Floats) -> bytes:
    """A bit for each coefficient: is it more than the median? The last coefficient's comes first."""
    median = np.partition(coefficients, 127, axis=None)[127]
    return np.packbits((coefficients > median).ravel()[::-1]).tobytes()


def _quality(grid: Floats) -> int:
    """How much changes from point to point, cut to whole hundredths as the reference does. 0..100."""
    steps = sum(
        int(np.abs((np.diff(grid, axis=axis) * np.float32(100) / np.float32(255)).astype(np.int32)).sum())
        for axis in (0, 1)
    )
    return min(100, steps // 90)


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    frequencies, points = np.arange(1, 17)[:, None], np.arange(_GRID)
    scale = np.float32((2.0 / _GRID) ** 0.5)
    waves = np.cos((np.pi / 2.0 / _GRID) * frequencies * (2 * points + 1))
    cosines: Floats = (np.float64(scale) * waves).astype(np.float32)
    return cosines


def _centres(side: int) -> NDArray[np.int64]:
    """The pixel under the middle of each of the 64 cells along a side."""
    return ((np.arange(_GRID) + 0.5) * side / _GRID).astype(np.int64)


def _window(side: int) -> tuple[int, int]:
    """How many pixels before and after its own a box filter takes in."""
    width = (side + 2 * _GRID - 1) // (2 * _GRID)
    after = (width + 2) // 2 - 1
    return width - 1 - after, after


def _weights(side: int) -> tuple[NDArray[np.int64], Floats]:
    """What each pixel counts in each of the 64 points along a side, after both box filters.

    Gives the first pixel of each point, and a row of weights for each point, which add to 1.
    """
    before, after = _window(side)
    own = _centres(side)[:, None]
    through = own + np.arange(-before, after + 1)
    inside = (through >= 0) & (through < side)
    start, stop = np.maximum(through - before, 0), np.minimum(through + after + 1, side)
    share = inside / np.maximum(stop - start, 1) / inside.sum(axis=1, keepdims=True)
    length = 2 * (before + after) + 1
    first = np.clip(own[:, 0] - 2 * before, 0, max(0, side - length))
    # Each pixel passed through spreads its share evenly: the edges of the spreads, summed up, are the weights.
    edges = np.zeros((_GRID, length + 1))
    rows = np.broadcast_to(np.arange(_GRID)[:, None], through.shape)
    for at, sign in ((start, 1.0), (stop, -1.0)):
        np.add.at(edges, (rows, np.clip(at - first[:, None], 0, length)), sign * share)
    return first, np.cumsum(edges, axis=1)[:, :-1].astype(np.float32)


def _grid(frame: Image) -> Doubles:
    """The picture's luma, 0..255, at the 64 x 64 points, smoothed by two box filters each way."""
    first, weights = _weights(frame.height)
    length = min(weights.shape[1], frame.height)
    lines = np.empty((_GRID, frame.width), dtype=np.float32)
    at_once = _GRID if frame.width * frame.height <= _STRIP_PIXELS else 1
    for row in range(0, _GRID, at_once):
        top, bottom = int(first[row]), int(first[row + at_once - 1]) + length
        strip = _luma(frame, top, bottom)
        for each in range(row, row + at_once):
            start = int(first[each]) - top
            np.matmul(weights[each, :length], strip[start : start + length], out=lines[each])
    first, weights = _weights(frame.width)
    length = min(weights.shape[1], frame.width)
    columns = first[:, None] + np.arange(length)
    grid: Doubles = np.einsum("ikj,kj->ik", lines[:, columns].astype(np.float64), weights[:, :length])
    return grid


def _luma(frame: Image, top: int, bottom: int) -> Floats:
    """Rows of the picture as 0.299 red + 0.587 green + 0.114 blue, not rounded to whole numbers."""
    if (top, bottom) != (0, frame.height):
        frame = frame.crop((0, top, frame.width, bottom))
    return np.asarray(frame.convert("F"), dtype=np.float32)


def _grid_in_reference_order(frame: Image) -> Floats:
    """What ``_grid`` gives, with every sum made in the reference's order and rounded as there.

    The reference leaves a picture of 64 x 64 pixels as it is, though not where it makes all eight hashes; there its
    filters, one pixel wide, change nothing but rounding.
    """
    if frame.size == (_GRID, _GRID):
        return _luma(frame, 0, _GRID)
    height, width = frame.height, frame.width
    smooth = np.empty((width, height), dtype=np.float32)
    for top in range(0, height, _BLOCK):
        bottom = min(top + _BLOCK, height)
        smooth[:, top:bottom] = _luma(frame, top, bottom).T
    # Each filter runs along the first axis and turns the picture over: across, down, across, down.
    smooth = _box_and_turn(smooth, np.arange(width))
    smooth = _box_and_turn(smooth, np.arange(height))
    smooth = _box_and_turn(smooth, _centres(width))
    return _box_and_turn(smooth, _centres(height)).T


def _box_and_turn(rows: Floats, wanted: NDArray[np.int64]) -> Floats:
    """Running means over the rows, each added up in 32 bits from the one before; those wanted, as columns."""
    side, length = rows.shape
    before, after = _window(side)
    own = np.arange(side)
    counts = (np.minimum(own + after, side - 1) - np.maximum(own - before, 0) + 1).astype(np.float32)
    places = wanted.tolist()
    total = np.zeros(length, dtype=np.float32)
    block = np.empty((_BLOCK, length), dtype=np.float32)
    turned = np.empty((length, len(places)), dtype=np.float32)
    filled = done = 0
    for row in range(-after, side):
        if row + after < side:
            np.add(total, rows[row + after], out=total)
        if row > before:
            np.subtract(total, rows[row - before - 1], out=total)
        # A side shorter than 64 pixels lends the same row to several points.
        while done + filled < len(places) and places[done + filled] == row:
            np.divide(total, counts[row], out=block[filled])
            filled += 1
            if filled == _BLOCK or done + filled == len(places):
                turned[:, done : done + filled] = block[:filled].T
                done, filled = done + filled, 0
    return turned


def _transformed_in_reference_order(grid: Floats) -> Floats:
    cosines = _cosines()
    down = np.zeros((16, _GRID), dtype=np.float32)
    for point in range(_GRID):
        down += np.outer(cosines[:, point], grid[point])
    both = np.zeros((16, 16), dtype=np.float32)
    for point in range(_GRID):
        both += np.outer(down[:, point], cosines[:, point])
    return both
