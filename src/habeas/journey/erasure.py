"""What happens when a case is erased: whoever still needs it is asked, everybody forgets it, then its key goes.

All of it in one transaction: a case is erased everywhere or nowhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from habeas.cases import actions as cases
from habeas.evidence import erasing
from habeas.exposure import actions as exposure
from habeas.kernel import clock
from habeas.platforms import actions as platforms
from habeas.remedies import actions as remedies
from habeas.remedies import queries as remedies_queries

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.cases.models import Case
    from habeas.evidence.models import Erasure


def erase_case(case: Case, basis: str, *, by: Person | None) -> Erasure:
    """Erase a case with proof. Raises HeldBack with every reason that forbids it, NotAllowed.

    by: null where its time of retention was up
    """
    at, who = clock.now(), by.pk if by else "retention"
    with transaction.atomic():
        case = cases.hold(case)
        needed = remedies_queries.reasons_to_keep(case)
        also = {
            "known material": exposure.withdraw_known(case, by=who, at=at),
            **exposure.forget_readings(case, by=who, at=at),
            **remedies.forget_words(case, by=who, at=at),
            **platforms.forget_words(case, by=who, at=at),
        }
        return erasing.erase(case, basis, also, needed, by=by, at=at)
