"""Periods of law, and the instant at which they end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.kernel.calendars import NoCalendar, Period, end_of, is_day_off, reckoning_of

AMSTERDAM, NEW_YORK = ZoneInfo("Europe/Amsterdam"), ZoneInfo("America/New_York")


def wall(text: str, zone: ZoneInfo = AMSTERDAM) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("period", "started", "place", "last_day"),
    [
        pytest.param(Period(3, "days"), "2026-03-02T16:00", "NL", "2026-03-05", id="day-of-the-event-is-left-out"),
        pytest.param(Period(5, "days"), "2026-03-02T16:00", "NL", "2026-03-09", id="saturday-moves-to-monday"),
        pytest.param(Period(7, "days"), "2026-04-20T09:00", "NL", "2026-04-28", id="kings-day-moves-on"),
        pytest.param(Period(2, "days"), "2026-03-06T09:00", "NL", "2026-03-10", id="two-days-hold-two-working-days"),
        pytest.param(Period(1, "days"), "2026-03-06T09:00", "NL", "2026-03-09", id="one-day-only-moves"),
        pytest.param(Period(1, "weeks"), "2026-03-04T09:00", "NL", "2026-03-11", id="the-same-day-of-the-week"),
        pytest.param(
            Period(1, "months"), "2026-01-30T09:00", "NL", "2026-03-02", id="end-of-a-short-month-on-saturday"
        ),
        pytest.param(Period(1, "months"), "2026-03-15T09:00", "NL", "2026-04-15", id="the-same-date"),
        pytest.param(Period(1, "years"), "2024-02-29T09:00", "DE", "2025-02-28", id="leap-day"),
        pytest.param(
            Period(14, "working_days"), "2026-12-18T09:00", "DE", "2027-01-11", id="working-days-over-christmas"
        ),
        pytest.param(Period(2, "working_days"), "2026-03-06T09:00", "BR", "2026-03-10", id="working-days-elsewhere"),
        pytest.param(Period(30, "days"), "2026-06-04T09:00", "US", "2026-07-06", id="federal-rule-and-a-saturday"),
        pytest.param(Period(30, "days"), "2026-06-04T09:00", "GB", "2026-07-04", id="plain-days-move-for-nothing"),
        pytest.param(Period(2, "working_days"), "2026-03-05T09:00", "AE", "2026-03-09", id="another-weekend"),
    ],
)
def test_days_end_at_the_end_of_the_last_day(period, started, place, last_day):
    assert end_of(period, wall(started), place) == wall(last_day) + timedelta(days=1)


@pytest.mark.parametrize(
    ("hours", "started", "place", "due"),
    [
        pytest.param(48, "2026-03-06T12:20", "NL", "2026-03-08T13:00", id="hour-of-the-event-left-out"),
        pytest.param(48, "2026-03-28T12:20", "NL", "2026-03-30T14:00", id="clocks-change"),
        pytest.param(48, "2026-03-06T12:20", "GB", "2026-03-08T12:20", id="elapsed-elsewhere"),
        pytest.param(72, "2026-12-24T18:05", "EU", "2026-12-27T19:00", id="holidays-count-in-hours"),
    ],
)
def test_hours_are_elapsed_hours(hours, started, place, due):
    assert end_of(Period(hours, "hours"), wall(started), place) == wall(due)


def test_a_day_of_another_clock_ends_at_midnight_on_the_wall():
    end = end_of(Period(2, "days"), wall("2026-03-06T12:00", NEW_YORK), "GB")
    assert end == wall("2026-03-09T00:00", NEW_YORK)  # the night the clocks go forward is one hour short


def test_a_period_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        end_of(Period(1, "days"), datetime(2026, 3, 6, 12), "NL")


def test_a_negative_period_is_refused():
    with pytest.raises(ValueError, match="before it starts"):
        Period(-1, "days")


def test_where_no_calendar_is_known_a_person_must_count():
    with pytest.raises(NoCalendar, match="by hand"):
        is_day_off(date(2026, 3, 6), "XA")


def test_a_state_without_a_list_of_its_own_takes_the_countrys():
    assert is_day_off(date(2026, 7, 3), "US-ZZ") == is_day_off(date(2026, 7, 3), "US")


@pytest.mark.parametrize(
    ("place", "reckoning"),
    [("EU", "union"), ("FR", "union"), ("US-CA", "us_federal"), ("GB", "plain"), ("CH", "plain"), ("JP", "plain")],
)
def test_places_reckon_in_their_own_way(place, reckoning):
    assert reckoning_of(place) == reckoning


PERIODS = st.builds(
    Period, st.integers(0, 60), st.sampled_from(["hours", "days", "working_days", "weeks", "months", "years"])
)
STARTS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=AMSTERDAM))


@given(PERIODS, STARTS, st.sampled_from(["NL", "US-CA", "GB", "EU", "BR"]))
def test_a_period_never_ends_before_it_starts(period, started, place):
    assert end_of(period, started, place) >= started


@given(st.integers(0, 40), STARTS, st.sampled_from(["NL", "US", "GB"]))
def test_a_longer_period_never_ends_earlier(count, started, place):
    for unit in ("hours", "days", "working_days", "weeks", "months"):
        assert end_of(Period(count, unit), started, place) <= end_of(Period(count + 1, unit), started, place)


@given(st.integers(2, 40), STARTS)
def test_under_union_law_no_last_day_is_a_day_off(count, started):
    last = end_of(Period(count, "days"), started, "NL") - timedelta(days=1)
    assert not is_day_off(last.date(), "NL")
