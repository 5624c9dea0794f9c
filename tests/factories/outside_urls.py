"""What programs of others can reach, and nothing else: a small site for tests."""

from django.urls import include, path

urlpatterns = [path("", include("habeas.web.api.urls"))]
