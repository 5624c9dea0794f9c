"""Worked examples: what comes out otherwise is named, with why, and so is what no example tries."""

from __future__ import annotations

from datetime import date

import pytest

from habeas.kernel.packfiles import PackFileError
from habeas.law.core.examples import Example, coverage, load_examples, run_example
from habeas.law.core.packs import jurisdictions, load_pack, load_vocabulary
from habeas.law.core.scaffold import scaffold

DAY = date(2026, 11, 23)
RULE = "xa.example.1"


@pytest.fixture
def packs(tmp_path):
    """A folder with one pack, as the scaffold writes it."""
    folder = tmp_path / "packs" / "xa"
    folder.mkdir(parents=True)
    for name, content in scaffold("XA", "Examplia", (), DAY).items():
        (folder / name).write_text(content, encoding="utf-8")
    return folder.parent


def run(example, packs):
    provisions = load_pack("XA", packs).provisions
    return run_example(example, "XA", provisions, load_vocabulary(), jurisdictions(packs))


def test_an_example_that_comes_out_as_expected_says_nothing(packs):
    examples = load_examples("XA", packs)
    assert examples
    assert [run(example, packs) for example in examples] == [()] * len(examples)


@pytest.mark.parametrize(
    ("facts", "got", "because"),
    [
        pytest.param({"act.disclosed": False}, "not_met", "fail: act.disclosed", id="an-element-fails"),
        pytest.param({"act.disclosed": True}, "possible", "not said: data.contact_or_location", id="a-fact-is-open"),
        pytest.param(
            {"act.disclosed": True, "data.contact_or_location": True, "intent.fear": True, "exempt.journalism": True},
            "exempt",
            "an exemption holds",
            id="an-exemption-holds",
        ),
    ],
)
def test_a_mismatch_says_what_came_out_and_which_facts_decided(packs, facts, got, because):
    (mismatch,) = run(Example("a case", DAY, facts, {RULE: "met"}), packs)
    assert (mismatch.expected, mismatch.got) == ("met", got)
    assert because in mismatch.because
    assert mismatch.finding.trace.parts


def test_the_day_before_the_law_says_so(packs):
    (mismatch,) = run(Example("a case", date(2025, 12, 31), {}, {RULE: "met"}), packs)
    assert mismatch.because == "its law does not apply on 2025-12-31"


def test_an_example_of_no_provision_is_a_mismatch_and_not_an_error(packs):
    (mismatch,) = run(Example("a case", DAY, {}, {"xa.gone": "met"}), packs)
    assert (mismatch.provision, mismatch.got, mismatch.finding) == ("xa.gone", "no such provision", None)


def test_what_no_example_tries_is_named(packs):
    provisions, examples = load_pack("XA", packs).provisions, load_examples("XA", packs)
    assert coverage(provisions, examples).never_met == ()
    assert coverage(provisions, examples).never_not == ()
    only_before = [example for example in examples if "not_in_force" in example.expect.values()]
    untried = coverage(provisions, only_before)
    assert (untried.never_met, untried.never_not) == ((RULE,), (RULE,))


def test_an_example_without_a_day_points_at_the_file(packs):
    (packs / "xa" / "examples.yaml").write_text("- {name: a case, facts: {}, expect: {}}\n")
    with pytest.raises(PackFileError, match=r"examples\.yaml: .*on.*habeas law check"):
        load_examples("XA", packs)
