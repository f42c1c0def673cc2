#!/usr/bin/env bash
# etcd_env.sh - set the variables for the etcd that `make up` started: members, certificates,
# user, and the release that etcdctl.py is to be like.
#
# usage: etcd_env.sh [COMMAND...]
#
# Prints the variables for a shell to evaluate, or runs COMMAND with them, as every make
# target does. Prints no password, only the command that reads it from its file. If `make up`
# started nothing at ETCD_ENDPOINT, sets the endpoints only; with NODES=3 it is the first of
# three.
#
# etcdctl is that of the release that runs, also as a COMMAND: for a shell, bash or zsh, it prints
# a function, which hides variables of which etcdctl would warn.
#
# variables:
#   ETCD_ENDPOINT  one of the members   (http://127.0.0.1:2379)
#   NODES          1, or 3: an etcd of three members that is not ours   (1)
#   ETCD_STATE     where data and logs are   (.etcd)
#
# examples:
#   eval "$(scripts/etcd_env.sh)" && etcdctl endpoint health
#   scripts/etcd_env.sh py/etcd_faker.py -n 1000 -prefix demo
#
# exits: 0, or the command's own status; 2 wrong usage

. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

main() {
  local folder='' given=${ETCDCTL_USER:-}
  case ${1:-} in -*) no_arguments "$@" ;; esac
  check_endpoints
  if folder=$(instance_at "${ETCD_ENDPOINT%%,*}"); then
    [[ $ETCD_ENDPOINT == *,* ]] || ETCD_ENDPOINT=$(record "$folder" endpoints)
    use_instance "$folder"
    export ETCDCTL_LIKE=${ETCDCTL_LIKE:-$(like_of "$(record "$folder" version)")}
  elif [ "${NODES:-1}" = 3 ] && [[ $ETCD_ENDPOINT != *,* ]]; then
    ETCD_ENDPOINT=$(cluster_endpoints) || exit
  fi
  export ETCD_ENDPOINT ETCDCTL_ENDPOINTS=$ETCD_ENDPOINT
  if [ "${1:-}" = etcdctl ] && [ -n "$folder" ]; then set -- "$(own_etcdctl)" "${@:2}"; fi
  case ${1:-} in etcdctl | */etcdctl) forget_own_variables ;; esac
  [ $# -eq 0 ] || exec "$@"
  show_variables
}

# cluster_endpoints - print the endpoints of NODES=3, ETCD_ENDPOINT the first.
cluster_endpoints() {
  local port
  port=$(loopback_port) || exit
  need_room_above "$port" 3
  member_urls http "$(member_ports 3 "$port")"
}

# show_variables - print one line per variable that is set.
show_variables() {
  local name
  for name in ETCD_ENDPOINT ETCDCTL_ENDPOINTS ETCDCTL_CACERT ETCDCTL_CERT ETCDCTL_KEY \
    ETCDCTL_LIKE; do
    [ -z "${!name:-}" ] || printf 'export %s=%q\n' "$name" "${!name}"
  done
  [ -z "$folder" ] || show_etcdctl
  [ -z "$given" ] && [ -n "${ETCDCTL_USER:-}" ] || return 0
  # shellcheck disable=SC2016  # for the shell that takes it to expand
  printf 'export ETCDCTL_USER=root ETCDCTL_PASSWORD="$(cat %q)"\n' "$folder/password"
}

# show_etcdctl - print the function.
show_etcdctl() {
  # shellcheck disable=SC2016  # for the shell that takes it to expand
  printf 'function etcdctl { env -u ETCDCTL_LIKE -u ETCDCTL_API %q "$@"; }\n' "$(own_etcdctl)"
}

# own_etcdctl - print the etcdctl of the instance's release; that on PATH for one in Docker.
own_etcdctl() { if is_docker "$folder"; then printf etcdctl; else record "$folder" etcdctl; fi; }

main "$@"
