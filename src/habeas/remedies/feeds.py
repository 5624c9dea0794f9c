"""Addresses under which a member's calendar program reads due dates. Only a digest of each is kept."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from habeas.access import keys
from habeas.access.models import Person
from habeas.ledger import actions as ledger
from habeas.remedies.models import CalendarFeed

FEED = "calendar-feed"


@transaction.atomic
def make(member: Person, *, at: datetime) -> str:
    """A new address for a member, shown once; the one of before leads nowhere any more."""
    token = secrets.token_urlsafe(24)
    CalendarFeed.objects.update_or_create(
        member=member, defaults={"token_digest": keys.lookup_digest(FEED, token), "made_at": at}
    )
    ledger.append("feed.made", by=member.pk, at=at)
    return token


def member_of(token: str) -> Person | None:
    """Whose address it is, or null; nobody who may not sign in any more has one."""
    found = CalendarFeed.objects.select_related("member").filter(token_digest=keys.lookup_digest(FEED, token)).first()
    return found.member if found is not None and found.member.is_active else None


def has_one(member: Person) -> bool:
    return CalendarFeed.objects.filter(member=member).exists()
