#!/usr/bin/env bash
# etcd_clean.sh - stop every etcd that `make up` started; remove its data, the releases of
# get_etcd.sh and the programs of build_bench_tools.sh.
#
# usage: etcd_clean.sh        (part of: make clean)
#
# Removes instances, their Docker volumes, etcd's programs in bin/VERSION, and bin/bench. Keeps
# any other folder without an instance record, wherever ETCD_STATE points.
#
# variables:
#   ETCD_STATE   where data, logs and releases are   (.etcd)
#   COMPOSE_CMD  how to call Compose   (docker compose, or docker-compose)
#
# examples:
#   scripts/etcd_clean.sh

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

no_arguments "$@"
list_instances
for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
  if is_docker "$folder"; then
    compose down --volumes >&2 || die "$EXIT_FAILED" 'could not remove the Docker volumes'
  else
    stop_instance "$folder"
  fi
  rm -rf "${folder:?}"
  printf 'removed %s\n' "$(shown "$folder")"
done
# Left by a get_etcd.sh that was killed.
rm -rf "$STATE"/bin/.get_etcd.*
for folder in "$STATE"/bin/[0-9]*.[0-9]*.[0-9]*; do
  [ -d "$folder" ] && [ ! -L "$folder" ] || continue
  rm -f "$folder/etcd" "$folder/etcdctl" "$folder/etcdutl"
  ! rmdir "$folder" 2>/dev/null || printf 'removed %s\n' "$(shown "$folder")"
done
rm -f "$STATE"/bin/bench/{faker,reporter}
! rmdir "$STATE/bin/bench" 2>/dev/null || printf 'removed %s\n' "$(shown "$STATE/bin/bench")"
rmdir "$STATE/bin" 2>/dev/null || true
if [ -d "$STATE" ]; then
  rmdir "$STATE" 2>/dev/null || note "left alone, not the lab's: $(shown "$STATE")"
fi
