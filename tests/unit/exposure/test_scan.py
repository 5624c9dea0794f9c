"""The whole walk over one text: detect, settle, say whose and how grave."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.exposure.core.detectors import Candidate
from habeas.exposure.core.model import Kind
from habeas.exposure.core.scan import scan, settle

TODAY = date(2026, 11, 23)

DOX = """This is Mira Caldwell, DOB: 04/30/1991.
Cell: (217) 555-0142, mail mira.caldwell@example.org, SSN 536-22-8726
IBAN DE89 3704 0044 0532 0130 00, card 4111 1111 1111 1111, IP 203.0.113.45
insta: mira_c91, https://twitter.com/mira_c91, plate: 7ABC123, home at 51.507351, -0.127758
mira@example.com:letmein99
"""


def kinds(text: str, *regions: str) -> list[str]:
    return [exposure.kind for exposure in scan(text, regions=regions, today=TODAY).exposures]


def test_one_text_with_everything():
    found = {exposure.kind: exposure for exposure in scan(DOX, today=TODAY).exposures}
    assert found["birth_date"].value == "1991-04-30"
    assert found["phone"].value == "+12175550142"
    assert found["national_id"].detail == "US Social Security number"
    assert found["iban"].value == "DE89370400440532013000"
    assert found["card"].detail == "Visa"
    assert found["ip"].value == "203.0.113.45"
    assert found["profile_url"].value == "x:mira_c91"
    assert found["plate"].value == "7ABC123"
    assert found["coordinates"].value == "51.50735,-0.12776"
    assert found["credential"].detail == "log-in"


def test_every_exposure_is_a_piece_of_the_text_as_given():
    disguised = DOX.replace("555", "５\u200b５𝟓").replace("example", "ехаmрlе")
    for exposure in scan(disguised, today=TODAY).exposures:
        assert disguised[exposure.start : exposure.end] == exposure.text
        assert exposure.reason


@pytest.mark.parametrize(
    ("text", "only"),
    [
        pytest.param("DE89 3704 0044 0532 0130 00", ["iban"], id="an account is no phone"),
        pytest.param("4111 1111 1111 1111", ["card"], id="a card is no phone and no national number"),
        pytest.param("mira@example.org", ["email"], id="the name before @ is no handle"),
        pytest.param("https://example.org/orders/2175550142?card=4111111111111111", [], id="digits of a web address"),
        pytest.param("203.0.113.45", ["ip"], id="an internet address is no phone"),
        pytest.param("51.507351, -0.127758", ["coordinates"], id="coordinates are no phone"),
        pytest.param("DOB 1991-04-30", ["birth_date"], id="a birth date is no phone"),
        pytest.param("SSN 536-22-8726", ["national_id"], id="a national number is no phone"),
        pytest.param("https://wa.me/12175550142", ["phone"], id="a link that opens a chat is a phone"),
    ],
)
def test_one_thing_is_found_once(text, only):
    assert kinds(text) == only


def test_a_leaked_log_in_exposes_the_address_too():
    assert sorted(kinds("mira@example.com:letmein99")) == ["credential", "email"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("   \n\t ", id="blanks"),
        pytest.param("The council met on 3 May 2024 and approved 1,250,000 euros, 12 votes to 3.", id="news"),
        pytest.param("Order 123456789012 ships in 3-5 days, version 1.2.3.4, ISBN 978-3-16-148410-0.", id="shop"),
    ],
)
def test_clean_text_reveals_nothing(text):
    assert [e for e in scan(text, today=TODAY).exposures if e.kind not in {"name", "workplace"}] == []


KINDS: list[Kind] = ["phone", "card", "iban", "email", "name", "address", "credential", "family"]
candidate = st.builds(
    lambda kind, start, length, confidence: Candidate(kind, start, start + length, "v", "", confidence, "r"),
    st.sampled_from(KINDS),
    st.integers(0, 60),
    st.integers(1, 25),
    st.sampled_from([0.4, 0.5, 0.6, 0.8, 0.9, 0.95, 0.99]),
)


@given(st.lists(candidate, max_size=15), st.randoms(use_true_random=False))
def test_the_order_of_detectors_does_not_matter(found, random):
    shuffled = list(found)
    random.shuffle(shuffled)
    assert settle(found) == settle(shuffled)


@given(st.lists(candidate, max_size=15))
def test_nothing_overlaps_within_a_kind(found):
    kept = settle(found)
    for kind in KINDS:
        spans = [(one.start, one.end) for one in kept if one.kind == kind]
        assert all(first[1] <= second[0] for first, second in pairwise(spans))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from([*DOX.split(), "\u200b", "\n", "５", "а", "@", "://", "(", "+1", "né le", "SSN", "pw:"]),
        max_size=40,
    )
)
def test_any_text_is_read_and_every_span_is_its_own(words):
    text = " ".join(words)
    result = scan(text, today=TODAY)
    starts = [exposure.start for exposure in result.exposures]
    assert starts == sorted(starts)
    assert all(text[exposure.start : exposure.end] == exposure.text for exposure in result.exposures)
    assert all(0.0 <= exposure.confidence <= 1.0 for exposure in result.exposures)
