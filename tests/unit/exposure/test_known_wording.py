"""Known texts: what is kept of them, what still counts as the same, and what leaves no trace."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.exposure.core.known import wording
from habeas.exposure.core.known.grams import folded, keyed_grams
from habeas.exposure.registry import wordings
from habeas.exposure.registry.folder import BrokenRegistry
from habeas.exposure.registry.wordings import Wordings

KEY = b"a key for the tests, 32 bytes ok"
OTHER = b"another key for the tests, 32 by"
SYLLABLES = ("ba", "ke", "lin", "mor", "ta", "vel", "su", "ran", "do", "pi", "gar", "nel", "fo", "shu", "wi", "zet")
WORDS = [one + two + three for one in SYLLABLES for two in SYLLABLES for three in SYLLABLES]


def a_text(seed: int, words: int = 220) -> str:
    chance = random.Random(seed)  # noqa: S311
    made = [chance.choice(WORDS) + chance.choice(["", "", "s", "ed", "ing", "er"]) for _ in range(words)]
    return f"Post about invented person {seed}: " + " ".join(made)


def changed(text: str, share: float, seed: int = 1) -> str:
    chance = random.Random(seed)  # noqa: S311
    return " ".join(
        chance.choice(WORDS) if chance.random() < share / 2 else word
        for word in text.split()
        if chance.random() >= share / 2
    )


@pytest.fixture
def known(tmp_path: Path) -> Wordings:
    made = Wordings(tmp_path / "registry", KEY)
    made.rebuild((entry, a_text(entry)) for entry in range(60))
    return made


def entries(made: Wordings, text: str) -> list[int]:
    return [match.entry for match in made.search(text)]


@pytest.mark.parametrize(
    ("name", "disguise"),
    [
        ("leet", lambda text: text.translate(str.maketrans("oeasbtil", "03458711"))),
        ("signs for letters", lambda text: text.translate(str.maketrans("asi", "@$!"))),
        ("look-alike letters", lambda text: text.translate(str.maketrans("aeopcx", "аеорсх"))),
        ("zero-width characters", "\u200b".join),
        ("full width", lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)),
        ("capitals", str.upper),
        ("struck out", lambda text: "".join(c + "\u0336" for c in text)),
        ("letters apart", " ".join),
        ("lines broken elsewhere", lambda text: text.replace(" ", "\n")),
    ],
)
def test_a_disguise_changes_nothing(known: Wordings, name: str, disguise) -> None:
    for entry in range(5):
        assert entries(known, disguise(a_text(entry))) == [entry], name


def test_a_rewritten_cropped_or_padded_text_is_the_same_one(known: Wordings) -> None:
    words = a_text(7).split()
    assert entries(known, changed(a_text(7), 0.2)) == [7]
    assert entries(known, " ".join(words[90:165])) == [7]
    assert entries(known, a_text(900) + " " + a_text(7) + " " + a_text(901)) == [7]
    assert entries(known, " ".join(words[110:] + words[:110])) == [7]


def test_an_unknown_text_and_a_quoted_line_are_no_match(known: Wordings) -> None:
    assert entries(known, a_text(5000)) == []
    assert entries(known, " ".join(a_text(7).split()[20:24]) + " " + a_text(5001, 40)) == []
    assert entries(known, "") == entries(known, "short") == []


def test_what_all_texts_share_makes_no_match(tmp_path: Path) -> None:
    form = "Full name and home address and phone number follow below, you all know what to do with them today. "
    made = Wordings(tmp_path, KEY)
    made.rebuild((entry, form + a_text(entry)) for entry in range(400))
    assert entries(made, form + a_text(8000)) == []
    assert entries(made, form + a_text(3)) == [3]


def test_additions_and_withdrawals_count_for_another_process_at_once(known: Wordings) -> None:
    other = Wordings(known.folder, KEY)
    assert entries(other, a_text(77)) == []
    assert known.add(77, a_text(77))
    assert entries(other, a_text(77)) == [77]
    assert known.withdraw(77)
    assert known.withdraw(5)
    assert entries(other, a_text(77)) == entries(other, a_text(5)) == []
    assert 5 not in other
    assert entries(other, a_text(6)) == [6]


def test_an_entry_added_again_is_replaced(known: Wordings) -> None:
    known.add(3, a_text(303))
    assert entries(known, a_text(303)) == [3]
    assert entries(known, a_text(3)) == []
    known.add(3, a_text(304))
    assert entries(known, a_text(304)) == [3]
    assert entries(known, a_text(303)) == []


@pytest.mark.parametrize("in_journal", [True, False])
def test_a_withdrawal_leaves_no_trace_in_any_file(tmp_path: Path, in_journal: bool) -> None:
    made = Wordings(tmp_path, KEY)
    for entry in range(30):
        made.add(entry, a_text(entry))
    made.add(4242, a_text(4242))
    if not in_journal:
        made.compact()
    assert _postings_of(made, 4242) > 20
    made.withdraw(4242)
    assert _postings_of(made, 4242) == 0
    made.compact()
    assert _postings_of(made, 4242) == 0
    mine = {int(number) for number in made.sketch(a_text(4242))}
    journals = b"".join(file.read_bytes() for file in tmp_path.glob("journal-*"))
    assert not any(number.to_bytes(8, "little") in journals for number in mine)


def _postings_of(made: Wordings, entry: int) -> int:
    """Grams that the files themselves, read anew, hold for an entry."""
    fresh = Wordings(made.folder, KEY)
    len(fresh)
    in_segments = sum(int(np.count_nonzero(one.segment.grams()[1] == entry)) for one in fresh._opened)
    return in_segments + len(fresh._recent.sketches.get(entry, ()))


def test_the_files_say_nothing_without_the_key(known: Wordings) -> None:
    with pytest.raises(BrokenRegistry, match="another key"):
        Wordings(known.folder, OTHER).search(a_text(1))
    mine, theirs = (set(wording.sketch(a_text(1), key[:16]).tolist()) for key in (KEY, OTHER))
    assert not mine & theirs
    files = b"".join(file.read_bytes() for file in known.folder.iterdir())
    assert not any(word.encode() in files for word in WORDS)


def test_a_record_that_a_crash_cut_off_is_passed_over_and_written_over(tmp_path: Path) -> None:
    made = Wordings(tmp_path, KEY)
    for entry in (1, 2):
        made.add(entry, a_text(entry))
    (journal,) = tmp_path.glob("journal-*")
    journal.write_bytes(journal.read_bytes()[:-30])
    fresh = Wordings(tmp_path, KEY)
    assert entries(fresh, a_text(1)) == [1]
    assert entries(fresh, a_text(2)) == []
    fresh.add(3, a_text(3))
    again = Wordings(tmp_path, KEY)
    assert [entries(again, a_text(entry)) for entry in (1, 2, 3)] == [[1], [], [3]]


@pytest.mark.parametrize("damage", ["cut", "magic", "json"])
def test_damaged_files_say_what_to_do(known: Wordings, damage: str) -> None:
    (segment,) = known.folder.glob("wording-*")
    if damage == "cut":
        segment.write_bytes(segment.read_bytes()[:-5])
    elif damage == "magic":
        segment.write_bytes(b"XXXX" + segment.read_bytes()[4:])
    else:
        (known.folder / "current.json").write_bytes(b"{")
    with pytest.raises(BrokenRegistry, match="habeas registry rebuild"):
        Wordings(known.folder, KEY).search(a_text(1))


def test_a_full_journal_becomes_a_segment_and_segments_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wordings, "JOURNAL_TEXTS", 10)
    made = Wordings(tmp_path, KEY)
    for entry in range(35):
        made.add(entry, a_text(entry))
    assert len(list(tmp_path.glob("wording-*"))) == 1
    assert len(list(tmp_path.glob("journal-*"))) == 1
    assert len(made) == 35
    assert [entries(made, a_text(entry)) for entry in range(35)] == [[entry] for entry in range(35)]


WRITER = """
import json, sys
from pathlib import Path
from habeas.exposure.registry.wordings import Wordings
made = Wordings(Path(sys.argv[1]), bytes.fromhex(sys.argv[2]))
for entry, text in json.load(sys.stdin):
    made.add(entry, text)
    if entry % 3 == 0:
        made.withdraw(entry)
