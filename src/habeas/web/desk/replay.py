"""A reform on past cases, at the desk: whom it would newly cover, and how many of them look like journalism."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from habeas.journey.past_cases import export
from habeas.kernel import clock
from habeas.kernel.packfiles import PackFileError, parse_yaml
from habeas.law.core.case_table import from_cases
from habeas.law.core.packs import load_vocabulary
from habeas.law.core.replay import Reform, Replay, as_csv, law_in_force, lines_of, proposal_of
from habeas.law.core.shift_chart import shift_chart
from habeas.law.core.simulated import simulated_cases
from habeas.web.components.shapes import Column
from habeas.web.desk.gate import members_who_may

# What one page is worth waiting for; more is for the command line.
MOST_CASES = 5_000
INVENTED = 2_000
MOST_BYTES = 200_000
COLUMNS = (
    Column(_("Name")),
    Column(_("Before"), number=True),
    Column(_("After"), number=True),
    Column(_("Newly"), number=True),
    Column(_("No longer"), number=True),
)


@require_http_methods(["GET", "HEAD", "POST"])
@members_who_may("replay_reform")
def replay(request: HttpRequest) -> HttpResponse:
    """Nothing of a proposal is kept: it is read, swept over the cases, and shown."""
    said = {"proposal": "", "over": "own"}
    if request.method != "POST":
        return render(request, "desk/replay.html", {**said, "most": MOST_CASES, "invented": INVENTED})
    said = {"proposal": _text(request), "over": request.POST.get("over", "own")}
    context: dict[str, Any] = {**said, "most": MOST_CASES, "invented": INVENTED}
    try:
        proposal = proposal_of(parse_yaml(said["proposal"], "proposal"), Path("proposal"))
    except PackFileError as fault:
        return render(request, "desk/replay.html", {**context, "trouble": str(fault)}, status=422)
    if said["over"] == "invented":
        cases = simulated_cases(INVENTED, clock.today())
    else:
        cases = export(by=request.user, most=MOST_CASES)  # type: ignore[arg-type]
    found = Reform.of(law_in_force(), proposal).replay(from_cases(cases, load_vocabulary())).moving()
    if "csv" in request.POST:
        return _download(found)
    context |= {
        "found": found,
        "name": proposal.name,
        "lists": _lists(found),
        "columns": COLUMNS,
        "chart": _chart(found),
    }
    return render(request, "desk/replay.html", context)


def _text(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    raw = file.read(MOST_BYTES).decode(errors="replace") if file else request.POST.get("proposal", "")
    return raw.replace("\r\n", "\n")[:MOST_BYTES]


def _lists(found: Replay) -> list[tuple[str, list[tuple[str | int, ...]]]]:
    return [
        (title, [(key, shift.before, shift.after, shift.gained, shift.lost) for key, shift in rows.items()])
        for title, rows in lines_of(found)
    ]


def _chart(found: Replay) -> SafeString | None:
    if not found.met:
        return None
    # Our own SVG, every text in it escaped where it is made.
    return mark_safe(shift_chart(str(_("Cases in which a provision is newly or no longer met")), found.met))  # noqa: S308


def _download(found: Replay) -> HttpResponse:
    response = HttpResponse(as_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="replay.csv"'
    return response
