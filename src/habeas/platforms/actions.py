"""Keeping the directory, sending and what came of it, taking in answers, opening doors to partners."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases.models import Case
from habeas.ledger import actions as ledger
from habeas.platforms import queries
from habeas.platforms.models import Addressee, Contest, Dispatch, Door, Incoming, PartnerKey, ReasonsGiven, Route
from habeas.remedies.models import LetterVersion, Measure
from habeas.store import actions as store

DISPATCH = "platforms.dispatch"
DOOR_STANDS = timedelta(days=90)
# A letter that could not be handed over so often, over about half a day, needs a person.
MOST_TRIES = 8


class OnItsWay(RuntimeError):
    """The same letter is waiting to be sent already."""


class NotOpen(LookupError):
    """A door, a contest or a dispatch that is not open any more."""


# ----------------------------------------------------------------------------------------------------------- directory


@transaction.atomic
def put_addressee(slug: str, *, by: Person, at: datetime, **fields: Any) -> Addressee:
    """Write down or correct an entry of the directory. Raises NotAllowed."""
    access.require(by, "keep_directory")
    entry, _ = Addressee.objects.update_or_create(slug=slug, defaults=fields)
    ledger.append("directory.kept", by=by.pk, at=at, addressee=entry.pk)
    return entry


@transaction.atomic
def put_route(
    entry: Addressee,
    channel: str,
    settings: dict[str, Any],
    *,
    by: Person,
    at: datetime,
    position: int = 1,
    remedies: Sequence[str] = (),
    note: str = "",
) -> Route:
    """Add a way to reach an addressee. Raises NotAllowed."""
    access.require(by, "keep_directory")
    route = Route.objects.create(
        addressee=entry, channel=channel, settings=settings, position=position, remedies=list(remedies), note=note[:300]
    )
    ledger.append("directory.route", by=by.pk, at=at, addressee=entry.pk, route=route.pk)
    return route


@transaction.atomic
def close_route(route_id: int, because: str, *, by: object, at: datetime) -> None:
    """A way that leads nowhere is not tried again until somebody opens it."""
    if Route.objects.filter(pk=route_id, closed_because="").update(closed_because=because[:300]):
        ledger.append("directory.route_closed", by=by.pk if isinstance(by, Person) else by, at=at, route=route_id)


@transaction.atomic
def open_route(route_id: int, *, by: Person, at: datetime) -> None:
    """Try a way again that was closed. Raises NotAllowed."""
    access.require(by, "keep_directory")
    Route.objects.filter(pk=route_id).update(closed_because="")
    ledger.append("directory.route_opened", by=by.pk, at=at, route=route_id)


# ------------------------------------------------------------------------------------------------------------- sending


@transaction.atomic
def queue(
    measure: Measure,
    letter: LetterVersion,
    channel: str,
    settings: dict[str, Any],
    *,
    route: Route | None,
    by: Person,
    at: datetime,
    by_hand: bool = False,
) -> Dispatch:
    """Write down that a letter is to go, with the job that sends it: both or none. Raises OnItsWay, NotAllowed."""
    access.require(by, "send_measure")
    if measure.dispatches.filter(state__in=[Dispatch.State.QUEUED, Dispatch.State.BY_HAND]).exists():
        raise OnItsWay("This letter is waiting to be sent already.")
    key = secrets.token_hex(16)
    sealed = keys.seal(measure.case.key, json.dumps(settings), f"dispatch/{key}")
    dispatch = Dispatch.objects.create(
        measure=measure,
        letter=letter,
        route=route,
        channel=channel,
        settings_sealed=sealed,
        key=key,
        state=Dispatch.State.BY_HAND if by_hand else Dispatch.State.QUEUED,
        asked_by=by,
        queued_at=at,
    )
    if not by_hand:
        store.enqueue(DISPATCH, {"dispatch_id": dispatch.pk}, at=at, key=f"dispatch/{key}")
    ledger.append("dispatch.queued", by=by.pk, at=at, case=measure.case_id, measure=measure.pk, dispatch=dispatch.pk)
    return dispatch


@transaction.atomic
def note_try(dispatch: Dispatch) -> int:
    """Count a try before it is made; how many there were with this one."""
    held = Dispatch.objects.select_for_update().get(pk=dispatch.pk)
    held.tries += 1
    held.save(update_fields=["tries"])
    return held.tries


@transaction.atomic
def settle(
    dispatch_id: int,
    *,
    reference: str,
    says: str,
    proof: bytes,
    proof_type: str,
    by: object,
    at: datetime,
) -> Dispatch | None:
    """It was handed over. Null where it was settled before: a worker that died after sending sends once more."""
    dispatch = Dispatch.objects.select_for_update(of=("self",)).select_related("measure__case__key").get(pk=dispatch_id)
    if dispatch.state not in {Dispatch.State.QUEUED, Dispatch.State.BY_HAND}:
        return None
    dispatch.state, dispatch.settled_at = Dispatch.State.SENT, at
    dispatch.reference, dispatch.says, dispatch.proof_type = reference[:300], says[:400], proof_type[:100]
    if proof:
        dispatch.proof_sealed = keys.seal(dispatch.measure.case.key, proof, f"dispatch-proof/{dispatch.key}")
    dispatch.save()
    _log("dispatch.sent", dispatch, by=by, at=at)
    return dispatch


@transaction.atomic
def stop(dispatch_id: int, because: str, *, by: object, at: datetime) -> Dispatch | None:
    """It cannot go, or came back. Null where it was stopped before."""
    dispatch = Dispatch.objects.select_for_update(of=("self",)).select_related("measure").get(pk=dispatch_id)
    if dispatch.state == Dispatch.State.STOPPED:
        return None
    dispatch.state, dispatch.settled_at, dispatch.says = Dispatch.State.STOPPED, at, because[:400]
    dispatch.save()
    _log("dispatch.stopped", dispatch, by=by, at=at)
    return dispatch


def _log(kind: str, dispatch: Dispatch, *, by: object, at: datetime) -> None:
    who = by.pk if isinstance(by, Person) else by
    ledger.append(kind, by=who, at=at, case=dispatch.measure.case_id, measure=dispatch.measure_id, dispatch=dispatch.pk)


# ------------------------------------------------------------------------------------------------------------- answers


@transaction.atomic
def take_in(
    raw: bytes, *, channel: str, kind: str, likely: str, measure: Measure | None, by: object, at: datetime
) -> tuple[Incoming, bool]:
    """Keep a message as it came, sealed. (the message, whether it is new)."""
    digest = keys.lookup_digest("incoming", raw.hex())
    before = Incoming.objects.filter(digest=digest).first()
    if before is not None:
        return before, False
    key = measure.case.key if measure is not None and measure.case.key.wrapped is not None else keys.new_case_key(at=at)
    message = Incoming(
        measure=measure, channel=channel, kind=kind, likely=likely, key=key, digest=digest, received_at=at
    )
    message.raw_sealed = keys.seal(key, raw, f"incoming/{digest.hex()}")
    try:
        with transaction.atomic():
            message.save()
    except IntegrityError:
        return Incoming.objects.get(digest=digest), False
    case = measure.case_id if measure is not None else ""
    ledger.append("incoming.kept", by=by, at=at, case=case, incoming=message.pk, kind_of=kind)
    return message, True


@transaction.atomic
def note_opened_by(message: Incoming, *, by: Person, at: datetime) -> None:
    """Log that a member opened a message, before it is shown. Raises NotAllowed."""
    access.require(by, "note_answer")
    case = message.measure.case_id if message.measure is not None else ""
    ledger.append("incoming.opened", by=by.pk, at=at, case=case, incoming=message.pk)


@transaction.atomic
def mark_read(incoming_id: int, *, by: object, at: datetime, measure: Measure | None = None) -> Incoming:
    """Somebody read it and said what it means; ``measure`` where it had not been found by itself."""
    message = Incoming.objects.select_for_update(of=("self",)).select_related("measure").get(pk=incoming_id)
    if message.measure is None and measure is not None:
        message.measure = measure
    message.handled_at, message.handled_by = at, str(by.pk if isinstance(by, Person) else by)
    message.save(update_fields=["measure", "handled_at", "handled_by"])
    case = message.measure.case_id if message.measure is not None else ""
    ledger.append("incoming.read", by=message.handled_by, at=at, case=case, incoming=message.pk)
    return message


# --------------------------------------------------------------------------------------------------------------- doors


@transaction.atomic
def make_door(measure: Measure, *, at: datetime, used_by: str = Door.For.ADDRESSEE) -> str:
    """A link's secret (128 random bits) for one notice. It is shown once: only its digest is kept."""
    token = secrets.token_urlsafe(16)
    door = Door.objects.create(
        measure=measure,
        used_by=used_by,
        secret_digest=keys.lookup_digest(queries.DOOR, token),
        made_at=at,
        expires_at=at + DOOR_STANDS,
    )
    ledger.append("door.made", by="letter", at=at, case=measure.case_id, measure=measure.pk, door=door.pk)
    return token


