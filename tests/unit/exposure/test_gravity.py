"""How grave: dimension S for each item, and what stands together for the whole."""

from datetime import date

import pytest

from habeas.exposure.core.scan import scan

DAY = date(2026, 1, 10)


def grade(text, kind):
    return next(one.gravity for one in scan(text, today=DAY).exposures if one.kind == kind)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        pytest.param("Name: Jane Roe", "name", 1, id="name"),
        pytest.param("her number is +44 7700 900123", "phone", 2, id="phone"),
        pytest.param("she works at Hillside Clinic", "workplace", 2, id="workplace"),
        pytest.param("she lives at 14 Elm Grove, Leeds LS6 2AB", "address", 3, id="home"),
        pytest.param("she gets her mail at PO Box 123, Springfield, IL 62704", "address", 2, id="post-box"),
        pytest.param("his wife Anna", "family", 3, id="family"),
        pytest.param(
            "she lives at 14 Elm Grove, Leeds LS6 2AB, pay her a visit", "address", 4, id="home-with-call-to-act"
        ),
        pytest.param(
            "he works at Hillside Clinic. I will find him and I will kill him",
            "workplace",
            4,
            id="workplace-with-threat",
        ),
        pytest.param("her daughter Emma, 7", "family", 4, id="child"),
        pytest.param("my number is +44 7700 900123", "phone", 1, id="own-number"),
    ],
)
def test_the_gravity_of_an_item(text, kind, expected):
    assert grade(text, kind) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The weather is nice today.", "none", id="nothing"),
        pytest.param("my number is +44 7700 900123, call me", "none", id="only-the-writer"),
        pytest.param(
            "Contact us\nNordlicht GmbH\nHauptstr. 12, 10115 Berlin\ninfo@example.org",
            "none",
            id="only-an-organisation",
        ),
        pytest.param("Name: Jane Roe", "low", id="a-name"),
        pytest.param("she lives at 14 Elm Grove, Leeds LS6 2AB", "moderate", id="a-home"),
        pytest.param("she lives at 14 Elm Grove, Leeds LS6 2AB, pay her a visit", "high", id="a-home-and-a-call"),
        pytest.param(
            "DOX drop\nName: Jane Roe\nAddress: 14 Elm Grove, Leeds LS6 2AB\nPhone: +44 7700 900123\n"
            "Employer: Hillside Clinic\nshe walks the dog every morning. you know what to do",
            "very_high",
            id="home-routine-and-call",
        ),
    ],
)
def test_the_severity_of_the_whole(text, expected):
    assert scan(text, today=DAY).severity == expected


def test_a_threat_taken_back_does_not_raise_the_gravity():
    assert grade("she lives at 14 Elm Grove, Leeds LS6 2AB. Please don't pay her a visit", "address") == 3


def test_the_reason_names_kinds_and_never_data():
    reason = scan("Jane Roe lives at 14 Elm Grove, Leeds LS6 2AB, pay her a visit", today=DAY).severity_reason
    assert "home" in reason
    assert "Elm" not in reason
    assert "Jane" not in reason
