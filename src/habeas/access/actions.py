"""What is checked before anybody acts, how accounts come to be, and how people are let into cases and out again.

Access stands below cases: whoever calls hands over the case, held against others where that matters.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from habeas.access import keys, queries
from habeas.access.core.permissions import SCOPES, may
from habeas.access.core.policy import PURPOSES, may_act_for
from habeas.access.core.visibility import GRANTS, sights_of
from habeas.access.models import Alarm, Grant, IdentityRequest, Organisation, Person, Seat, ServiceKey
from habeas.access.queries import ASKED_FOR, KEY_START, CaseFile, reason_context
from habeas.ledger import actions as ledger

GLASS_STAYS_BROKEN = timedelta(hours=4)
REVIEWED_WITHIN = timedelta(days=3)
# Whoever has so many emergencies that nobody has judged yet waits for somebody to judge one.
MOST_ALARMS_OPEN = 5
IDENTITY_OPEN = timedelta(hours=24)
LONGEST_KEY = timedelta(days=366)
MOST_LETTERS = 1000
FEWEST_LETTERS = 10


class NotAllowed(PermissionError):
    """The person's role does not allow the action."""


class NotSeen(NotAllowed):
    """The person has no reason to see the case, or none that reaches so far."""


class NoReason(ValueError):
    """A reason or purpose that must be given was not, or not one that counts. The message says which."""


class NotGiven(ValueError):
    """A grant, seat or key that cannot be given as asked. The message says why."""


class AlreadyDone(RuntimeError):
    """Somebody did this before, or its time has passed."""


class NotYourself(NotAllowed):
    """This takes two people."""


class TooManyAlarms(NotAllowed):
    """Too many emergencies of this person wait for a review."""


def require(by: Person, action: str) -> None:
    """Let the action pass or raise NotAllowed."""
    if not by.is_active or not may(by.role, action):
        raise NotAllowed(f"the role {by.role} may not {action.replace('_', ' ')}; ask a team lead")


def require_purpose(by: Person, purpose: str) -> None:
    """Let somebody act for a purpose. Raises NotAllowed, KeyError for a purpose nobody defined."""
    if not may_act_for(by.role, purpose):
        raise NotAllowed(f"the role {by.role} may not act for the purpose {purpose!r}; ask a team lead")


def require_in(by: Person, action: str, case: CaseFile, *, at: datetime) -> None:
    """Let the action pass in this case. Raises NotAllowed by role, NotSeen by what the person sees of the case."""
    require(by, action)
    if not queries.may_do(by, action, case, at):
        raise NotSeen(f"what you see this case for does not let you {action.replace('_', ' ')}; ask whoever has it")


@transaction.atomic
def add_member(username: str, password: str, role: str, organisation: str, *, full_name: str, at: datetime) -> Person:
    """Give someone an account at the desk."""
    # Whoever comes first runs the house; a partner that comes later sees what it is let in to.
    first = not Organisation.objects.exists()
    house, _ = Organisation.objects.get_or_create(name=organisation, defaults={"of_house": first})
    given, _, last = full_name.partition(" ")
    person = Person.objects.create_user(
        username=username, password=password, role=role, organisation=house, first_name=given, last_name=last
    )
    ledger.append("member.added", by="console", at=at, member=person.pk, role=role)
    return person


@transaction.atomic
def add_organisation(name: str, kind: str, *, of_house: bool, at: datetime, by: object = "console") -> Organisation:
    """Write down an organisation. of_house: its members see cases that nobody has taken yet. Raises NotGiven."""
    if kind not in Organisation.Kind.values:
        raise NotGiven(f"{kind[:40]!r} is no kind of organisation; use one of {', '.join(Organisation.Kind.values)}")
    made = Organisation.objects.create(name=name, kind=kind, of_house=of_house)
    ledger.append("organisation.added", by=by, at=at, organisation=made.pk, kind_of=kind, of_house=int(of_house))
    return made


# --------------------------------------------------------------------------------------------------------------- grants


@transaction.atomic
def give_grant(
    case: CaseFile,
    kind: str,
    to: Person | Organisation | UUID,
    reason: str,
    *,
    by: Person,
    at: datetime,
    purposes: Collection[str] = (),
    until: datetime | None = None,
) -> Grant:
    """Let a member, an organisation or a joint operation (its id) into a case.

    purposes: codes; empty: all that the role may act for
    until:    null: until somebody ends it
    Raises NotGiven, NoReason, NotAllowed, NotSeen.
    """
    require_in(by, "give_access", case, at=at)
    if kind == Grant.Kind.BREAK_GLASS:
        raise NotGiven("nobody is given an emergency: whoever has one breaks the glass and answers for it")
    grant = enter_grant(case, kind, to, reason, by=by, at=at, purposes=purposes, until=until)
    log_grant(grant, by=by, at=at)
    return grant


