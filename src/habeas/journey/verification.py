"""What happens after somebody says that it is done: the pages are captured again, and again, until it is sure.

"done" -> looks are written down, sooner and later -> each captures every posting of the addressee and seals it -> what
stands still or again makes the measure unfinished, and the plan follows; the person's page shows it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from habeas.cases import queries as cases
from habeas.evidence.actions import Reason
from habeas.journey import report
from habeas.journey.capture import capture_now
from habeas.kernel import clock
from habeas.remedies import rechecks
from habeas.remedies.core.states import Event

if TYPE_CHECKING:
    from habeas.cases.models import Posting
    from habeas.remedies.models import Measure

# Answers after which it is worth looking.
_WORTH_A_LOOK: frozenset[Event] = frozenset({"comply", "comply_partly"})
_SERVICES = frozenset({"platform", "host", "search_engine", "cdn", "registrar", "archive"})


def plan_looks(measure: Measure, event: Event) -> int:
    """Write down the looks that follow an answer; how many. Call it in the transaction of the answer."""
    if event not in _WORTH_A_LOOK or not postings_of(measure):
        return 0
    return len(rechecks.plan(measure, at=clock.now()))


def look_again(recheck_id: int) -> None:
    """Capture what a measure was about, and write down what stands. Safe to do again."""
    recheck = rechecks.find(recheck_id)
    if recheck is None:
        return
    measure = recheck.measure
    states = [_captured(posting) for posting in postings_of(measure)]
    with transaction.atomic():
        if rechecks.note(recheck, what_stands(states), at=clock.now()):
            report.reassess(measure.case, f"it stands still or again: {measure.planned['remedy']}")


def what_stands(states: list[str]) -> str:
    """gone, partly, standing or unknown, from the states of all postings a measure is about."""
    known = [state for state in states if state != "unknown"]
    if not known:
        return "unknown"
    standing = [state for state in known if state != "gone"]
    if not standing:
        return "gone" if len(known) == len(states) else "unknown"
    return "standing" if len(standing) == len(states) else "partly"


def postings_of(measure: Measure) -> list[Posting]:
    """The postings a measure is about: those at its service, or all of the case where it goes to an authority."""
    to = measure.planned["addressee"]
    found = [posting for posting, _ in cases.links_of(measure.case)]
    if to["kind"] in _SERVICES and to["name"]:
        return [posting for posting in found if posting.host.casefold() == to["name"].casefold()]
    return found if measure.planned["phase"] == "remove" else []


def _captured(posting: Posting) -> str:
    try:
        capture_now(posting, Reason("remedy", "legal_claim"), by="look")
    except OSError:
        return "unknown"  # the page could not be reached: that it is gone is not known
    return str(cases.posting(posting.pk).state)
