"""The log: everything done is in it once, in order, without anybody's data, and no later change goes unseen."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from factories.reports import FULL, NOON, SECRETS, do_the_work
from factories.storage import in_clear
from habeas.journey.report import file_report
from habeas.ledger import actions, queries
from habeas.ledger.core import tree
from habeas.ledger.models import Checkpoint, Entry, Head, Tile


def log(number: int) -> None:
    with transaction.atomic():
        actions.append("case.read", by=7, at=NOON, case=f"case-{number}", number=number)


@pytest.fixture
def six_entries(db) -> None:
    for number in range(6):
        log(number)


@pytest.mark.django_db(transaction=True)
def test_an_entry_is_written_only_in_the_transaction_of_what_it_records():
    with pytest.raises(RuntimeError, match="transaction"):
        actions.append("case.read", by=7, at=NOON)
    assert queries.head() == (0, tree.root([]))


@pytest.mark.django_db
def test_an_entry_falls_with_what_it_records():
    def cause() -> None:
        with transaction.atomic():
            actions.append("case.read", by=7, at=NOON)
            raise ZeroDivisionError

    log(0)
    with pytest.raises(ZeroDivisionError):
        cause()
    log(1)
    assert [entry.index for entry in Entry.objects.all()] == [0, 1]
    assert list(queries.faults()) == []


@pytest.mark.django_db
def test_an_entry_says_who_did_what_to_which_case_and_when():
    log(3)
    (entry,) = queries.entries_of("case-3")
    assert len(bytes.fromhex(entry.pop("salt"))) == 12
    assert [entry] == [
        {
            "index": 0,
            "kind": "case.read",
            "by": "7",
            "at": "2026-03-06T12:00:00.000000+00:00",
            "case": "case-3",
            "number": 3,
        }
    ]


@pytest.mark.django_db(transaction=True)
def test_eight_who_write_at_once_leave_no_gap_and_no_double():
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for _ in range(6):
                log(number)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(Entry.objects.values_list("index", flat=True)) == list(range(48))
    assert list(queries.faults()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 13])
def test_the_root_is_that_of_the_whole_tree(size):
    for number in range(size):
        log(number)
    leaves = [tree.leaf_hash(bytes(entry.body)) for entry in Entry.objects.all()]
    assert queries.head() == (size, tree.root_of(leaves))
    assert list(queries.faults()) == []


def test_a_changed_entry_is_named(six_entries):
    body = bytes(Entry.objects.get(index=2).body).replace(b'"by":"7"', b'"by":"8"')
    Entry.objects.filter(index=2).update(body=body)
    assert list(queries.faults()) == ["entry 2 was changed after it was written: its body no longer has its hash"]


def test_a_changed_entry_whose_hash_was_changed_with_it_no_longer_leads_to_the_head(six_entries):
    body = bytes(Entry.objects.get(index=2).body).replace(b'"by":"7"', b'"by":"8"')
    Entry.objects.filter(index=2).update(body=body, leaf_hash=tree.leaf_hash(body))
    (fault,) = queries.faults()
    assert fault.endswith("the head says another")


def test_a_changed_hash_is_named(six_entries):
    Entry.objects.filter(index=4).update(leaf_hash=b"\x00" * 32)
    faults = list(queries.faults())
    assert faults[0].startswith("entry 4 was changed")
    assert faults[1].endswith("the head says another")


def test_a_missing_entry_is_named(six_entries):
    Entry.objects.filter(index=3).delete()
    assert list(queries.faults()) == ["entry 3 is missing; the next one present is 4"]


def test_a_missing_last_entry_is_noticed_by_its_number(six_entries):
    Entry.objects.filter(index=5).delete()
    assert list(queries.faults()) == ["the head counts 6 entries but 5 are there"]


def test_two_entries_that_changed_places_are_named(six_entries):
    first, second = Entry.objects.get(index=1), Entry.objects.get(index=4)
    Entry.objects.filter(index=1).update(body=second.body, leaf_hash=second.leaf_hash)
    Entry.objects.filter(index=4).update(body=first.body, leaf_hash=first.leaf_hash)
    faults = list(queries.faults())
    assert faults[:2] == [
        "entry 1 stands in the place of another: its body says it is entry 4",
        "entry 4 stands in the place of another: its body says it is entry 1",
    ]


@pytest.mark.parametrize("column", ["case", "kind"])
def test_an_entry_filed_under_another_case_or_kind_is_named(six_entries, column):
    Entry.objects.filter(index=2).update(**{column: "another"})
    assert list(queries.faults()) == [f"entry 2 is filed under another {column} than its body says"]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param({"size": 9}, "the head counts 9 entries but 6 are there", id="size"),
        pytest.param({"frontier": ["00" * 32, "11" * 32]}, "the head says another", id="frontier"),
    ],
)
def test_a_changed_head_is_named(six_entries, change, complaint):
    Head.objects.update(**change)
    (fault,) = queries.faults()
    assert complaint in fault


def test_a_head_that_is_gone_is_named(six_entries):
    Head.objects.all().delete()
    assert list(queries.faults()) == ["the log holds 6 entries but its head is gone"]


@pytest.mark.django_db
def test_the_log_of_a_whole_report_holds_ids_and_nobodys_data():
    opened = file_report(FULL)
    assert do_the_work() == 1
    entries = queries.entries_of(opened.case.pk)
    assert [entry["kind"] for entry in entries] == [
        "case.opened",
        "item.sealed",
        "item.sealed",
        "item.scanned",
        "facts.found",
        "known.registered",
        "item.scanned",
        "facts.found",
        "known.registered",
        "case.assessed",
        "case.planned",
        "case.examined",
    ]
    assert in_clear(SECRETS, [(str(entry.index), bytes(entry.body)) for entry in Entry.objects.all()]) == []
    assert {type(value) for entry in entries for value in entry.values()} <= {str, int}
    assert opened.receipt not in json.dumps(entries)


# -- tiles and proofs -------------------------------------------------------------------------------------------------


def log_many(count: int) -> None:
    with transaction.atomic():
        actions.append_many(actions.Done("case.read", 7, NOON, f"case-{n % 5}", {"number": n}) for n in range(count))


@pytest.mark.django_db
def test_many_at_once_are_the_same_as_one_by_one():
    log_many(3)
    for number in range(3, 6):
        log(number)
    assert [json.loads(queries.entry_bytes(n))["number"] for n in range(6)] == list(range(6))
    assert list(queries.faults()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("steps", [[700], [255, 1, 1, 300], [1] * 3 + [600, 1]])
def test_tiles_are_complete_however_the_entries_came(steps):
    for count in steps:
        log_many(count)
    size = sum(steps)
    assert {(row.level, row.index) for row in Tile.objects.all()} == {(0, n) for n in range(size // 256)} | {(1, 0)}
    assert len(bytes(Tile.objects.get(level=1, index=0).hashes)) == 32 * (size // 256)
    assert list(queries.faults()) == []


@pytest.mark.django_db
def test_proofs_from_tiles_hold_at_every_edge():
    log_many(256 * 3 + 40)
    leaves = [bytes(leaf) for leaf in Entry.objects.order_by("index").values_list("leaf_hash", flat=True)]
    for size in (1, 2, 255, 256, 257, 511, 512, 513, 700, 808):
        root = queries.root_at(size)
        assert root == tree.root_of(leaves[:size])
        for index in {0, size // 2, size - 1, min(255, size - 1), min(256, size - 1)}:
            tree.check_inclusion(leaves[index], index, size, queries.inclusion(index, size), root)
        for old in (1, 200, 256, 300, 512):
            if old <= size:
                tree.check_consistency(old, queries.root_at(old), size, root, queries.consistency(old, size))


@pytest.mark.django_db
def test_what_the_log_never_had_is_not_proved():
    log_many(5)
    for ask in (
        lambda: queries.inclusion(5),
        lambda: queries.inclusion(0, 9),
        lambda: queries.consistency(6),
        lambda: queries.root_at(6),
        lambda: queries.entry_bytes(5),
        lambda: queries.tile(0, 0, 6),
        lambda: queries.tile(1, 0, 1),
        lambda: queries.tile(0, 0),
    ):
        with pytest.raises(queries.NoSuchEntry):
            ask()


@pytest.mark.django_db
def test_a_log_from_before_there_were_tiles_gets_them():
    from importlib import import_module

    from django.apps import apps

    log_many(600)
    before = {(row.level, row.index): bytes(row.hashes) for row in Tile.objects.all()}
    Tile.objects.all().delete()
    assert any("is missing" in fault for fault in queries.faults())
    import_module("habeas.ledger.migrations.0003_tiles_of_old_entries").complete_tiles(apps, None)
    assert {(row.level, row.index): bytes(row.hashes) for row in Tile.objects.all()} == before
    log_many(300)
    assert list(queries.faults()) == []


@pytest.mark.django_db
def test_a_thousand_changes_of_single_bytes_are_all_found_and_named():
    log_many(270)
    size, _ = queries.head()
    for at in (100, 256, 270):
        Checkpoint.objects.create(size=at, root=queries.root_at(at), note="", signed_at=NOON)
    chance = random.Random(20261123)  # noqa: S311 (which bytes to change, no secret)
    for _ in range(1000):
        model, pk, field, value = _any_value(chance, size)
        model.objects.filter(pk=pk).update(**{field: _one_byte_other(value, chance)})
        faults = list(queries.faults())
        assert faults, (model.__name__, pk, field)
        assert _names(faults[0], model, pk), (faults[0], model.__name__, pk, field)
        model.objects.filter(pk=pk).update(**{field: value})
    assert list(queries.faults()) == []


def _any_value(chance, size):
    model = chance.choice([Entry, Entry, Entry, Tile, Checkpoint, Head])
    if model is Entry:
        pk, field = chance.randrange(size), chance.choice(["body", "leaf_hash", "kind", "case", "at"])
    elif model is Tile:
        pk, field = chance.choice(list(Tile.objects.values_list("pk", flat=True))), "hashes"
    elif model is Checkpoint:
        pk, field = chance.choice(list(Checkpoint.objects.values_list("pk", flat=True))), "root"
    else:
        pk, field = 1, chance.choice(["size", "frontier"])
    value = getattr(model.objects.get(pk=pk), field)
    return model, pk, field, bytes(value) if isinstance(value, memoryview) else value


def _one_byte_other(value, chance):
    if isinstance(value, bytes):
        place = chance.randrange(len(value))
        return value[:place] + bytes([value[place] ^ chance.randrange(1, 256)]) + value[place + 1 :]
    if isinstance(value, str):
        place = chance.randrange(len(value))
        return value[:place] + ("x" if value[place] != "x" else "y") + value[place + 1 :]
    if isinstance(value, datetime):
        return value + timedelta(microseconds=chance.randrange(1, 10**6))
    if isinstance(value, list):
        place = chance.randrange(len(value))
        return [*value[:place], _one_byte_other(value[place], chance), *value[place + 1 :]]
    return value + chance.choice([-1, 1])


def _names(fault, model, pk):
    if model is Entry:
        return f"entry {pk} " in fault
    if model is Tile:
        row = Tile.objects.get(pk=pk)
        return f"tile {row.level}/{row.index:03d}" in fault
    if model is Checkpoint:
        return f"the checkpoint at {Checkpoint.objects.get(pk=pk).size} " in fault
    return "head" in fault


WRITER = """
import sys
import django

django.setup()
from datetime import UTC, datetime
from django.db import transaction
from habeas.ledger import actions

print("ready", flush=True)
while True:
    with transaction.atomic():
        index = actions.append("case.read", by=7, at=datetime.now(UTC), case="c", writer=sys.argv[1])
    print(index, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_a_writer_killed_at_any_instant_loses_nothing_it_acknowledged_and_forks_nothing(same_database):
    chance = random.Random(7)  # noqa: S311 (instants to kill at, no secret)
    acknowledged: dict[int, str] = {}
    for round_ in range(8):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, f"{round_}-{n}"], env=same_database, stdout=subprocess.PIPE, text=True
            )
            for n in range(3)
        ]
        for writer in writers:
            assert writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.02, 0.25))
        for number, writer in enumerate(writers):
            writer.kill()
            said = writer.stdout.read().splitlines(keepends=True)
            acknowledged |= {int(line): f"{round_}-{number}" for line in said if line.endswith("\n")}
            writer.wait()
    assert len(acknowledged) > 50
    assert list(queries.faults()) == []
    for index, writer in acknowledged.items():
        assert json.loads(queries.entry_bytes(index))["writer"] == writer
    log(0)
    assert list(queries.faults()) == []
