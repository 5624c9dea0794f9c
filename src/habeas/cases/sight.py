"""Who has a case and who sees it: closing a case off, handing cases over, leaving, and whose identities open.

The grants themselves are kept in access; what they mean for the file of a case is decided here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from habeas.access import actions as access
from habeas.access import queries as sights
from habeas.access.core.permissions import may
from habeas.access.models import Grant, Person
from habeas.cases import queries
from habeas.cases.actions import hold, hold_many
from habeas.cases.models import Case
from habeas.ledger import actions as ledger

# Why a case is closed off. Codes, because they stand in the log.
SEALED_BECAUSE = ("works_here", "widely_known", "near_police", "other")


class NotSealed(ValueError):
    """The case cannot be closed off, or opened up, as asked. The message says why."""


class NotHandedOver(ValueError):
    """The cases cannot go to this person. The message says why."""


class NotReleased(access.NotAllowed):
    """Nobody else released the identities of the case to this person, or that has run out."""


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody left behind.

    unowned:  references of cases that nobody has now, oldest first
    passed:   references of cases that are closed off and would have had nobody, with whoever has them now
    """

    unowned: tuple[str, ...]
    passed: tuple[tuple[str, Person], ...]
    grants_ended: int


def cases_seen_by(member: Person, at: datetime) -> QuerySet[Case]:
    """Every case a member sees."""
    return Case.objects.filter(sights.visible_cases(member, at))


@transaction.atomic
def seal_case(case: Case, because: str, named: Collection[Person], *, by: Person, at: datetime) -> Case:
    """Close a case off: from now on the people named see it, and for everybody else it does not exist.

    Whoever had it keeps it only where they are named. Whoever closes it off is named only by naming themselves: the
    person it is about may be their own colleague. Raises NotSealed, NotAllowed, NotSeen.
    """
    case = hold(case)
    access.require_in(by, "seal_case", case, at=at)
    people = sorted(named, key=lambda person: person.pk)
    if because not in SEALED_BECAUSE:
        raise NotSealed(f"say why: one of {', '.join(SEALED_BECAUSE)}")
    if case.sealed:
        raise NotSealed("This case is closed off already.")
    if not any(person.is_active and may(person.role, "take_case") for person in people):
        raise NotSealed("Name at least one caseworker or lead: otherwise nobody works on it.")
    access.keep_only(case, people, by=by, at=at)
    case.sealed = True
    if case.owner_id not in {person.pk for person in people}:
        case.owner = None
    case.save(update_fields=["sealed", "owner"])
    _name(case, people, "named when the case was closed off", by=by, at=at)
    ledger.append("case.sealed", by=by.pk, at=at, case=case.pk, because=because, named=[p.pk for p in people])
    return case


@transaction.atomic
def unseal_case(case: Case, *, by: Person, at: datetime) -> Case:
    """Open a case up again for those who see it by the rules of the house. Raises NotSealed, NotAllowed, NotSeen."""
    case = hold(case)
    access.require_in(by, "unseal_case", case, at=at)
    if not case.sealed:
        raise NotSealed("This case is not closed off.")
    case.sealed = False
    case.save(update_fields=["sealed"])
    ledger.append("case.unsealed", by=by.pk, at=at, case=case.pk)
    return case


@transaction.atomic
def hand_over_cases(
    giver: Person, taker: Person, *, by: Person, at: datetime, only: Iterable[object] | None = None
) -> tuple[str, ...]:
    """Move what somebody has and helps with to a colleague. Their references, oldest first.

    only: ids of cases; null: all that are not closed
    Cases that are closed off move where ``by`` sees them; the others stay, and nothing is said of them. Who is no lead
    hands over their own cases only. Raises NotHandedOver, NotAllowed.
    """
    access.require(by, "hand_over_cases")
    if by.pk != giver.pk and by.role != "lead":
        raise access.NotAllowed("a caseworker hands over their own cases; ask a team lead")
    _require_able(giver, taker)
    theirs = Case.objects.filter(owner=giver)
    chosen = theirs.exclude(state=Case.State.CLOSED) if only is None else theirs.filter(pk__in=set(only))
    cases = _held(chosen.filter(sights.visible_cases(by, at)))
    moved = [case for case in cases if sights.may_do(by, "hand_over_cases", case, at)]
    for case in moved:
        case.owner = taker
        case.save(update_fields=["owner"])
        if case.sealed:
            _name(case, [taker], "handed over with the case", by=by, at=at)
    access.end_all_of(giver, by=by, at=at, case_ids=[case.pk for case in moved])
    ledger.append_many(
        ledger.Done("case.handed_over", by.pk, at, case.pk, {"giver": giver.pk, "taker": taker.pk}) for case in moved
    )
    return tuple(case.reference for case in moved)


