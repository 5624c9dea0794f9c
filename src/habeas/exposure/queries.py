"""Reading what was found, with what is sealed opened."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.access import keys
from habeas.cases.models import Case
from habeas.exposure.models import Exposure, Reading, Signal

SEVERITIES = ("none", "low", "moderate", "high", "very_high")


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One item's text with what it exposes; ``text`` is empty where it could not be read."""

    reading: Reading
    text: str
    exposures: tuple[Exposure, ...]
    signals: tuple[Signal, ...]


def readings_of(case: Case) -> list[ReadItem]:
    readings = Reading.objects.filter(case=case).prefetch_related("exposures", "signals")
    return [ReadItem(r, _text_of(case, r), tuple(r.exposures.all()), tuple(r.signals.all())) for r in readings]


def severity_of(case: Case) -> str:
    """The gravest severity of a case's readings; "none" where nothing was found."""
    found = Reading.objects.filter(case=case).exclude(severity="").values_list("severity", flat=True)
    return max(found, key=SEVERITIES.index, default="none")


def _text_of(case: Case, reading: Reading) -> str:
    if reading.text_sealed is None:
        return ""
    return keys.unseal(case.key, reading.text_sealed, f"reading/{case.pk}/{reading.source}").decode()
