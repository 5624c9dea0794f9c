"""Reading cases. What is sealed is opened here, for those who were let in before."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Case as When
from django.db.models import Count, IntegerField, Max, Q, QuerySet, Value
from django.db.models import When as Then

from habeas.access import keys
from habeas.access.models import Person
from habeas.cases.core import facts
from habeas.cases.core.facts import TIES, Known, Ties
from habeas.cases.models import LINK, RECEIPT, Case, Party, Posting, Report, Statement
from habeas.kernel.ids import read_receipt


class NoSuchCase(LookupError):
    """No case has this reference."""


SEVERITY_ORDER = ("very_high", "high", "moderate", "low", "none")


def case_by_reference(reference: str) -> Case:
    """Raises NoSuchCase."""
    case = Case.objects.select_related("key", "owner").filter(reference=reference.upper()).first()
    if case is None:
        raise NoSuchCase(f"there is no case {reference[:20]!r}")
    return case


def case_by_id(case_id: object) -> Case:
    """Raises Case.DoesNotExist."""
    return Case.objects.select_related("key", "owner").get(pk=case_id)


def case_by_receipt(typed: str) -> Case | None:
    """The case a receipt belongs to, or None where it belongs to none."""
    receipt = read_receipt(typed)
    if receipt is None:
        return None
    digest = keys.lookup_digest(RECEIPT, receipt)
    report = Report.objects.select_related("case__key").filter(receipt_digest=digest).first()
    return report.case if report else None


def queue(*, mine: Person | None = None, state: str | None = None) -> QuerySet[Case]:
    """Cases to work on: danger first, then the gravest, then the oldest."""
    ranks = [Then(severity=name, then=Value(rank)) for rank, name in enumerate(SEVERITY_ORDER)]
    # Where nobody has said whether there is danger, there may be.
    dangers = [Then(danger=True, then=Value(0)), Then(danger=None, then=Value(1))]
    cases = (
        Case.objects.select_related("owner")
        .annotate(
            links=Count("postings"),
            urgency=When(*dangers, default=Value(2), output_field=IntegerField()),
            rank=When(*ranks, default=Value(len(SEVERITY_ORDER)), output_field=IntegerField()),
        )
        .order_by("urgency", "rank", "opened_at")
    )
    if mine is not None:
        cases = cases.filter(owner=mine)
    return cases.filter(state=state) if state else cases.exclude(state=Case.State.CLOSED)


def report_of(case: Case) -> dict[str, Any]:
    """The first report of a case, as it was told."""
    report = case.reports.order_by("received_at")[0]
    told: dict[str, Any] = json.loads(keys.unseal(case.key, report.sealed, f"report/{report.pk}"))
    return {**told, "received_at": report.received_at, "id": report.pk}


def links_of(case: Case) -> list[tuple[Posting, str]]:
    """The places of a case, each with its link."""
    return [(posting, link_of(case, posting)) for posting in case.postings.all()]


def posting(posting_id: int) -> Posting:
    """Raises Posting.DoesNotExist."""
    return Posting.objects.select_related("case__key").get(pk=posting_id)


def posting_of(case: Case, posting_id: int) -> Posting:
    """A posting of this case and no other. Raises Posting.DoesNotExist."""
    return case.postings.select_related("case__key").get(pk=posting_id)


def link_of(case: Case, posting: Posting) -> str:
    context = f"posting/{case.pk}/{bytes(posting.link_digest).hex()}"
    return keys.unseal(case.key, posting.link_sealed, context).decode()


def parties_of(case: Case) -> dict[str, dict[str, str]]:
    """role -> what is known of that person."""
    return {
        party.role: json.loads(keys.unseal(case.key, party.sealed, f"party/{case.pk}/{party.role}"))
        for party in Party.objects.filter(case=case)
    }


def known_in(case: Case) -> dict[str, Known]:
    """What holds now, for each fact anybody spoke of."""
    return facts.current(history_of(case))


def history_of(case: Case) -> list[Known]:
    """All that was ever said, in order."""
    return [
        Known(row.key, row.truth, row.said_by, row.basis, row.leaning, row.said_at) for row in case.statements.all()
    ]


def latest_cases(most: int | None = None) -> QuerySet[Case]:
    """All cases, or so many of the latest, with all that was ever said in them."""
    return Case.objects.order_by("-opened_at", "pk").prefetch_related("statements")[:most]


def answers_in_past_cases() -> dict[str, tuple[int, int]]:
    """For each fact, how many cases answered it and in how many it was true. Counts only, over all cases.

    What people said counts, not what a scan read; a change of mind counts as its last word.
    """
    by_people = Statement.objects.exclude(said_by__in=facts.MACHINES)
    last_words = by_people.order_by().values("case", "key").annotate(last=Max("pk")).values("last")
    rows = (
        Statement.objects.filter(pk__in=last_words, truth__isnull=False)
        .order_by()
        .values("key")
        .annotate(answered=Count("pk"), true=Count("pk", filter=Q(truth=True)))
    )
    return {row["key"]: (row["answered"], row["true"]) for row in rows}


def ties_of(case: Case) -> Ties:
    return Ties({tie: frozenset(case.ties[tie]) for tie in TIES if case.ties.get(tie)})


def last_change_of(case: Case) -> datetime:
    """When the case was last touched by what it knows: for the person who follows it."""
    latest = case.statements.order_by("-said_at").values_list("said_at", flat=True).first()
    return max(filter(None, (case.opened_at, case.examined_at, latest)))


def closing_of(case: Case) -> str:
    """How a case ended, in the words of whoever closed it; empty where it is not closed."""
    if case.closing_sealed is None or case.closed_at is None:
        return ""
    return keys.unseal(case.key, case.closing_sealed, f"closing/{case.pk}").decode()


def closed_before(at: datetime) -> list[Case]:
    """Cases that were closed before an instant and are not erased yet, the oldest first."""
    closed = Case.objects.filter(state=Case.State.CLOSED, closed_at__lte=at, key__wrapped__isnull=False)
    return list(closed.select_related("key").order_by("closed_at", "pk"))


def has_cases() -> bool:
    return Case.objects.exists()


def count_cases() -> int:
    return Case.objects.count()


# ------------------------------------------------------------------------------------------------------ finding a case


def cases_called(reference: str) -> QuerySet[Case]:
    """The case of a reference in its one true form, or none."""
    return Case.objects.filter(reference=reference)


def is_among(case: Case, condition: Q) -> bool:
    """Whether a case meets a condition on cases."""
    return Case.objects.filter(condition, pk=case.pk).exists()


def cases_with_link(link: str) -> QuerySet[Case]:
    """The cases that name this very link as a place, the latest first. What is stored of it is a keyed digest."""
    with_it = Posting.objects.filter(link_digest=keys.lookup_digest(LINK, link)).order_by()
    return Case.objects.filter(pk__in=with_it.values("case")).order_by("-opened_at", "pk")


def cases_on_host(host: str) -> QuerySet[Case]:
    """The cases with a place on a site, the latest first. host: as ``intake.host_of`` gives it."""
    there = Posting.objects.filter(host=host).order_by()
    return Case.objects.filter(pk__in=there.values("case")).order_by("-opened_at", "pk")


def wanting_news() -> QuerySet[Case]:
    """Cases whose person asked for a word by e-mail when there is news, and that are worked on."""
    return Case.objects.select_related("key").filter(news_wanted=True, withdrawn_at=None, key__wrapped__isnull=False)


def contact_of(case: Case) -> str:
    """How whoever reported may be reached, as they gave it; empty where they gave nothing. Raises KeyDestroyed."""
    return str(parties_of(case).get("reporter", {}).get("contact") or "")
