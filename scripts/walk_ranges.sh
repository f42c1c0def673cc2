#!/usr/bin/env bash
# walk_ranges.sh - keys in order, prefixes and ranges: a walkthrough with etcdctl.
#
# usage: walk_ranges.sh [--step] [--dry-run] [--curl] [--prefix=P]
#
#   --step      wait for a key between steps
#   --dry-run   print the commands, run nothing
#   --curl      print the equivalent curl command under each command
#   --prefix=P  write under P, where there must be no keys   (walk/ranges/)
#
# variables:
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#   ETCDCTL        use this command as etcdctl
#
# examples:
#   scripts/walk_ranges.sh --step
#   ETCDCTL=py/etcdctl.py scripts/walk_ranges.sh --curl
#
# exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/lib/walk.sh"

walk() {
  title 'Keys in order: prefixes and ranges'

  step 'etcd has no folders: keys are bytes, sorted bytewise. Slashes are a habit that' \
    'puts what belongs together side by side.'
  run put "${P}app/config/database" postgres
  run put "${P}app/config/cache" redis
  run put "${P}app/users/1001" '{"name":"Ada"}'
  run put "${P}app/users/1002" '{"name":"Lin"}'

  step 'All keys with a prefix, in order.'
  run get "${P}app/config/" --prefix

  step 'Only the keys; each is followed by an empty line, where its value would be.'
  run get "${P}app/users/" --prefix --keys-only

  step 'A range is half-open: [key, range_end). "0" comes right after "/" in ASCII, so this' \
    'is what --prefix asked for above.'
  run get "${P}app/config/" "${P}app/config0"

  step 'The end of a prefix: its last byte below 0xFF raised by one, what follows dropped.' \
    'Not the prefix and a NUL byte: [key, key + NUL) is that single key.'
  run get "${P}app/users/" "${P}app/users0"

  step "Nor can it be written as \$(printf 'app/users/\\x00'): a shell drops the NUL byte," \
    'and what is left is an empty range. It holds nothing, and that is no error.'
  run get "${P}app/users/" "${P}app/users/"

  step 'The first key only, and the last one.'
  run get "${P}app/" --prefix --limit=1
  run get "${P}app/" --prefix --limit=1 --order=DESCEND

  step 'Clean up by prefix; del prints how many keys are gone.'
  run del "${P}app/" --prefix
}

walk_with "$@"
