"""Every component on one page, on invented matter. Mount it at ``/components/`` in development only.

``?look=desk`` shows the desk's density, ``?language=ar`` another language and direction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from .shapes import Check, Column, Event, Link, PlanStep, SummaryRow
from .statuses import STATUSES, TONES
from .templatetags import habeas_components as c

NOW = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


class GalleryForm(forms.Form):
    """One field of each kind, sent once with mistakes in it."""

    link = forms.URLField(
        label="Link to the post", help_text="Paste it. You do not need to open it.", assume_scheme="https"
    )
    seen_on = forms.DateField(label="When did you first see it?", required=False)
    shown = forms.MultipleChoiceField(
        label="What was shown?",
        help_text="Tick all that fit.",
        choices=[
            ("address", "Home address"),
            ("phone", "Phone number"),
            ("family", "Names of family"),
            ("id", "ID number"),
        ],
        widget=forms.CheckboxSelectMultiple,
    )
    whose = forms.ChoiceField(
        label="Who is this about?",
        choices=[("me", "Me"), ("child", "My child"), ("other", "Someone who asked me to help")],
        widget=forms.RadioSelect,
    )
    country = forms.ChoiceField(
        label="Where do you live?", required=False, choices=[("", "Choose"), ("xa", "Examplia"), ("xb", "Otherland")]
    )
    words = forms.CharField(label="Anything else we should know?", required=False, widget=forms.Textarea)
    picture = forms.FileField(label="Picture of the screen", required=False, widget=forms.FileInput)
    agreed = forms.BooleanField(label="Habeas may send this to the platform", required=True)


@dataclass(frozen=True)
class _Mark:
    start: int
    end: int
    kind: str
    gravity: int


@dataclass(frozen=True)
class _Node:
    label: str
    truth: bool | None
    because: str = ""
    parts: tuple[_Node, ...] = ()


_POST = (
    "ok everyone here she is: Mara Invented, 12 Example Lane, Sampleton.\n"
    "call her on +1-555-0142 or mara@example.org and tell her what you think"
)


def _marks() -> list[_Mark]:
    found = [("Mara Invented", "name", 1), ("12 Example Lane, Sampleton", "address", 4), ("Sampleton", "place", 2)]
    found += [("+1-555-0142", "phone", 3), ("mara@example.org", "email", 2)]
    return [_Mark(_POST.index(text), _POST.index(text) + len(text), kind, level) for text, kind, level in found]


_TRACE = _Node("All of these", None, "One answer is missing", (
    _Node("Personal data was made public", True, "A home address is in the post"),
    _Node("To frighten, or to make others act", None, "Any of the two", (
        _Node("Meant to frighten", None, "Nobody has said"),
        _Node("Calls on others to act", True, "“call her on …”"),
    )),
    _Node("Without consent", True, "Said by the person on 5 March"),
    _Node("Not a matter of public record", None, "None of these", (
        _Node("Printed in a court record", False, "Not found in the register"),
    )),
))  # fmt: skip


def _steps(now: datetime) -> list[PlanStep]:
    return [
        PlanStep(1, "Preserve", "Ask the host to keep its records", "Samplehost Ltd",
                 "Penal Code of Examplia, section 88", "sent", now + timedelta(hours=5), approvals=("R. Deskworker",)),
        PlanStep(2, "Remove", "Notice to take down the post", "chat.example.net",
                 "Penal Code of Examplia, section 214b", "drafted", now - timedelta(hours=7),
                 approvals=("R. Deskworker",), approvals_needed=2,
                 checks=(Check("The link answers", True), Check("Evidence is sealed", True, "2 of 2"),
                         Check("The letter has no empty place", False, "Name of the addressee’s agent"),
                         Check("The person agreed to this step", None, "Not asked yet"))),
        PlanStep(3, "Disclose", "Complaint to the data protection authority", "Authority of Examplia",
                 "Data Act, article 77", "approved", None, approvals_needed=0),
    ]  # fmt: skip


def _table(now: datetime) -> dict[str, object]:
    columns = [Column("Case"), Column("State"), Column("Clock", sort_url="?sort=clock", sorted="ascending"),
               Column("Gravity"), Column("Posts", number=True)]  # fmt: skip
    rows = [
        ["XA-2026-0142", c.status("danger"), c.clock(now + timedelta(minutes=50), now), c.gravity(4), 12],
        ["XA-2026-0139", c.status("waiting"), c.clock(now - timedelta(days=3), now), c.gravity(2), 3],
        ["XA-2026-0101", c.status("ready"), c.clock(date(2026, 3, 9), now), c.gravity(1), 1],
    ]
    return {"columns": columns, "rows": rows}


def gallery(request: HttpRequest) -> HttpResponse:
    look = "desk" if request.GET.get("look") == "desk" else "portal"
    mistaken = GalleryForm({"again-link": "not a link", "again-words": "We moved in March."}, prefix="again")
    context = {
        "base": f"{look}_base.html",
        "now": NOW,
        "form": GalleryForm(),
        "mistaken": mistaken,
        "hints": {"child": "Someone under 18 whom you care for."},
        "crumbs": [Link("Queue", "#queue"), Link("XA-2026-0142", "#case"), Link("Plan")],
        "tabs": [Link("Mine", "#mine", current=True, count=3), Link("My team’s", "#team", count=18),
                 Link("All", "#all")],
        "languages": [Link("English", "?language=en", current=True, lang="en"),
                      Link("Français", "?language=fr", lang="fr"),
                      Link("العربية", "?language=ar", lang="ar", rtl=True)],
        "statuses": list(STATUSES),
        "tones": TONES,
        "clocks": [NOW + timedelta(days=6), NOW + timedelta(hours=5), NOW - timedelta(hours=30), NOW.date(), None],
        "summary": [SummaryRow("Link", "https://chat.example.net/p/1", "#change"),
                    SummaryRow("Seen on", None, "#change"),
                    SummaryRow("Reported by", "The person affected")],
        "table": _table(NOW),
        "events": [
            Event(NOW, "Notice sent", "To chat.example.net", "R. Deskworker", "send", "info"),
            Event(NOW - timedelta(hours=2), "Found online again", "A second account", icon="again", tone="danger"),
            Event(NOW.date() - timedelta(days=1), "Report received", icon="flag", tone="accent"),
        ],
        "trace": _TRACE,
        "steps": _steps(NOW),
        "post": _POST,
        "marks": _marks(),
        "page": Paginator(range(200), 10).get_page(7),
    }  # fmt: skip
    with translation.override(request.GET.get("language") or translation.get_language() or "en"):
        return render(request, "components/gallery.html", context)
