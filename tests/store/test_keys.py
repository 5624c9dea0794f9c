"""Rotating the house key: everything opens before, during and after; what is given up is gone."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from factories.reports import NOON, a_case
from habeas.access import keys
from habeas.access.core import envelope
from habeas.access.models import CaseKey
from habeas.cases import queries as cases
from habeas.cli import keys as command
from habeas.cli.main import Refused
from habeas.ledger.models import Entry

LINES = f"0 {'11' * 32}\n1 {'5a' * 32}\n"


@pytest.fixture
def key_file(tmp_path, settings) -> Path:
    """A house key file of this test's own."""
    file = tmp_path / "keys" / "house.key"
    file.parent.mkdir()
    file.write_text(LINES)
    settings.HABEAS_KEY_FILE = file
    return file


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(keys, "BATCH", 3)


def case_keys(count: int) -> list[tuple[CaseKey, bytes]]:
    """Case keys, each with something sealed under it."""
    made = [keys.new_case_key(at=NOON) for _ in range(count)]
    return [(key, keys.seal(key, f"secret {key.pk}", "report/1")) for key in made]


def all_open(sealed: list[tuple[CaseKey, bytes]]) -> bool:
    return all(
        keys.unseal(CaseKey.objects.get(pk=key.pk), content, "report/1") == f"secret {key.pk}".encode()
        for key, content in sealed
    )


def told(kind: str) -> list[dict[str, object]]:
    return [json.loads(bytes(entry.body)) for entry in Entry.objects.filter(kind=kind)]


def versions_in(file: Path) -> list[int]:
    return [int(line.split()[0]) for line in file.read_text().splitlines()]


def run(*words: str) -> int:
    import argparse

    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(list(words)))


@pytest.mark.django_db
def test_a_rotation_puts_every_case_key_under_a_new_version_and_everything_opens(key_file, small_batches):
    sealed = case_keys(8)
    before = {key.pk: bytes(key.wrapped) for key, _ in sealed}
    assert keys.rotate(NOON) == keys.Rotation(version=2, added=True, rewrapped=8, damaged=())
    assert versions_in(key_file) == [0, 1, 2]
    for key in CaseKey.objects.all():
        assert key.house_key_version == 2
        assert bytes(key.wrapped) != before[key.pk]
    assert all_open(sealed)
    assert keys.new_case_key(at=NOON).house_key_version == 2
    assert [(entry["version"], entry["rewrapped"], entry["remaining"]) for entry in told("keys.rotated")] == [
        (2, 3, 5),
        (2, 3, 2),
        (2, 2, 0),
    ]


@pytest.mark.django_db
def test_receipts_and_links_are_found_again_after_a_rotation(key_file):
    case = a_case(submission="before", text="she lives here")
    receipt, link = keys.receipt_of("before"), keys.lookup_digest("link", "https://board.example.net/t/1")
    registry = keys.registry_key()
    keys.rotate(NOON)
    keys.forget(1, NOON)
    assert cases.case_by_receipt(receipt) == case
    assert keys.lookup_digest("link", "https://board.example.net/t/1") == link
    assert keys.registry_key() == registry
    assert cases.report_of(cases.case_by_id(case.pk))["text"] == "she lives here"


@pytest.mark.django_db
def test_a_house_without_a_case_yet_gets_its_new_version_and_the_ledger_says_so(key_file):
    assert keys.rotate(NOON).version == 2
    assert [(entry["version"], entry["rewrapped"]) for entry in told("keys.rotated")] == [(2, 0)]


@pytest.mark.django_db
def test_a_rewrapped_key_opens_in_its_own_row_only(key_file):
    (one, _), (other, content) = case_keys(2)
    keys.rotate(NOON)
    CaseKey.objects.filter(pk=other.pk).update(wrapped=CaseKey.objects.get(pk=one.pk).wrapped)
    with pytest.raises(envelope.CannotOpen, match=f"case-key/{other.pk}"):
        keys.unseal(CaseKey.objects.get(pk=other.pk), content, "report/1")


@pytest.mark.django_db
def test_a_destroyed_key_stays_destroyed(key_file):
    (gone, content), _ = case_keys(2)
    CaseKey.objects.filter(pk=gone.pk).update(wrapped=None, destroyed_at=NOON)
    assert keys.rotate(NOON).rewrapped == 1
    gone.refresh_from_db()
    assert (gone.wrapped, gone.house_key_version) == (None, 1)
    with pytest.raises(keys.KeyDestroyed):
        keys.unseal(gone, content, "report/1")


