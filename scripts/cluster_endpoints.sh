#!/usr/bin/env bash
# cluster_endpoints.sh - the three endpoints of the cluster that NODES=3 starts.
#
# usage: cluster_endpoints.sh [ENDPOINT]
#
# ENDPOINT is the first member's, ETCD_ENDPOINT if not given.
#
# examples:
#   scripts/cluster_endpoints.sh
#   etcdctl --endpoints="$(scripts/cluster_endpoints.sh)" endpoint health

case ${1:-} in http* | *:*) ETCD_ENDPOINT=$1; shift ;; esac
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

no_arguments "$@"
first=$(loopback_port)
need_room_above "$first" 3
for port in $(member_ports 3 "$first"); do
  [ "$port" = "$first" ] || printf ','
  printf 'http://127.0.0.1:%s' "$port"
done
printf '\n'
