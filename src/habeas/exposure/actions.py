"""Recording what a scan found."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.cases.models import Case
from habeas.exposure import queries
from habeas.exposure.core.documents import Document, UnreadableFile
from habeas.exposure.core.hash_exchange import LIVE_STATES, HashRecord, Opinion, Page, replaces
from habeas.exposure.core.known.identifiers import Identifier
from habeas.exposure.core.model import Scan
from habeas.exposure.models import (
    BankedHash,
    Exposure,
    HashBank,
    KnownEntry,
    KnownIdentifier,
    Reading,
    RegistryQuestion,
    SharedHash,
    Sighting,
    Signal,
)
from habeas.ledger import actions as ledger

if TYPE_CHECKING:
    from habeas.exposure.core.photo_match import PhotoSketch
    from habeas.exposure.registry.pictures import Pictures
    from habeas.exposure.registry.wordings import Wordings


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
def forget_readings(case: Case, *, by: object, at: datetime) -> dict[str, int]:
    """Delete what was read in the material of a case that is erased."""
    readings = Reading.objects.filter(case=case)
    counts = {"readings": readings.count(), "exposures": Exposure.objects.filter(reading__in=readings).count()}
    readings.delete()
    ledger.append("readings.forgotten", by=by, at=at, case=case.pk, count=counts["readings"])
    return counts


@transaction.atomic
def register_known(
    case: Case,
    source: str,
    text: str,
    identifiers: Iterable[Identifier] = (),
    picture: bytes | None = None,
    photo: PhotoSketch | None = None,
    *,
    at: datetime,
) -> KnownEntry:
    """Make an item known, so that it is recognised when it comes back. Done again, it replaces what was kept before.

    picture: its PDQ hash, where it is a telling picture
    photo:   its points, where it is a photo and not a picture of text
    """
    entry, is_new = KnownEntry.objects.get_or_create(case=case, source=source, defaults={"registered_at": at})
    entry.same_as = queries.known_copy(text, besides=entry)
    entry.photo_sealed = photo and keys.seal(case.key, photo.to_bytes(), queries.photo_context(entry))
    entry.save(update_fields=["same_as", "photo_sealed"])
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
    photos: Sequence[PhotoSketch] = (),
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
    found = queries.known_again(text, identifiers, pictures, photos)
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


# ---------------------------------------------------------------------------------------- hashes that others share


@dataclass(frozen=True, slots=True)
class Imported:
    """What a page brought. Of its PDQ hashes so many were new, changed, taken out, or said nothing new.

    skipped: kind of hash -> how many were left out, because nothing here can match them
    """

    added: int
    changed: int
    taken_out: int
    unchanged: int
    skipped: Mapping[str, int]


@transaction.atomic
def open_bank(name: str, source: str, *, by: object, at: datetime) -> HashBank:
    """The bank of this name, made where there is none. source: the address of the service, or "file"."""
    bank, is_new = HashBank.objects.get_or_create(name=name, defaults={"source": source})
    if is_new:
        ledger.append("bank.opened", by=by, at=at, bank=bank.pk)
    return bank


@transaction.atomic
def switch_bank(bank: HashBank, *, on: bool, by: Person, at: datetime) -> HashBank:
    """Find a bank's hashes, or find them no more from the next question on. Its hashes stay."""
    access.require(by, "decide_sighting")
    bank = HashBank.objects.select_for_update().get(pk=bank.pk)
    bank.enabled = on
    bank.save(update_fields=["enabled"])
    ledger.append("bank.switched", by=by.pk, at=at, bank=bank.pk, on=int(on))
    return bank


