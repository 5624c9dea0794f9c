"""Every fault in the law data at once, each said so that whoever wrote the line can mend it.

``check_packs`` reads the files as they lie on disk and never stops at the first fault. A file that cannot be read is
itself a fault. What the engine would refuse is an error; what is merely idle, such as a fact no rule uses, is a note.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from habeas.kernel.packfiles import PACKAGE, PACKS
from habeas.law.core.packs import FACTS, parse_day

SCHEMAS = PACKAGE / "law" / "schema"

_DAYS = ("in_force_from", "in_force_to", "as_of", "on")
_RULES = ("elements", "exemptions")
_KINDS = {
    "object": "keys with values",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault.

    file:  from the packs folder or the package on, such as ``packs/xa/provisions.yaml``
    where: the provision's id, the example's name, the fact's key, or the line
    hint:  what to do about it, where we can tell
    """

    file: str
    where: str
    message: str
    hint: str = ""
    level: Literal["error", "note"] = "error"

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.where, self.message) if part) + (
            f"; {self.hint}" if self.hint else ""
        )


@dataclass(slots=True)
class _Law:
    """What the files hold, as far as they can be read, and the faults found on the way."""

    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    jurisdictions: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    file_of: dict[str, str] = field(default_factory=dict)

    def add(self, file: str, where: str, message: str, hint: str = "", *, note: bool = False) -> None:
        self.problems.append(Problem(file, where, message, hint, "note" if note else "error"))


def check_packs(root: Path = PACKS, facts: Path | None = None) -> list[Problem]:
    """All faults in the packs under ``root`` and in the vocabulary they use, in the order of the files.

    facts: the vocabulary; by default ``law/facts.yaml`` beside the packs folder, or else the one of this package
    """
    beside = root.parent / "law" / "facts.yaml"
    law = _Law()
    vocabulary = facts or (beside if beside.is_file() else FACTS)
    _check_vocabulary(law, vocabulary)
    folders = sorted(folder for folder in _folders(root) if not folder.name.startswith(("_", ".")))
    if not folders:
        law.add(f"{root.name}/", "", "there is no pack here", "a pack is a folder with a jurisdiction.yaml")
    for folder in folders:
        _check_jurisdiction(law, folder)
    _check_family(law)
    for folder in folders:
        _check_provisions(law, folder)
    for folder in folders:
        _check_examples(law, folder)
    for key in law.facts:
        if law.facts and key not in law.used:
            law.add(_shown(vocabulary), key, "no provision uses this fact", "remove it, or merge it", note=True)
    return law.problems


def _folders(root: Path) -> list[Path]:
    return [entry for entry in root.iterdir() if entry.is_dir()] if root.is_dir() else []


def _shown(path: Path) -> str:
    """The path as people know it: the last folders, without the machine's own."""
    return "/".join(path.parts[-3:] if path.name != "facts.yaml" else path.parts[-2:])


# ---- the vocabulary ----


def _check_vocabulary(law: _Law, path: Path) -> None:
    data = _read(law, path)
    if not isinstance(data, dict):
        if data is not None:
            law.add(_shown(path), "", "the vocabulary is a list of keys, each with its meaning and question")
        return
    law.facts = {key: entry if isinstance(entry, dict) else {} for key, entry in data.items() if isinstance(key, str)}
    _check_schema(law, path, "facts", data)
    for key, entry in law.facts.items():
        for implied in _texts(entry.get("implies")):
            if implied not in law.facts:
                law.add(_shown(path), key, f'implies an unknown fact "{implied}"', _did_you_mean(implied, law.facts))
    for circle in _circles({key: _texts(entry.get("implies")) for key, entry in law.facts.items()}):
        law.add(_shown(path), circle[0], f"implies goes in a circle: {' > '.join(circle)}", "remove one of them")


def _implied(key: str, facts: Mapping[str, Mapping[str, Any]]) -> set[str]:
    found: list[str] = [key]
    for one in found:
        found += [other for other in _texts(facts.get(one, {}).get("implies")) if other not in found]
    return set(found) - {key}


# ---- jurisdictions ----


