#!/usr/bin/env bash
# walk_history.sh - revisions, watches and compaction: a walkthrough with etcdctl.
#
# usage: walk_history.sh [--step] [--dry-run] [--curl] [--prefix=P]
#
#   --step      wait for a key between steps
#   --dry-run   print the commands, run nothing
#   --curl      print the equivalent curl command under each command
#   --prefix=P  write under P, where there must be no keys   (walk/history/)
#
# variables:
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#   ETCDCTL        use this command as etcdctl
#
# examples:
#   scripts/walk_history.sh --step
#   ETCDCTL=py/etcdctl.py scripts/walk_history.sh --curl
#
# exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/lib/walk.sh"

walk() {
  local first last
  title 'History: revisions, watches, compaction'

  step 'Every change of the store has a number, the revision, that only grows.'
  run put "${P}config" 'colour=red'
  first=$(revision_of "${P}config")
  run put "${P}config" 'colour=green'
  run put "${P}config" 'colour=blue'
  last=$(revision_of "${P}config")

  step 'A key knows when it was made and last changed, and how often it was written.'
  run get "${P}config" -w fields

  step 'The past can be read: the key as it was at a revision.'
  run get "${P}config" --rev="$first"

  step 'A watch can begin in the past too: it tells what happened since, then what happens.' \
    '(It does not end by itself; here it is stopped after the third event.)'
  run_watch 3 "${P}config" --rev="$first"

  step 'To delete is to write as well. A watch with --prev-kv shows what was there before.'
  run del "${P}config"
  run_watch_deletion

  step 'Compaction forgets what was overwritten before a revision, in the whole store:' \
    'history takes room.'
  run compaction "$last"

  step 'What is forgotten cannot be read any more …'
  run_refused get "${P}config" --rev="$first"

  step '… but that revision itself can.'
  run get "${P}config" --rev="$last"
}

# The event is four lines: DELETE, the key and value before it, the key, its empty value.
run_watch_deletion() {
  local deleted=$NO_REVISION
  [ -n "$DRY_RUN" ] || deleted=$((last + 1))
  run_stream 5 watch "${P}config" --rev="$deleted" --prev-kv
}

walk_with "$@"
