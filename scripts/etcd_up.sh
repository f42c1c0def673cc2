#!/usr/bin/env bash
# etcd_up.sh - start a real etcd on loopback and wait until it is healthy.
#
# usage: etcd_up.sh        (or: make up)
#
# Takes the first that is there, and prints which: Docker Compose with an engine that answers,
# an etcd on PATH (3.4 or newer), the etcd of the PyPI wheel in .venv. With ETCD_VERSION, the
# first of them that has that release, else what get_etcd.sh puts into .etcd/bin. Data and logs
# are in .etcd/; `make down` keeps them, `make clean` removes them. If etcd runs already, exits 0.
#
# Data is opened by the minor version that last opened it, or by the next one.
#
# variables:
#   ETCD_ENDPOINT    where it listens for clients   (http://127.0.0.1:2379)
#   NODES            1, or 3: a cluster, whose other members listen on the first
#                    one's port + 20000 and + 30000   (1)
#   TLS              1: certificates of a new authority, for clients as well
#                    (0, or as when the data was made)
#   AUTH             1: a root user with a random password   (0, or as when the data was made)
#   ETCD_VERSION     the release: 3.7.3, or latest, the newest that the lab is tested with
#                    (as when the data was last opened, or that which is there)
#   ETCD_RUNTIME     docker, path, bin or wheel, instead of the first that is there
#   ETCD_BIN         a folder with the etcd and etcdctl to run
#   ETCD_UP_TIMEOUT  seconds to wait until etcd is healthy   (30)
#   COMPOSE_CMD      how to call Compose   (docker compose, or docker-compose)
#   ETCD_STATE       where data and logs go   (.etcd)
#
# examples:
#   scripts/etcd_up.sh
#   NODES=3 scripts/etcd_up.sh
#   ETCD_VERSION=latest scripts/etcd_up.sh
#   TLS=1 AUTH=1 scripts/etcd_up.sh
#   ETCD_RUNTIME=wheel ETCD_ENDPOINT=127.0.0.1:12379 scripts/etcd_up.sh
#
# exits: 0 healthy, 1 could not start, 2 wrong usage, 3 not healthy in time

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/lib/choose_runtime.sh
. "$ROOT/scripts/lib/choose_runtime.sh"
# shellcheck source=scripts/lib/security.sh
. "$ROOT/scripts/lib/security.sh"

main() {
  no_arguments "$@"
  NODES=${NODES:-1} ETCD_UP_TIMEOUT=${ETCD_UP_TIMEOUT:-30}
  case $NODES in
    1 | 3) ;;
    *) die "$EXIT_USAGE" "NODES: 1 or 3, not '$NODES'" ;;
  esac
  need_count ETCD_UP_TIMEOUT
  local port
  port=$(loopback_port)
  need_room_above "$port" "$NODES"
  PORTS=$(member_ports "$NODES" "$port")

  find_running
  STARTED=
  if [ -z "$FOLDER" ]; then
    choose_runtime "$STATE/${PORTS// /-}"
    choose_folder
    choose_release
    need_readable "$FOLDER" "$VERSION"
    STARTED=yes
  else
    keep_release
  fi
  choose_security "$FOLDER"
  if [ -n "$STARTED" ]; then
    prepare_instance
    trap 'stop_instance "$FOLDER"; exit "$EXIT_INTERRUPTED"' INT TERM
  elif ! is_docker "$FOLDER" && all_members_run; then
    wait_until_healthy
    [ "$AUTH" = 0 ] || turn_on_auth "$FOLDER"
    printf '%s: already running\n' "$(describe_instance "$FOLDER")"
    return
  fi
  start_instance
  wait_until_healthy
  [ "$AUTH" = 0 ] || turn_on_auth "$FOLDER"
  trap - INT TERM
  printf '%s: up\n' "$(describe_instance "$FOLDER")"
  show_places "$FOLDER"
  show_security "$FOLDER"
  case $(record "$FOLDER" version) in
    3.5.[0-2]) note "etcd 3.5.0 to 3.5.2 can lose consistency when killed under load:" \
      "fine for learning; 'make up ETCD_VERSION=latest' starts $NEWEST_ETCD" ;;
  esac
}

