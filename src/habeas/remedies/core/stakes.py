"""What answers can open in a plan: the stakes of the interview.

A question is asked for the sake of the plan. A measure that one provision already carries stays what it is however many
others would carry it too, so their open facts are not worth a person's breath.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from habeas.law.core.interview import Stake
from habeas.law.core.logic import without_exemptions
from habeas.law.core.model import TRACKS_OF_CONDUCT, Finding, Rule
from habeas.remedies.core.catalogue import catalogue, entry_for
from habeas.remedies.core.model import CatalogueEntry, Phase, Plan, PlannedMeasure
from habeas.remedies.core.plan import ONCE_KNOWN, TERMS_REPORT

# How much it helps a person that a measure opens. Our own order, not law.
PHASE_WEIGHT: Mapping[Phase, float] = {"remove": 1.5, "protect": 1.4, "preserve": 1.25, "disclose": 1.25, "repair": 1.0}
# A step that only an authority can take waits for more than an answer.
BY_OTHERS = 0.8
# The report under a platform's own terms needs no law, and one exempt finding can make it wait for a second look.
TERMS_WEIGHT = 0.3
# A letter to a bank or a school helps at once, and less than what takes the data down.
BESIDE_LAW = 0.5


def stakes_of(plan: Plan, findings: Iterable[Finding]) -> list[Stake]:
    """One stake for each measure of a plan that is not ready, and one for the report under a platform's own terms.

    findings: those the plan was made from
    """
    found = {finding.provision.id: finding for finding in findings}
    stakes = [_stake(measure, found) for measure in plan.measures if measure.grounds and measure.readiness != "ready"]
    if any(measure.remedy == TERMS_REPORT for measure in plan.measures):
        conduct = {name: each for name, each in found.items() if each.provision.track in TRACKS_OF_CONDUCT}
        # Where an exemption holds, what is open is whether the conduct is covered, and so exempt.
        covered = {n: without_exemptions(e.provision.elements) for n, e in conduct.items() if e.exemptions is True}
        stakes.append(Stake(TERMS_REPORT, tuple(conduct), TERMS_WEIGHT, rules=covered))
    stakes += [_offer(entry) for entry in _waiting_offers(plan)]
    return stakes


def _waiting_offers(plan: Plan) -> Iterator[CatalogueEntry]:
    """What needs no law and is offered once facts are known, or waits for a fact that would make another way right."""
    waiting = {one.remedy for one in plan.omissions if one.remedy and one.why.startswith(ONCE_KNOWN)}
    waiting |= {m.remedy for m in plan.measures if not m.grounds and m.readiness == "needs_facts"}
    for remedy in sorted(waiting):
        entry = catalogue()[remedy]
        if entry.needs_facts or entry.unless_facts:
            yield entry


def _offer(entry: CatalogueEntry) -> Stake:
    needed = tuple(Rule("fact", fact=fact) for fact in entry.needs_facts)
    against = tuple(Rule("not", (Rule("fact", fact=fact),)) for fact in entry.unless_facts)
    weight = PHASE_WEIGHT[entry.phase] * BESIDE_LAW
    return Stake(entry.id, (), weight, entry.brings_about, alone=Rule("all", (*needed, *against)))


def _stake(measure: PlannedMeasure, found: Mapping[str, Finding]) -> Stake:
    provisions = tuple(dict.fromkeys(ground.provision for ground in measure.grounds))
    rules = {name: _rule(measure, found[name]) for name in provisions}
    return Stake(
        name=measure.key,
        provisions=provisions,
        weight=PHASE_WEIGHT[measure.phase] * (1.0 if _own(measure) else BY_OTHERS),
        given=catalogue()[measure.remedy].brings_about,
        rules={name: rule for name, rule in rules.items() if rule is not None},
    )


def _rule(measure: PlannedMeasure, finding: Finding) -> Rule | None:
    """That a provision applies and the condition of a remedy of its own holds; null where a remedy has none."""
    conditions: list[Rule] = []
    for opening in finding.opens:
        remedy = opening.remedy
        entry, line = entry_for(remedy.type, remedy.from_, remedy.sought_by)
        own = dict(line.under).get(finding.provision.id, entry.id)
        if measure.remedy not in {own, line.interim, *dict(entry.instead_for).values()}:
            continue
        if remedy.condition is None or opening.condition is True:
            return None
        conditions.append(remedy.condition)
    return Rule("all", (finding.provision.applies, Rule("any", tuple(conditions)))) if conditions else None


def _own(measure: PlannedMeasure) -> bool:
    return "victim" in measure.sought_by or "helpline" in measure.sought_by
