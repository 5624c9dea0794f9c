"""A case's place in the queue by danger and by the clock of harm: one number, reckoned and indexed by the database."""

from __future__ import annotations

from typing import Any

from django.db.models import BigIntegerField, F, Func

# When the harm should have ended, in hours from its beginning. Our own targets: they oblige nobody outside.
# The index holds what they were when it was made: whoever changes them makes it anew, by a migration.
HARM_HOURS = {"very_high": 24, "high": 48, "moderate": 96, "low": 168, "none": 336}
HARM_HOURS_UNREAD = 96
# Urgency 0 to 2, before all else. Where nobody has said whether there is danger, there may be.
URGENCY = {True: 0, None: 1, False: 2}
# Seconds of one urgency: instants from 1970 to about the year 6000.
SPAN = 2**37

_URGENCY = (
    f"CASE WHEN %(danger)s THEN {URGENCY[True]} WHEN %(danger)s IS NULL THEN {URGENCY[None]} ELSE {URGENCY[False]} END"
)
_HOURS = " ".join(f"WHEN '{severity}' THEN {hours * 3600}" for severity, hours in HARM_HOURS.items())
_HARM = f"CASE %(severity)s {_HOURS} ELSE {HARM_HOURS_UNREAD * 3600} END"


class Place(Func):
    """Urgency times SPAN, plus the second since 1970 at which the clock of harm ends; null where the case is closed.

    It runs from the day of the act, at midnight UTC, or from the report where nobody knows the day. All numbers stand
    in the expression itself: handed over beside it, no database would know its index.
    """

    output_field = BigIntegerField()

    def __init__(self, *fields: Any, **more: Any) -> None:
        super().__init__(*(fields or (F("state"), F("danger"), F("severity"), F("posted_on"), F("opened_at"))), **more)

    def as_sqlite(self, compiler: Any, connection: Any, **_more: Any) -> tuple[str, list[Any]]:
        # Without its fraction: SQLite rounds the last microseconds of a second up into the next one.
        seconds = "CAST(strftime('%%s', substr({}, 1, 19)) AS INTEGER)"
        return self._written(compiler, of_day=seconds, of_instant=seconds)

    def as_postgresql(self, compiler: Any, connection: Any, **_more: Any) -> tuple[str, list[Any]]:
        # In UTC, said aloud: what depends on the time zone of whoever asks cannot be indexed.
        of_instant = "FLOOR(EXTRACT(EPOCH FROM {} AT TIME ZONE 'UTC'))::bigint"
        return self._written(compiler, of_day="EXTRACT(EPOCH FROM {})::bigint", of_instant=of_instant)

    def _written(self, compiler: Any, *, of_day: str, of_instant: str) -> tuple[str, list[Any]]:
        parts = (compiler.compile(part)[0] for part in self.get_source_expressions())
        state, danger, severity, posted_on, opened_at = parts
        began = f"COALESCE({of_day.format(posted_on)}, {of_instant.format(opened_at)})"
        place = f"({_URGENCY % {'danger': danger}}) * {SPAN} + {began} + {_HARM % {'severity': severity}}"
        return f"(CASE WHEN {state} <> 'closed' THEN {place} END)", []
