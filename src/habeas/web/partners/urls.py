from django.urls import path

from habeas.web.partners import contest, notice

app_name = "partners"
urlpatterns = [
    path("n/<str:token>/", notice.show, name="notice"),
    path("n/<str:token>/poster/", notice.link_for_poster, name="poster_link"),
    path("c/<str:token>/", contest.show, name="contest"),
]
