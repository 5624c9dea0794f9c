"""How long an addressee's system waits until an answer of its own is taken, with many measures stored.

``python bench/partner_answer.py [--measures 100000] [--answers 300]`` on an embedded database with full sync, through
the WSGI application in process: key, checks, one transaction with ledger and looks, the reply; beside an empty page of
the same site, by one client and by four at once. Half of the stored notices are the partner's own, so that its list is
long. The answers go to cases that were read, judged and planned. The new plan that follows is the worker's.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

GOAL_MS = 150
ANSWERS = ("acknowledged", "complied", "partly", "refused", "more_information")
HOST = "board.example.net"
TEXT = "Her name is Mara Vellinga, she lives at Lindengracht 212, 1015 KL Amsterdam. Go and make her regret it."

LIST = "/api/partners/v1/notices"
MANY = 4

# (method, path, body, Idempotency-Key)
Asked = tuple[str, str, bytes, str]
Call = Callable[[str, str, bytes, str], tuple[int, bytes]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--measures", type=int, default=100_000)
    parser.add_argument("--answers", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="habeas-partner-") as folder, house(Path(folder)):
        key, route = partner()
        references = notices(route, 2 * options.answers + 1)
        fill(route, options.measures - len(references))
        call = caller(key)
        cold, _ = timed(call, [answer_to(references[0], 0)], 1)
        print(f"the first answer after a start: {cold[0]:.0f} ms")
        half = len(references) // 2
        for clients, some in ((1, references[1 : half + 1]), (MANY, references[half + 1 :])):
            told(f"empty page, {clients} client(s)", *timed(call, [("GET", "/follow/", b"", "")] * len(some), clients))
            asked = [answer_to(one, number) for number, one in enumerate(some)]
            told(f"answer, {clients} client(s)", *timed(call, asked, clients))
        told("list of notices, first page", *timed(call, [("GET", LIST, b"", "")] * 50, 1))
        told("one notice", *timed(call, [("GET", f"{LIST}/{one}", b"", "") for one in references[:200]], 1))
        print(f"{options.measures:,} measures stored; goal for an answer: p99 <= {GOAL_MS} ms")


@contextmanager
def house(folder: Path) -> Iterator[None]:
    os.environ |= {
        "HABEAS_VAR": str(folder),
        "DJANGO_SETTINGS_MODULE": "habeas.web.site.settings",
        "HABEAS_DATABASE": "",
        "HABEAS_HOUSE_NAME": "Helpline",
        "HABEAS_HOUSE_ADDRESS": "1 Example Street",
        "HABEAS_HOUSE_EMAIL": "notices@example.org",
    }
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    from habeas.access import keys
    from habeas.web.api import partners

    keys.make_house_key(settings.HABEAS_KEY_FILE)
    call_command("migrate", verbosity=0)
    # One key asks here as a hundred partners would.
    partners.MOST_REQUESTS = 10**9
    yield


def partner() -> tuple[str, Any]:
    """(a partner's key, the route its notices go by)."""
    from habeas.kernel import clock
    from habeas.platforms import actions

    lead, at = person("lead"), clock.now()
    entry = actions.put_addressee("the-board", by=lead, at=at, name="The Board", kind="platform", hosts=[HOST])
    route = actions.put_route(entry, "email", {"address": f"abuse@{HOST}"}, by=lead, at=at)
    return actions.make_key(entry, "its system", by=lead, at=at), route


def person(role: str) -> Any:
    from habeas.access.models import Person

    number = Person.objects.count() + 1
    return Person.objects.create(username=f"{role}-{number}", role=role, first_name="Lee", password="!unusable")  # noqa: S106


def notices(route: Any, count: int) -> list[str]:
    """References of notices to the partner, each of a case that was read, judged, planned, approved and sent."""
    from habeas.cases.core.intake import Intake
    from habeas.journey import letters, report
    from habeas.kernel import clock
    from habeas.platforms import actions as platforms
    from habeas.remedies import actions, consents, progress
    from habeas.remedies.models import Measure

    facts = {"consent.none": True, "act.disclosed": True, "act.public": True, "service.hosting": True,
            "service.online_platform": True, "harm.fear": True}  # fmt: skip
    first, second, references = person("caseworker"), person("caseworker"), []
    for number in range(count):
        intake = Intake(channel="portal", reporter="self", lives_in="NL", links=(f"https://{HOST}/t/{number}",),
                        text=TEXT, answers=facts, wishes=frozenset({"down"}), submission=str(number))  # fmt: skip
        case = report.file_report(intake).case
        report.examine(str(case.pk))
        case.refresh_from_db()
        report.answer(case, "content.illegal", True, "it locates her", by=first)
        measure = Measure.objects.get(case=case, key=f"platform-notice:platform:{HOST}")
        consents.say(case, measure.key, given=True, by=None, at=clock.now())
        report.reassess(case, "the person agreed")
        measure.refresh_from_db()
        version = letters.draft(measure, "en", based_on=0, by=first)
        for by in (first, second)[: measure.approvals_needed]:
            measure = actions.approve(measure.pk, "it locates her", by=by, at=clock.now())
        sent = platforms.queue(measure, version, "email", {}, route=route, by=first, at=clock.now())
        platforms.settle(sent.pk, reference="", says="", proof=b"", proof_type="", by="worker", at=clock.now())
        references.append(progress.note_sent(measure.pk, by="worker", at=clock.now()).reference or "")
    return references


def fill(route: Any, count: int) -> None:
    """Other measures beside them, every second one sent by the partner's route."""
    from habeas.cases.actions import open_case
    from habeas.cases.core.intake import Intake
    from habeas.kernel import clock
    from habeas.platforms.models import Dispatch
    from habeas.remedies.models import LetterVersion, Measure

    at = clock.now()
    planned = Measure.objects.filter(sent_at__isnull=False).values_list("planned", flat=True).first()
    told = Intake(channel="portal", reporter="self", lives_in="NL", text="x")
    cases = [open_case(replace(told, submission=f"fill-{n}"), at=at).case for n in range(200)]
    letter, by = LetterVersion.objects.first(), person("caseworker")
    for start in range(0, count, 5_000):
        made = Measure.objects.bulk_create(
            Measure(case=cases[n % len(cases)], key=f"fill/{n}", reference=f"F-{n:010}", position=n, phase="remove",
                    planned=planned, approvals_needed=1, state="sent", planned_at=at, sent_at=at)
            for n in range(start, min(start + 5_000, count))
        )  # fmt: skip
        Dispatch.objects.bulk_create(
            Dispatch(measure=one, letter=letter, route=route if one.position % 2 else None, channel="email",
                     settings_sealed=b"", key=f"fill/{one.position}", state="sent", asked_by=by, queued_at=at,
                     settled_at=at)
            for one in made
        )  # fmt: skip


def caller(key: str) -> Call:
    """Asks the WSGI application as a server would."""
    from habeas.web.site.wsgi import application

    def call(method: str, path: str, body: bytes, once: str) -> tuple[int, bytes]:
        seen: list[str] = []
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr, "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.multithread": True,
            "wsgi.multiprocess": False, "wsgi.run_once": False, "HTTP_AUTHORIZATION": f"Bearer {key}",
            "HTTP_IDEMPOTENCY_KEY": once,
        }  # fmt: skip
        reply = application(environ, lambda status, headers, exc=None: seen.append(status))
        content = b"".join(reply)
        reply.close()
        return int(seen[0][:3]), content

    return call


