"""Three-valued logic: unknown stays unknown, and learning never reverses an answer."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.law.core.logic import (
    breaking,
    conjunction,
    contradictions,
    disjunction,
    facts_of,
    has_exemption,
    holds,
    still_open,
    with_consequences,
    without_exemptions,
)
from habeas.law.core.model import FactDefinition, Rule

TRUTHS = [True, False, None]
NAMES = ["a", "b", "c", "d", "e"]


def fact(name: str) -> Rule:
    return Rule("fact", fact=name)


def _grown(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    several = st.lists(parts, min_size=1, max_size=4).map(tuple)
    counted = several.flatmap(
        lambda found: st.integers(1, len(found)).map(lambda need: Rule("at_least", found, need=need))
    )
    return st.one_of(
        several.map(lambda found: Rule("all", found)),
        several.map(lambda found: Rule("any", found)),
        parts.map(lambda part: Rule("not", (part,))),
        st.tuples(parts, parts).map(lambda both: Rule("unless", both)),
        counted,
    )


RULES = st.recursive(st.sampled_from(NAMES).map(fact), _grown, max_leaves=10)
FACTS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TRUTHS))


@given(RULES, FACTS)
def test_a_limb_is_itself_and_not_its_exemption(rule, facts):
    limb = Rule("unless", (rule, fact("z")))
    for exempt in TRUTHS:
        expected = conjunction([holds(rule, facts), None if exempt is None else not exempt])
        assert holds(limb, {**facts, "z": exempt}) is expected


@given(RULES)
def test_without_exemptions_none_is_left(rule):
    assert not has_exemption(without_exemptions(rule))
    if not has_exemption(rule):
        assert without_exemptions(rule) == rule


@pytest.mark.parametrize(("one", "other"), list(product(TRUTHS, TRUTHS)))
def test_and_and_or_are_kleenes(one, other):
    order = {False: 0, None: 1, True: 2}
    assert order[conjunction([one, other])] == min(order[one], order[other])
    assert order[disjunction([one, other])] == max(order[one], order[other])


@given(RULES, FACTS, st.sampled_from(NAMES), st.booleans())
def test_learning_a_fact_never_reverses_an_answer(rule, facts, name, found):
    before = holds(rule, facts)
    if before is not None and facts.get(name) is None:
        assert holds(rule, {**facts, name: found}) is before


@given(RULES, FACTS)
def test_a_decided_answer_is_that_of_every_completion(rule, facts):
    answer = holds(rule, facts)
    open_ones = [name for name in NAMES if facts.get(name) is None]
    for answers in product([True, False], repeat=len(open_ones)):
        full = {**facts, **dict(zip(open_ones, answers, strict=True))}
        assert holds(rule, full) is not None
        if answer is not None:
            assert holds(rule, full) is answer


@given(st.sampled_from(["all", "any"]), st.lists(RULES, min_size=1, max_size=4), FACTS, st.randoms())
def test_the_order_of_parts_changes_nothing(op, parts, facts, chance):
    shuffled = parts[:]
    chance.shuffle(shuffled)
    assert holds(Rule(op, tuple(parts)), facts) is holds(Rule(op, tuple(shuffled)), facts)


@given(RULES, FACTS)
def test_what_is_still_open_are_unknown_facts_of_the_rule(rule, facts):
    found = list(still_open(rule, facts))
    assert all(facts.get(name) is None and name in facts_of(rule) for name in found)
    assert bool(found) is (holds(rule, facts) is None)


@given(RULES, FACTS, st.sampled_from(NAMES), st.booleans())
def test_a_fact_that_is_not_open_cannot_decide(rule, facts, name, found):
    if facts.get(name) is None and holds(rule, facts) is None and name not in list(still_open(rule, facts)):
        assert holds(rule, {**facts, name: found}) is None


@given(RULES, FACTS)
def test_what_breaks_a_rule_are_known_facts_and_turning_them_unknown_reopens_it(rule, facts):
    if holds(rule, facts) is not False:
        assert list(breaking(rule, facts)) == []
        return
    named = set(breaking(rule, facts))
    assert all(facts.get(name) is not None for name in named)
    assert holds(rule, {**facts, **dict.fromkeys(named)}) is not False


@given(st.lists(st.sampled_from(TRUTHS), min_size=1, max_size=5), st.integers(1, 5))
def test_at_least_counts_what_is_certain_and_what_could_be(truths, need):
    need = min(need, len(truths))
    names = NAMES[: len(truths)]
    rule = Rule("at_least", tuple(map(fact, names)), need=need)
    certain, possible = truths.count(True), truths.count(True) + truths.count(None)
    expected = True if certain >= need else None if possible >= need else False
    assert holds(rule, dict(zip(names, truths, strict=True))) is expected


def definition(key: str, *implies: str) -> FactDefinition:
    return FactDefinition(key, key, key, 1, "person", implies)


VOCABULARY = {d.key: d for d in (definition("a", "b"), definition("b", "c"), definition("c"), definition("d"))}


@pytest.mark.parametrize(
    ("stated", "known"),
    [
        pytest.param({"a": True}, {"a": True, "b": True, "c": True}, id="consequences-of-consequences"),
        pytest.param({"c": False}, {"a": False, "b": False, "c": False}, id="what-would-follow-fails"),
        pytest.param({"a": False}, {"a": False}, id="nothing-follows-from-a-no"),
        pytest.param({"d": True}, {"d": True}, id="nothing-to-follow"),
        pytest.param({"a": None}, {}, id="unknown-says-nothing"),
    ],
)
def test_what_strictly_follows_is_known(stated, known):
    assert with_consequences(stated, VOCABULARY) == known


@given(st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.sampled_from(TRUTHS)))
def test_consequences_never_overwrite_what_was_said_and_end(stated):
    known = with_consequences(stated, VOCABULARY)
    assert all(known[key] is truth for key, truth in stated.items() if truth is not None)
    assert with_consequences(known, VOCABULARY) == known


def test_a_contradiction_stays_visible():
    assert contradictions({"a": True, "b": False}, VOCABULARY) == [("a", "b")]
