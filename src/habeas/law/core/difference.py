"""Two states of the law, compared: what was added, what is gone, and what changed, field by field, in words.

It reads entries as they are written in the packs, so that a proposal (a file with the entries it amends) is compared
the same way as two whole folders. Layout and the order of keys are no difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from habeas.kernel.packfiles import PackFileError, read_yaml
from habeas.law.core.model import Rule
from habeas.law.core.packs import FACTS, parse_rule
from habeas.law.core.words import in_words

Entry = Mapping[str, Any]

# How each rule of an entry is spoken of: parts of an ``all`` and parts of an ``any``, come and gone.
_SPOKEN = {
    "elements": ("now also needed", "no longer needed", "now also enough", "no longer enough"),
    "exemptions": (
        "the exemption now also needs",
        "the exemption no longer needs",
        "now also exempt",
        "no longer exempt",
    ),
}
_DEFAULTS = {"effect": "claim"}


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one entry. ``words`` says it; ``before`` and ``after`` are as written, null where absent."""

    field: str
    words: tuple[str, ...]
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Difference:
    """What lies between two lists of entries. Each mapping is id -> what it says, in the order of the files.

    added, removed: the title of each
    changed:        the fields that differ
    """

    added: Mapping[str, str]
    removed: Mapping[str, str]
    changed: Mapping[str, tuple[Change, ...]]

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Law:
    """One state of the law as it is written: provisions, places and facts by id, code and key.

    is_partial: a proposal; what it does not name stays as it was
    repeals:    ids that a proposal takes away
    """

    provisions: Mapping[str, Entry]
    places: Mapping[str, Entry]
    facts: Mapping[str, Entry]
    is_partial: bool = False
    repeals: frozenset[str] = frozenset()


def read_law(path: Path) -> Law:
    """The law in a folder of packs, in one pack's folder, or in a single file of provisions (a proposal).

    Raises PackFileError where there is none or it cannot be read.
    """
    if path.is_file():
        return _proposal(path)
    single = (path / "jurisdiction.yaml").is_file()
    folders = [path] if single else sorted(file.parent for file in path.glob("*/jurisdiction.yaml"))
    if not folders:
        raise PackFileError(f"{path} holds no pack; name a folder of packs, one pack's folder or a file of provisions")
    provisions: dict[str, Entry] = {}
    places: dict[str, Entry] = {}
    for folder in folders:
        place = read_yaml(folder / "jurisdiction.yaml")
        if isinstance(place, dict):
            places[str(place.get("code", folder.name.upper()))] = place
        provisions |= _provisions(folder / "provisions.yaml")
    beside = (path.parent if not single else path.parent.parent) / "law" / "facts.yaml"
    facts = read_yaml(beside if beside.is_file() else FACTS)
    return Law(provisions, places, facts if isinstance(facts, dict) else {})


def _proposal(path: Path) -> Law:
    """A list of provisions, or ``{name, repeals, provisions}`` as ``replay.read_proposal`` takes it."""
    raw = read_yaml(path)
    if isinstance(raw, dict):
        entries, repeals = raw.get("provisions") or [], frozenset(map(str, raw.get("repeals") or ()))
        return Law(_by_id(path, entries), {}, {}, is_partial=True, repeals=repeals)
    return Law(_by_id(path, raw), {}, {}, is_partial=True)


def _provisions(path: Path) -> dict[str, Entry]:
    return _by_id(path, read_yaml(path))


def _by_id(path: Path, raw: Any) -> dict[str, Entry]:
    entries = raw or []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) and "id" in entry for entry in entries):
        raise PackFileError(f"{path}: not a list of provisions, each with its id; run `habeas law check`")
    return {str(entry["id"]): entry for entry in entries}


def differences(old: Law, new: Law) -> dict[str, Difference]:
    """What differs, under ``provisions``, ``jurisdictions`` and ``facts``; empty differences are left out.

    Where one side is a proposal, only the provisions that the proposal names are compared.
    """
    if old.is_partial or new.is_partial:
        proposal = new if new.is_partial else old
        named = {*proposal.provisions, *proposal.repeals}
        found = {
            "provisions": difference(
                {name: entry for name, entry in old.provisions.items() if name in named},
                {name: entry for name, entry in new.provisions.items() if name in named},
            )
        }
    else:
        found = {
            "provisions": difference(old.provisions, new.provisions),
            "jurisdictions": difference(old.places, new.places),
            "facts": difference(old.facts, new.facts),
        }
    return {kind: each for kind, each in found.items() if each}


