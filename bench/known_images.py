"""Knowing an image when it comes back: ``python bench/known_images.py [--hashes N] [--searches N] [--peers PYTHON]``.

One run measures, each beside what it is to be measured by:

index   ``ImageIndex`` on random hashes, beside faiss ``IndexBinaryFlat`` (the peer, exact as well) and beside the limit
        of looking at everything: reading the same hashes from memory once. Half of the searches are for known hashes
        with 0 to 31 bits turned, a tenth of them exactly 31, half for strangers; recall is counted over the former.
PDQ     ``hash_picture`` on 1,024 x 1,024 pixels, beside ``pdqhash`` (the peer, Meta's C++) and beside the limit,
        Pillow turning those pixels into luma once
copies  which edited copies PDQ finds at 31 bits, and which ``photo_match`` knows again, sketched as they are or
        mirrored; screenshots of text it leaves to OCR, so 0 is right there

The peers are no dependency: they are asked in this Python, or in the one that ``--peers`` names (a throw-away
environment: ``python -m venv peers && peers/bin/pip install faiss-cpu pdqhash numpy pillow``; pdqhash needs g++).
A peer that is missing is said to be missing. Times are wall time, one thread, medians unless they say p99.
"""

from __future__ import annotations

import argparse
import io
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from habeas.exposure.core import pdq
from habeas.exposure.core.image_index import ImageIndex
from habeas.exposure.core.photo_match import compare, sketch

Picture = Image.Image

# Runs in the peers' Python, which has none of our code: it reads arrays, and prints what it measured.
PEERS = """
import json, sys, time
import numpy as np
given = np.load(sys.argv[1])
hashes, searches, picture = given["hashes"], given["searches"], given["picture"]
def milliseconds(action, each):
    took = []
    for one in each:
        start = time.perf_counter()
        action(one)
        took.append((time.perf_counter() - start) * 1e3)
    return [float(np.percentile(took, share)) for share in (50, 99)]
found = {}
try:
    import faiss
    faiss.omp_set_num_threads(1)
    start = time.perf_counter()
    index = faiss.IndexBinaryFlat(256)
    index.add(hashes)
    build = time.perf_counter() - start
    answers = []
    def ask(one):
        limits, apart, ids = index.range_search(one[None], 32)
        answers.append(sorted(zip(ids.tolist(), apart.astype(int).tolist())))
    p50, p99 = milliseconds(ask, searches)
    found["faiss"] = {"version": faiss.__version__, "build": build, "p50": p50, "p99": p99, "answers": answers}
except ImportError:
    pass
try:
    import pdqhash
    p50, p99 = milliseconds(pdqhash.compute, [picture] * 15)
    bits, quality = pdqhash.compute(picture)
    found["pdqhash"] = {"p50": p50, "hash": np.packbits(bits).tobytes().hex(), "quality": int(quality)}
except ImportError:
    pass
print(json.dumps(found))
"""


def milliseconds(action: Callable[[Any], Any], each: Any) -> tuple[float, float]:
    """The median and the 99th percentile of one call."""
    took = []
    for one in each:
        start = time.perf_counter()
        action(one)
        took.append((time.perf_counter() - start) * 1e3)
    return float(np.percentile(took, 50)), float(np.percentile(took, 99))


