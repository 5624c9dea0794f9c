"""Reading who is who, which cases somebody sees and why, and what waits for a second person."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from habeas.access import keys
from habeas.access.core.permissions import SCOPES
from habeas.access.core.policy import purposes_of
from habeas.access.core.visibility import SERVES, Sight, reaches, rule_for, sees, sights_of
from habeas.access.models import Alarm, CaseKey, Grant, IdentityRequest, Person, Seat, ServiceKey

# So few ids are written into the question itself, where the store can look each one up; more are left to a subquery.
FEW = 500
# A question to the custodian that nobody answered is asked anew: what it was asked for has passed.
ASKED_FOR = timedelta(days=3)
KEY_START = "hbs_"


class CaseFile(Protocol):
    """What access knows of a case, which stands above it."""

    pk: UUID
    key: CaseKey
    state: str
    sealed: bool
    owner_id: int | None
    owner: Person | None


@dataclass(frozen=True, slots=True)
class Why:
    """One grant of a case, as a page shows it."""

    who: str
    kind: str
    grant: Grant
    reason: str


def has_members() -> bool:
    """Whether anybody can sign in yet."""
    return Person.objects.exists()


def names_of(ids: Iterable[str]) -> dict[str, str]:
    """What colleagues call those people whose ids the log holds; ids of no person are left out."""
    people = Person.objects.filter(pk__in=[int(id_) for id_ in set(ids) if id_.isdecimal()])
    return {str(person.pk): str(person) for person in people}


def colleagues_of(member: Person) -> QuerySet[Person]:
    """Everybody else of the same organisation who can sign in, by name."""
    people = Person.objects.filter(organisation_id=member.organisation_id, is_active=True).exclude(pk=member.pk)
    return people.order_by("first_name", "last_name", "pk")


# ---------------------------------------------------------------------------------------------------------------- sight


def sights_in(case: CaseFile, member: Person, at: datetime) -> list[Sight]:
    """Every reason why a member sees a case at an instant: the rule of the house, then what they were granted."""
    rule = _rule_in(case, member)
    if rule and not case.sealed:
        return [rule]  # a rule opens all that a grant could
    grants = held_by(member, at).filter(case_id=case.pk).values_list("kind", "member_id", "purposes")
    found = [Sight(kind, holder is not None, frozenset(purposes)) for kind, holder, purposes in grants]
    return [rule, *found] if rule else found


def may_do(member: Person, action: str, case: CaseFile, at: datetime) -> bool:
    """Whether a member may do something in a case: by their role, and by a reason to see it.

    Raises KeyError for an action that is about no case.
    """
    if not member.is_active:
        return False
    return sees(member.role, sights_in(case, member, at), state=case.state, sealed=case.sealed, action=action)


def may_work_in(member: Person, case: CaseFile, at: datetime) -> bool:
    """Whether what a member sees of a case lets them change what stands in it."""
    sights = sights_in(case, member, at)
    return member.is_active and reaches(member.role, sights, state=case.state, sealed=case.sealed, act="work")


def visible_cases(member: Person, at: datetime, path: str = "") -> Q:
    """The condition that keeps, of any cases, those a member sees: the same answer as ``may_do`` to "open_case".

    path: how to get from what is asked for to its case, as in ``visible_cases(member, at, "measure__case__")``
    """

    def case(**conditions: object) -> Q:
        return Q(**{f"{path}{name}": value for name, value in conditions.items()})

    found = case(pk__in=[])
    if not member.is_active:
        return found
    readable = _for_reading(standing(at).filter(kind__in=sights_of(member.role)), member.role)
    named, shared = _ids(readable.filter(member=member)), _ids(readable.filter(_shared_with(member, at)))
    # Compared with null: asking a question for its truth would read all its answers.
    rules = [case(**rule) for rule in _by_rule(member)] + ([case(pk__in=shared)] if shared is not None else [])
    if named is not None:
        found |= case(pk__in=named)
    if is_of_house(member):
        # They see most cases: the store goes through them in the order that is asked for and leaves some out.
        return found | (case(sealed=False) & reduce(or_, rules, case(pk__in=[])))
    # They see a few: alternatives side by side, each of which an index answers.
    return reduce(or_, (case(sealed=False) & rule for rule in rules), found)


def held_by(member: Person, at: datetime) -> QuerySet[Grant]:
    """The grants that stand at an instant and let a member in: their own, their organisation's, their operations'."""
    return standing(at).filter(Q(member=member) | _shared_with(member, at))


def _shared_with(member: Person, at: datetime) -> Q:
    """What was granted to a member's organisation or operations, and not to them by name."""
    seats, found = Q(member=member), Q(pk__in=[])
    if member.organisation_id is not None:
        seats |= Q(organisation_id=member.organisation_id)
        found |= Q(organisation_id=member.organisation_id)
    seated = Seat.objects.filter(seats, ended_at=None, taken_at__lte=at)
    operations = list(seated.values_list("operation_id", flat=True).distinct())
    return found | Q(operation_id__in=operations) if operations else found


