"""Marks in a picture are not seen, and are read again from what is left of a copy."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from factories.leaks import PICTURE_ATTACKS, jpeg, opened, png, screenshot, seed
from factories.photos import photo
from habeas.evidence.core.marks import image
from habeas.evidence.core.marks.codes import agreements
from habeas.evidence.core.marks.trace import Candidate, CannotTrace, trace

SEEDS = [seed(number) for number in range(300)]
PICTURES = {"photo": photo(1, 640, 480), "posts": screenshot(1, 600, 760)}


def _copies(original, media_type="image/png", seeds=SEEDS):
    return [Candidate(f"copy-{number}", each, original, media_type) for number, each in enumerate(seeds)]


@pytest.fixture(scope="module", params=PICTURES)
def marked(request):
    """An original and copy 7 of it, both PNG."""
    original = png(PICTURES[request.param])
    return original, image.mark_image(original, SEEDS[7])


@pytest.mark.parametrize("attack", PICTURE_ATTACKS)
def test_a_copy_is_named_among_three_hundred(marked, attack):
    original, copy = marked
    verdict = trace(PICTURE_ATTACKS[attack](opened(copy)), "image/jpeg", _copies(original))
    assert verdict.copy_ids == ("copy-7",), verdict.sentence
    assert verdict.chance <= 1e-6


def test_marks_are_faint(marked):
    original, copy = (image.decoded(each) for each in marked)
    assert image.psnr(original, copy) >= image.LEAST_PSNR
    assert np.abs(original.astype(int) - copy).max() <= 4


def test_on_white_paper_no_mark_is_more_than_one_level(marked):
    white = np.full((200, 300, 3), 255, np.uint8)
    assert image.marked_pixels(white, SEEDS[0]).min() == 254


def test_a_jpeg_stays_a_jpeg_upright_and_without_its_metadata():
    turned = PICTURES["photo"].copy()
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "invented description"
    out = io.BytesIO()
    turned.save(out, "JPEG", quality=92, exif=exif)
    copy = Image.open(io.BytesIO(image.mark_image(out.getvalue(), SEEDS[3])))
    assert copy.format == "JPEG"
    assert copy.size == (480, 640)
    assert not copy.getexif()
    assert image.psnr(image.decoded(out.getvalue()), np.asarray(copy)) >= 40
    assert trace(jpeg(copy, 60), "image/jpeg", _copies(out.getvalue(), "image/jpeg")).copy_id == "copy-3"


def test_what_is_transparent_stays_transparent():
    see_through = PICTURES["photo"].convert("RGBA")
    see_through.putalpha(Image.linear_gradient("L").resize(see_through.size))
    out = io.BytesIO()
    see_through.save(out, "PNG")
    copy = Image.open(io.BytesIO(image.mark_image(out.getvalue(), SEEDS[3])))
    assert copy.getchannel("A").tobytes() == see_through.getchannel("A").tobytes()


def test_the_same_seed_gives_the_same_bytes(marked):
    original, copy = marked
    assert image.mark_image(original, SEEDS[7]) == copy
    assert image.mark_image(original, SEEDS[8]) != copy


def test_nobody_is_named_for_what_is_not_theirs(marked):
    original, _ = marked
    unlisted = image.mark_image(original, seed(9000))
    for leak in (
        original,
        jpeg(opened(original), 60),
        unlisted,
        png(photo(99, 400, 300)),
        png(Image.new("RGB", (90, 90))),
    ):
        verdict = trace(leak, "image/png", _copies(original))
        assert verdict.copy_id is None
        assert verdict.sentence.startswith("Cannot tell")


def test_two_copies_averaged_name_both(marked):
    original, copy = marked
    mean = Image.blend(opened(copy), opened(image.mark_image(original, SEEDS[8])), 0.5)
    verdict = trace(jpeg(mean, 75), "image/jpeg", _copies(original))
    assert sorted(verdict.copy_ids) == ["copy-7", "copy-8"]


def test_the_right_original_is_found_among_several():
    originals = {number: png(photo(number, 500, 400)) for number in range(3)}
    copies = [
        Candidate(f"{number}/{each}", seed(100 * number + each), content, "image/png")
        for number, content in originals.items()
        for each in range(50)
    ]
    leak = jpeg(opened(image.mark_image(originals[2], seed(211))), 70)
    verdict = trace(leak, "image/jpeg", copies)
    assert verdict.copy_ids == ("2/11",)
    assert verdict.tests == 150


def test_a_reading_depends_on_no_seed(marked):
    """The stated chance rests on this: what a stranger scores is a fair sum of coins, whatever the leak."""
    original, copy = marked
    reading = image.read_image(copy, original)
    deviations = np.array([each.deviations for each in agreements(reading, [seed(n) for n in range(10_000, 12_000)])])
    assert abs(deviations.mean()) < 0.12
    assert deviations.std() == pytest.approx(1, abs=0.07)


@pytest.mark.parametrize("broken", [b"", b"not a picture", png(PICTURES["photo"])[:900]])
def test_what_is_no_picture_is_refused(broken):
    with pytest.raises(image.NotAPicture, match="cannot be read as a picture"):
        image.mark_image(broken, SEEDS[0])
    with pytest.raises(CannotTrace, match="cannot be read as a picture"):
        trace(broken, "image/png", _copies(png(PICTURES["photo"])))
