"""Pictures in regions: tiles of 32 by 32 pixels that a redacted copy shows or hides.

A unit is ``x,y,w,h`` and a line end, then the pixels in rows, three bytes each (red, green, blue). The first unit is
the frame: place and size of the whole picture, without pixels; it is never hidden, so a twin always says how large the
picture is. Then the tiles follow, from the upper left, row by row.

The pixels are those a person sees: upright as the camera's note says, and on white where the picture is transparent.
What lies in the file beside them (place, camera, a small preview of the whole) is in no unit. Whoever holds the
original gets the same units with the same decoder; two decoders of JPEG may differ by a shade.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from habeas.evidence.core.redaction import check_twin

if TYPE_CHECKING:
    from PIL.Image import Image

TILE: Final = 32
FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
# A twin holds the pixels in base64: four bytes a pixel.
MOST_PIXELS: Final = 25_000_000
DARK: Final = (24, 24, 24)

# x, y, width and height in pixels, from the upper left.
Box = tuple[int, int, int, int]


class PictureRefused(ValueError):
    """A picture that cannot be cut into regions, or a box that is not in it. The message says what to do."""


def values_of(picture: bytes) -> list[bytes]:
    """The units of a picture: the frame, then its tiles. Raises PictureRefused."""
    import numpy

    pixels = numpy.asarray(_upright(picture))
    height, width = pixels.shape[:2]
    values = [_head(0, 0, width, height)]
    for x, y, w, h in tiles(width, height):
        values.append(_head(x, y, w, h) + pixels[y : y + h, x : x + w].tobytes())
    return values


def size_of(values: Sequence[bytes | None]) -> tuple[int, int]:
    """Width and height, from the frame. Raises PictureRefused."""
    if not values or values[0] is None:
        raise PictureRefused("the frame of the picture is hidden: nobody can say how large it is")
    x, y, width, height = _place(values[0])
    if (
        (x, y) != (0, 0)
        or width < 1
        or height < 1
        or width * height > MOST_PIXELS
        or values[0] != _head(*_place(values[0]))
    ):
        raise PictureRefused("the first unit is not the frame of a picture")
    return width, height


def tiles(width: int, height: int) -> list[Box]:
    """The tiles of a picture; those at the right and lower edge are smaller."""
    return [
        (x, y, min(TILE, width - x), min(TILE, height - y))
        for y in range(0, height, TILE)
        for x in range(0, width, TILE)
    ]


def hidden_units(width: int, height: int, boxes: Iterable[Box]) -> set[int]:
    """The numbers of the units that a box touches, be it by one pixel. Raises PictureRefused for a box outside."""
    columns = math.ceil(width / TILE)
    hidden: set[int] = set()
    for x, y, w, h in boxes:
        left, top, right, bottom = max(0, x), max(0, y), min(width, x + w), min(height, y + h)
        if w < 1 or h < 1 or left >= right or top >= bottom:
            raise PictureRefused(f"the box {x},{y},{w},{h} is not within a picture of {width} by {height} pixels")
        for row in range(top // TILE, (bottom - 1) // TILE + 1):
            hidden.update(1 + row * columns + column for column in range(left // TILE, (right - 1) // TILE + 1))
    return hidden


def shown(twin: Mapping[str, Any]) -> bytes:
    """A twin of a picture as people see it: a PNG without metadata, dark where it is hidden.

    Raises TwinFails where it does not lead to its root, PictureRefused where it is no picture.
    """
    import numpy
    from PIL import Image

    values = check_twin(twin)
    width, height = size_of(values)
    places = tiles(width, height)
    if twin["unit"] != "region" or len(places) != len(values) - 1:
        raise PictureRefused(f"the twin does not hold the tiles of a picture of {width} by {height} pixels")
    pixels = numpy.empty((height, width, 3), dtype=numpy.uint8)
    pixels[:] = DARK
    for place, value in zip(places, values[1:], strict=True):
        if value is None:
            continue
        x, y, w, h = place
        head = _head(*place)
        if not value.startswith(head) or len(value) != len(head) + 3 * w * h:
            raise PictureRefused(f"the tile at {x},{y} is not where the twin says, or not of its size")
        pixels[y : y + h, x : x + w] = numpy.frombuffer(value[len(head) :], dtype=numpy.uint8).reshape(h, w, 3)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def _head(x: int, y: int, w: int, h: int) -> bytes:
    return b"%d,%d,%d,%d\n" % (x, y, w, h)


def _place(value: bytes) -> Box:
    try:
        x, y, w, h = (int(number) for number in value[:60].partition(b"\n")[0].decode("ascii").split(","))
    except ValueError:
        raise PictureRefused("a unit does not begin with its place") from None
    return x, y, w, h


def _upright(picture: bytes) -> Image:
    """The picture as a person sees it, in RGB. Raises PictureRefused."""
    from PIL import Image, ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            opened = Image.open(io.BytesIO(picture), formats=FORMATS)
            if opened.width * opened.height > MOST_PIXELS:
                raise _too_large()
            if getattr(opened, "n_frames", 1) > 1:
                raise PictureRefused(
                    "the picture has several frames or pages: take a screenshot of the one that matters"
                )
            image: Image.Image = ImageOps.exif_transpose(opened)
            if image.mode.startswith("I;16"):
                image = image.point(lambda value: value / 256).convert("L")
            if image.has_transparency_data:
                # The colours under what is transparent are seen by nobody: opened, they might tell what is hidden.
                ground = Image.new("RGBA", image.size, "white")
                image = Image.alpha_composite(ground, image.convert("RGBA"))
            return image.convert("RGB")
    except PictureRefused:
        raise
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Exception as error:
        # Decoders meet hostile bytes and fail in many ways; the cause is not chained, because it may quote them.
        raise PictureRefused(
            f"the picture cannot be decoded ({type(error).__name__}): it is damaged, or no picture; take a screenshot"
        ) from None


def _too_large() -> PictureRefused:
    return PictureRefused(
        f"the picture has more than {MOST_PIXELS // 1_000_000} million pixels: "
        "redact a screenshot of the part that matters"
    )
