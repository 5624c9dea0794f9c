"""Organisations, people of theirs, and cases that somebody was let into."""

from __future__ import annotations

from itertools import count

from factories.people import member
from factories.reports import NOON
from habeas.access.actions import enter_grant
from habeas.access.models import Grant, Organisation, Person
from habeas.cases.models import Case

_numbers = count(1)


def organisation(kind: str = "helpline", *, of_house: bool = True) -> Organisation:
    return Organisation.objects.create(name=f"{kind} {next(_numbers)}", kind=kind, of_house=of_house)


def member_of(house: Organisation | None, role: str = "caseworker") -> Person:
    person = member(role)
    person.organisation = house
    person.save(update_fields=["organisation"])
    return person


def granted(case: Case, kind: str, to: object, **more: object) -> Grant:
    """A grant as any action would write it down."""
    return enter_grant(case, kind, to, "for this test", **{"by": None, "at": NOON, **more})  # type: ignore[arg-type]


def put(case: Case, **fields: object) -> Case:
    """The case with fields that no action was needed for."""
    Case.objects.filter(pk=case.pk).update(**fields)
    case.refresh_from_db()
    return case