def _check_jurisdiction(law: _Law, folder: Path) -> None:
    path = folder / "jurisdiction.yaml"
    if not path.is_file():
        law.add(_shown(path), "", "the file is missing", "a pack starts with its code, name, within and languages")
        return
    data = _read(law, path)
    if data is None:
        return
    _check_schema(law, path, "jurisdiction", data)
    if not isinstance(data, dict):
        return
    _check_days(law, path, "", data)
    code = data.get("code")
    if isinstance(code, str):
        law.jurisdictions[code] = data
        law.file_of[code] = _shown(path)
        if code.lower() != folder.name:
            law.add(_shown(path), "", f'the code "{code}" does not match the folder', f"name the folder {code.lower()}")


def _check_family(law: _Law) -> None:
    for code, data in law.jurisdictions.items():
        for parent in _texts(data.get("within")):
            if parent not in law.jurisdictions:
                hint = _did_you_mean(parent, law.jurisdictions) or "a parent needs a pack of its own"
                law.add(law.file_of[code], "within", f'unknown jurisdiction "{parent}"', hint)
        for member in _texts(data.get("binds")):
            if member in law.jurisdictions:
                law.add(law.file_of[code], "binds", f"{member} has a pack", f"write {code} under its within instead")
    for circle in _circles({code: _texts(data.get("within")) for code, data in law.jurisdictions.items()}):
        law.add(law.file_of[circle[0]], "within", f"goes in a circle: {' > '.join(circle)}", "remove one of them")


