"""Opening a case from a report, and what people do with it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases.core.facts import Known, Truth
from habeas.cases.core.intake import Intake, host_of
from habeas.cases.models import LINK, RECEIPT, SPARE, Case, Party, Posting, Report, Statement
from habeas.kernel.ids import new_reference, read_receipt
from habeas.ledger import actions as ledger

SUBMISSION_STANDS = timedelta(minutes=30)


class SubmittedBefore(RuntimeError):
    """The same form was sent long ago; its receipt is not shown again."""


class NotClosed(RuntimeError):
    """The case cannot be closed as asked. The message says why."""


class AlreadyTaken(RuntimeError):
    """Another person works on the case."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with the receipt of its report, which is stored nowhere. ``again``: the same form had been sent before."""

    case: Case
    report: Report
    receipt: str
    again: bool = False


def open_case(intake: Intake, *, at: datetime) -> Opened:
    """Store a report unchanged and open its case. The same submission again gives the same case, for half an hour.

    Raises SubmittedBefore after that: a form left open on a shared device must not show the receipt to the next person.
    """
    receipt = keys.receipt_of(intake.submission)
    digest = keys.lookup_digest(RECEIPT, receipt)
    try:
        return _opened_before(digest, receipt, at) or _open(intake, digest, receipt, at)
    except IntegrityError:
        # The same form was sent twice at the same instant, and the other one was first.
        before = _opened_before(digest, receipt, at)
        if before is None:
            raise
        return before


def _opened_before(digest: bytes, receipt: str, at: datetime) -> Opened | None:
    report = Report.objects.select_related("case__key").filter(receipt_digest=digest).first()
    if report is None:
        return None
    if at - report.received_at > SUBMISSION_STANDS:
        raise SubmittedBefore("This report was sent before. Follow it with the receipt you were given then.")
    return Opened(report.case, report, receipt, again=True)


@transaction.atomic
def _open(intake: Intake, digest: bytes, receipt: str, at: datetime) -> Opened:
    case = Case.objects.create(
        reference=_free_reference(),
        key=keys.new_case_key(at=at),
        danger=intake.danger,
        language=intake.language,
        ties={"target_lives": [intake.lives_in]} if intake.lives_in else {},
        wishes=sorted(intake.wishes),
        posted_on=intake.posted_on,
        news_wanted=intake.news,
        opened_at=at,
    )
    report = Report(
        case=case,
        channel=intake.channel,
        reporter=intake.reporter,
        language=intake.language,
        receipt_digest=digest,
        received_at=at,
    )
    report.sealed = keys.seal(case.key, _as_told(intake), f"report/{report.pk}")
    report.save()
    _add_postings(case, intake.links, at)
    _add_parties(case, intake)
    who = "person" if intake.reporter == "self" else "reporter"
    _say(
        case, [Known(k, t, who, "answered in the report") for k, t in intake.answers.items() if t is not None], None, at
    )
    ledger.append("case.opened", by=intake.channel, at=at, case=case.pk, report=report.pk, links=len(intake.links))
    return Opened(case, report, receipt)


@transaction.atomic
def make_spare(receipt: str, *, at: datetime) -> str:
    """A second receipt that can replace a lost one; one made before stops working. It is stored nowhere.

    Raises Report.DoesNotExist for a receipt nobody was given.
    """
    digest = keys.lookup_digest(RECEIPT, receipt)
    report = Report.objects.select_for_update(of=("self",)).get(receipt_digest=digest)
    spare = keys.receipt_of(secrets.token_urlsafe(24))
    report.spare_digest = keys.lookup_digest(SPARE, spare)
    report.save(update_fields=["spare_digest"])
    ledger.append("receipt.spare_made", by="receipt", at=at, case=report.case_id, report=report.pk)
    return spare


@transaction.atomic
def replace_receipt(typed: str, *, at: datetime) -> str | None:
    """A new receipt for whoever holds the second one; the lost receipt and the second one stop working.

    Null where it is no second receipt.
    """
    spare = read_receipt(typed)
    if spare is None:
        return None
    digest = keys.lookup_digest(SPARE, spare)
    report = Report.objects.select_for_update(of=("self",)).filter(spare_digest=digest).first()
    if report is None:
        return None
    receipt = keys.receipt_of(secrets.token_urlsafe(24))
    report.receipt_digest, report.spare_digest = keys.lookup_digest(RECEIPT, receipt), None
    report.save(update_fields=["receipt_digest", "spare_digest"])
    ledger.append("receipt.replaced", by="spare", at=at, case=report.case_id, report=report.pk)
    return receipt


@transaction.atomic
def note_news(case: Case, *, at: datetime) -> None:
    """A word goes to the person that there is news; it is not said again before there is more."""
    case = hold(case)
    case.news_sent_at = at
    case.save(update_fields=["news_sent_at"])
    ledger.append("person.told_of_news", by="news", at=at, case=case.pk)


