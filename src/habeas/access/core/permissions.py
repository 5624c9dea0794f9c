"""Who may do what: a table of roles and actions. What is not in it is refused."""

from __future__ import annotations

from typing import Literal

Role = Literal["caseworker", "lead", "auditor"]

ROLES: tuple[Role, ...] = ("caseworker", "lead", "auditor")

MAY: dict[str, frozenset[Role]] = {
    "see_queue": frozenset({"caseworker", "lead"}),
    "open_case": frozenset({"caseworker", "lead"}),
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
    "write_to_person": frozenset({"caseworker", "lead"}),
    "ask_registry": frozenset({"caseworker", "lead"}),
    "decide_sighting": frozenset({"caseworker", "lead"}),
    "read_item": frozenset({"caseworker", "lead"}),
    "capture_page": frozenset({"caseworker", "lead"}),
    "export_bundle": frozenset({"caseworker", "lead"}),
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
    "read_ledger": frozenset({"lead", "auditor"}),
}


def may(role: str, action: str) -> bool:
    """Whether a role allows an action. Raises KeyError for an action nobody defined: a typo must not grant."""
    return role in MAY[action]