def enter_grant(
    case: CaseFile,
    kind: str,
    to: Person | Organisation | UUID,
    reason: str,
    *,
    by: Person | None,
    at: datetime,
    purposes: Collection[str] = (),
    until: datetime | None = None,
) -> Grant:
    """Write a grant down, inside the action that decides on it and logs it. Raises NotGiven, NoReason."""
    unknown = sorted(set(purposes) - set(PURPOSES))
    if kind not in GRANTS or unknown:
        raise NotGiven(f"a grant is one of {', '.join(GRANTS)}, for purposes among {', '.join(PURPOSES)}")
    if until is not None and until <= at:
        raise NotGiven("a grant must end after it starts")
    if isinstance(to, Person) and not to.is_active:
        raise NotGiven(f"{to} does not work here any more")
    if isinstance(to, Person) and kind not in sights_of(to.role):
        raise NotGiven(f"{to} sees no case for such a reason: the role {to.role} does not allow it")
    if case.sealed and not isinstance(to, Person):
        raise NotGiven("this case is closed off: only people by name are let in")
    return Grant.objects.create(
        kind=kind,
        case_id=case.pk,
        key=case.key,
        member=to if isinstance(to, Person) else None,
        organisation=to if isinstance(to, Organisation) else None,
        operation_id=to if isinstance(to, UUID) else None,
        purposes=sorted(set(purposes)),
        starts_at=at,
        until=until,
        given_by=by,
        reason_sealed=keys.seal(case.key, _reason(reason), reason_context("grant", case.pk)),
    )


@transaction.atomic
def end_grant(grant_id: int, case: CaseFile, *, by: Person, at: datetime) -> Grant:
    """Take a grant back. Whoever holds one can always give it back. Raises AlreadyDone, NotAllowed, NotSeen."""
    grant = Grant.objects.select_for_update(of=("self",)).get(pk=grant_id, case_id=case.pk)
    if grant.member_id != by.pk or not by.is_active:
        require_in(by, "give_access", case, at=at)
    if grant.ended_at is not None or (grant.until is not None and grant.until <= at):
        raise AlreadyDone("This grant has ended already.")
    _end([grant], by=by, at=at)
    return grant


@transaction.atomic
def recall_grants(case_ids: Iterable[object], kind: str, to: Organisation | UUID, *, by: object, at: datetime) -> int:
    """End what an organisation or operation was granted in some cases, once what it rests on has ended; how many.

    by: a person or the name of a program: an agreement that runs out is ended by nobody.
    """
    holder = {"organisation": to} if isinstance(to, Organisation) else {"operation_id": to}
    held = Grant.objects.select_for_update(of=("self",)).filter(
        case_id__in=set(case_ids), kind=kind, ended_at=None, **holder
    )
    return _end(list(held.order_by("pk")), by=by, at=at)


@transaction.atomic
def end_all_of(member: Person, *, by: Person, at: datetime, case_ids: Iterable[object] | None = None) -> int:
    """End what names a member, in some cases or in all and with every seat; how many grants that were."""
    held = Grant.objects.select_for_update(of=("self",)).filter(member=member, ended_at=None)
    if case_ids is not None:
        held = held.filter(case_id__in=set(case_ids))
    else:
        Seat.objects.filter(member=member, ended_at=None).update(ended_at=at)
    return _end(list(held.order_by("pk")), by=by, at=at)


@transaction.atomic
def keep_only(case: CaseFile, named: Collection[Person], *, by: Person, at: datetime) -> int:
    """End every grant of a case but those of these people; how many that were."""
    held = Grant.objects.select_for_update(of=("self",)).filter(case_id=case.pk, ended_at=None)
    return _end([one for one in held.order_by("pk") if one.member_id not in {p.pk for p in named}], by=by, at=at)


@transaction.atomic
def take_seat(operation_id: UUID, who: Person | Organisation, *, by: object, at: datetime) -> Seat:
    """Seat a member, or all members of an organisation, in a joint operation: they see the cases granted to it."""
    holder = {"member": who} if isinstance(who, Person) else {"organisation": who}
    before = Seat.objects.filter(operation_id=operation_id, ended_at=None, **holder).first()
    if before is not None:
        return before
    seat = Seat.objects.create(operation_id=operation_id, taken_at=at, **holder)
    ledger.append("seat.taken", by=_id(by), at=at, operation=operation_id, seat=seat.pk)
    return seat


