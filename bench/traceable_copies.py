"""Are leaked copies named: ``python bench/traceable_copies.py [--copies N] [--among N] [--only CARRIER[,CARRIER]]``.

For each carrier (text, photo, posts, pdf-spacing, pdf-pages) and for each thing that may happen to a leaked copy, N
copies of invented originals are marked, put through it, and traced among so many copies of the same original:

named    the right copy, and it alone
unsure   "cannot tell"
wrong    any other copy, alone or beside the right one: the figure that must be 0
weakest  the largest chance of a false accusation that was stated for a copy named, as a power of ten

Copies put together from two are right where exactly these two are named, and "one" where only one of them is. The rows
of strangers (the original itself; a copy that is not among those compared) are right where nobody is named. For
pictures and pages the distance between copy and original is printed too (PSNR; the least and the mean).
"""

from __future__ import annotations

import argparse
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from factories.leaks import (
    PDF_ATTACKS,
    PICTURE_ATTACKS,
    jpeg,
    opened,
    pictures,
    png,
    prose,
    scanned,
    screenshot,
    seed,
)
from factories.photos import photo
from habeas.evidence.core.marks import image, pdf
from habeas.evidence.core.marks.text import mark_text, words_of
from habeas.evidence.core.marks.trace import PDF, Candidate, trace

