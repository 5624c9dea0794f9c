"""One rule, three compilers: case by case, over planes of bits, and as an expression of a database, all agree."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.law.core import packs
from habeas.law.core.engine import Situation, assess, elements_and_exemptions, outcome_of
from habeas.law.core.expression import column_of, outcome_expression, rule_expression, schema_of
from habeas.law.core.logic import holds, with_consequences, without_exemptions
from habeas.law.core.model import OUTCOMES, TIES, FactDefinition, Known, Provision, Rule, Ties, Truth
from habeas.law.core.planes import Cases, compile_law, gathered, packed, unpacked

NAMES = ["act.a", "act.b", "data.c", "intent.d", "who.e"]
TRUTHS = (True, False, None)
VOCABULARY = packs.load_vocabulary()
JURISDICTIONS = packs.jurisdictions()
PROVISIONS = [provision for code in JURISDICTIONS for provision in packs.load_pack(code).provisions]
MODEL = next(provision for provision in PROVISIONS if provision.status == "in_force")
# Around the edges of a word of 64 cases, and around those of a slice of two words.
SIZES = [0, 1, 63, 64, 65, 127, 128, 129, 200]

Case = dict[str, Truth]


def by_chance(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 (a drawing, not a secret)


def fact(name: str) -> Rule:
    return Rule("fact", fact=name)


def _plain(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    several = st.lists(parts, min_size=1, max_size=5).map(tuple)
    return st.one_of(
        several.map(lambda found: Rule("all", found)),
        several.map(lambda found: Rule("any", found)),
        several.flatmap(
            lambda found: st.integers(0, len(found) + 1).map(lambda need: Rule("at_least", found, "", need))
        ),
    )


def _anything(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    return st.one_of(
        _plain(parts),
        parts.map(lambda part: Rule("not", (part,))),
        st.tuples(parts, parts).map(lambda both: Rule("unless", both)),
    )


def _limbs(parts: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    """Rules as packs may have them: no limb with an exemption below a ``not``."""
    return st.one_of(_plain(parts), st.tuples(parts, CONDITIONS).map(lambda both: Rule("unless", both)))


FACTS = st.sampled_from(NAMES).map(fact)
RULES = st.recursive(FACTS, _anything, max_leaves=12)
CONDITIONS = st.recursive(FACTS, lambda p: st.one_of(_plain(p), p.map(lambda part: Rule("not", (part,)))), max_leaves=5)
ELEMENTS = st.recursive(CONDITIONS, _limbs, max_leaves=6)


@st.composite
def case_lists(draw) -> list[Case]:
    """Cases of a given number; drawn by chance from one seed, since thousands of single draws take too long."""
    chance = by_chance(draw(st.integers(0, 2**32)))
    keys = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return [{key: chance.choice(TRUTHS) for key in keys} for _ in range(draw(st.sampled_from(SIZES)))]


def random_cases(count: int, seed: int, keys=tuple(VOCABULARY)) -> list[Case]:
    """Cases of which each has its own mood: some know nearly everything, some mostly say yes."""
    chance, cases = by_chance(seed), []
    for _ in range(count):
        weights = [chance.random() + 0.05 for _ in TRUTHS]
        cases.append(dict(zip(keys, chance.choices(TRUTHS, weights, k=len(keys)), strict=True)))
    return cases


def table(cases: list[Case], **more) -> Cases:
    keys = dict.fromkeys(key for case in cases for key in case)
    return Cases(len(cases), {key: packed([case.get(key) for case in cases]) for key in keys}, **more)


def provision_of(elements: Rule, exemptions: Rule | None = None, **more) -> Provision:
    return replace(MODEL, id="xa.test", elements=elements, exemptions=exemptions, **more)


def outcome(provision: Provision, case: Case) -> str:
    return outcome_of(True, True, *elements_and_exemptions(provision, case))


def truths(planes, count: int) -> list[Truth]:
    return [{1: True, 0: False, -1: None}[value] for value in unpacked(planes, count).tolist()]


def swept(sweep, cases: Cases, slice_words: int = 2) -> dict[str, list[str]]:
    """Each provision's outcomes, case by case, from slices so small that even few cases make several."""
    found: dict[str, list[str]] = {}
    for judged in sweep.judge(cases, slice_words):
        assert judged.start == len(found.get(judged.provision.id, []))
        found.setdefault(judged.provision.id, []).extend(OUTCOMES[index] for index in judged.outcomes())
    return found


