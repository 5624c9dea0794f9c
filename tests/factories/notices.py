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


def a_real_notice(route: Route | None = None) -> Measure:
    """The platform's notice of an examined case, full of what must not leave the house, as it went."""
    from factories.reports import an_examined_case
    from habeas.journey import report
    from habeas.kernel import clock
    from habeas.remedies import consents

    case = an_examined_case()
    report.answer(case, "content.illegal", True, "it locates her", by=member())
    measure = Measure.objects.get(case=case, key=f"platform-notice:platform:{HOST}")
    consents.say(case, measure.key, given=True, by=None, at=clock.now())
    report.reassess(case, "the person agreed")
    measure.refresh_from_db()
    return a_letter_sent(measure, route)


def a_link(measure: Measure, used_by: str = "addressee") -> str:
    """The path that a link in a letter, or one passed on to whoever posted it, leads to."""
    from django.urls import reverse

    from habeas.kernel import clock
    from habeas.platforms import actions as platforms

    token = platforms.make_door(measure, at=clock.now(), used_by=used_by)
    return reverse("partners:notice" if used_by == "addressee" else "partners:contest", args=[token])
