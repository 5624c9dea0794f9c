"""What comes round by itself: checkpoints of the log, missing stamps, left-over files, cases whose time is up."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings

from habeas.cases import unsent
from habeas.evidence import store as evidence_store
from habeas.evidence import timestamping
from habeas.journey import news, retention
from habeas.kernel import clock
from habeas.ledger import signing, witnessing
from habeas.store import rounds

# An authority that refused, or was gone for longer than its tries last, is asked again once a day.
ASKED_AGAIN_AFTER = timedelta(days=1)


def checkpoint() -> None:
    """Sign the log where it grew, and ask every witness that has not cosigned yet."""
    if not signing.key_file().is_file():
        return  # this house signs no checkpoints yet; `habeas ledger new-key` begins it
    witnessing.sign_checkpoint(clock.now())
    witnessing.ask_witnesses(clock.now())


def missing_stamps() -> None:
    """Ask for every time-stamp that is not there."""
    at = clock.now()
    timestamping.want_missing(at)
    timestamping.ask_again(at, idle=ASKED_AGAIN_AFTER)


def tidy() -> None:
    """Take away what was left: files without a name, done work of long ago, reports that nobody sent."""
    found = evidence_store.at(settings.HABEAS_EVIDENCE)
    if isinstance(found, evidence_store.Disk):
        found.tidy()
    rounds.forget_done(at=clock.now())
    unsent.forget_old(at=clock.now())


def tell_news() -> None:
    """A word to everybody who asked for one and whose case moved."""
    news.write_down()


def retire() -> None:
    """Erase the cases whose time is up."""
    retention.erase_due()
