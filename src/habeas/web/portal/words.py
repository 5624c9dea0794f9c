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
