"""Words of the partners' side: what an addressee may answer, why it may refuse, on what a poster may contest."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ANSWER_WORDS = {
    "acknowledge": _("We have it"),
    "comply": _("It is done"),
    "comply_partly": _("It is done in part"),
    "refuse": _("We refuse"),
    "ask_back": _("We need to know more"),
}
REFUSAL_WORDS = {
    "lawful": _("We find it lawful"),
    "expression": _("It is journalism or in the public interest"),
    "not_found": _("We cannot find it at the address"),
    "not_ours": _("It is not on our service"),
    "no_authority": _("We need proof that you may ask"),
    "other": _("Another reason"),
}
CONTEST_WORDS = {
    "expression": _("It is journalism, research or in the public interest"),
    "public": _("It was public already, and rightly so"),
    "own": _("It is about me, or mine"),
    "mistaken": _("It is not what the notice says it is"),
    "other": _("Another reason"),
}
STATE_WORDS = {
    "sent": _("Waits for your answer"),
    "acknowledged": _("You have it; the decision is still to come"),
    "complied": _("You said that it is done"),
    "partly": _("You said that part of it is done, or it was found again"),
    "refused": _("You refused"),
    "contested": _("Whoever posted it contests what was done"),
    "overdue": _("The time for an answer has passed; an answer still counts"),
    "escalated": _("We have taken it further; an answer still counts"),
    "stopped": _("We stopped it: you need do nothing"),
    "withdrawn": _("We took it back: you need do nothing"),
}
