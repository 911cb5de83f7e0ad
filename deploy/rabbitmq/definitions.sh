#!/usr/bin/env bash
# Prints definitions.json with the hashes of the passwords that the environment holds: the broker's vhost, a user for each worker and for
# upstream systems with what each may do, and the policies. A user whose password is not given gets none, and cannot log in with one.
#
#   PARSE_PASSWORD=… SIGNALS_PASSWORD=… deploy/rabbitmq/definitions.sh | rabbitmqctl import_definitions
#
# Of each variable NAME also NAME_FILE is read: a file that holds the password. What it prints can be imported any number of times, by
# rabbitmqctl, by the management API (POST /api/definitions) or at the start of a node (load_definitions in rabbitmq.conf).
#
#   rolemill-topology      declares exchanges, queues and bindings: `rolemill topology apply`, once before the workers start
#   rolemill-parse … -persistence, -archive    read their own queues, write to the exchanges they need, declare nothing
#   rolemill-publisher     upstream systems: writes postings to rolemill.in under jd.…
#   rolemill-listener      upstream systems: binds queues of its own, named rolemill-listener.…, to rolemill.events
#   rolemill-monitor       sees how full queues are; reads and writes nothing
#
# Another prefix than `rolemill` is given as the argument.
set -euo pipefail
template=$(dirname "$0")/definitions.json
prefix=${1:-rolemill}
[[ $prefix =~ ^[A-Za-z0-9_-]+$ ]] || { echo "a prefix has letters, digits, _ and - only" >&2; exit 2; }

# Salted as RabbitMQ does it: base64(salt + sha256(salt + password)), with a salt of four bytes.
hash_of() {
  local salt digest
  salt=$(od -An -N4 -tx1 /dev/urandom | tr -d ' \n')
  digest=$({ bytes "$salt"; printf %s "$1"; } | sha256sum | cut -c1-64)
  bytes "$salt$digest" | base64 | tr -d '\n'
}

bytes() {
  # shellcheck disable=SC2001,SC2059  # The format is hexadecimal digits.
  printf "$(sed 's/../\\x&/g' <<<"$1")"
}

json=$(<"$template")
for name in $(grep -o '\$[A-Z]*_PASSWORD' "$template" | tr -d '$'); do
  password=${!name:-}
  file=${name}_FILE
  if [ -z "$password" ] && [ -n "${!file:-}" ]; then password=$(<"${!file}"); fi
  hash=
  if [ -n "$password" ]; then hash=$(hash_of "$password"); fi
  json=${json//"\"\$$name\""/"\"$hash\""}
done
# Names of the topology begin with the prefix and a dot, written \\. in a pattern, and those of the policies with the prefix; those of
# users and the vhost stay.
sed -e "/\"pattern\"/s/\"name\": \"rolemill/\"name\": \"$prefix/" -e "s/rolemill\\\\\\\\\./$prefix\\\\\\\\./g" -e "s/\"rolemill\.in\"/\"$prefix.in\"/" <<<"$json"
