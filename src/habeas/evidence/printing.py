"""What a bundle carries for people and for other systems: statements as PDF, CASE, completeness, what is not proved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from habeas.evidence.core import completeness
from habeas.evidence.core.case_uco import case_document
from habeas.evidence.core.glyphs import all_writable, letters_of
from habeas.evidence.core.records import BundleRecord, CustodyRecord, ExhibitRecord, by_program
from habeas.evidence.core.statements import (
    Section,
    Statement,
    facts_of,
    filled,
    not_proved,
    shown,
    stamped_by,
    statements,
)

TEXTS = Path(__file__).parent / "statements"
FONTS = Path(__file__).parents[1] / "fonts"
# The families statements are set in, by the names of their files.
STATEMENTS = ("NotoSans",)
# For archives and for screen readers at once.
PDF_STANDARDS = ["a-3a", "ua-1"]
# Longer names are cut in the statement, and said to be: one name must not fill a page. bundle.json has them whole.
LONGEST_NAME = 300


def documents(bundle: BundleRecord, custody: Sequence[CustodyRecord], language: str = "en") -> dict[str, bytes]:
    """Path below ``data/`` -> content, for ``BundleContents.documents``. The same record gives the same bytes."""
    texts = read_texts(language)
    made = {
        "case.jsonld": _json(case_document(bundle, custody)),
        "completeness.json": _json(completeness.report(bundle, custody)),
        "not-proved.txt": not_proved(texts).encode(),
    }
    for statement in statements(texts, bundle, custody):
        made[f"statements/{statement.file}"] = statement_pdf(statement, texts, bundle, custody)
    return made


def read_texts(language: str) -> dict[str, Any]:
    import yaml

    texts: dict[str, Any] = yaml.safe_load((TEXTS / f"{language}.yaml").read_text("utf-8"))
    return texts


def statement_pdf(
    statement: Statement, texts: Mapping[str, Any], bundle: BundleRecord, custody: Sequence[CustodyRecord]
) -> bytes:
    """One statement as PDF/A-3a and PDF/UA-1, with its fonts in it."""
    facts = facts_of(bundle, custody)
    words = {key: filled(word, facts) for key, word in texts["words"].items()}
    names = [exhibit["name"] for exhibit in bundle["exhibits"]]
    numbers = {exhibit["item"]: str(exhibit["number"]) for exhibit in bundle["exhibits"]}
    data = {
        "language": texts["language"],
        "title": statement.title,
        "subtitle": statement.subtitle,
        "made_by": bundle["made_by"],
        "words": words,
        "sections": [_section(section) for section in statement.sections],
        "blanks": list(statement.blanks),
        "lacks": _section(statement.lacks),
        "not_proved": _section(statement.not_proved),
        "coded": all_writable(names, letters(STATEMENTS)) != names,
        "exhibits": [_exhibit(exhibit, words, texts) for exhibit in bundle["exhibits"]],
        "columns": [words[name] for name in ("number", "when", "what", "exhibit", "who", "why", "entry")],
        "custody": [_event(event, words, texts, numbers) for event in custody],
    }
    shown = all_writable(data, letters(STATEMENTS))
    return print_template(TEXTS / "statement.typ", shown, at=datetime.fromisoformat(bundle["made_at"]))


def print_template(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """A typst template with its data as a PDF. The data is text: nothing in it is read as markup.

    data: JSON values of letters that the template's fonts can show (``letters``, ``all_writable``)
    at:   what the PDF says it was made at; with it the same data gives the same bytes
    """
    import typst

    printed: bytes = typst.compile(
        template.read_bytes(),
        root=str(template.parent),
        font_paths=_fonts(),
        format="pdf",
        pdf_standards=PDF_STANDARDS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(at.astimezone(UTC).timestamp()),
    )
    return printed


@cache
def letters(families: tuple[str, ...]) -> frozenset[int]:
    """What fonts of ours can show between them, each in all of its weights.

    families: by the names of their files, up to the weight
    """
    shown_by = [
        frozenset.intersection(*(letters_of(font.read_bytes()) for font in FONTS.glob(f"{family}-*.?tf")))
        for family in families
    ]
    return frozenset.union(*shown_by)


@cache
def _fonts() -> Any:
    """Our fonts, looked through once in the life of the process, and none of the machine's."""
    import typst

    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONTS)])


def _section(section: Section) -> dict[str, Any]:
    return {"heading": section.heading, "sentences": list(section.sentences)}


def _exhibit(exhibit: ExhibitRecord, words: Mapping[str, str], texts: Mapping[str, Any]) -> dict[str, Any]:
    facts = {
        "kind": texts["kinds"].get(exhibit["kind"], exhibit["kind"]),
        "size": f"{exhibit['size_bytes']:,} {words['bytes']}",
        "acquired": shown(exhibit["acquired_at"]),
        "sealed": shown(exhibit["sealed_at"]),
        "entry": str(exhibit["ledger_index"]),
        "stamps": ", ".join(stamped_by(exhibit)) or words["none"],
    }
    return {
        "number": str(exhibit["number"]),
        "name": shortened(exhibit["name"]),
        "not_held": exhibit["file"] is None,
        "facts": [[words[name], fact] for name, fact in facts.items() if fact],
        "hashes": [
            [words["sha256"], exhibit["sha256"]],
            [words["sha512"], exhibit["sha512"]],
            [words["commitment"], exhibit["commitment"]],
        ],
    }


def _event(
    event: CustodyRecord, words: Mapping[str, str], texts: Mapping[str, Any], numbers: Mapping[str, str]
) -> list[str]:
    who = f"{words['program']} {event['by']}" if by_program(event) else f"{words['member']} {event['by']}"
    role = "" if by_program(event) else event["role"]
    purpose, basis = event["purpose"], event["basis"]
    why = [texts["purposes"].get(purpose, purpose), texts["bases"].get(basis, basis), event["method"]]
    return [
        str(event["number"]),
        shown(event["at"]),
        texts["actions"].get(event["kind"], event["kind"]),
        numbers.get(event["item"] or "", ""),
        shortened(", ".join(filter(None, [who, role, event["organisation"]]))),
        shortened("; ".join(filter(None, why))),
        str(event["ledger_index"]),
    ]


def shortened(text: str) -> str:
    """A text of at most ``LONGEST_NAME`` letters, with what was cut said."""
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}… (+{len(text) - LONGEST_NAME})"


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"