@pytest.mark.parametrize("count", SIZES)
def test_a_column_is_packed_from_whatever_holds_it(count):
    chance = by_chance(count)
    column = [chance.choice(TRUTHS) for _ in range(count)]
    numbers = np.array([-1 if truth is None else int(truth) for truth in column], dtype=np.int8)
    arrow = pa.array(column, pa.bool_())
    for given_as in (column, numbers, arrow, pa.chunked_array([arrow[:5], arrow[5:]])):
        planes = packed(given_as)
        assert len(planes.true) == len(planes.false) == -(-count // 64)
        assert truths(planes, count) == column
    known = [bool(truth) for truth in column]
    assert truths(packed(np.array(known, dtype=bool)), count) == known


def test_a_slice_of_an_arrow_column_is_packed_from_where_it_begins():
    assert truths(packed(pa.array([True, None, False, True, None])[2:]), 3) == [False, True, None]


def test_a_number_that_is_no_truth_is_refused():
    with pytest.raises(ValueError, match="1, 0 or -1"):
        packed(np.array([0, 2], dtype=np.int8))


def test_a_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match=r"act\.a has 1 words; 65 cases need 2"):
        list(compile_law([MODEL]).judge(Cases(65, {"act.a": packed([True])})))


@given(RULES, case_lists())
def test_planes_read_a_rule_as_it_is_read_case_by_case(rule, cases):
    sweep = compile_law([provision_of(Rule("any", (Rule("all", ()), fact("act.a"))), rule)])
    found = [
        truth for judged in sweep.judge(table(cases), 2) for truth in truths(judged.applies, judged.stop - judged.start)
    ]
    assert found == [None if (truth := holds(rule, case)) is None else not truth for case in cases]


@given(ELEMENTS, st.none() | RULES, case_lists())
def test_planes_come_to_the_outcome_of_every_case(elements, exemptions, cases):
    provision = provision_of(elements, exemptions)
    sweep, packed_cases = compile_law([provision]), table(cases)
    expected = [outcome(provision, case) for case in cases]
    assert swept(sweep, packed_cases).get("xa.test", []) == expected
    assert sweep.counts(packed_cases, 2)["xa.test"] == {name: expected.count(name) for name in OUTCOMES}
    for judged in sweep.judge(packed_cases, 1):
        of_slice = cases[judged.start : judged.stop]
        found = truths(judged.elements, len(of_slice))
        assert found == [holds(without_exemptions(elements), case) for case in of_slice]
        # Every case is in one outcome's plane, and no bit beyond the last case is in any.
        assert sum(np.bitwise_count(judged.outcome(name)).sum() for name in OUTCOMES) == len(of_slice)
        for planes in (judged.elements, judged.applies):
            assert np.bitwise_count(planes.true | planes.false).sum() <= len(of_slice)


@pytest.mark.parametrize("count", [1, 130])
def test_planes_agree_on_every_provision(count):
    cases = random_cases(count, seed=count)
    found = swept(compile_law(PROVISIONS), table(cases))
    for provision in PROVISIONS:
        assert found[provision.id] == [outcome(provision, case) for case in cases], provision.id


def test_what_follows_from_the_facts_follows_on_planes():
    cases = random_cases(200, seed=7)
    found = swept(compile_law(PROVISIONS, vocabulary=VOCABULARY), table(cases))
    completed = [with_consequences(case, VOCABULARY) for case in cases]
    for provision in PROVISIONS:
        assert found[provision.id] == [outcome(provision, case) for case in completed], provision.id


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=8), case_lists())
def test_consequences_follow_in_the_same_order_even_where_somebody_is_mistaken(pairs, cases):
    vocabulary = {
        name: FactDefinition(name, name, name, 1, "person", tuple(to for by, to in pairs if by == name))
        for name in NAMES
    }
    rules = [replace(provision_of(fact(name)), id=name) for name in NAMES]
    found = swept(compile_law(rules, vocabulary=vocabulary), table(cases))
    completed = [with_consequences(case, vocabulary) for case in cases]
    for rule in rules:
        assert found.get(rule.id, []) == [outcome(rule, case) for case in completed]


