"""Due dates as iCalendar (RFC 5545). A calendar lies open on many screens: it says when, and nothing of what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Due:
    """One end of a clock. reference: of the measure, which leads to no case outside this house."""

    reference: str
    at: datetime
    by_law: bool


def calendar(dues: Iterable[Due], *, made_at: datetime) -> bytes:
    """A calendar with one entry and two alarms (a day and two hours before) for each due date, in UTC."""
    from icalendar import Alarm, Calendar, Event

    made = Calendar()
    made.add("prodid", "-//Habeas//Due dates//EN")
    made.add("version", "2.0")
    made.add("x-wr-calname", "Due dates")
    for due in dues:
        event = Event()
        # The same step keeps its entry when its date moves.
        event.add("uid", f"{due.reference}@habeas")
        event.add("dtstamp", made_at)
        event.add("dtstart", due.at)
        event.add("dtend", due.at + timedelta(minutes=15))
        event.add("summary", f"Due: {due.reference}" if due.by_law else f"Our own target: {due.reference}")
        event.add("class", "PRIVATE")
        event.add("transp", "TRANSPARENT")
        for before in (timedelta(days=1), timedelta(hours=2)):
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", f"Due: {due.reference}")
            alarm.add("trigger", -before)
            event.add_component(alarm)
        made.add_component(event)
    content: bytes = made.to_ical()
    return content
