"""Screenshots of known texts: ``python bench/known_screenshots.py FOLDER [--shots N] [--texts N]``.

Texts are made and registered as in ``known_texts.py``; some are drawn as a telephone shows them, cropped to half (any
half: top, bottom, left or right), made smaller, turned by two degrees or saved as a poor JPEG, read by OCR through the
same reader as a report's files, and asked for by their wording. A screenshot of an unknown text must match none.
"""

from __future__ import annotations

import argparse
import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from known_texts import KEY, Texts
from PIL import Image, ImageDraw, ImageFont

from habeas.exposure.core.documents import UnreadableFile, read_document
from habeas.exposure.registry.wordings import Wordings

WIDTH, SIZE = 1080, 34


def drawn(text: str, dark: bool) -> Image.Image:
    """A text as an app shows it: lines of up to 52 characters."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            if len(line) + len(word) > 52:
                lines.append(line)
                line = ""
            line = f"{line} {word}".strip()
        lines.append(line)
    picture = Image.new("RGB", (WIDTH, 60 + int(SIZE * 1.45) * len(lines)), (20, 24, 28) if dark else "white")
    pencil, font = ImageDraw.Draw(picture), ImageFont.load_default(SIZE)
    for place, line in enumerate(lines):
        pencil.text((30, 30 + place * int(SIZE * 1.45)), line, fill="white" if dark else "black", font=font)
    return picture


def half(picture: Image.Image, which: int) -> Image.Image:
    width, height = picture.size
    boxes = ((0, 0, width, height // 2), (0, height // 2, width, height), (0, 0, width // 2, height),
             (width // 2, 0, width, height))  # fmt: skip
    return picture.crop(boxes[which % 4])


CHANGES: dict[str, Callable[[Image.Image, int], Image.Image]] = {
    "as it is": lambda picture, _: picture,
    "cropped to half": half,
    "half the size": lambda picture, _: picture.resize((picture.width // 2, picture.height // 2)),
    "turned by 2 degrees": lambda picture, _: picture.rotate(2, expand=True, fillcolor="white"),
}


def read(picture: Image.Image, quality: int) -> str:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    try:
        return read_document(file.getvalue(), "shot.jpg").text
    except UnreadableFile:
        return ""


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path)
    options.add_argument("--shots", type=int, default=40)
    options.add_argument("--texts", type=int, default=20_000)
    said = options.parse_args()
    texts = Texts(said.folder)
    made = list(texts.make(said.texts))
    with tempfile.TemporaryDirectory() as folder:
        known = Wordings(Path(folder), KEY)
        known.rebuild(enumerate(made))
        asked = np.linspace(0, said.texts - 1, said.shots).astype(int).tolist()
        print(f"{'screenshots':<22}{'found':>8}{'others':>8}{'s each':>9}")
        for name, change in CHANGES.items():
            found = others = 0
            start = time.perf_counter()
            for place, entry in enumerate(asked):
                matches = known.search(read(change(drawn(made[entry], place % 3 == 0), place), 60 + place % 4 * 10))
                found += bool(matches) and matches[0].entry == entry
                others += any(match.entry != entry for match in matches)
            each = (time.perf_counter() - start) / len(asked)
            print(f"{name:<22}{found / len(asked):>8.3f}{others:>8}{each:>9.2f}", flush=True)
        wrong = sum(bool(known.search(read(drawn(text, dark=False), 80))) for text in texts.make(said.shots))
        print(f"{'unknown texts':<22}{'':>8}{wrong:>8}\ngoal: cropped to half .95")


if __name__ == "__main__":
    main()
