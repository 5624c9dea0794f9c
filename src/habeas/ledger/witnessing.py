"""Checkpoints of our log, the witnesses that cosign them, and our own word as a witness of the logs of others.

Each organisation keeps a log of its own and cosigns the checkpoints of others after checking that they only grew. Then
nobody can rewrite what was logged without all who watch, and only sizes, roots and signatures leave the house.
Source: C2SP tlog-witness; C2SP tlog-checkpoint.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from http.client import HTTPException, HTTPResponse
from queue import Empty, SimpleQueue
from typing import Any, Final, NamedTuple, cast
from urllib import request as http
from urllib.error import HTTPError
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from habeas.kernel import clock
from habeas.ledger import actions, queries, signing
from habeas.ledger.core import checkpoints, notes, policies, proof_files, tree
from habeas.ledger.core.checkpoints import Submission
from habeas.ledger.core.notes import Note, VerifierKey
from habeas.ledger.models import Checkpoint, Cosignature, Entry, WatchedLog, Witness

SIZE_TYPE: Final = "text/x.tlog.size"
TEXT_TYPE: Final = "text/plain; charset=utf-8"
# Any silence of a witness, and the whole exchange with all of them, which runs side by side.
SILENCE_SECONDS = 10.0
ROUND_SECONDS = 20.0
MOST_ANSWER_BYTES = 1 << 17
# One answer tells where a witness is; a second may be needed where it moved on meanwhile.
MOST_ROUNDS = 3
# Beyond this, one of two clocks is wrong, and whoever relies on either should know.
CLOCKS_AGREE_WITHIN = timedelta(minutes=5)
CONTRADICTION: Final = "witness.contradiction"
_TROUBLE_LENGTH = 300
_FSCK = "`habeas ledger fsck` names what is damaged. Nothing was signed"
# What a policy says of itself.
_TAKEN_NAMES = frozenset({policies.NONE, policies.QUORUM})


class ContradictsCheckpoint(RuntimeError):
    """The log is not what we signed for before. Nothing is signed; the message says what differs."""


class NoCheckpoint(LookupError):
    """No checkpoint holds this entry yet, or there is none at all."""


class WitnessRefused(ValueError):
    """A witness or a log that cannot be taken in as it was given. The message says why."""


class _Trouble(Exception):
    """Why a witness did not cosign, as a sentence that begins with it."""


class _Behind(Exception):
    """The witness cosigned another size last than we thought."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Answer(NamedTuple):
    """What a witness answers over HTTP."""

    status: int
    body: bytes
    media_type: str = TEXT_TYPE


@dataclass(frozen=True, slots=True)
class Asked:
    """How it went with one witness. ``trouble`` is empty where it cosigned."""

    witness: str
    trouble: str


# ------------------------------------------------------------------------------------------- checkpoints of our log


def origin() -> str:
    """The name of our log. Raises NoLedgerKey."""
    return signing.keys().origin


@transaction.atomic
def sign_checkpoint(at: datetime) -> Checkpoint:
    """Our word on the log as it stands now; for a size that was signed before, the same one again.

    What is stored must lead from the checkpoint before to this one, or two roots for one history would carry our name.
    Raises ContradictsCheckpoint, NoLedgerKey.
    """
    keys = signing.keys()
    # In this order: somebody else may log and sign between the two.
    newest = Checkpoint.objects.order_by("-size").first()
    size, root = queries.head()
    if newest is not None:
        _require_growth(newest, size, root)
        if newest.size == size:
            return newest
    _require_root(size, root)
    said = checkpoints.Checkpoint(keys.origin, size, root)
    note = str(checkpoints.signed(said, keys.log, _seconds(at)))
    # Whoever signed the same size in this moment did so first; theirs stands if it says the same.
    made, _ = Checkpoint.objects.get_or_create(size=size, defaults={"root": root, "note": note, "signed_at": at})
    _require_growth(made, size, root)
    return made


