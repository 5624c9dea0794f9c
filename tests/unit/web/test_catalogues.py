"""Every language that is offered is whole: no word missing, no placeholder lost, compiled from what stands there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import polib
import pytest
from django.conf import settings

from habeas.kernel.languages import PORTAL, best

ROOT = Path(__file__).parents[3]
_spec = importlib.util.spec_from_file_location("messages", ROOT / "scripts" / "messages.py")
messages = sys.modules["messages"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(messages)

# A catalogue that is not compiled yet is still being written.
HELD = [(code, file) for code, file in messages.languages() if file.with_suffix(".mo").is_file()]


@pytest.fixture(scope="module")
def words():
    return messages.portal_words()


def test_every_catalogue_belongs_to_a_language_and_is_offered():
    folders = {path.parent.parent.name for path in messages.LOCALE.rglob("django.po")}
    assert folders <= {one.folder for one in PORTAL}
    assert {code for code, _file in HELD} | {"en"} == dict(settings.LANGUAGES).keys()
    assert HELD, "at least one language beside English is offered"


@pytest.mark.parametrize(("code", "file"), HELD, ids=[code for code, _file in HELD])
def test_a_catalogue_is_whole_and_in_step(words, code, file):
    assert list(messages.faults(code, file, words)) == []


@pytest.mark.parametrize(("code", "file"), HELD, ids=[code for code, _file in HELD])
def test_what_is_compiled_is_what_stands_in_the_catalogue(code, file):
    assert polib.mofile(str(file.with_suffix(".mo"))).metadata["Language"] == code
    assert file.with_suffix(".mo").read_bytes() == messages.compiled(file)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ("de-CH,de;q=0.9,en;q=0.5", "de"),
        ("en;q=0.4, ar;q=0.9", "ar"),
        ("zh-TW", "zh-hant"),
        ("zh-HK,zh;q=0.8", "zh-hant"),
        ("zh-CN", "zh-hans"),
        ("zh-Hant-SG", "zh-hant"),
        ("pt-PT", "pt-br"),
        ("tlh, *;q=0.5", None),
        ("de;q=0", None),
        (";;;,,q=,de;q=x", None),
        ("", None),
    ],
)
def test_a_browser_s_wish_finds_its_language(wanted, code):
    found = best(wanted, PORTAL)
    assert (found.code if found else None) == code


def test_the_gate_sees_what_is_wrong(tmp_path, words):
    file = tmp_path / "django.po"
    messages.update("de", file, words)
    lacking = sum("has no translation" in fault for fault in messages.faults("de", file, words))
    assert lacking == len(words)
    catalogue = polib.pofile(str(file))
    entry = next(entry for entry in catalogue if "%(house)s" in entry.msgid)
    entry.msgstr = "Ihr Fall liegt bei uns im Haus."
    catalogue.save()
    assert any("its slots are [], not ['%(house)s']" in fault for fault in messages.faults("de", file, words))
