"""When a clock ends, and the ends of what follows it.

Periods are reckoned as the place whose law sets them reckons (``kernel.calendars``). A clock without a period has words
and no end that could be computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from habeas.kernel.calendars import end_of
from habeas.remedies.core.model import Clock

__all__ = ["chain", "due_at"]


def due_at(clock: Clock, started_at: datetime) -> datetime | None:
    """The instant by which the clock's owner must have acted, in the zone of ``started_at``; null without a period.

    started_at: the event the clock starts on, in the time zone of whoever owes the act
    Our own targets are plain elapsed time, whatever place they are meant for: they oblige nobody outside.
    Raises ValueError where started_at has no time zone, NoCalendar where working days cannot be counted in that place.
    """
    if started_at.utcoffset() is None:
        raise ValueError("started_at needs a time zone: deadlines are argued over in hours")
    if clock.within is None:
        return None
    return end_of(clock.within, started_at, clock.jurisdiction if clock.set_by == "law" and clock.jurisdiction else "")


def chain(clock: Clock, started_at: datetime) -> Iterator[tuple[str, datetime | None]]:
    """The clock and each time that follows it, in words and as an instant.

    Each step runs from the end of the one before; after a step without a period nothing more can be computed.
    Raises as ``due_at``.
    """
    end = due_at(clock, started_at)
    yield clock.text, end
    for step in clock.then:
        end = None if end is None or step.within is None else end_of(step.within, end, clock.jurisdiction or "")
        yield step.text, end
