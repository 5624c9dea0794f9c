"""Passing items to somebody outside: conditions first, their signed acceptance, then the key, then their receipt.

The package is encrypted when it is offered, to a key made for it alone. That key lies sealed under the key of the case
until the recipient has signed the conditions; then it is given to them, encrypted to their own key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.cases.models import Case
from habeas.evidence import actions, store
from habeas.evidence.actions import Reason
from habeas.evidence.core import answers
from habeas.evidence.models import CustodyEvent, HandOver, Item

OPEN_STATES = frozenset({HandOver.State.OFFERED, HandOver.State.ACCEPTED})


class WrongMoment(RuntimeError):
    """The hand-over is not at the point where this can be done."""


class BadRecipient(ValueError):
    """The recipient's keys cannot be used."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is to receive a package, and by which keys they are known.

    signing_key:   their Ed25519 public key, 32 bytes: checks what they sign
    age_recipient: ``age1…``: what the package's key is encrypted to once they have accepted
    """

    name: str
    signing_key: bytes
    age_recipient: str


@transaction.atomic
def offer(
    case: Case,
    handover_id: UUID,
    recipient: Recipient,
    items: Sequence[Item],
    sealed_package: bytes,
    package_key: str,
    *,
    conditions: str,
    manifest: dict[str, Any],
    reason: Reason,
    available_until: datetime,
    by: Person,
    at: datetime,
) -> HandOver:
    """Offer a package that ``journey/handover.py`` made. Nothing of its content can be read before it is accepted.

    sealed_package: the bundle, encrypted with age to a key made for this hand-over
    package_key:    that key, ``AGE-SECRET-KEY-1…``
    """
    access.require(by, "hand_over")
    case = cases.hold(case)
    handover = HandOver(pk=handover_id, case=case)
    handover.recipient, handover.signing_key = recipient.name, recipient.signing_key
    handover.age_recipient = recipient.age_recipient
    handover.purpose, handover.basis, handover.conditions = reason.purpose, reason.basis, conditions
    handover.manifest_sealed = keys.seal(
        case.key, json.dumps(manifest, ensure_ascii=False), f"handover-manifest/{handover.pk}"
    )
    handover.package_sha256 = hashlib.sha256(sealed_package).hexdigest()
    handover.stored_as = store.put(settings.HABEAS_EVIDENCE, sealed_package)
    handover.key_sealed = keys.seal(case.key, package_key, f"handover-key/{handover.pk}")
    handover.offered_by, handover.offered_at, handover.available_until = by, at, available_until
    handover.save()
    handover.items.set(items)
    actions.record(
        case,
        CustodyEvent.Kind.OFFERED,
        reason,
        by=by,
        at=at,
        handover=handover,
        items=[str(item.pk) for item in items],
        package_sha256=handover.package_sha256,
        conditions_sha512=conditions_digest(handover),
    )
    return handover


@transaction.atomic
def take_answer(handover: HandOver, raw: bytes, *, by: Person, at: datetime) -> HandOver:
    """The recipient's signed answer to the conditions: accepted or refused.

    Raises AnswerRefused, WrongMoment.
    """
    access.require(by, "hand_over")
    handover = _held(handover)
    if handover.state != HandOver.State.OFFERED:
        raise WrongMoment(f"the hand-over is {handover.get_state_display().lower()}; an answer was taken before")
    if at > handover.available_until:
        raise WrongMoment(f"the offer ended on {handover.available_until:%Y-%m-%d}; offer it again")
    said = _checked(handover, raw, frozenset({"accepted", "refused"}))
    handover.state = HandOver.State(said["decision"])
    handover.acceptance, handover.answered_at = raw, at
    handover.save(update_fields=["state", "acceptance", "answered_at"])
    _log(handover, CustodyEvent.Kind(said["decision"]), raw, by, at)
    return handover


@transaction.atomic
def key_for(handover: HandOver, *, by: Person, at: datetime) -> bytes:
    """The package's key, encrypted to the recipient (an age file). There is none before the conditions are accepted.

    Raises WrongMoment, KeyDestroyed.
    """
    access.require(by, "hand_over")
    handover = _held(handover)
    if handover.state not in {HandOver.State.ACCEPTED, HandOver.State.RECEIVED}:
        raise WrongMoment("the key is given once the recipient has signed the conditions")
    secret = keys.unseal(handover.case.key, handover.key_sealed, f"handover-key/{handover.pk}")
    import pyrage

    given: bytes = pyrage.encrypt(secret, [read_age(handover.age_recipient)], armored=True)
    _log(handover, CustodyEvent.Kind.COPY, None, by, at, method="the package's key, encrypted to the recipient")
    return given


@transaction.atomic
def take_receipt(handover: HandOver, raw: bytes, *, by: Person, at: datetime) -> HandOver:
    """The recipient's signed receipt: only with it the hand-over is complete. Raises AnswerRefused, WrongMoment."""
    access.require(by, "hand_over")
    handover = _held(handover)
    if handover.state != HandOver.State.ACCEPTED:
        raise WrongMoment("a receipt counts once, after the conditions were accepted")
    _checked(handover, raw, frozenset({"received"}))
    handover.state, handover.receipt, handover.received_at = HandOver.State.RECEIVED, raw, at
    handover.save(update_fields=["state", "receipt", "received_at"])
    _log(handover, CustodyEvent.Kind.RECEIVED, raw, by, at)
    return handover


