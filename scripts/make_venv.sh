#!/usr/bin/env bash
# make_venv.sh - make the Python environment and install requirements.txt in it, or install
# requirements-dask.txt in an existing one.
#
# usage: make_venv.sh PYTHON FOLDER [dask]        (or: make venv, make dask)
#
# examples:
#   scripts/make_venv.sh python3.12 .venv
#   scripts/make_venv.sh python3.12 .venv dask

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case ${1:-} in -*) no_arguments "$@" ;; esac
[ $# -ge 2 ] && [ $# -le 3 ] && [ -n "$1" ] && [ -n "$2" ] && [ "${3:-dask}" = dask ] ||
  die "$EXIT_USAGE" "usage: $PROGRAM PYTHON FOLDER [dask]"
python=$1 folder=$2 more=${3:+-$3}
file=requirements$more.txt

command -v "$python" >/dev/null ||
  die "$EXIT_FAILED" "no $python: Python 3.10 or newer is needed; name one with PYTHON="
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
  die "$EXIT_FAILED" "$("$python" --version) is too old: Python 3.10 or newer is needed;" \
    'name one with PYTHON='

note "installing $file into $(shown "$folder"), once"
# Dask goes into the existing environment, whatever Python made it.
[ -n "$more" ] || "$python" -m venv "$folder" >&2 ||
  die "$EXIT_FAILED" "'$python -m venv' failed (Debian and Ubuntu have it in python3-venv)"
if ! said=$("$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
  --requirement "$ROOT/$file" 2>&1); then
  missing=$(sed -n 's/^ERROR: No matching distribution found for //p' <<<"$said" | tail -n 1)
  [ -z "$missing" ] || die "$EXIT_FAILED" "could not fetch $missing, which $file asks for:" \
    'is there a network, and a package for this system?'
  printf '%s\n' "$said" >&2
  die "$EXIT_FAILED" "pip could not install $file"
fi
touch "$folder/.installed$more"
