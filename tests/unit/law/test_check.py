"""Every kind of fault in a pack is found, all in one run, and said so that it can be mended."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.law.core.check import Problem, check_packs

FACTS = """\
act.disclosed: {meaning: made available, question: Was it posted?, why: Most ask., burden: 1, asked_of: person}
intent.fear: {meaning: meant to scare, question: Was it to scare you?, why: Some ask., burden: 2, asked_of: caseworker}
"""

JURISDICTION = """\
code: XA
name: Examplia
within: []
languages: [en]
regulator: {name: Data Office, role: complaints, site: data.example}
helplines: []
as_of: 2026-11-23
"""

PROVISION = """\
- id: xa.penal-code.214b
  citation: Penal Code of Examplia, section 214b
  title: Publishing an address
  track: criminal
  status: in_force
  in_force_from: 2025-07-01
  in_force_to: null
  summary: Publishing where someone lives to frighten them.
  elements: {all: [act.disclosed, intent.fear]}
  exemptions: null
  penalty: null
  remedies:
    - {type: removal, sought_by: victim, from: platform, within: 48 hours, deadline_text: null, ex_parte: false}
  limitation: null
  foreseeability: null
  source: https://law.example/xa/214b
  confidence: high
  notes: null
"""

EXAMPLES = """\
- name: address posted to frighten
  on: 2026-01-10
  facts: {act.disclosed: true, intent.fear: true}
  expect: {xa.penal-code.214b: met}
