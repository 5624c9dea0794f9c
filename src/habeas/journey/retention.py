"""What happens to a case some time after it was closed: it is erased with proof, unless a duty to keep it stands.

A legal hold beats retention, visibly: the desk says what is due when, and what holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from habeas.cases import queries as cases
from habeas.evidence import queries as evidence
from habeas.evidence.erasing import HeldBack
from habeas.journey.erasure import erase_case
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.cases.models import Case

# Whoever works on a case hears so long before it goes.
WARNED = timedelta(days=30)
BASIS = "legal_duty"


@dataclass(frozen=True, slots=True)
class Fate:
    """When a case goes by itself, and what keeps it. goes_at: null where nothing sets a time, or it is not closed."""

    goes_at: datetime | None
    soon: bool
    held_by: tuple[str, ...]


def fate_of(case: Case) -> Fate:
    """When the retention of this house erases a case."""
    days = settings.HABEAS_RETENTION_DAYS
    goes_at = case.closed_at + timedelta(days=days) if days is not None and case.closed_at else None
    held = tuple(hold.asked_by for hold in evidence.holds_on(case, on=clock.today()))
    return Fate(goes_at, goes_at is not None and goes_at - clock.now() <= WARNED, held)


def erase_due() -> tuple[int, int]:
    """Erase every case whose time is up. (how many were erased, how many are kept by a duty). Safe to do again."""
    days = settings.HABEAS_RETENTION_DAYS
    if days is None:
        return 0, 0
    erased = kept = 0
    for case in cases.closed_before(clock.now() - timedelta(days=days)):
        try:
            erase_case(case, BASIS, by=None)
            erased += 1
        except HeldBack:
            kept += 1  # looked at again tomorrow; the desk says what holds it
    return erased, kept
