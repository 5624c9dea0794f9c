"""Past cases as a table: what a reform is replayed on.

One row a case, and nothing that says who it was about: its number, the day of the act and of the asking, one nullable
boolean column for each fact (``act.disclosed`` is ``act__disclosed``), one list of codes for each tie, and for facts of
which there was only a sign, ``<fact>__sign``. What is null is unknown. Arrow holds it in memory, Parquet on disk.

pyarrow and numpy come with the extra ``analytics`` and are imported only here, when a table is made or read.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from habeas.cases.core.facts import TIES, Ties, Truth
from habeas.law.core.expression import column_of
from habeas.law.core.model import FactDefinition
from habeas.law.core.planes import Cases, Places, Planes, gathered, packed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SIGN = "__sign"
_DAYS = ("acted_on", "asked_on")
# A sign as strong as this is one that somebody should look at.
A_SIGN = 0.5


class BadTable(ValueError):
    """A table of cases that cannot be read; the message says which column and what to do."""


@dataclass(frozen=True, slots=True)
class PastCase:
    """One case without the people in it.

    number: any text that names the case to whoever may look it up, and to nobody else
    signs:  facts of which there was a sign and no knowledge, with how strong it was, 0..1
    """

    number: str
    acted_on: date | None
    asked_on: date | None
    facts: Mapping[str, Truth]
    ties: Ties
    signs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseTable:
    """A batch of past cases, ready to be swept.

    number:  what the case at an index is called
    signs:   for each fact with a sign column, its planes
    """

    cases: Cases
    number: Callable[[int], str]
    signs: Mapping[str, Planes]


def to_arrow(cases: Iterable[PastCase], vocabulary: Mapping[str, FactDefinition]) -> Any:
    """An Arrow table of some cases, with a column for every fact of the vocabulary."""
    import pyarrow as pa

    found = list(cases)
    columns: dict[str, Any] = {
        "case": pa.array([case.number for case in found], pa.string()),
        "acted_on": pa.array([case.acted_on for case in found], pa.date32()),
        "asked_on": pa.array([case.asked_on for case in found], pa.date32()),
    }
    for tie in TIES:
        places = [case.ties.of(tie) for case in found]
        columns[tie] = pa.array([None if codes is None else sorted(codes) for codes in places], pa.list_(pa.string()))
    for key in vocabulary:
        columns[column_of(key)] = pa.array([case.facts.get(key) for case in found], pa.bool_())
        signs = [case.signs.get(key, 0.0) >= A_SIGN for case in found]
        if any(signs):
            columns[column_of(key) + SIGN] = pa.array(signs, pa.bool_())
    return pa.table(columns)


def from_arrow(table: Any, vocabulary: Mapping[str, FactDefinition]) -> CaseTable:
    """A table or record batch as cases. Raises BadTable for a column that is not what its name says."""
    import pyarrow as pa

    if isinstance(table, pa.RecordBatch):
        table = pa.Table.from_batches([table])
    check_columns(table.schema, vocabulary)
    names = set(table.schema.names)
    facts = {key: packed(_whole(table, column_of(key))) for key in vocabulary if column_of(key) in names}
    signs = {key: packed(_whole(table, column_of(key) + SIGN)) for key in vocabulary if column_of(key) + SIGN in names}
    days = {name: _days(table, name) if name in names else None for name in _DAYS}
    places = {tie: _places(table, tie) for tie in TIES if tie in names}
    cases = Cases(table.num_rows, facts, places, days["acted_on"], days["asked_on"])
    numbers = table.column("case")
    return CaseTable(cases, lambda index: str(numbers[index].as_py()), signs)


def from_cases(cases: Sequence[PastCase], vocabulary: Mapping[str, FactDefinition]) -> CaseTable:
    """Cases at hand as a table, without Arrow."""
    import numpy as np

    days = {name: np.array([getattr(case, name) or "NaT" for case in cases], dtype="datetime64[D]") for name in _DAYS}
    swept = Cases(
        count=len(cases),
        facts={key: packed([case.facts.get(key) for case in cases]) for key in vocabulary},
        places={tie: gathered(case.ties.of(tie) for case in cases) for tie in TIES},
        acted_on=days["acted_on"],
        asked_on=days["asked_on"],
    )
    signed = {key for case in cases for key in case.signs}
    signs = {key: packed([case.signs.get(key, 0.0) >= A_SIGN for case in cases]) for key in vocabulary if key in signed}
    return CaseTable(swept, lambda index: cases[index].number, signs)


def check_columns(schema: Any, vocabulary: Mapping[str, FactDefinition]) -> None:
    """Refuse a table with a column we do not know or of the wrong type. Raises BadTable."""
    import pyarrow as pa

    facts = {column_of(key) for key in vocabulary}
    wanted = {"case": pa.string(), **dict.fromkeys(_DAYS, pa.date32()), **dict.fromkeys(TIES, pa.list_(pa.string()))}
    if "case" not in schema.names:
        raise BadTable("the table has no column case; give each case a number of its own there")
    for column in schema:
        name = column.name
        if name not in wanted and name.removesuffix(SIGN) not in facts:
            near = difflib.get_close_matches(name, [*facts, *wanted], n=1)
            hint = f"did you mean {near[0]}?" if near else "facts are written with two underscores for the dot"
            raise BadTable(f"column {name}: no fact, tie or day has this name; {hint}")
        if not _FITTING.get(name, _is_boolean)(column.type):
            raise BadTable(f"column {name} holds {column.type}; it must hold {wanted.get(name, 'booleans, or null')}")


def _is_boolean(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_boolean(kind) or pa.types.is_null(kind))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_day(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_date(kind) or pa.types.is_null(kind))


def _is_codes(kind: Any) -> bool:
    import pyarrow as pa

    if pa.types.is_null(kind):
        return True
    return bool((pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_text(kind.value_type))


_FITTING: dict[str, Callable[[Any], bool]] = {
    "case": _is_text,
    **dict.fromkeys(_DAYS, _is_day),
    **dict.fromkeys(TIES, _is_codes),
}


def _whole(table: Any, name: str) -> Any:
    import pyarrow as pa

    column = table.column(name)
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), pa.bool_())
    return column.combine_chunks()


def _days(table: Any, name: str) -> NDArray[np.datetime64]:
    import pyarrow as pa

    days = table.column(name).combine_chunks().cast(pa.date32())
    found: NDArray[np.datetime64] = days.to_numpy(zero_copy_only=False).astype("datetime64[D]")
    return found


def _places(table: Any, tie: str) -> Places:
    """The combinations of codes that occur, each once: few, however many the cases."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table.column(tie)
    if pa.types.is_null(column.type):
        return Places(np.zeros(len(column), dtype=np.int32), (None,))
    joined = pc.binary_join(column.combine_chunks(), " ").dictionary_encode(null_encoding="encode")
    sets = tuple(None if said is None else frozenset(said.split()) for said in joined.dictionary.to_pylist())
    return Places(joined.indices.to_numpy(zero_copy_only=False).astype(np.int32), sets)
