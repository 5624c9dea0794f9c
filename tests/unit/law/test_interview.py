"""Questions worth asking: those on a way to something, the surest and cheapest first, none once nothing can change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from factories.law import XA, provision
from habeas.law.core.engine import Situation, assess
from habeas.law.core.interview import Stake, questions
from habeas.law.core.model import TIES, FactDefinition, Known, Provision, Ties
from habeas.law.core.packs import parse_rule

DAY = date(2026, 3, 6)
NAMES = ["a.a", "b.b", "c.c", "d.d"]
ASKABLE = {name: FactDefinition(name, name, f"{name}?", 1, "person") for name in NAMES}


def law(number: int, elements: object, exemptions: object = None) -> Provision:
    return provision(elements, exemptions, id=f"xa.act.{number}", confidence="high")


def asked(*laws, facts=None, vocabulary=ASKABLE, stakes=None, priors=None, ties=None, leanings=None):
    known = {key: Known(key, truth, "person", "told") for key, truth in (facts or {}).items()}
    known |= {key: Known(key, None, "scan", "a sign", leaning=sign) for key, sign in (leanings or {}).items()}
    places = Ties(dict.fromkeys(TIES, frozenset({"XA"}))) if ties is None else ties
    situation = Situation(known, places, DAY, DAY)
    return questions(assess(laws, situation, vocabulary, XA), situation, vocabulary, stakes, priors)


def keys(found) -> list[str]:
    return [question.key for question in found]


def test_the_nearly_complete_way_comes_before_the_long_one():
    found = asked(law(1, {"all": ["a.a", "b.b", "c.c"]}), law(2, "d.d"))
    assert keys(found)[0] == "d.d"


def test_a_fact_that_serves_much_comes_first():
    found = asked(law(1, {"all": ["a.a", "b.b"]}), law(2, {"all": ["a.a", "c.c"]}))
    assert keys(found)[0] == "a.a"
    assert found[0].settles == ("xa.act.1", "xa.act.2")


def test_a_sign_and_past_cases_move_questions():
    rule = {"any": [{"all": ["a.a", "b.b"]}, {"all": ["c.c", "d.d"]}]}
    assert keys(asked(law(1, rule), leanings={"d.d": 0.95}))[0] in {"c.c", "d.d"}
    assert keys(asked(law(1, rule), priors={"a.a": 0.9, "b.b": 0.9}))[0] in {"a.a", "b.b"}


def test_a_cheap_question_comes_before_a_dear_one_that_is_worth_the_same():
    dear = ASKABLE | {"a.a": replace(ASKABLE["a.a"], burden=5)}
    assert keys(asked(law(1, {"any": ["a.a", "b.b"]}), vocabulary=dear)) == ["b.b", "a.a"]


def test_what_somebody_else_must_answer_is_not_asked_and_stands_in_the_way():
    theirs = ASKABLE | {"a.a": replace(ASKABLE["a.a"], asked_of="service")}
    found = asked(law(1, {"all": ["a.a", "b.b"]}), law(2, {"all": ["c.c", "d.d"]}), vocabulary=theirs)
    assert keys(found) == ["c.c", "d.d", "b.b"]


@pytest.mark.parametrize(
    ("rule", "exemptions", "facts"),
    [
        pytest.param({"all": ["a.a", "b.b"]}, None, {"a.a": False}, id="failed"),
        pytest.param({"any": ["a.a", "b.b"]}, None, {"a.a": True}, id="met"),
        pytest.param("a.a", "b.b", {"b.b": True}, id="exempt-whatever-the-act"),
        pytest.param({"all": ["a.a"], "unless": "b.b"}, None, {"b.b": True}, id="the-only-limb-is-exempt"),
    ],
)
def test_nothing_is_asked_once_nothing_can_change(rule, exemptions, facts):
    assert asked(law(1, rule, exemptions), facts=facts) == []


def test_an_exempt_limb_that_covers_the_case_is_asked_for_while_another_is_open():
    theirs = ASKABLE | {"a.a": replace(ASKABLE["a.a"], asked_of="service")}
    rule = {"any": ["a.a", {"all": ["b.b", "c.c"], "unless": "d.d"}]}
    assert keys(asked(law(1, rule), facts={"d.d": True}, vocabulary=theirs)) == ["b.b", "c.c"]


def test_what_one_provision_carries_asks_nothing_more_for_the_same_step():
    stakes = [Stake("notice", ("xa.act.1", "xa.act.2"), 1.0)]
    assert asked(law(1, "a.a"), law(2, "b.b"), facts={"a.a": True}, stakes=stakes) == []


def test_what_the_step_itself_makes_true_is_not_asked():
    stakes = [Stake("notice", ("xa.act.1",), 1.0, given=frozenset({"a.a"}))]
    assert keys(asked(law(1, {"all": ["a.a", "b.b"]}), stakes=stakes)) == ["b.b"]


def test_a_condition_of_one_stake_is_asked_for_it():
    met = law(1, "a.a")
    rule = parse_rule({"all": ["a.a", "b.b"]})
    stakes = [Stake("notice", ("xa.act.1",), 1.0, rules={"xa.act.1": rule})]
    assert keys(asked(met, facts={"a.a": True}, stakes=stakes)) == ["b.b"]


def test_an_unknown_place_is_asked_for_by_its_tie():
    found = asked(law(1, "a.a"), ties=Ties({}))
    assert "reach.target_lives" in keys(found)


RULES = st.recursive(
    st.sampled_from(NAMES),
    lambda parts: st.one_of(
        st.lists(parts, min_size=1, max_size=3).map(lambda p: {"all": p}),
        st.lists(parts, min_size=1, max_size=3).map(lambda p: {"any": p}),
        parts.map(lambda p: {"not": p}),
        st.lists(parts, min_size=2, max_size=3).map(lambda p: {"at_least": 2, "of": p}),
    ),
    max_leaves=8,
)
ANSWERS = st.dictionaries(st.sampled_from(NAMES), st.booleans())


@given(RULES, st.none() | RULES, ANSWERS, ANSWERS)
def test_when_nothing_is_asked_no_answer_opens_anything(rule, exemptions, facts, later):
    law_ = law(1, rule, exemptions)
    assume(asked(law_, facts=facts) == [])
    outcomes = [
        assess(
            [law_], Situation({k: Known(k, t, "person", "") for k, t in told.items()}, _here(), DAY, DAY), ASKABLE, XA
        )
        for told in (facts, {**later, **facts})
    ]
    before, after = (found[0].outcome == "met" for found in outcomes)
    assert before == after


@given(RULES, RULES, ANSWERS, st.randoms())
def test_the_order_of_provisions_changes_no_question(one, other, facts, chance):
    laws = [law(1, one), law(2, other)]
    first = asked(*laws, facts=facts)
    chance.shuffle(laws)
    again = asked(*laws, facts=facts)
    assert [(q.key, pytest.approx(q.worth)) for q in first] == [(q.key, q.worth) for q in again]


@given(RULES, ANSWERS)
def test_only_what_is_unknown_is_asked_and_it_says_why(rule, facts):
    for question in asked(law(1, rule), facts=facts):
        assert question.key not in facts
        assert question.worth > 0
        assert "rule" in question.why


def _here() -> Ties:
    return Ties(dict.fromkeys(TIES, frozenset({"XA"})))
