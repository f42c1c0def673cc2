#!/usr/bin/env bats
# bats file_tags=slow,docker
# make up and all that follows in Docker, on a real engine; `.ci/docker_engine.sh start`
# has one where none runs.
#
# shellcheck disable=SC2030,SC2031  # each test is a subshell, with settings of its own

bats_require_minimum_version 1.10.0

setup_file() {
  docker info >/dev/null 2>&1 && return
  # shellcheck disable=SC2016  # for a person to type
  printf 'no Docker engine answers: eval "$(.ci/docker_engine.sh start DIR ETCD_FOLDER)" starts one\n' >&2
  return 1
}

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  unset ETCD_RUNTIME ETCD_BIN # Docker is to be the first choice
  own_docker_instance
}

teardown() { etcd_clean.sh >/dev/null 2>&1; }

# own_docker_instance [NODES] - and a Compose project of its own, so that nobody's containers
# and volumes are touched.
own_docker_instance() {
  own_instance "${1:-1}"
  export COMPOSE_PROJECT_NAME=bats-$PORT
}

# quietly COMMAND... - without what Compose says of its progress, unless it fails.
quietly() { "$@" >"$BATS_TEST_TMPDIR/said" 2>&1 || { cat "$BATS_TEST_TMPDIR/said"; return 1; }; }

# holds_all PREFIX COUNT - whether each of the three members has that many keys.
holds_all() {
  local port
  for port in "$PORT" $((PORT + 20000)) $((PORT + 30000)); do
    [ "$(ETCD_ENDPOINT=http://127.0.0.1:$port count_keys "$1")" -eq "$2" ] || return
  done
}

# what_is_left - the containers, volumes and networks of the project.
what_is_left() {
  local kind
  for kind in 'ps --all' 'volume ls' 'network ls'; do
    # shellcheck disable=SC2086  # words of a command
    docker $kind --quiet --filter "label=com.docker.compose.project=$COMPOSE_PROJECT_NAME"
  done
}

@test "up takes Docker first, and says which etcd and where its data is; status, logs" {
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ ${lines[0]} =~ ^etcd\ 3\.[0-9]+\.[0-9]+\ from\ Docker\ Compose\ on\ $ETCD_ENDPOINT:\ up$ ]]
  [ "${lines[1]}" = '  etcd  data: volume etcd-data  log: make logs' ]
  etcd_client endpoint health
  run -0 --separate-stderr etcd_up.sh
  run -0 --separate-stderr etcd_status.sh
  [[ $output == *"Docker Compose"* ]]
  [ "$(status_rows <<<"$output")" = "$ETCD_ENDPOINT" ]
  run -0 --separate-stderr etcd_logs.sh
  [[ $output == *'ready to serve client requests'* || $output == *'serving'* ]]
  docker_says_healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$COMPOSE_PROJECT_NAME-etcd-1")" = healthy ]; }
  eventually docker_says_healthy
}

@test "make up seed fake report: the report adds up" {
  cd "$ROOT"
  run --separate-stderr make up seed fake report N=1000
  [ "$status" -eq 0 ]
  [[ $output == *": up"*"loaded 50 strings"*"keys/s"*"datasets/loadtest at revision"* ]]
  [ "$(awk '$1 == "total" {print $2}' <<<"$output")" -eq 1000 ]
  [ "$(count_keys '')" -eq 1080 ]
}

@test "seed goes through exec: quotes and line ends and NUL bytes arrive" {
  quietly etcd_up.sh
  BLOB_BYTES=600 run -0 --separate-stderr load_fake_data.sh
  [ "$output" = 'loaded 50 strings, 20 JSON documents and 10 blobs of 600 bytes under datasets/' ]
  shell=$(store)
  etcd_client del '' --from-key
  load_fake_data.py -blob-bytes=600
  [ "$(store)" = "$shell" ]
}

