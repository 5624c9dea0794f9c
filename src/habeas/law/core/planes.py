"""Every provision on very many cases at once: the second reading of a rule, beside ``logic.holds``.

A fact of many cases is two rows of bits (``Planes``), one bit a case: where it is true, and where it is false. Unknown
is neither. Kleene's logic is then a handful of machine words at a time: sixty-four cases are judged by one ``and``.

``compile_law`` turns the rules of all provisions into one straight program in which every sub-rule they share stands
once. ``Sweep.judge`` runs it over slices of the cases small enough for the processor's last cache, and hands out one
provision and slice at a time: nothing is held for all cases but their facts.

What is covered is what ``engine.assess`` does, each part where the caller asks for it:

- the rules themselves, always: elements, exemptions, and exemptions of single limbs;
- ``vocabulary``: what strictly follows from the facts (``logic.with_consequences``);
- ``dated``: whether the provision was law on the day of each case;
- ``jurisdictions``: whether it reaches the case, and the two facts each jurisdiction sees for itself, whether the
  person lives there (``subject.resident``) and whether its own law forbids the content (``content.illegal``). Without
  it, both are facts like any other, as the caller gives them.

Remedies, with their own conditions, are not swept: ask the engine about the few cases that matter.

numpy comes with the extra ``analytics`` and is imported only once something is packed or swept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from habeas.law.core.engine import ILLEGAL, RESIDENT
from habeas.law.core.logic import facts_of, has_exemption
from habeas.law.core.model import (
    OUTCOMES,
    TRACKS_OF_CONDUCT,
    FactDefinition,
    Jurisdiction,
    Outcome,
    Provision,
    Rule,
    Tie,
)
from habeas.law.core.reach import lineage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]
    Days = NDArray[np.datetime64]
    # In force, within reach besides, elements, applies: each (2, words), where it is true and where it is not false.
    _Found = tuple[Words | None, Words | None, Words, Words]
    _ReadyPassage = tuple[Provision, list[tuple[Callable[..., object], Words, Words, Words]], _Found]

WORD = 64
# 4,096 words are 262,144 cases: a plane of a slice takes 32 KB, so that a numpy call has enough to do to pay for
# itself, and what all packs need at once about 20 MB. Tried by powers of two: half as many take a sixth longer.
SLICE_WORDS = 4096
# Fewer, and calling numpy takes longer than what it does; a table so small has memory to spare.
LEAST_WORDS = 256


class Planes(NamedTuple):
    """One fact of many cases: case ``i`` is bit ``i % 64`` of word ``i // 64``, lowest first. Unknown is neither."""

    true: Words
    false: Words


class Places(NamedTuple):
    """Where one tie of many cases leads.

    of_case: for each case the index of its places in ``sets``
    sets:    each combination of jurisdiction codes that occurs, once; null where nobody knows
    """

    of_case: NDArray[np.int32]
    sets: tuple[frozenset[str] | None, ...]


@dataclass(frozen=True, slots=True)
class Cases:
    """Very many cases. A fact or tie that is not in its mapping is unknown in every case.

    count:    how many cases; the bits of the planes' last word beyond them are not read
    facts:    key -> its planes, ceil(count / 64) words each
    places:   tie -> where it leads; harm falls where the person lives, unless the case says otherwise
    acted_on: the day of each act, ``datetime64[D]``; NaT, or null for all, where it is not known
    asked_on: the day of each asking, likewise
    """

    count: int
    facts: Mapping[str, Planes]
    places: Mapping[Tie, Places] = field(default_factory=dict)
    acted_on: Days | None = None
    asked_on: Days | None = None


def packed(truths: Any) -> Planes:
    """The planes of one column.

    truths: a nullable boolean Arrow array (as read from Parquet), an integer array of 1 (true), 0 (false) and -1
            (unknown), a boolean array, or a sequence of True, False and None
    Raises ValueError for integers that are none of the three.
    """
    import numpy as np

    if hasattr(truths, "fill_null") and hasattr(truths, "is_valid"):
        true = np.asarray(truths.fill_null(False).to_numpy(zero_copy_only=False), dtype=bool)
        return Planes(_bits(true), _bits(np.asarray(truths.is_valid().to_numpy(zero_copy_only=False)) & ~true))
    if not isinstance(truths, np.ndarray):
        truths = np.fromiter((-1 if truth is None else int(truth) for truth in truths), dtype=np.int8)
    if truths.dtype != bool and truths.size and not -1 <= truths.min() <= truths.max() <= 1:
        raise ValueError(f"a truth is 1, 0 or -1 (unknown); found {truths.min()} to {truths.max()}")
    return Planes(_bits(truths == 1), _bits(truths == 0))