"""


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = []
    for first in (0, 100, 200):
        command = [sys.executable, "-c", WRITER, str(tmp_path), KEY.hex()]
        writer = subprocess.Popen(command, stdin=subprocess.PIPE, text=True)
        json.dump([(entry, a_text(entry)) for entry in range(first, first + 12)], writer.stdin)
        writer.stdin.close()
        writers.append(writer)
    assert [writer.wait(300) for writer in writers] == [0, 0, 0]
    made = Wordings(tmp_path, KEY)
    for first in (0, 100, 200):
        for entry in range(first, first + 12):
            assert entries(made, a_text(entry)) == ([] if entry % 3 == 0 else [entry])


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["add", "withdraw", "compact", "reopen"]), st.integers(0, 12)), max_size=14))
def test_the_registry_holds_what_was_added_and_not_withdrawn(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    made = Wordings(tmp_path_factory.mktemp("registry"), KEY)
    held: set[int] = set()
    for what, entry in steps:
        if what == "add":
            made.add(entry, a_text(entry, 80))
            held.add(entry)
        elif what == "withdraw":
            assert made.withdraw(entry) == (entry in held)
            held.discard(entry)
        elif what == "compact":
            made.compact()
        else:
            made = Wordings(made.folder, KEY)
    assert len(made) == len(held)
    for entry in range(13):
        assert entries(made, a_text(entry, 80)) == ([entry] if entry in held else [])


@given(st.text(max_size=300))
def test_any_text_can_be_folded_and_asked_for(text: str) -> None:
    codes = folded(text)
    numbers, places = keyed_grams(codes, KEY[:16])
    assert len(numbers) == len(places)
    assert (np.diff(numbers.astype(object)) > 0).all()
    assert folded("".join(map(chr, codes.tolist()))).tolist() == codes.tolist()


@given(st.lists(st.integers(0, 2**64 - 1), max_size=200), st.lists(st.integers(0, 2**64 - 1), max_size=50))
def test_a_segment_finds_what_a_dictionary_finds(held: list[int], asked: list[int]) -> None:
    mask = (1 << wording.NUMBER_BITS) - 1
    sketches = [(entry, np.unique(np.array(held[entry::5], np.uint64))) for entry in range(5)]
    numbers = np.unique(np.array(held[:20] + asked, np.uint64))
    segment, _ = wording.build(sketches)
    recent = wording.Recent()
    for entry, sketched in sketches:
        recent.add(entry, sketched)
    wanted = sorted(
        (place, entry)
        for place, number in enumerate(numbers.tolist())
        for entry, sketched in sketches
        for one in sketched.tolist()
        if one & mask == number & mask
    )
    for part in (segment, recent, wording.merged([segment, wording.build([])[0]])):
        assert sorted(zip(*(found.tolist() for found in part.holding(numbers)), strict=True)) == wanted
