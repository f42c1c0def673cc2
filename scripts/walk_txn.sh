#!/usr/bin/env bash
# walk_txn.sh - transactions: compare and swap, a lock: a walkthrough with etcdctl.
#
# usage: walk_txn.sh [--step] [--dry-run] [--curl] [--prefix=P]
#
#   --step      wait for a key between steps
#   --dry-run   print the commands, run nothing
#   --curl      print the equivalent curl command under each command
#   --prefix=P  write under P, where there must be no keys   (walk/txn/)
#
# variables:
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#   ETCDCTL        use this command as etcdctl
#
# examples:
#   scripts/walk_txn.sh --step
#   ETCDCTL=py/etcdctl.py scripts/walk_txn.sh --curl
#
# exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/lib/walk.sh"

walk() {
  title 'Transactions: compare and swap, a lock'

  step 'A transaction has compares, operations for when they all hold, and operations for' \
    'when not. Nothing can happen in between. A key that is not there has mod revision 0:' \
    'so this creates one only if nobody has.'
  run_txn "mod(\"${P}config\") = \"0\"" -- "put ${P}config red" -- "get ${P}config"

  step 'The same again: the compare fails, and the other branch shows who was first.'
  run_txn "mod(\"${P}config\") = \"0\"" -- "put ${P}config blue" -- "get ${P}config"

  step 'Compare and swap: the change is made only if the value is what was read before.'
  run_txn "value(\"${P}config\") = \"red\"" -- "put ${P}config green" -- "get ${P}config"

  step 'With an old value it fails, and nothing is overwritten.'
  run_txn "value(\"${P}config\") = \"red\"" -- "put ${P}config blue" -- "get ${P}config"

  step 'A lock: a key that one owner creates, on a lease, so that it is released even when' \
    'its owner dies.'
  grant 60
  run_txn "create(\"${P}lock\") = \"0\"" -- "put ${P}lock alice --lease=$LEASE" -- "get ${P}lock"

  step 'Who comes second does not get it, and learns whose it is.'
  run_txn "create(\"${P}lock\") = \"0\"" -- "put ${P}lock bob" -- "get ${P}lock"

  step 'Revoking the lease releases the lock (it expires where nobody keeps it alive).'
  run lease revoke "$LEASE"
  grant 60
  run_txn "create(\"${P}lock\") = \"0\"" -- "put ${P}lock bob --lease=$LEASE" -- "get ${P}lock"

  step 'Clean up.'
  run lease revoke "$LEASE"
  run del "${P}config"
}

walk_with "$@"
