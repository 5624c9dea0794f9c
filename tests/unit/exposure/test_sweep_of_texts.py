"""Scanning very many texts gives what scanning each gives, with Hyperscan and without."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.exposure.core import trigger
from habeas.exposure.core.scan import FINDING, NOTHING, scan, scan_many

TODAY = date(2026, 11, 23)

# Each holds one thing by which a person can be found, plainly or in disguise.
FOUND = {
    "email": "write to mara.vellinga@example.org today",
    "email in brackets": "mara.vellinga [at] example [dot] org",
    "email spelt out": "mail mara.v at gmail dot com",
    "email, full width": "ｍａｒａ．ｖｅｌｌｉｎｇａ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    "email, zero-width": "mara.vel\u200blinga@exa\u200bmple.org",
    "email with blanks": "mara.vellinga @ example.com",
    "phone": "call +1 415 555 0100 now",
    "phone, math digits": "call 415-555-0100".translate({48 + n: 0x1D7CE + n for n in range(10)}),
    "phone, spaced out": "n u m b e r  4 1 5 5 5 5 0 1 0 0  ok",
    "phone in words": "call four one five five five five zero one zero zero",
    "phone, odd dashes": "phone 415\u2010555\u20110100",
    "phone in a link": "wa.me/447700900123",
    "iban": "IBAN DE89 3704 0044 0532 0130 00",
    "card": "card 4111 1111 1111 1111",
    "ssn": "his SSN is 536-90-4399",
    "labelled id": "DNI 12345678Z",
    "ip": "he logs in from 203.0.113.77",
    "ip with hidden dots": "ip 203[.]0[.]113[.]77",
    "ipv6": "her ip is 2001:db8:85a3::8a2e:370:7334",
    "coordinates": "house at 52.51631, 13.37771",
    "degrees": "52°30'58\"N 13°22'39\"E",
    "plus code": "pin 9F4MGCC7+5X",
    "birth date": "born on 14 March 1988",
    "birth date, Japanese": "生年月日 1988年3月14日",
    "birth date, word last": "1988年3月14日生まれ",
    "password": "password: Sommer!2019",
    "log-in": "mara@example.org:hunter2222",
    "token": "ghp_" + "a1B2c3D4" * 5,
    "plate": "license plate AB12 CDE",
    "address": "she lives at 14 Elm Grove, Leeds LS6 2AB",
    "address, Dutch": "Lindengracht 212, 1015 KL Amsterdam",
    "address without a number": "he lives on Maple Avenue in Leeds",
    "address, Japanese": "東京都千代田区丸の内1丁目9-1",
}
CLEAN = (
    "what a lovely day in the park with my wife",
    "RT @somebody: you will not believe this 😂🤣 http://example.org/x",
    "The score was 3-2 and 42 people came",
    "Mara Vellinga wrote a book about ferries",
    "Я люблю мой город и его людей",
    "今日はいい天気ですね",
    "don’t — ever — do that… ok\ufe0f",
    "",
)


@pytest.fixture(params=["Hyperscan", "without Hyperscan"])
def engine(request, monkeypatch):
    if request.param == "Hyperscan":
        pytest.importorskip("hyperscan", reason="the twin without it is tested beside this one")
    else:
        monkeypatch.setattr(trigger, "look", lambda: None)
    return request.param


def swept(*texts: str):
    return list(scan_many(texts, regions=("GB",), today=TODAY))


@pytest.mark.parametrize("name", FOUND)
def test_what_leads_to_a_person_is_found_among_many_as_alone(engine, name):
    text = f"some words before. {FOUND[name]} and some after"
    alone = scan(text, regions=("GB",), today=TODAY)
    assert any(exposure.kind in FINDING for exposure in alone.exposures), "the example itself must be found"
    assert swept("clean", text) == [NOTHING, alone]


def test_what_exposes_nobody_is_passed_over(engine):
    assert swept(*CLEAN) == [NOTHING] * len(CLEAN)


def test_a_name_alone_is_passed_over_and_beside_a_phone_it_is_not(engine):
    first, second = swept("Full name: Mara Vellinga", "Full name: Mara Vellinga, phone +44 7700 900123")
    assert first == NOTHING
    assert {"name", "phone"} <= {exposure.kind for exposure in second.exposures}


_PIECES = [*FOUND.values(), *CLEAN, "\n", " ", "\u200b", "😂", "ａ", "12", "at", "@", ".", "é", "ж"]


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=12)), max_size=5))
def test_any_text_is_scanned_among_many_as_it_is_alone(pieces):
    text = " ".join(pieces)
    alone = scan(text, today=TODAY)
    wanted = alone if any(exposure.kind in FINDING for exposure in alone.exposures) else NOTHING
    assert list(scan_many([text], today=TODAY)) == [wanted]


def test_disguises_in_any_place_are_seen_through():
    chance = random.Random(20261123)  # noqa: S311
    for name in ("email", "phone", "iban", "card", "ip", "address"):
        for _ in range(40):
            letters = list(FOUND[name])
            for _ in range(3):
                letters.insert(chance.randrange(len(letters)), chance.choice("\u200b\u2060\ufeff\u00ad"))
            text = "".join(letters)
            alone = scan(text, today=TODAY)
            wanted = alone if any(exposure.kind in FINDING for exposure in alone.exposures) else NOTHING
            assert list(scan_many([text], today=TODAY)) == [wanted]


def test_the_marks_need_no_more_than_microseconds_of_code_to_be_read():
    """Each mark compiles for both engines; a mark nobody needs, or a need nobody marks, is a mistake."""
    import re

    needed = {mark for sets in trigger.NEEDS.values() for one in sets for mark in one}
    assert needed <= set(trigger.marks())
    assert set(trigger.marks()) - needed == {"spaced out"}
    for patterns in trigger.marks().values():
        for pattern in patterns:
            re.compile(pattern.encode("latin-1"), re.IGNORECASE)
