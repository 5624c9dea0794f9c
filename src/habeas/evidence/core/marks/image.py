"""Marks in a picture: a faint pattern in its brightness, and reading it again by laying the leak over the original.

A grid of points is spread over the picture, 8 pixels apart (more for pictures longer than 1,600). Each point is made a
little brighter or darker, as the copy's codeword says, with smooth slopes between the points; more where the picture is
busy and less where it is even. So the marks lie where JPEG is most exact and where scaling down to a half keeps them.

Reading is not blind: the house has the unmarked original. Points that look alike in leak and original (SIFT) give a
rough place, turn and scale; aligning the brightness itself (ECC) makes it exact to a fraction of a pixel. The original,
brought to the leak's place, sharpness and tone, is taken away, and what is left is summed up around each grid point.
A leak may be re-encoded, rescaled, cropped, stand inside a screenshot, or be brighter or darker. Mirrored leaks and
photos of a screen are not read.

Sources: Cox, Kilian, Leighton, Shamoon, Secure Spread Spectrum Watermarking for Multimedia, 1997; Evangelidis and
Psarakis, Parametric Image Alignment Using Enhanced Correlation Coefficient Maximization, 2008; Lowe, Distinctive Image
Features from Scale-Invariant Keypoints, 2004.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from habeas.evidence.core.marks.codes import Reading, Signs, signs

Pixels = NDArray[np.uint8]
# 32 bits wide; OpenCV's own types promise less than it gives.
Floats = NDArray[Any]

LEAST_PSNR = 42.0
# Few and large points first: on a page of text the small ones are letters, and each is there a hundred times.
SIDES = (500, 1400)
_MOST_PIXELS = 60_000_000
_SPACING = 8.0
_LONG_SIDE = 1600
# Brightness levels of 255: in even areas, the most in busy ones, and how fast it grows with the local deviation.
_EVEN, _BUSY, _GROWTH = 1.0, 3.2, 0.12
_JPEG_QUALITY = 95
_POINTS_PER_PIXEL = 4
# A quarter of what is usual: soft pictures have few points.
_CONTRAST = 0.01
_MIN_INLIERS = 10
_RATIO = 0.8
# Longest side in pixels, and steps at most.
_ECC_STEPS = ((600, 30), (1200, 6))
_LEAST_COVERED = 0.02
_TILE = 96


class NotAPicture(ValueError):
    """The bytes cannot be read as a picture, or it is larger than can be marked."""


@dataclass(frozen=True)
class Points:
    """Points of a picture that are found again in others: where they stand, in pixels, and what they look like."""

    at: Floats
    looks: Floats


@dataclass(frozen=True)
class Laid:
    """A leak laid over an original, in the smaller of both sizes.

    leaked, original: height x width, brightness 0..255, the original in the leak's tones
    known:            the same shape, 0..1: where the leak covers the original
    share:            the size of these beside the original's own, at most 1
    """

    leaked: Floats
    original: Floats
    known: Floats
    share: float


def mark_image(content: bytes, seed: bytes, label: str = "image") -> bytes:
    """One recipient's copy of a PNG or JPEG (others become PNG), upright, without metadata.

    A JPEG is written at quality 95; the distance to the original stays at 40 dB or more for what JPEG itself leaves.
    Raises NotAPicture, BadSeed.
    """
    picture, kind, profile = _opened(content)
    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA") else None
    marked = Image.fromarray(marked_pixels(np.asarray(picture.convert("RGB")), seed, label))
    out = io.BytesIO()
    if kind == "JPEG":
        marked.save(out, "JPEG", quality=_JPEG_QUALITY, subsampling=0, icc_profile=profile)
    else:
        if alpha is not None:
            marked.putalpha(alpha)
        marked.save(out, "PNG", icc_profile=profile)
    return out.getvalue()


def marked_pixels(pixels: Pixels, seed: bytes, label: str = "image") -> Pixels:
    """Pixels (height x width x 3, RGB) with the marks of a copy, at LEAST_PSNR or better. Raises BadSeed."""
    height, width = pixels.shape[:2]
    across, down = grid_of(width, height)
    code = signs(seed, label, across * down).astype(np.float32).reshape(down, across)
    # Between two equal points the curve would rise above both.
    pattern = np.clip(cv2.resize(code, (width, height), interpolation=cv2.INTER_CUBIC), -1, 1)
    change: Floats = pattern * strength(luma(pixels))
    wanted = 255.0**2 / 10 ** (LEAST_PSNR / 10)
    for _ in range(6):
        made: Pixels = np.clip(np.rint(pixels + change[:, :, None]), 0, 255).astype(np.uint8)
        error = float(np.mean((made.astype(np.float32) - pixels) ** 2))
        if error <= wanted:
            break
        change *= 0.95 * math.sqrt(wanted / error)
    return made


def read_image(leaked: bytes, original: bytes, label: str = "image") -> Reading | None:
    """What a leaked picture says at each grid point of the original; None where it does not show it.

    Raises NotAPicture.
    """
    return read_pixels(decoded(leaked), decoded(original), label)


def read_pixels(leaked: Pixels, original: Pixels, label: str = "image") -> Reading | None:
    grey = luma(original)
    over = lay(Sketch(luma(leaked)), Sketch(grey))
    return None if over is None else Reading("the brightness of the picture", (grid_signs(over, grey, label),))


def decoded(content: bytes) -> Pixels:
    """A picture as RGB pixels, upright; what is transparent is white. Raises NotAPicture."""
    picture, _, _ = _opened(content)
    if picture.mode in ("RGBA", "LA"):
        ground = Image.new("RGBA", picture.size, "white")
        ground.alpha_composite(picture.convert("RGBA"))
        picture = ground
    return np.asarray(picture.convert("RGB"))


def psnr(one: Pixels, other: Pixels) -> float:
    """Peak signal-to-noise ratio in dB between pixels of the same shape; infinite where they are the same."""
    error = float(np.mean((one.astype(np.float64) - other) ** 2))
    return math.inf if error == 0 else 10 * math.log10(255.0**2 / error)


def luma(pixels: Pixels) -> Floats:
    grey: Floats = pixels.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    return grey


def grid_of(width: int, height: int) -> tuple[int, int]:
    """Points across and down."""
    spacing = _SPACING * max(1.0, max(width, height) / _LONG_SIDE)
    return max(2, round(width / spacing)), max(2, round(height / spacing))


def strength(grey: Floats) -> Floats:
    """How far brightness may be moved at each pixel, in levels: a busy surface hides more than an even one."""
    mean = cv2.GaussianBlur(grey, (0, 0), 4)
    deviation = np.sqrt(np.maximum(cv2.GaussianBlur(grey * grey, (0, 0), 4) - mean * mean, 0))
    # Beside a hard edge an even surface stays even, and paper stays paper: letters on white hide nothing around them.
    deviation = cv2.erode(deviation, np.ones((7, 7), np.uint8))
    middling = np.clip((np.minimum(grey, 255 - grey) - 4) / 16, 0, 1)
    levels: Floats = np.clip(_EVEN + _GROWTH * deviation * middling, _EVEN, _BUSY).astype(np.float32)
    return levels


def grid_signs(over: Laid, original: Floats, label: str) -> Signs:
    """What speaks for brighter (above 0) or darker at each grid point: what is left, where it is the more reliable."""
    height, width = original.shape
    left, known = _taken_away(over), over.known
    if left.shape != original.shape:
        left = cv2.resize(left, (width, height), interpolation=cv2.INTER_LINEAR)
        known = cv2.resize(known, (width, height), interpolation=cv2.INTER_LINEAR)
    size = grid_of(width, height)
    spacing = width / size[0]
    # Slow changes of brightness are not ours, and would tell the same at neighbouring points.
    left = left - _local_mean(left, known, 2.5 * spacing)
    # Running sums may end a hair below 0.
    power = np.maximum(_local_mean(left * left, known, 2 * spacing), 0)
    limit = 3 * np.sqrt(power) + 0.5
    weighed = np.clip(left, -limit, limit) * known * strength(original) / (power + 0.3)
    points = cv2.resize(weighed, size, interpolation=cv2.INTER_AREA)
    seen = cv2.resize(known, size, interpolation=cv2.INTER_AREA) > 0.5
    return Signs(label, np.where(seen, points, 0).ravel().astype(np.float64))


class Sketch:
    """A picture's brightness, and the points by which it is known again; kept, as it is compared more than once."""

    def __init__(self, grey: Floats) -> None:
        self.grey = grey
        self._points: dict[int, Points] = {}

    def points(self, side: int) -> Points:
        """The points that are seen when the picture is brought down to so many pixels a side."""
        if side not in self._points:
            self._points[side] = _points(self.grey, side)
        return self._points[side]


