"""Writing, trying, comparing, reviewing and signing packs from the command line."""

from __future__ import annotations

import json
import shutil

import pytest

from habeas.kernel.packfiles import PACKS
from habeas.law.core.packs import jurisdictions

RULE = "xa.example.1"


@pytest.fixture
def packs(habeas, tmp_path):
    """A folder with one new pack in it."""
    folder = tmp_path / "packs"
    assert habeas("law", "new", "XA", "--name", "Examplia", "--folder", folder).code == 0
    return folder


def change(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


# ---- new ----


def test_a_new_pack_has_no_faults_and_its_examples_hold(habeas, packs):
    assert habeas("law", "check", packs).out == "1 packs, no faults\n"
    assert habeas("law", "check", packs, "--notes").out.splitlines() == [
        "packs/xa/reviews.yaml: 1 of 1 provisions are not reviewed",
        "1 packs, no faults",
    ]
    tried = habeas("law", "test", "--folder", packs)
    assert (tried.code, tried.out) == (0, "4 worked examples in 1 pack, all as expected\n")


def test_nothing_is_overwritten(habeas, packs):
    before = (packs / "xa" / "provisions.yaml").read_text()
    said = habeas("law", "new", "XA", "--name", "Another", "--folder", packs)
    assert said.code == 2
    assert "is there already" in said.err
    assert (packs / "xa" / "provisions.yaml").read_text() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["UK"], "did you mean GB (", id="a-common-name"),
        pytest.param(["../xa"], "not the code of a place", id="a-path"),
        pytest.param(["XB", "--within", "EU"], "there is no pack of EU in", id="a-parent-that-is-not-there"),
    ],
)
def test_what_cannot_be_begun_is_refused(habeas, packs, words, says):
    said = habeas("law", "new", *words, "--folder", packs)
    assert said.code == 2
    assert says in said.err


def test_a_new_pack_beside_those_it_takes_over_from(habeas, tmp_path):
    folder = shutil.copytree(PACKS, tmp_path / "packs")
    said = habeas("law", "new", "CZ", "--folder", folder)
    assert "CZ no longer stands under binds of EU" in said.out
    assert (said.code, habeas("law", "check", folder).out) == (0, f"{len(jurisdictions()) + 1} packs, no faults\n")
    assert habeas("law", "test", "CZ", "--folder", folder).code == 0
    assert habeas("law", "show", "CZ", "--folder", folder).out.startswith(
        "Czech Republic (CZ), takes over the law of COE, EU\n"
    )


# ---- test ----


def test_a_mismatch_is_said_with_its_trace(habeas, packs):
    change(packs / "xa" / "provisions.yaml", "      - act.disclosed\n", "      - act.public\n")
    said = habeas("law", "test", "XA", "--folder", packs)
    assert said.code == 1
    assert "xa.example.1: expected met, got possible; these are not said: act.public" in said.out
    assert "? act.public [unknown]  disclosed to the public" in said.out
    assert said.out.endswith("4 worked examples in 1 pack, 2 mismatch(es)\n")


def test_what_no_example_tries_is_named(habeas, packs):
    (packs / "xa" / "examples.yaml").unlink()
    said = habeas("law", "test", "XA", "--folder", packs)
    assert said.code == 0
    assert f"No example in which they are met: {RULE}\n" in said.out


def test_a_pack_that_is_not_there_cannot_be_tried(habeas, packs):
    assert "there is no pack of XB" in habeas("law", "test", "XB", "--folder", packs).err


# ---- show ----


def test_a_provision_is_shown_in_full_and_plain(habeas, packs):
    said = habeas("law", "show", "XA", "--provision", RULE, "--folder", packs)
    for part in (
        "└─ at least one of these",
        "├─ intent.fear",
        "meant to place a person in fear",
        "within 48 hours on order",
        "imprisonment up to 24 months, fine up to EUR 10,000",
        "more where subject.minor: imprisonment up to 36 months",
        "within 3 years of the act",
        "not reviewed",
    ):
        assert part in said.out
    assert "\x1b" not in said.out


