from __future__ import annotations

from habeas.access.models import Person


def has_members() -> bool:
    """Whether anybody can sign in yet."""
    return Person.objects.exists()
