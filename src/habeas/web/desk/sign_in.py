"""Signing in and out of the desk."""

from __future__ import annotations

from django.contrib.auth import logout, views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST


class SignIn(views.LoginView):
    template_name = "desk/sign_in.html"
    authentication_form = AuthenticationForm
    redirect_authenticated_user = True


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("desk:sign_in")
