"""Pictures in tiles: what is opened has the original's pixels, what is hidden is dark and gone."""

from __future__ import annotations

import io
import random

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from habeas.evidence.core import regions
from habeas.evidence.core.redaction import TwinFails, salts_from, tree_of, twin_of
from habeas.evidence.core.regions import DARK, PictureRefused

SIZES = st.tuples(st.integers(1, 100), st.integers(1, 100))


def pixels(width: int, height: int, seed: int = 1) -> Image.Image:
    raw = random.Random(seed).randbytes(3 * width * height)  # noqa: S311 (the same picture again)
    return Image.frombytes("RGB", (width, height), raw)


def encoded(picture: Image.Image, kind: str = "PNG", **how) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **how)
    return out.getvalue()


def twin(picture: bytes, boxes=()) -> dict:
    values = regions.values_of(picture)
    tree = tree_of("item-1", "region", values, salts_from(b"\x07" * 32, len(values)))
    return twin_of(tree, regions.hidden_units(*regions.size_of(values), boxes))


def decoded(png: bytes) -> numpy.ndarray:
    return numpy.asarray(Image.open(io.BytesIO(png)))


@settings(max_examples=40)
@given(SIZES)
def test_a_png_opened_whole_has_the_pixels_of_the_original(size):
    picture = pixels(*size)
    assert (decoded(regions.shown(twin(encoded(picture)))) == numpy.asarray(picture)).all()


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_other_pictures_opened_whole_have_the_pixels_a_decoder_gives(kind):
    original = encoded(pixels(70, 45), kind)
    expected = numpy.asarray(Image.open(io.BytesIO(original)).convert("RGB"))
    assert (decoded(regions.shown(twin(original))) == expected).all()


@settings(max_examples=60)
@given(SIZES, st.data())
def test_under_a_box_every_pixel_is_dark_and_away_from_it_every_pixel_is_the_originals(size, data):
    width, height = size
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width)), data.draw(st.integers(1, height))
    picture = pixels(width, height)
    found = decoded(regions.shown(twin(encoded(picture), [(x, y, w, h)])))
    assert (found[y : y + h, x : x + w] == DARK).all()
    reach = regions.TILE - 1
    away = numpy.ones((height, width), dtype=bool)
    away[max(0, y - reach) : y + h + reach, max(0, x - reach) : x + w + reach] = False
    assert (found[away] == numpy.asarray(picture)[away]).all()


def test_hidden_pixels_are_nowhere_in_the_twin():
    picture = Image.new("RGB", (96, 96), "white")
    picture.paste((200, 10, 60), (32, 32, 64, 64))
    made = twin(encoded(picture), [(40, 40, 2, 2)])
    assert [leaf["index"] for leaf in made["leaves"] if "hash" in leaf] == [5], "the middle tile; the frame is number 0"
    assert not (decoded(regions.shown(made)) == (200, 10, 60)).all(axis=2).any()


def test_a_tile_says_where_it_stands_and_the_frame_how_large_the_picture_is():
    values = regions.values_of(encoded(pixels(40, 33)))
    assert values[0] == b"0,0,40,33\n"
    heads = [value.partition(b"\n")[0] for value in values[1:]]
    assert heads == [b"0,0,32,32", b"32,0,8,32", b"0,32,32,1", b"32,32,8,1"]
    assert [len(value.partition(b"\n")[2]) for value in values[1:]] == [3 * 32 * 32, 3 * 8 * 32, 3 * 32, 3 * 8]


def test_a_photo_taken_on_its_side_is_cut_upright_and_its_notes_are_left_out():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x013B] = "photographed by somebody"
    original = encoded(pixels(64, 32), "JPEG", exif=exif, comment=b"taken at the blue house")
    values = regions.values_of(original)
    assert regions.size_of(values) == (32, 64)
    found = regions.shown(twin(original))
    assert b"somebody" not in found + b"".join(values)
    assert b"blue house" not in found + b"".join(values)
    assert not Image.open(io.BytesIO(found)).info


def test_what_stands_under_transparency_is_in_no_unit():
    picture = Image.new("RGBA", (64, 64), (1, 2, 3, 0))
    assert (decoded(regions.shown(twin(encoded(picture)))) == 255).all()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "CMYK", "I;16", "RGBA"])
def test_pictures_of_every_mode_become_red_green_and_blue(mode):
    picture = Image.new(mode, (33, 5)) if mode == "I;16" else pixels(33, 5).convert(mode)
    kind = "TIFF" if mode in {"CMYK", "I;16"} else "PNG"
    assert decoded(regions.shown(twin(encoded(picture, kind)))).shape == (5, 33, 3)


@pytest.mark.parametrize("box", [(-5, 0, 5, 5), (0, 0, 0, 4), (40, 0, 3, 3), (0, 33, 9, 9), (3, 3, -2, 4)])
def test_a_box_beside_the_picture_is_refused(box):
    with pytest.raises(PictureRefused, match="not within a picture of 40 by 33"):
        regions.hidden_units(40, 33, [box])


def test_a_box_over_the_edge_hides_what_of_it_is_in_the_picture():
    assert regions.hidden_units(64, 64, [(-10, -10, 11, 11)]) == {1}
    assert regions.hidden_units(64, 64, [(0, 0, 500, 500)]) == {1, 2, 3, 4}
    assert regions.hidden_units(64, 64, [(31, 31, 2, 2)]) == {1, 2, 3, 4}


def test_pictures_that_cannot_be_cut_are_refused_with_what_to_do(monkeypatch):
    moving = encoded(pixels(8, 8), "GIF", save_all=True, append_images=[pixels(8, 8, 2)])
    with pytest.raises(PictureRefused, match="several frames"):
        regions.values_of(moving)
    for broken in (b"", b"not a picture", encoded(pixels(300, 300))[:900]):
        with pytest.raises(PictureRefused, match="take a screenshot"):
            regions.values_of(broken)
    monkeypatch.setattr(regions, "MOST_PIXELS", 99)
    with pytest.raises(PictureRefused, match="pixels"):
        regions.values_of(encoded(pixels(10, 10)))


def test_a_changed_tile_is_no_twin_and_a_text_is_no_picture():
    made = twin(encoded(pixels(64, 64)))
    made["leaves"][2]["value"] = made["leaves"][1]["value"]
    with pytest.raises(TwinFails):
        regions.shown(made)
    text = tree_of("item-1", "line", [b"0,0,1,1\n", b"no pixels"], salts_from(b"\x07" * 32, 2))
    with pytest.raises(PictureRefused):
        regions.shown(twin_of(text, ()))


@pytest.mark.parametrize(
    "values",
    [
        [b"0,0,32,32\n", b"32,0,32,32\n" + bytes(3072)],
        [b"0,0,32,32\n", b"0,0,32,32\n" + bytes(3071)],
        [b"0,0,32,32\n"],
        [b"0,0,32,32\nx", b"0,0,32,32\n" + bytes(3072)],
        [b"0,0,-1,32\n", b""],
        [b"0,0,99999999,99999999\n", b""],
        [b"no place", b""],
        [b"0,0,\xff,1\n", b""],
    ],
)
def test_units_that_are_not_the_tiles_of_their_frame_are_refused(values):
    tree = tree_of("item-1", "region", values, salts_from(b"\x07" * 32, len(values)))
    with pytest.raises(PictureRefused):
        regions.shown(twin_of(tree, ()))
