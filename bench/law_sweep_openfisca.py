"""The peer of law_sweep.py, run by it in an environment of its own: the same rules as OpenFisca variables.

``python law_sweep_openfisca.py FOLDER``: reads ``rules.json`` (answer -> rule) and the facts, named in ``facts.json``.

OpenFisca knows true and false. Two runs: *two-valued*, on ``facts.npy`` with every unknown taken as false, which is
another and smaller question; and *three-valued*, on ``true.npy`` and ``false.npy``, where every fact and every answer
is two variables, certainly so and certainly not: the question that ours answers. Prints for each run its seconds and,
for each answer, in how many cases it holds (and fails).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.periods import MONTH
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

# OpenFisca dates everything it works out; one month for all, since these rules are judged on their own.
WHEN = "2026-11"


def text(rule: list) -> str:
    """A rule as the author of an OpenFisca formula writes it: arrays of booleans, joined by numpy's operators."""
    op, fact, need, parts = rule
    inner = [text(part) for part in parts]
    match op:
        case "fact":
            return f"person({fact!r}, period)"
        case "not":
            return f"~({inner[0]})"
        case "unless":
            return f"({inner[0]} & ~({inner[1]}))"
        case "at_least":
            return f"(({' + '.join(f'({part}).astype(int)' for part in inner)}) >= {need})"
        case _:
            return "(" + (" & " if op == "all" else " | ").join(inner) + ")"


def certain(rule: list, want: bool) -> str:
    """The same in three values: where a rule is certainly so, or certainly not."""
    op, fact, _, parts = rule
    match op:
        case "fact":
            return f"person('{fact}{'_true' if want else '_false'}', period)"
        case "not":
            return certain(parts[0], not want)
        case "unless":
            return f"({certain(parts[0], want)} {'&' if want else '|'} {certain(parts[1], not want)})"
        case "all" | "any":
            joined = " & " if (op == "all") is want else " | "
            return "(" + joined.join(certain(part, want) for part in parts) + ")"
        case _:
            raise NotImplementedError("no pack counts parts yet; write the counter when one does")


def system_of(facts: list[str], formulas: dict[str, str]) -> TaxBenefitSystem:
    person = build_entity(key="person", plural="persons", label="A case", is_person=True)
    system = TaxBenefitSystem([person])
    shape = {"value_type": bool, "entity": person, "definition_period": MONTH}
    for fact in facts:
        system.add_variable(type(fact, (Variable,), dict(shape)))
    for name, formula in formulas.items():
        found: dict = {}
        exec(f"def formula(person, period):\n    return {formula}\n", found)  # noqa: S102 (our own packs' rules)
        system.add_variable(type(name, (Variable,), {**shape, "formula": found["formula"]}))
    return system


def worked_out(facts: dict[str, np.ndarray], formulas: dict[str, str]) -> tuple[float, dict[str, int]]:
    """The best time of two runs, in seconds, and how many cases each formula holds in."""
    system, taken = system_of(list(facts), formulas), []
    for _ in range(2):
        simulation = SimulationBuilder().build_default_simulation(system, len(next(iter(facts.values()))))
        for name, column in facts.items():
            simulation.set_input(name, WHEN, column)
        start = time.perf_counter()
        holds = {}
        for name in formulas:
            holds[name] = int(np.count_nonzero(simulation.calculate(name, WHEN)))
            # Kept, the answers of all provisions would not fit beside the facts.
            simulation.delete_arrays(name)
        taken.append(time.perf_counter() - start)
    return min(taken), holds


def main(folder: Path) -> None:
    facts, rules = (json.loads((folder / name).read_text()) for name in ("facts.json", "rules.json"))
    columns = {name: np.load(folder / f"{name}.npy") for name in ("facts", "true", "false")}
    applies = {name: rule for name, rule in rules.items() if name.endswith("_applies")}
    two = worked_out(
        dict(zip(facts, columns["facts"], strict=True)), {name: text(rule) for name, rule in applies.items()}
    )
    planes = {
        f"{fact}_{side}": column
        for side in ("true", "false")
        for fact, column in zip(facts, columns[side], strict=True)
    }
    asked = {
        f"{name}_{side}": certain(rule, side == "true") for name, rule in rules.items() for side in ("true", "false")
    }
    three = worked_out(planes, asked)
    print(json.dumps({name: {"seconds": t, "holds": h} for name, (t, h) in (("two", two), ("three", three))}))


main(Path(sys.argv[1]))