def _circles(parents: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Each circle once, beginning at its first member in alphabetical order and ending where it began."""
    for start in sorted(parents):
        open_paths = [[start]]
        seen: set[str] = set()
        while open_paths:
            path = open_paths.pop()
            for parent in parents.get(path[-1], []):
                if parent == start:
                    yield [*path, start]
                    open_paths.clear()
                    break
                if parent > start and parent not in seen:
                    seen.add(parent)
                    open_paths.append([*path, parent])


# ---- provisions ----


def _check_provisions(law: _Law, folder: Path) -> None:
    path = folder / "provisions.yaml"
    if not path.is_file():
        law.add(_shown(path), "", "the file is missing", "write [] where a jurisdiction has no provisions of its own")
        return
    data = _read(law, path)
    if data is None:
        return
    _check_schema(law, path, "provisions", data)
    for number, entry in enumerate(data if isinstance(data, list) else [], start=1):
        if isinstance(entry, dict):
            _check_provision(law, path, _name(entry, "id", number), entry)


def _check_provision(law: _Law, path: Path, name: str, entry: Mapping[str, Any]) -> None:
    file, identity = _shown(path), entry.get("id")
    if isinstance(identity, str):
        if not identity.startswith(f"{path.parent.name}."):
            law.add(file, name, "the id does not match the folder", f'begin it with "{path.parent.name}."')
        if identity in law.file_of:
            other = law.file_of[identity]
            also = "twice in this file" if other == file else f"also in {other}"
            law.add(file, name, f"the id is used {also}", "an amended rule gets a new id, for instance with its year")
        law.file_of.setdefault(identity, file)
    days = _check_days(law, path, name, entry)
    starts, ends = days.get("in_force_from"), days.get("in_force_to")
    if starts and ends and ends <= starts:
        law.add(
            file,
            name,
            f"in_force_to {ends} is not after in_force_from {starts}",
            "in_force_to is the first day the rule no longer applies",
        )
    for key in _RULES:
        if key in entry and (entry[key] is not None or key == "elements"):
            _check_rule(law, file, name, key, entry[key], below="" if key == "elements" else "exemptions")
    for where, condition in _conditions(entry):
        _check_rule(law, file, name, where, condition, below="a condition")


def _conditions(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every ``if`` of a provision, with its place: tiers of its penalty, remedies with a condition of their own."""
    penalty = entry.get("penalty")
    held_in = {"remedies": entry.get("remedies")}
    if isinstance(penalty, dict):
        held_in |= {f"penalty.{kind}": penalty.get(kind) for kind in ("aggravated", "mitigated")}
    for place, held in held_in.items():
        for number, each in enumerate(held if isinstance(held, list) else ()):
            if isinstance(each, dict) and "if" in each:
                yield f"{place}[{number}].if", each["if"]


def _check_rule(law: _Law, file: str, name: str, path: str, raw: Any, below: str = "") -> None:
    """The shape of a rule and every fact in it. ``parse_rule`` refuses the same things, one at a time.

    below: what stands above this part that no ``unless`` may stand below, or nothing
    """
    if isinstance(raw, str):
        law.used.add(raw)
        if law.facts and raw not in law.facts:
            law.add(file, name, f'unknown fact "{raw}"', _did_you_mean(raw, law.facts))
        return
    if not isinstance(raw, dict):
        law.add(file, name, f"{path} is {_said(raw)}", "a rule is a fact, or one of all, any, not, at_least with of")
        return
    if "unless" in raw and ("all" in raw or "any" in raw):
        if below:
            law.add(file, name, f"{path}.unless stands below {below}", "write it beside all or any in the elements")
        _check_rule(law, file, name, f"{path}.unless", raw["unless"], below="another unless")
        raw = {key: part for key, part in raw.items() if key != "unless"}
    keys = set(raw)
    if keys == {"not"}:
        _check_rule(law, file, name, f"{path}.not", raw["not"], below="a not")
        return
    listed = "of" if keys == {"at_least", "of"} else next(iter(keys)) if len(keys) == 1 else ""
    if listed not in {"all", "any", "of"} or (listed == "of" and "at_least" not in keys):
        said = ", ".join(sorted(map(str, keys))) or "nothing"
        law.add(file, name, f"{path} has {said}", "a rule has exactly one of all, any, not, or at_least with of")
        return
    parts = raw[listed]
    if not isinstance(parts, list) or not parts:
        law.add(file, name, f"{path}.{listed} has no parts", "an empty list would hold in every case or in none")
        return
    need = raw.get("at_least", 1)
    if not isinstance(need, int) or isinstance(need, bool) or not 1 <= need <= len(parts):
        law.add(file, name, f"{path}.at_least is {_said(need)}", f"write a number from 1 to {len(parts)}")
    for number, part in enumerate(parts):
        _check_rule(law, file, name, f"{path}.{listed}[{number}]", part, below)


# ---- examples ----


def _check_examples(law: _Law, folder: Path) -> None:
    path = folder / "examples.yaml"
    if not path.is_file():
        return
    data = _read(law, path)
    if data is None:
        return
    _check_schema(law, path, "examples", data)
    file = _shown(path)
    known = {identity for identity, held_in in law.file_of.items() if held_in.endswith("provisions.yaml")}
    for number, entry in enumerate(data if isinstance(data, list) else [], start=1):
        if not isinstance(entry, dict):
            continue
        name = _name(entry, "name", number)
        _check_days(law, path, name, entry)
        expected = entry.get("expect")
        for identity in expected if isinstance(expected, dict) else ():
            if identity not in known:
                law.add(file, name, f'unknown provision "{identity}"', _did_you_mean(str(identity), known))
        facts = entry.get("facts")
        _check_example_facts(law, file, name, facts if isinstance(facts, dict) else {})


def _check_example_facts(law: _Law, file: str, name: str, facts: Mapping[Any, Any]) -> None:
    for key, truth in facts.items():
        if law.facts and key not in law.facts:
            law.add(file, name, f'unknown fact "{key}"', _did_you_mean(str(key), law.facts))
        elif truth is True:
            for implied in sorted(_implied(key, law.facts)):
                if facts.get(implied) is False:
                    law.add(file, name, f"{key} is true and {implied} false", "the first implies the second")


# ---- days, names, near misses ----


def _check_days(law: _Law, path: Path, name: str, entry: Mapping[str, Any]) -> dict[str, Any]:
    days = {}
    for key in _DAYS:
        if isinstance(entry.get(key), str):
            try:
                days[key] = parse_day(entry[key])
            except ValueError as error:
                law.add(_shown(path), name, f"{key}: {error}")
    return days


def _name(entry: Mapping[str, Any], key: str, number: int) -> str:
    said = entry.get(key)
    return said if isinstance(said, str) and said.strip() else f"entry {number}"


def _texts(raw: Any) -> list[str]:
    return [item for item in raw if isinstance(item, str)] if isinstance(raw, list) else []


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f'did you mean "{near[0]}"?' if near else ""


def _said(raw: Any) -> str:
    return json.dumps(raw, ensure_ascii=False, default=str)


# ---- the schema, in plain words ----


@cache
def _validator(kind: str) -> Any:
    from jsonschema import Draft202012Validator  # a quarter of a second to import, and only a check needs it

    return Draft202012Validator(json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")))


def _check_schema(law: _Law, path: Path, kind: str, data: Any) -> None:
    for error in _validator(kind).iter_errors(data):
        for leaf in _leaves(error):
            steps = list(leaf.absolute_path)
            if _is_checked_elsewhere(steps, leaf):
                continue
            where, rest = _place(kind, data, steps)
            message, hint = _in_words(leaf, ".".join(rest).replace(".[", "["))
            law.add(_shown(path), where, message, hint)


def _is_checked_elsewhere(steps: list[Any], error: Any) -> bool:
    """Rules, days and unknown facts get a message of their own."""
    in_rule = any(step in _RULES or step == "if" for step in steps)
    return in_rule or (bool(steps) and steps[-1] in _DAYS and error.validator == "pattern")


def _leaves(error: Any) -> Iterator[Any]:
    """The faults that matter: where a value may be one of several things, those of the thing it resembles most."""
    if error.validator != "oneOf" or not error.context:
        yield error
        return
    branches: dict[Any, list[Any]] = {}
    for inner in error.context:
        branches.setdefault(inner.schema_path[0], []).append(inner)
    alike = [
        inners for inners in branches.values() if not any(i.validator == "type" and not i.relative_path for i in inners)
    ]
    if not alike:
        yield error
        return
    for inner in min(alike, key=len):
        yield from _leaves(inner)


def _place(kind: str, data: Any, steps: list[Any]) -> tuple[str, list[str]]:
    """Which entry a fault is in, and the way from there."""
    shown = [f"[{step}]" if isinstance(step, int) else str(step) for step in steps]
    if not steps:
        return "", shown
    if kind == "facts":
        return str(steps[0]), shown[1:]
    if kind in {"provisions", "examples"} and isinstance(data, list):
        entry, key = data[steps[0]], "id" if kind == "provisions" else "name"
        return _name(entry if isinstance(entry, dict) else {}, key, steps[0] + 1), shown[1:]
    return "", shown


def _in_words(error: Any, path: str) -> tuple[str, str]:
    subject, value, wanted = path or "the entry", error.instance, error.validator_value
    if error.validator == "required":
        missing = [key for key in wanted if key not in value and f"'{key}'" in error.message]
        return f"{', '.join(f'{path}.{key}' if path else key for key in missing)} is missing", ""
    if error.validator == "additionalProperties" and wanted is False:
        known = error.schema.get("properties", {})
        extra = [str(key) for key in value if key not in known]
        hint = next(filter(None, (_did_you_mean(key, known) for key in extra)), "")
        return f"unknown key {', '.join(_said(key) for key in extra)}" + (f" in {path}" if path else ""), hint
    if error.validator == "enum":
        near = _did_you_mean(value, [str(choice) for choice in wanted]) if isinstance(value, str) else ""
        return f"{subject} is {_said(value)}", near or f"it is one of {', '.join(map(str, wanted))}"
    if error.validator in {"type", "oneOf"}:
        return f"{subject} is {_said(value)[:60]}", f"it must be {_wanted_kind(error)}"
    if error.validator == "pattern":
        return _pattern_in_words(subject, value, wanted)
    if error.validator in {"minItems", "minProperties"}:
        return f"{subject} is empty", "name at least one"
    if error.validator == "uniqueItems":
        return f"{subject} names something twice", "keep one"
    if error.validator in {"minimum", "exclusiveMinimum", "maximum"}:
        word = {"minimum": "at least", "exclusiveMinimum": "more than", "maximum": "at most"}[error.validator]
        return f"{subject} is {_said(value)}", f"it must be {word} {wanted}"
    return f"{subject}: {error.message}", ""


def _wanted_kind(error: Any) -> str:
    if error.validator == "oneOf":
        kinds = {inner.validator_value for inner in error.context if inner.validator == "type"}
    else:
        kinds = set(error.validator_value) if isinstance(error.validator_value, list) else {error.validator_value}
    return " or ".join(sorted((_KINDS.get(kind, kind) for kind in kinds), key=lambda kind: kind == "null"))


def _pattern_in_words(subject: str, value: str, pattern: str) -> tuple[str, str]:
    if pattern == "\\S":
        return f"{subject} is empty", "write null, or what it should say"
    if pattern == "\\?$":
        return f"{subject} does not end with a question mark", "ask it so that yes makes the fact true"
    like = {"id": "xa.penal-code.214b", "code": "XA or XA-BC", "currency": "EUR", "languages": "en or pt-BR"}
    like |= dict.fromkeys(("within", "lasts", "complaint_within"), "10 working days or 1 month")
    key = re.sub(r"(\[\d+\])+$", "", subject).rpartition(".")[2]
    model = like.get(key, "intent.fear" if subject == "the entry" else "")
    return f"{subject} is {_said(value)}", f"write it like {model}" if model else f"it must match {pattern}"


# ---- reading, and the traps of YAML ----

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PatientLoader(_Base):  # type: ignore[misc]
    """Reads on where the strict loader of the packs refuses, so that one trap does not hide the other faults."""


# As in the packs, days stay text. Only true and false are truths here; the others are reported as traps.
_PatientLoader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag not in {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool"}
    ]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}
_PatientLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))

