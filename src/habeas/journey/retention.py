"""What happens to a case some time after it was closed: it is erased with proof, unless a duty to keep it stands.

A legal hold beats retention, visibly: the desk says what is due when, and what holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from habeas.cases import actions, queries
from habeas.evidence import erasing
from habeas.evidence import queries as evidence
from habeas.journey.erasure import erase_case
from habeas.kernel import clock
from habeas.remedies import queries as remedies

if TYPE_CHECKING:
    from habeas.cases.models import Case

# Whoever works on a case hears so long before it goes.
WARNED = timedelta(days=30)
BASIS = "legal_duty"


@dataclass(frozen=True, slots=True)
class Fate:
    """When a case goes by itself, and what keeps it.

    goes_at:   null where nothing sets a time, or it is not closed
    soon:      less than ``WARNED`` before
    held_by:   who asked for the legal holds that stand
    waits_for: sentences on what is under way and must end first
    """

    goes_at: datetime | None
    soon: bool
    held_by: tuple[str, ...]
    waits_for: tuple[str, ...]


def fate_of(case: Case) -> Fate:
    """When the retention of this house erases a case."""
    goes_at = _goes_at(case)
    held = tuple(hold.asked_by for hold in evidence.holds_on(case, on=clock.today()))
    waits_for = (*remedies.reasons_to_keep(case), *erasing.under_way(case))
    return Fate(goes_at, goes_at is not None and goes_at - clock.now() <= WARNED, held, waits_for)


def erase_due() -> tuple[int, int]:
    """Erase every case whose time is up. (how many were erased, how many are kept by a duty). Safe to do again."""
    days = settings.HABEAS_RETENTION_DAYS
    if days is None:
        return 0, 0
    erased = kept = 0
    for case in queries.closed_before(clock.now() - timedelta(days=days)):
        try:
            erased += _erase_if_due(case)
        except erasing.HeldBack:
            kept += 1  # looked at again tomorrow; the desk says what holds it
    return erased, kept


@transaction.atomic
def _erase_if_due(case: Case) -> bool:
    # Looked at again under its lock: its material may have come back and opened it since the list was made.
    case = actions.hold(case)
    goes_at = _goes_at(case)
    if goes_at is None or goes_at > clock.now() or case.key.wrapped is None:
        return False
    erase_case(case, BASIS, by=None)
    return True


def _goes_at(case: Case) -> datetime | None:
    days = settings.HABEAS_RETENTION_DAYS
    return case.closed_at + timedelta(days=days) if days is not None and case.closed_at else None
