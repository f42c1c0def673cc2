#!/usr/bin/env bats
# The make targets, as a person types them.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  own_instance
  cd "$ROOT" || return
}

teardown() { etcd_clean.sh >/dev/null; }

# member_holds PORT PREFIX COUNT - by what that one member has itself.
member_holds() {
  [ "$(ETCD_ENDPOINT=http://127.0.0.1:$1 count_keys "$2" --consistency=s)" -eq "$3" ]
}

@test "make alone prints every target, one line each" {
  run --separate-stderr make
  [ "$status" -eq 0 ]
  [ -z "$stderr" ]
  read -r -a targets < <(sed -n 's/^.PHONY: //p' Makefile)
  [ "${#targets[@]}" -gt 10 ]
  for target in "${targets[@]}"; do
    [ "$(grep -c "^  $target  *[a-z]" <<<"$output")" -eq 1 ]
  done
}

@test "make -j4 up seed fake report runs in that order; the report adds up" {
  run --separate-stderr make -j4 up seed fake report N=1000
  [ "$status" -eq 0 ]
  [[ $output == *": up"*"loaded 50 strings"*"keys/s"*"datasets/loadtest at revision"* ]]
  for type in json text binary; do
    counted=$((${counted:-0} + $(awk -v type="$type" '$1 == type {print $2}' <<<"$output")))
  done
  [ "$counted" -eq 1000 ]
  [ "$(awk '$1 == "total" {print $2}' <<<"$output")" -eq 1000 ]
  [ "$(count_keys datasets/loadtest/)" -eq 1000 ]
  [ "$(count_keys '')" -eq 1080 ]
  run --separate-stderr make verify N=1000
  [ "$status" -eq 0 ]
  [[ ${lines[2]} =~ ^\ *1000\ +1000\ +0\ +0\ +0$ ]]
  run --separate-stderr make verify N=1001
  [ "$status" -eq 2 ]
  [[ $stderr == *'etcd_faker.py: missing: datasets/loadtest/00001000'* ]]
}

@test "make down && make up keeps the data" {
  make up seed-py
  run make down
  [ "$status" -eq 0 ]
  run ! listening "$PORT"
  run make status
  [ "$status" -ne 0 ]
  make up
  [ "$(count_keys datasets/)" -eq 80 ]
  make restart
  [ "$(count_keys datasets/)" -eq 80 ]
  run make status
  [ "$status" -eq 0 ]
  run make logs
  [ "$status" -eq 0 ]
  [[ $output == *"/etcd1/log <=="* ]]
}

@test "variables come from the environment too; flags can be added" {
  make up
  N=30 PREFIX=mine make fake
  make fake N=7 PREFIX=plain C=2 BATCH=3 SEED=4 FAKE_FLAGS='-json=false -binary=false'
  [ "$(count_keys mine/)" -eq 30 ]
  run --separate-stderr make report PREFIX=plain REPORT_FLAGS=-serializable
  [ "$status" -eq 0 ]
  [ "$(awk '$1 == "text" {print $2}' <<<"$output")" -eq 7 ]
}

@test "a variable that is no good: status 2 of the script, nothing run by a shell" {
  make up
  run --separate-stderr make fake N=ten
  [ "$status" -ne 0 ]
  [[ $stderr == *"-n: not a whole number: 'ten'"* ]]
  PREFIX="\$(touch $BATS_TEST_TMPDIR/run)'\"; x" N=3 make fake
  [ ! -e "$BATS_TEST_TMPDIR/run" ]
  [ "$(count_keys "\$(touch")" -eq 3 ]
}

@test "NODES=3: the faker uses two members, all three hold the keys" {
  own_instance 3
  make up
  make fake N=3000 ENDPOINTS="127.0.0.1:$PORT,127.0.0.1:$((PORT + 20000))"
  for port in "$PORT" $((PORT + 20000)) $((PORT + 30000)); do
    eventually member_holds "$port" datasets/loadtest/ 3000
  done
  make fake report N=300 PREFIX=all
  [ "$(count_keys all/)" -eq 300 ]
}

@test "make clean leaves nothing in a checkout" {
  git -C "$ROOT" ls-files -z --cached --others --exclude-standard |
    (cd "$ROOT" && xargs -0 cp -p --parents -t "$BATS_TEST_TMPDIR/")
  cd "$BATS_TEST_TMPDIR"
  git init -q .
  git add .
  # Only for make: teardown must not clean the checkout that these tests are in.
  make() { env -u ETCD_STATE make "$@"; }
  VENV=$VENV make up seed fake N=10
  mkdir .venv && touch .venv/.installed
  [ -d .etcd ]
  make clean
  run git status --short --ignored
  [ "$(grep -vc '^A ' <<<"$output")" -eq 0 ]
  run ! listening "$PORT"
}

@test "a Python that is missing or too old is named" {
  run --separate-stderr make_venv.sh python-of-nobody "$BATS_TEST_TMPDIR/venv"
  [ "$status" -eq 1 ]
  one_line_error 'no python-of-nobody: Python 3.10 or newer is needed'
  printf '#!/bin/sh\n%s\n' "[ \$1 = --version ] && echo Python 3.9.2 && exit; exit 1" \
    >"$BATS_TEST_TMPDIR/old"
  chmod +x "$BATS_TEST_TMPDIR/old"
  run --separate-stderr make_venv.sh "$BATS_TEST_TMPDIR/old" "$BATS_TEST_TMPDIR/venv"
  [ "$status" -eq 1 ]
  one_line_error 'Python 3.9.2 is too old: Python 3.10 or newer is needed'
  [ ! -e "$BATS_TEST_TMPDIR/venv" ]
}