_DEEPEST = 60  # the deepest rule we hold is 14 levels into its file

_HALF_TRUTHS = re.compile(r"(?i:y|n|yes|no|on|off|true|false)")


def _read(law: _Law, path: Path) -> Any:
    """The content of a file, with its traps reported; null where it cannot be read at all."""
    try:
        content = path.read_bytes()
        if _depth(content) > _DEEPEST:
            law.add(_shown(path), "", f"is nested more than {_DEEPEST} levels deep", "a rule of law never is")
            return None
        loader = _PatientLoader(content)
        try:
            node = loader.get_single_node()
            if node is None:
                law.add(_shown(path), "", "the file is empty", "write [] for an empty list")
                return None
            if not _report_traps(law, _shown(path), node):
                return None
            data = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        law.add(_shown(path), f"line {mark.line + 1}" if mark else "", f"not YAML: {error.problem or error.context}")
    except (yaml.YAMLError, UnicodeError) as error:
        law.add(_shown(path), "", f"not YAML in UTF-8: {' '.join(str(error).split())}")
    except (OSError, ValueError) as error:
        law.add(_shown(path), "", f"cannot be read: {getattr(error, 'strerror', None) or error}")
    else:
        if data is None:
            law.add(_shown(path), "", "the file holds nothing but null", "write [] for an empty list")
        return data
    return None


