#!/usr/bin/env bash
# build_bench_tools.sh - build the Go programs that the benchmarks compare the lab with.
#
# usage: build_bench_tools.sh        (or: make bench-tools)
#
# Builds bench/go/faker and bench/go/reporter into .etcd/bin/bench, where bench_faker.py and
# bench_reporter.py find them. Needs Go, on PATH or in /usr/local/go, which takes etcd's Go
# client from the module proxy.
#
# variables:
#   ETCD_STATE   the folder that bin/bench is made in   (.etcd)
#
# examples:
#   scripts/build_bench_tools.sh && py/bench_reporter.py
#
# exits: 0 they are there, 1 no Go, or the build failed, 2 wrong usage

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

no_arguments "$@"
go=$(command -v go || command -v /usr/local/go/bin/go) ||
  die "$EXIT_FAILED" 'no Go toolchain on PATH or in /usr/local/go'
mkdir -p "$STATE/bin/bench" 2>/dev/null ||
  die "$EXIT_FAILED" "cannot write to $(shown "$STATE/bin/bench")"
output=$(cd "$ROOT/bench/go" &&
  GOWORK=off CGO_ENABLED=0 "$go" build -trimpath -o "$STATE/bin/bench/" ./faker ./reporter 2>&1) ||
  die "$EXIT_FAILED" "cannot build the bench tools: ${output##*$'\n'}"
printf '%s\n' "$STATE/bin/bench"/{faker,reporter}
