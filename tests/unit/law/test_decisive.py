"""The smallest sets of answers that would decide an open rule."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.law.core.decisive import smallest, ways
from habeas.law.core.logic import facts_of, holds
from habeas.law.core.model import Rule

NAMES = ["a", "b", "c", "d", "e"]


def fact(name: str) -> Rule:
    return Rule("fact", fact=name)


def grown(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    several = st.lists(parts, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Rule, st.sampled_from(["all", "any"]), several),
        parts.map(lambda part: Rule("not", (part,))),
        several.map(lambda found: Rule("at_least", found, need=(len(found) + 1) // 2)),
    )


RULES = st.recursive(st.sampled_from(NAMES).map(fact), grown, max_leaves=6)
FACTS = st.dictionaries(st.sampled_from(NAMES), st.sampled_from([True, False, None]))


@given(RULES, FACTS, st.booleans())
def test_each_way_decides_the_rule_whatever_else_is_unknown(rule, facts, want):
    for way in ways(rule, want, facts, most=10_000):
        assert holds(rule, {**facts, **dict(way)}) is want


@given(RULES, FACTS, st.booleans())
def test_every_full_set_of_answers_that_decides_contains_one_of_the_ways(rule, facts, want):
    unknown = [name for name in facts_of(rule) if facts.get(name) is None]
    found = ways(rule, want, facts, most=10_000)
    for answers in product([True, False], repeat=len(unknown)):
        full = frozenset(zip(unknown, answers, strict=True))
        assert (holds(rule, {**facts, **dict(full)}) is want) == any(way <= full for way in found)


@given(RULES, FACTS, st.booleans())
def test_no_way_contains_another(rule, facts, want):
    found = ways(rule, want, facts)
    assert not any(one < other for one in found for other in found)


@pytest.mark.parametrize(
    ("rule", "facts", "expected"),
    [
        pytest.param(fact("a"), {"a": True}, [set()], id="what-holds-needs-nothing"),
        pytest.param(fact("a"), {"a": False}, [], id="what-fails-has-no-way"),
        pytest.param(
            Rule("all", (fact("a"), Rule("any", (fact("b"), fact("c"))))),
            {"a": True},
            [{("b", True)}, {("c", True)}],
            id="either-of-two-is-enough",
        ),
        pytest.param(
            Rule("all", (fact("a"), Rule("not", (fact("a"),)))), {}, [], id="answers-that-contradict-are-no-way"
        ),
    ],
)
def test_ways_in_words(rule, facts, expected):
    assert [set(way) for way in ways(rule, True, facts)] == expected


def test_the_smallest_come_first_and_only_so_many():
    one, two = frozenset({("a", True)}), frozenset({("b", True), ("c", True)})
    assert smallest([two, one, one | two], most=5) == [one, two]
    assert smallest([two, one], most=1) == [one]
