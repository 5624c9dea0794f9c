"""What the person affected agreed to: per measure and addressee, least by default, taken back in one press."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from habeas.access import actions as access
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.cases.models import Case
from habeas.ledger import actions as ledger
from habeas.remedies.models import Consent, Measure


@transaction.atomic
def say(case: Case, key: str, *, given: bool, by: Person | None, basis: str = "", at: datetime) -> Consent:
    """Write down a yes or no of the person affected.

    by:    the member who was told, null for the person through their receipt
    basis: how the member was told it
    Raises NotAllowed; Measure.DoesNotExist for a step that was never planned.
    """
    if by is not None:
        access.require(by, "note_consent")
    case = cases.hold(case)
    Measure.objects.get(case=case, key=key)
    who = str(by.pk) if by else "person"
    consent = Consent.objects.create(case=case, key=key, given=given, said_by=who, basis=basis[:200], said_at=at)
    ledger.append("consent.said", by=who, at=at, case=case.pk, consent=consent.pk, given=given)
    return consent


def standing_in(case: Case) -> dict[str, bool]:
    """Measure key -> what the person said last. Who was not asked is not in it."""
    return {consent.key: consent.given for consent in Consent.objects.filter(case=case)}
