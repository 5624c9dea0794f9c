"""A commitment binds to one original and one salt, and says nothing about either."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core.commitments import commitment, stamped_digest

SALT = b"\x01" * 32


@given(st.binary(), st.binary())
def test_another_original_is_another_commitment(one, other):
    same = commitment(SALT, hashlib.sha512(one).digest()) == commitment(SALT, hashlib.sha512(other).digest())
    assert same == (one == other)


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32))
def test_another_salt_is_another_commitment(one, other):
    digest = hashlib.sha512(b"+1-555-0142").digest()
    assert (commitment(one, digest) == commitment(other, digest)) == (one == other)


@pytest.mark.parametrize(("salt", "digest"), [(b"", b"x" * 64), (b"s" * 31, b"x" * 64), (SALT, b"x" * 32)])
def test_a_short_salt_is_refused_because_it_could_be_guessed(salt, digest):
    with pytest.raises(ValueError, match="needs a salt of 32"):
        commitment(salt, digest)


def test_what_is_stamped_is_a_digest_of_the_commitment():
    made = commitment(SALT, hashlib.sha512(b"a page").digest())
    assert stamped_digest(made) == hashlib.sha512(made).digest()
