"""Invented reports that show a new house what Habeas does. Nobody in them exists; numbers and sites are reserved."""

from __future__ import annotations

from datetime import date

from habeas.cases.core.intake import IncomingFile, Intake

_DROP = """\
=== DOX DROP: Mara Vellinga ===
everyone wanted this so here it is. the "journalist" who ruined our server

Full name: Mara Vellinga
DOB: 14/03/1988
Address: Lindengracht 212, 1015 KL Amsterdam
Phone: +31 6 1234 5678
Email: mara.vellinga@example.org
Insta: @mara.vell.example
Works at Noorderlicht Media, every morning on the 7:40 ferry
Her daughter Fenna goes to De Wilgen primary school, pick-up at 15:15

you know what to do. go pay her a visit and make her regret it
repost before they delete it, see you all at 8pm
"""

_LEAK = """\
From: "a friend" <tip@example.net>
To: staff@example.com
Subject: look what your colleague hides
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Someone should call his landlord. Here is everything:

Jonas Aldermann, Lindenstr. 12a, 10969 Berlin, Tel. 030 23125 0123
IBAN DE89 3704 0044 0532 0130 00
password: Sommer!2019

it would be a shame if people showed up
"""

_PRESS = """\
Media contact
Harbour Council Press Office
press@example.org, +44 20 7946 0018
The councillor's public office is at 1 Quayside, Harbourtown HB1 2AA. Office hours: Monday to Friday, 9 to 5.
According to the council, all registers are open to inspection.
"""

FIRST = Intake(
    channel="sample",
    reporter="self",
    language="en",
    lives_in="NL",
    links=("https://board.example.net/t/88214", "https://paste.example.com/x91k"),
    text=_DROP,
    answers={
        "consent.none": True,
        "act.disclosed": True,
        "act.public": True,
        "act.electronic": True,
        "subject.minor": False,
        "harm.fear": True,
        "harm.distress": True,
        "intent.fear": True,
        "exempt.journalism": False,
        "exempt.public_interest": False,
        "exempt.lawful_authority": False,
        "service.hosting": True,
        "service.online_platform": True,
    },
    wishes=frozenset({"down", "stop", "who"}),
    danger=True,
    posted_on=date(2026, 11, 20),
    target_name="Mara Vellinga",
)

OTHERS = (
    Intake(
        channel="sample",
        reporter="employer",
        lives_in="DE",
        files=(IncomingFile("message.eml", _LEAK.encode()),),
        answers={"act.disclosed": True, "act.electronic": True, "subject.minor": False},
        wishes=frozenset({"down"}),
        danger=False,
        posted_on=date(2026, 11, 12),
        target_name="Jonas Aldermann",
    ),
    Intake(
        channel="sample",
        reporter="other",
        lives_in="GB",
        links=("https://harbour.example.org/contact",),
        text=_PRESS,
        answers={"act.disclosed": True, "act.public": True},
        wishes=frozenset({"advice"}),
        danger=False,
    ),
    Intake(
        channel="sample",
        reporter="friend",
        lives_in="US-CA",
        links=("https://forum.example.com/p/5531",),
        text=(
            "found her new place: 1428 Alder Street Apt 3B, Sacramento, CA 95814. cell (916) 555-0142. "
            "someone should leave her a welcome present. DM me for the plate number"
        ),
        answers={"act.disclosed": True, "act.electronic": True, "consent.none": True, "subject.intimate_partner": True},
        wishes=frozenset({"down", "stop"}),
        posted_on=date(2026, 11, 22),
    ),
)
