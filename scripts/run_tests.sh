#!/usr/bin/env bash
# run_tests.sh - run bats and pytest side by side, and count what passes and fails.
#
# usage: run_tests.sh [slow|etcd]        (or: make test, make test-slow, make test-etcd)
#
# Prints a line per part as it ends, with the output of tests that fail, and at the end
# how many passed and failed. Without an argument it runs the fast tier.
#
#   slow   run the slow tier: tests that take long or need more than `make venv` installs
#          (Dask, Docker, Chromium), on the newest of ETCD_RELEASES; and `etcd` on each
#   etcd   run only the tests that depend on the release of etcd
#
# variables:
#   TESTS_AT_ONCE  how many parts run at the same time   (3)
#   ETCD_RELEASES  releases that the slow tier fetches, the newest last
#                  (3.4.23 3.5.30 3.6.16 and the newest that the lab is tested with)
#   ETCD_BIN       the folder with the etcd and etcdctl to test   (the PyPI wheel's)
#
# examples:
#   scripts/run_tests.sh
#   ETCD_BIN=.etcd/bin/3.4.23 scripts/run_tests.sh etcd
#   ETCD_RELEASES=3.5.30 scripts/run_tests.sh slow
#
# exits: 0 all passed, 1 some failed, 2 wrong usage, 130 interrupted

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# The test files of pytest that depend on the release of etcd.
BY_RELEASE=(py/tests/{contract/test_etcdctl,etcd/test_{any_bytes,walks,compare,users,certificates,top},cluster/test_chaos}.py)

main() {
  local tier=${1:-} begin=$SECONDS
  case $tier in slow | etcd) shift ;; esac
  no_arguments "$@"
  TESTS_AT_ONCE=${TESTS_AT_ONCE:-3}
  need_count TESTS_AT_ONCE
  [ -x "$VENV/bin/pytest" ] || die "$EXIT_FAILED" "no pytest in $(shown "$VENV"); run 'make venv'"
  cd "$ROOT"
  RESULTS=$(mktemp -d)
  trap 'rm -rf "$RESULTS"' EXIT
  trap end_parts INT TERM
  set -m # each part in a process group of its own, which Ctrl-C reaches through end_parts
  case $tier in
    slow) slow_tier ;;
    etcd) etcd_tier "${ETCD_BIN:+ on $ETCD_BIN}" ;;
    *) fast_tier ;;
  esac
  wait
  sum_up "$((SECONDS - begin))"
}

# fast_tier - run all tests but those marked slow.
fast_tier() {
  local file
  part pytest "$VENV/bin/python" -m pytest --numprocesses=3
  for file in $(longest_first bats/*.bats); do
    grep -q '^# bats file_tags=.*slow' "$file" ||
      part "$file" "$VENV/bin/bats" --tap --filter-tags '!slow' "$file"
  done
}

# slow_tier - run the tests marked slow on the newest release, and etcd_tier on each.
slow_tier() {
  local file release
  for release in ${ETCD_RELEASES:-3.4.23 3.5.30 3.6.16 $NEWEST_ETCD}; do
    ETCD_BIN=$("$ROOT/scripts/get_etcd.sh" "$release") ||
      die "$EXIT_FAILED" "no etcd $release to test; ETCD_RELEASES names others"
    export ETCD_BIN
    etcd_tier " on $release"
  done
  part pytest "$VENV/bin/python" -m pytest --hypothesis-profile=full -m 'slow or browser'
  for file in $(longest_first bats/*.bats); do
    ! grep -qE '^# bats (file|test)_tags=.*slow' "$file" ||
      part "$file" "$VENV/bin/bats" --tap --filter-tags slow "$file"
  done
}

# etcd_tier MORE - run the tests that depend on the release; MORE is added to the parts' names.
etcd_tier() {
  part "pytest$1" "$VENV/bin/python" -m pytest --numprocesses=2 "${BY_RELEASE[@]}"
  part "bats/security.bats$1" "$VENV/bin/bats" --tap --filter-tags '!slow' bats/security.bats
}

# longest_first FILES... - sort by size, a guess at how long they take.
longest_first() { wc -l "$@" | sort -rn | awk '$2 != "total" {print $2}'; }

# part NAME COMMAND... - run it in the background once fewer than TESTS_AT_ONCE parts run.
part() {
  local name=$1
  shift
  while [ "$(jobs -rp | wc -l)" -ge "$TESTS_AT_ONCE" ]; do wait -n || true; done
  run_part "$name" "$@" &
}

run_part() {
  local name=$1 log=$RESULTS/${1//[\/ ]/-} begin=$SECONDS status=0 passed failed
  shift
  "$@" >"$log" 2>&1 </dev/null || status=$?
  passed=$(grep -cE '^ok ' "$log") || true
  failed=$(grep -cE '^not ok ' "$log") || true
  passed=$((passed + $(last_count passed "$log")))
  failed=$((failed + $(last_count 'failed|errors?' "$log")))
  # A part that ends early, without a failed test, counts as one failure.
  [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  [ "$failed" -eq 0 ] || grep -vE '^ok |^[.FEsx]+ +\[' "$log"
  count "$name" "$passed" "$failed" " in $((SECONDS - begin)) s"
}

# last_count WORDS LOG - add up pytest's counts of these words in the last line.
last_count() {
  tail -n 1 "$2" | { grep -oE "[0-9]+ ($1)\b" || true; } | awk '{sum += $1} END {print sum + 0}'
}

# count NAME PASSED FAILED [MORE] - record and print the counts of a part.
count() {
  printf '%s %s\n' "$2" "$3" >>"$RESULTS/counts"
  printf '%s: %s passed, %s failed%s\n' "$1" "$2" "$3" "${4:-}"
}

# sum_up SECONDS - print the last line; succeed if tests passed and none failed.
sum_up() {
  local passed failed
  read -r passed failed < <(awk '{p += $1; f += $2} END {print p + 0, f + 0}' "$RESULTS/counts")
  printf '%s passed, %s failed in %s s\n' "$passed" "$failed" "$1"
  [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# end_parts - interrupt the parts, wait until they have tidied up, and exit.
end_parts() {
  local group
  trap '' INT TERM
  for group in $(jobs -rp); do kill -INT -- "-$group" 2>/dev/null || true; done
  wait
  note interrupted
  exit "$EXIT_INTERRUPTED"
}

main "$@"
