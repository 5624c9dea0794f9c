"""The beginning of a pack stands as it is written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.law.core.check import check_packs
from habeas.law.core.examples import coverage, load_examples, run_example
from habeas.law.core.packs import jurisdictions, load_pack, load_vocabulary
from habeas.law.core.scaffold import NotACode, scaffold, without_bound

names = st.text(st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=30).filter(str.strip)


def write(root, code, name, day):
    folder = root / code.lower()
    folder.mkdir(parents=True)
    for file, content in scaffold(code, name, (), day).items():
        (folder / file).write_text(content, encoding="utf-8")
    return root


@settings(max_examples=25, deadline=None)
@given(name=names, day=st.dates(date(2000, 1, 1), date(2100, 12, 31)))
def test_whatever_its_name_and_day_it_has_no_faults_and_its_examples_hold(tmp_path_factory, name, day):
    root = write(tmp_path_factory.mktemp("law") / "packs", "XA-BC", name, day)
    assert [str(problem) for problem in check_packs(root) if problem.level == "error"] == []
    pack, examples = load_pack("XA-BC", root), load_examples("XA-BC", root)
    assert pack.jurisdiction.name == name
    for example in examples:
        assert run_example(example, "XA-BC", pack.provisions, load_vocabulary(), jurisdictions(root)) == ()
    tried = coverage(pack.provisions, examples)
    assert (tried.never_met, tried.never_not) == ((), ())


def test_the_norwegian_code_stays_text(tmp_path):
    assert load_pack("NO", write(tmp_path, "NO", "Norway", date(2026, 1, 1))).jurisdiction.code == "NO"


def test_the_example_says_that_nobody_may_rely_on_it(tmp_path):
    (provision,) = load_pack("XA", write(tmp_path, "XA", "Examplia", date(2026, 11, 23))).provisions
    assert provision.confidence == "low"
    assert "Invented" in provision.summary


@pytest.mark.parametrize("code", ["", "x", "NETHERLANDS", "../XA", "nl", "NL-", "NL/XA"])
def test_what_is_no_code_is_refused(code):
    with pytest.raises(NotACode, match="not the code of a place"):
        scaffold(code, "Examplia", (), date(2026, 1, 1))


@pytest.mark.parametrize(
    ("listed", "left"),
    [
        pytest.param("binds: [CZ, EE]", "binds: [EE]", id="first"),
        pytest.param("binds: [BG, CZ, EE]", "binds: [BG, EE]", id="middle"),
        pytest.param("binds: [BG, CZ]", "binds: [BG]", id="last"),
        pytest.param("binds: [BG,\n        CZ]", "binds: [BG]", id="last-on-a-line-of-its-own"),
        pytest.param(
            "binds: [BG,\n        CZ,\n        EE]", "binds: [BG,\n        \n        EE]", id="on-its-own-line"
        ),
        pytest.param('binds: ["CZ"]', "binds: []", id="alone"),
        pytest.param("within: [CZ]\nbinds: [CZX, EE]", "within: [CZ]\nbinds: [CZX, EE]", id="another"),
    ],
)
def test_a_member_that_gets_a_pack_leaves_those_without_one(listed, left):
    assert without_bound(f"code: EU\n{listed}\nas_of: 2026-01-01\n", "CZ") == f"code: EU\n{left}\nas_of: 2026-01-01\n"
