"""Traceable copies: the copy of one recipient names that recipient when it leaks, and the original names nobody."""

from __future__ import annotations

import hashlib

import pytest

from factories.evidence import FOR_COURT, sealed_item
from factories.leaks import prose
from factories.people import member
from factories.reports import NOON, a_case
from factories.storage import files_under, in_clear, stored_values
from habeas.access.actions import NotAllowed
from habeas.evidence import actions, copying, queries
from habeas.evidence.models import Item, MarkedCopy
from habeas.journey import copies
from habeas.ledger import queries as ledger

POST = prose(3)
RECIPIENTS = ("Court of Examplia", "Police of Examplia", "Helpline of Sampleland")


@pytest.fixture(autouse=True)
def folder(db, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"


@pytest.fixture
def item():
    case = a_case()
    sealed = actions.seal(case.reports.get(), "thread.txt", "text/plain", POST.encode(), by="portal", at=NOON)
    return Item.objects.select_related("case__key").get(pk=sealed.pk)


def test_a_leaked_copy_names_the_one_it_was_made_for(item):
    made = {name: copies.mark(item, name, FOR_COURT, by=member()) for name in RECIPIENTS}
    for name, marked in made.items():
        assert marked.content != POST.encode()
        found = copies.trace(marked.content, "leak.txt", by=member("lead"))
        assert found.copy == marked.copy
        assert found.chance < 1e-6
        assert name in found.sentence


def test_the_original_and_a_stranger_name_nobody(item):
    copies.mark(item, RECIPIENTS[0], FOR_COURT, by=member())
    for leaked in (POST, prose(9)):
        assert copies.trace(leaked.encode(), "leak.txt", by=member("lead")).copy is None


def test_making_a_copy_is_an_event_and_commits_to_its_seed_before_any_leak(item):
    marked = copies.mark(item, RECIPIENTS[0], FOR_COURT, by=member())
    entry = ledger.entries_of(item.case_id)[-1]
    assert (entry["kind"], entry["copy"]) == ("copy.marked", str(marked.copy.pk))
    seed = copying._seed_of(MarkedCopy.objects.select_related("case__key").get())
    assert entry["seed_commitment"] == hashlib.sha256(seed).hexdigest()
    assert queries.custody_of(item.case)[-1].kind == "copy"


def test_the_seed_lies_sealed(item, tmp_path):
    copies.mark(item, RECIPIENTS[0], FOR_COURT, by=member())
    seed = copying._seed_of(MarkedCopy.objects.select_related("case__key").get())
    assert not [place for place, value in [*stored_values(), *files_under(tmp_path)] if seed in value]
    assert in_clear(["vellinga"], stored_values()) == []


def test_the_evidentiary_original_stays_unmarked(item):
    copies.mark(item, RECIPIENTS[0], FOR_COURT, by=member())
    assert queries.content_of(item) == POST.encode()


def test_asking_is_logged_without_the_leak(item):
    marked = copies.mark(item, RECIPIENTS[0], FOR_COURT, by=member())
    lead = member("lead")
    copies.trace(marked.content, "leak.txt", by=lead)
    size, _ = ledger.head()
    import json

    entry = json.loads(ledger.entry_bytes(size - 1))
    assert (entry["kind"], entry["by"], entry["named"]) == ("copy.traced", str(lead.pk), [str(marked.copy.pk)])


def test_what_cannot_carry_marks_says_so():
    other = sealed_item(content=b"PK\x03\x04 no picture", name="dump.zip")
    Item.objects.filter(pk=other.pk).update(media_type="application/zip")
    other.refresh_from_db()
    with pytest.raises(copying.CannotMark, match="text, PNG, JPEG and PDF can"):
        copies.mark(other, RECIPIENTS[0], FOR_COURT, by=member())
    assert not MarkedCopy.objects.exists()


@pytest.mark.parametrize("role", ["caseworker", "auditor"])
def test_only_a_lead_traces(item, role):
    copies.mark(item, RECIPIENTS[0], FOR_COURT, by=member())
    with pytest.raises(NotAllowed):
        copies.trace(POST.encode(), "leak.txt", by=member(role))


def test_where_no_copy_was_made_nothing_can_be_traced(item):
    with pytest.raises(copying.NothingToTrace):
        copies.trace(POST.encode(), "leak.txt", by=member("lead"))
