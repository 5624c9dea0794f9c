"""Whose data an item is, told by the words around it."""

import time
from datetime import date

import pytest

from habeas.exposure.core import whose
from habeas.exposure.core.normalise import normalise
from habeas.exposure.core.scan import scan

DAY = date(2026, 1, 10)


def owner(text, kind, targets=()):
    return next(one.whose for one in scan(text, today=DAY, target_names=targets).exposures if one.kind == kind)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        pytest.param(
            "=== DOX ===\nName: Jane Roe\nAddress: 14 Elm Grove, Leeds LS6 2AB",
            "address",
            "target",
            id="labelled-block",
        ),
        pytest.param("she lives at 14 Elm Grove, Leeds LS6 2AB", "address", "target", id="pronoun"),
        pytest.param(
            "Sie wohnt hier, ihre Adresse: Hauptstr. 12, 10115 Berlin", "address", "target", id="german-pronoun"
        ),
        pytest.param("his mother's number is +44 113 496 0000", "phone", "family", id="mother"),
        pytest.param(
            "her daughter Mia, 7, goes to Riverside Primary School",
            "school",
            "family",
            id="child-called-like-a-pronoun",
        ),
        pytest.param("my number is +1 202 555 0101", "phone", "author", id="first-person"),
        pytest.param("Meine Nummer ist +49 30 901820", "phone", "author", id="german-first-person"),
        pytest.param("Mon adresse : 12 rue de la Paix 75002 Paris", "address", "author", id="french-first-person"),
        pytest.param("Thank you!\n\nBest regards,\nJane Roe\n+1 202 555 0101", "phone", "author", id="signature"),
        pytest.param("Media enquiries: jo@example.org", "email", "organisation", id="press-desk"),
        pytest.param("write to info@example.org", "email", "organisation", id="function-mailbox"),
        pytest.param("Impressum\nNordlicht GmbH\nHauptstr. 12, 10115 Berlin", "address", "organisation", id="imprint"),
        pytest.param("14 Elm Grove, Leeds LS6 2AB", "address", "unknown", id="nothing-near"),
        pytest.param(
            "Voici son adresse : 12 rue de la Paix 75002 Paris", "address", "target", id="french-son-is-no-child"
        ),
        pytest.param(
            "reach me at +1 202 555 0144, I work at Hillside Clinic",
            "phone",
            "author",
            id="own-number-beside-an-employer",
        ),
    ],
)
def test_the_words_around_tell_whose_it_is(text, kind, expected):
    assert owner(text, kind) == expected


def test_the_name_the_report_gives_decides_between_people():
    text = "Full name: Jane Roe\nNeighbour's name is John Smithson"
    told = {
        one.value: one.whose for one in scan(text, today=DAY, target_names=["Jane Roe"]).exposures if one.kind == "name"
    }
    assert told == {"jane roe": "target", "john smithson": "third_party"}


def test_a_reason_never_repeats_the_data():
    text = "=== DOX ===\nName: Jane Roe\nAddress: 14 Elm Grove, Leeds LS6 2AB\nMother: Ann Roe"
    for one in scan(text, today=DAY).exposures:
        assert one.whose_reason
        for word in ("Jane", "Ann", "Elm", "LS6"):
            assert word not in one.whose_reason


def test_thousands_of_items_take_no_longer_than_they_should():
    text = "Jane Roe lives here. jane.roe@example.org her mother Ann\n" * 2000
    found = scan(text, today=DAY)
    began = time.process_time()
    whose.assign(found.exposures, normalise(text), found.signals, ["Jane Roe"])
    assert time.process_time() - began < 8  # generous: the machine that runs the tests may be shared; about 2 alone
