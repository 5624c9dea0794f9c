"""The screens of a person who reports: the form, and the receipt, shown once."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from habeas.cases.actions import SubmittedBefore
from habeas.journey import report as journey
from habeas.web.portal.forms import ReportForm

COOKIE = "receipt"
_SALT = "habeas.portal.receipt"
KEPT_SECONDS = 30 * 60


@require_http_methods(["GET", "POST"])
def file_report(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "portal/report.html", {"form": ReportForm()})
    form = ReportForm(request.POST, request.FILES)
    if not form.is_valid():
        form.ask_for_files_again()
        return render(request, "portal/report.html", {"form": form}, status=422)
    try:
        opened = journey.file_report(form.intake(get_language() or "en"))
    except SubmittedBefore:
        return render(request, "portal/sent_before.html", status=409)
    response = redirect("portal:receipt")
    # The receipt travels in the person's own browser for half an hour and is kept nowhere else.
    response.set_cookie(
        COOKIE,
        signing.dumps(opened.receipt, salt=_SALT),
        max_age=KEPT_SECONDS,
        path="/receipt/",
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )
    return response


@require_safe
def show_receipt(request: HttpRequest) -> HttpResponse:
    try:
        receipt = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return render(request, "portal/receipt_gone.html", status=410)
    return render(request, "portal/receipt.html", {"receipt": receipt})


@require_http_methods(["POST"])
def receipt_kept(request: HttpRequest) -> HttpResponse:
    response = redirect("portal:follow")
    response.delete_cookie(COOKIE, path="/receipt/", samesite="Strict")
    return response
