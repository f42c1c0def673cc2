#!/usr/bin/env bats
# get_etcd.sh: archives from a server of this file's own, which holds the etcd and the
# etcdctl that all tests run; the slow ones ask Debian's archive and the Go module proxy.
#
# shellcheck disable=SC2030,SC2031  # each test is a subshell, with settings of its own

bats_require_minimum_version 1.10.0

setup_file() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  export RELEASES=$BATS_FILE_TMPDIR/releases RELEASE
  RELEASE=$("$(etcd_folder)/etcd" --version | sed -n 's/^etcd Version: *//p')
  pack "$RELEASE" etcd etcdctl
  pack 9.0.1 etcd
  add_release 9.0.2 "$(printf %064d 0)  $(archive 9.0.2)" # a checksum that is not its
  add_release 9.0.3 "$(printf %064d 0)  etcd-v9.0.3-plan9-mips.tar.gz"
  add_release 9.0.4 "$(printf %064d 0)  $(archive 9.0.4)" && rm "$RELEASES/v9.0.4/$(archive 9.0.4)"
  "$VENV/bin/python" "$BATS_TEST_DIRNAME/release_server.py" "$RELEASES" "$RELEASES/port" 3>&- &
  echo "$!" >"$RELEASES/pid"
  eventually test -s "$RELEASES/port"
}

teardown_file() { kill "$(cat "$RELEASES/pid")"; }

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  export ETCD_SOURCES=archive
  BIN=$ETCD_STATE/bin
  mirror good
}

teardown() { rm -rf "${OPEN:-}"; }

# mirror MANNER - where archives come from: release_server.py has the manners.
mirror() { export ETCD_DOWNLOAD_URL; ETCD_DOWNLOAD_URL=http://127.0.0.1:$(cat "$RELEASES/port")/$1; }

# archive VERSION - the name of the one for this machine.
archive() {
  local machine
  machine=$(uname -m)
  machine=${machine/x86_64/amd64}
  printf 'etcd-v%s-linux-%s.tar.gz' "$1" "${machine/aarch64/arm64}"
}

# pack VERSION PROGRAMS... - make the archive of what says it is that release.
pack() {
  local name programs
  name=$(archive "$1")
  mkdir -p "$RELEASES/v$1"
  ln -s "$(etcd_folder)" "$RELEASES/${name%.tar.gz}"
  programs=("${@:2}")
  tar -C "$RELEASES" -cf - "${programs[@]/#/${name%.tar.gz}/}" | gzip -1 >"$RELEASES/v$1/$name"
  (cd "$RELEASES/v$1" && sha256sum "$name" >SHA256SUMS)
}

# add_release VERSION LINE - one whose archive is none, with that line of SHA256SUMS.
add_release() {
  mkdir "$RELEASES/v$1"
  echo 'no archive' >"$RELEASES/v$1/$(archive "$1")"
  echo "$2" >"$RELEASES/v$1/SHA256SUMS"
}

# path_without PROGRAMS... - a PATH on which all is but these.
path_without() {
  local folder=$BATS_TEST_TMPDIR/path
  mkdir "$folder"
  ln -s /usr/bin/* "$folder"
  (cd "$folder" && rm -f "$@")
  printf '%s' "$ROOT/scripts:$folder"
}

# fails_with TEXT - after `run`: status 1, one line with TEXT, nothing left.
fails_with() {
  [ "$status" -eq 1 ]
  one_line_error "$1"
  [ ! -e "$ETCD_STATE" ]
}

@test "the archive: its programs are there, once, and make up runs them" {
  run -0 --separate-stderr make -s -C "$ROOT" etcd ETCD_VERSION="v$RELEASE"
  [ "$output" = "$BIN/$RELEASE" ]
  [ "$stderr" = "get_etcd.sh: etcd $RELEASE from $ETCD_DOWNLOAD_URL/v$RELEASE/$(archive "$RELEASE")" ]
  cmp "$BIN/$RELEASE/etcd" "$(etcd_folder)/etcd"
  cmp "$BIN/$RELEASE/etcdctl" "$(etcd_folder)/etcdctl"
  [ "$(find "$BIN" -mindepth 1 | wc -l)" -eq 3 ]
  mirror gone
  run -0 --separate-stderr get_etcd.sh "$RELEASE"
  [ "$output$stderr" = "$BIN/$RELEASE" ]
  ETCD_ENDPOINT=http://127.0.0.1:$(free_port) ETCD_BIN=$output ETCD_RUNTIME=path run -0 etcd_up.sh
  [[ $output == *"etcd $RELEASE from PATH on "* ]]
  run -0 --separate-stderr etcd_clean.sh
  [[ $output == *"removed "*"/etcd/bin/$RELEASE" ]]
  [ ! -e "$ETCD_STATE" ]
}

@test "ETCD_VERSION: make up takes the release from .etcd/bin, and again for its data" {
  export ETCD_ENDPOINT
  ETCD_ENDPOINT=http://127.0.0.1:$(free_port)
  ETCD_BIN='' ETCD_RUNTIME=bin run -0 --separate-stderr make -s -C "$ROOT" up ETCD_VERSION="v$RELEASE"
  [[ ${lines[0]} == "etcd $RELEASE from .etcd/bin on $ETCD_ENDPOINT: up" ]]
  etcd_down.sh
  ETCD_BIN='' ETCD_RUNTIME='' COMPOSE_CMD=false run -0 --separate-stderr etcd_up.sh
  [[ ${lines[0]} == "etcd $RELEASE from .etcd/bin on $ETCD_ENDPOINT: up" ]]
  etcd_down.sh
  rm -rf "$BIN"
  mirror gone
  ETCD_BIN='' ETCD_RUNTIME=bin ETCD_VERSION=latest run --separate-stderr etcd_up.sh
  [ "$status" -eq 1 ]
  one_line_error "cannot get etcd $(sed -n 's/^NEWEST_ETCD=//p' "$ROOT/scripts/lib/runtime.sh"): archive: "
  etcd_clean.sh
}

@test "make clean leaves alone what is not of a release" {
  mkdir -p "$BIN/3.5.30" "$BIN/tools"
  touch "$BIN/3.5.30/etcd" "$BIN/3.5.30/notes" "$BIN/etcd" "$BIN/tools/etcd"
  run -0 --separate-stderr etcd_clean.sh
  [[ $stderr == *"left alone, not the lab's: "* ]]
  [ "$(cd "$BIN" && echo ./* ./*/*)" = './3.5.30 ./etcd ./tools ./3.5.30/notes ./tools/etcd' ]
}

