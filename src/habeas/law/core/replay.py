"""A reform on past cases: whom it would newly cover, whom no longer, and how many of them look like journalism.

A proposal is a file of provisions. An entry whose id stands in the law replaces it for the replay, a new id is added,
``repeals`` takes entries away. The law in force is never touched: both laws are compiled beside each other and swept
over the same cases, and what differs is counted. Counts of batches add up, so a replay runs as well over one table in
memory as over a cluster.

*Covered* means that a conduct rule (criminal, civil or administrative) of a law the proposal touches is met. A remedy
counts as open where a provision that offers it is met; conditions of a remedy of its own are left aside.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from habeas.kernel.packfiles import PackFileError, read_yaml
from habeas.law.core import packs
from habeas.law.core.case_table import CaseTable
from habeas.law.core.logic import facts_of
from habeas.law.core.model import TRACKS_OF_CONDUCT, Outcome, Provision
from habeas.law.core.planes import WORD, Sweep, compile_law

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Words = NDArray[np.uint64]

# What says that a disclosure may be journalism, or in the public interest, as a fact or as a sign.
PUBLIC_VOICE = ("exempt.journalism", "exempt.public_interest", "exempt.public_concern", "exempt.whistleblowing")
# How many cases of a kind are named, for somebody to look at.
MOST_NAMED = 50
_LISTS = {
    "jurisdictions": "covered by the law of",
    "met": "provision, met",
    "open": "provision, may be met",
    "exempt": "provision, exempt",
    "remedies": "remedy open",
    "by_voice": "covered, with a sign of",
}
_OPEN: tuple[Outcome, ...] = ("possible", "possibly_exempt")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A reform that was not made: ``provisions`` amend or add, ``repeals`` names what goes."""

    name: str
    provisions: tuple[Provision, ...]
    repeals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shift:
    """How many cases before and after, and how many of them on one side only."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0

    def __add__(self, other: Shift) -> Shift:
        return Shift(
            self.before + other.before, self.after + other.after, self.gained + other.gained, self.lost + other.lost
        )

    @property
    def moves(self) -> bool:
        return bool(self.gained or self.lost)


@dataclass(frozen=True, slots=True)
class Replay:
    """What a reform changes over some cases. Only what moves is listed.

    cases, voiced:  how many cases, and how many of them with a sign of journalism or public interest
    covered:        cases that a conduct rule of a law the proposal touches covers
    covered_voiced: the same, of those with such a sign: ``gained`` is the figure to look at first
    by_voice:       the same for each such fact
    met, open, exempt: provision -> cases in which it is met, may be met, is exempt
    jurisdictions:  code -> cases that a conduct rule of this law covers
    remedies:       type -> cases in which a provision that offers it is met
    newly, newly_voiced, no_longer: numbers of cases, at most MOST_NAMED each
    """

    cases: int = 0
    voiced: int = 0
    covered: Shift = Shift()
    covered_voiced: Shift = Shift()
    by_voice: Mapping[str, Shift] = field(default_factory=dict)
    met: Mapping[str, Shift] = field(default_factory=dict)
    open: Mapping[str, Shift] = field(default_factory=dict)
    exempt: Mapping[str, Shift] = field(default_factory=dict)
    jurisdictions: Mapping[str, Shift] = field(default_factory=dict)
    remedies: Mapping[str, Shift] = field(default_factory=dict)
    newly: tuple[str, ...] = ()
    newly_voiced: tuple[str, ...] = ()
    no_longer: tuple[str, ...] = ()

    def __add__(self, other: Replay) -> Replay:
        return Replay(
            cases=self.cases + other.cases,
            voiced=self.voiced + other.voiced,
            covered=self.covered + other.covered,
            covered_voiced=self.covered_voiced + other.covered_voiced,
            by_voice=_added(self.by_voice, other.by_voice),
            met=_added(self.met, other.met),
            open=_added(self.open, other.open),
            exempt=_added(self.exempt, other.exempt),
            jurisdictions=_added(self.jurisdictions, other.jurisdictions),
            remedies=_added(self.remedies, other.remedies),
            newly=(self.newly + other.newly)[:MOST_NAMED],
            newly_voiced=(self.newly_voiced + other.newly_voiced)[:MOST_NAMED],
            no_longer=(self.no_longer + other.no_longer)[:MOST_NAMED],
        )

    def moving(self) -> Replay:
        """Without the lines on which nothing moves. Only once all batches are added: a line may move in one alone."""
        lines = {
            name: {key: shift for key, shift in sorted(getattr(self, name).items()) if shift.moves}
            for name in ("met", "open", "exempt", "jurisdictions", "remedies")
        }
        return Replay(**{**{name: getattr(self, name) for name in self.__slots__}, **lines})


def read_proposal(path: Path) -> Proposal:
    """A proposal from its file: a list of provisions, or ``{name, repeals, provisions}``.

    Raises PackFileError with the entry and what is wrong with it.
    """
    return proposal_of(read_yaml(path), path)


def proposal_of(raw: Any, path: Path) -> Proposal:
    """The same from what a file holds; ``path`` names it in errors."""
    if isinstance(raw, list):
        raw = {"provisions": raw}
    if not isinstance(raw, dict) or not set(raw) <= {"name", "repeals", "provisions"}:
        raise PackFileError(f"{path}: a proposal is a list of provisions, or has name, repeals and provisions")
    found = [_entry(path, number, entry) for number, entry in enumerate(raw.get("provisions") or (), start=1)]
    repeals = frozenset(raw.get("repeals") or ())
    _refuse_unknown(path, repeals, (p.id for p in law_in_force()), "provision")
    if not found and not repeals:
        raise PackFileError(f"{path}: the proposal changes nothing; give it provisions or repeals")
    vocabulary = packs.load_vocabulary()
    for provision in found:
        _refuse_unknown(f"{path}: {provision.id}", facts_of(provision.applies), vocabulary, "fact")
    return Proposal(raw.get("name") or path.stem, tuple(found), repeals)


def _entry(path: Path, number: int, entry: Any) -> Provision:
    name = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(name, str) or "." not in name:
        raise PackFileError(f"{path}: entry {number} has no id; it begins with the code of its jurisdiction")
    code = name.partition(".")[0].upper()
    _refuse_unknown(f"{path}: {name}", [code], packs.jurisdictions(), "jurisdiction")
    return packs.parse_provision(entry, code, str(path))


def _refuse_unknown(where: object, names: Iterable[str], known: Iterable[str], kind: str) -> None:
    known = set(known)
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(str(name), known, n=1)
            raise PackFileError(f'{where}: unknown {kind} "{name}"' + (f'; did you mean "{near[0]}"?' if near else ""))


def law_in_force() -> tuple[Provision, ...]:
    """All provisions of all packs, as they stand."""
    return tuple(p for code in packs.jurisdictions() for p in packs.load_pack(code).provisions)


def amended(law: Sequence[Provision], proposal: Proposal) -> tuple[Provision, ...]:
    """The law as the proposal would have it: amended entries in their place, new ones at the end."""
    new = {provision.id: provision for provision in proposal.provisions}
    kept = [new.pop(p.id, p) for p in law if p.id not in proposal.repeals]
    return (*kept, *new.values())


def lines_of(replay: Replay) -> Iterator[tuple[str, Mapping[str, Shift]]]:
    """Each list of a replay on which something moves, with its title, those that tell most first."""
    for name, title in _LISTS.items():
        rows: Mapping[str, Shift] = getattr(replay, name)
        if any(shift.moves for shift in rows.values()):
            yield title, {key: shift for key, shift in rows.items() if shift.moves}


def as_csv(replay: Replay) -> str:
    """Every line of a replay, for a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["kind", "name", "before", "after", "newly", "no_longer"])
    _write(writer, "covered", {"": replay.covered})
    _write(writer, "covered, with a sign", {"": replay.covered_voiced})
    for title, rows in lines_of(replay):
        _write(writer, title, rows)
    return out.getvalue()


