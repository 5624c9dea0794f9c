"""Two states of the law, compared in words."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from habeas.kernel.packfiles import PackFileError
from habeas.law.core.difference import Law, difference, differences, read_law, rule_changes
from habeas.law.core.packs import parse_rule
from habeas.law.core.words import as_written

FACTS = ("act.disclosed", "data.image", "intent.fear", "intent.harass", "consent.none")
written = st.recursive(
    st.sampled_from(FACTS),
    lambda part: st.one_of(
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(part, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        part.map(lambda inner: {"not": inner}),
        st.lists(part, min_size=2, max_size=3).map(lambda parts: {"at_least": 2, "of": parts}),
    ),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        pytest.param(
            {"all": ["act.disclosed"]},
            {"all": ["act.disclosed", "intent.fear"]},
            ["now also needed: intent.fear"],
            id="one-more",
        ),
        pytest.param(
            {"all": ["act.disclosed", "intent.fear"]},
            "act.disclosed",
            ["no longer needed: intent.fear"],
            id="one-fewer",
        ),
        pytest.param(
            {"all": ["act.disclosed", {"any": ["intent.fear", "intent.harass"]}]},
            {"all": ["act.disclosed", {"any": ["intent.fear", "consent.none"]}]},
            [
                "in “intent.fear or intent.harass”: now also enough: consent.none",
                "in “intent.fear or intent.harass”: no longer enough: intent.harass",
            ],
            id="inside-a-limb",
        ),
        pytest.param(
            {"at_least": 1, "of": ["intent.fear", "intent.harass"]},
            {"at_least": 2, "of": ["intent.fear", "intent.harass"]},
            ["was at least 1, is now at least 2 of 2 parts"],
            id="the-number",
        ),
        pytest.param(
            {"all": ["act.disclosed", "data.image"]},
            {"all": ["act.disclosed", "data.image"], "unless": "consent.none"},
            ["was act.disclosed and data.image, is now (act.disclosed and data.image) unless consent.none"],
            id="an-exemption-of-a-limb",
        ),
        pytest.param({"not": "consent.none"}, "consent.none", ["was not consent.none, is now consent.none"], id="not"),
        pytest.param(
            {"all": ["act.disclosed", "data.image"]}, {"all": ["data.image", "act.disclosed"]}, [], id="order"
        ),
    ],
)
def test_a_rule_s_change_is_said_by_element(old, new, says):
    assert list(rule_changes(parse_rule(old), parse_rule(new))) == says


@given(written)
def test_a_rule_does_not_differ_from_itself_and_is_written_as_it_was_read(raw):
    rule = parse_rule(raw)
    assert list(rule_changes(rule, rule)) == []
    assert parse_rule(as_written(rule)) == rule


ENTRY = {
    "id": "xa.1",
    "title": "Publishing an address",
    "summary": "Publishing where someone lives.",
    "elements": {"all": ["act.disclosed", "intent.fear"]},
    "exemptions": {"any": ["exempt.journalism"]},
    "penalty": {"imprisonment_max_months": 12, "fine_max": None},
    "remedies": [
        {"type": "removal", "sought_by": "victim", "from": "court", "within": "48 hours"},
        {"type": "damages", "sought_by": "victim", "from": "court"},
    ],
}


def words(old, new):
    found = difference({"xa.1": old}, {"xa.1": new})
    return [sentence for change in found.changed.get("xa.1", ()) for sentence in change.words]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        pytest.param(
            {"penalty": {"imprisonment_max_months": 24}},
            ["penalty.imprisonment_max_months: was 12, is now 24"],
            id="months",
        ),
        pytest.param(
            {"exemptions": {"any": ["exempt.journalism", "exempt.research_art"]}},
            ["now also exempt: exempt.research_art"],
            id="exemption",
        ),
        pytest.param(
            {"exemptions": None}, ["exemptions: was exempt.journalism, is now nothing"], id="no-exemption-any-more"
        ),
        pytest.param({"in_force_to": "2027-01-01"}, ["in_force_to: was not said, is now 2027-01-01"], id="closed"),
        pytest.param(
            {"remedies": [ENTRY["remedies"][1], {**ENTRY["remedies"][0], "within": "24 hours"}]},
            ["remedies[removal victim court].within: was 48 hours, is now 24 hours"],
            id="a-deadline-by-its-remedy",
        ),
        pytest.param(
            {"remedies": ENTRY["remedies"][:1]},
            ["remedies: no longer type damages, sought_by victim, from court"],
            id="a-remedy-gone",
        ),
    ],
)
def test_fields_differ_in_words(change, says):
    assert words(ENTRY, {**ENTRY, **change}) == says


@given(st.permutations(list(ENTRY)), st.booleans())
def test_layout_order_and_defaults_are_no_difference(order, flow):
    text = yaml.safe_dump({key: ENTRY[key] for key in order}, default_flow_style=flow, sort_keys=False, width=30)
    again = {**yaml.safe_load(text), "effect": "claim", "notes": None}
    assert not difference({"xa.1": ENTRY}, {"xa.1": again})


def test_what_came_and_what_went_is_named():
    found = difference({"xa.1": ENTRY}, {"xa.2": {**ENTRY, "id": "xa.2"}})
    assert (found.added, found.removed, found.changed) == (
        {"xa.2": "Publishing an address"},
        {"xa.1": "Publishing an address"},
        {},
    )


def test_a_proposal_leaves_out_what_it_does_not_amend():
    law = Law({"xa.1": ENTRY, "xa.2": {**ENTRY, "id": "xa.2"}}, {}, {})
    proposal = Law({"xa.2": {**ENTRY, "id": "xa.2", "title": "Doxxing"}}, {}, {}, is_partial=True)
    found = differences(law, proposal)["provisions"]
    assert (dict(found.removed), list(found.changed)) == ({}, ["xa.2"])


def test_a_folder_without_a_pack_is_refused(tmp_path):
    with pytest.raises(PackFileError, match="holds no pack"):
        read_law(tmp_path)
