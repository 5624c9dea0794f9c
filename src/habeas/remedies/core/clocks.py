"""When a clock ends.

Hours under Union law leave out the hour of the event (STYLE.md, section 3); elsewhere they run from the minute.
Both count nights, weekends and holidays. A clock without hours has words and no end that could be computed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from habeas.kernel.calendars import EU_MEMBERS
from habeas.remedies.core.model import Clock

__all__ = ["EU_MEMBERS", "counted_in", "counts_as_union_law", "due_at"]

_WORKING_DAYS = re.compile(r"\b(?:working|business) days?\b", re.IGNORECASE)
_MONTHS = re.compile(r"\bmonths?\b", re.IGNORECASE)


def due_at(clock: Clock, started_at: datetime) -> datetime | None:
    """The instant by which the clock's owner must have acted, in the time zone of ``started_at``; null without hours.

    started_at: the event the clock starts on, with a time zone
    For law of the European Union and its members the hour of the event is left out: notified at 12:20, 48 hours end
    at 13:00 two days later. For any other law, and for our own targets, hours run from the event itself. Hours are
    elapsed hours: where clocks change, the hour on the wall shifts and the length does not.
    Raises ValueError where started_at has no time zone.
    Source: Regulation (EEC, Euratom) No 1182/71, article 3(1), (2)(a) and (3).
    """
    if started_at.utcoffset() is None:
        raise ValueError("started_at needs a time zone: deadlines are argued over in hours")
    if clock.hours is None:
        return None
    start = started_at.astimezone(UTC)
    if clock.set_by == "law" and counts_as_union_law(clock.jurisdiction):
        start = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return (start + timedelta(hours=clock.hours)).astimezone(started_at.tzinfo)


def counts_as_union_law(jurisdiction: str | None) -> bool:
    """Whether hours of this jurisdiction's law are counted by Regulation 1182/71. Code as in packs, or null."""
    return jurisdiction is not None and (jurisdiction == "EU" or jurisdiction.partition("-")[0] in EU_MEMBERS)


def counted_in(clock: Clock) -> Literal["hours", "working days", "months"]:
    """The unit in which the law itself counts, by its words.

    Where it is not hours, the hours on file stand for it, and ``due_at`` may come early: a month of 31 days, or
    working days around a weekend. Nobody is to be called late on such a date without a look at the calendar.
    """
    if _WORKING_DAYS.search(clock.text):
        return "working days"
    return "months" if clock.hours is not None and clock.hours >= 24 * 28 and _MONTHS.search(clock.text) else "hours"