@transaction.atomic
def note_withdrawal(case: Case, *, at: datetime) -> bool:
    """The person wants nothing more done in their name. Returns whether that is new."""
    case = hold(case)
    if case.withdrawn_at is not None:
        return False
    case.withdrawn_at = at
    case.save(update_fields=["withdrawn_at"])
    ledger.append("case.withdrawn", by="receipt", at=at, case=case.pk)
    return True


@transaction.atomic
def take_up_again(case: Case, *, at: datetime) -> None:
    """The person changed their mind: work goes on."""
    case = hold(case)
    if case.withdrawn_at is not None:
        case.withdrawn_at = None
        case.save(update_fields=["withdrawn_at"])
        ledger.append("case.taken_up_again", by="receipt", at=at, case=case.pk)


def hold(case: Case) -> Case:
    """The case as it stands now, kept from others until the caller's transaction ends.

    Whoever changes a case holds it before anything is logged. The log has one head for all cases: two who took head
    and case in different orders would wait for each other.
    """
    return Case.objects.select_for_update(of=("self",)).select_related("key", "owner").get(pk=case.pk)


def hold_many(case_ids: Iterable[object]) -> None:
    """Hold many cases at once, always in one order, so that two who do so never wait for each other."""
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=set(case_ids)).order_by("pk").values_list("pk"))


@transaction.atomic
def record_statements(case: Case, statements: Iterable[Known], *, at: datetime) -> int:
    """Store what a machine found, leaving out what it already said. Returns how many are new."""
    hold(case)
    said = {(s.key, s.truth, s.leaning, s.basis) for s in case.statements.filter(said_by="scan")}
    fresh = [s for s in statements if (s.key, s.truth, s.leaning, s.basis) not in said]
    if fresh:
        _say(case, fresh, None, at)
        ledger.append("facts.found", by="scan", at=at, case=case.pk, count=len(fresh))
    return len(fresh)


@transaction.atomic
def state_fact(case: Case, key: str, truth: Truth, basis: str, *, by: Person, at: datetime) -> None:
    """A caseworker states a fact, or takes an answer back with null."""
    access.require(by, "state_fact")
    hold(case)
    _say(case, [Known(key, truth, "caseworker", basis)], by, at)
    ledger.append("fact.stated", by=by.pk, at=at, case=case.pk, fact=key, truth=truth)


@transaction.atomic
def state_tie(case: Case, tie: str, codes: Iterable[str], *, by: Person, at: datetime) -> None:
    """A caseworker states where the case touches the world; no codes means nobody knows."""
    access.require(by, "state_fact")
    case = hold(case)
    places = sorted(set(codes))
    case.ties = {**case.ties, tie: places or None}
    case.save(update_fields=["ties"])
    ledger.append("tie.stated", by=by.pk, at=at, case=case.pk, tie=tie, places=places)


@transaction.atomic
def take(case: Case, *, by: Person, at: datetime) -> None:
    """Take a case as one's own. Raises AlreadyTaken."""
    access.require(by, "take_case")
    case = hold(case)
    access.require_in(by, "take_case", case, at=at)
    if case.owner_id not in {None, by.pk}:
        raise AlreadyTaken(f"{case} is with {case.owner}; ask them or a team lead")
    case.owner, case.state = by, Case.State.OPEN if case.state == Case.State.NEW else case.state
    case.save(update_fields=["owner", "state"])
    ledger.append("case.taken", by=by.pk, at=at, case=case.pk)


@transaction.atomic
def note_reading(case: Case, *, by: Person, purpose: str, at: datetime) -> None:
    """Log that a person read a case: every read of personal data is an entry."""
    access.require(by, "open_case")
    ledger.append("case.read", by=by.pk, at=at, case=case.pk, role=by.role, purpose=purpose)


@transaction.atomic
def note_following(case: Case, *, at: datetime) -> None:
    """Log that the holder of a receipt looked at their case."""
    ledger.append("case.followed", by="receipt", at=at, case=case.pk)


@transaction.atomic
def mark_examined(case: Case, severity: str, *, at: datetime) -> None:
    Case.objects.filter(pk=case.pk).update(examined_at=at, severity=severity)
    ledger.append("case.examined", by="habeas", at=at, case=case.pk, severity=severity)


@transaction.atomic
def add_links(case: Case, links: Iterable[str], *, by: object, at: datetime) -> int:
    """Add places where the data stands. Returns how many were new."""
    hold(case)
    count = _add_postings(case, links, at)
    ledger.append("postings.added", by=by, at=at, case=case.pk, count=count)
    return count


