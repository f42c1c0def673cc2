# shellcheck shell=bash
# instance.sh - the instances that `make up` started: records and processes.
#
# An instance is one etcd or a cluster of three. Its folder is named after its client ports,
# so that there can be several:
#
#   .etcd/2379/instance        the record: name=value lines
#   .etcd/2379/etcd1/data      a member's data, log and pid
#   .etcd/docker-2379/instance in Docker, which keeps data and log

STATE=${ETCD_STATE:-$ROOT/.etcd}
case $STATE in
  /*) ;;
  *) STATE=$PWD/$STATE ;;
esac

# member_ports NODES PORT - print the client ports, the first of which is PORT.
member_ports() {
  if [ "$1" -eq 1 ]; then
    printf '%s' "$2"
  else
    printf '%s %s %s' "$2" "$(($2 + 20000))" "$(($2 + 30000))"
  fi
}

# member_urls SCHEME PORTS - print the client URLs, separated by commas.
member_urls() {
  local port all=''
  for port in $2; do
    all=${all:+$all,}$1://127.0.0.1:$port
  done
  printf '%s' "$all"
}

# need_room_above PORT NODES - exit 2 if the other members' and peers' ports, which are above
# PORT, would exceed 65535.
need_room_above() {
  [ "$(($1 + ($2 == 3 ? 30001 : 1)))" -le 65535 ] ||
    die "$EXIT_USAGE" "ETCD_ENDPOINT: port $1 leaves none for the other members and peers"
}

# has_data FOLDER - whether an etcd has written there or, in Docker, to its volumes.
has_data() { [ -d "$1/etcd1/data" ] || [[ ${1##*/} == docker-* && -f $1/instance ]]; }

# list_instances - set INSTANCES to the folder of every instance.
list_instances() {
  local file
  INSTANCES=()
  for file in "$STATE"/*/instance; do
    [ ! -f "$file" ] || INSTANCES+=("${file%/instance}")
  done
}

# record FOLDER NAME - print a value of the instance's record, if it has one.
record() { [ ! -f "$1/instance" ] || sed -n "s/^$2=//p" "$1/instance"; }

# is_docker FOLDER - whether the instance runs in Docker.
is_docker() { [ "$(record "$1" runtime)" = docker ]; }

# command_line PID - print the process's command line; nothing if it is gone.
command_line() {
  if [ -r "/proc/$1/cmdline" ]; then
    tr '\0' ' ' <"/proc/$1/cmdline" 2>/dev/null || true
  else
    ps -p "$1" -o args= 2>/dev/null || true
  fi
}

# member_pid MEMBER_FOLDER - print the pid of the etcd that runs on that data; fail if there is
# none. Checks the process's command line, since pids are reused.
member_pid() {
  local pid
  pid=$(cat "$1/pid" 2>/dev/null) || return 1
  case $pid in
    '' | *[!0-9]*) return 1 ;;
  esac
  case "$(command_line "$pid") " in
    *"--data-dir=$1/data "*) printf '%s' "$pid" ;;
    *) return 1 ;;
  esac
}

# is_running FOLDER - whether any member of the instance runs.
is_running() {
  local member
  if is_docker "$1"; then
    docker_runs "$(record "$1" members)"
    return
  fi
  for member in $(record "$1" members); do
    member_pid "$1/$member" >/dev/null && return
  done
  return 1
}

# docker_runs SERVICES - whether any of these Compose services runs.
docker_runs() {
  local service running
  running=" $(compose ps --services --filter status=running 2>/dev/null | tr '\n' ' ')"
  for service in $1; do
    case $running in
      *" $service "*) return 0 ;;
    esac
  done
  return 1
}

# with_ports FOLDER COMMAND... - run it with the port variables of docker-compose.yml.
with_ports() {
  local ports
  read -r -a ports <<<"$(record "$1" ports)"
  shift
  ETCD_PORT=${ports[0]} ETCD_PORT_2=${ports[1]:-22379} ETCD_PORT_3=${ports[2]:-32379} "$@"
}

# stop_instance FOLDER - stop the members that `make up` started there; keep the data.
stop_instance() {
  local member pid deadline=$((SECONDS + 10))
  if is_docker "$1"; then
    # shellcheck disable=SC2046  # a list of plain words
    with_ports "$1" compose rm --stop --force $(record "$1" members) >&2
    return
  fi
  for member in $(record "$1" members); do
    ! pid=$(member_pid "$1/$member") || kill "$pid" 2>/dev/null || true
  done
  for member in $(record "$1" members); do
    while pid=$(member_pid "$1/$member"); do
      [ "$SECONDS" -lt "$deadline" ] || kill -KILL "$pid" 2>/dev/null || true
      sleep 0.1
    done
    rm -f "$1/$member/pid"
  done
}

# describe_instance FOLDER - print "etcd 3.5.1 from the PyPI wheel, 3 members, on …".
describe_instance() {
  local members
  members=$(record "$1" members | wc -w)
  printf 'etcd %s from %s' "$(record "$1" version)" "$(runtime_title "$(record "$1" runtime)")"
  [ "$members" -eq 1 ] || printf ', %d members,' "$members"
  printf ' on %s' "$(record "$1" endpoints)"
}

# show_places FOLDER - print where each member's data and log are.
show_places() {
  local member
  for member in $(record "$1" members); do
    if is_docker "$1"; then
      printf '  %s  data: volume %s-data  log: make logs\n' "$member" "$member"
    else
      printf '  %s  data: %s  log: %s\n' "$member" \
        "$(shown "$1/$member/data")" "$(shown "$1/$member/log")"
    fi
  done
}

# show_logs FOLDER LINES - print the end of each member's log.
show_logs() {
  local member
  if is_docker "$1"; then
    # shellcheck disable=SC2046  # a list of plain words
    compose logs --tail="$2" $(record "$1" members)
    return
  fi
  for member in $(record "$1" members); do
    printf '==> %s <==\n' "$(shown "$1/$member/log")"
    tail -n "$2" "$1/$member/log"
  done
}

# follow_logs FOLDER LINES - print the end of each member's log, then what is added, until
# interrupted. One tail does both, so that no line is lost in between.
follow_logs() {
  local member logs=()
  if is_docker "$1"; then
    # shellcheck disable=SC2046  # a list of plain words
    compose logs --follow --tail="$2" $(record "$1" members)
    return
  fi
  for member in $(record "$1" members); do
    logs+=("$1/$member/log")
  done
  # tail prints the headers itself if there are several files.
  [ ${#logs[@]} -gt 1 ] || printf '==> %s <==\n' "$(shown "${logs[0]}")"
  exec tail -n "$2" -f "${logs[@]}"
}
