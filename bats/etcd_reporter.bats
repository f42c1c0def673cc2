#!/usr/bin/env bats
# py/etcd_reporter.py as a person calls it.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

# cell ROW COLUMN - of the report in $output: the row that starts with ROW.
cell() { awk -v row="$1" -v column="$2" '$1 == row {print $column}' <<<"$output"; }

@test "counts and bytes by type, as written" {
  etcd_client put t/json '{"price": 2.5}'
  etcd_client put t/array '[1, 2]'
  etcd_client put t/text 'žluť'
  etcd_client put t/almost '{"price": '
  printf '\xca\xfe\x00' | etcd_client put t/binary
  printf 'bell\a' | etcd_client put t/control
  etcd_client put t/empty ''
  etcd_client put u/outside '{"price": 1000}'
  run --separate-stderr etcd_reporter.py -prefix=t/
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [ "$(cell json 2) $(cell json 5)" = '2 20' ]
  [ "$(cell text 2) $(cell text 5)" = '2 16' ]
  [ "$(cell binary 2) $(cell binary 5)" = '1 3' ]
  [ "$(cell other 2) $(cell other 5)" = '2 5' ]
  [ "$(cell total 2) $(cell total 5)" = '7 44' ]
  [ "$(cell price 2) $(cell price 3) $(cell price 4) $(cell price 5)" = '1 2.50 2.50 2.50' ]
}

@test "what the faker wrote adds up, in pages of any size, and with etcdctl" {
  etcd_faker.py -n=1009
  for flags in '' -batch=1 '-batch 7 -serializable' '--batch=5000 --serializable=true' \
    -transport=native '-transport=native -batch=10'; do
    # shellcheck disable=SC2086  # several flags
    run --separate-stderr etcd_reporter.py $flags
    [ "$status" -eq 0 ]
    [ "$(cell json 2) $(cell text 2) $(cell binary 2) $(cell other 2)" = '337 336 336 0' ]
    [ "$(cell total 2)" = "$(count_keys datasets/loadtest/)" ]
    [ "$(cell price 2)" = 337 ]
  done
}

@test "an empty prefix is the whole store" {
  load_fake_data.sh
  run etcd_reporter.py -prefix=
  [ "$(cell total 2)" -eq 80 ]
  [ "$(cell json 2) $(cell text 2) $(cell binary 2)" = '20 50 10' ]
}

@test "-rev reports on an earlier revision; one that is no more is an error" {
  etcd_faker.py -n=100
  etcd_client put settle 1
  revision=$(etcd_client get settle -w fields | sed -n 's/^"Revision" : //p')
  etcd_faker.py -n=100 -start=100
  run -0 etcd_reporter.py -rev="$revision"
  [ "$(cell total 2)" -eq 100 ]
  [[ ${lines[0]} == "datasets/loadtest at revision $revision, "* ]]
  run -0 etcd_reporter.py
  [ "$(cell total 2)" -eq 200 ]
  etcd_client put settle 2
  etcd_client compaction $((revision + 1))
  run -1 --separate-stderr etcd_reporter.py -rev="$revision"
  one_line_error 'required revision has been compacted'
  run -1 --separate-stderr etcd_reporter.py -rev=999999999
  one_line_error 'required revision is a future revision'
}

@test "no keys: zeros, a note, status 0" {
  run --separate-stderr etcd_reporter.py -prefix=nothing/
  [ "$status" -eq 0 ]
  [ "$stderr" = "etcd_reporter.py: no keys under 'nothing/'" ]
  [ "$(cell total 2)" -eq 0 ]
  [ "$(cell price 3)" = - ]
}

@test "-h defines every type and lists every flag with its default" {
  run --separate-stderr etcd_reporter.py -h
  [ "$status" -eq 0 ]
  for word in '  json ' '  text ' '  binary ' '  other ' -endpoints -prefix -batch -serializable \
    -rev -transport -user; do
    [[ $output == *"$word"* ]]
  done
  [ "$(grep -c '(default' <<<"$output")" -eq 7 ]
}

@test "bad input: one line, status 2" {
  check() {
    run --separate-stderr etcd_reporter.py "${@:2}"
    [ "$status" -eq 2 ]
    one_line_error "etcd_reporter.py: $1"
  }
  check 'unknown flag: -n=3' -n=3
  check '-batch: must be above zero' -batch=0
  check '-rev: must be above zero' -rev=0
  check '-batch: not a whole number' -batch=many
  check '-endpoints: not host:port or a URL' -endpoints=http://
  check "-transport: gateway or native, not 'tcp'" -transport=tcp
  check "-serializable: true or false, not 'yes'" -serializable=yes
  check "unexpected argument: 'prefix'" prefix
}

@test "nothing answers: status 3; something else answers: status 1" {
  run --separate-stderr etcd_reporter.py -endpoints=127.0.0.1:1
  [ "$status" -eq 3 ]
  one_line_error "http://127.0.0.1:1: "
  port=$(free_port)
  "$VENV/bin/python" -m http.server --bind 127.0.0.1 "$port" >/dev/null 2>&1 3>&- &
  server=$!
  eventually listening "$port"
  run --separate-stderr etcd_reporter.py -endpoints="127.0.0.1:$port"
  kill "$server"
  [ "$status" -eq 1 ]
  one_line_error "http://127.0.0.1:$port: HTTP 501, and not etcd's JSON gateway"
}

@test "a closed pipe or a full disk is no traceback" {
  etcd_faker.py -n=10
  closed() { etcd_reporter.py | true; echo "${PIPESTATUS[0]}"; }
  run --separate-stderr closed
  [ -z "$stderr" ]
  full() { etcd_reporter.py >/dev/full; }
  run --separate-stderr full
  [ "$status" -eq 1 ]
  one_line_error 'cannot write the output'
}

@test "an encoding that cannot print a key: escapes, no traceback" {
  export LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0
  run -0 --separate-stderr etcd_reporter.py -prefix=$'\303\244/\377'
  [ "${lines[0]% at revision*}" = '\xe4/\xff' ]
  [ "$stderr" = "etcd_reporter.py: no keys under '\\xe4/\\xff'" ]
}
