"""Folders for work that needs files in clear for a moment: for their owner only, and gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from habeas.kernel import clock

# Leftovers of a process that was killed in the middle of its work.
STALE = timedelta(hours=6)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for the time of one piece of work; what a killed process left behind goes first."""
    home = Path(settings.HABEAS_SCRATCH)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    oldest = (clock.now() - STALE).timestamp()
    for left in home.iterdir():
        if left.stat().st_mtime < oldest:
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
