"""Every worked example of every pack, as the law engine sees it."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from habeas.law.core import packs
from habeas.law.core.examples import load_examples, run_example


def examples() -> list[Any]:
    return [
        pytest.param(code, example, id=f"{code}: {example.name}")
        for code in packs.jurisdictions()
        for example in load_examples(code)
    ]


@pytest.mark.parametrize(("code", "example"), examples())
def test_worked_example(code, example):
    provisions = packs.load_pack(code).provisions
    found = run_example(example, code, provisions, packs.load_vocabulary(), packs.jurisdictions())
    assert [(each.provision, each.expected, each.got, each.because) for each in found] == []


def test_each_provision_of_the_fifteen_largest_packs_has_an_example():
    sizes = Counter({code: len(packs.load_pack(code).provisions) for code in packs.jurisdictions()})
    without = []
    for code, _ in sizes.most_common(15):
        told = {name for example in load_examples(code) for name in example.expect}
        without += [law.id for law in packs.load_pack(code).provisions if law.id not in told]
    assert without == []
