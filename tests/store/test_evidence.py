"""Sealed items: never in clear on the disk, never lost, and a damaged one says so instead of passing for whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.db import transaction

from factories.reports import FULL, NOON, intake
from factories.storage import files_under, in_clear, stored_values
from habeas.access import keys
from habeas.access.core.envelope import CannotOpen
from habeas.cases.actions import Opened, open_case
from habeas.evidence import actions, queries, store
from habeas.evidence.core.commitments import commitment
from habeas.evidence.models import Item
from habeas.journey import report as journey
from habeas.ledger import queries as ledger

CONTENT = b"a picture of the front door at Lindengracht 212" * 40


@pytest.fixture
def folder(tmp_path, settings) -> Path:
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"
    return settings.HABEAS_EVIDENCE


@pytest.fixture
def opened(db, folder) -> Opened:
    return open_case(intake(), at=NOON)


@pytest.fixture
def item(opened) -> Item:
    sealed = actions.seal(opened.report, "front-door.png", "image/png", CONTENT, by="portal", at=NOON)
    return Item.objects.select_related("case__key").get(pk=sealed.pk)


def file_of(folder: Path, item: Item) -> Path:
    return folder / item.stored_as[:2] / item.stored_as


def test_what_was_sealed_comes_back_whole(item):
    assert queries.content_of(item) == CONTENT
    assert queries.items_of(item.case) == [(item, "front-door.png")]
    assert queries.hashes_of(item) == (hashlib.sha256(CONTENT).hexdigest(), hashlib.sha512(CONTENT).hexdigest())
    assert item.size_bytes == len(CONTENT)


def test_neither_content_nor_name_lies_in_clear(item, folder):
    assert in_clear(["lindengracht", "front-door"], [*stored_values(), *files_under(folder)]) == []


def test_sealing_is_logged_with_a_commitment_and_without_the_name(item):
    entry = ledger.entries_of(item.case_id)[-1]
    assert (entry["kind"], entry["item"], entry["commitment"]) == ("item.sealed", str(item.pk), item.commitment)
    assert "front-door" not in str(entry)


def test_no_hash_of_the_content_stands_in_clear_where_it_could_be_guessed(item, folder):
    guesses = [hashlib.new(name, CONTENT).hexdigest() for name in ("sha256", "sha512")]
    raw = [hashlib.new(name, CONTENT).digest() for name in ("sha256", "sha512")]
    places = [*stored_values(), *files_under(folder)]
    assert in_clear(guesses, places) == []
    assert not [place for place, value in places for guess in raw if guess in value]


def test_the_commitment_follows_from_the_content_and_the_key_of_the_case(item):
    salt = keys.salt_of(item.case.key, f"item-commitment/{item.pk}")
    assert item.commitment == commitment(salt, hashlib.sha512(CONTENT).digest()).hex()
    assert item.commitment != commitment(salt, hashlib.sha512(CONTENT + b"!").digest()).hex()


def test_a_changed_file_says_so(item, folder):
    file = file_of(folder, item)
    sealed = bytearray(file.read_bytes())
    sealed[40] ^= 1
    file.write_bytes(sealed)
    with pytest.raises(store.ItemDamaged, match=r"was changed on disk; restore it from a backup$") as refusal:
        queries.content_of(item)
    assert "front-door" not in str(refusal.value)


def test_a_cut_file_says_so(item, folder):
    file = file_of(folder, item)
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(store.ItemDamaged, match="was changed on disk"):
        queries.content_of(item)


def test_a_missing_file_says_so(item, folder):
    file_of(folder, item).unlink()
    with pytest.raises(store.ItemDamaged, match=r"cannot be read \(No such file or directory\); restore it"):
        queries.content_of(item)


def test_an_item_passed_for_another_does_not_open(item, opened):
    other = actions.seal(opened.report, "other.png", "image/png", b"another picture", by="portal", at=NOON)
    Item.objects.filter(pk=item.pk).update(stored_as=other.stored_as)
    item.refresh_from_db()
    with pytest.raises(CannotOpen):
        queries.content_of(item)


def test_storing_the_same_bytes_again_changes_nothing(tmp_path):
    name = store.put(tmp_path, b"sealed bytes")
    before = (tmp_path / name[:2] / name).stat().st_mtime_ns
    assert store.put(tmp_path, b"sealed bytes") == name
    assert (tmp_path / name[:2] / name).stat().st_mtime_ns == before
    assert store.get(tmp_path, name) == b"sealed bytes"
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == [name]


def test_a_stored_file_is_for_its_owner_only(tmp_path):
    name = store.put(tmp_path, b"sealed bytes")
    assert (tmp_path / name[:2] / name).stat().st_mode & 0o077 == 0


def test_a_write_that_fails_leaves_no_half_file(tmp_path, monkeypatch):
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(tmp_path, b"sealed bytes")
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_the_file_is_there_before_the_row_and_a_failure_between_harms_nobody(opened, folder, monkeypatch):
    put, names = store.put, []

    def put_then_fail(place: Path, sealed: bytes) -> str:
        names.append(put(place, sealed))
        raise ZeroDivisionError

    monkeypatch.setattr(store, "put", put_then_fail)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.seal(opened.report, "front-door.png", "image/png", CONTENT, by="portal", at=NOON)
    assert not Item.objects.exists()
    assert [entry["kind"] for entry in ledger.entries_of(opened.case.pk)] == ["case.opened"]
    assert CONTENT not in store.get(folder, names[0]), "what is left over is sealed"
    monkeypatch.undo()
    item = actions.seal(opened.report, "front-door.png", "image/png", CONTENT, by="portal", at=NOON)
    assert queries.content_of(item) == CONTENT


@pytest.mark.django_db
def test_a_report_whose_file_cannot_be_stored_is_not_received(folder, monkeypatch):
    def fail(*_args: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "put", fail)
    with pytest.raises(OSError, match="No space left"):
        journey.file_report(FULL)
    monkeypatch.undo()
    assert not Item.objects.exists()
    assert journey.file_report(FULL).again is False, "sent again it is a first report, not a second"


def test_a_large_file_is_sealed_without_standing_in_memory(opened, tmp_path):
    import tracemalloc

    large = tmp_path / "recording.bin"
    with large.open("wb") as file:
        for number in range(64):
            file.write(bytes([number]) * (1 << 20))
    tracemalloc.start()
    item = actions.seal(opened.report, "recording.bin", "application/octet-stream", large, by="portal", at=NOON)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 24 << 20, "a 64 MiB file"
    content = large.read_bytes()
    assert item.size_bytes == len(content)
    assert queries.content_of(item) == content
    assert queries.hashes_of(item).sha512 == hashlib.sha512(content).hexdigest()


def test_a_file_and_its_bytes_are_sealed_to_the_same(opened, tmp_path):
    content = b"x" * 3_000_001
    file = tmp_path / "x.bin"
    file.write_bytes(content)
    report = opened.report
    made = [
        actions.seal(report, "x", "application/octet-stream", each, by="portal", at=NOON) for each in (content, file)
    ]
    assert queries.hashes_of(made[0]) == queries.hashes_of(made[1])
    assert [queries.content_of(item) == content for item in made] == [True, True]