def lay(leaked: Sketch, original: Sketch, sides: Sequence[int] = SIDES) -> Laid | None:
    """Lay a leak over an original. None where no part of it is found.

    sides: in which sizes points are looked for, in pixels a side, until enough agree
    """
    found = (_rough_place(leaked.points(side), original.points(side)) for side in sides)
    place = next((each for each in found if each is not None), None)
    return None if place is None else _laid(leaked.grey, original.grey, place)


def _laid(leaked: Floats, original: Floats, place: NDArray[np.float64]) -> Laid | None:
    height, width = original.shape
    scale = math.sqrt(abs(float(np.linalg.det(place[:, :2]))))
    if not 0.05 < scale < 20:
        return None
    small = original
    if scale < 1:
        # The original is brought down to the leak, not the leak up: what scaling took away is then gone from both.
        size = max(8, round(width * scale)), max(8, round(height * scale))
        small = cv2.resize(original, size, interpolation=cv2.INTER_AREA)
        shrink = np.diag([size[0] / width, size[1] / height])
        place = np.hstack([place[:, :2] @ np.linalg.inv(shrink), place[:, 2:]])
    brought, known = _brought(leaked, small.shape, _exact_place(leaked, small, place))
    if known.mean() < _LEAST_COVERED:
        return None
    return Laid(brought, _toned(small, brought, known > 0.99), known, min(1.0, small.shape[1] / width))


