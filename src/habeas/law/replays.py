"""Where past cases lie while a reform is replayed on them: a Parquet file, DuckDB, or a Spark cluster.

All three hand Arrow batches to the same sweep and add up its counts, so that they cannot differ. Spark sends the sweep
to where the data are: every worker compiles both laws once for its partition.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Literal

from habeas.law.core import packs
from habeas.law.core.case_table import check_columns, from_arrow
from habeas.law.core.replay import Proposal, Reform, Replay, Shift, law_in_force, read_proposal

Engine = Literal["planes", "duckdb", "spark"]
# As many as the sweep likes in one slice, so that a batch is worked on in the processor's cache.
BATCH = 262_144

Progress = Callable[[int], None]


def replay_file(proposal: Path, cases: Path, engine: Engine = "planes", told: Progress | None = None) -> Replay:
    """What a proposal changes over the cases of a Parquet file (or a folder of them, for DuckDB and Spark).

    told: is called with the number of cases done so far, between batches; not by Spark, which counts for itself
    Raises PackFileError for the proposal and BadTable for the cases.
    """
    read_proposal(proposal)
    if engine == "spark":
        return _on_spark(proposal, cases).moving()
    batches = _parquet(cases) if engine == "planes" else _duckdb(cases)
    return replay_batches(read_proposal(proposal), batches, told).moving()


def replay_batches(proposal: Proposal, batches: Iterable[Any], told: Progress | None = None) -> Replay:
    """The same over Arrow batches from anywhere."""
    reform, total = Reform.of(law_in_force(), proposal), Replay()
    for batch in batches:
        total += reform.replay(from_arrow(batch, packs.load_vocabulary()))
        if told:
            told(total.cases)
    return total


def how_many(cases: Path) -> int | None:
    """The number of cases in one Parquet file, by its footer; null for a folder."""
    if cases.is_dir():
        return None
    import pyarrow.parquet as pq

    return int(pq.ParquetFile(cases).metadata.num_rows)


def _parquet(cases: Path) -> Iterator[Any]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(cases)
    check_columns(file.schema_arrow, packs.load_vocabulary())
    return file.iter_batches(batch_size=BATCH)


def _duckdb(cases: Path) -> Iterator[Any]:
    import duckdb

    pattern = str(cases / "**" / "*.parquet") if cases.is_dir() else str(cases)
    yield from duckdb.connect().sql("SELECT * FROM read_parquet(?)", params=[pattern]).to_arrow_reader(BATCH)


def _on_spark(proposal: Path, cases: Path) -> Replay:
    from pyspark.sql import SparkSession

    # A worker on this machine runs where Habeas is installed; a cluster's own setting stands.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.getOrCreate()
    session.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH))
    rows = session.read.parquet(str(cases)).mapInArrow(_Partition(str(proposal)), "replay string").collect()
    return sum((_from_json(row.replay) for row in rows), Replay())


class _Partition:
    """The replay of one partition, sent to a worker: Arrow batches in, one row of counts out."""

    def __init__(self, proposal: str) -> None:
        self._proposal = proposal

    def __call__(self, batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow as pa

        found = replay_batches(read_proposal(Path(self._proposal)), batches)
        yield pa.RecordBatch.from_pydict({"replay": [json.dumps(asdict(found))]})


def _from_json(said: str) -> Replay:
    raw = json.loads(said)
    for each in fields(Replay):
        value = raw[each.name]
        if isinstance(value, list):
            raw[each.name] = tuple(value)
        elif isinstance(value, dict) and set(value) == set(Shift.__slots__) and each.name.startswith("covered"):
            raw[each.name] = Shift(**value)
        elif isinstance(value, dict):
            raw[each.name] = {name: Shift(**shift) for name, shift in value.items()}
    return Replay(**raw)
