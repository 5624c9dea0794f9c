"""``habeas worker``: does the work that waits in the queue, until told to stop."""

from __future__ import annotations

import argparse

from habeas.cli.main import start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--once", action="store_true", help="do what is due now, then stop")


def run(options: argparse.Namespace) -> None:
    start_django()
    from django.conf import settings

    from habeas.store.worker import Worker

    worker = Worker(settings.HABEAS_JOBS, rounds=settings.HABEAS_ROUNDS)
    if options.once:
        print(f"{worker.run_until_idle()} job(s) tried")
    else:
        worker.run()
