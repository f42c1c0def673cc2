#!/usr/bin/env bats
# py/etcd_tidy.py, and make tidy.

bats_require_minimum_version 1.10.0

setup() {
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  shared_instance
}

# db_size - bytes of the database's file, by etcdctl.
db_size() { etcd_client endpoint status -w json | sed 's/.*"dbSize":\([0-9]*\).*/\1/'; }

@test "deletes, compacts, defragments; says what each step freed" {
  etcd_faker.py -n=20000 -prefix=d
  etcd_client put d0 stays
  before=$(db_size)
  for transport in gateway native; do
    run -0 --separate-stderr etcd_tidy.py -prefix=d -transport=$transport
    [ -z "$stderr" ]
    [[ ${lines[0]} =~ ^step\ +what\ +file\ MB\ +in\ use\ MB\ +freed\ inside\ +freed$ ]]
    [ "$(awk 'NR > 2 {printf "%s ", $1}' <<<"$output")" = 'before delete compact defragment disarm ' ]
  done
  [[ ${lines[3]} =~ ^delete\ +0\ keys\  ]]
  [ "$(db_size)" -lt $((before / 2)) ]
  [ "$(count_keys '')" -eq 1 ]
  etcd_client put a 1
  etcd_faker.py -n=20000 -prefix=d
  run -0 --separate-stderr etcd_tidy.py -prefix=d
  [[ ${lines[3]} =~ ^delete\ +20000\ keys\  ]]
  awk '$1 == "compact" && $(NF - 1) <= 1 {exit 1} $1 == "defragment" && $NF <= 1 {exit 1}' <<<"$output"
}

@test "-keep deletes nothing" {
  etcd_faker.py -n=100 -prefix=d
  run -0 --separate-stderr etcd_tidy.py -prefix=d -keep
  [ "$(awk 'NR > 2 {printf "%s ", $1}' <<<"$output")" = 'before compact defragment disarm ' ]
  [ "$(count_keys d/)" -eq 100 ]
  # Compacted already, and nothing written since: not an error.
  run -0 --separate-stderr etcd_tidy.py -prefix=d -keep
  [[ $output == *'nothing since revision '* ]]
}

@test "make tidy gives back what make fake took" {
  cd "$ROOT"
  make fake N=500 PREFIX=mine
  run -0 --separate-stderr make tidy PREFIX=mine
  [[ $output == *$'\ndelete '*' 500 keys '* ]]
  [ "$(count_keys '')" -eq 0 ]
}
