"""Reading the directory, what was sent and what came back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet

from habeas.access import keys
from habeas.cases.models import Case
from habeas.platforms.models import (
    Addressee,
    Contest,
    Dispatch,
    Door,
    Incoming,
    PartnerKey,
    ReasonsGiven,
    Route,
)
from habeas.remedies.models import Measure

DOOR = "partner-door"
PARTNER_KEY = "partner-key"


def addressees(*, kind: str = "") -> QuerySet[Addressee]:
    """The directory, without those who left it."""
    found = Addressee.objects.filter(left_at=None).prefetch_related("routes")
    return found.filter(kind=kind) if kind else found


def addressee(slug: str) -> Addressee:
    """Raises Addressee.DoesNotExist."""
    return Addressee.objects.prefetch_related("routes").get(slug=slug)


def is_known(slug: str) -> bool:
    """Whether an entry has that name; one that left the directory keeps it."""
    return Addressee.objects.filter(slug=slug).exists()


def addressee_of(measure: Measure) -> Addressee | None:
    """The directory's entry for whom a measure goes to, or null where the directory does not know it.

    A service is known by its host or name, an authority by its kind and place.
    """
    to = measure.planned["addressee"]
    name = (to["name"] or "").strip().casefold()
    if name:
        for candidate in addressees():
            if candidate.name.casefold() == name or any(_below(name, host) for host in candidate.hosts):
                return candidate
    if to["jurisdiction"]:
        return addressees(kind=to["kind"]).filter(jurisdiction=to["jurisdiction"]).first()
    return None


def routes_to(found: Addressee, remedy: str) -> list[Route]:
    """The open ways to reach an addressee with a remedy, the preferred one first."""
    return [
        route
        for route in found.routes.all()
        if not route.closed_because and (not route.remedies or remedy in route.remedies)
    ]


def dispatches_of(measure: Measure) -> QuerySet[Dispatch]:
    return measure.dispatches.select_related("letter", "route__addressee")


def dispatch(dispatch_id: int) -> Dispatch:
    return Dispatch.objects.select_related("measure__case__key", "letter__measure__case__key", "route").get(
        pk=dispatch_id
    )


def dispatch_by_reference(reference: str) -> Dispatch | None:
    """The dispatch with a message id or an addressee's own reference."""
    return Dispatch.objects.filter(reference=reference).order_by("-pk").first() if reference else None


def settings_of(sent: Dispatch) -> dict[str, Any]:
    """The settings a dispatch goes by. Raises KeyDestroyed."""
    found: dict[str, Any] = json.loads(keys.unseal(sent.measure.case.key, sent.settings_sealed, f"dispatch/{sent.key}"))
    return found


def proof_of(sent: Dispatch) -> bytes:
    """What proves that it was sent; empty where there is nothing. Raises KeyDestroyed."""
    if sent.proof_sealed is None:
        return b""
    return keys.unseal(sent.measure.case.key, sent.proof_sealed, f"dispatch-proof/{sent.key}")


def measure_by_reference(reference: str) -> Measure | None:
    return Measure.objects.select_related("case__key").filter(reference=reference).first() if reference else None


def to_read() -> QuerySet[Incoming]:
    """What came in and nobody has read yet, the oldest first."""
    return Incoming.objects.filter(handled_at=None).select_related("measure__case", "key").order_by("pk")


def is_there(incoming_id: int) -> bool:
    return Incoming.objects.filter(pk=incoming_id).exists()


def incoming(incoming_id: int) -> Incoming:
    return Incoming.objects.select_related("measure__case__key", "key").get(pk=incoming_id)


def incoming_of(case: Case) -> QuerySet[Incoming]:
    return Incoming.objects.filter(measure__case=case).select_related("measure", "key")


def raw_of(message: Incoming) -> bytes:
    """The message as it came. Raises KeyDestroyed."""
    return keys.unseal(message.key, message.raw_sealed, f"incoming/{bytes(message.digest).hex()}")


def door_of(token: str, *, at: datetime) -> Door | None:
    """The open door a link leads to; null for one that is unknown, closed or too old, without saying which."""
    digest = keys.lookup_digest(DOOR, token)
    return (
        Door.objects.select_related("measure__case__key")
        .filter(secret_digest=digest, closed_at=None, expires_at__gt=at)
        .first()
    )


def partner_of(token: str) -> Addressee | None:
    """Whose key this is."""
    digest = keys.lookup_digest(PARTNER_KEY, token)
    found = PartnerKey.objects.select_related("addressee").filter(secret_digest=digest, closed_at=None).first()
    return found.addressee if found else None


