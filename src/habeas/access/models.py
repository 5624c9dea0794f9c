"""People with an account, and the keys of cases."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import CheckConstraint, Q


class Organisation(models.Model):
    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class Person(AbstractUser):
    """Someone who signs in at the desk. People who report never have an account."""

    class Role(models.TextChoices):
        CASEWORKER = "caseworker", "Caseworker"
        LEAD = "lead", "Team lead"
        AUDITOR = "auditor", "Auditor"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="members")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.CASEWORKER)

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class CaseKey(models.Model):
    """The data key of one case, wrapped. Once destroyed, what was sealed under it is gone for good."""

    wrapped = models.BinaryField(null=True)
    house_key_version = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(wrapped=None, destroyed_at__isnull=False) | Q(wrapped__isnull=False, destroyed_at=None),
                name="destroyed_key_is_gone",
            )
        ]

    def __str__(self) -> str:
        return f"case key {self.pk}"
