"""Recording what the law says of a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction

from habeas.cases.models import Case
from habeas.law.core import model
from habeas.law.models import Assessment, Finding
from habeas.ledger import actions as ledger


@transaction.atomic
def record_assessment(
    case: Case, findings: Sequence[model.Finding], *, acted_on: date, asked_on: date, cause: str, at: datetime
) -> Assessment:
    """Store one judging. Where nothing changed since the last one, the last one stands and nothing is stored."""
    last = Assessment.objects.filter(case=case).first()
    outcomes = {finding.provision.id: (finding.outcome, list(finding.missing)) for finding in findings}
    if last is not None and outcomes == outcomes_of(last):
        return last
    assessment = Assessment.objects.create(case=case, at=at, acted_on=acted_on, asked_on=asked_on, cause=cause[:200])
    Finding.objects.bulk_create(
        Finding(assessment=assessment, provision=provision, outcome=outcome, missing=missing)
        for provision, (outcome, missing) in outcomes.items()
    )
    ledger.append("case.assessed", by="law", at=at, case=case.pk, assessment=assessment.pk, provisions=len(outcomes))
    return assessment


def outcomes_of(assessment: Assessment) -> dict[str, tuple[str, list[str]]]:
    """provision id -> (outcome, missing facts)"""
    rows = assessment.findings.values_list("provision", "outcome", "missing")
    return {provision: (outcome, missing) for provision, outcome, missing in rows}
