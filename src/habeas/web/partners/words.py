"""Words of the partners' side: what an addressee may answer, why it may refuse, on what a poster may contest."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ANSWER_WORDS = {
    "acknowledge": _("We have it"),
    "comply": _("It is done"),
    "comply_partly": _("It is done in part"),
    "refuse": _("We refuse"),
    "ask_back": _("We need to know more"),
}
ANSWER_HINTS = {
    "acknowledge": _("You decide later; this page stays open."),
    "comply": _("We look at the pages again, now and later."),
    "comply_partly": _("Say below what is not done."),
    "refuse": _("Choose the ground below."),
    "ask_back": _("Ask below; an answer comes by the way you were written to."),
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
    "public": _("It is true, was public already, and rightly so"),
    "own": _("It is about me, or I published it about myself"),
    "wrong_link": _("The wrong thing was taken down: the link was mistaken"),
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
    # Asked again: the next letter is still being written.
    "drafted": _("We write to you about it again: wait for that letter"),
    "approved": _("We write to you about it again: wait for that letter"),
}
PUT_BACK = _("We took it back: please put back what you took down")

_WHY = re.compile(r"\[(\w+)\] ?")


def with_ground(why: str, words: str) -> str:
    """A refusal as the history keeps it: its ground by code, then its words."""
    return f"[{why}] {words}".strip()


def refusal_in(said: str) -> tuple[str | Promise, str]:
    """(the ground in words, what was said) of an answer in the history; an empty ground where it names none."""
    found = _WHY.match(said)
    if found and found[1] in REFUSAL_WORDS:
        return REFUSAL_WORDS[found[1]], said[found.end() :]
    return "", said
