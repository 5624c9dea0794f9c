"""The receipt: shown once, typed again to be sure, printable on a dull card, and a second one against loss."""

from __future__ import annotations

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from habeas.cases import actions, queries
from habeas.kernel import clock
from habeas.kernel.ids import read_receipt
from habeas.web.portal.follow import FOLLOWED

COOKIE = "receipt"
SPARE = "spare"
KEPT_SECONDS = 30 * 60
_SALT = "habeas.portal.receipt"


def give_receipt(request: HttpRequest, response: HttpResponse, receipt: str, *, name: str = COOKIE) -> None:
    """Let the receipt travel in the person's own browser for half an hour; it is kept nowhere else."""
    response.set_cookie(
        name,
        signing.dumps(receipt, salt=_SALT),
        max_age=KEPT_SECONDS,
        httponly=True,
        samesite="Strict",
        secure=request.is_secure(),
    )


@require_safe
def show_receipt(request: HttpRequest) -> HttpResponse:
    receipt = _given(request, COOKIE)
    if receipt is None:
        return render(request, "portal/receipt_gone.html", status=410)
    return render(request, "portal/receipt.html", _shown(request, receipt))


@require_http_methods(["POST"])
def receipt_kept(request: HttpRequest) -> HttpResponse:
    """Open the case once the receipt is typed as it stands, or without, where somebody would rather not type it."""
    receipt = _given(request, COOKIE)
    if receipt is None:
        return render(request, "portal/receipt_gone.html", status=410)
    typed = request.POST.get("typed", "")
    if "later" not in request.POST and read_receipt(typed) != receipt:
        return render(request, "portal/receipt.html", {**_shown(request, receipt), "differs": True}, status=422)
    case = queries.case_by_receipt(receipt)
    request.session.cycle_key()
    request.session[FOLLOWED] = str(case.pk) if case else ""
    response = redirect("portal:case")
    for name in (COOKIE, SPARE):
        response.delete_cookie(name, samesite="Strict")
    return response


@require_http_methods(["POST"])
def make_spare(request: HttpRequest) -> HttpResponse:
    """A second receipt, for somebody they trust: it opens nothing but a new receipt."""
    receipt = _given(request, COOKIE)
    if receipt is None:
        return render(request, "portal/receipt_gone.html", status=410)
    spare = actions.make_spare(receipt, at=clock.now())
    response = redirect("portal:receipt")
    give_receipt(request, response, spare, name=SPARE)
    return response


@require_http_methods(["GET", "POST"])
def use_spare(request: HttpRequest) -> HttpResponse:
    """A lost receipt is replaced by whoever holds the second one; the lost one stops working."""
    if request.method != "POST":
        return render(request, "portal/spare.html", {})
    typed = request.POST.get("spare", "")
    receipt = actions.replace_receipt(typed, at=clock.now())
    if receipt is None:
        return render(
            request, "portal/spare.html", {"wrong": _("We know no such second receipt. Check each group.")}, status=404
        )
    response = redirect("portal:receipt")
    give_receipt(request, response, receipt)
    return response


def _given(request: HttpRequest, name: str) -> str | None:
    try:
        receipt: str = signing.loads(request.COOKIES.get(name, ""), salt=_SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return None
    return receipt


def _shown(request: HttpRequest, receipt: str) -> dict[str, object]:
    return {"receipt": receipt, "spare": _given(request, SPARE), "picture": _picture(receipt)}


def _picture(receipt: str) -> str:
    """A QR code that holds the receipt and nothing else: no address says what it is for."""
    import segno

    drawn = segno.make(receipt, error="m", micro=False)
    return mark_safe(drawn.svg_inline(scale=4, border=2, svgclass="qr", lineclass=None))  # noqa: S308 - of our own letters and digits
