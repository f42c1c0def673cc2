#!/usr/bin/env bash
# walk_basics.sh - put, get, del: a walkthrough with etcdctl.
#
# usage: walk_basics.sh [--step] [--dry-run] [--curl] [--prefix=P]
#
#   --step      wait for a key between steps
#   --dry-run   print the commands, run nothing
#   --curl      print the equivalent curl command under each command
#   --prefix=P  write under P, where there must be no keys   (walk/basics/)
#
# variables:
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#   ETCDCTL        use this command as etcdctl
#
# examples:
#   scripts/walk_basics.sh --step
#   ETCDCTL=py/etcdctl.py scripts/walk_basics.sh --curl
#
# exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/lib/walk.sh"

walk() {
  title 'Put, get, del'

  step 'A value is stored under a key. Both are bytes; etcd does not look into them.'
  run put "${P}demo/key" 'hello world'

  step 'get prints the key, then the value.'
  run get "${P}demo/key"

  step 'Without the key: only the value, for use in a script.'
  run get "${P}demo/key" --print-value-only

  step 'A second put replaces the value; --prev-kv shows what was there.'
  run put "${P}demo/key" 'hello again' --prev-kv

  step 'del prints how many keys it deleted.'
  run del "${P}demo/key"

  step 'A key that is not there: no output, and exit status 0. Look at the output.'
  run get "${P}demo/key"

  step 'Where etcd is, --endpoints or the variable ETCDCTL_ENDPOINTS says. Never set both:' \
    'etcdctl then ends with an error.'
}

walk_with "$@"