def test_the_same_as_json(habeas, packs):
    (shown,) = json.loads(habeas("law", "show", "XA", "--folder", packs, "--json").out)["provisions"]
    assert shown["elements"]["all"][0] == "act.disclosed"
    assert shown["remedies"][0]["within"] == "48 hours"
    assert shown["review"] == {"status": "unreviewed", "by": None, "on": None}


@pytest.mark.parametrize("code", ["EU", "US-CA", "COE"])
def test_every_shipped_provision_can_be_shown(habeas, code):
    assert habeas("law", "show", code).code == 0
    assert json.loads(habeas("law", "show", code, "--json").out)["jurisdiction"]["code"] == code


def test_a_provision_that_is_none_is_refused_with_a_near_one(habeas):
    assert "did you mean nl.sr.285d" in habeas("law", "show", "NL", "--provision", "nl.sr.285").err


# ---- diff ----


def test_two_folders_differ_by_provision_and_element(habeas, packs, tmp_path):
    old = shutil.copytree(packs, tmp_path / "old")
    assert habeas("law", "diff", old, packs).out == "the same law\n"
    change(packs / "xa" / "provisions.yaml", "any: [intent.fear, intent.harass]", "any: [intent.fear]")
    change(packs / "xa" / "provisions.yaml", "within: 48 hours", "within: 1 month")
    said = habeas("law", "diff", old, packs)
    assert said.code == 1
    assert said.out.splitlines() == [
        f"~ provision {RULE}",
        "    elements: in “intent.fear or intent.harass”: no longer enough: intent.harass",
        "    remedies[removal victim court].within: was 48 hours, is now 1 month",
    ]
    assert list(json.loads(habeas("law", "diff", old / "xa", packs / "xa", "--json").out)) == ["provisions"]


def test_a_proposal_is_a_file_of_what_it_amends(habeas, tmp_path):
    text = (PACKS / "nl" / "provisions.yaml").read_text()
    proposal = tmp_path / "proposal.yaml"
    proposal.write_text("- " + text.split("\n- ")[0].removeprefix("- ").replace("months: 24", "months: 36", 1))
    said = habeas("law", "diff", PACKS, proposal)
    assert said.out.splitlines() == [
        "~ provision nl.sr.285d",
        "    penalty.imprisonment_max_months: was 24, is now 36",
    ]


def test_what_is_not_there_cannot_be_compared(habeas, packs):
    assert "does not exist" in habeas("law", "diff", packs, packs / "nowhere").err


# ---- review ----


def test_a_review_is_kept_until_the_provision_changes(habeas, packs):
    said = habeas("law", "review", "XA", RULE, "--by", "Bar of Examplia", "--on", "2026-01-31", "--folder", packs)
    assert (said.code, said.out) == (0, f"{RULE}: reviewed by Bar of Examplia on 2026-01-31\n")
    assert habeas("law", "check", packs, "--notes").out == "1 packs, no faults\n"
    # What was read is kept for the life of a process, and this one goes on: a folder of its own is read afresh.
    later = shutil.copytree(packs, packs.parent / "later" / "packs")
    change(later / "xa" / "provisions.yaml", "imprisonment_max_months: 24", "imprisonment_max_months: 36")
    noted = habeas("law", "check", later, "--notes").out
    assert f"{RULE}: changed since it was reviewed by Bar of Examplia on 2026-01-31" in noted
    assert "changed since it was reviewed" in " ".join(habeas("law", "show", "XA", "--folder", later).out.split())


def test_no_review_is_lost_to_the_next(habeas, packs):
    for body in ("Bar of Examplia", "Ministry of Examplia"):
        habeas("law", "review", "XA", RULE, "--by", body, "--folder", packs)
    text = (packs / "xa" / "reviews.yaml").read_text()
    assert text.index("Bar of Examplia") < text.index("Ministry of Examplia")


def test_a_review_of_nothing_is_refused(habeas, packs):
    assert "has no provision" in habeas("law", "review", "XA", "xa.example", "--by", "Bar", "--folder", packs).err
    assert "--by is empty" in habeas("law", "review", "XA", RULE, "--by", " ", "--folder", packs).err