def _points(grey: Floats, side: int) -> Points:
    scale = min(1.0, side / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    found: tuple[Any, Any] = cv2.SIFT.create(
        nfeatures=_POINTS_PER_PIXEL * side, contrastThreshold=_CONTRAST
    ).detectAndCompute(np.clip(small, 0, 255).astype(np.uint8), None)
    points, looks = found
    if looks is None:
        return Points(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32))
    # The centre of the first pixel lies at 0.5 in both scales.
    at = (np.array([each.pt for each in points], dtype=np.float32) + 0.5) / scale - 0.5
    return Points(at, looks)


def _opened(content: bytes) -> tuple[Image.Image, str, bytes | None]:
    try:
        picture = Image.open(io.BytesIO(content))
        if picture.width * picture.height > _MOST_PIXELS:
            raise NotAPicture(f"a picture of {picture.width} x {picture.height} pixels is too large to be marked")
        kind, profile = str(picture.format), picture.info.get("icc_profile")
        upright = ImageOps.exif_transpose(picture)
        upright.load()
    except NotAPicture:
        raise
    # Pillow answers broken files with almost any error.
    except Exception as error:
        raise NotAPicture(f"this cannot be read as a picture ({type(error).__name__})") from error
    if upright.mode == "P":
        upright = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
    return upright, kind, profile


def _rough_place(theirs: Points, ours: Points) -> NDArray[np.float64] | None:
    """Pixels of ours to pixels of theirs, 2 x 3: one turn, scale and shift; None where too few points agree."""
    if min(len(ours.at), len(theirs.at)) < _MIN_INLIERS:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(theirs.looks, ours.looks, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    if len(good) < _MIN_INLIERS:
        return None
    source = ours.at[[each.trainIdx for each in good]]
    target = theirs.at[[each.queryIdx for each in good]]
    cv2.setRNGSeed(1)
    place, inliers = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=3.0, maxIters=5000
    )
    if place is None or int(inliers.sum()) < _MIN_INLIERS:
        return None
    return np.asarray(place, dtype=np.float64)


def _exact_place(leaked: Floats, small: Floats, place: NDArray[np.float64]) -> NDArray[np.float64]:
    """ECC on the whole, first in a small size and then in full. Keeps the rough place where it finds none."""
    largest = max(*small.shape, *leaked.shape)
    for side, steps in _ECC_STEPS:
        place = _ecc(leaked, small, place, min(1.0, side / largest), steps)
        if side >= largest:
            break
    return place


