#!/usr/bin/env bats
# py/etcd_reporter.py as a person calls it.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

# cell ROW COLUMN - print a cell of the report in $output, in the row that starts with ROW.
cell() { awk -v row="$1" -v column="$2" '$1 == row {print $column}' <<<"$output"; }

@test "types, sizes, prices, sub-prefixes and oddities, as written" {
  etcd_client put t/json '{"price": 2.5}'
  etcd_client put t/array '[1, 2]'
  etcd_client put t/text 'žluť'
  etcd_client put t/almost '{"price": '
  printf '\xca\xfe\x00' | etcd_client put t/binary
  printf 'bell\a' | etcd_client put t/control
  etcd_client put t/empty ''
  etcd_client put t/below/wrong '{"price": "2.5"}'
  etcd_client put t/text 'žluť'
  lease=$(etcd_client lease grant 60 | awk '{print $2}')
  etcd_client put t/leased text --lease="$lease"
  etcd_client put u/outside '{"price": 1000}'
  run --separate-stderr etcd_reporter.py -prefix=t/
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  [ "$(cell json 2) $(cell json 5) $(cell json 6) $(cell json 10)" = '3 36 6 16' ]
  [ "$(cell text 2) $(cell text 5)" = '3 20' ]
  [ "$(cell binary 2) $(cell binary 5)" = '1 3' ]
  [ "$(cell other 2) $(cell other 5)" = '2 5' ]
  [ "$(cell total 2) $(cell total 5)" = '9 64' ]
  [ "$(cell price 2 | head -n 1) $(cell price 3 | head -n 1)" = '1 2.50' ]
  [ "$(cell t/below/ 2) $(cell t/below/ 3)" = '1 16' ]
  [ "$(cell t/json 2)" = 14 ]
  [[ $output == *'keys on a lease '*' 1'* ]]
  [[ $output == *'keys written more than once '*' 1'* ]]
  [[ $output == *'price absent '*' t/array '*' 1'* ]]
  [[ $output == *'price not a number '*' t/below/wrong '*' 1'* ]]
  [[ $output == *'broken JSON '*' t/almost '*' 1'* ]]
}

@test "what the faker wrote adds up, in pages of any size, and with etcdctl" {
  etcd_faker.py -n=1009
  for flags in '' -batch=1 '-batch 7 -serializable' '--batch=5000 --serializable=true' -c=1 -c=16 \
    -transport=native '-transport=native -batch=10 -c=3'; do
    # shellcheck disable=SC2086  # several flags
    run --separate-stderr etcd_reporter.py $flags
    [ "$status" -eq 0 ]
    [ "$(cell json 2) $(cell text 2) $(cell binary 2) $(cell other 2)" = '337 336 336 0' ]
    [ "$(cell total 2)" = "$(count_keys datasets/loadtest/)" ]
    [ "$(cell price 2)" = 337 ]
  done
  run -0 etcd_faker.py -n=1009 -verify
  [[ ${lines[2]} =~ ^\ *1009\ +1009\ +0\ +0\ +0$ ]]
}

@test "one odd value never ends a report" {
  put() { "$VENV/bin/python" -c "import sys; sys.stdout.buffer.write($2)" | etcd_client put "$1"; }
  put odd/large 'b"x" * 1_450_000'
  put odd/deep 'b"[" * 10_000 + b"]" * 10_000'
  put odd/nan 'b"""{"price": NaN}"""'
  put odd/infinite 'b"""{"price": 1e999}"""'
  put odd/enormous 'b"""{"price": 1.7e308}"""'
  put odd/negative 'b"""{"price": -1.7e308}"""'
  put $'odd/\xff\xfe\n' 'b"{}"'
  for flags in -plot -o=markdown -o=csv -o=json -o=html -transport=native '-prefix=odd/ -batch=1'; do
    # shellcheck disable=SC2086  # several flags
    run -0 --separate-stderr etcd_reporter.py -prefix=odd/ $flags
    [ -z "$stderr" ]
  done
  [ "$(cell total 2)" -eq 7 ]
  [[ $output == *'broken JSON '*' odd/deep '*' 1'* ]]
  [[ $output == *'values of 1415577 bytes or more '*' odd/large '*' 1'* ]]
  [[ $output == *'keys that are not UTF-8 '*' odd/\xff\xfe\n '*' 1'* ]]
  [[ $output == *'price not finite '*' odd/infinite, odd/nan '*' 2'* ]]
}

@test "the same report, byte for byte but for times, whatever the pages, readers and transport" {
  etcd_faker.py -n=3000
  load_fake_data.sh
  first=
  for flags in '' '-batch=7 -c=1' '-batch=100 -c=9' '-transport=native -batch=5000' -serializable; do
    # shellcheck disable=SC2086  # several flags
    report=$(etcd_reporter.py -prefix= -depth=3 -top=7 -o=json $flags |
      grep -v -e '"taken"' -e '"seconds"' -e '"transport"')
    [ "$report" = "${first:=$report}" ]
  done
  [[ $first == *'"version": 1,'* ]]
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
  for format in table markdown csv json; do
    run --separate-stderr etcd_reporter.py -prefix=nothing/ -field=user.age -o="$format"
    [ "$status" -eq 0 ]
    [ "$stderr" = "etcd_reporter.py: no keys under 'nothing/'" ]
  done
  run --separate-stderr etcd_reporter.py -prefix=nothing/ -plot
  [ "$(cell total 2)" -eq 0 ]
  [ "$(cell price 3)" = - ]
}