@transaction.atomic
def note_opened(door: Door, *, at: datetime) -> bool:
    """The first opening is an entry of its own. Whether this was it."""
    first = bool(Door.objects.filter(pk=door.pk, opened_at=None).update(opened_at=at))
    if first:
        ledger.append("door.opened", by=door.used_by, at=at, case=door.measure.case_id, door=door.pk)
    return first


@transaction.atomic
def close_doors(measure: Measure, *, by: object, at: datetime) -> int:
    """Nobody comes in by the links of a measure any more."""
    count = Door.objects.filter(measure=measure, closed_at=None).update(closed_at=at)
    if count:
        ledger.append("door.closed", by=by, at=at, case=measure.case_id, measure=measure.pk, doors=count)
    return count


@transaction.atomic
def make_key(entry: Addressee, label: str, *, by: Person, at: datetime) -> str:
    """A key for an addressee's own system, shown once. Raises NotAllowed."""
    access.require(by, "keep_directory")
    token = f"hbp_{secrets.token_urlsafe(32)}"
    made = PartnerKey.objects.create(
        addressee=entry,
        label=label[:80],
        secret_digest=keys.lookup_digest(queries.PARTNER_KEY, token),
        made_by=by,
        made_at=at,
    )
    ledger.append("partner_key.made", by=by.pk, at=at, addressee=entry.pk, partner_key=made.pk)
    return token