# find_running - set FOLDER to the instance that runs on PORTS, empty if none does. Exit 1 if
# another instance uses one of them.
find_running() {
  local folder port
  FOLDER=
  list_instances
  for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
    if [ "$(record "$folder" ports)" = "$PORTS" ]; then
      ! is_running "$folder" || FOLDER=$folder
      continue
    fi
    for port in $PORTS; do
      case " $(record "$folder" ports) " in
        *" $port "*) ! is_running "$folder" ||
          die "$EXIT_FAILED" "$(describe_instance "$folder") is running; 'make down' first" ;;
      esac
    done
  done
}

# keep_release - have Compose start the release that runs; exit 1 if ETCD_VERSION is another.
keep_release() {
  RUNTIME=$(record "$FOLDER" runtime) VERSION=''
  if [ -n "${ETCD_VERSION:-}" ]; then
    VERSION=$(release_named "$ETCD_VERSION") || exit
    [ "$VERSION" = "$(record "$FOLDER" version)" ] ||
      die "$EXIT_FAILED" "$(describe_instance "$FOLDER") is running; 'make down' first"
  fi
  [ "$RUNTIME" != docker ] || choose_image "$FOLDER"
}

# choose_release - set VERSION to that of the etcd to start; empty if only its image knows.
choose_release() {
  case $RUNTIME in
    docker) choose_image "$FOLDER" ;;
    *) VERSION=$(etcd_version "$ETCD_FOLDER/etcd") ;;
  esac
}

