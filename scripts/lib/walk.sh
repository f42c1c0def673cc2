# shellcheck shell=bash
# walk.sh - run a walkthrough: print its title, steps, commands and their output.
#
# A walkthrough defines walk() and ends with `walk_with "$@"`. Its keys begin with $P, a
# prefix that must be empty; its keys and leases are removed when it ends, however it ends.
# py/etcdlab/walkthrough/transcript_client.py does the same in Python.

WALK_DEADLINE=60 # seconds to wait for a lease to expire, or for an event
# The lease ID (hexadecimal) and the revision of a dry run.
NO_LEASE=7fffffffffffffff NO_REVISION=9223372036854775806

# walk_with FLAGS... - parse the flags, and run walk().
walk_with() {
  local topic=${PROGRAM#walk_}
  P=walk/${topic%.sh}/ STEP='' DRY_RUN='' CURL=''
  take_credentials "$@"
  parse_walk_flags ${ARGUMENTS[@]+"${ARGUMENTS[@]}"}
  check_endpoints
  find_etcdctl
  GRANTED=() STEPS=0 WATCHER=''
  [ -n "$DRY_RUN" ] || check_credentials # which may read stdin
  # File 9 is for pressed keys: `compose exec` would read them from stdin.
  [ -e /dev/fd/0 ] || { STEP=''; exec </dev/null; } # stdin is closed: there are no keys
  exec 9<&0 </dev/null
  if [ -z "$DRY_RUN" ]; then
    need_etcd
    need_empty_prefix
    WORK=$(mktemp -d)
    trap clean_up EXIT
    trap 'note interrupted; exit "$EXIT_INTERRUPTED"' INT
    trap 'exit 143' TERM
  fi
  walk
}

parse_walk_flags() {
  while [ $# -gt 0 ]; do
    case $1 in
      -h | -help | --help) show_help; exit 0 ;;
      -step | --step) STEP=yes ;;
      -dry-run | --dry-run) DRY_RUN=yes ;;
      -curl | --curl) CURL=yes ;;
      -prefix=* | --prefix=*) P=${1#*=} ;;
      -prefix | --prefix)
        [ $# -gt 1 ] || die "$EXIT_USAGE" '--prefix: needs a value'
        P=$2
        shift ;;
      -*) die "$EXIT_USAGE" "unknown flag: $1 (see $PROGRAM --help)" ;;
      *) die "$EXIT_USAGE" "unexpected argument: $1 (see $PROGRAM --help)" ;;
    esac
    shift
  done
  case $P in
    '') die "$EXIT_USAGE" '--prefix: must not be empty' ;;
    *[!A-Za-z0-9_@%+=:,./-]*)
      die "$EXIT_USAGE" "--prefix: letters, digits and _@%+=:,./- only, not '$P'" ;;
  esac
}

need_empty_prefix() {
  local found
  found=$(etcdctl get "$P" --prefix --keys-only --limit=1) ||
    die "$EXIT_FAILED" "$ETCD_ENDPOINT: cannot read '$P'"
  [ -z "$found" ] || die "$EXIT_FAILED" "there are keys under '$P' already:" \
    'choose another place with --prefix'
}

# clean_up - delete the walkthrough's keys, and revoke its leases.
clean_up() {
  local lease
  trap '' INT TERM
  stop_watcher
  etcdctl del "$P" --prefix >/dev/null 2>&1 || note "could not remove the keys under '$P'"
  for lease in ${GRANTED[@]+"${GRANTED[@]}"}; do
    etcdctl lease revoke "$lease" >/dev/null 2>&1 || true # it may have expired
  done
  rm -rf "$WORK"
}

# title TEXT - print the walkthrough's title.
title() { [ -n "$DRY_RUN" ] || printf '%s\n%s\n' "$1" "${1//?/=}"; }

# step TEXT... - print the explanation of the next commands, one line per argument; with
# --step, wait for a key first.
step() {
  [ -z "$DRY_RUN" ] || return 0
  [ -z "$STEP" ] || [ "$STEPS" -eq 0 ] || wait_for_key
  STEPS=$((STEPS + 1))
  printf '\n'
  printf '# %s\n' "$@"
}

wait_for_key() {
  printf '%s' '-- press a key --' >&2
  read -r -s -n 1 -u 9 || STEP='' # the end of stdin
  printf '\r                 \r' >&2
}

# quoted WORDS... - print the words, quoted for a shell.
quoted() {
  local word line=''
  for word in "$@"; do
    case $word in
      '' | *[!A-Za-z0-9_@%+=:,./-]*) word="'${word//\'/\'\"\'\"\'}'" ;;
    esac
    line="${line:+$line }$word"
  done
  printf '%s' "$line"
}

