#!/usr/bin/env bats
# py/bench_reporter.py, and make bench-report: that all run and are counted, not how fast.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
  cd "$BATS_TEST_TMPDIR" || return
}

# runs - tool, keys, batch, readers and number of runs of each, in a file.
runs() { "$VENV/bin/python" -c '
import json, sys
for tool in json.load(open(sys.argv[1]))["tools"]:
    assert all(run["seconds"] > 0 and run["memory MB"] > 1 for run in tool["runs"])
    print(tool["tool"], tool["keys"], tool["batch"], tool["c"], len(tool["runs"]))' "$1"; }

@test "both transports, every page size, number of readers and of keys; nothing stays" {
  etcd_client put bench/report0 neighbour
  run -0 --separate-stderr bench_reporter.py -n=300,700 -batch=100 -c=1,3 -runs=2
  [ "$stderr" = "bench_reporter.py: the figures of every run are in bench-report.json" ]
  [ "$(runs bench-report.json)" = 'gateway 300 100 1 2
gateway 300 100 3 2
native 300 100 1 2
native 300 100 3 2
gateway 700 100 1 2
gateway 700 100 3 2
native 700 100 1 2
native 700 100 3 2' ]
  [ "$(awk 'NR > 2 {print $1, $2, $3, $4, 2}' <<<"$output")" = "$(runs bench-report.json)" ]
  [ "$(count_keys '')" -eq 1 ]
}

@test "beside another tool: how many times as fast" {
  # Counts with etcdctl, and says so as the Go reporter does.
  cat >go-reporter <<EOF
#!/usr/bin/env bash
for flag; do [[ \$flag != -endpoints=* ]] || endpoints=\${flag#*=}; done
keys=\$("$(etcd_folder)/etcdctl" --endpoints="\$endpoints" get bench/report/ --prefix --keys-only | grep -c .)
echo "map[]"
echo "\$keys keys 0.01s 100 keys/s"
EOF
  chmod +x go-reporter
  run -0 --separate-stderr bench_reporter.py -n=50 -runs=1 -transports=native -batch=7 \
    -go-reporter=./go-reporter -out=out.json
  [ "$(runs out.json)" = 'native 50 7 4 1
go 50 7 1 1' ]
  [[ ${lines[0]} == *'memory MB    x go' ]]
  [ "$(awk '$1 == "go" {print $NF}' <<<"$output")" = 1.00 ]
}

@test "a tool that miscounts or fails: status 1" {
  for tool in echo false; do
    run -1 --separate-stderr bench_reporter.py -n=10 -runs=1 -go-reporter="$(type -P $tool)"
    [ "${#stderr_lines[@]}" -eq 1 ]
    [ ! -e bench-report.json ]
  done
}
