"""For what a role may act: a table of roles and purposes.

Source: Regulation (EU) 2016/679, article 5(1)(b): personal data is processed for the purposes that were stated.
"""

from __future__ import annotations

from typing import Literal

from habeas.access.core.permissions import Role

# The same codes as in custody (evidence/core/custody.py), which says them in words.
Purpose = Literal["receive", "preserve", "help", "assess", "remedy", "court", "authority", "partner", "review", "erase"]

PURPOSES: tuple[Purpose, ...] = (
    "receive", "preserve", "help", "assess", "remedy", "court", "authority", "partner", "review", "erase",
)  # fmt: skip

# A custodian opens an identity for somebody else's purpose and a monitor sees figures: neither reads a case.
ACTS_FOR: dict[Role, frozenset[Purpose]] = {
    "caseworker": frozenset({"receive", "preserve", "help", "assess", "remedy", "court", "authority", "partner"}),
    "lead": frozenset(PURPOSES),
    "auditor": frozenset({"review"}),
    "counsel": frozenset({"remedy", "court", "authority"}),
    "custodian": frozenset(),
    "monitor": frozenset(),
    "clerk": frozenset({"court"}),
    "service": frozenset({"receive", "partner"}),
}

_NONE: frozenset[Purpose] = frozenset()


def may_act_for(role: str, purpose: str) -> bool:
    """Whether a role may act for a purpose. Raises KeyError for a purpose nobody defined."""
    if purpose not in PURPOSES:
        raise KeyError(purpose)
    return purpose in purposes_of(role)


def purposes_of(role: str) -> frozenset[Purpose]:
    """Every purpose that a role may act for; none for a role nobody defined."""
    return ACTS_FOR.get(role, _NONE)  # type: ignore[call-overload, no-any-return]