@transaction.atomic
def leave_seat(operation_id: UUID, who: Person | Organisation, *, by: object, at: datetime) -> int:
    """End a seat in a joint operation; how many ended."""
    holder = {"member": who} if isinstance(who, Person) else {"organisation": who}
    count = Seat.objects.filter(operation_id=operation_id, ended_at=None, **holder).update(ended_at=at)
    if count:
        ledger.append("seat.left", by=_id(by), at=at, operation=operation_id, count=count)
    return count


def _end(grants: list[Grant], *, by: object, at: datetime) -> int:
    for grant in grants:
        grant.ended_at, grant.ended_by = at, by if isinstance(by, Person) else None
        grant.save(update_fields=["ended_at", "ended_by"])
    ledger.append_many(
        ledger.Done("grant.ended", _id(by), at, grant.case_id, {"grant": grant.pk, "kind_of": grant.kind})
        for grant in grants
    )
    return len(grants)


def log_grant(grant: Grant, *, by: Person, at: datetime) -> None:
    """Log that somebody was let in, inside the action that decided on it."""
    ledger.append(
        "grant.given",
        by=by.pk,
        at=at,
        case=grant.case_id,
        grant=grant.pk,
        kind_of=grant.kind,
        to=grant.member_id or grant.organisation_id or str(grant.operation_id),
        purposes=list(grant.purposes),
    )


# --------------------------------------------------------------------------------------------------- breaking the glass


@transaction.atomic
def break_glass(case: CaseFile, reason: str, *, by: Person, at: datetime) -> Grant:
    """Open a case one does not see, in an emergency: for four hours, and every lead learns of it.

    Raises AlreadyDone where the member sees it anyway, NoReason, TooManyAlarms, NotAllowed.
    """
    require(by, "break_glass")
    # Held, so that two requests at once do not both find room for one more.
    Person.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if queries.may_do(by, "open_case", case, at):
        raise AlreadyDone("You see this case already.")
    if Alarm.objects.filter(raised_by=by, reviewed_at=None).count() >= MOST_ALARMS_OPEN:
        raise TooManyAlarms(f"{MOST_ALARMS_OPEN} emergencies of yours wait for a review; ask a team lead")
    grant = enter_grant(case, Grant.Kind.BREAK_GLASS, by, enough(reason), by=by, at=at, until=at + GLASS_STAYS_BROKEN)
    alarm = Alarm.objects.create(grant=grant, raised_by=by, raised_at=at, review_by=at + REVIEWED_WITHIN)
    ledger.append("glass.broken", by=by.pk, at=at, case=case.pk, grant=grant.pk, alarm=alarm.pk)
    return grant


@transaction.atomic
def review_alarm(alarm_id: int, reason: str, *, justified: bool, by: Person, at: datetime) -> Alarm:
    """Say whether an emergency was one. Where it was not, what it opened closes at once.

    Raises NotYourself, AlreadyDone, NoReason, NotAllowed.
    """
    require(by, "review_alarm")
    alarm = Alarm.objects.select_for_update(of=("self",)).select_related("grant__key").get(pk=alarm_id)
    if alarm.raised_by_id == by.pk:
        raise NotYourself("somebody else says whether your emergency was one")
    if alarm.reviewed_at is not None:
        raise AlreadyDone("This was reviewed already.")
    words = _reason(reason)
    alarm.verdict = Alarm.Verdict.JUSTIFIED if justified else Alarm.Verdict.NOT_JUSTIFIED
    alarm.reviewed_by, alarm.reviewed_at = by, at
    if alarm.grant.key.wrapped is not None:  # an erased case keeps the verdict and no words
        alarm.review_sealed = keys.seal(alarm.grant.key, words, reason_context("review", alarm.grant.case_id))
    alarm.save(update_fields=["verdict", "reviewed_by", "reviewed_at", "review_sealed"])
    ledger.append("alarm.reviewed", by=by.pk, at=at, case=alarm.grant.case_id, alarm=alarm.pk, verdict=alarm.verdict)
    if not justified and alarm.grant.ended_at is None:
        _end([alarm.grant], by=by, at=at)
    return alarm


# ------------------------------------------------------------------------------------------------------------- identity


@transaction.atomic
def ask_identity(case: CaseFile, purpose: str, reason: str, *, by: Person, at: datetime) -> IdentityRequest:
    """Ask to see who reported and who is affected. Somebody else releases it. Raises NoReason, NotAllowed, NotSeen."""
    require_in(by, "ask_identity", case, at=at)
    if purpose not in PURPOSES:
        raise NoReason("Say for which purpose you need to know.")
    require_purpose(by, purpose)
    asked = IdentityRequest.objects.create(
        case_id=case.pk,
        key=case.key,
        asked_by=by,
        asked_at=at,
        purpose=purpose,
        reason_sealed=keys.seal(case.key, enough(reason), reason_context("identity", case.pk)),
    )
    ledger.append("identity.asked", by=by.pk, at=at, case=case.pk, request=asked.pk, purpose=purpose)
    return asked


