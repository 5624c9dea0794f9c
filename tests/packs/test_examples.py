"""Every worked example of every pack, as the law engine sees it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

import pytest

from habeas.kernel.packfiles import PACKS, read_yaml
from habeas.law.core import packs
from habeas.law.core.engine import Situation, assess
from habeas.law.core.model import TIES, Known, Ties


def examples() -> list[Any]:
    found = []
    for code in packs.jurisdictions():
        file = PACKS / code.lower() / "examples.yaml"
        if file.exists():
            found += [pytest.param(code, example, id=f"{code}: {example['name']}") for example in read_yaml(file)]
    return found


@pytest.mark.parametrize(("code", "example"), examples())
def test_worked_example(code, example):
    day = date.fromisoformat(example["on"])
    known = {key: Known(key, truth, "person", "example") for key, truth in example["facts"].items()}
    ties = Ties(dict.fromkeys(TIES, frozenset({code})))
    provisions = packs.load_pack(code).provisions
    found = assess(provisions, Situation(known, ties, day, day), packs.load_vocabulary(), packs.jurisdictions())
    outcomes = {finding.provision.id: finding.outcome for finding in found}
    assert {name: outcomes[name] for name in example["expect"]} == example["expect"]


def test_each_provision_of_the_fifteen_largest_packs_has_an_example():
    sizes = Counter({code: len(packs.load_pack(code).provisions) for code in packs.jurisdictions()})
    without = []
    for code, _ in sizes.most_common(15):
        file = PACKS / code.lower() / "examples.yaml"
        told = {name for example in (read_yaml(file) if file.exists() else []) for name in example["expect"]}
        without += [law.id for law in packs.load_pack(code).provisions if law.id not in told]
    assert without == []
