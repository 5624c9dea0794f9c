"""When a clock ends: golden days, Union law's hour left out, and clocks that change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.kernel.calendars import Period
from habeas.law.core.model import Step
from habeas.remedies.core.clocks import chain, due_at
from habeas.remedies.core.model import Clock


def clock(within: int | str | None, jurisdiction: str | None, text: str = "in time", **changes: object) -> Clock:
    fields: dict[str, object] = {
        "starts": "on_notice",
        "within": Period(within, "hours") if isinstance(within, int) else within and Period.parse(within),
        "text": text,
        "owed_by": "platform",
        "source_provision": "xa.act.1",
        "jurisdiction": jurisdiction,
    }
    return Clock(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("started", "hours", "jurisdiction", "due"),
    [
        pytest.param("2026-03-06T12:20+00:00", 48, "EU", "2026-03-08T13:00+00:00", id="hour-of-the-event-left-out"),
        pytest.param("2026-03-06T12:00+00:00", 24, "EU", "2026-03-07T13:00+00:00", id="on-the-hour-is-left-out-too"),
        pytest.param("2026-03-06T12:20+00:00", 24, "AT", "2026-03-07T13:00+00:00", id="law-of-a-member"),
        pytest.param("2026-03-06T12:20+00:00", 48, "GB", "2026-03-08T12:20+00:00", id="not-a-member-any-more"),
        pytest.param("2026-03-06T12:20+00:00", 48, "US-CA", "2026-03-08T12:20+00:00", id="elapsed-elsewhere"),
        pytest.param("2026-03-06T12:20+05:30", 36, "IN", "2026-03-08T00:20+05:30", id="half-hour-zone"),
        pytest.param("2026-12-24T18:05+00:00", 72, "EU", "2026-12-27T19:00+00:00", id="holidays-count"),
        pytest.param("2026-03-06T12:20+00:00", 0, "KR", "2026-03-06T12:20+00:00", id="at-once"),
    ],
)
def test_hours_end_where_the_law_says(started, hours, jurisdiction, due):
    assert due_at(clock(hours, jurisdiction), datetime.fromisoformat(started)) == datetime.fromisoformat(due)


@pytest.mark.parametrize(
    ("started", "zone", "jurisdiction", "due_on_the_wall"),
    [
        pytest.param("2026-03-28T12:20", "Europe/Amsterdam", "EU", "2026-03-30T14:00+02:00", id="spring-union"),
        pytest.param("2026-10-24T12:20", "Europe/Amsterdam", "NL", "2026-10-26T12:00+01:00", id="autumn-member"),
        pytest.param("2026-03-07T12:20", "America/New_York", "US", "2026-03-09T13:20-04:00", id="spring-elsewhere"),
        pytest.param("2026-10-31T12:20", "America/New_York", "US-NY", "2026-11-02T11:20-05:00", id="autumn-elsewhere"),
    ],
)
def test_a_change_of_clocks_shifts_the_wall_and_not_the_length(started, zone, jurisdiction, due_on_the_wall):
    due = due_at(clock(48, jurisdiction), datetime.fromisoformat(started).replace(tzinfo=ZoneInfo(zone)))
    assert due is not None
    assert due.isoformat(timespec="minutes") == due_on_the_wall


def test_the_hour_a_clock_changes_in_is_not_lost():
    # 02:30 happens twice on this night: the second one starts an hour later, and ends an hour later.
    zone = ZoneInfo("Europe/Amsterdam")
    first = datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=0)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=1)
    assert due_at(clock(24, "EU"), second) - due_at(clock(24, "EU"), first) == timedelta(hours=1)


def test_our_own_target_runs_from_the_minute():
    ours = clock(48, None, source_provision=None, set_by="organisation")
    start = datetime(2026, 3, 6, 12, 20, tzinfo=UTC)
    assert due_at(ours, start) == start + timedelta(hours=48)


def test_words_without_hours_have_no_end():
    assert due_at(clock(None, "EU", "without undue delay"), datetime(2026, 3, 6, tzinfo=UTC)) is None


@pytest.mark.parametrize("hours", [48, None])
def test_a_time_without_a_zone_is_refused(hours):
    with pytest.raises(ValueError, match="time zone"):
        due_at(clock(hours, "EU"), datetime(2026, 3, 6, 12, 20))


@given(
    st.datetimes(
        min_value=datetime(2020, 1, 1),
        max_value=datetime(2035, 1, 1),
        timezones=st.sampled_from([UTC, ZoneInfo("Europe/Amsterdam"), ZoneInfo("Asia/Kolkata")]),
    ),
    st.integers(min_value=0, max_value=9000),
)
@settings(deadline=None)
def test_union_law_never_ends_before_the_hours_have_passed(started, hours):
    union, plain = due_at(clock(hours, "EU"), started), due_at(clock(hours, "US"), started)
    assert union is not None
    assert plain is not None
    assert timedelta(0) < union.astimezone(UTC) - plain.astimezone(UTC) <= timedelta(hours=1)
    assert plain.astimezone(UTC) - started.astimezone(UTC) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("started", "within", "jurisdiction", "due"),
    [
        # A Friday. The union's month ends on a working day; 2026-04-06 is Easter Monday.
        pytest.param("2026-03-06T12:20+01:00", "1 month", "NL", "2026-04-08T00:00+01:00", id="month-moved-off-easter"),
        pytest.param("2026-01-30T09:00+01:00", "1 month", "DE", "2026-03-03T00:00+01:00", id="short-february"),
        pytest.param("2026-03-06T12:20+01:00", "10 working days", "DE", "2026-03-21T00:00+01:00", id="working-days"),
        pytest.param("2026-03-06T12:20+00:00", "30 days", "GB", "2026-04-06T00:00+00:00", id="plain-days"),
    ],
)
def test_a_clock_is_reckoned_in_the_unit_of_its_law(started, within, jurisdiction, due):
    assert due_at(clock(within, jurisdiction), datetime.fromisoformat(started)) == datetime.fromisoformat(due)


def test_a_chain_runs_from_end_to_end_and_stops_counting_where_the_law_gives_no_number():
    steps = (
        Step(Period(24, "hours"), "the judge is seized"),
        Step(None, "as soon as possible"),
        Step(Period(1, "months"), "report"),
    )
    start = datetime(2026, 3, 6, 12, 20, tzinfo=UTC)
    assert list(chain(clock("4 hours", "TR", "providers act", then=steps), start)) == [
        ("providers act", datetime(2026, 3, 6, 16, 20, tzinfo=UTC)),
        ("the judge is seized", datetime(2026, 3, 7, 16, 20, tzinfo=UTC)),
        ("as soon as possible", None),
        ("report", None),
    ]
