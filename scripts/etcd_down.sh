#!/usr/bin/env bash
# etcd_down.sh - stop every etcd that `make up` started; the data stays.
#
# usage: etcd_down.sh        (or: make down)
#
# Signals only processes that run on the lab's data, whatever the pid files say, and kills
# those that have not ended after ten seconds.
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
