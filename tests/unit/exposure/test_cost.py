"""Hostile text must not stop the house: every detector reads 200,000 characters of it in bounded time."""

import time
from datetime import date

import pytest

from habeas.exposure.core.detectors import ScanContext
from habeas.exposure.core.normalise import normalise
from habeas.exposure.core.scan import DETECTORS, settle

SIZE = 200_000
LIMIT_SECONDS = 4.0  # of processor time; two on a quiet machine
OURS = {
    "email",
    "phone",
    "iban",
    "card",
    "national_id",
    "network",
    "coordinates",
    "birth_date",
    "handle",
    "credential",
    "plate",
}

HOSTILE = {
    "one letter": "a",
    "one digit": "1",
    "digits and blanks": "1 ",
    "digits and dashes": "1-",
    "digits and dots": "1.",
    "pairs": "12 34-",
    "colons": "a:",
    "hexadecimal and colons": "ab12:",
    "at signs": "@",
    "letters and at signs": "a@",
    "letters and dots": "a.",
    "almost an e-mail": "a@b.",
    "brackets": "([{",
    "almost a disguise": "a [at] ",
    "dashes": "-",
    "blanks": " ",
    "slashes": "http://a/",
    "plus signs": "+1",
    "labels": "ssn: dob: plate: phone: password: ",
    "labels and digits": "phone 12 ssn 34 born 56 plate 78 ",
    "almost an account": "DE12 ",
    "almost a key": "-----BEGIN ",
    "almost a token": "eyJ",
    "two letters spaced out": "a 1 ",
    "degrees": "1°",
    "number words": "one two three four five six ",
    "letters with accents": "é",
    "look-alikes": "аb",
    "marks": "a\u0301\u0302\u0303",
    "lines": "1\n",
    "handles": "@ab1 ",
    "addresses": "a@b.org ",
    "web addresses and digits": "http://a.org/ 2175550142 ",
    "birth dates": "DOB 1991-04-30 ",
    "national numbers": "SSN 536-22-8726 ",
    "telephones": "call 217-555-0142 ",
    "plates": "plate 7ABC123 ",
    "log-ins": "a@b.org:secret1 ",
}


@pytest.mark.parametrize("piece", [pytest.param(piece, id=name) for name, piece in HOSTILE.items()])
def test_hostile_text_is_read_in_bounded_time(piece):
    text = (piece * (SIZE // len(piece) + 1))[:SIZE]
    context = ScanContext((), date(2026, 11, 23))
    slow = {}
    started = time.process_time()
    normalised = normalise(text)
    slow["normalise"] = time.process_time() - started
    found = []
    for detector in DETECTORS:
        if detector.name in OURS:
            started = time.process_time()
            found.extend(detector.find(normalised, context))
            slow[detector.name] = time.process_time() - started
    started = time.process_time()
    settle(found, normalised.urls)
    slow["settle"] = time.process_time() - started
    assert {name: seconds for name, seconds in slow.items() if seconds > LIMIT_SECONDS} == {}
