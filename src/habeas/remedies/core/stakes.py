"""What answers can open in a plan: the stakes of the interview.

A question is asked for the sake of the plan. A measure that one provision already carries stays what it is however many
others would carry it too, so their open facts are not worth a person's breath.
"""

from __future__ import annotations

from collections.abc import Mapping

from habeas.law.core.interview import Stake
from habeas.remedies.core.catalogue import catalogue
from habeas.remedies.core.model import Phase, Plan, PlannedMeasure

# How much it helps a person that a measure opens. Our own order, not law.
PHASE_WEIGHT: Mapping[Phase, float] = {"remove": 5.0, "protect": 4.0, "preserve": 3.0, "disclose": 3.0, "repair": 1.0}
# A step that only an authority can take waits for more than an answer.
BY_OTHERS = 0.4


def stakes_of(plan: Plan) -> list[Stake]:
    """One stake for each measure of a plan that rests on law."""
    return [
        Stake(
            name=measure.key,
            provisions=tuple(dict.fromkeys(ground.provision for ground in measure.grounds)),
            weight=PHASE_WEIGHT[measure.phase] * (1.0 if _own(measure) else BY_OTHERS),
            given=catalogue()[measure.remedy].brings_about,
        )
        for measure in plan.measures
        if measure.grounds and measure.readiness != "ready"
    ]


def _own(measure: PlannedMeasure) -> bool:
    return "victim" in measure.sought_by or "helpline" in measure.sought_by
