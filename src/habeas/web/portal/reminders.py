"""A nudge without an address: a calendar file for somebody's own calendar, with a title that says nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

DULL_TITLES = [
    ("library", _("Library")),
    ("plants", _("Water the plants")),
    ("bills", _("Bills")),
]


def weekly_reminder(title: str, at: datetime) -> bytes:
    """One event a week, eight times, from tomorrow; it names no site and holds no link. Source: RFC 5545."""
    from icalendar import Calendar, Event

    calendar, event = Calendar(), Event()
    calendar.add("prodid", "-//Calendar//EN")
    calendar.add("version", "2.0")
    event.add("uid", str(uuid4()))
    event.add("dtstamp", at)
    event.add("dtstart", (at + timedelta(days=1)).date())
    event.add("rrule", {"freq": "weekly", "count": 8})
    event.add("summary", title)
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content