@test "walkthroughs go through exec too, the same as in Python; keys that are pressed are not eaten" {
  quietly etcd_up.sh
  run -0 --separate-stderr make -s -C "$ROOT" walk TOPIC="basics leases values"
  [ "$(grep -c '^==*$' <<<"$output")" -eq 3 ]
  run -0 --separate-stderr etcd_env.sh walk_parity.py -topics=values,txn
  run -0 --separate-stderr walk_basics.sh --step < <(printf '%99s' '')
  [ "$(grep -o 'press a key' <<<"$stderr" | wc -l)" -eq 6 ]
}

@test "down ends the container, up brings the data back on any port, clean removes both" {
  quietly etcd_up.sh
  etcd_client put kept 'in a volume'
  run --separate-stderr etcd_down.sh
  [ "$status" -eq 0 ]
  [[ $output == *"Docker Compose"*": stopped" ]]
  run ! listening "$PORT"
  ETCD_VERSION=3.4.23 run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  one_line_error 'which 3.4.23 cannot open: use ETCD_VERSION='
  PORT=$(free_port)
  export ETCD_ENDPOINT=http://127.0.0.1:$PORT
  quietly etcd_up.sh
  [ "$(etcd_client get kept --print-value-only)" = 'in a volume' ]
  [ "$(ls "$ETCD_STATE")" = "docker-$PORT" ]
  run --separate-stderr env ETCD_ENDPOINT="http://127.0.0.1:$(free_port)" etcd_up.sh
  [ "$status" -eq 1 ]
  one_line_error "is running; 'make down' first"
  quietly etcd_clean.sh
  [ -z "$(what_is_left)" ]
  [ ! -e "$ETCD_STATE" ]
}

@test "NODES=3: all members hold what was written to one; one table; a killed one comes back" {
  own_docker_instance 3
  run -0 --separate-stderr etcd_stats.sh
  [ -z "$output" ]
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == *"from Docker Compose, 3 members, on "* ]]
  ETCD_ENDPOINT=http://127.0.0.1:$((PORT + 20000)) load_fake_data.sh
  eventually holds_all datasets/ 80
  etcd_env.sh walk.sh basics
  run -0 --separate-stderr etcd_status.sh
  [ "$(status_rows <<<"$output" | wc -l)" -eq 3 ]
  [ "$(grep -c ENDPOINT <<<"$output")" -eq 1 ]
  run -0 --separate-stderr etcd_stats.sh
  [ "${lines[1]}" = "$((PORT + 20000)) $(docker ps --quiet --no-trunc --filter "name=$COMPOSE_PROJECT_NAME-etcd2-1")" ]
  [ "$(grep -c '"MemUsage":"[1-9]' <<<"$output")" -eq 3 ]

  docker kill "$COMPOSE_PROJECT_NAME-etcd2-1"
  etcd_env.sh etcd_faker.py -n=500 -prefix=demo
  run -0 --separate-stderr etcd_status.sh
  [ "$(status_rows <<<"$output" | wc -l)" -eq 2 ]
  quietly etcd_up.sh
  eventually holds_all demo/ 500
}

