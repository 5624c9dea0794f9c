"""Reading the law: the vocabulary of facts, and the pack of each jurisdiction.

A pack is a folder, ``packs/<code>/``: ``jurisdiction.yaml`` says whose law it is and whose law it takes over
(``within``), ``provisions.yaml`` holds the rules, ``examples.yaml`` the worked cases. What is read is kept for the
life of the process: packs change with a release, not with a request.

A file that cannot be understood raises PackFileError, never yields half a rule. ``check.check_packs`` finds all
faults at once and says what to do about each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from habeas.kernel.calendars import Period
from habeas.kernel.packfiles import PACKAGE, PACKS, PackFileError, pack_codes, pack_folder, read_yaml
from habeas.law.core.logic import has_exemption
from habeas.law.core.model import (
    FactDefinition,
    Jurisdiction,
    Limitation,
    Pack,
    Provision,
    Remedy,
    Rule,
    Step,
    Tie,
    Track,
)

FACTS = PACKAGE / "law" / "facts.yaml"

# Any one of these ties to a jurisdiction brings a case within reach of its provisions, unless the provision says
# otherwise (``reach:``). Crime and tort follow the person harmed, the act or its effect; the duties of a service
# follow where it is offered or runs; the duties of a controller follow the person whose data it holds.
DEFAULT_REACH: Mapping[Track, tuple[Tie, ...]] = MappingProxyType(
    {
        "criminal": ("target_lives", "doer_acts", "harm_falls"),
        "civil": ("target_lives", "doer_acts", "harm_falls"),
        "administrative": ("target_lives", "doer_acts", "harm_falls", "service_in"),
        "platform-duty": ("service_in", "host_in", "target_lives"),
        "controller-duty": ("target_lives", "service_in", "host_in"),
        "procedure": ("target_lives", "doer_acts", "service_in", "host_in", "harm_falls"),
    }
)

# An offence is judged by the law of the day it was done. A duty or an order is judged by the law of the day one asks
# for it, unless the provision says otherwise (``judged_on:``).
DEFAULT_JUDGED_ON: Mapping[Track, Literal["act", "request"]] = MappingProxyType(
    {
        "criminal": "act",
        "civil": "act",
        "administrative": "act",
        "platform-duty": "request",
        "controller-duty": "request",
        "procedure": "request",
    }
)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@cache
def load_vocabulary(path: Path = FACTS) -> Mapping[str, FactDefinition]:
    """Every fact a rule may be made of, by its key, in the order of the file. Raises PackFileError."""
    entries = read_yaml(path)
    try:
        return MappingProxyType({key: _fact(key, entry) for key, entry in entries.items()})
    except (AttributeError, KeyError, TypeError) as error:
        raise PackFileError(f"{path}: {_plain(error)}; run `habeas law check`") from error


@cache
def jurisdictions(root: Path = PACKS) -> Mapping[str, Jurisdiction]:
    """Every jurisdiction that has a pack, by its code, in alphabetical order. Reads no provisions."""
    return MappingProxyType({code: _read_jurisdiction(code, root)[0] for code in pack_codes(root)})


@cache
def load_pack(code: str, root: Path = PACKS) -> Pack:
    """The jurisdiction and its own provisions, without those it takes over from others (see ``reach.lineage``).

    code: as in ``jurisdiction.yaml``, in either case (``US-CA`` or ``us-ca``)
    Raises PackFileError where there is no such pack or one of its files cannot be understood.
    """
    jurisdiction, as_of = _read_jurisdiction(code, root)
    path = pack_folder(code, root) / "provisions.yaml"
    provisions = []
    for number, entry in enumerate(read_yaml(path) or (), start=1):
        name = entry.get("id", f"entry {number}") if isinstance(entry, dict) else f"entry {number}"
        provisions.append(parse_provision(entry, jurisdiction.code, f"{path}: {name}", as_of))
    return Pack(jurisdiction=jurisdiction, provisions=tuple(provisions))


def parse_provision(entry: Any, jurisdiction: str, where: str, as_of: date = date.min) -> Provision:
    """One provision as a pack writes it.

    where: the file and entry, for the error
    as_of: the day the entry was last read, where it does not say so itself
    Raises PackFileError.
    """
    try:
        return _provision(entry, jurisdiction, as_of)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PackFileError(f"{where}: {_plain(error)}; run `habeas law check`") from error


def parse_rule(raw: Any) -> Rule:
    """A rule as written in a pack: a fact's key, or one of ``all``, ``any``, ``not``, ``at_least`` with ``of``.

    ``all`` and ``any`` may carry ``unless``: an exemption of this limb alone, allowed nowhere below a ``not``.
    Raises ValueError with the part that cannot be read. An empty ``all`` is refused: it would hold in every case.
    """
    if isinstance(raw, str):
        return Rule(op="fact", fact=raw)
    if not isinstance(raw, dict):
        raise ValueError(f"a rule is a fact or one of all, any, not, at_least; found {raw!r}")
    keys = set(raw)
    if "unless" in keys and keys != {"unless"}:
        limb = parse_rule({key: part for key, part in raw.items() if key != "unless"})
        if limb.op not in {"all", "any"}:
            raise ValueError(f"unless stands beside all or any, not beside {limb.op}")
        return Rule(op="unless", parts=(limb, _without_unless(parse_rule(raw["unless"]), "another unless")))
    if keys == {"all"} or keys == {"any"}:
        op: Literal["all", "any"] = "all" if "all" in raw else "any"
        return Rule(op=op, parts=_parts(raw[op], op))
    if keys == {"not"}:
        return Rule(op="not", parts=(_without_unless(parse_rule(raw["not"]), "a not"),))
    if keys == {"at_least", "of"}:
        parts, need = _parts(raw["of"], "of"), raw["at_least"]
        if not isinstance(need, int) or isinstance(need, bool) or not 1 <= need <= len(parts):
            raise ValueError(f"at_least is a number from 1 to {len(parts)}, the number of its parts; found {need!r}")
        return Rule(op="at_least", parts=parts, need=need)
    raise ValueError(f"a rule has exactly one of all, any, not, at_least (with of); found {sorted(map(str, keys))}")


def parse_day(raw: Any) -> date:
    """A day written ``YYYY-MM-DD``. Raises ValueError: other ways of writing a day are read differently by others."""
    if not isinstance(raw, str) or not _DAY.fullmatch(raw):
        raise ValueError(f"{raw!r} is not a day; write it as YYYY-MM-DD")
    try:
        return date.fromisoformat(raw)
    except ValueError as error:
        raise ValueError(f"{raw} is not in the calendar") from error


def _without_unless(rule: Rule, place: str) -> Rule:
    if has_exemption(rule):
        raise ValueError(f"unless cannot stand below {place}: what is exempt there would be unclear")
    return rule


def _parts(raw: Any, op: str) -> tuple[Rule, ...]:
    if not isinstance(raw, list) or not raw:
        raise ValueError(f"{op} needs a list with at least one part; found {raw!r}")
    return tuple(parse_rule(part) for part in raw)


def _read_jurisdiction(code: str, root: Path) -> tuple[Jurisdiction, date]:
    path = pack_folder(code, root) / "jurisdiction.yaml"
    entry = read_yaml(path)
    try:
        jurisdiction = Jurisdiction(
            code=entry["code"],
            name=entry["name"],
            within=tuple(entry["within"]),
            languages=tuple(entry["languages"]),
            regulator=entry["regulator"],
            helplines=tuple(entry.get("helplines") or ()),
            binds=tuple(entry.get("binds") or ()),
        )
        return jurisdiction, parse_day(entry["as_of"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise PackFileError(f"{path}: {_plain(error)}; run `habeas law check`") from error


def _provision(entry: Mapping[str, Any], jurisdiction: str, as_of: date) -> Provision:
    track: Track = entry["track"]
    exemptions = entry.get("exemptions")
    return Provision(
        id=entry["id"],
        jurisdiction=jurisdiction,
        citation=entry["citation"],
        title=entry["title"],
        track=track,
        status=entry["status"],
        in_force_from=_optional_day(entry["in_force_from"]),
        in_force_to=_optional_day(entry.get("in_force_to")),
        as_of=_optional_day(entry.get("as_of")) or as_of,
        summary=entry["summary"],
        elements=parse_rule(entry["elements"]),
        exemptions=None if exemptions is None else parse_rule(exemptions),
        reach=tuple(entry.get("reach") or DEFAULT_REACH[track]),
        judged_on=entry.get("judged_on") or DEFAULT_JUDGED_ON[track],
        penalty=entry.get("penalty"),
        remedies=tuple(_remedy(remedy) for remedy in entry.get("remedies") or ()),
        limitation=_limitation(entry.get("limitation")),
        foreseeability=entry.get("foreseeability"),
        source=entry["source"],
        confidence=entry["confidence"],
        notes=entry.get("notes"),
        effect=entry.get("effect", "claim"),
        prosecution=entry.get("prosecution"),
    )


def _optional_day(raw: Any) -> date | None:
    return None if raw is None else parse_day(raw)


def _remedy(entry: Mapping[str, Any]) -> Remedy:
    return Remedy(
        type=entry["type"],
        sought_by=entry["sought_by"],
        from_=entry["from"],
        within=_optional_period(entry.get("within")),
        deadline_text=entry.get("deadline_text"),
        then=tuple(Step(_optional_period(step["within"]), step["text"]) for step in entry.get("then") or ()),
        lasts=_optional_period(entry.get("lasts")),
        starts=entry.get("starts"),
        condition=None if entry.get("if") is None else parse_rule(entry["if"]),
        ex_parte=entry.get("ex_parte", False),
    )


def _limitation(entry: Mapping[str, Any] | None) -> Limitation | None:
    if entry is None:
        return None
    return Limitation(
        within=_optional_period(entry.get("within")),
        counted_from=entry.get("from"),
        complaint=_optional_period(entry.get("complaint_within")),
        complaint_from=entry.get("complaint_from"),
        note=entry.get("note"),
    )


def _optional_period(raw: Any) -> Period | None:
    return None if raw is None else Period.parse(raw)


def _fact(key: str, entry: Mapping[str, Any]) -> FactDefinition:
    return FactDefinition(
        key=key,
        meaning=entry["meaning"],
        question=entry["question"],
        burden=entry["burden"],
        asked_of=entry["asked_of"],
        implies=tuple(entry.get("implies") or ()),
        why=entry.get("why", ""),
    )


def _plain(error: Exception) -> str:
    """A built-in error in words: a KeyError alone would show only the missing key."""
    if isinstance(error, KeyError):
        return f"{error} is missing"
    if isinstance(error, (AttributeError, TypeError)):
        return "the entry is not written as expected"
    return str(error)
