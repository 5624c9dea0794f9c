"""``habeas law diff``: what lies between two states of the law."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.main import OK, Refused

if TYPE_CHECKING:
    from habeas.law.core.difference import Difference

DIFFERENT = 1

_SINGULAR = {"provisions": "provision", "jurisdictions": "jurisdiction", "facts": "fact"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    what = "a folder of packs, one pack's folder, or a file of provisions that amends (a proposal)"
    parser.add_argument("before", type=Path, metavar="A", help=what)
    parser.add_argument("after", type=Path, metavar="B", help="the same, later")
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    from habeas.kernel.packfiles import PackFileError
    from habeas.law.core.difference import differences, read_law

    for path in (options.before, options.after):
        if not path.exists():
            raise Refused(f"{path} does not exist; name a folder of packs, one pack's folder or a file of provisions")
    try:
        found = differences(read_law(options.before), read_law(options.after))
    except PackFileError as error:
        raise Refused(str(error)) from None
    if options.json:
        print(json.dumps({kind: asdict(each) for kind, each in found.items()}, indent=2, ensure_ascii=False))
    elif not found:
        print("the same law")
    else:
        for kind, each in found.items():
            _print(kind, each)
    return DIFFERENT if found else OK


def _print(kind: str, found: Difference) -> None:
    word = _SINGULAR[kind]
    for name, title in found.added.items():
        print(f"+ {word} {name}: {title}")
    for name, title in found.removed.items():
        print(f"- {word} {name}: {title}")
    for name, changes in found.changed.items():
        print(f"~ {word} {name}")
        for change in changes:
            for sentence in change.words:
                # A field's own words begin with its name; those of a rule do not.
                said = sentence if sentence.startswith(change.field) else f"{change.field}: {sentence}"
                print(f"    {said}")
