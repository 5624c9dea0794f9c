"""Is this photo a cropped, turned or framed copy of that one? The second look, where PDQ cannot see it.

A photo is sketched by 256 points that are easily found again (ORB). Two photos are the same where many of their points
look alike and one turn, scaling and shift carries them all, and where that holds over the whole area they share: a logo
or face that two different pictures have in common is not enough.

Letters look alike everywhere, so points on letters are left out, and pictures that are mostly letters are not judged at
all: what is in those is found by OCR. Mirrored copies are found by sketching the mirrored picture.

Comparing takes about two milliseconds, so this is for a few candidates, not for a million. A sketch tells something of
what the photo shows, and is personal data like the photo.

Source: Rublee et al., "ORB: an efficient alternative to SIFT or SURF", 2011.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from habeas.exposure.core.pdq import upright

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PIL.Image import Image

    Floats = NDArray[np.float32]
    Bytes = NDArray[np.uint8]

_HEAD = struct.Struct("<HHH?")

MAX_POINTS = 256
MIN_INLIERS = 12

_SIDE = 640
_MAX_ENLARGED = 4.0
_MIN_SIDE = 64
# More than are kept, so that each part of the picture can give its own.
_DRAWN_POINTS = 1000
_CELLS = 8
# What a descriptor looks at is about as large.
_PATCH = 31
# Of 11 pages and screenshots 98 to 100 % of the points lie on letters by these three, of 24 photos 0 to 29 %.
_GROUND = 0.5
_INK = 48
_STROKES = 1.5
_TEXT_SHARE = 0.6
# Fewer beside the letters are buttons and lines, not a photo.
_ENOUGH_POINTS = 64
_RATIO = 0.85
_MAX_BITS = 72
_REACH_PIXELS = 4.0
_MAX_SCALE = 6.0
_MAX_STRETCH = 1.5
_COVERAGE_CELLS = 5
# Measured on 27 photos: copies (cropped by a quarter, turned, framed) are agreed on in 0.42 of the cells at least, and
# over 0.31 of the area; a face in common that fills an eighth of both photos over 0.20.
_MIN_COVERAGE = 0.4
# Few points cannot be in all cells.
_COVERAGE_PER_POINT = 0.02
_MIN_EXTENT = 0.25
_MIN_SHARE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class PhotoSketch:
    """What is kept of a photo to know a part of it again.

    points:       n x 2, across and down, in pixels of the picture with its longer side made 640
    descriptors:  n x 32 bytes, what the picture looks like around each point
    width, height: of the picture so made
    is_text:      most of what stands out in it are letters
    """

    points: Floats
    descriptors: Bytes
    width: int
    height: int
    is_text: bool

    def to_bytes(self) -> bytes:
        """The sketch as it is kept; seal it like the photo."""
        head = _HEAD.pack(len(self.points), self.width, self.height, self.is_text)
        return head + self.points.astype("<f4").tobytes() + self.descriptors.tobytes()

    @classmethod
    def from_bytes(cls, kept: bytes) -> PhotoSketch:
        """Raises ValueError for what ``to_bytes`` did not write."""
        if len(kept) < _HEAD.size:
            raise ValueError("a sketch of a photo has a head: this is too short")
        count, width, height, is_text = _HEAD.unpack_from(kept)
        if len(kept) != _HEAD.size + 40 * count:
            raise ValueError(f"a sketch of {count} points takes {_HEAD.size + 40 * count} bytes, not {len(kept)}")
        points = np.frombuffer(kept, "<f4", 2 * count, _HEAD.size).reshape(count, 2).astype(np.float32)
        descriptors = np.frombuffer(kept, np.uint8, offset=_HEAD.size + 8 * count).reshape(count, 32)
        return cls(points, descriptors, width, height, bool(is_text))


@dataclass(frozen=True, slots=True)
class PhotoMatch:
    """Whether two photos show the same, and why.

    score:   0 where they are not taken for the same, else 0..1: what share of the points that both should have agree
    inliers: points that one turn, scaling and shift carries from one photo to the other
    coverage: 0..1, the share of what both show in which points agree
    why:     a sentence for caseworkers
    """

    score: float
    inliers: int
    coverage: float
    why: str

    @property
    def is_same(self) -> bool:
        return self.score > 0


def sketch(picture: bytes | Image, name: str = "the picture", *, mirrored: bool = False) -> PhotoSketch:
    """The points of a photo by which it can be known again. Raises UnreadableFile; ``name`` stands in that message.

    mirrored: sketch what a mirror shows, to find mirrored copies
    """
    import cv2

    grey = _grey(upright(picture, name), mirrored=mirrored)
    height, width = grey.shape
    points, descriptors = np.empty((0, 2), np.float32), np.empty((0, 32), np.uint8)
    if min(width, height) < _MIN_SIDE:
        return PhotoSketch(points, descriptors, width, height, is_text=False)
    finder: Any = cv2.ORB.create(nfeatures=_DRAWN_POINTS, fastThreshold=8)
    drawn = finder.detect(grey, None)
    letters = _on_letters(grey, _places(drawn))
    is_text = bool(drawn) and float(letters.mean()) > _TEXT_SHARE
    if is_text:
        # A photo within a post: look again where there are no letters.
        drawn = finder.detect(grey, _away_from(_places(drawn)[letters], width, height))
        letters = _on_letters(grey, _places(drawn))
    elsewhere = np.flatnonzero(~letters)
    if len(elsewhere):
        strength = np.array([point.response for point in drawn], dtype=np.float32)
        kept = elsewhere[_spread(_places(drawn)[elsewhere], strength[elsewhere], width, height)]
        drawn, described = finder.compute(grey, [drawn[number] for number in kept])
        if drawn:
            points, descriptors = _places(drawn), described
    return PhotoSketch(points, descriptors, width, height, is_text=is_text and len(points) < _ENOUGH_POINTS)


def compare(known: PhotoSketch, found: PhotoSketch) -> PhotoMatch:
    """Whether ``found`` shows the same photo as ``known``, whole or in part."""
    import cv2

    if known.is_text or found.is_text:
        return PhotoMatch(0.0, 0, 0.0, "mostly letters: compare what they say")
    if min(len(known.points), len(found.points)) < MIN_INLIERS:
        return PhotoMatch(0.0, 0, 0.0, "too little stands out in the picture to know it again")
    ours, theirs = _pairs(known.descriptors, found.descriptors)
    if len(ours) < MIN_INLIERS:
        return PhotoMatch(0.0, 0, 0.0, f"only {len(ours)} points look alike; it takes {MIN_INLIERS}")
    source, target = found.points[theirs], known.points[ours]
    estimate: Any = cv2.estimateAffine2D
    carried, agreeing = estimate(source, target, ransacReprojThreshold=_REACH_PIXELS, maxIters=2000, confidence=0.995)
    inliers = np.zeros(len(ours), dtype=bool) if carried is None else agreeing.ravel().astype(bool)
    count = int(np.count_nonzero(inliers))
    if count < MIN_INLIERS:
        return PhotoMatch(0.0, count, 0.0, f"one turn and scaling carries only {count} points; it takes {MIN_INLIERS}")
    # How much it enlarges along the direction it enlarges most, and least: a copy is not squeezed to a sliver.
    most, least = (float(each) for each in np.linalg.svd(carried[:, :2], compute_uv=False))
    if most > _MAX_SCALE or least < 1 / _MAX_SCALE or most > _MAX_STRETCH * least or np.linalg.det(carried[:, :2]) < 0:
        return PhotoMatch(0.0, count, 0.0, "the points agree only where one picture is squeezed as no copy is")
    return _judged(known, found, carried.astype(np.float32), target[inliers], count)


def _judged(known: PhotoSketch, found: PhotoSketch, carried: Floats, agreed: Floats, count: int) -> PhotoMatch:
    """Is the agreement spread over all that the two photos share, or is it one detail they have in common?"""
    back = _inverse(carried)
    there = _moved(found.points, carried)
    shared_found = there[_inside(there, known.width, known.height)]
    shared_known = known.points[_inside(_moved(known.points, back), found.width, found.height)]
    share = count / max(1, min(len(shared_found), len(shared_known)))
    # Cells of a size with the shared area, so that a small crop is looked at as closely as the whole.
    shown = np.concatenate([shared_found, shared_known])
    low = shown.min(axis=0)
    size = (shown.max(axis=0) - low + 1e-3) / _COVERAGE_CELLS
    in_both = _cells(shared_found, low, size) & _cells(shared_known, low, size)
    agreeing = _cells(agreed, low, size)
    coverage = len(agreeing) / max(1, len(in_both | agreeing))
    extent = _extent(agreed) / max(1e-6, _extent(shown))
    if share < _MIN_SHARE or extent < _MIN_EXTENT or coverage < min(_MIN_COVERAGE, count * _COVERAGE_PER_POINT):
        return PhotoMatch(
            0.0,
            count,
            coverage,
            f"{count} points agree, but only in {coverage:.0%} of what both show: a detail in common, not the photo",
        )
    area = abs(float(np.linalg.det(carried[:, :2]))) * found.width * found.height / (known.width * known.height)
    return PhotoMatch(
        min(1.0, share),
        count,
        coverage,
        f"{count} points agree over {coverage:.0%} of what both show; it covers {min(area, 9.99):.0%} of the photo",
    )


def _grey(frame: Image, *, mirrored: bool) -> Bytes:
    from PIL import Image as Pillow
    from PIL import ImageOps

    grey = frame.convert("L")
    scale = min(_SIDE / max(grey.size), _MAX_ENLARGED)
    size = max(1, round(grey.width * scale)), max(1, round(grey.height * scale))
    grey = grey.resize(size, Pillow.Resampling.BILINEAR, reducing_gap=2.0)
    if mirrored:
        grey = ImageOps.mirror(grey)
    return np.asarray(grey)


def _on_letters(grey: Bytes, points: Floats) -> NDArray[np.bool_]:
    """Which points have letters around them: an even ground, and strokes across it, again and again in each line."""
    half = _PATCH // 2
    framed = np.pad(grey, half, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(framed, (_PATCH, _PATCH))
    across, down = np.rint(points).astype(np.int64).T
    patches = windows[np.clip(down, 0, len(grey) - 1), np.clip(across, 0, grey.shape[1] - 1)]
    tones = (patches.reshape(len(points), _PATCH**2) >> 4).astype(np.int64)
    tones += np.arange(len(points))[:, None] * 17
    counts = np.bincount(tones.ravel(), minlength=len(points) * 17).reshape(-1, 17)
    pairs = counts[:, :-1] + counts[:, 1:]
    ground = pairs.argmax(axis=1)
    evenness = pairs.max(axis=1) / _PATCH**2
    ink = np.abs(patches.astype(np.int16) - (ground[:, None, None] * 16 + 16)) > _INK
    strokes = (ink[:, :, 1:] & ~ink[:, :, :-1]).sum(axis=2)
    inked = ink.any(axis=2)
    per_line = strokes.sum(axis=1) / np.maximum(1, inked.sum(axis=1))
    on_letters: NDArray[np.bool_] = (evenness >= _GROUND) & (per_line >= _STROKES)
    return on_letters


def _places(drawn: Sequence[Any]) -> Floats:
    return np.array([point.pt for point in drawn], dtype=np.float32).reshape(-1, 2)


def _away_from(letters: Floats, width: int, height: int) -> Bytes:
    """255 where no letters are near, 0 where they are."""
    free = np.full((height, width), 255, dtype=np.uint8)
    for across, down in np.rint(letters).astype(np.int64).tolist():
        free[max(0, down - _PATCH // 2) : down + _PATCH // 2, max(0, across - _PATCH // 2) : across + _PATCH // 2] = 0
    return free


def _spread(points: Floats, strength: Floats, width: int, height: int) -> NDArray[np.int64]:
    """The strongest points, taken in turns from each cell of the picture, so that one busy corner does not take all."""
    cells = (points / np.array([width, height], dtype=np.float32) * _CELLS).astype(np.int64).clip(0, _CELLS - 1)
    cell = cells[:, 1] * _CELLS + cells[:, 0]
    order = np.lexsort((-strength, cell))
    firsts = np.searchsorted(cell[order], np.arange(_CELLS * _CELLS))
    turn = np.arange(len(order)) - firsts[cell[order]]
    # A point's turn comes later in a cell with many; among those of one turn, the stronger goes first.
    taken = order[np.lexsort((-strength[order], turn))]
    return np.sort(taken[:MAX_POINTS])


def _pairs(known: Bytes, found: Bytes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Points that are each other's nearest by their descriptors, and clearly nearer than the next."""
    one, other = (np.ascontiguousarray(each).view("<u8") for each in (known, found))
    distances = np.bitwise_count(one[:, None, :] ^ other[None, :, :]).sum(axis=2, dtype=np.uint16)
    nearest, nearest_back = distances.argmin(axis=1), distances.argmin(axis=0)
    two = np.partition(distances, 1, axis=1)[:, :2]
    ours = np.flatnonzero(
        (nearest_back[nearest] == np.arange(len(one))) & (two[:, 0] < _RATIO * two[:, 1]) & (two[:, 0] <= _MAX_BITS)
    )
    return ours, nearest[ours]


def _moved(points: Floats, carried: Floats) -> Floats:
    moved: Floats = points @ carried[:, :2].T + carried[:, 2]
    return moved


def _inverse(carried: Floats) -> Floats:
    turned = np.linalg.inv(carried[:, :2])
    back: Floats = np.column_stack([turned, -turned @ carried[:, 2]]).astype(np.float32)
    return back


def _extent(points: Floats) -> float:
    """How far points lie about: the area of the ellipse of their standard deviation, but for pi. Square pixels."""
    return float(np.sqrt(max(0.0, float(np.linalg.det(np.cov(points.T))))))


def _inside(points: Floats, width: int, height: int) -> NDArray[np.bool_]:
    across, down = points.T
    inside: NDArray[np.bool_] = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    return inside


def _cells(points: Floats, low: Floats, size: Floats) -> set[tuple[int, int]]:
    return set(map(tuple, ((points - low) / size).astype(np.int64).tolist()))
