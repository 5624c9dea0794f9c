"""Erasure: what was sealed opens for nobody, what stood in clear is gone, the ledger holds; a hold comes first."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from factories.evidence import FOR_COURT, SECRET_CONTENT, offered, outside, sealed_item
from factories.people import member
from factories.reports import FULL, NOON, SECRETS
from factories.storage import files_under, in_clear, stored_values
from habeas.access.actions import NotAllowed
from habeas.access.keys import KeyDestroyed
from habeas.cases import queries as cases
from habeas.evidence import actions, erasing, handing_over, queries
from habeas.evidence.erasing import HeldBack
from habeas.evidence.models import Hold, Item, MarkedCopy
from habeas.journey import report as journey
from habeas.journey.erasure import erase_case
from habeas.ledger import queries as ledger
from habeas.store.worker import Worker


@pytest.fixture(autouse=True)
def folder(db, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"


@pytest.fixture
def case(settings):
    filed = journey.file_report(FULL).case
    Worker(settings.HABEAS_JOBS).run_until_idle()
    return cases.case_by_id(filed.pk)


def work(settings) -> None:
    Worker(settings.HABEAS_JOBS).run_until_idle()


def test_nothing_that_was_sealed_opens_any_more(case):
    items = list(Item.objects.filter(case=case))
    erase_case(case, "consent", by=member("lead"))
    case = cases.case_by_id(case.pk)
    for item in items:
        item.refresh_from_db()
        item.case = case
        with pytest.raises(KeyDestroyed, match="content was erased"):
            queries.content_of(item)
        with pytest.raises(KeyDestroyed):
            queries.name_of(item)
        with pytest.raises(KeyDestroyed):
            queries.hashes_of(item)
    with pytest.raises(KeyDestroyed):
        cases.report_of(case)


def test_the_stored_files_go_and_nothing_is_left_in_clear(case, settings, tmp_path):
    assert list((tmp_path / "evidence").rglob("*"))
    erase_case(case, "consent", by=member("lead"))
    work(settings)
    assert [file for file in (tmp_path / "evidence").rglob("*") if file.is_file()] == []
    hosts = {"board.example.net", "paste.example.com"}
    assert in_clear([*SECRETS, *hosts], [*stored_values(), *files_under(tmp_path)]) == []


def test_the_ledger_still_verifies_and_says_who_erased_and_why(case):
    lead = member("lead")
    erasure = erase_case(case, "consent", by=lead)
    assert list(ledger.faults()) == []
    entry = next(e for e in ledger.entries_of(case.pk) if e["index"] == erasure.ledger_index)
    assert (entry["custody"], entry["by"], entry["basis"]) == ("key_destroyed", str(lead.pk), "consent")


def test_the_certificate_says_what_went_what_stays_and_what_a_backup_still_opens(case):
    erase_case(case, "consent", by=member("lead"))
    certificate = erasing.certificate_of(case)
    assert certificate["erased"]["sealed items"] == 2
    assert certificate["erased"]["exposures"] > 5
    assert any("ledger" in remains for remains in certificate["remains"])
    assert "still opens with the house key of version 1" in certificate["backups"]


def test_the_case_is_not_recognised_any_more(case):
    from habeas.exposure.models import KnownEntry

    assert KnownEntry.objects.filter(case=case).exists()
    erase_case(case, "consent", by=member("lead"))
    assert not KnownEntry.objects.filter(case=case).exists()


def test_nothing_is_added_to_an_erased_case(case):
    erase_case(case, "consent", by=member("lead"))
    case = cases.case_by_id(case.pk)
    with pytest.raises(actions.CaseErased, match="open a new case"):
        actions.seal(case.reports.get(), "more.txt", "text/plain", b"more", by="portal", at=NOON)


def test_an_erased_case_is_not_erased_again(case):
    erase_case(case, "consent", by=member("lead"))
    with pytest.raises(HeldBack, match="was erased on"):
        erase_case(cases.case_by_id(case.pk), "consent", by=member("lead"))


@pytest.mark.parametrize("role", ["caseworker", "auditor"])
def test_only_a_lead_erases(case, role):
    with pytest.raises(NotAllowed):
        erase_case(case, "consent", by=member(role))
    assert cases.report_of(case)


def test_a_legal_hold_beats_erasure_and_says_whose_it_is(case):
    erasing.place_hold(case, "preservation order 12-345", "Court of Examplia", by=member(), at=NOON)
    with pytest.raises(HeldBack, match="a hold for Court of Examplia stands since 2026-03-06"):
        erase_case(case, "consent", by=member("lead"))
    assert cases.report_of(cases.case_by_id(case.pk)), "nothing of it was done"


def test_a_hold_that_was_lifted_or_has_ended_forbids_nothing(case):
    lead = member("lead")
    hold = erasing.place_hold(case, "order", "Court of Examplia", by=lead, at=NOON)
    erasing.place_hold(case, "order", "Police of Examplia", until=date(2026, 3, 20), by=lead, at=NOON)
    erasing.lift_hold(hold, "proceedings ended", by=lead, at=NOON + timedelta(days=1))
    erase_case(case, "consent", by=lead)


def test_a_hold_is_lifted_once(case):
    lead = member("lead")
    hold = erasing.place_hold(case, "order", "Court of Examplia", by=lead, at=NOON)
    erasing.lift_hold(hold, "proceedings ended", by=lead, at=NOON)
    with pytest.raises(HeldBack, match="was lifted"):
        erasing.lift_hold(Hold.objects.get(), "again", by=lead, at=NOON)


def test_what_is_on_its_way_to_somebody_is_recalled_first(case):
    court = outside()
    handover = offered(Item.objects.filter(case=case).select_related("case__key")[0], court)
    with pytest.raises(HeldBack, match="complete or recall them first"):
        erase_case(case, "consent", by=member("lead"))
    handing_over.recall(handover, by=member(), at=NOON)
    erase_case(case, "consent", by=member("lead"))


def test_the_certificate_names_who_still_holds_a_copy_and_who_confirmed(case):
    court, lead = outside(), member("lead")
    items = list(Item.objects.filter(case=case).select_related("case__key"))
    kept, gone = offered(items[0], court), offered(items[1], court)
    for handover in (kept, gone):
        accepted = handing_over.take_answer(handover, court.says("accepted", handover), by=lead, at=NOON)
        handing_over.take_receipt(accepted, court.says("received", handover), by=lead, at=NOON)
    handing_over.recall(kept, by=lead, at=NOON)
    handing_over.recall(gone, by=lead, at=NOON)
    handing_over.take_return(gone, court.says("destroyed", gone), by=lead, at=NOON)
    erase_case(case, "consent", by=lead)
    held = erasing.certificate_of(case)["copies_with_others"]
    assert sorted((copy["asked_to_delete"], copy["confirmed"]) for copy in held) == [(True, False), (True, True)]


def test_there_is_no_certificate_of_what_was_not_erased(case):
    with pytest.raises(erasing.NotErased):
        erasing.certificate_of(case)


def test_other_cases_keep_their_files_even_where_they_are_the_same(case, settings):
    other = sealed_item()
    erase_case(case, "consent", by=member("lead"))
    work(settings)
    assert queries.content_of(other) == SECRET_CONTENT
    assert actions.read(other, FOR_COURT, by=member(), at=NOON) == SECRET_CONTENT


def test_the_seeds_of_marked_copies_go_too(case):
    item = Item.objects.filter(case=case)[0]
    MarkedCopy.objects.create(
        case=case,
        item=item,
        recipient="Court",
        carrier="pdf",
        seed_sealed=b"sealed",
        commitment="ab" * 32,
        made_at=NOON,
    )
    erase_case(case, "consent", by=member("lead"))
    assert bytes(MarkedCopy.objects.get().seed_sealed) == b""
