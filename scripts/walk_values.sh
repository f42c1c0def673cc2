#!/usr/bin/env bash
# walk_values.sh - JSON and binary values: a walkthrough with etcdctl.
#
# usage: walk_values.sh [--step] [--dry-run] [--curl] [--prefix=P]
#
#   --step      wait for a key between steps
#   --dry-run   print the commands, run nothing
#   --curl      print the equivalent curl command under each command
#   --prefix=P  write under P, where there must be no keys   (walk/values/)
#
# variables:
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#   ETCDCTL        use this command as etcdctl
#
# examples:
#   scripts/walk_values.sh --step
#   ETCDCTL=py/etcdctl.py scripts/walk_values.sh --curl
#
# exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
. "$ROOT/scripts/lib/walk.sh"

walk() {
  title 'Values: JSON and binary'

  step 'To etcd a value is bytes. JSON is text, and easy to look at.'
  run put "${P}app/config/service" '{"host":"api.internal","port":8080,"timeout_ms":1500}'
  run get "${P}app/config/service" --print-value-only

  step 'Pretty-printed on this machine ("jq ." does the same).'
  run_redirected '| python3 -m json.tool --indent 2' pretty \
    get "${P}app/config/service" --print-value-only

  step 'Six bytes that are no text: the first four are 0xCAFEBABE.'
  # shellcheck disable=SC1003
  run_command "printf '\\312\\376\\272\\276\\001\\002' > blob.bin" make_blob

  step "Binary goes in through standard input. Not through \"\$(cat blob.bin)\": a shell drops" \
    'NUL bytes and newlines at the end, and in a container the file is another one (official' \
    'images have no shell at all). With Compose: exec -T, or a terminal changes line ends.'
  put_blob

  step '--hex shows every byte.'
  run get "${P}blobs/raw" --hex

  step '--print-value-only ends with a newline that is not in the value: one byte too many' \
    '("hexdump -C" shows the same).'
  run_redirected '> blobs_raw.bin' fetch get "${P}blobs/raw" --print-value-only
  run_command 'od -An -tx1 blobs_raw.bin' od -An -tx1 "${WORK:-}/blobs_raw.bin"

  step 'JSON output has the exact bytes, in base64.'
  run_redirected "| sed 's/.*\"value\":\"\\([^\"]*\\)\".*/\\1/' | base64 -d > blobs_raw.bin" \
    fetch_exactly get "${P}blobs/raw" -w json
  run_command 'cmp blob.bin blobs_raw.bin && echo the same bytes' compare_files

  step 'Clean up.'
  run del "${P}app/config/service"
  run del "${P}blobs/raw"
  run_command 'rm -f blob.bin blobs_raw.bin' rm -f "${WORK:-}/blob.bin" "${WORK:-}/blobs_raw.bin"
}

pretty() { etcdctl "$@" | python3 -m json.tool --indent 2; }

make_blob() { printf '\312\376\272\276\001\002' >"$WORK/blob.bin"; }

put_blob() {
  if [ -n "$DRY_RUN" ]; then
    WORK=$(mktemp -d)
    make_blob
  fi
  STDIN=$WORK/blob.bin show_command "etcdctl put ${P}blobs/raw < blob.bin" put "${P}blobs/raw"
  if [ -n "$DRY_RUN" ]; then
    rm -rf "$WORK"
  else
    etcdctl put "${P}blobs/raw" <"$WORK/blob.bin"
  fi
}

fetch() { etcdctl "$@" >"$WORK/blobs_raw.bin"; }

fetch_exactly() {
  etcdctl "$@" | sed 's/.*"value":"\([^"]*\)".*/\1/' | base64 -d >"$WORK/blobs_raw.bin"
}

compare_files() { cmp "$WORK/blob.bin" "$WORK/blobs_raw.bin" && echo the same bytes; }

walk_with "$@"
