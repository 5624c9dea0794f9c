from django.urls import path

from habeas.web.api import ledger

app_name = "api"
# The first is a witness's submission prefix, the other two a log's prefix, as others are told them.
urlpatterns = [
    path("witness/add-checkpoint", ledger.add_checkpoint, name="add_checkpoint"),
    path("ledger/checkpoint", ledger.checkpoint, name="checkpoint"),
    path("ledger/tile/<str:level>/<path:place>", ledger.tile, name="tile"),
]