@transaction.atomic
def take_return(handover: HandOver, raw: bytes, *, by: Person, at: datetime) -> HandOver:
    """The recipient's signed word that the package was returned or destroyed. Raises AnswerRefused, WrongMoment."""
    access.require(by, "hand_over")
    handover = _held(handover)
    if handover.state not in {HandOver.State.ACCEPTED, HandOver.State.RECEIVED, HandOver.State.RECALLED}:
        raise WrongMoment("only what was accepted can be returned")
    said = _checked(handover, raw, frozenset({"returned", "destroyed"}))
    handover.state, handover.receipt = HandOver.State.RETURNED, raw
    handover.save(update_fields=["state", "receipt"])
    _log(handover, CustodyEvent.Kind.RETURNED, raw, by, at, method=said["decision"])
    return handover


@transaction.atomic
def recall(handover: HandOver, *, by: Person, at: datetime) -> HandOver:
    """Take an offer back, or ask for what was received. Before acceptance nothing can have been read.

    Raises WrongMoment.
    """
    access.require(by, "hand_over")
    handover = _held(handover)
    if handover.state in {HandOver.State.RECALLED, HandOver.State.RETURNED, HandOver.State.REFUSED}:
        raise WrongMoment(f"the hand-over is {handover.get_state_display().lower()}; there is nothing to recall")
    handover.state = HandOver.State.RECALLED
    handover.save(update_fields=["state"])
    _log(handover, CustodyEvent.Kind.RECALLED, None, by, at)
    return handover


def conditions_digest(handover: HandOver) -> str:
    """What the recipient's signature names the conditions by: their SHA-512, hex."""
    return hashlib.sha512(handover.conditions.encode()).hexdigest()


def offer_file(handover: HandOver) -> bytes:
    """What is sent to the recipient beside the package: conditions and names of things, no content."""
    offered = {
        "what": "habeas hand-over offer, version 1",
        "handover": str(handover.pk),
        "recipient": handover.recipient,
        "purpose": handover.purpose,
        "basis": handover.basis,
        "conditions": handover.conditions,
        "conditions_sha512": conditions_digest(handover),
        "package_sha256": handover.package_sha256,
        "items": handover.items.count(),
        "available_until": handover.available_until.isoformat(),
    }
    return json.dumps(offered, indent=2, ensure_ascii=False).encode() + b"\n"


def package_of(handover: HandOver) -> bytes:
    """The encrypted package, as it is sent. Raises ItemDamaged."""
    return store.get(settings.HABEAS_EVIDENCE, handover.stored_as)


def manifest_of(handover: HandOver) -> dict[str, Any]:
    """Raises KeyDestroyed."""
    raw = keys.unseal(handover.case.key, handover.manifest_sealed, f"handover-manifest/{handover.pk}")
    opened: dict[str, Any] = json.loads(raw)
    return opened


def read_recipient(name: str, signing_key_hex: str, age_recipient: str) -> Recipient:
    """A recipient from what somebody typed. Raises BadRecipient."""
    try:
        signing_key = bytes.fromhex(signing_key_hex)
    except ValueError as error:
        raise BadRecipient("the signing key must be 64 hex digits (an Ed25519 public key)") from error
    if len(signing_key) != 32:
        raise BadRecipient(f"the signing key must be 32 bytes, not {len(signing_key)}")
    read_age(age_recipient)
    if not name.strip():
        raise BadRecipient("say which authority or organisation receives it")
    return Recipient(name.strip(), signing_key, age_recipient)


def read_age(text: str) -> Any:
    """The key that an `age1…` stands for. Raises BadRecipient."""
    import pyrage

    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BadRecipient("the encryption key must be an age recipient that begins with age1") from error


def _held(handover: HandOver) -> HandOver:
    cases.hold(handover.case)
    return HandOver.objects.select_for_update(of=("self",)).select_related("case__key").get(pk=handover.pk)


def _checked(handover: HandOver, raw: bytes, allowed: frozenset[str]) -> dict[str, Any]:
    return answers.check(
        raw,
        bytes(handover.signing_key),
        handover=str(handover.pk),
        package_sha256=handover.package_sha256,
        conditions_sha512=conditions_digest(handover),
        allowed=allowed,
    )


def _log(
    handover: HandOver, kind: CustodyEvent.Kind, raw: bytes | None, by: Person, at: datetime, method: str = ""
) -> None:
    actions.record(
        handover.case,
        kind,
        Reason(handover.purpose, handover.basis),
        by=by,
        at=at,
        handover=handover,
        method=method,
        signature=raw,
        answer_sha256=hashlib.sha256(raw).hexdigest() if raw else "",
    )
