"""What a bundle carries for people and for other systems: statements as PDF, CASE, completeness, what is not proved."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from habeas.evidence.core import completeness
from habeas.evidence.core.case_uco import ACTION_NAMES, case_document
from habeas.evidence.core.custody import BASES, PURPOSES
from habeas.evidence.core.statements import Statement, facts_of, filled, not_proved, shown, statements

TEXTS = Path(__file__).parent / "statements"
FONTS = Path(__file__).parents[1] / "fonts"
# For archives and for screen readers at once.
PDF_STANDARDS = ["a-3a", "ua-1"]


def documents(
    bundle: Mapping[str, Any], custody: Sequence[Mapping[str, Any]], language: str = "en"
) -> dict[str, bytes]:
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
    statement: Statement, texts: Mapping[str, Any], bundle: Mapping[str, Any], custody: Sequence[Mapping[str, Any]]
) -> bytes:
    """One statement as PDF/A-3a and PDF/UA-1, with its fonts in it."""
    facts = facts_of(bundle, custody)
    words = {key: filled(word, facts) for key, word in texts["words"].items()}
    data = {
        "language": texts["language"],
        "title": statement.title,
        "subtitle": statement.subtitle,
        "made_by": str(bundle["made_by"]),
        "words": {**words, "not_advice": texts["not_advice"]},
        "paragraphs": list(statement.paragraphs),
        "exhibits": [_exhibit(exhibit, words) for exhibit in bundle["exhibits"]],
        "custody": [_event(event) for event in custody],
    }
    return print_template(TEXTS / "statement.typ", data, at=datetime.fromisoformat(bundle["made_at"]))


def print_template(template: Path, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """A typst template with its data as a PDF. The data is text: nothing in it is read as markup."""
    import typst

    printed: bytes = typst.compile(
        template.read_bytes(),
        root=str(template.parent),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=PDF_STANDARDS,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        timestamp=int(at.astimezone(UTC).timestamp()),
    )
    return printed


def _exhibit(exhibit: Mapping[str, Any], words: Mapping[str, str]) -> dict[str, Any]:
    stamps = sorted(str(path).rpartition("/")[2].removeprefix(f"{exhibit['item']}-") for path in exhibit["stamps"])
    return {
        "number": str(exhibit["number"]),
        "name": printable(str(exhibit["name"])),
        "kind": str(exhibit["kind"]),
        "size": f"{exhibit['size_bytes']:,}",
        "entry": str(exhibit["ledger_index"]),
        "acquired": shown(exhibit["acquired_at"]),
        "sealed": shown(exhibit["sealed_at"]),
        "stamps": ", ".join(stamp.removesuffix(".tsr") for stamp in stamps) or words["none"],
        "sha256": exhibit["sha256"],
        "sha512": exhibit["sha512"],
        "commitment": exhibit["commitment"],
        "not_held": exhibit["file"] is None,
    }


def _event(event: Mapping[str, Any]) -> dict[str, str]:
    item = f" · {str(event['item'])[:8]}" if event["item"] else ""
    return {
        "number": str(event["number"]),
        "at": shown(event["at"]),
        "what": ACTION_NAMES.get(event["kind"], str(event["kind"])) + item,
        "who": printable(f"{event['by']} ({event['role']}) {event['organisation']}".strip()),
        "why": printable(
            f"{event['purpose']} · {event['basis']}" + (f" · {event['method']}" if event["method"] else "")
        ),
    }


def _why(event: Mapping[str, Any]) -> str:
    purpose, basis = str(event["purpose"]), str(event["basis"])
    said = f"{PURPOSES.get(purpose, purpose)}; basis: {BASES.get(basis, basis)}"
    return f"{said}; {event['method']}" if event["method"] else said


def printable(text: str) -> str:
    """A name as it can be set: without what has no shape and could hide or turn what stands beside it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"
