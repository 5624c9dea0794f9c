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

# Of those, the words of an addressee.
ANSWERED = frozenset({"comply", "comply_partly", "refuse", "ask_back"})

# The survey after a milestone: items of cases/core/survey.py.
SURVEY_WORDS = {
    "pj1": _("I could say what mattered to me before decisions were made."),
    "pj2": _("I was treated with respect."),
    "pj3": _("Decisions were based on facts and explained to me."),
    "pj4": _("The people who helped me cared about what happened to me."),
    "in1": _("I knew what would happen next."),
    "ct1": _("I decided what was done in my name."),
    "sf1": _("I feel safer now than when I first made contact."),
    "rt1": _("Asking for help did not hurt me again."),
    "cs1": _("All in all, the service worked for me."),
}
SURVEY_SCALE = [
    ("1", _("Not at all")),
    ("2", _("A little")),
    ("3", _("Partly")),
    ("4", _("Mostly")),
    ("5", _("Fully")),
    ("", _("No answer")),
]
