"""``habeas ledger``: check the log of everything done, sign it, have it witnessed, and prove entries of it."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.house import new_file, refusals_of_the_house
from habeas.cli.main import OK, Refused, start_django

if TYPE_CHECKING:
    from habeas.ledger.core.notes import VerifierKey
    from habeas.ledger.witnessing import Asked

DAMAGED = 1
NOT_COSIGNED = 1
NOT_PROVED = 1
PROGRESS_SECONDS = 2.0
_MOST_FILE_BYTES = 1 << 22
EPILOG = """\
exit codes: 0 done, all holds; 1 fsck: something does not hold; checkpoint: too few witnesses cosigned; check: not
proved; 2 refused, nothing was changed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("fsck", help="check every entry against the tree, and every checkpoint and cosignature")
    new_key = actions.add_parser("new-key", help="make the keys of this house's log and witness, once and for good")
    new_key.add_argument("name", help="the log's name, such as helpline.example.org/ledger")
    new_key.add_argument(
        "--witness", default="", metavar="NAME", help="the name to cosign under (default: HOST/witness)"
    )
    actions.add_parser("checkpoint", help="sign the log as it stands now, and ask the witnesses")
    actions.add_parser("keys", help="our verifier keys, for those who watch our log or have us as a witness")
    _add_witness_actions(actions.add_parser("witness", help="who cosigns our checkpoints"))
    _add_watch_actions(actions.add_parser("watch", help="whose logs we witness"))
    actions.add_parser("policy", help="our log, our witnesses and how many it takes, as a C2SP tlog-policy")
    proof = actions.add_parser("proof", help="that one entry stands in the log, as a .tlog-proof")
    proof.add_argument("index", type=int)
    proof.add_argument("--out", type=Path, metavar="FILE", help="a new file (default: standard output)")
    check = actions.add_parser("check", help="check a .tlog-proof; needs neither network nor database")
    check.add_argument("file", type=Path)
    check.add_argument(
        "--policy", type=Path, required=True, metavar="FILE", help="whom YOU believe, a C2SP tlog-policy"
    )
    check.add_argument("--entry", type=Path, required=True, metavar="FILE", help="the entry, byte for byte")


def _add_witness_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="witness_action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="take in an organisation that will cosign our checkpoints")
    add.add_argument("name", help="one word, such as prosecutor.example.org")
    add.add_argument("address", metavar="URL", help="such as https://help.example.org/witness")
    add.add_argument("keys", type=Path, metavar="KEYFILE", help="what `habeas ledger keys` says there")
    actions.add_parser("list", help="all of them, and how they are")
    retire = actions.add_parser("retire", help="ask it no more and count it no more; what it cosigned stays")
    retire.add_argument("name")


