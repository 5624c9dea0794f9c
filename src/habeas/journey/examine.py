"""From a text to a plan, without a database: what the command line and the case system both do.

scan -> facts -> findings -> questions -> plan
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from habeas.cases.core.facts import TIES, Known, Ties, current
from habeas.exposure.core.documents import Document
from habeas.exposure.core.model import Indication, Scan
from habeas.exposure.core.scan import scan
from habeas.law.core import packs, reach
from habeas.law.core.engine import Situation, assess
from habeas.law.core.interview import Question, questions
from habeas.law.core.model import Finding, Provision
from habeas.law.core.reach import involved
from habeas.law.core.reviews import load_reviews, reviewed_only, set_aside, status_of
from habeas.remedies.core.catalogue import still_to_come
from habeas.remedies.core.model import Omission, Plan, PostingView
from habeas.remedies.core.plan import plan
from habeas.remedies.core.stakes import stakes_of


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the law says of a case, what is still worth asking, and what to do."""

    situation: Situation
    jurisdictions: tuple[str, ...]
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    plan: Plan


@dataclass(frozen=True, slots=True)
class Examination:
    document: Document
    scan: Scan
    judgement: Judgement


def examine(
    document: Document,
    situation: Situation,
    *,
    postings: Sequence[PostingView] = (),
    wishes: frozenset[str] | None = None,
    danger: bool | None = None,
    target_names: Sequence[str] = (),
    only_reviewed: bool = False,
) -> Examination:
    """Scan one document and judge what it shows together with what is already known."""
    found = scan(document.text, regions=regions_of(situation.ties), today=situation.asked_on, target_names=target_names)
    known = current([*known_from(found.indications), *situation.known.values()])
    enriched = Situation(known, situation.ties, situation.acted_on, situation.asked_on)
    judged = judge(enriched, postings=postings, wishes=wishes, danger=danger, only_reviewed=only_reviewed)
    return Examination(document, found, judged)


def judge(
    situation: Situation,
    *,
    postings: Sequence[PostingView] = (),
    wishes: frozenset[str] | None = None,
    danger: bool | None = None,
    only_reviewed: bool = False,
    priors: Mapping[str, float] | None = None,
    consents: Mapping[str, bool | None] | None = None,
    standing: Mapping[str, str] | None = None,
) -> Judgement:
    """Every provision of every jurisdiction the case touches, the open questions and the plan.

    only_reviewed: provisions that nobody reviewed as they now stand are found and asked about, and ground nothing
    priors:        how often facts were true in past cases, 0..1, for the order of questions and nothing else
    consents:      what the person said to measures, by their keys; standing: how far measures have come
    """
    jurisdictions = packs.jurisdictions()
    codes = involved(situation.ties, jurisdictions)
    known = current([*reach.known_from(situation.ties), *situation.known.values()])
    situation = Situation(known, situation.ties, situation.acted_on, situation.asked_on)
    provisions, vocabulary = provisions_of(codes), packs.load_vocabulary()
    reviews = [review for code in codes for review in load_reviews(code)] if only_reviewed else []
    trusted = (
        frozenset(p.id for p in provisions if status_of(p, reviews).state == "reviewed") if only_reviewed else None
    )
    findings = assess(provisions, situation, vocabulary, jurisdictions, trusted)
    # Nobody need have asked yet for what a step of the plan itself asks: a no to that is a not yet.
    not_yet = [key for key in still_to_come() if key in known and known[key].truth is False]
    prospect, prospects = situation, findings
    if not_yet:
        open_still = {key: said for key, said in known.items() if key not in not_yet}
        prospect = Situation(open_still, situation.ties, situation.acted_on, situation.asked_on)
        prospects = assess(provisions, prospect, vocabulary, jurisdictions, trusted)
    planned = plan(
        reviewed_only(prospects, reviews) if only_reviewed else prospects,
        ties=situation.ties,
        postings=postings,
        wishes=wishes,
        danger=danger,
        today=situation.asked_on,
        jurisdictions=jurisdictions,
        consents=consents,
        standing=standing,
        facts={key: one.truth for key, one in known.items()},
    )
    if only_reviewed and (idle := set_aside(findings, reviews)):
        unreviewed = Omission(None, tuple(sorted(idle)), "not reviewed: grounds nothing")
        planned = replace(planned, omissions=(*planned.omissions, unreviewed))
    asked = questions(prospects, prospect, vocabulary, stakes_of(planned, prospects), priors)
    worth_asking = tuple(question for question in asked if question.key not in not_yet)
    return Judgement(situation, codes, tuple(findings), worth_asking, planned)


def provisions_of(codes: Iterable[str]) -> list[Provision]:
    return [provision for code in codes for provision in packs.load_pack(code).provisions]


def known_from(indications: Iterable[Indication]) -> list[Known]:
    """What a scan contributes to the facts: knowledge where the text settles it, a leaning where it only hints."""
    return [Known(found.fact, found.truth, "scan", found.basis, found.leaning) for found in indications]


def situation_of(known: Mapping[str, Known], ties: Ties, *, posted_on: date | None, today: date) -> Situation:
    """Conduct is judged on the day it was posted; where nobody knows that day, on today's."""
    return Situation(known, ties, posted_on or today, today)


def regions_of(ties: Ties) -> tuple[str, ...]:
    """Country hints for reading phone numbers and ids: the countries of the case, nearest to the person first."""
    codes = [code.split("-")[0] for tie in TIES for code in sorted(ties.of(tie) or ())]
    return tuple(dict.fromkeys(code for code in codes if len(code) == 2 and code not in {"EU", "UN"}))
