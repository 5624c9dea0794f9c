from __future__ import annotations

import os

import pytest
from django.db import connection


@pytest.fixture
def same_database() -> dict[str, str]:
    """The environment that gives another process the database of this test."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        address = f"sqlite://{settings['NAME']}"
    else:
        address = f"postgresql://{settings['USER']}:{settings['PASSWORD']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    return {**os.environ, "HABEAS_DATABASE": address, "DJANGO_SETTINGS_MODULE": "habeas.web.site.settings"}
