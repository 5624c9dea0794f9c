"""Recording what a scan found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases.models import Case
from habeas.exposure import queries
from habeas.exposure.core.documents import Document, UnreadableFile
from habeas.exposure.core.known.identifiers import Identifier
from habeas.exposure.core.model import Scan
from habeas.exposure.models import (
    Exposure,
    KnownEntry,
    KnownIdentifier,
    Reading,
    RegistryQuestion,
    Sighting,
    Signal,
)
from habeas.ledger import actions as ledger


class AskedTooOften(RuntimeError):
    """One person asks the registry for more than anybody's work needs. The message says when to go on."""


class AlreadyDecided(RuntimeError):
    """Somebody said before whether a sighting is the same."""


@transaction.atomic
def record_scan(case: Case, source: str, document: Document, scan: Scan, *, at: datetime) -> Reading:
    """Store what one item says and exposes. Done again, it replaces what it said before."""
    Reading.objects.filter(case=case, source=source).delete()
    reading = Reading.objects.create(
        case=case,
        source=source,
        media_type=document.media_type,
        text_sealed=keys.seal(case.key, document.text, _text_context(case, source)),
        layout_sealed=keys.seal(case.key, _layout(document), f"layout/{case.pk}/{source}"),
        severity=scan.severity,
        severity_reason=scan.severity_reason[:400],
        read_at=at,
    )
    Exposure.objects.bulk_create(
        Exposure(
            reading=reading,
            kind=found.kind,
            detail=found.detail[:120],
            start=found.start,
            end=found.end,
            value_sealed=keys.seal(case.key, found.value, f"exposure/{case.pk}/{source}/{found.start}"),
            whose=found.whose,
            whose_reason=found.whose_reason[:300],
            gravity=found.gravity,
            gravity_reason=found.gravity_reason[:300],
            confidence=found.confidence,
            reason=found.reason[:300],
        )
        for found in scan.exposures
    )
    Signal.objects.bulk_create(
        Signal(
            reading=reading,
            kind=sign.kind,
            toward=sign.toward,
            start=sign.start,
            end=sign.end,
            strength=sign.strength,
            reason=sign.reason[:300],
        )
        for sign in scan.signals
    )
    ledger.append("item.scanned", by="scan", at=at, case=case.pk, source=source, exposures=len(scan.exposures))
    return reading


@transaction.atomic
def record_trouble(case: Case, source: str, media_type: str, trouble: UnreadableFile, *, at: datetime) -> Reading:
    """Store that an item could not be read, so that a person looks at it. The item itself stays sealed."""
    Reading.objects.filter(case=case, source=source).delete()
    reading = Reading.objects.create(case=case, source=source, media_type=media_type, trouble=trouble.code, read_at=at)
    ledger.append("item.unreadable", by="scan", at=at, case=case.pk, source=source, trouble=trouble.code)
    return reading


@transaction.atomic
def register_known(
    case: Case,
    source: str,
    text: str,
    identifiers: Iterable[Identifier] = (),
    picture: bytes | None = None,
    *,
    at: datetime,
) -> KnownEntry:
    """Make an item known, so that it is recognised when it comes back. Done again, it replaces what was kept before.

    picture: its PDQ hash, where it is a telling picture
    """
    entry, is_new = KnownEntry.objects.get_or_create(case=case, source=source, defaults={"registered_at": at})
    entry.same_as = queries.known_copy(text, besides=entry)
    entry.save(update_fields=["same_as"])
    entry.identifiers.all().delete()
    KnownIdentifier.objects.bulk_create(
        KnownIdentifier(entry=entry, kind=one.kind, digest=queries.digest_of(one)) for one in sorted(set(identifiers))
    )
    if is_new:
        ledger.append("known.registered", by="scan", at=at, case=case.pk, entry=entry.pk)
    number, kept = entry.pk, text if entry.same_as is None else ""
    # Files know no transaction: they follow once the database stands. `habeas registry rebuild` mends what a crash
    # between the two leaves out.
    transaction.on_commit(lambda: _into_files(number, kept, picture))
    return entry


def _into_files(number: int, text: str, picture: bytes | None) -> None:
    if text:
        queries.wordings().add(number, text)
    if picture:
        queries.pictures().add(number, picture)


