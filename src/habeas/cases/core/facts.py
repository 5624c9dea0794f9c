"""What is known in a case: facts that may be unknown, who says so, and where the case touches the world."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Truth = bool | None

Tie = Literal["target_lives", "doer_acts", "service_in", "host_in", "harm_falls", "nationality"]
TIES: tuple[Tie, ...] = ("target_lives", "doer_acts", "service_in", "host_in", "harm_falls", "nationality")

SaidBy = Literal["person", "reporter", "caseworker", "scan", "law", "option"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one fact: its truth, who says so, and on what.

    leaning: 0..1, a sign short of knowledge (a phrase found in the text); it moves questions, never a finding
    since:   when it was said, or null where it comes with the question itself
    """

    key: str
    truth: Truth
    said_by: str
    basis: str
    leaning: float | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ties:
    """Where the case touches the world: for each tie a set of jurisdiction codes, or null where nobody knows."""

    places: Mapping[Tie, frozenset[str] | None] = field(default_factory=dict)

    def of(self, tie: Tie) -> frozenset[str] | None:
        return self.places.get(tie)


MACHINES = frozenset({"scan", "law"})


def current(statements: Iterable[Known]) -> dict[str, Known]:
    """What holds now, from all that was ever said, in the order in which it was said.

    The latest word of a person stands over any word of a machine, however late the machine speaks; "I don't know any
    more" takes a person's earlier answer back. A machine's knowledge stands over its own signs.
    """
    human: dict[str, Known] = {}
    machine: dict[str, Known] = {}
    for statement in statements:
        if statement.said_by in MACHINES:
            before = machine.get(statement.key)
            if before is None or before.truth is None or statement.truth is not None:
                machine[statement.key] = statement
        else:
            human[statement.key] = statement
    answered = {key: known for key, known in human.items() if known.truth is not None}
    taken_back = {key for key, known in human.items() if known.truth is None}
    return {**{key: known for key, known in machine.items() if key not in taken_back}, **answered}
