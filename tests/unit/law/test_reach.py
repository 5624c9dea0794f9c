"""Which legal systems a case touches."""

from __future__ import annotations

import pytest

from habeas.law.core.model import Ties
from habeas.law.core.packs import jurisdictions, load_pack
from habeas.law.core.places import complaint, known, without_pack
from habeas.law.core.reach import involved, known_from, open_ties, reaches, with_consequent_ties


def ties(**places: str) -> Ties:
    return Ties({tie: frozenset(codes.split()) for tie, codes in places.items()})


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(ties(target_lives="NL"), {"NL", "EU", "COE", "UN"}, id="a-member-takes-union-and-council-law"),
        pytest.param(ties(target_lives="US-CA"), {"US-CA", "US", "UN"}, id="a-state-takes-federal-law"),
        pytest.param(ties(target_lives="US-KS"), {"US", "UN"}, id="a-state-without-a-pack-takes-it-too"),
        pytest.param(ties(target_lives="CZ"), {"EU", "COE"}, id="a-member-without-a-pack"),
        pytest.param(ties(target_lives="NL", service_in="IE US"), {"NL", "IE", "US", "EU", "COE", "UN"}, id="several"),
        pytest.param(ties(target_lives="GB-SCT"), {"GB-SCT", "GB", "COE", "UN"}, id="part-of-a-kingdom"),
        pytest.param(Ties({}), set(), id="nothing-is-known"),
    ],
)
def test_ties_lead_to_jurisdictions(case, expected):
    found = involved(case, jurisdictions())
    assert set(found) - {"UN"} == expected - {"UN"}
    assert len(found) == len(set(found)), "a parent is asked once, however many members are involved"


def test_the_nearest_law_comes_first():
    assert involved(ties(target_lives="NL", service_in="US"), jurisdictions())[:2] == ("NL", "US")


def test_harm_falls_where_the_person_lives_unless_said_otherwise():
    assert with_consequent_ties(ties(target_lives="NL")).of("harm_falls") == {"NL"}
    assert with_consequent_ties(ties(target_lives="NL", harm_falls="BE")).of("harm_falls") == {"BE"}
    assert with_consequent_ties(Ties({})).of("harm_falls") is None


def test_a_tie_nobody_knows_keeps_a_provision_open():
    law = next(p for p in load_pack("US").provisions if p.track == "criminal")
    case = with_consequent_ties(ties(target_lives="NL"))
    assert reaches(law, case, jurisdictions()) is None
    assert open_ties(law, case) == ("doer_acts",)
    assert reaches(law, with_consequent_ties(ties(target_lives="NL", doer_acts="US-TX")), jurisdictions()) is True
    assert reaches(law, with_consequent_ties(ties(target_lives="NL", doer_acts="DE")), jurisdictions()) is False


def test_a_case_that_touches_two_countries_crosses_a_border():
    facts = {known.key: known for known in known_from(ties(target_lives="NL", service_in="US"))}
    assert facts["proc.cross_border"].truth is True
    assert known_from(ties(target_lives="US-CA", doer_acts="US-TX")) == []


@pytest.mark.parametrize("code", ["NL", "US-CA", "US-KS", "CZ", "EU", "KZ"])
def test_real_places_may_be_named(code):
    assert known(code)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        pytest.param("UK", "did you mean GB", id="what-people-write"),
        pytest.param("NETHERLANDS", "did you mean NL (Netherlands)?", id="a-name"),
        pytest.param("US-ZZ", "did you mean US-AZ", id="a-state-that-is-none"),
        pytest.param("QQ", "habeas law list", id="nothing-near"),
    ],
)
def test_a_code_that_names_no_place_gets_a_hint(code, hint):
    assert not known(code)
    assert hint in complaint(code)


def test_places_whose_law_is_not_held_are_named():
    assert without_pack(["NL", "KZ", "US-KS"]) == ["KZ", "US-KS"]