def standing(at: datetime) -> QuerySet[Grant]:
    """The grants that let somebody in at an instant, whoever it is."""
    return Grant.objects.filter(Q(until=None) | Q(until__gt=at), ended_at=None, starts_at__lte=at)


def why_seen(case: CaseFile, at: datetime) -> list[Why]:
    """Who was let into a case and why, for whoever decides over that; what follows from a rule is not listed."""
    grants = standing(at).filter(case_id=case.pk).select_related("member", "organisation", "key").order_by("pk")
    return [Why(_holder(grant), grant.kind, grant, reason_of(grant)) for grant in grants]


def has_grant(grant_id: int | str, case_id: object) -> bool:
    """Whether a grant is one of this case."""
    return Grant.objects.filter(pk=grant_id, case_id=case_id).exists()


def reason_of(grant: Grant) -> str:
    """Why a grant was given, in words; empty once the case is erased."""
    return _opened(grant.key, grant.reason_sealed, reason_context("grant", grant.case_id))


def reason_context(what: str, case_id: object) -> str:
    """What a sealed reason is bound to."""
    return f"access/{what}/{case_id}"


def named_in(case_id: object, at: datetime) -> list[Person]:
    """The people whom grants name for a case until somebody ends it, and who can still sign in."""
    ids = standing(at).filter(case_id=case_id, member__isnull=False, until=None).values("member")
    return list(Person.objects.filter(pk__in=ids, is_active=True).order_by("pk"))


def _rule_in(case: CaseFile, member: Person) -> Sight | None:
    owner = case.owner if case.owner_id not in {None, member.pk} else None
    rule = rule_for(
        member.role,
        member=member.pk,
        organisation=member.organisation_id,
        of_house=is_of_house(member),
        owner=case.owner_id,
        owners_organisation=owner.organisation_id if owner else None,
        team_sees=_team_sees(),
    )
    return Sight(rule) if rule and rule in sights_of(member.role) else None


def _by_rule(member: Person) -> Iterator[dict[str, object]]:
    """As ``rule_for``, for all cases at once: conditions of which one must hold."""
    if "owner" not in sights_of(member.role):
        return
    of_house, setting = is_of_house(member), _team_sees()
    if of_house and (setting != "granted" or member.role == "lead"):
        yield {"owner_id__isnull": True}
    if setting != "organisation":
        yield {"owner_id": member.pk}
        return
    theirs = Q(pk=member.pk)
    if member.organisation_id is not None:
        theirs |= Q(organisation_id=member.organisation_id)
    if of_house:
        theirs |= Q(organisation_id=None)
    yield {"owner_id__in": _ids(Person.objects.filter(theirs), "pk")}


def is_of_house(member: Person) -> bool:
    """Whether a member's organisation runs this house; where it is not known, it does."""
    return member.organisation is None or member.organisation.of_house


def _for_reading(grants: QuerySet[Grant], role: str) -> QuerySet[Grant]:
    """Those given for something that the role may act for, or for all of it."""
    able = purposes_of(role) & SERVES["read"]
    condition = Q(codes="[]") if able else Q(pk__in=[])
    for purpose in able:
        condition |= Q(codes__contains=f'"{purpose}"')
    return grants.annotate(codes=Cast("purposes", TextField())).filter(condition)


