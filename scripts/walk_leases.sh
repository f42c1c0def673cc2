#!/usr/bin/env bash
# walk_leases.sh - keys that expire: a walkthrough with etcdctl.
#
# usage: walk_leases.sh [--step] [--dry-run] [--curl] [--prefix=P]
#
#   --step      wait for a key between steps
#   --dry-run   print the commands, run nothing
#   --curl      print the equivalent curl command under each command
#   --prefix=P  write under P, where there must be no keys   (walk/leases/)
#
# variables:
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#   ETCDCTL        use this command as etcdctl
#
# examples:
#   scripts/walk_leases.sh --step
#   ETCDCTL=py/etcdctl.py scripts/walk_leases.sh --curl
#
# exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/lib/walk.sh"

walk() {
  local short long
  title 'Leases: keys that expire'

  step 'A lease has a time to live, in seconds. Its ID is the second word of the line, what' \
    "awk '/^lease / {print \$2}' prints; the third is only the word \"granted\"."
  grant 5

  step 'A key that is put with a lease lives no longer than the lease.'
  run put "${P}sessions/alice" token-123 --lease="$LEASE"

  step 'What is left of it, and which keys hang on it.'
  run lease timetolive "$LEASE" --keys
  run get "${P}sessions/alice"

  step 'Left alone, the lease expires, up to a second late: etcd looks every 500 ms, and the' \
    'deletion has to be agreed on. So poll, with a deadline, instead of sleeping.'
  wait_until_gone "${P}sessions/alice"
  run get "${P}sessions/alice"
  run lease timetolive "$LEASE"

  step 'keep-alive starts the time anew, again and again until it is stopped (here after the' \
    'first time); --once does it once.'
  grant 5
  run put "${P}sessions/alice" token-124 --lease="$LEASE"
  run_stream 1 lease keep-alive "$LEASE"
  run lease keep-alive --once "$LEASE"

  step 'To revoke a lease deletes its keys at once.'
  run lease revoke "$LEASE"
  run get "${P}sessions/alice"

  step 'Several keys on one lease expire together: two sessions on a short one …'
  grant 5
  short=$LEASE
  grant 30
  long=$LEASE
  run put "${P}sessions/bob" token-456 --lease="$short"
  run put "${P}sessions/charlie" token-789 --lease="$short"

  step '… and two on a longer one.'
  run put "${P}sessions/dana" token-101 --lease="$long"
  run put "${P}sessions/erin" token-202 --lease="$long"

  step 'When the short lease has expired, the others are still there.'
  wait_until_gone "${P}sessions/bob"
  run get "${P}sessions/" --prefix

  step 'Revoke the longer one, and they are gone as well.'
  run lease revoke "$long"
  run get "${P}sessions/" --prefix
}

walk_with "$@"