@transaction.atomic
def import_page(bank: HashBank, page: Page, *, by: object, at: datetime) -> Imported:
    """Take in one page of a bank: newer records replace older ones, withdrawn ones take their hash out.

    Done again, it changes nothing, and mends what a crash left out of the registry's files.
    """
    bank = HashBank.objects.select_for_update().get(pk=bank.pk)
    arriving = {queries.their_id(bank, record.hash_value): record for record in page.records}
    held = {row.their_id: row for row in queries.banked_as(bank, arriving)}
    new = [_banked(bank, id_, record) for id_, record in arriving.items() if id_ not in held]
    changed, taken_out = [], 0
    for id_, row in held.items():
        record = arriving[id_]
        if not replaces(record.modified_at, record.state, row.modified_at, row.state) or _says(record) == _said(row):
            continue
        taken_out += row.state in LIVE_STATES and not record.is_live
        row.state, row.opinion, row.tags, row.modified_at = _says(record)
        changed.append(row)
    BankedHash.objects.bulk_create(new, batch_size=500)
    BankedHash.objects.bulk_update(changed, ["state", "opinion", "tags", "modified_at"], batch_size=500)
    bank.fetched_at, bank.next_page = at, page.next_page
    if page.next_set is not None and not page.has_more:
        bank.next_set = page.next_set
    bank.save(update_fields=["fetched_at", "next_page", "next_set"])
    added = sum(row.state in LIVE_STATES for row in new)
    result = Imported(
        added, len(changed) - taken_out, taken_out, len(arriving) - added - len(changed), dict(page.skipped)
    )
    ledger.append(
        "bank.imported",
        by=by,
        at=at,
        bank=bank.pk,
        added=added,
        changed=result.changed,
        taken_out=taken_out,
        skipped=sum(page.skipped.values()),
    )
    rows = {**held, **{row.their_id: row for row in new}}
    kept = {
        row.pk: arriving[id_].bits for id_, row in rows.items() if row.state in LIVE_STATES and not row.taken_out_at
    }
    gone = [row.pk for row in rows.values() if row.pk not in kept]
    transaction.on_commit(lambda: _into_banks(kept, gone))
    return result


def _banked(bank: HashBank, their_id: str, record: HashRecord) -> BankedHash:
    state, opinion, tags, modified_at = _says(record)
    return BankedHash(bank=bank, their_id=their_id, state=state, opinion=opinion, tags=tags, modified_at=modified_at)


def _says(record: HashRecord) -> tuple[str, str, list[str], int]:
    return record.state, record.opinion, list(record.tags), record.modified_at


def _said(row: BankedHash) -> tuple[str, str, list[str], int]:
    return row.state, row.opinion, row.tags, row.modified_at


def _into_banks(kept: Mapping[int, bytes], gone: Sequence[int]) -> None:
    queries.bank_pictures().change(kept, gone)


@transaction.atomic
def withdraw_banked(banked_id: int, *, by: Person, at: datetime) -> BankedHash:
    """This house takes a hash out of a bank: it is found no more, whatever the bank says of it later."""
    access.require(by, "decide_sighting")
    banked = BankedHash.objects.select_for_update().get(pk=banked_id)
    if banked.taken_out_at:
        raise AlreadyDecided(f"this hash was taken out on {banked.taken_out_at:%Y-%m-%d at %H:%M} UTC")
    banked.taken_out_at = at
    banked.save(update_fields=["taken_out_at"])
    ledger.append("banked.withdrawn", by=by.pk, at=at, bank=banked.bank_id, hash=banked.pk)
    transaction.on_commit(lambda: _into_banks({}, [banked.pk]))
    return banked


@transaction.atomic
def record_opinion(banked_id: int, opinion: Opinion, *, by: Person, at: datetime) -> BankedHash:
    """What this house holds of a hash that somebody else shares. It tells nobody: that is ``StopNcii.feedback``."""
    access.require(by, "decide_sighting")
    banked = BankedHash.objects.select_for_update().get(pk=banked_id)
    banked.own_opinion = opinion
    banked.save(update_fields=["own_opinion"])
    ledger.append("banked.judged", by=by.pk, at=at, bank=banked.bank_id, hash=banked.pk, opinion=opinion)
    return banked


# ------------------------------------------------------------------------------------------ hashes that we share


