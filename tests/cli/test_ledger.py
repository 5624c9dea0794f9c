"""``habeas ledger``: checked, signed, witnessed, proved, and a proof checked where there is no database at all."""

from __future__ import annotations

import re

import pytest
from django.db import transaction

from factories import houses
from factories.reports import NOON
from habeas.cli import ledger as command
from habeas.ledger import actions, queries, signing
from habeas.ledger.models import Checkpoint, Cosignature, Entry, Tile, WatchedLog, Witness

pytestmark = pytest.mark.django_db

NAME = "helpline.example.org/ledger"


def log(count: int) -> None:
    with transaction.atomic():
        actions.append_many([actions.Done("case.read", 7, NOON, "", {"number": number}) for number in range(count)])


@pytest.fixture
def ledger(habeas, settings, tmp_path):
    """``habeas ledger …`` of a house without keys."""
    settings.HABEAS_LEDGER_KEY = tmp_path / "keys" / "ledger.key"
    settings.HABEAS_LEDGER_QUORUM = None
    return lambda *words: habeas("ledger", *words)


@pytest.fixture
def keyed(ledger):
    assert ledger("new-key", NAME).code == 0
    return ledger


@pytest.fixture(scope="module")
def regulator(tmp_path_factory):
    house = houses.ready(houses.begin("regulator.example.org", tmp_path_factory.mktemp("house")))
    yield house
    house.stop()


# -- fsck ----------------------------------------------------------------------------------------------------------


def test_a_log_that_holds_is_said_to(keyed):
    log(300)
    keyed("checkpoint")
    said = keyed("fsck")
    size, root = queries.head()
    assert (said.code, said.out) == (0, f"{size} entries, root {root.hex()}, 1 checkpoint(s), all hold\n")


def test_each_fault_is_named(keyed):
    log(300)
    keyed("checkpoint")
    Entry.objects.filter(index=7).update(body=b"{}")
    Tile.objects.filter(level=0, index=0).update(hashes=bytes(8192))
    Checkpoint.objects.update(note=Checkpoint.objects.get().note.replace("helpline", "hotline", 1))
    said = keyed("fsck")
    assert said.code == 1
    assert "entry 7 was changed after it was written" in said.out
    assert "tile 0/000 was changed" in said.out
    assert "checkpoint at 300 was changed after it was signed: the ed25519 signature of helpline" in said.out
    assert re.search(r"\d fault\(s\)$", said.out)


def test_a_long_log_says_how_far_it_is(keyed, monkeypatch):
    log(5)
    monkeypatch.setattr(command, "PROGRESS_SECONDS", 0.0)

    def faults(progress):
        progress(3)
        yield from ()

    monkeypatch.setattr(queries, "faults", faults)
    said = keyed("fsck")
    assert (said.code, said.err) == (0, f"3 of {queries.head()[0]} entries checked\n")


# -- keys ----------------------------------------------------------------------------------------------------------


def test_keys_are_made_once_and_shown_without_their_secrets(ledger):
    missing = ledger("keys")
    assert (missing.code, "make it once with `habeas ledger new-key NAME`" in missing.err) == (2, True)
    made = ledger("new-key", NAME)
    assert made.code == 0
    assert f"The log is called {NAME}, and as a witness you sign as helpline.example.org/witness." in made.out
    again = ledger("new-key", "other.example.org/ledger")
    assert (again.code, "is never made anew" in again.err) == (2, True)
    shown = ledger("keys").out
    kept = signing.keys()
    assert [line.partition("+")[0] for line in shown.splitlines() if not line.startswith("#")] == [
        one.name for one in (*kept.log, *kept.witness)
    ]
    assert not any(one.seed.hex() in shown + made.out for one in (*kept.log, *kept.witness))


def test_the_witness_may_have_a_name_of_its_own(ledger):
    assert ledger("new-key", NAME, "--witness", "helpline.example.org/w1").code == 0
    assert {one.name for one in signing.keys().witness} == {"helpline.example.org/w1"}


@pytest.mark.parametrize("name", ["two words", "a+b", ""])
def test_a_name_that_cannot_be_one_makes_no_key(ledger, name):
    said = ledger("new-key", name)
    assert (said.code, "neither spaces nor plus signs" in said.err) == (2, True)
    assert not signing.key_file().exists()


# -- witnesses and proofs ------------------------------------------------------------------------------------------