@transaction.atomic
def withdraw_known(case: Case, *, by: object, at: datetime) -> int:
    """Forget all material of a case: it is not recognised any more, and nothing is left of it in the registry."""
    numbers = list(case.known_entries.values_list("pk", flat=True))
    if numbers:
        # Copies in other cases were not kept themselves: now the first of them has to stand for the wording.
        orphans = _first_copies(numbers)
        KnownEntry.objects.filter(pk__in=numbers).delete()
        ledger.append("known.withdrawn", by=by, at=at, case=case.pk, entries=len(numbers))
        transaction.on_commit(lambda: _out_of_files(numbers, orphans))
    return len(numbers)


def _first_copies(numbers: Sequence[int]) -> list[int]:
    copies = KnownEntry.objects.exclude(pk__in=numbers).filter(same_as__in=numbers).order_by("pk")
    first: dict[int, int] = {}
    for copy in copies:
        if copy.same_as_id in first:
            KnownEntry.objects.filter(pk=copy.pk).update(same_as=first[copy.same_as_id])
        else:
            first[copy.same_as_id] = copy.pk
            KnownEntry.objects.filter(pk=copy.pk).update(same_as=None)
    return list(first.values())


def _out_of_files(numbers: Sequence[int], orphans: Sequence[int]) -> None:
    for number in numbers:
        queries.wordings().withdraw(number)
        queries.pictures().withdraw(number)
    for number, text in queries.texts_known(orphans):
        queries.wordings().add(number, text)


@transaction.atomic
def ask_registry(
    text: str,
    identifiers: Iterable[Identifier] = (),
    pictures: Sequence[bytes] = (),
    *,
    by: Person,
    at: datetime,
) -> list[queries.KnownAgain]:
    """Whether material is known, and of which cases. Logged, whatever the answer. Raises AskedTooOften."""
    access.require(by, "ask_registry")
    asked = RegistryQuestion.objects.filter(asked_by=str(by.pk), asked_at__gt=at - timedelta(hours=1))
    if asked.count() >= settings.HABEAS_REGISTRY_QUESTIONS:
        free_at = asked.order_by("asked_at").values_list("asked_at", flat=True)[0] + timedelta(hours=1)
        raise AskedTooOften(
            f"You asked {settings.HABEAS_REGISTRY_QUESTIONS} times within an hour, which is the limit. "
            f"Ask again after {free_at:%H:%M} UTC."
        )
    found = queries.known_again(text, identifiers, pictures)
    RegistryQuestion.objects.create(asked_by=str(by.pk), asked_at=at, was_known=bool(found))
    ledger.append("registry.asked", by=by.pk, at=at, cases=[str(one.case.pk) for one in found])
    return found


@transaction.atomic
def record_sighting(seen: queries.KnownAgain, seen_in: Case, source: str, *, at: datetime) -> bool:
    """Note that material of a case was seen again in another; whether that is new."""
    _, created = Sighting.objects.get_or_create(
        case=seen.case,
        seen_in=seen_in,
        source=source,
        defaults={"known_by": seen.known_by, "reason": seen.reason[:200], "seen_at": at},
    )
    if created:
        ledger.append(
            "known.seen", by="scan", at=at, case=seen.case.pk, seen_in=seen_in.pk, source=source, known_by=seen.known_by
        )
    return created


@transaction.atomic
def decide_sighting(sighting_id: int, *, same: bool, by: Person, at: datetime) -> Sighting:
    """A person says whether what was seen is the same. Raises AlreadyDecided, Sighting.DoesNotExist."""
    access.require(by, "decide_sighting")
    sighting = Sighting.objects.select_for_update(of=("self",)).select_related("case", "seen_in").get(pk=sighting_id)
    if sighting.state != Sighting.State.OPEN:
        raise AlreadyDecided(f"this was decided on {sighting.decided_at:%Y-%m-%d at %H:%M} UTC")
    sighting.state = Sighting.State.CONFIRMED if same else Sighting.State.DISMISSED
    sighting.decided_by, sighting.decided_at = by, at
    sighting.save(update_fields=["state", "decided_by", "decided_at"])
    ledger.append(
        "sighting.decided", by=by.pk, at=at, case=sighting.case_id, seen_in=sighting.seen_in_id, same=int(same)
    )
    return sighting


def _layout(document: Document) -> str:
    parts = [[part.origin, part.start, part.end] for part in document.parts]
    return json.dumps({"notes": list(document.notes), "parts": parts}, ensure_ascii=False)


def _text_context(case: Case, source: str) -> str:
    return f"reading/{case.pk}/{source}"
