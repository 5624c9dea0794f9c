"""How a measure goes from draft to end: which events lead where, and nothing else does.

Machines may tell of an event (a clock ran out, a letter came back); what it leads to stands here alone. An answer of an
addressee is taken at any time after sending, however late: what is gone is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType
from typing import Literal, get_args

State = Literal[
    "drafted", "approved", "sent", "acknowledged", "complied", "partly", "refused", "contested", "overdue",
    "escalated", "stopped", "withdrawn",
]  # fmt: skip
Event = Literal[
    "approve", "send", "acknowledge", "comply", "comply_partly", "refuse", "ask_back", "run_out", "escalate", "contest",
    "uphold", "overturn", "find_standing", "ask_again", "stop", "withdraw", "restore",
]  # fmt: skip

STATES: tuple[State, ...] = get_args(State)
EVENTS: tuple[Event, ...] = get_args(Event)
# It left the house, so somebody out there may still act on it.
OUT: frozenset[State] = frozenset(
    {"sent", "acknowledged", "complied", "partly", "refused", "contested", "overdue", "escalated"}
)
# Its clock runs: the addressee owes an act.
RUNNING: frozenset[State] = frozenset({"sent", "acknowledged"})
# Somebody of ours has to decide what comes next.
OPEN_FOR_US: frozenset[State] = frozenset({"refused", "overdue", "partly", "contested", "stopped"})

_ANSWERS: dict[Event, State] = {"comply": "complied", "comply_partly": "partly", "refuse": "refused"}
_ASKED_AGAIN: tuple[State, ...] = ("refused", "overdue", "partly")
_ANSWERED_FROM: tuple[State, ...] = (
    "sent", "acknowledged", "overdue", "partly", "refused", "escalated", "complied"
)  # fmt: skip


class NotPossible(ValueError):
    """An event that cannot happen to a measure in its state."""


def _table() -> dict[tuple[State, Event], State]:
    table: dict[tuple[State, Event], State] = {
        ("drafted", "approve"): "approved",
        ("approved", "send"): "sent",
        ("stopped", "send"): "sent",
        ("sent", "acknowledge"): "acknowledged",
        ("acknowledged", "acknowledge"): "acknowledged",
        # What comes late is noted; the clock has run out all the same.
        ("overdue", "acknowledge"): "overdue",
        ("sent", "ask_back"): "acknowledged",
        ("acknowledged", "ask_back"): "acknowledged",
        ("overdue", "ask_back"): "overdue",
        ("sent", "run_out"): "overdue",
        ("acknowledged", "run_out"): "overdue",
        # What was said to be gone stands again, or still.
        ("complied", "find_standing"): "partly",
        ("complied", "contest"): "contested",
        ("partly", "contest"): "contested",
        ("contested", "uphold"): "complied",
        ("contested", "overturn"): "withdrawn",
        ("approved", "stop"): "stopped",
        ("sent", "stop"): "stopped",
        ("acknowledged", "stop"): "stopped",
        ("overdue", "stop"): "stopped",
        ("withdrawn", "restore"): "drafted",
        ("approved", "restore"): "drafted",
        ("stopped", "restore"): "drafted",
    }
    table.update({(state, event): _ANSWERS[event] for state, event in product(_ANSWERED_FROM, _ANSWERS)})
    for state in ("refused", "overdue", "partly", "stopped"):
        table[state, "escalate"] = "escalated"
    # Another letter of the same step: it is read and approved anew.
    table.update({(state, "ask_again"): "drafted" for state in _ASKED_AGAIN})
    for state in STATES:
        if state not in {"withdrawn", "contested"}:
            table[state, "withdraw"] = "withdrawn"
    return table


TRANSITIONS: Mapping[tuple[State, Event], State] = MappingProxyType(_table())


def after(state: State, event: Event, *, was_sent: bool) -> State:
    """The state that an event leads to. Raises NotPossible.

    was_sent: it left the house once; then it is never a draft again, because somebody holds what it said
    """
    if event == "restore" and was_sent:
        raise NotPossible("This step has left the house, so it cannot become a draft again. Plan another one instead.")
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise NotPossible(f"A step that is {WORDS[state]} cannot {VERBS[event]}.") from None


WORDS: Mapping[State, str] = MappingProxyType(
    {
        "drafted": "a draft",
        "approved": "approved",
        "sent": "sent",
        "acknowledged": "acknowledged",
        "complied": "done by its addressee",
        "partly": "done in part",
        "refused": "refused",
        "contested": "contested",
        "overdue": "overdue",
        "escalated": "taken further",
        "stopped": "stopped",
        "withdrawn": "withdrawn",
    }
)
# How the ledger names an event.
LOGGED: Mapping[Event, str] = MappingProxyType(
    {
        "approve": "approved",
        "send": "sent",
        "acknowledge": "acknowledged",
        "comply": "complied",
        "comply_partly": "complied_partly",
        "refuse": "refused",
        "ask_back": "asked_back",
        "run_out": "ran_out",
        "escalate": "escalated",
        "contest": "contested",
        "uphold": "upheld",
        "overturn": "overturned",
        "find_standing": "found_standing",
        "ask_again": "asked_again",
        "stop": "stopped",
        "withdraw": "withdrawn",
        "restore": "restored",
    }
)
VERBS: Mapping[Event, str] = MappingProxyType(
    {
        "approve": "be approved",
        "send": "be sent",
        "acknowledge": "be acknowledged",
        "comply": "be complied with",
        "comply_partly": "be complied with in part",
        "refuse": "be refused",
        "ask_back": "get a question back",
        "run_out": "become overdue",
        "escalate": "be taken further",
        "contest": "be contested",
        "uphold": "be upheld",
        "overturn": "be overturned",
        "find_standing": "be found not done",
        "ask_again": "be asked for again",
        "stop": "be stopped",
        "withdraw": "be withdrawn",
        "restore": "become a draft again",
    }
)
