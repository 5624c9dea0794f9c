"""Sealing streams: opens whole and in order with the right key in the right place, and nothing else."""

from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.access.core import envelope
from habeas.access.core.envelope import (
    BLOCK_BYTES,
    HEADER_BYTES,
    TAG_BYTES,
    CannotOpen,
    seal,
    seal_stream,
    unseal,
    unseal_stream,
)

KEY = bytes(range(32))
SEALED_BLOCK = BLOCK_BYTES + TAG_BYTES


def sealed(content: bytes, context: str = "item/1", key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    assert seal_stream(key, io.BytesIO(content), out, context) == len(out.getvalue())
    return out.getvalue()


def opened(stream: bytes, context: str = "item/1", key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    assert unseal_stream(key, io.BytesIO(stream), out, context) == len(out.getvalue())
    return out.getvalue()


def refused(stream: bytes, **others: object) -> str:
    with pytest.raises(CannotOpen) as refusal:
        opened(stream, **others)
    return str(refusal.value)


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 16 bytes, so that streams of many blocks are quick to try in every way."""
    monkeypatch.setattr(envelope, "BLOCK_BYTES", 16)


def parts_of(stream: bytes, block: int = 16) -> list[bytes]:
    step, body = block + TAG_BYTES, stream[HEADER_BYTES:]
    return [stream[:HEADER_BYTES], *(body[i : i + step] for i in range(0, len(body), step))]


class Trickle:
    """A reader that gives less than it is asked for, as a socket does."""

    def __init__(self, content: bytes, most: int) -> None:
        self._stream, self._most = io.BytesIO(content), most

    def read(self, size: int) -> bytes:
        return self._stream.read(min(size, self._most))


@pytest.mark.parametrize("size", [0, 1, 15, 16, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES])
def test_a_sealed_stream_opens_again_whatever_its_length(size):
    content = bytes(size)
    stream = sealed(content)
    assert opened(stream) == content
    blocks = max(1, -(-size // BLOCK_BYTES))
    assert len(stream) == HEADER_BYTES + size + blocks * TAG_BYTES


@given(content=st.binary(max_size=200), most=st.integers(1, 40), context=st.text(max_size=20))
def test_a_reader_that_gives_little_at_a_time_changes_nothing(content, most, context):
    out, back = io.BytesIO(), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "BLOCK_BYTES", 16)
        seal_stream(KEY, Trickle(content, most), out, context)
        unseal_stream(KEY, Trickle(out.getvalue(), most), back, context)
    assert back.getvalue() == content


@given(st.binary(max_size=300), st.text(max_size=20))
def test_values_sealed_before_there_were_streams_still_open(content, context):
    assert opened(seal(KEY, content, context), context) == content


def test_a_stream_opens_as_a_value_too():
    assert unseal(KEY, sealed(b"Lindengracht"), "item/1") == b"Lindengracht"


def test_the_same_content_never_looks_the_same():
    assert sealed(b"Lindengracht")[1:] != sealed(b"Lindengracht")[1:]


@pytest.mark.parametrize(
    "others", [pytest.param({"key": bytes(32)}, id="another-key"), pytest.param({"context": "item/2"}, id="elsewhere")]
)
def test_another_key_or_place_opens_nothing(others):
    assert "Lindengracht" not in refused(sealed(b"Lindengracht 212"), **others)


def test_a_stream_cut_anywhere_is_refused(small_blocks):
    stream = sealed(bytes(range(50)))
    for length in range(len(stream)):
        refused(stream[:length])


@given(st.data())
def test_any_changed_byte_is_refused(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "BLOCK_BYTES", 16)
        stream = bytearray(sealed(data.draw(st.binary(max_size=70))))
        place = data.draw(st.integers(0, len(stream) - 1))
        stream[place] ^= data.draw(st.integers(1, 255))
        refused(bytes(stream))


@given(st.data())
def test_blocks_in_any_other_order_or_number_are_refused(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(envelope, "BLOCK_BYTES", 16)
        stream = sealed(bytes(range(80)))
        header, *blocks = parts_of(stream)
        other = data.draw(st.lists(st.sampled_from(blocks), max_size=8))
        if other == blocks:
            assert opened(header + b"".join(other)) == bytes(range(80))
        else:
            refused(header + b"".join(other))


@pytest.mark.parametrize("added", [b"\x00", bytes(TAG_BYTES), bytes(SEALED_BLOCK)])
def test_what_is_added_at_the_end_is_refused(added):
    refused(sealed(b"Lindengracht") + added)
    refused(sealed(bytes(BLOCK_BYTES)) + added)


def test_blocks_of_another_stream_of_the_same_key_and_place_are_refused(small_blocks):
    header, first, *_ = parts_of(sealed(bytes(48)))
    _, _, *rest = parts_of(sealed(bytes(48)))
    refused(header + first + b"".join(rest))


def test_a_header_of_another_stream_is_refused(small_blocks):
    one, other = parts_of(sealed(bytes(48))), parts_of(sealed(bytes(48)))
    refused(other[0] + b"".join(one[1:]))


def test_nothing_of_a_changed_block_is_given_out(small_blocks):
    stream = bytearray(sealed(b"0123456789abcdef" * 3))
    stream[HEADER_BYTES + 32 + 3] ^= 1  # in the second block
    out = io.BytesIO()
    with pytest.raises(CannotOpen, match="block 1 does not open"):
        unseal_stream(KEY, io.BytesIO(bytes(stream)), out, "item/1")
    assert out.getvalue() == b"0123456789abcdef"


def test_a_stream_too_long_to_number_its_blocks_is_refused(small_blocks, monkeypatch):
    monkeypatch.setattr(envelope, "_MOST_BLOCKS", 3)
    assert opened(sealed(bytes(48))) == bytes(48)
    with pytest.raises(envelope.TooLong):
        sealed(bytes(49))


@given(st.binary(max_size=300))
def test_bytes_that_were_never_sealed_are_refused(noise):
    refused(noise)
    with pytest.raises(CannotOpen):
        unseal(KEY, noise, "item/1")


def test_a_stream_follows_its_written_format():
    """Opened here with nothing but the description at the head of the module."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    stream = sealed(b"a" * (1 << 20) + b"Lindengracht", "item/7")
    header, salt, prefix = stream[:40], stream[1:33], stream[33:40]
    key = HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"habeas sealed stream, version 2").derive(KEY)
    first, second = stream[40 : 40 + (1 << 20) + 16], stream[40 + (1 << 20) + 16 :]
    bound = header + b"item/7"
    assert header[:1] == b"\x02"
    assert AESGCM(key).decrypt(prefix + b"\0\0\0\0\0", first, bound) == b"a" * (1 << 20)
    assert AESGCM(key).decrypt(prefix + b"\0\0\0\1\1", second, bound) == b"Lindengracht"


def test_memory_does_not_grow_with_the_length_of_a_stream():
    class Zeros:
        def __init__(self, size: int) -> None:
            self.left = size

        def read(self, size: int) -> bytes:
            given = min(size, self.left)
            self.left -= given
            return bytes(given)

    class Nothing:
        def write(self, data: bytes) -> None:
            pass

    def peak(blocks: int) -> int:
        tracemalloc.start()
        seal_stream(KEY, Zeros(blocks * BLOCK_BYTES), Nothing(), "item/1")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(64) < peak(4) + BLOCK_BYTES // 2