@transaction.atomic
def close(case: Case, reason: str, *, by: Person, at: datetime) -> Case:
    """End the work on a case. Its time of retention counts from here. Raises NotClosed, NotAllowed."""
    access.require(by, "close_case")
    case = hold(case)
    if case.state == Case.State.CLOSED:
        raise NotClosed("This case is closed already.")
    if not reason.strip():
        raise NotClosed("Say in a few words how it ended; it stands in the file beside your name.")
    case.state, case.closed_at = Case.State.CLOSED, at
    case.closing_sealed = keys.seal(case.key, reason.strip()[:400], f"closing/{case.pk}")
    case.save(update_fields=["state", "closed_at", "closing_sealed"])
    ledger.append("case.closed", by=by.pk, at=at, case=case.pk)
    return case


@transaction.atomic
def reopen(case: Case, *, cause: str, by: object, at: datetime) -> bool:
    """Open a closed case again; whether it was closed."""
    case = hold(case)
    if case.state != Case.State.CLOSED:
        return False
    case.state, case.closed_at = Case.State.OPEN if case.owner_id else Case.State.NEW, None
    case.save(update_fields=["state", "closed_at"])
    ledger.append("case.reopened", by=by, at=at, case=case.pk, cause=cause)
    return True


@transaction.atomic
def mark_back(case: Case, links: Iterable[str], *, by: Person, at: datetime) -> int:
    """Places where the data stands again: new ones are added, old ones marked. Returns how many changed."""
    access.require(by, "decide_sighting")
    hold(case)
    links = list(links)
    _add_postings(case, links, at)
    digests = [keys.lookup_digest(LINK, link) for link in links]
    count = (
        case.postings.filter(link_digest__in=digests).exclude(state=Posting.State.BACK).update(state=Posting.State.BACK)
    )
    ledger.append("postings.back", by=by.pk, at=at, case=case.pk, count=count)
    return count


@transaction.atomic
def note_state(posting: Posting, seen: str, *, by: object, at: datetime) -> str:
    """What a capture says of a posting: live, gone or back. A page that changed is still online.

    What was gone and is there again is back, and stays back as long as it is there. Returns the state it has now.
    """
    held = Posting.objects.select_for_update().get(pk=posting.pk)
    was_away = held.state in {Posting.State.GONE, Posting.State.BACK}
    there = Posting.State.BACK if was_away else Posting.State.LIVE
    held.state = {"gone": Posting.State.GONE, "unknown": held.state}.get(seen, there)
    held.save(update_fields=["state"])
    ledger.append("posting.checked", by=by, at=at, case=held.case_id, posting=held.pk, state=held.state, seen=seen)
    return held.state


def _add_postings(case: Case, links: Iterable[str], at: datetime) -> int:
    count = 0
    for link in links:
        digest = keys.lookup_digest(LINK, link)
        if case.postings.filter(link_digest=digest).exists():
            continue
        sealed = keys.seal(case.key, link, f"posting/{case.pk}/{digest.hex()}")
        case.postings.create(link_sealed=sealed, link_digest=digest, host=host_of(link), reported_at=at)
        count += 1
    return count


def _add_parties(case: Case, intake: Intake) -> None:
    roles: dict[str, dict[str, Any]] = {}
    if intake.target_name:
        roles[Party.Role.TARGET] = {"name": intake.target_name}
    if intake.contact or intake.reporter != "self":
        roles[Party.Role.REPORTER] = {
            "contact": intake.contact,
            "news": intake.news,
            "relation": intake.reporter,
            "agrees": intake.agrees,
        }
    for role, told in roles.items():
        case.parties.create(role=role, sealed=keys.seal(case.key, json.dumps(told), f"party/{case.pk}/{role}"))


def _say(case: Case, statements: Iterable[Known], member: Person | None, at: datetime) -> None:
    Statement.objects.bulk_create(
        Statement(
            case=case,
            key=known.key,
            truth=known.truth,
            leaning=known.leaning,
            said_by=known.said_by,
            member=member,
            basis=known.basis[:400],
            said_at=at,
        )
        for known in statements
    )


def _as_told(intake: Intake) -> str:
    told: dict[str, Any] = {
        name: getattr(intake, name)
        for name in (
            "channel",
            "reporter",
            "language",
            "lives_in",
            "text",
            "answers",
            "danger",
            "target_name",
            "contact",
            "news",
            "agrees",
            "call",
        )
    }
    told |= {
        "hashes": list(intake.hashes),
        "links": list(intake.links),
        "wishes": sorted(intake.wishes),
        "posted_on": _day(intake.posted_on),
        "files": [{"name": file.name, "size_bytes": len(file.content)} for file in intake.files],
    }
    return json.dumps(told, ensure_ascii=False)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _free_reference() -> str:
    while True:
        reference = new_reference()
        if not Case.objects.filter(reference=reference).exists():
            return reference
