"""The law as it ships: every pack reads, checks clean, and hangs together."""

from __future__ import annotations

import subprocess
import sys

import pytest

from habeas.law.core.check import check_packs
from habeas.law.core.model import Rule
from habeas.law.core.packs import jurisdictions, load_pack, load_vocabulary
from habeas.law.core.reach import lineage


def facts_of(rule: Rule | None) -> set[str]:
    if rule is None:
        return set()
    return {rule.fact} if rule.op == "fact" else set().union(*(facts_of(part) for part in rule.parts))


def test_the_packs_have_no_problems():
    assert [str(problem) for problem in check_packs()] == []


def test_nothing_was_lost():
    assert len(jurisdictions()) >= 78
    assert sum(len(load_pack(code).provisions) for code in jurisdictions()) >= 454


def test_the_merged_facts_are_gone_and_those_kept_are_there():
    vocabulary = load_vocabulary()
    gone = {
        "proc.order_breached",
        "mens.believed_consent",
        "act.false_statement",
        "service.complained_first",
        "subject.not_voluntarily_exposed",
    }
    kept = {
        "doer.prohibited_order",
        "exempt.consent_believed",
        "act.false_information",
        "service.request_expired",
        "exempt.commercial_exposure",
    }
    assert not gone & set(vocabulary)
    assert kept <= set(vocabulary)


def test_every_fact_of_a_rule_can_be_asked():
    vocabulary = load_vocabulary()
    for code in jurisdictions():
        for provision in load_pack(code).provisions:
            for key in facts_of(provision.elements) | facts_of(provision.exemptions):
                assert vocabulary[key].question.endswith("?"), f"{provision.id}: {key}"


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        pytest.param(["NL"], ("NL", "EU", "COE", "UN"), id="member-of-the-union"),
        pytest.param(["GB-SCT"], ("GB-SCT", "GB", "COE", "UN"), id="part-of-a-kingdom"),
        pytest.param(["US-CA", "US"], ("US-CA", "US", "UN"), id="state-and-federation"),
        pytest.param(["US-KS"], ("US-KS", "US", "UN"), id="state-without-a-pack"),
        pytest.param(["CZ"], ("CZ", "COE", "EU"), id="member-without-a-pack"),
        pytest.param(["NO"], ("NO", "COE", "UN"), id="norway-is-not-false"),
        pytest.param(["SG"], ("SG",), id="not-a-party-to-the-covenant"),
    ],
)
def test_whose_law_applies(codes, expected):
    assert lineage(codes, jurisdictions()) == expected


def test_what_is_implied_is_a_fact_of_its_own():
    vocabulary = load_vocabulary()
    assert "harm.distress" in vocabulary["harm.serious_distress"].implies
    assert not vocabulary["harm.death"].implies


def test_reading_the_law_of_one_case_is_quick():
    """Five packs, cold, in a process of their own. 250 ms is the promise; about 40 ms were measured."""
    script = (
        "import time\n"
        "from habeas.law.core import packs\n"
        "start = time.perf_counter()\n"
        "packs.jurisdictions()\n"
        "for code in ('EU', 'COE', 'NL', 'IE', 'US'): packs.load_pack(code)\n"
        "print(time.perf_counter() - start)\n"
    )
    seconds = min(
        float(subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True).stdout)
        for _ in range(3)
    )
    assert seconds < 0.25
