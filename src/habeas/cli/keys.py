"""``habeas keys``: the versions of the house key, a new one, and giving up an old one."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from habeas.cli.main import OK, Refused, start_django

if TYPE_CHECKING:
    from habeas.access.keys import Rotation, Status

DAMAGED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action",
        choices=["status", "rotate", "forget"],
        help="status: which versions there are and what hangs on them; rotate: add a version and put every case key "
        "under it, or finish a rotation that was cut short; forget: destroy an old version that nothing needs",
    )
    parser.add_argument("version", nargs="?", type=int, help="the version to forget")


def run(options: argparse.Namespace) -> int:
    if (options.version is not None) != (options.action == "forget"):
        raise Refused("a version is named with `habeas keys forget VERSION`, and only there")
    start_django()
    from habeas.access import keys
    from habeas.kernel import clock

    try:
        if options.action == "rotate":
            return _rotate(keys.rotate(clock.now()))
        if options.action == "forget":
            keys.forget(options.version, clock.now())
            print(
                f"Version {options.version} of the house key is gone from this machine. Destroy its line in your "
                "copies of the key file too: until then, old backups can still be opened."
            )
            return OK
        return _status(keys.status())
    except (keys.NoHouseKey, keys.CannotRotate, keys.StillNeeded) as refusal:
        raise Refused(str(refusal)) from None


def _rotate(rotation: Rotation) -> int:
    if rotation.added:
        print(f"Version {rotation.version} of the house key was added; {rotation.rewrapped} case key(s) are under it.")
        print("Copy the key file to where you keep its copies, now: without the new line nothing can be read.")
    else:
        print(
            f"An earlier rotation had stopped half-way. Now it is finished: {rotation.rewrapped} more case key(s) are "
            f"under version {rotation.version}. No version was added."
        )
    if rotation.damaged:
        numbers = ", ".join(map(str, rotation.damaged[:20]))
        print(f"{len(rotation.damaged)} case key(s) did not open and stay as they are; restore them: {numbers}")
        return DAMAGED
    return OK


def _status(status: Status) -> int:
    from habeas.access.keys import DIGESTS_ONLY

    print(f"House keys from {status.source}")
    if status.lowest == DIGESTS_ONLY:
        print(f"  version {DIGESTS_ONLY}: receipts, links and registry")
    for version, count in status.case_keys.items():
        notes = [f"wraps {count} case key(s)"]
        if version == status.newest:
            notes.append("new cases")
        if version == status.lowest:
            notes.append("receipts, links and registry")
        if version in status.missing:
            notes = [f"LOST, and {count} case key(s) need it: add its line again from your backup"]
        elif not count and version not in {status.newest, status.lowest}:
            notes.append(f"nothing needs it: `habeas keys forget {version}`")
        print(f"  version {version}: {', '.join(notes)}")
    print(f"  destroyed with what they covered: {status.destroyed} case key(s)")
    return DAMAGED if status.missing else OK
