#!/bin/sh
# Write the locks: every package with its hashes and no address of any registry. `run` needs the first, `test` the second.
set -eu
uv=.venv/bin/uv
command -v uv >/dev/null 2>&1 && uv=uv
lock() {
    out=$1
    shift
    "$uv" pip compile pyproject.toml requirements-build.in "$@" --universal --python-version 3.11 --generate-hashes \
        --no-annotate --no-header --no-emit-index-url --no-emit-find-links --quiet -o "$out"
    if grep -nE '(https?|file)://' "$out"; then
        echo "$out names an address; it must hold names, versions and hashes only" >&2
        exit 1
    fi
}
lock requirements.lock
lock requirements-dev.lock --extra dev --constraint requirements.lock
