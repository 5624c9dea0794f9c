"""Past cases without the people in them, for replaying a reform."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.db import transaction

from habeas.cases import queries
from habeas.kernel import clock
from habeas.law.core.case_table import PastCase
from habeas.ledger import actions as ledger

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.cases.core.facts import Known
    from habeas.cases.models import Case


def export(by: Person | str, most: int | None = None) -> list[PastCase]:
    """Every case (or the ``most`` latest): its facts, days and places, under a number drawn anew each time.

    Nothing of a report, a person or a posting is in it, and the numbers lead nowhere. The log says that it was done.
    """
    at = clock.now()
    found = [
        PastCase(
            number=secrets.token_hex(6),
            acted_on=case.posted_on or case.opened_at.date(),
            asked_on=clock.today(),
            facts={key: known.truth for key, known in facts.items() if known.truth is not None},
            ties=queries.ties_of(case),
            signs={key: known.leaning for key, known in facts.items() if known.leaning is not None},
        )
        for case, facts in _cases(most)
    ]
    with transaction.atomic():
        ledger.append("cases.exported", by=getattr(by, "pk", by), at=at, count=len(found))
    return found


def _cases(most: int | None) -> Iterator[tuple[Case, dict[str, Known]]]:
    for case in queries.latest_cases(most):
        yield case, queries.known_in(case)
