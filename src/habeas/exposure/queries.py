"""Reading what was found, with what is sealed opened."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from habeas.access import keys
from habeas.cases.models import Case
from habeas.exposure.core.documents import Part
from habeas.exposure.models import Exposure, Reading, Signal

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
