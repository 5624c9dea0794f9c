"""Which question is worth asking next.

A question is worth what its answer is expected to settle: for each undecided provision, how far the chance that it
applies would move, weighted by what the provision opens, divided by what asking costs the person. Chances treat facts
as independent, which is enough to rank questions and is never shown as a probability of guilt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from habeas.law.core.engine import Situation
from habeas.law.core.model import FactDefinition, Finding, Rule, Tie, Truth
from habeas.law.core.reach import TIE_QUESTIONS

# How urgent and how useful what a provision opens is. Our own order, not law.
REMEDY_WEIGHT = {
    "removal": 5.0,
    "blocking": 4.0,
    "erasure": 4.0,
    "preservation": 4.0,
    "restraining_order": 4.0,
    "injunction": 3.0,
    "account_disclosure": 3.0,
    "compliance_order": 2.0,
    "correction": 2.0,
}
CRIMINAL_WEIGHT = 2.0
NOT_THEIR_OWN = 0.4
OTHER_REMEDY_WEIGHT = 1.0
CONFIDENCE_WEIGHT = {"high": 1.0, "medium": 0.8, "low": 0.5}
EVEN = 0.5
TIE_BURDEN = 1
ASKED_IN_A_CASE = ("person", "caseworker")


@dataclass(frozen=True, slots=True)
class Question:
    """One question worth asking.

    key:      a fact of the vocabulary, or ``reach.<tie>``
    worth:    expected movement per unit of burden, any positive number; only its order has meaning
    settles:  ids of undecided provisions the answer bears on, the most telling first
    why:      why it is asked, in plain words
    leaning:  0..1 where the text already gives a sign, else null
    """

    key: str
    text: str
    why: str
    burden: int
    asked_of: str
    worth: float
    settles: tuple[str, ...]
    leaning: float | None = None


@dataclass(frozen=True, slots=True)
class Stake:
    """Something that opens when any one of several provisions applies: a measure of the plan, or one provision.

    provisions: ids, any one of which is enough
    weight:     what opening it is worth, any positive number
    given:      facts that taking the step itself makes true (a notice notifies), so that they need no asking
    """

    name: str
    provisions: tuple[str, ...]
    weight: float
    given: frozenset[str] = frozenset()


def questions(
    findings: Iterable[Finding],
    situation: Situation,
    vocabulary: Mapping[str, FactDefinition],
    stakes: Iterable[Stake] | None = None,
) -> list[Question]:
    """The questions still worth asking, best first; empty when no answer can open or close anything at stake.

    stakes: what answers could open; by default each provision stands for itself
    """
    found = {finding.provision.id: finding for finding in findings}
    if stakes is None:
        stakes = [Stake(f.provision.id, (f.provision.id,), weight_of(f)) for f in found.values()]
    facts = situation.facts(vocabulary)
    moved: dict[str, dict[str, float]] = {}
    for stake in stakes:
        known = {**facts, **dict.fromkeys(stake.given, True)} if stake.given else facts
        carriers = [found[name] for name in stake.provisions if name in found]
        _add_movement(stake, carriers, known, _Chances(known, situation), moved)
    asked = (_question(key, worth, vocabulary, situation) for key, worth in moved.items())
    return sorted((q for q in asked if q.asked_of in ASKED_IN_A_CASE), key=lambda q: (-q.worth, q.key))


def _add_movement(
    stake: Stake,
    carriers: list[Finding],
    facts: Mapping[str, Truth],
    chance: _Chances,
    moved: dict[str, dict[str, float]],
) -> None:
    """Add, for each open fact, how far its answer is expected to move the chance that a stake opens.

    A stake opens unless every one of its provisions fails, so the movement of one provision counts only as far as the
    others leave it closed; a stake that one provision has opened for good asks for nothing more.
    """
    if any(finding.outcome == "met" for finding in carriers):
        return
    open_ones = [
        f for f in carriers if f.outcome == "possible" or (f.outcome == "possibly_exempt" and not f.exemptions)
    ]
    applying = [_applies(finding, facts, chance) for finding in open_ones]
    shut = [1 - value for value, _ in applying]
    for finding, (value, slopes), others in zip(open_ones, applying, _all_but_each(shut), strict=True):
        for key, slope in slopes.items():
            prior = chance(key)
            movement = 2 * prior * (1 - prior) * abs(slope) * others * stake.weight
            if movement > 0 and key in finding.missing:
                _put(moved, key, finding.provision.id, movement)
        for key in finding.missing:
            if key.startswith("reach.") and value > 0:
                _put(moved, key, finding.provision.id, EVEN * value * others * stake.weight)


def _put(moved: dict[str, dict[str, float]], key: str, provision: str, movement: float) -> None:
    by_provision = moved.setdefault(key, {})
    by_provision[provision] = by_provision.get(provision, 0.0) + movement


def _all_but_each(factors: list[float]) -> list[float]:
    """For each place the product of all other factors, without dividing by one that may be zero."""
    return [prod(factors[:i] + factors[i + 1 :]) for i in range(len(factors))]


def weight_of(finding: Finding) -> float:
    """What it is worth to know whether a provision applies: the sum of what it opens, by our trust in the source."""
    provision = finding.provision
    opens: dict[str, float] = {}
    for remedy in provision.remedies:
        # What the person can ask for in their own name helps first; the rest waits for an authority to take it up.
        own = 1.0 if remedy.sought_by == "victim" else NOT_THEIR_OWN
        opens[remedy.type] = max(opens.get(remedy.type, 0.0), own * REMEDY_WEIGHT.get(remedy.type, OTHER_REMEDY_WEIGHT))
    worth = sum(opens.values()) + (CRIMINAL_WEIGHT if provision.track == "criminal" else 0.0)
    return worth * CONFIDENCE_WEIGHT[provision.confidence]


class _Chances:
    """The chance that a fact is true: 1 or 0 where known, a sign's leaning, else even."""

    def __init__(self, facts: Mapping[str, Truth], situation: Situation) -> None:
        self._facts = facts
        self._leanings = {k: v.leaning for k, v in situation.known.items() if v.leaning is not None}

    def __call__(self, key: str) -> float:
        truth = self._facts.get(key)
        if truth is not None:
            return 1.0 if truth else 0.0
        return self._leanings.get(key, EVEN)


