#!/usr/bin/env bash
# etcd_stats.sh - print docker stats for the containers of the lab's etcd.
#
# usage: etcd_stats.sh
#
# Prints a line `PORT ID` per container, then docker stats' line of JSON for each: CPU, memory,
# traffic. Prints nothing if the etcd at ETCD_ENDPOINT does not run in Docker.
#
# variables:
#   ETCD_ENDPOINT  one of the members   (http://127.0.0.1:2379)
#   COMPOSE_CMD    how to call Compose, and so Docker   (docker compose, or docker-compose)
#   ETCD_STATE     where data and logs are   (.etcd)
#
# examples:
#   scripts/etcd_stats.sh
#
# exits: 0, or docker's own status; 2 wrong usage

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

no_arguments "$@"
check_endpoints
folder=$(instance_at "${ETCD_ENDPOINT%%,*}") || exit 0
is_docker "$folder" || exit 0
read -r -a members <<<"$(record "$folder" members)"
read -r -a ports <<<"$(record "$folder" ports)"
containers=()
for i in "${!members[@]}"; do
  container=$(compose ps -q "${members[i]}")
  [ -n "$container" ] || continue
  printf '%s %s\n' "${ports[i]}" "$container"
  containers+=("$container")
done
[ ${#containers[@]} -gt 0 ] || exit 0
read -r -a words <<<"$(docker_command)"
exec "${words[@]}" stats --no-stream --format '{{json .}}' "${containers[@]}"
