"""People with an account, whose work they do, which cases they were let into, and the keys of cases."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import CheckConstraint, F, Index, Q


class Organisation(models.Model):
    class Kind(models.TextChoices):
        HELPLINE = "helpline", "Helpline"
        REGULATOR = "regulator", "Regulator"
        POLICE = "police", "Police"
        PROSECUTOR = "prosecutor", "Prosecutor"
        COURT_LIAISON = "court_liaison", "Court liaison"
        PLATFORM = "platform", "Platform"
        CIVIL_SOCIETY_MONITOR = "civil_society_monitor", "Civil-society monitor"

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=25, choices=Kind.choices, default=Kind.HELPLINE)
    of_house = models.BooleanField(
        default=True, help_text="it runs this house: cases that nobody has taken yet are its members' to see"
    )

    def __str__(self) -> str:
        return self.name


class Person(AbstractUser):
    """Someone who signs in at the desk. People who report never have an account."""

    class Role(models.TextChoices):
        CASEWORKER = "caseworker", "Caseworker"
        LEAD = "lead", "Team lead"
        AUDITOR = "auditor", "Auditor"
        COUNSEL = "counsel", "Counsel"
        CUSTODIAN = "custodian", "Custodian of identity"
        MONITOR = "monitor", "Monitor (figures only)"
        CLERK = "clerk", "Court clerk"

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="members", help_text="null: of the house"
    )
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


class Seat(models.Model):
    """A place in a joint operation, of one member or of all members of an organisation."""

    # Operations and cases stand above access, so they are known here by their id alone.
    operation_id = models.UUIDField()
    member = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="seats")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="seats")
    taken_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(member__isnull=False, organisation=None) | Q(member=None, organisation__isnull=False),
                name="a_seat_is_of_one",
            )
        ]
        indexes = [Index(fields=["operation_id"], name="seats_of_operation")]

    def __str__(self) -> str:
        return f"seat {self.pk}"


class Grant(models.Model):
    """Why somebody sees a case. Never edited but to end it: another reason is another grant.

    Exactly one of member, organisation and operation holds it. Cases are known by id: they stand above access.
    """

    class Kind(models.TextChoices):
        ASSIGNMENT = "assignment", "It is theirs to work on"
        TEAM = "team", "They help with it"
        AGREEMENT = "agreement", "Shared under an agreement"
        OPERATION = "operation", "Part of a joint operation"
        BREAK_GLASS = "break_glass", "Opened in an emergency"
        COUNSEL = "counsel", "Legal advice"

    kind = models.CharField(max_length=15, choices=Kind.choices)
    case_id = models.UUIDField()
    key = models.ForeignKey(CaseKey, on_delete=models.PROTECT, related_name="grants", help_text="of the case")
    member = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="grants")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, null=True, related_name="grants")
    operation_id = models.UUIDField(null=True)
    purposes = models.JSONField(default=list, help_text="codes; empty: all that the role may act for")
    starts_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="null: until somebody ends it")
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="grants_given")
    reason_sealed = models.BinaryField(help_text="why, in words")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="grants_ended")

    class Meta:
        constraints = [
            CheckConstraint(
                condition=Q(member__isnull=False, organisation=None, operation_id=None)
                | Q(member=None, organisation__isnull=False, operation_id=None)
                | Q(member=None, organisation=None, operation_id__isnull=False),
                name="a_grant_is_held_by_one",
            ),
            CheckConstraint(condition=Q(until=None) | Q(until__gt=F("starts_at")), name="grant_ends_after_it_starts"),
            CheckConstraint(
                condition=~Q(kind="break_glass") | Q(until__isnull=False, member__isnull=False),
                name="broken_glass_is_one_persons_and_short",
            ),
        ]
        # Ended grants pile up and are asked for seldom; those that stand are asked for at every page.
        indexes = [
            Index(fields=["member", "case_id"], condition=Q(ended_at=None), name="grants_of_member"),
            Index(fields=["organisation", "case_id"], condition=Q(ended_at=None), name="grants_of_organisation"),
            Index(fields=["operation_id", "case_id"], condition=Q(ended_at=None), name="grants_of_operation"),
            Index(fields=["case_id"], name="grants_of_case"),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk} ({self.kind})"


class Alarm(models.Model):
    """Somebody opened a case in an emergency. Somebody else says afterwards whether that was right."""

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", "Justified"
        NOT_JUSTIFIED = "not_justified", "Not justified"

    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="alarm")
    raised_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="alarms_raised")
    raised_at = models.DateTimeField()
    review_by = models.DateTimeField()
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="alarms_reviewed")
    reviewed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=15, choices=Verdict.choices, blank=True)
    review_sealed = models.BinaryField(null=True, help_text="why, in words")

    class Meta:
        ordering = ["review_by", "pk"]
        constraints = [
            CheckConstraint(
                condition=Q(reviewed_at=None, reviewed_by=None, verdict="")
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False, verdict__in=["justified", "not_justified"]),
                name="reviewed_with_a_verdict",
            ),
            CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("raised_by")), name="nobody_reviews_their_own_alarm"
            ),
        ]
        indexes = [Index(fields=["review_by"], condition=Q(reviewed_at=None), name="alarms_to_review")]

    def __str__(self) -> str:
        return f"alarm {self.pk}"


class IdentityRequest(models.Model):
    """One person asks to see who reported or was affected; another one releases it, or does not."""

    case_id = models.UUIDField()
    key = models.ForeignKey(CaseKey, on_delete=models.PROTECT, related_name="identity_requests")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identities_asked")
    asked_at = models.DateTimeField()
    purpose = models.CharField(max_length=20)
    reason_sealed = models.BinaryField(help_text="why, in words")
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="identities_decided")
    decided_at = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True, help_text="null where decided: it was declined")

    class Meta:
        ordering = ["pk"]
        constraints = [
            CheckConstraint(
                condition=Q(decided_by=None, decided_at=None, open_until=None)
                | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="identity_decided_by_somebody",
            ),
            CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")), name="identity_opens_by_two_people"
            ),
        ]
        indexes = [
            Index(fields=["case_id", "asked_by"], name="identity_asked_in_case"),
            Index(fields=["asked_at"], condition=Q(decided_at=None), name="identity_to_decide"),
        ]

    def __str__(self) -> str:
        return f"identity request {self.pk}"


class ServiceKey(models.Model):
    """A key with which a program of an organisation acts here, for what its scopes name and nothing else."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="service_keys")
    label = models.CharField(max_length=80)
    prefix = models.CharField(max_length=12, unique=True, help_text="names the key in the open")
    secret_digest = models.BinaryField(max_length=32, help_text="SHA-256 of a secret of 256 random bits")
    scopes = models.JSONField(help_text="actions of access/core/permissions.py")
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="service_keys_made")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [CheckConstraint(condition=Q(expires_at__gt=F("made_at")), name="service_key_expires")]

    def __str__(self) -> str:
        return f"service key {self.prefix}"
