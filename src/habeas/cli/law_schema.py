"""``habeas law schema``: the published JSON Schemas of the pack files."""

from __future__ import annotations

import argparse

from habeas.cli.main import OK, Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="?", help="such as provisions; without it, the names")


def run(options: argparse.Namespace) -> int:
    from habeas.law.core.check import SCHEMAS

    held = {file.name.removesuffix(".schema.json"): file for file in sorted(SCHEMAS.glob("*.schema.json"))}
    if options.name is None:
        for name in held:
            print(name)
        return OK
    if options.name not in held:
        raise Refused(f"there is no schema {options.name!r}; there are: {', '.join(held)}")
    print(held[options.name].read_text(encoding="utf-8"), end="")
    return OK
