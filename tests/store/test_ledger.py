"""The log: everything done is in it once, in order, without anybody's data, and no later change goes unseen."""

from __future__ import annotations

import json
import threading

import pytest
from django.db import connection, transaction

from factories.reports import FULL, NOON, SECRETS, do_the_work
from factories.storage import in_clear
from habeas.journey.report import file_report
from habeas.ledger import actions, queries
from habeas.ledger.core import tree
from habeas.ledger.models import Entry, Head


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
    assert queries.entries_of("case-3") == [
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
