"""The scan over tables: on DuckDB and on Spark it finds what it finds in each text alone."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date

import ibis
import pyarrow as pa
import pytest

from habeas.exposure.core.scan import scan_many
from habeas.exposure.tables import COLUMNS, scan_table

TODAY = date(2026, 11, 23)
TEXTS = [
    "Mara Vellinga, Lindengracht 212, 1015 KL Amsterdam, +1 202 555 0143. You know what to do.",
    "The match ended 3-2 after extra time, 12,000 watched.",
    None,
    "",
    "write to mara.vellinga@example.org or jo@example.com 🦊, IP 192.0.2.44",
    "🦊 Тест: ｍａｒａ＠example.org, tel. +1 202 555 0188",
    "IBAN NL91 ABNA 0417 1643 00 of Jo Sample, born 12 March 1991",
] * 7  # fmt: skip


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    """A local session. Without PySpark or Java these tests fail: an engine nobody ran is not proved."""
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.fail("PySpark needs Java, and there is none; install it (Debian: apt-get install default-jre-headless)")
    with pytest.MonkeyPatch.context() as environment:
        # A machine's own name need not lead anywhere.
        environment.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        environment.setenv("PYSPARK_PYTHON", sys.executable)
        from pyspark.sql import SparkSession

        # As in tests/unit/law/conftest.py: whoever comes first makes the session of this process, and ends it.
        shared = SparkSession.getActiveSession()
        session = (
            SparkSession.builder.master("local[1]")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("ERROR")
        yield session
        if shared is None:
            session.stop()


def posts() -> pa.Table:
    return pa.table({"post": [f"p{number:03}" for number in range(len(TEXTS))], "body": TEXTS})


def asked(table, regions=("NL", "US")):
    return scan_table(table, text_column="body", id_column="post", regions=regions, today=TODAY)


def one_by_one(regions=("NL", "US")) -> list[tuple[object, ...]]:
    rows = []
    for number, text in enumerate(TEXTS):
        (found,) = scan_many([text or ""], regions=regions, today=TODAY)
        rows += [
            (f"p{number:03}", e.kind, e.start, e.end, e.whose, e.gravity, e.confidence, found.severity)
            for e in found.exposures
        ]
    return sorted(rows)


def rows(found: pa.Table) -> list[tuple[object, ...]]:
    assert found.column_names == ["id", *COLUMNS]
    return sorted(tuple(row.values()) for row in found.to_pylist())


@pytest.fixture
def on_duckdb():
    connection = ibis.duckdb.connect()
    yield connection.create_table("posts", posts())
    connection.disconnect()


def test_duckdb_finds_what_each_text_alone_reveals(on_duckdb):
    expected = one_by_one()
    assert {"email", "phone", "address", "iban", "ip"} <= {row[1] for row in expected}
    assert rows(asked(on_duckdb).to_pyarrow()) == expected


def test_spark_finds_the_same(spark):
    spark.createDataFrame(posts()).repartition(2).createOrReplaceTempView("posts")
    assert rows(asked(ibis.pyspark.connect(spark).table("posts")).to_pyarrow()) == one_by_one()


def test_the_result_is_a_table_to_go_on_asking(on_duckdb):
    found = asked(on_duckdb)
    counted = found.filter(found.kind == "email").group_by("id").agg(emails=ibis._.count())
    assert {(row["id"], row["emails"]) for row in counted.to_pyarrow().to_pylist()} == {
        (f"p{number:03}", emails)
        for number in range(len(TEXTS))
        if (emails := sum(row[:2] == (f"p{number:03}", "email") for row in one_by_one()))
    }


def test_two_scans_with_other_regions_do_not_take_each_others_place(on_duckdb):
    dutch, open_to_all = asked(on_duckdb, ("NL",)), asked(on_duckdb, ())
    assert rows(dutch.to_pyarrow()) == one_by_one(("NL",))
    assert rows(open_to_all.to_pyarrow()) == one_by_one(())
    both = dutch.union(open_to_all)
    assert rows(both.to_pyarrow()) == sorted(one_by_one(("NL",)) + one_by_one(()))


def test_a_missing_column_and_one_without_texts_are_named(on_duckdb):
    with pytest.raises(ValueError, match='no column "text"; it has post, body'):
        scan_table(on_duckdb, text_column="text", id_column="post", today=TODAY)
    with pytest.raises(ValueError, match='column "size" holds int64'):
        scan_table(on_duckdb.mutate(size=on_duckdb.body.length().cast("int64")), text_column="size", id_column="post",
                   today=TODAY)  # fmt: skip
