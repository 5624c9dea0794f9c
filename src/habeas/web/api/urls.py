from django.urls import path

from habeas.web.api import ledger, partners

app_name = "api"
# The first is a witness's submission prefix, the other two a log's prefix, as others are told them.
urlpatterns = [
    path("witness/add-checkpoint", ledger.add_checkpoint, name="add_checkpoint"),
    path("ledger/checkpoint", ledger.checkpoint, name="checkpoint"),
    path("api/partners/v1/openapi.json", partners.openapi, name="openapi"),
    path("api/partners/v1/notices", partners.notices, name="notices"),
    path("api/partners/v1/notices/<str:reference>", partners.notice, name="notice"),
    path("api/partners/v1/notices/<str:reference>/answers", partners.answer, name="answer"),
    path("api/partners/v1/notices/<str:reference>/statements", partners.statements_on, name="statements_on"),
    path("api/partners/v1/notices/<str:reference>/statements/<str:puid>", partners.statement, name="statement"),
    path("api/partners/v1/statements", partners.statements, name="statements"),
    path("ledger/tile/<str:level>/<path:place>", ledger.tile, name="tile"),
]
