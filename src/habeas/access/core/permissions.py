"""Who may do what: a table of roles and actions. What is not in it is refused.

A role alone opens no case: for which purposes it may act says policy.py, which cases it sees says visibility.py.
"""

from __future__ import annotations

from typing import Literal

Role = Literal["caseworker", "lead", "auditor", "counsel", "custodian", "monitor", "clerk", "service"]

# A service is a program with a key, everybody else signs in.
ROLES: tuple[Role, ...] = ("caseworker", "lead", "auditor", "counsel", "custodian", "monitor", "clerk", "service")

MAY: dict[str, frozenset[Role]] = {
    "see_queue": frozenset({"caseworker", "lead", "counsel", "clerk"}),
    "open_case": frozenset({"caseworker", "lead", "counsel", "clerk"}),
    "take_case": frozenset({"caseworker", "lead"}),
    "state_fact": frozenset({"caseworker", "lead"}),
    "approve_measure": frozenset({"caseworker", "lead"}),
    "withdraw_measure": frozenset({"caseworker", "lead"}),
    "write_letter": frozenset({"caseworker", "lead"}),
    "send_measure": frozenset({"caseworker", "lead"}),
    "note_answer": frozenset({"caseworker", "lead"}),
    "escalate_measure": frozenset({"caseworker", "lead"}),
    "decide_contest": frozenset({"caseworker", "lead"}),
    "note_consent": frozenset({"caseworker", "lead"}),
    "keep_directory": frozenset({"lead"}),
    "take_call": frozenset({"caseworker", "lead"}),
    "write_to_person": frozenset({"caseworker", "lead"}),
    "ask_registry": frozenset({"caseworker", "lead", "service"}),
    "decide_sighting": frozenset({"caseworker", "lead"}),
    "read_item": frozenset({"caseworker", "lead", "counsel", "clerk"}),
    "capture_page": frozenset({"caseworker", "lead"}),
    "export_bundle": frozenset({"caseworker", "lead", "counsel"}),
    "hand_over": frozenset({"caseworker", "lead"}),
    "mark_copy": frozenset({"caseworker", "lead"}),
    "trace_copy": frozenset({"lead"}),
    "close_case": frozenset({"caseworker", "lead"}),
    "place_hold": frozenset({"caseworker", "lead"}),
    "lift_hold": frozenset({"lead"}),
    "erase_case": frozenset({"lead"}),
    "replay_reform": frozenset({"lead", "auditor"}),
    "see_dead_jobs": frozenset({"lead"}),
    "revive_job": frozenset({"lead"}),
    "read_ledger": frozenset({"lead", "auditor", "service"}),
    "give_access": frozenset({"lead"}),
    # Whoever notices that a case is about a colleague closes it off at once; opening it up again is for a lead.
    "seal_case": frozenset({"caseworker", "lead"}),
    "unseal_case": frozenset({"lead"}),
    "break_glass": frozenset({"caseworker", "lead"}),
    "review_alarm": frozenset({"lead"}),
    "ask_identity": frozenset({"caseworker", "lead"}),
    "release_identity": frozenset({"lead", "custodian"}),
    "hand_over_cases": frozenset({"caseworker", "lead"}),
    "let_go": frozenset({"lead"}),
    "keep_service_keys": frozenset({"lead"}),
    "see_board": frozenset({"lead"}),
    "see_figures": frozenset({"lead", "monitor", "service"}),
    "take_in_report": frozenset({"service"}),
}

# What a key of a program can be made for.
SCOPES: frozenset[str] = frozenset(action for action, roles in MAY.items() if "service" in roles)


def may(role: str, action: str) -> bool:
    """Whether a role allows an action. Raises KeyError for an action nobody defined: a typo must not grant."""
    return role in MAY[action]