def _applies(finding: Finding, facts: Mapping[str, Truth], chance: _Chances) -> tuple[float, dict[str, float]]:
    """The chance that a provision applies, and its slope in every unknown fact."""
    return _slopes(finding.provision.applies, facts, chance)


def _slopes(rule: Rule, facts: Mapping[str, Truth], chance: _Chances) -> tuple[float, dict[str, float]]:
    if rule.op == "fact":
        return chance(rule.fact), ({rule.fact: 1.0} if facts.get(rule.fact) is None else {})
    inner = [_slopes(part, facts, chance) for part in rule.parts]
    if rule.op == "not":
        value, slopes = inner[0]
        return 1 - value, {key: -slope for key, slope in slopes.items()}
    if rule.op == "at_least":
        value = sum(value for value, _ in inner) / max(len(inner), 1)
        return value, _sum((slopes, 1 / len(inner)) for _, slopes in inner)
    if rule.op == "unless":
        (limb, slopes), (exempt, exempting) = inner
        return limb * (1 - exempt), _sum(((slopes, 1 - exempt), (exempting, -limb)))
    # any(a, b) is not(all(not a, not b)): one product serves both.
    held = [value if rule.op == "all" else 1 - value for value, _ in inner]
    product = prod(held)
    slopes = _sum((slopes, others) for (_, slopes), others in zip(inner, _all_but_each(held), strict=True))
    return (product if rule.op == "all" else 1 - product), slopes


def _sum(weighted: Iterable[tuple[dict[str, float], float]]) -> dict[str, float]:
    total: dict[str, float] = {}
    for slopes, weight in weighted:
        if weight:
            for key, slope in slopes.items():
                total[key] = total.get(key, 0.0) + slope * weight
    return total


def _question(
    key: str, moved: dict[str, float], vocabulary: Mapping[str, FactDefinition], situation: Situation
) -> Question:
    worth = sum(moved.values())
    settles = tuple(sorted(moved, key=lambda provision: (-moved[provision], provision)))
    if key.startswith("reach."):
        tie: Tie = key.removeprefix("reach.")  # type: ignore[assignment]
        return Question(
            key, TIE_QUESTIONS[tie], _why(settles, "where the law reaches"), TIE_BURDEN, "person", worth, settles
        )
    definition = vocabulary[key]
    known = situation.known.get(key)
    return Question(
        key=key,
        text=definition.question,
        why=_why(settles, definition.why),
        burden=definition.burden,
        asked_of=definition.asked_of,
        worth=worth / definition.burden,
        settles=settles,
        leaning=known.leaning if known else None,
    )


def _why(settles: tuple[str, ...], reason: str) -> str:
    count = len(settles)
    bears = f"It bears on {count} rule{'s' if count > 1 else ''} of law that could help."
    return f"{reason.rstrip('.')}. {bears}" if reason else bears
