#!/usr/bin/env bats
# -executor, -merge, py/dask_demo.py and py/bench_executors.py, from the command line.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
  cd "$BATS_TEST_TMPDIR" || return
}

# report FLAGS... - the report on e/ without what another run cannot have alike.
report() { etcd_reporter.py -prefix=e/ -o=json "$@" | grep -vE '^  "(taken|seconds)": '; }

@test "processes write what threads write, and report what threads report" {
  for transport in gateway native; do
    run -0 --separate-stderr etcd_faker.py -prefix=e -n=5000 -executor=processes -workers=2 \
      -transport=$transport -o=json
    [ -z "$stderr" ]
    [[ $output == *'"acknowledged": 5000,'* ]]
    run -0 etcd_faker.py -prefix=e -n=5000 -verify -o=json
    [[ $output == *'"right": 5000,'*'"extra": 0,'* ]]
    report >threads
    report -executor=processes -transport=$transport | sed 's/"native"/"gateway"/' >processes
    cmp threads processes
    run -0 etcd_faker.py -prefix=e -n=5000 -delete -executor=processes
    [ "$(count_keys '')" -eq 0 ]
  done
}

@test "the Go tool's long flags with one dash; what is missing is written by processes" {
  etcd_faker.py -prefix e -n 3000 >/dev/null
  etcd_faker.py -prefix e -start 500 -n 700 -delete >/dev/null
  etcd_client put e/00000003 other
  run -0 --separate-stderr etcd_faker.py -prefix e -n 3000 -resume -executor processes
  [ "$stderr" = 'etcd_faker.py: 2299 of 3000 keys are there and right' ]
  [[ ${lines[2]} =~ ^\ +701\  ]]
  etcd_faker.py -prefix e -n 3000 -verify
}

@test "saved reports on parts are merged into the report of the whole" {
  etcd_faker.py -prefix=e -n=2000 >/dev/null
  etcd_client put e/odd '{"price": -3}'
  report >whole
  report -to=e/00001 -save=a.json >/dev/null
  report -from=e/00001 -to=e/000015 -save=b.json >/dev/null
  report -from=e/000015 -save=c.json >/dev/null
  run -0 --separate-stderr etcd_reporter.py -merge c.json a.json b.json -o=json -save=all.json
  [ -z "$stderr" ]
  grep -vE '^  "(taken|seconds)": ' <<<"$output" | cmp - whole
  grep -vE '^  "(taken|seconds)": ' all.json | cmp - whole
  run -0 etcd_reporter.py -merge=all.json -diff=all.json
  [[ $output == *': nothing changed' ]]
  run -1 --separate-stderr etcd_reporter.py -merge a.json b.json c.json -fail-on=anomalies
  [ "$stderr" = 'etcd_reporter.py: anomalies: price negative (1)' ]
  run -2 --separate-stderr etcd_reporter.py -merge a.json b.json b.json
  one_line_error "b.json and b.json: both are on the keys from 'e/00001' on"
}

@test "shards of the faker's keys, by number" {
  etcd_faker.py -prefix=e -n=1000 >/dev/null
  etcd_faker.py -prefix=e -start=1000 -n=1000 >/dev/null
  for start in 0 1000; do
    etcd_reporter.py -prefix=e -start=$start -n=1000 -save=$start.json -o=csv >$start.csv
    grep -q '^value types,total,keys,1000$' $start.csv
  done
  run -0 --separate-stderr etcd_reporter.py -merge 1000.json 0.json
  [ -z "$stderr" ]
  [[ ${lines[0]} == 'e from e/00000000 to e/00002000 at revision '* ]]
  [[ $output == *$'\n''total     2000 '* ]]
}