def searched(chance: np.random.Generator, hashes: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hashes to search for, and for each the row of the known hash it was made from (or -1) and the bits turned."""
    searches = chance.integers(0, 256, (count, 32), dtype=np.uint8)
    rows, turned = np.full(count, -1), np.zeros(count, dtype=int)
    for number in range(0, count, 2):
        rows[number] = chance.integers(len(hashes))
        turned[number] = 31 if chance.random() < 0.1 else chance.integers(0, 32)
        bits = np.unpackbits(hashes[rows[number]])
        bits[chance.choice(256, turned[number], replace=False)] ^= 1
        searches[number] = np.packbits(bits)
    return searches, rows, turned


def asked_peers(python: str, hashes: np.ndarray, searches: np.ndarray, picture: np.ndarray) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "given.npz"
        np.savez(file, hashes=hashes, searches=searches, picture=picture)
        said = subprocess.run([python, "-c", PEERS, str(file)], capture_output=True, text=True, check=True)  # noqa: S603
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def print_index(chance: np.random.Generator, count: int, searches: int, python: str, picture: np.ndarray) -> Any:
    hashes = chance.integers(0, 256, (count, 32), dtype=np.uint8)
    wanted, rows, turned = searched(chance, hashes, searches)
    start = time.perf_counter()
    index = ImageIndex.of_arrays(np.arange(count), hashes)
    build = time.perf_counter() - start
    asked = [each.tobytes() for each in wanted]
    for each in asked[:50]:
        index.search(each)
    p50, p99 = milliseconds(index.search, asked)
    p50_known, p99_known = milliseconds(index.search, asked[::2])
    p50_strange, p99_strange = milliseconds(index.search, asked[1::2])
    answers = [sorted(tuple(near) for near in index.search(each)) for each in asked]
    expected = [(int(row), int(bits)) for row, bits in zip(rows[::2], turned[::2], strict=True)]
    recall = np.mean([one in found for one, found in zip(expected, answers[::2], strict=True)])
    at_31 = [one in found for one, found in zip(expected, answers[::2], strict=True) if one[1] == 31]
    words = hashes.view(np.uint64)
    reading, _ = milliseconds(lambda _: np.bitwise_xor.reduce(words, axis=None), range(9))
    peers = asked_peers(python, hashes, wanted, picture)

    print(f"## {count:,} random hashes, {searches:,} searches within 31 bits\n")
    print(
        f"{'':34}{'build s':>9}{'MB':>8}{'p50 ms':>9}{'p99 ms':>9}{'recall':>8}{'p50 to ours':>13}{'p99 to ours':>13}"
    )
    row = "{:34}{:9.2f}{:8.1f}{:9.3f}{:9.3f}{:>8}{:12.1f}x{:12.1f}x"
    print(row.format("ours", build, index.nbytes / 1e6, p50, p99, f"{recall:.4f}", 1, 1))
    for name, median, slowest in (("known", p50_known, p99_known), ("strangers", p50_strange, p99_strange)):
        print(f"  {name} only: p50 {median:.3f} ms, p99 {slowest:.3f} ms ({slowest / p99:.1f}x)")
    faiss = peers.get("faiss")
    if faiss:
        name = f"faiss {faiss['version']} IndexBinaryFlat"
        line = faiss["build"], hashes.nbytes / 1e6, faiss["p50"], faiss["p99"]
        theirs = [[tuple(near) for near in each] for each in faiss["answers"]]
        same = [one in found for one, found in zip(expected, theirs[::2], strict=True)]
        print(row.format(name, *line, f"{np.mean(same):.4f}", faiss["p50"] / p50, faiss["p99"] / p99))
        agreeing = sum(one == other for one, other in zip(answers, theirs, strict=True))
        print(f"  both give the same answer to {agreeing:,} of {searches:,} searches")
    else:
        print("faiss: missing, so not compared; see --peers")
    print(
        row.format(
            "limit: reading all hashes once", 0, hashes.nbytes / 1e6, reading, reading, "", reading / p50, reading / p99
        )
    )
    print(f"  recall at exactly 31 bits: {np.mean(at_31):.4f} of {len(at_31)}")

    for number in range(4095):
        index.add(count + number, chance.bytes(32))
    p50_tail, p99_tail = milliseconds(index.search, asked)
    print(
        f"  with 4,095 added and not yet merged: p50 {p50_tail:.3f} ms, p99 {p99_tail:.3f} ms ({p99_tail / p99:.1f}x)"
    )
    start = time.perf_counter()
    index.compact()
    print(f"  merging them: {time.perf_counter() - start:.2f} s\n")
    return peers.get("pdqhash")


def photo(seed: int, width: int = 1000, height: int = 800) -> Picture:
    """Nobody's photo: rough ground in octaves, with half-transparent things lying about, a little unsharp."""
    chance = np.random.default_rng(seed + 5000)
    roughness, tint = chance.uniform(0.55, 0.8), chance.uniform(0.6, 1.3, 3)
    ground = np.zeros((height, width))
    for octave in range(1, 9):
        grid = chance.integers(0, 256, (2**octave + 1, 2**octave + 1), dtype=np.uint8)
        finer = Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC)
        ground += np.asarray(finer, dtype=np.float64) * roughness**octave
    ground = (ground - ground.min()) / np.ptp(ground)
    picture = Image.fromarray((ground[:, :, None] * tint * 190).clip(0, 255).astype(np.uint8))
    pencil = ImageDraw.Draw(picture, "RGBA")
    for _ in range(int(chance.integers(10, 40))):
        left, top = int(chance.integers(-50, width)), int(chance.integers(-50, height))
        wide, high = chance.integers(20, 200, 2).tolist()
        colour = (*chance.integers(0, 256, 3).tolist(), int(chance.integers(60, 200)))
        draw = pencil.ellipse if chance.random() < 0.5 else pencil.rectangle
        draw((left, top, left + wide, top + high), fill=colour)
    return picture.filter(ImageFilter.GaussianBlur(0.8))


