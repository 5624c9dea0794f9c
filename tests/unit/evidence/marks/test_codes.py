"""A codeword is coins to whoever lacks the seed, and the chance stated for agreeing with a leak is never too small."""

from __future__ import annotations

import hashlib
import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.leaks import seed
from habeas.evidence.core.marks.codes import (
    BadSeed,
    Order,
    Reading,
    Signs,
    agreements,
    corrected,
    log10_chance,
    place,
    seed_commitment,
    signs,
)

SEED = seed(0)
seeds = st.binary(min_size=32, max_size=32)
counts = st.integers(0, 700)


@given(seeds, st.text(max_size=8), counts, counts)
def test_a_longer_codeword_begins_with_a_shorter_one(some, label, one, other):
    short, long = sorted((one, other))
    assert (signs(some, label, long)[:short] == signs(some, label, short)).all()


def test_a_codeword_is_the_bits_of_hmac():
    """Oracle: the bits written out by hand from the standard library."""
    import hmac

    block = hmac.new(SEED, b"signs\x00text/gap\x00" + bytes(4), hashlib.sha256).digest()
    bits = "".join(f"{byte:08b}" for byte in block)
    assert signs(SEED, "text/gap", 256).tolist() == [1 if bit == "1" else -1 for bit in bits]


def test_codewords_of_copies_and_of_kinds_of_marks_have_nothing_in_common():
    rows = np.array([signs(seed(n), label, 4096) for n in range(20) for label in ("a", "b")], dtype=int)
    apart = np.abs(rows @ rows.T - 4096 * np.eye(40, dtype=int)) / math.sqrt(4096)
    assert apart.max() < 5


@pytest.mark.parametrize("short", [b"", b"x" * 31, b"x" * 33])
def test_a_seed_of_another_length_is_refused(short):
    for refused in (lambda: seed_commitment(short), lambda: signs(short, "a", 1), lambda: place(short, "a", b"")):
        with pytest.raises(BadSeed, match="32 bytes"):
            refused()


def test_the_ledger_holds_the_hash_of_the_seed():
    assert seed_commitment(SEED) == hashlib.sha256(SEED).digest()


weights = st.lists(st.floats(0.05, 3) | st.floats(-3, -0.05), min_size=1, max_size=9)


@given(weights, st.integers(0, 511))
@settings(max_examples=60, deadline=None)
def test_the_stated_chance_is_never_below_the_true_one(sizes, flips):
    """Oracle: every row of coin flips counted out."""
    sizes = np.array(sizes)
    rows = np.array(list(product((-1, 1), repeat=len(sizes))))
    totals = rows @ sizes
    score = float(totals[flips % len(totals)])
    true = float((totals >= score - 1e-9).mean())
    assert 10 ** log10_chance(score, sizes, [], float(np.linalg.norm(sizes))) >= true * (1 - 1e-6)


@pytest.mark.parametrize("count", [8, 30, 200])
def test_full_agreement_is_as_unlikely_as_that_many_coins(count):
    reading = Reading("all", (Signs("a", signs(SEED, "a", count).astype(float)),))
    found = agreements(reading, [SEED])[0]
    assert found.log10_chance == pytest.approx(-count * math.log10(2), abs=1e-3)
    assert found.share == 1.0
    assert reading.marks == count
    assert reading.strongest_log10 == pytest.approx(found.log10_chance, abs=1e-3)


@pytest.mark.parametrize("count", [5, 12])
def test_a_whole_list_in_order_is_as_unlikely_as_one_order_of_all(count):
    items = sorted((bytes([n]) for n in range(count)), key=lambda item: place(SEED, "order/x", item))
    found = agreements(Reading("order", (), (Order("order/x", tuple(items)),)), [SEED, seed(1)])
    assert found[0].log10_chance == pytest.approx(-math.log10(math.factorial(count)), abs=1e-3)
    assert found[1].log10_chance > found[0].log10_chance


def test_signs_and_orders_add_up():
    one = Reading("signs", (Signs("a", signs(SEED, "a", 15).astype(float)),))
    items = tuple(sorted((bytes([n]) for n in range(9)), key=lambda item: place(SEED, "order/x", item)))
    both = Reading("both", one.signs, (Order("order/x", items),))
    assert agreements(both, [SEED])[0].log10_chance == pytest.approx(
        agreements(one, [SEED])[0].log10_chance - math.log10(math.factorial(9)), abs=1e-3
    )


def test_strangers_score_high_no_more_often_than_is_stated():
    """20,000 copies that have nothing to do with a lopsided reading: each stated chance is kept to."""
    chance = np.random.default_rng(7)
    reading = Reading("noise", (Signs("a", chance.exponential(size=900) ** 2 * chance.choice([-1, 1], 900)),))
    found = agreements(reading, [seed(n) for n in range(20_000)])
    stated = np.array([each.log10_chance for each in found])
    for power in (1.5, 2, 3):
        assert (stated <= -power).mean() <= 10**-power
    deviations = np.array([each.deviations for each in found])
    assert abs(deviations.mean()) < 0.03
    assert deviations.std() == pytest.approx(1, abs=0.02)


@given(counts, st.integers(0, 40))
@settings(max_examples=30, deadline=None)
def test_two_who_put_their_copies_together_cannot_both_get_away(kept, where):
    """Where both copies agree they know of no choice. Whatever they do elsewhere, one scores half of all marks."""
    one, other = signs(seed(1), "a", 400).astype(float), signs(seed(2), "a", 400).astype(float)
    chosen = np.where(np.arange(400) * (where + 1) % 401 < kept, one, other)
    assert max(chosen @ one, chosen @ other) >= (one @ other + 400) / 2


def test_a_reading_of_nothing_speaks_for_nobody():
    found = agreements(Reading("nothing", (Signs("a", np.zeros(9)),)), [SEED])
    assert [(each.deviations, each.share, each.log10_chance) for each in found] == [(0.0, 0.5, 0.0)]


def test_the_chance_is_corrected_for_all_comparisons():
    assert corrected(-9, 1000) == pytest.approx(1e-6)
    assert corrected(-1, 1000) == 1.0
    assert corrected(-4000, 3) == 0.0
