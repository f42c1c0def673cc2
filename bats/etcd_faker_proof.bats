#!/usr/bin/env bats
# py/etcd_faker.py: what it wrote is a function of its flags, and can be proven.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

# verified FLAGS... - the five numbers that -verify prints: keys right missing different extra.
verified() { etcd_faker.py -verify "$@" 2>"$BATS_TEST_TMPDIR/err" | awk 'NR == 3 {$1 = $1; print}'; }

@test "the same store over either transport, whatever batch and threads; -verify agrees" {
  etcd_faker.py -n=1009 -prefix=d
  expected=$(store)
  for flags in '-transport=native' '-transport=native -c=3 -batch=7' '-c=1 -batch=1000' \
    '-c=64 -batch=1 -rate=5000'; do
    etcd_client del '' --from-key
    # shellcheck disable=SC2086  # several flags
    etcd_faker.py -n=1009 -prefix=d $flags
    [ "$(store)" = "$expected" ]
  done
  for transport in gateway native; do
    run -0 --separate-stderr etcd_faker.py -n=1009 -prefix=d -verify -transport=$transport
    [ -z "$stderr" ]
    [[ ${lines[2]} =~ ^\ *1009\ +1009\ +0\ +0\ +0$ ]]
  done
}

@test "-start: several runs share one data set; -verify names what is wrong" {
  etcd_faker.py -n=500 -prefix=d
  etcd_faker.py -n=500 -prefix=d -start=500
  run -0 --separate-stderr etcd_faker.py -n=1000 -prefix=d -verify
  etcd_client put d/00000007 other
  etcd_client del d/00000700
  etcd_client put d/more 1
  run -1 --separate-stderr etcd_faker.py -n=1000 -prefix=d -verify
  [[ ${lines[2]} =~ ^\ *1000\ +998\ +1\ +1\ +1$ ]]
  [[ $stderr == *'missing: d/00000700'* && $stderr == *'different: d/00000007'* ]]
  [[ $stderr == *'extra: d/more'* ]]
  run -1 --separate-stderr etcd_faker.py -n=1000 -prefix=d -verify -o json
  [ "$("$VENV/bin/python" -c '
import json, sys
report = json.load(sys.stdin)
print(*(report[name] for name in ("keys", "right", "missing", "different", "extra")))
print(report["first"]["missing"])' <<<"$output")" = "1000 998 1 1 1
['d/00000700']" ]
  run -1 --separate-stderr etcd_faker.py -n=1000 -prefix=d -verify -seed=2
  run -2 --separate-stderr etcd_faker.py -start=-1
  one_line_error '-start: must not be below zero'
}

@test "-resume writes what is missing or different, and nothing else" {
  etcd_faker.py -n=1009 -prefix=d
  expected=$(store)
  etcd_client put d/00000007 other
  etcd_client del d/00000700 d/00000720
  etcd_client put d/more 1
  run -0 --separate-stderr etcd_faker.py -n=1009 -prefix=d -resume
  [ "$stderr" = 'etcd_faker.py: 988 of 1009 keys are there and right' ]
  [ "$(awk 'NR == 3 {print $1}' <<<"$output")" -eq 21 ]
  [ "$(store | grep -v "^$(printf d/more | base64) ")" = "$expected" ]
  # Keys that were right were not written again: each has been there once only.
  [ "$(etcd_client get d/00000008 -w fields | sed -n 's/^"Version" : //p')" -eq 1 ]
  run -0 --separate-stderr etcd_faker.py -n=1009 -prefix=d -resume -transport=native
  [ "$(awk 'NR == 3 {print $1}' <<<"$output")" -eq 0 ]
}

@test "killed in mid-load, resumed: all there" {
  "$ROOT/py/etcd_faker.py" -n=200000 -prefix=d >/dev/null 2>&1 3>&- &
  pid=$!
  until [ "$(count_keys d/)" -ge 5000 ]; do sleep 0.02; done
  kill -KILL "$pid"
  wait "$pid" || true
  [ "$(count_keys d/)" -lt 200000 ]
  [ "$(verified -n=200000 -prefix=d | awk '{print $4, $5}')" = '0 0' ]
  etcd_faker.py -n=200000 -prefix=d -resume
  [ "$(verified -n=200000 -prefix=d)" = '200000 200000 0 0 0' ]
}

@test "-delete removes what prefix, start and n name, and nothing else" {
  etcd_faker.py -n=1000 -prefix=d
  etcd_client put d/keep 1
  etcd_client put d0 1
  for transport in gateway native; do
    run -0 --separate-stderr etcd_faker.py -n=200 -start=300 -prefix=d -delete -transport=$transport
    [ -z "$stderr" ]
    [ "$(count_keys d/)" -eq 801 ]
    [ "$(count_keys d/000003)" -eq 0 ]
  done
  etcd_faker.py -n=1000 -prefix=d -delete
  [ "$(etcd_client get '' --from-key --keys-only | grep -c .)" -eq 2 ]
}

@test "-ttl: the keys stay during the load, and go after it" {
  etcd_faker.py -n=400 -prefix=d -ttl=2s -rate=100 -c=3
  [ "$(count_keys d/)" -eq 400 ]
  [ "$(etcd_client lease list | grep -c '^[0-9a-f]*$')" -eq 3 ]
  gone() { [ "$(count_keys d/)" -eq 0 ] && [ "$(etcd_client lease list)" = 'found 0 leases' ]; }
  eventually gone
}

@test "large values are verified a few at a time, over either transport" {
  etcd_faker.py -n=30 -blob-bytes=1000000 -prefix=d
  for transport in gateway native; do
    [ "$(verified -n=30 -blob-bytes=1000000 -prefix=d -transport=$transport)" = '30 30 0 0 0' ]
  done
}
