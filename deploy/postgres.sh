#!/usr/bin/env bash
# Finds a PostgreSQL for the tests and prints its address: the one in ROLEMILL_TEST_POSTGRES, else the one at
# 127.0.0.1:5432, else one of its own that it starts under a folder (first argument, else in /tmp) from the programs of this machine, which it
# installs with apt-get where there are none and it may.
set -euo pipefail
folder=${1:-${TMPDIR:-/tmp}/rolemill-postgres-$(id -u)}

reachable() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }
as_postgres() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

if [ -n "${ROLEMILL_TEST_POSTGRES:-}" ]; then
  echo "$ROLEMILL_TEST_POSTGRES"
  exit
fi
if reachable 127.0.0.1 5432; then
  echo "postgres://postgres@127.0.0.1:5432"
  exit
fi
programs() { { ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null || true; } | sort -V | tail -1; }
if [ -z "$(programs)" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y -q postgresql >&2
  else
    echo "PostgreSQL is missing: install your system's package postgresql, or set ROLEMILL_TEST_POSTGRES=postgres://user@host:port" >&2
    exit 1
  fi
fi
bin=$(programs)
port=54329
if ! reachable 127.0.0.1 "$port"; then
  mkdir -p "$folder"
  if [ "$(id -u)" = 0 ]; then chown postgres "$folder"; fi
  [ -e "$folder/data/PG_VERSION" ] || as_postgres "$bin/initdb" --auth=trust --username=postgres -D "$folder/data" >&2
  as_postgres "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >&2
fi
echo "postgres://postgres@127.0.0.1:$port"
