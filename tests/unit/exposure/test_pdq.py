"""The hashes are the reference's: 64 pictures made by arithmetic here were hashed once by ``pdqhash`` 0.2.8, which is
Meta's own C++ code, and what it said is ``REFERENCE``."""

import contextlib
import io
import struct
import time
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from habeas.exposure.core import pdq
from habeas.exposure.core.documents import UnreadableFile

SIZES = ((480, 640), (64, 64), (100, 75), (300, 1000), (129, 257), (800, 600), (33, 210), (128, 128))


def scattered(count, seed):
    """Numbers 0..255 without order, the same on every machine (splitmix64)."""
    state = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed * 7919 + 1)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((state ^ (state >> np.uint64(31))) >> np.uint64(40)).astype(np.int64) % 256


def coloured(grey, seed):
    red, green, blue = (64 + scattered(3, seed + 500)).tolist()
    return np.stack([grey * red // 320, grey * green // 320, grey * blue // 320], axis=2).astype(np.uint8)


def noise(seed, height, width):
    return scattered(height * width * 3, seed).reshape(height, width, 3).astype(np.uint8)


def clouds(seed, height, width):
    """Ever finer grids of numbers, blended: what PDQ sees of a photo."""
    total = np.zeros((height, width), dtype=np.int64)
    down, across = np.arange(height)[:, None], np.arange(width)
    for octave in range(1, 6):
        grid = scattered((2**octave + 1) ** 2, seed * 10 + octave).reshape(2**octave + 1, -1)
        y, fine_y = divmod(down * 256 * 2**octave // height, 256)
        x, fine_x = divmod(across * 256 * 2**octave // width, 256)
        top = grid[y, x] * (256 - fine_x) + grid[y, x + 1] * fine_x
        bottom = grid[y + 1, x] * (256 - fine_x) + grid[y + 1, x + 1] * fine_x
        total += (top * (256 - fine_y) + bottom * fine_y) // 65536 * 3 // (octave + 2)
    return coloured(total * 255 // total.max(), seed)


def shapes(seed, height, width):
    picture = np.full((height, width, 3), scattered(3, seed), dtype=np.uint8)
    down, across = np.arange(height)[:, None], np.arange(width)
    for shape in range(24):
        x, y, a, b, round_, *colour = scattered(8, seed * 100 + shape + 7).tolist()
        x, y, a, b = x * width // 256, y * height // 256, (a + 20) * width // 900, (b + 20) * height // 900
        if round_ % 2:
            inside = ((across - x) * b) ** 2 + ((down - y) * a) ** 2 <= (a * b) ** 2
        else:
            inside = (abs(across - x) <= a) & (abs(down - y) <= b)
        picture[inside] = colour
    return picture


def letters(seed, height, width):
    """Dark blocks in lines on white, as letters are."""
    picture = np.full((height, width, 3), 255, dtype=np.uint8)
    dots = scattered(height * width, seed)
    for line, top in enumerate(range(6, height - 12, 14)):
        for letter, left in enumerate(range(6, width - 12, 8)):
            if dots[line * 911 + letter] > 40:
                block = dots[line * 677 + letter * 37 :][:35].reshape(7, 5) > 120
                picture[top : top + 7, left : left + 5][block] = 20
    return picture


def gradient(seed, height, width):
    down, across = np.arange(height)[:, None] * 255 // height, np.arange(width) * 255 // width
    flat = np.zeros((height, width), dtype=np.int64)
    kinds = (
        across + flat,
        down + flat,
        (across + down) // 2,
        across * down // 255,
        ((across // 32 + down // 32) % 2) * 255,
        flat + 127,
        (across * 7) % 256 + flat,
        np.abs(across - down),
    )
    return coloured(kinds[seed % len(kinds)], seed)


def halved(seed, height, width):
    """A cloudy picture made half as wide and high."""
    large = clouds(seed, 2 * height, 2 * width).astype(np.int64)
    return ((large[::2, ::2] + large[1::2, ::2] + large[::2, 1::2] + large[1::2, 1::2]) // 4).astype(np.uint8)


def pictures():
    for kind in (noise, clouds, shapes, letters, gradient, halved):
        for number, (height, width) in enumerate(SIZES):
            yield f"{kind.__name__} {width}x{height}", kind(number, height, width)
    for number in range(16):
        height, width = 70 + 41 * number, 600 - 29 * number
        yield f"clouds {width}x{height}", clouds(100 + number, height, width)


MADE = dict(pictures())
# Name: hash and quality, as the reference gives them.
REFERENCE = {
    "noise 640x480": ("79805464dea339b5ca22684260bf1ee6885e635b5fd6ba9e19a22bbfd43a7640", 100),
    "noise 64x64": ("b5826a4f3599411a199cd48c27b42e6259b34b4eff72f522af288f57eaab011e", 100),
    "noise 75x100": ("fcab4d4d144be1f1db26d8d0948307f35a4a379192b020f1c66b00f7d2c23fef", 100),
    "noise 1000x300": ("8ebba8d3ca21e876947d09c99817d255ccc75e66d35c641cc25dc137659ee18c", 100),
    "noise 257x129": ("bee12086945b60bc6cb14d168188176b50593bfe2b3e766c2a3f7f57e12e80ab", 100),
    "noise 600x800": ("1dd426b69b87d2c884aab2ca189b7de473072b977992c317e86fbad361c41f40", 100),
    "noise 210x33": ("06d3ae8bb0dc81fa5dd378013afd63ed1335d5f7010365ad4c799e553205236a", 100),
    "noise 128x128": ("f25024598345d317ff358b8dc960885371f6bfa190ad879d4bc962827e167fa4", 100),
    "clouds 640x480": ("ac5114f31bd3229511ac2276c2f37b4e5099865dbca9d63c4e8e69ab996553e6", 61),
    "clouds 64x64": ("d6ba9ac86f6f00f3bf5a6a17dc6cd96220b22ee53488d88bc276c6a03203b577", 100),
    "clouds 75x100": ("2b85a7050e7e95b48e24f46ad9b75b1a73e60b1ac366b75e9f29c4b2a0964562", 58),
    "clouds 1000x300": ("b49331e6b5ae37f8cdb1e6cc80e3a013cf8652002a8733a9f3f93c9456271bae", 29),
    "clouds 257x129": ("859a4f06f2483d8e1cb4b4f175e491ce806672c633f4d1e2fe968e7f5b41c21a", 100),
    "clouds 600x800": ("490c9a196d993518ef0568c49d83e4bc66393be6aab3c9981f71510cabe3eb4f", 14),
    "clouds 210x33": ("e4f9d478f327761d669a56f647a24481b92ca2ecde58fb8411e02b7e13e13342", 45),
    "clouds 128x128": ("c4937503d95038303798097197f8ef01deb739f66eb02231d5c6fe782b111d9d", 73),
    "shapes 640x480": ("e08a1a7d69a5a15ee69a8e3d34c183d9685a493eb4410fe531d6c7bc8a7b7f80", 100),
    "shapes 64x64": ("4d0ba6874b6df8b45848a7b683cb4d17fac97d64d631196bd611f24c078603cf", 100),
    "shapes 75x100": ("f79b2ec74e714309118f2cf07b9098e77e7463238ccb201c224479f99d9b99f8", 100),
    "shapes 1000x300": ("3df13e5ba91c9c93c0e103a2ad13e7dc770e3fafc2e01866316211625eaecd39", 100),
    "shapes 257x129": ("c59a4e94239cf3a8d9f8846274e2f8f4a91d0e99f46be0574eb63c6d304758a3", 100),
    "shapes 600x800": ("079cbc6fe07f57e1381f61408780641d797aa8af6847d5de83039b5cf0f06cc9", 100),
    "shapes 210x33": ("4dc24ede821fad0c8d5b3883f3a433313c1bce3456e402a7c3dc89de38e7367a", 100),
    "shapes 128x128": ("5e7402c092925eda82f27c7c3b640ded371bcdc1a479392ca9246f1e8cd37dd1", 100),
    "letters 640x480": ("9921137a47fe26c24570e46fd4ab5ae9de748c2877736436254a7a4a59484f9b", 100),
    "letters 64x64": ("740fb49acdf96df9849c4b6623fed805da0533e6d2241616f14125dbcc19c9e9", 100),
    "letters 75x100": ("387a73ab84458d43610bec5d0fc0b398b797a79308784ee9c84d53a78fe4787c", 100),
    "letters 1000x300": ("f5f455893cc3161c4651fb7b9942b93d943d63e152b7297a20d9de4d605b8096", 100),
    "letters 257x129": ("4261cb110d6a1d653b323363b6c91f6b49264cb4dc4de29af495b4ee3d93caa9", 100),
    "letters 600x800": ("620ba7aee7e90e4496445cd22e9cd9db0fb5ec29a3fd12f19cc656d9864446a2", 100),
    "letters 210x33": ("076ed3df1d50488ff889253087c6cb7364369fa478ab34dc9b51404f9754bf30", 100),
    "letters 128x128": ("0c5a6451cc960b4fa33ca425e046b7465fbdc8d90bd7fc9625799be293057b29", 100),
    "gradient 640x480": ("6123148955555aed55ab129a65d24f56d569de1a31b3ae5a52ada665bd652a4a", 0),
    "gradient 64x64": ("2517117ca825091048d05b34c4142dc02583e3a98e6b98ae4f030831201022eb", 39),
    "gradient 75x100": ("d09f6fcc941f0d4ef891f23185e7731c6a74519f034670adff5881f26e349811", 0),
    "gradient 1000x300": ("29017a45b7c9640dcd0935157211ec77004361d70183175f780f555f01ffffff", 0),
    "gradient 257x129": ("aa7faa7fdd88aa7f5580aa7faa7faa7f55805580aa7f558055805580dd885580", 100),
    "gradient 600x800": ("000000002c4b113411342c4b2c4b8200000000002c4b554b11342c4b07d01134", 0),
    "gradient 210x33": ("118e2b1ee2932b845595e3ea55d58f34368f2bd88f62f1a1b5840f2c5f55968b", 100),
    "gradient 128x128": ("77ae37609124eaea02aeeae8993eea609d2ef7a8bfc4a025dfd5aabb8b900014", 20),
    "halved 640x480": ("ac5114f31bd3229511ac2276c2f37b4e5099865dbca9d63c4e8e69ab996553e6", 61),
    "halved 64x64": ("d6fa1ac8676f40f7bf5a6a17dc6c896264b22ee56488d89b8276cca03203a577", 100),
    "halved 75x100": ("2b85a7050e7e95b4dc2cd46a59b7db3273e40b1ac366b75e9f29c4b2a0964562", 52),
    "halved 1000x300": ("b49331e6b5ae17f8cfb1e6cc80e3a013cf8652002a8733a9f3f93c9456271bae", 29),
    "halved 257x129": ("059a5e06f2c83d8e1cb4b4f175e493ce806672c633f4d1e2fe968e7f5b41421a", 100),
    "halved 600x800": ("490c9a196d993718ef0568c49d83e4bc66393be6aab2c9981f71510cabe3eb4f", 14),
    "halved 210x33": ("c4f9d57af32766186692d6f647a14c81a92ca2ecde58fb8419e82b7e13e13342", 42),
    "halved 128x128": ("cc137503d95032b037b8497197f8ef01dcb739e66eb02231d5c6fe782b11199d", 75),
    "clouds 600x70": ("8c364bf30beb5a24e8b1262646d68f29d342d6292fd37e2e17552636ea2cb8ca", 100),
    "clouds 571x111": ("bdbbf4ef799251d2c3ba0c129cf0077aa7e13b4bc1b10107684b49a93d5ded80", 41),
    "clouds 542x152": ("84fab9642a5d9276469d12c881b500dbf7294e1b83f5e9d7bffe033f04092aca", 50),
    "clouds 513x193": ("663dc83093a75ce5e60dd4c5c9ea276bc711401b11da91e5dfb8019d59767c3c", 36),
    "clouds 484x234": ("4320fae1d3588df12b3f0646568b709e74240e1c81de727cb55f9495d62ec9f9", 84),
    "clouds 455x275": ("4a767ea8e9dd3d16a45531331a8d18e96fc419519483403bc1e3fb4b87f586ba", 100),
    "clouds 426x316": ("6f6d5c6c13f2d1836f0723621ecf097e300a6f78cfb23abed406894842b3d993", 53),
    "clouds 397x357": ("3b65a745409e1ec5f3f4581ea62758630dd07a4eb069742be5a9b3ed530b20db", 46),
    "clouds 368x398": ("58730de26df87259049ec1afd64913ff042a8bd490d4d25540c7cf7bef942c96", 85),
    "clouds 339x439": ("e18e16a10e4cd9cd1c34bf95b295d22557ff9e64cfea26a5809961e149dac915", 99),
    "clouds 310x480": ("895996e83fa4711f9a3d76e5e6c51cf2d674d3b0b08640ca6c28fc8f96b45c41", 50),
    "clouds 281x521": ("14daccce5b900eae86d333a54778044b3bec7322bd382366ecd3f5f0cfe88489", 100),
    "clouds 252x562": ("7cb9f0d139856310be4b170515d63a6c38c9923754146183dd59f63e1758dddd", 70),
    "clouds 223x603": ("8b11c1ab0de8b05c802dea542d3a147c53f40a37de6359b98c1957e0d7fca7f3", 69),
    "clouds 194x644": ("9a5505cb06bd06ad2456ac59ac527df81330792d873d7dd6169e6136aeb63919", 82),
    "clouds 165x685": ("d1d1572e2c8d037e667bdd074229e8c3b4b4daa2349f3cb4553ca477900d167d", 80),
}
# The eight of ``dihedral``, in its order.
REFERENCE_OF_DIHEDRALS = {
    "clouds 640x480": [
        "ac5114f31bd3229511ac2276c2f37b4e5099865dbca9d63c4e8e69ab996553e6",
        "c272fc6295a4964ca12e3b873759d6f8faad18bc4e37092f09fce2a4670d0d19",
        "f9043e594e86883f44f98cdc97a6d1e405cc2cf7a9fc7c961bdbc3018c30f94c",
        "d72756eac0f13ce6f47b912d620c7c52aff8b2161b62a3855ca9680e3258a7b3",
        "acd1eb0c1bd7dd6a11acd989c2f384b1709979a2fca929c34e8e9654d965ac19",
        "f984c1a64e8677c044f9732397a62e1b25ccd308e9fc83691bdb3cfecc3006b3",
        "8272039d952469b3a12ec078375929077aade7434e37f6d009fc1d5b670df2e6",
        "9727a915c071c319f47b6ed2620c83ad2ff84de91b625c7a5ca9b7f13258584c",
    ],
    "shapes 600x800": [
        "079cbc6fe07f57e1381f61408780641d797aa8af6847d5de83039b5cf0f06cc9",
        "675ec84c6de3a7694ded2cec920c696392d30b48f0ea5629e9d7168b68f88696",
        "12a916c5b52afd4b694a43fa92d5c6b72c2f02152d027f74d67631f6a1a5c663",
        "330be2e638b60de319b88e46c759c3c9c786a1e2a59ff8a3bc82bc213dad2c3c",
        "47fc4390e07fa81e3c1f16afc7809be279fa574078572a218b2364a3f4f89336",
        "52a9e93ab52a02b46d4abc1592d5b9482caffdea3d32808bde76ce09a1ad399c",
        "625e35b36de3589648e5d311920c969c925374b770c2a996e9d5e97468f87969",
        "330b1d1938b6f21c18b071b9c7593c36c7065e1da59f075cbc8043de3dadd3c3",
    ],
    "noise 1000x300": [
        "8ebba8d3ca21e876947d09c99817d255ccc75e66d35c641cc25dc137659ee18c",
        "ffadde015013fc9ff6c0772fa168fbd8c683a2b7b84564c18c3be400d2c61073",
        "dbee0279977402dcc128a363cd4278ff9992fccc8609ceb697086b9d30cbcb26",
        "2ef864aa054656358395dd85d43d517291d608bd6d118e6bd96e4eaa8793bad9",
        "0e9b572cc0211789847df63698172daaccc7a199d35c9be3c25d3ec8619e1e73",
        "dbeefd969f74fd23d128dc9ccdc2870099d20b33864931499708946234cbf4f9",
        "fbad31ff50130b60f6c088d2a1680427c4835de8b844db3e8c3b1bffd2c6ef8c",
        "aef98b550546a1ca83d52278f43dae8d91d6f742ed117194d96eb15587934526",
    ],
    "letters 75x100": [
        "387a73ab84458d43610bec5d0fc0b398b797a79308784ee9c84d53a78fe4787c",
        "35cab3e2cdc13e7a963bc92d43d6a43943d649c4c0377a1ecd39db70d8c48323",
        "6d2fd901d11027e9355e46f75a951932e2c20d395d2de44b9d18f90ddab1d2d6",
        "60bf1d48989c94d2c36e73a716d30e931683e36f9562d0b4987c71de9d9129e9",
        "387a8c54844576be610b53a20fc04c67b7975a6d8c79b31ee84dac5c9fe487c3",
        "6d2f26fed110d816345eb9085a95e6cde2c2f2c65d2d1bbc9d1806f2dab12d29",
        "35ca4c1dcdc1c185963b36d243d65bc643d6b63bc03785e1cd39248fd8c47cdc",
        "609fe6b798946b2fc36e9c781683f96c16831c9195622f4b987c8e258d91d676",
    ],
}


def as_photo(seed=3, height=480, width=640):
    return Image.fromarray(clouds(seed, height, width))


def saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def apart(one, other):
    return pdq.distance(one.bits, other.bits)


@pytest.mark.parametrize("name", MADE)
def test_the_hash_is_the_references_to_the_last_bit(name):
    bits, quality = REFERENCE[name]
    ours = pdq.hash_picture(Image.fromarray(MADE[name]))
    assert ours.bits.hex() == bits
    assert ours.quality == quality


@pytest.mark.parametrize("name", REFERENCE_OF_DIHEDRALS)
def test_the_eight_hashes_are_the_references(name):
    ours = pdq.dihedral(Image.fromarray(MADE[name])).all()
    assert [each.bits.hex() for each in ours] == REFERENCE_OF_DIHEDRALS[name]


@pytest.mark.parametrize("name", ["clouds 640x480", "noise 257x129", "shapes 600x800", "letters 1000x300"])
def test_both_ways_to_smooth_a_picture_agree(name):
    picture = Image.fromarray(MADE[name])
    assert np.abs(pdq._grid(picture) - pdq._grid_in_reference_order(picture)).max() < 1e-3


@pytest.mark.parametrize(
    ("turn", "name"),
    [
        (None, "original"),
        (Image.Transpose.ROTATE_90, "rotated_90"),
        (Image.Transpose.ROTATE_180, "rotated_180"),
        (Image.Transpose.ROTATE_270, "rotated_270"),
        (Image.Transpose.FLIP_TOP_BOTTOM, "mirrored_top_bottom"),
        (Image.Transpose.FLIP_LEFT_RIGHT, "mirrored_left_right"),
        (Image.Transpose.TRANSPOSE, "mirrored_main_diagonal"),
        (Image.Transpose.TRANSVERSE, "mirrored_other_diagonal"),
    ],
)
def test_a_turned_or_mirrored_copy_is_found_by_the_hash_so_named(turn, name):
    photo = as_photo()
    copy = photo if turn is None else photo.transpose(turn)
    found = pdq.dihedral(photo)
    assert apart(getattr(found, name), pdq.hash_picture(copy)) <= pdq.MATCH_DISTANCE
    others = [each for each in found.all() if each is not getattr(found, name)]
    assert all(apart(each, pdq.hash_picture(copy)) > pdq.MATCH_DISTANCE for each in others)


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(lambda photo: saved(photo, "JPEG", quality=30), id="saved badly"),
        pytest.param(lambda photo: photo.resize((320, 240)), id="half as large"),
        pytest.param(lambda photo: photo.resize((1500, 1100)), id="larger, other proportions"),
        pytest.param(lambda photo: photo.convert("L"), id="grey"),
        pytest.param(lambda photo: photo.point(lambda value: min(255, value * 5 // 4)), id="brighter"),
        pytest.param(lambda photo: photo.filter(ImageFilter.GaussianBlur(2)), id="blurred"),
        pytest.param(lambda photo: photo.quantize(32), id="32 colours"),
        pytest.param(lambda photo: saved(photo, "WEBP", quality=50), id="another format"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_an_edited_copy_is_near(copy, seed):
    photo = as_photo(seed)
    assert apart(pdq.hash_picture(photo), pdq.hash_picture(copy(photo))) <= pdq.MATCH_DISTANCE


def test_different_photos_are_far():
    hashes = [pdq.hash_picture(as_photo(seed)) for seed in range(20)]
    assert min(apart(one, other) for one in hashes for other in hashes if one is not other) > 2 * pdq.MATCH_DISTANCE


def test_a_blank_picture_says_that_it_tells_nothing():
    assert not pdq.hash_picture(Image.new("RGB", (400, 300), "white")).is_telling
    assert pdq.hash_picture(Image.fromarray(MADE["shapes 640x480"])).is_telling


def test_a_picture_too_small_to_hash_has_no_quality():
    assert pdq.hash_picture(Image.new("RGB", (4, 200), "red")) == pdq.PictureHash(bytes(32), 0)


def test_a_photo_is_hashed_as_its_viewers_see_it():
    photo = as_photo()
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned clockwise
    lying = saved(photo.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)
    assert apart(pdq.hash_picture(lying), pdq.hash_picture(photo)) <= 4


def test_a_transparent_picture_is_hashed_on_white():
    photo = as_photo().convert("RGBA")
    photo.putalpha(Image.linear_gradient("L").resize(photo.size))
    on_white = Image.alpha_composite(Image.new("RGBA", photo.size, "white"), photo).convert("RGB")
    assert pdq.hash_picture(saved(photo, "PNG")) == pdq.hash_picture(on_white)


def test_bytes_and_picture_give_one_hash():
    photo = as_photo()
    assert pdq.hash_picture(saved(photo, "PNG")) == pdq.hash_picture(photo)


def test_strips_of_a_large_picture_give_the_hash_of_the_whole(monkeypatch):
    photo = as_photo(5, 700, 900)
    whole = pdq._grid(photo)
    monkeypatch.setattr(pdq, "_STRIP_PIXELS", 1000)
    assert np.array_equal(whole, pdq._grid(photo))


def png_that_claims(width, height):
    """A PNG of a few bytes whose header promises many pixels."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(99))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(png_that_claims(7100, 7100), "too_large", id="a little too many pixels"),
        pytest.param(png_that_claims(60_000, 60_000), "too_large", id="a decompression bomb"),
        pytest.param(png_that_claims(400_000, 100), "too_large", id="a thread"),
        pytest.param(png_that_claims(500, 500), "broken", id="cut off"),
        pytest.param(saved(as_photo(), "JPEG")[:5000], "broken", id="half a photo"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "broken", id="no picture"),
        pytest.param(b"", "broken", id="nothing"),
    ],
)
def test_a_hostile_or_damaged_picture_is_refused_at_once(data, code):
    start = time.perf_counter()
    with pytest.raises(UnreadableFile) as refusal:
        pdq.hash_picture(data, "note.png")
    assert refusal.value.code == code
    assert "note.png" in str(refusal.value)
    assert time.perf_counter() - start < 2


def test_a_picture_that_is_too_large_is_refused_when_given_open():
    drawing = Image.new("1", (8000, 7000))
    with pytest.raises(UnreadableFile, match="50 million pixels"):
        pdq.hash_picture(drawing)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data):
    for start in (b"", b"GIF89a", b"BM", b"II*\0", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8 "):
        # Anything but this refusal fails the test.
        with contextlib.suppress(UnreadableFile):
            pdq.hash_picture(start + data)


@given(st.integers(5, 300), st.integers(5, 300), st.integers(0, 9))
def test_smoothing_keeps_the_mean_of_an_even_picture(height, width, tone):
    grid = pdq._grid(Image.new("L", (width, height), tone * 25))
    assert np.allclose(grid, tone * 25, atol=1e-3)


def test_distance_counts_bits():
    assert pdq.distance(bytes(32), bytes(31) + b"\x07") == 3
    with pytest.raises(ValueError, match="32 bytes"):
        pdq.distance(bytes(32), bytes(31))
