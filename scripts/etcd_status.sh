#!/usr/bin/env bash
# etcd_status.sh - print what runs, where its data is, and its status.
#
# usage: etcd_status.sh [flags]        (or: make status)
#
# Prints runtime, version, endpoints, data, log and etcdctl's status table for each etcd that
# `make up` started or, if none runs, the table for the etcd at ETCD_ENDPOINT.
#
# variables:
#   ETCD_ENDPOINT  where to look if the lab runs no etcd   (http://127.0.0.1:2379)
#   ETCD_STATE     where data and logs are   (.etcd)
#
# examples:
#   scripts/etcd_status.sh
#
# exits: 0 running, 1 no status, 2 wrong usage, 3 nothing runs

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

status_table() { within 2s 3s endpoint status --write-out=table; }

# instance_table FOLDER - print the table of all members, with an etcdctl of this machine: a
# container reaches only its own loopback.
instance_table() {
  ETCD_ENDPOINT=$(record "$1" endpoints)
  if is_docker "$1"; then
    local_etcdctl
    use_instance "$1"
  else
    instance_etcdctl "$1" "$ETCD_ENDPOINT"
  fi
  status_table || note "$ETCD_ENDPOINT: no complete answer"
}

take_credentials "$@"
no_arguments ${ARGUMENTS[@]+"${ARGUMENTS[@]}"}
check_endpoints
running=0
list_instances
for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
  is_running "$folder" || continue
  running=$((running + 1))
  describe_instance "$folder"
  printf '\n'
  show_places "$folder"
  (instance_table "$folder") # a subshell, so that its credentials end with it
done
if [ "$running" -eq 0 ]; then
  find_etcdctl
  need_etcd
  printf 'an etcd that the lab did not start, on %s\n' "$ETCD_ENDPOINT"
  status_table || exit "$EXIT_FAILED"
fi