def test_from_the_first_key_to_a_proof_that_the_defence_checks(keyed, habeas_alone, regulator, tmp_path):
    ours, theirs = tmp_path / "ours.txt", tmp_path / "theirs.txt"
    ours.write_text(keyed("keys").out)
    theirs.write_text(regulator.keys)
    regulator.watch(NAME, ours.read_text())
    added = keyed("witness", "add", regulator.name, regulator.address, theirs)
    assert (added.code, f"will be asked at {regulator.address}" in added.out) == (0, True)
    assert set(regulator.keys.splitlines()[2:]) <= set(added.out.splitlines())
    log(40)
    signed = keyed("checkpoint")
    assert signed.code == 0
    assert signed.out.splitlines()[1:] == ["regulator.example.org: cosigned", "the quorum needs 1 of 1, and 1 cosigned"]
    assert "cosigned 41 entries last" in keyed("witness", "list").out

    policy, entry, proof = (tmp_path / name for name in ("policy.txt", "17.json", "17.tlog-proof"))
    policy.write_text(keyed("policy").out)
    entry.write_bytes(queries.entry_bytes(17))
    assert keyed("proof", 17, "--out", proof).code == 0
    assert proof.read_text() == keyed("proof", 17).out
    taken = keyed("proof", 17, "--out", proof)
    assert (taken.code, "is there already" in taken.err) == (2, True)

    # Somewhere else: another folder, no key, no database, no settings.
    elsewhere = {
        "var": tmp_path / "nothing",
        "DJANGO_SETTINGS_MODULE": "no.such.settings",
        "HABEAS_DATABASE": "sqlite:///no",
    }
    said = habeas_alone("ledger", "check", proof, "--policy", policy, "--entry", entry, **elsewhere)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(
        "proved: the entry stands at 17 in the log\n  signed by the log helpline.example.org/ledger"
    )
    assert "cosigned by regulator.example.org/ml-dsa-44 on 20" in said.out

    entry.write_bytes(queries.entry_bytes(18))
    said = keyed("check", proof, "--policy", policy, "--entry", entry)
    assert (said.code, said.out.startswith("not proved: the entry is not what stands at 17 in this log")) == (1, True)


def test_a_checkpoint_with_too_few_cosignatures_says_so(keyed, regulator, tmp_path):
    keys = tmp_path / "theirs.txt"
    keys.write_text(regulator.keys)
    assert keyed("witness", "add", regulator.name, "http://127.0.0.1:9/witness", keys).code == 0
    log(3)
    said = keyed("checkpoint")
    assert said.code == 1
    assert said.out.splitlines()[1:] == [
        "regulator.example.org: it could not be asked (ConnectionRefusedError)",
        "the quorum needs 1 of 1, but 0 cosigned; missing: regulator.example.org",
    ]
    assert "UTC: it could not be asked" in keyed("witness", "list").out
    assert keyed("witness", "retire", regulator.name).code == 0
    assert "retired on" in keyed("witness", "list").out
    assert Witness.objects.get().retired_at is not None
    assert keyed("checkpoint").code == 0, "nobody is left who could cosign"
    assert not Cosignature.objects.exists()


def test_a_log_of_others_is_watched(keyed, regulator, tmp_path):
    keys = tmp_path / "theirs.txt"
    keys.write_text(f"# from the regulator\n{regulator.keys}")
    origin = f"{regulator.name}/ledger"
    said = keyed("watch", "add", origin, keys)
    assert (said.code, f"{origin} is watched from now on" in said.out) == (0, True)
    assert "nothing seen yet" in keyed("watch", "list").out
    WatchedLog.objects.update(size=5, seen_at=NOON, refused=2)
    assert keyed("watch", "list").out == (
        f"{origin}  5 entries on 2026-03-06 at 12:00 UTC; 2 checkpoint(s) did not follow and were refused\n"
    )
    assert keyed("watch", "add", origin, keys).code == 2
    assert keyed("watch", "add", "other.example.org/ledger", keys).code == 2


# -- refusals ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["proof", "0"], "no checkpoint was signed yet"),
        (["watch", "add", NAME, "/nowhere/keys.txt"], "cannot be read"),
        (["watch", "add", NAME, "/dev/null"], "no ordinary file"),
        (["witness", "add", "a", "https://a.example.org", "/nowhere/keys.txt"], "cannot be read"),
        (["witness", "retire", "a"], "no witness 'a'"),
        (["check", "/nowhere", "--policy", "/nowhere", "--entry", "/nowhere"], "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(keyed, words, said):
    answer = keyed(*words)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_files_that_are_something_else_are_named(keyed, tmp_path):
    other = tmp_path / "other"
    other.write_bytes(b"\xff\x00 something else")
    assert "is no .tlog-proof" in keyed("check", other, "--policy", other, "--entry", other).err
    assert "is not a text file" in keyed("watch", "add", NAME, other).err
    log(1)
    keyed("checkpoint")
    proof = tmp_path / "proof"
    proof.write_text(keyed("proof", 0).out)
    assert "is no policy" in keyed("check", proof, "--policy", other, "--entry", other).err


def test_a_log_that_contradicts_what_was_signed_is_not_signed_again(keyed):
    log(5)
    keyed("checkpoint")
    Checkpoint.objects.update(root=b"r" * 32)
    log(1)
    said = keyed("checkpoint")
    assert (said.code, "does not follow from checkpoint at" in said.err) == (2, True)
    assert Checkpoint.objects.count() == 1
