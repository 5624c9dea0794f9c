"""Two organisations compare what they saw, and neither learns anything that the other saw alone."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence.core.block_digests import (
    KINDS,
    Counts,
    NotComparable,
    compare,
    digests_of,
    export_json,
    import_json,
    instant,
    normalised,
)

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
POST = [
    ("text", "Examplia Person lives at 12 Example Street."),
    ("author", "night_owl_77"),
    ("time", "2026-03-04T21:15:00+01:00"),
    ("text", "1,204 views"),
]
MEDIA = ["a" * 64]

blocks = st.lists(st.tuples(st.sampled_from(["text", "author", "time", "alt"]), st.text(max_size=60)), max_size=20)
media = st.lists(st.from_regex(r"[0-9a-f]{64}", fullmatch=True), max_size=4)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("1,204 views", "1,377 views"),
        ("12.5K likes", "13K likes"),
        ("Kommentare: 12", "Kommentare: 131"),
        ("posted 3 hours ago", "posted 2 days ago"),
        ("vor 5 Minuten", "vor einer Stunde"),
        ("il y a 3 heures", "il y a 12 heures"),
        ("5分钟前", "12分钟前"),
        ("Ray ID: 8f2c11aa90bd", "Ray ID: 77aa00ffee12"),
        ("42", "57"),
        ("14:05 Mon 2 March", "14:09 Tue 3 March"),
        ("It  is\n here", "it is here"),
    ],
)
def test_what_differs_at_every_visit_is_made_plain(one, another):
    assert normalised(one) == normalised(another)


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ("Call +1-555-0142", "Call +1-555-0143"),
        ("12 Example Street", "14 Example Street"),
        ("born 1987-05-04", "born 1988-05-04"),
        ("1017 AB", "1018 AB"),
        ("5550142", "5550143"),
        ("1987", "1988"),
        ("see you at 5 Example Lane, 3rd floor", "see you at 5 Example Lane, 4th floor"),
        ("night_owl_77", "night_owl_78"),
    ],
)
def test_what_could_identify_somebody_is_kept_apart(one, another):
    assert normalised(one) != normalised(another)


@given(st.text(max_size=200))
def test_making_plain_twice_is_making_plain_once(text):
    once = normalised(text)
    assert normalised(once) == once


def test_a_time_is_the_same_in_every_zone():
    assert instant("2026-03-04T21:15:00+01:00") == instant("2026-03-04T20:15:41Z")
    assert instant("2026-03-04T21:15:00") != instant("2026-03-04T21:15:00Z")


@given(blocks, media)
def test_the_same_page_is_the_same_for_both(seen, pictures):
    ours, theirs = (digests_of(seen, pictures, KEY) for _ in range(2))
    for counts in compare(ours, import_json(export_json(theirs))).values():
        assert (counts.only_ours, counts.only_theirs) == (0, 0)


@given(blocks, blocks, media)
def test_the_counts_are_those_of_the_plain_blocks(ours, theirs, pictures):
    """Held against a comparison without any key."""
    found = compare(digests_of(ours, pictures, KEY), digests_of(theirs, [], KEY))
    for kind in KINDS:
        if kind == "media":
            assert found[kind] == Counts(0, len(pictures), 0)
            continue
        plain = [Counter(said for said in _plain(side, kind) if said) for side in (ours, theirs)]
        assert found[kind] == Counts(
            (plain[0] & plain[1]).total(), (plain[0] - plain[1]).total(), (plain[1] - plain[0]).total()
        )


def _plain(seen: list[tuple[str, str]], kind: str) -> list[str]:
    return [
        (instant if kind == "time" else normalised)(text)
        for which, text in seen
        if (which if which in {"author", "time"} else "text") == kind
    ]


def test_a_changed_line_shows_as_one_on_each_side():
    changed = [("text", "Examplia Person moved to 14 Example Street."), *POST[1:]]
    found = compare(digests_of(POST, MEDIA, KEY), digests_of(changed, ["b" * 64], KEY))
    assert found == {
        "text": Counts(1, 1, 1),
        "author": Counts(1, 0, 0),
        "time": Counts(1, 0, 0),
        "media": Counts(0, 1, 1),
    }


def test_nothing_of_the_page_stands_in_what_is_sent():
    sent = export_json(digests_of(POST, MEDIA, KEY))
    assert not [said for _, said in POST if said.encode() in sent]
    assert MEDIA[0].encode() not in sent
    assert KEY not in sent


def test_without_the_key_a_guess_cannot_be_tried():
    ours, theirs = digests_of(POST, MEDIA, KEY), digests_of(POST, MEDIA, OTHER_KEY)
    assert not any(ours.blocks[kind] & theirs.blocks[kind] for kind in KINDS)
    with pytest.raises(NotComparable, match="different keys"):
        compare(ours, theirs)


def test_the_same_words_of_another_kind_have_another_digest():
    as_text = digests_of([("text", "night_owl_77")], [], KEY).blocks["text"]
    as_author = digests_of([("author", "night_owl_77")], [], KEY).blocks["author"]
    assert not as_text & as_author


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="31 bytes; it needs 32"):
        digests_of(POST, MEDIA, b"k" * 31)


def changed(**parts: object) -> bytes:
    return json.dumps({**json.loads(export_json(digests_of(POST, MEDIA, KEY))), **parts}).encode()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"[" * 100_000, id="nested"),
        pytest.param(b"[]", id="list"),
        pytest.param(changed(what="something else"), id="another-version"),
        pytest.param(changed(key_check=7), id="key-check-is-a-number"),
        pytest.param(changed(key_check="zz" * 8), id="key-check-is-no-hex"),
        pytest.param(changed(blocks={}), id="no-kinds"),
        pytest.param(changed(blocks=dict.fromkeys(KINDS, "a" * 64)), id="texts-for-lists"),
        pytest.param(changed(blocks={key: ["short"] for key in KINDS}), id="no-digests"),
        pytest.param(changed(blocks={key: [[1]] for key in KINDS}), id="lists-in-lists"),
        pytest.param(changed(blocks={key: {"a" * 64: 1000000000} for key in KINDS}), id="counts-for-lists"),
    ],
)
def test_what_is_no_list_of_digests_is_refused(raw):
    with pytest.raises(NotComparable):
        import_json(raw)


@given(st.binary(max_size=200))
def test_noise_is_refused_as_such(noise):
    with pytest.raises(NotComparable):
        import_json(noise)
