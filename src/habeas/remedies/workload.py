"""What everybody has on their hands, and how long a first step takes: counts of the cases that whoever asks sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from habeas.access.models import Person
from habeas.access.queries import colleagues_of, visible_cases
from habeas.cases.models import Case
from habeas.remedies.core.states import RUNNING
from habeas.remedies.core.waits import Wait
from habeas.remedies.models import Measure

DUE_SOON = timedelta(hours=48)
_OPEN = [Case.State.NEW, Case.State.OPEN, Case.State.WAITING]


@dataclass(frozen=True, slots=True)
class Load:
    """What one member has on their hands; member: null for what is with nobody.

    open, danger:      cases that are not closed, and those of them where somebody is in danger
    overdue, due_soon: steps past their time, and steps due within DUE_SOON
    """

    member: Person | None
    open: int = 0
    danger: int = 0
    overdue: int = 0
    due_soon: int = 0


def loads(lead: Person, at: datetime) -> list[Load]:
    """Of everybody who works on cases in the lead's organisation, and of whoever else has one; nobody's last."""
    seen = Case.objects.filter(visible_cases(lead, at), state__in=_OPEN).order_by()
    counted: dict[int | None, dict[str, int]] = {}
    # By a sum, not by the column: SQLite would else read all cases there ever were, owner by owner.
    by_owner = seen.annotate(whose=F("owner") + 0).values("whose")
    for row in by_owner.annotate(open=Count("pk"), danger=Count("pk", filter=Q(danger=True))):
        counted.setdefault(row.pop("whose"), {}).update(row)
    late = Q(state="overdue") | Q(state__in=sorted(RUNNING), due_at__lt=at)
    soon = Q(state__in=sorted(RUNNING), due_at__gte=at, due_at__lte=at + DUE_SOON)
    steps = Measure.objects.filter(visible_cases(lead, at, "case__"), late | soon, case__state__in=_OPEN).order_by()
    # A step is its owner's where it has one, else of whoever has the case.
    whose = steps.annotate(whose=Coalesce("owner", "case__owner")).values("whose")
    for row in whose.annotate(overdue=Count("pk", filter=late), due_soon=Count("pk", filter=soon)):
        counted.setdefault(row.pop("whose"), {}).update(row)
    at_work = Q(pk__in=colleagues_of(lead).values("pk")) | Q(pk=lead.pk)
    at_work &= Q(role__in=[Person.Role.CASEWORKER, Person.Role.LEAD])
    people = Person.objects.filter(at_work | Q(pk__in=[pk for pk in counted if pk is not None]))
    rows = [Load(person, **counted.get(person.pk, {})) for person in people.order_by("first_name", "last_name", "pk")]
    return [*rows, Load(None, **counted[None])] if None in counted else rows


def waits_for_first_step(lead: Person, since: datetime, at: datetime) -> list[Wait]:
    """Of each case that came in since then: how long until its first step went out, or how long it waits already.

    A case that was closed without any step waits no longer, and never came to one: it counts up to its closing.
    """
    seen = Case.objects.filter(visible_cases(lead, at), opened_at__gte=since, opened_at__lte=at).order_by()
    seen = seen.filter(state__in=Case.State.values)  # all: the index begins with the state
    sent = Measure.objects.filter(case=OuterRef("pk"), sent_at__isnull=False).order_by("sent_at").values("sent_at")
    rows = seen.annotate(first=Subquery(sent[:1]))
    nothing = timedelta()
    return [
        (max((first or closed_at or at) - opened_at, nothing), first is not None)
        for opened_at, closed_at, first in rows.values_list("opened_at", "closed_at", "first")
    ]
