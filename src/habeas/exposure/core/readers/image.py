"""A screenshot or photo: its letters by OCR, and the place its metadata gives away.

OCR is RapidOCR with the models inside its wheel (PP-OCRv6: Latin letters, Chinese, Japanese). It never goes to
the network: the models' paths are given, and a missing model is refused here before RapidOCR could fetch one.
"""

from __future__ import annotations

import io
import statistics
import threading
import warnings
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from habeas.exposure.core.documents import UnreadableFile
from habeas.exposure.core.readers import Budget, Reading

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
MAX_PIXELS = 50_000_000
MAX_FRAMES = 20

# Text detection takes about half a second and 300 MB for each two million pixels.
_TILE_PIXELS = 2_000_000
_TILE_OVERLAP = 160
_MAX_TILES = 20
_MAX_WIDTH = 2_000
_MAX_BANNER_WIDTH = 3_000
_SMALL_LINE = 20
_SMALL_WIDTH = 1_000
# Below a half RapidOCR's own default drops a line; a text of the right script reads well above 0.9.
_READ_SCORE = 0.5
_SURE_SCORE = 0.85

OCR_NOTE = "read by OCR: letters may be wrong"
UNSURE_NOTE = (
    "some letters could not be read surely: the picture is unsharp, or its script is not one that OCR reads here "
    "(it reads Latin, Chinese and Japanese letters)"
)
_MODELS = {
    "Det.model_path": "PP-OCRv6_det_small.onnx",
    "Rec.model_path": "PP-OCRv6_rec_small.onnx",
    "Cls.model_path": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}

_ocr_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Box:
    """One stretch of letters. Pixels of the picture as it is read; score in 0..1."""

    left: float
    right: float
    middle: float
    height: float
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class Letters:
    """What OCR read in one picture. notes: what a reader should know."""

    text: str
    notes: tuple[str, ...]


def read(data: bytes, name: str, budget: Budget) -> Reading:
    """The letters in the picture, frame by frame, and its metadata. Raises UnreadableFile."""
    picture = _open(data, name)
    reading = Reading()
    metadata = _metadata(picture)
    frames = _frame_count(picture)
    if frames > 1 and picture.format != "TIFF":
        reading.notes.append(f"the picture moves; only the first of {frames} frames was read")
        frames = 1
    if frames > MAX_FRAMES:
        reading.notes.append(f"only the first {MAX_FRAMES} of {frames} pages were read")
        frames = MAX_FRAMES
    for number in range(1, frames + 1):
        if budget.pictures_left <= 0:
            reading.notes.append(f"{name} was not read whole: too many pictures for one file; send it alone")
            break
        budget.pictures_left -= 1
        letters = read_letters(_frame(picture, number - 1, name))
        origin = "image, by OCR" if frames == 1 else f"image, page {number}, by OCR"
        reading.pieces.append((origin, letters.text))
        reading.notes.extend(letters.notes)
    if any(text.strip() for _, text in reading.pieces):
        reading.notes.insert(0, OCR_NOTE)
    elif metadata:
        reading.notes.append("no text was found in the picture, only in its metadata")
    elif UNSURE_NOTE in reading.notes:
        raise UnreadableFile(
            "no_text",
            f"{name} seems to show letters, but they cannot be read: the picture is unsharp, or its script is not one "
            "that OCR reads here (it reads Latin, Chinese and Japanese letters). Type what it says.",
        )
    else:
        raise UnreadableFile(
            "no_text", f"No text was found in {name}: send a sharper or larger picture, or type what it says."
        )
    if metadata:
        reading.pieces.append(("metadata", "\n".join(metadata)))
    return reading


