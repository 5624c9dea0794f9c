"""How answers are set on a screen: columns that follow the terminal, plain text where there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from habeas.law.core.model import TraceNode

WIDTH_WITHOUT_TERMINAL = 110
TRUTH_WORDS = {True: "true", False: "false", None: "unknown"}
TRUTH_MARKS = {True: "✓", False: "✗", None: "?"}


def open_console() -> Console:
    from rich.console import Console

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # a reader who left is no failure; the command line knows what to do

    at_terminal = sys.stdout.isatty()
    return Patient(width=None if at_terminal or "COLUMNS" in os.environ else WIDTH_WITHOUT_TERMINAL, highlight=False)


def text(content: object, style: str = "") -> Any:
    """Text from outside: shown as it is, never read as markup."""
    from rich.text import Text

    return Text(str(content), style=style)


def heading(console: Console, title: str) -> None:
    console.print()
    console.rule(f"[bold]{title}[/bold]", align="left", style="dim")


def columns(*headings: str, **options: Any) -> Table:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="dim", **options)
    for each in headings:
        table.add_column(each, overflow="fold", justify="right" if each in {"Line", "#"} else "left")
    return table


def grid(first: int, *ratios: int) -> Table:
    """Columns without rules: a narrow first one, then others by their share of the width."""
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(width=first, no_wrap=True)
    for ratio in ratios:
        table.add_column(ratio=ratio, overflow="fold")
    return table


def trace_lines(nodes: Iterable[TraceNode], indent: str = "") -> Iterator[str]:
    """A finding's trace as an indented tree."""
    for node in nodes:
        because = f"  {node.because}" if node.because else ""
        yield f"{indent}{TRUTH_MARKS[node.truth]} {node.label} [{TRUTH_WORDS[node.truth]}]{because}"
        yield from trace_lines(node.parts, indent + "    ")
