"""Checkpoints: a log's word that it has this size and this root; signed by the log, cosigned by its witnesses.

The log signs with Ed25519, which all verifiers know, and with ML-DSA-44, in the form of a cosignature, for evidence
that must stand for decades. A cosignature says that its signer saw the log only grow up to this size, as of its time.
Source: C2SP tlog-checkpoint, tlog-cosignature and tlog-witness; RFC 8446, section 3 (how a structure is laid out).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from habeas.ledger.core import notes
from habeas.ledger.core.notes import Note, Signature, SigningKey, VerifierKey

_TIME_BYTES: Final = 8
_SUBTREE: Final = b"subtree/v1\n\x00"
_MOST_VECTOR: Final = 255
# A tree of 2**63 entries needs no more.
MOST_HASHES: Final = 63
MOST_SUBMITTED_BYTES: Final = notes.MOST_BYTES + (1 << 13)


class NotACheckpoint(ValueError):
    """Not the text of a checkpoint. The message says what is wrong."""


class NotASubmission(ValueError):
    """Not what a witness is asked with. The message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's size and root. ``root``: 32 bytes; ``extensions``: lines that say nothing here, in foreign logs only."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed, with the end of its last line."""
        return "".join(f"{line}\n" for line in (self.origin, self.size, notes.encode(self.root), *self.extensions))


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that held. ``at``: whole seconds since 1970 where the signature says a time, else None."""

    key: VerifierKey
    at: int | None


@dataclass(frozen=True, slots=True)
class Submission:
    """What a witness is asked with: a signed checkpoint, and that it follows from the last one it cosigned.

    old:    the size it cosigned last; 0 for the first time
    hashes: the consistency proof from there, 32 bytes each, at most 63
    """

    old: int
    hashes: tuple[bytes, ...]
    note: Note

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in (f"old {self.old}", *map(notes.encode, self.hashes), "", self.note))[:-1]


def parse_submission(body: bytes) -> tuple[Submission, Checkpoint]:
    """What came to a witness. Raises NotASubmission."""
    if len(body) > MOST_SUBMITTED_BYTES:
        raise NotASubmission(f"it is longer than {MOST_SUBMITTED_BYTES} bytes")
    try:
        head, blank, note = body.decode().partition("\n\n")
        first, *hashes = head.split("\n")
        if not blank or not first.startswith("old "):
            raise NotASubmission("it is not an old size, a proof, an empty line and a checkpoint")
        if len(hashes) > MOST_HASHES:
            raise NotASubmission(f"it has more than {MOST_HASHES} lines of proof")
        old = notes.decode_number(first.removeprefix("old "))
        submission = Submission(old, tuple(map(notes.decode_hash, hashes)), notes.parse(note))
        return submission, parse(submission.note.text)
    except UnicodeDecodeError:
        raise NotASubmission("it is not UTF-8") from None
    except (notes.NotANote, NotACheckpoint) as fault:
        raise NotASubmission(str(fault)) from None


def parse(text: str) -> Checkpoint:
    """The text of a note as a checkpoint. Raises NotACheckpoint."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]):
        raise NotACheckpoint("a checkpoint has an origin, a size and a root, a line each")
    try:
        return Checkpoint(lines[0], notes.decode_number(lines[1]), notes.decode_hash(lines[2]), tuple(lines[3:-1]))
    except notes.NotANote as fault:
        raise NotACheckpoint(f"its size or root is not written as it must be: {fault}") from None


def sign(checkpoint: Checkpoint, key: SigningKey, at: int) -> Signature:
    """The signature line of any kind of key.

    at: whole seconds since 1970; an Ed25519 note signature does not hold it
    """
    verifier = key.verifier
    if key.kind == notes.ED25519:
        return notes.sign(checkpoint.text, key)
    if not 0 < at < 1 << 63:
        raise ValueError("a cosignature needs its time")
    signature = key.sign_bytes(_cosigned(verifier, checkpoint, at))
    return Signature(key.name, verifier.id, at.to_bytes(_TIME_BYTES, "big") + signature)


def signed(checkpoint: Checkpoint, keys: Sequence[SigningKey], at: int) -> Note:
    """The checkpoint under signatures of all these keys."""
    return Note(checkpoint.text, tuple(sign(checkpoint, key, at) for key in keys))


def verify(checkpoint: Checkpoint, signature: Signature, key: VerifierKey) -> Signed:
    """That this key signed this origin, size and root, and when it says that it did. Raises SignatureFails."""
    if key.kind == notes.ED25519:
        notes.verify(checkpoint.text, signature, key)
        return Signed(key, None)
    if not key.made(signature):
        raise notes.SignatureFails(f"the line is not by the key of {key.name}")
    if len(signature.payload) != _TIME_BYTES + notes.SIGNATURE_BYTES[key.kind]:
        raise notes.SignatureFails(f"the cosignature of {key.name} is not as long as its kind is")
    at = int.from_bytes(signature.payload[:_TIME_BYTES], "big")
    if at >= 1 << 63:
        raise notes.SignatureFails(f"the cosignature of {key.name} has an impossible time")
    key.check_bytes(signature.payload[_TIME_BYTES:], _cosigned(key, checkpoint, at))
    return Signed(key, at)


def verified(checkpoint: Checkpoint, signatures: Iterable[Signature], keys: Iterable[VerifierKey]) -> list[Signed]:
    """Which of these keys signed. Lines by other keys are passed over, as everybody may add lines.

    Raises SignatureFails where a line by one of these keys does not hold: then nothing of the note counts.
    """
    by = {(key.name, key.id): key for key in keys}
    return [
        verify(checkpoint, signature, by[signature.name, signature.key_id])
        for signature in signatures
        if (signature.name, signature.key_id) in by
    ]


def _cosigned(key: VerifierKey, checkpoint: Checkpoint, at: int) -> bytes:
    """The bytes that a cosignature covers. Raises SignatureFails where there is no such message."""
    if key.kind == notes.ED25519_COSIGNATURE:
        return f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()
    # Extension lines are not in it: nothing is said about them.
    return b"".join(
        (
            _SUBTREE,
            _vector(key.name),
            at.to_bytes(8, "big"),
            _vector(checkpoint.origin),
            (0).to_bytes(8, "big"),
            checkpoint.size.to_bytes(8, "big"),
            checkpoint.root,
        )
    )


def _vector(text: str) -> bytes:
    raw = text.encode("utf-8", "surrogateescape")
    if not 0 < len(raw) <= _MOST_VECTOR:
        raise notes.SignatureFails("a name or origin of more than 255 bytes has no ML-DSA-44 cosignature")
    return bytes([len(raw)]) + raw
