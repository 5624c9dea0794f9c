"""Definitions side by side: read by what satisfies them, not by how they are written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from factories.law import provision
from habeas.law.core import packs
from habeas.law.core.compare import UnknownDefinition, chosen, define, disclosing, pattern

ALL = {p.id: p for code in packs.jurisdictions() for p in packs.load_pack(code).provisions}


def test_what_every_way_holds_is_needed_and_what_some_hold_is_an_alternative():
    part = define(provision({"all": ["act.disclosed", {"any": ["act.public", "act.republished"]}]})).parts["act"]
    assert (part.needed, part.alternatives) == (("act.disclosed",), ("act.public", "act.republished"))


def test_the_same_rule_in_another_order_is_the_same_definition():
    one = {"all": ["data.identifying", {"any": ["intent.fear", "intent.harass"]}]}
    other = {"any": [{"all": ["data.identifying", "intent.fear"]}, {"all": ["intent.harass", "data.identifying"]}]}
    first, second = define(provision(one)), define(provision(other))
    assert first.parts["data"] == second.parts["data"]
    assert set(first.parts["fault"].alternatives) == set(second.parts["fault"].alternatives)


@pytest.mark.parametrize(
    ("elements", "fault", "harm"),
    [
        pytest.param("act.disclosed", "none", "none", id="the-act-alone"),
        pytest.param({"all": ["act.disclosed", "mens.should_know"]}, "negligence", "none", id="ought-to-have-known"),
        pytest.param({"any": ["mens.reckless", "intent.fear"]}, "recklessness", "none", id="the-lower-rung-is-enough"),
        pytest.param({"all": ["mens.knowing", "intent.fear"]}, "purpose", "none", id="both-are-needed"),
        pytest.param({"all": ["act.disclosed", "harm.likely"]}, "none", "likely", id="danger-is-enough"),
        pytest.param({"all": ["act.disclosed", "harm.physical"]}, "none", "caused", id="a-result-is-needed"),
    ],
)
def test_the_least_fault_and_harm_that_are_enough(elements, fault, harm):
    found = define(provision(elements))
    assert (found.fault, found.harm) == (fault, harm)


def test_the_pattern_says_what_is_shared_and_who_stands_on_which_rung():
    definitions = [
        define(provision({"all": ["data.identifying", "intent.fear"]}, "exempt.journalism", id="xa.act.1")),
        define(provision({"all": ["data.identifying", "act.public"]}, id="xb.act.1")),
    ]
    found = pattern(definitions)
    assert found.shared == ("data.identifying",)
    assert found.ladder == {"none": ("xb.act.1",), "purpose": ("xa.act.1",)}
    assert found.exempted == {"exempt.journalism": ("xa.act.1",)}


def test_every_shipped_provision_can_be_taken_apart():
    for law in ALL.values():
        assert define(law).provision is law


def test_a_code_stands_for_its_rules_on_disclosing():
    assert {law.jurisdiction for law in chosen(["hk"])} == {"HK"}
    assert all("act." in str(law.elements) for law in chosen(["hk"]))


def test_without_words_the_doxxing_offences_of_several_systems_are_compared():
    assert len({law.jurisdiction for law in chosen([])}) >= 6


def test_a_word_that_names_nothing_gets_a_near_miss():
    with pytest.raises(UnknownDefinition, match=r"did you mean nl\.sr\.285"):
        chosen(["nl.sr.285x"])


def test_duties_and_procedures_are_no_definitions_of_the_wrong():
    law = replace(ALL["nl.sr.285d"], track="procedure")
    assert disclosing([law]) == []
