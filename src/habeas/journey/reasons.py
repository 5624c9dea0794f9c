"""A service's statement of reasons on a notice: begun from what the notice said, checked, sealed, given back.

A statement -> checked against the schema in force, and for personal data, which may not stand in it -> sealed beside
the notice under its PUID, once -> its service reads it back, one or all, as JSON or as a table.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from habeas.exposure.core.scan import FINDING, scan
from habeas.kernel import clock
from habeas.platforms import actions as platforms
from habeas.platforms import queries
from habeas.platforms.core import statement_of_reasons as schema
from habeas.platforms.core.statement_of_reasons import NotAStatement, Problem
from habeas.remedies import queries as remedies

if TYPE_CHECKING:
    from habeas.platforms.models import Addressee, ReasonsGiven
    from habeas.remedies.models import Measure

# How sure the scan must be that a text holds somebody's data before the text is turned back.
_SURE: Final = 0.8
# What a program for tables would take for a formula.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_LEFT_TO_THEM: Final = ("reference", "given_at")


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement as it was given. ``reference``: of our notice; ``fields``: as the schema names them."""

    reference: str
    given_at: datetime
    fields: Mapping[str, Any]


def begun(measure: Measure) -> dict[str, Any]:
    """The fields that a notice settles, or suggests: whoever decides changes what was otherwise.

    What was decided on which facts and why, what the content was and of when, how far it was automated: theirs to say.
    """
    grounds = [ground for ground in measure.planned["grounds"] if ground["citation"]]
    done = [event.at for event, _ in remedies.events_of(measure) if event.event in {"comply", "comply_partly"}]
    found: dict[str, Any] = {
        # By chance: PUIDs are published, and our reference stands in a letter that others may come to read.
        "puid": secrets.token_hex(8),
        "decision_ground": schema.GROUND_ILLEGAL,
        "category": "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS",
        "category_specification": ["KEYWORD_OTHER"],
        "category_specification_other": "doxxing: private data published without consent",
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "application_date": (done[-1] if done else clock.now()).date().isoformat(),
        "territorial_scope": sorted({ground["jurisdiction"] for ground in grounds} & set(schema.PLACES)),
    }
    if done:
        found["decision_visibility"] = ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    if grounds:
        found["illegal_content_legal_ground"] = _shortened(ground["citation"] for ground in grounds)
    return {name: value for name, value in found.items() if value}


def give(measure: Measure, told: Mapping[str, Any], *, by: object) -> Statement:
    """Check and keep a statement. The same PUID again must say the same. Raises NotAStatement, NotOpen."""
    fields = schema.checked(told)
    if personal := list(_personal(fields)):
        raise NotAStatement(personal)
    given = platforms.give_reasons(measure, _kept_as(measure, fields["puid"]), fields, by=by, at=clock.now())
    return Statement(measure.reference or "", given.made_at, fields)


def of(measure: Measure) -> list[Statement]:
    """The statements on one notice, the first one first. Raises KeyDestroyed."""
    return [_read(one) for one in queries.reasons_of(measure)]


def given_by(partner: Addressee, *, after: int = 0, count: int = 100) -> tuple[list[Statement], int | None]:
    """(statements on all notices to a partner, the earliest first; where the next page starts, or null).

    after: what the page before gave
    """
    found = list(queries.reasons_by(partner, after=after)[: count + 1])
    return [_read(one) for one in found[:count]], found[count - 1].pk if len(found) > count else None


def table(statements: Iterable[Statement]) -> str:
    """Statements as CSV (RFC 4180): one row each, a column for every field; lists as JSON, as in the database's tables.

    A text that begins like a formula gets an apostrophe in front, so that no program for tables runs it.
    """
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow([*_LEFT_TO_THEM, *schema.FIELDS])
    for one in statements:
        cells = (_cell(one.fields.get(name)) for name in schema.FIELDS)
        rows.writerow([one.reference, one.given_at.isoformat(), *cells])
    return written.getvalue()


def _read(given: ReasonsGiven) -> Statement:
    return Statement(given.measure.reference or "", given.made_at, queries.fields_of(given))


def _kept_as(measure: Measure, puid: str) -> str:
    """What a PUID is known by here: each service counts its own, and two may choose the same."""
    to = measure.planned["addressee"]
    return hashlib.sha256(json.dumps([to["kind"], to["name"], to["jurisdiction"], puid]).encode()).hexdigest()


def _personal(fields: Mapping[str, Any]) -> Iterable[Problem]:
    """Fields whose words hold somebody's data, by what the words themselves look like.

    Never by what is known of the case: whoever tries values here must not learn which of them are right.
    """
    for name, text in schema.texts(fields).items():
        kinds = {
            one.kind
            for one in scan(text, today=clock.today()).exposures
            if one.kind in FINDING and one.confidence >= _SURE
        }
        if kinds:
            says = f"It seems to hold personal data ({', '.join(sorted(kind.replace('_', ' ') for kind in kinds))})"
            yield Problem(name, f"{says}: take it out; a statement of reasons may hold none.")


def _shortened(citations: Iterable[str]) -> str:
    """As many whole citations as the field of the law takes."""
    text = ""
    for citation in dict.fromkeys(citations):
        longer = f"{text}; {citation}" if text else citation
        if len(longer) > schema.FIELDS["illegal_content_legal_ground"].longest:
            break
        text = longer
    return text


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
