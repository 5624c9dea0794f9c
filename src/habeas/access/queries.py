from __future__ import annotations

from collections.abc import Iterable

from habeas.access.models import Person


def has_members() -> bool:
    """Whether anybody can sign in yet."""
    return Person.objects.exists()


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """What colleagues call those people whose ids the log holds; ids of no person are left out."""
    people = Person.objects.filter(pk__in=[int(id_) for id_ in set(ids) if id_.isdecimal()])
    return {str(person.pk): str(person) for person in people}
