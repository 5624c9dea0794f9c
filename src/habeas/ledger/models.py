"""The append-only log of everything done. It holds ids, never people."""

from __future__ import annotations

from django.db import models
from django.db.models import CheckConstraint, Q, UniqueConstraint
from django.db.models.functions import Substr


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


class Tile(models.Model):
    """256 hashes of the tree, side by side, at a level: never changed once full.

    Level 0 holds leaf hashes and is written when full; level n holds the roots over the full tiles of level n-1 and
    grows with each of them. Source: C2SP tlog-tiles.
    """

    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hashes = models.BinaryField(max_length=8192)

    class Meta:
        constraints = [UniqueConstraint(fields=["level", "index"], name="one_tile_per_place")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.index}"


class Checkpoint(models.Model):
    """What we signed: that the log has this size and this root. Two roots for one size would be a lie."""

    size = models.PositiveBigIntegerField(unique=True)
    root = models.BinaryField(max_length=32)
    note = models.TextField(help_text="the signed note, our own signatures only")
    signed_at = models.DateTimeField()

    class Meta:
        ordering = ["size"]

    def __str__(self) -> str:
        return f"checkpoint at {self.size}"


class Witness(models.Model):
    """An organisation that cosigns our checkpoints after checking that the log only grew."""

    name = models.CharField(max_length=200, unique=True)
    address = models.URLField(max_length=500)
    keys = models.TextField(help_text="one verifier key a line")
    added_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    last_size = models.PositiveBigIntegerField(default=0, help_text="the size it cosigned last")
    last_trouble = models.CharField(max_length=300, blank=True)
    last_asked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Cosignature(models.Model):
    """One signature line of a witness under one of our checkpoints."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Witness, on_delete=models.PROTECT, related_name="cosignatures")
    line = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        # The beginning is enough to tell two apart, and the whole line is more than PostgreSQL puts in an index.
        constraints = [UniqueConstraint("checkpoint", Substr("line", 1, 500), name="a_cosignature_once")]

    def __str__(self) -> str:
        return f"cosignature {self.pk}"


class WatchedLog(models.Model):
    """A log of another organisation that we witness: the newest checkpoint of it that we cosigned."""

    origin = models.CharField(max_length=300, unique=True)
    keys = models.TextField(help_text="one verifier key a line; a checkpoint needs a signature by one of them")
    size = models.PositiveBigIntegerField(default=0)
    root = models.BinaryField(max_length=32)
    note = models.TextField(blank=True, help_text="the checkpoint as it came")
    seen_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField()
    refused = models.PositiveIntegerField(default=0, help_text="checkpoints that did not follow from what we had seen")

    def __str__(self) -> str:
        return self.origin
