"""The states of a measure as a table: what may happen when, and that nothing else does."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.remedies.core.states import (
    EVENTS,
    LOGGED,
    OPEN_FOR_US,
    OUT,
    RUNNING,
    STATES,
    TRANSITIONS,
    VERBS,
    WORDS,
    NotPossible,
    after,
)

# Written by hand, to be held against what the code builds: the first letters of events and states. A dot: it cannot be.
TABLE = """
             appro send  ackno compl partl refus ask_b run_o escal conte uphol overt find_ stop  withd resto again
drafted      appr  .     .     .     .     .     .     .     .     .     .     .     .     .     with  .     .
approved     .     sent  .     .     .     .     .     .     .     .     .     .     .     stop  with  draf  .
sent         .     .     ackn  comp  part  refu  ackn  over  .     .     .     .     .     stop  with  .     .
acknowledged .     .     ackn  comp  part  refu  ackn  over  .     .     .     .     .     stop  with  .     .
complied     .     .     .     comp  part  refu  .     .     .     cont  .     .     part  .     with  .     .
partly       .     .     .     comp  part  refu  .     .     esca  cont  .     .     .     .     with  .     draf
refused      .     .     .     comp  part  refu  .     .     esca  .     .     .     .     .     with  .     draf
contested    .     .     .     .     .     .     .     .     .     .     comp  with  .     .     .     .     .
overdue      .     .     over  comp  part  refu  over  .     esca  .     .     .     .     stop  with  .     draf
escalated    .     .     .     comp  part  refu  .     .     .     .     .     .     .     .     with  .     .
stopped      .     sent  .     .     .     .     .     .     esca  .     .     .     .     .     with  draf  .
withdrawn    .     .     .     .     .     .     .     .     .     .     .     .     .     .     .     draf  .
"""


def _event(short: str) -> str:
    return {"partl": "comply_partly", "again": "ask_again"}.get(short) or next(
        event for event in EVENTS if event.startswith(short)
    )


def written() -> dict[tuple[str, str], str]:
    head, *rows = TABLE.strip().splitlines()
    events = [_event(short) for short in head.split()]
    return {
        (state, event): next(full for full in STATES if full.startswith(led_to))
        for state, *cells in (row.split() for row in rows)
        for event, led_to in zip(events, cells, strict=True)
        if led_to != "."
    }


def test_every_state_and_event_agrees_with_the_written_table():
    assert dict(TRANSITIONS) == written()


@pytest.mark.parametrize(("state", "event"), list(product(STATES, EVENTS)))
def test_what_is_not_in_the_table_is_refused_with_a_sentence(state, event):
    led_to = written().get((state, event))
    if led_to is not None:
        assert after(state, event, was_sent=False) == led_to
        return
    with pytest.raises(NotPossible, match=r"^A step that is .+ cannot .+\.$"):
        after(state, event, was_sent=False)


def test_what_has_left_the_house_is_never_a_draft_again():
    for state in STATES:
        with pytest.raises(NotPossible):
            after(state, "restore", was_sent=True)


def test_words_stand_for_every_state_and_event():
    assert set(WORDS) == set(STATES)
    assert set(VERBS) == set(LOGGED) == set(EVENTS)
    assert set().union(RUNNING, OPEN_FOR_US, OUT) <= set(STATES)


def test_every_state_can_be_reached_and_left():
    assert {*TRANSITIONS.values(), "drafted"} == set(STATES)
    assert {state for state, _ in TRANSITIONS} == set(STATES)


@given(st.lists(st.sampled_from(EVENTS), max_size=40))
def test_nothing_is_out_that_was_not_approved_and_sent(events):
    state, done = "drafted", []
    for event in events:
        try:
            state = after(state, event, was_sent="send" in done)
        except NotPossible:
            continue
        done.append(event)
        if state in OUT:
            assert "approve" in done
            assert "send" in done
            assert done.index("approve") < done.index("send")
    # Every time it was sent, somebody had agreed since it was last a draft.
    agreed = False
    for event in done:
        agreed = event == "approve" or (agreed and event not in {"ask_again", "restore"})
        assert agreed or event != "send"
