"""Whether this process may read the law: the signed list, checked once, before any pack is read.

HABEAS_LAW_KEY  path of the public key under which the packs must be signed; without it nothing is checked
HABEAS_VAR      its file ``law-version`` keeps the newest version seen, so that an older one cannot come back
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from habeas.kernel import clock
from habeas.kernel.packfiles import PACKS
from habeas.law.core.manifest import Manifest, UnverifiedLaw, verify_packs

SETTING = "HABEAS_LAW_KEY"

_checked: set[tuple[Path, str]] = set()


def require_verified_law(root: Path = PACKS, environment: Mapping[str, str] = os.environ) -> None:
    """Raises UnverifiedLaw where a key is set and the packs are not what it signed. Once for each process."""
    key = environment.get(SETTING)
    if not key or (root, key) in _checked:
        return
    verify_here(root, Path(key), var_folder(environment), today=clock.today())
    _checked.add((root, key))


def verify_here(root: Path, key: Path, var: Path, *, today: date) -> Manifest:
    """Verify, and keep the version seen. Raises UnverifiedLaw."""
    seen = last_seen(var)
    manifest = verify_packs(root, public_key(key), today, seen)
    if manifest.version > seen:
        _keep(var, manifest.version)
    return manifest


def public_key(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnverifiedLaw(
            f"the public key {file} cannot be read ({error.strerror or error}); "
            f"set {SETTING} to the .pub file of whoever signs the law"
        ) from None


def last_seen(var: Path) -> int:
    """The newest version verified on this machine, 0 where none was."""
    file = var / "law-version"
    try:
        said = file.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return 0
    except (OSError, UnicodeDecodeError):
        said = ""
    if not said.isdigit():
        raise UnverifiedLaw(
            f"{file} does not hold the number of a version; restore it, or write the newest one you know"
        )
    return int(said)


def var_folder(environment: Mapping[str, str] = os.environ) -> Path:
    return Path(environment.get("HABEAS_VAR") or Path.cwd() / "var").resolve()


def _keep(var: Path, version: int) -> None:
    """Replaces the file in one step: a process that dies half way leaves the old number, not half a one."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=var, delete=False, encoding="ascii") as stream:
            stream.write(f"{version}\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(stream.name).replace(var / "law-version")
    except OSError as error:
        raise UnverifiedLaw(
            f"the version of the law cannot be kept in {var} ({error.strerror or error}), so an older one could come "
            "back; make HABEAS_VAR a folder this account can write"
        ) from None