def unpacked(planes: Planes, count: int) -> NDArray[np.int8]:
    """Back to one number a case: 1 true, 0 false, -1 unknown."""
    import numpy as np

    true, false = (
        np.unpackbits(plane.view(np.uint8), bitorder="little", count=count).astype(np.int8) for plane in planes
    )
    return np.where(true == 1, np.int8(1), np.where(false == 1, np.int8(0), np.int8(-1)))


def gathered(places: Iterable[frozenset[str] | None]) -> Places:
    """The places of one tie, given case by case."""
    import numpy as np

    seen: dict[frozenset[str] | None, int] = {}
    of_case = np.fromiter((seen.setdefault(codes, len(seen)) for codes in places), dtype=np.int32)
    return Places(of_case, tuple(seen))


@dataclass(frozen=True, slots=True)
class Judged:
    """One provision on one slice of the cases, from case ``start`` up to but not including ``stop``.

    Its planes are lent: they are written over as soon as the next one is asked for. What the methods return is the
    caller's to keep. Bits beyond the last case are zero in everything returned.
    """

    provision: Provision
    start: int
    stop: int
    # Each is (2, words): where it is true, and where it is not false. The four are nested: what applies is among what
    # meets the elements, and that among what lies within reach of a law in force.
    _in_force: Words | None
    _within: Words | None
    _elements: Words
    _applies: Words
    _counter: _Counter

    @property
    def elements(self) -> Planes:
        """Whether the conduct is what the provision speaks of, exemptions left aside; and in force and within reach."""
        return self._planes(self._elements)

    @property
    def applies(self) -> Planes:
        """The same, and no exemption."""
        return self._planes(self._applies)

    def outcome(self, outcome: Outcome) -> Words:
        """The cases with this outcome, one bit each."""
        elements, applies = self._elements, self._applies
        found: Words
        match outcome:
            case "met":
                found = applies[0].copy()
            case "exempt":
                found = elements[0] & ~applies[1]
            case "possible":
                found = applies[1] & ~elements[0]
            case "possibly_exempt":
                found = elements[1] & ~applies[0] & ~(elements[0] ^ applies[1])
            case "not_met":
                found = ~elements[1] if self._within is None else self._within[1] & ~elements[1]
            case "out_of_reach":
                found = _none_like(elements) if self._within is None else ~self._within[1]
                if self._in_force is not None:
                    found &= self._in_force[1]
            case "not_in_force":
                found = _none_like(elements) if self._in_force is None else ~self._in_force[1]
        return self._counter.cut(found)

    def outcomes(self) -> NDArray[np.uint8]:
        """The outcome of each case, as its index in ``OUTCOMES``."""
        import numpy as np

        found = np.zeros(self.stop - self.start, dtype=np.uint8)
        for index, outcome in enumerate(OUTCOMES[1:], start=1):
            plane = self.outcome(outcome).view(np.uint8)
            found += np.unpackbits(plane, bitorder="little", count=found.size) * np.uint8(index)
        return found

    def counts(self) -> list[int]:
        """How many cases have each outcome, in the order of ``OUTCOMES``. Counts bits, and makes no plane."""
        import numpy as np

        seen = np.empty((1, _Counter.COLUMNS), dtype=np.uint32)
        self._counter.count((self._in_force, self._within, self._elements, self._applies), seen[0])
        return [int(number) for number in _outcomes_of(seen.astype(np.int64), self.stop - self.start)[0]]

    def _planes(self, pair: Words) -> Planes:
        return Planes(self._counter.cut(pair[0].copy()), self._counter.cut(~pair[1]))


