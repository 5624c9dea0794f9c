"""What helps tonight: the few steps that fit what was exposed and what happened, the most urgent first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, get_args

from habeas.kernel.packfiles import PACKAGE, PackFileError, read_yaml

GUIDE: Final = PACKAGE / "learning" / "safety.yaml"
# More at once is a list nobody works through on a bad night. Source: the guide's own rule for display.
MOST_STEPS: Final = 5

Urgency = Literal["now", "today", "this_week", "later"]
URGENCIES: tuple[Urgency, ...] = get_args(Urgency)

# What a tick of the report says in the words of the guide.
SIGNALS_OF: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "home": ("exposed.home",),
        "location": ("exposed.home",),
        "phone": ("exposed.phone",),
        "email": ("exposed.email",),
        "work": ("exposed.work",),
        "school": ("exposed.work",),
        "children": ("exposed.children", "exposed.family"),
        "family": ("exposed.family",),
        "id_number": ("data.government_id",),
        "money": ("data.financial",),
        "accounts": ("data.credentials",),
        "health": ("data.sensitive",),
        "legal_name": ("exposed.legal_name",),
        "immigration": ("exposed.immigration",),
        "private_images": ("data.intimate_image",),
        "photos": (),
        "messages": (),
    }
)
_HAPPENED: Final[Mapping[str, str]] = MappingProxyType(
    {"threat": "act.threat_of_violence", "partner": "rel.ex_partner", "back": "stage.reupload"}
)
# Signals that are told elsewhere, by a caseworker or in the words of the person.
_TOLD_ELSEWHERE = frozenset(
    {"danger.immediate", "danger.swatting", "danger.suicidal", "exposed.employer_contact", "role.public"}
    | {"act.threatened"}
)
KNOWN_SIGNALS: Final = frozenset(
    {one for signals in SIGNALS_OF.values() for one in signals} | set(_HAPPENED.values()) | _TOLD_ELSEWHERE
)


@dataclass(frozen=True, slots=True)
class Step:
    """when: signals that must all hold; source_url: empty where the source has no address"""

    id: str
    when: frozenset[str]
    urgency: Urgency
    text: str
    why: str
    source_name: str
    source_url: str


@cache
def guide(path: Path = GUIDE) -> tuple[Step, ...]:
    """Every step, in the order of the file. Raises PackFileError."""
    entries = read_yaml(path)
    try:
        sources = entries["sources"]
        steps = tuple(
            Step(
                entry["id"],
                frozenset(entry["when"]),
                entry["urgency"],
                entry["text"],
                entry["why"],
                sources[entry["source"]]["name"],
                sources[entry["source"]]["url"] or "",
            )
            for entry in entries["steps"]
        )
    except (KeyError, TypeError) as error:
        raise PackFileError(f"{path.name}: a step or source lacks {error}") from error
    for step in steps:
        if unknown := sorted(step.when - KNOWN_SIGNALS):
            raise PackFileError(f"{path.name}: {step.id}: unknown signal {unknown[0]!r}")
        if step.urgency not in URGENCIES:
            raise PackFileError(
                f"{path.name}: {step.id}: urgency is {step.urgency!r}; it can be {', '.join(URGENCIES)}"
            )
    return steps


def steps_for(
    exposed: Collection[str],
    happened: Collection[str],
    *,
    danger: bool | None,
    minor: bool | None = None,
    partner: bool | None = None,
    steps: tuple[Step, ...] | None = None,
) -> list[Step]:
    """At most five steps, the most urgent first; among the equally urgent, what fits this case before what fits all.

    exposed:  ticks of the report, keys of ``SIGNALS_OF``; happened: threat, partner, back (others say nothing here)
    danger:   somebody is in danger now; minor: it is about a child
    Raises KeyError for a tick nobody defined: a typo must not hide a step.
    """
    signals = {signal for tick in exposed for signal in SIGNALS_OF[tick]}
    signals |= {_HAPPENED[tick] for tick in happened if tick in _HAPPENED}
    if danger:
        signals.add("danger.immediate")
    if partner:
        signals.add("rel.ex_partner")
    if minor and "school" in exposed:
        signals.add("exposed.children")
    fitting = [step for step in (guide() if steps is None else steps) if step.when <= signals]
    ranked = sorted(fitting, key=lambda step: (URGENCIES.index(step.urgency), -len(step.when)))
    return ranked[:MOST_STEPS]
