"""A marked text reads as its original, and a copy that was pasted somewhere is known again."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.leaks import prose, seed
from habeas.evidence.core.marks import lists
from habeas.evidence.core.marks.codes import agreements
from habeas.evidence.core.marks.text import KINDS, aligned, mark_text, read_text, slots_of, words_of
from habeas.evidence.core.marks.trace import Candidate, trace

ORIGINAL = prose(1)
SEEDS = [seed(number) for number in range(1000)]
COPIES = [Candidate(f"copy-{number}", each, ORIGINAL.encode(), "text/plain") for number, each in enumerate(SEEDS)]
MARKED = mark_text(ORIGINAL, SEEDS[7])
SUBJECTS = ("storage", "access", "copies", "return", "loss", "dates", "logs", "staff")
CONDITIONS = tuple(
    f"Condition about {what}." for what in ["storage", "access", "copies", "return", "loss", "dates", "logs", "staff"]
)

texts = st.text(
    st.sampled_from(list("abé ü'’\"“”-–…. \n\u00a0\u200bAÉ1@/日אß")) | st.characters(blacklist_categories=["Cs"]),
    max_size=120,
)


@given(texts, st.binary(min_size=32, max_size=32), st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_marked_text_says_the_same(original, some, zero_width):
    marked = mark_text(original, some, zero_width=zero_width)
    assert lists.fold(marked) == lists.fold(original)
    assert marked.count("\n") == original.count("\n")


@given(texts, st.binary(min_size=32, max_size=32))
@settings(max_examples=200, deadline=None)
def test_what_is_precise_stays_byte_for_byte(original, some):
    marked = mark_text(original, some)
    before = [w for w in words_of(original) if any(c.isdigit() or c in "@/" for c in w.folded.rstrip(".,;:!?)\"'"))]
    after = [w.raw.strip("\u200b") for w in words_of(marked)]
    assert [word for word in (w.raw.strip("\u200b") for w in before) if word not in after] == []


def test_names_addresses_links_and_numbers_are_not_touched():
    for number in range(20):
        marked = mark_text(ORIGINAL, seed(number))
        for whole in ("Jane Doe,", "12 Elm Street,", "+1-555-0142,", "jane.doe@example.org,", "example.org/a-b?c='d'"):
            assert whole in marked
    spanish = "ella vio a José Núñez y al señor en la calle"
    for number in range(20):
        assert "José Núñez" in mark_text(spanish, seed(number))


def test_every_kind_of_mark_is_used_and_read_again():
    slots = slots_of(ORIGINAL, words_of(ORIGINAL))
    assert {kind for kind in KINDS if slots[kind]} == set(KINDS)
    reading = read_text(MARKED, ORIGINAL)
    assert agreements(reading, [SEEDS[7]])[0].share == pytest.approx(1)
    assert sum((each.weights != 0).sum() for each in reading.signs) == sum(map(len, slots.values()))


ATTACKS = {
    "pasted": lambda text: text,
    "pasted in the middle of other words": lambda text: f"Look what I got:\n{text}\nUnbelievable.",
    "zero-width characters stripped": lambda text: text.replace("\u200b", ""),
    "whitespace normalised": lambda text: " ".join(text.split()),
    "lines broken at 60": lambda text: re.sub(r"(.{40,60}?) ", r"\1\n", text),
    "every letter composed": lambda text: unicodedata.normalize("NFC", text),
    "first half": lambda text: text[: len(text) // 2],
    "a hundred and twenty words from the middle": lambda text: " ".join(re.split(r"[ \u00a0]", text)[80:200]),
    "one word in twelve changed": lambda text: _changed(text),
}


def _changed(text):
    words = re.split(r"(\s)", text)
    return "".join("something" if number % 24 == 22 else word for number, word in enumerate(words))


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_pasted_copy_is_named_among_a_thousand(attack):
    verdict = trace(ATTACKS[attack](MARKED).encode(), "text/plain", COPIES)
    assert verdict.copy_ids == ("copy-7",), verdict.sentence
    assert verdict.chance <= 1e-6


def test_a_long_text_is_named_after_both_kinds_of_spaces_are_gone():
    original = prose(1, 600)
    leak = re.sub(r"[\s\u200b]+", " ", mark_text(original, SEEDS[7]))
    copies = [Candidate(f"copy-{n}", each, original.encode(), "text/plain") for n, each in enumerate(SEEDS)]
    assert trace(leak.encode(), "text/plain", copies).copy_id == "copy-7"


def test_a_short_text_without_spaces_of_ours_names_nobody_and_says_how_much_is_missing():
    leak = re.sub(r"[\s\u200b]+", " ", MARKED)
    verdict = trace(leak.encode(), "text/plain", COPIES)
    assert verdict.copy_id is None
    assert verdict.sentence == (
        "Cannot tell: 27 marks could be read, and to name one of the 1,000 copies compared at least 30 must be."
    )


def test_a_copy_in_another_encoding_is_named():
    assert trace(MARKED.encode("utf-16"), "text/plain; charset=utf-16", COPIES).copy_id == "copy-7"


@pytest.mark.parametrize(
    "leak",
    [
        pytest.param(ORIGINAL, id="the-original"),
        pytest.param(mark_text(ORIGINAL, seed(5000)), id="a-copy-nobody-listed"),
        pytest.param(lists.fold(MARKED), id="all-marks-removed"),
        pytest.param(prose(2), id="another-text"),
        pytest.param("", id="nothing"),
    ],
)
def test_nobody_is_named_for_what_is_not_theirs(leak):
    verdict = trace(leak.encode(), "text/plain", COPIES)
    assert verdict.copy_id is None
    assert verdict.sentence.startswith("Cannot tell")
    assert verdict.chance > 1e-3


def test_two_copies_mixed_word_by_word_name_both():
    one, other = (mark_text(prose(1, 900), seed(number)) for number in (3, 4))
    copies = [Candidate(f"copy-{n}", each, prose(1, 900).encode(), "text/plain") for n, each in enumerate(SEEDS)]
    mixed = "".join(pair[number % 2] for number, pair in enumerate(zip(_pieces(one), _pieces(other), strict=True)))
    verdict = trace(mixed.encode(), "text/plain", copies)
    assert sorted(verdict.copy_ids) == ["copy-3", "copy-4"]
    assert "put together from copies" in verdict.sentence


def _pieces(text):
    words = words_of(text)
    return [text[a.start : b.start] for a, b in pairwise(words)]


@given(st.lists(st.sampled_from("abcdef"), max_size=30), st.integers(0, 30), st.integers(0, 30))
@settings(deadline=None)
def test_words_are_only_matched_to_the_same_words_and_to_one_each(words, start, end):
    matched = aligned(words, words[start:end])
    used = [number for number in matched if number >= 0]
    assert len(used) == len(set(used))
    assert all(words[start:end][number] == words[at] for at, number in enumerate(matched) if number >= 0)


def test_an_excerpt_is_aligned_where_it_stands():
    words = [f"w{number}" for number in range(50)]
    assert aligned(words, words[20:30]) == [-1] * 20 + list(range(10)) + [-1] * 20


# ------------------------------------------------------------------------------- what the house itself writes


def _note(some):
    return lists.worded(lists.NOTICE, some) + "\n" + "\n".join(lists.ordered(CONDITIONS, some) if some else CONDITIONS)


def _with_note(number, some):
    return Candidate(f"copy-{number}", some, b"", "text/plain", (("wording", lists.NOTICE),), (("list", CONDITIONS),))


def test_the_order_of_a_list_and_wordings_survive_retyping():
    retyped = _note(SEEDS[7]).encode("ascii").decode().replace("\n", "  ")
    found = trace(retyped.encode(), "text/plain", [_with_note(n, each) for n, each in enumerate(SEEDS[:20])])
    best = found.scores[0]
    assert best.copy_id == "copy-7"
    assert best.share == pytest.approx(1)
    # 12 pairs of wordings and 8 items: all that such a short note can say.
    assert best.chance == pytest.approx(2**-12 / 40320, rel=1e-3)
    assert found.copy_id == "copy-7"


def test_half_a_list_still_tells():
    shown = lists.ordered(CONDITIONS, SEEDS[7])[3:]
    order = lists.seen_order(" ".join(shown), CONDITIONS)
    assert len(order.seen) == 5
    assert [item.decode() for item in order.seen] == shown


@given(st.lists(st.text(min_size=1, max_size=5), max_size=12), st.binary(min_size=32, max_size=32))
def test_a_list_keeps_all_its_items(items, some):
    assert sorted(lists.ordered(items, some)) == sorted(items)


@given(st.binary(min_size=32, max_size=32))
def test_wordings_are_read_as_they_were_written(some):
    read = lists.seen_wordings("Dear colleague,\n" + lists.worded(lists.NOTICE, some), lists.NOTICE)
    written = lists.worded(lists.NOTICE, some)
    assert (read.weights != 0).all()
    assert (lists.seen_wordings(written.replace(" ", "\n"), lists.NOTICE).weights == read.weights).all()
    assert (lists.seen_wordings(lists.worded(lists.NOTICE, None), lists.NOTICE).weights == -1).all()


def test_the_visible_line_says_that_the_copy_is_marked():
    assert "marked" in lists.VISIBLE_LINE.lower()
    assert "marked" in lists.worded(lists.NOTICE, SEEDS[0])