@test "Ctrl-C, to all processes, ends the load after what is under way, and counts it" {
  run -130 --separate-stderr "$VENV/bin/python" "$BATS_TEST_DIRNAME/interrupt.py" "$ETCD_ENDPOINT" \
    e/ "$ROOT/py/etcd_faker.py" -prefix=e -n=1000000 -force -executor=processes
  # A busy machine takes long enough for a word on how far it is.
  [[ ${stderr_lines[-1]} =~ ^etcd_faker.py:\ interrupted:\ ([1-9][0-9]*)\ of\ 1000000\ keys\ were\ acknowledged$ ]]
  [ "$(count_keys e/)" -eq "${BASH_REMATCH[1]}" ]
  [[ ${lines[2]} =~ ^\ *${BASH_REMATCH[1]}\  ]]
}

@test "Ctrl-C twice leaves at once, and leaves no process, though etcd does not answer" {
  own_instance
  etcd_up.sh
  run -130 --separate-stderr "$VENV/bin/python" "$BATS_TEST_DIRNAME/interrupt.py" \
    --freeze="$(cat "$ETCD_STATE"/*/etcd1/pid)" "$ETCD_ENDPOINT" e/ \
    "$ROOT/py/etcd_faker.py" -prefix=e -n=1000000 -force -executor=processes
  [ -z "$output$stderr" ]
  eventually gone
}

# gone - whether no worker process runs any more.
gone() { ! grep -lz '[s]pawn_main' /proc/[0-9]*/cmdline 2>/dev/null | grep -q .; }

# bats test_tags=slow
@test "no scheduler, or something else: one line, status 1" {
  for script in etcd_faker.py etcd_reporter.py; do
    run -1 --separate-stderr $script -prefix=e -executor=dask://127.0.0.1:1
    one_line_error 'dask://127.0.0.1:1: no scheduler answers: start one'
  done
  [ "$(count_keys '')" -eq 0 ]
}

# bats test_tags=slow
@test "make dask-demo: workers are killed, and all is right" {
  etcd_client put dask-demo0 neighbour
  mkdir temporary
  TMPDIR=$PWD/temporary run -0 --separate-stderr make -s -C "$ROOT" dask-demo \
    DASK_FLAGS='-n=150000 -transport=native'
  [ -z "$(ls -A temporary)" ]
  [ "${#stderr_lines[@]}" -eq 3 ]
  [[ ${stderr_lines[0]} =~ ^dask_demo.py:\ a\ Dask\ scheduler\ and\ 2\ workers\ are\ up ]]
  [[ ${stderr_lines[1]} =~ ^dask_demo.py:\ load:\ killed\ tcp://127.0.0.1:[0-9]+,\ which\ had\ [1-9]\ tasks ]]
  [[ ${stderr_lines[2]} =~ ^dask_demo.py:\ report:\ killed\ .*,\ which\ had\ [1-9]\ tasks ]]
  [[ $output =~ 150000\ +150000\ +0\ +0\ +0$'\n' ]]
  [ "${lines[-1]}" = 'the report is the one of a single process' ]
  [ "$(count_keys '')" -eq 1 ]
}

# bats test_tags=slow
@test "make bench-executors: every executor, transport and number of workers is measured" {
  run -0 --separate-stderr make -s -C "$ROOT" bench-executors \
    BENCH_FLAGS="-n=1500 -workers=1,2 -runs=1 -out=$PWD/out.json"
  [ "$stderr" = "bench_executors.py: the figures of every run are in $PWD/out.json" ]
  measured=$(awk '$2 ~ /^(gateway|native)$/ && NF == 9 {print $1, $2, $3}' <<<"$output")
  [ "$measured" = 'threads gateway 1
processes gateway 1
processes gateway 2
dask gateway 1
dask gateway 2
threads native 1
processes native 1
processes native 2
dask native 1
dask native 2' ]
  [ "$(awk 'NF == 4 && $4 > 0 {print $1, $2}' <<<"$output")" = 'processes 1
processes 2
dask 1
dask 2' ]
  "$VENV/bin/python" -c '
import json, sys
for tool in json.load(open("out.json"))["tools"]:
    assert all(run["seconds"] > 0 and run["keys/s"] > 0 for run in tool["runs"]), tool'
  [ "$(count_keys '')" -eq 0 ]
}
