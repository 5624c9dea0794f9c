"""What a start costs: nothing heavy is imported before it is needed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

HEAVY = {
    "PIL",
    "cv2",
    "duckdb",
    "granian",
    "ibis",
    "jsonschema",
    "lxml",
    "numpy",
    "onnxruntime",
    "pandas",
    "phonenumbers",
    "playwright",
    "pyarrow",
    "pycrfsuite",
    "pypdfium2",
    "pyspark",
    "rapidocr",
    "rich",
    "stdnum",
}
# Only where columns are printed; the text itself needs names, numbers and ids looked at.
PRINTING_COLUMNS = {"rich", "phonenumbers", "pycrfsuite", "stdnum"}

_TELL = "\nimport json, sys; print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
_QUIETLY = """
from habeas.cli.main import main
try:
    main({words!r})
except SystemExit:
    pass
"""
_DJANGO = """
import django
django.setup()
from django.urls import get_resolver, reverse
get_resolver().url_patterns
reverse("portal:report"), reverse("desk:queue")
"""


def loaded_by(script: str) -> set[str]:
    """The top-level modules that a fresh Python holds after the script."""
    done = subprocess.run([sys.executable, "-c", script + _TELL], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in json.loads(done.stderr.splitlines()[-1])}


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("import habeas.cli.main", id="the-command-line"),
        pytest.param(_QUIETLY.format(words=["--help"]), id="the-overview"),
        pytest.param(_QUIETLY.format(words=["assess", "--help"]), id="help-for-assess"),
        pytest.param(_QUIETLY.format(words=["law", "--help"]), id="help-for-law"),
        pytest.param(_QUIETLY.format(words=["run", "--help"]), id="help-for-run"),
    ],
)
def test_commands_start_without_anything_heavy(script):
    loaded = loaded_by(script)
    assert loaded & HEAVY == set()
    assert "django" not in loaded
    assert "yaml" not in loaded


def test_the_web_starts_without_anything_heavy():
    assert loaded_by(_DJANGO) & HEAVY == set()


def test_assessing_a_text_loads_no_reader_of_other_files(tmp_path):
    file = tmp_path / "post.txt"
    file.write_text("Mara Vellinga, Lindengracht 212, 1015 KL Amsterdam, +31 6 1234 5678\n")
    loaded = loaded_by(_QUIETLY.format(words=["assess", str(file), "--target-lives-in", "NL"]))
    assert loaded & HEAVY <= PRINTING_COLUMNS
    as_json = loaded_by(_QUIETLY.format(words=["assess", str(file), "--target-lives-in", "NL", "--json"]))
    assert as_json & HEAVY <= PRINTING_COLUMNS - {"rich"}
    assert "django" not in as_json
