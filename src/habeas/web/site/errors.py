"""Pages for what goes wrong before a screen is reached."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def unreadable_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent is more than a form takes, or no browser sends it like that."""
    # Rendered without the request: what is wrong with it may be anything.
    if isinstance(exception, TOO_MUCH):
        return HttpResponse(render_to_string("413.html"), status=413)
    return HttpResponse(render_to_string("400.html"), status=400)


def forged_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form did not carry the token of this visit: forged, or left open for too long."""
    return render(request, "403_form.html", status=403)
