"""Bundles: the items of a case with everything that proves them, in a folder that verifies without us.

Gathered and entered in the ledger in one transaction; then the log is signed and its witnesses are asked; only then the
bundle is written, with proofs of all its entries in that one checkpoint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from habeas.access import actions as access
from habeas.access.models import Person
from habeas.cases import actions as cases
from habeas.cases.models import Case
from habeas.evidence import actions, queries, timestamping
from habeas.evidence.actions import Reason
from habeas.evidence.core import bundle as core
from habeas.evidence.core.bundle import Authority, BundleContents, CustodyStep, Exhibit, LogProofs, RedactedTwin, Stamp
from habeas.evidence.core.manifest import manifest
from habeas.evidence.models import CustodyEvent, Item, Redaction
from habeas.evidence.models import Stamp as StampRow
from habeas.evidence.names import slug_of
from habeas.ledger import actions as ledger
from habeas.ledger import queries as ledger_queries
from habeas.ledger import witnessing


def make(
    case: Case, items: Sequence[Item], reason: Reason, into: Path, *, by: Person, audience: str, at: datetime
) -> Path:
    """Write a bundle of these items into a new folder. Raises NotAllowed, NoLedgerKey, ItemDamaged, KeyDestroyed."""
    contents, index = _entered(case, items, reason, by=by, audience=audience, at=at)
    checkpoint = witnessing.sign_checkpoint(at)
    witnessing.ask_witnesses(at)
    wanted = [index, *contents.entries]
    proofs = {one: witnessing.proof_file(one, checkpoint).encode() for one in wanted}
    core.write_bundle(contents, LogProofs(index, ledger_queries.entry_bytes(index), proofs), into)
    return into


def encrypted(folder: Path, recipients: Sequence[str]) -> bytes:
    """A bundle as one encrypted file. recipients: ``age1…``. Raises PackageUnreadable."""
    out = folder.with_name(f"{folder.name}.tar.age")
    core.encrypt_to(folder, recipients, out)
    return out.read_bytes()


@transaction.atomic
def _entered(
    case: Case, items: Sequence[Item], reason: Reason, *, by: Person, audience: str, at: datetime
) -> tuple[BundleContents, int]:
    access.require(by, "export_bundle")
    case = cases.hold(case)
    for item in items:
        actions.record(
            case,
            CustodyEvent.Kind.COPY,
            reason,
            by=by,
            at=at,
            item=item,
            commitment_in=item.commitment,
            method=f"bundle for {audience}",
        )
    contents = _contents(case, items, by=by, audience=audience, at=at)
    index = ledger.append(
        core.ENTRY_KIND,
        by=by.pk,
        at=at,
        case=case.pk,
        items=[str(item.pk) for item in items],
        audience=audience,
        bundle_sha512=core.bundle_sha512(contents),
    )
    return contents, index


def _contents(case: Case, items: Sequence[Item], *, by: Person, audience: str, at: datetime) -> BundleContents:
    sealed_at = {
        event.item_id: event.ledger_index
        for event in case.custody.filter(kind__in=[CustodyEvent.Kind.INGEST, CustodyEvent.Kind.CAPTURE])
    }
    stamps = _stamps_of(items)
    exhibits = [_exhibit(item, sealed_at[item.pk], stamps.get(f"item/{item.pk}", ())) for item in items]
    events = _custody(case, items)
    used = {stamp.authority for found in stamps.values() for stamp in found}
    contents = BundleContents(
        case=str(case.pk),
        reference=case.reference,
        made_at=at,
        made_by=by.organisation.name if by.organisation else "Habeas",
        made_for=audience,
        origin=witnessing.origin(),
        policy=witnessing.policy_text(),
        exhibits=exhibits,
        custody=[_step(event) for event in events],
        entries={
            index: ledger_queries.entry_bytes(index)
            for index in [*(exhibit.ledger_index for exhibit in exhibits), *(event.ledger_index for event in events)]
        },
        authorities=[Authority(slug, pem) for slug, pem in _roots() if slug in used],
        redactions=_redactions(items, stamps),
    )
    return replace(contents, documents=_documents(contents))


def _exhibit(item: Item, index: int, stamps: Sequence[Stamp]) -> Exhibit:
    hashes = queries.hashes_of(item)
    return Exhibit(
        item=str(item.pk),
        name=queries.name_of(item),
        kind=item.kind,
        media_type=item.media_type,
        size_bytes=item.size_bytes,
        sha256=hashes.sha256,
        sha512=hashes.sha512,
        salt=queries.salt_of(item),
        sealed_at=item.sealed_at,
        ledger_index=index,
        content=queries.content_of(item) if item.stored_as else None,
        acquired_at=item.acquired_at,
        stamps=stamps,
        details=queries.details_of(item),
        before=str(item.before_id) if item.before_id else None,
        made_from=str(item.made_from_id) if item.made_from_id else None,
    )


def _stamps_of(items: Sequence[Item]) -> dict[str, list[Stamp]]:
    """What was stamped -> its tokens: the items themselves and the trees of their redactions."""
    subjects = [f"item/{item.pk}" for item in items] + [f"redaction/{tree.pk}" for tree in _trees(items)]
    found: dict[str, list[Stamp]] = {}
    rows = StampRow.objects.filter(state=StampRow.State.STAMPED, subject__in=subjects).order_by("subject", "authority")
    for row in rows:
        found.setdefault(row.subject, []).append(Stamp(slug_of(row.authority), bytes(row.token)))
    return found


def _roots() -> list[tuple[str, bytes]]:
    return [(slug_of(authority.name), authority.roots_pem()) for authority in timestamping.authorities()]


def _custody(case: Case, items: Sequence[Item]) -> list[CustodyEvent]:
    """The custody of these items and of hand-overs of them; events of other items stay out."""
    chosen = {item.pk for item in items}
    handed = {handover.pk for item in items for handover in item.handovers.all()}
    return [
        event
        for event in queries.custody_of(case)
        if (event.item_id is None or event.item_id in chosen)
        and (event.handover_id is None or event.handover_id in handed)
    ]


def _step(event: CustodyEvent) -> CustodyStep:
    return CustodyStep(
        kind=event.kind,
        by=event.by,
        organisation=event.organisation,
        role=event.role,
        purpose=event.purpose,
        basis=event.basis,
        at=event.at,
        ledger_index=event.ledger_index,
        item=str(event.item_id) if event.item_id else None,
        handover=str(event.handover_id) if event.handover_id else None,
        commitment_in=event.commitment_in or None,
        commitment_out=event.commitment_out or None,
        method=event.method,
    )


def _trees(items: Sequence[Item]) -> list[Redaction]:
    """The redaction trees whose twins are among the items."""
    originals = [item.made_from_id for item in items if item.kind == Item.Kind.REDACTED]
    return list(Redaction.objects.filter(item__in=originals).select_related("item__case__key"))


def _redactions(items: Sequence[Item], stamps: dict[str, list[Stamp]]) -> list[RedactedTwin]:
    """The twins among the items, each under its own id; one tree may have several."""
    trees = {(str(tree.item_id), tree.unit): tree for tree in _trees(items)}
    twins = []
    for item in items:
        if item.kind != Item.Kind.REDACTED or item.media_type != "application/json":
            continue
        twin = json.loads(queries.content_of(item))
        tree = trees.get((twin["item"], twin["unit"]))
        twins.append(RedactedTwin(str(item.pk), twin, stamps.get(f"redaction/{tree.pk}", ()) if tree else ()))
    return twins


def _documents(contents: BundleContents) -> dict[str, Any]:
    """What people and other systems read: CASE, completeness, statements, and what is not proved."""
    from habeas.evidence import printing

    return printing.documents(json.loads(core.bundle_json(contents)), json.loads(core.custody_json(contents)))


def manifest_of(
    package: bytes, *, sender: str, recipient: str, reference: str, handover: object, until: datetime, at: datetime
) -> dict[str, Any]:
    """What the recipient is told of a package before it opens. Raises ManifestRefused."""
    return manifest(
        sender=sender,
        recipient=recipient,
        order=reference,
        handover=str(handover),
        made_at=at,
        means="encrypted file (age), key after signed acceptance",
        files={f"{handover}.tar.age": (len(package), hashlib.sha512(package).hexdigest())},
        available_until=until,
    )
