# shellcheck shell=bash
# credentials.sh - certificates, user and password: from etcdctl's flags and variables, or
# of an instance that `make up` started with TLS=1 or AUTH=1.
#
# etcdctl gets them as variables: other users of the machine see its arguments.

# take_credentials "$@" - set the ETCDCTL_* variables from etcdctl's flags of the same names,
# ETCD_ENDPOINT from --endpoints, and ARGUMENTS to the other arguments.
take_credentials() {
  local name value
  ARGUMENTS=()
  while [ $# -gt 0 ]; do
    name=${1#-} value=yes
    name=${name#-}
    case $1 in
      -*=*) value=${name#*=} name=${name%%=*} ;;
      -*) ;;
      *) name='' ;;
    esac
    case $name in
      endpoints | cacert | cert | key | user | password)
        case $1 in
          *=*) ;;
          *)
            [ $# -gt 1 ] || die "$EXIT_USAGE" "--$name: needs a value"
            value=$2
            shift ;;
        esac
        [ -n "$value" ] || die "$EXIT_USAGE" "--$name: must not be empty"
        set_credential "$name" "$value" ;;
      insecure-skip-tls-verify | insecure-transport)
        case $value in
          yes | true) set_credential "$name" true ;;
          false) set_credential "$name" false ;;
          *) die "$EXIT_USAGE" "--$name: true or false, not '$value'" ;;
        esac ;;
      *) ARGUMENTS+=("$1") ;;
    esac
    shift
  done
}

# set_credential NAME VALUE - set the variable for the flag NAME.
set_credential() {
  local variable
  if [ "$1" = endpoints ]; then
    ETCD_ENDPOINT=$2
    return
  fi
  variable=ETCDCTL_$(printf '%s' "$1" | tr 'a-z-' 'A-Z_')
  export "$variable=$2"
}

# use_instance FOLDER - use the instance's certificates and root user, if it has them and the
# caller gives no others.
use_instance() {
  local tls=$1/tls
  if [ -d "$tls" ]; then
    ETCD_ENDPOINT=$(with_scheme https "$ETCD_ENDPOINT")
    export ETCDCTL_CACERT=${ETCDCTL_CACERT:-$tls/ca.pem}
    [ -n "${ETCDCTL_CERT:-}" ] ||
      export ETCDCTL_CERT=$tls/client.pem ETCDCTL_KEY=$tls/client-key.pem
  fi
  if [ -f "$1/password" ] && [ -z "${ETCDCTL_USER:-}" ]; then
    export ETCDCTL_USER=root ETCDCTL_PASSWORD
    ETCDCTL_PASSWORD=$(cat "$1/password")
  fi
}

# with_scheme SCHEME ENDPOINTS - print the endpoints, separated by commas, with that scheme.
with_scheme() {
  local endpoint endpoints all=''
  IFS=, read -r -a endpoints <<<"$2"
  for endpoint in "${endpoints[@]}"; do
    all=${all:+$all,}$1://${endpoint#*://}
  done
  printf '%s' "$all"
}

# check_credentials - ask for a missing password; exit 2 if it would travel in plain text to
# another machine. etcd takes 0.1 s of CPU to hash a password, and every etcdctl logs in: its
# default of 2 s is too short for the last of twenty at a time.
check_credentials() {
  local endpoint endpoints
  [ -n "${ETCDCTL_USER:-}" ] || return 0
  export ETCDCTL_DIAL_TIMEOUT=${ETCDCTL_DIAL_TIMEOUT:-15s}
  IFS=, read -r -a endpoints <<<"$ETCD_ENDPOINT"
  for endpoint in "${endpoints[@]}"; do
    [ "${ETCDCTL_INSECURE_TRANSPORT:-}" != true ] || break
    is_private "$endpoint" ||
      die "$EXIT_USAGE" "$endpoint: the password would go there in plain text:" \
        "use https, or --insecure-transport to allow it"
  done
  case $ETCDCTL_USER in *:*) return ;; esac
  [ -n "${ETCDCTL_PASSWORD:-}" ] || ask_password
}

# is_private ENDPOINT - whether the connection is encrypted or stays on this machine.
is_private() {
  local host=${1#*://}
  case $1 in
    https://*) return 0 ;;
    http://*) ;;
    *) [ -z "${ETCDCTL_CACERT:-}${ETCDCTL_CERT:-}" ] || return 0 ;;
  esac
  host=${host%/}
  [[ ${host%:*} =~ ^(127\.[0-9]+\.[0-9]+\.[0-9]+|localhost|\[::1\])$ ]]
}

# ask_password - read it from the terminal without echo or, without one, from stdin.
ask_password() {
  ETCDCTL_PASSWORD=''
  if { exec 8</dev/tty; } 2>/dev/null; then
    printf 'Password: ' >&2
    IFS= read -r -s ETCDCTL_PASSWORD <&8 || true
    exec 8<&-
    printf '\n' >&2
  else
    IFS= read -r ETCDCTL_PASSWORD || true
  fi
  [ -n "$ETCDCTL_PASSWORD" ] ||
    die "$EXIT_USAGE" "--user: no password given, nor in ETCDCTL_PASSWORD"
  export ETCDCTL_PASSWORD
}
