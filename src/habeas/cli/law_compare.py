"""``habeas law compare``: definitions of several jurisdictions side by side."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from habeas.cli.main import Refused

if TYPE_CHECKING:
    from habeas.law.core.compare import Definition, Pattern
    from habeas.law.core.model import Provision


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("provisions", nargs="*", help="ids of provisions, or codes of jurisdictions")
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> None:
    from habeas.law.core.compare import define, pattern

    definitions = [define(provision) for provision in _chosen(options.provisions)]
    found = pattern(definitions)
    if options.json:
        print(json.dumps({"definitions": [_plain(d) for d in definitions], "pattern": asdict(found)}, indent=2))
    else:
        _print(definitions, found)


def _chosen(words: list[str]) -> list[Provision]:
    from habeas.law.core.compare import UnknownDefinition, chosen

    try:
        return chosen(words)
    except UnknownDefinition as error:
        raise Refused(str(error)) from None


def _plain(definition: Definition) -> dict[str, Any]:
    provision = definition.provision
    return {
        "provision": provision.id,
        "jurisdiction": provision.jurisdiction,
        "citation": provision.citation,
        "parts": {aspect: asdict(part) for aspect, part in definition.parts.items()},
        "fault": definition.fault,
        "harm": definition.harm,
        "exemptions": list(definition.exemptions),
        "penalty": definition.penalty,
        "clocks": list(definition.clocks),
        "source": provision.source,
        "confidence": provision.confidence,
    }


def _print(definitions: list[Definition], found: Pattern) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    for definition in definitions:
        provision = definition.provision
        console.print(
            Text(f"{provision.citation}: {provision.title}", style="bold"), Text(f"· {provision.id}", style="dim")
        )
        table = Table.grid(padding=(0, 2, 0, 2), expand=True)
        table.add_column(width=22, style="dim")
        table.add_column(overflow="fold")
        for aspect, part in definition.parts.items():
            words = [*part.needed, *([f"one of: {', '.join(part.alternatives)}"] if part.alternatives else [])]
            table.add_row(aspect, Text("; ".join(words)))
        table.add_row("least fault, harm", f"{definition.fault}, {definition.harm}")
        table.add_row("exempt", Text(", ".join(definition.exemptions) or "nothing written"))
        table.add_row("penalty", Text(definition.penalty or "none of its own"))
        if definition.clocks:
            table.add_row("opens", Text("; ".join(definition.clocks)))
        console.print(table)
        console.print()
    console.print(Text("The pattern", style="bold"))
    console.print(Text(f"  needed by all: {', '.join(found.shared) or 'nothing'}"))
    console.print(Text("  in most: " + ", ".join(f"{fact} ({n})" for fact, n in found.common)))
    console.print(
        Text("  fault ladder: " + "; ".join(f"{rung}: {', '.join(ids)}" for rung, ids in found.ladder.items()))
    )
    console.print(Text("  harm: " + "; ".join(f"{rung}: {', '.join(ids)}" for rung, ids in found.harms.items())))
    console.print(Text("  exempt: " + "; ".join(f"{fact} ({len(ids)})" for fact, ids in found.exempted.items())))
    console.print(Text("\nOur own summaries of public law, each with its source. Not legal advice.", style="dim"))