def screenshot(seed: int) -> Picture:
    """Lines of invented words, as on a telephone; every third is light on dark."""
    chance = np.random.default_rng(seed)
    size = (20, 26, 34, 48)[seed % 4]
    picture = Image.new("RGB", (1080, 1600), (18, 22, 28) if seed % 3 == 0 else "white")
    pencil, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for top in range(40, 1600 - 2 * size, int(size * 1.4)):
        letters = chance.integers(0, 26, 200)
        words = ["".join(chr(97 + letter) for letter in letters[at : at + 2 + at % 7]) for at in range(0, 180, 9)]
        words = words[: int(chance.integers(1, 20))]
        pencil.text((40, top), " ".join(words), fill="white" if seed % 3 == 0 else "black", font=font)
    return picture


def as_jpeg(picture: Picture, quality: int) -> Picture:
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file)


def part(picture: Picture, left: float, top: float, right: float, bottom: float) -> Picture:
    width, height = picture.size
    return picture.crop((int(width * left), int(height * top), int(width * right), int(height * bottom)))


def framed(picture: Picture) -> Picture:
    frame = Image.new("RGB", (picture.width * 3 // 2, picture.height * 4 // 3), (240, 240, 240))
    frame.paste(picture, (picture.width // 4, picture.height // 8))
    return frame


def with_banner(picture: Picture) -> Picture:
    picture = picture.copy()
    top = picture.height * 9 // 10
    pencil = ImageDraw.Draw(picture)
    pencil.rectangle((0, top, *picture.size), fill="white")
    pencil.text((10, top + 10), "does anybody know this", fill="black", font=ImageFont.load_default(40))
    return picture


EDITS: dict[str, Callable[[Picture], Picture]] = {
    "JPEG 30": lambda picture: as_jpeg(picture, 30),
    "half size": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "quarter size, JPEG 50": lambda picture: as_jpeg(picture.resize((picture.width // 4, picture.height // 4)), 50),
    "grey": lambda picture: picture.convert("L"),
    "blurred": lambda picture: picture.filter(ImageFilter.GaussianBlur(2)),
    "brighter by 1.4": lambda picture: picture.point(lambda value: min(255, int(value * 1.4))),
    "banner over 10 %": with_banner,
    "framed": framed,
    "cropped by 2 %": lambda picture: part(picture, 0.01, 0.01, 0.99, 0.99),
    "cropped by 10 %": lambda picture: part(picture, 0.05, 0.05, 0.95, 0.95),
    "cropped by 25 %": lambda picture: part(picture, 0.125, 0.125, 0.875, 0.875),
    "cropped by 25 %, at a corner": lambda picture: part(picture, 0.25, 0.25, 1, 1),
    "cropped by 50 %": lambda picture: part(picture, 0.25, 0.25, 0.75, 0.75),
    "turned by 2 degrees": lambda picture: picture.rotate(2, Image.Resampling.BICUBIC),
    "turned by 5 degrees": lambda picture: picture.rotate(5, Image.Resampling.BICUBIC, expand=True),
    "turned by 90 degrees": lambda picture: picture.transpose(Image.Transpose.ROTATE_90),
    "mirrored": ImageOps.mirror,
}


def print_hashing(picture: Picture, peer: Any) -> None:
    def from_memory(each: Picture) -> None:
        pdq.hash_picture(each)

    ours, _ = milliseconds(from_memory, [picture] * 15)
    eight, _ = milliseconds(pdq.dihedral, [picture] * 15)
    slow, _ = milliseconds(pdq.hash_picture, [Image.radial_gradient("L").resize((1024, 1024))] * 9)
    luma, _ = milliseconds(lambda each: np.asarray(each.convert("F")).sum(), [picture] * 15)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85)
    whole, _ = milliseconds(pdq.hash_picture, [file.getvalue()] * 15)
    print("## PDQ of 1,024 x 1,024 pixels, ms\n")
    lines = [
        ("ours", ours),
        ("ours, all eight", eight),
        ("ours, regular picture, in the reference's order", slow),
        ("ours, from a JPEG file", whole),
        ("limit: luma of all pixels, added up", luma),
    ]
    if peer:
        lines.insert(4, ("pdqhash (Meta's C++)", peer["p50"]))
    for name, took in lines:
        print(f"{name:50}{took:8.2f}{took / ours:8.1f}x ours")
    if peer:
        found = pdq.hash_picture(picture)
        apart = pdq.distance(found.bits, bytes.fromhex(peer["hash"]))
        print(f"  {apart} of 256 bits differ from the peer's, quality {found.quality} and {peer['quality']}")
    else:
        print("pdqhash: missing, so not compared; see --peers")


def print_copies(count: int) -> None:
    photos, texts = [photo(seed) for seed in range(count)], [screenshot(seed) for seed in range(count)]
    eight = [[each.bits for each in pdq.dihedral(picture).all()] for picture in photos + texts]
    sketches = [sketch(picture) for picture in photos + texts]
    print(f"\n## Share of copies known again: {count} made-up photos and {count} screenshots of text\n")
    print(f"{'':32}{'PDQ':>14}{'PDQ, 8 hashes':>16}{'photo_match':>14}")
    print(f"{'':32}{'photo   text':>14}{'photo   text':>16}{'photo   text':>14}")
    for name, edit in EDITS.items():
        copies = [edit(picture) for picture in photos + texts]
        apart = [
            [pdq.distance(bits, pdq.hash_picture(copy).bits) for bits in known]
            for known, copy in zip(eight, copies, strict=True)
        ]
        plain = [each[0] <= pdq.MATCH_DISTANCE for each in apart]
        turned = [min(each) <= pdq.MATCH_DISTANCE for each in apart]
        same = [
            compare(one, sketch(copy)).is_same or compare(one, sketch(copy, mirrored=True)).is_same
            for one, copy in zip(sketches, copies, strict=True)
        ]
        shares = [f"{np.mean(each[:count]):.2f}   {np.mean(each[count:]):.2f}" for each in (plain, turned, same)]
        print(f"{name:32}{shares[0]:>14}{shares[1]:>16}{shares[2]:>14}")
    pairs = [(a, b) for a in range(2 * count) for b in range(a)]
    nearest = min(pdq.distance(eight[a][0], eight[b][0]) for a, b in pairs)
    matches = [compare(sketches[a], sketches[b]) for a, b in pairs]
    taken = sum(match.is_same for match in matches)
    most = max(match.inliers for match in matches)
    print(f"\n{len(pairs):,} pairs of different pictures: PDQ {nearest} bits apart at least;")
    print(f"photo_match takes {taken} for the same, with {most} points agreeing at most")
    sketching, _ = milliseconds(sketch, photos)
    hashing, _ = milliseconds(pdq.hash_picture, photos)
    comparing, _ = milliseconds(
        lambda pair: compare(sketches[pair[0]], sketches[pair[1]]), [pair for pair in pairs if pair[0] < count][:200]
    )
    print(f"sketching {sketching:.1f} ms ({sketching / hashing:.1f}x PDQ), comparing two sketches {comparing:.2f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hashes", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=2_000)
    parser.add_argument("--pictures", type=int, default=20)
    parser.add_argument("--peers", default=sys.executable, help="a Python that has faiss or pdqhash")
    options = parser.parse_args()
    chance = np.random.default_rng(20261123)
    picture = photo(0, 1024, 1024)
    peer = print_index(chance, options.hashes, options.searches, options.peers, np.asarray(picture))
    print_hashing(picture, peer)
    print_copies(options.pictures)


if __name__ == "__main__":
    main()
