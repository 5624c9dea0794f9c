"""Statements of reasons: what the Union's transparency database would take is taken, and nothing else."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.statements import COMPLETE, INCOMPATIBLE
from habeas.platforms.core import statement_of_reasons as schema
from habeas.platforms.core.statement_of_reasons import FIELDS, NotAStatement, checked


def problems(told: dict) -> dict[str, str]:
    """field -> what is wrong with it."""
    with pytest.raises(NotAStatement) as refusal:
        checked(told)
    return {one.field: one.says for one in refusal.value.problems}


@pytest.mark.parametrize("told", [COMPLETE, INCOMPATIBLE], ids=["illegal", "against-own-rules"])
def test_a_whole_statement_is_taken_as_it_is(told):
    assert checked(told) == told


def test_the_closed_lists_are_as_long_as_the_schema_s():
    assert (len(schema.CATEGORIES), len(schema.KEYWORDS), len(schema.PLACES)) == (16, 69, 30)
    for rule in FIELDS.values():
        assert len(set(rule.choices)) == len(rule.choices)


def test_an_empty_statement_is_told_all_that_it_lacks():
    found = problems({})
    assert set(found) == {
        "puid", "decision_visibility", "decision_ground", "decision_facts", "content_type", "content_date", "category",
        "application_date", "source_type", "automated_detection", "automated_decision",
    }  # fmt: skip
    assert list(found) == [name for name in FIELDS if name in found], "in the order of the form"


NEEDED = [name for name, rule in FIELDS.items() if rule.needed and rule.with_ is None]


@pytest.mark.parametrize(
    ("name", "nothing"),
    [
        (name, empty)
        for name in NEEDED
        for empty in (["", None, []] if FIELDS[name].kind == "many" else ["", "  ", None])
    ],
)
def test_what_the_schema_needs_is_asked_for(name, nothing):
    assert problems({**COMPLETE, name: nothing}) == {name: "Fill it in."}


@pytest.mark.parametrize("name", schema.DECISIONS)
def test_any_one_kind_of_decision_is_enough(name):
    told = {key: value for key, value in COMPLETE.items() if key not in schema.DECISIONS}
    choice = FIELDS[name].choices[0]
    checked({**told, name: [choice] if FIELDS[name].kind == "many" else choice})
    assert "at least one" in problems(told)["decision_visibility"]


@pytest.mark.parametrize("name", [name for name, rule in FIELDS.items() if rule.with_])
def test_a_field_that_goes_with_another_stays_empty_without_it(name):
    other, value = FIELDS[name].with_
    told = INCOMPATIBLE if value == schema.GROUND_ILLEGAL else COMPLETE
    given_ = FIELDS[name].choices[0] if FIELDS[name].choices else "words"
    assert value in problems({**told, name: given_})[name]
    assert other in problems({**told, name: given_})[name]


@pytest.mark.parametrize(
    ("name", "other", "choice"),
    [
        ("decision_visibility_other", "decision_visibility", ["DECISION_VISIBILITY_OTHER"]),
        ("decision_monetary_other", "decision_monetary", "DECISION_MONETARY_OTHER"),
        ("content_type_other", "content_type", ["CONTENT_TYPE_TEXT", "CONTENT_TYPE_OTHER"]),
    ],
)
def test_another_than_the_listed_asks_which(name, other, choice):
    assert set(problems({**COMPLETE, other: choice})) == {name}
    assert checked({**COMPLETE, other: choice, name: "a banner"})[name] == "a banner"


def test_who_gave_notice_is_left_out_where_nobody_did():
    told = {**COMPLETE, "source_type": schema.VOLUNTARY, "source_identity": "Helpline"}
    assert set(problems(told)) == {"source_identity"}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("puid", "has space"),
        ("puid", "naïve"),
        ("puid", "a\n"),
        ("puid", 7),
        ("puid", "x" * 501),
        ("category", "STATEMENT_CATEGORY_DOXXING"),
        ("category", ["STATEMENT_CATEGORY_VIOLENCE"]),
        ("content_type", "CONTENT_TYPE_TEXT"),
        ("content_type", ["CONTENT_TYPE_TEXT", 7]),
        ("content_type", ["TEXT"]),
        ("territorial_scope", ["EU"]),
        ("content_language", "en"),
        ("decision_facts", "x" * 5001),
        ("illegal_content_legal_ground", "x" * 501),
        ("content_date", "06-03-2026"),
        ("content_date", "2026-02-30"),
        ("content_date", "1999-12-31"),
        ("content_date", "2038-01-02"),
        ("content_date", "20260306"),
        ("application_date", "2019-12-31"),
        ("end_date_account_restriction", "2039-01-01"),
        ("decision_ground_reference_url", "law.example.org"),
        ("decision_ground_reference_url", "javascript:alert(1)"),
        ("decision_ground_reference_url", "https://[broken"),
        ("decision_ground_reference_url", "https://law.example.org/a b"),
        ("content_id", {"EAN-13": "4006381333932"}),
        ("content_id", {"ISBN": "4006381333931"}),
        ("content_id", "4006381333931"),
        ("automated_detection", "yes"),
    ],
)
def test_what_the_schema_does_not_take_is_named(name, told):
    if name == "puid" and told == "a\n":
        assert checked({**COMPLETE, name: told})["puid"] == "a", "outer space is no sign"
        return
    assert set(problems({**COMPLETE, name: told})) == {name}


def test_a_product_s_number_is_checked_by_its_last_digit():
    assert checked({**COMPLETE, "content_id": {"EAN-13": "4006381333931"}})["content_id"]


def test_the_last_and_first_days_of_the_schema_are_within():
    for day in (date(2000, 1, 1), date(2038, 1, 1)):
        checked({**COMPLETE, "content_date": day.isoformat()})


def test_a_field_nobody_knows_is_named_with_what_may_be_meant():
    assert problems({**COMPLETE, "catgory": "x"}) == {"catgory": "The schema has no such field; did you mean category?"}
    assert "did you mean" not in problems({**COMPLETE, "zzz": "x"})["zzz"]


def test_a_mistyped_choice_is_told_what_may_be_meant():
    says = problems({**COMPLETE, "category": "STATEMENT_CATEGORY_CYBERVIOLENCE"})["category"]
    assert "did you mean STATEMENT_CATEGORY_CYBER_VIOLENCE?" in says


def test_empty_fields_are_left_out_and_lists_stand_in_the_schema_s_order():
    told = {**COMPLETE, "source_identity": " ", "category_addition": [], "account_type": None,
            "territorial_scope": ["NL", "DE", "NL"]}  # fmt: skip
    found = checked(told)
    assert not {"source_identity", "category_addition", "account_type"} & set(found)
    assert found["territorial_scope"] == ["DE", "NL"]
    assert list(found) == [name for name in FIELDS if name in found]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=5,
)


def refusal_of(told: dict) -> NotAStatement | None:
    try:
        again = checked(told)
    except NotAStatement as refusal:
        return refusal
    assert checked(again) == again, "what was taken is taken again as it is"
    return None


@given(st.dictionaries(st.sampled_from([*FIELDS]) | st.text(max_size=20), anything, max_size=12))
def test_whatever_is_sent_is_taken_or_refused_in_words(told):
    refusal = refusal_of({**COMPLETE, **told})
    assert refusal is None or refusal.problems
    assert all(one.says.endswith((".", "?")) for one in (refusal.problems if refusal else ()))


TEXTS = [name for name, rule in FIELDS.items() if rule.kind == "text"]


@given(st.sampled_from(TEXTS), st.text(alphabet=st.characters(categories=["L"]), min_size=501, max_size=600))
def test_a_problem_repeats_nothing_of_what_was_written(name, text):
    assert text not in str(refusal_of({**COMPLETE, name: text}))
