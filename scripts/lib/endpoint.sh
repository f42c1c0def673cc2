# shellcheck shell=bash
# endpoint.sh - ETCD_ENDPOINT: its default, its checks, its port.

# etcdctl ends with a fatal error when it gets both --endpoints and this variable.
ETCD_ENDPOINT=${ETCD_ENDPOINT:-${ETCDCTL_ENDPOINTS:-http://127.0.0.1:2379}}
unset ETCDCTL_ENDPOINTS
# 3.4 and 3.5 speak the removed v2 API if a leftover variable says so; 3.6 warns of any.
unset ETCDCTL_API

# check_endpoints - exit 2 unless ETCD_ENDPOINT is one or more endpoints, separated by commas.
check_endpoints() {
  local endpoint endpoints
  IFS=, read -r -a endpoints <<<"${ETCD_ENDPOINT//$'\n'/ },"
  for endpoint in "${endpoints[@]}"; do
    valid_endpoint "$endpoint" ||
      die "$EXIT_USAGE" "ETCD_ENDPOINT: not host:port or a URL: '$endpoint'"
  done
}

# valid_endpoint TEXT - whether it is host:port or http(s)://host[:port].
valid_endpoint() {
  local host='(([A-Za-z0-9_-]{1,63}\.)*[A-Za-z0-9_-]{1,63}\.?|\[[0-9A-Fa-f:.]+\])' port
  [[ $1 =~ ^https?://$host(:([0-9]+))?/?$ ]] || [[ $1 =~ ^$host(:([0-9]+))$ ]] || return 1
  port=${BASH_REMATCH[4]:-80}
  [ ${#port} -le 5 ] && [ "$((10#$port))" -ge 1 ] && [ "$((10#$port))" -le 65535 ]
}

# loopback_port - print the port of ETCD_ENDPOINT; exit 2 unless it is one endpoint on
# loopback: the lab starts nothing that other machines can reach.
loopback_port() {
  check_endpoints
  [[ $ETCD_ENDPOINT =~ ^(https?://)?(127\.0\.0\.1|localhost):([0-9]+)/?$ ]] ||
    die "$EXIT_USAGE" "ETCD_ENDPOINT: etcd is started on loopback only, at" \
      "http://127.0.0.1:PORT, not at '$ETCD_ENDPOINT'"
  printf '%s' "$((10#${BASH_REMATCH[3]}))"
}

# port_in_use PORT - whether anything listens there on loopback.
port_in_use() { (exec 9<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# port_holder PORT - print " (NAME, pid PID)" of the process that listens there, if ss or lsof
# can tell.
port_holder() {
  local found=
  if command -v ss >/dev/null; then
    found=$(ss -Hltnp "sport = :$1" 2>/dev/null |
      sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1, pid \2/p' | head -n 1)
  elif command -v lsof >/dev/null; then
    found=$(lsof -nP -iTCP:"$1" -sTCP:LISTEN 2>/dev/null |
      awk 'NR == 2 {print $1 ", pid " $2}')
  fi
  printf '%s' "${found:+ ($found)}"
}
