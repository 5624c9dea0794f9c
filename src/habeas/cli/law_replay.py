"""``habeas law replay`` and ``habeas law cases``: a reform on past cases, and the cases to replay it on."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.main import OK, Refused, require_verified_law, start_django
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.law.core.case_table import PastCase
    from habeas.law.core.replay import Replay

_NEEDS_EXTRA = 'needs the extra "{extra}": install it with `pip install "habeas[{extra}]"`'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--pack", type=Path, required=True, help="the proposal: a file of provisions that amend or add")
    parser.add_argument("--cases", type=Path, required=True, help="past cases (see `habeas law cases`)")
    parser.add_argument("--engine", choices=["planes", "duckdb", "spark"], default="planes")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write every line to a file")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also draw what each provision gains and loses")


def add_case_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, metavar="FILE.parquet")
    parser.add_argument(
        "--simulated", type=int, metavar="N", help="N invented cases instead of those of this installation"
    )


def run(options: argparse.Namespace) -> int:
    from habeas.kernel.packfiles import PackFileError

    require_verified_law()
    for path in (options.pack, options.cases):
        if not path.exists():
            raise Refused(f"{path} does not exist")
    extra = "spark" if options.engine == "spark" else "analytics"
    try:
        from habeas.law.core.case_table import BadTable
        from habeas.law.replays import how_many, replay_file

        with _bar(how_many(options.cases) if options.engine != "spark" else None, options.json) as told:
            found = replay_file(options.pack, options.cases, options.engine, told)
    except ImportError as missing:
        raise Refused(f"habeas law replay ({missing.name}) {_NEEDS_EXTRA.format(extra=extra)}") from None
    except (PackFileError, BadTable) as fault:
        raise Refused(str(fault)) from None
    except (OSError, ValueError) as fault:
        raise Refused(f"{options.cases}: {fault}; write cases with `habeas law cases`") from None
    if options.csv:
        from habeas.law.core.replay import as_csv

        options.csv.write_text(as_csv(found), "utf-8", newline="")
    if options.svg:
        from habeas.law.core.shift_chart import shift_chart

        options.svg.write_text(shift_chart("Cases in which a provision is newly or no longer met", found.met), "utf-8")
    if options.json:
        from dataclasses import asdict

        print(json.dumps(asdict(found), indent=2, ensure_ascii=False))
    else:
        _print(found)
    return OK


def write_cases(options: argparse.Namespace) -> int:
    """Past cases without the people in them, as a table that ``replay`` reads."""
    try:
        import pyarrow.parquet as pq
    except ImportError as missing:
        raise Refused(f"habeas law cases ({missing.name}) {_NEEDS_EXTRA.format(extra='analytics')}") from None
    from habeas.law.core.case_table import to_arrow
    from habeas.law.core.packs import load_vocabulary

    if options.simulated is not None:
        if options.simulated < 1:
            raise Refused("--simulated takes a number of cases, 1 or more")
        from habeas.law.core.simulated import simulated_cases

        cases: list[PastCase] = simulated_cases(options.simulated, clock.today())
    else:
        start_django()
        from habeas.journey.past_cases import export

        cases = export(by="operator")
    table = to_arrow(cases, load_vocabulary())
    pq.write_table(table, options.out)
    print(f"{table.num_rows} cases in {options.out}")
    return OK


@contextmanager
def _bar(total: int | None, quiet: bool) -> Iterator[Callable[[int], None] | None]:
    """A progress bar on the error stream, where somebody watches; nothing in a pipe."""
    import sys

    if quiet or total is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("cases", total=total)
        yield lambda done: progress.update(task, completed=done)


def _print(found: Replay) -> None:
    from habeas.cli.layout import columns, heading, open_console, text
    from habeas.law.core.replay import lines_of

    console = open_console()
    console.print(
        text(f"{found.cases} past cases, {found.voiced} of them with a sign of journalism or public interest")
    )
    console.print(
        text(f"{found.covered.gained} would newly be covered, {found.covered.lost} no longer", "bold"),
        text(f"({found.covered.before} before, {found.covered.after} after, by the laws the proposal touches)", "dim"),
    )
    console.print(
        text(
            f"{found.covered_voiced.gained} of the newly covered carry a sign of journalism or public interest",
            "bold red" if found.covered_voiced.gained else "bold",
        )
    )
    for title, rows in lines_of(found):
        heading(console, title)
        table = columns("", "before", "after", "newly", "no longer")
        for key, shift in rows.items():
            table.add_row(key, *map(str, (shift.before, shift.after, shift.gained, shift.lost)))
        console.print(table)
    for name, title in (
        ("newly_voiced", "Look at these first"),
        ("newly", "Newly covered"),
        ("no_longer", "No longer"),
    ):
        if numbers := getattr(found, name):
            heading(console, title)
            console.print(text(", ".join(numbers)))
    console.print(text("\nA count over past cases, not a forecast: people act otherwise under another law.", "dim"))
