#!/usr/bin/env bash
# Finds a RabbitMQ for the tests and prints its address: the one in ROLEMILL_TEST_AMQP, else the one at 127.0.0.1:5672, else a node
# of its own that it starts under FOLDER (in /tmp unless given) from the programs of this machine, which it installs with apt-get where
# there are none and it may.
#
#   rabbitmq.sh [--own] [--port PORT] [FOLDER]    with --own it looks for no other broker
#   rabbitmq.sh --stop [--port PORT] [FOLDER]     stops the node of its own; its data stay
#
# A node of its own has its own name, data, Erlang cookie and epmd, and disturbs no other node of the machine. It listens on 127.0.0.1
# only: AMQP at PORT (56729 unless given), its four neighbours upwards are Erlang's distribution, epmd, the management API and metrics.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/common.sh"

stop=false own=false port=56729 folder=
while [ $# -gt 0 ]; do
  case $1 in
    --stop) stop=true ;;
    --own) own=true ;;
    --port) port=${2:?--port needs a number}; shift ;;
    -*) fail "usage: rabbitmq.sh [--own | --stop] [--port PORT] [FOLDER]" ;;
    *) folder=$1 ;;
  esac
  shift
done
folder=$(absolute "${folder:-${TMPDIR:-/tmp}/rolemill-rabbitmq-$(id -u)-$port}")

# Whether an AMQP broker answers: the first byte of its greeting is the type of a method frame.
greets() {
  (
    exec 3<>"/dev/tcp/$1/$2"
    printf 'AMQP\0\0\011\001' >&3
    IFS= read -r -t 5 -n 1 byte <&3
    [ "$byte" = $'\001' ]
  ) 2>/dev/null
}

# Where rabbitmq-server and its tools are; Debian's own wrappers in the path would set another home, and with it another cookie.
programs() {
  local found
  for found in /usr/lib/rabbitmq/bin /opt/homebrew/opt/rabbitmq/sbin "$(dirname "$(command -v rabbitmq-server || echo /)")"; do
    if [ -x "$found/rabbitmq-server" ]; then echo "$found"; return; fi
  done
}

# Runs one of the node's programs with the node's settings and nothing else of this environment.
node() {
  as_account rabbitmq env -i \
    PATH="$PATH:/usr/sbin:/sbin" HOME="$folder" LANG=C.UTF-8 \
    RABBITMQ_NODENAME="rolemill-$port@localhost" \
    RABBITMQ_NODE_PORT="$port" \
    RABBITMQ_DIST_PORT="$((port + 1))" \
    ERL_EPMD_PORT="$((port + 2))" \
    ERL_EPMD_ADDRESS=127.0.0.1 \
    ERL_FLAGS="-kernel inet_dist_use_interface {127,0,0,1}" \
    RABBITMQ_CONF_ENV_FILE="$folder/none" \
    RABBITMQ_CONFIG_FILE="$folder/rabbitmq.conf" \
    RABBITMQ_ENABLED_PLUGINS_FILE="$folder/enabled_plugins" \
    RABBITMQ_MNESIA_BASE="$folder/data" \
    RABBITMQ_LOG_BASE="$folder/log" \
    RABBITMQ_SCHEMA_DIR="$folder/schema" \
    RABBITMQ_GENERATED_CONFIG_DIR="$folder/config" \
    RABBITMQ_PID_FILE="$folder/pid" \
    "$@"
}

is_running() { [ -s "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; }

if $stop; then
  bin=$(programs)
  if [ -z "$bin" ] || ! is_running; then exit; fi
  cd "$folder"
  said=$(node "$bin/rabbitmqctl" -q stop "$folder/pid" 2>&1) || fail "the node does not stop: $said"
  node epmd -kill >/dev/null || say "its epmd is still there"
  exit
fi

if ! $own; then
  if [ -n "${ROLEMILL_TEST_AMQP:-}" ]; then
    echo "$ROLEMILL_TEST_AMQP"
    exit
  fi
  if greets 127.0.0.1 5672; then
    echo "amqp://guest:guest@127.0.0.1:5672"
    exit
  fi
fi

if ! greets 127.0.0.1 "$port"; then
  if [ -z "$(programs)" ]; then
    install_package rabbitmq-server || fail \
      "RabbitMQ is missing: install your system's package rabbitmq-server, or set ROLEMILL_TEST_AMQP=amqp://user:password@host:port"
  fi
  bin=$(programs)
  make_folder "$folder" rabbitmq
  cd "$folder"
  cat >rabbitmq.conf <<CONF
listeners.tcp.local = 127.0.0.1:$port
management.tcp.ip = 127.0.0.1
management.tcp.port = $((port + 3))
prometheus.tcp.ip = 127.0.0.1
prometheus.tcp.port = $((port + 4))
CONF
  echo "[rabbitmq_management,rabbitmq_prometheus]." >enabled_plugins
  rm -f pid
  node "$bin/rabbitmq-server" -detached >&2
  # The node needs some seconds before it can be asked anything, and more on a busy machine.
  deadline=$((SECONDS + 120))
  until greets 127.0.0.1 "$port" && node "$bin/rabbitmqctl" -q await_startup --timeout 60 >/dev/null 2>&1; do
    if [ $SECONDS -ge $deadline ] || { [ -s pid ] && ! is_running; }; then
      tail -n 40 log/*.log >&2 || true
      fail "RabbitMQ did not start under $folder"
    fi
    sleep 0.3
  done
fi
echo "amqp://guest:guest@127.0.0.1:$port"