@test "TLS=1 AUTH=1 on three members: all targets get in, no stranger does, nothing leaks" {
  own_docker_instance 3
  cd "$BATS_TEST_TMPDIR" || return
  watch_arguments 3>&- &
  watcher=$!
  TLS=1 AUTH=1 quietly etcd_up.sh
  folder=$ETCD_STATE/docker-$PORT-$((PORT + 20000))-$((PORT + 30000))
  for target in up status seed 'fake N=2000 PREFIX=demo' 'verify N=2000 PREFIX=demo' \
    'walk TOPIC=basics' 'top TOP_FLAGS="-n 12 -interval 1s"' logs; do
    quietly eval "make -s -C '$ROOT' $target"
    cat said >>printed
  done
  kill "$watcher"
  [ "$(grep -c 'https://127' printed)" -ge 3 ]
  grep -q 'exec -T .* etcdctl' arguments_seen
  run ! grep -rlF -e "$(cat "$folder/password")" --include=printed --include=arguments_seen .
  run ! docker exec "$COMPOSE_PROJECT_NAME-etcd1-1" etcdctl --endpoints="https://127.0.0.1:$PORT" get a
  [[ $output == *'user name is empty'* || $output == *'permission denied'* ]]
  run ! etcd_client --command-timeout=1s get a
  lease=$(insider lease grant 60 | awk '{print $2}')
  for port in "$PORT" $((PORT + 20000)) $((PORT + 30000)); do
    # A list is left as it is. Followers have to ask the leader.
    ETCD_ENDPOINT=http://127.0.0.1:$port,http://127.0.0.1:$port insider lease timetolive "$lease"
  done
  # CPU and memory of the containers, in the last two columns.
  [ "$(awk '$2 ~ /^127/ && $NF > 5 {print $2}' printed | sort -u | wc -l)" -eq 3 ]
}

@test "TLS=1 AUTH=1: data keeps what it was made with, also one that is killed" {
  TLS=1 quietly etcd_up.sh
  eventually docker exec "$COMPOSE_PROJECT_NAME-etcd-1" etcdctl --endpoints="https://127.0.0.1:$PORT" put a b
  [ "$(docker inspect -f '{{.State.Health.Status}}' "$COMPOSE_PROJECT_NAME-etcd-1")" != unhealthy ]
  AUTH=1 quietly etcd_up.sh
  docker kill "$COMPOSE_PROJECT_NAME-etcd-1"
  quietly etcd_up.sh
  quietly etcd_down.sh
  for setting in TLS=0 AUTH=0; do
    run --separate-stderr env "$setting" etcd_up.sh
    [ "$status" -eq 2 ]
    one_line_error "${setting%=*}: "
  done
  quietly etcd_up.sh
  [ "$(insider get a --print-value-only)" = b ]
}

@test "a port that something else holds is named" {
  "$VENV/bin/python" -m http.server --bind 127.0.0.1 "$PORT" >"$BATS_TEST_TMPDIR/http" 2>&1 3>&- &
  holder=$!
  eventually listening "$PORT"
  run --separate-stderr etcd_up.sh
  kill "$holder"
  [ "$status" -eq 1 ]
  one_line_error "port $PORT is in use by something else"
}

@test "an image that cannot be pulled: its name, why, and what does without; nothing is left" {
  ETCD_IMAGE=registry.invalid/etcd:v3.5.30 run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  [[ ${stderr_lines[-1]} == *'registry.invalid/etcd:v3.5.30 cannot be pulled: '*'; without Docker there is ETCD_RUNTIME=wheel, or bin for any release' ]]
  ETCD_VERSION=9.9.9 run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  [[ ${stderr_lines[-1]} == *'/etcd:v9.9.9 cannot be pulled: '* ]]
  ETCD_IMAGE=some:v3.7.3 ETCD_VERSION=latest run --separate-stderr etcd_up.sh
  [ "$status" -eq 2 ]
  one_line_error 'ETCD_IMAGE and ETCD_VERSION contradict each other'
  [ ! -e "$ETCD_STATE" ]
  [ -z "$(what_is_left)" ]
}

@test "COMPOSE_CMD: Compose and Docker by other words" {
  printf '#!/bin/sh\nexec docker "$@"\n' >"$BATS_TEST_TMPDIR/mine"
  chmod +x "$BATS_TEST_TMPDIR/mine"
  COMPOSE_CMD="$BATS_TEST_TMPDIR/mine compose" ETCD_RUNTIME=docker PATH=$PATH quietly etcd_up.sh
  etcd_client put a b
  COMPOSE_CMD="env docker compose" run -0 --separate-stderr etcd_stats.sh
  [ "${#lines[@]}" -eq 2 ]
  COMPOSE_CMD="env docker compose" quietly load_fake_data.sh
  [ "$(count_keys datasets/)" -eq 80 ]
}
