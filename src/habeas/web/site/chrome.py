"""What every page of the portal shows of itself: its languages, and the reader's own where that is another."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, Resolver404, resolve, reverse
from django.utils import translation

from habeas.kernel import languages
from habeas.web.components.shapes import Link


def languages_of_the_page(request: HttpRequest) -> dict[str, Any]:
    """``page_languages``: this page in each language offered; ``own_language``: the browser's, where it is another."""
    offered = [one for one in languages.PORTAL if one.code in dict(settings.LANGUAGES)]
    if request.path_info.startswith(("/desk/", "/partners/", "/static/")) or len(offered) < 2:
        return {}
    now = translation.get_language()
    links = {
        one.code: Link(one.name, address, current=one.code == now, lang=one.code, rtl=one.rtl)
        for one in offered
        if (address := _address_in(one.code, request))
    }
    wanted = languages.best(request.headers.get("Accept-Language", ""), tuple(offered))
    own = links.get(wanted.code) if wanted is not None and wanted.code != now else None
    return {"page_languages": list(links.values()), "own_language": own}


def _address_in(code: str, request: HttpRequest) -> str:
    try:
        found = resolve(request.path_info)
        with translation.override(code):
            return reverse(found.view_name, args=found.args, kwargs=found.kwargs)
    except (Resolver404, NoReverseMatch):
        return ""
