"""Reading packs: defaults, days, rules, and who takes over whose law."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from habeas.kernel.calendars import Period
from habeas.kernel.packfiles import PackFileError
from habeas.law.core.model import Limitation, Rule, Step
from habeas.law.core.packs import (
    DEFAULT_REACH,
    jurisdictions,
    load_pack,
    load_vocabulary,
    parse_day,
    parse_rule,
)
from habeas.law.core.reach import lineage

JURISDICTION = """\
code: {code}
name: Examplia
within: [{within}]
languages: [en]
regulator: null
as_of: 2026-11-23
"""

PROVISION = """\
- id: xa.penal-code.214b
  citation: Penal Code of Examplia, section 214b
  title: Publishing an address
  track: criminal
  status: in_force
  in_force_from: 2025-07-01
  summary: Publishing where someone lives to frighten them.
  elements: {all: [act.disclosed, intent.fear]}
  source: https://law.example/xa/214b
  confidence: high
"""


def write_pack(root: Path, code: str = "XA", within: str = "", provisions: str = PROVISION, more: str = "") -> Path:
    folder = root / code.lower()
    folder.mkdir(parents=True)
    (folder / "jurisdiction.yaml").write_text(JURISDICTION.format(code=code, within=within) + more, encoding="utf-8")
    (folder / "provisions.yaml").write_text(provisions, encoding="utf-8")
    return folder


def test_a_provision_takes_its_reach_and_its_day_from_its_track(tmp_path):
    write_pack(tmp_path)
    (provision,) = load_pack("xa", tmp_path).provisions
    assert provision.reach == DEFAULT_REACH["criminal"] == ("target_lives", "doer_acts", "harm_falls")
    assert provision.judged_on == "act"
    assert provision.jurisdiction == "XA"
    assert provision.as_of == date(2026, 11, 23)


def test_what_a_provision_says_itself_stands_before_the_default(tmp_path):
    said = "  reach: [nationality]\n  judged_on: request\n  as_of: 2026-01-02\n"
    write_pack(tmp_path, provisions=PROVISION + said)
    (provision,) = load_pack("XA", tmp_path).provisions
    assert provision.reach == ("nationality",)
    assert provision.judged_on == "request"
    assert provision.as_of == date(2026, 1, 2)


def test_null_stays_null(tmp_path):
    write_pack(tmp_path)
    (provision,) = load_pack("XA", tmp_path).provisions
    assert provision.in_force_to is None
    assert provision.exemptions is None
    assert provision.penalty is None
    assert provision.limitation is None
    assert provision.notes is None


def test_a_remedy_without_a_time_has_no_deadline(tmp_path):
    remedy = "  remedies:\n    - {type: removal, sought_by: victim, from: platform, deadline_text: without delay}\n"
    write_pack(tmp_path, provisions=PROVISION + remedy)
    (found,) = load_pack("XA", tmp_path).provisions[0].remedies
    assert (found.type, found.from_, found.within, found.ex_parte) == ("removal", "platform", None, False)


def test_rules_nest():
    rule = parse_rule(
        {"all": ["act.disclosed", {"not": "consent.given"}, {"at_least": 2, "of": ["a.a", "b.b", "c.c"]}]}
    )
    assert rule == Rule(
        op="all",
        parts=(
            Rule(op="fact", fact="act.disclosed"),
            Rule(op="not", parts=(Rule(op="fact", fact="consent.given"),)),
            Rule(op="at_least", need=2, parts=tuple(Rule(op="fact", fact=key) for key in ("a.a", "b.b", "c.c"))),
        ),
    )


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        pytest.param({"all": []}, "all needs a list with at least one part", id="empty-all-would-always-hold"),
        pytest.param({"any": "act.disclosed"}, "any needs a list", id="any-of-one-word"),
        pytest.param({"all": ["a.a"], "any": ["b.b"]}, "exactly one of all, any, not", id="two-at-once"),
        pytest.param({"at_least": 3, "of": ["a.a", "b.b"]}, "a number from 1 to 2", id="more-than-there-are"),
        pytest.param({"at_least": True, "of": ["a.a"]}, "a number from 1 to 1", id="true-is-no-number"),
        pytest.param(None, "a rule is a fact or one of", id="null"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused(raw, message):
    with pytest.raises(ValueError, match=message):
        parse_rule(raw)


@pytest.mark.parametrize(
    "raw", ["2026-1-2", "20260102", "2026-W01-1", "2026-02-30", "02/01/2026", date(2026, 1, 2), None]
)
def test_only_one_way_of_writing_a_day_is_read(raw):
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|not in the calendar"):
        parse_day(raw)


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param(
            ("2025-07-01", "2025-02-30"), r"xa\.penal-code\.214b: 2025-02-30 is not in the calendar", id="day"
        ),
        pytest.param(("  citation:", "  quotation:"), r"xa\.penal-code\.214b: 'citation' is missing", id="key"),
        pytest.param(("{all: [act.disclosed, intent.fear]}", "{all: []}"), "at least one part", id="rule"),
        pytest.param(("track: criminal", "track: crime"), "'crime' is missing", id="track"),
    ],
)
def test_a_pack_that_cannot_be_understood_is_refused_with_the_provision_named(tmp_path, fault, message):
    write_pack(tmp_path, provisions=PROVISION.replace(*fault))
    with pytest.raises(PackFileError, match=message):
        load_pack("XA", tmp_path)


def test_a_pack_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(PackFileError, match="No such file"):
        load_pack("XA", tmp_path)


def test_lineage_gives_the_codes_first_and_then_their_parents_each_once(tmp_path):
    write_pack(tmp_path, "XA-BC", within="XA")
    write_pack(tmp_path, "XA", within="XU, XC")
    write_pack(tmp_path, "XB", within="XU")
    write_pack(tmp_path, "XU")
    write_pack(tmp_path, "XC")
    assert lineage(["XA-BC", "XB"], jurisdictions(tmp_path)) == ("XA-BC", "XB", "XA", "XU", "XC")
    assert lineage(["XB", "XB", "XU"], jurisdictions(tmp_path)) == ("XB", "XU")


def test_a_place_without_a_pack_still_takes_over_the_law_above_it(tmp_path):
    write_pack(tmp_path, "XA", within="XC")
    write_pack(tmp_path, "XC")
    write_pack(tmp_path, "XU", more="binds: [XZ]\n")
    assert lineage(["XA-ZZ"], jurisdictions(tmp_path)) == ("XA-ZZ", "XA", "XC")
    assert lineage(["XZ"], jurisdictions(tmp_path)) == ("XZ", "XU")
    assert lineage(["XQ"], jurisdictions(tmp_path)) == ("XQ",)


def test_lineage_ends_even_where_parents_go_in_a_circle(tmp_path):
    write_pack(tmp_path, "XA", within="XB")
    write_pack(tmp_path, "XB", within="XA")
    assert lineage(["XA"], jurisdictions(tmp_path)) == ("XA", "XB")


def test_jurisdictions_are_read_without_their_provisions(tmp_path):
    write_pack(tmp_path, provisions="not: [yaml")
    assert jurisdictions(tmp_path)["XA"].name == "Examplia"


def test_the_vocabulary_says_what_is_asked_and_why(tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text(
        "harm.serious_distress:\n"
        "  meaning: serious emotional distress was caused\n"
        "  question: Has it upset you very badly?\n"
        "  why: Some laws ask for it.\n"
        "  burden: 4\n"
        "  asked_of: person\n"
        "  implies: [harm.distress]\n",
        encoding="utf-8",
    )
    fact = load_vocabulary(path)["harm.serious_distress"]
    assert fact.implies == ("harm.distress",)
    assert fact.why == "Some laws ask for it."
    assert fact.burden == 4


def test_a_vocabulary_entry_without_a_question_is_refused(tmp_path):
    path = tmp_path / "facts.yaml"
    path.write_text("harm.fear: {meaning: the person feared for their safety}\n", encoding="utf-8")
    with pytest.raises(PackFileError, match="'question' is missing"):
        load_vocabulary(path)


def test_times_are_read_in_the_unit_of_the_law(tmp_path):
    remedy = (
        "  remedies:\n    - type: removal\n      sought_by: victim\n      from: platform\n"
        "      within: 10 working days\n"
        "      then:\n        - {within: 1 month, text: the report}\n        - {within: null, text: the rest}\n"
        "      lasts: 30 days\n      if: act.disclosed\n"
        "  limitation: {within: 3 years, from: act, complaint_within: 3 months, complaint_from: knowledge}\n"
    )
    write_pack(tmp_path, provisions=PROVISION + remedy)
    law = load_pack("XA", tmp_path).provisions[0]
    (found,) = law.remedies
    assert (found.within, found.lasts) == (Period(10, "working_days"), Period(30, "days"))
    assert found.then == (Step(Period(1, "months"), "the report"), Step(None, "the rest"))
    assert found.condition == Rule("fact", fact="act.disclosed")
    assert law.limitation == Limitation(Period(3, "years"), "act", Period(3, "months"), "knowledge", None)


@pytest.mark.parametrize("written", ["ten days", "10", "10 fortnights", "-1 days", "1.5 hours", "10  ", "٣ days"])
def test_a_period_that_cannot_be_read_is_refused(written):
    with pytest.raises(ValueError, match="is not a period"):
        Period.parse(written)


@pytest.mark.parametrize(
    "written", ["48 hours", "1 hour", "10 working days", "1 month", "2 years", "3 weeks", "0 hours"]
)
def test_a_period_is_written_as_it_is_read(written):
    assert str(Period.parse(written)) == written
