"""``habeas law new``: the beginning of a pack."""

from __future__ import annotations

import argparse
from pathlib import Path

from habeas.cli.main import OK, Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="the code of the place: NL, US-CA")
    parser.add_argument("--name", help="its name in English (default: that of ISO 3166)")
    parser.add_argument(
        "--within",
        metavar="CODES",
        help="whose law also applies there, such as EU,COE (default: of whom it is a member)",
    )
    parser.add_argument("--folder", type=Path, help="a folder of packs (default: that of this installation)")


def run(options: argparse.Namespace) -> int:
    from habeas.kernel import clock
    from habeas.kernel.jurisdictions import BODIES, countries
    from habeas.kernel.packfiles import PACKS, pack_codes, pack_folder
    from habeas.law.core.scaffold import NotACode, scaffold

    root, code = options.folder or PACKS, options.code.upper()
    _refuse_unknown(code)
    binding = _binding(code, root)
    if options.within is None:
        within = list(binding)
    else:
        within = [each.strip().upper() for each in options.within.split(",") if each.strip()]
    for parent in within:
        if parent not in pack_codes(root):
            raise Refused(f"--within {parent}: there is no pack of {parent} in {root}; leave it out, or begin it first")
    try:
        files = scaffold(code, options.name or {**countries(), **BODIES}.get(code, code), within, clock.today())
    except NotACode as error:
        raise Refused(str(error)) from None
    folder = pack_folder(code, root)
    try:
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8")
        for path, content in binding.values():
            path.write_text(content, encoding="utf-8")
    except FileExistsError:
        raise Refused(f"{folder} is there already, and nothing of it was changed") from None
    except OSError as error:
        raise Refused(
            f"{folder} cannot be written: {error.strerror or error}; name another place with --folder"
        ) from None
    for name in files:
        print(folder / name)
    for parent, (path, _) in binding.items():
        print(f"{path}: {code} no longer stands under binds of {parent}, for it has a pack of its own")
    at = f" --folder {options.folder}" if options.folder else ""
    print(
        f"\nWrite the law into them, then:\n"
        f"  habeas law check{f' {options.folder}' if options.folder else ''}\n"
        f"  habeas law test {code}{at}\n"
        f"  habeas law show {code}{at}"
    )
    return OK


def _binding(code: str, root: Path) -> dict[str, tuple[Path, str]]:
    """The bodies that list the place as a member without a pack -> their file, and its text without that member."""
    from habeas.kernel.packfiles import PackFileError, read_yaml
    from habeas.law.core.scaffold import without_bound

    found = {}
    for path in sorted(root.glob("*/jurisdiction.yaml")):
        try:
            place = read_yaml(path)
        except PackFileError as error:
            raise Refused(str(error)) from None
        if isinstance(place, dict) and code in (place.get("binds") or ()):
            found[path.parent.name.upper()] = (path, without_bound(path.read_text(encoding="utf-8"), code))
    return found


def _refuse_unknown(code: str) -> None:
    """A country's name or a common mistake is no code. Codes ISO leaves to users (XA, ZZ) stand for invented places."""
    from habeas.kernel.jurisdictions import COMMON_NAMES, is_place, nearest_place

    if is_place(code) or ("-" in code and is_place(code.partition("-")[0])):
        return
    near = nearest_place(code, {})
    if near and (code in COMMON_NAMES or len(code) > 3):
        raise Refused(f"{code} is not the code of a place; did you mean {near[0]} ({near[1]})?")
