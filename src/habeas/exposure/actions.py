"""Recording what a scan found."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import transaction

from habeas.access import keys
from habeas.cases.models import Case
from habeas.exposure.core.documents import Document, UnreadableFile
from habeas.exposure.core.model import Scan
from habeas.exposure.models import Exposure, Reading, Signal
from habeas.ledger import actions as ledger


@transaction.atomic
def record_scan(case: Case, source: str, document: Document, scan: Scan, *, at: datetime) -> Reading:
    """Store what one item says and exposes. Done again, it replaces what it said before."""
    Reading.objects.filter(case=case, source=source).delete()
    reading = Reading.objects.create(
        case=case,
        source=source,
        media_type=document.media_type,
        text_sealed=keys.seal(case.key, document.text, _text_context(case, source)),
        layout_sealed=keys.seal(case.key, _layout(document), f"layout/{case.pk}/{source}"),
        severity=scan.severity,
        severity_reason=scan.severity_reason[:400],
        read_at=at,
    )
    Exposure.objects.bulk_create(
        Exposure(
            reading=reading,
            kind=found.kind,
            detail=found.detail[:120],
            start=found.start,
            end=found.end,
            value_sealed=keys.seal(case.key, found.value, f"exposure/{case.pk}/{source}/{found.start}"),
            whose=found.whose,
            whose_reason=found.whose_reason[:300],
            gravity=found.gravity,
            gravity_reason=found.gravity_reason[:300],
            confidence=found.confidence,
            reason=found.reason[:300],
        )
        for found in scan.exposures
    )
    Signal.objects.bulk_create(
        Signal(
            reading=reading,
            kind=sign.kind,
            toward=sign.toward,
            start=sign.start,
            end=sign.end,
            strength=sign.strength,
            reason=sign.reason[:300],
        )
        for sign in scan.signals
    )
    ledger.append("item.scanned", by="scan", at=at, case=case.pk, source=source, exposures=len(scan.exposures))
    return reading


@transaction.atomic
def record_trouble(case: Case, source: str, media_type: str, trouble: UnreadableFile, *, at: datetime) -> Reading:
    """Store that an item could not be read, so that a person looks at it. The item itself stays sealed."""
    Reading.objects.filter(case=case, source=source).delete()
    reading = Reading.objects.create(case=case, source=source, media_type=media_type, trouble=trouble.code, read_at=at)
    ledger.append("item.unreadable", by="scan", at=at, case=case.pk, source=source, trouble=trouble.code)
    return reading


def _layout(document: Document) -> str:
    parts = [[part.origin, part.start, part.end] for part in document.parts]
    return json.dumps({"notes": list(document.notes), "parts": parts}, ensure_ascii=False)


def _text_context(case: Case, source: str) -> str:
    return f"reading/{case.pk}/{source}"
