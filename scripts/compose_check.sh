#!/usr/bin/env bash
# compose_check.sh - check that Docker Compose accepts docker-compose.yml, alone and with
# docker-compose.tls.yml. Needs Compose, but no engine.
#
# usage: compose_check.sh        (or: make compose-check)
#
# variables:
#   COMPOSE_CMD  how to call Compose   (docker compose, or docker-compose)
#
# examples:
#   COMPOSE_CMD=docker-compose scripts/compose_check.sh

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

no_arguments "$@"
read -r -a words <<<"$(compose_command)"
command -v "${words[0]:-}" >/dev/null ||
  die "$EXIT_FAILED" "no such command: '${words[0]:-}'; COMPOSE_CMD says how to call Docker Compose"

# check FLAGS... - check with these flags, too.
check() {
  compose "$@" config >/dev/null ||
    die "$EXIT_FAILED" "'$(compose_command) config' does not take docker-compose.yml"
}

check
ETCD_TLS=$ROOT check -f "$ROOT/docker-compose.tls.yml"
printf 'docker-compose.yml: valid\n'
