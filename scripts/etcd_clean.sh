#!/usr/bin/env bash
# etcd_clean.sh - stop every etcd that `make up` started and remove its data.
#
# usage: etcd_clean.sh        (part of: make clean)
#
# Removes instances and nothing else: a folder without an instance record is
# left alone, wherever ETCD_STATE points. Docker volumes of the lab go as well.
#
# variables:
#   ETCD_STATE   where data and logs are   (.etcd)
#   COMPOSE_CMD  how to call Compose   (docker compose, or docker-compose)
#
# examples:
#   scripts/etcd_clean.sh

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

no_arguments "$@"
list_instances
for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
  if [ "$(record "$folder" runtime)" = docker ]; then
    compose down --volumes >&2 || die "$EXIT_FAILED" 'could not remove the Docker volumes'
  else
    stop_instance "$folder"
  fi
  rm -rf "${folder:?}"
  printf 'removed %s\n' "$(shown "$folder")"
done
if [ -d "$STATE" ]; then
  rmdir "$STATE" 2>/dev/null || note "left alone, not the lab's: $(shown "$STATE")"
fi
