"""An index of known texts by their wording: which of very many texts does this one repeat?

Each text keeps a sketch: the lowest of its keyed grams that few others have. The index holds, gram by gram, which texts
have it; a query looks all its grams up and lets them vote, the rarer the more. Grams that very many texts share say
nothing: they are left out, and remembered as common, so a form that all doxes follow makes no match.

One ``Segment`` is a few flat arrays that can be memory-mapped: 5 bytes a gram and 4 a bucket. Texts that were added
since it was built stand in a ``Recent`` beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import log10, sqrt
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from habeas.exposure.core.known.grams import Numbers, folded, keyed_grams

# Grams kept of a text: at 5 bytes each, and with its share of the buckets, under 300 bytes a text.
SKETCH = 54
# From so many of its lowest grams those that few others have are chosen.
CHOICE = 160
# A gram that more texts than this share is boilerplate.
TOO_COMMON = 50
# Rarity is judged as if there were at least so many texts: among ten, everything would look common.
_LEAST_TEXTS = 1_000
# What is nobody's entry: written over the postings of a text that was withdrawn.
NOBODY = 0xFFFFFF
MOST_ENTRIES = NOBODY
# Of each 64-bit gram so many low bits are kept, as bucket and tag. At 10 million texts about ten grams of a query then
# meet a stranger, each another one: far from a match.
NUMBER_BITS = 36
_GRAMS_A_BUCKET = 28
_MOST_BUCKET_BITS = 24

# A match needs this much weight: about so many rare grams in places that do not touch. Calibrated on unseen texts from
# the same forms and the same language as the known ones: bench/known_texts.py.
LEAST_WEIGHT = 2.7
LEAST_PLACES = 3
# A longer text shares more by chance: beyond so many grams it needs more weight.
_USUAL_GRAMS = 3_000
# A short one shares less: below so many grams it needs less, but never less than this part. Of 27,000 unseen pieces of
# 120 to 350 characters none shared three places with any of 60,000 texts.
_FEW_GRAMS = 500
_LEAST_PART = 0.7
# And so much more where there is but one known text.
_UNTOLD = 1.2
# And this share of the shorter of sketch and query, so that one quoted passage in a long text is no match.
LEAST_SHARE = 0.05
# Grams nearer than this are one passage: what two texts share by chance is a phrase, not words all over.
APART = 32
# What a gram counts that touches one counted before it: it hardly says anything new.
_TOUCHING = 0.1
# A text that holds this much of a known one is the same text: it need not be kept a second time, and must not, or the
# wording of a dox that came back two hundred times would look like boilerplate.
SAME_SHARE = 0.6


Tags = NDArray[np.uint16] | NDArray[np.uint32]
Common = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Match:
    """A known text that a query repeats.

    entry:  its number in the registry
    weight: how much rare wording they share: about the number of sampled grams in places that do not touch
    share:  0..1, of the known text's sketch that the query holds
    """

    entry: int
    weight: float
    share: float


class Holding(Protocol):
    """Something that knows which entries hold which grams."""

    @property
    def texts(self) -> int: ...

    @property
    def common(self) -> Common: ...

    def holding(self, numbers: Numbers) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """(which of the numbers, which entry) for every gram that equals one of them."""
        ...


@dataclass(frozen=True)
class Segment:
    """The grams of many texts, bucket by bucket.

    offsets: uint32, where each bucket starts in the other arrays; one more than there are buckets
    tags:    uint16 per gram (uint32 in a small segment), what tells it from the others of its bucket
    low, high: uint16 and uint8 per gram, the number of the entry that holds it
    common:  uint32, the lowest bits of grams that too many texts share, in rising order
    texts:   how many entries it was built from
    """

    offsets: NDArray[np.uint32]
    tags: Tags
    low: NDArray[np.uint16]
    high: NDArray[np.uint8]
    common: Common
    texts: int

    @property
    def bits(self) -> int:
        return (len(self.offsets) - 1).bit_length() - 1

    @property
    def size_bytes(self) -> int:
        return self.offsets.nbytes + self.tags.nbytes + self.low.nbytes + self.high.nbytes + self.common.nbytes

    def entries(self, places: NDArray[np.int64]) -> NDArray[np.uint32]:
        return self.low[places].astype(np.uint32) | (self.high[places].astype(np.uint32) << np.uint32(16))

    def holding(self, numbers: Numbers) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        if not len(self.tags) or not len(numbers):
            return np.empty(0, np.int64), np.empty(0, np.uint32)
        buckets, tags = _address(numbers, self.bits)
        starts = self.offsets[buckets].astype(np.int64)
        lengths = self.offsets[buckets + 1].astype(np.int64) - starts
        asked = np.repeat(np.arange(len(numbers)), lengths)
        before = np.cumsum(lengths) - lengths
        places = np.arange(len(asked)) + np.repeat(starts - before, lengths)
        same = np.flatnonzero(self.tags[places] == tags[asked])
        entries = self.entries(places[same])
        held = entries != NOBODY
        return asked[same][held], entries[held]

    def grams(self) -> tuple[Numbers, NDArray[np.uint32]]:
        """(the low bits of every gram that is somebody's, whose it is), to build a larger segment from."""
        buckets = np.repeat(np.arange(len(self.offsets) - 1, dtype=np.uint64), np.diff(self.offsets))
        entries = self.entries(np.arange(len(self.tags)))
        held = entries != NOBODY
        return (self.tags.astype(np.uint64) << np.uint64(self.bits) | buckets)[held], entries[held]

    def strike(self, entry: int) -> int:
        """Write over every gram of an entry, in place; how many there were."""
        mine = np.flatnonzero(self.low == np.uint16(entry & 0xFFFF))
        mine = mine[self.high[mine] == np.uint8(entry >> 16)]
        self.tags[mine] = 0
        self.low[mine] = NOBODY & 0xFFFF
        self.high[mine] = NOBODY >> 16
        return len(mine)


class Recent:
    """The sketches added since the last segment was built, to be asked at once and taken out at once."""

    common: Common = np.empty(0, np.uint32)

    def __init__(self) -> None:
        self._holders: dict[int, list[int]] = {}
        self.sketches: dict[int, Numbers] = {}

    @property
    def texts(self) -> int:
        return len(self.sketches)

    def add(self, entry: int, numbers: Numbers) -> None:
        self.remove(entry)
        self.sketches[entry] = numbers
        for number in low_bits(numbers).tolist():
            self._holders.setdefault(number, []).append(entry)

    def remove(self, entry: int) -> None:
        for number in low_bits(self.sketches.pop(entry, np.empty(0, np.uint64))).tolist():
            holders = self._holders[number]
            holders.remove(entry)
            if not holders:
                del self._holders[number]

    def holding(self, numbers: Numbers) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        asked, entries = [], []
        holders = self._holders
        for place, number in enumerate(low_bits(numbers).tolist() if holders else ()):
            for entry in holders.get(number, ()):
                asked.append(place)
                entries.append(entry)
        return np.array(asked, np.int64), np.array(entries, np.uint32)


def sketch(text: str, key: bytes) -> Numbers:
    """What the registry may keep of a text: its lowest keyed grams, at most ``CHOICE``, in rising order."""
    return keyed_grams(folded(text), key)[0][:CHOICE]


def chosen(numbers: Numbers, common: Common) -> Numbers:
    """What is kept of a sketch: its lowest grams that are not common."""
    return numbers[~are_common(numbers, common)][:SKETCH]


def are_common(numbers: Numbers, common: Common) -> NDArray[np.bool_]:
    """Which of some grams are known to be common."""
    if not len(common):
        return np.zeros(len(numbers), np.bool_)
    lowest = numbers.astype(np.uint32)
    found: NDArray[np.bool_] = common[np.minimum(np.searchsorted(common, lowest), len(common) - 1)] == lowest
    return found


def build(sketches: Iterable[tuple[int, Numbers]]) -> tuple[Segment, dict[int, int]]:
    """(a segment of the sketches of numbered entries, how many grams were kept of each).

    sketches: each entry's number, below ``MOST_ENTRIES``, and what ``sketch`` gives
    """
    given = list(sketches)
    for entry, _ in given:
        if not 0 <= entry < MOST_ENTRIES:
            raise ValueError(f"entry {entry} does not fit: a segment numbers its texts from 0 to {MOST_ENTRIES - 1}")
    common = _shared_by_many([numbers for _, numbers in given])
    kept = [(entry, chosen(numbers, common)) for entry, numbers in given]
    lengths = np.array([len(numbers) for _, numbers in kept], np.int64)
    owners = np.repeat(np.array([entry for entry, _ in kept], np.uint32), lengths)
    numbers = np.concatenate([numbers for _, numbers in kept]) if kept else np.empty(0, np.uint64)
    return _arranged(numbers, owners, common, len(kept)), {entry: len(numbers) for entry, numbers in kept}


def _shared_by_many(sketches: Sequence[Numbers]) -> Common:
    """The lowest bits of grams that more than ``TOO_COMMON`` of the sketches hold, in rising order.

    Counted part by part, so that a hundred million grams need no more than a few hundred megabytes.
    """
    if len(sketches) <= TOO_COMMON:
        return np.empty(0, np.uint32)
    everything = np.concatenate(sketches)
    everything &= np.uint64((1 << NUMBER_BITS) - 1)
    parts = max(1, len(everything) // 8_000_000)
    common = []
    part_of = everything % np.uint64(parts)
    for part in range(parts):
        values, counts = np.unique(everything[part_of == part], return_counts=True)
        common.append(values[counts > TOO_COMMON])
    return np.unique(np.concatenate(common).astype(np.uint32))


def merged(segments: Sequence[Segment]) -> Segment:
    """One segment of several, without what was struck."""
    parts = [segment.grams() for segment in segments]
    owners = np.concatenate([owner for _, owner in parts])
    numbers = np.concatenate([numbers for numbers, _ in parts])
    values, counts = np.unique(numbers, return_counts=True)
    lowest = values[counts > TOO_COMMON].astype(np.uint32)
    common = np.unique(np.concatenate([lowest, *(segment.common for segment in segments)]))
    kept = ~are_common(numbers, common)
    return _arranged(numbers[kept], owners[kept], common, len(np.unique(owners)))


def _arranged(numbers: Numbers, owners: NDArray[np.uint32], common: Common, texts: int) -> Segment:
    bits = max(4, min(_MOST_BUCKET_BITS, (len(numbers) // _GRAMS_A_BUCKET).bit_length()))
    buckets, tags = _address(numbers, bits)
    order = np.argsort(buckets, kind="stable")
    counts = np.bincount(buckets, minlength=1 << bits)
    offsets = np.zeros((1 << bits) + 1, np.uint32)
    np.cumsum(counts, out=offsets[1:])
    owners = owners[order]
    return Segment(
        offsets,
        tags[order],
        (owners & np.uint32(0xFFFF)).astype(np.uint16),
        (owners >> np.uint32(16)).astype(np.uint8),
        common,
        texts,
    )


def search(
    text: str, key: bytes, parts: Sequence[Holding], length_of: Callable[[int], int], most: int = 5
) -> list[Match]:
    """The known texts that a text repeats, best first, at most ``most``.

    parts:     segments, and what was added since
    length_of: how many grams the sketch of an entry holds
    """
    numbers, places = keyed_grams(folded(text), key)
    for part in parts:
        telling = ~are_common(numbers, part.common)
        numbers, places = numbers[telling], places[telling]
    if not len(numbers):
        return []
    found = [part.holding(numbers) for part in parts]
    asked = np.concatenate([one for one, _ in found])
    entries = np.concatenate([one for _, one in found])
    if not len(asked):
        return []
    shared_by = np.bincount(asked, minlength=len(numbers))
    texts = max(_LEAST_TEXTS, sum(part.texts for part in parts))
    weights = (1 - np.log(np.maximum(shared_by, 1)) / np.log(texts)) ** 2
    weights[shared_by > TOO_COMMON] = 0
    telling = weights[asked] > 0
    asked, entries = asked[telling], entries[telling]
    candidates, mine = np.unique(entries, return_inverse=True)
    totals = np.bincount(mine, weights=weights[asked], minlength=len(candidates))
    best = np.argsort(-totals, kind="stable")[: most * 4]
    needed = _needed(len(numbers), sum(part.texts for part in parts))
    matches = []
    for place in best.tolist():
        if totals[place] < needed:
            break
        entry, hits = int(candidates[place]), asked[mine == place]
        weight, apart = _weighed(places[hits], weights[hits])
        share = len(hits) / max(1, min(length_of(entry), len(numbers)))
        if weight >= needed and apart >= LEAST_PLACES and share >= LEAST_SHARE:
            matches.append(Match(entry, weight, min(1.0, share)))
    return sorted(matches, key=lambda match: (-match.weight, match.entry))[:most]


def _needed(grams: int, texts: int) -> float:
    """The weight a match needs: more in a long text, and where few texts tell what is rare."""
    untold = max(0.0, 1 - log10(max(1, texts)) / log10(_LEAST_TEXTS))
    by_length = sqrt(max(1.0, grams / _USUAL_GRAMS)) * max(_LEAST_PART, sqrt(min(1.0, grams / _FEW_GRAMS)))
    return (LEAST_WEIGHT + _UNTOLD * untold) * by_length


def _weighed(places: NDArray[np.int64], weights: NDArray[np.float64]) -> tuple[float, int]:
    """(weight, how many do not touch) of shared grams, taken from the left; of grams that touch the rarest counts."""
    apart, count, free_from, heaviest = 0.0, 0, -1, 0.0
    order = np.argsort(places)
    for place, weight in zip(places[order].tolist(), weights[order].tolist(), strict=True):
        if place >= free_from:
            apart, count, free_from, heaviest = apart + weight, count + 1, place + APART, weight
        elif weight > heaviest:
            apart, heaviest = apart + weight - heaviest, weight
    return (1 - _TOUCHING) * apart + _TOUCHING * float(weights.sum()), count


def low_bits(numbers: Numbers) -> Numbers:
    """What is kept of each gram."""
    return numbers & np.uint64((1 << NUMBER_BITS) - 1)


def _address(numbers: Numbers, bits: int) -> tuple[NDArray[np.int64], Tags]:
    """Bucket and tag of a gram, from its low bits: the high ones decided whether it was sampled."""
    low = low_bits(numbers)
    buckets = (low & np.uint64((1 << bits) - 1)).astype(np.int64)
    tags = low >> np.uint64(bits)
    return buckets, tags.astype(np.uint16) if NUMBER_BITS - bits <= 16 else tags.astype(np.uint32)
