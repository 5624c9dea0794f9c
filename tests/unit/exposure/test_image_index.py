import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from habeas.exposure.core import image_index
from habeas.exposure.core.image_index import ImageIndex, UnreadableIndex, open_index
from habeas.exposure.core.pdq import MATCH_DISTANCE, distance

CHANCE = np.random.default_rng(20261123)


def drawn_hashes(count):
    return CHANCE.integers(0, 256, (count, 32), dtype=np.uint8)


def with_bits_turned(bits, turned):
    number = int.from_bytes(bits, "big")
    for bit in turned:
        number ^= 1 << int(bit)
    return number.to_bytes(32, "big")


def one_by_one(known, bits, radius=MATCH_DISTANCE):
    """What ``search`` must give, found by comparing with every known hash."""
    near = ((distance(bits, each), id_) for id_, each in known.items())
    return [(id_, apart) for apart, id_ in sorted(near) if apart <= radius]


@pytest.fixture(scope="module")
def many():
    """20,000 hashes, a quarter of them in families of near ones, and the index of them."""
    hashes = drawn_hashes(20_000)
    for row in range(15_000, 20_000):
        turned = CHANCE.choice(256, int(CHANCE.integers(0, 50)), replace=False)
        hashes[row] = np.frombuffer(with_bits_turned(hashes[row % 500].tobytes(), turned), dtype=np.uint8)
    ids = CHANCE.permutation(100_000)[: len(hashes)] - 50_000
    known = {id_: bits.tobytes() for id_, bits in zip(ids.tolist(), hashes, strict=True)}
    return known, ImageIndex.of_arrays(ids, hashes)


def test_searching_finds_what_comparing_with_all_finds(many):
    known, index = many
    some = [*known.values()][:60:2] + [*known.values()][-30:]
    for bits in some:
        wanted = with_bits_turned(bits, CHANCE.choice(256, int(CHANCE.integers(0, 34)), replace=False))
        radius = int(CHANCE.integers(0, 32))
        assert index.search(wanted) == one_by_one(known, wanted)
        assert index.search(wanted, radius) == one_by_one(known, wanted, radius)