# choose_folder - set MEMBERS and FOLDER. Docker's volumes belong to services, so on other ports
# it is the same data: rename its folder.
choose_folder() {
  local folder
  MEMBERS=etcd1 FOLDER=$STATE/${PORTS// /-}
  [ "$NODES" -eq 1 ] || MEMBERS='etcd1 etcd2 etcd3'
  [ "$RUNTIME" = docker ] || return 0
  [ "$NODES" -eq 3 ] || MEMBERS=${ETCD_SERVICE:-etcd}
  FOLDER=$STATE/docker-${PORTS// /-}
  for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
    [[ $folder != "$FOLDER" && ${folder##*/} == docker-* ]] || continue
    [ "$(record "$folder" members)" = "$MEMBERS" ] || continue
    ! is_running "$folder" ||
      die "$EXIT_FAILED" "$(describe_instance "$folder") is running; 'make down' first"
    [ -e "$FOLDER" ] || mv "$folder" "$FOLDER"
  done
}

# prepare_instance - make the folder and the record of the instance to start.
prepare_instance() {
  local reason
  if [ "$RUNTIME" != docker ] || ! docker_runs "$MEMBERS"; then need_free_ports; fi
  [ "$RUNTIME" != docker ] || need_image
  reason=$(mkdir -p "$FOLDER" 2>&1) ||
    die "$EXIT_FAILED" "cannot write to $(shown "$STATE"): ${reason##*: }"
  [ "$TLS" = 0 ] || make_certificates "$FOLDER"
  {
    printf 'runtime=%s\nports=%s\nmembers=%s\nendpoints=%s\n' \
      "$RUNTIME" "$PORTS" "$MEMBERS" "$(member_urls "$SCHEME" "$PORTS")"
    printf 'version=%s\n' "$VERSION"
    [ "$RUNTIME" = docker ] ||
      printf 'etcd=%s/etcd\netcdctl=%s/etcdctl\n' "$ETCD_FOLDER" "$ETCD_FOLDER"
  } >"$FOLDER/instance.new"
  mv "$FOLDER/instance.new" "$FOLDER/instance"
}

# need_free_ports - exit 1 unless the client ports and the peer ports (one above) are free.
need_free_ports() {
  local client port
  for client in $PORTS; do
    for port in "$client" "$((client + 1))"; do
      ! port_in_use "$port" ||
        die "$EXIT_FAILED" "port $port is in use by something else$(port_holder "$port");" \
          "stop that, or set ETCD_ENDPOINT=http://127.0.0.1:PORT"
    done
  done
}

start_instance() {
  local members ports cluster='' i
  read -r -a members <<<"$(record "$FOLDER" members)"
  if is_docker "$FOLDER"; then
    start_containers "${members[@]}"
    return
  fi
  read -r -a ports <<<"$PORTS"
  for i in "${!members[@]}"; do
    cluster=${cluster:+$cluster,}${members[i]}=$SCHEME://127.0.0.1:$((ports[i] + 1))
  done
  for i in "${!members[@]}"; do
    member_pid "$FOLDER/${members[i]}" >/dev/null ||
      start_member "${members[i]}" "${ports[i]}" "$cluster"
  done
}

# start_containers SERVICES... - start them with Compose.
start_containers() {
  local more=() auth=false
  [ "$TLS" = 0 ] || more=(-f "$ROOT/docker-compose.tls.yml")
  [ "$AUTH" = 0 ] || auth=true
  ETCD_SCHEME=$SCHEME ETCD_TLS=$FOLDER/tls ETCD_AUTH=$auth with_ports "$FOLDER" \
    compose ${more[@]+"${more[@]}"} up -d "$@" >&2 ||
    die "$EXIT_FAILED" "'$(compose_command) up' failed"
}

# start_member NAME PORT CLUSTER - start one etcd process: in its own process group, out of
# Ctrl-C's reach, with no open files of this script, and without the ETCD_* variables, which
# etcd would read as settings.
start_member() {
  local folder=$FOLDER/$1 client=$SCHEME://127.0.0.1:$2 peer=$SCHEME://127.0.0.1:$(($2 + 1))
  local etcd variable
  tls_flags "$FOLDER"
  etcd=$(record "$FOLDER" etcd)
  mkdir -p "$folder"
  (
    for variable in $(compgen -e ETCD_ || true); do unset "$variable"; done
    exec </dev/null >>"$folder/log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
    set -m
    nohup "$etcd" --name="$1" --data-dir="$folder/data" --logger=zap \
      --listen-client-urls="$client" --advertise-client-urls="$client" \
      --listen-peer-urls="$peer" --initial-advertise-peer-urls="$peer" \
      --initial-cluster="$3" --initial-cluster-state=new \
      --initial-cluster-token=etcd-lab ${TLS_FLAGS[@]+"${TLS_FLAGS[@]}"} &
    printf '%s\n' "$!" >"$folder/pid"
  )
}

# all_members_run - whether every member's process runs.
all_members_run() {
  local member
  for member in $(record "$FOLDER" members); do
    member_pid "$FOLDER/$member" >/dev/null || return
  done
}

# wait_until_healthy - wait until every member is healthy; exit 3 at the deadline or when a
# process ends.
wait_until_healthy() {
  local deadline=$((SECONDS + ETCD_UP_TIMEOUT)) port
  for port in $PORTS; do
    ETCD_ENDPOINT=$SCHEME://127.0.0.1:$port
    instance_etcdctl "$FOLDER" "$ETCD_ENDPOINT"
    until within 1s 2s endpoint health >/dev/null 2>&1; do
      [ "$SECONDS" -lt "$deadline" ] || fail_to_start "not healthy after $ETCD_UP_TIMEOUT s"
      is_docker "$FOLDER" || all_members_run ||
        fail_to_start 'etcd ended'
      sleep 0.1
    done
  done
  ! is_docker "$FOLDER" || record_docker_version
}

# record_docker_version - put the version of the image's etcd into the record, once it runs.
record_docker_version() {
  local members version
  read -r -a members <<<"$(record "$FOLDER" members)"
  version=$(compose exec -T "${members[0]}" etcd --version | sed -n 's/^etcd Version: *//p')
  sed "s/^version=.*/version=$version/" "$FOLDER/instance" >"$FOLDER/instance.new"
  mv "$FOLDER/instance.new" "$FOLDER/instance"
}

# fail_to_start REASON - print the end of the log, stop the instance if this call started it,
# and exit 3.
fail_to_start() {
  show_logs "$FOLDER" 20 >&2 || true
  [ -z "$STARTED" ] || stop_instance "$FOLDER"
  die "$EXIT_UNREACHABLE" "$ETCD_ENDPOINT: $1; the end of the log is above"
}

main "$@"
