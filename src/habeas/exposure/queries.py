"""Reading what was found, with what is sealed opened."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import QuerySet

from habeas.access import keys
from habeas.cases.models import Case
from habeas.exposure.core.documents import Part
from habeas.exposure.core.hash_exchange import LIVE_STATES, Aggregate, HashState, combined
from habeas.exposure.core.known.identifiers import Identifier, decide
from habeas.exposure.models import (
    BankedHash,
    Exposure,
    HashBank,
    KnownEntry,
    KnownIdentifier,
    Reading,
    SharedHash,
    Sighting,
    Signal,
)
from habeas.kernel.ids import keyed_digest

if TYPE_CHECKING:
    from habeas.exposure.core.photo_match import PhotoSketch
    from habeas.exposure.registry.banks import Banks
    from habeas.exposure.registry.pictures import Pictures
    from habeas.exposure.registry.wordings import Wordings

# Comparing two photos takes about two milliseconds.
PHOTOS_COMPARED = 300
SEVERITIES = ("none", "low", "moderate", "high", "very_high")


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One item's text with what it exposes; ``text`` is empty where it could not be read.

    notes: what the reading met on the way; parts: where each stretch of the text stood in the item
    """

    reading: Reading
    text: str
    notes: tuple[str, ...]
    parts: tuple[Part, ...]
    exposures: tuple[Exposure, ...]
    signals: tuple[Signal, ...]


def readings_of(case: Case) -> list[ReadItem]:
    readings = Reading.objects.filter(case=case).prefetch_related("exposures", "signals")
    return [_opened(case, reading) for reading in readings]


def severity_of(case: Case) -> str:
    """The gravest severity of a case's readings; "none" where nothing was found."""
    found = Reading.objects.filter(case=case).exclude(severity="").values_list("severity", flat=True)
    return max(found, key=SEVERITIES.index, default="none")


@dataclass(frozen=True, slots=True)
class KnownAgain:
    """A case whose material was recognised.

    known_by: "wording", "identifiers" or "image"
    reason:   one sentence for a caseworker, without anybody's data
    """

    case: Case
    known_by: str
    reason: str


def known_again(
    text: str,
    identifiers: Iterable[Identifier] = (),
    pictures: Sequence[bytes] = (),
    photos: Sequence[PhotoSketch] = (),
    *,
    besides: Case | None = None,
) -> list[KnownAgain]:
    """The cases whose material comes back in a text or pictures, the surest reason of each.

    pictures: PDQ hashes of one picture, turned and mirrored every way
    photos:   its points, as it is and mirrored; held against the latest ``PHOTOS_COMPARED`` photos only
    besides:  the case that the material was handed in for
    """
    held = [one.pk for one in besides.known_entries.all()] if besides else []
    found: dict[Any, KnownAgain] = {}
    for number, known_by, reason in (
        *_by_wording(text),
        *_by_identifiers(frozenset(identifiers), held),
        *(by_picture := list(_by_picture(pictures))),
        *(() if by_picture else _by_photo(photos, held)),
    ):
        entry = KnownEntry.objects.select_related("case").filter(pk=number).first()
        if entry is not None and (besides is None or entry.case_id != besides.pk):
            found.setdefault(entry.case_id, KnownAgain(entry.case, known_by, reason))
    return list(found.values())


def sighting(sighting_id: int) -> Sighting:
    """Raises Sighting.DoesNotExist."""
    return Sighting.objects.select_related("case", "seen_in").get(pk=sighting_id)


def sightings_of(case: Case) -> QuerySet[Sighting]:
    """Where the material of a case was seen again, newest first."""
    return Sighting.objects.filter(case=case).select_related("seen_in", "decided_by")


def seen_elsewhere(case: Case) -> QuerySet[Sighting]:
    """The other cases whose material a case's own repeats, those first that are to be looked at."""
    return Sighting.objects.filter(seen_in=case).select_related("case", "decided_by")


def known_copy(text: str, *, besides: KnownEntry) -> KnownEntry | None:
    """The entry of which a text is a copy, if there is one: its wording stands for both."""
    from habeas.exposure.core.known.wording import SAME_SHARE

    same = [match.entry for match in wordings().search(text) if match.share >= SAME_SHARE] if text else []
    return KnownEntry.objects.filter(pk__in=same, same_as=None).exclude(pk=besides.pk).order_by("pk").first()