@pytest.mark.parametrize(("turned_bits", "found"), [(0, True), (1, True), (30, True), (31, True), (32, False)])
@pytest.mark.parametrize(
    "order",
    [
        pytest.param(lambda count: CHANCE.choice(256, count, replace=False), id="anywhere"),
        pytest.param(lambda count: np.arange(count) * 8 + CHANCE.integers(0, 8, count), id="everywhere"),
        pytest.param(lambda count: np.arange(count), id="side by side"),
        pytest.param(lambda count: np.arange(count) * 16 % 256 + np.arange(count) // 16, id="two in each chunk"),
    ],
)
def test_the_threshold_is_exact(many, order, turned_bits, found):
    known, index = many
    for id_, bits in list(known.items())[1000:1100]:
        wanted = with_bits_turned(bits, order(turned_bits))
        assert ((id_, turned_bits) in index.search(wanted)) is found


@given(st.binary(min_size=32, max_size=32), st.sets(st.integers(0, 255), max_size=40))
def test_nothing_within_the_radius_is_missed_wherever_the_bits_differ(bits, turned):
    index = ImageIndex.of([(7, bits)])
    wanted = with_bits_turned(bits, turned)
    for radius in (0, 3, 4, 15, 16, 31):
        assert index.search(wanted, radius) == ([(7, len(turned))] if len(turned) <= radius else [])


def test_the_nearest_come_first_and_equally_near_ones_by_id():
    zero = bytes(32)
    index = ImageIndex.of([(9, zero), (3, with_bits_turned(zero, [5])), (4, zero), (1, with_bits_turned(zero, [1, 2]))])
    assert [near.id for near in index.search(zero)] == [4, 9, 3, 1]


def test_an_empty_index_finds_nothing():
    assert ImageIndex().search(bytes(32)) == []
    assert ImageIndex.from_buffer(ImageIndex().to_bytes()).search(bytes(32)) == []


@pytest.mark.parametrize("radius", [-1, 32, 256])
def test_a_radius_the_tables_cannot_promise_is_refused(radius):
    with pytest.raises(ValueError, match=r"0\.\.31"):
        ImageIndex().search(bytes(32), radius)


@pytest.mark.parametrize("bits", [b"", bytes(31), bytes(33)])
def test_a_hash_of_another_length_is_refused(bits):
    index = ImageIndex()
    for refused in (index.search, lambda each: index.add(1, each), lambda each: ImageIndex.of([(1, each)])):
        with pytest.raises(ValueError, match="32 bytes"):
            refused(bits)


def test_an_id_belongs_to_one_picture():
    index = ImageIndex.of([(1, bytes(32))])
    with pytest.raises(ValueError, match="id 1 is in the index already"):
        index.add(1, bytes(32))
    with pytest.raises(ValueError, match="id 5 comes twice"):
        ImageIndex.of([(5, bytes(32)), (6, bytes(32)), (5, bytes(32))])
    with pytest.raises(KeyError):
        index.remove(2)


def test_a_full_tail_is_merged():
    hashes = drawn_hashes(image_index.TAIL_LIMIT + 5)
    index = ImageIndex()
    for id_, bits in enumerate(hashes):
        index.add(id_, bits.tobytes())
    assert len(index._tail_rows) == 5
    assert len(index) == len(hashes)
    assert all(index.search(bits.tobytes(), 0) == [(id_, 0)] for id_, bits in enumerate(hashes))


def test_what_is_removed_is_not_found_and_leaves_nothing():
    hashes = [bits.tobytes() for bits in drawn_hashes(50)]
    index = ImageIndex.of(enumerate(hashes[:40]))
    for id_ in range(40, 50):
        index.add(id_, hashes[id_])
    for id_ in (3, 39, 41, 49):
        index.remove(id_)
        assert id_ not in index
        assert index.search(hashes[id_]) == []
    words = [np.frombuffer(hashes[id_], dtype="<u8") for id_ in (3, 39, 41, 49)]
    assert len(index) == 46
    stored = index.to_bytes()
    for row in words:
        assert not any(word.tobytes() in stored for word in row)
        assert not np.isin(row, index._tables.hashes).any()
        assert not np.isin(row, index._tail).any()
    assert index.search(hashes[4]) == [(4, 0)]


def test_removing_much_compacts_by_itself():
    hashes = drawn_hashes(image_index.TAIL_LIMIT + 100)
    index = ImageIndex.of_arrays(np.arange(len(hashes)), hashes)
    for id_ in range(image_index.TAIL_LIMIT + 1):
        index.remove(id_)
    assert len(index._tables.ids) == len(index) == 99


def test_a_removed_id_may_come_again_with_another_hash():
    index = ImageIndex.of([(1, bytes(32))])
    index.remove(1)
    index.add(1, b"\xff" * 32)
    index.compact()
    assert index.search(bytes(32)) == []
    assert index.search(b"\xff" * 32) == [(1, 0)]


def test_an_index_in_a_file_is_searched_without_being_loaded(many, tmp_path: Path):
    known, index = many
    path = tmp_path / "known"
    with path.open("wb") as file:
        index.write(file)
    opened = open_index(path)
    assert isinstance(opened._tables.hashes.base, np.ndarray)
    assert not opened._tables.hashes.flags.owndata
    for bits in list(known.values())[:50]:
        assert opened.search(bits) == index.search(bits)
    opened.add(10**12, b"\x0f" * 32)
    gone, its_bits = next(iter(known.items()))
    opened.remove(gone)
    opened.compact()
    assert opened.search(b"\x0f" * 32) == [(10**12, 0)]
    assert gone not in {near.id for near in opened.search(its_bits)}


def test_bytes_that_are_no_whole_index_are_refused(tmp_path: Path):
    stored = ImageIndex.of(enumerate(bits.tobytes() for bits in drawn_hashes(10))).to_bytes()
    changed = bytearray(stored)
    changed[100] ^= 1
    for data, reason in (
        (b"", "not an index"),
        (b"PK\x03\x04" + bytes(100), "not an index"),
        (stored[:-1], "cut off"),
        (stored + b"\0", "cut off"),
        (bytes(changed), "checksum"),
    ):
        with pytest.raises(UnreadableIndex, match=reason):
            ImageIndex.from_buffer(data)
    (tmp_path / "empty").touch()
    with pytest.raises(UnreadableIndex, match="too short"):
        open_index(tmp_path / "empty")


def test_a_million_pictures_would_take_108_megabytes():
    few, more = (ImageIndex.of_arrays(np.arange(count), drawn_hashes(count)).nbytes for count in (1_000, 11_000))
    assert (more - few) * 100 + few <= 110_000_000


def test_writing_gives_the_same_bytes_whatever_the_order_of_adding():
    pairs = [(id_, bits.tobytes()) for id_, bits in enumerate(drawn_hashes(300))]
    index = ImageIndex.of(pairs[200:])
    for id_, bits in reversed(pairs[:200]):
        index.add(id_, bits)
    file = io.BytesIO()
    index.write(file)
    assert file.getvalue() == ImageIndex.of(pairs).to_bytes()


class KeptLikeADictionary(RuleBasedStateMachine):
    """Whatever is added, removed, merged, written and read, in whatever order: ``search`` says what comparing says."""

    ids = Bundle("ids")

    def __init__(self):
        super().__init__()
        self.index, self.known, self.last_id = ImageIndex(), {}, 0

    @rule(
        target=ids,
        # Few families of hashes, so that searches find something.
        family=st.integers(0, 3),
        turned=st.lists(st.integers(0, 255), max_size=40),
        count=st.integers(1, 3),
    )
    def add(self, family, turned, count):
        added = range(self.last_id + 1, self.last_id + 1 + count)
        for id_ in added:
            self.known[id_] = with_bits_turned(bytes([family * 85]) * 32, [*turned, id_ % 256])
            self.index.add(id_, self.known[id_])
        self.last_id += count
        return multiple(*added)

    @rule(id_=consumes(ids))
    def remove(self, id_):
        self.index.remove(id_)
        del self.known[id_]

    @rule()
    def compact(self):
        self.index.compact()

    @rule()
    def write_and_read(self):
        self.index = ImageIndex.from_buffer(self.index.to_bytes())

    @rule(family=st.integers(0, 3), turned=st.lists(st.integers(0, 255), max_size=40), radius=st.integers(0, 31))
    def search(self, family, turned, radius):
        wanted = with_bits_turned(bytes([family * 85]) * 32, turned)
        assert self.index.search(wanted, radius) == one_by_one(self.known, wanted, radius)

    @invariant()
    def knows_what_was_added(self):
        assert len(self.index) == len(self.known)
        assert all(id_ in self.index for id_ in self.known)


TestKeptLikeADictionary = KeptLikeADictionary.TestCase
