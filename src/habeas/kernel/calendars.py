"""Periods of law: hours, days, working days, weeks, months and years, and the instant at which they end.

Three ways of reckoning are known. Which one a place takes is said here with its source; where we know none, the day of
the event is left out and nothing is moved for holidays, which is the reckoning that ends first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal

Unit = Literal["hours", "days", "working_days", "weeks", "months", "years"]
Reckoning = Literal["union", "us_federal", "plain"]

# Treaty on European Union, article 52(1), less the United Kingdom.
EU_MEMBERS: frozenset[str] = frozenset(
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip

DayOff = Callable[[date], bool]

_UNITS: dict[str, Unit] = {
    "hour": "hours",
    "day": "days",
    "working day": "working_days",
    "week": "weeks",
    "month": "months",
    "year": "years",
}
# A month has at least 28 days, a year 365.
_LEAST_HOURS: dict[Unit, int] = {
    "hours": 1,
    "days": 24,
    "working_days": 24,
    "weeks": 168,
    "months": 672,
    "years": 8760,
}


class NoCalendar(LookupError):
    """No list of public holidays is known for a place, so working days cannot be counted there."""


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of time as a text of law counts it: ``Period(10, "working_days")``, written ``10 working days``."""

    count: int
    unit: Unit

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError(f"a period of {self.count} {self.unit} would end before it starts")

    def __str__(self) -> str:
        words = self.unit.replace("_", " ")
        return f"{self.count} {words.removesuffix('s') if self.count == 1 else words}"

    @classmethod
    def parse(cls, written: str) -> Period:
        """A period as packs write it: a whole number and a unit (``48 hours``, ``10 working days``, ``1 month``).

        Raises ValueError with what was found.
        """
        count, _, words = written.strip().partition(" ")
        unit = _UNITS.get(words.strip().removesuffix("s"))
        if unit is None or not count.isascii() or not count.isdigit():
            raise ValueError(f"{written!r} is not a period; write a number and a unit: {', '.join(_UNITS)} (or plural)")
        return cls(int(count), unit)

    def at_least_hours(self) -> int:
        """The fewest hours it can last, to put periods in order; never a date (``end_of`` reckons that)."""
        return self.count * _LEAST_HOURS[self.unit]


def end_of(period: Period, started_at: datetime, place: str) -> datetime:
    """The instant at which a period ends, in the time zone of ``started_at``: acting at that instant is too late.

    started_at: the event the period runs from, in the time zone of whoever owes the act
    place:      code of the place whose law sets the period and whose holidays count (``NL``, ``US-CA``, ``EU``)
    Days end at midnight on the wall, whatever the clocks did meanwhile; hours are elapsed hours.
    Raises ValueError without a time zone, NoCalendar where holidays matter and are not known.
    Sources: Regulation (EEC, Euratom) No 1182/71, article 3, for law of the Union and its members; Federal Rules of
    Civil Procedure, rule 6(a)(1), for days under law of the United States.
    """
    if started_at.utcoffset() is None:
        raise ValueError("started_at needs a time zone: deadlines are argued over in hours")
    reckoning = reckoning_of(place)
    if period.unit == "hours":
        return _end_of_hours(period.count, started_at, reckoning)
    last = _last_day(period, started_at.date(), place, reckoning)
    return datetime.combine(last + timedelta(days=1), time.min, started_at.tzinfo)


def reckoning_of(place: str) -> Reckoning:
    """How a place reckons periods. Code as in packs."""
    country = place.partition("-")[0]
    if country == "EU" or country in EU_MEMBERS:
        return "union"
    return "us_federal" if country == "US" else "plain"


def is_day_off(day: date, place: str) -> bool:
    """Whether a day is a weekend day or public holiday of a place. Raises NoCalendar."""
    weekend, holidays = _calendar(place, day.year)
    return day.weekday() in weekend or day in holidays


def _end_of_hours(count: int, started_at: datetime, reckoning: Reckoning) -> datetime:
    start = started_at.astimezone(UTC)
    if reckoning == "union":
        # The hour of the event is not counted: article 3(1).
        start = start.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return (start + timedelta(hours=count)).astimezone(started_at.tzinfo)


def _last_day(period: Period, event: date, place: str, reckoning: Reckoning) -> date:
    """The last day of a period; the day of the event is never counted."""

    def off(day: date) -> bool:
        return is_day_off(day, place)

    if period.unit == "working_days":
        return _after_working_days(event, period.count, off)
    last = _plain_last_day(period, event)
    if reckoning == "plain":
        return last
    last = _next_working_day(last, off)
    if reckoning == "union" and (period.unit != "days" or period.count >= 2):
        # Any period of two days or more includes at least two working days: article 3(5).
        last = max(last, _after_working_days(event, 2, off))
    return last


def _plain_last_day(period: Period, event: date) -> date:
    match period.unit:
        case "days":
            return event + timedelta(days=period.count)
        case "weeks":
            return event + timedelta(weeks=period.count)
        case "months":
            return _months_later(event, period.count)
        case _:
            return _months_later(event, 12 * period.count)


def _months_later(day: date, months: int) -> date:
    """The same day of the month, or the last one where that month is too short: article 3(2)(c)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (first_of_next - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, length))


def _next_working_day(day: date, off: DayOff) -> date:
    while off(day):
        day += timedelta(days=1)
    return day


def _after_working_days(day: date, count: int, off: DayOff) -> date:
    """The day on which the ``count``-th working day after ``day`` falls; the next working day for none."""
    for _ in range(count):
        day = _next_working_day(day + timedelta(days=1), off)
    return _next_working_day(day, off) if count == 0 else day


@lru_cache(maxsize=256)
def _calendar(place: str, year: int) -> tuple[Collection[int], Collection[date]]:
    """Weekend days (0 is Monday) and public holidays of a place in a year."""
    import holidays  # a large package, needed only where days are counted

    country, _, state = place.partition("-")
    if country in {"EU", "COE", "UN"}:
        # The institutions publish their own list each year; only weekends are the same every year.
        return frozenset({5, 6}), frozenset()
    try:
        found = holidays.country_holidays(country, subdiv=state or None, years=year)
    except NotImplementedError as error:
        if state:
            return _calendar(country, year)
        raise NoCalendar(f"no calendar of public holidays is known for {place}; count the days by hand") from error
    return frozenset(found.weekend), frozenset(found)
