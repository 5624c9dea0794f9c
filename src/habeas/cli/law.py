"""``habeas law``: check the packs, show one jurisdiction."""

from __future__ import annotations

import argparse
from pathlib import Path

from habeas.cli import law_compare
from habeas.cli.main import OK, Refused

FAULTY = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="read every pack and name every fault")
    check.add_argument("folder", nargs="?", type=Path, help="a folder of packs (default: those of this installation)")
    check.add_argument("--notes", action="store_true", help="also say what is odd but not wrong")
    show = actions.add_parser("show", help="the provisions of one jurisdiction")
    show.add_argument("code", help="a code such as NL or US-CA")
    actions.add_parser("list", help="all jurisdictions with a pack")
    law_compare.add_arguments(actions.add_parser("compare", help="definitions side by side, and their pattern"))


def run(options: argparse.Namespace) -> int:
    return {"check": _check, "show": _show, "list": _list, "compare": law_compare.run}[options.action](options) or OK


def _check(options: argparse.Namespace) -> int:
    from habeas.kernel.packfiles import PACKS
    from habeas.law.core.check import check_packs

    root = options.folder or PACKS
    if not root.is_dir():
        raise Refused(f"{root} is not a folder of packs")
    problems = check_packs(root)
    errors = [problem for problem in problems if problem.level == "error"]
    for problem in errors if not options.notes else problems:
        print(problem)
    packs = sum(1 for _ in root.glob("*/jurisdiction.yaml"))
    if errors:
        print(f"{len(errors)} fault(s) in {packs} packs")
        return FAULTY
    print(f"{packs} packs, no faults")
    return OK


def _show(options: argparse.Namespace) -> int:
    from habeas.law.core import packs

    code = options.code.upper()
    if code not in packs.jurisdictions():
        from habeas.law.core import places

        if places.known(code):
            raise Refused(f"Habeas holds no law of its own for {code} yet; `habeas law list` shows what it holds")
        raise Refused(places.complaint(code))
    pack = packs.load_pack(code)
    place = pack.jurisdiction
    print(
        f"{place.name} ({place.code})" + (f", takes over the law of {', '.join(place.within)}" if place.within else "")
    )
    if place.regulator:
        print(f"Regulator: {place.regulator['name']}")
    for provision in pack.provisions:
        since = provision.in_force_from or "a day not recorded"
        print(f"\n{provision.id}\n  {provision.citation}: {provision.title}")
        print(
            f"  {provision.track}, {provision.status.replace('_', ' ')} from {since}, confidence {provision.confidence}"
        )
        print(f"  {provision.summary.strip()}")
    return OK


def _list(options: argparse.Namespace) -> int:
    from habeas.law.core import packs

    for code, place in packs.jurisdictions().items():
        print(f"{code:<8}{place.name:<40}{len(packs.load_pack(code).provisions):>4} provisions")
    return OK
