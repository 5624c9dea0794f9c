"""Proof files (``.tlog-proof``): that an entry stands in a log, checked offline against a policy of one's own.

Source: C2SP tlog-proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from habeas.ledger.core import checkpoints, notes, policies, tree
from habeas.ledger.core.policies import Policy, Verdict

_FIRST: Final = "c2sp.org/tlog-proof@v1"
# A tree of 2**63 entries is 63 hashes high.
MOST_HASHES: Final = 63
MOST_BYTES: Final = notes.MOST_BYTES + (1 << 16)


class NotAProof(ValueError):
    """Not a proof file. The message says what is wrong."""


class NotProved(ValueError):
    """A proof file that does not prove this entry, or not by this policy. The message says why."""


@dataclass(frozen=True, slots=True)
class ProofFile:
    """Place of an entry, way to the root, and the signed checkpoint.

    hashes: 32 bytes each, from the leaf's sibling to the root's child
    extra:  whatever whoever made it added; nobody signed it
    """

    index: int
    hashes: tuple[bytes, ...]
    note: notes.Note
    extra: bytes | None = None

    def __str__(self) -> str:
        lines = [_FIRST]
        if self.extra is not None:
            lines.append(f"extra {notes.encode(self.extra)}")
        lines += [f"index {self.index}", *map(notes.encode, self.hashes), ""]
        return "".join(f"{line}\n" for line in lines) + str(self.note)


def write(index: int, hashes: Sequence[bytes], note: notes.Note) -> str:
    """The text of a proof file.

    hashes: as ``tree.inclusion_proof`` gives them, 32 bytes each
    """
    return str(ProofFile(index, tuple(hashes), note))


def parse(content: bytes | str) -> ProofFile:
    """A proof file as it came. Raises NotAProof."""
    if len(content) > MOST_BYTES:
        raise NotAProof(f"it is longer than {MOST_BYTES} bytes")
    try:
        text = content.decode() if isinstance(content, bytes) else content
    except UnicodeDecodeError:
        raise NotAProof("it is not UTF-8") from None
    head, blank, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if not blank or first != _FIRST:
        raise NotAProof(f"it does not begin with {_FIRST}")
    try:
        extra = notes.decode(lines.pop(0).removeprefix("extra ")) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise NotAProof("it does not say which entry it is for")
        index = notes.decode_number(lines[0].removeprefix("index "))
        if len(lines) - 1 > MOST_HASHES:
            raise NotAProof(f"it has more than {MOST_HASHES} hashes")
        hashes = tuple(map(notes.decode_hash, lines[1:]))
        return ProofFile(index, hashes, notes.parse(note), extra)
    except notes.NotANote as fault:
        raise NotAProof(str(fault)) from None


def check(proof: ProofFile, entry: bytes, policy: Policy) -> Verdict:
    """That an entry stands in the log, by this policy; needs no network.

    entry: the exact bytes of the entry, as the log hashed them
    Raises NotProved with the reasons.
    """
    try:
        checkpoint = checkpoints.parse(proof.note.text)
    except checkpoints.NotACheckpoint as fault:
        raise NotProved(f"what is signed is no checkpoint: {fault}") from None
    try:
        tree.check_inclusion(tree.leaf_hash(entry), proof.index, checkpoint.size, list(proof.hashes), checkpoint.root)
    except tree.ProofFails as fault:
        raise NotProved(f"the entry is not what stands at {proof.index} in this log: {fault}") from None
    verdict = policies.satisfied(policy, proof.note)
    if not verdict.holds:
        raise NotProved("; ".join(verdict.reasons))
    return verdict
