"""The wording of a text as keyed numbers: sampled grams that survive rewriting, reordering and disguise.

A text is folded until its disguises are gone (letter-likes, leet, marks, blanks and punctuation), cut into grams of
``GRAM`` characters at every place, and each gram is put through AES under the registry's key. What comes out orders the
grams at random but always the same way, so two texts that share grams sample the same ones (bottom-k sketches).
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import numpy as np
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from numpy.typing import NDArray

from habeas.exposure.core.normalise import LETTER_FORMS, LOOK_ALIKES

# Long enough to be rare in a million texts, short enough to survive every third word changing: bench/known_texts.py.
GRAM = 11
KEY_BYTES = 16

# Written for one another, so folded into one; what stands for i and l (or for punctuation) is left out on both sides.
_LEET = {"0": "o", "3": "e", "4": "a", "@": "a", "5": "s", "$": "s", "7": "t", "8": "b", "9": "g", "€": "e", "6": "g"}
_LEFT_OUT = frozenset("il1!|")
# Two odd multipliers of 64 bits; any would do.
_BASES = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))

Codes = NDArray[np.uint32]
Numbers = NDArray[np.uint64]


def folded(text: str) -> Codes:
    """The letters and digits of a text, as code points, without what rewriting by machine or by hand disguises."""
    if text.isascii():
        plain = text.encode("ascii").translate(_ascii_table(), _ascii_left_out())
        return np.array(np.frombuffer(plain, np.uint8), np.uint32)
    wide = unicodedata.normalize("NFKD", text.casefold()).encode("utf-32-le", "surrogatepass")
    seen, places = np.unique(np.frombuffer(wide, np.uint32), return_inverse=True)
    codes: Codes = np.array([_kept_code(code) for code in seen.tolist()], np.uint32)[places]
    kept: Codes = codes[codes != 0]
    return kept


def keyed_grams(codes: Codes, key: bytes) -> tuple[Numbers, NDArray[np.int64]]:
    """The different grams of a folded text under a key, and where each first stands.

    codes: from ``folded``
    key:   ``KEY_BYTES`` bytes
    Returns (numbers, places): 64-bit numbers in rising order, so that the first are the sample; and the place of each
    in ``codes``.
    """
    count = len(codes) - GRAM + 1
    if count <= 0:
        return np.empty(0, np.uint64), np.empty(0, np.int64)
    wide = codes.astype(np.uint64)
    blocks = np.zeros((count, 2), np.uint64)
    for column, base in enumerate(_BASES):
        total = blocks[:, column]
        for place in range(GRAM):
            total *= base
            total += wide[place : place + count]
    enciphered = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(blocks.tobytes())  # noqa: S305
    numbers, places = np.unique(np.frombuffer(enciphered, np.uint64)[::2], return_index=True)
    return numbers, places


@cache
def _ascii_table() -> bytes:
    return bytes(ord(_LEET.get(chr(code).lower(), chr(code).lower())) for code in range(128)) + bytes(range(128, 256))


@cache
def _ascii_left_out() -> bytes:
    return bytes(code for code in range(128) if _kept(chr(code)) == "")


@lru_cache(maxsize=65_536)
def _kept_code(code: int) -> int:
    """The code point that one stands for; 0 where it is left out."""
    kept = _kept(chr(code))
    return ord(kept) if kept else 0


def _kept(character: str) -> str:
    character = LETTER_FORMS.get(character, LOOK_ALIKES.get(character, character)).casefold()
    if character in _LEFT_OUT:
        return ""
    character = _LEET.get(character, character)
    return character if len(character) == 1 and unicodedata.category(character)[0] in "LN" else ""
