"""The identifiers by which a dox is known again however it is rewritten: a phone, an address, an account.

A *strong* identifier belongs to one person or household, so one of them is enough; of the others any two. Names and
dates of birth are left out: in a registry of some size strangers share them every day.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from habeas.exposure.core.model import Exposure, Kind

STRONG: frozenset[Kind] = frozenset({"phone", "email", "national_id", "iban", "card", "address"})
# A link to a profile counts as its account.
WEAK: frozenset[Kind] = frozenset({"handle", "profile_url", "plate", "ip", "coordinates"})
# Below this, what looks like an identifier may be an order number, and would tie strangers together.
LEAST_CONFIDENCE = 0.7
# An identifier that entries of more cases than this hold (a hotline, a company's address) ties nobody together.
TOO_COMMON = 3
# Whose data never says that a text is about the person of the case.
_NOT_OURS = frozenset({"author", "organisation"})


@dataclass(frozen=True, slots=True, order=True)
class Identifier:
    """kind and value as the scan normalised them (``Exposure.value``)."""

    kind: Kind
    value: str

    @property
    def is_strong(self) -> bool:
        return self.kind in STRONG


def identifiers(exposures: Iterable[Exposure]) -> frozenset[Identifier]:
    """The identifiers of a scan, without those of its author and of organisations."""
    return frozenset(
        Identifier("handle" if one.kind == "profile_url" else one.kind, _whole(one))
        for one in exposures
        if one.kind in STRONG | WEAK
        and one.confidence >= LEAST_CONFIDENCE
        and one.whose not in _NOT_OURS
        and _says_enough(one)
    )


def decide(shared: Mapping[int, frozenset[Identifier]], holders: Mapping[Identifier, int]) -> list[int]:
    """The entries that are known again, the one with most identifiers first.

    shared:  entry -> the identifiers that it has in common with the text
    holders: identifier -> in how many cases it stands
    """
    weights: Counter[int] = Counter()
    for entry, held in shared.items():
        telling = [one for one in held if holders.get(one, 1) <= TOO_COMMON]
        if any(one.is_strong for one in telling) or len(telling) >= 2:
            weights[entry] = sum(2 if one.is_strong else 1 for one in telling)
    return sorted(weights, key=lambda entry: (-weights[entry], entry))


def _whole(one: Exposure) -> str:
    """The value as it is compared: an account under its name alone, because people leave the network out."""
    value = one.value.casefold().strip()
    return value.rpartition(":")[2].lstrip("@") if one.kind in {"handle", "profile_url"} else value


def _says_enough(one: Exposure) -> bool:
    """An address without a number or a handle of three letters is many people's."""
    if one.kind == "address":
        return any(character.isdigit() for character in one.value) and len(one.value) >= 8
    if one.kind == "ip":
        return one.detail != "private"
    return len(_whole(one)) >= 4