"""


class Files:
    """A sound pack of Examplia on disk; a test breaks one thing in it."""

    def __init__(self, base: Path) -> None:
        self.root = base / "packs"
        self.write("law/facts.yaml", FACTS)
        self.write("packs/xa/jurisdiction.yaml", JURISDICTION)
        self.write("packs/xa/provisions.yaml", PROVISION)
        self.write("packs/xa/examples.yaml", EXAMPLES)

    def write(self, name: str, text: str | bytes) -> None:
        path = self.root.parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def change(self, name: str, old: str, new: str) -> None:
        text = (self.root.parent / name).read_text(encoding="utf-8")
        assert old in text
        self.write(name, text.replace(old, new))

    def problems(self) -> list[str]:
        return [str(problem) for problem in check_packs(self.root)]


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


def test_a_sound_pack_has_no_problems(files):
    assert files.problems() == []


IN_PROVISIONS = [
    pytest.param(
        "intent.fear]",
        "intent.scare]",
        'xa.penal-code.214b: unknown fact "intent.scare"; did you mean "intent.fear"?',
        id="unknown-fact",
    ),
    pytest.param(
        "exemptions: null",
        "exemptions: {any: [{not: act.disclsed}]}",
        'xa.penal-code.214b: unknown fact "act.disclsed"; did you mean "act.disclosed"?',
        id="unknown-fact-in-an-exemption",
    ),
    pytest.param(
        "penalty: null",
        "penalty: {aggravated: [{if: intent.fears, imprisonment_max_months: 24}]}",
        'xa.penal-code.214b: unknown fact "intent.fears"; did you mean "intent.fear"?',
        id="unknown-fact-in-a-penalty-tier",
    ),
    pytest.param(
        "xa.penal-code.214b",
        "xb.penal-code.214b",
        'xb.penal-code.214b: the id does not match the folder; begin it with "xa."',
        id="id-of-another-folder",
    ),
    pytest.param(
        "in_force_from: 2025-07-01",
        "in_force_from: 2025-02-30",
        "xa.penal-code.214b: in_force_from: 2025-02-30 is not in the calendar",
        id="day-not-in-the-calendar",
    ),
    pytest.param(
        "in_force_from: 2025-07-01",
        "in_force_from: 1 July 2025",
        "xa.penal-code.214b: in_force_from: '1 July 2025' is not a day; write it as YYYY-MM-DD",
        id="day-in-words",
    ),
    pytest.param(
        "in_force_to: null",
        "in_force_to: 2024-01-01",
        "xa.penal-code.214b: in_force_to 2024-01-01 is not after in_force_from 2025-07-01; "
        "in_force_to is the first day the rule no longer applies",
        id="ends-before-it-starts",
    ),
    pytest.param(
        "track: criminal",
        "track: crimnal",
        'xa.penal-code.214b: track is "crimnal"; did you mean "criminal"?',
        id="unknown-track",
    ),
    pytest.param(
        "type: removal",
        "type: magic",
        'xa.penal-code.214b: remedies[0].type is "magic"; it is one of removal, restraining_order, injunction, '
        "erasure, correction, damages, statutory_damages, account_disclosure, public_notification, apology, "
        "preservation, blocking, compliance_order, training, audit, other",
        id="unknown-remedy",
    ),
    pytest.param(
        "  summary:",
        "  sumary:",
        'xa.penal-code.214b: unknown key "sumary"; did you mean "summary"?',
        id="unknown-key",
    ),
    pytest.param(
        "  source: https://law.example/xa/214b\n",
        "",
        "xa.penal-code.214b: source is missing",
        id="missing-key",
    ),
    pytest.param(
        "source: https://law.example/xa/214b",
        'source: ""',
        "xa.penal-code.214b: source is empty; write null, or what it should say",
        id="empty-text",
    ),
    pytest.param(
        "within: 48 hours",
        "within: two days",
        'xa.penal-code.214b: remedies[0].within is "two days"; write it like 10 working days or 1 month',
        id="number-in-words",
    ),
    pytest.param(
        "penalty: null",
        "penalty: {fine_max: {amount: 0, currency: EUR}}",
        "xa.penal-code.214b: penalty.fine_max.amount is 0; it must be more than 0",
        id="fine-of-nothing",
    ),
    pytest.param(
        "penalty: null",
        "penalty: twelve months",
        'xa.penal-code.214b: penalty is "twelve months"; it must be keys with values or null',
        id="penalty-in-words",
    ),
    pytest.param(
        "penalty: null",
        "penalty: null\n  reach: [target_lives, target_lives]",
        "xa.penal-code.214b: reach names something twice; keep one",
        id="tie-named-twice",
    ),
    pytest.param(
        "penalty: null",
        "penalty: {fine_max: {amount: 10, currency: euro}}",
        'xa.penal-code.214b: penalty.fine_max.currency is "euro"; write it like EUR',
        id="currency-in-words",
    ),
    pytest.param(
        "elements: {all: [act.disclosed, intent.fear]}",
        "elements: {all: [], any: [act.disclosed, intent.fear]}",
        "xa.penal-code.214b: elements has all, any; a rule has exactly one of all, any, not, or at_least with of",
        id="rule-with-two-heads",
    ),
    pytest.param(
        "exemptions: null",
        "exemptions: {any: []}",
        "xa.penal-code.214b: exemptions.any has no parts; an empty list would hold in every case or in none",
        id="empty-rule",
    ),
    pytest.param(
        "exemptions: null",
        "exemptions: {at_least: 3, of: [act.disclosed, intent.fear]}",
        "xa.penal-code.214b: exemptions.at_least is 3; write a number from 1 to 2",
        id="at-least-more-than-there-are",
    ),
    pytest.param(
        "exemptions: null",
        "exemptions: {any: [12]}",
        "xa.penal-code.214b: exemptions.any[0] is 12; a rule is a fact, or one of all, any, not, at_least with of",
        id="number-for-a-rule",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), IN_PROVISIONS)
def test_a_fault_in_a_provision_is_said(files, old, new, message):
    files.change("packs/xa/provisions.yaml", old, new)
    assert f"packs/xa/provisions.yaml: {message}" in files.problems()


def test_a_provision_without_elements_is_refused(files):
    files.change("packs/xa/provisions.yaml", "  elements: {all: [act.disclosed, intent.fear]}\n", "")
    assert "packs/xa/provisions.yaml: xa.penal-code.214b: elements is missing" in files.problems()


def test_an_id_used_twice_is_said_with_the_other_place(files):
    files.write("packs/xa/provisions.yaml", PROVISION + PROVISION)
    hint = "an amended rule gets a new id, for instance with its year"
    assert files.problems() == [
        f"packs/xa/provisions.yaml: xa.penal-code.214b: the id is used twice in this file; {hint}"
    ]
    files.write("packs/xa/provisions.yaml", PROVISION)
    files.write("packs/xb/jurisdiction.yaml", JURISDICTION.replace("XA", "XB"))
    files.write("packs/xb/provisions.yaml", PROVISION)
    assert (
        f"packs/xb/provisions.yaml: xa.penal-code.214b: the id is used also in packs/xa/provisions.yaml; {hint}"
        in files.problems()
    )


IN_JURISDICTION = [
    pytest.param("code: XA", "code: XB", 'the code "XB" does not match the folder; name the folder xb', id="folder"),
    pytest.param(
        "within: []",
        "within: [XU]",
        'within: unknown jurisdiction "XU"; a parent needs a pack of its own',
        id="unknown-parent",
    ),
    pytest.param("within: []", "within: [XA]", "within: goes in a circle: XA > XA; remove one of them", id="circle"),
    pytest.param("as_of: 2026-11-23", "as_of: 2026-11-31", "as_of: 2026-11-31 is not in the calendar", id="day"),
    pytest.param(
        "languages: [en]", "languages: [English]", 'languages[0] is "English"; write it like en or pt-BR', id="language"
    ),
    pytest.param(
        "role: complaints, site: data.example}",
        "role: complaints}",
        "regulator.site is missing",
        id="contact-without-a-site",
    ),
    pytest.param(
        "role: complaints,",
        "role: complaints, trusted flagger,",
        'line 5: "trusted flagger" became a key without a value; put quotes around the sentence with the comma',
        id="torn-sentence",
    ),
    pytest.param(
        "name: Examplia",
        "name: NO",
        "line 2: NO is read as true or false; put quotes around it, or write true or false",
        id="norway",
    ),
    pytest.param(
        "code: XA",
        "code: XA\ncode: XA",
        'line 2: the key "code" is written twice; keep one: YAML would use the last',
        id="key-twice",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), IN_JURISDICTION)
def test_a_fault_in_a_jurisdiction_is_said(files, old, new, message):
    files.change("packs/xa/jurisdiction.yaml", old, new)
    assert f"packs/xa/jurisdiction.yaml: {message}" in files.problems()


def test_a_circle_of_parents_is_said_once(files):
    for code, parent in (("XB", "XC"), ("XC", "XD"), ("XD", "XB")):
        files.write(
            f"packs/{code.lower()}/jurisdiction.yaml",
            JURISDICTION.replace("XA", code).replace("within: []", f"within: [{parent}]"),
        )
        files.write(f"packs/{code.lower()}/provisions.yaml", "[]\n")
    assert files.problems() == [
        "packs/xb/jurisdiction.yaml: within: goes in a circle: XB > XC > XD > XB; remove one of them"
    ]


def test_a_member_that_got_its_own_pack_is_no_longer_bound_by_name(files):
    files.change("packs/xa/jurisdiction.yaml", "within: []", "within: []\nbinds: [XA, XZ]")
    assert files.problems() == ["packs/xa/jurisdiction.yaml: binds: XA has a pack; write XA under its within instead"]


@pytest.mark.parametrize(
    ("elements", "problem"),
    [
        pytest.param("{all: [act.disclosed], unless: intent.fear}", None, id="a-limb-with-its-exemption"),
        pytest.param(
            "{not: {all: [act.disclosed], unless: intent.fear}}",
            "elements.not.unless stands below a not; write it beside all or any in the elements",
            id="below-a-not",
        ),
        pytest.param(
            "{all: [act.disclosed], unless: {any: [intent.fear], unless: act.disclosed}}",
            "elements.unless.unless stands below another unless; write it beside all or any in the elements",
            id="below-another",
        ),
        pytest.param(
            "{not: intent.fear, unless: act.disclosed}",
            "elements has not, unless; a rule has exactly one of all, any, not, or at_least with of",
            id="beside-a-not",
        ),
        pytest.param("{all: [act.disclosed], unless: intent.feer}", 'unknown fact "intent.feer"', id="near-miss"),
    ],
)
def test_an_unless_belongs_to_one_limb(files, elements, problem):
    files.change("packs/xa/provisions.yaml", "elements: {all: [act.disclosed, intent.fear]}", f"elements: {elements}")
    problems = files.problems()
    if problem is None:
        assert problems == []
        return
    assert any(problem in line for line in problems)


def test_the_condition_of_a_remedy_is_checked_like_every_rule(files):
    files.change("packs/xa/provisions.yaml", "{type: removal,", "{type: removal, if: intent.feer,")
    assert any('unknown fact "intent.feer"' in line for line in files.problems())


@pytest.mark.parametrize(
    ("said", "line"),
    [
        pytest.param("010", "010 is read as another number", id="base-eight"),
        pytest.param("12:30", "12:30 is read as another number", id="base-sixty"),
        pytest.param("1_000", "1_000 is read as another number", id="underscore"),
    ],
)
def test_a_number_that_yaml_reads_otherwise_is_said(files, said, line):
    files.change("packs/xa/provisions.yaml", "within: 48 hours", f"within: {said}")
    assert (
        f"packs/xa/provisions.yaml: line 13: {line}; put quotes around it, or write it in plain digits"
        in files.problems()
    )


IN_EXAMPLES = [
    pytest.param(
        "{xa.penal-code.214b: met}",
        "{xa.penal-code.214c: met}",
        'unknown provision "xa.penal-code.214c"; did you mean "xa.penal-code.214b"?',
        id="unknown-provision",
    ),
    pytest.param(
        "intent.fear: true",
        "intent.feer: true",
        'unknown fact "intent.feer"; did you mean "intent.fear"?',
        id="unknown-fact",
    ),
    pytest.param(
        "met}",
        "maybe}",
        'expect.xa.penal-code.214b is "maybe"; it is one of met, possible, not_met, exempt, possibly_exempt, '
        "not_in_force",
        id="unknown-outcome",
    ),
    pytest.param("true}", "perhaps}", 'facts.intent.fear is "perhaps"; it must be true or false', id="unsure-fact"),
    pytest.param("2026-01-10", "2026-13-10", "on: 2026-13-10 is not in the calendar", id="day"),
]


@pytest.mark.parametrize(("old", "new", "message"), IN_EXAMPLES)
def test_a_fault_in_an_example_is_said(files, old, new, message):
    files.change("packs/xa/examples.yaml", old, new)
    assert f"packs/xa/examples.yaml: address posted to frighten: {message}" in files.problems()


def test_an_example_may_expect_a_provision_of_another_pack(files):
    files.write("packs/xb/jurisdiction.yaml", JURISDICTION.replace("XA", "XB"))
    files.write("packs/xb/provisions.yaml", "[]\n")
    files.write("packs/xb/examples.yaml", EXAMPLES)
    assert files.problems() == []


def test_an_example_may_not_deny_what_its_own_facts_imply(files):
    files.change(
        "law/facts.yaml", "burden: 2, asked_of: caseworker}", "burden: 2, asked_of: person, implies: [act.disclosed]}"
    )
    files.change("packs/xa/examples.yaml", "act.disclosed: true", "act.disclosed: false")
    said = "intent.fear is true and act.disclosed false; the first implies the second"
    assert files.problems() == [f"packs/xa/examples.yaml: address posted to frighten: {said}"]


IN_VOCABULARY = [
    pytest.param("burden: 2", "burden: 9", "intent.fear: burden is 9; it must be at most 5", id="burden"),
    pytest.param(
        "question: Was it to scare you?",
        "question: Tell us all",
        "intent.fear: question does not end with a question mark; ask it so that yes makes the fact true",
        id="no-question",
    ),
    pytest.param(
        "asked_of: caseworker}",
        "asked_of: caseworker, implies: [act.disclosd]}",
        'intent.fear: implies an unknown fact "act.disclosd"; did you mean "act.disclosed"?',
        id="implies-an-unknown-fact",
    ),
    pytest.param(
        "asked_of: caseworker}",
        "asked_of: caseworker, implies: [intent.fear]}",
        "intent.fear: implies goes in a circle: intent.fear > intent.fear; remove one of them",
        id="implies-itself",
    ),
]


@pytest.mark.parametrize(("old", "new", "message"), IN_VOCABULARY)
def test_a_fault_in_the_vocabulary_is_said(files, old, new, message):
    files.change("law/facts.yaml", old, new)
    assert f"law/facts.yaml: {message}" in files.problems()


def test_a_fact_that_no_rule_uses_is_a_note_and_no_error(files):
    files.change("packs/xa/provisions.yaml", "{all: [act.disclosed, intent.fear]}", "act.disclosed")
    assert check_packs(files.root) == [
        Problem("law/facts.yaml", "intent.fear", "no provision uses this fact", "remove it, or merge it", level="note")
    ]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("jurisdiction.yaml", "the file is missing; a pack starts with its code, name, within and languages"),
        ("provisions.yaml", "the file is missing; write [] where a jurisdiction has no provisions of its own"),
    ],
)
def test_a_missing_file_is_said(files, name, message):
    (files.root / "xa" / name).unlink()
    assert f"packs/xa/{name}: {message}" in files.problems()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"- id: [xa\n", "line 2: not YAML: did not find", id="torn-list"),
        pytest.param(b"- id: \xff\xfe\n", "not YAML in UTF-8:", id="not-utf-8"),
        pytest.param(b"", "the file is empty; write [] for an empty list", id="empty"),
        pytest.param(b"null\n", "the file holds nothing but null; write [] for an empty list", id="null"),
        pytest.param(b"just words\n", 'the entry is "just words"; it must be a list', id="text"),
        pytest.param(b"{id: xa}\n", "it must be a list", id="mapping"),
        pytest.param(
            b"- &a [*a]\n", "line 1: an alias (*name) repeats what stands elsewhere; write it out", id="alias"
        ),
        pytest.param(b"- " * 5000 + b"a\n", "is nested more than 60 levels deep; a rule of law never is", id="abyss"),
        pytest.param(b"- !!python/object:os.system {}\n", "line 1: not YAML:", id="a-python-object"),
        pytest.param(b"- 12\n- [a]\n", "entry 1: the entry is 12; it must be keys with values", id="odd-entries"),
        pytest.param(
            b"- {id: 12, elements: {1: 2}, exemptions: [a], penalty: [1]}\n", "entry 1: id is 12", id="odd-values"
        ),
    ],
)
def test_a_file_that_cannot_be_read_never_stops_the_check(files, content, message):
    files.write("packs/xa/provisions.yaml", content)
    found = files.problems()
    assert any(line.startswith("packs/xa/provisions.yaml: ") and message in line for line in found), found


@pytest.mark.parametrize("content", [b"", b"[]\n", b"12\n", b"- [\n", b"{1: 2}\n", b"null\n", b"- null\n", b"\x00"])
@pytest.mark.parametrize("name", ["law/facts.yaml", "packs/xa/jurisdiction.yaml", "packs/xa/examples.yaml"])
def test_no_content_makes_the_check_raise(files, name, content):
    files.write(name, content)
    assert isinstance(files.problems(), list)


def test_all_faults_are_found_in_one_run(files):
    files.change("packs/xa/provisions.yaml", "intent.fear]", "intent.scare]")
    files.change("packs/xa/provisions.yaml", "track: criminal", "track: crimnal")
    files.change("packs/xa/jurisdiction.yaml", "within: []", "within: [XU]")
    files.change("packs/xa/examples.yaml", "2026-01-10", "2026-13-10")
    assert len([problem for problem in check_packs(files.root) if problem.level == "error"]) == 4


def test_a_folder_without_packs_is_said(tmp_path):
    (problem,) = [problem for problem in check_packs(tmp_path / "packs") if problem.level == "error"]
    assert str(problem) == "packs/: there is no pack here; a pack is a folder with a jurisdiction.yaml"