@transaction.atomic
def share_hashes(case: Case, pictures: Mapping[str, bytes], *, by: Person, at: datetime) -> list[HashRecord]:
    """The records of a case to hand to others: Active for what is known, Withdrawn for what was and is no more.

    pictures: id of the item -> its PDQ hash; those that the registry does not know are left out
    It writes down that the hashes were given away, and gives them to nobody: the caller does.
    """
    access.require(by, "approve_measure")
    known = queries.sources_known(case)
    shared = {row.source: row for row in SharedHash.objects.select_for_update().filter(case=case)}
    for source in sorted(pictures.keys() & known):
        row = shared.get(source)
        if row is None:
            sealed = keys.seal(case.key, pictures[source], _shared_context(case, source))
            shared[source] = SharedHash.objects.create(case=case, source=source, hash_sealed=sealed, shared_at=at)
        elif row.withdrawn_at:
            # Known again after it was withdrawn: newer than its withdrawal, or the others would keep it out.
            row.shared_at, row.withdrawn_at = max(at, row.withdrawn_at + timedelta(seconds=1)), None
            row.save(update_fields=["shared_at", "withdrawn_at"])
    for source, row in shared.items():
        if source not in known and row.withdrawn_at is None:
            row.withdrawn_at = max(at, row.shared_at + timedelta(seconds=1))
            row.save(update_fields=["withdrawn_at"])
    records = [_record_of(case, row) for row in shared.values()]
    if records:
        withdrawn = sum(not record.is_live for record in records)
        ledger.append(
            "hashes.shared", by=by.pk, at=at, case=case.pk, active=len(records) - withdrawn, withdrawn=withdrawn
        )
    return records


def _record_of(case: Case, row: SharedHash) -> HashRecord:
    state = "Withdrawn" if row.withdrawn_at else "Active"
    # Others see that two hashes are of one case, and not of which.
    number = str(UUID(bytes=keys.lookup_digest("shared case", str(case.pk))[:16], version=4))
    bits = keys.unseal(case.key, row.hash_sealed, _shared_context(case, row.source))
    return HashRecord(bits.hex(), state, int((row.withdrawn_at or row.shared_at).timestamp()), {number: state})


def _shared_context(case: Case, source: str) -> str:
    return f"shared-hash/{case.pk}/{source}"


# ---------------------------------------------------------------------------------------- the registry made anew

# Told how many entries are done.
Progress = Callable[[int], None]


def rebuild_texts(progress: Progress) -> int:
    """Make the files of known texts anew from the cases; how many are in them. The old ones answer until then."""
    wordings = queries.wordings()
    begun = queries.numbers_with_wording()
    sketches = []
    for number, text in queries.texts_known():
        if text:
            sketches.append((number, wordings.sketch(text)))
            progress(len(sketches))
    _drop_if_broken(wordings)
    wordings.fill(sketches)
    # What others changed while this was reading the cases.
    now = queries.numbers_with_wording()
    for number in begun.union(number for number, _ in sketches) - now:
        wordings.withdraw(number)
    for number, text in queries.texts_known(sorted(now - begun)):
        wordings.add(number, text)
    return len(wordings)


def rebuild_pictures(hashes_of: Callable[[Iterable[int]], Iterable[tuple[int, bytes]]], progress: Progress) -> int:
    """Make the files of known pictures anew; how many are in them. The old ones answer until then.

    hashes_of: entries -> (entry, PDQ hash) of those among them that are telling pictures
    """
    pictures = queries.pictures()
    begun = queries.known_numbers()
    hashes = []
    for done, found in enumerate(hashes_of(begun), start=1):
        hashes.append(found)
        progress(done)
    _drop_if_broken(pictures)
    pictures.rebuild(hashes)
    now = queries.known_numbers()
    for number in begun - now:
        pictures.withdraw(number)
    for number, bits in hashes_of(now - begun):
        pictures.add(number, bits)
    return len(pictures)


def mend_banks() -> dict[str, int]:
    """Bank -> how many of its hashes the files lost. They stand nowhere else, so the bank is fetched from its start."""
    pictures = queries.bank_pictures()
    _drop_if_broken(pictures)
    lost: dict[str, int] = {}
    for bank, numbers in queries.numbers_in_banks():
        missing = sum(number not in pictures for number in numbers)
        if missing:
            lost[bank.name] = missing
            HashBank.objects.filter(pk=bank.pk).update(next_set=0, next_page="")
    return lost


def _drop_if_broken(registry: Wordings | Pictures) -> None:
    """What cannot be read cannot be replaced in one step either: only now, with the new one at hand, it goes."""
    from habeas.exposure.registry.folder import BrokenRegistry

    try:
        len(registry)
    except BrokenRegistry:
        (registry.folder / "current.json").unlink(missing_ok=True)