@pytest.mark.django_db(transaction=True)
def test_a_rotation_that_stops_half_way_loses_nothing_and_is_finished_by_the_next(key_file, small_batches, monkeypatch):
    sealed = case_keys(8)
    append, calls = keys.ledger.append, []

    def fail_at_second(*words: object, **ids: object) -> int:
        calls.append(words)
        if len(calls) == 2:
            raise ZeroDivisionError
        return append(*words, **ids)

    monkeypatch.setattr(keys.ledger, "append", fail_at_second)
    with pytest.raises(ZeroDivisionError):
        keys.rotate(NOON)
    assert CaseKey.objects.filter(house_key_version=2).count() == 3, "the batch that failed is undone whole"
    assert all_open(sealed)
    assert keys.rotate(NOON) == keys.Rotation(version=2, added=False, rewrapped=5, damaged=())
    assert versions_in(key_file) == [0, 1, 2]
    assert all_open(sealed)
    assert keys.rotate(NOON).added


KILLED = """\
import sys
import django
django.setup()
from datetime import UTC, datetime
from habeas.access import keys
keys.BATCH = 2
print("go", flush=True)
while True:
    keys.rotate(datetime(2026, 3, 6, tzinfo=UTC))
"""


@pytest.mark.django_db(transaction=True)
def test_a_rotation_killed_at_any_instant_leaves_everything_open(key_file, same_database):
    sealed = case_keys(12)
    environment = {**same_database, "HABEAS_KEY_FILE": str(key_file)}
    for number in range(6):
        child = subprocess.Popen([sys.executable, "-c", KILLED], env=environment, stdout=subprocess.PIPE)
        assert child.stdout is not None
        assert child.stdout.readline() == b"go\n"
        time.sleep(0.011 * number + 0.003)
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        assert all_open(sealed)
        assert keys.status().missing == ()
    assert keys.rotate(NOON).damaged == ()
    newest = keys.status().newest
    assert set(CaseKey.objects.values_list("house_key_version", flat=True)) == {newest}
    assert [file.name for file in key_file.parent.iterdir()] == ["house.key"], "no copy of the keys is left about"
    assert len(versions_in(key_file)) == len(set(versions_in(key_file))) == newest + 1
    rewrapped = sum(int(str(entry["rewrapped"])) for entry in told("keys.rotated"))
    assert rewrapped >= 12, "every batch that counts is in the ledger"


@pytest.mark.django_db
def test_a_case_key_that_does_not_open_is_named_and_does_not_hold_up_the_others(key_file, small_batches):
    sealed = case_keys(7)
    damaged = sealed[1][0]
    CaseKey.objects.filter(pk=damaged.pk).update(wrapped=bytes(61))
    rotation = keys.rotate(NOON)
    assert (rotation.rewrapped, rotation.damaged) == (6, (damaged.pk,))
    assert all_open([pair for pair in sealed if pair[0].pk != damaged.pk])
    with pytest.raises(keys.StillNeeded, match=r"version 1 still wraps 1 case key"):
        keys.forget(1, NOON)


@pytest.mark.django_db
def test_a_lost_version_is_named_with_what_hangs_on_it_and_nothing_changes(key_file):
    case_keys(3)
    key_file.write_text(f"0 {'11' * 32}\n4 {'7c' * 32}\n")
    with pytest.raises(keys.NoHouseKey, match=r"no key of version 1, which 3 case key\(s\) need; add its line again"):
        keys.rotate(NOON)
    assert versions_in(key_file) == [0, 4]
    assert keys.status().missing == (1,)
    assert told("keys.rotated") == []


@pytest.mark.django_db
def test_a_server_that_runs_sees_the_new_version_at_once(key_file):
    ((key, content),) = case_keys(1)
    assert keys.versions() == {1}
    key_file.write_text(LINES + f"2 {'7c' * 32}\n")
    assert keys.versions() == {1, 2}
    assert keys.new_case_key(at=NOON).house_key_version == 2
    assert keys.unseal(key, content, "report/1")


@pytest.mark.django_db
def test_the_file_keeps_its_owner_its_mode_and_the_link_that_leads_to_it(key_file, settings, tmp_path):
    key_file.chmod(0o640)
    link = tmp_path / "link.key"
    link.symlink_to(key_file)
    settings.HABEAS_KEY_FILE = link
    keys.rotate(NOON)
    assert link.is_symlink()
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o640
    assert versions_in(key_file) == [0, 1, 2]
    assert [file.name for file in key_file.parent.iterdir()] == ["house.key"], "no copy of the keys is left about"


