"""Which question is worth asking next.

What a person needs is that something opens, so questions follow the surest short ways to that. For everything at stake
(a measure of the plan) and every provision that could carry it, a *way* through the rule is a set of answers under
which it applies: as likely as its answers are, and a little less for each question on it. A question is worth the sum,
over all that is at stake, of the ways it lies on, times what opening is worth, by what it costs to ask. A question on
no way can open or close nothing: when none is left, the interview is over.

Chances treat facts as independent, which is enough to rank questions and is never shown as a probability of guilt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import exp, prod

from habeas.law.core.engine import Situation
from habeas.law.core.logic import has_exemption, without_exemptions
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
# How much less likely a way is walked to its end for each unit of burden on it. Measured: bench/interview.py.
TIRING = 0.1
# What only a service or an authority can say is not asked here; a way through it is a long one.
BY_SOMEBODY_ELSE = 0.1
# What asking anything at all costs, in units of burden: a dear question comes later, not never.
TURN = 12
ASKED_IN_A_CASE = ("person", "caseworker")
# An outcome that can still come to carry something.
_UNDECIDED = frozenset({"possible", "possibly_exempt"})


@dataclass(frozen=True, slots=True)
class Question:
    """One question worth asking.

    key:      a fact of the vocabulary, or ``reach.<tie>``
    worth:    any positive number; only its order has meaning
    settles:  ids of undecided provisions on whose ways it lies, the most telling first
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
    rules:      for some of the provisions, what must hold for this stake where it is not just that they apply
    alone:      facts that are enough by themselves, without any law
    """

    name: str
    provisions: tuple[str, ...]
    weight: float
    given: frozenset[str] = frozenset()
    rules: Mapping[str, Rule] = field(default_factory=dict)
    alone: Rule | None = None


def questions(
    findings: Iterable[Finding],
    situation: Situation,
    vocabulary: Mapping[str, FactDefinition],
    stakes: Iterable[Stake] | None = None,
    priors: Mapping[str, float] | None = None,
) -> list[Question]:
    """The questions still worth asking, best first; empty when no answer can open or close anything at stake.

    stakes: what answers could open; by default each provision stands for itself
    priors: the chance that a fact is true, 0..1, where past cases taught it (``priors.learned``); otherwise even
    """
    found = {finding.provision.id: finding for finding in findings}
    if stakes is None:
        stakes = [Stake(f.provision.id, (f.provision.id,), weight_of(f)) for f in found.values()]
    guide = _Guide(situation, vocabulary, priors or {})
    worth: dict[str, dict[str, float]] = {}
    beside_law: dict[str, float] = {}
    for stake in stakes:
        for key, surest in guide.ways_alone(stake).items():
            worth.setdefault(key, {})
            beside_law[key] = beside_law.get(key, 0.0) + stake.weight * surest
        carriers = [found[name] for name in stake.provisions if name in found]
        if any(finding.outcome == "met" and finding.provision.id not in stake.rules for finding in carriers):
            continue
        for finding in carriers:
            for key, surest in guide.ways_through(finding, stake).items():
                by_provision = worth.setdefault(key, {})
                before = by_provision.get(finding.provision.id, 0.0)
                by_provision[finding.provision.id] = before + stake.weight * surest
    asked = (
        _question(key, by_provision, beside_law.get(key, 0.0), vocabulary, situation)
        for key, by_provision in worth.items()
    )
    return sorted((q for q in asked if q.asked_of in ASKED_IN_A_CASE), key=lambda q: (-q.worth, q.key))


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


Ways = dict[str, float]


class _Guide:
    """Finds, through each rule of one case, how sure it is to come out, and the ways through every open fact."""

    def __init__(
        self, situation: Situation, vocabulary: Mapping[str, FactDefinition], priors: Mapping[str, float]
    ) -> None:
        self._facts = situation.facts(vocabulary)
        self._vocabulary = vocabulary
        self._chances = {
            **priors,
            **{key: known.leaning for key, known in situation.known.items() if known.leaning is not None},
        }
        self._found: dict[tuple[str, frozenset[str], Rule], Ways] = {}

    def ways_through(self, finding: Finding, stake: Stake) -> Ways:
        """For each open fact or tie of an undecided finding, how sure the ways are that it lies on."""
        rule = stake.rules.get(finding.provision.id)
        if finding.outcome not in _UNDECIDED and not (finding.outcome == "met" and rule is not None):
            return {}
        key = (finding.provision.id, stake.given, rule or finding.provision.applies)
        if key not in self._found:
            self._found[key] = self._ways(finding, stake.given, key[2])
        return self._found[key]

    def ways_alone(self, stake: Stake) -> Ways:
        """For each open fact of what a stake needs beside law, how sure the ways are that it lies on."""
        if stake.alone is None:
            return {}
        facts = {**self._facts, **dict.fromkeys(stake.given, True)}
        return {key: way for key, way in self._through(stake.alone, True, facts)[1].items() if way > 0}

    def _ways(self, finding: Finding, given: frozenset[str], rule: Rule) -> Ways:
        here = {known.key: known.truth for known in finding.here}
        facts = {**self._facts, **here, **dict.fromkeys(given, True)}
        surest, ways = self._through(rule, True, facts)
        if has_exemption(finding.provision.elements) and finding.exemptions is not True:
            # That an exempt limb covers the case makes it a matter for review while another limb stays open.
            _, covering = self._through(without_exemptions(finding.provision.elements), True, facts)
            for key, way in covering.items():
                ways[key] = max(ways.get(key, 0.0), way * BY_SOMEBODY_ELSE)
        open_ties = [key for key in finding.missing if key.startswith("reach.")]
        if open_ties:
            tied = EVEN * exp(-TIRING * TIE_BURDEN)
            ways = {key: way * tied for key, way in ways.items()} | dict.fromkeys(open_ties, surest * tied)
        return {key: way for key, way in ways.items() if way > 0}

    def _through(self, rule: Rule, want: bool, facts: Mapping[str, Truth]) -> tuple[float, Ways]:
        """How sure it is that a rule comes out as ``want``, and the ways to that through each open fact."""
        if rule.op == "fact":
            return self._fact(rule.fact, want, facts)
        if rule.op == "not":
            return self._through(rule.parts[0], not want, facts)
        if rule.op == "unless":
            limb, exemption = rule.parts
            inner = [self._through(limb, want, facts), self._through(exemption, not want, facts)]
            need = 2 if want else 1
        else:
            inner = [self._through(part, want, facts) for part in rule.parts]
            need = _needed(rule, want)
        return _together(inner, need)

    def _fact(self, key: str, want: bool, facts: Mapping[str, Truth]) -> tuple[float, Ways]:
        truth = facts.get(key)
        if truth is not None:
            return (1.0 if truth is want else 0.0), {}
        chance = self._chances.get(key, EVEN)
        definition = self._vocabulary[key]
        sure = (chance if want else 1 - chance) * exp(-TIRING * definition.burden)
        if definition.asked_of in ASKED_IN_A_CASE:
            return sure, {key: sure}
        return sure * BY_SOMEBODY_ELSE, {}


def _needed(rule: Rule, want: bool) -> int:
    """How many parts must come out as ``want`` for the whole to."""
    need = {"all": len(rule.parts), "any": 1}.get(rule.op, rule.need)
    return need if want else len(rule.parts) - need + 1


def _together(inner: list[tuple[float, Ways]], need: int) -> tuple[float, Ways]:
    """How sure it is that ``need`` of several parts come out, and through each open fact.

    One of several: at least one does, and a fact counts for every part it serves. More of them: the surest ``need``
    together; a fact of a part outside these counts as if its part took the place of the least.
    """
    if need == 1:
        return 1 - prod(1 - sure for sure, _ in inner), _added(through for _, through in inner)
    ranked = sorted(inner, key=lambda part: -part[0])
    best = [sure for sure, _ in ranked[:need]]
    others = [prod(best[:place] + best[place + 1 :]) for place in range(need)] + [prod(best[:-1])] * len(ranked)
    return prod(best), _added(
        {key: way * beside for key, way in through.items()}
        for (_, through), beside in zip(ranked, others, strict=False)
    )


def _added(several: Iterable[Ways]) -> Ways:
    total: Ways = {}
    for ways in several:
        for key, way in ways.items():
            total[key] = total.get(key, 0.0) + way
    return total


def _question(
    key: str,
    moved: dict[str, float],
    beside_law: float,
    vocabulary: Mapping[str, FactDefinition],
    situation: Situation,
) -> Question:
    worth = sum(moved.values()) + beside_law
    settles = tuple(sorted(moved, key=lambda provision: (-moved[provision], provision)))
    if key.startswith("reach."):
        tie: Tie = key.removeprefix("reach.")  # type: ignore[assignment]
        worth /= TURN + TIE_BURDEN
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
        worth=worth / (TURN + definition.burden),
        settles=settles,
        leaning=known.leaning if known else None,
    )


def _why(settles: tuple[str, ...], reason: str) -> str:
    count = len(settles)
    if not count:
        opens = "It opens a step that needs no law."
        return f"{reason.rstrip('.')}. {opens}" if reason else opens
    bears = f"It bears on {count} rule{'s' if count > 1 else ''} of law that could help."
    return f"{reason.rstrip('.')}. {bears}" if reason else bears
