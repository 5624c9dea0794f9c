"""What is checked before anybody acts, and how accounts come to be."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from habeas.access.core.permissions import may
from habeas.access.models import Organisation, Person
from habeas.ledger import actions as ledger


class NotAllowed(PermissionError):
    """The person's role does not allow the action."""


def require(by: Person, action: str) -> None:
    """Let the action pass or raise NotAllowed."""
    if not by.is_active or not may(by.role, action):
        raise NotAllowed(f"the role {by.role} may not {action.replace('_', ' ')}; ask a team lead")


@transaction.atomic
def add_member(username: str, password: str, role: str, organisation: str, *, full_name: str, at: datetime) -> Person:
    """Give someone an account at the desk."""
    house, _ = Organisation.objects.get_or_create(name=organisation)
    first, _, last = full_name.partition(" ")
    person = Person.objects.create_user(
        username=username, password=password, role=role, organisation=house, first_name=first, last_name=last
    )
    ledger.append("member.added", by="console", at=at, member=person.pk, role=role)
    return person
