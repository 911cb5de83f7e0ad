#!/usr/bin/env bash
# Stops what deploy/up.sh started: the workers, each given its grace to finish what is in flight, then a broker and a database of its
# own. What they hold stays and is there again after the next `up`. Exits with 1 when a worker did not stop as it should.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source-path=SCRIPTDIR/..
. deploy/common.sh

grace=$(cat "$up/grace" 2>/dev/null || echo 25)
names=$(started)
asked=''
for name in $names; do
  if is_alive "$name"; then
    kill -TERM "$(cat "$up/$name.pid")" 2>/dev/null || true
    asked="$asked $name"
  fi
done

deadline=$((SECONDS + grace + 5))
left=$asked
while [ -n "$left" ] && [ $SECONDS -lt $deadline ]; do
  sleep 0.1
  still=''
  for name in $left; do
    if is_alive "$name"; then still="$still $name"; fi
  done
  left=$still
done

code=0
for name in $names; do
  case " $left " in
    *" $name "*)
      kill -KILL "$(cat "$up/$name.pid")" 2>/dev/null || true
      echo "$name did not stop within $((grace + 5)) s and was killed; what it had comes again"
      code=1
      ;;
    *)
      # Its end is written down a moment after it.
      for _ in $(seq 20); do [ -e "$up/$name.exit" ] || sleep 0.05; done
      ended=$(cat "$up/$name.exit" 2>/dev/null || echo unknown)
      case " $asked " in
        *" $name "*) echo "$name stopped, exit code $ended" ;;
        *) echo "$name had ended before, exit code $ended" ;;
      esac
      [ "$ended" = 0 ] || code=1
      ;;
  esac
  rm -f "$up/$name.pid" "$up/$name.port" "$up/$name.exit"
done
rm -f "$up/services" "$up/grace"

if [ -e "$services/rabbitmq" ]; then deploy/rabbitmq.sh --stop "$services/rabbitmq"; fi
if [ -e "$services/postgres" ]; then deploy/postgres.sh --stop "$services/postgres"; fi
exit $code