def release_identity(request_id: int, case: CaseFile, *, by: Person, at: datetime) -> IdentityRequest:
    """Open the identities of a case for whoever asked, for a day.

    A custodian needs no sight of the case, a lead does. Raises NotYourself, AlreadyDone, NotAllowed, NotSeen.
    """
    return _decide_identity(request_id, case, release=True, by=by, at=at)


def decline_identity(request_id: int, case: CaseFile, *, by: Person, at: datetime) -> IdentityRequest:
    """Leave the identities of a case closed. Raises NotYourself, AlreadyDone, NotAllowed, NotSeen."""
    return _decide_identity(request_id, case, release=False, by=by, at=at)


@transaction.atomic
def _decide_identity(request_id: int, case: CaseFile, *, release: bool, by: Person, at: datetime) -> IdentityRequest:
    require(by, "release_identity")
    asked = (
        IdentityRequest.objects.select_for_update(of=("self",))
        .select_related("asked_by")
        .get(pk=request_id, case_id=case.pk)
    )
    if asked.asked_by_id == by.pk:
        raise NotYourself("an identity opens by two people: somebody else releases what you asked for")
    if by.role != "custodian" and not queries.may_do(by, "open_case", case, at):
        raise NotSeen("you do not see this case; the custodian of identity decides")
    if asked.decided_at is not None or asked.asked_at + ASKED_FOR <= at:
        raise AlreadyDone("This was answered already, or so long ago that it must be asked again.")
    if release and not queries.may_do(asked.asked_by, "ask_identity", case, at):
        raise NotSeen("whoever asked does not see this case any more")
    asked.decided_by, asked.decided_at = by, at
    asked.open_until = at + IDENTITY_OPEN if release else None
    asked.save(update_fields=["decided_by", "decided_at", "open_until"])
    kind = "identity.released" if release else "identity.declined"
    ledger.append(kind, by=by.pk, at=at, case=case.pk, request=asked.pk, to=asked.asked_by_id)
    return asked


# --------------------------------------------------------------------------------------------------------- service keys


@transaction.atomic
def make_key(
    organisation: Organisation, label: str, scopes: Collection[str], expires_at: datetime, *, by: Person, at: datetime
) -> tuple[ServiceKey, str]:
    """Give a program of an organisation a key. The token is shown this once and stored nowhere.

    scopes: actions of SCOPES, at least one
    Raises NotGiven, NotAllowed.
    """
    require(by, "keep_service_keys")
    unknown = sorted(set(scopes) - SCOPES)
    if unknown or not scopes:
        raise NotGiven(f"a key is for some of {', '.join(sorted(SCOPES))}")
    if not at < expires_at <= at + LONGEST_KEY:
        raise NotGiven(f"a key ends within {LONGEST_KEY.days} days")
    secret = secrets.token_urlsafe(32)
    made = ServiceKey.objects.create(
        organisation=organisation,
        label=label.strip()[:80],
        prefix=secrets.token_hex(5),
        secret_digest=queries.secret_digest(secret),
        scopes=sorted(set(scopes)),
        made_by=by,
        made_at=at,
        expires_at=expires_at,
    )
    ledger.append("service_key.made", by=by.pk, at=at, organisation=organisation.pk, service_key=made.pk)
    return made, f"{KEY_START}{made.prefix}_{secret}"


@transaction.atomic
def revoke_key(key_id: int, *, by: Person, at: datetime) -> ServiceKey:
    """A key opens nothing any more. Raises AlreadyDone, NotAllowed."""
    require(by, "keep_service_keys")
    key = ServiceKey.objects.select_for_update(of=("self",)).get(pk=key_id)
    if key.revoked_at is not None:
        raise AlreadyDone("This key was revoked already.")
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    ledger.append("service_key.revoked", by=by.pk, at=at, service_key=key.pk)
    return key


def enough(reason: str) -> str:
    """A reason that says something. Raises NoReason."""
    words = _reason(reason)
    if len(words) < FEWEST_LETTERS:
        raise NoReason("Say why in a few words: others read it and decide by it.")
    return words


def _reason(reason: str) -> str:
    words = reason.replace("\0", "").strip()[:MOST_LETTERS]
    if not words:
        raise NoReason("Say why in a few words: others read it and decide by it.")
    return words


def _id(by: object) -> object:
    return by.pk if isinstance(by, Person) else by
