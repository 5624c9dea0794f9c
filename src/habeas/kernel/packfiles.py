"""Reading the YAML files of packs and catalogues: strict, fast, and with errors that point.

YAML lets three mistakes pass in silence, and each would put invented law on the screen: a key written twice (the
last one wins), an unquoted comma inside ``{…}`` (the rest becomes a key with a null value), and a number such as
``010`` read in base eight. The first two are refused here; the schema of each file refuses the third.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PACKAGE = Path(__file__).resolve().parent.parent
PACKS = PACKAGE / "packs"

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class PackFileError(ValueError):
    """A file that cannot be read as it stands. The message names the file, the line and what to do."""


class _StrictLoader(_Loader):  # type: ignore[misc]
    """Refuses keys written twice and keys that are the torn-off half of a sentence."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            where = f"{key_node.start_mark.name}, line {key_node.start_mark.line + 1}"
            if key in seen:
                raise PackFileError(f"{where}: the key {key!r} is written twice; keep one")
            if isinstance(key, str) and " " in key and value_node.value in {"", "null", "~"}:
                raise PackFileError(
                    f"{where}: {key!r} became a key without a value; put quotes around the sentence with the comma"
                )
            seen.add(key)
        result: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return result


def _resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """YAML 1.1's guesses without the two that would change what is written.

    Dates stay text until a field that is a date reads them. Of the words for a truth only true and false remain: YAML
    1.1 also takes ``on`` (a day in our examples), ``no`` (Norway) and ``yes`` for one.
    """
    truth = re.compile("^(?:true|false)$")
    kept: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for first, resolvers in _Loader.yaml_implicit_resolvers.items():
        kept[first] = [
            (tag, truth if tag.endswith(":bool") else pattern)
            for tag, pattern in resolvers
            if not tag.endswith(":timestamp")
        ]
    return kept


_StrictLoader.yaml_implicit_resolvers = _resolvers()


def read_yaml(path: Path) -> Any:
    """The content of one YAML file. Dates come as text, ``YYYY-MM-DD``. Raises PackFileError."""
    try:
        with path.open("rb") as stream:
            return yaml.load(stream, Loader=_StrictLoader)  # noqa: S506 (derived from the safe loader)
    except yaml.YAMLError as error:
        raise PackFileError(f"{path}: {' '.join(str(error).split())}") from error
    except OSError as error:
        raise PackFileError(f"{path}: {error.strerror or error}") from error


def parse_yaml(text: str, name: str) -> Any:
    """The same from a text; ``name`` stands for the file in errors. Raises PackFileError."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (derived from the safe loader)
    except yaml.YAMLError as error:
        raise PackFileError(f"{name}: {' '.join(str(error).split())}") from error


def pack_codes(root: Path = PACKS) -> list[str]:
    """The codes of all jurisdictions that have a pack, upper case (``US-CA``), in alphabetical order."""
    return sorted(folder.name.upper() for folder in _folders(root))


def pack_folder(code: str, root: Path = PACKS) -> Path:
    return root / code.lower()


def _folders(root: Path) -> Iterator[Path]:
    return (file.parent for file in root.glob("*/jurisdiction.yaml"))