def latest_checkpoint() -> Checkpoint:
    """The one over most entries. Raises NoCheckpoint."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        raise NoCheckpoint("no checkpoint was signed yet; `habeas ledger checkpoint` signs one")
    return newest


def count_checkpoints() -> int:
    return Checkpoint.objects.count()


def verdict_on(checkpoint: Checkpoint) -> policies.Verdict:
    """Whether a checkpoint satisfies our own policy as it now stands. Raises NoLedgerKey, NotAPolicy."""
    return policies.satisfied(policies.parse(policy_text()), assembled(checkpoint))


def assembled(checkpoint: Checkpoint) -> Note:
    """A checkpoint under our signatures and those of all witnesses that cosigned it."""
    note = notes.parse(checkpoint.note)
    lines = (
        Cosignature.objects.filter(checkpoint=checkpoint).order_by("witness_id", "pk").values_list("line", flat=True)
    )
    return Note(note.text, (*note.signatures, *notes.parse_signatures("".join(lines)))) if lines else note


def policy_text() -> str:
    """Our log, our witnesses and how many of them it takes (HABEAS_LEDGER_QUORUM), as a C2SP tlog-policy.

    What we claim, for others to compare with what they were told: whoever checks evidence brings a policy of their own.
    Raises NoLedgerKey; NotAPolicy where more witnesses are asked for than there are.
    """
    logs, _ = signing.verifier_keys()
    known = {witness.name: _in_policy(witness) for witness in active_witnesses()}
    least = settings.HABEAS_LEDGER_QUORUM
    if least is None:
        least = policies.majority(len(known)) if known else 0
    return str(policies.of_witnesses([policies.Log(key) for key in logs], known, least))


def _in_policy(witness: Witness) -> list[policies.Witness]:
    """Each key of a witness by a name of its own: ``regulator.example.org/ml-dsa-44``."""
    named: dict[str, VerifierKey] = {}
    for key in notes.parse_keys(witness.keys):
        name = f"{witness.name}/{notes.KINDS[key.kind]}"
        named[f"{name}/{key.id.hex()}" if name in named else name] = key
    return [policies.Witness(name, key) for name, key in named.items()]


def proof_file(index: int, checkpoint: Checkpoint | None = None) -> str:
    """A ``.tlog-proof`` of one entry in a checkpoint with its cosignatures.

    checkpoint: where it is left out, the latest one
    Raises NoCheckpoint where that does not hold the entry.
    """
    checkpoint = checkpoint or latest_checkpoint()
    if not 0 <= index < checkpoint.size:
        raise NoCheckpoint(
            f"entry {index} does not stand in {checkpoint}; `habeas ledger checkpoint` signs for all entries there are"
        )
    return proof_files.write(index, queries.inclusion(index, checkpoint.size), assembled(checkpoint))


def faults() -> Iterator[str]:
    """Sentences that name whatever does not hold of signatures: of our checkpoints, of our witnesses, of watched logs.

    That the tree leads to our checkpoints is checked with the tree, in ``queries.faults``.
    """
    for log in watched_logs():
        yield from _faults_of_watched(log)
    stored = Checkpoint.objects.order_by("size").prefetch_related("cosignatures__witness")
    if not stored.exists():
        return
    try:
        keys, _ = signing.verifier_keys()
    except signing.NoLedgerKey as missing:
        yield f"no signature of our checkpoints could be checked: {missing}"
        keys = ()
    for checkpoint in stored.iterator(chunk_size=500):
        yield from _faults_of(checkpoint, keys)


def _faults_of(checkpoint: Checkpoint, keys: Sequence[VerifierKey]) -> Iterator[str]:
    try:
        note = notes.parse(checkpoint.note)
        said = checkpoints.parse(note.text)
    except (notes.NotANote, checkpoints.NotACheckpoint) as fault:
        yield f"{checkpoint} was changed after it was signed: {fault}"
        return
    if (said.size, said.root) != (checkpoint.size, bytes(checkpoint.root)):
        yield f"{checkpoint} is filed under another size or root than was signed"
    try:
        if keys and not checkpoints.verified(said, note.signatures, keys):
            yield f"{checkpoint} is signed by none of our keys"
    except notes.SignatureFails as fault:
        yield f"{checkpoint} was changed after it was signed: {fault}"
    for cosignature in checkpoint.cosignatures.all():
        yield from (
            f"{checkpoint}: {cosignature} of {cosignature.witness} {fault}" for fault in _faults_in(cosignature, said)
        )


def _faults_in(cosignature: Cosignature, said: checkpoints.Checkpoint) -> Iterator[str]:
    try:
        lines = notes.parse_signatures(cosignature.line)
        if not checkpoints.verified(said, lines, notes.parse_keys(cosignature.witness.keys)):
            yield "is by none of its keys"
    except (notes.NotANote, notes.NotAKey, notes.SignatureFails) as fault:
        yield f"does not hold: {fault}"


def _faults_of_watched(log: WatchedLog) -> Iterator[str]:
    """What was seen of a log decides what is cosigned next: changed here, it would let a fork through."""
    try:
        keys = notes.parse_keys(log.keys)
        if not log.note:
            if log.size or log.seen_at:
                yield f"the watched log {log} has a size, but no checkpoint of it is kept"
            return
        note = notes.parse(log.note)
        said = checkpoints.parse(note.text)
        if not checkpoints.verified(said, note.signatures, keys):
            yield f"the checkpoint kept of the watched log {log} is signed by none of its keys"
        if (said.origin, said.size, said.root) != (log.origin, log.size, bytes(log.root)):
            yield f"the watched log {log} is filed under another name, size or root than its checkpoint says"
    except (notes.NotANote, notes.NotAKey, notes.SignatureFails, checkpoints.NotACheckpoint) as fault:
        yield f"what is kept of the watched log {log} was changed: {fault}"


def _require_root(size: int, root: bytes) -> None:
    """Raises ContradictsCheckpoint unless the stored tree has the root that its head says."""
    try:
        found = queries.root_in_tiles(size)
    except queries.NoSuchEntry as fault:
        raise ContradictsCheckpoint(f"{fault}; {_FSCK}") from None
    if found != root:
        raise ContradictsCheckpoint(f"the tree of {size} entries leads to another root than its head says; {_FSCK}")


def _require_growth(before: Checkpoint, size: int, root: bytes) -> None:
    """Raises ContradictsCheckpoint unless the log of this size and root follows from a checkpoint we signed."""
    nothing = "Nothing was signed; restore the log from a backup that holds all of it"
    if size < before.size:
        raise ContradictsCheckpoint(f"the log holds {size} entries, but we signed {before}. {nothing}")
    try:
        proof = queries.consistency(before.size, size) if 0 < before.size < size else []
        tree.check_consistency(before.size, bytes(before.root), size, root, proof)
    except (queries.NoSuchEntry, tree.ProofFails) as fault:
        raise ContradictsCheckpoint(
            f"the log of {size} entries does not follow from {before}: {fault}. {nothing}"
        ) from None


# ------------------------------------------------------------------------------------------------- our witnesses


def active_witnesses() -> list[Witness]:
    return list(Witness.objects.filter(retired_at=None).order_by("name"))


def all_witnesses() -> list[Witness]:
    return list(Witness.objects.order_by("name"))


@transaction.atomic
def add_witness(name: str, address: str, keys: str, at: datetime, *, by: object = "ledger") -> Witness:
    """Take in an organisation that will cosign our checkpoints.

    name:    one word by which policies call it, such as prosecutor.example.org
    address: where its ``add-checkpoint`` is, without that word
    keys:    a verifier key a line; those of its own log, which ``habeas ledger keys`` gives too, are passed over
    Raises WitnessRefused.
    """
    _require_policy_name(name)
    address = _require_address(address)
    cosigning = _cosigning(keys)
    held = {key.public: witness for witness in all_witnesses() for key in notes.parse_keys(witness.keys)}
    for key in cosigning:
        if key.public in held:
            raise WitnessRefused(
                f"a key of {name} belongs to the witness {held[key.public]} already: one key is one witness, and one "
                "that was retired never comes back"
            )
        if key.public in _own():
            raise WitnessRefused(f"a key of {name} is our own: a house is no witness of its own log")
    if Witness.objects.filter(name=name).exists():
        raise WitnessRefused(f"there is a witness {name} already; `habeas ledger witness list` shows it")
    witness = Witness.objects.create(name=name, address=address, keys=_lines(cosigning), added_at=at)
    actions.append("witness.added", by=by, at=at, witness=witness.pk, keys=[key.id.hex() for key in cosigning])
    return witness


@transaction.atomic
def retire_witness(name: str, at: datetime, *, by: object = "ledger") -> Witness:
    """Ask a witness no more and count it no more; what it cosigned stays. Raises WitnessRefused."""
    witness = Witness.objects.select_for_update().filter(name=name, retired_at=None).first()
    if witness is None:
        raise WitnessRefused(f"there is no witness {name!r} that is asked; `habeas ledger witness list` shows all")
    witness.retired_at = at
    witness.save(update_fields=["retired_at"])
    actions.append("witness.retired", by=by, at=at, witness=witness.pk)
    return witness


def ask_witnesses(at: datetime) -> list[Asked]:
    """Ask every witness that has not cosigned the latest checkpoint with all its keys.

    All are asked side by side. What goes wrong with one is written down on it and stops no other.
    Raises NoCheckpoint.
    """
    checkpoint = latest_checkpoint()
    waiting: dict[int, Witness] = {}
    troubles: dict[int, str] = {}
    names: dict[int, str] = {}
    for witness in active_witnesses():
        try:
            if set(notes.parse_keys(witness.keys)) > _keys_of(witness, checkpoint):
                waiting[witness.pk], names[witness.pk] = witness, witness.name
        except (notes.NotAKey, notes.NotANote) as fault:
            troubles[witness.pk], names[witness.pk] = f"what we hold of it cannot be read: {fault}", witness.name
            _note_trouble(witness, troubles[witness.pk], at)
    old = {pk: min(witness.last_size, checkpoint.size) for pk, witness in waiting.items()}
    for round_number in range(1, MOST_ROUNDS + 1):
        asked = {
            pk: (f"{witness.address}/add-checkpoint", _submission(checkpoint, old[pk]))
            for pk, witness in waiting.items()
        }
        for pk, answer in _post_all(asked).items():
            witness = waiting[pk]
            try:
                _keep(witness, checkpoint, _cosignatures_in(answer, witness, checkpoint, old[pk], at), at)
            except _Behind as there:
                old[pk] = there.size
                if round_number < MOST_ROUNDS:
                    continue
                troubles[pk] = "it named another size each time it was asked"
            except _Trouble as trouble:
                troubles[pk] = str(trouble)
            del waiting[pk]
            _note_trouble(witness, troubles.get(pk, ""), at)
        if not waiting:
            break
    return [Asked(name, troubles.get(pk, "")) for pk, name in names.items()]


def _submission(checkpoint: Checkpoint, old: int) -> bytes:
    proof = queries.consistency(old, checkpoint.size) if 0 < old < checkpoint.size else []
    return str(Submission(old, tuple(proof), notes.parse(checkpoint.note))).encode()


def _cosignatures_in(
    answer: Answer | _Trouble, witness: Witness, checkpoint: Checkpoint, old: int, at: datetime
) -> list[tuple[VerifierKey, str]]:
    """The signature lines in a witness's answer, each with its key. Raises _Behind, _Trouble."""
    if isinstance(answer, _Trouble):
        raise answer
    if answer.status == 409:
        _raise_conflict(answer, checkpoint, old)
    if answer.status != 200:
        raise _Trouble(_REFUSALS.get(answer.status, f"it answered with HTTP status {answer.status}"))
    said = checkpoints.parse(notes.parse(checkpoint.note).text)
    keys = notes.parse_keys(witness.keys)
    try:
        lines = notes.parse_signatures(answer.body.decode())
        held = [(line, signed) for line in lines for signed in checkpoints.verified(said, [line], keys)]
    except (UnicodeDecodeError, notes.NotANote, notes.SignatureFails) as fault:
        reason = "not UTF-8" if isinstance(fault, UnicodeDecodeError) else fault
        raise _Trouble(f"its answer does not hold: {reason}") from None
    if not held:
        raise _Trouble("its answer is signed by none of the keys it gave us")
    slack = CLOCKS_AGREE_WITHIN.total_seconds()
    earliest = _seconds(min(at, checkpoint.signed_at)) - slack
    for _, signed in held:
        if not signed.at or not earliest <= signed.at <= clock.now().timestamp() + slack:
            raise _Trouble("it cosigned at a time that is not now: its clock or ours is wrong")
    return [(signed.key, str(line)) for line, signed in held]