def difference(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Difference:
    """What was added, removed and changed between two sets of entries."""
    changed = {name: tuple(_changes(old[name], new[name])) for name in new if name in old}
    return Difference(
        added={name: _title(entry) for name, entry in new.items() if name not in old},
        removed={name: _title(entry) for name, entry in old.items() if name not in new},
        changed={name: changes for name, changes in changed.items() if changes},
    )


def _title(entry: Entry) -> str:
    return " ".join(str(entry.get("title") or entry.get("name") or entry.get("meaning") or "").split())


def _changes(old: Entry, new: Entry) -> Iterator[Change]:
    for field in dict.fromkeys((*old, *new)):
        before, after = _plain(old.get(field, _DEFAULTS.get(field))), _plain(new.get(field, _DEFAULTS.get(field)))
        if before == after:
            continue
        words = _rule_words(field, before, after) if field in _SPOKEN else tuple(_field_words(field, before, after))
        yield Change(field, words, old.get(field), new.get(field))


def _plain(value: Any) -> Any:
    """The value without layout: folded lines, empty lists and nulls say nothing of their own."""
    if isinstance(value, str):
        return " ".join(value.split())
    if isinstance(value, Mapping):
        return {key: said for key, item in value.items() if (said := _plain(item)) is not None} or None
    if isinstance(value, list):
        return [_plain(item) for item in value] or None
    return value


# ---- rules ----


def _rule_words(field: str, before: Any, after: Any) -> tuple[str, ...]:
    try:
        old, new = (None if raw is None else parse_rule(raw) for raw in (before, after))
    except ValueError as error:
        return (f"{field}: cannot be compared: {error}",)
    if old is None or new is None:
        said = "nothing" if new is None else in_words(new)
        return (f"{field}: was {'nothing' if old is None else in_words(old)}, is now {said}",)
    return tuple(rule_changes(old, new, _SPOKEN[field])) or (f"{field}: the same parts in another order",)


def rule_changes(old: Rule, new: Rule, spoken: tuple[str, str, str, str] = _SPOKEN["elements"]) -> Iterator[str]:
    """What a rule asks otherwise than before, part by part. The order of parts is no difference.

    spoken: words for a part that comes and one that goes, under ``all`` and then under ``any``
    """
    if old == new:
        return
    old, new = _on_one_level(old, new)
    if old.op != new.op or old.op in {"fact", "not"}:
        yield f"was {in_words(old)}, is now {in_words(new)}"
        return
    if old.op == "unless":
        yield from rule_changes(old.parts[0], new.parts[0], spoken)
        for words in rule_changes(old.parts[1], new.parts[1], _SPOKEN["exemptions"]):
            yield f"of this limb alone: {words}"
        return
    gone = [part for part in old.parts if part not in new.parts]
    come = [part for part in new.parts if part not in old.parts]
    if old.need != new.need:
        yield f"was at least {old.need}, is now at least {new.need} of {len(new.parts)} parts"
    for before, after in _counterparts(gone, come):
        gone.remove(before)
        come.remove(after)
        for words in rule_changes(before, after, spoken):
            yield f"in “{in_words(before)}”: {words}"
    added, removed = (spoken[0], spoken[1]) if old.op == "all" else (spoken[2], spoken[3])
    for part in come:
        yield f"{added}: {in_words(part)}"
    for part in gone:
        yield f"{removed}: {in_words(part)}"


def _on_one_level(old: Rule, new: Rule) -> tuple[Rule, Rule]:
    """A fact that became one of several parts, or the other way round, is read as a list of one."""
    for op in ("all", "any"):
        if new.op == op and old.op != op and old in new.parts:
            return Rule(op, (old,)), new
        if old.op == op and new.op != op and new in old.parts:
            return old, Rule(op, (new,))
    return old, new


def _counterparts(gone: Iterable[Rule], come: Iterable[Rule]) -> list[tuple[Rule, Rule]]:
    """Parts that went and came and are plainly the same limb amended: the same kind, with a part in common."""
    pairs: list[tuple[Rule, Rule]] = []
    free = list(come)
    for before in gone:
        for after in free:
            if before.op == after.op and set(before.parts) & set(after.parts):
                pairs.append((before, after))
                free.remove(after)
                break
    return pairs


# ---- other fields ----


def _field_words(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys((*before, *after)):
            if before.get(key) != after.get(key):
                yield from _field_words(f"{path}.{key}", before.get(key), after.get(key))
    elif isinstance(before, list) and isinstance(after, list):
        gone, come = ([item for item in one if item not in other] for one, other in ((before, after), (after, before)))
        for old, new in _amended(gone, come):
            gone.remove(old)
            come.remove(new)
            yield from _field_words(f"{path}[{_label(old)}]", old, new)
        yield from (f"{path}: no longer {_said(item)}" for item in gone)
        yield from (f"{path}: now also {_said(item)}" for item in come)
        if all(item in after for item in before) and all(item in before for item in after):
            yield f"{path}: the same entries, otherwise ordered or counted"
    else:
        yield f"{path}: was {_said(before)}, is now {_said(after)}"


def _amended(gone: list[Any], come: list[Any]) -> list[tuple[Any, Any]]:
    """Entries of a list that went and came and are one and the same, amended: their label stands once on each side."""
    old, new = ([_label(item) for item in items] for items in (gone, come))
    return [
        (gone[old.index(label)], come[new.index(label)])
        for label in old
        if label and old.count(label) == 1 and new.count(label) == 1
    ]


def _label(item: Any) -> str:
    """What makes an entry of a list the one it is: a remedy's kind and ways, a tier's condition, a contact's name."""
    if not isinstance(item, dict):
        return ""
    if "type" in item:
        return " ".join(str(item[key]) for key in ("type", "sought_by", "from") if key in item)
    return _said(item.get("if") or item.get("name") or item.get("text") or "")


def _said(value: Any) -> str:
    if value is None:
        return "not said"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_said(item)}" for key, item in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
