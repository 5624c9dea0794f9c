"""Who may do what, as a table of role and action."""

from __future__ import annotations

import pytest

from habeas.access.core.permissions import MAY, ROLES, may

#                      caseworker  lead   auditor
TABLE = {
    "see_queue": (True, True, False),
    "open_case": (True, True, False),
    "take_case": (True, True, False),
    "state_fact": (True, True, False),
    "approve_measure": (True, True, False),
    "withdraw_measure": (True, True, False),
    "write_letter": (True, True, False),
    "send_measure": (True, True, False),
    "note_answer": (True, True, False),
    "escalate_measure": (True, True, False),
    "decide_contest": (True, True, False),
    "note_consent": (True, True, False),
    "keep_directory": (False, True, False),
    "write_to_person": (True, True, False),
    "ask_registry": (True, True, False),
    "decide_sighting": (True, True, False),
    "read_item": (True, True, False),
    "capture_page": (True, True, False),
    "export_bundle": (True, True, False),
    "hand_over": (True, True, False),
    "mark_copy": (True, True, False),
    "trace_copy": (False, True, False),
    "close_case": (True, True, False),
    "place_hold": (True, True, False),
    "lift_hold": (False, True, False),
    "erase_case": (False, True, False),
    "replay_reform": (False, True, True),
    "see_dead_jobs": (False, True, False),
    "revive_job": (False, True, False),
    "read_ledger": (False, True, True),
}


@pytest.mark.parametrize("action", MAY)
def test_each_action_is_for_these_roles(action):
    assert tuple(may(role, action) for role in ROLES) == TABLE[action]


def test_the_table_holds_every_action():
    assert set(TABLE) == set(MAY)


def test_nobody_else_may_anything():
    assert not any(may("stranger", action) for action in MAY)


def test_an_action_nobody_defined_grants_nothing():
    with pytest.raises(KeyError):
        may("lead", "see_queu")
