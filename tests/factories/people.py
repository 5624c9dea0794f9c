from __future__ import annotations

from itertools import count

from habeas.access.models import Person

_numbers = count(1)
_NAMES = ("Casey Okafor", "Lee Marchetti", "Noor Haddad", "Ines Quill")


def member(role: str = "caseworker", name: str = "") -> Person:
    """Someone at the desk, without a password: tests let them in by themselves."""
    number = next(_numbers)
    first, _, last = (name or _NAMES[number % len(_NAMES)]).partition(" ")
    return Person.objects.create(
        username=f"{role}-{number}", role=role, first_name=first, last_name=last, password="!unusable"
    )
