#!/usr/bin/env bats
# py/etcd_top.py, and make top.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

@test "in a pipe: names once, then a line to each member at each look" {
  run -0 --separate-stderr etcd_top.py -n 3 -interval 100ms -endpoints "$ETCD_ENDPOINT,127.0.0.1:1"
  [ -z "$stderr" ]
  [ "${#lines[@]}" -eq 7 ]
  [[ ${lines[0]} =~ ^time\ +member\ +state\ +cpu%\  ]]
  [ "$(awk '$2 == "127.0.0.1:1" {print $3, $11}' <<<"$output" | sort -u)" = 'down -' ]
  [ "$(awk -v member="${ETCD_ENDPOINT#http://}" '$2 == member && $3 == "leader" {print $11}' <<<"$output")" = $'-\n0.0\n0.0' ]
  [[ $output != *$'\033'* ]]
}

@test "-o json: a document to a line, whose rates are those of what was written" {
  "$VENV/bin/python" "$BATS_TEST_DIRNAME/interrupt.py" "$SUITE_ENDPOINT" stop \
    "$ROOT/py/etcd_top.py" -interval=0.1s -o=json >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
  pid=$!
  eventually grep -q '"puts_per_second":0.0' "$BATS_TEST_TMPDIR/out"
  etcd_faker.py -n=2000
  looks=$(wc -l <"$BATS_TEST_TMPDIR/out")
  two_more() { [ "$(wc -l <"$BATS_TEST_TMPDIR/out")" -ge $((looks + 2)) ]; }
  eventually two_more
  etcd_client put stop now
  wait "$pid" || status=$?
  [ "$status" -eq 130 ]
  [ "$(cat "$BATS_TEST_TMPDIR/err")" = 'etcd_top.py: interrupted' ]
  run -0 "$VENV/bin/python" -c '
import json, sys
members = [member for line in sys.stdin for member in json.loads(line)["members"]]
print(round(sum(member["puts_per_second"] * member["seconds"] for member in members[1:])))' \
    <"$BATS_TEST_TMPDIR/out"
  [ "$output" -eq 2000 ] || [ "$output" -eq 2001 ] # with the put that said stop
}

@test "on a terminal: in place, in two tables" {
  on_a_terminal() { COLUMNS=80 LINES=24 script -qec 'etcd_top.py -n 2 -interval 100ms' /dev/null; }
  run -0 on_a_terminal
  [ "$(grep -o $'\033\\[H' <<<"$output" | wc -l)" -eq 2 ]
  [ "$(grep -c 'memory .* alarms' <<<"$output")" -eq 2 ]
  [ "$(grep -c 'puts/s .* fsync .* watchers' <<<"$output")" -eq 2 ]
}

@test "make top shows every member" {
  cd "$ROOT"
  run -0 --separate-stderr make top TOP_FLAGS='-n 1'
  [ "${#lines[@]}" -eq 2 ]
}
