"""The law as people read it: a rule as a tree or in one sentence, and what a provision threatens and opens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from habeas.law.core.model import FactDefinition, Limitation, Remedy, Rule
from habeas.law.core.packs import parse_rule

_EVENTS = {"act": "the act", "knowledge": "knowledge of it", "end": "the end of the act"}
PROSECUTION = {
    "ex_officio": "by the authority itself",
    "on_complaint": "only after the victim's complaint",
    "private": "by the victim alone",
}

_BRANCH, _LAST, _THROUGH, _BELOW = "├─ ", "└─ ", "│  ", "   "


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a rule drawn as a tree.

    branch:  the strokes that lead to it, empty for the root
    label:   a fact's key, or how the parts below it combine
    meaning: what must hold for the fact; empty where the line is no fact
    """

    branch: str
    label: str
    meaning: str


def rows(rule: Rule, vocabulary: Mapping[str, FactDefinition]) -> Iterator[Row]:
    """The rule as a tree, a line for each fact and each combination, in the order of the text."""
    yield from _rows(rule, vocabulary, "", "", "")


def _rows(rule: Rule, vocabulary: Mapping[str, FactDefinition], branch: str, below: str, before: str) -> Iterator[Row]:
    if rule.op == "fact":
        yield Row(branch, before + rule.fact, meaning_of(rule.fact, vocabulary))
        return
    if rule.op == "unless":
        limb, exemption = rule.parts
        yield Row(branch, before + "this, unless it is exempt", "")
        yield from _rows(limb, vocabulary, below + _BRANCH, below + _THROUGH, "")
        yield from _rows(exemption, vocabulary, below + _LAST, below + _BELOW, "unless ")
        return
    if rule.op == "not":
        yield from _rows(rule.parts[0], vocabulary, branch, below, before + "not ")
        return
    yield Row(branch, before + _combination(rule), "")
    for number, part in enumerate(rule.parts, start=1):
        last = number == len(rule.parts)
        yield from _rows(
            part, vocabulary, below + (_LAST if last else _BRANCH), below + (_BELOW if last else _THROUGH), ""
        )


def _combination(rule: Rule) -> str:
    match rule.op:
        case "all":
            return "all of these"
        case "any":
            return "at least one of these"
        case _:
            return f"at least {rule.need} of these"


def in_words(rule: Rule) -> str:
    """The rule in one line, with brackets where it nests: ``act.disclosed and (intent.fear or intent.harass)``."""
    return _in_words(rule, nested=False)


def _in_words(rule: Rule, *, nested: bool) -> str:
    match rule.op:
        case "fact":
            return rule.fact
        case "not":
            return f"not {_in_words(rule.parts[0], nested=True)}"
        case "unless":
            limb, exemption = (_in_words(part, nested=True) for part in rule.parts)
            said = f"{limb} unless {exemption}"
        case "at_least":
            said = f"at least {rule.need} of {', '.join(_in_words(part, nested=True) for part in rule.parts)}"
        case _:
            joint = " and " if rule.op == "all" else " or "
            if len(rule.parts) == 1:
                return _in_words(rule.parts[0], nested=nested)
            said = joint.join(_in_words(part, nested=True) for part in rule.parts)
    return f"({said})" if nested else said


def as_written(rule: Rule) -> Any:
    """The rule as a pack writes it: what ``packs.parse_rule`` reads back as the same rule."""
    match rule.op:
        case "fact":
            return rule.fact
        case "not":
            return {"not": as_written(rule.parts[0])}
        case "unless":
            limb, exemption = (as_written(part) for part in rule.parts)
            return {**limb, "unless": exemption}
        case "at_least":
            return {"at_least": rule.need, "of": [as_written(part) for part in rule.parts]}
        case _:
            return {rule.op: [as_written(part) for part in rule.parts]}


def meaning_of(fact: str, vocabulary: Mapping[str, FactDefinition]) -> str:
    return " ".join(vocabulary[fact].meaning.split()) if fact in vocabulary else "not in the vocabulary"


def penalty_lines(penalty: Mapping[str, Any] | None) -> list[str]:
    """The most a provision threatens, then its tiers, a line each; none where nothing is recorded."""
    if not penalty:
        return []
    lines = [said for said in (_most(penalty), penalty.get("fine_note")) if said]
    lines += [str(other) for other in penalty.get("other") or ()]
    for key, word in (("aggravated", "more"), ("mitigated", "less")):
        for tier in penalty.get(key) or ():
            said = "; ".join(part for part in (_most(tier), tier.get("note")) if part)
            lines.append(f"{word} where {in_words(parse_rule(tier['if']))}: {' '.join(said.split()) or 'not recorded'}")
    return [" ".join(line.split()) for line in lines]


def _most(penalty: Mapping[str, Any]) -> str:
    months, fine = penalty.get("imprisonment_max_months"), penalty.get("fine_max")
    words = [f"imprisonment up to {months} months"] if months is not None else []
    if fine:
        words.append(f"fine up to {fine['currency']} {fine['amount']:,}")
    return ", ".join(words)


def remedy_lines(remedy: Remedy) -> list[str]:
    """What is opened, and then each of its times and conditions, a line each."""
    words = f"{remedy.type.replace('_', ' ')}, sought by the {remedy.sought_by}, from the {remedy.from_}"
    if remedy.within is not None:
        words += f", within {remedy.within}"
    if remedy.starts:
        words += f" {remedy.starts.replace('_', ' ')}"
    if remedy.ex_parte:
        words += ", before the other side is heard"
    lines = [words]
    if remedy.deadline_text:
        lines.append(f"“{' '.join(remedy.deadline_text.split())}”")
    if remedy.condition is not None:
        lines.append(f"only where {in_words(remedy.condition)}")
    lines += [f"then {'' if step.within is None else f'within {step.within}: '}{step.text}" for step in remedy.then]
    if remedy.lasts is not None:
        lines.append(f"what is granted holds for {remedy.lasts}")
    return lines


def limitation_words(limitation: Limitation | None) -> str:
    """Until when it can be brought, in one line; empty where nothing is recorded."""
    if limitation is None:
        return ""
    words = []
    for label, period, since in (
        ("", limitation.within, limitation.counted_from),
        ("complaint ", limitation.complaint, limitation.complaint_from),
    ):
        if period is not None:
            words.append(f"{label}within {period}" + (f" of {_EVENTS[since]}" if since else ""))
    if limitation.note:
        words.append(" ".join(limitation.note.split()))
    return "; ".join(words)