@dataclass(frozen=True, slots=True)
class Sweep:
    """A compiled law: see ``compile_law``. It holds no case and may be run any number of times, on any cases.

    operations: how many two-plane operations a slice takes
    buffers:    how many two-plane buffers of a slice's size it needs, those of its facts included
    """

    operations: int
    buffers: int
    _leaves: tuple[tuple[_Leaf, int, int | None], ...]
    _consequences: tuple[tuple[int, int], ...]
    _passages: tuple[_Passage, ...]
    _jurisdictions: Mapping[str, Jurisdiction]

    def judge(self, cases: Cases, slice_words: int | None = None) -> Iterator[Judged]:
        """Every provision on every slice: slice by slice, within one in the order in which they were compiled.

        slice_words: cases in a slice, in words of 64; left out, as many as keep the buffers within the memory of the
                     facts themselves, between LEAST_WORDS and SLICE_WORDS
        Raises ValueError where a column does not have as many cases as the table says.
        """
        for start, stop, passages, counter in self._slices(cases, slice_words):
            for provision, code, (in_force, within, elements, applies) in passages:
                for operation, one, other, out in code:
                    operation(one, other, out)
                yield Judged(provision, start, stop, in_force, within, elements, applies, counter)

    def counts(self, cases: Cases, slice_words: int | None = None) -> dict[str, dict[Outcome, int]]:
        """For each provision, how many cases have each outcome. Counts bits, and makes no plane."""
        import numpy as np

        total = np.zeros((len(self._passages), _Counter.COLUMNS), dtype=np.int64)
        seen = np.zeros(total.shape, dtype=np.uint32)
        for _, _, passages, counter in self._slices(cases, slice_words):
            for (_, code, answers), row in zip(passages, seen, strict=True):
                for operation, one, other, out in code:
                    operation(one, other, out)
                counter.count(answers, row)
            total += seen
        found = _outcomes_of(total, cases.count).tolist()
        return {
            passage.provision.id: dict(zip(OUTCOMES, row, strict=True))
            for passage, row in zip(self._passages, found, strict=True)
        }

    def _slices(
        self, cases: Cases, slice_words: int | None
    ) -> Iterator[tuple[int, int, list[_ReadyPassage], _Counter]]:
        """Each slice as (first case, case after the last, what is to be run on it, its counter), leaves loaded."""
        import numpy as np

        words = -(-cases.count // WORD)
        source = _Source(cases, words, self._jurisdictions)
        if slice_words is None:
            # Two planes a fact, two a buffer: words of a slice are to those of all cases as facts are to buffers.
            fitting = words * len(cases.facts) // max(self.buffers, 1)
            slice_words = min(max(fitting, LEAST_WORDS), SLICE_WORDS)
        store = np.empty((self.buffers, 2 * min(words, slice_words)), dtype=np.uint64)
        ready: _Ready | None = None
        for first in range(0, words, slice_words):
            width = min(slice_words, words - first)
            if ready is None or ready.width != width:
                ready = _Ready(self, [row[: 2 * width].reshape(2, width) for row in store], width)
            ready.load(source, first)
            start, stop = first * WORD, min((first + width) * WORD, cases.count)
            yield start, stop, ready.passages, _Counter(width, stop - start)


def compile_law(
    provisions: Sequence[Provision],
    *,
    vocabulary: Mapping[str, FactDefinition] | None = None,
    jurisdictions: Mapping[str, Jurisdiction] | None = None,
    dated: bool = False,
) -> Sweep:
    """One program for all of some provisions.

    vocabulary:    given, what follows from the facts is known too; left out, the facts are read as they are
    jurisdictions: given, each provision is judged within its reach, ``subject.resident`` and ``content.illegal`` where
                   it stands; left out, every provision reaches every case
    dated:         whether each case is judged by the law of its day; if not, every provision is taken as in force
    """
    law = _Law(provisions, jurisdictions, dated=dated)
    answers = [law.answers(provision) for provision in provisions]
    return _scheduled(law, provisions, answers, vocabulary or {}, jurisdictions or {})


# What a program reads, as (kind, ...): ("fact", key), ("truth", truth), ("tie", tie, code), ("since", whose, day) for
# "on or after this day", ("read", whose, day) for the same where earlier days are not known.
_Leaf = tuple[Any, ...]
# (operation, one, other) over node numbers; leaves are ("leaf", leaf, negated).
_Node = tuple[Any, ...]
_Answers = tuple[int | None, int | None, int, int]


@dataclass(frozen=True, slots=True)
class _Passage:
    """The operations up to one provision's answers, over buffer numbers, and where its four answers then lie."""

    provision: Provision
    code: tuple[tuple[str, int, int, int], ...]
    answers: tuple[int | None, int | None, int, int]


class _Law:
    """Rules as a graph of ``and`` and ``or`` in which equal sub-rules are one node.

    A node stands for two planes: where it is true, and where it is *not false*. On these, ``all`` is ``and`` of both,
    ``any`` is ``or`` of both, in one call for the two. Negation is pushed down to the facts (De Morgan holds in
    Kleene's logic), where it swaps and inverts them once a slice.
    """

    def __init__(
        self, provisions: Sequence[Provision], jurisdictions: Mapping[str, Jurisdiction] | None, *, dated: bool
    ) -> None:
        self.nodes: list[_Node] = []
        self._numbers: dict[_Node, int] = {}
        self._provisions = provisions
        self._jurisdictions = jurisdictions
        self._dated = dated
        self._first_round: dict[int, _Answers] = {}
        # Parts stand in the order of their numbers: the commonest facts first, so that rules share their beginnings.
        named = Counter(fact for provision in provisions for fact in facts_of(provision.applies))
        for fact, _ in named.most_common():
            self._leaf("fact", fact)

    def answers(self, provision: Provision) -> _Answers:
        if self._jurisdictions is None or ILLEGAL not in facts_of(provision.applies):
            return self._first(provision)
        unlawful = [
            self._first(other)[3]
            for other in self._provisions
            if other.track in TRACKS_OF_CONDUCT and self._same_law(other.jurisdiction, provision.jurisdiction)
        ]
        # What is not found unlawful is not thereby lawful: true or unknown, never false.
        found = self._join("or", [*unlawful, self._leaf("truth", None)])
        return self._judged(provision, {ILLEGAL: self._where_open(ILLEGAL, found)})

    def _first(self, provision: Provision) -> _Answers:
        known = self._first_round.get(id(provision))
        if known is None:
            known = self._first_round[id(provision)] = self._judged(provision, {})
        return known

    def _judged(self, provision: Provision, here: Mapping[str, int]) -> _Answers:
        if self._jurisdictions is not None and RESIDENT in facts_of(provision.applies):
            lives = self._join("or", self._leading(provision.jurisdiction, ("target_lives", "harm_falls")))
            here = {**here, RESIDENT: self._where_open(RESIDENT, lives)}
        elements = applies = self._rule(provision.elements, here, limbs=False)
        if has_exemption(provision.elements):
            applies = self._join("and", [elements, self._rule(provision.elements, here)])
        if provision.exemptions is not None:
            applies = self._join("and", [applies, self._rule(provision.exemptions, here, want=False)])
        in_force = self._in_force(provision) if self._dated else None
        within = in_force
        if self._jurisdictions is not None:
            reach = self._join("or", self._leading(provision.jurisdiction, provision.reach))
            within = reach if in_force is None else self._join("and", [in_force, reach])
        if within is None:
            return None, None, elements, applies
        gated = self._join("and", [within, elements])
        return in_force, within, gated, gated if applies == elements else self._join("and", [within, applies])

    def _rule(self, rule: Rule, here: Mapping[str, int], *, want: bool = True, limbs: bool = True) -> int:
        """want: whether the rule itself or its negation is meant; limbs: whether limbs keep their exemptions."""
        match rule.op:
            case "fact":
                return self._fact(rule.fact, here, want=want)
            case "not":
                return self._rule(rule.parts[0], here, want=not want, limbs=limbs)
            case "unless":
                limb = self._rule(rule.parts[0], here, want=want, limbs=limbs)
                if not limbs:
                    return limb
                return self._join("and" if want else "or", [limb, self._rule(rule.parts[1], here, want=not want)])
            case "all" | "any":
                parts = [self._rule(part, here, want=want, limbs=limbs) for part in rule.parts]
                return self._join("and" if (rule.op == "all") is want else "or", parts)
            case "at_least":
                parts = [self._rule(part, here, want=want, limbs=limbs) for part in rule.parts]
                # Fewer than k of n hold where at least n - k + 1 of them fail.
                return self._threshold(parts, rule.need if want else len(parts) - rule.need + 1)

    def _fact(self, key: str, here: Mapping[str, int], *, want: bool) -> int:
        if key not in here:
            return self._leaf("fact", key, negated=not want)
        return here[key] if want else self._number(("negation", here[key], here[key]))

    def _threshold(self, parts: list[int], need: int) -> int:
        """At least ``need`` of the parts: a table of "at least j of those seen", one row of it kept."""
        if need <= 0:
            return self._leaf("truth", True)
        at_least: dict[int, int] = {}
        for seen, part in enumerate(parts, start=1):
            left = len(parts) - seen
            # Counts too low to reach the need with what is left are not kept.
            for count in range(min(need, seen), max(need - left, 1) - 1, -1):
                reached = part if count == 1 else self._join("and", [part, at_least[count - 1]])
                at_least[count] = self._join("or", [reached, at_least[count]]) if count in at_least else reached
        return at_least[need] if need in at_least else self._leaf("truth", False)

    def _in_force(self, provision: Provision) -> int:
        """As ``engine.in_force``; where the day is not known, neither is the answer, save for law never in force."""
        day_of, start, end = provision.judged_on, provision.in_force_from, provision.in_force_to
        if provision.status == "enacted" or (provision.status == "repealed" and end is None):
            return self._leaf("truth", False)
        begun = self._leaf("since", day_of, start) if start else self._leaf("read", day_of, provision.as_of)
        return begun if end is None else self._join("and", [begun, self._leaf("since", day_of, end, negated=True)])

    def _leading(self, code: str, ties: Iterable[Tie]) -> list[int]:
        return [self._leaf("tie", tie, code) for tie in ties]

    def _where_open(self, key: str, found: int) -> int:
        """A fact as stated; where nobody has stated it, what was found."""
        stated = self._leaf("fact", key)
        true, not_false = (self._number((op, stated, stated)) for op in ("true_twice", "not_false_twice"))
        return self._join("and", [not_false, self._join("or", [true, found])])

    def _same_law(self, one: str, other: str) -> bool:
        known = self._jurisdictions or {}
        return other in lineage([one], known) or one in lineage([other], known)

    def _leaf(self, *leaf: Any, negated: bool = False) -> int:
        return self._number(("leaf", leaf, negated))

    def _join(self, op: str, parts: Iterable[int]) -> int:
        several = sorted(set(parts))
        if not several:
            return self._leaf("truth", op == "and")
        joined = several[0]
        for part in several[1:]:
            joined = self._number((op, joined, part))
        return joined

    def _number(self, node: _Node) -> int:
        number = self._numbers.setdefault(node, len(self.nodes))
        if number == len(self.nodes):
            self.nodes.append(node)
        return number


def _scheduled(
    law: _Law,
    provisions: Sequence[Provision],
    answers: Sequence[_Answers],
    vocabulary: Mapping[str, FactDefinition],
    jurisdictions: Mapping[str, Jurisdiction],
) -> Sweep:
    """The graph as a straight program, each node just before it is first needed, its buffer free after its last use."""
    steps = _in_order(law.nodes, answers)
    last_use = {node: step for step, (needed, _) in enumerate(steps) for node in needed if law.nodes[node][0] != "leaf"}
    shelf = _Shelf()
    implied = [(key, other) for key, definition in vocabulary.items() for other in definition.implies]
    for pair in implied:
        for key in pair:
            shelf.leaf(("fact", key))
    place: dict[int, int] = {}
    passages: list[_Passage] = []
    code: list[tuple[str, int, int, int]] = []
    for step, (needed, made) in enumerate(steps):
        for node in needed:
            op, leaf, negated = law.nodes[node]
            if op == "leaf" and node not in place:
                place[node] = shelf.leaf(leaf, negated=negated)
        if made is not None:
            op, one, other = law.nodes[made]
            operands = place[one], place[other]
        for node in set(needed):
            if last_use.get(node) == step:
                shelf.free(place[node])
        if made is not None:
            place[made] = shelf.take()
            code.append((op, *operands, place[made]))
        else:
            number = len(passages)
            found = answers[number]
            at = (
                None if found[0] is None else place[found[0]],
                None if found[1] is None else place[found[1]],
                place[found[2]],
                place[found[3]],
            )
            passages.append(_Passage(provisions[number], tuple(code), at))
            code = []
    return Sweep(
        operations=sum(len(passage.code) for passage in passages),
        buffers=shelf.size,
        _leaves=tuple((leaf, at, shelf.negated.get(leaf)) for leaf, at in shelf.plain.items()),
        _consequences=tuple((shelf.plain["fact", key], shelf.plain["fact", other]) for key, other in implied),
        _passages=tuple(passages),
        _jurisdictions=jurisdictions,
    )


def _in_order(nodes: Sequence[_Node], answers: Sequence[_Answers]) -> list[tuple[tuple[int, ...], int | None]]:
    """Steps as (nodes needed, node made); a step that makes nothing hands out the next provision's answers."""
    steps: list[tuple[tuple[int, ...], int | None]] = []
    made: set[int] = set()
    for found in answers:
        wanted = tuple(node for node in found if node is not None)
        stack = list(reversed(wanted))
        while stack:
            node = stack[-1]
            op, one, other = nodes[node]
            missing = [] if op == "leaf" else [part for part in (other, one) if part not in made]
            if node in made or not missing:
                stack.pop()
                if node not in made and op != "leaf":
                    steps.append(((one, other), node))
                made.add(node)
            else:
                stack += missing
        steps.append((wanted, None))
    return steps


class _Shelf:
    """Buffers by number: those of leaves for good, the others taken and given back, the last returned first."""

    def __init__(self) -> None:
        self.size = 0
        self.plain: dict[_Leaf, int] = {}
        self.negated: dict[_Leaf, int] = {}
        self._free: list[int] = []

    def leaf(self, leaf: _Leaf, *, negated: bool = False) -> int:
        if leaf not in self.plain:
            self.plain[leaf] = self._new()
        if negated and leaf not in self.negated:
            self.negated[leaf] = self._new()
        return (self.negated if negated else self.plain)[leaf]

    def take(self) -> int:
        return self._free.pop() if self._free else self._new()

    def free(self, number: int) -> None:
        self._free.append(number)

    def _new(self) -> int:
        self.size += 1
        return self.size - 1


class _Counter:
    """Counts the bits of a provision's answers, those beyond the last case left out.

    A row of counts is: law in force, within reach besides (where either is not false), elements true, elements not
    false, applies true, applies not false, and elements true while applies is not false.
    """

    COLUMNS = 7

    def __init__(self, width: int, cases: int) -> None:
        import numpy as np

        self._cases = cases
        self._bits = np.empty((2, width), dtype=np.uint8)
        self._both = np.empty((1, width), dtype=np.uint64)
        # Null where the last word is full, so that most slices need no mask.
        self._tail = np.uint64((1 << cases % WORD) - 1) if cases % WORD else None
        self._count, self._add, self._and, self._sum = np.bitwise_count, np.add.reduce, np.bitwise_and, np.uint32

    def count(self, answers: _Found, row: NDArray[np.uint32]) -> None:
        in_force, within, elements, applies = answers
        row[:2] = self._cases
        if in_force is not None:
            self._pair(in_force[1:], row[:1])
            row[1] = row[0]
        if within is not None and within is not in_force:
            self._pair(within[1:], row[1:2])
        self._pair(elements, row[2:4])
        if applies is elements:
            row[4:6], row[6] = row[2:4], row[2]
            return
        self._pair(applies, row[4:6])
        self._and(elements[:1], applies[1:], self._both)
        self._pair(self._both, row[6:])

    def _pair(self, planes: Words, out: NDArray[np.uint32]) -> None:
        bits = self._bits[: len(planes)]
        self._count(planes, bits)
        if self._tail is not None:
            bits[:, -1] = self._count(planes[:, -1] & self._tail)
        self._add(bits, 1, self._sum, out=out)

    def cut(self, plane: Words) -> Words:
        """The plane itself, with the bits beyond the last case set to zero."""
        if self._tail is not None:
            plane[-1] &= self._tail
        return plane


def _outcomes_of(counted: NDArray[np.int64], cases: int) -> NDArray[np.int64]:
    """Rows of ``_Counter`` as how many cases have each outcome, in the order of ``OUTCOMES``."""
    import numpy as np

    in_force, within, certain, thinkable, met, unrefuted, both = counted.T
    exempt, possible = certain - both, unrefuted - both
    possibly_exempt = thinkable - met - exempt - possible
    columns = [met, possibly_exempt, possible, exempt, within - thinkable, cases - in_force, in_force - within]
    return np.stack(columns, axis=1)


class _Ready:
    """A program with its buffers of one width, ready to run: numbers are looked up once, not once a slice."""

    def __init__(self, sweep: Sweep, buffers: Sequence[Words], width: int) -> None:
        import numpy as np

        self.width = width
        self._leaves = [
            (leaf, buffers[at], None if negated is None else buffers[negated]) for leaf, at, negated in sweep._leaves
        ]
        self._consequences = [(buffers[one], buffers[other]) for one, other in sweep._consequences]
        readings: dict[str, tuple[Callable[..., Any], Callable[[Words], Words]]] = {
            "and": (np.bitwise_and, lambda pair: pair),
            "or": (np.bitwise_or, lambda pair: pair),
            "negation": (_negation, lambda pair: pair),
            "true_twice": (np.bitwise_and, lambda pair: pair[:1]),
            "not_false_twice": (np.bitwise_and, lambda pair: pair[1:]),
        }
        self.passages: list[_ReadyPassage] = []
        for passage in sweep._passages:
            code = []
            for op, one, other, out in passage.code:
                operation, part = readings[op]
                code.append((operation, part(buffers[one]), part(buffers[other]), buffers[out]))
            in_force, within, elements, applies = passage.answers
            at = (
                None if in_force is None else buffers[in_force],
                None if within is None else buffers[within],
                buffers[elements],
                buffers[applies],
            )
            self.passages.append((passage.provision, code, at))

    def load(self, source: _Source, first: int) -> None:
        """The leaves of the slice that begins at word ``first``."""
        import numpy as np

        for leaf, pair, _ in self._leaves:
            source.read(leaf, first, pair)
        changed = bool(self._consequences)
        while changed:
            changed = False
            for one, other in self._consequences:
                # In the order of logic.with_consequences, which matters where somebody contradicts themselves.
                follows = one[0] & other[1] & ~other[0]
                fails = ~other[1] & one[1] & ~one[0]
                if follows.any() or fails.any():
                    other[0] |= follows
                    one[1] &= ~fails
                    changed = True
        for _, pair, negated in self._leaves:
            if negated is not None:
                np.invert(pair[::-1], out=negated)


class _Source:
    """Where the leaves of a slice come from: the planes of facts; the days and places of cases, packed as needed."""

    def __init__(self, cases: Cases, words: int, jurisdictions: Mapping[str, Jurisdiction]) -> None:
        self._cases = cases
        self._jurisdictions = jurisdictions
        self._days = {"act": cases.acted_on, "request": cases.asked_on}
        self._lineages: dict[Tie, list[frozenset[str]]] = {}
        self._at = -1
        self._slices: dict[str, tuple[NDArray[Any], Words]] = {}
        for key, planes in cases.facts.items():
            if {len(planes.true), len(planes.false)} != {words}:
                raise ValueError(f"{key} has {len(planes.true)} words; {cases.count} cases need {words}")
        columns = {"acted_on": cases.acted_on, "asked_on": cases.asked_on}
        columns.update({f"places.{tie}": places.of_case for tie, places in cases.places.items()})  # type: ignore[misc]
        for name, column in columns.items():
            if column is not None and len(column) != cases.count:
                raise ValueError(f"{name} has {len(column)} entries, one is needed for each of {cases.count} cases")

    def read(self, leaf: _Leaf, first: int, out: Words) -> None:
        """Write one leaf of a slice: where it is true, and where it is not false."""
        match leaf:
            case ("fact", str(key)):
                self._fact(key, first, out)
            case ("truth", truth):
                out[0], out[1] = _filled(truth is True), _filled(truth is not False)
            case ("tie", tie, str(code)):
                self._tie(tie, code, first, out)
            case (kind, whose, date() as day):
                self._day(kind, whose, day, first, out)

    def _fact(self, key: str, first: int, out: Words) -> None:
        import numpy as np

        planes = self._cases.facts.get(key)
        if planes is None:
            out[0], out[1] = _filled(False), _filled(True)
            return
        width = out.shape[1]
        out[0] = planes.true[first : first + width]
        np.invert(planes.false[first : first + width], out=out[1])

    def _tie(self, tie: Tie, code: str, first: int, out: Words) -> None:
        import numpy as np

        places = self._cases.places.get(tie)
        if places is None:
            out[0], out[1] = _filled(False), _filled(True)
        else:
            of_case, unknown = self._slice(tie, places.of_case, first, out.shape[1])
            _write(self._leads_to(tie, places, code).take(of_case), out[0])
            np.bitwise_or(out[0], unknown, out=out[1])
        if tie == "harm_falls":
            unsaid = out[1] & ~out[0]
            lives = np.empty_like(out)
            self._tie("target_lives", code, first, lives)
            out[0] |= unsaid & lives[0]
            out[1] &= ~unsaid | lives[1]

    def _leads_to(self, tie: Tie, places: Places, code: str) -> NDArray[np.bool_]:
        """For each combination of places, whether it leads to the jurisdiction."""
        import numpy as np

        if tie not in self._lineages:
            self._lineages[tie] = [frozenset(lineage(codes or (), self._jurisdictions)) for codes in places.sets]
        return np.array([code in codes for codes in self._lineages[tie]], dtype=bool)

    def _day(self, kind: str, whose: str, day: date, first: int, out: Words) -> None:
        import numpy as np

        days = self._days[whose]
        if days is None:
            out[0], out[1] = _filled(False), _filled(True)
            return
        numbers, unknown = self._slice(whose, days, first, out.shape[1])
        _write(numbers >= np.datetime64(day, "D").astype(np.int32), out[0])
        if kind == "since":
            np.bitwise_or(out[0], unknown, out=out[1])
        else:
            out[1] = _filled(True)

    def _slice(self, name: str, column: NDArray[Any], first: int, width: int) -> tuple[NDArray[Any], Words]:
        """A slice of a column in the numbers it is worked on in, and where it is not known, made once a slice."""
        import numpy as np

        if self._at != first:
            self._at = first
            self._slices.clear()
        if name not in self._slices:
            cut = column[first * WORD : (first + width) * WORD]
            unknown = np.zeros(width, dtype=np.uint64)
            if cut.dtype.kind == "M":
                nowhen = np.isnat(cut)
                _write(nowhen, unknown)
                # On no day at all, "on or after" holds of none.
                numbers = np.where(nowhen, np.iinfo(np.int32).min, cut.astype("datetime64[D]").astype(np.int64))
                self._slices[name] = numbers.astype(np.int32), unknown
            else:
                sets = self._cases.places[cast("Tie", name)].sets
                _write(np.array([codes is None for codes in sets], dtype=bool).take(cut), unknown)
                # take works on the machine's own index type; given another it converts at every call.
                self._slices[name] = cut.astype(np.intp), unknown
        return self._slices[name]


def _bits(truths: NDArray[np.bool_]) -> Words:
    import numpy as np

    found = np.zeros(-(-len(truths) // WORD), dtype=np.uint64)
    _write(truths, found)
    return found


def _write(truths: NDArray[np.bool_], out: Words) -> None:
    """Pack one bit a case into words, those beyond the last case as zeros."""
    import numpy as np

    row, into = np.packbits(truths, bitorder="little"), out.view(np.uint8)
    into[: len(row)] = row
    into[len(row) :] = 0


def _negation(one: Words, other: Words, out: Words) -> None:
    import numpy as np

    np.invert(one[::-1], out=out)


def _filled(truth: bool) -> np.uint64:
    import numpy as np

    return np.uint64(0xFFFF_FFFF_FFFF_FFFF if truth else 0)


def _none_like(pair: Words) -> Words:
    import numpy as np

    return np.zeros_like(pair[0])
