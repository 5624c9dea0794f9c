"""From facts to a plan: what is asked is worth asking, and a no to a step not yet taken closes nothing."""

from __future__ import annotations

import random
from datetime import date

import pytest

from habeas.cases.core.facts import TIES, Known, Ties
from habeas.journey.examine import judge, situation_of
from habeas.law.core import packs
from habeas.law.core.interview import ASKED_IN_A_CASE
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
    settled = steps(judged(ties, told))
    # What follows from the places of the case is no free answer either.
    placed = {known.key for finding in judged(ties, told).findings for known in finding.here}
    definitions = [d for d in packs.load_vocabulary().values() if d.key not in {*told, *placed}]
    open_still = [d.key for d in definitions if d.asked_of in ASKED_IN_A_CASE]
    for _ in range(5):
        rest = {key: chance.random() < 0.5 for key in open_still}
        # What follows from an answer already given is no free answer.
        assert steps(judged(ties, _sound({**rest, **told}))) == settled


def _sound(truths: dict[str, bool]) -> dict[str, bool]:
    """The same answers without those that contradict others by what they imply."""
    vocabulary = packs.load_vocabulary()
    for key, definition in vocabulary.items():
        if truths.get(key) and any(truths.get(implied) is False for implied in definition.implies):
            truths = {**truths, key: False}
    return truths


def test_a_service_not_yet_notified_is_no_reason_not_to_notify_it():
    ties = living_in("NL", "IE")
    told = {"act.disclosed": True, "data.identifying": True, "service.hosting": True, "content.illegal": True}
    before, after = judged(ties, told), judged(ties, {**told, "service.notified": False})
    assert steps(after) == steps(before)
    assert "platform-notice:platform:board.example.net" in steps(after)
    assert "service.notified" not in {question.key for question in after.questions}
    assert any("service.notified" in finding.failing for finding in after.findings)
