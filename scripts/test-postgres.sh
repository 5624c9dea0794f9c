#!/bin/sh
# The tests that touch the database, on a PostgreSQL server of their own: made here, on a free port, gone afterwards.
set -eu
bin=$(pwd)/.venv/bin
for folder in "" /usr/lib/postgresql/*/bin; do
    command -v "${folder:+$folder/}initdb" >/dev/null 2>&1 && server=${folder:-$(dirname "$(command -v initdb)")}
done
if [ -z "${server:-}" ]; then
    echo "No PostgreSQL server is installed: initdb was not found. On Debian: apt-get install postgresql" >&2
    exit 1
fi
place=$(mktemp -d)
port=$("$bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
# PostgreSQL refuses to run as root, so it runs as whoever exists for that.
as=""
if [ "$(id -u)" = 0 ]; then
    user=$(id -un postgres 2>/dev/null || id -un nobody)
    chown "$user" "$place"
    as="runuser -u $user --"
fi
stop() {
    $as "$server/pg_ctl" -D "$place/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$place"
}
trap stop EXIT INT TERM
(cd "$place" && $as "$server/initdb" -D "$place/data" -U habeas --auth=trust --encoding=UTF8 --locale=C.UTF-8 >"$place.log" 2>&1) || {
    cat "$place.log" >&2
    exit 1
}
(cd "$place" && $as "$server/pg_ctl" -D "$place/data" -w -l "$place/server.log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$place" start >/dev/null)
HABEAS_DATABASE="postgresql://habeas@127.0.0.1:$port/postgres" "$bin/pytest" -q tests/store tests/web "$@"
