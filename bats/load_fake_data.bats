#!/usr/bin/env bats
# The small data sets: scripts/load_fake_data.sh and its twin in Python.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

# value_of KEY - its exact bytes.
value_of() { etcd_client get "$1" --write-out=json | "$VENV/bin/python" -c '
import base64, json, sys
sys.stdout.buffer.write(base64.b64decode(json.load(sys.stdin)["kvs"][0]["value"]))'; }

@test "by default 50 strings, 20 documents and 10 blobs, and nothing else" {
  for loader in load_fake_data.sh load_fake_data.py; do
    etcd_client del '' --from-key
    run --separate-stderr "$loader"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "$output" = 'loaded 50 strings, 20 JSON documents and 10 blobs of 32 bytes under datasets/' ]
    [ "$(count_keys datasets/strings/)" -eq 50 ]
    [ "$(count_keys datasets/json/)" -eq 20 ]
    [ "$(count_keys datasets/blobs/)" -eq 10 ]
    [ "$(count_keys '')" -eq 80 ]
  done
}

@test "shell and Python leave the same bytes, whatever the knobs" {
  for knobs in 'STRING_COUNT=50' 'STRING_COUNT=300 JSON_COUNT=129 BLOB_COUNT=3 BLOB_BYTES=1' \
    'STRING_COUNT=1 JSON_COUNT=1 BLOB_COUNT=1 BLOB_BYTES=700'; do
    # shellcheck disable=SC2086  # several assignments
    env $knobs load_fake_data.sh
    shell=$(store)
    etcd_client del '' --from-key
    # shellcheck disable=SC2086
    env $knobs load_fake_data.py
    [ "$(store)" = "$shell" ]
    etcd_client del '' --from-key
  done
}

@test "blobs have the exact size, with NUL and newline in them" {
  for loader in load_fake_data.sh load_fake_data.py; do
    BLOB_COUNT=2 BLOB_BYTES=517 "$loader"
    [ "$(value_of datasets/blobs/00000001 | wc -c)" -eq 517 ]
    [ "$(value_of datasets/blobs/00000001 | head -c 8 | od -An -tx1)" = ' ca fe ba be 00 0a 01 02' ]
  done
}

@test "documents are JSON with a numeric price" {
  load_fake_data.sh
  value_of datasets/json/00000003 | "$VENV/bin/python" -c '
import json, sys
assert json.load(sys.stdin) == {"id": 3, "name": "item 3", "colour": "green", "price": 257.56}'
}

@test "the largest blob that etcd takes fits, one byte more is refused before the first write" {
  for loader in load_fake_data.sh load_fake_data.py; do
    BLOB_COUNT=1 BLOB_BYTES=1572297 "$loader"
    [ "$(value_of datasets/blobs/00000000 | wc -c)" -eq 1572297 ]
    etcd_client del '' --from-key
    BLOB_BYTES=1572298 run --separate-stderr "$loader"
    [ "$status" -eq 2 ]
    one_line_error '1572297 at most'
    [ "$(count_keys '')" -eq 0 ]
  done
}

@test "flags of the Python twin go before its variables" {
  STRING_COUNT=7 load_fake_data.py -string-count=3 --json-count 2 -blob-count=1
  [ "$(count_keys datasets/strings/)" -eq 3 ]
  [ "$(count_keys datasets/json/)" -eq 2 ]
}

@test "etcdctl's own variable for the endpoint works too" {
  unset ETCD_ENDPOINT
  for loader in load_fake_data.sh load_fake_data.py; do
    ETCDCTL_ENDPOINTS=${SUITE_ENDPOINT#http://} "$loader"
  done
}

@test "an unknown flag or an argument: status 2" {
  for loader in load_fake_data.sh load_fake_data.py; do
    for argument in -x --strings=3 3; do
      run --separate-stderr "$loader" "$argument"
      [ "$status" -eq 2 ]
      one_line_error "$argument"
    done
  done
}

@test "Ctrl-C: status 130, how many keys were acknowledged, no file left behind" {
  mkdir "$BATS_TEST_TMPDIR/tmp"
  STRING_COUNT=500000 TMPDIR=$BATS_TEST_TMPDIR/tmp "$VENV/bin/python" \
    "$BATS_TEST_DIRNAME/interrupt.py" "$SUITE_ENDPOINT" datasets/ load_fake_data.sh \
    2>"$BATS_TEST_TMPDIR/stderr" || status=$?
  cat "$BATS_TEST_TMPDIR/stderr"
  [ "$status" -eq 130 ]
  [[ $(cat "$BATS_TEST_TMPDIR/stderr") =~ interrupted:\ ([0-9]+)\ keys\ were\ acknowledged ]]
  # A transaction that was under way may have been carried out as well.
  [ "$(count_keys datasets/)" -ge "${BASH_REMATCH[1]}" ]
  [ "$(count_keys datasets/)" -le $((BASH_REMATCH[1] + 128)) ]
  [ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ]
}