def _write(writer: Any, title: str, rows: Mapping[str, Shift]) -> None:
    for key, shift in rows.items():
        writer.writerow([title, key, shift.before, shift.after, shift.gained, shift.lost])


@dataclass(frozen=True, slots=True)
class Reform:
    """Two laws compiled beside each other, ready for any number of batches of cases."""

    before: Sweep
    after: Sweep
    touched: frozenset[str]

    @classmethod
    def of(cls, law: Sequence[Provision], proposal: Proposal) -> Reform:
        before, after = (
            compile_law(
                provisions,
                vocabulary=packs.load_vocabulary(),
                jurisdictions=packs.jurisdictions(),
                dated=True,
            )
            for provisions in (law, amended(law, proposal))
        )
        changed = (*(p.id for p in proposal.provisions), *proposal.repeals)
        return cls(before, after, frozenset(name.partition(".")[0].upper() for name in changed))

    def replay(self, table: CaseTable) -> Replay:
        """What the reform changes over one batch of cases, lines that do not move included."""
        before, after = _swept(self.before, table, self.touched), _swept(self.after, table, self.touched)
        voices = {key: _voice(table, key) for key in PUBLIC_VOICE}
        voiced = _union(voices.values(), table)
        newly = after.covered & ~before.covered
        return Replay(
            cases=table.cases.count,
            voiced=_count(voiced),
            covered=_shift(before.covered, after.covered),
            covered_voiced=_shift(before.covered & voiced, after.covered & voiced),
            by_voice={key: _shift(before.covered & voice, after.covered & voice) for key, voice in voices.items()},
            met=_shifts(before.met, after.met),
            open=_shifts(before.open, after.open),
            exempt=_shifts(before.exempt, after.exempt),
            jurisdictions=_shifts(before.jurisdictions, after.jurisdictions),
            remedies=_shifts(before.remedies, after.remedies),
            newly=_named(newly, table),
            newly_voiced=_named(newly & voiced, table),
            no_longer=_named(before.covered & ~after.covered, table),
        )


