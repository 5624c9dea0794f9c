#!/bin/sh
# All checks, from style to browser. Says at the end what was skipped and why; under CI nothing may be.
set -eu
bin=.venv/bin
"$bin/ruff" check .
"$bin/ruff" format --check .
"$bin/mypy"
"$bin/pytest" -q "$@"
