# shellcheck shell=bash
# choose_runtime.sh - which etcd to start: where from, and of which release.
#
# The release is ETCD_VERSION's, else that which last opened the data, else what is there.

# choose_runtime FOLDER - set RUNTIME to docker, path, bin or wheel and, for all but Docker,
# ETCD_FOLDER. ETCD_BIN and ETCD_RUNTIME force a choice; otherwise take the first that is there
# and has the release. FOLDER is that of the instance on this machine, if there is one.
choose_runtime() {
  RUNTIME=${ETCD_RUNTIME:-} ETCD_FOLDER='' VERSION=''
  if [ -n "${ETCD_VERSION:-}" ]; then
    VERSION=$(release_named "$ETCD_VERSION") || exit
  fi
  if [ -n "${ETCD_BIN:-}" ]; then
    case $RUNTIME in
      '' | path) ;;
      *) die "$EXIT_USAGE" "ETCD_BIN and ETCD_RUNTIME=$RUNTIME contradict each other" ;;
    esac
    RUNTIME=path ETCD_FOLDER=$(cd "$ETCD_BIN" 2>/dev/null && pwd) ||
      die "$EXIT_USAGE" "ETCD_BIN: no such folder: '$ETCD_BIN'"
    usable_etcd "$ETCD_FOLDER" || die "$EXIT_USAGE" "ETCD_BIN: $UNUSABLE"
    need_release "ETCD_BIN=$ETCD_BIN"
    return
  fi
  case $RUNTIME in
    docker) docker_answers || die "$EXIT_FAILED" "ETCD_RUNTIME=docker, but $UNUSABLE" ;;
    path) ETCD_FOLDER=$(etcd_on_path) ||
      die "$EXIT_FAILED" "ETCD_RUNTIME=path, but there is no etcd on PATH"
      usable_etcd "$ETCD_FOLDER" || die "$EXIT_FAILED" "ETCD_RUNTIME=path: $UNUSABLE"
      need_release ETCD_RUNTIME=path ;;
    bin) use_release "${VERSION:-$NEWEST_ETCD}" ;;
    wheel) ETCD_FOLDER=$(wheel_folder) ||
      die "$EXIT_FAILED" "ETCD_RUNTIME=wheel, but no etcd in $(shown "$VENV"); run 'make venv'"
      need_release ETCD_RUNTIME=wheel ;;
    '') first_runtime "$1" ;;
    *) die "$EXIT_USAGE" "ETCD_RUNTIME: docker, path, bin or wheel, not '$RUNTIME'" ;;
  esac
}

# need_release SETTING - exit 2 if SETTING chose another release than ETCD_VERSION.
need_release() {
  has_release "$ETCD_FOLDER" ||
    die "$EXIT_USAGE" "ETCD_VERSION=$ETCD_VERSION contradicts $1, which is etcd" \
      "$(etcd_version "$ETCD_FOLDER/etcd")"
}

# has_release FOLDER - whether the etcd there is of VERSION, or any will do.
has_release() { [ -z "$VERSION" ] || [ "$(etcd_version "$1/etcd")" = "$VERSION" ]; }

# first_runtime FOLDER - take the first that is there and has the release.
first_runtime() {
  if docker_answers; then
    RUNTIME=docker
    return
  fi
  if [ -z "$VERSION" ] && has_data "$1" && [ -x "$(record "$1" etcd)" ]; then
    RUNTIME=$(record "$1" runtime) ETCD_FOLDER=$(dirname "$(record "$1" etcd)")
    ! usable_etcd "$ETCD_FOLDER" || return 0
  fi
  if ETCD_FOLDER=$(etcd_on_path) && has_release "$ETCD_FOLDER"; then
    RUNTIME=path
    usable_etcd "$ETCD_FOLDER" && return
    note "passing over the etcd on PATH: $UNUSABLE"
  fi
  RUNTIME=wheel
  if ETCD_FOLDER=$(wheel_folder); then
    has_release "$ETCD_FOLDER" && return
  elif [ -z "$VERSION" ]; then
    die "$EXIT_FAILED" "no Docker engine, no etcd on PATH, no wheel in $(shown "$VENV"):" \
      "run 'make venv'"
  fi
  use_release "$VERSION"
}

# use_release VERSION - take it from .etcd/bin, where get_etcd.sh puts it.
use_release() {
  RUNTIME=bin
  ETCD_FOLDER=$("$ROOT/scripts/get_etcd.sh" "$1") || exit
}

# choose_image FOLDER - set the image's release for Compose, and VERSION to it: ETCD_VERSION's,
# or that which last opened the data. ETCD_IMAGE names an image of any release.
choose_image() {
  if [ -n "${ETCD_IMAGE:-}" ]; then
    [ -z "$VERSION" ] || die "$EXIT_USAGE" "ETCD_IMAGE and ETCD_VERSION contradict each other"
    VERSION=$(sed -n 's/.*:v\([0-9]*\.[0-9]*\.[0-9]*\)$/\1/p' <<<"$ETCD_IMAGE")
    return
  fi
  [ -n "$VERSION" ] || ! has_data "$1" || VERSION=$(record "$1" version)
  VERSION=${VERSION:-$NEWEST_ETCD}
  export ETCD_VERSION=$VERSION
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
      "without Docker there is ETCD_RUNTIME=wheel, or bin for any release"
}

# need_readable FOLDER VERSION - exit 1 if the data there was last opened by a release whose data
# VERSION cannot open: a newer minor version, or one that is more than one older.
need_readable() {
  local from gap
  has_data "$1" || return 0
  from=$(record "$1" version)
  [ -n "$from" ] && [ -n "$2" ] || return 0
  gap=$(($(minor_of "$2") - $(minor_of "$from")))
  [ "$gap" -eq 0 ] || [ "$gap" -eq 1 ] ||
    die "$EXIT_FAILED" "$(shown "$1") has data of etcd $from, which $2 cannot open:" \
      "use ETCD_VERSION=$from or another port, or remove the data with 'make clean'"
}
