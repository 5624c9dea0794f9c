"""How a link opens: to what it was made for, or to one calm page; whoever tries many gets nowhere for a while."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from habeas.access import keys
from habeas.journey import answers

if TYPE_CHECKING:
    from habeas.platforms.models import Door

# Links that lead nowhere, from one place within the time below; after that no link opens from there.
MOST_MISSES = 30
FORGOTTEN_AFTER_SECONDS = 600
_ONE_NETWORK = 64


def door_for(request: HttpRequest, token: str, used_by: str) -> Door | None:
    """The door of a link; null where it leads nowhere, or the request comes from where too many did not open."""
    place = _place(request)
    if cache.get(place, 0) >= MOST_MISSES:
        return None
    door = answers.opened(token)
    if door is not None and door.used_by == used_by:
        return door
    cache.add(place, 0, timeout=FORGOTTEN_AFTER_SECONDS)
    with suppress(ValueError):  # the time ended between the two
        cache.incr(place)
    return None


def no_way(request: HttpRequest) -> HttpResponse:
    """One page for every link that does not open: unknown, too old, closed and kept waiting are not told apart."""
    return render(request, "partners/no_way.html", status=404)


def _place(request: HttpRequest) -> str:
    """Where a request comes from, as a digest that only this house can make. It is kept for minutes, in memory."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY_SSL_HEADER:
        # The proxy in front adds whom it spoke to at the end; what stands before that anybody can write.
        address = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or address
    try:
        if ip_address(address).version != 4:
            # Whoever has one address of this kind has all those beside it.
            address = str(ip_network(f"{address}/{_ONE_NETWORK}", strict=False))
    except ValueError:
        pass  # a socket without an address: all that come by it are one place
    return f"partner-misses/{keys.lookup_digest('partner-misses', address).hex()}"
