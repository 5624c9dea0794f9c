"""The codeword of a copy, and the chance that a copy agrees with a leak by accident.

A copy's codeword is a row of signs +1 or -1 that follow from its 32-byte seed by HMAC-SHA-256. To whoever lacks the
seed they are flips of a fair coin. Reading a leak gives a weight per position: how strongly the leak speaks for +1
(above 0) or for -1 (below), 0 where nothing could be read. A copy's score is the sum of its signs times these weights.

A copy from which the leak was not made has flipped its coins without knowing the leak. So, whatever was done to the
leak and however noisy the reading is, its score is a sum of coin flips of known sizes, and Chernoff's bound holds for
the chance that it reaches a value. This needs no model of pictures, printers or people; only that weights never depend
on the codeword they are compared with, which is why every reading in this package takes the unmarked original and no
seed. Copies compared and kinds of marks tried are paid for by Bonferroni's correction.

The order of a list adds its Kendall agreement: for a random order that is a sum of independent uniform steps, so the
same bound covers both together.

Sources: Neyman and Pearson, 1933 (the test by likelihood ratio, here linear in the weights); Hoeffding, 1963, and
Chernoff, 1952 (the bound); Boneh and Shaw, Collusion-Secure Fingerprinting for Digital Data, 1998 (what colluders can
do).
"""

from __future__ import annotations

import bisect
import hashlib
import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    CodeSigns = NDArray[np.int8]

SEED_BYTES = 32
# A copy is named where the chance of naming any wrong one is at most this.
ACCUSE_BELOW = 1e-6
_BITS_PER_BLOCK = 256


class BadSeed(ValueError):
    """A seed that is not 32 bytes: a shorter one could be guessed."""


@dataclass(frozen=True)
class Signs:
    """What was read at the positions of one codeword.

    label:     which codeword of the copy: each kind of mark, and each page, has its own
    weights:   one a position, first position first; above 0 speaks for +1, 0 where nothing was read
    """

    label: str
    weights: Floats


@dataclass(frozen=True)
class Order:
    """Items of one list in the order in which they were seen, each named by the bytes that its place follows from."""

    label: str
    seen: tuple[bytes, ...]


@dataclass(frozen=True)
class Reading:
    """Everything one way of reading found in a leak, against one original. Nothing in it depends on any seed."""

    what: str
    signs: tuple[Signs, ...] = ()
    orders: tuple[Order, ...] = field(default=())

    @property
    def marks(self) -> int:
        """How many marks could be read, faint ones counted for less; an item of an order is one, from the second on."""
        total = sum(float(abs(each.weights).sum()) for each in self.signs)
        square = sum(float(each.weights @ each.weights) for each in self.signs)
        in_orders = sum(max(0, len(each.seen) - 1) for each in self.orders)
        return (round(total * total / square) if square else 0) + in_orders

    @property
    def strongest_log10(self) -> float:
        """log10 of about the chance that a copy agrees by accident with all that was read: no verdict goes below."""
        in_orders = sum(max(0, len(each.seen) - 1) for each in self.orders)
        orders = sum(math.lgamma(len(each.seen) + 1) for each in self.orders)
        return -((self.marks - in_orders) * math.log(2) + orders) / math.log(10)


@dataclass(frozen=True)
class Agreement:
    """How well one copy's codeword agrees with a reading.

    deviations:   score in standard deviations of a copy that has nothing to do with the leak (about 0 for such a copy)
    share:        share of what was read, by weight, that agrees, 0..1; 0.5 is what chance gives
    log10_chance: log10 of an upper bound on the chance that such a copy scores as high; before any correction
    """

    deviations: float
    share: float
    log10_chance: float


def seed_commitment(seed: bytes) -> bytes:
    """What the ledger holds of a seed: its SHA-256, 32 bytes. A seed has 256 bits, so this tells nothing of it."""
    return hashlib.sha256(_checked(seed)).digest()


def signs(seed: bytes, label: str, count: int) -> CodeSigns:
    """The first ``count`` signs (+1 or -1) of a copy's codeword for a kind of mark. A longer row begins with a shorter.

    Raises BadSeed.
    """
    import numpy as np

    _checked(seed)
    blocks = range(math.ceil(count / _BITS_PER_BLOCK))
    stream = b"".join(_block(seed, label, number) for number in blocks)
    bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8), count=count)
    return (bits.astype(np.int8) << 1) - np.int8(1)


def place(seed: bytes, label: str, item: bytes) -> bytes:
    """By what an item of a list is sorted in a copy: 32 bytes, another order for each seed. Raises BadSeed."""
    return hmac.digest(_checked(seed), b"order\x00" + label.encode() + b"\x00" + item, "sha256")


def agreements(reading: Reading, seeds: Sequence[bytes]) -> list[Agreement]:
    """How each seed's codeword agrees with a reading, in the order given. Raises BadSeed.

    Time and memory: signs are made a few hundred seeds at a time, so thousands of copies of a large picture are fine.
    """
    import numpy as np

    weights = [each.weights.astype(np.float64) for each in reading.signs]
    orders = [each for each in reading.orders if len(each.seen) > 1]
    order_weights = [_order_weight(len(each.seen)) for each in orders]
    variance = sum(float(each @ each) for each in weights)
    variance += sum(w * w * _order_variance(len(each.seen)) for w, each in zip(order_weights, orders, strict=True))
    top = sum(float(np.abs(each).sum()) for each in weights)
    top += sum(w * math.comb(len(each.seen), 2) for w, each in zip(order_weights, orders, strict=True))
    if variance == 0:
        return [Agreement(0.0, 0.5, 0.0) for _ in seeds]
    scores = np.zeros(len(seeds))
    for each, weight in zip(reading.signs, weights, strict=True):
        scores += _scores(seeds, each.label, weight)
    for each_order, w in zip(orders, order_weights, strict=True):
        scores += [w * _concordance(seed, each_order) for seed in seeds]
    scores = np.minimum(scores, top)
    flat = np.concatenate(weights) if weights else np.zeros(0)
    steps = [(w, len(each.seen)) for w, each in zip(order_weights, orders, strict=True)]
    deviation = math.sqrt(variance)
    return [
        Agreement(
            float(score) / deviation,
            0.5 + float(score) / (2 * top),
            log10_chance(float(score), flat[flat != 0], steps, deviation),
        )
        for score in scores
    ]


