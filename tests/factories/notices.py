from __future__ import annotations

from datetime import datetime

from factories.people import member
from factories.plans import plan, step
from factories.reports import NOON, a_case
from habeas.cases.models import Case
from habeas.remedies import actions, progress
from habeas.remedies.models import Measure

HOST = "board.example.net"
LINK = f"https://{HOST}/thread/88214"


def a_measure(case: Case | None = None, *, links: tuple[str, ...] = (LINK,), **changes: object) -> Measure:
    """A drafted notice to the platform of a small case."""
    case = case or a_case(links=links)
    planned = step(**{"key": f"platform-notice:platform:{HOST}", "remedy": "platform-notice", **changes})
    actions.record_plan(case, plan(planned), cause="the report was examined", at=NOON)
    return Measure.objects.select_related("case__key").get(case=case, key=planned.key)


def an_approved(measure: Measure) -> Measure:
    for _ in range(measure.approvals_needed):
        measure = actions.approve(measure.pk, "it is hers, and it locates her", by=member(), at=NOON)
    return measure


def a_sent(measure: Measure | None = None, *, at: datetime = NOON, **changes: object) -> Measure:
    """The same, after it left the house."""
    return progress.note_sent(an_approved(measure or a_measure(**changes)).pk, by="mail", at=at)
