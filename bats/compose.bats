#!/usr/bin/env bats
# The Docker path of every script, through a stand-in for Compose that runs a
# real etcd for each service (see compose_stand_in.py).

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  own_instance
  unset ETCD_RUNTIME
  export STAND_IN_STATE=$BATS_TEST_TMPDIR/docker STAND_IN_BIN
  STAND_IN_BIN=$(etcd_folder)
  unset ETCD_BIN # it would force the runtime
  export COMPOSE_CMD="$VENV/bin/python $BATS_TEST_DIRNAME/compose_stand_in.py"
}

teardown() { etcd_clean.sh >/dev/null 2>&1; }

container_pid() { cut -d ' ' -f 1 "$STAND_IN_STATE/$1.pid"; }

@test "up takes Docker first, and says which etcd and where its data is" {
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ ${lines[0]} =~ ^etcd\ 3\.[0-9]+\.[0-9]+\ from\ Docker\ Compose\ on\ $ETCD_ENDPOINT:\ up$ ]]
  [ "${lines[1]}" = '  etcd  data: volume etcd-data  log: make logs' ]
  etcd_client endpoint health
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  run --separate-stderr etcd_status.sh
  [ "$status" -eq 0 ]
  [[ $output == *"Docker Compose"* ]]
  [ "$(status_rows <<<"$output")" = "$ETCD_ENDPOINT" ]
  run --separate-stderr etcd_logs.sh
  [ "$status" -eq 0 ]
  [[ $output == *'ready to serve client requests'* || $output == *'serving'* ]]
}

@test "seed goes through exec: quotes and line ends and NUL bytes arrive" {
  etcd_up.sh
  BLOB_BYTES=600 run --separate-stderr load_fake_data.sh
  [ "$status" -eq 0 ]
  [ "$output" = 'loaded 50 strings, 20 JSON documents and 10 blobs of 600 bytes under datasets/' ]
  shell=$(store)
  etcd_client del '' --from-key
  load_fake_data.py -blob-bytes=600
  [ "$(store)" = "$shell" ]
}

@test "walkthroughs go through exec too, and keys that are pressed are not eaten" {
  etcd_up.sh
  for topic in basics values history txn; do
    expected=$(ETCDCTL=$STAND_IN_BIN/etcdctl "walk_$topic.sh" | normalized "walk/$topic/")
    got=$("walk_$topic.sh" --step 2>/dev/null < <(printf '%99s' '') | normalized "walk/$topic/")
    [ "$got" = "$expected" ]
  done
  run -0 --separate-stderr walk_basics.sh --step < <(printf '%99s' '')
  [ "$(grep -o 'press a key' <<<"$stderr" | wc -l)" -eq 6 ]
}

@test "stats says what Docker does of each container, and top shows it" {
  own_instance 3
  run -0 --separate-stderr etcd_stats.sh
  [ -z "$output" ]
  etcd_up.sh
  run -0 --separate-stderr etcd_stats.sh
  [ "${lines[1]}" = "$((PORT + 20000)) $(container_pid etcd2)" ]
  [[ ${lines[4]} == *"\"ID\": \"$(container_pid etcd2)\", \"MemUsage\": \""* ]]
  run -0 --separate-stderr etcd_env.sh etcd_top.py -n 5 -interval 500ms
  [ "$(awk '$(NF - 1) == 12.5 && $NF > 10 {print $2}' <<<"$output" | sort -u | wc -l)" -eq 3 ]
}

@test "down ends the container, up brings the data back, clean removes both" {
  etcd_up.sh
  etcd_client put kept 'in a volume'
  pid=$(container_pid etcd)
  run --separate-stderr etcd_down.sh
  [ "$status" -eq 0 ]
  [[ $output == *"Docker Compose"*": stopped" ]]
  run ! running "$pid"
  etcd_up.sh
  [ "$(etcd_client get kept --print-value-only)" = 'in a volume' ]
  pid=$(container_pid etcd)
  run --separate-stderr etcd_clean.sh
  [ "$status" -eq 0 ]
  run ! running "$pid"
  [ ! -e "$STAND_IN_STATE/etcd-data" ]
  [ ! -e "$ETCD_STATE" ]
}

@test "NODES=3: three members, all of which hold what was written to one" {
  own_instance 3
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ ${lines[0]} == *"from Docker Compose, 3 members, on "* ]]
  ETCD_ENDPOINT=http://127.0.0.1:$((PORT + 20000)) load_fake_data.sh
  for port in "$PORT" $((PORT + 20000)) $((PORT + 30000)); do
    [ "$(ETCD_ENDPOINT=http://127.0.0.1:$port count_keys datasets/)" -eq 80 ]
  done
  run --separate-stderr etcd_status.sh
  [ "$status" -eq 0 ]
  [ "$(status_rows <<<"$output" | wc -l)" -eq 3 ]
}

@test "a port that something else holds is named" {
  "$VENV/bin/python" -m http.server --bind 127.0.0.1 "$PORT" >"$BATS_TEST_TMPDIR/http" 2>&1 3>&- &
  holder=$!
  eventually listening "$PORT"
  run --separate-stderr etcd_up.sh
  kill "$holder"
  [ "$status" -eq 1 ]
  [[ $stderr == *"port $PORT is in use by something else"* ]]
}

@test "an engine that does not answer: passed over, or an error where it is asked for" {
  export COMPOSE_CMD=false
  ETCD_RUNTIME=docker run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  one_line_error "ETCD_RUNTIME=docker, but no engine answers 'false'"
  run --separate-stderr etcd_up.sh
  [ "$status" -eq 0 ]
  [[ ${lines[0]} != *Docker* ]]
}