def situations(count: int, seed: int) -> list[Situation]:
    chance = by_chance(seed)
    codes = [*JURISDICTIONS, "US-KS", "CZ", "ZZ"]
    somewhere = [None, frozenset(), *(frozenset({code}) for code in codes), frozenset({"DE", "US-CA"})]
    days = sorted({day for p in PROVISIONS for day in (p.in_force_from, p.in_force_to, p.as_of) if day})
    found = []
    for case in random_cases(count, seed):
        acted_on = chance.choice(days) + timedelta(days=chance.randint(-1, 1))
        home = chance.choice(somewhere)
        places = {tie: chance.choice([home, home, None, *somewhere]) for tie in TIES if chance.random() < 0.7}
        known = {key: Known(key, truth, "person", "drawn") for key, truth in case.items() if chance.random() < 0.9}
        asked_on = acted_on + timedelta(days=chance.choice([0, 30, 3000]))
        found.append(Situation(known, Ties(places), acted_on, asked_on))
    return found


def table_of(situations: list[Situation]) -> Cases:
    return table(
        [{key: known.truth for key, known in situation.known.items()} for situation in situations],
        places={tie: gathered([situation.ties.of(tie) for situation in situations]) for tie in TIES},
        acted_on=np.array([situation.acted_on for situation in situations], dtype="datetime64[D]"),
        asked_on=np.array([situation.asked_on for situation in situations], dtype="datetime64[D]"),
    )


def test_a_full_sweep_comes_to_what_the_engine_finds():
    """With day, reach, consequences, and what each jurisdiction sees for itself: residence and illegal content."""
    drawn = situations(70, seed=3)
    sweep = compile_law(PROVISIONS, vocabulary=VOCABULARY, jurisdictions=JURISDICTIONS, dated=True)
    found, counts = swept(sweep, table_of(drawn), 1), sweep.counts(table_of(drawn), 1)
    seen: Counter[str] = Counter()
    for number, situation in enumerate(drawn):
        for finding in assess(PROVISIONS, situation, VOCABULARY, JURISDICTIONS):
            assert found[finding.provision.id][number] == finding.outcome, (number, finding.provision.id)
            seen[finding.outcome] += 1
    assert set(seen) == set(OUTCOMES)
    for name in found:
        assert counts[name] == {outcome: found[name].count(outcome) for outcome in OUTCOMES}


def test_a_day_that_is_not_known_leaves_open_whether_law_was_in_force():
    begun = provision_of(fact("act.a"), in_force_from=date(2020, 1, 1), in_force_to=None, judged_on="act")
    never = replace(begun, id="xa.never", status="enacted")
    nowhen = Cases(1, {"act.a": packed([True])}, acted_on=np.array(["NaT"], dtype="datetime64[D]"))
    assert swept(compile_law([begun, never], dated=True), nowhen) == {
        "xa.test": ["possible"],
        "xa.never": ["not_in_force"],
    }
    assert swept(compile_law([begun], dated=True), replace(nowhen, acted_on=None)) == {"xa.test": ["possible"]}


def test_rules_that_share_a_part_work_it_out_once():
    shared = Rule("any", (fact("act.a"), fact("act.b")))
    one, other = (provision_of(Rule("all", (shared, fact(name)))) for name in ("data.c", "intent.d"))
    assert compile_law([one, replace(other, id="xa.other")]).operations == 3


def test_buffers_are_given_back_after_their_last_use():
    sweep = compile_law(PROVISIONS)
    leaves = sum(1 + (negated is not None) for _, _, negated in sweep._leaves)
    assert sweep.operations > 1000
    assert sweep.buffers - leaves < sweep.operations / 5


@pytest.fixture(scope="module")
def duckdb() -> Iterator[ibis.BaseBackend]:
    connection = ibis.duckdb.connect()
    yield connection
    connection.disconnect()


def arrow_table(cases: list[Case], keys) -> pa.Table:
    """Cases in order. A column for their number, so that a table of cases without facts still has rows."""
    columns = {column_of(key): pa.array([case.get(key) for case in cases], pa.bool_()) for key in keys}
    return pa.table({"number": pa.array(range(len(cases)), pa.int64()), **columns})


def in_order(found: pa.Table) -> dict[str, list]:
    return found.sort_by("number").drop_columns(["number"]).to_pydict()


