"""How long is left, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .statuses import Tone

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


@dataclass(frozen=True, slots=True)
class ClockFace:
    """What a clock shows: a phrase, the exact time in words and for machines (both empty where none is fixed)."""

    phrase: str
    exact: str
    machine: str
    tone: Tone
    icon: str


def read_clock(
    due: datetime | date | None, now: datetime, *, done_at: datetime | None = None, warn_hours: int = 24
) -> ClockFace:
    """What a clock shows at ``now``.

    due:        an instant with a time zone, or a day; None where the law fixes none
    done_at:    when it was stopped, or None while it runs
    warn_hours: whole hours before the end from which it warns
    Raises ValueError where an instant has no time zone.
    """
    if due is None:
        return ClockFace(_("No fixed time"), "", "", "neutral", "dashed")
    if isinstance(due, datetime):
        if timezone.is_naive(due) or timezone.is_naive(now):
            raise ValueError("a clock needs a time zone on both its instants: deadlines are argued over in hours")
        local = timezone.localtime(due)
        exact = f"{date_format(local, 'DATETIME_FORMAT')} {local:%Z}"
        left, reached = (due - now).total_seconds(), done_at is not None and done_at <= due
        phrase = _time_left(left)
    else:
        exact = date_format(due, "DATE_FORMAT")
        days = (due - timezone.localdate(now)).days
        # A day is over at its end: what is due today is not late before midnight.
        left, reached = (days + 1) * _DAY - 1, done_at is not None and timezone.localdate(done_at) <= due
        phrase = _days_left(days)
    machine = due.isoformat()
    if done_at is not None:
        phrase = _("Done in time") if reached else _("Done late")
        return ClockFace(phrase, exact, machine, "success" if reached else "warning", "check")
    if left < 0:
        return ClockFace(phrase, exact, machine, "danger", "warning")
    return ClockFace(phrase, exact, machine, "warning" if left <= warn_hours * _HOUR else "neutral", "clock")


def _time_left(seconds: float) -> str:
    late, size = seconds < 0, abs(seconds)
    if size < _HOUR:
        n = max(1, int(size // _MINUTE))
        if late:
            return ngettext("Overdue by %(n)d minute", "Overdue by %(n)d minutes", n) % {"n": n}
        return ngettext("Due in %(n)d minute", "Due in %(n)d minutes", n) % {"n": n}
    if size < 2 * _DAY:
        n = int(size // _HOUR)
        if late:
            return ngettext("Overdue by %(n)d hour", "Overdue by %(n)d hours", n) % {"n": n}
        return ngettext("Due in %(n)d hour", "Due in %(n)d hours", n) % {"n": n}
    n = int(size // _DAY)
    if late:
        return ngettext("Overdue by %(n)d day", "Overdue by %(n)d days", n) % {"n": n}
    return ngettext("Due in %(n)d day", "Due in %(n)d days", n) % {"n": n}


def _days_left(days: int) -> str:
    if days == 0:
        return _("Due today")
    if days == 1:
        return _("Due tomorrow")
    return _time_left(days * _DAY)
