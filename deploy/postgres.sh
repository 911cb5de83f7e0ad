#!/usr/bin/env bash
# Finds a PostgreSQL for the tests and prints its address: the one in ROLEMILL_TEST_POSTGRES, else the one at 127.0.0.1:5432 when it
# lets postgres in without a password, else a cluster of its own that it starts under FOLDER (in /tmp unless given) from the programs of
# this machine, which it installs with apt-get where there are none and it may.
#
#   postgres.sh [--own] [--port PORT] [FOLDER]    with --own it looks for no other server
#   postgres.sh --stop [FOLDER]                   stops the cluster of its own; its data stay
#
# A cluster of its own listens on 127.0.0.1 only, at PORT (54329 unless given), and asks for no password.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

stop=false own=false port=54329 folder=
while [ $# -gt 0 ]; do
  case $1 in
    --stop) stop=true ;;
    --own) own=true ;;
    --port) port=${2:?--port needs a number}; shift ;;
    -*) fail "usage: postgres.sh [--own | --stop] [--port PORT] [FOLDER]" ;;
    *) folder=$1 ;;
  esac
  shift
done
folder=$(absolute "${folder:-${TMPDIR:-/tmp}/rolemill-postgres-$(id -u)}")

# Whether a server lets us in; without psql that is seen only later.
admits() {
  reachable "$1" "$2" || return 1
  command -v psql >/dev/null || return 0
  PGCONNECT_TIMEOUT=5 psql --no-password --quiet --command '' "postgres://postgres@$1:$2/postgres" >/dev/null 2>&1
}

if $stop; then
  bin=$(postgres_programs)
  if [ -z "$bin" ] || [ ! -e "$folder/data/postmaster.pid" ]; then exit; fi
  cd "$folder"
  as_account postgres "$bin/pg_ctl" -D data -s -w -m fast stop >&2
  exit
fi

if ! $own; then
  if [ -n "${ROLEMILL_TEST_POSTGRES:-}" ]; then
    echo "$ROLEMILL_TEST_POSTGRES"
    exit
  fi
  if admits 127.0.0.1 5432; then
    echo "postgres://postgres@127.0.0.1:5432"
    exit
  fi
fi

if ! reachable 127.0.0.1 "$port"; then
  if [ -z "$(postgres_programs)" ]; then
    install_package postgresql || fail \
      "PostgreSQL is missing: install your system's package postgresql, or set ROLEMILL_TEST_POSTGRES=postgres://user@host:port"
  fi
  bin=$(postgres_programs)
  make_folder "$folder" postgres
  cd "$folder"
  if [ ! -e data/PG_VERSION ]; then
    # Names are searched without regard to case, in any script; plain C knows ASCII only.
    locale=$(locale -a 2>/dev/null | grep -ix -m 1 'C\.utf-\?8' || echo C)
    said=$(as_account postgres "$bin/initdb" --auth=trust --username=postgres --encoding=UTF8 --locale="$locale" -D data 2>&1) ||
      fail "$said"
  fi
  as_account postgres "$bin/pg_ctl" -D data -l log -s -w \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=" start >&2
fi
echo "postgres://postgres@127.0.0.1:$port"
