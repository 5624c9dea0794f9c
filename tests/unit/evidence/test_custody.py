"""Custody: purposes and grounds are codes, and a chain with a hole in it says where the hole is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core.custody import BASES, PURPOSES, Step, UnknownPurpose, gaps, require_reason

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def chain(*events: tuple[str, str, str]) -> list[Step]:
    return [Step(n, kind, item, hand, NOON + timedelta(minutes=n)) for n, (kind, item, hand) in enumerate(events, 1)]


WHOLE = chain(
    ("ingest", "a", ""),
    ("capture", "b", ""),
    ("read", "a", ""),
    ("redact", "a", ""),
    ("offered", "", "h"),
    ("accepted", "", "h"),
    ("copy", "", "h"),
    ("received", "", "h"),
    ("returned", "", "h"),
    ("key_destroyed", "", ""),
)


def test_a_whole_chain_has_no_gap():
    assert gaps(WHOLE) == []


@given(st.sampled_from(sorted(PURPOSES)), st.sampled_from(sorted(BASES)))
def test_every_code_is_a_reason(purpose, basis):
    require_reason(purpose, basis)


@pytest.mark.parametrize(("purpose", "basis"), [("curiosity", "consent"), ("help", "because"), ("", ""), ("help", "")])
def test_what_is_no_code_is_no_reason(purpose, basis):
    with pytest.raises(UnknownPurpose, match="use one of"):
        require_reason(purpose, basis)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([("read", "a", "")], "event 1: item a… was read before anybody recorded capture or ingest"),
        ([("accepted", "", "h")], "event 1: hand-over h… was accepted before anybody recorded offered"),
        ([("offered", "", "h"), ("received", "", "h")], "event 2: hand-over h… was received before anybody recorded"),
        ([("ingest", "a", ""), ("read", "b", "")], "event 2: item b… was read before"),
        ([("ingest", "a", ""), ("key_destroyed", "", ""), ("read", "a", "")], "event 3 (read) comes after the key was"),
    ],
)
def test_a_hole_is_named(events, said):
    assert [sentence for sentence in gaps(chain(*events)) if sentence.startswith(said)]


def test_time_that_runs_backwards_is_named():
    backwards = [Step(1, "ingest", "a", "", NOON), Step(2, "read", "a", "", NOON - timedelta(seconds=1))]
    assert gaps(backwards) == ["event 2 (read) says an earlier time than the event before it"]


@given(st.integers(0, len(WHOLE) - 1))
def test_taking_out_what_others_rest_on_is_never_unseen(position):
    kind = WHOLE[position].kind
    rest = [step for step in WHOLE if step is not WHOLE[position]]
    rests_on_it = {"ingest", "offered", "accepted"}
    assert bool(gaps(rest)) == (kind in rests_on_it)
