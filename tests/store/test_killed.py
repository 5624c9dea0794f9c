"""``kill -9`` while items are sealed: what was acknowledged is there, whole, in the log; what was not harms nobody."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import time

import pytest

from factories.reports import a_case
from habeas.cases.models import Case
from habeas.evidence import queries
from habeas.evidence.models import Item
from habeas.ledger import queries as ledger

KILLS = 12
# Says an item's id and number once, and only once, the seal has been committed.
SEALER = """
import sys
import django

django.setup()
from datetime import UTC, datetime
from habeas.cases.models import Case
from habeas.evidence import actions

case = Case.objects.select_related("key").get(pk=sys.argv[1])
report = case.reports.get()
report.case = case
print("ready", flush=True)
number = int(sys.argv[2])
while True:
    number += 1
    content = f"item {number} ".encode() * 20_000
    item = actions.seal(report, f"{number}.txt", "text/plain", content, by="portal", at=datetime.now(UTC))
    print(item.pk, number, flush=True)
"""


@pytest.mark.django_db(transaction=True)
def test_no_acknowledged_item_is_lost_and_the_log_never_forks(same_database, tmp_path, settings):
    settings.HABEAS_EVIDENCE = tmp_path / "evidence"
    environment = {**same_database, "HABEAS_EVIDENCE": str(settings.HABEAS_EVIDENCE)}
    case = a_case()
    chance = random.Random(20261123)  # noqa: S311 (instants to kill at, no secrets)
    acknowledged: dict[str, int] = {}
    for _ in range(KILLS):
        acknowledged |= killed_while_sealing(case, len(acknowledged), chance.uniform(0, 0.15), environment)
    assert len(acknowledged) > KILLS, "it was killed too early to prove anything"
    sealed = {str(item.pk): item for item in Item.objects.filter(case=case).select_related("case__key")}
    assert set(acknowledged) <= set(sealed)
    for item_id, number in acknowledged.items():
        content = queries.content_of(sealed[item_id])
        assert content == f"item {number} ".encode() * 20_000
        assert queries.hashes_of(sealed[item_id]).sha256 == hashlib.sha256(content).hexdigest()
    assert list(ledger.faults()) == []
    assert queries.custody_gaps(queries.custody_of(case)) == []
    entered = {entry["item"] for entry in ledger.entries_of(case.pk) if entry["kind"] == "item.sealed"}
    assert entered == set(sealed), "an item stands in the log exactly where it stands in the database"
    # No repair: the next process goes on where the last one was killed.
    assert killed_while_sealing(case, 10_000, 0.3, environment)


def killed_while_sealing(case: Case, start: int, after_seconds: float, environment: dict[str, str]) -> dict[str, int]:
    """item id -> number of what a process said was sealed before it was killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", SEALER, str(case.pk), str(start)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(after_seconds)
    process.kill()
    said = [line.split() for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    process.wait()
    return {words[0]: int(words[1]) for words in said if len(words) == 2}
