"""``habeas law``: write, check, show, compare, review and sign the law packs.

What shows or compares the law of this installation first sees that it is what was signed, where a key is set. What
writes, checks and signs the law does not: it works on law that nobody has signed yet.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from habeas.cli import law_compare, law_diff, law_new, law_replay, law_review, law_schema, law_show, law_sign, law_test
from habeas.cli.main import OK, Refused, require_verified_law

FAULTY = 1
_READS_THE_LAW = {"show", "list", "compare"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="read every pack and name every fault")
    check.add_argument("folder", nargs="?", type=Path, help="a folder of packs (default: those of this installation)")
    check.add_argument("--notes", action="store_true", help="also say what is odd but not wrong")
    law_test.add_arguments(actions.add_parser("test", help="run the worked examples"))
    law_show.add_arguments(actions.add_parser("show", help="the provisions of one jurisdiction"))
    actions.add_parser("list", help="all jurisdictions with a pack")
    law_compare.add_arguments(actions.add_parser("compare", help="definitions side by side, and their pattern"))
    law_diff.add_arguments(actions.add_parser("diff", help="what lies between two states of the law"))
    law_new.add_arguments(actions.add_parser("new", help="begin a pack"))
    law_review.add_arguments(actions.add_parser("review", help="add a review of one provision"))
    law_sign.add_key_arguments(actions.add_parser("new-key", help="make a pair of keys for signing"))
    law_sign.add_sign_arguments(actions.add_parser("sign", help="sign the packs as they are now"))
    law_sign.add_verify_arguments(actions.add_parser("verify", help="are the packs what was signed?"))
    law_replay.add_arguments(actions.add_parser("replay", help="a reform on past cases: whom it would newly cover"))
    law_replay.add_case_arguments(actions.add_parser("cases", help="past cases without people, to replay a reform on"))
    law_schema.add_arguments(actions.add_parser("schema", help="the JSON Schemas of the pack files"))


def run(options: argparse.Namespace) -> int:
    if options.action in _READS_THE_LAW and getattr(options, "folder", None) is None:
        require_verified_law()
    actions = {
        "check": _check,
        "test": law_test.run,
        "show": law_show.run,
        "list": _list,
        "compare": law_compare.run,
        "diff": law_diff.run,
        "new": law_new.run,
        "review": law_review.run,
        "new-key": law_sign.new_key,
        "sign": law_sign.sign,
        "verify": law_sign.verify,
        "replay": law_replay.run,
        "cases": law_replay.write_cases,
        "schema": law_schema.run,
    }
    return actions[options.action](options) or OK


def _check(options: argparse.Namespace) -> int:
    from habeas.kernel.packfiles import PACKS
    from habeas.law.core.check import check_packs
    from habeas.law.core.examples import vocabulary_of
    from habeas.law.core.packs import FACTS
    from habeas.law.core.reviews import check_reviews

    root = options.folder or PACKS
    if not root.is_dir():
        raise Refused(f"{root} is not a folder of packs")
    problems = [*check_packs(root), *check_reviews(root)]
    if options.folder and vocabulary_of(root) == FACTS:
        # Packs on their own use few of the facts we lend them; the others are idle elsewhere.
        problems = [each for each in problems if each.level == "error" or not each.file.endswith("facts.yaml")]
    errors = [problem for problem in problems if problem.level == "error"]
    for problem in errors if not options.notes else problems:
        print(problem)
    packs = sum(1 for _ in root.glob("*/jurisdiction.yaml"))
    if errors:
        print(f"{len(errors)} fault(s) in {packs} packs")
        return FAULTY
    print(f"{packs} packs, no faults")
    return OK


def _list(options: argparse.Namespace) -> int:
    from habeas.law.core import packs

    for code, place in packs.jurisdictions().items():
        print(f"{code:<8}{place.name:<40}{len(packs.load_pack(code).provisions):>4} provisions")
    return OK
