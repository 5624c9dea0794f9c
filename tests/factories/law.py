"""Provisions of Examplia (XA), which is invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from habeas.law.core.model import Jurisdiction, Provision
from habeas.law.core.packs import parse_rule

XA = {"XA": Jurisdiction("XA", "Examplia", (), ("en",), None)}


def provision(elements: object = "act.disclosed", exemptions: object = None, **changes: object) -> Provision:
    """One provision, its rules written as packs write them."""
    made = Provision(
        id="xa.act.1",
        jurisdiction="XA",
        citation="Act 1",
        title="An act of Examplia",
        track="criminal",
        status="in_force",
        in_force_from=date(2020, 1, 1),
        in_force_to=None,
        as_of=date(2025, 1, 1),
        summary="",
        elements=parse_rule(elements),
        exemptions=parse_rule(exemptions) if exemptions else None,
        reach=("target_lives",),
        judged_on="act",
        penalty=None,
        remedies=(),
        limitation=None,
        foreseeability=None,
        source="",
        confidence="low",
        notes=None,
    )
    return replace(made, **changes)
