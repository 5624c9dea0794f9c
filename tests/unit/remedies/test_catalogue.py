"""The catalogue answers every remedy the law names, once, and says what each measure reveals."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from habeas.kernel.packfiles import PackFileError, read_yaml
from habeas.law.core.packs import jurisdictions, load_pack
from habeas.remedies.core.catalogue import CATALOGUE, SCHEMA, UnservedRemedyError, catalogue, entry_for
from habeas.remedies.core.model import PHASES

FILES = sorted(CATALOGUE.glob("*/remedy.yaml"))


def remedies_of_all_packs():
    return sorted(
        {
            (remedy.type, remedy.from_, remedy.sought_by)
            for code in jurisdictions()
            for provision in load_pack(code).provisions
            for remedy in provision.remedies
        }
    )


def made(folder, name, **changes):
    raw = {**read_yaml(CATALOGUE / "damages-claim" / "remedy.yaml"), "id": name, "serves": [], **changes}
    (folder / name).mkdir()
    (folder / name / "remedy.yaml").write_text(json.dumps(raw), encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_entry_follows_the_schema(path):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    assert [error.message for error in Draft202012Validator(schema).iter_errors(read_yaml(path))] == []


def test_every_remedy_the_law_names_leads_to_exactly_one_entry():
    named = remedies_of_all_packs()
    assert len(named) > 40
    for type_, from_, sought_by in named:
        entry, line = entry_for(type_, from_, sought_by)
        serving = [
            (other.id, each.sought_by)
            for other in catalogue().values()
            for each in other.serves
            if (each.type, each.from_) == (type_, from_) and each.sought_by in (sought_by, None)
        ]
        narrowest = [found for found in serving if found[1] == sought_by] or serving
        assert narrowest == [(entry.id, line.sought_by)], (type_, from_, sought_by)


def test_the_catalogue_stands_in_the_order_of_phases():
    phases = [PHASES.index(entry.phase) for entry in catalogue().values()]
    assert phases == sorted(phases)
    assert set(phases) == set(range(len(PHASES)))


def test_within_a_phase_every_place_is_taken_once():
    places = [(entry.phase, entry.order) for entry in catalogue().values()]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("entry", catalogue().values(), ids=lambda entry: entry.id)
def test_what_takes_content_down_restricts_speech(entry):
    assert entry.restricts_speech == (entry.phase == "remove")


def test_only_our_own_capture_stays_in_the_house():
    assert [entry.id for entry in catalogue().values() if not entry.leaves_the_house] == ["seal-evidence"]


def test_a_step_after_silence_never_goes_back_to_the_same_remedy():
    for entry in catalogue().values():
        assert entry.id not in [step for _, step in entry.follows]


def test_an_unserved_remedy_is_refused_by_name():
    with pytest.raises(UnservedRemedyError, match="'training' from 'court'"):
        entry_for("training", "court", "victim")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"what_follows": {"silence": "damages-clam", "refusal": "Ask.", "partial": "Ask again."}}, "damages-clam"),
        ({"default_clock": {"hours": 24, "text": "in a day", "set_by": "law"}}, "remedy.schema.json"),
        ({"phase": "punish"}, "remedy.schema.json"),
        ({"id": "other-name"}, "differs from its folder"),
    ],
)
def test_a_faulty_entry_is_refused(tmp_path, changes, fault):
    name = "damages-claim"
    made(tmp_path, name, **changes)
    with pytest.raises(PackFileError, match=fault):
        catalogue(tmp_path)


def test_two_entries_for_one_remedy_are_refused(tmp_path):
    line = [{"type": "damages", "from": "court"}]
    made(tmp_path, "claim-one", serves=line, what_follows={})
    made(tmp_path, "claim-two", serves=line, what_follows={})
    with pytest.raises(PackFileError, match="claim-one and claim-two"):
        catalogue(tmp_path)
