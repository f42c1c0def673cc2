# shellcheck shell=bash
# lib.sh - functions that the scripts share; sourced, never run.
#
#   lib/messages.sh   errors, notes, --help, exit statuses, whole numbers
#   lib/endpoint.sh   ETCD_ENDPOINT: its default, its checks, its port
#   lib/instance.sh   the etcds that `make up` started: records and processes
#   lib/runtime.sh    the places that an etcd comes from
#   lib/credentials.sh  certificates, users and passwords
#   lib/etcdctl.sh    which etcdctl to use, and how
#
# etcd_up.sh sources lib/choose_runtime.sh and lib/security.sh as well; the walkthroughs lib/walk.sh.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PROGRAM=${0##*/}

# shellcheck source=scripts/lib/messages.sh
. "$ROOT/scripts/lib/messages.sh"
# shellcheck source=scripts/lib/endpoint.sh
. "$ROOT/scripts/lib/endpoint.sh"
# shellcheck source=scripts/lib/runtime.sh
. "$ROOT/scripts/lib/runtime.sh"
# shellcheck source=scripts/lib/instance.sh
. "$ROOT/scripts/lib/instance.sh"
# shellcheck source=scripts/lib/credentials.sh
. "$ROOT/scripts/lib/credentials.sh"
# shellcheck source=scripts/lib/etcdctl.sh
. "$ROOT/scripts/lib/etcdctl.sh"
