"""The scan as a function over a table, wherever the table lies: texts in, one row for each exposure out.

The table is an Ibis table, and so is the result: nothing is computed before somebody asks for it, and then where the
data are. DuckDB hands the texts over in Arrow batches. Spark sends the scan to its workers, where Habeas must be
installed, and takes the texts out of its Arrow batches one by one. Both call the same function: they cannot differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from habeas.exposure.core.scan import scan_many

COLUMNS = {
    "kind": "string",
    "start": "int64",
    "end": "int64",
    "whose": "string",
    "gravity": "int64",
    "confidence": "float64",
    "severity": "string",
}
_FOUND = f"array<struct<{', '.join(f'{name}: {kind}' for name, kind in COLUMNS.items())}>>"


def scan_table(table: Any, *, text_column: str, id_column: str, regions: Sequence[str] = (), today: date) -> Any:
    """What each text of a table exposes: a table of ``id`` and ``COLUMNS``, one row for each exposure.

    table:       an Ibis table on DuckDB or PySpark
    text_column: texts; where null, there is nothing to find
    id_column:   what tells the rows apart, of any type; it becomes ``id``
    regions:     ISO 3166-1 alpha-2 codes the texts point to, most likely first
    today:       the day of the scan, against which dates of birth are judged
    ``start`` and ``end`` count characters of the text; ``severity`` is that of the whole text. Values are not in it:
    whoever may read the text can cut them out of it. The order of rows is the engine's.
    Raises ValueError where a column is missing or holds no texts.
    """
    import ibis

    for name in (text_column, id_column):
        if name not in table.columns:
            raise ValueError(f'the table has no column "{name}"; it has {", ".join(table.columns)}')
    if not table[text_column].type().is_string():
        raise ValueError(f'column "{text_column}" holds {table[text_column].type()}, and not texts')
    find = ibis.udf.scalar.pyarrow(scan_function(regions, today), name="habeas_scan", signature=(("string",), _FOUND))
    scanned = table.select(id=table[id_column], found=find(table[text_column])).unnest("found")
    return scanned.select("id", **{name: scanned.found[name] for name in COLUMNS})


def scan_function(regions: Sequence[str], today: date) -> Callable[[Any], Any]:
    """A function from texts to lists of what each exposes: from an Arrow array to one, or from one text to its list.

    It is sent to workers by value, so it holds nothing but what it was made of.
    """
    codes = tuple(regions)

    def find(texts: Any) -> Any:
        from habeas.exposure import tables

        if texts is None or isinstance(texts, str):
            return next(tables.found_in([texts], codes, today))
        import pyarrow as pa

        return pa.array(tables.found_in(texts.to_pylist(), codes, today), tables.arrow_type())

    return find


def found_in(texts: Iterable[str | None], regions: Sequence[str], today: date) -> Iterator[list[dict[str, Any]]]:
    """For each text the rows of ``COLUMNS``."""
    for found in scan_many((text or "" for text in texts), regions=regions, today=today):
        yield [
            {
                "kind": exposure.kind,
                "start": exposure.start,
                "end": exposure.end,
                "whose": exposure.whose,
                "gravity": exposure.gravity,
                "confidence": exposure.confidence,
                "severity": found.severity,
            }
            for exposure in found.exposures
        ]


def arrow_type() -> Any:
    """The Arrow type of what ``found_in`` gives for one text."""
    import pyarrow as pa

    types = {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}
    return pa.list_(pa.struct([(name, types[kind]) for name, kind in COLUMNS.items()]))
