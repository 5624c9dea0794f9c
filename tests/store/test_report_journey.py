"""One report from the form to the plan: all or nothing, the same done twice, safe from a kill at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from factories.people import member
from factories.reports import FULL, SECRETS, an_examined_case, do_the_work, intake
from factories.storage import files_under, in_clear, stored_values
from habeas.access.core.envelope import CannotOpen
from habeas.cases import actions as cases
from habeas.cases import queries
from habeas.cases.core.intake import IncomingFile
from habeas.cases.models import Case, Report, Statement
from habeas.evidence import queries as evidence
from habeas.evidence.models import Item
from habeas.exposure import queries as exposure
from habeas.exposure.models import Exposure, Reading, Signal
from habeas.journey import report as journey
from habeas.kernel import clock
from habeas.law import queries as law
from habeas.law.models import Assessment, Finding
from habeas.ledger import queries as ledger
from habeas.remedies import actions as remedies
from habeas.remedies import queries as remedies_queries
from habeas.remedies.models import Measure, PlanRecord
from habeas.store import actions as store
from habeas.store.models import Job
from habeas.store.worker import Worker

TABLES = (Case, Report, Statement, Item, Reading, Exposure, Signal, Assessment, Finding, Measure, PlanRecord, Job)


def counts() -> dict[str, int]:
    return {table.__name__: table.objects.count() for table in TABLES}


def kinds_of(case: Case) -> list[str]:
    return [entry["kind"] for entry in ledger.entries_of(case.pk)]


@pytest.mark.django_db
def test_a_report_becomes_exposures_findings_and_a_plan():
    opened = journey.file_report(FULL)
    assert counts() == {**dict.fromkeys(counts(), 0), "Case": 1, "Report": 1, "Item": 2, "Job": 1, "Statement": 8}
    assert do_the_work() == 1

    case = queries.case_by_receipt(opened.receipt)
    assert case == opened.case
    assert (case.severity, case.examined_at is not None, Job.objects.get().state) == ("very_high", True, "done")
    found = Counter(e.kind for item in exposure.readings_of(case) for e in item.exposures)
    assert set(found) >= {"name", "birth_date", "address", "phone", "email", "iban", "credential"}
    outcomes = dict(law.latest_of(case).findings.values_list("provision", "outcome"))
    assert outcomes["nl.sr.285d"] in {"possible", "possibly_exempt", "met"}
    measures = list(remedies_queries.measures_of(case))
    assert measures
    phases = list(dict.fromkeys(measure.phase for measure in measures))
    assert phases == [p for p in ("preserve", "disclose", "remove", "protect", "repair") if p in phases]
    assert {measure.state for measure in measures} == {"drafted"}, "a person decides"


@pytest.mark.django_db(transaction=True)
def test_after_the_whole_journey_nothing_of_the_report_lies_in_clear(settings):
    opened = journey.file_report(FULL)
    assert do_the_work() == 1
    case = queries.case_by_id(opened.case.pk)
    journey.answer(case, "intent.fear", True, "asked at the desk", by=member())
    journey.add_links(case, ("https://mirror.example.net/mara-at-home",), by="receipt")
    assert in_clear((*SECRETS, opened.receipt.lower()), stored_values()) == []
    assert in_clear(SECRETS, files_under(settings.VAR)) == []


@pytest.mark.django_db
def test_examined_twice_a_case_is_what_it_was():
    case = an_examined_case()
    before, stood = counts(), list(Measure.objects.values_list("key", "planned", "state"))
    entries = len(ledger.entries_of(case.pk))
    journey.examine(str(case.pk))
    assert counts() == before
    assert list(Measure.objects.values_list("key", "planned", "state")) == stood
    # That it was read again is said once per item and once for the case, and nothing else.
    assert kinds_of(case)[entries:] == ["item.scanned", "item.scanned", "case.examined"]


@pytest.mark.django_db
def test_a_case_sent_with_links_only_is_planned_too():
    case = an_examined_case(intake(text="", links=FULL.links))
    assert (case.severity, exposure.readings_of(case)) == ("none", [])
    assert Measure.objects.filter(case=case).exists()


@pytest.mark.django_db
def test_where_nobody_lives_anywhere_no_law_is_asked_and_the_case_stands():
    case = an_examined_case(intake(lives_in=None))
    assert law.latest_of(case).findings.count() == 0
    assert case.examined_at is not None


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "trouble"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"%PDF-1.7\nthis is no PDF", "broken", id="broken-pdf"),
        pytest.param(b"\x7fELF\x02\x01\x01" + bytes(200), "unknown_type", id="a-program"),
    ],
)
def test_a_file_nobody_can_read_is_named_and_the_rest_goes_on(content, trouble):
    case = an_examined_case(intake(text=FULL.text, files=(IncomingFile("front-door.pdf", content),)))
    troubles = {item.reading.trouble for item in exposure.readings_of(case)}
    assert len(troubles) == 2
    assert "" in troubles
    assert trouble in troubles
    assert case.severity == "very_high"
    assert Measure.objects.filter(case=case).exists()
    assert "item.unreadable" in kinds_of(case)
    assert [evidence.content_of(item) for item, name in evidence.items_of(case) if name == "front-door.pdf"] == [
        content
    ]


@pytest.mark.django_db
def test_a_damaged_item_comes_back_as_work_that_failed_and_never_as_an_empty_case(tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path
    journey.file_report(FULL)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            file.write_bytes(b"changed on disk")
    assert do_the_work() == 1
    job = Job.objects.get()
    assert (job.state, job.last_error.split()[0]) == ("waiting", "ItemDamaged")
    assert Case.objects.get().examined_at is None


@pytest.mark.django_db
def test_an_answer_moves_findings_and_plan_together():
    case, by = an_examined_case(), member()
    moved = journey.answer(queries.case_by_id(case.pk), "intent.fear", True, "she said so", by=by)
    changes = law.changes_of(case)
    assert moved.findings == len(changes) > 0
    assert moved.measures == sum(map(len, remedies_queries.plan_of(case).difference.values()))
    assert "nl.sr.285d" in {change.provision for change in changes}
    known = queries.known_in(case)["intent.fear"]
    assert (known.truth, known.said_by, known.basis) == (True, "caseworker", "she said so")


@pytest.mark.django_db
def test_an_answer_given_again_moves_nothing_and_says_so():
    case, by = an_examined_case(), member()
    journey.answer(case, "intent.fear", True, "she said so", by=by)
    again = journey.answer(case, "intent.fear", True, "she said so", by=by)
    assert (again.findings, again.measures) == (0, 0)


@pytest.mark.django_db
def test_an_answer_whose_plan_fails_was_never_given(monkeypatch):
    case, by = an_examined_case(), member()
    before, entries = counts(), len(ledger.entries_of(case.pk))

    def fail(*_args: object, **_kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(remedies, "record_plan", fail)
    with pytest.raises(ZeroDivisionError):
        journey.answer(case, "intent.fear", True, "she said so", by=by)
    assert counts() == before
    assert len(ledger.entries_of(case.pk)) == entries
    assert "intent.fear" not in queries.known_in(case)


@pytest.mark.django_db
def test_a_place_brings_its_law_with_it():
    case, by = an_examined_case(intake(lives_in=None)), member()
    moved = journey.answer_place(case, "target_lives", ["DE"], by=by)
    assert moved.findings > 0
    assert "DE" in journey.judgement_of(queries.case_by_id(case.pk)).jurisdictions


@pytest.mark.django_db
def test_new_links_reach_the_plan_at_once_and_old_ones_change_nothing():
    case = an_examined_case()
    assert journey.add_links(case, ("https://mirror.example.net/2",), by="receipt") == 1
    names = {measure.planned["addressee"]["name"] for measure in Measure.objects.filter(case=case)}
    assert "mirror.example.net" in names
    before = counts()
    assert journey.add_links(case, ("https://mirror.example.net/2",), by="receipt") == 0
    assert counts() == before


@pytest.mark.django_db(transaction=True)
def test_people_and_programs_at_one_case_never_block_each_other():
    case, by = an_examined_case(), member()
    measures = list(Measure.objects.filter(case=case).values_list("pk", flat=True))
    failures: list[BaseException] = []

    def often(act, times: int = 6) -> threading.Thread:
        def run() -> None:
            try:
                for turn in range(times):
                    act(turn)
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        return threading.Thread(target=run)

    threads = [
        often(lambda turn: journey.answer(case, "intent.fear", turn % 2 == 0, "on the phone", by=by)),
        often(lambda turn: journey.add_links(case, (f"https://mirror.example.net/{turn}",), by="receipt")),
        often(lambda turn: remedies.withdraw(measures[turn], "not wanted", by=by, at=clock.now())),
        often(lambda _: cases.take(case, by=by, at=clock.now()), times=12),
        often(lambda _: cases.note_reading(case, by=by, purpose="law", at=clock.now()), times=12),
        often(lambda _: journey.examine(str(case.pk)), times=2),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert list(ledger.faults()) == []


FILE_REPORTS = """
import django; django.setup()
from habeas.cases.core.intake import IncomingFile, Intake
from habeas.journey.report import file_report
while True:
    files = (IncomingFile("a.txt", b"Lindengracht 212" * 500), IncomingFile("b.txt", b"+44 7700 900123"))
    opened = file_report(Intake(channel="portal", reporter="self", lives_in="NL", text="she lives here", files=files))
    print(opened.receipt, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_whoever_saw_a_receipt_finds_the_case_however_the_server_died(same_database):
    chance, seen = random.Random(20260306), []  # noqa: S311 (a schedule, not a secret)
    for _ in range(2):
        servers = [
            subprocess.Popen([sys.executable, "-c", FILE_REPORTS], env=same_database, stdout=subprocess.PIPE)
            for _ in range(2)
        ]
        seen += [server.stdout.readline() for server in servers]
        time.sleep(chance.uniform(0.1, 0.6))
        for server in servers:
            os.kill(server.pid, signal.SIGKILL)
        for server in servers:
            seen += server.stdout.readlines()
            server.stdout.close()
            server.wait()
    receipts = [line.decode().strip() for line in seen if line.endswith(b"\n")]
    assert len(receipts) >= 4
    found = [queries.case_by_receipt(receipt) for receipt in receipts]
    assert None not in found
    assert len({case.pk for case in found}) == len(receipts)
    assert list(ledger.faults()) == []
    # What was not acknowledged is there whole or not at all.
    jobs = {job.payload["case_id"] for job in Job.objects.all()}
    for case in Case.objects.select_related("key"):
        assert {name for _, name in evidence.items_of(case)} == {journey.PASTED, "a.txt", "b.txt"}
        assert all(evidence.content_of(item) for item, _ in evidence.items_of(case))
        assert str(case.pk) in jobs
        assert kinds_of(case) == ["case.opened", "item.sealed", "item.sealed", "item.sealed"]


WORK = """
import django; django.setup()
from django.conf import settings
from habeas.store.worker import Worker
print("at work", flush=True)
Worker(settings.HABEAS_JOBS, name="doomed").run_until_idle()
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_examines_leaves_the_rest_to_the_next(same_database, settings, monkeypatch):
    opened = [journey.file_report(intake(text=FULL.text, links=FULL.links)) for _ in range(12)]
    worker = subprocess.Popen([sys.executable, "-c", WORK], env=same_database, stdout=subprocess.PIPE)
    assert worker.stdout.readline() == b"at work\n"
    time.sleep(0.5)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()
    later = clock.now() + store.LEASE + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    Worker(settings.HABEAS_JOBS, name="the next").run_until_idle()
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}
    pictures = set()
    for one in opened:
        case = queries.case_by_id(one.case.pk)
        found = Counter(e.kind for item in exposure.readings_of(case) for e in item.exposures)
        pictures.add((case.severity, tuple(sorted(found.items())), case.measures.count(), case.statements.count()))
    assert len(pictures) == 1, "each case came out the same, whoever examined it"
    assert list(ledger.faults()) == []


@pytest.mark.django_db
def test_the_next_house_key_does_not_open_another_houses_items(tmp_path, settings):
    from habeas.access import keys

    case = an_examined_case()
    other: Path = tmp_path / "house.key"
    keys.make_house_key(other)
    settings.HABEAS_KEY_FILE = other
    with pytest.raises(CannotOpen):
        queries.report_of(queries.case_by_id(case.pk))
