"""The command line: ``habeas <subject> …``. Each command's code is imported when it is called, not before."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version

# name -> (module with ``add_arguments`` and ``run``, one line for the overview)
COMMANDS = {
    "assess": ("habeas.cli.assess", "what a file exposes, what the law says of it, and what to do"),
    "scan": ("habeas.cli.scan", "what is exposed in each text of whole folders, archives, tables and dumps"),
    "law": ("habeas.cli.law", "write, check, show, review and sign the law packs"),
    "run": ("habeas.cli.run", "set up this machine, file a sample report, serve portal and desk"),
    "serve": ("habeas.cli.serve", "serve portal and desk"),
    "worker": ("habeas.cli.worker", "do the work that waits in the queue"),
    "jobs": ("habeas.cli.jobs", "what waits, what failed for good, and trying it again"),
    "registry": ("habeas.cli.registry", "the registry of known doxes: ask it, withdraw, rebuild, picture hashes"),
    "evidence": ("habeas.cli.evidence", "capture, open, bundle, hand over, trace, keep and erase sealed items"),
    "mail": ("habeas.cli.mail", "take in the answers to our letters, by LMTP or out of a mailbox"),
    "keys": ("habeas.cli.keys", "the house keys: what stands under which, and putting a new one in place"),
    "ledger": ("habeas.cli.ledger", "check, sign, witness and prove the log of everything done"),
    "member": ("habeas.cli.member", "give someone an account at the desk"),
}

OK = 0
USAGE = 2  # a wrong option, place or date; argparse uses the same


class Refused(Exception):
    """A command that cannot be done. Its message is printed as it stands; ``code`` becomes the exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(message)
        self.code = code


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        try:
            return _command(list(sys.argv[1:] if arguments is None else arguments))
        finally:
            sys.stdout.flush()  # here, where a reader who left can be dealt with, not while Python shuts down
    except BrokenPipeError:
        # Whoever read our output has read enough (`| head`); there is nobody left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except KeyboardInterrupt:
        return 130


def _command(words: list[str]) -> int:
    if not words or words[0] in {"-h", "--help"}:
        _overview()
        return OK if words else USAGE
    if words[0] == "--version":
        print(f"habeas {version('habeas')}")
        return OK
    name = words[0]
    if name not in COMMANDS:
        _say(f"habeas: there is no command {name!r}{_near_miss(name)}. `habeas --help` lists them all.")
        return USAGE
    module = import_module(COMMANDS[name][0])
    parser = argparse.ArgumentParser(prog=f"habeas {name}", description=COMMANDS[name][1], allow_abbrev=False)
    module.add_arguments(parser)
    try:
        result: int | None = module.run(parser.parse_args(words[1:]))
    except Refused as refusal:
        _say(f"habeas: {refusal}")
        return refusal.code
    return OK if result is None else result


def start_django() -> None:
    """Ready the database side of Habeas. Only commands that need it pay for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "habeas.web.site.settings")
    import django

    from habeas.law.core.manifest import UnverifiedLaw

    try:
        django.setup()
    except UnverifiedLaw as refusal:
        raise Refused(str(refusal)) from None


def require_verified_law() -> None:
    """Refuse where a key is set and the packs are not what it signed. For commands that read law without Django."""
    from habeas.law.core.manifest import UnverifiedLaw
    from habeas.law.trust import require_verified_law

    try:
        require_verified_law()
    except UnverifiedLaw as refusal:
        raise Refused(str(refusal)) from None


def _overview() -> None:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {line}" for name, (_, line) in COMMANDS.items()]
    print(
        "Habeas: the case system of a coordinated response to doxxing.\n\n"
        "usage: habeas COMMAND …   (`habeas COMMAND --help` says more)\n\n" + "\n".join(lines)
    )


def _near_miss(name: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
