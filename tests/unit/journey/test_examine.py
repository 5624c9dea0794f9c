"""From facts to a plan: what is asked is worth asking, and a no to a step not yet taken closes nothing."""

from __future__ import annotations

import random
from datetime import date

import pytest

from habeas.cases.core.facts import TIES, Known, Ties
from habeas.journey.examine import judge, situation_of
from habeas.law.core import packs
from habeas.law.core.interview import ASKED_IN_A_CASE
from habeas.law.core.logic import with_consequences
from habeas.remedies.core.model import PostingView

TODAY = date(2026, 11, 23)
POSTINGS = [PostingView(url="https://board.example.net/t/1", service="board.example.net")]


def judged(ties: Ties, truths: dict[str, bool]):
    known = {key: Known(key, truth, "person", "told") for key, truth in truths.items()}
    return judge(situation_of(known, ties, posted_on=None, today=TODAY), postings=POSTINGS)


def steps(judgement) -> dict[str, str]:
    return {m.key: m.readiness for m in judgement.plan.measures if m.readiness in {"ready", "needs_exemption_review"}}


def living_in(code: str, service: str) -> Ties:
    places = Ties(dict.fromkeys(TIES, frozenset({code})))
    return Ties({**places.places, "service_in": frozenset({service}), "host_in": frozenset({service})})


@pytest.mark.parametrize(("code", "service"), [("NL", "IE"), ("US-CA", "US"), ("KR", "KR"), ("GB", "US"), ("BR", "US")])
def test_once_nothing_is_asked_no_answer_changes_a_step(code, service):
    chance = random.Random(f"{code} {service}")  # noqa: S311 (a schedule, not a secret)
    ties, told = living_in(code, service), {"act.disclosed": True, "data.identifying": True}
    while found := judged(ties, told).questions:
        told[found[0].key] = chance.random() < 0.3
    over = judged(ties, told)
    for _ in range(5):
        assert steps(judged(ties, answered_further(over, chance))) == steps(over)


def answered_further(over, chance: random.Random) -> dict[str, bool]:
    """Whatever could still be said, at random, without contradicting what is known or follows from it."""
    vocabulary = packs.load_vocabulary()
    said = with_consequences({key: known.truth for key, known in over.situation.known.items()}, vocabulary)
    placed = {known.key for finding in over.findings for known in finding.here}
    for key, definition in chance.sample(list(vocabulary.items()), len(vocabulary)):
        if definition.asked_of in ASKED_IN_A_CASE and key not in {*said, *placed}:
            said = with_consequences({**said, key: chance.random() < 0.5}, vocabulary)
    return said


def test_a_service_not_yet_notified_is_no_reason_not_to_notify_it():
    ties = living_in("NL", "IE")
    told = {"act.disclosed": True, "data.identifying": True, "service.hosting": True, "content.illegal": True}
    before, after = judged(ties, told), judged(ties, {**told, "service.notified": False})
    assert steps(after) == steps(before)
    assert "platform-notice:platform:board.example.net" in steps(after)
    assert "service.notified" not in {question.key for question in after.questions}
    assert any("service.notified" in finding.failing for finding in after.findings)
