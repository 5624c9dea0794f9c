"""What the person is asked after a milestone, whether it worked for them: offered, never required, and kept apart.

Source: the project's own survey, governance/metrics.yaml (items pj1 to cs1), after research on procedural justice.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

# The most that is asked at once, and each can be skipped.
ITEMS: Final = ("pj1", "pj2", "pj3", "pj4", "in1", "ct1", "sf1", "rt1", "cs1")
ANSWERS: Final = (1, 2, 3, 4, 5)
# How long after it was closed a case is asked about once more.
AFTER_CLOSING: Final = timedelta(days=30)


def milestones(*, first_sent: datetime | None, first_answer: datetime | None, closed_at: datetime | None) -> list[str]:
    """The milestones a case has passed, oldest first: each may be rated once."""
    passed = [("first_letter", first_sent), ("first_answer", first_answer), ("closed", closed_at)]
    return [name for name, at in passed if at is not None]