@transaction.atomic
def close_key(key_id: int, *, by: Person, at: datetime) -> None:
    """Raises NotAllowed."""
    access.require(by, "keep_directory")
    if PartnerKey.objects.filter(pk=key_id, closed_at=None).update(closed_at=at):
        ledger.append("partner_key.closed", by=by.pk, at=at, partner_key=key_id)


# ------------------------------------------------------------------------------------------ reasons and counter-notices


@transaction.atomic
def give_reasons(measure: Measure, puid: str, fields: dict[str, Any], *, by: object, at: datetime) -> ReasonsGiven:
    """Keep a platform's statement of reasons. The same PUID again must say the same. Raises NotOpen."""
    before = ReasonsGiven.objects.select_related("measure__case__key").filter(puid=puid).first()
    if before is not None:
        if before.measure_id == measure.pk and queries.fields_of(before) == fields:
            return before
        raise NotOpen("A statement with this PUID stands already; choose another PUID.")
    given = ReasonsGiven(measure=measure, puid=puid, made_at=at)
    given.sealed = keys.seal(measure.case.key, json.dumps(fields), f"reasons/{puid}")
    try:
        with transaction.atomic():
            given.save()
    except IntegrityError:
        raise NotOpen("A statement with this PUID came in just now; look at it before you give another.") from None
    ledger.append("reasons.given", by=by, at=at, case=measure.case_id, measure=measure.pk, reasons=given.pk)
    return given


@transaction.atomic
def file_contest(measure: Measure, told: dict[str, Any], *, by: object, at: datetime) -> Contest:
    """Keep a counter-notice. Raises NotOpen where one is being decided already."""
    if measure.contests.filter(decided_at=None).exists():
        raise NotOpen("This removal is contested already and being decided. Wait for the answer.")
    contest = Contest(measure=measure, sealed=b"", made_at=at)
    contest.save()
    contest.sealed = keys.seal(measure.case.key, json.dumps(told), f"contest/{contest.pk}")
    contest.save(update_fields=["sealed"])
    ledger.append("contest.filed", by=by, at=at, case=measure.case_id, measure=measure.pk, contest=contest.pk)
    return contest


@transaction.atomic
def settle_contest(measure: Measure, *, was_right: bool, by: Person, at: datetime) -> Contest:
    """Raises NotOpen, NotAllowed."""
    access.require(by, "decide_contest")
    contest = measure.contests.select_for_update().filter(decided_at=None).first()
    if contest is None:
        raise NotOpen("Nobody contests this step, or it is decided already.")
    contest.was_right, contest.decided_at, contest.decided_by = was_right, at, by
    contest.save()
    ledger.append("contest.decided", by=by.pk, at=at, case=measure.case_id, contest=contest.pk, was_right=was_right)
    return contest


@transaction.atomic
def forget_words(case: Case, *, by: object, at: datetime) -> dict[str, int]:
    """Close every door of a case that is erased. What was sealed under its key is unreadable with the key."""
    doors = Door.objects.filter(measure__case=case, closed_at=None).update(closed_at=at)
    dispatches = Dispatch.objects.filter(measure__case=case)
    count = dispatches.count()
    dispatches.update(reference="", says="")
    ledger.append("platforms.forgotten", by=by, at=at, case=case.pk, doors=doors, dispatches=count)
    return {"letters sent": count}