_REFUSALS: Final = {
    400: "it could not read what we sent (HTTP 400)",
    403: "it knows our log by other keys (HTTP 403); give it those of `habeas ledger keys`",
    404: "it does not know our log, or is not at this address (HTTP 404); it has to add our origin and keys first",
    422: "it says that our log does not follow from what it has seen of it (HTTP 422)",
}


def _raise_conflict(answer: Answer, checkpoint: Checkpoint, old: int) -> None:
    if answer.media_type.partition(";")[0].strip() != SIZE_TYPE:
        raise _Trouble(f"it has seen another root for our log of {checkpoint.size} entries (HTTP 409)")
    try:
        text = answer.body.decode("ascii")
        size = notes.decode_number(text.removesuffix("\n"))
    except (UnicodeDecodeError, notes.NotANote):
        raise _Trouble("it did not say which size it has seen (HTTP 409)") from None
    if size > checkpoint.size:
        raise _Trouble(
            f"it has cosigned our log at {size} entries, but we ask for {checkpoint.size}: entries are missing here, "
            "or another log signs with our keys"
        )
    if size == old:
        raise _Trouble(f"it says that {old} is not the size it has seen, and that it is (HTTP 409)")
    raise _Behind(size)


@transaction.atomic
def _keep(witness: Witness, checkpoint: Checkpoint, lines: Iterable[tuple[VerifierKey, str]], at: datetime) -> None:
    there = _keys_of(witness, checkpoint)
    for key, line in lines:
        # The first one of each key says the most: that all this stood so early.
        if key not in there:
            Cosignature.objects.get_or_create(
                checkpoint=checkpoint, line=line, defaults={"witness": witness, "received_at": at}
            )
            there.add(key)
    witness.last_size = checkpoint.size
    witness.save(update_fields=["last_size"])


