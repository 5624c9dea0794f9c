"""The one place that asks what time it is. Everything else is told."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's day in UTC: the day nobody has to explain to another country."""
    return now().date()
