"""``habeas law new-key``, ``sign`` and ``verify``: who vouches for the packs, and whether they are still the same."""

from __future__ import annotations

import argparse
import os
import secrets
from datetime import timedelta
from pathlib import Path

from habeas.cli.main import OK, Refused

UNVERIFIED = 1
_DAYS = 180
_MOST_DAYS = 3660


def add_key_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "file", type=Path, help="where to write the private key; the public one goes beside it, as .pub"
    )


def add_sign_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--key", type=Path, required=True, metavar="FILE", help="the private key")
    parser.add_argument("--folder", type=Path, help="a folder of packs (default: that of this installation)")
    parser.add_argument(
        "--expires", type=int, default=_DAYS, metavar="DAYS", help=f"it holds so long (default: {_DAYS})"
    )
    parser.add_argument("--number", type=int, metavar="N", help="its version (default: one more than the last)")


def add_verify_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, help="a folder of packs (default: that of this installation)")
    parser.add_argument("--key", type=Path, metavar="FILE", help="the public key (default: that of HABEAS_LAW_KEY)")


def new_key(options: argparse.Namespace) -> int:
    from habeas.law.core.manifest import key_pair

    private, public = key_pair(secrets.token_bytes(32))
    file = options.file
    beside = file.with_name(f"{file.name}.pub")
    _write_new(beside, public, 0o644)
    try:
        _write_new(file, private, 0o600)
    except Refused:
        beside.unlink()
        raise
    print(f"{file}: the private key. Whoever has it can write law. Keep it offline, and never in the repository.")
    print(f"{beside}: the public key. Put it on every server, and its path into HABEAS_LAW_KEY.")
    return OK


def _write_new(file: Path, content: bytes, mode: int) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as stream:
            stream.write(content)
    except FileExistsError:
        raise Refused(f"{file} is there already; a key is never overwritten, name another file") from None
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror or error}") from None


def sign(options: argparse.Namespace) -> int:
    from habeas.kernel import clock
    from habeas.kernel.packfiles import PACKS
    from habeas.law.core import manifest
    from habeas.law.core.check import check_packs
    from habeas.law.core.examples import vocabulary_of
    from habeas.law.core.reviews import check_reviews

    root = options.folder or PACKS
    if not root.is_dir():
        raise Refused(f"{root} is not a folder of packs")
    if not 1 <= options.expires <= _MOST_DAYS:
        raise Refused(f"--expires {options.expires}: give a number of days from 1 to {_MOST_DAYS}")
    faults = sum(problem.level == "error" for problem in (*check_packs(root), *check_reviews(root)))
    if faults:
        raise Refused(f"the packs have {faults} fault(s), and law with faults is not signed; run `habeas law check`")
    try:
        last = _last_version(root)
        version = last + 1 if options.number is None else options.number
        if version <= last:
            raise Refused(f"--number {version}: the packs are signed as version {last} already; give a higher one")
        today = clock.today()
        built = manifest.build(
            root,
            vocabulary_of(root),
            version=version,
            issued=today,
            expires=today + timedelta(days=options.expires),
        )
        signature = manifest.sign(built, options.key.read_bytes())
        (root / manifest.MANIFEST).write_bytes(built.to_bytes())
        (root / manifest.SIGNATURE).write_bytes(signature)
    except (manifest.UnverifiedLaw, ValueError) as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror or error}") from None
    print(f"version {version}: {len(built.files)} files and the vocabulary, signed; holds until {built.expires}")
    return OK


def _last_version(root: Path) -> int:
    """The version the packs were last signed as, 0 where they never were."""
    from habeas.law.core import manifest

    file = root / manifest.MANIFEST
    return manifest.read_manifest(file.read_bytes()).version if file.is_file() else 0


def verify(options: argparse.Namespace) -> int:
    from habeas.kernel import clock
    from habeas.kernel.packfiles import PACKS
    from habeas.law import trust
    from habeas.law.core.manifest import UnverifiedLaw, verify_packs

    given = options.key or os.environ.get(trust.SETTING)
    if not given:
        print(f"nothing is verified: {trust.SETTING} names no public key, so the law is read as it lies on the disk")
        return OK
    try:
        if options.folder or options.key:  # a look at something: it does not change what this machine has seen
            found = verify_packs(options.folder or PACKS, trust.public_key(Path(given)), clock.today())
        else:
            found = trust.verify_here(PACKS, Path(given), trust.var_folder(), today=clock.today())
    except UnverifiedLaw as error:
        print(error)
        return UNVERIFIED
    print(f"version {found.version} of {found.issued}, holds until {found.expires}: {len(found.files)} files as signed")
    return OK
