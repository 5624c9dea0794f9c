"""The screens of a person who reports: one thing a page, or all of it on one page."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from habeas.cases import unsent
from habeas.cases.actions import SubmittedBefore
from habeas.journey import report as journey
from habeas.journey import telling
from habeas.kernel import clock
from habeas.web.components.shapes import SummaryRow
from habeas.web.intake import REPORTERS, WISHES, YES_NO, ReportForm, places
from habeas.web.portal import steps
from habeas.web.portal.receipt import give_receipt

UNSENT = "unsent"
CHECK = "check"


# ----------------------------------------------------------------------------------------------------- one thing a page


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The first page: what may be more urgent than a report, and the way into one."""
    return render(request, "portal/start.html", {"goes_on": _kept(request) is not None})


@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    return redirect("portal:step", steps.PAGES[0].slug)


@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, page: str) -> HttpResponse:
    if page not in steps.BY_SLUG:
        raise Http404("no such page")
    kept = _kept(request)
    if page == CHECK:
        return _check(request, kept)
    told: steps.Told = kept.told if kept else {}
    if page == "questions":
        return _questions(request, told)
    if page == "safety":
        return _safety(request, told)
    return _ask(request, steps.BY_SLUG[page], told)


def _ask(request: HttpRequest, page: steps.Page, told: steps.Told) -> HttpResponse:
    if request.method != "POST":
        return _show_form(request, page, steps.form_of(page, told), told)
    form = steps.form_of(page, told, request.POST, request.FILES)
    other_language = (
        request.POST.get("switch", "") if request.POST.get("switch", "") in dict(settings.LANGUAGES) else ""
    )
    # In another language the page shows what is typed so far, right or wrong.
    if not form.is_valid() and not other_language:
        return _show_form(request, page, form, told, status=422)
    token = _keep(request, page.slug, steps.typed_in(form))
    if trouble := _take_files(token, form.cleaned_data.get("files") or []):
        form.add_error("files", trouble)
        return _with_token(request, _show_form(request, page, form, told, status=422), token)
    if other_language:
        with translation.override(other_language):
            response = _to(page, request)
    elif "stay" in request.POST:
        response = _to(page, request)
    else:
        response = _onward(request, page, unsent.opened(token, at=clock.now()).told)
    return _with_token(request, response, token)


def _questions(request: HttpRequest, told: steps.Told) -> HttpResponse:
    """The next question of the law's own; onward where none is worth asking any more."""
    page, asked = steps.BY_SLUG["questions"], steps.answered(told)
    if request.method == "POST":
        key, said = request.POST.get("key", ""), request.POST.get("said", "")
        if key not in telling.to_persons():
            raise Http404("no such question")
        answers = {**told.get(page.slug, {}), key: [said if said in {"yes", "no"} else ""]}
        token = _keep(request, page.slug, answers)
        return _with_token(request, _onward(request, page, told) if _from_check(request) else _to(page, request), token)
    found = telling.to_persons()[request.GET["key"]] if request.GET.get("key") in asked else None
    if found is None and told and len(asked) < steps.MOST_QUESTIONS:
        clean = steps.cleaned(told)
        lives_in = clean.get("place", {}).get("lives_in") or None
        posted_on = clean.get("happened", {}).get("posted_on")
        found = telling.next_question(steps.facts_of(told), asked, lives_in, posted_on)
    if found is None:
        return _onward(request, page, told)
    now = {True: "yes", False: "no", None: ""}[asked[found.key]] if found.key in asked else None
    more = {"key": found.key, "text": _(found.text), "why": _(found.why), "choices": YES_NO, "now": now}
    more |= {"for_another": "for-another" in told, "place": len(asked) + (now is None), "most": steps.MOST_QUESTIONS}
    return render(request, "portal/question.html", {**_frame(request, page, told), **more})


def _safety(request: HttpRequest, told: steps.Told) -> HttpResponse:
    """What helps tonight, before anything is sent."""
    page = steps.BY_SLUG["safety"]
    if request.method == "POST":
        return _onward(request, page, told)
    return render(request, "portal/tonight.html", {**_frame(request, page, told), **steps.tonight(told)})


def _check(request: HttpRequest, kept: unsent.Unsent | None) -> HttpResponse:
    """Everything once more, each with a way to change it; nothing is sent before the button is pressed."""
    if kept is None:
        return redirect("portal:start")
    page, files = steps.BY_SLUG[CHECK], unsent.files_of(kept)
    wrong = steps.wrong_pages(kept.told)
    enough = steps.can_be_sent(kept.told, sum(file.whole for file in files))
    if request.method != "POST" or wrong or not enough:
        context = {
            **_frame(request, page, kept.told),
            "rows": _rows(kept, files),
            "wrong": wrong,
            "nothing_to_start_from": not enough,
            "unfinished": [file for file in files if not file.whole],
        }
        return render(request, "portal/check.html", context, status=422 if request.method == "POST" else 200)
    intake = steps.intake_of(kept.told, unsent.contents(kept), get_language() or "en")
    response = _filed(request, intake)
    if response.status_code == 302:
        unsent.forget(request.COOKIES[UNSENT])
        response.delete_cookie(UNSENT, samesite="Strict")
    return response


