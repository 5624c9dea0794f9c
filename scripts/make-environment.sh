#!/bin/sh
# Make the environment from the hashed lock: uv when it can be had (fetched through pip), pip otherwise.
set -eu
venv=$1
lock=$2
python=${PY:-python3}

"$python" - <<'CHECK' || exit 1
import sys
if not (3, 11) <= sys.version_info[:2] <= (3, 13):
    sys.exit(f"Habeas needs Python 3.11 to 3.13; this is {sys.version.split()[0]}. Name another with: make run PY=python3.11")
CHECK

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
uv=""
if command -v uv >/dev/null 2>&1; then
    uv=uv
elif "$venv/bin/python" -m pip install --quiet --disable-pip-version-check uv >/dev/null 2>&1; then
    uv="$venv/bin/uv"
fi
if [ -n "$uv" ] && "$uv" pip install --quiet --python "$venv/bin/python" --require-hashes -r "$lock" \
    && "$uv" pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e .; then
    exit 0
fi
echo "uv could not make the environment; using pip, which is slower." >&2
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
