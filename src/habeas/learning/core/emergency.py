"""Whom to call in danger, by country."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from habeas.kernel.packfiles import PACKAGE, PackFileError, read_yaml

NUMBERS: Final = PACKAGE / "learning" / "emergency.yaml"


@dataclass(frozen=True, slots=True)
class Emergency:
    """numbers: the police or all services, the first one first; children: a helpline for children, or null"""

    country: str
    numbers: tuple[str, ...]
    children: str | None
    confidence: Literal["high", "medium", "low"]
    source: str


@cache
def emergencies(path: Path = NUMBERS) -> Mapping[str, Emergency]:
    """Country code -> whom to call. Raises PackFileError."""
    entries = read_yaml(path)
    try:
        found = {
            code: Emergency(
                code, tuple(row["numbers"]), row["children"], row["confidence"], entries["sources"][row["source"]]
            )
            for code, row in entries["countries"].items()
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise PackFileError(f"{path.name}: a country lacks {error}") from error
    for one in found.values():
        if not one.numbers or not all(number.isdecimal() for number in (*one.numbers, one.children or "0")):
            raise PackFileError(f"{path.name}: {one.country}: a number holds digits only")
    return MappingProxyType(found)


def emergency_of(code: str) -> Emergency | None:
    """Whom to call where somebody lives; a state has its country's numbers. Null where none is known here."""
    return emergencies().get(code.partition("-")[0])
