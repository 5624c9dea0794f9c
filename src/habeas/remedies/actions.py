"""Planning, approving and withdrawing measures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from habeas.access import actions as access
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.cases.models import Case
from habeas.ledger import actions as ledger
from habeas.remedies import progress
from habeas.remedies.core.model import Plan, PlannedMeasure
from habeas.remedies.models import Consent, Measure, PlanRecord


class NotReady(RuntimeError):
    """The measure cannot be approved as it stands. The message says what is missing."""


class AlreadyDecided(RuntimeError):
    """The measure was approved by this person, or withdrawn, before."""


class ChangedSince(RuntimeError):
    """The draft is no longer the one that was read."""


@transaction.atomic
def record_plan(case: Case, plan: Plan, *, cause: str, at: datetime) -> PlanRecord | None:
    """Bring a case's measures in line with a new plan, as a visible difference. None where nothing changed.

    What people approved stays as they approved it; only drafts follow the machine.
    """
    cases.hold(case)
    before = {measure.key: measure for measure in Measure.objects.filter(case=case)}
    planned = {measure.key: measure for measure in plan.measures}
    changed: dict[str, list[str]] = {"added": [], "dropped": [], "changed": []}
    for position, measure in enumerate(plan.measures):
        _put(case, before.get(measure.key), measure, position, changed, at)
    for key, old in before.items():
        if key not in planned and old.state == Measure.State.DRAFTED:
            old.state, old.withdrawn_because, old.decided_at = Measure.State.WITHDRAWN, "no longer in the plan", at
            old.save(update_fields=["state", "withdrawn_because", "decided_at"])
            changed["dropped"].append(key)
    omissions, notes = [_plain(asdict(omission)) for omission in plan.omissions], list(plan.notes)
    last = PlanRecord.objects.filter(case=case).first()
    if last is not None and not any(changed.values()) and last.omissions == omissions and last.notes == notes:
        return None
    record = PlanRecord.objects.create(
        case=case, at=at, cause=cause[:200], omissions=omissions, notes=notes, difference=changed
    )
    counts = {name: len(keys) for name, keys in changed.items()}
    ledger.append("case.planned", by="plan", at=at, case=case.pk, plan=record.pk, measures=len(planned), **counts)
    return record


@transaction.atomic
def approve(measure_id: int, reason: str, *, by: Person, at: datetime, draft_of: datetime | None = None) -> Measure:
    """One person's yes. The measure is approved when as many different people as it needs have said yes.

    draft_of: ``planned_at`` of the draft that was read; null where nothing can have come between reading and saying yes
    Raises NotReady, AlreadyDecided, ChangedSince, NotAllowed.
    """
    access.require(by, "approve_measure")
    measure = progress.held(measure_id)
    if measure.state != Measure.State.DRAFTED:
        raise AlreadyDecided(f"This step is already {measure.get_state_display().lower()}.")
    if draft_of is not None and draft_of != measure.planned_at:
        raise ChangedSince(
            "This step changed while you read it, so your yes was not noted. Read it again, then decide."
        )
    if not reason.strip():
        raise NotReady("Say in a few words why this step is right; it stands in the file beside your name.")
    if measure.planned["readiness"] in {"needs_facts", "blocked"}:
        raise NotReady("This step waits for facts that are not known yet. Answer the open questions first.")
    if measure.approvals.filter(member=by).exists():
        raise AlreadyDecided("You have approved this step. It needs a second person, who must be someone else.")
    measure.approvals.create(member=by, reason=reason.strip()[:400], at=at)
    if measure.approvals.count() >= measure.approvals_needed:
        return progress.happen(measure, "approve", by=by.pk, at=at)
    ledger.append("measure.approved", by=by.pk, at=at, case=measure.case_id, measure=measure.pk, state=measure.state)
    return measure


@transaction.atomic
def withdraw(measure_id: int, reason: str, *, by: Person, at: datetime) -> Measure:
    """Take a measure back, with a reason. What was sent stays sent: its addressee is told by whoever withdraws.

    Raises AlreadyDecided, NotReady, NotAllowed.
    """
    access.require(by, "withdraw_measure")
    measure = progress.held(measure_id)
    if measure.state == Measure.State.WITHDRAWN:
        raise AlreadyDecided("This step is already withdrawn.")
    if not reason.strip():
        raise NotReady("Say in a few words why this step is withdrawn.")
    measure.withdrawn_because = reason.strip()[:400]
    try:
        return progress.happen(measure, "withdraw", by=by.pk, at=at)
    except progress.NotPossible as refusal:
        raise AlreadyDecided(str(refusal)) from None


@transaction.atomic
def restore(measure_id: int, *, by: Person, at: datetime) -> Measure:
    """Undo a withdrawal or an approval before anything was sent: the measure is a draft again, without approvals.

    Raises AlreadyDecided, NotAllowed.
    """
    access.require(by, "withdraw_measure")
    measure = progress.held(measure_id)
    if measure.state == Measure.State.DRAFTED:
        raise AlreadyDecided("This step is a draft already.")
    measure.approvals.all().delete()
    measure.withdrawn_because, measure.stopped_because, measure.decided_at = "", "", None
    try:
        return progress.happen(measure, "restore", by=by.pk, at=at)
    except progress.NotPossible as refusal:
        raise AlreadyDecided(str(refusal)) from None


@transaction.atomic
def forget_words(case: Case, *, by: object, at: datetime) -> dict[str, int]:
    """Blank the plan of a case that is erased: which steps there were and how they ended stays, for counting."""
    measures = Measure.objects.filter(case=case)
    for measure in measures:
        measure.key, measure.planned = f"erased/{measure.pk}", {}
        measure.withdrawn_because = measure.stopped_because = measure.next_step = ""
        measure.due_at = None
        measure.save()
        measure.approvals.update(reason="")
    Consent.objects.filter(case=case).update(key="erased", basis="")
    PlanRecord.objects.filter(case=case).update(omissions=[], notes=[], difference={})
    ledger.append("plan.forgotten", by=by, at=at, case=case.pk, measures=len(measures))
    return {"steps of the plan": len(measures)}


def _put(
    case: Case, old: Measure | None, new: PlannedMeasure, position: int, changed: dict[str, list[str]], at: datetime
) -> None:
    planned = _plain(asdict(new))
    if old is None:
        Measure.objects.create(
            case=case,
            key=new.key,
            reference=progress.new_reference(),
            position=position,
            phase=new.phase,
            planned=planned,
            approvals_needed=new.approvals,
            planned_at=at,
        )
        changed["added"].append(new.key)
        return
    dropped_by_plan = old.state == Measure.State.WITHDRAWN and old.withdrawn_because == "no longer in the plan"
    if dropped_by_plan:
        old.state, old.withdrawn_because, old.decided_at = Measure.State.DRAFTED, "", None
        changed["added"].append(new.key)
    if old.state == Measure.State.DRAFTED and (old.planned != planned or old.approvals_needed != new.approvals):
        if _asked(old.planned) != _asked(planned) or old.approvals_needed != new.approvals:
            if not dropped_by_plan:
                changed["changed"].append(new.key)
            # A yes was given to what stood there then; it does not carry over to what stands there now.
            old.approvals.all().delete()
            old.planned_at = at
        old.planned, old.approvals_needed, old.phase = planned, new.approvals, new.phase
    old.position = position
    old.save()


# What a plan says of a measure beside what is asked: whether the person said yes, and what comes before it.
_BESIDE = frozenset({"consent", "after", "follows_on"})


def _asked(planned: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in planned.items() if name not in _BESIDE}


def _plain(value: Any) -> Any:
    """The value as JSON will give it back, so that old and new compare equal."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, frozenset | set):
        return sorted(_plain(inner) for inner in value)
    return value
