#!/usr/bin/env bats
# py/etcd_faker.py: a load as a person wants it, and what happens when things go wrong.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

teardown() {
  [ "$ETCD_STATE" = "$SUITE_STATE" ] || etcd_clean.sh >/dev/null
}

# field NAME - a number of the JSON report on stdin, by its dotted name.
field() {
  "$VENV/bin/python" -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if name.isdigit() else value[name]
print(value)' "$1"
}

# etcd_with FLAG - have etcd_up.sh start an etcd with that flag.
etcd_with() {
  local folder=$BATS_TEST_TMPDIR/bin
  mkdir "$folder"
  printf '#!/bin/sh\nexec "%s/etcd" %s "$@"\n' "$(etcd_folder)" "$1" >"$folder/etcd"
  chmod +x "$folder/etcd"
  ln -s "$(etcd_folder)/etcdctl" "$folder/etcdctl"
  export ETCD_BIN=$folder
  unset ETCD_RUNTIME
}

# about LOW HIGH NUMBER - whether it is in between.
about() { awk -v low="$1" -v high="$2" -v number="$3" 'BEGIN {exit !(low <= number && number <= high)}'; }

@test "-o json says all of it" {
  run -0 --separate-stderr etcd_faker.py -n=1009 -prefix=d -o json
  [ "$(field acknowledged <<<"$output")" -eq 1009 ]
  [ "$(field attempted <<<"$output")" -eq 1009 ]
  [ "$(field failed <<<"$output")" -eq 0 ]
  [ "$(field requests <<<"$output")" -eq 8 ]
  [ "$(field failures <<<"$output")" = '[]' ]
  stored=$(store | "$VENV/bin/python" -c '
import base64, sys
print(sum(len(base64.b64decode(text)) for line in sys.stdin for text in line.split()))')
  [ "$(field bytes <<<"$output")" -eq "$stored" ]
  [ "$(field sent_bytes <<<"$output")" -gt "$stored" ]
  [ "$(field members.0.endpoint <<<"$output")" = "$SUITE_ENDPOINT" ]
  [ "$(field members.0.leader_changes.after <<<"$output")" -eq 1 ]
  about 0 100000 "$(field latency_ms.p50 <<<"$output")"
  about 0 100000 "$(field members.0.wal_fsync_p99_ms <<<"$output")"
  about 100000 1e9 "$(field members.0.db_size.after <<<"$output")"
  about 1e6 1e10 "$(field members.0.resident_memory.before <<<"$output")"
}

@test "-rate keeps its pace, -duration its end" {
  run -0 --separate-stderr etcd_faker.py -n=1000 -rate=500 -prefix=d -o json
  about 1.9 4 "$(field seconds <<<"$output")"
  [ "$(field acknowledged <<<"$output")" -eq 1000 ]
  run -0 --separate-stderr etcd_faker.py -rate=500.5 -duration=1s -prefix=e -o json
  about 1 4 "$(field seconds <<<"$output")"
  about 450 510 "$(field acknowledged <<<"$output")"
  [ "$(count_keys e/)" -eq "$(field acknowledged <<<"$output")" ]
  [ "$(field keys <<<"$output")" = None ]
}

@test "-hist draws every request once" {
  run -0 --separate-stderr etcd_faker.py -n=300 -batch=3 -prefix=d -hist
  [ "$(awk '$1 == "<=" && $3 == "ms" {sum += $NF} END {print sum}' <<<"$output")" -eq 100 ]
}

@test "in a pipe a line every few seconds; on a terminal a bar" {
  run -0 --separate-stderr etcd_faker.py -rate=1000 -duration=6s -prefix=d
  [[ ${stderr_lines[0]} =~ ^etcd_faker.py:\ [0-9]+\ keys,\ [0-9]+\ keys/s,\ p50/p99\ [0-9.]+/[0-9.]+\ ms,\ 0\ retries,\ 0\ errors$ ]]
  [ "${#stderr_lines[@]}" -eq 1 ]
}

@test "what does not fit into etcd's quota is refused, or -force" {
  own_instance
  etcd_with --quota-backend-bytes=8000000
  etcd_up.sh
  run -1 --separate-stderr etcd_faker.py -n=100000
  one_line_error '100000 keys take about '
  [[ $stderr == *" and 8 MB are left of its quota: write fewer, give space back with 'make tidy', or -force" ]]
  [ "$(count_keys '')" -eq 0 ]
  run -1 --separate-stderr etcd_faker.py -n=100000 -force -c=2
  [[ $stderr == *'keys failed (datasets/loadtest/'*", …): http://127.0.0.1:$PORT: etcdserver: mvcc: database space exceeded; 'make tidy' gives space back; "*' more were not tried'* ]]
  [ "$(awk 'NR == 3 {print $1, $4}' <<<"$output" | awk '{print ($1 > 1000 && $1 < 100000), $2}')" = '1 0' ]

  run -0 --separate-stderr etcd_tidy.py
  [ -z "$stderr" ]
  [[ $output == *$'\ndelete '*' keys '* && $output == *$'\ndefragment  1 member '* ]]
  [[ $output == *$'\ndisarm      1 alarm '* ]]
  run -0 --separate-stderr etcd_faker.py -n=1000
}

@test "a user who may not write: one line, what to do, no retries" {
  own_instance
  etcd_up.sh
  etcd_client user add root:secret
  etcd_client user add ada:pw
  etcd_client role add lab
  etcd_client role grant-permission lab readwrite mine/ --prefix=true
  etcd_client user grant-role ada lab
  etcd_client auth enable
  for transport in gateway native; do
    run -1 --separate-stderr etcd_faker.py -n=10 -user=ada:pw -transport=$transport
    [ "${#stderr_lines[@]}" -eq 1 ]
    [[ $stderr == *"10 keys failed (datasets/loadtest/00000000, "*"permission denied; 'etcdctl role grant-permission'"* ]]
    [ "$(awk 'NR == 3 {print $1, $3, $4}' <<<"$output")" = '0 10 0' ]
    ETCDCTL_USER=ada ETCDCTL_PASSWORD=pw etcd_faker.py -n=10 -prefix=mine -transport=$transport
    run -1 --separate-stderr etcd_faker.py -n=10 -user=ada:wrong -transport=$transport
    one_line_error 'authentication failed, invalid user ID or password'
    [[ $stderr != *wrong* ]]
    run -1 --separate-stderr etcd_faker.py -n=10 -prefix=mine -transport=$transport
    [[ $stderr == *'user name is empty; say who you are with -user'* ]]
  done
  run -0 --separate-stderr etcd_tidy.py -user=root:secret -prefix=mine
  # Clean up as someone who may.
  etcd_client --user=root:secret auth disable
}

@test "Ctrl-C: status 130, what was acknowledged is there, the table too" {
  "$VENV/bin/python" "$BATS_TEST_DIRNAME/interrupt.py" "$SUITE_ENDPOINT" datasets/ \
    "$ROOT/py/etcd_faker.py" -n 5000000 >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" ||
    status=$?
  [ "$status" -eq 130 ]
  [[ $(cat "$BATS_TEST_TMPDIR/err") =~ interrupted:\ ([0-9]+)\ of\ 5000000\ keys\ were\ acknowledged ]]
  [ "$(count_keys datasets/)" -eq "${BASH_REMATCH[1]}" ]
  [ "$(awk 'NR == 3 {print $1}' "$BATS_TEST_TMPDIR/out")" = "${BASH_REMATCH[1]}" ]
}

@test "Ctrl-C twice leaves at once, though etcd does not answer" {
  own_instance
  etcd_up.sh
  "$VENV/bin/python" "$BATS_TEST_DIRNAME/interrupt.py" --freeze="$(cat "$ETCD_STATE"/*/etcd1/pid)" \
    "$ETCD_ENDPOINT" datasets/ "$ROOT/py/etcd_faker.py" -n 5000000 >"$BATS_TEST_TMPDIR/out" || status=$?
  [ "$status" -eq 130 ]
  [ ! -s "$BATS_TEST_TMPDIR/out" ]
}