def log10_chance(score: float, weights: Floats, orders: Sequence[tuple[float, int]], deviation: float) -> float:
    """log10 of an upper bound on the chance that coin flips of these sizes, and random orders, add up to the score.

    weights:   sizes of the flips, none 0
    orders:    (weight of one pair, number of items) per list
    deviation: standard deviation of the whole sum
    The bound is Chernoff's with the best exponent; where everything agrees it is exact: 2 ** -flips / items!.
    Scores below two standard deviations are given the chance 1: nobody is named by those, and there are thousands.
    """
    if score <= 2 * deviation:
        return 0.0

    def exponent(log_rate: float) -> float:
        rate = math.exp(log_rate)
        return _log_moment(rate, weights, orders) - rate * score

    # Convex in the rate, so its logarithm has one lowest point too; any rate gives a true bound, the best the least.
    low, high = math.log(1e-3 / deviation), math.log(1e6 / deviation)
    golden = (math.sqrt(5) - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = exponent(left), exponent(right)
    for _ in range(48):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = exponent(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = exponent(right)
    return min(0.0, at_left, at_right) / math.log(10)


def corrected(log10_chance: float, tests: int) -> float:
    """The chance after Bonferroni's correction for so many tests, at most 1; 0.0 where it is too small for a float."""
    log10 = log10_chance + math.log10(max(1, tests))
    return 0.0 if log10 < -300 else min(1.0, 10**log10)


def _checked(seed: bytes) -> bytes:
    if len(seed) != SEED_BYTES:
        raise BadSeed(f"the seed of a marked copy has {SEED_BYTES} bytes, not {len(seed)}")
    return seed


def _block(seed: bytes, label: str, number: int) -> bytes:
    return hmac.digest(seed, b"signs\x00" + label.encode() + b"\x00" + number.to_bytes(4, "big"), "sha256")


def _scores(seeds: Sequence[bytes], label: str, weights: Floats) -> Floats:
    import numpy as np

    # Blocks in which nothing was read need no codeword: a cropped page is mostly such.
    count = len(weights)
    blocks = np.unique(np.flatnonzero(weights) // _BITS_PER_BLOCK)
    if not len(blocks):
        return np.zeros(len(seeds))
    padded = np.zeros(math.ceil(count / _BITS_PER_BLOCK) * _BITS_PER_BLOCK)
    padded[:count] = weights
    used = padded.reshape(-1, _BITS_PER_BLOCK)[blocks].ravel()
    scores = np.empty(len(seeds))
    at_once = max(1, 2_000_000 // len(used))
    for first in range(0, len(seeds), at_once):
        some = seeds[first : first + at_once]
        stream = b"".join(_block(_checked(seed), label, int(number)) for seed in some for number in blocks)
        bits = np.unpackbits(np.frombuffer(stream, dtype=np.uint8)).reshape(len(some), -1)
        # In 64 bits: a score a hair above what full agreement can give would make its chance too small.
        scores[first : first + at_once] = 2 * (bits.astype(np.float64) @ used) - used.sum()
    return scores


def _concordance(seed: bytes, order: Order) -> int:
    """Pairs in the same order as in the seed's copy, less pairs in the other order."""
    before: list[bytes] = []
    agreeing = 0
    for item in order.seen:
        its = place(seed, order.label, item)
        at = bisect.bisect(before, its)
        agreeing += 2 * at - len(before)
        before.insert(at, its)
    return agreeing


def _order_variance(count: int) -> float:
    return count * (count - 1) * (2 * count + 5) / 18


def _order_weight(count: int) -> float:
    """What a pair weighs beside a sign of weight 1: mean over variance, as for the signs, so that evidence adds up."""
    return math.comb(count, 2) / _order_variance(count)


def _log_moment(rate: float, weights: Floats, orders: Sequence[tuple[float, int]]) -> float:
    """The logarithm of the moment generating function of the sum, for whoever has nothing to do with the leak."""
    import numpy as np

    sizes = np.abs(weights) * rate
    total = float((sizes + np.log1p(np.exp(-2 * sizes)) - math.log(2)).sum())
    for weight, count in orders:
        step = weight * rate
        # The k-th item is placed among k-1 others: a uniform step of -(k-1), -(k-3) … k-1 pairs.
        total += sum(_log_uniform(step, k) for k in range(2, count + 1))
    return total


def _log_uniform(rate: float, count: int) -> float:
    """log of the mean of exp(rate * x) over x = -(count-1), -(count-3) … count-1."""
    if rate * count < 1e-4:
        return rate * rate * (count * count - 1) / 6
    return (count - 1) * rate + math.log(-math.expm1(-2 * count * rate)) - math.log(-math.expm1(-2 * rate) * count)
