"""Known pictures on disk: found by near hashes, disguised in the files, gone at once when withdrawn."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.exposure.core.pdq import distance
from habeas.exposure.registry import pictures
from habeas.exposure.registry.folder import BrokenRegistry
from habeas.exposure.registry.pictures import Pictures

KEY = b"a key for the tests, 32 bytes ok"
OTHER = b"another key for the tests, 32 by"


def a_hash(seed: int) -> bytes:
    return random.Random(seed).randbytes(32)  # noqa: S311


def with_bits_turned(bits: bytes, count: int, seed: int = 1) -> bytes:
    turned = int.from_bytes(bits, "big")
    for place in random.Random(seed).sample(range(256), count):  # noqa: S311
        turned ^= 1 << place
    return turned.to_bytes(32, "big")


def test_near_pictures_are_found_and_far_ones_are_not(tmp_path: Path) -> None:
    made = Pictures(tmp_path, KEY)
    made.rebuild((entry, a_hash(entry)) for entry in range(500))
    for entry in (0, 99, 499):
        for turned in (0, 12, 31):
            assert [tuple(n) for n in made.search(with_bits_turned(a_hash(entry), turned))] == [(entry, turned)]
        assert made.search(with_bits_turned(a_hash(entry), 32)) == []


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_the_disguise_keeps_every_distance(one: bytes, other: bytes) -> None:
    made = Pictures(Path("unused"), KEY)
    assert distance(made.disguised(one), made.disguised(other)) == distance(one, other)


def test_the_files_hold_no_hash_as_it_is_and_refuse_another_key(tmp_path: Path) -> None:
    made = Pictures(tmp_path, KEY)
    made.rebuild((entry, a_hash(entry)) for entry in range(20))
    made.add(20, a_hash(20))
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for entry in range(21):
        words = [a_hash(entry)[place : place + 8] for place in range(0, 32, 8)]
        assert not any(word in files or word[::-1] in files for word in words)
    with pytest.raises(BrokenRegistry, match="another key"):
        Pictures(tmp_path, OTHER).search(a_hash(1))
    assert distance(made.disguised(a_hash(1)), Pictures(tmp_path, OTHER).disguised(a_hash(1))) > 60


def test_a_withdrawn_picture_is_in_no_file(tmp_path: Path) -> None:
    made = Pictures(tmp_path, KEY)
    other = Pictures(tmp_path, KEY)
    for entry in range(10):
        made.add(entry, a_hash(entry))
    assert [n.id for n in other.search(a_hash(4))] == [4]
    stored = made.disguised(a_hash(4))
    assert made.withdraw(4)
    assert not made.withdraw(4)
    assert other.search(a_hash(4)) == []
    assert [n.id for n in other.search(a_hash(5))] == [5]
    files = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert stored not in files
    assert not any(stored[place : place + 8] in files for place in range(0, 32, 8))


@settings(max_examples=30)
@given(st.lists(st.tuples(st.sampled_from(["add", "withdraw", "reopen"]), st.integers(0, 8)), max_size=16))
def test_the_pictures_held_are_those_added_and_not_withdrawn(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    made = Pictures(tmp_path_factory.mktemp("pictures"), KEY)
    held: set[int] = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pictures, "JOURNAL_PICTURES", 5)
        for what, entry in steps:
            if what == "add":
                made.add(entry, a_hash(entry))
                held.add(entry)
            elif what == "withdraw":
                assert made.withdraw(entry) == (entry in held)
                held.discard(entry)
            else:
                made = Pictures(made.folder, KEY)
    assert len(made) == len(held)
    assert [entry for entry in range(9) if made.search(a_hash(entry))] == sorted(held)


def test_damaged_files_say_what_to_do(tmp_path: Path) -> None:
    made = Pictures(tmp_path, KEY)
    made.rebuild((entry, a_hash(entry)) for entry in range(20))
    (snapshot,) = tmp_path.glob("pictures-*")
    content = bytearray(snapshot.read_bytes())
    content[-3] ^= 1
    snapshot.write_bytes(content)
    with pytest.raises(BrokenRegistry, match="habeas registry rebuild"):
        Pictures(tmp_path, KEY).search(a_hash(1))
