"""How often a fact was true in past cases, for the interview to lean on.

Counts only: how many cases answered a fact, and in how many it was true. No case can be read out of them, and a fact
that few cases answered says nothing yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from habeas.law.core.model import Truth

# Below this many answers the chance stays even: a handful of cases is a rumour.
ENOUGH = 30
# Answers we pretend to have seen, half of them yes, so that nothing ever becomes certain by habit.
_IMAGINED = 4


@dataclass(frozen=True, slots=True)
class Tally:
    """answered: cases in which the fact was answered; true: those in which it was so."""

    answered: int
    true: int


def tallied(cases: Iterable[Mapping[str, Truth]]) -> dict[str, Tally]:
    """The tally of each fact over the facts of some cases; what is unknown in a case is not an answer."""
    counts: dict[str, tuple[int, int]] = {}
    for facts in cases:
        for key, truth in facts.items():
            if truth is not None:
                answered, true = counts.get(key, (0, 0))
                counts[key] = (answered + 1, true + truth)
    return {key: Tally(answered, true) for key, (answered, true) in counts.items()}


def learned(tallies: Mapping[str, Tally], enough: int = ENOUGH) -> dict[str, float]:
    """The chance of each fact that enough cases answered, between 0 and 1 and never either."""
    return {
        key: (tally.true + _IMAGINED / 2) / (tally.answered + _IMAGINED)
        for key, tally in tallies.items()
        if tally.answered >= enough
    }
