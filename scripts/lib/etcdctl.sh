# shellcheck shell=bash
# etcdctl.sh - find an etcdctl, and run it.

# like_of VERSION - print the release that etcdctl.py is to be like beside an etcd of VERSION.
like_of() {
  local minor newest
  minor=$(minor_of "$1") newest=$(minor_of "$NEWEST_ETCD")
  [ "$minor" -ge 5 ] || minor=5
  [ "$minor" -le "$newest" ] || minor=$newest
  printf '3.%s' "$minor"
}

# forget_own_variables - unset those of etcdctl.py, of which etcdctl would warn.
forget_own_variables() { unset ETCDCTL_LIKE ETCDCTL_TRANSPORT; }

# instance_at ENDPOINT - print the folder of the running instance there; fail if there is none.
instance_at() {
  local folder port=${1##*:}
  port=${port%/}
  case $1 in
    127.0.0.1:* | localhost:* | http*://127.0.0.1:* | http*://localhost:*) ;;
    *) return 1 ;;
  esac
  list_instances
  for folder in ${INSTANCES[@]+"${INSTANCES[@]}"}; do
    case " $(record "$folder" ports) " in
      *" $port "*) is_running "$folder" && printf '%s' "$folder" && return ;;
    esac
  done
  return 1
}

# find_etcdctl - set ETCDCTL_WORDS to the command that runs etcdctl against ETCD_ENDPOINT,
# the first of: $ETCDCTL; that of the instance there; Compose's, if COMPOSE_CMD or
# ETCD_SERVICE is set; one of this machine.
find_etcdctl() {
  local folder
  if [ -n "${ETCDCTL:-}" ]; then
    read -r -a ETCDCTL_WORDS <<<"$ETCDCTL"
    command -v "${ETCDCTL_WORDS[0]:-}" >/dev/null ||
      die "$EXIT_USAGE" "ETCDCTL: no such command: '$ETCDCTL'"
    [[ $ETCDCTL == *etcdctl.py* ]] || forget_own_variables
  elif folder=$(instance_at "${ETCD_ENDPOINT%%,*}"); then
    instance_etcdctl "$folder" "${ETCD_ENDPOINT%%,*}"
  elif [ -n "${COMPOSE_CMD:-}${ETCD_SERVICE:-}" ]; then
    compose_etcdctl "${ETCD_SERVICE:-etcd}"
  else
    local_etcdctl
  fi
}

# local_etcdctl - set ETCDCTL_WORDS to the etcdctl of ETCD_BIN, of PATH or of the wheel.
local_etcdctl() {
  local folder
  forget_own_variables
  if [ -n "${ETCD_BIN:-}" ]; then
    ETCDCTL_WORDS=("$ETCD_BIN/etcdctl")
    [ -x "${ETCDCTL_WORDS[0]}" ] || die "$EXIT_USAGE" "ETCD_BIN: no etcdctl in '$ETCD_BIN'"
  elif folder=$(type -P etcdctl) || folder=$(wheel_folder)/etcdctl; then
    ETCDCTL_WORDS=("$folder")
  else
    die "$EXIT_FAILED" "no etcdctl found: run 'make venv', or put etcdctl on PATH"
  fi
}

# instance_etcdctl FOLDER ENDPOINT - set ETCDCTL_WORDS and the credentials for that instance.
# In Docker, run it in the container that serves ENDPOINT's port, and cut ETCD_ENDPOINT to
# that endpoint: a container reaches no other member by loopback.
instance_etcdctl() {
  local members ports i
  use_instance "$1"
  forget_own_variables
  if ! is_docker "$1"; then
    ETCDCTL_WORDS=("$(record "$1" etcdctl)")
    return
  fi
  ETCD_ENDPOINT=${ETCD_ENDPOINT%%,*}
  read -r -a members <<<"$(record "$1" members)"
  read -r -a ports <<<"$(record "$1" ports)"
  for i in "${!ports[@]}"; do
    case ${2%/} in
      *:"${ports[i]}") compose_etcdctl "${ETCD_SERVICE:-${members[i]}}" ;;
    esac
  done
}

# compose_etcdctl SERVICE - set ETCDCTL_WORDS to the etcdctl in that container.
compose_etcdctl() { ETCDCTL_WORDS=(container_etcdctl "$1"); }

# container_etcdctl SERVICE ARGUMENTS... - run etcdctl in that container, which has certificates
# of its own. -T: a terminal would change line ends and refuse stdin. -e NAME copies a variable,
# so that no password is an argument; Podman copies one that is not set as empty.
container_etcdctl() {
  local name words=(exec -T)
  for name in ETCDCTL_{USER,PASSWORD,DIAL_TIMEOUT,COMMAND_TIMEOUT}; do
    [ -z "${!name:-}" ] || words+=(-e "$name")
  done
  compose "${words[@]}" "$1" etcdctl "${@:2}"
}

# etcdctl ARGUMENTS... - run ETCDCTL_WORDS against ETCD_ENDPOINT.
etcdctl() { "${ETCDCTL_WORDS[@]}" --endpoints="$ETCD_ENDPOINT" "$@"; }

# within DIAL COMMAND ARGUMENTS... - the same with these time-outs. They are variables: etcdctl
# refuses a flag if its variable is set as well.
within() { ETCDCTL_DIAL_TIMEOUT=$1 ETCDCTL_COMMAND_TIMEOUT=$2 etcdctl "${@:3}"; }

# need_etcd - exit 3 unless an etcd answers at ETCD_ENDPOINT, 1 if it refuses the credentials
# or its certificate is not trusted.
need_etcd() {
  local said reason
  check_credentials
  said=$(within 2s 3s endpoint status 2>&1 >/dev/null) && return
  # etcd may be busy with other logins.
  if [ -n "${ETCDCTL_USER:-}" ] && [[ $said != *'connection refused'* ]]; then
    said=$(etcdctl endpoint status 2>&1 >/dev/null) && return
  fi
  reason=$(grep -oE '(x509|etcdserver|remote error: tls): [^"\\]*' <<<"$said" | tail -n 1) || true
  # In some releases only root may ask for the status.
  [[ $reason != *'permission denied'* ]] || return 0
  [ -z "$reason" ] || die "$EXIT_FAILED" "$ETCD_ENDPOINT: $reason"
  die "$EXIT_UNREACHABLE" "$ETCD_ENDPOINT: no etcd answers; start one with 'make up'"
}
