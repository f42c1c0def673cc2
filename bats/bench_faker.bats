#!/usr/bin/env bats
# py/bench_faker.py, and make bench: that all run and are counted, not how fast.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
  cd "$BATS_TEST_TMPDIR" || return
}

# runs - tool, batch, threads and number of runs of each, in bench.json.
runs() { "$VENV/bin/python" -c '
import json
for tool in json.load(open("bench.json"))["tools"]:
    assert all(run["keys/s"] > 0 for run in tool["runs"])
    print(tool["tool"], tool["batch"], tool["c"], len(tool["runs"]))'; }

@test "both transports, batch 1 and full, every number of threads; a table and a file" {
  run -0 --separate-stderr bench_faker.py -n=2000 -seconds=100ms -c=1,4 -runs=1
  [ "${#stderr_lines[@]}" -eq 1 ]
  [ "$stderr" = "bench_faker.py: the figures of every run are in bench.json" ]
  [ "$(runs)" = 'gateway 1 1 1
gateway 1 4 1
gateway 128 1 1
gateway 128 4 1
native 1 1 1
native 1 4 1
native 128 1 1
native 128 4 1' ]
  [ "$(awk 'NR > 2 {print $1, $2, $3, 1}' <<<"$output")" = "$(runs)" ]
  [ "$(count_keys '')" -eq 0 ]
}

@test "beside other tools: their keys/s, and ratios" {
  # Writes with etcdctl, and says so as the Go writer does.
  cat >go-writer <<EOF
#!/usr/bin/env bash
for flag; do [[ \$flag != -endpoints=* ]] || endpoints=\${flag#*=}; done
"$(etcd_folder)/etcdctl" --endpoints="\$endpoints" put bench/faker/1 1 >/dev/null
echo "1 keys 0.01s 100 keys/s"
EOF
  chmod +x go-writer
  run -0 --separate-stderr bench_faker.py -n=500 -seconds=50ms -c=2 -runs=2 -transports=native \
    -go-faker=./go-writer -out="$BATS_TEST_TMPDIR/bench.json"
  [ "$(runs)" = 'native 1 2 2
native 128 2 2
go 1 64 2
go 128 64 2' ]
  [[ ${lines[0]} == *'x go 1    x go 128' ]]
  [ "$(awk '$1 == "go" {print $4, $(NF - 1), $NF}' <<<"$output")" = '100 1.00 1.00
100 1.00 1.00' ]
}

@test "a tool that fails: status 1" {
  run -1 --separate-stderr bench_faker.py -n=10 -seconds=10ms -c=1 -runs=1 -go-faker="$(type -P false)"
  one_line_error 'bench_faker.py: false ended with 1: no reason given'
  [ ! -e bench.json ]
}
