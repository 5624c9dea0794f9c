"""References people read aloud, and receipts only their holder knows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.kernel.ids import RECEIPT_BITS, keyed_digest, new_reference, read_receipt, receipt_for

KEY = b"k" * 32


def test_a_receipt_carries_eighty_bits_in_four_groups():
    assert RECEIPT_BITS == 80
    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", receipt_for(KEY, "form"))


def test_the_same_form_has_the_same_receipt_and_another_another():
    receipts = {receipt_for(KEY, str(number)) for number in range(500)}
    assert len(receipts) == 500
    assert receipt_for(KEY, "1") == receipt_for(KEY, "1")
    assert receipt_for(b"other" * 7, "1") != receipt_for(KEY, "1")


@given(st.text(min_size=1))
def test_a_receipt_is_read_however_it_is_typed(submission):
    receipt = receipt_for(KEY, submission)
    sloppy = receipt.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert read_receipt(sloppy) == receipt


@pytest.mark.parametrize("typed", ["", "ABCD", "7KQ2-M9XD-40RT-HW8C-1", "7KQ2-M9XD-40RT-HW8*", "é" * 16])
def test_what_cannot_be_a_receipt_is_none(typed):
    assert read_receipt(typed) is None


def test_a_reference_is_short_and_says_what_it_is():
    assert re.fullmatch(r"HB-[0-9A-HJKMNP-TV-Z]{6}", new_reference())


def test_digests_of_one_purpose_say_nothing_about_another():
    assert keyed_digest(KEY, "receipt", "x") != keyed_digest(KEY, "link", "x")
