"""Know your rights: what the law of a place says on a day, what it opens, whom to turn to, and how long it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from habeas.law.core.model import Jurisdiction, Provision
from habeas.law.core.packs import jurisdictions, load_pack

# Parts of a page, in the order in which they help.
PARTS: Final = ("take_down", "protect", "data", "crime", "civil", "authority")
_PART_OF_TRACK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "platform-duty": "take_down",
        "procedure": "protect",
        "controller-duty": "data",
        "criminal": "crime",
        "civil": "civil",
        "administrative": "authority",
    }
)


@dataclass(frozen=True, slots=True)
class Right:
    """One provision in force. opens: what it opens, as (type, from whom, its time in the law's words or empty)."""

    provision: Provision
    of: Jurisdiction
    inherited: bool
    opens: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Rights:
    """rights: part -> provisions, the place's own before what it takes over; places: it and whose law it takes over"""

    place: Jurisdiction
    on: date
    places: tuple[Jurisdiction, ...]
    rights: Mapping[str, tuple[Right, ...]]


class NoSuchPlace(LookupError):
    """There is no pack for this place."""


def rights_of(code: str, on: date) -> Rights:
    """What holds at a place on a day, its own law first. Raises NoSuchPlace."""
    known = jurisdictions()
    if code not in known:
        raise NoSuchPlace(f"no pack for {code[:20]!r}")
    places = _with_parents(code, known)
    found: dict[str, list[Right]] = {part: [] for part in PARTS}
    for place in places:
        for provision in load_pack(place.code).provisions:
            if provision.effect == "claim" and _in_force(provision, on):
                part = _PART_OF_TRACK[provision.track]
                found[part].append(Right(provision, place, place.code != code, _opens(provision)))
    return Rights(
        known[code], on, places, MappingProxyType({part: tuple(rows) for part, rows in found.items() if rows})
    )


def _in_force(provision: Provision, on: date) -> bool:
    if provision.status != "in_force" or provision.in_force_from is None or provision.in_force_from > on:
        return False
    return provision.in_force_to is None or provision.in_force_to >= on


def _opens(provision: Provision) -> tuple[tuple[str, str, str], ...]:
    return tuple((remedy.type, remedy.from_, remedy.deadline_text or "") for remedy in provision.remedies)


def _with_parents(code: str, known: Mapping[str, Jurisdiction]) -> tuple[Jurisdiction, ...]:
    found: dict[str, Jurisdiction] = {}
    waiting = [code]
    while waiting:
        here = waiting.pop(0)
        if here in found or here not in known:
            continue
        found[here] = known[here]
        waiting += known[here].within
    return tuple(found.values())