@transaction.atomic
def leave(member: Person, *, by: Person, at: datetime, for_good: bool = True, successor: Person | None = None) -> Left:
    """Somebody leaves, for good or for a while: what was granted to them ends, their cases wait for others.

    for_good:  they cannot sign in any more
    successor: who sees the cases that are closed off and would have nobody; null: whoever does this
    Raises NotHandedOver, NotAllowed.
    """
    access.require(by, "let_go")
    if by.organisation_id != member.organisation_id and not sights.is_of_house(by):
        raise access.NotAllowed("you let go members of your own organisation")
    if by.pk == member.pk:
        raise NotHandedOver("Somebody else lets a member go.")
    heir = successor or by
    owned = _held(Case.objects.filter(owner=member))
    seen = sights.standing(at).filter(member=member).values("case_id")
    closed_off = _held(Case.objects.filter(pk__in=seen, sealed=True))
    ended = access.end_all_of(member, by=by, at=at)
    for case in owned:
        case.owner = None
        case.save(update_fields=["owner"])
    passed = [case for case in closed_off if case.key.wrapped is not None and not _workers_named(case, at)]
    if passed:
        _require_able(member, heir)
    for case in passed:
        _name(case, [heir], "nobody else was named when a member left", by=by, at=at)
    if for_good:
        Person.objects.filter(pk=member.pk).update(is_active=False)
        member.is_active = False
    ledger.append_many(
        [
            ledger.Done("member.left", by.pk, at, ids={"member": member.pk, "for_good": int(for_good)}),
            *(ledger.Done("case.left", by.pk, at, case.pk, {"member": member.pk}) for case in owned),
        ]
    )
    return Left(
        tuple(case.reference for case in owned), tuple((case.reference, heir) for case in passed), grants_ended=ended
    )


@transaction.atomic
def identity_of(case: Case, *, by: Person, at: datetime) -> dict[str, dict[str, str]]:
    """role -> what is known of that person, once two people opened it; every look is logged. Raises NotReleased."""
    if not sights.identity_open(case.pk, by, at) or not sights.may_do(by, "ask_identity", case, at):
        raise NotReleased("who reported and who is affected opens after somebody else released it, for a day")
    ledger.append("identity.read", by=by.pk, at=at, case=case.pk)
    return queries.parties_of(case)


def _name(case: Case, people: Sequence[Person], reason: str, *, by: Person, at: datetime) -> None:
    """Give those of these people a grant who have none by name."""
    there = {person.pk for person in sights.named_in(case.pk, at)}
    for person in people:
        if person.pk in there:
            continue
        kind = Grant.Kind.COUNSEL if person.role == Person.Role.COUNSEL else Grant.Kind.ASSIGNMENT
        access.log_grant(access.enter_grant(case, kind, person, reason, by=by, at=at), by=by, at=at)


def _held(chosen: QuerySet[Case]) -> list[Case]:
    """Cases kept from others until the transaction ends, oldest first."""
    ids = list(chosen.values_list("pk", flat=True))
    hold_many(ids)
    return list(Case.objects.filter(pk__in=ids).select_related("key", "owner").order_by("opened_at", "pk"))


def _workers_named(case: Case, at: datetime) -> bool:
    return any(may(person.role, "take_case") for person in sights.named_in(case.pk, at))


def _require_able(giver: Person, taker: Person) -> None:
    if taker.pk == giver.pk or not taker.is_active or not may(taker.role, "take_case"):
        raise NotHandedOver("Cases go to another caseworker or lead who works here.")
    if taker.organisation_id != giver.organisation_id:
        raise NotHandedOver("Cases go to a colleague; another organisation is given them under an agreement.")
