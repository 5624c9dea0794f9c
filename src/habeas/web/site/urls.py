from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from habeas.web.portal.follow import leave

handler400 = "habeas.web.site.errors.unreadable_request"
urlpatterns = [
    path("exit/", leave, name="exit"),
    path("desk/", include("habeas.web.desk.urls")),
    path("partners/", include("habeas.web.partners.urls")),
    path("", include("habeas.web.api.urls")),
    # The language stands first in the address; English has none.
    *i18n_patterns(path("", include("habeas.web.portal.urls")), prefix_default_language=False),
]

if settings.DEBUG:
    from habeas.web.components.gallery import gallery

    urlpatterns.insert(0, path("components/", gallery, name="components"))
