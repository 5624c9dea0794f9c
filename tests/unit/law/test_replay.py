"""A reform on past cases: counted by hand on few, and as the engine judges each of many, before and after."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factories.law import provision
from habeas.cases.core.facts import Known, Ties
from habeas.kernel.packfiles import PackFileError, parse_yaml
from habeas.law import replays
from habeas.law.core import packs
from habeas.law.core.case_table import BadTable, PastCase, from_arrow, from_cases, to_arrow
from habeas.law.core.engine import Situation, assess
from habeas.law.core.model import TRACKS_OF_CONDUCT
from habeas.law.core.replay import (
    PUBLIC_VOICE,
    Proposal,
    Reform,
    Replay,
    Shift,
    amended,
    as_csv,
    law_in_force,
    proposal_of,
    read_proposal,
)
from habeas.law.core.shift_chart import shift_chart
from habeas.law.core.simulated import simulated_cases

DAY = date(2026, 11, 23)
VOCABULARY = packs.load_vocabulary()
# What dropping purpose and exemptions from one article would be.
WIDER = """
name: doxing without the purpose
provisions:
  - id: nl.sr.285d
    citation: art 285d, as proposed
    title: Use of personal data, whatever the purpose
    track: criminal
    status: in_force
    in_force_from: 2024-01-01
    summary: Invented.
    elements: {all: [data.identifying, act.disclosed]}
    exemptions: null
    remedies:
      - {type: removal, sought_by: victim, from: platform, within: 24 hours}
    source: invented for a test
    confidence: low
