"""The keys that sign for this house: of its own log, and as a witness of the logs of others.

``HABEAS_LEDGER_KEY`` names the file; a key a line, ``<algorithm> <name> <64 hex digits>``. The name on the ``ed25519``
line is the log's origin, for good: it stands in every checkpoint. Keys of that name sign the log's checkpoints; keys of
any other name cosign those of others, as a witness. The two never share a key: an Ed25519 cosignature does not say who
cosigned, only the key does.

A key is made once and never anew. A log with another key is another log to all who watch it.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from habeas.ledger.core import notes
from habeas.ledger.core.notes import SigningKey, VerifierKey

_KINDS = {name: kind for kind, name in notes.KINDS.items()}
_MOST_BYTES = 1 << 16


class NoLedgerKey(RuntimeError):
    """The keys of the ledger cannot be read. The message says which file and what to do."""


class KeyExists(RuntimeError):
    """There is a file of ledger keys already, and it is never written over."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of this house.

    origin:  the name of its log
    log:     keys that sign checkpoints of the log
    witness: keys that cosign checkpoints of others
    """

    origin: str
    log: tuple[SigningKey, ...]
    witness: tuple[SigningKey, ...]


def key_file() -> Path:
    return Path(settings.HABEAS_LEDGER_KEY)


def keys() -> Keys:
    """Read anew each time: whatever runs sees a new file at once. Raises NoLedgerKey."""
    file = key_file()
    try:
        text = file.read_bytes()[:_MOST_BYTES].decode("utf-8")
    except FileNotFoundError:
        raise NoLedgerKey(
            f"{file} is not there, so checkpoints cannot be signed; make it once with `habeas ledger new-key NAME`, "
            "or bring it back from your backup if there was one, and see that HABEAS_LEDGER_KEY names it"
        ) from None
    except OSError as error:
        raise NoLedgerKey(f"{file} cannot be read ({error.strerror}), so checkpoints cannot be signed") from error
    except UnicodeDecodeError:
        raise NoLedgerKey(f"{file} is not a file of ledger keys; bring it back from your backup") from None
    return _sorted(file, [_read(file, number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()])


def new_key(name: str, witness: str = "") -> Keys:
    """Make the keys of a log and of a witness, for the first and only time.

    name:    the log's origin, such as helpline.example.org/ledger
    witness: the name to cosign under; where it is left out, that of the host with /witness
    Raises KeyExists, NotAKey for a name that cannot be one, NoLedgerKey where the file cannot be written.
    """
    notes.require_name(name)
    witness = witness or f"{name.partition('/')[0]}/witness"
    notes.require_name(witness)
    if witness == name:
        raise notes.NotAKey("the witness needs another name than the log; give one with --witness")
    made = Keys(
        name,
        (_new(notes.ED25519, name), _new(notes.ML_DSA_44, name)),
        (_new(notes.ED25519_COSIGNATURE, witness), _new(notes.ML_DSA_44, witness)),
    )
    _write_new(key_file(), "".join(f"{notes.KINDS[one.kind]} {one.name} {one.seed.hex()}\n" for one in _all(made)))
    return made


def verifier_keys() -> tuple[tuple[VerifierKey, ...], tuple[VerifierKey, ...]]:
    """(of the log, of the witness): what others are given. Raises NoLedgerKey."""
    here = keys()
    return tuple(one.verifier for one in here.log), tuple(one.verifier for one in here.witness)


def _new(kind: int, name: str) -> SigningKey:
    return SigningKey(name, kind, secrets.token_bytes(notes.SEED_BYTES))


def _all(made: Keys) -> tuple[SigningKey, ...]:
    return (*made.log, *made.witness)


def _read(file: Path, number: int, line: str) -> SigningKey:
    words = line.split()
    try:
        algorithm, name, seed = words
        raw = bytes.fromhex(seed)
        notes.require_name(name)
    except ValueError:
        raise NoLedgerKey(f"{file}: line {number} is not `<algorithm> <name> <64 hex digits>`") from None
    if algorithm not in _KINDS:
        raise NoLedgerKey(f"{file}: line {number}: the algorithm is one of {', '.join(_KINDS)}")
    if len(raw) != notes.SEED_BYTES:
        raise NoLedgerKey(f"{file}: line {number}: a key has 64 hex digits, not {2 * len(raw)}; was it cut?")
    return SigningKey(name, _KINDS[algorithm], raw)


def _sorted(file: Path, found: list[SigningKey]) -> Keys:
    origins = sorted({one.name for one in found if one.kind == notes.ED25519})
    if len(origins) != 1:
        said = "no ed25519 line, so the log has no name" if not origins else "ed25519 lines of more than one name"
        raise NoLedgerKey(f"{file}: there is {said}; one name is the log's, for good")
    log = tuple(one for one in found if one.name == origins[0])
    witness = tuple(one for one in found if one.name != origins[0])
    if any(one.kind == notes.ED25519_COSIGNATURE for one in log):
        raise NoLedgerKey(f"{file}: a key to cosign with has the log's name; a witness needs a name of its own")
    if len({one.seed for one in found}) < len(found):
        raise NoLedgerKey(f"{file}: two lines have the same key; log and witness never share one")
    return Keys(origins[0], log, witness)


def _write_new(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KeyExists(
            f"{file} is there already and is never made anew: another key would be another log to all who watch this "
            "one. `habeas ledger keys` shows what it holds"
        ) from None
    except OSError as error:
        raise NoLedgerKey(f"{file} cannot be written ({error.strerror}); no key was made") from error
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        _sync_folder(file.parent)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise NoLedgerKey(f"{file} cannot be written ({error.strerror}); no key was made") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