# Copies of one original; the next ones are of another.
COPIES_EACH = 5
TEXT_ATTACKS: dict[str, Callable[[str], str]] = {
    "pasted": lambda text: text,
    "whitespace normalised": lambda text: " ".join(text.split()),
    "zero-width stripped": lambda text: text.replace("\u200b", ""),
    "both of these": lambda text: re.sub(r"[\s\u200b]+", " ", text),
    "NFKC and zero-width stripped": lambda text: unicodedata.normalize("NFKC", text).replace("\u200b", ""),
    "half of it": lambda text: text[len(text) // 2 :],
    "half of it, whitespace normalised": lambda text: " ".join(text[: len(text) // 2].split()),
    "120 words of it": lambda text: " ".join(re.split(r"[ \u00a0]", text)[80:200]),
}


class Table:
    def __init__(self, carrier: str) -> None:
        print(f"\n## {carrier}\n\n{'':44}{'named':>7}{'one':>6}{'unsure':>8}{'wrong':>7}{'weakest':>10}{'s each':>8}")

    def row(self, attack: str, verdicts: Iterator[tuple[Any, set[str]]]) -> None:
        """verdicts: each with the copies that it should name."""
        right = one = unsure = wrong = count = 0
        weakest = 0.0
        start = time.perf_counter()
        for verdict, wanted in verdicts:
            count += 1
            named = set(verdict.copy_ids)
            right += named == wanted
            wrong += bool(named - wanted)
            one += bool(named) and named < wanted
            unsure += not named and bool(wanted)
            weakest = max(weakest, verdict.chance) if named else weakest
        power = f"1e{np.log10(weakest):.0f}" if weakest else "< 1e-300" if right + one and wanted else "-"
        took = (time.perf_counter() - start) / max(1, count)
        print(f"{attack:44}{right:7}{one:6}{unsure:8}{wrong:7}{power:>10}{took:8.2f}", flush=True)


def seeds_of(original: int, among: int) -> list[bytes]:
    return [seed(1_000_000 + original * 10_000 + number) for number in range(among)]


def candidates(original: int, content: bytes, media_type: str, among: int) -> list[Candidate]:
    return [Candidate(str(n), each, content, media_type) for n, each in enumerate(seeds_of(original, among))]


def measure(
    carrier: str,
    originals: list[Any],
    encode: Callable[[Any], bytes],
    mark: Callable[[Any, bytes], Any],
    attacks: dict[str, tuple[Callable[[Any], bytes], str]],
    together: dict[str, tuple[Callable[[Any, Any], bytes], str]],
    options: argparse.Namespace,
) -> None:
    """One carrier's table.

    encode: an original as the file that a candidate holds; mark: a copy of it, in the form that attacks take
    """
    table = Table(f"{carrier}: {options.copies} copies of {len(originals)} originals, each among {options.among}")
    media = {"text": "text/plain", "photo": "image/png", "posts": "image/png"}.get(carrier, PDF)
    compared = [candidates(n, encode(each), media, options.among) for n, each in enumerate(originals)]

    def marked(number: int, beside: int = 0) -> tuple[int, int, Any]:
        which, copy = divmod(number, COPIES_EACH)
        copy = (copy + beside * COPIES_EACH) % options.among
        return which, copy, mark(originals[which], seeds_of(which, options.among)[copy])

    copies = [marked(number) for number in range(options.copies)]
    if carrier in ("photo", "posts"):
        _print_distance([image.psnr(image.decoded(encode(originals[n])), image.decoded(copy)) for n, _, copy in copies])
    if carrier == "pdf-pages":
        pages = [_first_page(encode(each)) for each in originals]
        _print_distance([image.psnr(each, image.marked_pixels(each, seed(n))) for n, each in enumerate(pages)])
    for attack, (happened, leaked_as) in attacks.items():
        table.row(
            attack,
            ((trace(happened(copy), leaked_as, compared[which]), {str(number)}) for which, number, copy in copies),
        )
    others = [marked(number, 1) for number in range(options.copies)]
    pairs = list(zip(copies, others, strict=True))
    for attack, (mixed, leaked_as) in together.items():
        table.row(
            attack,
            (
                (trace(mixed(one[2], other[2]), leaked_as, compared[one[0]]), {str(one[1]), str(other[1])})
                for one, other in pairs
            ),
        )
    first, (as_is, leaked_as) = next(iter(attacks.items()))
    unlisted = (mark(originals[n // COPIES_EACH], seed(n)) for n in range(options.copies))
    table.row(
        f"a stranger's copy, {first}",
        ((trace(as_is(copy), leaked_as, compared[n // COPIES_EACH]), set()) for n, copy in enumerate(unlisted)),
    )
    table.row(
        "the original, unmarked",
        ((trace(encode(each), media, some), set()) for each, some in zip(originals, compared, strict=True)),
    )


def _print_distance(each: list[float]) -> None:
    print(f"PSNR: least {min(each):.1f} dB, mean {np.mean(each):.1f} dB")


def _first_page(content: bytes) -> Any:
    return np.asarray(pictures(content, pdf.RENDER_DPI)[0])


def _by_words(one: str, other: str) -> bytes:
    """Every second word, with the gap after it, from the other copy."""
    mixed = []
    for number, text in enumerate((one, other)):
        starts = [word.start for word in words_of(text)] + [len(text)]
        mixed.append([text[a:b] for a, b in pairwise(starts)][number::2])
    return "".join(a + b for a, b in zip(*mixed, strict=False)).encode()


def _mean(one: bytes, other: bytes) -> bytes:
    return jpeg(Image.blend(opened(one), opened(other), 0.5), 75)


def _mean_pages(one: bytes, other: bytes) -> bytes:
    both = zip(pictures(one, 150), pictures(other, 150), strict=True)
    return jpeg(next(Image.blend(*pair, 0.5) for pair in both), 75)


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    reader.add_argument("--copies", type=int, default=100)
    reader.add_argument("--among", type=int, default=1000)
    reader.add_argument("--only", default="text,photo,posts,pdf-spacing,pdf-pages")
    reader.add_argument("--words", type=int, default=330)
    options = reader.parse_args()
    count = -(-options.copies // COPIES_EACH)
    as_text = {name: (lambda t, f=f: f(t).encode(), "text/plain") for name, f in TEXT_ATTACKS.items()}
    as_picture = {name: (lambda c, f=f: f(opened(c)), "image/jpeg") for name, f in PICTURE_ATTACKS.items()}
    by_name: dict[str, Callable[[], None]] = {
        "text": lambda: measure(
            "text",
            [prose(n, options.words) for n in range(count)],
            str.encode,
            mark_text,
            as_text,
            {"two copies, word by word": (_by_words, "text/plain")},
            options,
        ),
        "photo": lambda: measure(
            "photo",
            [photo(n, 640, 480) for n in range(count)],
            png,
            lambda picture, some: image.mark_image(png(picture), some),
            as_picture,
            {"two copies averaged, JPEG 75": (_mean, "image/jpeg")},
            options,
        ),
        "posts": lambda: measure(
            "posts",
            [screenshot(n, 600, 800) for n in range(count)],
            png,
            lambda picture, some: image.mark_image(png(picture), some),
            as_picture,
            {"two copies averaged, JPEG 75": (_mean, "image/jpeg")},
            options,
        ),
        "pdf-spacing": lambda: measure(
            "pdf-spacing",
            [prose(n, options.words) for n in range(count)],
            lambda text: pdf.set_text(text, None),
            pdf.set_text,
            PDF_ATTACKS,
            {"two copies, pages averaged": (_mean_pages, "image/jpeg")},
            options,
        ),
        "pdf-pages": lambda: measure(
            "pdf-pages",
            [scanned(pdf.set_text(prose(n, options.words), None), 150, 90) for n in range(count)],
            lambda page: page,
            pdf.mark_pages,
            PDF_ATTACKS,
            {"two copies, pages averaged": (_mean_pages, "image/jpeg")},
            options,
        ),
    }
    for carrier in options.only.split(","):
        by_name[carrier]()


if __name__ == "__main__":
    main()
