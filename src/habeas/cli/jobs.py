"""``habeas jobs``: what waits, what was given up, and trying it again."""

from __future__ import annotations

import argparse

from habeas.cli.main import start_django


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--retry", type=int, metavar="ID", help="give a dead job a fresh set of tries")


def run(options: argparse.Namespace) -> None:
    start_django()
    from habeas.kernel import clock
    from habeas.store import actions, queries

    if options.retry is not None:
        actions.revive(options.retry, at=clock.now())
    counts = queries.counts()
    print(", ".join(f"{count} {state}" for state, count in sorted(counts.items())) or "no jobs")
    for job in queries.dead():
        print(
            f"{job.pk}: {job.kind}, given up {job.finished_at:%Y-%m-%d %H:%M} UTC, {job.tries} tries: {job.last_error}"
        )
