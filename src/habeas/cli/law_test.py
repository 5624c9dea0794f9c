"""``habeas law test``: the worked examples of the packs, run."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.main import OK, Refused

if TYPE_CHECKING:
    from habeas.law.core.examples import Coverage, Mismatch

MISMATCH = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("codes", nargs="*", metavar="CODE", help="codes such as NL or US-CA (default: every pack)")
    parser.add_argument("--folder", type=Path, help="a folder of packs (default: those of this installation)")


def run(options: argparse.Namespace) -> int:
    from habeas.kernel.packfiles import PACKS, PackFileError, pack_codes
    from habeas.law.core import packs
    from habeas.law.core.examples import coverage, load_examples, run_example, vocabulary_of

    root = options.folder or PACKS
    held = pack_codes(root)
    codes = [code.upper() for code in options.codes] or held
    for code in codes:
        if code not in held:
            raise Refused(f"there is no pack of {code} in {root}; `habeas law new {code}` begins one")
    count = 0
    mismatches: list[Mismatch] = []
    untried: dict[str, Coverage] = {}
    try:
        vocabulary, jurisdictions = packs.load_vocabulary(vocabulary_of(root)), packs.jurisdictions(root)
        for code in codes:
            provisions, examples = packs.load_pack(code, root).provisions, load_examples(code, root)
            count += len(examples)
            for example in examples:
                mismatches += run_example(example, code, provisions, vocabulary, jurisdictions)
            untried[code] = coverage(provisions, examples)
    except PackFileError as error:
        raise Refused(str(error)) from None
    for mismatch in mismatches:
        _print(mismatch)
    _print_untried(untried, in_full=bool(options.codes) or len(held) == 1)
    examples_said = (
        f"{count} worked example{'' if count == 1 else 's'} in {len(codes)} pack{'' if len(codes) == 1 else 's'}"
    )
    print(f"{examples_said}, " + (f"{len(mismatches)} mismatch(es)" if mismatches else "all as expected"))
    return MISMATCH if mismatches else OK


def _print(mismatch: Mismatch) -> None:
    from habeas.cli.layout import trace_lines

    print(f"packs/{mismatch.code.lower()}/examples.yaml: {mismatch.example}")
    print(f"  {mismatch.provision}: expected {_plain(mismatch.expected)}, got {_plain(mismatch.got)}", end="")
    print(f"; {mismatch.because}" if mismatch.because else "")
    if mismatch.finding:
        for line in trace_lines(mismatch.finding.trace.parts, "    "):
            print(line)
    print()


def _print_untried(untried: dict[str, Coverage], *, in_full: bool) -> None:
    """Names what no example tries; for many packs at once, counts it."""
    never_met = [name for each in untried.values() for name in each.never_met]
    never_not = [name for each in untried.values() for name in each.never_not]
    for names, words in ((never_met, "in which they are met"), (never_not, "in which they are not met or exempt")):
        if names and in_full:
            print(f"No example {words}: {', '.join(names)}")
        elif names:
            print(f"{len(names)} provisions have no example {words}; name a jurisdiction to see which")


def _plain(outcome: str) -> str:
    return outcome.replace("_", " ")
