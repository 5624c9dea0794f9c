"""What the tests of the command line share: the command as people call it, in this process or in one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str


@pytest.fixture(scope="session")
def habeas() -> Callable[..., Said]:
    """Calls the command line in this process."""

    def call(*words: object) -> Said:
        from habeas.cli.main import main

        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                code = main([str(word) for word in words])
            except SystemExit as leaving:  # argparse leaves this way
                code = int(leaving.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture(scope="session")
def habeas_alone() -> Callable[..., Said]:
    """Calls it in a process of its own; ``var``: its folder, ``feed``: what stands on its standard input."""

    def call(*words: object, var: Path | None = None, feed: bytes = b"", **environment: str) -> Said:
        given = {name: value for name, value in os.environ.items() if name not in {"HABEAS_KEY_FILE", "HABEAS_SECRET"}}
        if var:
            given["HABEAS_VAR"] = str(var)
        done = subprocess.run(
            [sys.executable, "-m", "habeas.cli", *map(str, words)],
            input=feed,
            capture_output=True,
            check=False,
            env={**given, **environment},
            timeout=60,
        )
        return Said(done.returncode, done.stdout.decode(), done.stderr.decode())

    return call
