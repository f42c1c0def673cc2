#!/usr/bin/env bats
# security.bats - make up TLS=1 AUTH=1, and everything against it; nothing leaks.
#
# shellcheck disable=SC2030,SC2031  # each test is a subshell, with settings of its own

setup() {
  load helper
  forget_settings
}

# secured_instance [NODES] - settings for an etcd of this test's own with both, running.
secured_instance() {
  own_instance "${1:-1}"
  TLS=1 AUTH=1 etcd_up.sh 2>/dev/null
  FOLDER=$(dirname "$ETCD_STATE"/*/instance)
  PASSWORD=$(cat "$FOLDER/password")
}

@test "make up TLS=1 AUTH=1: keys and password are the owner's alone; strangers stay outside" {
  secured_instance
  [ "$(stat -c %a "$FOLDER/password" "$FOLDER"/tls/*-key.pem | sort -u)" = 600 ]
  [ "$(stat -c %a "$FOLDER/tls")" = 700 ]
  [ "${#PASSWORD}" -ge 24 ]
  insider put a b
  insider auth enable
  local https=https://127.0.0.1:$PORT ca=$FOLDER/tls/ca.pem
  run ! "$(etcd_folder)/etcdctl" --endpoints="$ETCD_ENDPOINT" --command-timeout=1s get a
  run ! "$(etcd_folder)/etcdctl" --endpoints="$https" --cacert="$ca" --command-timeout=1s get a
  run ! "$(etcd_folder)/etcdctl" --endpoints="$https" --cacert="$ca" --command-timeout=1s \
    --cert="$FOLDER/tls/client.pem" --key="$FOLDER/tls/client-key.pem" get a
  [[ $output == *'user name is empty'* || $output == *'permission denied'* ]]
  etcd_clean.sh
}

@test "every target works against it unchanged, and no password or token shows anywhere" {
  run_targets up status seed seed-py 'fake N=3000 PREFIX=demo' 'verify N=3000 PREFIX=demo' \
    'report PREFIX=demo' 'tidy PREFIX=demo' 'top TOP_FLAGS="-n 1"' 'walk TOPIC=basics' \
    'walk TOPIC=txn TRANSPORT=native' 'fake FAKE_FLAGS=-user=root:wrong' logs restart down
  grep -q 'authentication failed, invalid user ID or password' printed
}

# bats test_tags=slow
@test "so do parity and the benchmarks" {
  run_targets up parity \
    "bench BENCH_FLAGS='-n 500 -runs 1 -seconds 100ms -c 2 -out $BATS_TEST_TMPDIR/bench.json'" \
    "bench-report BENCH_FLAGS='-n 500 -runs 1 -batch 100 -out $BATS_TEST_TMPDIR/bench-report.json'" \
    'dask-demo DASK_FLAGS="-n 150000 -transport native"' \
    "bench-executors BENCH_FLAGS='-n 500 -runs 1 -workers 1 -out $BATS_TEST_TMPDIR/bench-executors.json'"
}

# run_targets TARGETS... - make each, against an etcd with both; one with `wrong` has to fail.
# No password or token may be printed, or be among a process's arguments.
run_targets() {
  secured_instance
  # shellcheck disable=SC2329  # eval calls it
  make() { command make -s -C "$ROOT" "$@"; }
  cd "$BATS_TEST_TMPDIR" || return
  watch_arguments 3>&- &
  local watcher=$! target
  for target in "$@"; do
    printf '\n== make %s\n' "$target" >>printed
    if eval "make $target" >>printed 2>&1; then
      [[ $target != *wrong* ]]
    else
      [[ $target == *wrong* ]] || { kill "$watcher" && tail -n 20 printed && false; }
    fi
  done
  kill "$watcher"
  grep -q '\.py' arguments_seen
  # The password, and what a token looks like; etcd 3.4 itself logs passwords with its data.
  run ! grep -rlF -e "$PASSWORD" . --exclude=password --exclude-dir=data
  run ! grep -rlEw '[A-Za-z]{16}\.[0-9]+' --include=printed --include=arguments_seen --include='*.json' .
  etcd_clean.sh
}

@test "the shell's scripts take etcdctl's flags, and ask for a password once" {
  secured_instance
  local flags=(--endpoints="https://127.0.0.1:$PORT" --cacert "$FOLDER/tls/ca.pem"
    -cert="$FOLDER/tls/client.pem" --key="$FOLDER/tls/client-key.pem")
  unset ETCD_ENDPOINT
  export ETCD_STATE=$BATS_TEST_TMPDIR/elsewhere VENV
  for script in load_fake_data.sh walk_basics.sh etcd_status.sh 'walk.sh basics'; do
    # shellcheck disable=SC2086  # a script and perhaps a topic
    setsid $script "${flags[@]}" --user root <<<"$PASSWORD"
  done
  run --separate-stderr setsid load_fake_data.sh "${flags[@]}" --user=root </dev/null
  [ "$status" -eq 2 ]
  one_line_error '--user: no password given, nor in ETCDCTL_PASSWORD'
  run --separate-stderr load_fake_data.sh "${flags[@]}" --user=root:wrong
  [ "$status" -eq 1 ]
  one_line_error 'authentication failed, invalid user ID or password'
  run --separate-stderr load_fake_data.sh "${flags[@]:0:1}"
  [ "$status" -eq 1 ]
  one_line_error x509
  run --separate-stderr load_fake_data.sh --endpoints=http://etcd.invalid:2379 --user=root:x
  [ "$status" -eq 2 ]
  one_line_error 'the password would go there in plain text'
  run --separate-stderr load_fake_data.sh --cacert
  [ "$status" -eq 2 ]
  one_line_error '--cacert: needs a value'
  ETCD_STATE=$BATS_TEST_TMPDIR/etcd etcd_clean.sh
}

@test "etcd_env.sh: the variables, but no password, for a shell to take" {
  secured_instance
  put() { "$(etcd_folder)/etcdctl" put b c; }
  run etcd_env.sh
  [[ $output == *"ETCDCTL_ENDPOINTS=https://127.0.0.1:$PORT"* && $output != *"$PASSWORD"* ]]
  (eval "$output" && put)
  # shellcheck disable=SC2016  # for that shell to expand
  ETCDCTL_API=3 run -0 --separate-stderr bash -c \
    'eval "$(etcd_env.sh)"; etcdctl get b --print-value-only; etcdctl.py version'
  [ -z "$stderr" ] && [ "${lines[0]}" = c ]
  [[ $("$(etcd_folder)/etcdctl" version) == *"${lines[2]}" || ${lines[2]} == *' 3.5' ]]
  ETCDCTL_API=3 run -0 --separate-stderr etcd_env.sh etcdctl get b --print-value-only
  [ -z "$stderr" ] && [ "$output" = c ]
  ETCDCTL_API=3 run -0 --separate-stderr etcd_status.sh
  [ -z "$stderr" ]
  ETCDCTL_USER=alice:secret run etcd_env.sh
  [[ $output != *USER* && $output != *secret* && $output != *PASSWORD* ]]
  etcd_clean.sh
  run etcd_env.sh
  [ "$output" = "export ETCD_ENDPOINT=$ETCD_ENDPOINT
export ETCDCTL_ENDPOINTS=$ETCD_ENDPOINT" ]
}

@test "walkthroughs show curl commands that get in, the same in shell and Python" {
  secured_instance
  local tls=$FOLDER/tls walk=(--curl --dry-run) shown
  shown=$(etcd_env.sh walk_basics.sh "${walk[@]}")
  [ "$shown" = "$(etcd_env.sh walk_basics.py "${walk[@]}")" ]
  # shellcheck disable=SC2034  # used by the command that is shown
  TOKEN=$(curl -sS --cacert "$tls/ca.pem" --cert "$tls/client.pem" --key "$tls/client-key.pem" \
    "https://127.0.0.1:$PORT/v3/auth/authenticate" --data @- <<<"{\"name\":\"root\",\"password\":\"$PASSWORD\"}" |
    sed 's/.*"token": *"\([^"]*\)".*/\1/')
  run eval "$(grep -m 1 '^  curl' <<<"$shown")"
  [[ $output == *'"revision"'* ]]
  [ "$(insider get walk/basics/demo/key --print-value-only)" = 'hello world' ]
  etcd_clean.sh
}

@test "a cluster with both: a member that was killed comes back, and is let in" {
  secured_instance 3
  make -s -C "$ROOT" fake N=2000 PREFIX=demo >/dev/null 2>&1
  kill -KILL "$(cat "$FOLDER/etcd2/pid")"
  make -s -C "$ROOT" up >/dev/null 2>&1
  run make -s -C "$ROOT" verify N=2000 PREFIX=demo
  [ "$status" -eq 0 ]
  [ "$(insider endpoint health 2>&1 | grep -c 'is healthy')" -eq 3 ]
  etcd_clean.sh
}

@test "data keeps what it was made with; authentication that was interrupted is finished" {
  own_instance
  etcd_up.sh 2>/dev/null
  for setting in TLS=1 TLS=yes AUTH=2; do
    run --separate-stderr env "$setting" etcd_up.sh
    [ "$status" -eq 2 ]
    one_line_error "${setting%=*}: "
  done
  AUTH=1 etcd_up.sh 2>/dev/null
  FOLDER=$(dirname "$ETCD_STATE"/*/instance)
  insider auth disable # as if it had been killed before the last step
  etcd_up.sh 2>/dev/null
  run ! etcd_client --command-timeout=1s get a
  insider put a b
  run --separate-stderr env AUTH=0 etcd_up.sh
  [ "$status" -eq 2 ]
  one_line_error 'AUTH: the data in'
  etcd_down.sh
  etcd_up.sh 2>/dev/null
  insider get a
  etcd_clean.sh
  run --separate-stderr env ETCD_ENDPOINT="https://127.0.0.1:$PORT" etcd_up.sh
  [ "$status" -eq 2 ]
  one_line_error 'ETCD_ENDPOINT: https needs TLS=1'
}

@test "etcd_certificates.py: a folder with all of them, or nothing" {
  cd "$BATS_TEST_TMPDIR" || return
  etcd_certificates.py -folder certificates
  [ "$(cd certificates && echo *)" = 'ca.pem client-key.pem client.pem server-key.pem server.pem' ]
  run --separate-stderr etcd_certificates.py -folder certificates
  [ "$status" -eq 1 ]
  one_line_error 'certificates: already exists'
  run --separate-stderr etcd_certificates.py -folder missing/certificates
  [ "$status" -eq 1 ]
  one_line_error 'missing/certificates: No such file or directory'
}
