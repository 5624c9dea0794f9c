"""The wording of a letter: versions, each sealed under the key of its case; the one that was sent is known for ever."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from habeas.access import actions as access
from habeas.access import keys
from habeas.access.models import Person
from habeas.ledger import actions as ledger
from habeas.remedies import progress
from habeas.remedies.models import LetterVersion, Measure


class EditedMeanwhile(RuntimeError):
    """Somebody else saved another version since this one was opened. Nothing was overwritten."""


class NotEditable(RuntimeError):
    """The letter has left the house, or its measure stands where no letter is written."""


@transaction.atomic
def save(
    measure_id: int, letter: dict[str, Any], language: str, *, based_on: int, by: object, at: datetime
) -> LetterVersion:
    """Write down a new version; the same words again are no new version.

    based_on: the number of the version that was edited, 0 for the first
    Raises EditedMeanwhile, NotEditable, NotAllowed.
    """
    if isinstance(by, Person):
        access.require(by, "write_letter")
    measure = progress.held(measure_id)
    if measure.state not in {"drafted", "approved", "stopped"}:
        raise NotEditable("This letter has left the house. What was sent stays as it was sent.")
    last = measure.letters.last()
    if (last.number if last else 0) != based_on:
        raise EditedMeanwhile(
            "Somebody saved another version while you wrote. Yours was not saved: compare them, then save again."
        )
    if last is not None and last.language == language and read(last) == letter:
        return last
    version = LetterVersion(
        measure=measure,
        number=based_on + 1,
        language=language,
        made_by=str(by.pk if isinstance(by, Person) else by),
        made_at=at,
    )
    version.sealed = keys.seal(measure.case.key, json.dumps(letter), _context(version))
    version.save()
    if measure.state == Measure.State.APPROVED and isinstance(by, Person):
        # A yes was given to the words that stood there; it does not carry over to other words.
        measure.approvals.all().delete()
        progress.happen(measure, "restore", by=version.made_by, at=at)
    ledger.append(
        "letter.written", by=version.made_by, at=at, case=measure.case_id, measure=measure.pk, version=version.number
    )
    return version


def read(version: LetterVersion) -> dict[str, Any]:
    """The letter as JSON values. Raises KeyDestroyed where its case was erased."""
    letter: dict[str, Any] = json.loads(keys.unseal(version.measure.case.key, version.sealed, _context(version)))
    return letter


def _context(version: LetterVersion) -> str:
    return f"letter/{version.measure_id}/{version.number}"
