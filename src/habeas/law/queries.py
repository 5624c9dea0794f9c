from __future__ import annotations

from dataclasses import dataclass

from habeas.cases.models import Case
from habeas.law.models import Assessment


@dataclass(frozen=True, slots=True)
class Change:
    """A provision whose outcome is another than before; ``before`` is empty where it was not asked before."""

    provision: str
    before: str
    after: str


def changes_of(case: Case) -> list[Change]:
    """What the latest assessment changed against the one before it."""
    latest, before = _two_latest(case)
    if latest is None or before is None:
        return []
    then = dict(before.findings.values_list("provision", "outcome"))
    now = latest.findings.order_by("provision").values_list("provision", "outcome")
    return [Change(p, then.get(p, ""), outcome) for p, outcome in now if then.get(p, "") != outcome]


def latest_of(case: Case) -> Assessment | None:
    return Assessment.objects.filter(case=case).first()


def _two_latest(case: Case) -> tuple[Assessment | None, Assessment | None]:
    found: list[Assessment | None] = [*Assessment.objects.filter(case=case)[:2], None, None]
    return found[0], found[1]
