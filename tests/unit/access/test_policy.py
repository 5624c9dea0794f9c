"""For what each role may act, as a table of role and purpose."""

from __future__ import annotations

import pytest

from habeas.access.core.permissions import ROLES
from habeas.access.core.policy import PURPOSES, may_act_for, purposes_of
from habeas.evidence.core import custody

Y, N = True, False

#          caseworker lead auditor counsel custodian monitor clerk service
TABLE = {
    "receive": (Y, Y, N, N, N, N, N, Y),
    "preserve": (Y, Y, N, N, N, N, N, N),
    "help": (Y, Y, N, N, N, N, N, N),
    "assess": (Y, Y, N, N, N, N, N, N),
    "remedy": (Y, Y, N, Y, N, N, N, N),
    "court": (Y, Y, N, Y, N, N, Y, N),
    "authority": (Y, Y, N, Y, N, N, N, N),
    "partner": (Y, Y, N, N, N, N, N, Y),
    "review": (N, Y, Y, N, N, N, N, N),
    "erase": (N, Y, N, N, N, N, N, N),
}


@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_purpose_is_for_these_roles(purpose):
    assert tuple(may_act_for(role, purpose) for role in ROLES) == TABLE[purpose]


def test_the_purposes_are_those_of_custody():
    assert list(PURPOSES) == list(custody.PURPOSES) == list(TABLE)


def test_a_role_nobody_defined_acts_for_nothing():
    assert purposes_of("stranger") == frozenset()
    assert not any(may_act_for("stranger", purpose) for purpose in PURPOSES)


def test_a_purpose_nobody_defined_is_a_mistake_not_a_yes():
    with pytest.raises(KeyError):
        may_act_for("lead", "curiosity")
