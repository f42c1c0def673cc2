#!/usr/bin/env bats
# py/etcd_compare.py, and make compare, as a person calls them.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

@test "scenarios of a group: a row to each, explanations below, nothing left behind" {
  run --separate-stderr etcd_compare.py -only=values,leases
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [[ ${lines[0]} == "etcd "*", Linux "* ]]
  [[ ${lines[1]} =~ ^[0-9]+\ same,\ [0-9]+\ different,\ 0\ failed$ ]]
  [[ $output == *$'\nvalues '* ]] && [[ $output == *$'\nleases '* ]] && [[ $output != *$'\nranges '* ]]
  [[ $output == *'[1] '* ]]
  [ "$(count_keys '')" -eq 0 ]
}

@test "costs: every work from 1 and 8 threads, and advice" {
  run --separate-stderr etcd_compare.py -only=cost -rounds=1 -seconds=50ms -o=markdown
  [ "$status" -eq 0 ]
  [ "$(grep -c '^| .* | \(gateway\|native\) ' <<<"$output")" -eq 20 ]
  [ "$(grep -c '^| .* | etcdctl ' <<<"$output")" -eq 4 ]
  [[ ${output//$'\n'/ } == *'Take the native client where'* ]]
  [ "$(count_keys '')" -eq 0 ]
}

@test "-o json is complete, with a version; make compare passes flags on" {
  cd "$ROOT"
  run --separate-stderr make compare COMPARE_FLAGS='-only=transactions -o=json'
  [ "$status" -eq 0 ]
  "$VENV/bin/python" -c '
import json, sys
found = json.load(sys.stdin)
assert found["version"] == 1
assert {each["group"] for each in found["scenarios"]} == {"transactions"}
assert all(each["verdict"] in ("same", "different") for each in found["scenarios"])' <<<"$output"
}

# bats test_tags=slow
@test "TLS and users: all rows hold and costs are measured, nothing is left behind" {
  own_instance
  TLS=1 AUTH=1 etcd_up.sh
  run --separate-stderr etcd_env.sh etcd_compare.py -rounds=1 -seconds=50ms
  printf '%s\n' "$stderr" >&2
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == "etcd "*", over TLS, as a user" ]]
  [[ ${lines[1]} == *', 0 failed' ]]
  [ "$(grep -c '^put to watch event ' <<<"$output")" -eq 4 ]
  [ -z "$(etcd_env.sh "$(etcd_folder)/etcdctl" get '' --from-key --keys-only)" ]
  etcd_clean.sh
}

@test "an etcd that goes away meanwhile is one line, status 1" {
  own_instance
  etcd_up.sh
  etcd_compare.py -endpoints="$ETCD_ENDPOINT" -only=cost -seconds=30s \
    >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
  pid=$!
  etcd=$(cat "$ETCD_STATE"/*/etcd1/pid)
  measured() { [ "$(count_keys compare/)" -gt 1100 ]; }
  eventually measured
  kill -9 "$etcd"
  wait "$pid" || status=$?
  [ "$status" -eq 1 ]
  [ ! -s "$BATS_TEST_TMPDIR/out" ]
  [ "$(wc -l <"$BATS_TEST_TMPDIR/err")" -eq 1 ]
  [[ $(cat "$BATS_TEST_TMPDIR/err") == "etcd_compare.py: $ETCD_ENDPOINT: broke off: "* ]]
  etcd_clean.sh
}
