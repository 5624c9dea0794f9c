"""The worked cases of a pack: what each says the law makes of some facts on a day, and whether the engine agrees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from habeas.kernel.packfiles import PACKS, PackFileError, pack_folder, read_yaml
from habeas.law.core.engine import Situation, assess
from habeas.law.core.model import TIES, FactDefinition, Finding, Jurisdiction, Known, Provision, Ties
from habeas.law.core.packs import FACTS, parse_day


@dataclass(frozen=True, slots=True)
class Example:
    """One worked case.

    on:     the day of the act and of asking
    facts:  those that are known; what is not named is unknown
    expect: provision id -> outcome
    """

    name: str
    on: date
    facts: Mapping[str, bool]
    expect: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One provision on one example that came out otherwise. ``finding`` is null where there is no such provision."""

    code: str
    example: str
    provision: str
    expected: str
    finding: Finding | None

    @property
    def got(self) -> str:
        return self.finding.outcome if self.finding else "no such provision"

    @property
    def because(self) -> str:
        """The facts on which it turned, as far as the finding names them."""
        found = self.finding
        if found is None:
            return "no pack that was read holds this provision"
        if found.failing:
            return f"these make the elements fail: {', '.join(found.failing)}"
        if found.missing:
            return f"these are not said: {', '.join(found.missing)}"
        if found.outcome == "not_in_force":
            return f"its law does not apply on {found.on}"
        if found.outcome == "exempt":
            return "an exemption holds"
        return "its elements hold and no exemption does" if found.outcome == "met" else ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the examples leave untried: ids of provisions with no example in which they are met, and none in which not.

    never_not: no example where it is not met or exempt. The day before it came into force is no such example.
    """

    never_met: tuple[str, ...]
    never_not: tuple[str, ...]


def vocabulary_of(root: Path = PACKS) -> Path:
    """The facts that the packs of a folder are made of: ``law/facts.yaml`` beside it, or else our own."""
    beside = root.parent / "law" / "facts.yaml"
    return beside if beside.is_file() else FACTS


def load_examples(code: str, root: Path = PACKS) -> tuple[Example, ...]:
    """The worked cases of one pack, none where it has no ``examples.yaml``. Raises PackFileError."""
    path = pack_folder(code, root) / "examples.yaml"
    if not path.is_file():
        return ()
    try:
        return tuple(
            Example(str(entry["name"]), parse_day(entry["on"]), dict(entry["facts"]), dict(entry["expect"]))
            for entry in read_yaml(path) or ()
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PackFileError(f"{path}: {error}; run `habeas law check`") from error


def run_example(
    example: Example,
    code: str,
    provisions: Sequence[Provision],
    vocabulary: Mapping[str, FactDefinition],
    jurisdictions: Mapping[str, Jurisdiction],
) -> tuple[Mismatch, ...]:
    """What comes out otherwise than the example says. Every tie of the case leads to the pack's own place."""
    known = {key: Known(key, truth, "person", "example") for key, truth in example.facts.items()}
    ties = Ties(dict.fromkeys(TIES, frozenset({code})))
    findings = assess(provisions, Situation(known, ties, example.on, example.on), vocabulary, jurisdictions)
    by_id = {finding.provision.id: finding for finding in findings}
    return tuple(
        Mismatch(code, example.name, provision, expected, by_id.get(provision))
        for provision, expected in example.expect.items()
        if provision not in by_id or by_id[provision].outcome != expected
    )


def coverage(provisions: Iterable[Provision], examples: Iterable[Example]) -> Coverage:
    """Which provisions the examples never show met, and which never not met."""
    told: dict[str, set[str]] = {}
    for example in examples:
        for provision, outcome in example.expect.items():
            told.setdefault(provision, set()).add(outcome)
    ids = [provision.id for provision in provisions]
    return Coverage(
        never_met=tuple(name for name in ids if "met" not in told.get(name, ())),
        never_not=tuple(name for name in ids if not {"not_met", "exempt"} & told.get(name, set())),
    )
