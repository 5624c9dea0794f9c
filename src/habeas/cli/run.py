"""``habeas run``: from a fresh machine to a served desk with a case in it. Doing it again is quick and harmless."""

from __future__ import annotations

import argparse
import os
import secrets
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from habeas.cli.main import start_django
from habeas.cli.serve import check_free, serve

if TYPE_CHECKING:
    from habeas.cases.models import Case

HOUSE = "Helpline of Examplia"
DEMO_LOG = "helpline.example.org/ledger"
MEMBERS = (("casey", "caseworker", "Casey Okafor"), ("lee", "lead", "Lee Marchetti"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-serve", action="store_true", help="set up and file the sample report only")
    parser.add_argument("--no-demo", action="store_true", help="a house of your own: no demo accounts, no sample cases")


def run(options: argparse.Namespace) -> None:
    if not options.no_serve:
        check_free(options.host, options.port)
    start_django()
    set_up()
    host = f"[{options.host}]" if ":" in options.host else options.host
    address = f"http://{host}:{options.port}"
    if options.no_demo:
        print(_ready(address), flush=True)
    else:
        _sign_the_log()
        password = _members()
        receipt = _sample()
        _other_cases()
        print(_welcome(address, password, receipt, _var()), flush=True)
    if not options.no_serve:
        serve(options.host, options.port)


def set_up() -> None:
    """The house key and the tables. What is there already stays."""
    from django.conf import settings
    from django.core.management import call_command

    from habeas.access import keys

    keys.make_house_key(settings.HABEAS_KEY_FILE)
    call_command("migrate", verbosity=0, interactive=False)


def _sign_the_log() -> None:
    """Keys by which the demo house signs its log. A house of its own chooses its name, which is for good."""
    from habeas.ledger import signing

    if not signing.key_file().exists():
        signing.new_key(DEMO_LOG)


def _members() -> str:
    """Two demo accounts with a password made for this machine. Returns the password."""
    from django.conf import settings

    from habeas.access.actions import add_member
    from habeas.access.queries import has_members
    from habeas.kernel import clock

    file = Path(settings.VAR) / "keys" / "demo-password"
    if not file.exists():
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(12))
    password = file.read_text().strip()
    if not has_members():
        for username, role, name in MEMBERS:
            add_member(username, password, role, HOUSE, full_name=name, at=clock.now())
    return password


def _sample() -> str | None:
    """File the sample report through the whole way, once, and print what it found. Returns its receipt."""
    from habeas.cases import queries
    from habeas.journey import report, samples

    if queries.has_cases():
        print("Cases are here already; no sample report was filed.")
        return None
    print("Filing a sample report (all people in it are invented) …")
    opened = report.file_report(samples.FIRST)
    _work()
    _print_case(queries.case_by_id(opened.case.pk))
    return opened.receipt


def _other_cases() -> None:
    from habeas.cases import queries
    from habeas.journey import report, samples

    if queries.count_cases() == 1:
        for intake in samples.OTHERS:
            report.file_report(intake)
        _work()


def _work() -> None:
    from django.conf import settings

    from habeas.store.worker import Worker

    Worker(settings.HABEAS_JOBS).run_until_idle()


def _print_case(case: Case) -> None:
    from habeas.exposure.queries import readings_of
    from habeas.journey.report import judgement_of
    from habeas.remedies.queries import measures_of

    judged = judgement_of(case)
    print(f"\n  Case {case.reference} · severity {case.severity.replace('_', ' ')}")
    kinds = [e.kind.replace("_", " ") for item in readings_of(case) for e in item.exposures if e.gravity > 1]
    print(_wrapped("exposed", ", ".join(dict.fromkeys(kinds)) or "nothing"))
    outcomes = [finding.outcome for finding in judged.findings]
    counts = ", ".join(f"{outcomes.count(o)} {o.replace('_', ' ')}" for o in dict.fromkeys(sorted(outcomes)))
    print(_wrapped("law", f"{len(outcomes)} provisions of {', '.join(judged.jurisdictions)}: {counts}"))
    if judged.questions:
        print(_wrapped("next question", judged.questions[0].text))
    measures = list(measures_of(case))
    print(_wrapped("plan", f"{len(measures)} measures; first: " + "; ".join(m.planned["title"] for m in measures[:3])))


def _wrapped(label: str, text: str) -> str:
    return textwrap.fill(text, width=96, initial_indent=f"  {label + ':':<15}", subsequent_indent=" " * 17)


def _var() -> Path:
    """The folder where everything is kept, as short as it can be said."""
    from django.conf import settings

    folder = Path(settings.VAR)
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _ready(address: str) -> str:
    from django.conf import settings

    from habeas.access.queries import has_members
    from habeas.ledger import signing

    lines = [
        f"Key and tables are in place. Without {settings.HABEAS_KEY_FILE} nothing can be read: keep a copy elsewhere.",
        f"Portal {address}/, desk {address}/desk/",
    ]
    if not signing.key_file().exists():
        lines.append(
            "The log is not signed yet: choose its name, for good, with `habeas ledger new-key NAME` "
            "(for example helpline.example.org/ledger)."
        )
    if not has_members():
        lines.append("Nobody can sign in yet: give someone an account with `habeas member`.")
    return "\n".join(lines)


def _welcome(address: str, password: str, receipt: str | None, var: Path) -> str:
    lines = [
        "",
        f"  Portal   {address}/        for the person affected; no account",
        f"  Desk     {address}/desk/   for the helpline",
        f"           sign in as {' or '.join(name for name, _, _ in MEMBERS)}, password {password}",
    ]
    if receipt:
        lines.append(f"  Follow   {address}/follow/   with the sample's receipt {receipt} (shown this once)")
    return "\n".join(
        [*lines, "", f"  Stop with Ctrl-C. Everything is kept in {var}/; delete that folder to start over.", ""]
    )