def _ids(rows: QuerySet, field: str = "case_id") -> list[object] | QuerySet | None:
    """The ids themselves where they are few, else the question for them; null where there are none."""
    ids = list(rows.order_by().values_list(field, flat=True).distinct()[: FEW + 1])
    if not ids:
        return None
    return ids if len(ids) <= FEW else rows.order_by().values(field)


def _team_sees() -> str:
    return str(settings.HABEAS_TEAM_SEES)


def _holder(grant: Grant) -> str:
    if grant.member is not None:
        return str(grant.member)
    return str(grant.organisation) if grant.organisation is not None else f"operation {grant.operation_id}"


def _opened(key: CaseKey, sealed: bytes | None, context: str) -> str:
    if sealed is None or key.wrapped is None:
        return ""
    return keys.unseal(key, sealed, context).decode()


# --------------------------------------------------------------------------------------------------------------- alarms


def alarms_to_review() -> QuerySet[Alarm]:
    """What somebody opened in an emergency and nobody has judged yet, the most urgent first."""
    return Alarm.objects.filter(reviewed_at=None).select_related("grant__key", "raised_by")


def reviewed_alarms() -> QuerySet[Alarm]:
    """What was judged, the latest first."""
    judged = Alarm.objects.exclude(reviewed_at=None).select_related("grant__key", "raised_by", "reviewed_by")
    return judged.order_by("-reviewed_at", "-pk")


def has_alarm(alarm_id: int) -> bool:
    return Alarm.objects.filter(pk=alarm_id).exists()


def review_of(one: Alarm) -> str:
    """Why it was judged so, in words; empty where it was not, or once the case is erased."""
    return _opened(one.grant.key, one.review_sealed, reason_context("review", one.grant.case_id))


# ------------------------------------------------------------------------------------------------------------- identity


def identity_open(case_id: object, member: Person, at: datetime) -> bool:
    """Whether two people opened the identities of a case for this member, and that still holds."""
    released = IdentityRequest.objects.filter(case_id=case_id, asked_by=member, decided_at__lte=at, open_until__gt=at)
    return member.is_active and released.exists()


def identity_asked(case_id: object, member: Person) -> IdentityRequest | None:
    """What this member asked last in a case."""
    asked = IdentityRequest.objects.filter(case_id=case_id, asked_by=member)
    return asked.select_related("decided_by").order_by("-pk").first()


def identity_request(request_id: int) -> IdentityRequest | None:
    return IdentityRequest.objects.filter(pk=request_id).first()


def identities_to_decide(at: datetime) -> QuerySet[IdentityRequest]:
    """What was asked of the custodian and not answered yet, the oldest first."""
    waiting = IdentityRequest.objects.filter(decided_at=None, asked_at__gt=at - ASKED_FOR)
    return waiting.select_related("asked_by", "key")


def identity_reason(asked: IdentityRequest) -> str:
    """Why it was asked, in words; empty once the case is erased."""
    return _opened(asked.key, asked.reason_sealed, reason_context("identity", asked.case_id))


# --------------------------------------------------------------------------------------------------------- service keys


def key_of(header: str, at: datetime) -> ServiceKey | None:
    """The key of a program in an Authorization header: ``Bearer hbs_<prefix>_<secret>``. Null: none that holds.

    What is compared is a digest, in constant time, and one is compared whether the prefix is known or not.
    """
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token.startswith(KEY_START) or len(token) > 200:
        return None
    prefix, _, secret = token.strip().removeprefix(KEY_START).partition("_")
    known = ServiceKey.objects.select_related("organisation")
    found = known.filter(prefix=prefix).first() if prefix.isalnum() else None
    held = bytes(found.secret_digest) if found else b"\0" * 32
    same = hmac.compare_digest(held, secret_digest(secret))
    stands = found is not None and found.revoked_at is None and found.made_at <= at < found.expires_at
    return found if same and stands else None


def allows(key: ServiceKey, action: str) -> bool:
    """Whether a program's key was made for an action."""
    return action in SCOPES and action in key.scopes


def service_keys() -> QuerySet[ServiceKey]:
    """Every key a program was ever given, the latest first."""
    return ServiceKey.objects.select_related("organisation", "made_by").order_by("-pk")


def secret_digest(secret: str) -> bytes:
    """SHA-256, without salt or stretching: a secret of 256 random bits cannot be guessed from it."""
    return hashlib.sha256(secret.encode()).digest()