# show_command TEXT [ARGUMENTS...] - print a command line and, with --curl, the curl command
# for `etcdctl ARGUMENTS`.
show_command() {
  local text="\$ $1"
  shift
  [ $# -eq 0 ] || [ -z "$CURL" ] || text+=$'\n  '$(curl_of "$@")
  text=${text//$NO_LEASE/LEASE_ID}
  text=${text//$((16#$NO_LEASE))/LEASE_ID}
  printf '%s\n' "${text//$NO_REVISION/REVISION}"
}

# curl_of ARGUMENTS... - print the curl command for `etcdctl ARGUMENTS`. Its stdin is the file
# that STDIN names, or else the transaction in TXN.
curl_of() {
  "$ROOT/py/etcdctl.py" --as-curl --endpoints="$ETCD_ENDPOINT" "$@" \
    < <(if [ -n "${STDIN:-}" ]; then cat "$STDIN"; else printf '%s' "${TXN:-}"; fi)
}

show_etcdctl() { show_command "etcdctl $(quoted "$@")" "$@"; }

# run ARGUMENTS... - print an etcdctl command and its output; set OUTPUT to the output.
run() {
  show_etcdctl "$@"
  [ -z "$DRY_RUN" ] || return 0
  OUTPUT=$(etcdctl "$@" && printf .) || die "$EXIT_FAILED" "$ETCD_ENDPOINT: failed: etcdctl $*"
  OUTPUT=${OUTPUT%.}
  printf '%s' "$OUTPUT"
}

# run_refused ARGUMENTS... - the same for a command that etcd must refuse.
run_refused() {
  show_etcdctl "$@"
  [ -z "$DRY_RUN" ] || return 0
  ! OUTPUT=$(etcdctl "$@" 2>&1 >/dev/null) || die "$EXIT_FAILED" "not refused: etcdctl $*"
  printf '%s\n' "$OUTPUT" | grep '^Error: '
}

# run_redirected TEXT FUNCTION ARGUMENTS... - print an etcdctl command followed by TEXT, its
# redirection; FUNCTION carries it out.
run_redirected() {
  show_command "etcdctl $(quoted "${@:3}") $1" "${@:3}"
  [ -n "$DRY_RUN" ] || "$2" "${@:3}" || die "$EXIT_FAILED" "$ETCD_ENDPOINT: failed: etcdctl ${*:3}"
}

# run_command TEXT COMMAND... - print TEXT, a command of this machine, and run COMMAND.
run_command() {
  show_command "$1"
  [ -n "$DRY_RUN" ] || "${@:2}"
}

# grant TTL - grant a lease; set LEASE to its ID.
grant() {
  run lease grant "$1"
  LEASE=$NO_LEASE
  [ -n "$DRY_RUN" ] || LEASE=$(printf '%s' "$OUTPUT" | awk '/^lease / {print $2}')
  GRANTED+=("$LEASE")
}

# run_txn COMPARES... -- SUCCESS... -- FAILURE... - run a transaction, one line per argument.
run_txn() {
  local line text=''
  for line in "$@"; do
    [ "$line" != -- ] || line=''
    text+=$line$'\n'
  done
  text+=$'\n'
  TXN=$text show_command "etcdctl txn <<'EOF'"$'\n'"${text}EOF" txn
  [ -n "$DRY_RUN" ] || etcdctl txn <<<"${text%$'\n'}" || die "$EXIT_FAILED" "$ETCD_ENDPOINT: the transaction failed"
}

# run_watch EVENTS ARGUMENTS... - watch until EVENTS events are printed.
run_watch() {
  local events=$1
  shift
  run_stream "$((3 * events))" watch "$@"
}

# run_stream LINES ARGUMENTS... - run a command that does not end by itself; stop it after
# LINES lines.
run_stream() {
  local lines=$1 deadline=$((SECONDS + WALK_DEADLINE))
  shift
  show_etcdctl "$@"
  [ -z "$DRY_RUN" ] || return 0
  : >"$WORK/stream"
  set -m # its own process group, to stop all of it
  etcdctl "$@" >>"$WORK/stream" &
  WATCHER=$!
  set +m
  until [ "$(wc -l <"$WORK/stream")" -ge "$lines" ]; do
    if [ "$SECONDS" -ge "$deadline" ] || ! kill -0 "$WATCHER" 2>/dev/null; then
      die "$EXIT_FAILED" "$ETCD_ENDPOINT: not seen in time: etcdctl $*"
    fi
    sleep 0.05
  done
  stop_watcher
  cat "$WORK/stream"
}

stop_watcher() {
  [ -z "$WATCHER" ] || { kill -- "-$WATCHER" && wait "$WATCHER"; } 2>/dev/null || true
  WATCHER=''
}

# wait_until_gone KEY - poll until the key is gone: a lease may outlive its TTL by a second.
wait_until_gone() {
  local deadline=$((SECONDS + WALK_DEADLINE)) found
  [ -z "$DRY_RUN" ] || return 0
  while found=$(etcdctl get "$1" --keys-only) || die "$EXIT_FAILED" "$ETCD_ENDPOINT: cannot read '$1'"
    [ -n "$found" ]; do
    [ "$SECONDS" -lt "$deadline" ] || die "$EXIT_FAILED" "$1 is still there after $WALK_DEADLINE s"
    sleep 0.2
  done
}

# revision_of KEY - print the key's mod revision.
revision_of() {
  [ -n "$DRY_RUN" ] && printf '%s' "$NO_REVISION" && return
  etcdctl get "$1" --write-out=fields | sed -n 's/^"ModRevision" : //p'
}
