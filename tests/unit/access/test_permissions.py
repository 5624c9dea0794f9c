"""Who may do what, as a table of role and action."""

from __future__ import annotations

import pytest

from habeas.access.core.permissions import MAY, ROLES, SCOPES, may

Y, N = True, False

#              caseworker lead auditor counsel custodian monitor clerk service
TABLE = {
    "see_queue": (Y, Y, N, Y, N, N, Y, N),
    "open_case": (Y, Y, N, Y, N, N, Y, N),
    "take_case": (Y, Y, N, N, N, N, N, N),
    "state_fact": (Y, Y, N, N, N, N, N, N),
    "approve_measure": (Y, Y, N, N, N, N, N, N),
    "withdraw_measure": (Y, Y, N, N, N, N, N, N),
    "write_letter": (Y, Y, N, N, N, N, N, N),
    "send_measure": (Y, Y, N, N, N, N, N, N),
    "note_answer": (Y, Y, N, N, N, N, N, N),
    "escalate_measure": (Y, Y, N, N, N, N, N, N),
    "decide_contest": (Y, Y, N, N, N, N, N, N),
    "note_consent": (Y, Y, N, N, N, N, N, N),
    "keep_directory": (N, Y, N, N, N, N, N, N),
    "take_call": (Y, Y, N, N, N, N, N, N),
    "write_to_person": (Y, Y, N, N, N, N, N, N),
    "ask_registry": (Y, Y, N, N, N, N, N, Y),
    "decide_sighting": (Y, Y, N, N, N, N, N, N),
    "read_item": (Y, Y, N, Y, N, N, Y, N),
    "capture_page": (Y, Y, N, N, N, N, N, N),
    "export_bundle": (Y, Y, N, Y, N, N, N, N),
    "hand_over": (Y, Y, N, N, N, N, N, N),
    "mark_copy": (Y, Y, N, N, N, N, N, N),
    "trace_copy": (N, Y, N, N, N, N, N, N),
    "close_case": (Y, Y, N, N, N, N, N, N),
    "place_hold": (Y, Y, N, N, N, N, N, N),
    "lift_hold": (N, Y, N, N, N, N, N, N),
    "erase_case": (N, Y, N, N, N, N, N, N),
    "replay_reform": (N, Y, Y, N, N, N, N, N),
    "see_dead_jobs": (N, Y, N, N, N, N, N, N),
    "revive_job": (N, Y, N, N, N, N, N, N),
    "read_ledger": (N, Y, Y, N, N, N, N, Y),
    "give_access": (N, Y, N, N, N, N, N, N),
    "seal_case": (Y, Y, N, N, N, N, N, N),
    "unseal_case": (N, Y, N, N, N, N, N, N),
    "break_glass": (Y, Y, N, N, N, N, N, N),
    "review_alarm": (N, Y, N, N, N, N, N, N),
    "ask_identity": (Y, Y, N, N, N, N, N, N),
    "release_identity": (N, Y, N, N, Y, N, N, N),
    "hand_over_cases": (Y, Y, N, N, N, N, N, N),
    "let_go": (N, Y, N, N, N, N, N, N),
    "keep_service_keys": (N, Y, N, N, N, N, N, N),
    "see_board": (N, Y, N, N, N, N, N, N),
    "see_figures": (N, Y, N, N, N, Y, N, Y),
    "take_in_report": (N, N, N, N, N, N, N, Y),
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


def test_a_program_can_be_given_what_a_service_may_and_nothing_else():
    assert {"ask_registry", "read_ledger", "see_figures", "take_in_report"} == SCOPES


def test_a_custodian_and_a_monitor_do_one_thing_each():
    assert {action for action, roles in MAY.items() if "custodian" in roles} == {"release_identity"}
    assert {action for action, roles in MAY.items() if "monitor" in roles} == {"see_figures"}
