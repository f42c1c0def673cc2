# shellcheck shell=bash
# get_etcd_archive.sh - take a release from the project's archive, for get_etcd.sh.

# from_archive - take the programs from the archive; fail with REASON if there is none. Exit 1
# if its checksum is wrong: another source would hide that.
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
  # macOS has zip files, and its tar reads them.
  reason_of tar -xf "$WORK/archive/$archive" -C "$WORK/archive" || return
  take_programs "$WORK/archive/$name" "$folder/$archive"
}

# platform - print "linux-amd64", as in the archives' names.
platform() {
  local machine
  machine=$(uname -m)
  case $machine in
    x86_64) machine=amd64 ;;
    aarch64) machine=arm64 ;;
  esac
  printf '%s-%s' "$(uname -s | tr '[:upper:]' '[:lower:]')" "$machine"
}

# sha256_of FILE - print its checksum, with Linux's or macOS's tool.
sha256_of() {
  { sha256sum "$1" 2>/dev/null || shasum -a 256 "$1"; } | cut -d ' ' -f 1
}

# download URL FILE - download, following redirects but never from https to http. Fail with
# REASON: soon if there is no network, and when nothing comes for 20 s.
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
