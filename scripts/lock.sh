#!/bin/sh
# Write requirements.lock: every package with its hashes and no address of any registry.
set -eu
uv=.venv/bin/uv
command -v uv >/dev/null 2>&1 && uv=uv
"$uv" pip compile pyproject.toml requirements-build.in --extra dev --universal --python-version 3.11 --generate-hashes \
    --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock
if grep -nE '(https?|file)://' requirements.lock; then
    echo "requirements.lock names an address; it must hold names, versions and hashes only" >&2
    exit 1
fi
