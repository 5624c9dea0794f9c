"""Invented cases over all packs, for figures and for trying a reform where no past cases are at hand.

Each case draws the places it touches and a *story*: one way in which one provision of those places is met; every other
fact of the case is drawn at random. The same seed gives the same case for as long as the packs stay the same.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from functools import cache

from habeas.cases.core.facts import TIES, Ties
from habeas.law.core import packs
from habeas.law.core.case_table import PastCase
from habeas.law.core.decisive import Answers, ways_to_apply
from habeas.law.core.model import Provision
from habeas.law.core.reach import known_from, lineage

OTHERS_TRUE = 0.25
_NO_STATES = frozenset({"EU", "COE", "UN"})


def simulated_case(seed: int) -> tuple[Ties, dict[str, bool]]:
    """The places of one simulated case, and the truth of every fact in it."""
    chance = random.Random(seed)  # noqa: S311 (a simulation, not a secret)
    lives = chance.choice([code for code in packs.jurisdictions() if code not in _NO_STATES])
    service = chance.choice(["US", "IE", lives])
    truths = {key: chance.random() < OTHERS_TRUE for key in packs.load_vocabulary()}
    story = dict(chance.choice(_stories_of(chance.choice(_carrying(lives)).id) or (frozenset(),)))
    places = dict.fromkeys(TIES, frozenset({lives}))
    ties = Ties({**places, "service_in": frozenset({service}), "host_in": frozenset({service})})
    placed = {known.key: known.truth is True for known in known_from(ties)}
    told = {**story, "act.disclosed": True, "data.identifying": True, **placed}
    return ties, _consistent({**truths, **told}, told)


def _consistent(truths: dict[str, bool], told: Mapping[str, bool]) -> dict[str, bool]:
    """The same facts without contradictions: what follows from a fact is true too, unless the story says otherwise."""
    vocabulary, settled = packs.load_vocabulary(), False
    while not settled:
        settled = True
        for key, definition in vocabulary.items():
            for implied in definition.implies:
                if truths[key] and not truths[implied]:
                    settled = False
                    if told.get(implied) is False:
                        truths[key] = False
                    else:
                        truths[implied] = True
    return truths


def simulated_cases(count: int, day: date, seed: int = 0) -> list[PastCase]:
    """So many of them as past cases, all of one day."""
    found = (simulated_case(seed + number) for number in range(count))
    return [PastCase(f"simulated {seed + n}", day, day, facts, ties) for n, (ties, facts) in enumerate(found)]


@cache
def _carrying(place: str) -> tuple[Provision, ...]:
    """The provisions in force that open something for someone who lives in a place."""
    jurisdictions = packs.jurisdictions()
    codes = [code for code in lineage([place], jurisdictions) if code in jurisdictions]
    found = [p for code in codes for p in packs.load_pack(code).provisions]
    return tuple(p for p in found if p.remedies and p.status == "in_force")


@cache
def _stories_of(provision: str) -> tuple[Answers, ...]:
    found = next(p for p in packs.load_pack(provision.partition(".")[0]).provisions if p.id == provision)
    return tuple(ways_to_apply(found, {}))
