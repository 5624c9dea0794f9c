"""What happens to a report, step by step.

A person files it -> the case is opened, its material sealed, the receipt shown -> later, a worker scans the material
(see ``material.py``), asks the law and drafts the plan -> a caseworker answers what is open, and the last two steps
run again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from habeas.cases import actions as cases
from habeas.cases import queries
from habeas.cases.core.facts import Truth
from habeas.cases.core.intake import Intake
from habeas.evidence import actions as evidence
from habeas.evidence import queries as evidence_queries
from habeas.exposure import queries as exposure_queries
from habeas.exposure.core.documents import recognise
from habeas.journey.examine import Judgement, judge, situation_of
from habeas.journey.material import examine_item
from habeas.kernel import clock
from habeas.law import actions as law
from habeas.law import queries as law_queries
from habeas.law.core import priors
from habeas.remedies import actions as remedies
from habeas.remedies import consents
from habeas.remedies import queries as remedies_queries
from habeas.remedies.core.model import PostingView
from habeas.store import actions as store

if TYPE_CHECKING:
    from habeas.access.models import Person
    from habeas.cases.models import Case, Posting

PASTED = "pasted text"
EXAMINE = "report.examine"
# What the kind of an item is for its media type; any other is a file.
KINDS = {"message/rfc822": "email"}


@dataclass(frozen=True, slots=True)
class Moved:
    """How many findings have another outcome than before, and how many steps of the plan are new, other or gone."""

    findings: int
    measures: int


@transaction.atomic
def file_report(intake: Intake) -> cases.Opened:
    """Open the case, seal what came with it, and write down the work to come: all of it or nothing."""
    at = clock.now()
    opened = cases.open_case(intake, at=at)
    if opened.again:
        return opened
    if intake.text.strip():
        pasted = intake.text.encode()
        evidence.seal(opened.report, PASTED, "text/plain", pasted, by=intake.channel, at=at, kind="text")
    for file in intake.files:
        media_type = recognise(file.content, file.name)
        kind = KINDS.get(media_type, "file")
        evidence.seal(opened.report, file.name, media_type, file.content, by=intake.channel, at=at, kind=kind)
    store.enqueue(EXAMINE, {"case_id": str(opened.case.pk)}, at=at)
    return opened


def examine(case_id: str) -> None:
    """Scan all material of a case, then judge and plan. Safe to do again."""
    case = queries.case_by_id(case_id)
    names = [party["name"] for party in queries.parties_of(case).values() if party.get("name")]
    for item, name in evidence_queries.items_of(case):
        examine_item(case, item, name, names)
    reassess(case, "the report was examined")
    cases.mark_examined(case, exposure_queries.severity_of(case), at=clock.now())


def add_links(case: Case, links: tuple[str, ...], *, by: object) -> int:
    """More places where the data stands. Returns how many were new; the plan follows at once."""
    with transaction.atomic():
        case = cases.hold(case)
        count = cases.add_links(case, links, by=by, at=clock.now())
        if count:
            reassess(case, "links were added")
    return count


def say_it_is_back(case: Case, posting: Posting, *, by: object) -> None:
    """Somebody saw a posting where it was gone: the plan takes it up at once, and the page is captured."""
    at = clock.now()
    with transaction.atomic():
        case = cases.hold(case)
        cases.note_state(posting, "live", by=by, at=at)
        reassess(case, "the person saw it again")
        told = {"posting_id": posting.pk, "by": "receipt", "purpose": "preserve", "basis": "consent"}
        store.enqueue("evidence.capture", told, at=at)


def answer(case: Case, key: str, truth: Truth, basis: str, *, by: Person) -> Moved:
    """A caseworker answers a question; findings and plan follow at once."""
    with transaction.atomic():
        case = cases.hold(case)
        cases.state_fact(case, key, truth, basis, by=by, at=clock.now())
        return reassess(case, f"answered: {key}")


def answer_place(case: Case, tie: str, codes: list[str], *, by: Person) -> Moved:
    """A caseworker says where the case touches the world; findings and plan follow at once."""
    with transaction.atomic():
        case = cases.hold(case)
        cases.state_tie(case, tie, codes, by=by, at=clock.now())
        return reassess(case, f"answered: {tie}")


def reassess(case: Case, cause: str) -> Moved:
    """Ask the law again and bring the plan in line."""
    at = clock.now()
    with transaction.atomic():
        # Held while it is judged: an answer given meanwhile would be judged away.
        case = cases.hold(case)
        before = law_queries.latest_of(case)
        judged = judgement_of(case)
        situation = judged.situation
        assessment = law.record_assessment(
            case, judged.findings, acted_on=situation.acted_on, asked_on=situation.asked_on, cause=cause, at=at
        )
        record = remedies.record_plan(case, judged.plan, cause=cause, at=at)
    return Moved(
        findings=len(law_queries.changes_of(case)) if assessment != before else 0,
        measures=sum(len(keys) for keys in record.difference.values()) if record else 0,
    )


def judgement_of(case: Case) -> Judgement:
    """The law on what is known of a case today."""
    situation = situation_of(
        queries.known_in(case), queries.ties_of(case), posted_on=case.posted_on, today=clock.today()
    )
    postings = [
        PostingView(url=link, service=posting.host, state=posting.state) for posting, link in queries.links_of(case)
    ]
    return judge(
        situation,
        postings=postings,
        wishes=frozenset(case.wishes) or None,
        danger=case.danger,
        only_reviewed=settings.HABEAS_ONLY_REVIEWED,
        priors=_priors(),
        consents=consents.standing_in(case),
        standing={measure.key: measure.state for measure in remedies_queries.measures_of(case)},
    )


def _priors() -> dict[str, float]:
    """What past cases teach the order of questions, counted anew each hour."""
    return cache.get_or_set("priors", _learn, timeout=3600)


def _learn() -> dict[str, float]:
    counts = queries.answers_in_past_cases()
    return priors.learned({key: priors.Tally(answered, true) for key, (answered, true) in counts.items()})
