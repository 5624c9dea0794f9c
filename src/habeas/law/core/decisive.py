"""What would decide an open provision: the smallest sets of unknown facts, each with the answer it would need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from habeas.law.core.model import Finding, Provision, Rule, Truth

Answers = frozenset[tuple[str, bool]]

# Rules with many alternatives have very many ways; the smallest are the ones a person can use.
MOST_WAYS = 24


@dataclass(frozen=True, slots=True)
class Deciding:
    """The smallest sets of answers that would decide an open finding; both empty where it is decided.

    opening: after any one of them the provision applies
    closing: after any one of them it can no longer apply
    """

    opening: tuple[Answers, ...] = ()
    closing: tuple[Answers, ...] = ()


def deciding(finding: Finding, facts: Mapping[str, Truth], most: int = 6) -> Deciding:
    """What would decide one finding, on the facts it was made from; reach and dates left aside.

    most: how many sets of each kind, the smallest first
    """
    if finding.outcome not in {"possible", "possibly_exempt"}:
        return Deciding()
    here = {**facts, **{known.key: known.truth for known in finding.here}}
    opening = ways_to_apply(finding.provision, here)[:most]
    closing = ways_to_fail(finding.provision, here)[:most]
    return Deciding(tuple(way for way in opening if way), tuple(way for way in closing if way))


def ways_to_apply(provision: Provision, facts: Mapping[str, Truth], most: int = MOST_WAYS) -> list[Answers]:
    """The smallest sets of answers after which the provision would be met, smallest first; empty where none could.

    An empty set alone means that it is met already (as far as its elements and exemptions go).
    """
    return ways(provision.applies, True, facts, most)


def ways_to_fail(provision: Provision, facts: Mapping[str, Truth], most: int = MOST_WAYS) -> list[Answers]:
    """The smallest sets of answers after which the provision could no longer be met, by an element or an exemption."""
    return ways(provision.applies, False, facts, most)


def ways(rule: Rule, want: bool, facts: Mapping[str, Truth], most: int = MOST_WAYS) -> list[Answers]:
    """The smallest sets of answers to unknown facts that make a rule come out as ``want``, whatever the rest is."""
    match rule.op:
        case "fact":
            return _ways_of_a_fact(rule.fact, want, facts)
        case "unless":
            limb, exemption = rule.parts
            return ways(Rule("all", (limb, Rule("not", (exemption,)))), want, facts, most)
        case "not":
            return ways(rule.parts[0], not want, facts, most)
        case "all" | "any":
            every = (rule.op == "all") is want
            branches = [ways(part, want, facts, most) for part in rule.parts]
            return _together(branches, most) if every else smallest((way for b in branches for way in b), most)
        case "at_least":
            need = rule.need if want else len(rule.parts) - rule.need + 1
            branches = [ways(part, want, facts, most) for part in rule.parts]
            chosen = (_together(list(some), most) for some in combinations(branches, need))
            return smallest((way for found in chosen for way in found), most)


def smallest(found: Iterable[Answers], most: int) -> list[Answers]:
    """Without those that contain another, smallest first, at most ``most``, in an order that never varies."""
    kept: list[Answers] = []
    for way in sorted(set(found), key=lambda way: (len(way), sorted(way))):
        if not any(smaller <= way for smaller in kept):
            kept.append(way)
        if len(kept) == most:
            break
    return kept


def _ways_of_a_fact(fact: str, want: bool, facts: Mapping[str, Truth]) -> list[Answers]:
    known = facts.get(fact)
    if known is None:
        return [frozenset({(fact, want)})]
    return [frozenset()] if known is want else []


def _together(branches: list[list[Answers]], most: int) -> list[Answers]:
    """One way of every branch at once; answers that contradict each other are no way."""
    found: list[Answers] = [frozenset()]
    for branch in branches:
        joined = (before | way for before in found for way in branch)
        found = smallest((way for way in joined if _consistent(way)), most)
    return found


def _consistent(way: Answers) -> bool:
    return len({fact for fact, _ in way}) == len(way)
