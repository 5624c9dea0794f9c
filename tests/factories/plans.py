from __future__ import annotations

from dataclasses import replace

from habeas.kernel.calendars import Period
from habeas.remedies.core.model import Addressee, Clock, Omission, Plan, PlannedMeasure

_STEP = PlannedMeasure(
    key="notice/board.example.net",
    remedy="notice",
    title="Ask the site to take it down",
    phase="remove",
    addressee=Addressee("platform", "board.example.net", None),
    grounds=(),
    clock=Clock("on_notice", Period(48, "hours"), "within 48 hours of the notice", "platform", "xa.penal-code.214b"),
    other_clocks=(),
    terms=(),
    sought_by=("target",),
    readiness="ready",
    needs=(),
    approvals=1,
    approval_reason="it restricts nobody's speech",
    consent_needed=False,
    reveals="that somebody complained",
    warnings=(),
    why="the site is the nearest",
    ex_parte=False,
)


def step(key: str = _STEP.key, **changes: object) -> PlannedMeasure:
    return replace(_STEP, key=key, **changes)


def plan(*steps: PlannedMeasure, omissions: tuple[Omission, ...] = (), notes: tuple[str, ...] = ()) -> Plan:
    return Plan(steps, omissions, notes)
