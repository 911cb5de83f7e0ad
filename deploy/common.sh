# shellcheck shell=bash disable=SC2034
# What the scripts of this folder have in common. Sourced, not run.

say() { printf '%s\n' "$@" >&2; }
fail() { say "$@"; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }

# Runs a command as the service's own account when root does, which servers refuse to be run by; else as whoever calls.
as_account() {
  local account=$1
  shift
  if is_root; then runuser -u "$account" -- "$@"; else "$@"; fi
}

absolute() { case $1 in /*) echo "$1" ;; *) echo "$PWD/$1" ;; esac; }

reachable() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# Installs a package of Debian's where that is possible: as root, with apt-get.
install_package() {
  is_root && command -v apt-get >/dev/null || return 1
  say "installing $1"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$1" >&2 && return
  # The list of packages may be older than the packages.
  apt-get update -q >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -q "$1" >&2
}

# A folder that whoever calls owns and the service's account can write to.
make_folder() {
  mkdir -p "$1"
  [ -O "$1" ] || { is_root && [ "$(stat -c %U "$1")" = "$2" ]; } || fail "$1 belongs to somebody else"
  if is_root; then chown "$2" "$1"; fi
}

# Where initdb, pg_ctl and the rest of PostgreSQL's programs are; the newest where there are several.
postgres_programs() {
  { ls -d /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null || true; } | sort -V | tail -1
}

# A URL without its password.
shown() { sed -E 's#//([^:/@]*):[^@]*@#//\1:***@#' <<<"$1"; }

# What follows is about the workers that up.sh starts and down.sh stops. Of NAME-1, the first process of a worker, the folder `up` has
# NAME-1.pid, NAME-1.port (health), NAME-1.log and, once it has ended by itself or otherwise, NAME-1.exit.
workers=(parse signals decision enrichment persistence archive)
up=target/up
# Services' data lie where the services' own accounts can reach them, whoever owns the checkout.
services=/var/tmp/rolemill-up-$(id -u)

# The command line of a process; nothing when there is none of that number.
command_of() {
  if [ -d /proc/self ]; then tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline"; else ps -o args= -p "$1"; fi
}

# Whether a process runs, and is the one that was started: numbers are given out again.
is_alive() {
  [ -s "$up/$1.pid" ] || return 1
  case $(command_of "$(cat "$up/$1.pid")" 2>/dev/null) in *"rolemill-${1%-*}"*) return 0 ;; esac
  return 1
}

# Names of what was started, in the order of the stages.
started() {
  local worker file
  for worker in "${workers[@]}"; do
    for file in "$up/$worker"-*.pid; do
      if [ -e "$file" ]; then basename "$file" .pid; fi
    done
  done
}
