#!/usr/bin/env bash
# Starts everything on this machine: RabbitMQ and PostgreSQL where none is found, the database, the topology, and every worker, one
# process each unless told otherwise (`PARSE=4 deploy/up.sh`). What runs already is left alone; deploy/down.sh stops it all.
#
#   PARSE, SIGNALS, DECISION, ENRICHMENT, PERSISTENCE, ARCHIVE   how many processes of that worker
#   ROLEMILL_AMQP, ROLEMILL_DB   a broker and a database to use instead of what is found; the database must exist
#   ROLEMILL_BIN                 the folder of the programs (target/release)
#   Whatever else the workers read from the environment is passed on.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR/..
. deploy/common.sh

bin=${ROLEMILL_BIN:-target/release}
first_port=18081
patience=60

for program in rolemill "${workers[@]/#/rolemill-}"; do
  [ -x "$bin/$program" ] || fail "$bin/$program is missing: build the programs first (cargo build --release --workspace --bins)"
done
mkdir -p "$up"

# Finds a service, or starts one of our own; the next `up` starts the same one again, whatever else has come up meanwhile.
service() { if [ -e "$services/$1" ]; then "deploy/$1.sh" --own "$services/$1"; else "deploy/$1.sh" "$services/$1"; fi; }
mkdir -p "$services"
[ -O "$services" ] || fail "$services belongs to somebody else"
amqp=${ROLEMILL_AMQP:-$(service rabbitmq)}
db=${ROLEMILL_DB:-}
if [ -z "$db" ]; then
  server=$(service postgres)
  psql=$(command -v psql || true)
  [ -n "$psql" ] || psql=$(postgres_programs)/psql
  [ -x "$psql" ] || { install_package postgresql-client && psql=$(command -v psql); } || fail \
    "psql is missing and the database cannot be made without it: install your system's package postgresql-client, or make a database and set ROLEMILL_DB"
  ask() { "$psql" --no-psqlrc --no-password --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --command "$1" "$server/postgres"; }
  if [ "$(ask "SELECT count(*) FROM pg_database WHERE datname = 'rolemill'")" = 0 ]; then
    ask "CREATE DATABASE rolemill ENCODING 'UTF8' TEMPLATE template0"
  fi
  db=$server/rolemill
fi

# Workers of one pipeline share both; those that run have theirs already.
if [ -n "$(started)" ] && [ -e "$up/services" ] && [ "$(cat "$up/services")" != "$amqp $db" ]; then
  for name in $(started); do
    if is_alive "$name"; then fail "$name runs with another broker or database: call deploy/down.sh first"; fi
  done
fi
(umask 077 && echo "$amqp $db" >"$up/services")
echo "${ROLEMILL_GRACE_SECONDS:-25}" >"$up/grace"
export ROLEMILL_AMQP=$amqp ROLEMILL_DB=$db

"$bin/rolemill" migrate --db "$db" >&2
"$bin/rolemill" topology apply --amqp "$amqp" >&2

# A port that nobody listens at and no other worker was given.
free_port() {
  local port=$first_port
  while grep -qx "$port" "$up"/*.port 2>/dev/null || reachable 127.0.0.1 "$port"; do port=$((port + 1)); done
  echo "$port"
}

# Starts one process, and beside it a shell that waits for its end and writes down how it ended.
start() {
  local name=$1 port
  rm -f "$up/$name.pid" "$up/$name.port" "$up/$name.exit"
  if [ -e "$up/$name.log" ]; then mv "$up/$name.log" "$up/$name.log.1"; fi
  port=$(free_port)
  echo "$port" >"$up/$name.port"
  # In a process group of its own: an interrupt at the terminal is not for it.
  set -m
  (
    trap '' HUP
    ROLEMILL_HEALTH=127.0.0.1:$port "$bin/rolemill-${name%-*}" &
    echo $! >"$up/$name.pid.new"
    mv "$up/$name.pid.new" "$up/$name.pid"
    code=0
    wait $! || code=$?
    echo "$code" >"$up/$name.exit"
  ) </dev/null >"$up/$name.log" 2>&1 &
  set +m
  until [ -e "$up/$name.pid" ]; do sleep 0.05; done
}

for worker in "${workers[@]}"; do
  wish=$(tr '[:lower:]' '[:upper:]' <<<"$worker")
  for number in $(seq 1 "${!wish:-1}"); do
    if ! is_alive "$worker-$number"; then start "$worker-$number"; fi
  done
done
# Those of an earlier `up` that have ended are missing as well.
for name in $(started); do
  if ! is_alive "$name"; then start "$name"; fi
done

ready() { deploy/ready.sh "127.0.0.1:$(cat "$up/$1.port")"; }

give_up() {
  local name=$1 said=$2
  say "" "$name $said" "the end of $up/$name.log:"
  tail -n 15 "$up/$name.log" | sed 's/^/  /' >&2
}

deadline=$((SECONDS + patience))
waiting=$(started)
while [ -n "$waiting" ]; do
  still='' dead=''
  for name in $waiting; do
    if ! is_alive "$name"; then
      dead="$dead $name"
    elif ! ready "$name" >/dev/null; then
      still="$still $name"
    fi
  done
  if [ -n "$dead" ]; then
    for name in $dead; do give_up "$name" "has ended with exit code $(cat "$up/$name.exit" 2>/dev/null || echo unknown)"; done
    exit 1
  fi
  if [ -n "$still" ] && [ $SECONDS -ge $deadline ]; then
    for name in $still; do
      give_up "$name" "is not ready after $patience s: $(ready "$name" || true)"
    done
    exit 1
  fi
  waiting=$still
  if [ -n "$waiting" ]; then sleep 0.2; fi
done

echo "broker    $(shown "$amqp")"
echo "database  $(shown "$db")"
echo
row='%-15s %8s  %-23s %s\n'
# shellcheck disable=SC2059  # The format is the one above.
printf "$row" worker pid health log
for name in $(started); do
  # shellcheck disable=SC2059
  printf "$row" "$name" "$(cat "$up/$name.pid")" "http://127.0.0.1:$(cat "$up/$name.port")" "$up/$name.log"
done
