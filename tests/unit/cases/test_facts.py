"""What holds in a case, from all that was ever said."""

from __future__ import annotations

import pytest

from habeas.cases.core.facts import Known, Ties, current


def said(by: str, truth: bool | None, leaning: float | None = None) -> Known:
    return Known("intent.fear", truth, by, "because", leaning)


@pytest.mark.parametrize(
    ("statements", "truth", "by"),
    [
        pytest.param([said("person", True), said("person", False)], False, "person", id="the-latest-word-of-a-person"),
        pytest.param([said("person", False), said("scan", True)], False, "person", id="a-machine-never-overrules"),
        pytest.param([said("scan", True), said("caseworker", False)], False, "caseworker", id="a-person-overrules"),
        pytest.param([said("scan", True), said("scan", None, 0.7)], True, "scan", id="knowledge-stands-over-a-sign"),
        pytest.param([said("scan", None, 0.7), said("scan", True)], True, "scan", id="a-sign-becomes-knowledge"),
    ],
)
def test_who_is_heard(statements, truth, by):
    known = current(statements)["intent.fear"]
    assert (known.truth, known.said_by) == (truth, by)


def test_an_answer_taken_back_leaves_nothing_not_even_the_machines():
    assert current([said("scan", True), said("person", True), said("person", None)]) == {}


def test_a_sign_is_kept_as_a_sign():
    known = current([said("scan", None, 0.7)])["intent.fear"]
    assert (known.truth, known.leaning) == (None, 0.7)


def test_a_tie_nobody_knows_is_not_an_empty_one():
    assert Ties({"doer_acts": frozenset()}).of("doer_acts") == frozenset()
    assert Ties({}).of("doer_acts") is None
