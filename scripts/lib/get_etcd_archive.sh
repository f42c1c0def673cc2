# shellcheck shell=bash
# get_etcd_archive.sh - the project's own archive of a release, for get_etcd.sh.

# from_archive - take the programs from it; fails, with REASON, where there is none. One
# whose checksum is wrong ends the run: another source would only hide that.
from_archive() {
  local folder=$DOWNLOAD_URL/v$VERSION name archive expected actual
  name=etcd-v$VERSION-$(platform)
  case $name in
    *-darwin-*) archive=$name.zip ;;
    *) archive=$name.tar.gz ;;
  esac
  download "$folder/SHA256SUMS" "$WORK/archive/SHA256SUMS" || return
  expected=$(awk -v name="$archive" '{sub(/^\*/, "", $2)} $2 == name {print $1; exit}' \
    "$WORK/archive/SHA256SUMS")
  [ -n "$expected" ] || lacks "$folder/SHA256SUMS has no line for $archive" || return
  download "$folder/$archive" "$WORK/archive/$archive" || return
  actual=$(sha256_of "$WORK/archive/$archive")
  [ "$actual" = "$expected" ] ||
    die "$EXIT_FAILED" "$folder/$archive: wrong checksum: ${actual:-none}, not $expected"
  # On macOS, for which there are zip files, tar reads them as well.
  reason_of tar -xf "$WORK/archive/$archive" -C "$WORK/archive" || return
  take_programs "$WORK/archive/$name" "$folder/$archive"
}

# platform - "linux-amd64", as archives are named.
platform() {
  local machine
  machine=$(uname -m)
  case $machine in
    x86_64) machine=amd64 ;;
    aarch64) machine=arm64 ;;
  esac
  printf '%s-%s' "$(uname -s | tr '[:upper:]' '[:lower:]')" "$machine"
}

# sha256_of FILE - its checksum, with the tool that Linux or the one that macOS has.
sha256_of() {
  { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d ' ' -f 1
}

# download URL FILE - follow redirects, but never from https to http; fails, with REASON,
# soon where there is no network, and when nothing comes for 20 s.
download() {
  local protocols='=http,https'
  case $1 in https:*) protocols='=https' ;; esac
  if command -v curl >/dev/null; then
    reason_of curl -fsSLg --proto "$protocols" --connect-timeout 5 --speed-limit 1000 \
      --speed-time 20 -o "$2" "$1" && return
  elif command -v wget >/dev/null; then
    reason_of wget -nv --tries=1 --dns-timeout=5 --connect-timeout=5 --read-timeout=20 \
      -O "$2" "$1" && return
  else
    REASON='no curl and no wget'
  fi
  lacks "$1: $REASON"
}
