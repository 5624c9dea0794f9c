"""What helps tonight: few steps, the most urgent first, and every one with its source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.kernel.packfiles import PackFileError
from habeas.learning.core import safety
from habeas.learning.core.safety import MOST_STEPS, SIGNALS_OF, URGENCIES, guide, steps_for

TICKS = st.sets(st.sampled_from(sorted(SIGNALS_OF)))
HAPPENED = st.sets(st.sampled_from(["threat", "partner", "back", "contacts", "more"]))
MAYBE = st.sampled_from([True, False, None])


def ids(steps) -> list[str]:
    return [step.id for step in steps]


@given(TICKS, HAPPENED, MAYBE, MAYBE)
def test_at_most_five_steps_and_none_more_urgent_is_left_out(exposed, happened, danger, minor):
    chosen = steps_for(exposed, happened, danger=danger, minor=minor)
    assert 0 < len(chosen) <= MOST_STEPS
    order = [URGENCIES.index(step.urgency) for step in chosen]
    assert order == sorted(order)


def test_danger_comes_before_everything():
    assert ids(steps_for(["home", "money", "phone", "children"], ["threat"], danger=True))[0] == "s01"


@pytest.mark.parametrize(
    ("exposed", "step"),
    [
        ("home", "s05"),
        ("money", "s26"),
        ("children", "s06"),
        ("accounts", "s14"),
        ("phone", "s15"),
        ("immigration", "s34"),
    ],
)
def test_what_was_exposed_brings_its_own_step(exposed, step):
    assert step in ids(steps_for([exposed], [], danger=False))


def test_a_step_for_home_does_not_show_where_no_home_was_exposed():
    assert "s05" not in ids(steps_for(["money"], [], danger=None))


def test_a_tick_nobody_defined_is_an_error_and_hides_no_step():
    with pytest.raises(KeyError):
        steps_for(["hoem"], [], danger=None)


def test_every_step_names_its_source_and_says_why():
    for step in guide():
        assert step.text.endswith(".")
        assert step.why.endswith(".")
        assert step.source_name


@pytest.mark.parametrize(
    ("change", "said"),
    [("when: [exposed.hoem]", "unknown signal 'exposed.hoem'"), ("when: []\n    urgency: soon", "urgency is 'soon'")],
)
def test_a_mistake_in_the_guide_is_named(tmp_path, change, said):
    file = tmp_path / "safety.yaml"
    urgency = "" if "urgency" in change else "\n    urgency: now"
    file.write_text(
        f'sources:\n  a: {{name: "A", url: null}}\nsteps:\n  - id: s1\n    {change}{urgency}\n'
        '    text: "Do."\n    why: "So."\n    source: a\n'
    )
    with pytest.raises(PackFileError, match="s1") as refusal:
        safety.guide(file)
    assert said in str(refusal.value)
