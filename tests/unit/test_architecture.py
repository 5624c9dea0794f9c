"""The house keeps its shape: who may import whom, no empty rooms, no address and no machine of anyone in it."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "habeas"
LOCKS = ("requirements.lock", "requirements-dev.lock")
# Put together here, so that this file does not find itself.
_HOMES = "|".join(("wor" + "k", "roo" + "t", "hom" + "e", "Use" + "rs", "tm" + "p"))
MACHINE_PATH = re.compile(rf"(?<![\w.~/*-])/(?:{_HOMES})/[\w.-]")


def test_the_import_contracts_hold(capsys, monkeypatch):
    from importlinter.cli import lint_imports

    monkeypatch.chdir(ROOT)
    status = lint_imports(config_filename=str(ROOT / ".importlinter"), no_cache=True, is_debug_mode=False)
    said = capsys.readouterr().out
    assert status == 0, said
    assert "0 broken" in said


def test_no_room_is_empty():
    """A package without a tenant beside __init__ promises what is not there."""
    rooms = {file.parent for file in PACKAGE.rglob("__init__.py")}
    assert [room for room in rooms if not _tenants(room)] == []


def test_no_folder_of_the_package_is_left_over():
    folders = [folder for folder in PACKAGE.rglob("*") if folder.is_dir() and folder.name != "__pycache__"]
    assert [folder for folder in folders if not _tenants(folder)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_and_no_address(lock):
    text = (ROOT / lock).read_text()
    assert re.search(r"\w+://", text) is None
    assert not [line for line in text.splitlines() if line.startswith("-")]
    packages = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==[^\s;]+.*$", text, re.MULTILINE)
    assert packages
    assert text.count("--hash=sha256:") >= len(packages)


def test_the_locks_cover_what_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert _names(project["dependencies"]) <= _locked("requirements.lock")
    assert _names(project["optional-dependencies"]["dev"]) <= _locked("requirements-dev.lock")
    assert _locked("requirements.lock") <= _locked("requirements-dev.lock")


def test_no_file_names_a_place_on_somebody_s_machine():
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in _texts()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]
    assert found == []


def test_nothing_on_a_page_comes_from_elsewhere():
    """Styles, scripts and templates fetch from this site only (xmlns names a vocabulary, it fetches nothing)."""
    web = PACKAGE / "web"
    files = [file for kind in ("*.html", "*.css", "*.js") for file in web.rglob(kind)]
    fetches = re.compile(r"""(?:src|href|action)=["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""")
    assert [file for file in files if fetches.search(file.read_text())] == []


def _tenants(folder: Path) -> list[Path]:
    return [entry for entry in folder.iterdir() if entry.name not in {"__init__.py", "__pycache__"}]


def _names(requirements: list[str]) -> set[str]:
    return {_plain(re.match(r"[\w.-]+", requirement)[0]) for requirement in requirements}  # type: ignore[index]


def _locked(lock: str) -> set[str]:
    return {
        _plain(name) for name in re.findall(r"^([\w.-]+)(?:\[[\w,-]+\])?==", (ROOT / lock).read_text(), re.MULTILINE)
    }


def _plain(name: str) -> str:
    """A package's name as the registries compare it: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _texts() -> Iterator[tuple[str, str]]:
    """Every text file that is or would be in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: git cannot say which files belong to the repository")
    for name in sorted(set(listed.stdout.decode().split("\0"))):
        file = ROOT / name
        if not name or not file.is_file():
            continue
        try:
            yield name, file.read_text()
        except UnicodeDecodeError:
            continue