def _add_watch_actions(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="watch_action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="begin to witness the log of another organisation")
    add.add_argument("origin", help="its log's name, such as helpline.example.org/ledger")
    add.add_argument("keys", type=Path, metavar="KEYFILE", help="what `habeas ledger keys` says there")
    actions.add_parser("list", help="all of them, and what was seen last")


def run(options: argparse.Namespace) -> int:
    if options.action == "check":
        return _check(options)
    start_django()
    from habeas.ledger.core.notes import NotAKey
    from habeas.ledger.core.policies import NotAPolicy
    from habeas.ledger.signing import KeyExists, NoLedgerKey
    from habeas.ledger.witnessing import ContradictsCheckpoint, NoCheckpoint, WitnessRefused

    actions: Mapping[str, Callable[[argparse.Namespace], int]] = {
        "fsck": _fsck,
        "new-key": _new_key,
        "checkpoint": _checkpoint,
        "keys": _keys,
        "witness": lambda options: _WITNESS[options.witness_action](options),
        "watch": lambda options: _WATCH[options.watch_action](options),
        "policy": _policy,
        "proof": _proof,
    }
    with refusals_of_the_house(
        ContradictsCheckpoint, KeyExists, NoCheckpoint, NoLedgerKey, NotAKey, NotAPolicy, WitnessRefused
    ):
        return actions[options.action](options)


def _fsck(options: argparse.Namespace) -> int:
    from habeas.ledger import queries, witnessing

    size, root = queries.head()
    count = 0
    for fault in chain(queries.faults(_Progress(size)), witnessing.faults()):
        print(fault)
        count += 1
    checkpoints = witnessing.count_checkpoints()
    print(
        f"{size} entries, root {root.hex()}, {checkpoints} checkpoint(s)"
        + (f", {count} fault(s)" if count else ", all hold")
    )
    return DAMAGED if count else OK


class _Progress:
    """A line now and then, for whoever waits for a long log."""

    def __init__(self, size: int) -> None:
        self._size, self._told = size, time.monotonic()

    def __call__(self, checked: int) -> None:
        if time.monotonic() - self._told > PROGRESS_SECONDS:
            self._told = time.monotonic()
            print(f"{checked:,} of {self._size:,} entries checked", file=sys.stderr, flush=True)


def _new_key(options: argparse.Namespace) -> int:
    from habeas.ledger import signing

    made = signing.new_key(options.name, options.witness)
    print(f"The log is called {made.origin}, and as a witness you sign as {made.witness[0].name}.")
    print(f"The keys are in {signing.key_file()}; they are never made anew. Keep a copy with that of the house key.")
    print("`habeas ledger keys` shows what others need to know of them.")
    return OK


def _keys(options: argparse.Namespace) -> int:
    from habeas.ledger import signing

    log, witness = signing.verifier_keys()
    print("# Signs the checkpoints of our log. Others: habeas ledger watch add", log[0].name, "KEYFILE")
    _print_keys(log)
    if witness:
        print("# Cosigns the checkpoints of others. Others: habeas ledger witness add NAME URL KEYFILE")
        _print_keys(witness)
    return OK


def _print_keys(keys: Iterable[VerifierKey]) -> None:
    for key in keys:
        print(key)


def _checkpoint(options: argparse.Namespace) -> int:
    from habeas.kernel import clock
    from habeas.ledger import witnessing

    signed = witnessing.sign_checkpoint(clock.now())
    print(f"signed: {signed.size} entries, root {bytes(signed.root).hex()}")
    asked = witnessing.ask_witnesses(clock.now())
    for one in asked:
        _print_asked(one)
    verdict = witnessing.verdict_on(signed)
    print(verdict.reasons[-1])
    return OK if verdict.holds else NOT_COSIGNED


def _print_asked(asked: Asked) -> None:
    print(f"{asked.witness}: {asked.trouble or 'cosigned'}")


def _add_witness(options: argparse.Namespace) -> int:
    from habeas.kernel import clock
    from habeas.ledger import witnessing
    from habeas.ledger.core.notes import parse_keys

    witness = witnessing.add_witness(options.name, options.address, _text(options.keys), clock.now())
    print(f"{witness.name} will be asked at {witness.address}. Its keys; compare them with it by another way:")
    _print_keys(parse_keys(witness.keys))
    return OK


def _list_witnesses(options: argparse.Namespace) -> int:
    from habeas.ledger import witnessing

    for witness in witnessing.all_witnesses():
        state = f"cosigned {witness.last_size} entries last" if witness.last_size else "has cosigned nothing yet"
        if witness.retired_at:
            state = f"retired on {witness.retired_at:%Y-%m-%d}; {state}"
        elif witness.last_trouble and witness.last_asked_at:
            state += f"; on {witness.last_asked_at:%Y-%m-%d at %H:%M} UTC: {witness.last_trouble}"
        print(f"{witness.name}  {witness.address}  {state}")
    return OK


def _retire_witness(options: argparse.Namespace) -> int:
    from habeas.kernel import clock
    from habeas.ledger import witnessing

    witness = witnessing.retire_witness(options.name, clock.now())
    print(f"{witness.name} is asked and counted no more. What it cosigned stays.")
    return OK


def _add_watched(options: argparse.Namespace) -> int:
    from habeas.kernel import clock
    from habeas.ledger import witnessing
    from habeas.ledger.core.notes import parse_keys

    log = witnessing.watch_log(options.origin, _text(options.keys), clock.now())
    print(f"{log.origin} is watched from now on. Its keys; compare them with it by another way:")
    _print_keys(parse_keys(log.keys))
    return OK


def _list_watched(options: argparse.Namespace) -> int:
    from habeas.ledger import witnessing

    for log in witnessing.watched_logs():
        seen = f"{log.size} entries on {log.seen_at:%Y-%m-%d at %H:%M} UTC" if log.seen_at else "nothing seen yet"
        refused = f"; {log.refused} checkpoint(s) did not follow and were refused" if log.refused else ""
        print(f"{log.origin}  {seen}{refused}")
    return OK


_WITNESS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "add": _add_witness,
    "list": _list_witnesses,
    "retire": _retire_witness,
}
_WATCH: Mapping[str, Callable[[argparse.Namespace], int]] = {"add": _add_watched, "list": _list_watched}


def _policy(options: argparse.Namespace) -> int:
    from habeas.ledger import witnessing

    sys.stdout.write(witnessing.policy_text())
    return OK


def _proof(options: argparse.Namespace) -> int:
    from habeas.ledger import witnessing

    text = witnessing.proof_file(options.index)
    if options.out is None:
        sys.stdout.write(text)
        return OK
    with new_file(options.out) as write:
        write(text.encode())
    print(f"The proof of entry {options.index} is in {options.out}.")
    return OK


def _check(options: argparse.Namespace) -> int:
    from habeas.ledger.core import policies, proof_files

    try:
        proof = proof_files.parse(_bytes(options.file))
    except proof_files.NotAProof as fault:
        raise Refused(f"{options.file} is no .tlog-proof: {fault}") from None
    try:
        policy = policies.parse(_bytes(options.policy))
    except policies.NotAPolicy as fault:
        raise Refused(f"{options.policy} is no policy: {fault}") from None
    try:
        verdict = proof_files.check(proof, _bytes(options.entry), policy)
    except proof_files.NotProved as refusal:
        print(f"not proved: {refusal}")
        return NOT_PROVED
    print(f"proved: the entry stands at {proof.index} in the log")
    for reason in verdict.reasons:
        print(f"  {reason}")
    return OK


def _text(path: Path) -> str:
    try:
        return _bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(f"{path} is not a text file") from None


def _bytes(path: Path) -> bytes:
    """Raises Refused."""
    try:
        if path.exists() and not path.is_file():
            raise Refused(f"{path} is no ordinary file")
        with path.open("rb") as stream:
            content = stream.read(_MOST_FILE_BYTES + 1)
    except OSError as error:
        raise Refused(f"{path} cannot be read ({error.strerror})") from None
    if len(content) > _MOST_FILE_BYTES:
        raise Refused(f"{path} is longer than {_MOST_FILE_BYTES} bytes")
    return content