@dataclass(slots=True)
class _Swept:
    """One law over one batch: for each name, the cases it holds in."""

    covered: Words
    met: dict[str, Words] = field(default_factory=dict)
    open: dict[str, Words] = field(default_factory=dict)
    exempt: dict[str, Words] = field(default_factory=dict)
    jurisdictions: dict[str, Words] = field(default_factory=dict)
    remedies: dict[str, Words] = field(default_factory=dict)


def _swept(law: Sweep, table: CaseTable, touched: frozenset[str]) -> _Swept:
    import numpy as np

    words = -(-table.cases.count // WORD)
    found = _Swept(np.zeros(words, dtype=np.uint64))

    def row(rows: dict[str, Words], name: str) -> Words:
        return rows.setdefault(name, np.zeros(words, dtype=np.uint64))

    for judged in law.judge(table.cases):
        provision, part = judged.provision, slice(judged.start // WORD, -(-judged.stop // WORD))
        met = judged.outcome("met")
        row(found.met, provision.id)[part] = met
        row(found.open, provision.id)[part] = judged.outcome(_OPEN[0]) | judged.outcome(_OPEN[1])
        row(found.exempt, provision.id)[part] = judged.outcome("exempt")
        if provision.effect == "shield":
            continue
        if provision.track in TRACKS_OF_CONDUCT:
            if provision.jurisdiction in touched:
                found.covered[part] |= met
            row(found.jurisdictions, provision.jurisdiction)[part] |= met
        for kind in {remedy.type for remedy in provision.remedies}:
            row(found.remedies, kind)[part] |= met
    return found


def _voice(table: CaseTable, key: str) -> Words:
    """The cases in which a fact is true, or of which there was a sign."""
    import numpy as np

    found = np.zeros(-(-table.cases.count // WORD), dtype=np.uint64)
    for planes in (table.cases.facts.get(key), table.signs.get(key)):
        if planes is not None:
            found |= planes.true
    return found


def _union(planes: Iterable[Words], table: CaseTable) -> Words:
    import numpy as np

    found = np.zeros(-(-table.cases.count // WORD), dtype=np.uint64)
    for plane in planes:
        found |= plane
    return found


def _count(plane: Words) -> int:
    import numpy as np

    return int(np.bitwise_count(plane).sum(dtype=np.int64))


def _shift(before: Words, after: Words) -> Shift:
    return Shift(_count(before), _count(after), _count(after & ~before), _count(before & ~after))


def _shifts(before: Mapping[str, Words], after: Mapping[str, Words]) -> dict[str, Shift]:
    import numpy as np

    nowhere = np.zeros_like(next(iter({**before, **after}.values()), np.zeros(0, dtype=np.uint64)))
    return {name: _shift(before.get(name, nowhere), after.get(name, nowhere)) for name in {**before, **after}}


def _named(plane: Words, table: CaseTable) -> tuple[str, ...]:
    import numpy as np

    bits = np.unpackbits(plane.view(np.uint8), bitorder="little", count=table.cases.count)
    return tuple(table.number(int(index)) for index in np.flatnonzero(bits)[:MOST_NAMED])


def _added(one: Mapping[str, Shift], other: Mapping[str, Shift]) -> dict[str, Shift]:
    return {name: one.get(name, Shift()) + other.get(name, Shift()) for name in {**one, **other}}
