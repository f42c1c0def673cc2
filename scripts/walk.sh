#!/usr/bin/env bash
# walk.sh - the walkthroughs, one after the other.
#
# usage: walk.sh [TOPIC...] [--transport=gateway|native] [flags]        (or: make walk)
#
# Topics: basics ranges leases values history txn; all of them if none is named.
# With --transport the twins in Python run instead of the shell's. Other flags are
# passed on: --step, --dry-run, --curl, and those of etcdctl that say where etcd is and
# who asks: --endpoints --cacert --cert --key --user --password.
#
# variables:
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#
# examples:
#   scripts/walk.sh
#   scripts/walk.sh leases txn --step
#   scripts/walk.sh basics --transport=native
#
# exits: as the walkthroughs: 0, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

TOPICS=(basics ranges leases values history txn)

main() {
  local topic topics=() flags=() transport=''
  take_credentials "$@"
  set -- ${ARGUMENTS[@]+"${ARGUMENTS[@]}"}
  export ETCD_ENDPOINT
  while [ $# -gt 0 ]; do
    case $1 in
      -h | -help | --help) show_help; exit 0 ;;
      -transport=* | --transport=*) transport=$1 ;;
      -*) flags+=("$1") ;;
      *) [[ " ${TOPICS[*]} " == *" $1 "* && $1 != *' '* ]] ||
        die "$EXIT_USAGE" "no such topic: '$1'; there are ${TOPICS[*]}"
        topics+=("$1") ;;
    esac
    shift
  done
  [ ${#topics[@]} -gt 0 ] || topics=("${TOPICS[@]}")
  for topic in "${topics[@]}"; do
    walk_topic
  done
}

# walk_topic - the walkthrough of $topic, with an empty line after it.
walk_topic() {
  if [ -n "$transport" ]; then
    "$ROOT/py/walk_$topic.py" "$transport" ${flags[@]+"${flags[@]}"}
  else
    "$ROOT/scripts/walk_$topic.sh" ${flags[@]+"${flags[@]}"}
  fi
  printf '\n'
}

main "$@"