@pytest.mark.django_db
def test_a_file_that_cannot_be_written_changes_nothing(key_file, monkeypatch):
    sealed = case_keys(2)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keys.os, "replace", full)
    with pytest.raises(keys.CannotRotate, match=r"cannot be written \(No space left on device\); nothing was changed"):
        keys.rotate(NOON)
    monkeypatch.undo()
    assert key_file.read_text() == LINES
    assert [file.name for file in key_file.parent.iterdir()] == ["house.key"]
    assert all_open(sealed)


@pytest.mark.django_db
def test_the_new_version_is_on_disk_before_anything_is_wrapped_by_it(key_file, monkeypatch):
    case_keys(1)
    seen = []
    wrap = envelope.seal

    def watched(key: bytes, content: bytes, context: str) -> bytes:
        seen.append(key.hex() in key_file.read_text())
        return wrap(key, content, context)

    monkeypatch.setattr(keys.envelope, "seal", watched)
    keys.rotate(NOON)
    assert seen == [True]


@pytest.mark.django_db
def test_a_version_nothing_needs_can_be_given_up_and_then_old_copies_open_nowhere(key_file):
    ((key, content),) = case_keys(1)
    of_a_backup = CaseKey(pk=key.pk, wrapped=key.wrapped, house_key_version=1, created_at=NOON)
    keys.rotate(NOON)
    keys.forget(1, NOON)
    assert keys.versions() == {2}
    assert "5a" * 32 not in key_file.read_text()
    assert all_open([(key, content)])
    with pytest.raises(keys.NoHouseKey, match="no key of version 1"):
        keys.unseal(of_a_backup, content, "report/1")
    assert [entry["version"] for entry in told("keys.forgotten")] == [1]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "version", "sentence"),
    [
        pytest.param(LINES, 1, "version 1 wraps the keys of new cases", id="the-newest"),
        pytest.param(LINES, 0, "version 0 is the lowest: receipts", id="what-finds-receipts"),
        pytest.param(f"1 {'5a' * 32}\n2 {'7c' * 32}\n", 1, "version 1 is the lowest", id="in-an-old-house"),
        pytest.param(LINES + f"2 {'7c' * 32}\n", 1, r"still wraps 1 case key", id="still-needed"),
    ],
)
def test_a_version_something_hangs_on_is_not_given_up(key_file, text, version, sentence):
    case_keys(1)
    key_file.write_text(text)
    with pytest.raises(keys.StillNeeded, match=sentence):
        keys.forget(version, NOON)
    assert key_file.read_text() == text
    assert told("keys.forgotten") == []


@pytest.mark.django_db
def test_a_version_that_is_not_there_cannot_be_given_up(key_file):
    with pytest.raises(keys.NoHouseKey, match="no key of version 9 to forget"):
        keys.forget(9, NOON)


def test_a_new_house_has_one_key_to_find_by_and_another_to_wrap_with(tmp_path, settings):
    settings.HABEAS_KEY_FILE = tmp_path / "house.key"
    keys.make_house_key(settings.HABEAS_KEY_FILE)
    assert versions_in(settings.HABEAS_KEY_FILE) == [0, 1]
    assert len(set(settings.HABEAS_KEY_FILE.read_text().split())) == 4
    assert keys.versions() == {1}


@pytest.mark.django_db
def test_a_file_with_nothing_that_wraps_is_refused(key_file):
    key_file.write_text(f"0 {'11' * 32}\n")
    with pytest.raises(keys.NoHouseKey, match="version 0 never wraps"):
        keys.new_case_key(at=NOON)


@pytest.mark.parametrize("text", [f"1 {'5a' * 32}\n1 {'7c' * 32}\n", f"-1 {'5a' * 32}\n"])
def test_two_keys_of_one_version_are_refused(key_file, text):
    key_file.write_text(text)
    with pytest.raises(keys.NoHouseKey, match="a version of its own"):
        keys.versions()


@pytest.mark.django_db
def test_keys_of_the_environment_stand_in_for_the_file(tmp_path, settings, monkeypatch):
    settings.HABEAS_KEY_FILE = tmp_path / "house.key"
    monkeypatch.setenv("HABEAS_HOUSE_KEYS", f"1 {'5a' * 32}")
    keys.make_house_key(settings.HABEAS_KEY_FILE)
    assert not settings.HABEAS_KEY_FILE.exists(), "a second key that nothing is sealed under would only mislead"
    sealed = case_keys(2)
    assert all_open(sealed)
    with pytest.raises(keys.CannotRotate, match="HABEAS_HOUSE_KEYS, which cannot be changed from here"):
        keys.rotate(NOON)
    monkeypatch.setenv("HABEAS_HOUSE_KEYS", f"1 {'5a' * 32}\n2 {'7c' * 32}\n")
    assert keys.rotate(NOON) == keys.Rotation(version=2, added=False, rewrapped=2, damaged=())
    assert all_open(sealed)


