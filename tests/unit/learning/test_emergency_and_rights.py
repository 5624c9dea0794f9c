"""Whom to call, and what the law of a place says: its own, and what it takes over."""

from __future__ import annotations

from datetime import date

import pytest

from habeas.law.core.packs import jurisdictions
from habeas.learning.core.emergency import emergencies, emergency_of
from habeas.learning.core.rights import PARTS, NoSuchPlace, rights_of

TODAY = date(2026, 11, 23)
COUNTRIES = sorted(code for code in jurisdictions() if "-" not in code and code not in {"EU", "COE", "UN"})


@pytest.mark.parametrize("code", COUNTRIES)
def test_every_country_with_a_pack_has_a_number_to_call(code):
    found = emergency_of(code)
    assert found is not None
    assert all(number.isdecimal() for number in found.numbers)


def test_a_state_has_its_country_s_number_and_an_unknown_place_has_none():
    assert emergency_of("US-CA") == emergencies()["US"]
    assert emergency_of("XA") is None


@pytest.mark.parametrize("code", sorted(emergencies()))
def test_the_number_of_the_member_states_is_112(code):
    if "EU" in jurisdictions()[code].within:
        assert emergencies()[code].numbers[0] == "112"
        assert emergencies()[code].children == "116111"


def test_a_member_state_has_its_own_law_and_the_union_s_and_says_whose_it_is():
    found = rights_of("NL", TODAY)
    assert [one.code for one in found.places][:2] == ["NL", "EU"]
    crimes = {right.provision.id: right for right in found.rights["crime"]}
    assert crimes["nl.sr.285d"].inherited is False
    down = {right.provision.id: right for right in found.rights["take_down"]}
    assert (down["eu.dsa.16"].inherited, down["eu.dsa.16"].of.code) == (True, "EU")


def test_a_law_shows_from_the_day_it_is_in_force():
    before = {right.provision.id for right in rights_of("NL", date(2023, 12, 31)).rights.get("crime", ())}
    assert "nl.sr.285d" not in before


@pytest.mark.parametrize("code", sorted(jurisdictions()))
def test_every_place_has_a_page_and_no_provision_twice(code):
    found = rights_of(code, TODAY)
    ids = [right.provision.id for rows in found.rights.values() for right in rows]
    assert len(ids) == len(set(ids))
    assert [part for part in PARTS if part in found.rights] == list(found.rights)


def test_a_place_nobody_knows_is_said_to_be_unknown():
    with pytest.raises(NoSuchPlace):
        rights_of("XA", TODAY)
