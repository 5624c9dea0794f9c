"""Strong Kleene logic over rules: true, false, and unknown that stays unknown.

Learning a fact never reverses a decided answer: every operator here is monotone in the information order, in which
unknown lies below both true and false.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from habeas.law.core.model import FactDefinition, Provision, Rule, Truth

Facts = Mapping[str, Truth]


def holds(rule: Rule, facts: Facts) -> Truth:
    """Whether a rule holds on the facts. A fact that is not in the mapping is unknown."""
    match rule.op:
        case "fact":
            return facts.get(rule.fact)
        case "not":
            inner = holds(rule.parts[0], facts)
            return None if inner is None else not inner
        case "all":
            return conjunction(holds(part, facts) for part in rule.parts)
        case "any":
            return disjunction(holds(part, facts) for part in rule.parts)
        case "at_least":
            return _at_least(rule.need, [holds(part, facts) for part in rule.parts])
        case "unless":
            return holds(_spelled_out(rule), facts)


def _spelled_out(rule: Rule) -> Rule:
    limb, exemption = rule.parts
    return Rule("all", (limb, Rule("not", (exemption,))))


@lru_cache(maxsize=4096)
def without_exemptions(rule: Rule) -> Rule:
    """The rule with the exemption of every limb left aside: what the conduct is, whether or not it is excused."""
    if rule.op == "unless":
        return without_exemptions(rule.parts[0])
    if not any(has_exemption(part) for part in rule.parts):
        return rule
    return Rule(rule.op, tuple(without_exemptions(part) for part in rule.parts), rule.fact, rule.need)


def exemptions_of(provision: Provision) -> Iterator[Rule]:
    """The exemption of the whole provision, then those of its limbs, in the order of the text."""
    if provision.exemptions is not None:
        yield provision.exemptions
    for _, exemption in exempt_limbs(provision.elements):
        yield exemption


def exempt_limbs(rule: Rule) -> Iterator[tuple[Rule, Rule]]:
    """Each limb that has an exemption of its own, with that exemption, in the order of the text."""
    if rule.op == "unless":
        yield rule.parts[0], rule.parts[1]
    for part in rule.parts:
        yield from exempt_limbs(part)


@lru_cache(maxsize=4096)
def has_exemption(rule: Rule) -> bool:
    """Whether a limb of the rule has an exemption of its own."""
    return rule.op == "unless" or any(has_exemption(part) for part in rule.parts)


def conjunction(truths: Iterable[Truth]) -> Truth:
    """False as soon as one part is false; true where every part is; unknown otherwise."""
    unknown = False
    for truth in truths:
        if truth is False:
            return False
        unknown = unknown or truth is None
    return None if unknown else True


def disjunction(truths: Iterable[Truth]) -> Truth:
    """True as soon as one part is true; false where every part is; unknown otherwise."""
    unknown = False
    for truth in truths:
        if truth is True:
            return True
        unknown = unknown or truth is None
    return None if unknown else False


def _at_least(need: int, truths: list[Truth]) -> Truth:
    certain = sum(truth is True for truth in truths)
    if certain >= need:
        return True
    return None if certain + sum(truth is None for truth in truths) >= need else False


def leaves(rule: Rule) -> Iterator[str]:
    """The facts a rule speaks of, in the order of the text; a fact named twice comes twice."""
    if rule.op == "fact":
        yield rule.fact
    for part in rule.parts:
        yield from leaves(part)


@lru_cache(maxsize=4096)
def facts_of(rule: Rule) -> tuple[str, ...]:
    """The facts a rule speaks of, each once, in the order of the text."""
    return tuple(dict.fromkeys(leaves(rule)))


def still_open(rule: Rule, facts: Facts) -> Iterator[str]:
    """Unknown facts whose answer could still settle an unsettled rule. Branches already decided ask for nothing."""
    if holds(rule, facts) is not None:
        return
    if rule.op == "fact":
        yield rule.fact
    for part in rule.parts:
        yield from still_open(part, facts)


def breaking(rule: Rule, facts: Facts, *, want: bool = True) -> Iterator[str]:
    """The facts that make a rule fail to be ``want``: why it does not hold (or, under *not*, why it does)."""
    truth = holds(rule, facts)
    if truth is None or truth is want:
        return
    if rule.op == "fact":
        yield rule.fact
    if rule.op == "unless":
        rule = _spelled_out(rule)
    for part in rule.parts:
        yield from breaking(part, facts, want=want if rule.op != "not" else not want)


def with_consequences(facts: Facts, vocabulary: Mapping[str, FactDefinition]) -> dict[str, Truth]:
    """The facts and what strictly follows from them: ``a implies b`` gives b where a is true, not a where b is false.

    What somebody has said stands: a consequence never overwrites a stated fact, so a contradiction stays visible.
    """
    known: dict[str, Truth] = {key: truth for key, truth in facts.items() if truth is not None}
    changed = True
    while changed:
        changed = False
        for key, definition in vocabulary.items():
            for consequence in definition.implies:
                if known.get(key) is True and known.get(consequence) is None:
                    known[consequence] = True
                    changed = True
                elif known.get(consequence) is False and known.get(key) is None:
                    known[key] = False
                    changed = True
    return known


def contradictions(facts: Facts, vocabulary: Mapping[str, FactDefinition]) -> list[tuple[str, str]]:
    """Pairs (a, b) where a is stated true, a implies b, and b is stated false: somebody is mistaken."""
    return [
        (key, consequence)
        for key, definition in vocabulary.items()
        for consequence in definition.implies
        if facts.get(key) is True and facts.get(consequence) is False
    ]
