#!/usr/bin/env bash
# make_venv.sh - make the Python environment and install requirements.txt in it.
#
# usage: make_venv.sh PYTHON FOLDER        (or: make venv)
#
# examples:
#   scripts/make_venv.sh python3.12 .venv

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in -*) no_arguments "$@" ;; esac
[ $# -eq 2 ] && [ -n "$1" ] && [ -n "$2" ] || die "$EXIT_USAGE" "usage: $PROGRAM PYTHON FOLDER"
python=$1 folder=$2

command -v "$python" >/dev/null ||
  die "$EXIT_FAILED" "no $python: Python 3.10 or newer is needed; name one with PYTHON="
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
  die "$EXIT_FAILED" "$("$python" --version) is too old: Python 3.10 or newer is needed;" \
    'name one with PYTHON='

note "installing requirements.txt into $(shown "$folder"), once"
"$python" -m venv "$folder" >&2 ||
  die "$EXIT_FAILED" "'$python -m venv' failed (Debian and Ubuntu have it in python3-venv)"
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
  --requirement "$ROOT/requirements.txt" >&2 ||
  die "$EXIT_FAILED" 'pip could not install requirements.txt'
touch "$folder/.installed"
