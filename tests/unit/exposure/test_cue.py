"""Workplace, school and family, by the phrases that tie them to a person."""

import time

import pytest

from habeas.exposure.core.detectors.cue import DETECTOR, routines
from habeas.exposure.core.normalise import normalise


def found(text):
    return [(one.kind, one.value, one.detail) for one in DETECTOR.find(normalise(text), None)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "She works at Hillside Clinic and drives a red car",
            ("workplace", "hillside clinic", "employer"),
            id="works-at",
        ),
        pytest.param("Employer: Acme Logistics", ("workplace", "acme logistics", "employer"), id="employer-label"),
        pytest.param("her boss at Acme", ("workplace", "acme", "colleague"), id="boss"),
        pytest.param(
            "sie arbeitet bei der Nordlicht GmbH in Bremen",
            ("workplace", "nordlicht gmbh", "employer"),
            id="german-work",
        ),
        pytest.param(
            "elle travaille chez Boulangerie Exemple depuis 2019",
            ("workplace", "boulangerie exemple", "employer"),
            id="french-work",
        ),
        pytest.param(
            "trabaja en Ferretería Sol todos los días",
            ("workplace", "ferreteria sol", "employer, with a routine"),
            id="spanish-work-with-habit",
        ),
        pytest.param("Hij werkt bij Bloemen BV", ("workplace", "bloemen bv", "employer"), id="dutch-work"),
        pytest.param("Tom goes to Riverside High School", ("school", "riverside high school", "school"), id="school"),
        pytest.param("Schule: Grundschule am Park", ("school", "grundschule am park", "school"), id="school-label"),
        pytest.param(
            "ihre Tochter geht auf die Lindenschule", ("school", "lindenschule", "school"), id="german-school"
        ),
        pytest.param(
            "su hija Lucía estudia en el colegio San Ejemplo",
            ("school", "colegio san ejemplo", "school"),
            id="spanish-school",
        ),
        pytest.param("pick-up at 3", ("school", "pick up at 3", "school, with a routine"), id="school-run"),
        pytest.param("his wife Anna", ("family", "spouse:anna", "spouse"), id="wife"),
        pytest.param("daughter Emma, 7", ("family", "child:emma", "child, minor"), id="child-with-age"),
        pytest.param("her daughter Emma, 27", ("family", "child:emma", "child"), id="grown-child"),
        pytest.param("Mother's name: Jane Roe", ("family", "parent:jane roe", "parent"), id="mother-label"),
        pytest.param("seine Ehefrau Petra Muster", ("family", "spouse:petra muster", "spouse"), id="german-wife"),
        pytest.param("sa fille Léa (9 ans) est malade", ("family", "child:lea", "child, minor"), id="french-child"),
        pytest.param("zijn dochter Sanne", ("family", "child:sanne", "child"), id="dutch-child"),
    ],
)
def test_a_phrase_is_found(text, expected):
    assert expected in found(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("This works for everyone", id="it-works"),
        pytest.param("he works at night", id="when-not-where"),
        pytest.param("He works in mysterious ways", id="how-not-where"),
        pytest.param("He goes to school", id="school-without-name"),
        pytest.param("Springfield Elementary School opened in 1954", id="school-without-person"),
        pytest.param("The kids are alright and the daughter of the king sings", id="kin-without-name"),
        pytest.param("son père travaille", id="french-kin-without-name"),
        pytest.param("his wife said no", id="bare-wife"),
    ],
)
def test_what_points_at_nobody_is_left_out(text):
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "gym at 6am",
        "every Monday she swims",
        "usually parks here",
        "jeden Morgen",
        "tous les matins",
        "cada noche",
        "elke ochtend",
    ],
)
def test_habits_are_recognised(text):
    assert routines(text)


@pytest.mark.parametrize(
    "piece", ["his wife ", "works at ", "goes to the ", "Mother: ", "her son, ", "school ", "a" * 50 + "'s "]
)
def test_no_text_makes_it_slow(piece):
    text = (piece * (200_000 // len(piece) + 1))[:200_000]
    began = time.process_time()
    list(DETECTOR.find(normalise(text), None))
    assert time.process_time() - began < 8  # generous: the machine that runs the tests may be shared; about 2 alone