def test_only_what_was_reviewed_grounds_a_measure(habeas, tmp_path):
    post = tmp_path / "post.txt"
    post.write_text("Her name is Ada Example and she lives at 12 Example Street, Springfield. Make her afraid.")
    words = ("assess", post, "--target-lives-in", "NL", "--fact", "intent.fear=true", "--json")
    grounded = json.loads(habeas(*words).out)["plan"]
    careful = json.loads(habeas(*words, "--only-reviewed").out)["plan"]
    assert [measure for measure in grounded["measures"] if measure["grounds"]]
    assert [measure for measure in careful["measures"] if measure["grounds"]] == []
    (omitted,) = [each for each in careful["omissions"] if each["why"] == "not reviewed: grounds nothing"]
    assert "nl.sr.285d" in omitted["provisions"]


# ---- sign ----


@pytest.fixture
def key(habeas, tmp_path):
    file = tmp_path / "law.key"
    assert habeas("law", "new-key", file).code == 0
    return file


def test_signed_packs_are_verified_and_changed_ones_are_not(habeas, packs, key):
    public = key.with_name("law.key.pub")
    assert habeas("law", "sign", "--folder", packs, "--key", key).out.startswith("version 1: 3 files")
    assert habeas("law", "verify", "--folder", packs, "--key", public).code == 0
    change(packs / "xa" / "provisions.yaml", "within: 48 hours", "within: 480 hours")
    said = habeas("law", "verify", "--folder", packs, "--key", public)
    assert said.code == 1
    assert "changed since: xa/provisions.yaml" in said.out
    assert habeas("law", "sign", "--folder", packs, "--key", key).out.startswith("version 2: ")
    assert habeas("law", "verify", "--folder", packs, "--key", public).code == 0


def test_the_private_key_is_for_its_owner_only_and_never_overwritten(habeas, key):
    assert key.stat().st_mode & 0o077 == 0
    before = key.read_bytes()
    assert "never overwritten" in habeas("law", "new-key", key).err
    assert key.read_bytes() == before


def test_law_with_faults_is_not_signed(habeas, packs, key):
    change(packs / "xa" / "provisions.yaml", "intent.fear", "intent.scare")
    said = habeas("law", "sign", "--folder", packs, "--key", key)
    assert said.code == 2
    assert "law with faults is not signed" in said.err
    assert not (packs / "manifest.json").exists()


def test_without_a_key_verify_says_that_nothing_is(habeas, monkeypatch):
    monkeypatch.delenv("HABEAS_LAW_KEY", raising=False)
    said = habeas("law", "verify")
    assert (said.code, "nothing is verified" in said.out) == (0, True)


@pytest.mark.parametrize("words", [("law", "show", "NL"), ("law", "list"), ("law", "compare"), ("ledger", "fsck")])
def test_with_a_key_nothing_reads_law_that_nobody_signed(habeas_alone, key, tmp_path, words):
    public = str(key.with_name("law.key.pub"))
    said = habeas_alone(*words, var=tmp_path / "var", HABEAS_LAW_KEY=public)
    assert (said.code, said.out) == (2, "")
    assert "sign it with `habeas law sign`" in said.err
    assert "Traceback" not in said.err


def test_with_a_key_that_is_not_there_nothing_starts(habeas_alone, tmp_path):
    said = habeas_alone("assess", "-", feed=b"a post", var=tmp_path, HABEAS_LAW_KEY=str(tmp_path / "gone.pub"))
    assert said.code == 2
    assert "cannot be read" in said.err


# ---- schema ----


def test_the_schemas_are_printed_as_published(habeas):
    names = habeas("law", "schema").out.split()
    assert {"provisions", "jurisdiction", "examples", "facts", "reviews", "manifest"} <= set(names)
    for name in names:
        assert json.loads(habeas("law", "schema", name).out)["$schema"].startswith("https://json-schema.org/")
    assert "there are: " in habeas("law", "schema", "nothing").err
