"""Who gets to a screen of the desk: signed in, and with a role that may."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from habeas.access import actions as access
from habeas.access.keys import KeyDestroyed

View = Callable[..., HttpResponse]


def members_who_may(action: str) -> Callable[[View], View]:
    """Let a request pass only for a member whose role allows the action; else a page that says whom to ask."""

    def guard(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                access.require(request.user, action)  # type: ignore[arg-type]
            except access.NotAllowed as refusal:
                return render(request, "desk/refused.html", {"reason": refusal}, status=403)
            try:
                return view(request, *args, **kwargs)
            except KeyDestroyed:
                # Nothing of an erased case can be shown but the certificate that says so.
                return redirect("desk:keep", kwargs["reference"])

        return guarded

    return guard
