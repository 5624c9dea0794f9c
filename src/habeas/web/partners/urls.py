from django.urls import path, re_path

from habeas.web.partners import contest, notice, statements

app_name = "partners"
urlpatterns = [
    path("n/<str:token>/", notice.show, name="notice"),
    path("n/<str:token>/poster/", notice.link_for_poster, name="poster_link"),
    path("n/<str:token>/reasons/", statements.show, name="reasons"),
    re_path(r"^n/(?P<token>[^/]+)/reasons\.(?P<form>json|csv)$", statements.export, name="reasons_file"),
    path("c/<str:token>/", contest.show, name="contest"),
]