def provisions_asked(count: int) -> ibis.Table:
    """The outcome of every provision on a table named cases: one expression, whatever it is run on."""
    cases = ibis.table({"number": "int64", **schema_of(PROVISIONS)}, name=f"cases_{count}")
    return cases.select("number", **{provision.id: outcome_expression(provision, cases) for provision in PROVISIONS})


def rules_asked(rules: list[Rule], cases: ibis.Table) -> ibis.Table:
    columns = {}
    for number, rule in enumerate(rules):
        columns[f"truth_{number}"] = rule_expression(rule, cases)
        columns[f"outcome_{number}"] = outcome_expression(provision_of(rule, fact("who.e")), cases)
    return cases.select("number", **columns)


def rules_answered(rules: list[Rule], cases: list[Case]) -> dict[str, list]:
    answers: dict[str, list] = {}
    for number, rule in enumerate(rules):
        answers[f"truth_{number}"] = [holds(rule, case) for case in cases]
        answers[f"outcome_{number}"] = [outcome(provision_of(rule, fact("who.e")), case) for case in cases]
    return answers


@settings(max_examples=50, deadline=None)
@given(st.lists(st.one_of(RULES, ELEMENTS), min_size=1, max_size=4), case_lists())
def test_an_expression_reads_a_rule_as_it_is_read_case_by_case(duckdb, rules, cases):
    """Facts that no case speaks of have no column: the expression takes them as unknown."""
    keys = dict.fromkeys(key for case in cases for key in case)
    asked = rules_asked(rules, ibis.memtable(arrow_table(cases, keys)))
    assert in_order(duckdb.to_pyarrow(asked)) == rules_answered(rules, cases)


def test_expressions_agree_on_every_provision(duckdb):
    cases = random_cases(65, seed=11)
    duckdb.create_table("cases_65", arrow_table(cases, VOCABULARY))
    assert in_order(duckdb.to_pyarrow(provisions_asked(65))) == {
        provision.id: [outcome(provision, case) for case in cases] for provision in PROVISIONS
    }


def test_the_same_expressions_run_on_spark_unchanged(duckdb, spark):
    cases = random_cases(64, seed=13)
    found = arrow_table(cases, VOCABULARY)
    duckdb.create_table("cases_64", found)
    spark.createDataFrame(found).createOrReplaceTempView("cases_64")
    asked = provisions_asked(64)
    on_spark = in_order(ibis.pyspark.connect(spark).to_pyarrow(asked))
    assert on_spark == in_order(duckdb.to_pyarrow(asked))
    assert on_spark == {provision.id: [outcome(provision, case) for case in cases] for provision in PROVISIONS}


def test_every_kind_of_rule_runs_on_spark(spark):
    parts = tuple(map(fact, NAMES))
    counted = [Rule("at_least", parts[:4], need=need) for need in range(6)]
    rules = [
        *counted,
        Rule("not", (counted[2],)),
        Rule("unless", (counted[2], parts[4])),
        Rule("any", (Rule("unless", (parts[0], parts[1])), Rule("all", parts[1:3]), fact("act.no_such_column"))),
        Rule("all", ()),
        Rule("any", ()),
    ]
    cases = random_cases(243, seed=17, keys=tuple(NAMES))
    spark.createDataFrame(arrow_table(cases, NAMES)).createOrReplaceTempView("kinds")
    connection = ibis.pyspark.connect(spark)
    assert in_order(connection.to_pyarrow(rules_asked(rules, connection.table("kinds")))) == rules_answered(
        rules, cases
    )


TRUTH_COLUMNS = {"in_force": "boolean", "reach": "boolean", "act__a": "boolean", "act__b": "boolean"}


def test_day_and_reach_come_before_what_was_done(duckdb):
    grid = [(v, r, e, x) for v in TRUTHS for r in TRUTHS for e in TRUTHS for x in TRUTHS]
    cases = ibis.memtable(
        pa.table(
            {
                name: pa.array(column, pa.bool_())
                for name, column in zip(TRUTH_COLUMNS, zip(*grid, strict=True), strict=True)
            }
        )
    )
    provision = provision_of(fact("act.a"), fact("act.b"))
    asked = cases.select(outcome=outcome_expression(provision, cases, in_force=cases.in_force, reach=cases.reach))
    assert duckdb.to_pyarrow(asked)["outcome"].to_pylist() == [outcome_of(*answers) for answers in grid]
