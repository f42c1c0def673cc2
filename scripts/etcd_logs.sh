#!/usr/bin/env bash
# etcd_logs.sh - print the end of every log, or follow the log.
#
# usage: etcd_logs.sh [-f]        (or: make logs, make logs FOLLOW=1)
#
#   -f   follow the log of the running etcd until Ctrl-C
#
# variables:
#   LINES_SHOWN  lines of each log   (20)
#   ETCD_STATE   where data and logs are   (.etcd)
#
# examples:
#   scripts/etcd_logs.sh
#   LINES_SHOWN=100 scripts/etcd_logs.sh

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

follow=
if [ "${1:-}" = -f ]; then
  follow=yes
  shift
fi
no_arguments "$@"
LINES_SHOWN=${LINES_SHOWN:-20}
need_count LINES_SHOWN

list_instances
running=
for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
  if [ -n "$follow" ] && is_running "$folder"; then
    running=$folder
  else
    show_logs "$folder" "$LINES_SHOWN"
  fi
done
if [ ${#INSTANCES[@]} -eq 0 ]; then
  note "no log: nothing was started here; 'make up' does"
elif [ -n "$follow" ]; then
  [ -n "$running" ] || die "$EXIT_UNREACHABLE" "nothing to follow: no etcd of the lab runs"
  follow_logs "$running" "$LINES_SHOWN"
fi
