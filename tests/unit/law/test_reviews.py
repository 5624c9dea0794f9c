"""Reviews: they belong to the words that were reviewed, and nothing else may ground a measure where a house says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.kernel.packfiles import PackFileError
from habeas.law.core.engine import Situation, assess
from habeas.law.core.model import TIES, Known, Ties
from habeas.law.core.packs import jurisdictions, load_pack, load_vocabulary
from habeas.law.core.reviews import (
    Review,
    check_reviews,
    digest_of,
    entry,
    load_reviews,
    reviewed_only,
    set_aside,
    status_of,
    with_entry,
)
from habeas.law.core.scaffold import scaffold

DAY = date(2026, 11, 23)
FILES = scaffold("XA", "Examplia", (), DAY)


def write(root, provisions=FILES["provisions.yaml"], reviews=""):
    folder = root / "xa"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**FILES, "provisions.yaml": provisions}.items():
        (folder / name).write_text(content, encoding="utf-8")
    if reviews:
        (folder / "reviews.yaml").write_text(reviews, encoding="utf-8")
    return root


@cache
def provision():
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        return load_pack("XA", write(Path(folder))).provisions[0]


def review(of, digest=None):
    return Review(of.id, "Bar of Examplia", DAY, digest or digest_of(of))


RAW = yaml.safe_load(FILES["provisions.yaml"].replace("2026-01-01", "'2026-01-01'"))[0]


@settings(max_examples=30, deadline=None)
@given(st.permutations(list(RAW)), st.booleans(), st.integers(20, 200))
def test_the_digest_does_not_depend_on_the_order_of_keys_or_the_layout(tmp_path_factory, order, flow, width):
    text = yaml.safe_dump(
        [{key: RAW[key] for key in order}], default_flow_style=flow, sort_keys=False, width=width, allow_unicode=True
    )
    again = load_pack("XA", write(tmp_path_factory.mktemp("law"), text)).provisions[0]
    assert digest_of(again) == digest_of(provision())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"summary": "Something else."}, id="summary"),
        pytest.param({"exemptions": None}, id="exemptions"),
        pytest.param({"remedies": ()}, id="remedies"),
        pytest.param({"in_force_to": DAY}, id="closed"),
        pytest.param({"confidence": "high"}, id="confidence"),
        pytest.param({"effect": "shield"}, id="effect"),
        pytest.param({"source": "another"}, id="source"),
    ],
)
def test_whatever_it_says_counts(change):
    assert digest_of(replace(provision(), **change)) != digest_of(provision())


def test_reading_an_entry_again_makes_no_review_stale_unless_its_start_hangs_on_that_day():
    later = replace(provision(), as_of=date(2027, 1, 1))
    assert digest_of(later) == digest_of(provision())
    undated = replace(provision(), in_force_from=None)
    assert digest_of(undated) != digest_of(replace(undated, as_of=date(2027, 1, 1)))


def test_every_shipped_provision_has_a_digest_of_its_own():
    digests = [digest_of(law) for code in jurisdictions() for law in load_pack(code).provisions]
    assert len(set(digests)) == len(digests)


def test_a_provision_is_unreviewed_then_reviewed_then_stale():
    law = provision()
    assert status_of(law, []).state == "unreviewed"
    held = status_of(law, [review(law)])
    assert (held.state, str(held)) == ("reviewed", "reviewed by Bar of Examplia on 2026-11-23")
    amended = replace(law, title="Doxxing")
    assert status_of(amended, [review(law)]).state == "stale"
    assert status_of(amended, [review(law), review(amended)]).state == "reviewed"
    assert status_of(law, [review(law), review(amended)]).state == "reviewed"
    assert status_of(law, [replace(review(law), provision="xa.other")]).state == "unreviewed"


def test_reviews_are_added_one_after_the_other_and_read_back(tmp_path):
    law = provision()
    once = with_entry("", entry(law, by='The "Bar": Examplia', on=DAY))
    twice = with_entry(once, entry(law, by="Ministry", on=DAY))
    found = load_reviews("XA", write(tmp_path, reviews=twice))
    assert [each.by for each in found] == ['The "Bar": Examplia', "Ministry"]
    assert {each.digest for each in found} == {digest_of(law)}
    assert twice.startswith(once.rstrip())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param("{}", "not a list of reviews", id="no-list"),
        pytest.param("- {provision: xa.1}", "a review has by, digest, on, provision", id="half"),
        pytest.param("- {provision: xa.1, by: a, on: soon, digest: b}", "'soon' is not a day", id="no-day"),
        pytest.param("- {provision: xa.1, by: '', on: 2026-01-01, digest: b}", "by is not text", id="by-nobody"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(tmp_path, content, says):
    with pytest.raises(PackFileError, match=says):
        load_reviews("XA", write(tmp_path, reviews=content))
    (problem,) = [each for each in check_reviews(tmp_path) if each.level == "error"]
    assert says in str(problem)


def test_the_check_notes_what_is_stale_and_refuses_what_is_of_no_provision(tmp_path):
    other = "- {provision: xa.gone, by: Bar, on: 2026-01-01, digest: b}\n"
    write(tmp_path / "packs", reviews=f"- {{provision: xa.example.1, by: Bar, on: 2026-01-01, digest: b}}\n{other}")
    gone, stale = check_reviews(tmp_path / "packs")
    assert (gone.level, gone.where, stale.level, stale.where) == ("error", "xa.gone", "note", "xa.example.1")
    assert str(gone).startswith("packs/xa/reviews.yaml: xa.gone: no such provision")


def findings(**facts):
    known = {key.replace("__", "."): Known(key.replace("__", "."), t, "person", "said") for key, t in facts.items()}
    situation = Situation(known, Ties(dict.fromkeys(TIES, frozenset({"NL"}))), DAY, DAY)
    return assess(load_pack("NL").provisions, situation, load_vocabulary(), jurisdictions())


OPEN = {"data__identifying": True, "act__disclosed": True, "intent__fear": True}


def test_what_nobody_reviewed_carries_nothing_and_still_protects():
    found = findings(**OPEN)
    outcomes = {each.provision.id: each.outcome for each in found}
    assert outcomes["nl.sr.285d"] == "possibly_exempt"
    kept = {each.provision.id: each for each in reviewed_only(found, [])}
    assert kept["nl.sr.285d"].provision.effect == "shield"
    assert not [
        each for each in kept.values() if each.outcome in {"met", "possible"} and each.provision.effect == "claim"
    ]
    untouched = {"exempt", "not_met", "not_in_force", "out_of_reach"}
    assert {name for name, outcome in outcomes.items() if outcome in untouched} <= set(kept)


def test_what_was_reviewed_stays_as_it_was():
    found = findings(**OPEN)
    doxxing = next(each for each in found if each.provision.id == "nl.sr.285d")
    reviews = [review(doxxing.provision)]
    assert doxxing in reviewed_only(found, reviews)
    assert "nl.sr.285d" not in set_aside(found, reviews)
    assert "nl.sr.285d" in set_aside(found, [review(doxxing.provision, digest="stale")])
    everything = [review(each.provision) for each in found]
    assert reviewed_only(found, everything) == tuple(found)
    assert set_aside(found, everything) == ()
