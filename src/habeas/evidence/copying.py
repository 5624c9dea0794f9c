"""Traceable copies: each recipient's copy with marks of its own, and which copy a leak was made from."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.evidence import actions, queries
from habeas.evidence.actions import Reason
from habeas.evidence.models import CustodyEvent, HandOver, Item, MarkedCopy
from habeas.ledger import actions as ledger

SEED_BYTES = 32
# What can carry marks, and how.
CARRIERS = {"text/plain": "text", "image/png": "image", "image/jpeg": "image", "application/pdf": "pdf"}


class CannotMark(ValueError):
    """Nothing of this kind can carry marks."""


class NothingToTrace(LookupError):
    """No copy was made that this could be."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A copy for one recipient, and what is known of it."""

    copy: MarkedCopy
    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Traced:
    """What a leak says. ``copies``: the likeliest first; empty where it cannot be told. ``sentence``: for people."""

    copies: list[MarkedCopy]
    chance: float
    sentence: str

    @property
    def copy(self) -> MarkedCopy | None:
        return self.copies[0] if self.copies else None


def mark(
    item: Item, recipient: str, reason: Reason, *, by: Person, at: datetime, handover: HandOver | None = None
) -> Marked:
    """Make a copy that tells whose it was. The original stays as it is.

    recipient: the authority or organisation, never a person
    Raises CannotMark, NotAllowed, NotHeld, ItemDamaged, KeyDestroyed.
    """
    access.require(by, "mark_copy")
    carrier = CARRIERS.get(item.media_type)
    if carrier is None:
        raise CannotMark(f"{item.media_type} cannot carry marks; text, PNG, JPEG and PDF can")
    seed = secrets.token_bytes(SEED_BYTES)
    # Marking takes seconds, in which nobody else should wait for the database.
    content = _marked(carrier, queries.content_of(item), seed)
    copy = _enter(item, carrier, recipient, seed, content, reason, by=by, at=at, handover=handover)
    return Marked(copy, content, item.media_type)


@transaction.atomic
def _enter(
    item: Item,
    carrier: str,
    recipient: str,
    seed: bytes,
    content: bytes,
    reason: Reason,
    *,
    by: Person,
    at: datetime,
    handover: HandOver | None,
) -> MarkedCopy:
    case, copy_id = cases.hold(item.case), uuid4()
    copy = MarkedCopy.objects.create(
        pk=copy_id,
        case=case,
        item=item,
        handover=handover,
        recipient=recipient.strip()[:200],
        carrier=carrier,
        seed_sealed=keys.seal(case.key, seed, f"marked-copy/{copy_id}"),
        commitment=hashlib.sha256(seed).hexdigest(),
        sha256=hashlib.sha256(content).hexdigest(),
        made_at=at,
    )
    actions.record(
        case,
        CustodyEvent.Kind.COPY,
        reason,
        by=by,
        at=at,
        item=item,
        handover=handover,
        commitment_in=item.commitment,
        method="traceable copy for one recipient",
        entry="copy.marked",
        copy=copy.pk,
        seed_commitment=copy.commitment,
    )
    return copy


def trace(leaked: bytes, media_type: str, *, by: Person, at: datetime) -> Traced:
    """Which copy a leaked file was made from. Nothing of the file is kept; that it was asked is logged.

    Raises NothingToTrace, CannotTrace, NotAllowed.
    """
    access.require(by, "trace_copy")
    from habeas.evidence.core.marks.trace import Candidate
    from habeas.evidence.core.marks.trace import trace as compare

    copies = {str(copy.pk): copy for copy in _living_copies()}
    if not copies:
        raise NothingToTrace("no traceable copy was ever made here, so nothing can be compared")
    originals = {copy.item_id: queries.content_of(copy.item) for copy in copies.values()}
    candidates = [
        Candidate(copy_id, _seed_of(copy), originals[copy.item_id], copy.item.media_type)
        for copy_id, copy in copies.items()
    ]
    verdict = compare(leaked, media_type, candidates)
    named = [copies[copy_id] for copy_id in verdict.copy_ids]
    with transaction.atomic():
        ledger.append("copy.traced", by=by.pk, at=at, compared=len(copies), named=[str(copy.pk) for copy in named])
    return Traced(named, verdict.chance, _sentence(verdict.sentence, named))


def _living_copies() -> list[MarkedCopy]:
    alive = MarkedCopy.objects.filter(case__key__wrapped__isnull=False).exclude(item__stored_as="")
    return list(alive.select_related("case__key", "item__case__key").order_by("made_at", "pk"))


def _seed_of(copy: MarkedCopy) -> bytes:
    return keys.unseal(copy.case.key, copy.seed_sealed, f"marked-copy/{copy.pk}")


def _marked(carrier: str, content: bytes, seed: bytes) -> bytes:
    if carrier == "text":
        from habeas.evidence.core.marks.text import mark_text

        try:
            return mark_text(content.decode("utf-8"), seed).encode()
        except UnicodeDecodeError:
            raise CannotMark(
                "the text is not UTF-8, so marks would change it; pass it on as a picture or PDF"
            ) from None
    if carrier == "image":
        from habeas.evidence.core.marks.image import NotAPicture, mark_image

        try:
            return mark_image(content, seed)
        except NotAPicture as refusal:
            raise CannotMark(str(refusal)) from refusal
    from habeas.evidence.core.marks.pdf import NotAPdf, mark_pages

    try:
        return mark_pages(content, seed)
    except NotAPdf as refusal:
        raise CannotMark(str(refusal)) from refusal


def _sentence(said: str, named: list[MarkedCopy]) -> str:
    """The verdict's words, with whom the copies were made for."""
    if not named:
        return said
    whose = "; ".join(
        f"copy {copy.pk} was made for {copy.recipient} on {copy.made_at:%Y-%m-%d}, case {copy.case.reference}"
        for copy in named
    )
    return f"{said} {whose[0].upper()}{whose[1:]}."
