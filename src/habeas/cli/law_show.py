"""``habeas law show``: the provisions of one jurisdiction, set in columns or as JSON."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from habeas.cli.main import OK, Refused

if TYPE_CHECKING:
    from rich.console import Console

    from habeas.law.core.model import FactDefinition, Pack, Provision, Rule
    from habeas.law.core.reviews import Review

_LABELS = 17


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="a code such as NL or US-CA")
    parser.add_argument("--provision", metavar="ID", help="this one alone")
    parser.add_argument("--folder", type=Path, help="a folder of packs (default: those of this installation)")
    parser.add_argument("--json", action="store_true")


def run(options: argparse.Namespace) -> int:
    from habeas.kernel.packfiles import PACKS, PackFileError
    from habeas.law.core import packs
    from habeas.law.core.examples import vocabulary_of
    from habeas.law.core.reviews import load_reviews

    root = options.folder or PACKS
    try:
        pack = _pack(options.code.upper(), root)
        vocabulary = packs.load_vocabulary(vocabulary_of(root))
        reviews = load_reviews(pack.jurisdiction.code, root)
    except PackFileError as error:
        raise Refused(str(error)) from None
    chosen = _chosen(pack, options.provision)
    if options.json:
        print(json.dumps(_as_plain(pack, chosen, reviews), indent=2, ensure_ascii=False))
    else:
        _print(pack, chosen, vocabulary, reviews)
    return OK


def _pack(code: str, root: Path) -> Pack:
    from habeas.law.core import packs, places

    if code not in packs.jurisdictions(root):
        if places.known(code):
            raise Refused(f"Habeas holds no law of its own for {code} yet; `habeas law list` shows what it holds")
        raise Refused(places.complaint(code))
    return packs.load_pack(code, root)


def _chosen(pack: Pack, wanted: str | None) -> Sequence[Provision]:
    if wanted is None:
        return pack.provisions
    known = {provision.id: provision for provision in pack.provisions}
    if wanted not in known:
        near = get_close_matches(wanted, known, n=2)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise Refused(f"{pack.jurisdiction.code} has no provision {wanted!r}{hint}")
    return [known[wanted]]


# ---- for a person ----


def _print(
    pack: Pack,
    chosen: Iterable[Provision],
    vocabulary: Mapping[str, FactDefinition],
    reviews: Sequence[Review],
) -> None:
    from habeas.cli.layout import open_console, text

    console, place = open_console(), pack.jurisdiction
    parents = f", takes over the law of {', '.join(place.within)}" if place.within else ""
    console.print(text(f"{place.name} ({place.code}){parents}", "bold"))
    if place.regulator:
        console.print(text(f"Regulator: {place.regulator['name']}"))
    for provision in chosen:
        _print_provision(console, provision, vocabulary, reviews)
    console.print(text("\nOur own summaries of public law, each with its source. Not legal advice.", "dim"))


def _print_provision(
    console: Console,
    provision: Provision,
    vocabulary: Mapping[str, FactDefinition],
    reviews: Sequence[Review],
) -> None:
    from habeas.cli.layout import grid, text
    from habeas.law.core import words
    from habeas.law.core.reach import TIE_WORDS
    from habeas.law.core.reviews import status_of

    console.print()
    console.print(text(provision.id, "bold"))
    console.print(text(f"{provision.citation}: {provision.title}"))
    table = grid(_LABELS, 1)

    def say(label: str, content: object, style: str = "") -> None:
        if content not in (None, ""):
            table.add_row(text(f"  {label}", "dim"), text(content, style))

    say("kind", _kind(provision))
    say("in force", _in_force(provision))
    say("says", " ".join(provision.summary.split()))
    _add_rule(table, "elements", provision.elements, vocabulary)
    if provision.exemptions is None:
        say("exempt", "nothing is written as an exemption of the whole")
    else:
        _add_rule(table, "exempt", provision.exemptions, vocabulary)
    say("reaches a case", "if " + "; or ".join(TIE_WORDS[tie] for tie in provision.reach))
    say("judged on", "the day of the act" if provision.judged_on == "act" else "the day of asking")
    say("penalty", "\n".join(words.penalty_lines(provision.penalty)))
    say("prosecution", words.PROSECUTION.get(provision.prosecution or ""))
    opens = ["\n  ".join(("• " + first, *rest)) for first, *rest in map(words.remedy_lines, provision.remedies)]
    say("opens", "\n".join(opens) or "no step of its own")
    say("limitation", words.limitation_words(provision.limitation))
    say("foreseeability", provision.foreseeability)
    say("source", " ".join(provision.source.split()))
    say("confidence", provision.confidence, "" if provision.confidence == "high" else "yellow")
    say("review", status_of(provision, reviews))
    say("notes", " ".join(provision.notes.split()) if provision.notes else "", "dim")
    console.print(table)


def _kind(provision: Provision) -> str:
    words = provision.track.replace("-", " ")
    return f"{words}; a shield: it limits other claims" if provision.effect == "shield" else words


def _in_force(provision: Provision) -> str:
    words = f"{provision.status.replace('_', ' ')} from {provision.in_force_from or 'a day not recorded'}"
    if provision.in_force_to:
        words += f", no longer from {provision.in_force_to}"
    return f"{words}; read on {provision.as_of}"


def _add_rule(table: Any, label: str, rule: Rule, vocabulary: Mapping[str, FactDefinition]) -> None:
    """A tree on the left, what each fact means on the right, in a table of its own so that the meanings line up."""
    from rich.table import Table

    from habeas.cli.layout import text
    from habeas.law.core.words import rows

    tree = Table.grid(padding=(0, 2, 0, 0), expand=True)
    drawn = list(rows(rule, vocabulary))
    tree.add_column(no_wrap=True)
    tree.add_column(ratio=1, overflow="fold")
    for row in drawn:
        tree.add_row(
            text(row.branch, "dim").append(row.label, style="" if row.meaning else "italic"), text(row.meaning, "dim")
        )
    table.add_row(text(f"  {label}", "dim"), tree)


# ---- for a program ----


def _as_plain(pack: Pack, chosen: Iterable[Provision], reviews: Sequence[Review]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "jurisdiction": asdict(pack.jurisdiction),
        "provisions": [_provision(provision, reviews) for provision in chosen],
    }


def _provision(provision: Provision, reviews: Sequence[Review]) -> dict[str, Any]:
    from dataclasses import fields

    from habeas.law.core.reviews import digest_of, status_of

    status = status_of(provision, reviews)
    review: dict[str, str | None] = {"status": status.state, "by": None, "on": None}
    if status.last:
        review |= {"by": status.last.by, "on": status.last.on.isoformat()}
    return {
        **{each.name: _value(getattr(provision, each.name)) for each in fields(provision)},
        "digest": digest_of(provision),
        "review": review,
    }


def _value(value: Any) -> Any:
    """Plain data: rules and periods as a pack writes them, days as text."""
    from dataclasses import fields, is_dataclass
    from datetime import date

    from habeas.kernel.calendars import Period
    from habeas.law.core.model import Rule
    from habeas.law.core.words import as_written

    if isinstance(value, Rule):
        return as_written(value)
    if isinstance(value, (Period, date)):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        names = {"from_": "from", "condition": "if", "counted_from": "from"}
        return {names.get(each.name, each.name): _value(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, (list, tuple)):
        return [_value(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value
