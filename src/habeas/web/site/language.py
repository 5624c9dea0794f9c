"""Which language a page is in: the portal's by its address, the desk's by the member's choice."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from habeas.kernel import languages

COOKIE = "language"


class LanguageOfThePage:
    """The portal's pages: the first part of the path, English without one. All others: cookie, then browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith(("/desk/", "/partners/")):
            offered = tuple(one for one in languages.DESK if one.code in dict(settings.LANGUAGES))
            chosen = {one.code for one in offered} & {request.COOKIES.get(COOKIE, "")}
            best = languages.best(request.headers.get("Accept-Language", ""), offered)
            code = chosen.pop() if chosen else best.code if best else languages.ENGLISH.code
        else:
            code = translation.get_language_from_path(request.path_info) or languages.ENGLISH.code
        translation.activate(code)
        request.LANGUAGE_CODE = code  # type: ignore[attr-defined]
        response = self._get_response(request)
        response.headers.setdefault("Content-Language", translation.get_language() or code)
        if request.path_info.startswith(("/desk/", "/partners/")):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response