@test "-field looks at any number; a path that nothing has is wrong usage" {
  etcd_client put f/1 '{"user": {"ages": [30, 40]}}'
  etcd_client put f/2 '{"user": {"ages": [31, 50]}}'
  run -0 etcd_reporter.py -prefix=f/ -field=user.ages.1
  [ "$(cell user.ages.1 2) $(cell user.ages.1 3)" = '2 45.00' ]
  run -2 --separate-stderr etcd_reporter.py -prefix=f/ -field=user.name
  one_line_error "etcd_reporter.py: -field: no value has 'user.name'"
  run -0 etcd_reporter.py -prefix=f/
  [ "$(cell price 2 | head -n 1)" = 0 ]
}

@test "markdown, csv and json for programs, -plot for people" {
  etcd_faker.py -n=300
  run -0 etcd_reporter.py -o=markdown
  [ "$(grep -c '^### ' <<<"$output")" -eq 6 ]
  run -0 etcd_reporter.py -o=csv
  [ "$(awk -F, '$2 == "total" && $3 == "keys" {print $4}' <<<"$output")" -eq 300 ]
  run -0 etcd_reporter.py -o=json
  [ "$("$VENV/bin/python" -c 'import json, sys; print(json.load(sys.stdin)["keys"])' <<<"$output")" -eq 300 ]
  run -0 etcd_reporter.py -plot
  counted=$(awk '/^bytes of values/ {plots = 1} plots && $NF ~ /^[0-9]+$/ {sum += $NF} END {print sum}' <<<"$output")
  [ "$counted" -eq 400 ] # 300 sizes and 100 prices
  run -0 etcd_reporter.py -o=html
  [[ $output == '<!DOCTYPE html>'*'</html>' ]]
}

@test "-save keeps a report, -diff and -diff-rev say what changed since" {
  etcd_faker.py -n=300
  cd "$BATS_TEST_TMPDIR"
  etcd_reporter.py -save=before.json
  run -0 etcd_reporter.py -diff=before.json
  [[ ${lines[0]} == *': nothing changed' ]]
  revision=$(etcd_client get datasets/loadtest/00000001 -w fields | sed -n 's/^"Revision" : //p')
  etcd_faker.py -n=30 -start=300 -prefix=datasets/loadtest/more
  for since in -diff=before.json "-diff-rev=$revision"; do
    run -0 etcd_reporter.py "$since"
    [ "$(cell keys 2) $(cell keys 3) $(cell keys 4)" = '300 330 +30' ]
    [ "$(cell datasets/loadtest/ 2)" = +30 ]
  done
  run -0 etcd_reporter.py -diff=before.json -o=csv
  [[ $output == *'figures,keys,change,30'* ]]
  run -0 etcd_reporter.py -diff=before.json -o=json
  [[ $output == *'"kind": "etcd lab report diff"'* ]]
  [ "$(ls -A)" = before.json ]
}

@test "-fail-on anomalies ends with 1 where there are any" {
  etcd_client put g/good '{"price": 1}'
  run -0 --separate-stderr etcd_reporter.py -prefix=g/ -fail-on=anomalies
  etcd_client put g/bad '{"price": -1}'
  run -1 --separate-stderr etcd_reporter.py -prefix=g/ -fail-on=anomalies -o=csv
  [ "$stderr" = 'etcd_reporter.py: anomalies: price negative (1)' ]
  [[ $output == *'value types,total,keys,2'* ]]
}

@test "-watch reports again until it is interrupted" {
  etcd_faker.py -n=10
  "$VENV/bin/python" "$BATS_TEST_DIRNAME/interrupt.py" "$SUITE_ENDPOINT" stop \
    "$ROOT/py/etcd_reporter.py" -watch=0.1s >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" &
  pid=$!
  eventually grep -q '; +0 keys$' "$BATS_TEST_TMPDIR/out"
  etcd_faker.py -n=5 -start=10
  eventually grep -q '; +5 keys$' "$BATS_TEST_TMPDIR/out"
  etcd_client put stop now
  wait "$pid" || status=$?
  [ "$status" -eq 130 ]
  [ "$(cat "$BATS_TEST_TMPDIR/err")" = 'etcd_reporter.py: interrupted' ]
}

@test "-h defines every type and lists every flag with its default" {
  run --separate-stderr etcd_reporter.py -h
  [ "$status" -eq 0 ]
  for word in '  json ' '  text ' '  binary ' '  other ' -endpoints -prefix -batch -serializable \
    -rev -transport -user -c -field -depth -top -o -plot -save -diff -diff-rev -fail-on -watch \
    -executor -workers -from -to -start -n -merge; do
    [[ $output == *"$word"* ]]
  done
  [ "$(grep -c '^  -' <<<"$output")" -eq 32 ]
  [ "$(grep -c '(default' <<<"$output")" -eq 20 ]
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
