"""What the tests of the detectors share: run one detector on one text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from habeas.exposure.core.detectors import Candidate, Detector, ScanContext
from habeas.exposure.core.normalise import normalise

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="session")
def candidates() -> Callable[..., list[Candidate]]:
    """What a detector finds in a text, by start; after the text come the regions the case points to."""

    def find(detector: Detector, text: str, *regions: str) -> list[Candidate]:
        found = detector.find(normalise(text), ScanContext(regions, TODAY))
        return sorted(found, key=lambda candidate: candidate.start)

    return find


@pytest.fixture(scope="session")
def values(candidates: Callable[..., list[Candidate]]) -> Callable[..., list[str]]:
    """The values of what a detector finds with a confidence of a half or more, by start."""

    def find(detector: Detector, text: str, *regions: str) -> list[str]:
        return [found.value for found in candidates(detector, text, *regions) if found.confidence >= 0.5]

    return find