def _rows(kept: unsent.Unsent, files: list[unsent.FileOnItsWay]) -> list[SummaryRow]:
    clean, told = steps.cleaned(kept.told), kept.told

    def row(label: Any, said: str | list[str], slug: str, query: str = "") -> SummaryRow:
        address = f"{reverse('portal:step', args=[slug])}?back={CHECK}{query}"
        return SummaryRow(label, _lines(said), address)

    about, place, since = clean.get("about", {}), clean.get("place", {}), clean.get("happened", {})
    yes_no = {"yes": _("Yes"), "no": _("No"), "": ""}
    rows = [
        row(_("Links"), list(clean.get("links", {}).get("links", ())), "links"),
        row(_("What was put online"), _listed(steps.EXPOSED, clean.get("exposed", {}).get("exposed", ())), "exposed"),
        row(_("The text of the post"), clean.get("material", {}).get("text", "")[:300], "material"),
        row(_("Files"), [file.name for file in files], "material"),
        row(_("Who is it about?"), str(dict(REPORTERS).get(about.get("reporter", ""), "")), "about"),
        row(_("Under 18"), yes_no[about.get("minor", "")], "about"),
    ]
    if "for-another" in clean:
        agrees = dict(steps.AGREES)[clean["for-another"]["agrees"]] if clean["for-another"]["agrees"] else ""
        rows.append(row(_("They know and agree"), str(agrees), "for-another"))
    rows += [
        row(_("Where they live"), str(dict(places()).get(place.get("lives_in") or "-", "")), "place"),
        row(_("Name in the post"), place.get("name", ""), "place"),
        row(_("Danger now"), yes_no[since.get("danger", "")], "happened"),
        row(_("What happened since?"), _listed(steps.WHAT_HAPPENED, since.get("happened", ())), "happened"),
        row(_("Posted on"), date_format(since["posted_on"]) if since.get("posted_on") else "", "happened"),
    ]
    for key, truth in steps.answered(told).items():
        said = {True: _("Yes"), False: _("No"), None: ""}[truth]
        rows.append(row(_(telling.to_persons()[key].text), said, "questions", f"&{urlencode({'key': key})}"))
    wishes = [str(label) for key, label in WISHES if key in clean.get("wishes", {}).get("wishes", ())]
    contact = clean.get("contact", {})
    rows.append(row(_("What would help you most?"), wishes, "wishes"))
    rows.append(row(_("How may we reach you?"), contact.get("contact", ""), "contact"))
    if contact.get("news"):
        rows.append(row(_("News by e-mail"), _("Yes"), "contact"))
    if count := len(told.get("hashes", {}).get("hashes", ())):
        rows.append(SummaryRow(_("Fingerprints of private pictures"), str(count)))
    return rows


def _listed(words: dict[str, tuple[Any, Any]], keys: Any) -> list[str]:
    return [str(words[key][0]) for key in keys]


def _lines(said: str | list[str]) -> Any:
    """What was said, each thing on its own line and apart in direction from the words around it."""
    things = [said] if isinstance(said, str) else said
    return format_html_join(mark_safe("<br>"), "<bdi>{}</bdi>", ((thing,) for thing in things if thing)) or None


def _frame(request: HttpRequest, page: steps.Page, told: steps.Told) -> dict[str, Any]:
    """What every page shows around its question."""
    path, before = steps.path_of(told), steps.neighbour(told, page.slug, -1)
    return {
        "page": page,
        "step": next((n for n, one in enumerate(path, start=1) if one.slug == page.slug), None),
        "steps": len(path),
        "before": _address(steps.BY_SLUG[CHECK])
        if _from_check(request)
        else _address(before)
        if before
        else reverse("portal:start"),
        "goes_on": bool(told),
    }


def _show_form(
    request: HttpRequest, page: steps.Page, form: Any, told: steps.Told, *, status: int = 200
) -> HttpResponse:
    context = {**_frame(request, page, told), "form": form}
    if page.slug != "material":
        return render(request, "portal/step.html", context, status=status)
    kept = _kept(request)
    context["files"] = unsent.files_of(kept) if kept else []
    return render(request, "portal/material_step.html", context, status=status)


def _onward(request: HttpRequest, page: steps.Page, told: steps.Told) -> HttpResponse:
    following = steps.BY_SLUG[CHECK] if _from_check(request) else steps.neighbour(told, page.slug, 1)
    return redirect(_address(following or steps.BY_SLUG[CHECK]))


def _to(page: steps.Page, request: HttpRequest) -> HttpResponse:
    return redirect(_address(page) + (f"?back={CHECK}" if _from_check(request) else ""))


