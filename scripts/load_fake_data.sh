#!/usr/bin/env bash
# load_fake_data.sh - load the small data sets with etcdctl.
#
# usage: load_fake_data.sh [flags]        (or: make seed)
#
# Writes strings under datasets/strings/, JSON documents under datasets/json/ and binary blobs
# under datasets/blobs/. Strings and documents go in transactions of 128, etcd's default limit;
# blobs one by one through stdin, etcdctl's only way that keeps NUL bytes and newlines.
# py/load_fake_data.py writes the same keys with the same bytes.
#
# Flags are etcdctl's: --endpoints --cacert --cert --key --insecure-skip-tls-verify
# --insecure-transport --user --password; or its ETCDCTL_* variables.
#
# variables:
#   STRING_COUNT   how many strings          (50)
#   JSON_COUNT     how many JSON documents   (20)
#   BLOB_COUNT     how many blobs            (10)
#   BLOB_BYTES     size of a blob            (32)
#   ETCD_ENDPOINT  where etcd is   (http://127.0.0.1:2379)
#   COMPOSE_CMD    use etcdctl in a container of this Compose
#   ETCD_SERVICE   the service of that container   (etcd)
#   ETCDCTL        use this command as etcdctl
#
# examples:
#   scripts/load_fake_data.sh
#   STRING_COUNT=200 JSON_COUNT=80 BLOB_COUNT=20 BLOB_BYTES=64 scripts/load_fake_data.sh
#
# exits: 0 loaded, 1 something was not, 2 wrong usage, 3 no etcd, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

MAX_TXN_OPS=128
# 1.5 MiB for a request, minus the key, and the protocol's bytes for put and request.
MAX_BLOB_BYTES=$((1536 * 1024 - 23 - 32 - 512))
COLOURS=(amber blue coral green indigo olive plum teal)
ACKNOWLEDGED=0

main() {
  take_credentials "$@"
  no_arguments ${ARGUMENTS[@]+"${ARGUMENTS[@]}"}
  STRING_COUNT=${STRING_COUNT:-50} JSON_COUNT=${JSON_COUNT:-20}
  BLOB_COUNT=${BLOB_COUNT:-10} BLOB_BYTES=${BLOB_BYTES:-32}
  need_count STRING_COUNT
  need_count JSON_COUNT
  need_count BLOB_COUNT
  need_count BLOB_BYTES
  [ "$BLOB_BYTES" -le "$MAX_BLOB_BYTES" ] ||
    die "$EXIT_USAGE" "BLOB_BYTES: $BLOB_BYTES is more than etcd takes: $MAX_BLOB_BYTES at most," \
      'so that a request stays within 1.5 MiB'
  check_endpoints
  find_etcdctl
  need_etcd
  trap 'note "interrupted: $ACKNOWLEDGED keys were acknowledged"; exit "$EXIT_INTERRUPTED"' INT
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT

  put_in_batches "$STRING_COUNT" string
  put_in_batches "$JSON_COUNT" document
  put_blobs
  printf 'loaded %d strings, %d JSON documents and %d blobs of %d bytes under datasets/\n' \
    "$STRING_COUNT" "$JSON_COUNT" "$BLOB_COUNT" "$BLOB_BYTES"
}

# string INDEX, document INDEX - print the key, and set VALUE.
string() {
  printf 'datasets/strings/%08d' "$1"
  VALUE="string $1 is ${COLOURS[$1 % 8]}"
}

document() {
  local cents=$((($1 * 7919 + 1999) % 100000))
  printf 'datasets/json/%08d' "$1"
  printf -v VALUE '{"id":%d,"name":"item %d","colour":"%s","price":%d.%02d}' \
    "$1" "$1" "${COLOURS[$1 % 8]}" "$((cents / 100))" "$((cents % 100))"
}

# puts MAKER BEGIN END - print the lines of a transaction; values are quoted as in Go.
puts() {
  local i
  for ((i = $2; i < $3; i++)); do
    printf 'put '
    "$1" "$i"
    printf ' "%s"\n' "${VALUE//\"/\\\"}"
  done
}

# put_in_batches COUNT MAKER - send MAKER's puts, MAX_TXN_OPS per transaction.
put_in_batches() {
  local begin=0 end
  while [ "$begin" -lt "$1" ]; do
    end=$((begin + MAX_TXN_OPS < $1 ? begin + MAX_TXN_OPS : $1))
    {
      printf '\n' # no compares: always the success branch
      puts "$2" "$begin" "$end"
      printf '\n\n'
    } >"$WORK/txn"
    etcdctl txn <"$WORK/txn" >"$WORK/reply" || not_written "${2}s from $begin on"
    [ "$(grep -c '^OK$' "$WORK/reply")" -eq $((end - begin)) ] || not_written "${2}s from $begin on"
    ACKNOWLEDGED=$((ACKNOWLEDGED + end - begin))
    begin=$end
  done
}

put_blobs() {
  local i
  for ((i = 0; i < BLOB_COUNT; i++)); do
    write_blob "$i" "$WORK/blob"
    etcdctl put "datasets/blobs/$(printf '%08d' "$i")" <"$WORK/blob" >"$WORK/reply" ||
      not_written "blobs from $i on"
    ACKNOWLEDGED=$((ACKNOWLEDGED + 1))
  done
}

# write_blob INDEX FILE - write BLOB_BYTES bytes that are not text: blocks of 256 with magic
# bytes, NUL, newline, then all other bytes. Octal escapes, since a shell variable cannot
# hold NUL.
write_blob() {
  local escapes='\312\376\272\276\000\012' octal k size=256
  for ((k = 0; k < 250; k++)); do
    printf -v octal '\\%03o' "$((($1 + k) % 256))"
    escapes+=$octal
  done
  # shellcheck disable=SC2059  # the escapes are the format
  printf "$escapes" >"$2.block"
  while [ "$size" -lt "$BLOB_BYTES" ]; do
    cat "$2.block" "$2.block" >"$2.twice"
    mv "$2.twice" "$2.block"
    size=$((size * 2))
  done
  head -c "$BLOB_BYTES" "$2.block" >"$2"
}

not_written() { die "$EXIT_FAILED" "$ETCD_ENDPOINT: not written: $1; $ACKNOWLEDGED keys were acknowledged"; }

main "$@"
