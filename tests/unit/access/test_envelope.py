"""Sealing: opens with the right key in the right place, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.access.core.envelope import CannotOpen, new_key, seal, unseal

KEY = bytes(range(32))


@given(st.binary(max_size=2000), st.text(max_size=40))
def test_what_is_sealed_opens_again(content, context):
    assert unseal(KEY, seal(KEY, content, context), context) == content


def test_the_same_content_never_looks_the_same():
    assert seal(KEY, b"Lindengracht", "a") != seal(KEY, b"Lindengracht", "a")


@pytest.mark.parametrize(
    ("key", "context"),
    [pytest.param(new_key(), "report/1", id="another-key"), pytest.param(KEY, "report/2", id="another-place")],
)
def test_another_key_or_place_opens_nothing(key, context):
    with pytest.raises(CannotOpen) as refusal:
        unseal(key, seal(KEY, b"Lindengracht", "report/1"), context)
    assert "Lindengracht" not in str(refusal.value)


def test_any_changed_byte_is_noticed():
    sealed = seal(KEY, b"Lindengracht", "report/1")
    for place in range(len(sealed)):
        changed = bytes([*sealed[:place], sealed[place] ^ 1, *sealed[place + 1 :]])
        with pytest.raises(CannotOpen):
            unseal(KEY, changed, "report/1")
    with pytest.raises(CannotOpen):
        unseal(KEY, sealed[:-1], "report/1")
