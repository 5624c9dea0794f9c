"""The append-only log of everything done. It holds ids, never people."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q


class Entry(models.Model):
    """One thing that was done. ``body`` is the exact bytes that were hashed; it is never edited or deleted."""

    index = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    kind = models.CharField(max_length=60)
    case = models.CharField(max_length=36, blank=True, db_index=True)
    body = models.BinaryField()
    leaf_hash = models.BinaryField(max_length=32)

    class Meta:
        ordering = ["index"]

    def __str__(self) -> str:
        return f"entry {self.index} ({self.kind})"


class Head(models.Model):
    """The tree's present size and frontier, as hex hashes, largest subtree first. One row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.PositiveBigIntegerField(default=0)
    frontier = models.JSONField(default=list)

    class Meta:
        constraints = [CheckConstraint(condition=Q(id=1), name="one_ledger_head")]

    def __str__(self) -> str:
        return f"ledger of {self.size} entries"