def answer_to(reference: str, number: int) -> Asked:
    """All five kinds of answers come in turn."""
    body = json.dumps({"answer": ANSWERS[number % len(ANSWERS)], "words": "We looked at it."}).encode()
    return "POST", f"{LIST}/{reference}/answers", body, f"answer-{number}"


def timed(call: Call, asked: list[Asked], clients: int) -> tuple[list[float], int]:
    """(milliseconds of each request, how many were taken), by several clients side by side."""
    from django.db import connection

    waiting: SimpleQueue[Asked] = SimpleQueue()
    for one in asked:
        waiting.put(one)
    took: list[float] = []
    taken: list[str] = []

    def work() -> None:
        while True:
            try:
                method, path, body, once = waiting.get_nowait()
            except Empty:
                connection.close()
                return
            started = time.perf_counter()
            status, _ = call(method, path, body, once)
            took.append((time.perf_counter() - started) * 1000)
            if status == 200:
                taken.append(path)

    workers = [threading.Thread(target=work) for _ in range(clients)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return took, len(taken)


def told(what: str, took: list[float], taken: int) -> None:
    if taken != len(took):
        raise SystemExit(f"{what}: {len(took) - taken} of {len(took)} were refused")
    ordered = sorted(took)
    half, most = ordered[len(ordered) // 2], ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    print(f"{what}: {len(took)} taken, median {half:.1f} ms, p99 {most:.1f} ms, slowest {ordered[-1]:.1f} ms")


if __name__ == "__main__":
    main()
