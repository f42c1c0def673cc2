#!/usr/bin/env bats
# bats file_tags=slow
# build_bench_tools.sh: the Go programs in bench/go, alone and in the benchmarks. Needs Go.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
  export ETCD_STATE=$BATS_TEST_TMPDIR/etcd
  BIN=$ETCD_STATE/bin/bench
  cd "$BATS_TEST_TMPDIR" || return
}

@test "make bench-tools: both count right, the benchmarks run them, make clean removes them" {
  run -0 --separate-stderr make -s -C "$ROOT" bench-tools
  [ "$output" = "$BIN/faker
$BIN/reporter" ]
  [ -z "$stderr" ]

  host=${SUITE_ENDPOINT#http://}
  run -0 "$BIN/faker" -endpoints="$host" -n=23 -c=3 -batch=5 -prefix=go
  [[ $output =~ ^23\ keys\ in\ [0-9.]+\ s:\ [0-9]+\ keys/s$ ]]
  [ "$(count_keys go/000000)" -eq 23 ]
  run -0 "$BIN/faker" -endpoints="$host" -n=2 -prefix=go
  run -0 "$BIN/reporter" -endpoints="$host" -batch=10 -prefix=go/
  [[ ${lines[0]} == 'json    8, '*' bytes' ]]
  [ "${lines[2]}" = "binary  7, $((7 * 128)) bytes" ]
  [[ ${lines[3]} == 'price   8, mean '* ]]
  [[ ${lines[4]} == '23 keys in '*' keys/s' ]]
  run -1 "$BIN/faker" -endpoints="$host" -n=1000 -batch=1000
  [[ $output == *'too many operations in txn request'* ]]

  run -0 --separate-stderr bench_faker.py -n=300 -seconds=50ms -c=2 -runs=1 -transports=native
  [ "$(awk '{print $1, $2, $3}' <<<"$output" | tail -n 2)" = $'go 1 64\ngo 128 64' ]
  run -0 --separate-stderr bench_reporter.py -n=50 -runs=1 -transports=native -batch=7
  [ "$(awk 'END {print $1, $2, $3, $NF}' <<<"$output")" = 'go 50 7 1.00' ]

  run -0 --separate-stderr etcd_clean.sh
  [ "$output" = "removed ${BIN#"$PWD"/}" ]
  [ ! -e "$ETCD_STATE" ]
}

@test "a build that fails: status 1, one line" {
  HOME=$BATS_TEST_TMPDIR GOMODCACHE=$BATS_TEST_TMPDIR/modules GOPROXY=off GOFLAGS=-modcacherw \
    run -1 --separate-stderr build_bench_tools.sh
  one_line_error 'build_bench_tools.sh: cannot build the bench tools: '
}