@test "a redirect is followed; wget serves where there is no curl" {
  mirror redirect
  PATH=$(path_without curl) run -0 --separate-stderr get_etcd.sh "$RELEASE" "$BATS_TEST_TMPDIR/by wget"
  [ -x "$BATS_TEST_TMPDIR/by wget/etcdctl" ]
  run -0 get_etcd.sh "$RELEASE"
  [ -x "$BIN/$RELEASE/etcdctl" ]
}

@test "what is no archive, half of one, or another etcd: one line, nothing left" {
  run --separate-stderr get_etcd.sh 9.0.1
  fails_with "what came as etcd 9.0.1 says that it is $RELEASE"
  run --separate-stderr get_etcd.sh 9.0.3
  fails_with "SHA256SUMS has no line for $(archive 9.0.3)"
  run --separate-stderr get_etcd.sh 9.0.4
  fails_with "$(archive 9.0.4): curl: (22)"
  run --separate-stderr get_etcd.sh 9.0.5
  fails_with '/v9.0.5/SHA256SUMS: curl: (22)'
  run --separate-stderr setarch linux32 get_etcd.sh "$RELEASE"
  fails_with "SHA256SUMS has no line for etcd-v$RELEASE-linux-"
  mirror half
  run --separate-stderr get_etcd.sh "$RELEASE"
  fails_with 'curl: (18)'
}

@test "a wrong checksum ends the run: no other source is asked" {
  ETCD_SOURCES='archive go' run --separate-stderr get_etcd.sh 9.0.2
  fails_with "$(archive 9.0.2): wrong checksum: "
  [[ $stderr != *go:* ]]
}

@test "a mirror that is down, or that nothing can ask: the next source is asked" {
  export ETCD_SOURCES='archive debian'
  PATH=$(path_without curl wget apt-get)
  run --separate-stderr get_etcd.sh "$RELEASE"
  fails_with 'no curl and no wget; debian: no apt-get here'
  ln -s /usr/bin/curl "$BATS_TEST_TMPDIR/path/"
  ETCD_DOWNLOAD_URL=http://127.0.0.1:$(free_port) run --separate-stderr get_etcd.sh "$RELEASE"
  fails_with '; debian: no apt-get here'
  [[ $stderr == *'archive: http://127.0.0.1:'*' curl: (7) '* ]]
}