def _ecc(leaked: Floats, small: Floats, place: NDArray[np.float64], shrink: float, steps: int) -> NDArray[np.float64]:
    template, other = (
        (cv2.resize(each, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA) if shrink < 1 else each)
        for each in (small, leaked)
    )
    # The centre of the first pixel lies at 0.5 in both sizes.
    centre = 0.5 * (place[:, :2] @ np.ones(2) - 1)
    start = place.copy()
    start[:, 2] = (place[:, 2] + centre) * shrink - centre
    covered = _brought(other, template.shape, start)[1] > 0.99
    criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, steps, 1e-6)
    try:
        _, found = cv2.findTransformECC(
            template, other, start.astype(np.float32), cv2.MOTION_AFFINE, criteria, covered.astype(np.uint8), 3
        )
    # It did not converge.
    except cv2.error:
        return place
    exact = np.asarray(found, dtype=np.float64)
    centre = 0.5 * (exact[:, :2] @ np.ones(2) - 1)
    exact[:, 2] = (exact[:, 2] + centre) / shrink - centre
    return exact


def _brought(leaked: Floats, shape: Any, place: NDArray[np.float64]) -> tuple[Floats, Floats]:
    """The leak in the frame of the original, and which pixels it covers."""
    size = (shape[1], shape[0])
    flags = cv2.WARP_INVERSE_MAP
    scale = math.sqrt(abs(float(np.linalg.det(place[:, :2]))))
    source = cv2.GaussianBlur(leaked, (0, 0), 0.4 * scale) if scale > 1.2 else leaked
    brought = cv2.warpAffine(source, place, size, flags=cv2.INTER_CUBIC | flags, borderMode=cv2.BORDER_REPLICATE)
    inside = np.zeros_like(leaked)
    inside[2:-2, 2:-2] = 1
    known = cv2.warpAffine(inside, place, size, flags=cv2.INTER_LINEAR | flags)
    return brought, known


def _taken_away(over: Laid) -> Floats:
    """What is left of the leak when the original, in the leak's tone and sharpness, is taken away."""
    inside, toned = over.known > 0.99, over.original
    across, down = slopes(toned)
    sharp, blurred = cv2.Laplacian(toned, cv2.CV_32F), cv2.GaussianBlur(toned, (0, 0), 2) - toned
    left = over.leaked - toned
    # A shift of a part of a pixel and another sharpness look like slopes and bends of the original, tile by tile.
    for top in range(0, left.shape[0], _TILE):
        for first in range(0, left.shape[1], _TILE):
            tile = slice(top, top + _TILE), slice(first, first + _TILE)
            use = inside[tile].ravel()
            if use.sum() < 200:
                continue
            bends = np.stack([each[tile].ravel() for each in (across, down, sharp, blurred)], axis=1)
            gram = bends[use].T @ bends[use] + 50 * np.eye(4, dtype=np.float32)
            share = np.linalg.solve(gram, bends[use].T @ left[tile].ravel()[use])
            left[tile] -= (bends @ share).reshape(left[tile].shape)
    taken: Floats = np.where(inside, left, 0).astype(np.float32)
    return taken


def slopes(grey: Floats) -> tuple[Floats, Floats]:
    """How brightness grows to the right and downwards, levels a pixel."""
    across: Floats = cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3) / 8
    down: Floats = cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3) / 8
    return across, down


def _toned(original: Floats, brought: Floats, inside: NDArray[np.bool_]) -> Floats:
    """The original in the leak's tones: the mean of the leak at each brightness of the original, smoothed."""
    level = np.clip(np.rint(original), 0, 255).astype(np.int64)
    counts = np.bincount(level[inside], minlength=256).astype(np.float64)
    sums = np.bincount(level[inside], weights=brought[inside].astype(np.float64), minlength=256)
    # Few pixels at a level say little: they lean on a straight line through all.
    held = counts > 0
    share = np.sqrt(counts[held])
    slope, start = np.polyfit(np.arange(256)[held], sums[held] / counts[held], 1, w=share) if held.sum() > 1 else (1, 0)
    line = slope * np.arange(256) + start
    lean = 50.0
    curve = (sums + lean * line) / (counts + lean)
    toned: Floats = np.interp(original, np.arange(256), curve).astype(np.float32)
    return toned


def _local_mean(values: Floats, known: Floats, sigma: float) -> Floats:
    # Twice a box is near enough to a bell, and its cost does not grow with its width.
    side = 2 * round(1.2 * sigma) + 1
    total, weight = values * known, known
    for _ in range(2):
        total, weight = cv2.blur(total, (side, side)), cv2.blur(weight, (side, side))
    mean: Floats = total / (weight + 1e-3)
    return mean
