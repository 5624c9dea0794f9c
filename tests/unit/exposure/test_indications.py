"""Facts the text settles, facts it only leans toward, and a basis without anybody's data."""

from datetime import date

import pytest

from habeas.exposure.core.scan import scan

DAY = date(2026, 1, 10)
DOX = """=== DOX ===
Name: Jane Roe
Address: 14 Elm Grove, Leeds LS6 2AB
IBAN: GB82 WEST 1234 5698 7654 32
Mother: Ann Roe
you know what to do, make her pay. I will find her"""


def indications(text):
    return {one.fact: one for one in scan(text, today=DAY).indications}


@pytest.mark.parametrize(
    "fact", ["data.identifying", "data.contact_or_location", "data.financial", "data.family_member"]
)
def test_what_the_text_shows_is_true(fact):
    one = indications(DOX)[fact]
    assert one.truth is True
    assert one.leaning is None


@pytest.mark.parametrize(
    "fact", ["intent.incite", "intent.harass", "act.threat_of_violence", "consent.none", "harm.likely"]
)
def test_intent_and_consent_are_never_settled_by_a_text(fact):
    one = indications(DOX)[fact]
    assert one.truth is None
    assert 0 < one.leaning <= 1


def test_a_report_leans_toward_journalism():
    found = indications("LEEDS (AP) - A spokesman for the council said on Monday that nobody was hurt.")
    assert found["exempt.journalism"].truth is None
    assert found["exempt.journalism"].leaning > 0
    assert "data.identifying" not in found


def test_own_and_official_data_settle_nothing():
    found = indications("my number is +44 7700 900123\n\nMedia enquiries: press@example.org")
    assert not any(one.truth for one in found.values())


def test_each_fact_comes_once_and_the_basis_holds_no_data():
    found = scan(DOX, today=DAY).indications
    assert len({one.fact for one in found}) == len(found)
    for one in found:
        assert "line" in one.basis
        for word in ("Jane", "Ann", "Elm", "LS6", "GB82", "1234"):
            assert word not in one.basis


def test_a_veiled_call_leans_less_than_an_open_one():
    veiled = indications("someone should teach him a lesson")["intent.incite"].leaning
    plain = indications("make him pay")["intent.incite"].leaning
    assert veiled < plain
