"""Marks in a text that survive copying and pasting: choices between forms that are read as the same.

Kinds of marks, each with a codeword of its own:

gap         a space, or a non-breaking one, in every second gap between words
zero_width  nothing, or a zero-width space, in the gaps between those; the first to be lost, so only a bonus
apostrophe  don't or don’t
quote       "so" or “so”
dash        this - that or this – that
hyphen      well-known with the hyphen of the keyboard, or with the typographer's
ellipsis    so... or so…
composed    an accented letter as one character or as letter and accent

Never touched: anything with a digit, an @, a stop inside or another sign of an address, link or handle, and the gaps
beside it; words that begin with a capital letter (names; in German every noun), save for the quotation marks around
them, and the gap between two such words; line breaks and indents; right-to-left and Asian scripts save for gaps.
``lists.fold`` gives the same text for a marked copy and its original.

A leak is aligned to the original by words, so excerpts, changed words and other line breaks cost only the marks they
touch. Where whitespace was normalised all gaps look alike; a kind in which all choices look alike is discounted.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from habeas.evidence.core.marks.codes import Reading, Signs, signs
from habeas.evidence.core.marks.lists import fold_inside

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

KINDS = ("gap", "zero_width", "apostrophe", "quote", "dash", "hyphen", "ellipsis", "composed")
_NBSP = "\u00a0"
_ZERO_WIDTH = "\u200b"
_INVISIBLE = "\u200b\u2060\ufeff"
_WORD = re.compile(rf"[^\s{_INVISIBLE}]+(?:[{_INVISIBLE}]+[^\s{_INVISIBLE}]+)*")
# What stands inside addresses, links, handles, paths, code and sums of money, but not inside a word of prose.
_PRECISE = re.compile(r"[\d@/\\_#=%&<>\[\]{}|~^*`$€£+§]|[^\W\d_][.:][^\W\d_]")
_FORMS = {
    "apostrophe": ("'", "’"),
    "dash": ("-", "–"),
    "hyphen": ("-", "‐"),
    "ellipsis": ("...", "…"),
    "gap": (" ", _NBSP),
}
_QUOTES = '"“”'
_SHINGLE = 3
# Many coins that all fall alike were laid that way; a few may well fall so.
_FLATTENED_AFTER = 6
_SURELY_FLATTENED = 16


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands, as it is, and as it is compared."""

    start: int
    end: int
    raw: str
    folded: str


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where a copy chooses. ``at``: number of the word; ``offset``: where in its folded form."""

    kind: str
    at: int
    offset: int = 0


def words_of(text: str) -> list[Word]:
    return [Word(m.start(), m.end(), m[0], fold_inside(m[0])) for m in _WORD.finditer(text)]


def slots_of(text: str, words: Sequence[Word]) -> dict[str, list[Slot]]:
    """The places to choose in an original, per kind, in the order in which their signs are taken."""
    found: dict[str, list[Slot]] = {kind: [] for kind in KINDS}
    gaps = 0
    for number, word in enumerate(words):
        for slot in _inside(words, number):
            found[slot.kind].append(slot)
        if number + 1 < len(words) and _free_gap(text, word, words[number + 1]):
            kind = "gap" if gaps % 2 == 0 else "zero_width"
            gaps += 1
            found[kind].append(Slot(kind, number))
    return found


def mark_text(original: str, seed: bytes, *, zero_width: bool = True) -> str:
    """One recipient's copy of a text. ``lists.fold`` of both is the same. Raises BadSeed.

    zero_width: also choose between nothing and a zero-width space in half of the gaps
    """
    words = words_of(original)
    slots = slots_of(original, words)
    chosen: dict[int, dict[Slot, bool]] = {}
    gap_chosen: dict[int, tuple[str, bool]] = {}
    for kind, places in slots.items():
        for slot, sign in zip(places, signs(seed, _label(kind), len(places)).tolist(), strict=True):
            if kind == "gap" or (kind == "zero_width" and zero_width):
                gap_chosen[slot.at] = kind, sign > 0
            elif kind != "zero_width":
                chosen.setdefault(slot.at, {})[slot] = sign > 0
    pieces, done = [], 0
    for number, word in enumerate(words):
        pieces.append(original[done : word.start])
        pieces.append(_written(word, chosen[number]) if number in chosen else word.raw)
        done = word.end
        if number in gap_chosen:
            kind, second = gap_chosen[number]
            pieces.append(_FORMS["gap"][second] if kind == "gap" else " " + _ZERO_WIDTH * second)
            done = words[number + 1].start
    pieces.append(original[done:])
    return "".join(pieces)


def read_text(leaked: str, original: str) -> Reading:
    """What a leaked text says at each place where copies of the original choose."""
    import numpy as np

    words, theirs = words_of(original), words_of(leaked)
    slots = slots_of(original, words)
    matched = aligned([word.folded for word in words], [word.folded for word in theirs])
    found = []
    for kind in KINDS:
        seen = [_seen(slot, words, theirs, leaked, matched) for slot in slots[kind]]
        found.append(Signs(_label(kind), discounted(np.array(seen, dtype=np.float64))))
    return Reading("the forms of the text", tuple(found))


def discounted(seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """Less weight for what says the same everywhere: spaces that were normalised tell nothing, and there are many.

    seen: +1, -1, or 0 for not read
    """
    import numpy as np

    read = seen != 0
    count = int(read.sum())
    if not count:
        return seen
    if count >= _SURELY_FLATTENED and abs(seen.sum()) == count:
        return np.zeros_like(seen)
    centre = seen.sum() / (count + _FLATTENED_AFTER)
    weights: NDArray[np.float64] = (seen - centre) * read
    return weights


def aligned(ours: Sequence[str], theirs: Sequence[str]) -> list[int]:
    """For each of our words the number of the same word of theirs, or -1.

    Runs of three words that stand once in each are the anchors; from there it goes both ways while words agree.
    Excerpts in another order are found too. Linear in the words.
    """
    matched = [-1] * len(ours)
    taken = [False] * len(theirs)
    single = _single_runs(theirs)
    for first, run in _single_runs(ours).items():
        other = single.get(first)
        if other is None:
            continue
        for step in (1, -1):
            i, j = run, other
            while 0 <= i < len(ours) and 0 <= j < len(theirs) and ours[i] == theirs[j]:
                if matched[i] >= 0 and i != run:
                    break
                if matched[i] < 0 and not taken[j]:
                    matched[i], taken[j] = j, True
                i, j = i + step, j + step
    return matched


def _single_runs(words: Sequence[str]) -> dict[tuple[str, ...], int]:
    # Short texts have runs as long as themselves.
    size = max(1, min(_SHINGLE, len(words)))
    first: dict[tuple[str, ...], int] = {}
    again: set[tuple[str, ...]] = set()
    for number in range(len(words) - size + 1):
        run = tuple(words[number : number + size])
        if run in first:
            again.add(run)
        first[run] = number
    return {run: number for run, number in first.items() if run not in again}


def _inside(words: Sequence[Word], number: int) -> Iterator[Slot]:
    folded = words[number].folded
    if _precise(folded):
        return
    raw = words[number].raw
    if folded == "-" and raw in _FORMS["dash"] and not _beside_digits(words, number):
        yield Slot("dash", number)
        return
    for offset in (0, len(folded) - 1):
        if len(folded) > 1 and folded[offset] == '"' and raw[0 if offset == 0 else -1] in _QUOTES:
            yield Slot("quote", number, offset)
    core = folded.lstrip("\"'([")
    if not core or not core[0].islower():
        return
    if folded.endswith("...") and not folded.endswith("....") and raw.endswith(_FORMS["ellipsis"]):
        yield Slot("ellipsis", number, len(folded) - 3)
    for offset in range(1, len(folded) - 1):
        letter, around = folded[offset], folded[offset - 1] + folded[offset + 1]
        if letter == "'" and around.isalpha():
            yield Slot("apostrophe", number, offset)
        elif letter == "-" and around.isalpha() and core.islower():
            yield Slot("hyphen", number, offset)
    for offset, letter in enumerate(folded):
        if _composed(letter):
            yield Slot("composed", number, offset)


def _composed(letter: str) -> bool:
    parts = unicodedata.normalize("NFD", letter) if letter > "\x7f" else ""
    return len(parts) == 2 and "a" <= parts[0].lower() <= "z" and unicodedata.combining(parts[1]) > 0


def _precise(folded: str) -> bool:
    core = folded.rstrip(".,;:!?)\"'")
    return _PRECISE.search(core) is not None or any(character.isnumeric() for character in core)


def _beside_digits(words: Sequence[Word], number: int) -> bool:
    near = words[max(0, number - 1) : number + 2]
    return any(character.isnumeric() for word in near for character in word.folded)


def _free_gap(text: str, word: Word, after: Word) -> bool:
    if text[word.end : after.start] not in _FORMS["gap"]:
        return False
    if _precise(word.folded) or _precise(after.folded):
        return False
    return not (_capital(word.folded) and _capital(after.folded))


def _capital(folded: str) -> bool:
    core = folded.lstrip("\"'([")
    return bool(core) and not core[0].islower()


def _written(word: Word, chosen: dict[Slot, bool]) -> str:
    """A word with the forms that were chosen: in its other letters as it was."""
    units = _units(word.raw)
    offsets = _offsets(units)
    for slot, second in chosen.items():
        at = bisect_left(offsets, slot.offset)
        if slot.kind == "quote":
            units[at] = '"' if not second else "“" if slot.offset == 0 else "”"
        elif slot.kind == "composed":
            units[at] = unicodedata.normalize("NFD" if second else "NFC", units[at])
        elif slot.kind == "ellipsis":
            units = [*units[:at], _FORMS["ellipsis"][second]]
            offsets = offsets[: at + 1]
        else:
            units[at] = _FORMS[slot.kind][second]
    return "".join(units)


def _units(raw: str) -> list[str]:
    """A word in pieces that each fold to whole characters: a letter with its accents and what is invisible after it."""
    units: list[str] = []
    for character in raw:
        if units and (unicodedata.combining(character) or character in _INVISIBLE):
            units[-1] += character
        else:
            units.append(character)
    return units


def _offsets(units: Sequence[str]) -> list[int]:
    """Where each unit begins in the folded word."""
    offsets, at = [], 0
    for unit in units:
        offsets.append(at)
        at += len(fold_inside(unit))
    return offsets


def _seen(slot: Slot, words: Sequence[Word], theirs: Sequence[Word], leaked: str, matched: Sequence[int]) -> float:
    number = matched[slot.at]
    if number < 0:
        return 0.0
    word = theirs[number]
    if slot.kind in ("gap", "zero_width"):
        return _seen_gap(slot, number, theirs, leaked, matched)
    if slot.kind == "dash":
        return _sign(word.raw, *_FORMS["dash"])
    units = _units(word.raw)
    offsets = _offsets(units)
    at = bisect_left(offsets, slot.offset)
    if at == len(units) or offsets[at] != slot.offset:
        return 0.0
    unit = units[at].rstrip(_INVISIBLE)
    if slot.kind == "quote":
        return _sign(unit, '"', "“" if slot.offset == 0 else "”")
    if slot.kind == "composed":
        letter = words[slot.at].folded[slot.offset]
        return _sign(unit, letter, unicodedata.normalize("NFD", letter))
    if slot.kind == "ellipsis":
        return _sign("".join(units[at:]).rstrip(_INVISIBLE), *_FORMS["ellipsis"])
    return _sign(unit, *_FORMS[slot.kind])


def _seen_gap(slot: Slot, number: int, theirs: Sequence[Word], leaked: str, matched: Sequence[int]) -> float:
    if matched[slot.at + 1] != number + 1:
        return 0.0
    between = leaked[theirs[number].end : theirs[number + 1].start]
    if slot.kind == "zero_width":
        return 1.0 if _ZERO_WIDTH in between else -1.0
    return _sign(between.strip(_INVISIBLE), *_FORMS["gap"])


def _sign(seen: str, first: str, second: str) -> float:
    return -1.0 if seen == first else 1.0 if seen == second else 0.0


def _label(kind: str) -> str:
    return f"text/{kind}"
