"""Encryption of what is personal: a data key per case, wrapped by a versioned key of the house.

Every sealed value is bound to its context (which field of which record), so that a value copied into another row does
not open. Destroying a case's data key makes everything sealed under it unreadable.

Version 1, for values held in memory: ``01 | nonce (12) | AES-256-GCM``, the context as associated data.

Version 2, for streams of any length: ``02 | salt (32) | prefix (7)``, then blocks of 1 MiB, each AES-256-GCM with a tag
of 16 bytes, only the last one shorter. The key of a stream follows from data key and salt (HKDF-SHA-256), so that no
number of streams wears out the data key. A block's nonce is ``prefix | number (4) | 1 for the last, else 0``, and its
associated data are header and context: a stream that was cut, extended, reordered or mixed with another does not open.
Source: Hoang, Reyhanitabar, Rogaway, Vizár, Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance,
CRYPTO 2015, the construction STREAM.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
BLOCK_BYTES = 1 << 20
SALT_BYTES = 32
PREFIX_BYTES = 7
HEADER_BYTES = 1 + SALT_BYTES + PREFIX_BYTES
_VERSION = b"\x01"
_STREAM = b"\x02"
_MOST_BLOCKS = 1 << 32


class CannotOpen(ValueError):
    """The sealed bytes do not open: another key, another context, or changed bytes. Says nothing of the content."""


class TooLong(ValueError):
    """More than a stream can number its blocks for: 4 PiB."""


class Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Writer(Protocol):
    def write(self, data: bytes, /) -> object: ...


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def seal(key: bytes, content: bytes, context: str) -> bytes:
    """Encrypt with AES-256-GCM; ``context`` must be given again to open. 29 bytes longer than the content."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return _VERSION + nonce + AESGCM(key).encrypt(nonce, content, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """What was sealed, as one value or as a stream. Raises CannotOpen."""
    if sealed[:1] == _STREAM:
        return b"".join(opened_blocks(key, io.BytesIO(sealed), context))
    if sealed[:1] != _VERSION:
        raise CannotOpen(f"{context}: not sealed by this version of Habeas")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, context.encode())
    # ValueError: too short to hold a nonce or a tag.
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(f"{context}: the key or the place is wrong, or the bytes were changed") from error


def seal_stream(key: bytes, reader: Reader, writer: Writer, context: str) -> int:
    """Encrypt whatever ``reader`` gives into ``writer``, a block at a time. Returns how many bytes were written.

    Raises TooLong.
    """
    written = 0
    for block in sealed_blocks(key, reader, context):
        writer.write(block)
        written += len(block)
    return written


def unseal_stream(key: bytes, reader: Reader, writer: Writer, context: str) -> int:
    """Write what was sealed (version 1 or 2) and return how many bytes that was. Raises CannotOpen.

    Each block is checked before it is written; that the stream was cut shows only at its end. So where this raises,
    what was written is a true beginning and no more: throw it away.
    """
    written = 0
    for block in opened_blocks(key, reader, context):
        writer.write(block)
        written += len(block)
    return written


def sealed_blocks(key: bytes, reader: Reader, context: str) -> Iterator[bytes]:
    """A sealed stream in pieces: the header, then block after block, at least one."""
    salt, prefix = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(PREFIX_BYTES)
    header = _STREAM + salt + prefix
    cipher, bound = AESGCM(_stream_key(key, salt)), header + context.encode()
    yield header
    block, number = _exactly(reader, BLOCK_BYTES), 0
    while True:
        # Whether a block is the last is part of its nonce, so the next one must be known first.
        following = _exactly(reader, BLOCK_BYTES) if len(block) == BLOCK_BYTES else b""
        yield cipher.encrypt(_nonce(prefix, number, last=not following), block, bound)
        if not following:
            return
        block, number = following, number + 1
        if number == _MOST_BLOCKS:
            raise TooLong(f"{context}: more than {_MOST_BLOCKS} blocks of {BLOCK_BYTES} bytes cannot be sealed as one")


def opened_blocks(key: bytes, reader: Reader, context: str) -> Iterator[bytes]:
    """What was sealed, in pieces, each checked before it is given. Complete only once this ends without CannotOpen."""
    version = _exactly(reader, 1)
    if version == _VERSION:
        yield unseal(key, version + _all(reader), context)
        return
    if version != _STREAM:
        raise CannotOpen(f"{context}: not sealed by this version of Habeas")
    rest = _exactly(reader, HEADER_BYTES - 1)
    if len(rest) != HEADER_BYTES - 1:
        raise CannotOpen(f"{context}: cut off before its first block")
    salt, prefix = rest[:SALT_BYTES], rest[SALT_BYTES:]
    cipher, bound = AESGCM(_stream_key(key, salt)), version + rest + context.encode()
    sealed_bytes = BLOCK_BYTES + TAG_BYTES
    block, number = _exactly(reader, sealed_bytes), 0
    while True:
        following = _exactly(reader, sealed_bytes) if len(block) == sealed_bytes else b""
        if number == _MOST_BLOCKS:
            raise CannotOpen(f"{context}: longer than anything that can be sealed")
        try:
            content = cipher.decrypt(_nonce(prefix, number, last=not following), block, bound)
        except (InvalidTag, ValueError) as error:
            raise CannotOpen(
                f"{context}: block {number} does not open: the key or the place is wrong, "
                "or the bytes were changed, cut or added to"
            ) from error
        yield content
        if not following:
            return
        block, number = following, number + 1


def _stream_key(key: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"habeas sealed stream, version 2").derive(key)


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\x01" if last else b"\x00")


def _exactly(reader: Reader, size: int) -> bytes:
    """``size`` bytes, or all there are: a reader may give less at a time than it was asked for."""
    piece = reader.read(size)
    if not piece or len(piece) == size:
        return piece
    pieces, missing = [piece], size - len(piece)
    while missing and (piece := reader.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _all(reader: Reader) -> bytes:
    pieces = []
    while piece := reader.read(BLOCK_BYTES):
        pieces.append(piece)
    return b"".join(pieces)
