#!/usr/bin/env bash
# get_etcd.sh - put etcd and etcdctl of any release into a folder, without Docker.
#
# usage: get_etcd.sh VERSION [DIR]        (or: make etcd ETCD_VERSION=3.5.30)
#
# VERSION is a release such as 3.5.30, or latest: the newest that the lab is tested with.
# Prints the folder, for ETCD_BIN: .etcd/bin/VERSION, or DIR. The folder appears complete or not
# at all, with etcdutl if the source has it; a second call finds it. Takes the release from the
# first source that has it, and prints which:
#
#   archive   the project's own archive, checked against its SHA256SUMS
#   debian    the package of Debian or Ubuntu, from any suite of the archive that apt
#             is set up with
#   go        a build from the Go module proxy, which takes a minute
#
# Installs nothing, does not change apt's lists and settings, and needs no root.
#
# variables:
#   ETCD_SOURCES       the sources, in order   (archive debian go)
#   ETCD_DOWNLOAD_URL  a mirror of the archives: it has v3.5.30/SHA256SUMS and so on
#                      (https://github.com/etcd-io/etcd/releases/download)
#   ETCD_STATE         the folder that bin/VERSION is made in   (.etcd)
#
# examples:
#   scripts/get_etcd.sh 3.5.30
#   ETCD_BIN=$(scripts/get_etcd.sh 3.7.3) scripts/etcd_up.sh
#   ETCD_SOURCES=debian scripts/get_etcd.sh v3.4.23 /tmp/etcd-3.4
#
# exits: 0 the folder is there, 1 no source has the release or one served something else,
# 2 wrong usage, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=scripts/lib/get_etcd_archive.sh
. "$ROOT/scripts/lib/get_etcd_archive.sh"
# shellcheck source=scripts/lib/get_etcd_debian.sh
. "$ROOT/scripts/lib/get_etcd_debian.sh"
# shellcheck source=scripts/lib/get_etcd_go.sh
. "$ROOT/scripts/lib/get_etcd_go.sh"

main() {
  case ${1:-} in -*) no_arguments "$@" ;; esac
  [ $# -eq 1 ] || { [ $# -eq 2 ] && [ -n "$2" ]; } ||
    die "$EXIT_USAGE" "usage: $PROGRAM VERSION [DIR]"
  VERSION=$(release_named "$1") || exit
  choose_sources
  choose_folder "${2:-$STATE/bin/$VERSION}"
  if ! holds_release "$DIR"; then
    WORK='' CREATED=()
    trap remove_work EXIT
    trap 'exit "$EXIT_INTERRUPTED"' INT TERM HUP
    make_work_folder
    get_release
    check_release
    put_in_place
    note "etcd $VERSION from $ORIGIN"
  fi
  printf '%s\n' "$DIR"
}