def _keys_of(witness: Witness, checkpoint: Checkpoint) -> set[VerifierKey]:
    """Those of its keys that cosigned."""
    stored = Cosignature.objects.filter(checkpoint=checkpoint, witness=witness).values_list("line", flat=True)
    lines = [line for text in stored for line in notes.parse_signatures(text)]
    return {key for key in notes.parse_keys(witness.keys) if any(key.made(line) for line in lines)}


def _note_trouble(witness: Witness, trouble: str, at: datetime) -> None:
    witness.last_trouble, witness.last_asked_at = trouble[:_TROUBLE_LENGTH], at
    witness.save(update_fields=["last_trouble", "last_asked_at"])


def _require_policy_name(name: str) -> None:
    try:
        notes.require_name(name)
    except notes.NotAKey:
        raise WitnessRefused(
            "a witness's name is one word without plus signs, such as prosecutor.example.org"
        ) from None
    # Others stand in the policy already, or will: see _in_policy.
    taken = name in _TAKEN_NAMES or name.rpartition("/")[2] in notes.KINDS.values()
    if taken or len(name) > 200 or name.startswith("#"):
        raise WitnessRefused(f"{name[:40]!r} cannot be the name of a witness; give another, of at most 200 characters")


def _require_address(address: str) -> str:
    address = address.rstrip("/").removesuffix("/add-checkpoint")
    try:
        parts = urlsplit(address)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        fits = False
    if not fits or parts.query or parts.fragment or parts.username or len(address) > 500 or not address.isprintable():
        raise WitnessRefused("a witness's address looks like https://help.example.org/witness")
    return address


