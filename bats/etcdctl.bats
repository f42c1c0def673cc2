#!/usr/bin/env bats
# etcdctl.py in a shell: beside etcdctl, in pipes, when it is interrupted.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
  export ETCDCTL_ENDPOINTS=$SUITE_ENDPOINT
}

# etcdctl ARGUMENTS... - the real one, by ETCDCTL_ENDPOINTS.
etcdctl() { "$(etcd_folder)/etcdctl" "$@"; }

@test "side by side: the same bytes" {
  STRING_COUNT=20 load_fake_data.sh
  for transport in gateway native; do
    for format in simple json fields; do
      cmp <(etcdctl get '' --prefix -w "$format") \
        <(etcdctl.py --transport="$transport" get '' --prefix -w "$format")
    done
  done
}

@test "errors are one line on stderr" {
  for transport in gateway native; do
    ctl() { etcdctl.py --transport="$transport" "$@"; }
    run --separate-stderr ctl get a --rev=1000000
    [ "$status" -eq 1 ]
    one_line_error 'Error: etcdserver: mvcc: required revision is a future revision'
    run --separate-stderr ctl lease revoke 123
    [ "$status" -eq 1 ]
    one_line_error 'Error: etcdserver: requested lease not found'
    ETCDCTL_ENDPOINTS=127.0.0.1:1 run --separate-stderr ctl get a
    [ "$status" -eq 1 ]
    one_line_error "Error: http://127.0.0.1:1: no connection; start an etcd with 'make up'"
  done
  run --separate-stderr etcdctl.py get a --transport=pigeon
  [ "$status" -eq 1 ]
  one_line_error "--transport: gateway or native, not 'pigeon'"
  run --separate-stderr etcdctl.py snapshot save file
  [ "$status" -eq 1 ]
  one_line_error 'snapshot: etcdctl has it, this one does not'
}

@test "a closed pipe ends it as it ends etcdctl; a full disk is an error" {
  for ctl in etcdctl etcdctl.py; do
    "$ctl" put big "$(printf '%0100000d' 1)" >/dev/null
    closed() { "$ctl" get big | true; echo "${PIPESTATUS[0]}"; }
    run --separate-stderr closed
    [ "$output" = 141 ]
    [ -z "$stderr" ]
  done
  # stdout that was closed beforehand is as good as /dev/null
  for ctl in etcdctl etcdctl.py etcd_reporter.py; do
    arguments=()
    [ "$ctl" = etcd_reporter.py ] || arguments=(get big)
    shut() { "$ctl" ${arguments[@]+"${arguments[@]}"} >&-; }
    run --separate-stderr shut
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr != *Traceback* ]]
  done
  full() { etcdctl.py get big >/dev/full; }
  run --separate-stderr full
  [ "$status" -eq 1 ]
  one_line_error 'cannot write the output'
}

@test "watch prints as things happen, and ends at Ctrl-C with 130" {
  for transport in gateway native; do
    "$VENV/bin/python" - "$transport" "$BATS_TEST_TMPDIR/out" <<'PYTHON' &
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
os.dup2(os.open(sys.argv[2], os.O_CREAT | os.O_TRUNC | os.O_WRONLY), 1)
os.execvp("etcdctl.py", ["etcdctl.py", "--transport", sys.argv[1], "watch", "w/", "--prefix"])
PYTHON
    watcher=$!
    seen() { etcdctl put w/key "$1" >/dev/null && grep -q "^$1$" "$BATS_TEST_TMPDIR/out"; }
    eventually seen one
    eventually seen two
    kill -INT "$watcher"
    status=0
    wait "$watcher" || status=$?
    [ "$status" -eq 130 ]
  done
}

@test "a watch goes on where it was when etcd comes back" {
  own_instance
  export ETCDCTL_ENDPOINTS=$ETCD_ENDPOINT
  etcd_up.sh >/dev/null 2>&1
  for transport in gateway native; do
    etcdctl.py --transport="$transport" watch w/ --prefix >"$BATS_TEST_TMPDIR/$transport" 2>&1 3>&- &
    eval "$transport=$!"
  done
  sees() { grep -q "^$2$" "$BATS_TEST_TMPDIR/$1"; }
  put_until_seen() { etcdctl put w/key "$1" >/dev/null; sees gateway "$1" && sees native "$1"; }
  eventually put_until_seen before
  etcd_down.sh >/dev/null
  etcd_up.sh >/dev/null 2>&1
  etcdctl put w/key after
  for transport in gateway native; do
    eventually sees "$transport" after
    [ "$(grep -c '^after$' "$BATS_TEST_TMPDIR/$transport")" -eq 1 ]
  done
  # shellcheck disable=SC2154  # set by eval
  kill "$gateway" "$native"
  etcd_clean.sh
}
