"""The ledger to the outside: a witness for the logs of others, and our own checkpoint and tree of hashes.

By its protocol nobody signs in here: a checkpoint counts by its signatures. Of our log only hashes leave the house, and
only up to the size that we signed for; entries never do.
Source: C2SP tlog-witness; C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from habeas.kernel import clock
from habeas.ledger import queries, signing, witnessing
from habeas.ledger.core import tiles
from habeas.ledger.core.checkpoints import MOST_SUBMITTED_BYTES

TEXT: Final = witnessing.TEXT_TYPE
HASHES: Final = "application/octet-stream"
# A full tile never changes; one that is not full never changes either, but is soon of no use to anybody.
FOR_EVER: Final = "public, max-age=31536000, immutable"
FOR_A_DAY: Final = "public, max-age=86400"
_LEVEL: Final = re.compile("0|[1-9][0-9]?")


@csrf_exempt
@require_POST
def add_checkpoint(request: HttpRequest) -> HttpResponse:
    body = request.read(MOST_SUBMITTED_BYTES + 1)
    if len(body) > MOST_SUBMITTED_BYTES:
        return _said(413, f"more than {MOST_SUBMITTED_BYTES} bytes are not read")
    try:
        answer = witnessing.add_checkpoint(body, clock.now())
    except signing.NoLedgerKey:
        # Where the key file is and why it cannot be read is for those who keep this machine.
        return _said(503, "nothing can be cosigned here: this house has no keys of a witness")
    return HttpResponse(answer.body, status=answer.status, content_type=answer.media_type)


@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    try:
        note = witnessing.assembled(witnessing.latest_checkpoint())
    except witnessing.NoCheckpoint:
        return _said(404, "no checkpoint was signed yet")
    return HttpResponse(str(note), content_type=TEXT, headers={"Cache-Control": "no-cache"})


@require_safe
def tile(request: HttpRequest, level: str, place: str) -> HttpResponse:
    """``place``: ``x001/x234/067``, or with ``.p/`` and a width from 1 to 255."""
    try:
        number = int(level) if _LEVEL.fullmatch(level) else -1
        index, width = tiles.parse(number, place)
    except tiles.NoSuchTile as refusal:
        return _said(404, str(refusal))
    if not _is_signed_for(number, index, width):
        return _said(404, "no checkpoint was signed for such a tile")
    try:
        hashes = queries.tile(number, index, width)
    except queries.NoSuchEntry as refusal:
        return _said(404, str(refusal))
    return HttpResponse(
        hashes,
        content_type=HASHES,
        headers={"Cache-Control": FOR_EVER if width == tiles.WIDTH else FOR_A_DAY},
    )


def _is_signed_for(level: int, index: int, width: int) -> bool:
    """Tiles of a larger tree than we signed for would tell how much is done here from one second to the next."""
    try:
        size = witnessing.latest_checkpoint().size
    except witnessing.NoCheckpoint:
        return False
    return (index * tiles.WIDTH + width) << (tiles.HEIGHT * level) <= size


def _said(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(f"{sentence}\n", status=status, content_type=TEXT)
