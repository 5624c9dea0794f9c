"""Redaction that still verifies: an original is cut into units, each under a salt of its own, all under one root.

The root is entered in the ledger and time-stamped. A redacted twin opens some units and shows of the others their leaf
only: whoever has the twin and the root sees that every opened unit is the original's, in its place, and how many are
hidden. What is hidden cannot be tried by guessing, because each leaf is salted.

A unit of text ("line") is a line, or a part of one where hidden and shown meet within it; so only what must be hidden
is. A unit of fields is a field by its name. How a picture is cut ("region") stands in ``regions.py``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from habeas.ledger.core import tree

SALT_BYTES: Final = 16
UNITS: Final = ("line", "field", "region")
# Always of the same length: how long what is hidden was would say much about a number or a name.
HIDDEN: Final = "▇▇▇▇▇"
MOST_UNITS: Final = 1_000_000

Span = tuple[int, int]


class TwinFails(ValueError):
    """A redacted twin that is not what it says. Names the unit, never its content."""


@dataclass(frozen=True, slots=True)
class RedactionTree:
    """An original in units.

    unit:   line, field or region
    values: the bytes of each unit, in order
    salts:  16 bytes for each
    """

    item: str
    unit: str
    values: tuple[bytes, ...]
    salts: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """32 bytes, over the leaves of all units."""
        return tree.root_of(_leaf(salt, value) for salt, value in zip(self.salts, self.values, strict=True))


def tree_of(item: str, unit: str, values: Sequence[bytes], salts: Sequence[bytes]) -> RedactionTree:
    """The tree over the units of an original. Raises ValueError where a salt is missing, short or used twice."""
    if unit not in UNITS:
        raise ValueError(f"a unit is one of {', '.join(UNITS)}")
    if len(values) != len(salts) or any(len(salt) != SALT_BYTES for salt in salts) or len(set(salts)) != len(salts):
        raise ValueError(f"each unit needs a salt of {SALT_BYTES} bytes that no other has")
    if not 0 < len(values) <= MOST_UNITS:
        raise ValueError(f"an original is cut into 1 to {MOST_UNITS} units")
    return RedactionTree(item, unit, tuple(values), tuple(salts))


def salts_from(secret: bytes, count: int) -> list[bytes]:
    """Salts for so many units: there again as long as the secret is, gone with it.

    secret: 32 bytes, of this one cut of this one item. Were two cuts to share it, a twin of one would give away the
            salts under which a twin of the other hides its units.
    """
    return [
        hmac.new(secret, f"redaction salt {number}".encode(), hashlib.sha256).digest()[:SALT_BYTES]
        for number in range(count)
    ]


def text_of(content: bytes) -> str:
    """The text of an original to be cut: UTF-8, and what is none of it kept as it is, so that no byte is lost."""
    return content.decode("utf-8", "surrogateescape")


def values_of(units: Iterable[str]) -> list[bytes]:
    """The bytes of units of text; joined they are the bytes that ``text_of`` was given."""
    return [unit.encode("utf-8", "surrogateescape") for unit in units]


def units_of_text(text: str, hide: Iterable[Span]) -> tuple[list[str], set[int]]:
    """(the units of a text, which of them are to be hidden). The units, joined, are the text.

    hide: spans of characters, in any order; they may touch or overlap
    """
    spans = merged(hide, len(text))
    borders = {0, len(text)} | {place for span in spans for place in span}
    start = 0
    for line in text.splitlines(keepends=True):
        start += len(line)
        borders.add(start)
    cuts = sorted(borders)
    units: list[str] = []
    hidden: set[int] = set()
    for begin, end in pairwise(cuts):
        if any(first <= begin and end <= last for first, last in spans):
            hidden.add(len(units))
        units.append(text[begin:end])
    return units or [""], hidden


def units_hidden_by(units: Sequence[str], hide: Iterable[Span]) -> set[int]:
    """Which units of a text that was cut before a span touches: whole units are hidden, for a cut stays as it is.

    hide: spans of characters of the whole text
    """
    spans = merged(hide, sum(map(len, units)))
    hidden: set[int] = set()
    begin = 0
    for number, unit in enumerate(units):
        end = begin + len(unit)
        if any(first < end and begin < last for first, last in spans):
            hidden.add(number)
        begin = end
    return hidden


def merged(spans: Iterable[Span], length: int) -> list[Span]:
    """Spans in order, none touching another. Raises ValueError for one that is not within the text."""
    result: list[Span] = []
    for begin, end in sorted(spans):
        if not 0 <= begin < end <= length:
            raise ValueError(f"a span from {begin} to {end} is not within a text of {length} characters")
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((begin, end))
    return result


def units_of_fields(fields: Mapping[str, str]) -> list[bytes]:
    """One unit for each field, by name: its name, a line end, its value. A name holds no line end."""
    if any("\n" in name for name in fields):
        raise ValueError("the name of a field holds no line end")
    return [f"{name}\n{fields[name]}".encode() for name in sorted(fields)]


def twin_of(original: RedactionTree, hidden: Collection[int]) -> dict[str, Any]:
    """The redacted twin, as JSON values: what is not hidden stands there with its salt, the rest as a leaf."""
    leaves: list[dict[str, Any]] = []
    for index, (salt, value) in enumerate(zip(original.salts, original.values, strict=True)):
        if index in hidden:
            leaves.append({"index": index, "hash": _leaf(salt, value).hex()})
        else:
            leaves.append({"index": index, "salt": salt.hex(), "value": base64.b64encode(value).decode()})
    return {
        "version": 1,
        "item": original.item,
        "unit": original.unit,
        "root": original.root.hex(),
        "count": len(original.values),
        "leaves": leaves,
    }


def check_twin(twin: Mapping[str, Any], root: bytes | None = None) -> list[bytes | None]:
    """The units of a twin, None where hidden, once it is sure that all lead to its root.

    root: the one that was time-stamped; None checks the twin against the root it names itself
    Raises TwinFails.
    """
    if not _is_number(twin.get("version"), 1) or twin.get("unit") not in UNITS:
        raise TwinFails("not a redacted twin of version 1")
    leaves, count = twin.get("leaves"), twin.get("count")
    if not isinstance(leaves, list) or type(count) is not int or not 0 < count <= MOST_UNITS:
        raise TwinFails("the twin has no list of units, or no count of them")
    if len(leaves) != count:
        raise TwinFails(f"the twin counts {count} units and holds {len(leaves)}")
    hashes, values = [], []
    for index, leaf in enumerate(leaves):
        hashed, value = _read(index, leaf)
        hashes.append(hashed)
        values.append(value)
    found, said = tree.root_of(hashes), _hex(twin.get("root"), tree.HASH_BYTES, "the root")
    if found != said:
        raise TwinFails(f"the units lead to root {found.hex()[:16]}…, the twin says {said.hex()[:16]}…")
    if root is not None and found != root:
        raise TwinFails(f"the twin's root {found.hex()[:16]}… is not the one that was stamped, {root.hex()[:16]}…")
    return values


def shown_text(values: Sequence[bytes | None]) -> str:
    """A twin of a text as people read it: what is hidden is a bar of the same length, however long it was."""
    pieces: list[str] = []
    after_bar = False
    for value in values:
        if value is not None:
            pieces.append(value.decode("utf-8", "replace"))
        elif not after_bar:
            pieces.append(HIDDEN)
        after_bar = value is None
    return "".join(pieces)


def shown_fields(values: Sequence[bytes | None]) -> dict[str, str]:
    """The open fields of a twin by name. What is hidden has no name. Raises TwinFails."""
    found: dict[str, str] = {}
    for number, value in enumerate(values):
        if value is None:
            continue
        name, mark, text = value.decode("utf-8", "replace").partition("\n")
        if not mark or name in found:
            raise TwinFails(f"unit {number} is not a field with a name of its own")
        found[name] = text
    return found


def _leaf(salt: bytes, value: bytes) -> bytes:
    return tree.leaf_hash(salt + value)


def _read(index: int, leaf: Any) -> tuple[bytes, bytes | None]:
    """(leaf hash, value or None) of one unit of a twin."""
    if not isinstance(leaf, dict) or not _is_number(leaf.get("index"), index):
        raise TwinFails(f"unit {index} is missing or out of its place")
    if set(leaf) == {"index", "hash"}:
        return _hex(leaf["hash"], tree.HASH_BYTES, f"the hash of unit {index}"), None
    if set(leaf) != {"index", "salt", "value"}:
        raise TwinFails(f"unit {index} is neither shown nor hidden")
    salt = _hex(leaf["salt"], SALT_BYTES, f"the salt of unit {index}")
    try:
        value = base64.b64decode(leaf["value"], validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise TwinFails(f"the value of unit {index} is not base64") from None
    # base64 can write the same bytes in several ways: a twin has one, so that any change of it shows.
    if base64.b64encode(value).decode() != leaf["value"]:
        raise TwinFails(f"the value of unit {index} is base64 with loose bits at its end")
    return _leaf(salt, value), value


def _is_number(found: Any, wanted: int) -> bool:
    """In JSON, true and 1.0 would pass for 1."""
    return type(found) is int and found == wanted


def _hex(text: Any, octets: int, what: str) -> bytes:
    try:
        found = bytes.fromhex(text) if isinstance(text, str) and text == text.lower() else b""
    except ValueError:
        found = b""
    if len(found) != octets or len(text) != 2 * octets:
        raise TwinFails(f"{what} is not {octets} bytes in hex")
    return found
