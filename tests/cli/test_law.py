"""Checking and showing the law packs."""

from __future__ import annotations

import re
import shutil

import pytest

from habeas.kernel.packfiles import PACKS
from habeas.law.core.packs import jurisdictions, load_pack


@pytest.fixture
def packs(tmp_path):
    """A copy of the shipped packs, to break."""
    return shutil.copytree(PACKS, tmp_path / "packs")


def change(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_the_shipped_packs_have_no_faults(habeas):
    said = habeas("law", "check")
    assert (said.code, said.out) == (0, f"{len(jurisdictions())} packs, no faults\n")


def test_faults_say_which_file_which_key_and_what_was_meant(habeas, packs):
    change(packs / "nl" / "provisions.yaml", "intent.fear", "intent.scare")
    change(packs / "nl" / "provisions.yaml", "  track: criminal", "  trak: criminal")
    change(packs / "de" / "provisions.yaml", "in_force_from: ", "in_force_from: soon # ")
    change(packs / "sg" / "jurisdiction.yaml", "name: ", "name: [")
    change(packs / "fr" / "jurisdiction.yaml", "EU", "EUX")
    said = habeas("law", "check", packs)
    assert said.code == 1
    for pointing in (
        'packs/nl/provisions.yaml: nl.sr.285d: unknown fact "intent.scare"; did you mean "intent.fear"?',
        'packs/nl/provisions.yaml: nl.sr.285d: unknown key "trak"; did you mean "track"?',
        "packs/nl/provisions.yaml: nl.sr.285d: track is missing",
        "packs/sg/jurisdiction.yaml: line ",
        "packs/fr/jurisdiction.yaml: ",
    ):
        assert pointing in said.out
    assert re.search(r"packs/de/provisions.yaml: de\.[\w.-]+: .*in_force_from", said.out)
    lines = said.out.splitlines()
    assert lines[-1] == f"{len(lines) - 1} fault(s) in {len(jurisdictions())} packs"
    assert "Traceback" not in said.out + said.err


def test_the_traps_of_yaml_are_found(habeas, packs):
    # Norway's code is a truth value in YAML 1.1; a comma in a flow list ends an item.
    change(packs / "no" / "jurisdiction.yaml", 'code: "NO"', "code: NO")
    change(packs / "nl" / "provisions.yaml", "[act.disclosed, act.solicited]", "[act.disclosed, act.solicited, ]")
    change(packs / "nl" / "provisions.yaml", "- data.identifying", "- data.identifying: null")
    said = habeas("law", "check", packs)
    assert said.code == 1
    assert "packs/nl/provisions.yaml: nl.sr.285d" in said.out
    assert "packs/no/jurisdiction.yaml" in said.out


def test_a_folder_that_is_none_is_refused(habeas, tmp_path):
    said = habeas("law", "check", tmp_path / "nowhere")
    assert said.code == 2
    assert "nowhere is not a folder of packs" in said.err


@pytest.mark.parametrize("code", ["NL", "nl"])
def test_one_jurisdiction_is_shown_with_all_its_provisions(habeas, code):
    said = habeas("law", "show", code)
    assert said.code == 0
    assert said.out.startswith("Netherlands (NL), takes over the law of EU, COE, UN\nRegulator: Autoriteit")
    for provision in load_pack("NL").provisions:
        assert f"\n{provision.id}\n" in said.out
        assert provision.citation in said.out


@pytest.mark.parametrize(
    ("code", "says"),
    [
        pytest.param("UK", "did you mean GB", id="a-common-name"),
        pytest.param("CZ", "holds no law of its own for CZ yet", id="a-place-without-a-pack"),
        pytest.param("Q1", "unknown jurisdiction 'Q1'", id="no-place"),
    ],
)
def test_what_is_not_held_is_refused(habeas, code, says):
    said = habeas("law", "show", code)
    assert (said.code, said.out) == (2, "")
    assert says in said.err


def test_the_list_names_every_pack_and_counts_its_provisions(habeas):
    lines = habeas("law", "list").out.splitlines()
    assert len(lines) == len(jurisdictions())
    total = sum(int(re.search(r"(\d+) provisions$", line)[1]) for line in lines)
    assert total == sum(len(load_pack(code).provisions) for code in jurisdictions())