@test "a disk that is full: one line, nothing left" {
  # shellcheck disable=SC2016  # for the inner shell
  run --separate-stderr bash -c 'ulimit -f 20000; get_etcd.sh "$0"' "$RELEASE"
  fails_with "cannot get etcd $RELEASE: archive: "
}

@test "Ctrl-C: status 130, nothing left" {
  mirror stuck
  run -130 --separate-stderr "$VENV/bin/python" "$BATS_TEST_DIRNAME/interrupt.py" \
    --file="$BIN/.get_etcd.*/archive/*.tar.gz" "$ROOT/scripts/get_etcd.sh" "$RELEASE"
  [ -z "$output$stderr" ]
  [ ! -e "$ETCD_STATE" ]
}

@test "two at once: both print the folder, which is whole" {
  mkdir -p "$BIN/$RELEASE"
  get_etcd.sh "$RELEASE" >"$BATS_TEST_TMPDIR/first" 3>&- &
  run -0 --separate-stderr get_etcd.sh "$RELEASE"
  wait "$!"
  [ "$output" = "$BIN/$RELEASE" ]
  [ "$(cat "$BATS_TEST_TMPDIR/first")" = "$BIN/$RELEASE" ]
  [ "$(cd "$BIN" && find . -mindepth 1 | sort | tr '\n' ' ')" = \
    "./$RELEASE ./$RELEASE/etcd ./$RELEASE/etcdctl " ]
}

# bats test_tags=slow
@test "debian: the suite that has the release is found, without root; apt's lists stay" {
  before=$(find /var/lib/apt /var/cache/apt -printf '%p %T@ %s\n' | sort)
  OPEN=$(mktemp -d) user=()
  cp -R "$ROOT/scripts" "$OPEN/"
  chmod 777 "$OPEN"
  [ "$(id -u)" -ne 0 ] || user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  ETCD_STATE=$OPEN/etcd ETCD_SOURCES='archive debian' \
    ETCD_DOWNLOAD_URL=http://127.0.0.1:$(free_port) \
    run -0 --separate-stderr "${user[@]}" "$OPEN/scripts/get_etcd.sh" 3.4.23
  [ "$output" = "$OPEN/etcd/bin/3.4.23" ]
  [[ $stderr == *'get_etcd.sh: etcd 3.4.23 from the packages of bookworm, 3.4.23-'* ]]
  [[ $("$OPEN/etcd/bin/3.4.23/etcdctl" version) == 'etcdctl version: 3.4.23'* ]]
  [ "$(find /var/lib/apt /var/cache/apt -printf '%p %T@ %s\n' | sort)" = "$before" ]
}

# bats test_tags=slow
@test "go: make up ETCD_VERSION=latest builds it; one that the proxy has not is named beside others" {
  newest=$(sed -n 's/^NEWEST_ETCD=//p' "$ROOT/scripts/lib/runtime.sh")
  export ETCD_ENDPOINT
  ETCD_ENDPOINT=http://127.0.0.1:$(free_port)
  ETCD_SOURCES=go ETCD_BIN='' ETCD_RUNTIME='' COMPOSE_CMD=false \
    run -0 --separate-stderr make -s -C "$ROOT" up ETCD_VERSION=latest
  [ "${stderr_lines[1]}" = "get_etcd.sh: etcd $newest from the Go module proxy" ]
  [ "${lines[0]}" = "etcd $newest from .etcd/bin on $ETCD_ENDPOINT: up" ]
  for program in etcd etcdctl etcdutl; do [ -x "$BIN/$newest/$program" ]; done
  etcd_clean.sh
  export ETCD_STATE=$BATS_TEST_TMPDIR/none
  ETCD_SOURCES='debian go' run --separate-stderr get_etcd.sh 9.9.9
  fails_with 'cannot get etcd 9.9.9: debian: no suite has it; there are '
  [[ $stderr =~ \;\ go:\ the\ module\ proxy\ has\ other\ releases:\ 3\.5\.[0-9]+,\ 3\.6\.[0-9]+,\ 3\.7\.[0-9]+$ ]]
}
