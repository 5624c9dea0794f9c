"""While somebody still tells: which question of the law is worth asking them next. Nothing is stored for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from habeas.cases.core.facts import Known, Ties, Truth
from habeas.journey.examine import judge, situation_of
from habeas.kernel import clock
from habeas.law.core.packs import load_vocabulary

# What costs more to answer than this is left to a person at the helpline, who can be kind about it.
MOST_BURDEN = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """key: a fact of the vocabulary; text, why: in English, to be translated where they are shown"""

    key: str
    text: str
    why: str


@cache
def to_persons() -> Mapping[str, Asked]:
    """Every question that a person who reports can be asked, by its fact."""
    return {
        key: Asked(key, fact.question, fact.why)
        for key, fact in load_vocabulary().items()
        if fact.asked_of == "person" and fact.burden <= MOST_BURDEN and fact.question
    }


def next_question(
    facts: Mapping[str, Truth], asked: Collection[str], lives_in: str | None, posted_on: date | None
) -> Asked | None:
    """The question worth most, among those a person can answer and was not asked yet; null where none is left.

    facts: what is known so far; lives_in: jurisdiction code, or null
    """
    known = {
        key: Known(key, truth, "person", "answered in the report") for key, truth in facts.items() if truth is not None
    }
    ties = Ties({"target_lives": frozenset({lives_in})} if lives_in else {})
    judged = judge(situation_of(known, ties, posted_on=posted_on, today=clock.today()))
    may = to_persons()
    return next((may[one.key] for one in judged.questions if one.key in may and one.key not in asked), None)
