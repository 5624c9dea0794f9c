"""What a detector is. One file per detector; ``exposure/core/scan.py`` lists them and settles where they disagree.

A detector keeps its patterns as data (a table of named patterns), so that a faster trigger can read the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from habeas.exposure.core.model import Kind
from habeas.exposure.core.normalise import NormalisedText


@dataclass(frozen=True, slots=True)
class ScanContext:
    """What a detector may know besides the text.

    regions: ISO 3166-1 alpha-2 codes, most likely first (from the caller, web domains, language); may be empty
    today:   the day of the scan, against which dates are judged
    """

    regions: tuple[str, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one detector found, before detectors are weighed against each other.

    start, end: characters of ``NormalisedText.text``
    value:      the normalised value (E.164 phone, lower-case e-mail, IBAN without spaces, …)
    detail:     what narrows the kind (country of a phone, name of a national id), or ""
    confidence: 0..1, that this is what its kind says
    reason:     one sentence for a caseworker; it never repeats the value
    """

    kind: Kind
    start: int
    end: int
    value: str
    detail: str
    confidence: float
    reason: str


class Detector(Protocol):
    """Finds one kind of personal data (or a few that share a shape) in a text."""

    name: str

    def find(self, text: NormalisedText, context: ScanContext) -> Iterable[Candidate]:
        """Every candidate, in any order. Never raises, whatever the text holds."""
        ...
