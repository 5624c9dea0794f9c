import pytest

from habeas.exposure.core.detectors.phone import DETECTOR


@pytest.mark.parametrize(
    ("text", "number"),
    [
        pytest.param("+1 217 555 0142", "+12175550142", id="country code"),
        pytest.param("+1-217-555-0142", "+12175550142", id="country code and dashes"),
        pytest.param("+12175550142", "+12175550142", id="country code in one piece"),
        pytest.param("001 217 555 0142", "+12175550142", id="international prefix 00"),
        pytest.param("(217) 555-0142", "+12175550142", id="US brackets"),
        pytest.param("217.555.0142", "+12175550142", id="US dots"),
        pytest.param("1-217-555-0142", "+12175550142", id="US long distance"),
        pytest.param("call 2175550142", "+12175550142", id="ten digits after call"),
        pytest.param("217-555-0142 ext. 33", "+12175550142;ext=33", id="extension"),
        pytest.param("(217)555-0142x4401", "+12175550142;ext=4401", id="extension after x"),
        pytest.param("+44 (0)20 7946 0123", "+442079460123", id="trunk zero in brackets"),
        pytest.param("020 7946 0123", "+442079460123", id="London"),
        pytest.param("07700 900123", "+447700900123", id="British mobile"),
        pytest.param("01 99 00 12 34", "+33199001234", id="French pairs"),
        pytest.param("06.39.98.12.34", "+33639981234", id="French mobile with dots"),
        pytest.param("er wohnt in Berlin, Tel. 030 23125123", "+493023125123", id="Berlin"),
        pytest.param("Handy: 0171 3920012", "+491713920012", id="German mobile"),
        pytest.param("Sydney, phone (02) 5550 1234", "+61255501234", id="Australian"),
        pytest.param("電話 03-1234-5678", "+81312345678", id="Tokyo"),
        pytest.param("전화 02-312-3456", "+8223123456", id="Seoul"),
        pytest.param("тел. 8 (495) 123-45-67", "+74951234567", id="Moscow"),
        pytest.param("celular (11) 91234-5678 São Paulo", "+5511912345678", id="São Paulo"),
        pytest.param("WhatsApp +91 98765 43210", "+919876543210", id="Indian mobile"),
        pytest.param("https://wa.me/12175550142", "+12175550142", id="a link that opens a chat"),
        pytest.param("tel:+12175550142", "+12175550142", id="a link that calls"),
        pytest.param("phone: 555-0142", "5550142", id="a local number after phone"),
        pytest.param("2 1 7 - 5 5 5 - 0 1 4 2", "+12175550142", id="spaced out"),
        pytest.param("２１７－５５５－０１４２", "+12175550142", id="full width"),
        pytest.param("217–555–0142", "+12175550142", id="en dashes"),
        pytest.param("𝟐𝟏𝟕-𝟓𝟓𝟓-𝟎𝟏𝟒𝟐", "+12175550142", id="mathematical digits"),
        pytest.param("2\u200b17-555-01\u200b42", "+12175550142", id="zero-width characters"),
        pytest.param("call two one seven five five five zero one four two", "+12175550142", id="digits in words"),
    ],
)
def test_numbers_are_found_however_they_are_written(text, number, values):
    assert values(DETECTOR, text) == [number]


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        pytest.param("030 1234567", "DE", "+49301234567", id="Germany"),
        pytest.param("612 345 678", "ES", "+34612345678", id="Spain"),
        pytest.param("06 12345678", "NL", "+31612345678", id="Netherlands"),
        pytest.param("070-123 45 67", "SE", "+46701234567", id="Sweden"),
    ],
)
def test_the_region_of_the_case_reads_national_numbers(text, region, number, values):
    assert values(DETECTOR, text, region) == [number]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("order 217-555-0142", id="order number"),
        pytest.param("Order no. 2175550142 has shipped", id="order number in one piece"),
        pytest.param("tracking 1Z999AA10123456784", id="parcel"),
        pytest.param("tracking number 9400 1000 0000 0000 0000 00", id="parcel, grouped"),
        pytest.param("ISBN 978-3-16-148410-0", id="book"),
        pytest.param("version 10.15.7.2021", id="version"),
        pytest.param("v2.10.3-20210101", id="build"),
        pytest.param("on 2026-01-31 and 31.01.2026", id="dates"),
        pytest.param("20260131 120000", id="a timestamp"),
        pytest.param("1990-1995, 2019/2023", id="years"),
        pytest.param("won 6-4, 3-6, 7-5", id="scores"),
        pytest.param("$1,250,000 or 1 250 000", id="amounts"),
        pytest.param("population 8 336 817", id="inhabitants"),
        pytest.param("3.14159265358979", id="a decimal"),
        pytest.param("12345678 views", id="views"),
        pytest.param("from 1234567 to 2345678", id="a range"),
        pytest.param("case #2026-0012345", id="case number"),
        pytest.param("https://example.org/item/2175550142", id="digits in a web address"),
        pytest.param("192.168.100.200", id="an internet address"),
        pytest.param("62704-1234", id="a ZIP code"),
        pytest.param("social security number is 536-22-8726", id="a social security number"),
        pytest.param("card number is 4111111111111111", id="a card"),
        pytest.param("3838 243 Elm Grove", id="a house number"),
        pytest.param("12 34 56", id="six digits"),
        pytest.param("10:30 - 11:45, 2 x 3", id="times"),
        pytest.param("lat 52.5163 lon 13.3777", id="coordinates"),
    ],
)
def test_other_numbers_are_left(text, values):
    assert values(DETECTOR, text) == []


def test_two_numbers_side_by_side_are_two(values):
    assert values(DETECTOR, "217-555-0142 646-555-0199") == ["+12175550142", "+16465550199"]


def test_a_word_for_a_telephone_makes_it_surer(candidates):
    (bare,) = candidates(DETECTOR, "217-555-0142")
    (said,) = candidates(DETECTOR, "text her at 217-555-0142")
    assert said.confidence > bare.confidence
    assert "word" in said.reason
    assert "0142" not in said.reason


def test_a_country_that_nothing_settles_stays_open(candidates):
    (found,) = candidates(DETECTOR, "phone: 555-0142")
    assert found.detail == ""
