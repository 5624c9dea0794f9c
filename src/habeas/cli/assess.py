"""``habeas assess``: one file in; what is exposed, what the law says, what to ask and what to do."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.main import OK, Refused, require_verified_law

if TYPE_CHECKING:
    from habeas.cases.core.facts import Known, Ties
    from habeas.exposure.core.documents import Document

# Exit codes beside 0 (answered) and 2 (a wrong option): what kept a file from being read.
UNREADABLE = {
    "missing": 3,
    "empty": 4,
    "no_text": 4,
    "too_large": 5,
    "encrypted": 6,
    "encoding": 7,
    "broken": 7,
    "unknown_type": 8,
}
EXPOSED = 10
EPILOG = """\
exit codes: 0 answered; 2 a wrong option, place or date; 3 no such file; 4 empty or without text; 5 too large;
6 encrypted; 7 broken or in no known encoding; 8 a kind of file that is not supported.
With --exit-code: 10 when somebody's data is exposed, 0 when nothing is.

Habeas informs; it does not give legal advice."""

_TIE_OPTIONS = (
    ("--target-lives-in", "target_lives", "where the person affected lives"),
    ("--doer-in", "doer_acts", "where the person who did it acted"),
    ("--service-in", "service_in", "where the website or app is established or offers itself"),
    ("--host-in", "host_in", "where its servers stand"),
    ("--harm-in", "harm_falls", "where the harm falls, if not where the person lives"),
    ("--nationality", "nationality", "the nationality of the person affected"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = EPILOG
    parser.add_argument("file", help="text, saved web page, e-mail, PDF or screenshot; - for standard input")
    places = parser.add_argument_group("places", "codes such as NL, US-CA or EU, divided by commas")
    for option, tie, meaning in _TIE_OPTIONS:
        places.add_argument(option, dest=tie, metavar="CODES", help=meaning)
    case = parser.add_argument_group("the case")
    case.add_argument("--posted-on", metavar="DATE", help="the day it was posted, YYYY-MM-DD (default: today)")
    case.add_argument("--today", metavar="DATE", help=argparse.SUPPRESS)
    case.add_argument(
        "--fact", action="append", default=[], metavar="KEY=ANSWER", help="a fact you know: true, false or unknown"
    )
    case.add_argument(
        "--not-posted",
        action="store_true",
        help="do not take it as given that the file was posted or sent electronically",
    )
    case.add_argument("--name", action="append", default=[], help="a name of the person affected")
    case.add_argument("--url", action="append", default=[], help="where it was posted")
    case.add_argument("--wish", action="append", choices=["down", "stop", "who", "compensation", "advice"])
    case.add_argument("--danger", action=argparse.BooleanOptionalAction, default=None, help="someone is in danger now")
    case.add_argument(
        "--only-reviewed",
        action="store_true",
        default=os.environ.get("HABEAS_ONLY_REVIEWED") == "1",
        help="only provisions that somebody reviewed as they now stand ground a measure",
    )
    show = parser.add_argument_group("what to show")
    show.add_argument("--json", action="store_true", help="the whole answer as JSON")
    show.add_argument("--explain", metavar="PROVISION", help="the trace of one provision, by its id")
    show.add_argument("--all", action="store_true", help="every finding and question, also those that lead nowhere")
    show.add_argument("--mask", action="store_true", help="hide the values that were found")
    show.add_argument("--exit-code", action="store_true", help=f"exit with {EXPOSED} when somebody's data is exposed")
    show.add_argument("--max-mb", type=int, default=25, metavar="N", help="largest file to read (default: 25)")


def run(options: argparse.Namespace) -> int:
    if options.max_mb < 1:
        raise Refused(f"--max-mb {options.max_mb} lets no file in; give 1 or more")
    require_verified_law()
    today = _day(options.today, "--today") or date.today()  # noqa: DTZ011 (the day of whoever sits at the terminal)
    posted_on = _day(options.posted_on, "--posted-on")
    if posted_on and posted_on > today:
        raise Refused(f"--posted-on {posted_on} lies in the future; give the day on which it was posted")
    ties = _ties(options)
    known = {**({} if options.not_posted else _given()), **_facts(options.fact)}
    document = _document(options.file, options.max_mb * 1_000_000)

    from habeas.journey.examine import examine, situation_of
    from habeas.remedies.core.model import PostingView

    result = examine(
        document,
        situation_of(known, ties, posted_on=posted_on, today=today),
        postings=[PostingView(url=url, service=_host(url), state="unknown") for url in options.url],
        wishes=frozenset(options.wish) if options.wish else None,
        danger=options.danger,
        target_names=options.name,
        only_reviewed=options.only_reviewed,
    )
    from habeas.cli import present

    if options.explain:
        print(present.explanation(result, _provision(options.explain, result.judgement.findings)))
    elif options.json:
        print(present.as_json(result, mask=options.mask))
    else:
        present.as_columns(result, everything=options.all, mask=options.mask)
    return EXPOSED if options.exit_code and present.exposed(result) else OK


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{option} {text!r} is not a day that exists; write it as YYYY-MM-DD, like 2026-01-31") from None


def _ties(options: argparse.Namespace) -> Ties:
    from habeas.cases.core.facts import Ties
    from habeas.law.core import places

    named = {}
    for option, tie, _ in _TIE_OPTIONS:
        text = getattr(options, tie)
        if text is None:
            continue
        codes = [code.strip().upper() for code in text.split(",") if code.strip()]
        if not codes:
            raise Refused(f"{option} names no place; give a code such as NL, or leave it out")
        for code in codes:
            if not places.known(code):
                raise Refused(f"{option}: {places.complaint(code)}")
        named[tie] = frozenset(codes)
    return Ties(named)


def _given() -> dict[str, Known]:
    """What whoever hands in a file says by doing so."""
    from habeas.cases.core.facts import Known

    basis = "taken as given: the file shows a posting or message (--not-posted to leave it open)"
    return {key: Known(key, True, "option", basis) for key in ("act.disclosed", "act.electronic")}


def _facts(given: list[str]) -> dict[str, Known]:
    from habeas.cases.core.facts import Known
    from habeas.law.core.packs import load_vocabulary

    answers = {"true": True, "yes": True, "false": False, "no": False, "unknown": None}
    known = {}
    for text in given:
        key, sign, answer = text.partition("=")
        if not sign or answer.lower() not in answers:
            raise Refused(f"--fact {text!r}: write KEY=true, KEY=false or KEY=unknown")
        if key not in load_vocabulary():
            from difflib import get_close_matches

            close = get_close_matches(key, load_vocabulary(), n=1)
            raise Refused(f"--fact: unknown fact {key!r}" + (f"; did you mean {close[0]!r}?" if close else ""))
        known[key] = Known(key, answers[answer.lower()], "option", f"--fact {key}")
    return known


def _document(name: str, limit_bytes: int) -> Document:
    from habeas.exposure.core.documents import UnreadableFile, read_document
    from habeas.exposure.files import read_file

    try:
        if name == "-":
            return read_document(sys.stdin.buffer.read(limit_bytes + 1), "standard input", limit_bytes=limit_bytes)
        return read_file(Path(name), limit_bytes=limit_bytes)
    except UnreadableFile as trouble:
        raise Refused(str(trouble), UNREADABLE[trouble.code]) from None


def _provision(wanted: str, findings: object) -> str:
    ids = [finding.provision.id for finding in findings]  # type: ignore[attr-defined]
    if wanted in ids:
        return wanted
    from difflib import get_close_matches

    close = get_close_matches(wanted, ids, n=3)
    hint = (
        f"; did you mean {' or '.join(close)}?" if close else "; the places you named decide which provisions there are"
    )
    raise Refused(f"--explain: no provision {wanted!r} among the jurisdictions of this case{hint}")


def _host(url: str) -> str:
    from habeas.cases.core.intake import UnusableLink, host_of, read_links

    try:
        return host_of(read_links(url)[0])
    except (UnusableLink, IndexError):
        raise Refused(f"--url {url!r} is not a web link; it should look like https://www.example.org/page") from None
