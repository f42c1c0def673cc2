# shellcheck shell=bash
# get_etcd_debian.sh - take a release from Debian's or Ubuntu's packages, for get_etcd.sh.
#
# apt writes to $WORK/debian only, and its hooks are off.

# Names of suites that do not change with releases; each archive has some.
SUITES='oldoldstable oldstable stable testing unstable experimental devel'

# from_debian - take the programs from the first suite that has the release; fail with REASON
# if none has.
from_debian() {
  local suite component codename packaged others=''
  hash apt-get dpkg-deb 2>/dev/null || lacks 'no apt-get here' || return
  reason_of prepare_apt || return
  list_suites || return
  while read -r suite component codename; do
    reason_of update_lists Packages "$component" "$suite" || return
    for packaged in $(package_versions); do
      if is_of_release "$packaged"; then
        unpack "$packaged" || return
        take_programs "$WORK/debian/unpacked/usr/bin" "the packages of $codename, $packaged"
        return
      fi
      others="$others, $codename $packaged"
    done
  done <<<"$SUITES_HERE"
  lacks "no suite has it${others:+; there are ${others#, }}"
}

prepare_apt() {
  mkdir -p "$WORK/debian/lists/partial" "$WORK/debian/cache" "$WORK/debian/packages" &&
    printf '#clear APT::Update;\n' >"$WORK/debian/no-hooks"
}

# is_of_release PACKAGE_VERSION - whether it is of VERSION, such as "3.5.30-2".
is_of_release() {
  case ${1#*:} in
    "$VERSION" | "$VERSION"[-+]*) ;;
    *) return 1 ;;
  esac
}

# list_suites - set ARCHIVE to the archive of this system's packages, and SUITES_HERE to a line
# "SUITE COMPONENT CODENAME" for each of its suites, those of apt's sources first. Fail with
# REASON if there is none.
list_suites() {
  local here url suite suites=()
  here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  ARCHIVE=
  while read -r url suite _; do
    case " $here $SUITES sid " in *" $suite "*) ARCHIVE=${ARCHIVE:-$url} ;; esac
    [ "$url" != "$ARCHIVE" ] || suites+=("$suite")
  done < <(suite_files)
  [ -n "$ARCHIVE" ] || lacks 'apt is set up with no archive of a Debian or Ubuntu' || return
  # Ask an archive that does not answer once, not once per suite.
  reason_of update_lists none main "${suites[0]}" || return
  # shellcheck disable=SC2086  # a list of plain words
  update_lists none main "${suites[@]}" $SUITES >/dev/null 2>&1 || true
  SUITES_HERE=$(suite_files | suites_once)
}

# suites_once - print SUITES_HERE from the output of suite_files, without a suite's other names.
suites_once() {
  local suite name file codename component seen=' '
  while read -r _ suite name; do
    file=$WORK/debian/lists/$name
    codename=$(sed -n 's/^Codename: *//p' "$file" 2>/dev/null) || continue
    case $seen in *" $codename "*) continue ;; esac
    seen="$seen$codename "
    component=main
    ! grep -q '^Components:.* universe' "$file" || component=universe
    printf '%s %s %s\n' "$suite" "$component" "$codename"
  done
}

# suite_files - print "ARCHIVE SUITE NAME" for each suite of apt's sources; NAME is the file of
# its signed index.
suite_files() {
  own_apt apt-get update --print-uris 2>/dev/null |
    sed -nE "s|^'(.*)/dists/(.*)/InRelease' ([^ ]+) .*|\1 \2 \3|p"
}

# update_lists TARGET COMPONENT SUITES... - set our sources to these suites of ARCHIVE; fetch
# their signed indexes and, unless TARGET is none, the lists of that name.
update_lists() {
  local keyring keyrings='' architecture suite
  for keyring in /usr/share/keyrings/{debian,ubuntu}-archive-keyring.{gpg,pgp}; do
    [ ! -r "$keyring" ] || keyrings=${keyrings:+$keyrings,}$keyring
  done
  architecture=$(dpkg --print-architecture 2>/dev/null)
  for suite in "${@:3}"; do
    printf 'deb [arch=%s target=%s%s] %s %s %s\n' "$architecture" "$1" \
      "${keyrings:+ signed-by=$keyrings}" "$ARCHIVE" "$suite" "$2"
  done >"$WORK/debian/sources.list" && own_apt apt-get -qq update
}

# own_apt COMMAND ARGUMENTS... - run a command of apt's with our lists and cache, and with our
# sources if there are any.
own_apt() {
  local options=(-c "$WORK/debian/no-hooks" -o "Dir::State=$WORK/debian"
    -o "Dir::State::lists=$WORK/debian/lists" -o Dir::State::status=/dev/null
    -o "Dir::Cache=$WORK/debian/cache" -o APT::Sandbox::User=root
    -o APT::Update::Error-Mode=any -o Acquire::Languages=none -o Acquire::Retries=0
    -o Acquire::http::Timeout=5 -o Acquire::https::Timeout=5)
  [ ! -e "$WORK/debian/sources.list" ] || options+=(-o Dir::Etc::sourceparts=/dev/null
    -o "Dir::Etc::sourcelist=$WORK/debian/sources.list")
  LC_ALL=C "$1" "${options[@]}" "${@:2}" </dev/null
}

# package_versions - print the suite's versions of etcd-server.
package_versions() { own_apt apt-cache madison etcd-server | awk '{print $3}' | uniq; }

# unpack PACKAGE_VERSION - download and unpack the packages.
unpack() {
  local package
  reason_of fetch_packages "$1" || return
  for package in "$WORK"/debian/packages/*.deb; do
    reason_of dpkg-deb -x "$package" "$WORK/debian/unpacked" || return
  done
}

fetch_packages() {
  (cd "$WORK/debian/packages" && own_apt apt-get -qq download "etcd-server=$1" "etcd-client=$1")
}