def _own() -> set[bytes]:
    try:
        return {key.public for keys in signing.verifier_keys() for key in keys}
    except signing.NoLedgerKey:
        return set()


def _cosigning(text: str) -> list[VerifierKey]:
    try:
        keys = notes.parse_keys(text)
    except notes.NotAKey as fault:
        raise WitnessRefused(str(fault)) from None
    logs = {key.name for key in keys if key.kind == notes.ED25519}
    cosigning = [key for key in keys if key.name not in logs]
    if not cosigning:
        raise WitnessRefused("none of these keys is of a witness; `habeas ledger keys` there shows those to take")
    return cosigning


def _lines(keys: Iterable[VerifierKey]) -> str:
    return "".join(f"{key}\n" for key in keys)


# ------------------------------------------------------------------------------------------- asking, over the network


def _post_all(asked: Mapping[int, tuple[str, bytes]]) -> dict[int, Answer | _Trouble]:
    """Post to all addresses side by side; whoever has not answered in time is left behind."""
    answers: SimpleQueue[tuple[int, Answer | _Trouble]] = SimpleQueue()

    def post(pk: int, address: str, body: bytes) -> None:
        answers.put((pk, _post(address, body)))

    for pk, (address, body) in asked.items():
        # A witness that trickles bytes for ever keeps its thread, and nothing else, until the program ends.
        threading.Thread(target=post, args=(pk, address, body), daemon=True).start()
    until = time.monotonic() + ROUND_SECONDS
    found: dict[int, Answer | _Trouble] = {}
    while len(found) < len(asked):
        try:
            pk, answer = answers.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            break
        found[pk] = answer
    late = _Trouble(f"no answer within {ROUND_SECONDS:g} s")
    return {pk: found.get(pk, late) for pk in asked}