# choose_sources - set SOURCES and DOWNLOAD_URL, and check them.
choose_sources() {
  local source
  read -r -a SOURCES <<<"${ETCD_SOURCES:-archive debian go}"
  for source in "${SOURCES[@]-}"; do
    case $source in
      archive | debian | go) ;;
      *) die "$EXIT_USAGE" "ETCD_SOURCES: of archive, debian and go, not '$source'" ;;
    esac
  done
  DOWNLOAD_URL=${ETCD_DOWNLOAD_URL:-https://github.com/etcd-io/etcd/releases/download}
  [[ $DOWNLOAD_URL =~ ^https?://[^[:space:][:cntrl:]]+$ ]] ||
    die "$EXIT_USAGE" "ETCD_DOWNLOAD_URL: not an http or https URL: '$DOWNLOAD_URL'"
}

# choose_folder PATH - set DIR to the absolute path; exit 1 if it exists and is neither empty
# nor has the release.
choose_folder() {
  DIR=$1
  case $DIR in
    /*) ;;
    *) DIR=$PWD/$DIR ;;
  esac
  DIR=${DIR%"${DIR##*[!/]}"}
  [ -n "$DIR" ] && [ ! -e "$DIR" ] && [ ! -L "$DIR" ] && return
  DIR=$(cd "${DIR:-/}" 2>/dev/null && pwd -P) ||
    die "$EXIT_FAILED" "$1: is there, and is not a folder to enter"
  holds_release "$DIR" || [ -z "$(ls -A "$DIR")" ] ||
    die "$EXIT_FAILED" "$(shown "$DIR"): holds other things than etcd $VERSION"
}

# holds_release FOLDER - whether it has etcdctl and an etcd of VERSION.
holds_release() { [ -x "$1/etcdctl" ] && [ "$(etcd_version "$1/etcd")" = "$VERSION" ]; }

# make_work_folder - set WORK to a new folder beside DIR, on the same file system, PROGRAMS to
# the folder in it that becomes DIR, and CREATED to the parents that were made.
make_work_folder() {
  local parent=${DIR%/*} folder
  folder=$parent
  while [ -n "$folder" ] && [ ! -e "$folder" ]; do
    CREATED+=("$folder")
    folder=${folder%/*}
  done
  WORK=$({ mkdir -p "$parent/" && mktemp -d "$parent/.get_etcd.XXXXXX"; } 2>&1) || {
    folder=${WORK##*: } WORK=
    die "$EXIT_FAILED" "cannot write to $(shown "$parent"): $folder"
  }
  # A unique name, so that put_in_place finds it if mv puts it into an existing DIR.
  PROGRAMS=$WORK/${WORK##*/}
  mkdir "$PROGRAMS"
}

# remove_work - remove the work folder and empty parents.
remove_work() {
  [ -z "$WORK" ] || rm -rf "$WORK"
  [ ${#CREATED[@]} -eq 0 ] || rmdir "${CREATED[@]}" 2>/dev/null || true
}

# get_release - take the programs from the first source that has the release. Each source works
# in its own folder, WORK/SOURCE, and calls lacks if it does not have it.
get_release() {
  local source reasons=''
  for source in "${SOURCES[@]}"; do
    mkdir "$WORK/$source"
    ! "from_$source" || return 0
    rm -rf "${WORK:?}/$source"
    reasons="$reasons; $source: $REASON"
  done
  die "$EXIT_FAILED" "cannot get etcd $VERSION: ${reasons#; }"
}

# lacks REASON - set REASON, and fail.
lacks() {
  REASON=$1
  return 1
}

# reason_of COMMAND... - run it without output; if it fails, set REASON to its first line other
# than Go's progress and wget's introduction to an error.
reason_of() {
  local said
  said=$("$@" 2>&1 | awk '!/^go: (added|creating|downloading|upgraded) |:$/ && !said++') ||
    lacks "${said:-ended with status $?}"
}

# take_programs FOLDER ORIGIN - move the programs from FOLDER to PROGRAMS; set ORIGIN, the
# source's name for messages.
take_programs() {
  local program
  ORIGIN=$2
  for program in etcd etcdctl etcdutl; do
    [ ! -f "$1/$program" ] || mv "$1/$program" "$PROGRAMS/"
  done
}

# check_release - exit 1 unless the programs run here and are of VERSION.
check_release() {
  local version
  holds_release "$PROGRAMS" && return
  version=$(etcd_version "$PROGRAMS/etcd") || version=
  case $version in
    '') die "$EXIT_FAILED" "what came as etcd $VERSION does not run here" ;;
    "$VERSION") die "$EXIT_FAILED" "what came as etcd $VERSION has no etcdctl" ;;
    *) die "$EXIT_FAILED" "what came as etcd $VERSION says that it is $version" ;;
  esac
}

# put_in_place - rename PROGRAMS to DIR. If another process has made DIR meanwhile, mv fails or
# moves into it: keep the other's.
put_in_place() {
  local reason
  rmdir "$DIR" 2>/dev/null || true
  reason=$(mv "$PROGRAMS" "$DIR" 2>&1) || true
  rm -rf "${DIR:?}/${PROGRAMS##*/}"
  holds_release "$DIR" || die "$EXIT_FAILED" "cannot write to $(shown "$DIR"): ${reason##*: }"
}

main "$@"