@pytest.mark.parametrize("text", ["1 5a5a", "nonsense", f"1 {'zz' * 32}"])
def test_garbled_keys_of_the_environment_are_named_and_not_shown(monkeypatch, text):
    monkeypatch.setenv("HABEAS_HOUSE_KEYS", text)
    with pytest.raises(keys.NoHouseKey, match=r"^HABEAS_HOUSE_KEYS: ") as refusal:
        keys.versions()
    assert text.split()[-1] not in str(refusal.value)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 5, 3 * envelope.BLOCK_BYTES + 7])
def test_a_stream_sealed_under_a_case_key_opens_there_and_nowhere_else(size):
    key, other = keys.new_case_key(at=NOON), keys.new_case_key(at=NOON)
    content = os.urandom(size)
    sealed, opened = io.BytesIO(), io.BytesIO()
    assert keys.seal_stream(key, io.BytesIO(content), sealed, "item/1") == len(sealed.getvalue())
    assert keys.unseal_stream(key, io.BytesIO(sealed.getvalue()), opened, "item/1") == size
    assert opened.getvalue() == content == keys.unseal(key, sealed.getvalue(), "item/1")
    for wrong_key, wrong_place in ((other, "item/1"), (key, "item/2")):
        with pytest.raises(envelope.CannotOpen):
            keys.unseal_stream(wrong_key, io.BytesIO(sealed.getvalue()), io.BytesIO(), wrong_place)
    assert b"".join(keys.opened_blocks(key, io.BytesIO(b"".join(
        keys.sealed_blocks(key, io.BytesIO(content), "item/1"))), "item/1")) == content  # fmt: skip


@pytest.mark.django_db
def test_a_stream_under_a_destroyed_key_is_refused_at_once():
    key = keys.new_case_key(at=NOON)
    key.wrapped, key.destroyed_at = None, NOON
    with pytest.raises(keys.KeyDestroyed):
        keys.seal_stream(key, io.BytesIO(b"late"), io.BytesIO(), "item/1")
    with pytest.raises(keys.KeyDestroyed):
        keys.opened_blocks(key, io.BytesIO(b"late"), "item/1")


@pytest.mark.django_db
def test_the_command_says_what_there_is_and_what_to_do_next(key_file, capsys):
    case_keys(2)
    assert run("status") == 0
    said = capsys.readouterr().out
    assert f"House keys from {key_file}" in said
    assert "version 0: receipts, links and registry" in said
    assert "version 1: wraps 2 case key(s), new cases" in said
    assert run("rotate") == 0
    said = capsys.readouterr().out
    assert "Version 2 of the house key was added; 2 case key(s) are under it." in said
    assert "Copy the key file" in said
    run("status")
    assert "version 1: wraps 0 case key(s), nothing needs it: `habeas keys forget 1`" in capsys.readouterr().out
    assert run("forget", "1") == 0
    assert "Version 1 of the house key is gone" in capsys.readouterr().out
    run("status")
    assert "version 1" not in capsys.readouterr().out
    assert "5a5a" not in said


@pytest.mark.django_db
def test_the_command_names_a_lost_version_and_ends_with_a_fault(key_file, capsys):
    case_keys(2)
    key_file.write_text(f"0 {'11' * 32}\n4 {'7c' * 32}\n")
    assert run("status") == 1
    assert "version 1: LOST, and 2 case key(s) need it" in capsys.readouterr().out
    with pytest.raises(Refused, match="no key of version 1"):
        run("rotate")


@pytest.mark.django_db
def test_the_command_names_case_keys_that_did_not_open(key_file, capsys):
    (damaged, _), _ = case_keys(2)
    CaseKey.objects.filter(pk=damaged.pk).update(wrapped=bytes(61))
    assert run("rotate") == 1
    assert f"1 case key(s) did not open and stay as they are; restore them: {damaged.pk}" in capsys.readouterr().out


@pytest.mark.parametrize("words", [("forget",), ("rotate", "1"), ("status", "1")])
def test_the_command_wants_a_version_where_it_is_needed_and_only_there(words):
    with pytest.raises(Refused, match="habeas keys forget VERSION"):
        run(*words)