"""


def proposal(text: str = WIDER) -> Proposal:
    return proposal_of(parse_yaml(text, "proposal.yaml"), Path("proposal.yaml"))


def case(number: str, facts: dict[str, bool | None], lives: str = "NL", **more: object) -> PastCase:
    ties = Ties({"target_lives": frozenset({lives})})
    return PastCase(number, DAY, DAY, facts, ties, **more)  # type: ignore[arg-type]


def replayed(cases: list[PastCase], change: Proposal) -> Replay:
    return Reform.of(law_in_force(), change).replay(from_cases(cases, VOCABULARY)).moving()


NO_PURPOSE = dict.fromkeys(("intent.fear", "intent.harass", "intent.intimidate"), False)
NO_EXEMPTION = dict.fromkeys(("exempt.lawful_authority", "exempt.journalism", "exempt.public_interest"), False)
SHOWN = {"data.identifying": True, "act.disclosed": True}


def test_who_is_newly_caught_is_counted_and_journalism_above_all():
    cases = [
        case("meant to frighten", {**SHOWN, "intent.fear": True, **NO_EXEMPTION}),
        case("a neighbour's notice", {**SHOWN, **NO_PURPOSE, **NO_EXEMPTION}),
        case("a newspaper", {**SHOWN, "intent.fear": True, "exempt.journalism": True}),
        case("perhaps a newspaper", {**SHOWN, **NO_PURPOSE, **NO_EXEMPTION}, signs={"exempt.journalism": 0.7}),
        case("a faint sign", {**SHOWN, **NO_PURPOSE, **NO_EXEMPTION}, signs={"exempt.journalism": 0.2}),
        case("elsewhere", {**SHOWN, **NO_PURPOSE, **NO_EXEMPTION}, lives="JP"),
        case("nothing shown", {"act.disclosed": False}),
    ]
    found = replayed(cases, proposal())
    assert (found.cases, found.voiced) == (7, 2)
    assert found.met["nl.sr.285d"] == Shift(before=1, after=5, gained=4, lost=0)
    assert found.exempt["nl.sr.285d"] == Shift(before=1, after=0, gained=0, lost=1)
    assert found.covered_voiced.gained == 2
    assert found.newly_voiced == ("a newspaper", "perhaps a newspaper")
    assert set(found.newly) == {"a neighbour's notice", "a newspaper", "perhaps a newspaper", "a faint sign"}
    assert found.by_voice["exempt.journalism"].gained == 2
    assert found.remedies["removal"].gained >= 4


def test_a_repeal_is_counted_as_what_it_takes_away():
    cases = [case("1", {**SHOWN, "intent.fear": True, **NO_EXEMPTION})]
    found = replayed(cases, proposal("repeals: [nl.sr.285d]"))
    assert found.met == {"nl.sr.285d": Shift(before=1, after=0, gained=0, lost=1)}


def test_the_law_against_itself_changes_nothing():
    same = packs.load_pack("NL").provisions[0]
    found = replayed(simulated_cases(300, DAY), Proposal("the same", (same,)))
    assert (found.covered.moves, found.met, found.jurisdictions, found.remedies) == (False, {}, {}, {})


def test_a_new_exemption_never_catches_anyone_newly():
    law = packs.load_pack("NL").provisions[0]
    narrower = provision("act.disclosed").exemptions
    assert narrower is None
    kinder = proposal(WIDER.replace("exemptions: null", "exemptions: {any: [exempt.journalism, exempt.household]}"))
    wide, narrow = (replayed(simulated_cases(400, DAY), each) for each in (proposal(), kinder))
    assert narrow.met[law.id].after <= wide.met[law.id].after
    assert narrow.covered_voiced.gained <= wide.covered_voiced.gained


def test_it_comes_to_what_the_engine_finds_case_by_case():
    cases, change = simulated_cases(60, DAY, seed=500), proposal()
    found = Reform.of(law_in_force(), change).replay(from_cases(cases, VOCABULARY))
    laws = (law_in_force(), amended(law_in_force(), change))
    sides = [[_judged(law, each) for each in cases] for law in laws]
    for name in ("nl.sr.285d", "eu.gdpr.17", "gb.osa.181", "us.18-usc-119"):
        before, after = ([name in met for met, _ in side] for side in sides)
        expected = Shift(
            sum(before),
            sum(after),
            sum(new and not old for old, new in zip(before, after, strict=True)),
            sum(old and not new for old, new in zip(before, after, strict=True)),
        )
        assert found.met.get(name, Shift()) == expected, name
    assert found.covered.before == sum("NL" in codes for _, codes in sides[0])
    assert found.covered.after == sum("NL" in codes for _, codes in sides[1])


def _judged(law, past: PastCase) -> tuple[set[str], set[str]]:
    known = {key: Known(key, truth, "person", "") for key, truth in past.facts.items()}
    situation = Situation(known, past.ties, past.acted_on, past.asked_on)
    met = [f.provision for f in assess(law, situation, VOCABULARY, packs.jurisdictions()) if f.outcome == "met"]
    return {p.id for p in met}, {p.jurisdiction for p in met if p.track in TRACKS_OF_CONDUCT and p.effect == "claim"}


def test_batches_in_any_order_add_up_to_the_whole():
    cases, reform = simulated_cases(200, DAY), Reform.of(law_in_force(), proposal())
    whole = reform.replay(from_cases(cases, VOCABULARY))
    random.Random(1).shuffle(cases)  # noqa: S311 (an order, not a secret)
    parts = [reform.replay(from_cases(cases[at : at + 67], VOCABULARY)) for at in range(0, 200, 67)]
    total = sum(parts, Replay())
    assert (total.covered, total.covered_voiced, total.cases) == (whole.covered, whole.covered_voiced, whole.cases)
    assert (total.moving().met, total.moving().remedies) == (whole.moving().met, whole.moving().remedies)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "proposal.yaml").write_text(WIDER)
    pq.write_table(to_arrow(simulated_cases(500, DAY), VOCABULARY), tmp_path / "cases.parquet")
    return tmp_path / "proposal.yaml", tmp_path / "cases.parquet"


def test_all_engines_count_the_same(files, spark):
    on_planes, on_duckdb, on_spark = (replays.replay_file(*files, engine) for engine in ("planes", "duckdb", "spark"))
    assert on_planes.cases == 500
    assert on_planes.covered.gained > 0
    assert on_planes == on_duckdb == on_spark


def test_progress_is_told_between_batches(files, monkeypatch):
    monkeypatch.setattr(replays, "BATCH", 200)
    done: list[int] = []
    replays.replay_file(*files, told=done.append)
    assert done == [200, 400, 500]


def test_a_table_comes_back_as_it_was_written():
    cases = [
        *simulated_cases(70, DAY),
        PastCase("unknown", None, None, {"act.disclosed": None}, Ties({}), signs={"intent.fear": 0.9}),
    ]
    one, other = from_arrow(to_arrow(cases, VOCABULARY), VOCABULARY), from_cases(cases, VOCABULARY)
    reform = Reform.of(law_in_force(), proposal())
    assert reform.replay(one) == reform.replay(other)
    assert [one.number(70), other.number(70)] == ["unknown"] * 2


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        pytest.param({"act__disclosed": [True]}, "the table has no column case", id="no-number"),
        pytest.param({"case": ["1"], "act__disclosd": [True]}, "did you mean act__disclosed?", id="near-miss"),
        pytest.param({"case": ["1"], "act__disclosed": ["yes"]}, "it must hold booleans", id="words"),
        pytest.param({"case": ["1"], "acted_on": ["2026-01-01"]}, "acted_on holds string", id="day-as-text"),
        pytest.param({"case": ["1"], "target_lives": ["NL"]}, "target_lives holds string", id="no-list"),
    ],
)
def test_a_column_that_is_not_what_it_says_is_named(columns, message):
    with pytest.raises(BadTable, match=message.replace("?", r"\?")):
        from_arrow(pa.table(columns), VOCABULARY)


def test_a_table_with_few_columns_leaves_the_rest_unknown():
    table = from_arrow(pa.table({"case": ["1"], "act__disclosed": pa.nulls(1)}), VOCABULARY)
    found = Reform.of(law_in_force(), proposal()).replay(table)
    assert (found.cases, found.covered) == (1, Shift())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[]", "changes nothing", id="empty"),
        pytest.param("words", "a proposal is a list of provisions", id="words"),
        pytest.param("repeals: [nl.sr.285e]", 'did you mean "nl.sr.285', id="repeals-what-is-not-there"),
        pytest.param("[{title: no id}]", "entry 1 has no id", id="no-id"),
        pytest.param("[{id: qq.act.1}]", 'unknown jurisdiction "QQ"', id="no-such-place"),
        pytest.param(WIDER.replace("act.disclosed]", "act.disclosd]"), 'did you mean "act.disclosed"', id="fact"),
        pytest.param(WIDER.replace("    summary: Invented.\n", ""), "'summary' is missing", id="missing-key"),
        pytest.param(WIDER.replace("24 hours", "a day"), "is not a period", id="period"),
    ],
)
def test_a_proposal_that_cannot_be_read_says_where(text, message, tmp_path):
    file = tmp_path / "reform.yaml"
    file.write_text(text)
    with pytest.raises(PackFileError, match=r"reform\.yaml") as refused:
        read_proposal(file)
    assert message in str(refused.value)


def test_the_law_in_force_is_left_alone():
    before = law_in_force()
    amended(before, proposal())
    assert law_in_force() == before
    assert "whatever the purpose" not in packs.load_pack("NL").provisions[0].title


def test_the_download_holds_every_line_and_the_chart_says_in_words_what_its_bars_say():
    found = replayed([case("1", {**SHOWN, **NO_PURPOSE, **NO_EXEMPTION})], proposal())
    assert '"provision, met",nl.sr.285d,0,1,1,0' in as_csv(found)
    drawn = shift_chart("Who <is> caught", {"nl.sr.285d": Shift(0, 1, 1, 0), "x<y": Shift(5, 2, 0, 3)})
    assert "Who &lt;is&gt; caught" in drawn
    assert "nl.sr.285d: 1 newly, 0 no longer" in drawn
    assert "x&lt;y: 0 newly, 3 no longer" in drawn


def test_the_signs_looked_for_are_facts():
    assert set(PUBLIC_VOICE) <= set(VOCABULARY)