def notices_to(partner: Addressee) -> QuerySet[Measure]:
    """The measures that went to an addressee through one of its routes, the latest first; none of an erased case."""
    went = Dispatch.objects.filter(route__addressee=partner, state=Dispatch.State.SENT)
    return (
        Measure.objects.filter(pk__in=went.values("measure"), sent_at__isnull=False, case__key__wrapped__isnull=False)
        .select_related("case__key")
        .order_by("-sent_at", "-pk")
    )


def first_of(found: QuerySet[Measure], count: int) -> list[Measure]:
    """The first measures of a long list in its order: sorted by what they are sorted by, then read."""
    wanted = list(found.values_list("pk", flat=True)[:count])
    read = Measure.objects.in_bulk(wanted)
    return [read[pk] for pk in wanted]


def notice_to(partner: Addressee, reference: str) -> Measure | None:
    """One of them, found from its reference: however many there are, it takes as long."""
    measure = measure_by_reference(reference)
    if measure is None or measure.sent_at is None or measure.case.key.wrapped is None:
        return None
    went = measure.dispatches.filter(route__addressee=partner, state=Dispatch.State.SENT)
    return measure if went.exists() else None


def notices_before(found: QuerySet[Measure], at: datetime, reference: str) -> QuerySet[Measure]:
    """Those that stand behind one in the order of ``notices_to``."""
    last = found.filter(sent_at=at, reference=reference).first()
    behind = Q(sent_at__lt=at)
    return found.filter(behind | Q(sent_at=at, pk__lt=last.pk)) if last is not None else found.filter(behind)


def open_contests() -> QuerySet[Contest]:
    """Counter-notices that wait for a decision, the oldest first; those of erased cases can no longer be read."""
    waiting = Contest.objects.filter(decided_at=None, measure__case__key__wrapped__isnull=False)
    return waiting.select_related("measure__case__key").order_by("pk")


def decided_contests() -> QuerySet[Contest]:
    """Counter-notices that were decided, the latest first."""
    decided = Contest.objects.exclude(decided_at=None)
    return decided.select_related("measure__case", "decided_by").order_by("-decided_at", "-pk")


def count_wrong() -> tuple[int, int]:
    """(how many contests were decided, in how many the removal was wrong)."""
    decided = Contest.objects.exclude(decided_at=None)
    return decided.count(), decided.filter(was_right=False).count()


def contests_of(measure: Measure) -> QuerySet[Contest]:
    return measure.contests.select_related("decided_by")


def told_in(contest: Contest) -> dict[str, Any]:
    """What a counter-notice says. Raises KeyDestroyed."""
    found: dict[str, Any] = json.loads(keys.unseal(contest.measure.case.key, contest.sealed, f"contest/{contest.pk}"))
    return found


def reasons_of(measure: Measure) -> QuerySet[ReasonsGiven]:
    """The statements of reasons on one notice, the first one first."""
    return measure.reasons_given.select_related("measure__case__key").order_by("pk")


def reasons_by(partner: Addressee, *, after: int = 0) -> QuerySet[ReasonsGiven]:
    """The statements on all notices to a partner, the earliest first; those that stand behind the one with that id."""
    given = ReasonsGiven.objects.filter(measure__in=notices_to(partner).order_by().values("pk"), pk__gt=after)
    return given.select_related("measure__case__key").order_by("pk")


def fields_of(given: ReasonsGiven) -> dict[str, Any]:
    """The fields of a statement of reasons. Raises KeyDestroyed."""
    found: dict[str, Any] = json.loads(keys.unseal(given.measure.case.key, given.sealed, f"reasons/{given.puid}"))
    return found


def record_of(found: Addressee) -> dict[str, Any]:
    """How an addressee answered us so far: counts, and the mean hours until it answered at all.

    Keys: sent, answered, complied, refused, came_back, mean_hours (null where it never answered).
    """
    asked = Measure.objects.filter(dispatches__route__addressee=found, sent_at__isnull=False).distinct()
    counted = asked.aggregate(
        sent=Count("pk", distinct=True),
        answered=Count("pk", distinct=True, filter=Q(answered_at__isnull=False)),
        complied=Count("pk", distinct=True, filter=Q(state="complied")),
        refused=Count("pk", distinct=True, filter=Q(state="refused")),
    )
    answered = Measure.objects.filter(pk__in=asked.filter(answered_at__isnull=False).values("pk"))
    took = answered.aggregate(mean=Avg(F("answered_at") - F("sent_at")))["mean"]
    came_back = asked.filter(events__event="find_standing").values("pk").distinct().count()
    return {**counted, "came_back": came_back, "mean_hours": took.total_seconds() / 3600 if took is not None else None}


def _below(host: str, whole: str) -> bool:
    whole = whole.casefold()
    return host == whole or host.endswith(f".{whole}")
