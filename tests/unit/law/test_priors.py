"""What past cases teach: enough of them, never certainty, and no case in particular."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.law.core.priors import ENOUGH, Tally, learned, tallied


@given(st.integers(0, 10_000), st.data())
def test_a_chance_is_never_certain_and_follows_the_share(answered, data):
    true = data.draw(st.integers(0, answered))
    found = learned({"a.a": Tally(answered, true)})
    if answered < ENOUGH:
        assert found == {}
        return
    assert 0 < found["a.a"] < 1
    assert found["a.a"] == pytest.approx(true / answered, abs=2 / ENOUGH)


def test_what_a_case_does_not_know_is_no_answer():
    cases = [{"a.a": True, "b.b": None}, {"a.a": False}, {"a.a": True}]
    assert tallied(cases) == {"a.a": Tally(3, 2)}
