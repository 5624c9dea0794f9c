"""Pages for what goes wrong before a screen is reached."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def forged_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form did not carry the token of this visit: forged, or left open for too long."""
    return render(request, "403_form.html", status=403)