def _from_check(request: HttpRequest) -> bool:
    return request.GET.get("back") == CHECK


def _address(page: steps.Page) -> str:
    return reverse("portal:step", args=[page.slug])


# ------------------------------------------------------------------------------------------------- what is not sent yet


def _kept(request: HttpRequest) -> unsent.Unsent | None:
    try:
        return unsent.opened(request.COOKIES.get(UNSENT, ""), at=clock.now())
    except unsent.NothingUnsent:
        return None


def _keep(request: HttpRequest, slug: str, typed: dict[str, list[str]]) -> str:
    """Keep what was typed on a page; begins a report where none is under way. Returns the token of the browser."""
    token, at = request.COOKIES.get(UNSENT, ""), clock.now()
    try:
        unsent.keep(token, slug, typed, at=at)
    except unsent.NothingUnsent:
        begun: dict[str, dict[str, list[str]]] = {"begun": {"submission": [secrets.token_urlsafe(18)]}}
        if hashes := request.session.pop("image_hashes", None):
            begun["hashes"] = {"hashes": list(hashes)}
        token = unsent.begin({**begun, slug: typed}, at=at)
    return token


def _with_token(request: HttpRequest, response: HttpResponse, token: str) -> HttpResponse:
    """The browser holds the only key to what was told, until it is closed."""
    if request.COOKIES.get(UNSENT) != token:
        response.set_cookie(UNSENT, token, httponly=True, samesite="Strict", secure=request.is_secure())
    return response


def _take_files(token: str, files: list[Any]) -> str:
    """Keep files that came with a form. Returns what is wrong, or nothing."""
    for file in files:
        content, chosen_as = file.read(), secrets.token_hex(8)
        for offset in range(0, len(content), unsent.PIECE_BYTES):
            piece = content[offset : offset + unsent.PIECE_BYTES]
            try:
                _add_piece(token, chosen_as, file.name or "file", len(content), offset, piece)
            except unsent.PieceRefused as refusal:
                return _("“%(name)s” was not taken: %(why)s.") % {"name": file.name, "why": refusal}
    return ""


def _add_piece(token: str, chosen_as: str, name: str, size: int, offset: int, piece: bytes) -> int:
    return unsent.add_piece(
        token,
        chosen_as,
        name,
        size,
        offset,
        piece,
        most_bytes=settings.HABEAS_UPLOAD_BYTES,
        most_files=settings.HABEAS_UPLOAD_FILES,
        at=clock.now(),
    )


@require_http_methods(["GET", "POST"])
def files(request: HttpRequest) -> HttpResponse:
    """Files piece by piece, as the page's script sends them; and taking one away, which works without it."""
    if request.method == "GET":
        kept = _kept(request)
        return JsonResponse({"have": unsent.have(kept, request.GET.get("file", "")[:40]) if kept else 0})
    token = request.COOKIES.get(UNSENT, "")
    if remove := request.POST.get("remove") or (request.headers.get("X-Remove") and request.headers.get("X-File", "")):
        with suppress(unsent.NothingUnsent):
            unsent.remove_file(token, remove[:40], at=clock.now())
        return JsonResponse({"have": 0}) if request.headers.get("X-Remove") else redirect("portal:step", "material")
    if _kept(request) is None:
        token = _keep(request, "material", {})
    try:
        have = _add_piece(token, *_described(request), request.body)
    except ValueError as refusal:
        have = refusal.have if isinstance(refusal, unsent.PieceRefused) else 0
        return _with_token(request, JsonResponse({"why": str(refusal), "have": have}, status=409), token)
    return _with_token(request, JsonResponse({"have": have}), token)


def _described(request: HttpRequest) -> tuple[str, str, int, int]:
    """(the browser's name for the file, its own name, size, offset). Raises ValueError."""
    chosen_as = request.headers.get("X-File", "")
    if not (8 <= len(chosen_as) <= 40 and chosen_as.isascii() and chosen_as.isalnum()):
        raise ValueError("X-File must be 8 to 40 letters and digits")
    name = unquote(request.headers.get("X-Name", ""))[:200] or "file"
    return chosen_as, name, int(request.headers.get("X-Size", "")), int(request.headers.get("X-Offset", ""))


# ------------------------------------------------------------------------------------------------------ all on one page


@require_http_methods(["GET", "POST"])
def one_page(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "portal/report.html", {"form": ReportForm()})
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        form.ask_for_files_again()
        return render(request, "portal/report.html", {"form": form}, status=422)
    return _filed(request, form.intake(get_language() or "en"))


def _filed(request: HttpRequest, intake: Any) -> HttpResponse:
    try:
        opened = journey.file_report(intake)
    except SubmittedBefore:
        return render(request, "portal/sent_before.html", status=409)
    response = redirect("portal:receipt")
    give_receipt(request, response, opened.receipt)
    return response
