# shellcheck shell=bash
# setup_suite.bash - one etcd for all bats files, on a free port, in a temporary
# folder; tests that stop or break an etcd start their own.

bats_require_minimum_version 1.10.0

setup_suite() {
  # shellcheck source=bats/helper.bash
  . "$BATS_TEST_DIRNAME/helper.bash"
  forget_settings
  export SUITE_STATE=$BATS_SUITE_TMPDIR/etcd SUITE_ENDPOINT
  SUITE_ENDPOINT=http://127.0.0.1:$(free_port)
  ETCD_STATE=$SUITE_STATE ETCD_ENDPOINT=$SUITE_ENDPOINT etcd_up.sh
}

teardown_suite() { ETCD_STATE=$SUITE_STATE "$BATS_TEST_DIRNAME/../scripts/etcd_clean.sh"; }
