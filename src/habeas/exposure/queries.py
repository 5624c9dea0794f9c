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
from habeas.exposure.core.known.identifiers import Identifier, decide
from habeas.exposure.models import Exposure, KnownEntry, KnownIdentifier, Reading, Sighting, Signal

if TYPE_CHECKING:
    from habeas.exposure.registry.pictures import Pictures
    from habeas.exposure.registry.wordings import Wordings

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
    *,
    besides: Case | None = None,
) -> list[KnownAgain]:
    """The cases whose material comes back in a text or pictures, the surest reason of each.

    pictures: PDQ hashes; besides: the case that the material was handed in for
    """
    held = [one.pk for one in besides.known_entries.all()] if besides else []
    found: dict[Any, KnownAgain] = {}
    for number, known_by, reason in (
        *_by_wording(text),
        *_by_identifiers(frozenset(identifiers), held),
        *_by_picture(pictures),
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


@lru_cache(maxsize=4)
def _wordings(folder: Path, key: bytes) -> Wordings:
    from habeas.exposure.registry.wordings import Wordings

    return Wordings(folder, key)


@lru_cache(maxsize=4)
def _pictures(folder: Path, key: bytes) -> Pictures:
    from habeas.exposure.registry.pictures import Pictures

    return Pictures(folder, key)


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
