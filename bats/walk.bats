#!/usr/bin/env bats
# The walkthroughs as a person runs them; pytest compares what they tell.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

@test "a transcript: heading, explanation, command, output; and nothing is left" {
  etcd_client put walk/b 'not ours'
  for walk in walk_basics.sh walk_basics.py; do
    run --separate-stderr "$walk"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    [ "${lines[0]}" = 'Put, get, del' ]
    [[ $output == *"
# get prints the key, then the value.
\$ etcdctl get walk/basics/demo/key
walk/basics/demo/key
hello world
"* ]]
    [ "$(store)" = 'd2Fsay9i bm90IG91cnM=' ]
  done
}

@test "a walkthrough in shell runs on etcdctl.py unchanged" { run_on_etcdctl_py txn; }

# bats test_tags=slow
@test "so do the others" { run_on_etcdctl_py basics ranges values history; }

# run_on_etcdctl_py TOPICS... - each, with etcdctl and with etcdctl.py over both transports.
run_on_etcdctl_py() {
  for topic in "$@"; do
    expected=$("walk_$topic.sh" --curl | normalized "walk/$topic/")
    for transport in gateway native; do
      got=$(ETCDCTL="$ROOT/py/etcdctl.py --transport=$transport" "walk_$topic.sh" --curl |
        normalized "walk/$topic/")
      [ "$got" = "$expected" ]
    done
  done
}

@test "--prefix: another place, where nothing may be" {
  for walk in walk_txn.sh walk_txn.py; do
    run -0 --separate-stderr "$walk" --prefix=my/place/
    [[ $output == *"\$ etcdctl lease grant 60"*'create("my/place/lock") = "0"'* ]]
    etcd_client put my/place/precious 1
    run --separate-stderr "$walk" --prefix my/place/
    [ "$status" -eq 1 ]
    one_line_error "there are keys under 'my/place/' already: choose another place with --prefix"
    [ "$(etcd_client get my/place/precious --print-value-only)" = 1 ]
    etcd_client del my/place/precious
  done
}

@test "--step waits for a key between steps, and goes on at the end of stdin" {
  for walk in walk_basics.sh walk_basics.py; do
    run -0 --separate-stderr "$walk" --step < <(printf '   ')
    plain=$output
    [ "$(grep -o 'press a key' <<<"$stderr" | wc -l)" -ge 4 ]
    run -0 --separate-stderr "$walk"
    [ "$output" = "$plain" ]
  done
}

@test "walk.sh tells the topics that are named, in shell or in Python" {
  run -0 --separate-stderr walk.sh basics txn
  [ "$(grep -c '^=*$' <<<"$output")" -ge 2 ]
  [[ $output == 'Put, get, del'*'Transactions: compare and swap'* ]]
  shell=$(walk.sh ranges)
  for transport in gateway native; do
    [ "$(walk.sh ranges --transport=$transport)" = "$shell" ]
  done
  run --separate-stderr walk.sh knots
  [ "$status" -eq 2 ]
  one_line_error "no such topic: 'knots'; there are basics ranges leases values history txn"
}

@test "walk_parity.py: a table; where something differs the diff, and status 1" {
  run -0 --separate-stderr walk_parity.py -topics=txn,basics
  [[ ${lines[0]} =~ ^topic\ +shell\ +gateway\ +native$ ]]
  [[ ${lines[2]} =~ ^basics\ +[0-9]+\ lines\ +same\ +same$ ]]
  [[ ${lines[3]} =~ ^txn\ +[0-9]+\ lines\ +same\ +same$ ]]
  [ "${#lines[@]}" -eq 4 ]

  printf '#!/bin/sh\n%s/etcdctl "$@" | sed s/hello/goodbye/\n' "$(etcd_folder)" \
    >"$BATS_TEST_TMPDIR/other"
  chmod +x "$BATS_TEST_TMPDIR/other"
  ETCDCTL=$BATS_TEST_TMPDIR/other run --separate-stderr walk_parity.py -topics=basics
  [ "$status" -eq 1 ]
  [[ ${lines[2]} =~ ^basics\ +[0-9]+\ lines\ +different\ +different$ ]]
  [[ $output == *'-goodbye world'*'+hello world'* ]]

  ETCDCTL=/nonexistent run --separate-stderr walk_parity.py -topics=basics
  [ "$status" -eq 1 ]
  [[ ${lines[2]} == basics*failed* ]]

  run --separate-stderr walk_parity.py -topics=knots
  [ "$status" -eq 2 ]
  one_line_error "no such topic: 'knots'"
}
