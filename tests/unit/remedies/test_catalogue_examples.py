"""Each remedy of the catalogue has its worked cases: ``remedies/catalogue/<id>/example.yaml``, planned by the real law.

A case says what is known, where it touches the world, what was posted, wished, agreed to and asked before; and what the
plan must say of this one remedy: planned (with phase, approvals, addressee, …) or left out, and why.
"""

from __future__ import annotations

from datetime import date

import pytest

from habeas.cases.core.facts import Known, Ties
from habeas.journey.examine import provisions_of, situation_of
from habeas.kernel.packfiles import read_yaml
from habeas.law.core.engine import assess
from habeas.law.core.packs import jurisdictions, load_vocabulary
from habeas.law.core.reach import involved
from habeas.law.core.reach import known_from as known_from_ties
from habeas.remedies.core.catalogue import CATALOGUE, catalogue
from habeas.remedies.core.model import PostingView
from habeas.remedies.core.plan import plan

TODAY = date(2026, 11, 23)
FOLDERS = sorted(path.parent for path in CATALOGUE.glob("*/remedy.yaml"))
CASE = {"name", "facts", "ties", "postings", "wishes", "danger", "consents", "standing", "expect"}
PLANNED = {
    "planned", "key", "to", "in", "approvals", "phase", "readiness", "needs", "consent", "clock", "grounds", "after",
    "follows_on", "warns",
}  # fmt: skip
LEFT_OUT = {"planned", "key", "why"}


def cases_of(folder):
    return read_yaml(folder / "example.yaml")


def posting(raw):
    return PostingView(
        url=raw["url"],
        service=raw.get("service", ""),
        jurisdictions=frozenset(raw.get("in", ())),
        state=raw.get("state", "live"),
        role=raw.get("role", "platform"),
    )


def planned_of(case):
    ties = Ties({tie: frozenset(places) for tie, places in case.get("ties", {}).items()})
    told = {key: Known(key, truth, "person", "example") for key, truth in case.get("facts", {}).items()}
    known = {**{each.key: each for each in known_from_ties(ties)}, **told}
    situation = situation_of(known, ties, posted_on=None, today=TODAY)
    provisions = provisions_of(involved(ties, jurisdictions()))
    findings = assess(provisions, situation, load_vocabulary(), jurisdictions(), None)
    return plan(
        findings,
        ties=ties,
        postings=[posting(raw) for raw in case.get("postings", ())],
        wishes=frozenset(case.get("wishes", ())) or None,
        danger=case.get("danger", False),
        today=TODAY,
        jurisdictions=jurisdictions(),
        consents=case.get("consents"),
        standing=case.get("standing"),
        facts={key: each.truth for key, each in known.items()},
    )


def every_case():
    for folder in FOLDERS:
        for case in cases_of(folder):
            yield pytest.param(folder.name, case, id=f"{folder.name}: {case['name']}")


@pytest.mark.parametrize(("remedy", "case"), list(every_case()))
def test_the_plan_says_of_the_remedy_what_its_example_says(remedy, case):
    made, expected = planned_of(case), case["expect"]
    measures = [m for m in made.measures if m.remedy == remedy and expected.get("key", m.key) == m.key]
    reasons = [omission.why for omission in made.omissions if omission.remedy == remedy]
    if not expected["planned"]:
        assert measures == []
        assert any(expected["why"] in reason for reason in reasons), reasons
        return
    assert len(measures) == 1, [measure.key for measure in measures] or reasons
    (measure,) = measures
    assert (measure.phase, measure.approvals) == (expected["phase"], expected["approvals"])
    assert expected.get("to", measure.addressee.kind) in {measure.addressee.name, measure.addressee.kind}
    found = {
        "in": measure.addressee.jurisdiction,
        "readiness": measure.readiness,
        "needs": list(measure.needs),
        "consent": measure.consent,
        "clock": measure.clock.source_provision or "ours",
        "after": list(measure.after),
        "follows_on": list(measure.follows_on),
    }
    assert {key: found[key] for key in expected if key in found} == {
        key: value for key, value in expected.items() if key in found
    }
    assert set(expected.get("grounds", ())) <= {ground.provision for ground in measure.grounds}
    assert any(expected.get("warns", "") in warning for warning in measure.warnings)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_remedy_has_a_case_in_which_it_is_planned(folder):
    cases = cases_of(folder)
    assert any(case["expect"]["planned"] for case in cases)
    for case in cases:
        assert set(case) <= CASE
        assert set(case["expect"]) <= (PLANNED if case["expect"]["planned"] else LEFT_OUT)
        assert set(case.get("facts", {})) <= set(load_vocabulary())


def test_half_of_all_remedies_show_when_they_are_left_out():
    left_out = [f.name for f in FOLDERS if any(not case["expect"]["planned"] for case in cases_of(f))]
    assert len(left_out) >= len(catalogue()) // 2


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_people_and_places_of_examples_are_invented(folder):
    for case in cases_of(folder):
        for raw in case.get("postings", ()):
            host = raw["url"].split("/")[2]
            assert host.endswith(("example.org", "example.com", "example.net", ".example")), host
