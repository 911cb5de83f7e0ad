#!/usr/bin/env bash
# Asks a worker whether it takes messages, prints what it says and exits with 0 if it does: for health checks where there is no curl.
#
#   ready.sh [HOST:PORT]    ROLEMILL_HEALTH unless given
set -euo pipefail
address=${1:-${ROLEMILL_HEALTH:?is not set: there is nobody to ask}}
host=${address%:*} port=${address##*:}
# Who listens on every address is asked on the nearest.
if [ "$host" = 0.0.0.0 ] || [ "$host" = '[::]' ]; then host=127.0.0.1; fi

if ! { exec 3<>"/dev/tcp/$host/$port"; } 2>/dev/null; then
  echo "nobody answers at $address"
  exit 1
fi
printf 'GET /readyz HTTP/1.0\r\nHost: %s\r\nConnection: close\r\n\r\n' "$address" >&3
status='' line=''
IFS=' ' read -r -t 3 _ status _ <&3 || true
while IFS= read -r -t 3 line <&3 && [ "$line" != $'\r' ]; do :; done
line=''
while IFS= read -r -t 3 line <&3 || [ -n "$line" ]; do
  echo "${line%$'\r'}"
  line=''
done
[ "$status" = 200 ]
