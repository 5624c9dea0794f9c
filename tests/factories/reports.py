from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from habeas.cases.actions import open_case
from habeas.cases.core.intake import IncomingFile, Intake
from habeas.cases.models import Case
from habeas.journey import report as journey
from habeas.store.worker import Worker

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)

NAME = "Mara Vellinga"
LINK = "https://board.example.net/thread/mara-at-home-88214"
CONTACT = "fenna.vellinga@example.com"
FILE_NAME = "vellinga-front-door.eml"

POST = f"""\
everyone wanted this so here it is
Full name: {NAME}
DOB: 14/03/1988
Address: Lindengracht 212, 1015 KL Amsterdam
Phone: +44 7700 900123
Email: mara.vellinga@example.org
Insta: @mara.vell.example
Her daughter Fenna goes to De Wilgen primary school, pick-up at 15:15
password: Sommer!2019 for mara.vellinga@example.org
you know what to do. go pay her a visit and make her regret it
"""

MESSAGE = """\
From: "a friend" <tip@example.net>
To: staff@example.com
Subject: look what Mara Vellinga hides
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="edge"

--edge
Content-Type: text/plain; charset=utf-8

Someone should call her landlord. IBAN NL91 ABNA 0417 1643 00
--edge
Content-Type: text/plain; charset=utf-8
Content-Disposition: attachment; filename="vellinga-front-door.txt"

The key lies at Lindengracht 212 under the blue pot.
--edge--
"""

# What must never stand anywhere in clear, small letters. Long enough not to turn up in random bytes.
SECRETS = (
    "vellinga", "lindengracht", "7700900123", "7700 900123", "mara.vell", "mara-at-home", "de wilgen", "sommer!2019",
    "nl91abna0417164300", "nl91 abna", "14/03/1988", "1988-03-14", "front-door", "blue pot", "fenna",
)  # fmt: skip

ANSWERS = {
    "consent.none": True,
    "act.disclosed": True,
    "act.public": True,
    "act.electronic": True,
    "subject.minor": False,
    "harm.fear": True,
    "service.hosting": True,
    "service.online_platform": True,
}

FULL = Intake(
    channel="portal",
    reporter="self",
    lives_in="NL",
    links=(LINK, "https://paste.example.com/x91k"),
    text=POST,
    files=(IncomingFile(FILE_NAME, MESSAGE.encode()),),
    answers=dict(ANSWERS),
    wishes=frozenset({"down", "stop", "who"}),
    danger=True,
    posted_on=date(2026, 1, 15),
    target_name=NAME,
    contact=CONTACT,
    submission="the first form",
)


def intake(**changes: object) -> Intake:
    """A small report of its own; ``changes`` are fields of Intake."""
    return replace(Intake(channel="portal", reporter="self", lives_in="NL", text="she lives here"), **changes)


def a_case(at: datetime = NOON, **changes: object) -> Case:
    """A case that nobody has read yet."""
    return open_case(intake(**changes), at=at).case


def an_examined_case(told: Intake = FULL) -> Case:
    """A case after the worker was there."""
    case = journey.file_report(replace(told, submission=intake().submission)).case
    journey.examine(str(case.pk))
    return Case.objects.get(pk=case.pk)


def do_the_work() -> int:
    """What the worker does beside the server. Returns how many jobs were tried."""
    from django.conf import settings

    return Worker(settings.HABEAS_JOBS, name="the worker of the tests").run_until_idle()