def texts_known(numbers: Sequence[int] | None = None) -> Iterator[tuple[int, str]]:
    """(entry, text) of all that is kept by its wording, or of some entries, to make the registry anew."""
    entries = KnownEntry.objects.select_related("case__key").filter(same_as=None)
    if numbers is not None:
        entries = entries.filter(pk__in=numbers)
    for entry in entries.iterator():
        reading = Reading.objects.filter(case=entry.case, source=entry.source).first()
        if reading is not None and entry.case.key.wrapped is not None:
            yield entry.pk, _text_of(entry.case, reading)


def wordings() -> Wordings:
    """The registry's known texts, opened once a process."""
    return _wordings(settings.HABEAS_REGISTRY / "texts", keys.registry_key())


def pictures() -> Pictures:
    """The registry's known pictures, opened once a process."""
    return _pictures(settings.HABEAS_REGISTRY / "pictures", keys.registry_key())


def digest_of(identifier: Identifier) -> bytes:
    return keys.lookup_digest(f"known {identifier.kind}", identifier.value)


def _by_wording(text: str) -> Iterator[tuple[int, str, str]]:
    for match in wordings().search(text) if text else ():
        yield match.entry, "wording", f"the wording repeats {match.share:.0%} of what is kept of a known text"


def _by_identifiers(asked: frozenset[Identifier], held: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    by_digest = {digest_of(one): one for one in asked}
    shared: dict[int, set[Identifier]] = defaultdict(set)
    cases: dict[Identifier, set[Any]] = defaultdict(set)
    rows = KnownIdentifier.objects.filter(digest__in=list(by_digest)).exclude(entry__in=held)
    for number, case, digest in rows.values_list("entry", "entry__case", "digest"):
        identifier = by_digest[bytes(digest)]
        shared[number].add(identifier)
        cases[identifier].add(case)
    holders = {identifier: len(holding) for identifier, holding in cases.items()}
    for number in decide({entry: frozenset(one) for entry, one in shared.items()}, holders):
        kinds = ", ".join(sorted({one.kind.replace("_", " ") for one in shared[number]}))
        yield number, "identifiers", f"the same identifiers stand in it ({kinds})"


def _by_picture(asked: Sequence[bytes]) -> Iterator[tuple[int, str, str]]:
    for bits in asked:
        for near in pictures().search(bits):
            yield near.id, "image", f"the picture differs from a known one in {near.distance} of 256 bits"


def _by_photo(asked: Sequence[PhotoSketch], held: Sequence[int]) -> Iterator[tuple[int, str, str]]:
    """The second look, for crops and frames that PDQ does not see: slow, so over the latest photos only."""
    from habeas.exposure.core.photo_match import PhotoSketch, compare

    if not asked:
        return
    rows = KnownEntry.objects.select_related("case__key").exclude(photo_sealed=None).exclude(pk__in=held)
    for entry in rows.order_by("-pk")[:PHOTOS_COMPARED]:
        if entry.photo_sealed is None or entry.case.key.wrapped is None:
            continue
        known = PhotoSketch.from_bytes(keys.unseal(entry.case.key, entry.photo_sealed, photo_context(entry)))
        match = max((compare(known, one) for one in asked), key=lambda one: one.score)
        if match.is_same:
            yield entry.pk, "image", f"a part of a known photo is in it: {match.why}"


def photo_context(entry: KnownEntry) -> str:
    return f"photo/{entry.case_id}/{entry.source}"


@lru_cache(maxsize=4)
def _wordings(folder: Path, key: bytes) -> Wordings:
    from habeas.exposure.registry.wordings import Wordings

    return Wordings(folder, key)


@lru_cache(maxsize=4)
def _pictures(folder: Path, key: bytes) -> Pictures:
    from habeas.exposure.registry.pictures import Pictures

    return Pictures(folder, key)


@lru_cache(maxsize=4)
def _banks(folder: Path, key: bytes) -> Banks:
    from habeas.exposure.registry.banks import Banks

    return Banks(folder, key)


def _opened(case: Case, reading: Reading) -> ReadItem:
    layout = _layout_of(case, reading)
    return ReadItem(
        reading,
        _text_of(case, reading),
        notes=tuple(layout["notes"]),
        parts=tuple(Part(*part) for part in layout["parts"]),
        exposures=tuple(reading.exposures.all()),
        signals=tuple(reading.signals.all()),
    )


def _layout_of(case: Case, reading: Reading) -> dict[str, Any]:
    if reading.layout_sealed is None:
        return {"notes": [], "parts": []}
    layout: dict[str, Any] = json.loads(
        keys.unseal(case.key, reading.layout_sealed, f"layout/{case.pk}/{reading.source}")
    )
    return layout


def _text_of(case: Case, reading: Reading) -> str:
    if reading.text_sealed is None:
        return ""
    return keys.unseal(case.key, reading.text_sealed, f"reading/{case.pk}/{reading.source}").decode()


# ------------------------------------------------------------------------------- hashes of others, and ours with others


@dataclass(frozen=True, slots=True)
class BankedNear:
    """A hash that somebody else shares, near one that was asked for.

    banked:   its number here
    opinion:  what those who share it and this house hold of it, combined
    distance: bits in which the two differ, 0..31
    """

    bank: HashBank
    banked: int
    state: HashState
    opinion: Aggregate
    tags: tuple[str, ...]
    distance: int


def banked_near(hashes: Iterable[bytes]) -> list[BankedNear]:
    """What the banks that are switched on hold near any of these PDQ hashes, the nearest first.

    Left out is what was withdrawn by them, taken out by this house, or held by all for a false alarm.
    """
    distances: dict[int, int] = {}
    for bits in hashes:
        for near in bank_pictures().search(bits):
            distances[near.id] = min(near.distance, distances.get(near.id, near.distance))
    # The database decides, not the files: what was withdrawn counts from the next question on.
    rows = _findable().filter(pk__in=list(distances)).select_related("bank")
    found = [
        BankedNear(row.bank, row.pk, row.state, opinion_of(row), tuple(row.tags), distances[row.pk]) for row in rows
    ]
    told = [one for one in found if one.opinion != "NEGATIVE_CLASS"]
    return sorted(told, key=lambda one: (one.distance, one.banked))


def opinion_of(banked: BankedHash) -> Aggregate:
    """What others and this house hold of a hash. Where the house has not said, what the others do."""
    return combined(filter(None, (banked.opinion, banked.own_opinion)))


def banks() -> list[tuple[HashBank, int]]:
    """Every bank, with how many hashes of it can be found while it is switched on."""
    return [(bank, _live().filter(bank=bank).count()) for bank in HashBank.objects.all()]


def numbers_in_banks() -> Iterator[tuple[HashBank, list[int]]]:
    """Every bank with the numbers of its hashes that the files should hold."""
    for bank in HashBank.objects.all():
        yield bank, list(_live().filter(bank=bank).values_list("pk", flat=True))


def bank_named(name: str) -> HashBank:
    """Raises HashBank.DoesNotExist."""
    return HashBank.objects.get(name=name)


def shared_of(case: Case) -> QuerySet[SharedHash]:
    """The hashes of a case that others were given, those called back too."""
    return SharedHash.objects.filter(case=case)


def known_sources(numbers: Iterable[int]) -> Iterator[tuple[int, Case, str]]:
    """(entry, case, id of the item) of these entries, but not of cases whose key is destroyed."""
    entries = KnownEntry.objects.select_related("case__key").exclude(case__key__wrapped=None).order_by("case", "pk")
    for some in _portions(numbers):
        for entry in entries.filter(pk__in=some):
            yield entry.pk, entry.case, entry.source


def known_numbers() -> frozenset[int]:
    return frozenset(KnownEntry.objects.values_list("pk", flat=True))


def numbers_with_wording() -> frozenset[int]:
    """The entries whose own wording is kept, not that of a copy."""
    return frozenset(KnownEntry.objects.filter(same_as=None).values_list("pk", flat=True))


def sources_known(case: Case) -> frozenset[str]:
    """The ids of a case's items that are known."""
    return frozenset(KnownEntry.objects.filter(case=case).values_list("source", flat=True))


def count_identifiers() -> int:
    return KnownIdentifier.objects.count()


def bank_pictures() -> Banks:
    """The hashes of all banks, under the numbers of their ``BankedHash``, opened once a process.

    Under a key of their own: whoever shares a bank knows its hashes, and so could read the key off the files.
    """
    return _banks(settings.HABEAS_REGISTRY / "banks", keyed_digest(keys.registry_key(), "registry", "banks"))


def their_id(bank: HashBank, hash_value: str) -> str:
    return keys.lookup_digest(f"banked {bank.pk}", hash_value).hex()


def banked_as(bank: HashBank, ids: Iterable[str]) -> Iterator[BankedHash]:
    """What a bank holds under ``their_id``; what it does not hold is left out."""
    for some in _portions(ids):
        yield from bank.hashes.filter(their_id__in=some)


def _live() -> QuerySet[BankedHash]:
    return BankedHash.objects.filter(state__in=LIVE_STATES, taken_out_at=None)


def _findable() -> QuerySet[BankedHash]:
    return _live().filter(bank__enabled=True)


def _portions(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Some hundred at a time: databases take only so many values in one question."""
    ordered = sorted(values)
    for start in range(0, len(ordered), 500):
        yield ordered[start : start + 500]
