"""Sealing and custody: hashed, encrypted, stored, logged; and every time somebody touches it afterwards."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases.models import Case, Posting, Report
from habeas.evidence import queries, store, timestamping
from habeas.evidence.core.commitments import commitment
from habeas.evidence.core.custody import require_reason
from habeas.evidence.models import CustodyEvent, HandOver, Item
from habeas.evidence.stores.sealing import seal_into
from habeas.ledger import actions as ledger


class CaseErased(RuntimeError):
    """The key of the case was destroyed: nothing can be added to it any more."""


@dataclass(frozen=True, slots=True)
class Reason:
    """For what an item is touched, and on what legal basis: codes of ``core/custody.py``."""

    purpose: str
    basis: str


@transaction.atomic
def seal(
    report: Report,
    name: str,
    media_type: str,
    content: bytes | Path,
    *,
    by: object,
    at: datetime,
    kind: str = Item.Kind.FILE,
    details: dict[str, Any] | None = None,
) -> Item:
    """Seal one piece of evidence of a report, exactly as it came. content: its bytes, or the file that holds them"""
    item = Item(case=report.case, report=report, kind=kind, media_type=media_type, sealed_at=at)
    return _seal(item, name, content, details, CustodyEvent.Kind.INGEST, Reason("receive", "consent"), by=by, at=at)


@transaction.atomic
def seal_capture(
    posting: Posting,
    name: str,
    content: bytes | Path,
    *,
    details: dict[str, Any],
    acquired_at: datetime,
    reason: Reason,
    by: object,
    at: datetime,
) -> Item:
    """Seal the capture of a page (a WACZ file), after the capture of the same page before it."""
    item = Item(
        case=posting.case,
        posting=posting,
        kind=Item.Kind.PAGE,
        media_type="application/wacz",
        before=queries.latest_capture(posting),
        acquired_at=acquired_at,
        sealed_at=at,
    )
    return _seal(item, name, content, details, CustodyEvent.Kind.CAPTURE, reason, by=by, at=at)


@transaction.atomic
def note_place(
    case: Case,
    name: str,
    media_type: str,
    hashes: queries.Hashes,
    size_bytes: int,
    *,
    details: dict[str, Any],
    reason: Reason,
    by: object,
    at: datetime,
    posting: Posting | None = None,
    acquired_at: datetime | None = None,
) -> Item:
    """Write down hashes and place of what nobody may hold (intimate images, minors). The content is never stored."""
    item = Item(
        case=case,
        posting=posting,
        kind=Item.Kind.PAGE if posting else Item.Kind.FILE,
        sensitivity=Item.Class.HASH_ONLY,
        media_type=media_type,
        before=queries.latest_capture(posting) if posting else None,
        size_bytes=size_bytes,
        acquired_at=acquired_at,
        sealed_at=at,
    )
    _describe(item, name, hashes, details)
    return _enter(item, CustodyEvent.Kind.INGEST, reason, by=by, at=at)


@transaction.atomic
def seal_derived(
    original: Item,
    kind: str,
    name: str,
    media_type: str,
    content: bytes,
    *,
    details: dict[str, Any],
    reason: Reason,
    by: object,
    at: datetime,
) -> Item:
    """Seal what was made from an item: a redacted copy or a translation. The original stays as it is."""
    item = Item(case=original.case, made_from=original, kind=kind, media_type=media_type, sealed_at=at)
    made = {Item.Kind.REDACTED: CustodyEvent.Kind.REDACT, Item.Kind.TRANSLATION: CustodyEvent.Kind.TRANSLATE}
    sealed = _seal(item, name, content, details, CustodyEvent.Kind.INGEST, reason, by=by, at=at)
    record(
        original.case,
        made[Item.Kind(kind)],
        reason,
        by=by,
        at=at,
        item=original,
        commitment_in=original.commitment,
        commitment_out=sealed.commitment,
        method=str(details.get("method", "")),
    )
    return sealed


@transaction.atomic
def allow_capture(posting: Posting, reason: Reason, *, by: Person, at: datetime) -> None:
    """Log that a person asked for a page to be captured: viewing a page tells its host that somebody came."""
    access.require(by, "capture_page")
    require_reason(reason.purpose, reason.basis)
    access.require_purpose(by, reason.purpose)
    ledger.append("capture.asked", by=by.pk, at=at, case=posting.case_id, posting=posting.pk, purpose=reason.purpose)


@transaction.atomic
def read(item: Item, reason: Reason, *, by: Person, at: datetime) -> bytes:
    """The original bytes, for a named person, purpose and basis; the ledger says so before they are shown.

    Raises NotAllowed, UnknownPurpose, ItemDamaged, KeyDestroyed, NotHeld.
    """
    access.require(by, "read_item")
    require_reason(reason.purpose, reason.basis)
    access.require_purpose(by, reason.purpose)
    content = queries.content_of(item)
    record(item.case, CustodyEvent.Kind.READ, reason, by=by, at=at, item=item, commitment_in=item.commitment)
    return content


def record(
    case: Case,
    kind: str,
    reason: Reason,
    *,
    by: object,
    at: datetime,
    item: Item | None = None,
    handover: HandOver | None = None,
    commitment_in: str = "",
    commitment_out: str = "",
    method: str = "",
    signature: bytes | None = None,
    entry: str = "",
    **ids: Any,
) -> CustodyEvent:
    """Write one custody event and its ledger entry, in the caller's transaction.

    by:    a person, or the name of the program that did it
    entry: the kind of the ledger entry, where it is not ``custody.<kind>``
    """
    require_reason(reason.purpose, reason.basis)
    who = by if isinstance(by, Person) else None
    organisation = who.organisation if who is not None else None
    role = who.role if who is not None else "program"
    said = {"item": item.pk if item else None, "handover": handover.pk if handover else None}
    said |= {"commitment_in": commitment_in, "commitment_out": commitment_out}
    index = ledger.append(
        entry or f"custody.{kind}",
        by=who.pk if who else by,
        at=at,
        case=case.pk,
        custody=str(kind),
        role=role,
        purpose=reason.purpose,
        basis=reason.basis,
        **{key: value for key, value in said.items() if value},
        **ids,
    )
    return CustodyEvent.objects.create(
        case=case,
        item=item,
        handover=handover,
        kind=kind,
        by=str(who.pk if who else by),
        organisation=organisation.name if organisation else "",
        role=role,
        purpose=reason.purpose,
        basis=reason.basis,
        at=at,
        commitment_in=commitment_in,
        commitment_out=commitment_out,
        method=method[:200],
        signature=signature,
        ledger_index=index,
    )


def _seal(
    item: Item,
    name: str,
    content: bytes | Path,
    details: dict[str, Any] | None,
    event: CustodyEvent.Kind,
    reason: Reason,
    *,
    by: object,
    at: datetime,
) -> Item:
    if item.case.key.wrapped is None:
        raise CaseErased(f"{item.case} was erased; open a new case for what comes now")
    if isinstance(content, Path):
        with content.open("rb") as file:
            stored = seal_into(settings.HABEAS_EVIDENCE, item.case.key, file, f"item/{item.pk}")
        hashes = queries.Hashes(stored.sha256, stored.sha512)
        item.size_bytes, item.stored_as = stored.size_bytes, stored.name
    else:
        hashes = queries.Hashes(hashlib.sha256(content).hexdigest(), hashlib.sha512(content).hexdigest())
        item.size_bytes = len(content)
        item.stored_as = store.put(settings.HABEAS_EVIDENCE, keys.seal(item.case.key, content, f"item/{item.pk}"))
    _describe(item, name, hashes, details)
    return _enter(item, event, reason, by=by, at=at)


def _describe(item: Item, name: str, hashes: queries.Hashes, details: dict[str, Any] | None) -> None:
    key = item.case.key
    if key.wrapped is None:
        raise CaseErased(f"{item.case} was erased; open a new case for what comes now")
    item.name_sealed = keys.seal(key, name, f"item-name/{item.pk}")
    item.hashes_sealed = keys.seal(key, json.dumps(hashes._asdict(), sort_keys=True), f"item-hashes/{item.pk}")
    if details is not None:
        item.details_sealed = keys.seal(key, json.dumps(details, ensure_ascii=False), f"item-details/{item.pk}")
    salt = keys.salt_of(key, f"item-commitment/{item.pk}")
    item.commitment = commitment(salt, bytes.fromhex(hashes.sha512)).hex()


def _enter(item: Item, event: CustodyEvent.Kind, reason: Reason, *, by: object, at: datetime) -> Item:
    item.save()
    record(
        item.case,
        event,
        reason,
        by=by,
        at=at,
        item=item,
        commitment_out=item.commitment,
        entry="item.sealed",
        commitment=item.commitment,
        size_bytes=item.size_bytes,
    )
    timestamping.want_stamps(item.case, f"item/{item.pk}", bytes.fromhex(item.commitment), item=item, at=at)
    return item