def _post(address: str, body: bytes) -> Answer | _Trouble:
    sent = http.Request(  # noqa: S310 - the scheme was checked when the witness was added
        address,
        data=body,
        method="POST",
        headers={"Content-Type": TEXT_TYPE, "User-Agent": "habeas"},
    )
    try:
        try:
            with cast(HTTPResponse, _opener().open(sent, timeout=SILENCE_SECONDS)) as answered:
                return _bounded(answered.status, answered)
        except HTTPError as error:
            with error:
                return _bounded(error.code, cast(HTTPResponse, error))
    except _Trouble as trouble:
        return trouble
    except TimeoutError:
        return _Trouble(f"no answer within {SILENCE_SECONDS:g} s")
    except (OSError, HTTPException, ValueError) as error:
        # Among others a refused connection, a name that leads nowhere, a certificate that does not hold.
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return _Trouble(f"no answer within {SILENCE_SECONDS:g} s")
        return _Trouble(f"it could not be asked ({type(reason).__name__})")


def _bounded(status: int, answered: HTTPResponse) -> Answer:
    body = answered.read(MOST_ANSWER_BYTES + 1)
    if len(body) > MOST_ANSWER_BYTES:
        raise _Trouble(f"its answer is longer than {MOST_ANSWER_BYTES} bytes")
    if getattr(answered, "length", None):
        raise _Trouble("its answer broke off")
    return Answer(status, body, answered.headers.get("Content-Type") or "")