def _depth(content: bytes) -> int:
    """How deep lists and mappings nest. Counted first, because reading recurses and would end the process."""
    depth = deepest = 0
    for event in yaml.parse(content, Loader=_PatientLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > deepest:
                deepest = depth
                if deepest > _DEEPEST:
                    break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


def _report_traps(law: _Law, file: str, root: yaml.Node) -> bool:
    """Says where YAML reads something else than people do. False where aliases make the content unsafe to walk."""
    nodes, seen, is_safe = [root], set(), True
    while nodes:
        node = nodes.pop()
        line = f"line {node.start_mark.line + 1}"
        if id(node) in seen:
            law.add(file, line, "an alias (*name) repeats what stands elsewhere", "write it out")
            is_safe = False
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            _report_key_traps(law, file, node)
            nodes += [value for _, value in node.value]
            nodes += [key for key, _ in node.value if not isinstance(key, yaml.ScalarNode)]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value
        elif isinstance(node, yaml.ScalarNode):
            _report_scalar_trap(law, file, line, node)
    return is_safe


def _report_key_traps(law: _Law, file: str, node: yaml.MappingNode) -> None:
    keys: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        line = f"line {key.start_mark.line + 1}"
        if key.value in keys:
            law.add(file, line, f'the key "{key.value}" is written twice', "keep one: YAML would use the last")
        keys.add(key.value)
        if " " in key.value and isinstance(value, yaml.ScalarNode) and value.value in {"", "null", "~"}:
            law.add(
                file,
                line,
                f'"{key.value}" became a key without a value',
                "put quotes around the sentence with the comma",
            )


def _report_scalar_trap(law: _Law, file: str, line: str, node: yaml.ScalarNode) -> None:
    said = node.value
    if not node.style and node.tag.endswith(":str") and _HALF_TRUTHS.fullmatch(said):
        law.add(file, line, f"{said} is read as true or false", "put quotes around it, or write true or false")
    elif node.tag.endswith((":int", ":float")) and re.search(r"^[-+]?0\d|[:_]", said):
        law.add(file, line, f"{said} is read as another number", "put quotes around it, or write it in plain digits")
