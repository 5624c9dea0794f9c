"""Reading the catalogue of remedies, and finding the one entry that answers a remedy of the law.

Each folder ``remedies/catalogue/<id>/`` holds one remedy.yaml. What is read is kept for the life of the process.
A file that cannot be understood raises PackFileError, never yields half a remedy.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from habeas.kernel.packfiles import PACKAGE, PackFileError, read_yaml
from habeas.remedies.core.model import PHASES, CatalogueEntry, Offer, Serves

CATALOGUE = PACKAGE / "remedies" / "catalogue"
SCHEMA = PACKAGE / "remedies" / "schema" / "remedy.schema.json"

_Route = tuple[str, str, str | None]


class UnservedRemedyError(LookupError):
    """A remedy of the law that no entry, or no single entry, of the catalogue answers."""


@cache
def catalogue(root: Path = CATALOGUE) -> Mapping[str, CatalogueEntry]:
    """Every entry by its id, in the order of phases and, within one, of ``order``. Raises PackFileError."""
    entries = [_read(file) for file in sorted(root.glob("*/remedy.yaml"))]
    entries.sort(key=lambda entry: (PHASES.index(entry.phase), entry.order, entry.id))
    found = {entry.id: entry for entry in entries}
    for entry in entries:
        _check_names(entry, found, root)
    _routes_of(entries, root)
    return MappingProxyType(found)


@cache
def still_to_come() -> frozenset[str]:
    """Facts that a step of some plan makes true: where nobody has taken it, they are open and never in the way."""
    return frozenset(fact for entry in catalogue().values() for fact in entry.brings_about)


def entry_for(type_: str, from_: str, sought_by: str, root: Path = CATALOGUE) -> tuple[CatalogueEntry, Serves]:
    """The one entry that answers a remedy of the law, with the line by which it does.

    An entry that names who seeks it wins over one that serves everybody. Raises UnservedRemedyError.
    """
    routes = _routes(root)
    route = routes.get((type_, from_, sought_by)) or routes.get((type_, from_, None))
    if route is None:
        raise UnservedRemedyError(
            f"no entry of {root} serves type {type_!r} from {from_!r} sought by {sought_by!r}; "
            "add it to the `serves` of one remedy.yaml"
        )
    return route


@cache
def _routes(root: Path) -> Mapping[_Route, tuple[CatalogueEntry, Serves]]:
    return _routes_of(list(catalogue(root).values()), root)


def _routes_of(entries: list[CatalogueEntry], root: Path) -> Mapping[_Route, tuple[CatalogueEntry, Serves]]:
    routes: dict[_Route, tuple[CatalogueEntry, Serves]] = {}
    for entry in entries:
        for line in entry.serves:
            route = (line.type, line.from_, line.sought_by)
            if route in routes:
                raise PackFileError(
                    f"{root}: {line.type} from {line.from_} sought by {line.sought_by or 'anybody'} is served by both "
                    f"{routes[route][0].id} and {entry.id}; keep one"
                )
            routes[route] = (entry, line)
    return MappingProxyType(routes)


def _check_names(entry: CatalogueEntry, found: Mapping[str, CatalogueEntry], root: Path) -> None:
    named = [remedy for _, remedy in entry.instead_for]
    named += [remedy for line in entry.serves for _, remedy in line.under]
    named += [line.interim for line in entry.serves if line.interim]
    named += [entry.takes_over] if entry.takes_over else []
    # A step without a space is meant as the id of another remedy; a misspelt id would else be shown as a sentence.
    named += [step for _, step in entry.follows if " " not in step]
    for remedy in named:
        if remedy not in found:
            raise PackFileError(f"{root / entry.id}: names the remedy {remedy!r}, which is not in the catalogue")


def _read(path: Path) -> CatalogueEntry:
    raw = read_yaml(path)
    try:
        entry = _entry(raw)
    except KeyError as error:
        raise PackFileError(f"{path}: {error} is missing") from error
    except (AttributeError, TypeError, ValueError) as error:
        raise PackFileError(f"{path}: not written as remedies/schema/remedy.schema.json asks") from error
    if entry.id != path.parent.name:
        raise PackFileError(f"{path}: the id {entry.id!r} differs from its folder; make them the same")
    return entry


def _entry(raw: Mapping[str, Any]) -> CatalogueEntry:
    target = raw["default_clock"]
    if target["set_by"] != "organisation":
        raise ValueError("a default clock is never law")
    PHASES.index(raw["phase"])
    if not isinstance(raw["human_decides_escalation"], bool):
        raise TypeError("whether a person decides is yes or no")
    return CatalogueEntry(
        id=raw["id"],
        order=raw["order"],
        title=raw["title"],
        purpose=raw["purpose"],
        phase=raw["phase"],
        addressee=raw["addressee"],
        forum=raw.get("forum", "national"),
        serves=tuple(_serves(line) for line in raw["serves"]),
        offered=_offer(raw["offered"]) if raw.get("offered") else None,
        instead_for=tuple(sorted((raw.get("instead_for") or {}).items())),
        takes_over=raw.get("takes_over"),
        who_may_seek=tuple(raw["who_may_seek"]),
        wishes=frozenset(raw["wishes"]),
        needs_facts=tuple(raw["needs_facts"]),
        unless_facts=tuple(raw.get("unless_facts") or ()),
        restricts_speech=raw["restricts_speech"],
        leaves_the_house=raw.get("leaves_the_house", True),
        needs_consent=raw["needs_consent"],
        reveals=raw["reveals"],
        reveals_to=tuple(raw["reveals_to"]),
        warnings=tuple(raw["warnings"]),
        encloses=tuple(raw.get("encloses") or ()),
        starts=raw["clock_starts"],
        brings_about=frozenset(raw.get("brings_about") or ()),
        target_hours=target["hours"],
        target_text=target["text"],
        follows=tuple((answer, step) for answer, step in raw["what_follows"].items()),
        human_decides_escalation=raw["human_decides_escalation"],
        reverify_hours=tuple(raw.get("reverify_hours") or ()),
        letter=raw["letter"],
    )


def _offer(raw: Mapping[str, Any]) -> Offer:
    return Offer(
        to=raw["to"],
        roles=frozenset(raw["roles"]) if raw.get("roles") else None,
        wishes=frozenset(raw.get("wishes") or ()),
        once_sent=raw.get("once_sent"),
    )


def _serves(raw: Mapping[str, Any]) -> Serves:
    return Serves(
        type=raw["type"],
        from_=raw["from"],
        sought_by=raw.get("sought_by"),
        addressee=raw.get("addressee"),
        starts=raw.get("clock_starts"),
        under=tuple(sorted((raw.get("under") or {}).items())),
        interim=raw.get("interim"),
    )
