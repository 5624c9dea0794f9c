"""A provision as an expression of a database: the third reading of a rule, beside ``logic.holds`` and ``planes``.

The expressions are Ibis's, so one and the same runs where the cases lie: on DuckDB over a Parquet file, or unchanged on
PySpark over a cluster. A fact is a boolean column named by its key with the dot written as two underscores
(``act.disclosed`` is ``act__disclosed``); NULL is unknown, and a column that the table lacks is unknown in every case.
SQL's ``AND``, ``OR`` and ``NOT`` are Kleene's, so unknown needs no care but where parts are counted.

What follows from the facts (``logic.with_consequences``), and the two facts each jurisdiction sees for itself
(``subject.resident`` and ``content.illegal``), are the caller's to fill in; the days and the reach of a provision come
in as expressions of the caller's. ``planes`` covers all of these.

Ibis comes with the extra ``analytics`` (PySpark with ``spark``) and is imported only once an expression is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from habeas.law.core.logic import facts_of, without_exemptions
from habeas.law.core.model import Provision, Rule

if TYPE_CHECKING:
    from ibis.expr.types import BooleanValue, IntegerValue, StringValue, Table


def column_of(fact: str) -> str:
    """The column of a fact: a dot would part a table's name from a column's."""
    return fact.replace(".", "__")


def schema_of(provisions: Iterable[Provision]) -> Mapping[str, str]:
    """Column -> "boolean" for every fact that some provisions speak of, as ``ibis.table`` takes it."""
    return {column_of(fact): "boolean" for provision in provisions for fact in facts_of(provision.applies)}


def rule_expression(rule: Rule, table: Table) -> BooleanValue:
    """Whether a rule holds in each case of a table; NULL where that is unknown."""
    import ibis

    match rule.op:
        case "fact":
            name = column_of(rule.fact)
            return table[name] if name in table.columns else ibis.literal(None, type="boolean")
        case "not":
            return ~rule_expression(rule.parts[0], table)
        case "all":
            return reduce(and_, [rule_expression(part, table) for part in rule.parts] or [ibis.literal(True)])
        case "any":
            return reduce(or_, [rule_expression(part, table) for part in rule.parts] or [ibis.literal(False)])
        case "at_least":
            return _at_least(rule, table)
        case "unless":
            limb, exemption = (rule_expression(part, table) for part in rule.parts)
            return limb & ~exemption


def outcome_expression(
    provision: Provision, table: Table, *, in_force: BooleanValue | None = None, reach: BooleanValue | None = None
) -> StringValue:
    """The outcome of a provision in each case of a table, one of ``model.OUTCOMES``.

    in_force: whether it was law on the day of the case, NULL where unknown; left out, it is in every case
    reach:    whether it reaches the case, likewise
    """
    import ibis

    elements = rule_expression(without_exemptions(provision.elements), table)
    applies = rule_expression(provision.applies, table)
    ladder = [(~elements, "not_met")]
    if reach is not None:
        elements, applies = reach & elements, reach & applies
        ladder = [(~reach, "out_of_reach"), *ladder]
    if in_force is not None:
        elements, applies = in_force & elements, in_force & applies
        ladder = [(~in_force, "not_in_force"), *ladder]
    # A condition that is NULL is passed over, so each line below says what is known, not what is not.
    return ibis.cases(
        *ladder,
        (elements & applies, "met"),
        (elements & ~applies, "exempt"),
        (elements | ~applies, "possibly_exempt"),
        else_="possible",
    )


def _at_least(rule: Rule, table: Table) -> BooleanValue:
    """Counts what is certain and what could be. Each part is written twice, so counts within counts grow long."""
    import ibis

    if rule.need <= 0 or rule.need > len(rule.parts):
        return ibis.literal(rule.need <= 0)
    if rule.need in {1, len(rule.parts)}:
        return rule_expression(Rule("any" if rule.need == 1 else "all", rule.parts), table)
    parts = [rule_expression(part, table) for part in rule.parts]
    return ibis.cases(
        (_how_many(parts, unknown_as=False) >= rule.need, True),
        (_how_many(parts, unknown_as=True) < rule.need, False),
        else_=ibis.literal(None, type="boolean"),
    )


def _how_many(parts: list[BooleanValue], *, unknown_as: bool) -> IntegerValue:
    import ibis

    counted: IntegerValue = ibis.literal(0)
    for part in parts:
        counted = counted + ibis.ifelse(part.fill_null(unknown_as), 1, 0)
    return counted
