"""What happens to a measure after people agreed to it: it is sent, answered, runs out of time, is taken further, stops.

Every event goes through the one table of ``core/states.py`` and leaves one line in the measure's history and one entry
in the ledger. Nothing here reaches the outside world: who sends tells what came of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.cases.models import Case
from habeas.kernel.calendars import NoCalendar, Period
from habeas.ledger import actions as ledger
from habeas.remedies.core import states
from habeas.remedies.core.clocks import due_at
from habeas.remedies.core.model import Clock
from habeas.remedies.core.states import Event, NotPossible
from habeas.remedies.models import Measure, MeasureEvent
from habeas.store import actions as store

__all__ = ["NotPossible"]

DUE = "measure.due"
# Crockford's letters, without those that are misread.
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_LENGTH = 10
# What an answer needs so that nobody can say something for an addressee without having read it.
ANSWERS: frozenset[Event] = frozenset({"acknowledge", "comply", "comply_partly", "refuse", "ask_back"})
_DECIDED: frozenset[str] = frozenset({"approved", "complied", "refused", "withdrawn", "escalated"})


def new_reference() -> str:
    """What an addressee is told: 50 random bits that lead to no case, for nobody but this house."""
    return "M-" + "".join(secrets.choice(_SIGNS) for _ in range(_REFERENCE_LENGTH))


@transaction.atomic
def note_sent(measure_id: int, *, by: object, at: datetime, says: str = "") -> Measure:
    """It left the house: its clock starts, unless the law lets it run from an event that is still to come.

    Raises NotPossible.
    """
    measure = held(measure_id)
    measure.sent_at = measure.sent_at or at
    measure.stopped_because = measure.next_step = ""
    clock = clock_of(measure.planned["clock"])
    if clock.starts != "on_order":
        _start_clock(measure, at)
    return happen(measure, "send", by=by, at=at, says=says)


@transaction.atomic
def start_clock(measure_id: int, started_at: datetime, *, by: Person, at: datetime) -> Measure:
    """Say when the event was that the law lets time run from: an order was made, a receipt was confirmed.

    Raises NotPossible where it was never sent, NotAllowed.
    """
    access.require(by, "note_answer")
    measure = held(measure_id)
    if measure.state not in states.RUNNING | {"overdue"}:
        raise NotPossible(f"No clock runs for a step that is {states.WORDS[_state(measure)]}.")
    _start_clock(measure, started_at)
    measure.save()
    MeasureEvent.objects.create(measure=measure, event="clock", state=measure.state, by=str(by.pk), at=at)
    ledger.append("measure.clock", by=by.pk, at=at, case=measure.case_id, measure=measure.pk)
    return measure


@transaction.atomic
def note_answer(measure_id: int, event: Event, *, by: object, at: datetime, says: str = "") -> Measure:
    """What its addressee answered, however it came. Raises NotPossible; ValueError for what is no answer."""
    if event not in ANSWERS:
        raise ValueError(f"{event} is not an answer of an addressee")
    measure = held(measure_id)
    measure.answered_at = measure.answered_at or at
    if event == "ask_back":
        measure.next_step = "They ask for more information: answer them, then the clock goes on."
    elif event == "comply":
        measure.next_step = ""
    return happen(measure, event, by=by, at=at, says=says)


def run_out(measure_id: int, due: datetime, *, at: datetime) -> Measure | None:
    """Its time is up. Null where that is no longer so: it was answered, or its clock was set anew. Safe to do twice."""
    return next(iter(run_out_many([(measure_id, due)], at=at)), None)


@transaction.atomic
def run_out_many(ends: Iterable[tuple[int, datetime]], *, at: datetime) -> list[Measure]:
    """Many clocks that ended: deadlines fall on the same minute for many. The measures whose time is really up.

    ends: (id of the measure, the end that its clock had when the job was written)
    """
    asked = dict(ends)
    cases.hold_many(Case.objects.filter(measures__in=asked).values_list("pk", flat=True))
    running = Measure.objects.filter(pk__in=asked, state__in=sorted(states.RUNNING), due_at__lte=at)
    up = [measure for measure in running.order_by("pk") if measure.due_at == asked[measure.pk]]
    for measure in up:
        whose = "The law's time is up" if measure.due_by_law else "Our own target has passed"
        measure.next_step = f"{whose} without an answer: take it further, or write why it can wait."
        measure.state = states.after(_state(measure), "run_out", was_sent=True)
    Measure.objects.bulk_update(up, ["state", "next_step"])
    MeasureEvent.objects.bulk_create(
        MeasureEvent(measure=measure, event="run_out", state=measure.state, by="clock", at=at) for measure in up
    )
    if up:
        kind = f"measure.{states.LOGGED['run_out']}"
        ledger.append_many(
            ledger.Done(kind, "clock", at, measure.case_id, {"measure": measure.pk, "state": measure.state})
            for measure in up
        )
    return up


@transaction.atomic
def escalate(measure_id: int, reason: str, *, by: Person, at: datetime) -> Measure:
    """Take it further: what comes next stands in the plan and goes its own way. Raises NotPossible, NotAllowed."""
    access.require(by, "escalate_measure")
    measure = held(measure_id)
    if not reason.strip():
        raise NotPossible("Say in a few words why it is taken further; it stands in the file beside your name.")
    measure.next_step = ""
    return happen(measure, "escalate", by=by.pk, at=at, says=reason.strip()[:400])


@transaction.atomic
def stop(measure_id: int, because: str, next_step: str, *, by: object, at: datetime) -> Measure | None:
    """It cannot go on: the sentence says why, the next step what to do. Null where it no longer matters."""
    measure = held(measure_id)
    if (_state(measure), "stop") not in states.TRANSITIONS:
        return None
    measure.stopped_because, measure.next_step = because[:400], next_step[:400]
    return happen(measure, "stop", by=by, at=at)


@transaction.atomic
def contest(measure_id: int, *, by: object, at: datetime) -> Measure:
    """The poster contests what was done. Raises NotPossible."""
    measure = held(measure_id)
    measure.next_step = "The poster contests it: weigh what they say, and decide whether it was right."
    return happen(measure, "contest", by=by, at=at)


@transaction.atomic
def decide_contest(measure_id: int, *, was_right: bool, reason: str, by: Person, at: datetime) -> Measure:
    """Somebody who did not approve the measure says whether it was right. Raises NotPossible, NotAllowed."""
    access.require(by, "decide_contest")
    measure = held(measure_id)
    if measure.approvals.filter(member=by).exists():
        raise NotPossible("You approved this step. Whether it was right is decided by somebody who did not.")
    if not reason.strip():
        raise NotPossible("Give the reasons: the poster is told them, and they are counted in public.")
    measure.removal_was_wrong, measure.next_step = not was_right, ""
    return happen(measure, "uphold" if was_right else "overturn", by=by.pk, at=at, says=reason.strip()[:4000])


@transaction.atomic
def find_standing(measure_id: int, *, by: object, at: datetime) -> Measure | None:
    """What was said to be done is not, or not any more. Null where nobody says any longer that it is."""
    measure = held(measure_id)
    if (_state(measure), "find_standing") not in states.TRANSITIONS:
        return None
    measure.next_step = "It stands there still or again: write to them with the capture, or take it further."
    return happen(measure, "find_standing", by=by, at=at)


@transaction.atomic
def ask_again(measure_id: int, reason: str, *, by: Person, at: datetime) -> Measure:
    """Write to the same addressee once more: a draft again, with new approvals. Raises NotPossible, NotAllowed."""
    access.require(by, "escalate_measure")
    measure = held(measure_id)
    if not reason.strip():
        raise NotPossible("Say in a few words why they are asked again; it stands in the file beside your name.")
    measure.approvals.all().delete()
    measure.next_step, measure.due_at, measure.answered_at, measure.decided_at = "", None, None, None
    measure.planned_at = at
    return happen(measure, "ask_again", by=by.pk, at=at, says=reason.strip()[:400])


@transaction.atomic
def take_over(measure_id: int, *, by: Person, at: datetime) -> Measure:
    """Make a member answerable for a measure. Raises NotAllowed."""
    access.require(by, "take_case")
    measure = held(measure_id)
    measure.owner = by
    measure.save(update_fields=["owner"])
    ledger.append("measure.owned", by=by.pk, at=at, case=measure.case_id, measure=measure.pk)
    return measure


def held(measure_id: int) -> Measure:
    """The measure, with its case held first, as whoever plans does."""
    cases.hold(Case.objects.get(measures=measure_id))
    return Measure.objects.select_related("case__key").get(pk=measure_id)


def happen(measure: Measure, event: Event, *, by: object, at: datetime, says: str = "") -> Measure:
    """Let an event happen to a held measure: its state follows, its history and the ledger have it. Raises NotPossible.

    says: sealed under the key of the case
    """
    before = _state(measure)
    after = states.after(before, event, was_sent=measure.sent_at is not None)
    measure.state = after
    if after in _DECIDED and before != after:
        measure.decided_at = at
    measure.save()
    written = MeasureEvent(measure=measure, event=event, state=after, by=str(by), at=at)
    written.save()
    if says:
        written.said_sealed = keys.seal(measure.case.key, says, f"measure-event/{written.pk}")
        written.save(update_fields=["said_sealed"])
    kind = f"measure.{states.LOGGED[event]}"
    ledger.append(kind, by=by, at=at, case=measure.case_id, measure=measure.pk, state=after)
    return measure


def clock_of(planned: dict[str, Any]) -> Clock:
    """A clock as it stands in a planned measure."""
    periods = {name: Period(**planned[name]) if planned.get(name) else None for name in ("within", "lasts")}
    return Clock(
        starts=planned["starts"],
        within=periods["within"],
        text=planned["text"],
        owed_by=planned["owed_by"],
        source_provision=planned["source_provision"],
        jurisdiction=planned.get("jurisdiction"),
        set_by=planned["set_by"],
        lasts=periods["lasts"],
    )


def _start_clock(measure: Measure, started_at: datetime) -> None:
    """Reckon when it is due, and write down the job that looks then. Where law has no number, our own target does."""
    measure.clock_from, measure.due_at = started_at, None
    clocks = [clock_of(one) for one in (measure.planned["clock"], *measure.planned["other_clocks"])]
    for clock in [clocks[0], *(clock for clock in clocks[1:] if clock.set_by == "organisation")]:
        try:
            measure.due_at = due_at(clock, started_at)
        except NoCalendar:
            continue  # working days cannot be counted there: the next clock, or none, and the words say so
        if measure.due_at is not None:
            measure.due_by_law = clock.set_by == "law"
            break
    if measure.due_at is not None:
        due = measure.due_at.isoformat()
        store.enqueue(
            DUE,
            {"measure_id": measure.pk, "due": due},
            at=started_at,
            run_at=measure.due_at,
            key=f"due/{measure.pk}/{due}",
        )


def _state(measure: Measure) -> states.State:
    return measure.state  # type: ignore[return-value]
