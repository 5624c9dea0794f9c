"""``habeas law review``: add a review of one provision."""

from __future__ import annotations

import argparse
from pathlib import Path

from habeas.cli.main import OK, Refused


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("code", help="a code such as NL or US-CA")
    parser.add_argument("provision", help="the id of the provision that was reviewed")
    parser.add_argument("--by", required=True, help="the role or body that reviewed it, such as 'Bar of Examplia'")
    parser.add_argument("--on", metavar="DATE", help="the day of the review, YYYY-MM-DD (default: today)")
    parser.add_argument("--folder", type=Path, help="a folder of packs (default: that of this installation)")


def run(options: argparse.Namespace) -> int:
    from difflib import get_close_matches

    from habeas.kernel import clock
    from habeas.kernel.packfiles import PACKS, PackFileError, pack_codes, pack_folder
    from habeas.law.core import packs, reviews

    root, code, by = options.folder or PACKS, options.code.upper(), " ".join(options.by.split())
    if code not in pack_codes(root):
        raise Refused(f"there is no pack of {code} in {root}")
    if not by:
        raise Refused("--by is empty; say which role or body reviewed it")
    try:
        on = packs.parse_day(options.on) if options.on else clock.today()
        known = {provision.id: provision for provision in packs.load_pack(code, root).provisions}
        reviews.load_reviews(code, root)  # refuses a file that cannot be read: what is added must be readable too
    except (PackFileError, ValueError) as error:
        raise Refused(str(error)) from None
    if on > clock.today():
        raise Refused(f"--on {on} lies in the future; give the day of the review")
    provision = known.get(options.provision)
    if provision is None:
        near = get_close_matches(options.provision, known, n=1)
        raise Refused(f"{code} has no provision {options.provision!r}" + (f"; did you mean {near[0]}?" if near else ""))
    path = pack_folder(code, root) / reviews.FILE
    content = path.read_text(encoding="utf-8") if path.is_file() else ""
    added = reviews.with_entry(content, reviews.entry(provision, by=by, on=on))
    try:
        path.write_text(added, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path} cannot be written: {error.strerror or error}") from None
    print(f"{provision.id}: reviewed by {by} on {on}")
    return OK
