"""Plain words for the kinds of data and the phases of a plan."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

KIND_WORDS = {
    "name": _("Name"),
    "email": _("E-mail address"),
    "phone": _("Phone number"),
    "address": _("Postal address"),
    "national_id": _("Identity number"),
    "iban": _("Bank account"),
    "card": _("Bank card"),
    "ip": _("Internet (IP) address"),
    "coordinates": _("Place on a map"),
    "birth_date": _("Date of birth"),
    "handle": _("User name"),
    "profile_url": _("Profile"),
    "credential": _("Password or key"),
    "plate": _("Number plate"),
    "workplace": _("Place of work"),
    "school": _("School"),
    "family": _("Family"),
}

PHASE_WORDS = {
    "preserve": _("Keep the proof"),
    "disclose": _("Find out who"),
    "remove": _("Take it down"),
    "protect": _("Keep people safe"),
    "repair": _("Make good"),
}

# What the person hears of a step: words, sign and tone.
EVENT_WORDS: dict[str, tuple[object, str, str]] = {
    "approve": (_("Approved"), "check", "success"),
    "send": (_("Sent"), "send", "accent"),
    "acknowledge": (_("They have it"), "eye", "info"),
    "comply": (_("They say it is done"), "met", "success"),
    "comply_partly": (_("They say part of it is done"), "half", "info"),
    "refuse": (_("They refuse"), "failed", "danger"),
    "ask_back": (_("They ask for more"), "flag", "info"),
    "run_out": (_("They did not answer in time"), "clock", "warning"),
    "escalate": (_("We take it further"), "up", "accent"),
    "find_standing": (_("It is still there, or back"), "again", "danger"),
    "ask_again": (_("We ask them again"), "again", "accent"),
    "stop": (_("It could not be delivered; we look for another way"), "pause", "warning"),
}
