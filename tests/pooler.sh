#!/bin/sh
# A PgBouncer of the tests' own in front of a PostgreSQL server, for as long as standard input stays open.
#
#     tests/pooler.sh postgresql://user@host:port/database connections
#
# It hands out as many connections of the server as it is told, each for one transaction. Prints its address on one line once
# it takes connections. Where there is no PgBouncer it prints nothing and ends with status 3; what else stands in the way goes
# to standard error.
set -eu

program=$(command -v pgbouncer || ls /usr/sbin/pgbouncer 2>/dev/null) || exit 3

rest=${1#*://}
login=${rest%%@*}
rest=${rest#*@}
place=${rest%%/*}
database=${rest#*/}

clean_up() {
    if [ -n "$pooler" ]; then
        kill "$pooler" 2>/dev/null || true
        wait "$pooler" 2>/dev/null || true
    fi
    rm -rf "$folder"
}

pooler=
folder=$(mktemp -d "${TMPDIR:-/tmp}/reprieve-pooler.XXXXXX")
trap clean_up EXIT
trap 'exit 1' HUP INT TERM
# PgBouncer refuses to run as root.
user=
if [ "$(id -u)" = 0 ]; then
    user=nobody
    chown "$user" "$folder"
fi
cd "$folder"

case $login in
*:*) password="password='${login#*:}'" ;;
*) password= ;;
esac

# A port that was free a moment ago may be taken: the next one is tried then.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
    cat >settings.ini <<SETTINGS
[databases]
* = host=${place%:*} port=${place##*:} user=${login%%:*} $password
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = $port
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = $2
max_client_conn = 200
SETTINGS
    : >log
    "$program" ${user:+--user "$user"} settings.ini >>log 2>&1 </dev/null &
    pooler=$!
    # It says so when it listens, and ends when it cannot.
    while kill -0 "$pooler" 2>/dev/null; do
        if grep -q "process up" log; then
            echo "postgresql://${login%%:*}@127.0.0.1:$port/${database%%\?*}"
            # Nobody writes: this ends when the other end is closed.
            cat >/dev/null
            exit 0
        fi
        sleep 0.05
    done
    pooler=
done
cat log >&2
exit 1
