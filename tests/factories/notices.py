from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from factories.people import member
from factories.plans import plan, step
from factories.reports import NOON, a_case
from habeas.cases.models import Case
from habeas.remedies import actions, progress
from habeas.remedies.models import Measure

if TYPE_CHECKING:
    from habeas.platforms.models import Route

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


def a_letter_sent(measure: Measure, route: Route | None = None) -> Measure:
    """An approved measure whose letter was written, handed over and noted, as ``journey/sending.py`` does."""
    from habeas.journey import letters
    from habeas.platforms import actions as platforms

    version = letters.approved_of(measure) or letters.draft(measure, "en", based_on=0, by=member())
    if measure.state != "approved":
        measure = an_approved(measure)
    queued = platforms.queue(measure, version, "email", {}, route=route, by=member(), at=NOON)
    platforms.settle(queued.pk, reference="", says="", proof=b"", proof_type="", by="worker", at=NOON)
    return progress.note_sent(measure.pk, by="mail", at=NOON)
