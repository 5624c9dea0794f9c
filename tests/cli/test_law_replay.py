"""Replaying a reform from the command line."""

from __future__ import annotations

import json

import pytest

REPEAL = "repeals: [nl.sr.285d]\n"


@pytest.fixture
def files(habeas, tmp_path):
    cases, proposal = tmp_path / "cases.parquet", tmp_path / "reform.yaml"
    made = habeas("law", "cases", "--simulated", "400", "--out", cases)
    assert (made.code, made.out) == (0, f"400 cases in {cases}\n")
    proposal.write_text(REPEAL)
    return proposal, cases


def test_it_says_whom_a_reform_would_cover(habeas, files, tmp_path):
    proposal, cases = files
    csv, svg = tmp_path / "r.csv", tmp_path / "r.svg"
    said = habeas("law", "replay", "--pack", proposal, "--cases", cases, "--csv", csv, "--svg", svg)
    assert said.code == 0
    assert "400 past cases" in said.out
    assert "carry a sign of journalism or public interest" in said.out
    assert "not a forecast" in said.out
    assert csv.read_text().startswith("kind,name,before,after,newly,no_longer")
    assert svg.read_text().startswith("<svg")


def test_a_program_gets_it_all(habeas, files):
    proposal, cases = files
    said = habeas("law", "replay", "--pack", proposal, "--cases", cases, "--engine", "duckdb", "--json")
    found = json.loads(said.out)
    assert found["cases"] == 400
    assert found["covered"]["gained"] == 0
    assert set(found["met"]) <= {"nl.sr.285d"}


def test_what_cannot_be_read_is_said(habeas, files, tmp_path):
    proposal, cases = files
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"not a table")
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("repeals: [nl.sr.285x]\n")
    for pack, table, words in (
        (proposal, tmp_path / "none.parquet", "does not exist"),
        (proposal, broken, "habeas law cases"),
        (wrong, cases, "did you mean"),
    ):
        said = habeas("law", "replay", "--pack", pack, "--cases", table)
        assert (said.code, said.out) == (2, "")
        assert words in said.err
    assert habeas("law", "cases", "--simulated", "0", "--out", tmp_path / "x.parquet").code == 2