class _NoRedirect(http.HTTPRedirectHandler):
    """A witness that moved is told by a person who changes its address, not by whoever sits in between."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@lru_cache(maxsize=1)
def _opener() -> http.OpenerDirector:
    return http.build_opener(_NoRedirect)


# ------------------------------------------------------------------------------------------------ we as a witness


def watched_logs() -> list[WatchedLog]:
    return list(WatchedLog.objects.order_by("origin"))


@transaction.atomic
def watch_log(name: str, keys: str, at: datetime, *, by: object = "ledger") -> WatchedLog:
    """Begin to witness a log of another organisation.

    name: its origin; of the keys (one a line) those of this name are taken
    Raises WitnessRefused.
    """
    try:
        taken = [key for key in notes.parse_keys(keys) if key.name == notes.require_name(name)]
    except notes.NotAKey as fault:
        raise WitnessRefused(str(fault)) from None
    if not taken:
        raise WitnessRefused(
            f"none of these keys is of the log {name}; the keys of a log bear its origin as their name"
        )
    if len(name) > 300:
        raise WitnessRefused("an origin has at most 300 characters")
    if WatchedLog.objects.filter(origin=name).exists():
        raise WitnessRefused(f"the log {name} is watched already; what was seen of it is never given up")
    log = WatchedLog.objects.create(origin=name, keys=_lines(taken), root=tree.root([]), added_at=at)
    actions.append("log.watched", by=by, at=at, log=log.pk, keys=[key.id.hex() for key in taken])
    return log


def add_checkpoint(body: bytes, at: datetime) -> Answer:
    """Cosign a checkpoint of a log that we watch, if it follows from the last one we cosigned.

    body: as C2SP tlog-witness has it; may come from anybody
    What is cosigned is stored before it is said, under a lock: of two requests at once the second sees the first.
    Raises NoLedgerKey where we have no key to cosign with.
    """
    keys = signing.keys().witness
    if not keys:
        raise signing.NoLedgerKey(f"{signing.key_file()} holds no key of a witness, so nothing can be cosigned")
    try:
        submission, said = checkpoints.parse_submission(body)
    except checkpoints.NotASubmission as fault:
        return _refusal(400, str(fault))
    log = WatchedLog.objects.filter(origin=said.origin).first()
    if log is None:
        return _refusal(404, "this log is not watched here")
    try:
        if not checkpoints.verified(said, submission.note.signatures, notes.parse_keys(log.keys)):
            return _refusal(403, "none of the signatures is by a key of this log")
    except notes.SignatureFails as fault:
        return _refusal(403, str(fault))
    if submission.old > said.size:
        return _refusal(400, "the old size is larger than the checkpoint's")
    refusal = _take(log.pk, submission, said, at)
    if refusal is not None:
        return refusal
    lines = (checkpoints.sign(said, key, _seconds(at)) for key in keys)
    return Answer(200, "".join(map(str, lines)).encode())


@transaction.atomic
def _take(log_id: int, submission: Submission, said: checkpoints.Checkpoint, at: datetime) -> Answer | None:
    """Move on to a checkpoint, or say why not."""
    log = WatchedLog.objects.select_for_update().get(pk=log_id)
    if submission.old != log.size:
        return Answer(409, f"{log.size}\n".encode(), SIZE_TYPE)
    seen = bytes(log.root) if log.size else tree.root([])
    if said.size == log.size and said.root != seen:
        _count_refusal(log)
        _keep_contradiction(log, submission.note, said, at)
        return _refusal(409, "another root was cosigned for this size")
    try:
        tree.check_consistency(log.size, seen, said.size, said.root, list(submission.hashes))
    except tree.ProofFails as fault:
        _count_refusal(log)
        return _refusal(422, f"the checkpoint does not follow from the one cosigned last: {fault}")
    log.size, log.root, log.note, log.seen_at = said.size, said.root, str(submission.note), at
    log.save(update_fields=["size", "root", "note", "seen_at"])
    return None


def _count_refusal(log: WatchedLog) -> None:
    log.refused += 1
    log.save(update_fields=["refused"])


def _keep_contradiction(log: WatchedLog, note: Note, said: checkpoints.Checkpoint, at: datetime) -> None:
    """Two signed roots for one size prove that a log was forked: both are kept in our own log, once."""
    kept = (json.loads(bytes(entry.body)) for entry in Entry.objects.filter(kind=CONTRADICTION).iterator())
    about = {"log": log.pk, "size": said.size, "root": said.root.hex()}
    if not any(all(entry.get(name) == value for name, value in about.items()) for entry in kept):
        actions.append(CONTRADICTION, by="witness", at=at, **about, note=str(note), cosigned=log.note)


def _refusal(status: int, sentence: str) -> Answer:
    return Answer(status, f"{sentence}\n".encode())


def _seconds(at: datetime) -> int:
    return int(at.timestamp())
