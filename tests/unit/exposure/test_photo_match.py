import io
from functools import lru_cache
from itertools import combinations

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from factories.photos import photo
from habeas.exposure.core import photo_match
from habeas.exposure.core.documents import UnreadableFile
from habeas.exposure.core.photo_match import compare, sketch

PHOTOS = range(10)


@lru_cache(maxsize=32)
def screenshot(seed, size=34, dark=False):
    """Lines of invented words, as on a telephone."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (1080, 1600), (18, 22, 28) if dark else "white")
    pencil, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for top in range(40, 1600 - 2 * size, int(size * 1.4)):
        letters = chance.integers(0, 26, 200)
        words = ["".join(chr(97 + letter) for letter in letters[at : at + 2 + at % 7]) for at in range(0, 180, 9)]
        pencil.text((40, top), " ".join(words), fill="white" if dark else "black", font=font)
    return picture


def part(picture, left, top, right, bottom):
    width, height = picture.size
    return picture.crop((int(width * left), int(height * top), int(width * right), int(height * bottom)))


def as_jpeg(picture, quality):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return file.getvalue()


def framed(picture):
    frame = Image.new("RGB", (picture.width * 3 // 2, picture.height * 4 // 3), (240, 240, 240))
    frame.paste(picture, (picture.width // 4, picture.height // 8))
    return frame


def with_banner(picture):
    picture = picture.copy()
    top = picture.height * 17 // 20
    pencil = ImageDraw.Draw(picture)
    pencil.rectangle((0, top, *picture.size), fill="white")
    pencil.text((10, top + 15), "does anybody know this person", fill="black", font=ImageFont.load_default(60))
    return picture


def in_a_post(picture, text_seed):
    post = screenshot(text_seed).copy()
    post.paste(picture.resize((1000, 800)), (40, 500))
    return post


def with_face(picture, face, size):
    picture = picture.copy()
    picture.paste(face.resize((size, size)), (40, 40))
    return picture


@lru_cache(maxsize=1)
def known():
    return [sketch(photo(seed)) for seed in PHOTOS]


COPIES = {
    "a quarter cut off, at the edges": lambda picture: part(picture, 0.125, 0.125, 0.875, 0.875),
    "a quarter cut off, at a corner": lambda picture: part(picture, 0, 0, 0.75, 0.75),
    "a quarter cut off, at the left": lambda picture: part(picture, 0.25, 0, 1, 1),
    "a quarter cut off and saved badly": lambda picture: as_jpeg(part(picture, 0.25, 0.25, 1, 1), 50),
    "a little cut off": lambda picture: part(picture, 0.03, 0.02, 0.98, 0.97),
    "turned by 5 degrees": lambda picture: picture.rotate(5, Image.Resampling.BICUBIC, expand=True),
    "turned by 5 degrees and cut": lambda picture: part(
        picture.rotate(-5, Image.Resampling.BICUBIC), 0.08, 0.08, 0.92, 0.92
    ),
    "turned on its side": lambda picture: picture.rotate(90, expand=True),
    "framed": framed,
    "with a banner": with_banner,
    "within a post": lambda picture: in_a_post(picture, 1),
    "saved badly": lambda picture: as_jpeg(picture, 20),
    "half as large": lambda picture: picture.resize((picture.width // 2, picture.height // 2)),
    "a tenth wider": lambda picture: picture.resize((picture.width * 11 // 10, picture.height)),
    "brighter": lambda picture: picture.point(lambda value: min(255, value * 7 // 5)),
    "grey": lambda picture: picture.convert("L"),
}


@pytest.mark.parametrize("name", COPIES)
def test_nine_in_ten_copies_are_known_again(name):
    matches = [compare(one, sketch(COPIES[name](photo(seed)))) for seed, one in zip(PHOTOS, known(), strict=True)]
    assert sum(match.is_same for match in matches) >= 0.9 * len(matches), [match.why for match in matches]
    assert all(match.inliers >= photo_match.MIN_INLIERS and 0 < match.score <= 1 for match in matches if match.is_same)


def test_different_photos_are_never_the_same():
    for one, other in combinations(known(), 2):
        match = compare(one, other)
        assert match.score == 0
        assert match.inliers < photo_match.MIN_INLIERS


@pytest.mark.parametrize("size", [18, 26, 34, 60, 110, 160])
def test_different_texts_are_never_the_same(size):
    sketches = [sketch(screenshot(seed, size, dark)) for seed in range(3) for dark in (False, True)]
    assert all(compare(one, other).score == 0 for one, other in combinations(sketches, 2))


@pytest.mark.parametrize("size", [18, 26, 34])
def test_screenshots_of_text_are_left_to_ocr(size):
    text = sketch(screenshot(0, size))
    assert text.is_text
    match = compare(text, text)
    assert not match.is_same
    assert match.why == "mostly letters: compare what they say"


def test_photos_are_not_taken_for_text():
    assert not any(each.is_text for each in known())


def test_different_photos_in_posts_of_the_same_text_are_not_the_same():
    posts = [sketch(in_a_post(photo(seed), 1)) for seed in PHOTOS]
    assert not any(compare(one, other).is_same for one, other in combinations(posts, 2))


@pytest.mark.parametrize("size", [150, 240, 320])
def test_a_face_in_common_does_not_make_two_photos_the_same(size):
    face = photo(99, 240, 240)
    sketches = [sketch(with_face(photo(seed), face, size)) for seed in PHOTOS]
    matches = [compare(one, other) for one, other in combinations(sketches, 2)]
    assert not any(match.is_same for match in matches)
    assert any("a detail in common, not the photo" in match.why for match in matches)


def test_a_mirrored_copy_is_found_by_sketching_the_mirror():
    copy = ImageOps.mirror(photo(1))
    assert not compare(known()[1], sketch(copy)).is_same
    assert compare(known()[1], sketch(copy, mirrored=True)).score > 0.9


def test_the_reason_says_how_much_agrees_and_covers():
    match = compare(known()[2], sketch(COPIES["a quarter cut off, at the left"](photo(2))))
    assert match.why.startswith(
        f"{match.inliers} points agree over {match.coverage:.0%} of what both show; it covers 7"
    )


def test_comparing_is_the_same_every_time():
    copy = sketch(framed(photo(3)))
    assert len({compare(known()[3], copy) for _ in range(5)}) == 1


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(Image.new("RGB", (800, 600), "grey"), id="blank"),
        pytest.param(Image.linear_gradient("L"), id="a gradient"),
        pytest.param(Image.new("RGB", (9, 700), "white"), id="a strip"),
        pytest.param(Image.new("L", (1, 1)), id="one pixel"),
    ],
)
def test_a_picture_in_which_nothing_stands_out_matches_nothing(picture):
    empty = sketch(picture)
    for other in (empty, known()[0]):
        match = compare(empty, other)
        assert match.score == 0
        assert match.why == "too little stands out in the picture to know it again"


def test_a_regular_pattern_is_not_judged_the_same_as_another_photo():
    squares = np.kron(np.indices((12, 16)).sum(axis=0) % 2, np.ones((50, 50))) * 255
    board = sketch(Image.fromarray(squares.astype(np.uint8)))
    assert not any(compare(board, each).is_same for each in known())


def test_a_sketch_is_small():
    assert all(len(each.points) <= 256 and each.points.nbytes + each.descriptors.nbytes <= 10_240 for each in known())


def test_a_damaged_picture_is_refused():
    with pytest.raises(UnreadableFile, match=r"post\.jpg is a damaged picture"):
        sketch(as_jpeg(photo(0), 80)[:4000], "post.jpg")
