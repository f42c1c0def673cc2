#!/usr/bin/env bash
# etcd_down.sh - stop every etcd that `make up` started; the data stays.
#
# usage: etcd_down.sh        (or: make down)
#
# A pid file is checked against the process before anything is signalled: only
# an etcd that runs on the lab's own data is ended. It gets ten seconds to end
# by itself.
#
# variables:
#   ETCD_STATE   where data and logs are   (.etcd)
#   COMPOSE_CMD  how to call Compose   (docker compose, or docker-compose)
#
# examples:
#   scripts/etcd_down.sh && scripts/etcd_up.sh     restart on the same data

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

no_arguments "$@"
stopped=0
list_instances
for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
  is_running "$folder" || continue
  stop_instance "$folder"
  printf '%s: stopped\n' "$(describe_instance "$folder")"
  stopped=$((stopped + 1))
done
[ "$stopped" -gt 0 ] || note 'no etcd of the lab was running'
