#!/usr/bin/env bats
# py/etcd_faker.py as a person calls it.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

@test "writes exactly n keys, and says so in a table" {
  run --separate-stderr etcd_faker.py -n=1009 -prefix=burst
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [ "$(tr -s ' ' <<<"${lines[0]}")" = ' keys bytes errors retries seconds keys/s' ]
  [[ ${lines[2]} =~ ^\ +1009\ +[0-9]+\ +0\ +0\ +[0-9.]+\ +[0-9]+$ ]]
  [ "$(tr -s ' ' <<<"${lines[3]}")" = ' requests p50 ms p90 ms p99 ms max ms sent received' ]
  [[ ${lines[5]} =~ ^\ +8\ +([0-9.]+\ +){4}[0-9]+\ +[0-9]+$ ]]
  [[ ${lines[6]} =~ ^member\ +figure\ +before\ +after$ ]]
  [[ ${lines[8]} =~ ^"$SUITE_ENDPOINT"\ +DB\ MB\ +[0-9.]+\ +[0-9.]+$ ]]
  [ "${#lines[@]}" -eq 13 ]
  [ "$(awk '{print length}' <<<"$output" | sort -n | tail -n 1)" -le 80 ]
  [ "$(count_keys burst/)" -eq 1009 ]
  [ "$(count_keys '')" -eq 1009 ]
  [ "$(etcd_client get burst/ --prefix --keys-only --limit=1 | head -n 1)" = burst/00000000 ]
}

@test "takes flags as Go's flag package does" {
  bare=${SUITE_ENDPOINT#http://}
  etcd_faker.py -endpoints="$bare" -n=7 -c=64 -prefix=a -json=true -text=true -binary=false
  etcd_faker.py --endpoints "$SUITE_ENDPOINT,$bare" --n 7 --c 2 --prefix b --json --binary=F --text=0
  etcd_faker.py -n 3 -prefix=c -blob-bytes 9 -json=false -text=FALSE -seed -5 -batch 2 -timeout 5s
  [ "$(count_keys a/)" -eq 7 ]
  [ "$(count_keys b/)" -eq 7 ]
  [ "$(count_keys c/)" -eq 3 ]
}

@test "-h lists every flag with its default" {
  for help in -h -help --help; do
    run --separate-stderr etcd_faker.py "$help"
    [ "$status" -eq 0 ]
    [ -z "$stderr" ]
    for flag in '-endpoints' '-n' '-c' '-prefix' '-json' '-text' '-binary' '-blob-bytes' '-seed' \
      '-batch' '-timeout' '-start' '-rate' '-duration' '-ttl' '-transport' '-user' '-verify' \
      '-resume' '-delete' '-force' '-hist' '-o' '-executor' '-workers'; do
      [[ $output =~ $'\n'"  $flag "[^$'\n']+ ]]
    done
    [ "$(grep -c '^  -' <<<"$output")" -eq 32 ]
    [ "$(grep -c '(default' <<<"$output")" -eq 23 ]
  done
}

@test "one of several endpoints is down: the others do it all" {
  run --separate-stderr etcd_faker.py -endpoints="127.0.0.1:1,$SUITE_ENDPOINT" -n 500 -c 4
  [ "$status" -eq 0 ]
  [ "$(count_keys datasets/loadtest/)" -eq 500 ]
}

@test "a progress bar on a terminal, none in a pipe" {
  terminal() {
    "$VENV/bin/python" -c 'import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))' \
      sh -c 'stty cols 80 rows 24; exec "$@"' sh "$@" </dev/null
  }
  terminal etcd_faker.py -n 30000 >"$BATS_TEST_TMPDIR/terminal"
  grep -q '/30\.0k ' "$BATS_TEST_TMPDIR/terminal"
  etcd_faker.py -n 30000 >"$BATS_TEST_TMPDIR/pipe" 2>&1
  run ! grep -q '/30\.0k ' "$BATS_TEST_TMPDIR/pipe"
}

@test "works with no venv on PATH, from any folder" {
  cd /
  env -i PATH=/usr/bin:/bin VENV="$VENV" ETCD_ENDPOINT="$ETCD_ENDPOINT" "$ROOT/py/etcd_faker.py" -n 3
  [ "$(count_keys datasets/loadtest/)" -eq 3 ]
}
