"""The words of custody: for what an item may be touched, on what ground, and what a chain of events must look like.

Purposes and grounds are codes and not free text: they stand in the ledger, which holds no person's data and cannot
forget what somebody typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Purpose = Literal["receive", "preserve", "help", "assess", "remedy", "court", "authority", "partner", "review", "erase"]
Basis = Literal["consent", "vital_interest", "legal_duty", "public_task", "legitimate_interest", "legal_claim", "order"]

PURPOSES: dict[str, str] = {
    "receive": "to take in what was reported",
    "preserve": "to keep what could vanish",
    "help": "to help the person affected",
    "assess": "to find out what is exposed and what the law says",
    "remedy": "to prepare a notice, request or application",
    "court": "for proceedings before a court",
    "authority": "for an authority that asked or must be told",
    "partner": "for a partner under an agreement",
    "review": "to review how a case was handled",
    "erase": "to erase",
}

# Source: Regulation (EU) 2016/679, articles 6(1) and 9(2)(f); "order" is a binding order of a court or authority.
BASES: dict[str, str] = {
    "consent": "the person agreed",
    "vital_interest": "a vital interest of somebody",
    "legal_duty": "a legal duty of the organisation",
    "public_task": "a task in the public interest",
    "legitimate_interest": "a legitimate interest",
    "legal_claim": "a legal claim is made or defended",
    "order": "an order of a court or authority",
}

# What must have happened to the same item or hand-over before an event makes sense.
_NEEDS: dict[str, frozenset[str]] = {
    "read": frozenset({"capture", "ingest"}),
    "copy": frozenset({"capture", "ingest", "redact", "translate"}),
    "redact": frozenset({"capture", "ingest"}),
    "translate": frozenset({"capture", "ingest"}),
}
_HANDOVER_NEEDS: dict[str, frozenset[str]] = {
    "accepted": frozenset({"offered"}),
    "refused": frozenset({"offered"}),
    "received": frozenset({"accepted"}),
    "returned": frozenset({"accepted", "received"}),
    "recalled": frozenset({"offered"}),
}


class UnknownPurpose(ValueError):
    """A purpose or ground that is not among the codes."""


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a chain, as far as its order matters. ``item`` and ``handover`` are ids, or empty."""

    number: int
    kind: str
    item: str
    handover: str
    at: datetime


def require_reason(purpose: str, basis: str) -> None:
    """Raises UnknownPurpose where purpose or basis is not a code of this house."""
    if purpose not in PURPOSES:
        raise UnknownPurpose(f"{purpose[:40]!r} is no purpose; use one of {', '.join(PURPOSES)}")
    if basis not in BASES:
        raise UnknownPurpose(f"{basis[:40]!r} is no legal basis; use one of {', '.join(BASES)}")


def gaps(steps: Sequence[Step]) -> list[str]:
    """Sentences on what a chain of custody lacks, oldest first; empty where it is whole.

    steps: in the order of the ledger
    """
    found: list[str] = []
    of_item: dict[str, set[str]] = {}
    of_handover: dict[str, set[str]] = {}
    destroyed = False
    latest: datetime | None = None
    for step in steps:
        if latest is not None and step.at < latest:
            found.append(f"event {step.number} ({step.kind}) says an earlier time than the event before it")
        latest = step.at if latest is None else max(latest, step.at)
        if destroyed and step.kind in {"read", "copy", "redact", "translate", "capture", "ingest"}:
            found.append(f"event {step.number} ({step.kind}) comes after the key was destroyed")
        found += _out_of_place(step, step.item, of_item, _NEEDS, "item")
        found += _out_of_place(step, step.handover, of_handover, _HANDOVER_NEEDS, "hand-over")
        destroyed = destroyed or step.kind == "key_destroyed"
    return found


def _out_of_place(
    step: Step, thing: str, seen: dict[str, set[str]], needs: dict[str, frozenset[str]], word: str
) -> list[str]:
    if not thing:
        return []
    before = seen.setdefault(thing, set())
    wanted = needs.get(step.kind)
    missing = wanted is not None and not wanted & before
    before.add(step.kind)
    if not missing or wanted is None:
        return []
    should = " or ".join(sorted(wanted))
    return [f"event {step.number}: {word} {thing[:8]}… was {step.kind} before anybody recorded {should}"]
