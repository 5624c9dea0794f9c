"""Who touched an item, why and on what basis: every time, in the ledger too, and never with a word of its content."""

from __future__ import annotations

import json

import pytest

from factories.evidence import FOR_COURT, SECRET_CONTENT, sealed_item
from factories.people import member
from factories.reports import NOON, a_case
from factories.storage import files_under, in_clear, stored_values
from habeas.access.actions import NotAllowed
from habeas.evidence import actions, queries
from habeas.evidence.actions import Reason
from habeas.evidence.core.custody import UnknownPurpose
from habeas.evidence.models import CustodyEvent, Item
from habeas.ledger import queries as ledger


@pytest.fixture(autouse=True)
def folder(db, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"


def kinds(case) -> list[str]:
    return [event.kind for event in queries.custody_of(case)]


def test_what_came_with_a_report_was_taken_in():
    item = sealed_item()
    (event,) = queries.custody_of(item.case)
    assert (event.kind, event.item, event.by, event.role) == ("ingest", item, "portal", "program")
    assert event.commitment_out == item.commitment


def test_reading_names_person_role_purpose_and_basis_in_the_ledger_before_anything_is_shown():
    item, casey = sealed_item(), member("caseworker")
    assert actions.read(item, FOR_COURT, by=casey, at=NOON) == SECRET_CONTENT
    entry = ledger.entries_of(item.case_id)[-1]
    assert {key: entry[key] for key in ("kind", "by", "role", "purpose", "basis", "item")} == {
        "kind": "custody.read",
        "by": str(casey.pk),
        "role": "caseworker",
        "purpose": "court",
        "basis": "legal_claim",
        "item": str(item.pk),
    }
    event = queries.custody_of(item.case)[-1]
    assert (event.kind, event.ledger_index) == ("read", entry["index"])


@pytest.mark.parametrize("role", ["auditor"])
def test_who_may_not_read_reads_nothing_and_leaves_no_event(role):
    item = sealed_item()
    with pytest.raises(NotAllowed):
        actions.read(item, FOR_COURT, by=member(role), at=NOON)
    assert kinds(item.case) == ["ingest"]


def test_a_reason_that_is_no_code_opens_nothing():
    item = sealed_item()
    with pytest.raises(UnknownPurpose):
        actions.read(item, Reason("curiosity", "consent"), by=member(), at=NOON)
    assert kinds(item.case) == ["ingest"]


def test_of_what_nobody_may_hold_only_hashes_and_place_are_kept(tmp_path):
    case = a_case()
    hashes = queries.Hashes("ab" * 32, "cd" * 64)
    noted = actions.note_place(
        case,
        "intimate.jpg",
        "image/jpeg",
        hashes,
        81_234,
        details={"url_asked": "https://board.example.net/thread/mara-at-home-88214"},
        reason=Reason("preserve", "legal_claim"),
        by="capture",
        at=NOON,
    )
    item = queries.item_of(case, noted.pk)
    assert (item.sensitivity, item.stored_as, queries.hashes_of(item)) == ("hash_only", "", hashes)
    assert queries.details_of(item)["url_asked"].endswith("88214")
    with pytest.raises(queries.NotHeld, match="nobody may hold"):
        queries.content_of(item)
    assert in_clear(["mara-at-home", "intimate.jpg", "ab" * 32], [*stored_values(), *files_under(tmp_path)]) == []


def test_a_redacted_copy_is_an_item_of_its_own_and_the_original_says_it_was_made():
    item = sealed_item()
    copy = actions.seal_derived(
        item,
        Item.Kind.REDACTED,
        "front-door, redacted.txt",
        "text/plain",
        b"a picture of the front door at ...",
        details={"method": "address hidden"},
        reason=FOR_COURT,
        by=member(),
        at=NOON,
    )
    assert copy.made_from == item
    assert kinds(item.case) == ["ingest", "ingest", "redact"]
    event = queries.custody_of(item.case)[-1]
    assert (event.item, event.commitment_in, event.commitment_out) == (item, item.commitment, copy.commitment)
    assert queries.content_of(item) == SECRET_CONTENT


def test_a_whole_chain_has_no_gap_and_each_event_stands_in_the_ledger():
    item = sealed_item()
    actions.read(item, FOR_COURT, by=member(), at=NOON)
    events = queries.custody_of(item.case)
    assert queries.custody_gaps(events) == []
    for event in events:
        entry = json.loads(ledger.entry_bytes(event.ledger_index))
        assert (entry["custody"], entry["case"]) == (event.kind, str(item.case_id))


def test_an_event_that_was_taken_out_leaves_a_gap():
    item = sealed_item()
    actions.read(item, FOR_COURT, by=member(), at=NOON)
    CustodyEvent.objects.filter(kind="ingest").delete()
    assert "was read before anybody recorded" in queries.custody_gaps(queries.custody_of(item.case))[0]


def test_custody_holds_nothing_of_the_content(tmp_path):
    item = sealed_item()
    actions.read(item, FOR_COURT, by=member(), at=NOON)
    assert in_clear(["lindengracht", "front-door"], [*stored_values(), *files_under(tmp_path)]) == []
