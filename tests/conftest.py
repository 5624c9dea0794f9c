"""Every test runs in a folder of its own: its own database, its own keys, its own sealed items."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

_var = tempfile.mkdtemp(prefix="habeas-tests-")
os.environ["HABEAS_VAR"] = _var
os.environ.setdefault("HABEAS_SECRET", "a secret for tests only")
os.environ["HABEAS_KEY_FILE"] = str(Path(_var) / "keys" / "house.key")

# A slow machine is no wrong answer: figures live in bench/, not in deadlines.
settings.register_profile("habeas", deadline=None)
settings.load_profile("habeas")


def pytest_configure() -> None:
    """A house key as `habeas run` would make it, then Django.

    Named in pyproject.toml, the settings would be read before this file is, and the tests would write into the
    database and keys of whoever runs them.
    """
    file = Path(os.environ["HABEAS_KEY_FILE"])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"1 {'5a' * 32}\n")

    os.environ["DJANGO_SETTINGS_MODULE"] = "habeas.web.site.settings"
    import django

    django.setup()


def pytest_unconfigure() -> None:
    shutil.rmtree(_var, ignore_errors=True)


@pytest.fixture(autouse=True)
def registry_of_its_own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The database goes back to what it was after each test; the registry's files would not."""
    if request.node.get_closest_marker("django_db") or {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("settings").HABEAS_REGISTRY = tmp_path_factory.mktemp("registry")
