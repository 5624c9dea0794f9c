"""What every entry of the catalogue says beside what it serves: whom it tells what, what it needs, what comes next."""

from __future__ import annotations

import json

import pytest

from habeas.kernel.packfiles import PackFileError, read_yaml
from habeas.law.core.packs import jurisdictions, load_pack, load_vocabulary
from habeas.remedies.core.catalogue import CATALOGUE, catalogue

ENTRIES = list(catalogue().values())
VARIANTS = [
    (entry.id, provision, remedy) for entry in ENTRIES for line in entry.serves for provision, remedy in line.under
]


def reached():
    """Every remedy some plan can come to: by law, by an offer, by a role, or as the next rung of another."""
    found = {entry.id for entry in ENTRIES if entry.serves or entry.offered}
    for entry in ENTRIES:
        found.update(remedy for _, remedy in entry.instead_for)
        found.update(remedy for line in entry.serves for _, remedy in line.under)
        found.update(line.interim for line in entry.serves if line.interim)
        found.update(step for _, step in entry.follows if " " not in step)
    return found


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_what_leaves_the_house_says_who_learns_of_it(entry):
    assert bool(entry.reveals_to) == entry.leaves_the_house
    assert entry.reveals_to == () or "addressee" in entry.reveals_to


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_every_entry_answers_silence_refusal_and_half_an_answer(entry):
    assert [answer for answer, _ in entry.follows] == ["silence", "refusal", "partial"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_what_was_taken_down_is_looked_at_again_three_times(entry):
    assert entry.reverify_hours == ((24, 72, 168) if entry.phase == "remove" else ())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_speaks_of_facts_of_the_vocabulary_only(entry):
    assert {*entry.needs_facts, *entry.unless_facts, *entry.brings_about} <= set(load_vocabulary())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_what_tells_a_court_or_the_public_waits_for_the_person(entry):
    if {"court", "other_side", "public", "people_there", "authority"} & set(entry.reveals_to):
        assert entry.needs_consent or entry.id == "breach-notification"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_going_to_a_court_a_prosecutor_or_the_police_next_is_decided_by_a_person(entry):
    serious = {"court", "police", "prosecutor"}
    steps = [step for _, step in entry.follows if " " not in step]
    if entry.addressee in serious or any(catalogue()[step].addressee in serious for step in steps):
        assert entry.human_decides_escalation


def test_no_entry_is_out_of_reach_of_every_plan():
    assert reached() == set(catalogue())


@pytest.mark.parametrize(("general", "provision", "remedy"), VARIANTS)
def test_a_form_of_its_own_belongs_to_a_provision_that_exists_and_stays_in_its_phase(general, provision, remedy):
    known = {each.id for code in jurisdictions() for each in load_pack(code).provisions}
    assert provision in known
    assert catalogue()[remedy].phase == catalogue()[general].phase
    assert catalogue()[remedy].wishes == catalogue()[general].wishes


@pytest.mark.parametrize("remedy", ["hash-list-submission", "child-image-report"])
def test_a_picture_of_somebody_never_leaves_the_house(remedy):
    assert not {"sealed_captures", "redacted_copy"} & set(catalogue()[remedy].encloses)


def test_letters_for_safety_enclose_nothing_of_the_posting():
    for remedy in ("employer-letter", "school-letter", "bank-letter"):
        assert set(catalogue()[remedy].encloses) <= {"hash_of_capture"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"serves": [{"type": "damages", "from": "court", "under": {"xa.act.1": "no-such-remedy"}}]}, "no-such-remedy"),
        ({"serves": [{"type": "damages", "from": "court", "interim": "no-such-remedy"}]}, "no-such-remedy"),
        ({"takes_over": "no-such-remedy"}, "no-such-remedy"),
        ({"offered": {"roles": ["host"]}}, "'to' is missing"),
        ({"human_decides_escalation": None}, "remedy.schema.json"),
    ],
)
def test_a_faulty_line_is_refused(tmp_path, changes, fault):
    raw = {**read_yaml(CATALOGUE / "damages-claim" / "remedy.yaml"), "what_follows": {}, **changes}
    (tmp_path / "damages-claim").mkdir()
    (tmp_path / "damages-claim" / "remedy.yaml").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(PackFileError, match=fault):
        catalogue(tmp_path)
