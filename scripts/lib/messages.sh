# shellcheck shell=bash
# messages.sh - errors, notes, --help, exit statuses, whole numbers.

# The same statuses as in py/etcdlab/errors.py; README.md has the table.
# shellcheck disable=SC2034  # used by the scripts that source this file
EXIT_FAILED=1 EXIT_USAGE=2 EXIT_UNREACHABLE=3 EXIT_INTERRUPTED=130

# note TEXT... - print a remark or progress as one line on stderr. A closed stderr does not
# change the exit status.
note() {
  local text=$*
  printf '%s: %s\n' "$PROGRAM" "${text//$'\n'/\\n}" >&2 || true
}

# die STATUS TEXT... - print one line on stderr, and exit.
die() {
  local status=$1
  shift
  note "$@"
  exit "$status"
}

# show_help - print the calling script's opening comment.
show_help() { sed -n -e '1d' -e '/^#/!q' -e 's/^# \{0,1\}//p' "$0" || exit "$EXIT_FAILED"; }

# no_arguments "$@" - accept --help and nothing else.
no_arguments() {
  [ $# -eq 0 ] && return
  case $1 in
    -h | -help | --help) show_help; exit 0 ;;
    -*) die "$EXIT_USAGE" "unknown flag: $1 (see $PROGRAM --help)" ;;
    *) die "$EXIT_USAGE" "unexpected argument: $1 (see $PROGRAM --help)" ;;
  esac
}

# need_count NAME - exit 2 unless the variable NAME holds a whole number above zero. Drops
# leading zeros, which would make it octal.
need_count() {
  local value=${!1}
  case $value in
    '' | *[!0-9]*) die "$EXIT_USAGE" "$1: not a whole number: '$value'" ;;
  esac
  value=${value#"${value%%[!0]*}"}
  [ -n "$value" ] || die "$EXIT_USAGE" "$1: must be above zero"
  [ ${#value} -le 9 ] || die "$EXIT_USAGE" "$1: too large: $value"
  printf -v "$1" '%s' "$value"
}

# shown PATH - print a path relative to the working directory if it is inside.
shown() { printf '%s' "${1#"$PWD"/}"; }
