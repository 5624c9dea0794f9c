"""Conditions first, then their signed acceptance, then the key, then a signed receipt: in this order and no other."""

from __future__ import annotations

from datetime import timedelta

import pyrage
import pytest

from factories.evidence import SECRET_CONTENT, offered, outside, sealed_item
from factories.people import member
from factories.reports import NOON
from habeas.access.actions import NotAllowed
from habeas.evidence import handing_over, queries
from habeas.evidence.core.answers import AnswerRefused
from habeas.evidence.models import HandOver
from habeas.ledger import queries as ledger

LATER = NOON + timedelta(days=1)


@pytest.fixture(autouse=True)
def folder(db, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"


@pytest.fixture
def court():
    return outside()


@pytest.fixture
def handover(court) -> HandOver:
    return offered(sealed_item(), court)


def opened_by(court, handover, key_file: bytes) -> bytes:
    """As the recipient opens it: their own key opens the package's key, and that the package."""
    secret = pyrage.decrypt(key_file, [court.identity]).decode()
    return pyrage.decrypt(handing_over.package_of(handover), [pyrage.x25519.Identity.from_str(secret)])


def test_the_whole_way(court, handover):
    casey = member()
    accepted = handing_over.take_answer(handover, court.says("accepted", handover), by=casey, at=LATER)
    key_file = handing_over.key_for(accepted, by=casey, at=LATER)
    assert opened_by(court, handover, key_file) == SECRET_CONTENT
    received = handing_over.take_receipt(accepted, court.says("received", handover), by=casey, at=LATER)
    returned = handing_over.take_return(received, court.says("destroyed", handover), by=casey, at=LATER)
    assert returned.state == HandOver.State.RETURNED
    events = queries.custody_of(handover.case)
    assert [event.kind for event in events if event.handover_id] == [
        "offered",
        "accepted",
        "copy",
        "received",
        "returned",
    ]
    assert bytes(events[-1].signature) == court.says("destroyed", handover)
    assert queries.custody_gaps(events) == []


def test_there_is_no_key_before_the_conditions_are_accepted(handover):
    with pytest.raises(handing_over.WrongMoment, match="once the recipient has signed"):
        handing_over.key_for(handover, by=member(), at=LATER)


def test_there_is_no_key_after_a_refusal(court, handover):
    refused = handing_over.take_answer(handover, court.says("refused", handover), by=member(), at=LATER)
    with pytest.raises(handing_over.WrongMoment):
        handing_over.key_for(refused, by=member(), at=LATER)


def test_the_package_alone_opens_for_nobody(court, handover):
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(handing_over.package_of(handover), [court.identity])
    assert SECRET_CONTENT not in handing_over.package_of(handover)


def test_somebody_elses_signature_accepts_nothing(handover):
    with pytest.raises(AnswerRefused):
        handing_over.take_answer(handover, outside(9).says("accepted", handover), by=member(), at=LATER)
    handover.refresh_from_db()
    assert handover.state == HandOver.State.OFFERED


def test_an_acceptance_of_other_conditions_counts_for_nothing(court, handover):
    said = court.says("accepted", handover)
    HandOver.objects.filter(pk=handover.pk).update(conditions="Do what you like.")
    with pytest.raises(AnswerRefused, match="another conditions"):
        handing_over.take_answer(handover, said, by=member(), at=LATER)


def test_an_offer_ends(court, handover):
    with pytest.raises(handing_over.WrongMoment, match="the offer ended"):
        handing_over.take_answer(handover, court.says("accepted", handover), by=member(), at=NOON + timedelta(days=31))


@pytest.mark.parametrize("decision", ["received", "returned"])
def test_nothing_is_received_or_returned_before_it_was_accepted(court, handover, decision):
    take = {"received": handing_over.take_receipt, "returned": handing_over.take_return}[decision]
    with pytest.raises(handing_over.WrongMoment):
        take(handover, court.says(decision, handover), by=member(), at=LATER)


def test_what_is_recalled_before_acceptance_can_never_be_opened(court, handover):
    recalled = handing_over.recall(handover, by=member(), at=LATER)
    with pytest.raises(handing_over.WrongMoment):
        handing_over.take_answer(recalled, court.says("accepted", handover), by=member(), at=LATER)
    with pytest.raises(handing_over.WrongMoment):
        handing_over.key_for(recalled, by=member(), at=LATER)


def test_an_auditor_hands_nothing_over(court, handover):
    with pytest.raises(NotAllowed):
        handing_over.take_answer(handover, court.says("accepted", handover), by=member("auditor"), at=LATER)


def test_the_offer_tells_the_conditions_and_nothing_of_the_content(handover):
    told = handing_over.offer_file(handover).decode()
    assert "For proceedings 12-345 only" in told
    assert "front-door" not in told
    assert "Lindengracht" not in told


def test_every_step_stands_in_the_ledger_with_the_hash_of_what_was_signed(court, handover):
    handing_over.take_answer(handover, court.says("accepted", handover), by=member(), at=LATER)
    entry = ledger.entries_of(handover.case_id)[-1]
    assert (entry["kind"], entry["handover"], len(entry["answer_sha256"])) == ("custody.accepted", str(handover.pk), 64)


@pytest.mark.parametrize(
    ("name", "signing", "age", "why"),
    [
        ("Court", "zz", "age1", "64 hex digits"),
        ("Court", "ab", "age1", "32 bytes"),
        ("Court", "ab" * 32, "age1notakey", "begins with age1"),
        (" ", "ab" * 32, str(outside().identity.to_public()), "which authority"),
    ],
)
def test_keys_that_cannot_be_used_are_refused_before_anything_is_offered(name, signing, age, why):
    with pytest.raises(handing_over.BadRecipient, match=why):
        handing_over.read_recipient(name, signing, age)
