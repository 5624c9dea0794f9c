"""Sealing: hashed, encrypted, stored, logged."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from habeas.access import keys
from habeas.cases.models import Report
from habeas.evidence import store
from habeas.evidence.core.commitments import commitment
from habeas.evidence.models import Item
from habeas.ledger import actions as ledger


@transaction.atomic
def seal(report: Report, name: str, media_type: str, content: bytes, *, by: object, at: datetime) -> Item:
    """Seal one piece of evidence of a report, exactly as it came."""
    case = report.case
    item = Item(case=case, report=report, media_type=media_type, size_bytes=len(content), sealed_at=at)
    sha256, sha512 = hashlib.sha256(content), hashlib.sha512(content)
    hashes = json.dumps({"sha256": sha256.hexdigest(), "sha512": sha512.hexdigest()}, sort_keys=True)
    item.hashes_sealed = keys.seal(case.key, hashes, f"item-hashes/{item.pk}")
    item.commitment = commitment(keys.salt_of(case.key, f"item-commitment/{item.pk}"), sha512.digest()).hex()
    item.name_sealed = keys.seal(case.key, name, f"item-name/{item.pk}")
    item.stored_as = store.put(Path(settings.HABEAS_EVIDENCE), keys.seal(case.key, content, f"item/{item.pk}"))
    item.save()
    ledger.append(
        "item.sealed",
        by=by,
        at=at,
        case=case.pk,
        item=item.pk,
        commitment=item.commitment,
        size_bytes=item.size_bytes,
    )
    return item