def read_letters(picture: Image) -> Letters:
    """The letters of an upright RGB picture, line by line from the top; columns are two spaces apart."""
    notes: list[str] = []
    width_limit = min(_MAX_BANNER_WIDTH, max(_MAX_WIDTH, _TILE_PIXELS // max(1, picture.height)))
    if picture.width > width_limit:
        scale = width_limit / picture.width
        if scale < 0.6:
            notes.append("the picture was made smaller to read it: very small letters may be missed")
        picture = picture.resize((width_limit, max(1, round(picture.height * scale))), _lanczos())
    if min(picture.size) < 8 or _is_blank(picture):
        return Letters("", ())
    boxes, cut = _tiled(picture)
    if (
        boxes
        and picture.width < _SMALL_WIDTH
        and statistics.median(box.height for box in boxes) < _SMALL_LINE
        and picture.width * picture.height * 4 <= _TILE_PIXELS * _MAX_TILES
    ):
        larger, larger_cut = _tiled(picture.resize((picture.width * 2, picture.height * 2), _lanczos()))
        if _certainty(larger) > _certainty(boxes):
            boxes, cut = larger, larger_cut
    if cut:
        notes.append("only the upper part of the long picture was read: send the rest as a second picture")
    read_boxes = [box for box in boxes if box.score >= _READ_SCORE and box.text.strip()]
    unread = len(boxes) - len(read_boxes)
    unsure = unread * 4 >= len(boxes) > 0 and (unread >= 2 or not read_boxes)
    # Greek is in the model's alphabet, but comes out with letters missing and a high score all the same.
    greek = any("\u0370" <= character <= "\u03ff" for box in read_boxes for character in box.text)
    if unsure or greek or (read_boxes and _mean_score(read_boxes) < _SURE_SCORE):
        notes.append(UNSURE_NOTE)
    return Letters(_in_lines(read_boxes), tuple(notes))


def _open(data: bytes, name: str) -> Image:
    from PIL import Image as Pillow

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Pillow.open(io.BytesIO(data), formats=FORMATS)
    except Pillow.DecompressionBombError:
        raise _too_many_pixels(name) from None
    except Exception:
        raise _damaged(name) from None
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels(name)
    return picture


def _too_many_pixels(name: str) -> UnreadableFile:
    return UnreadableFile(
        "too_large",
        f"{name} has more than {MAX_PIXELS // 1_000_000} million pixels: send a smaller picture, or parts of it.",
    )


def _damaged(name: str) -> UnreadableFile:
    return UnreadableFile("broken", f"{name} is a damaged picture: save it again, or take a new screenshot.")


def _frame_count(picture: Image) -> int:
    try:
        return int(getattr(picture, "n_frames", 1))
    except Exception:
        return 1


def _frame(picture: Image, index: int, name: str) -> Image:
    """One frame: upright, without transparency, in RGB."""
    from PIL import Image as Pillow
    from PIL import ImageOps

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if index:
                picture.seek(index)
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_many_pixels(name)
            frame: Image = ImageOps.exif_transpose(picture)
            if frame.mode.startswith("I;16"):
                frame = frame.point(lambda value: value / 256).convert("L")
            if frame.has_transparency_data:
                frame = _flatten(frame.convert("RGBA"))
            return frame.convert("RGB")
    except UnreadableFile:
        raise
    except Pillow.DecompressionBombError:
        raise _too_many_pixels(name) from None
    except Exception:
        raise _damaged(name) from None


def _flatten(frame: Image) -> Image:
    """Lay a transparent picture on white, or on black where what it shows is light."""
    from PIL import Image as Pillow
    from PIL import ImageStat

    opaque = frame.getchannel("A").point(lambda alpha: 255 if alpha > 128 else 0)
    light = frame.convert("L")
    statistic = ImageStat.Stat(light, mask=opaque)
    ground = "black" if statistic.count[0] and statistic.mean[0] > 170 and opaque.getextrema()[0] == 0 else "white"
    paper = Pillow.new("RGBA", frame.size, ground)
    return Pillow.alpha_composite(paper, frame)


def _is_blank(picture: Image) -> bool:
    low, high = picture.convert("L").getextrema()
    return float(high) - float(low) < 8  # type: ignore[arg-type]  # one band: two numbers


def _lanczos() -> Any:
    from PIL import Image as Pillow

    return Pillow.Resampling.LANCZOS


def _tiled(picture: Image) -> tuple[list[_Box], bool]:
    """Boxes of the whole picture, read in overlapping strips from the top, and whether the end was cut off."""
    height = min(max(400, _TILE_PIXELS // picture.width), 2 * _MAX_WIDTH)
    if picture.height <= height * 1.25:
        return _boxes(picture, top=0), False
    boxes: list[_Box] = []
    step = height - _TILE_OVERLAP
    tops = range(0, max(1, picture.height - _TILE_OVERLAP), step)
    for top in tops[:_MAX_TILES]:
        bottom = min(top + height, picture.height)
        # A line in the overlap belongs to the strip in which it stands farther from the edge.
        keep_from = top + _TILE_OVERLAP / 2 if top else 0.0
        keep_to = bottom - _TILE_OVERLAP / 2 if bottom < picture.height else float(bottom)
        strip = picture.crop((0, top, picture.width, bottom))
        boxes.extend(box for box in _boxes(strip, top=top) if keep_from <= box.middle < keep_to)
    return boxes, len(tops) > _MAX_TILES


def _boxes(picture: Image, *, top: int) -> list[_Box]:
    if _is_blank(picture):
        return []
    picture = _padded(picture)
    with _ocr_lock:
        # RapidOCR keeps these switches from one call to the next, so they are always given.
        result = _engine()(picture, use_det=True, use_cls=True, use_rec=True)
    corners, texts, scores = (getattr(result, key, None) for key in ("boxes", "txts", "scores"))
    if corners is None or texts is None or scores is None:
        return []
    boxes = []
    for quad, text, score in zip(corners, texts, scores, strict=False):
        points = [(float(x), float(y)) for x, y in quad]
        sides = [abs(points[3][1] - points[0][1]), abs(points[2][1] - points[1][1])]
        boxes.append(
            _Box(
                left=min(x for x, _ in points),
                right=max(x for x, _ in points),
                middle=top + sum(y for _, y in points) / 4,
                height=max(1.0, sum(sides) / 2),
                text=str(text),
                score=float(score),
            )
        )
    return boxes


def _padded(picture: Image) -> Image:
    """The picture on a ground at most four times as long as wide.

    Text detection enlarges the shorter side to 736 pixels: a thin strip would grow to gigabytes.
    """
    from PIL import Image as Pillow

    width, height = max(picture.width, picture.height // 4), max(picture.height, picture.width // 4)
    if (width, height) == picture.size:
        return picture
    ground = Pillow.new("RGB", (width, height), picture.getpixel((0, picture.height - 1)))
    ground.paste(picture, (0, 0))
    return ground


@lru_cache(maxsize=1)
def _engine() -> Any:
    """RapidOCR, made once per process. Raises UnreadableFile where its models are not installed."""
    try:
        import rapidocr

        models = Path(rapidocr.__file__).parent / "models"
        paths = {key: models / file for key, file in _MODELS.items()}
        missing = [path.name for path in paths.values() if not path.is_file()]
        engine_class = rapidocr.RapidOCR
    except ImportError as error:
        missing, paths, engine_class = [error.name or "rapidocr"], {}, None
    if missing or engine_class is None:
        raise UnreadableFile(
            "broken", f"Pictures cannot be read here: {', '.join(missing)} is not installed; reinstall rapidocr."
        )
    return engine_class(
        params={
            "Global.log_level": "critical",
            "Global.text_score": 0.0,  # what is unread is counted, for the note
            "Global.max_side_len": 4_000,
            **{key: str(path) for key, path in paths.items()},
        }
    )


def _mean_score(boxes: list[_Box]) -> float:
    letters = sum(len(box.text) for box in boxes)
    return sum(box.score * len(box.text) for box in boxes) / letters if letters else 0.0


def _certainty(boxes: list[_Box]) -> float:
    """How much was read, weighed by how surely."""
    return sum(box.score * len(box.text.replace(" ", "")) for box in boxes if box.score >= _READ_SCORE)


def _in_lines(boxes: list[_Box]) -> str:
    """Boxes in reading order: boxes at one height make a line, from the left."""
    lines: list[list[_Box]] = []
    for box in sorted(boxes, key=lambda box: (box.middle, box.left)):
        line = lines[-1] if lines else None
        if line and abs(box.middle - statistics.fmean(other.middle for other in line[-8:])) < 0.5 * min(
            box.height, line[-1].height
        ):
            line.append(box)
        else:
            lines.append([box])
    return "\n".join(_joined(sorted(line, key=lambda box: box.left)) for line in lines)


def _joined(line: list[_Box]) -> str:
    text = line[0].text.strip()
    for before, box in pairwise(line):
        gap = box.left - before.right
        text += ("  " if gap > min(before.height, box.height) else " ") + box.text.strip()
    return text


def _metadata(picture: Image) -> list[str]:
    """Lines on what the file tells besides its picture: where it was taken, and who made it."""
    lines: list[str] = []
    try:
        exif = picture.getexif()
        position = _position(exif.get_ifd(0x8825))
        if position:
            lines.append(f"GPS position in the image's metadata: {position[0]:.6f}, {position[1]:.6f}")
        named = {"description": exif.get(0x010E), "artist": exif.get(0x013B), "copyright": exif.get(0x8298)}
        owner = exif.get_ifd(0x8769).get(0xA430)
        named["camera owner"] = owner
    except Exception:
        # Metadata is written by many programs, badly by some; the picture itself can still be read.
        named = {}
    for key in ("Author", "Description", "Comment", "Title"):
        named.setdefault(key.lower(), picture.info.get(key))
    if "comment" in picture.info:
        named["comment"] = picture.info["comment"]
    for label, value in named.items():
        text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
        if isinstance(text, str) and text.strip(" \0"):
            lines.append(f"{label.capitalize()} in the image's metadata: " + text.strip(" \0")[:1000])
    return lines


def _position(gps: dict[int, Any]) -> tuple[float, float] | None:
    """Latitude and longitude in degrees, south and west negative, or None where the metadata holds no sound place."""
    try:
        latitude = _degrees(gps[2]) * (-1 if str(gps.get(1, "N")).upper().startswith("S") else 1)
        longitude = _degrees(gps[4]) * (-1 if str(gps.get(3, "E")).upper().startswith("W") else 1)
    except (KeyError, TypeError, ValueError, ZeroDivisionError, IndexError):
        return None
    sound = abs(latitude) <= 90 and abs(longitude) <= 180 and (latitude, longitude) != (0.0, 0.0)
    return (latitude, longitude) if sound else None


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600
