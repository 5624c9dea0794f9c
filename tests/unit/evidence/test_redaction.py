"""A redacted twin: what is shown is the original's, in its place; what is hidden cannot be guessed."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core import redaction
from habeas.evidence.core.redaction import (
    HIDDEN,
    TwinFails,
    check_twin,
    salts_from,
    tree_of,
    twin_of,
    units_hidden_by,
    units_of_text,
    values_of,
)
from habeas.ledger.core import tree

SECRET = b"\x05" * 32

TEXT = "Full name: Mara Vellinga\nPhone: +1-555-0142, call her\n\nyou know what to do\n"
PHONE = (TEXT.index("+1"), TEXT.index(", call"))


def of_text(text: str, hide: list[tuple[int, int]]):
    units, hidden = units_of_text(text, hide)
    values = values_of(units)
    return tree_of("item-1", "line", values, salts_from(SECRET, len(values))), hidden


@st.composite
def texts_with_spans(draw):
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
    spans = draw(st.lists(st.tuples(st.integers(0, len(text) - 1), st.integers(1, 40)), max_size=6))
    return text, [(start, min(len(text), start + length)) for start, length in spans]


def test_only_what_must_be_hidden_is():
    original, hidden = of_text(TEXT, [PHONE])
    shown = redaction.shown_text(check_twin(twin_of(original, hidden), original.root))
    assert shown == f"Full name: Mara Vellinga\nPhone: {HIDDEN}, call her\n\nyou know what to do\n"


def test_a_bar_says_nothing_of_the_length():
    short, long = "a: 12 b", "a: 1234567890 b"
    twins = [twin_of(*of_text(text, [(3, text.index(" b"))])) for text in (short, long)]
    assert len({redaction.shown_text(check_twin(twin)) for twin in twins}) == 1


@given(texts_with_spans())
def test_the_units_joined_are_the_text_and_every_hidden_character_is_hidden(given_text):
    text, spans = given_text
    units, hidden = units_of_text(text, spans)
    assert "".join(units) == text
    covered = {place for start, end in spans for place in range(start, end)}
    place = 0
    for number, unit in enumerate(units):
        inside = set(range(place, place + len(unit)))
        assert inside <= covered if number in hidden else not inside & covered
        place += len(unit)


@given(texts_with_spans())
def test_a_twin_shows_what_was_not_hidden_and_survives_json(given_text):
    text, spans = given_text
    original, hidden = of_text(text, spans)
    twin = json.loads(json.dumps(twin_of(original, hidden)))
    values = check_twin(twin, original.root)
    assert [number for number, value in enumerate(values) if value is None] == sorted(hidden)
    assert all(value in {None, kept} for value, kept in zip(values, original.values, strict=True))


@given(texts_with_spans())
def test_opening_all_gives_back_the_original(given_text):
    original, _ = of_text(*given_text)
    assert b"".join(check_twin(twin_of(original, set()), original.root)) == given_text[0].encode()


@given(texts_with_spans(), st.data())
def test_no_change_of_a_twin_goes_unseen(given_text, data):
    original, hidden = of_text(*given_text)
    twin = twin_of(original, hidden)
    changed = copy.deepcopy(twin)
    leaves = changed["leaves"]
    place = data.draw(st.integers(0, len(leaves) - 1))
    what = data.draw(st.sampled_from(["drop", "swap", "value", "count", "root", "hide"]))
    if what == "drop":
        del leaves[place]
    elif what == "swap":
        other = data.draw(st.integers(0, len(leaves) - 1))
        leaves[place], leaves[other] = leaves[other], leaves[place]
    elif what == "value":
        leaves[place] = {"index": place, "salt": "00" * 16, "value": "QQ=="}
    elif what == "count":
        changed["count"] += 1
    elif what == "root":
        changed["root"] = "00" * 32
    else:
        leaves[place] = {"index": place, "hash": tree.leaf_hash(b"guess").hex()}
    if changed == twin:
        return
    with pytest.raises(TwinFails):
        check_twin(changed, original.root)


def test_a_twin_of_something_else_is_not_this_one():
    original, hidden = of_text(TEXT, [PHONE])
    other, _ = of_text(TEXT.replace("Mara", "Lara"), [PHONE])
    with pytest.raises(TwinFails, match="not the one that was stamped"):
        check_twin(twin_of(other, hidden), original.root)


def test_the_twin_holds_nothing_of_what_is_hidden_and_guessing_is_of_no_use():
    original, hidden = of_text(TEXT, [PHONE])
    twin = twin_of(original, hidden)
    assert "0142" not in json.dumps(twin)
    (place,) = hidden
    assert twin["leaves"][place]["hash"] != tree.leaf_hash(b"+1-555-0142").hex()
    assert original.salts[place].hex() not in json.dumps(twin)


@pytest.mark.parametrize(
    ("salts", "values"),
    [([b"x" * 16], [b"a", b"b"]), ([b"x" * 15], [b"a"]), ([b"x" * 16] * 2, [b"a", b"b"]), ([], [])],
)
def test_salts_that_would_give_something_away_are_refused(salts, values):
    with pytest.raises(ValueError, match=r"salt|units"):
        tree_of("item", "line", values, salts)


def test_a_span_outside_of_the_text_is_refused():
    with pytest.raises(ValueError, match="not within"):
        units_of_text("abc", [(2, 9)])


def test_fields_are_units_by_name():
    fields = {"to": "registry", "address": "Lindengracht 212"}
    values = redaction.units_of_fields(fields)
    original = tree_of("item", "field", values, salts_from(SECRET, len(values)))
    shown = check_twin(twin_of(original, {0}))
    assert shown == [None, b"to\nregistry"]
    assert redaction.shown_fields(shown) == {"to": "registry"}
    with pytest.raises(ValueError, match="line end"):
        redaction.units_of_fields({"a\nb": "c"})


def test_a_bar_of_the_original_does_not_swallow_one_of_ours():
    assert redaction.shown_text([HIDDEN.encode(), None, None, b"x"]) == f"{HIDDEN}{HIDDEN}x"


@given(st.binary(max_size=200))
def test_no_byte_of_a_text_is_lost_whatever_its_encoding(content):
    units, _ = units_of_text(redaction.text_of(content), [])
    assert b"".join(values_of(units)) == content


@given(texts_with_spans(), st.data())
def test_a_cut_made_before_hides_every_unit_that_a_span_touches(given_text, data):
    text, spans = given_text
    units, _ = units_of_text(text, spans)
    start = data.draw(st.integers(0, len(text) - 1))
    again = [(start, data.draw(st.integers(start + 1, len(text))))]
    hidden = units_hidden_by(units, again)
    place = 0
    for number, unit in enumerate(units):
        touched = place < again[0][1] and again[0][0] < place + len(unit)
        assert (number in hidden) == touched
        place += len(unit)


def test_whoever_knows_what_may_be_hidden_cannot_tell_which_it_is_without_the_salt():
    """Every guess under every salt that the twin shows, and under none, gives another leaf."""
    original, hidden = of_text(TEXT, [PHONE])
    leaves = twin_of(original, hidden)["leaves"]
    (place,) = hidden
    salts = [bytes.fromhex(leaf["salt"]) for leaf in leaves if "salt" in leaf] + [b"", b"\x00" * 16]
    guesses = [f"+1-555-{number:04d}".encode() for number in range(100, 200)]
    assert original.values[place] in guesses
    assert leaves[place]["hash"] not in {tree.leaf_hash(salt + it).hex() for salt in salts for it in guesses}


@given(texts_with_spans(), st.data())
def test_any_changed_byte_of_an_open_part_is_named_or_refused(given_text, data):
    original, hidden = of_text(*given_text)
    twin = twin_of(original, hidden)
    shown = [number for number in range(len(original.values)) if number not in hidden]
    if not shown:
        return
    leaf = twin["leaves"][data.draw(st.sampled_from(shown))]
    field = data.draw(st.sampled_from(["salt", "value"]))
    if not leaf[field]:
        return
    place = data.draw(st.integers(0, len(leaf[field]) - 1))
    letter = data.draw(st.sampled_from("0aA=/ \n"))
    if leaf[field][place] == letter:
        return
    leaf[field] = leaf[field][:place] + letter + leaf[field][place + 1 :]
    with pytest.raises(TwinFails):
        check_twin(twin, original.root)


@given(st.permutations(range(7)))
def test_opened_parts_in_another_order_are_not_the_original(order):
    values = [f"line {number}\n".encode() for number in range(7)]
    original = tree_of("item", "line", values, salts_from(SECRET, len(values)))
    twin = twin_of(original, set())
    twin["leaves"] = [{**twin["leaves"][old], "index": new} for new, old in enumerate(order)]
    if list(order) == sorted(order):
        assert check_twin(twin, original.root) == values
    else:
        with pytest.raises(TwinFails, match="lead to root"):
            check_twin(twin, original.root)


def test_true_is_not_one():
    original, hidden = of_text("a", [])
    for field in ("version", "count"):
        with pytest.raises(TwinFails):
            check_twin({**twin_of(original, hidden), field: True})


@given(
    st.dictionaries(
        st.sampled_from(["version", "item", "unit", "root", "count", "leaves"]),
        st.one_of(
            st.integers(),
            st.text(max_size=5),
            st.none(),
            st.lists(st.dictionaries(st.text(max_size=5), st.integers(), max_size=3), max_size=3),
        ),
    )
)
def test_any_json_is_a_twin_or_refused_by_name(twin):
    with pytest.raises(TwinFails):
        check_twin(twin)
