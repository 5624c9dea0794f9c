"""What was handed in or captured, sealed."""

from __future__ import annotations

import uuid

from django.db import models


class Item(models.Model):
    """One piece of evidence. The hashes are those of the original; the bytes lie sealed in the store."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="items")
    report = models.ForeignKey("cases.Report", on_delete=models.PROTECT, related_name="items")
    name_sealed = models.BinaryField()
    media_type = models.CharField(max_length=100)
    size_bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    sha512 = models.CharField(max_length=128)
    stored_as = models.CharField(max_length=64, help_text="SHA-256 of the sealed bytes: its name in the store")
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["sealed_at", "pk"]

    def __str__(self) -> str:
        return f"item {self.pk}"
