"""``habeas mail``: take in the answers to our letters, as a mail server hands them over or out of a mailbox."""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path

from habeas.cli.main import Refused, start_django

PASSWORD = "HABEAS_IMAP_PASSWORD"  # noqa: S105 (the name of a variable)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="receive|fetch")
    receive = actions.add_parser("receive", help="listen for mail from the mail server in front of this house (LMTP)")
    receive.add_argument("--host", default="127.0.0.1")
    receive.add_argument("--port", type=int, default=2424)
    receive.add_argument("--socket", type=Path, help="listen at a socket file instead")
    receive.add_argument("--smtp", action="store_true", help="speak SMTP instead of LMTP; on this machine only")
    fetch = actions.add_parser("fetch", help=f"fetch what is unseen in a mailbox (IMAP); password in {PASSWORD}")
    fetch.add_argument("host")
    fetch.add_argument("user")
    fetch.add_argument("--port", type=int, default=993)
    fetch.add_argument("--mailbox", default="INBOX")
    fetch.add_argument("--done", default="", metavar="FOLDER", help="move what was stored to this folder")


def run(options: argparse.Namespace) -> int:
    start_django()
    return _receive(options) if options.action == "receive" else _fetch(options)


def _keep(raw: bytes) -> None:
    from django.db import close_old_connections

    from habeas.journey.sending import take_in

    close_old_connections()
    try:
        take_in(raw)
    finally:
        close_old_connections()


def _receive(options: argparse.Namespace) -> int:
    from habeas.cli.house import refusals_of_the_house
    from habeas.platforms import ways
    from habeas.platforms.receiving import serve_lmtp

    with refusals_of_the_house():
        secret = ways.mail_secret()
    try:
        listening = serve_lmtp(_keep, secret, options.host, options.port, unix=options.socket, smtp=options.smtp)
    except (OSError, ValueError) as refusal:
        raise Refused(f"nothing can listen there: {refusal}") from None
    print(
        f"listening for answers at {options.socket or f'{options.host}:{options.port}'}; stop with Ctrl-C", flush=True
    )
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stop.set())
    stop.wait()
    listening.stop()
    return 0


def _fetch(options: argparse.Namespace) -> int:
    from habeas.cli.house import refusals_of_the_house
    from habeas.platforms.core.dispatch import NotReached
    from habeas.platforms.receiving import MailboxRefused, fetch_imap

    password = os.environ.get(PASSWORD)
    if not password:
        raise Refused(f"the password of the mailbox is read from {PASSWORD}: set it, then try again")
    with refusals_of_the_house(NotReached, MailboxRefused):
        count = fetch_imap(
            _keep,
            options.host,
            options.port,
            options.user,
            password,
            mailbox=options.mailbox,
            done=options.done,
        )
    print(f"{count} message(s) taken in")
    return 0
