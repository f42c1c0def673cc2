# shellcheck shell=bash
# security.sh - TLS=1 and AUTH=1: certificates and a root user for an instance.
#
#   .etcd/2379/tls/       the authority's certificate; a pair each for etcd and for clients
#   .etcd/2379/password   the root user's password

# choose_security FOLDER - set TLS, AUTH and SCHEME for the instance. By default they are as
# when its data was made. TLS cannot change afterwards, and AUTH cannot be turned off.
choose_security() {
  local folder=$1 tls=0 auth=0
  [ ! -d "$folder/tls" ] || tls=1
  [ ! -f "$folder/password" ] || auth=1
  check_switch TLS
  check_switch AUTH
  if has_data "$folder"; then
    [ "${TLS:-$tls}" = "$tls" ] || die "$EXIT_USAGE" "TLS: not what the data in" \
      "$(shown "$folder") was made with: 'make clean' removes it, or choose another port"
    [ "${AUTH:-$auth}" -ge "$auth" ] || die "$EXIT_USAGE" "AUTH: the data in" \
      "$(shown "$folder") has users: 'make clean' removes it, or choose another port"
  fi
  TLS=${TLS:-$tls} AUTH=${AUTH:-$auth} SCHEME=http
  [ "$TLS" = 0 ] || SCHEME=https
  [ "$SCHEME" = https ] || [[ $ETCD_ENDPOINT != https://* ]] ||
    die "$EXIT_USAGE" "ETCD_ENDPOINT: https needs TLS=1"
}

# check_switch NAME - exit 2 unless the variable NAME is 1, 0 or empty.
check_switch() {
  case ${!1:-} in
    '' | 0 | 1) ;;
    *) die "$EXIT_USAGE" "$1: 1 or 0, not '${!1}'" ;;
  esac
}

# make_certificates FOLDER - make an authority and its certificates in FOLDER/tls.
make_certificates() {
  [ -x "$VENV/bin/python" ] || die "$EXIT_FAILED" "TLS=1: no Python in $(shown "$VENV"); run 'make venv'"
  [ -d "$1/tls" ] || "$VENV/bin/python" "$ROOT/py/etcd_certificates.py" -folder="$1/tls" ||
    die "$EXIT_FAILED" 'could not make certificates'
}

# tls_flags FOLDER - set TLS_FLAGS to a member's flags for client and peer certificates.
tls_flags() {
  local tls=$1/tls
  # shellcheck disable=SC2034  # used by the script that sources this file
  TLS_FLAGS=()
  # shellcheck disable=SC2034
  [ ! -d "$tls" ] || TLS_FLAGS=(
    --cert-file="$tls/server.pem" --key-file="$tls/server-key.pem"
    --client-cert-auth --trusted-ca-file="$tls/ca.pem"
    --peer-cert-file="$tls/server.pem" --peer-key-file="$tls/server-key.pem"
    --peer-client-cert-auth --peer-trusted-ca-file="$tls/ca.pem"
  )
}

# turn_on_auth FOLDER - make a root user with a random password, and enable authentication.
# A second call completes an interrupted one.
turn_on_auth() {
  local file=$1/password
  [ -s "$file" ] ||
    (umask 077 && head -c 24 /dev/urandom | base64 | tr -d '\n' >"$file")
  as_root "$file" auth enable || make_root "$file" ||
    die "$EXIT_FAILED" "$ETCD_ENDPOINT: could not turn on authentication"
}

# as_root PASSWORD_FILE ARGUMENTS... - run etcdctl as root, without output.
as_root() { ETCDCTL_USER=root ETCDCTL_PASSWORD=$(cat "$1") etcdctl "${@:2}" >/dev/null 2>&1; }

# make_root PASSWORD_FILE - make the user unless it exists, grant its role, enable auth.
make_root() {
  etcdctl user add root --interactive=false <"$1" >/dev/null 2>&1 ||
    etcdctl user passwd root --interactive=false <"$1" >/dev/null || return
  etcdctl user grant-role root root >/dev/null || return
  etcdctl auth enable >/dev/null
}

# show_security FOLDER - print where certificates and password are, if any.
show_security() {
  [ ! -d "$1/tls" ] || printf '  certificates: %s\n' "$(shown "$1/tls")"
  [ ! -f "$1/password" ] || printf '  user: root  password: in %s\n' "$(shown "$1/password")"
}
