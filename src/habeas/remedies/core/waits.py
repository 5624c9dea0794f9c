"""How long people wait, when some are still waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

Wait = tuple[timedelta, bool]
# What rounding may add to a product of shares.
_ROUNDING = 1e-12


def median_wait(waits: Iterable[Wait]) -> timedelta | None:
    """The time after which half of all waits have ended: the median of the product-limit estimate.

    waits: (how long so far, whether it has ended); one that has not counts as having lasted at least so long
    Null where not half of them have ended, and where there is none. Leaving out those who still wait would flatter.
    Source: E. L. Kaplan and P. Meier, Nonparametric Estimation from Incomplete Observations, 1958.
    """
    ended, lasted = Counter[timedelta](), Counter[timedelta]()
    for wait, has_ended in waits:
        lasted[wait] += 1
        ended[wait] += has_ended
    waiting, share = lasted.total(), 1.0
    for wait in sorted(lasted):
        share *= 1 - ended[wait] / waiting
        if share <= 0.5 + _ROUNDING:
            return wait
        waiting -= lasted[wait]
    return None
