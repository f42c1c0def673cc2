#!/usr/bin/env bash
# walk.sh - run walkthroughs one after the other.
#
# usage: walk.sh [TOPIC...] [--transport=gateway|native] [flags]        (or: make walk)
#
# Topics: basics ranges leases values history txn; default: all. With --transport runs those in
# Python instead of those in shell. Passes other flags on: --step, --dry-run, --curl, and
# etcdctl's --endpoints --cacert --cert --key --user --password.
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

# walk_topic - run the walkthrough of $topic, and print an empty line.
walk_topic() {
  if [ -n "$transport" ]; then
    "$ROOT/py/walk_$topic.py" "$transport" ${flags[@]+"${flags[@]}"}
  else
    "$ROOT/scripts/walk_$topic.sh" ${flags[@]+"${flags[@]}"}
  fi
  printf '\n'
}

main "$@"
