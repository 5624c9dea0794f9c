"""Who gets to a screen of the desk: signed in, with a role that may, and with a reason to see the case it is about."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from habeas.access import actions as access
from habeas.access import queries as sights
from habeas.access.core.visibility import ABOUT
from habeas.access.keys import KeyDestroyed
from habeas.cases import queries as cases
from habeas.kernel import clock

if TYPE_CHECKING:
    from habeas.cases.models import Case

View = Callable[..., HttpResponse]
READS = frozenset({"GET", "HEAD"})


def members_who_may(action: str) -> Callable[[View], View]:
    """Let a request pass only for a member whose role allows the action; else a page that says whom to ask.

    Where the address names a case, the member must also have a reason to see it. For whoever has none it does not
    exist: the answer is the same as for a reference that nobody was ever given.
    """

    def guard(view: View) -> View:
        @wraps(view)
        @login_required
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                access.require(request.user, action)  # type: ignore[arg-type]
                if "reference" in kwargs:
                    require_sight(request, case_of(kwargs["reference"]), action)
            except access.NotAllowed as refusal:
                return render(request, "desk/refused.html", {"reason": refusal}, status=403)
            try:
                return view(request, *args, **kwargs)
            except KeyDestroyed:
                # Nothing of an erased case can be shown but the certificate that says so.
                return redirect("desk:keep", kwargs["reference"])

        return guarded

    return guard


def case_of(reference: str) -> Case:
    """The case, or the page that says there is none."""
    try:
        return cases.case_by_reference(reference.replace("\0", "?"))
    except cases.NoSuchCase as error:
        raise Http404(str(error)) from error


def require_sight(request: HttpRequest, case: Case, action: str = "open_case") -> None:
    """Let a member go on who has a reason to see the case; for anybody else there is no such case.

    For views whose address names something else that belongs to a case. Raises Http404; NotSeen where the member sees
    the case, and not for something like this.
    """
    member, at = request.user, clock.now()
    if not sights.may_do(member, "open_case", case, at):  # type: ignore[arg-type]
        raise Http404(f"there is no case {case.reference!r}")
    if action in ABOUT and action != "open_case":
        access.require_in(member, action, case, at=at)  # type: ignore[arg-type]
    elif request.method not in READS and not sights.may_work_in(member, case, at):  # type: ignore[arg-type]
        raise access.NotSeen("what you see this case for lets you read it and no more; ask whoever has it")
