"""How each state of the work is shown: a word, a tone and a shape, so that colour is never the only sign."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

Tone = Literal["neutral", "accent", "info", "success", "warning", "danger"]
TONES: tuple[Tone, ...] = ("neutral", "accent", "info", "success", "warning", "danger")


@dataclass(frozen=True, slots=True)
class Status:
    """``open``: nobody knows yet, so its outline is dashed; what is settled has a solid one."""

    label: str | Promise
    tone: Tone
    icon: str
    open: bool = False


STATUSES: dict[str, Status] = {
    # what a provision came to (law.core.model.OUTCOMES)
    "met": Status(pgettext_lazy("outcome of a law", "Met"), "success", "met"),
    "possible": Status(pgettext_lazy("outcome of a law", "Possible"), "info", "half", open=True),
    "not_met": Status(pgettext_lazy("outcome of a law", "Not met"), "neutral", "failed"),
    "exempt": Status(pgettext_lazy("outcome of a law", "Exempt"), "accent", "shield"),
    "possibly_exempt": Status(pgettext_lazy("outcome of a law", "Possibly exempt"), "accent", "half-shield", open=True),
    "not_in_force": Status(pgettext_lazy("outcome of a law", "Not in force"), "neutral", "dashed"),
    "out_of_reach": Status(pgettext_lazy("outcome of a law", "Out of reach"), "neutral", "beyond"),
    # where a measure stands
    "drafted": Status(pgettext_lazy("state of a measure", "Draft"), "neutral", "pen", open=True),
    "approved": Status(pgettext_lazy("state of a measure", "Approved"), "accent", "check"),
    "sent": Status(pgettext_lazy("state of a measure", "Sent"), "info", "send"),
    "acknowledged": Status(pgettext_lazy("state of a measure", "Received by them"), "info", "eye"),
    "complied": Status(pgettext_lazy("state of a measure", "Done by them"), "success", "met"),
    "partly": Status(pgettext_lazy("state of a measure", "Done in part"), "warning", "half"),
    "stopped": Status(pgettext_lazy("state of a measure", "Stopped"), "danger", "pause"),
    "refused": Status(pgettext_lazy("state of a measure", "Refused"), "danger", "failed"),
    "contested": Status(pgettext_lazy("state of a measure", "Contested"), "warning", "speech"),
    "overdue": Status(pgettext_lazy("state of a measure", "Overdue"), "danger", "clock"),
    "escalated": Status(pgettext_lazy("state of a measure", "Taken further"), "warning", "up"),
    "withdrawn": Status(pgettext_lazy("state of a measure", "Withdrawn"), "neutral", "beyond"),
    # where a case stands in the queue (cases.models.Case.State, and what the queue adds)
    "new": Status(pgettext_lazy("state of a case", "New"), "accent", "dot"),
    "open": Status(pgettext_lazy("state of a case", "Being worked on"), "info", "person"),
    "in_hand": Status(pgettext_lazy("state of a case", "In hand"), "info", "person"),
    "waiting": Status(pgettext_lazy("state of a case", "Waiting for an answer"), "neutral", "pause"),
    "waiting_for_person": Status(pgettext_lazy("state of a case", "Waiting for the person"), "neutral", "pause"),
    "waiting_for_others": Status(pgettext_lazy("state of a case", "Waiting for others"), "neutral", "people"),
    "closed": Status(pgettext_lazy("state of a case", "Closed"), "neutral", "lock"),
    "ready": Status(pgettext_lazy("state of a case", "Ready to approve"), "success", "flag"),
    "danger": Status(pgettext_lazy("state of a case", "Danger"), "danger", "warning"),
    # whether a posting can be seen (cases.models.Posting.State)
    "live": Status(pgettext_lazy("state of a post", "Online"), "danger", "eye"),
    "gone": Status(pgettext_lazy("state of a post", "Gone"), "success", "check"),
    "back": Status(pgettext_lazy("state of a post", "Back again"), "danger", "again"),
    "unchecked": Status(pgettext_lazy("state of a post", "Not checked yet"), "neutral", "dashed", open=True),
    "unknown": Status(pgettext_lazy("state of a post", "Not checked yet"), "neutral", "dashed", open=True),
}


def status_of(key: str) -> Status:
    """How ``key`` is shown. Raises ValueError, naming the nearest known state, where it is not known."""
    try:
        return STATUSES[key]
    except KeyError:
        near = get_close_matches(key, STATUSES, n=1)
        hint = f'; did you mean "{near[0]}"?' if near else "; add it to web/components/statuses.py"
        raise ValueError(f'unknown status "{key}"{hint}') from None
