# shellcheck shell=bash
# curl.sh - an etcdctl command as the curl command that does the same over the gateway.
#
# Its JSON has bytes in base64, and leaves out what is zero.
# https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/

# curl_of ARGUMENTS... - print the command for `etcdctl ARGUMENTS`. STDIN names the
# file that etcdctl would read a value from; TXN has a transaction's lines.
curl_of() {
  case $1 in
    put) post kv/put "$(put_body "${@:2}")" ;;
    get) post kv/range "$(range_body "${@:2}")" ;;
    del) post kv/deleterange "$(range_body "${@:2}")" ;;
    txn) post kv/txn "$(txn_body)" ;;
    compaction) post kv/compaction "{\"revision\":$2}" ;;
    watch) post watch "{\"create_request\":$(REVISION=start_revision range_body "${@:2}")}" \
      -N --max-time 2 ;;
    lease) lease_call "${@:2}" ;;
  esac
}

# post PATH BODY FLAGS... - print a curl command.
post() {
  local endpoint=${ETCD_ENDPOINT%%,*} scheme=http
  [ -z "${ETCDCTL_CACERT:-}${ETCDCTL_CERT:-}" ] || scheme=https
  case $endpoint in *://*) ;; *) endpoint=$scheme://$endpoint ;; esac
  printf 'curl -sS %s%s' "$(curl_access)" "$(quoted "${@:3}" "${endpoint%/}/v3/$1" -d "$2")"
}

# curl_access - print the flags by which curl gets in, each with a space after it. A
# user's token is for the shell to fill in: auth/authenticate gives one for a password.
curl_access() {
  [ -z "${ETCDCTL_CACERT:-}" ] || printf '%s ' "$(quoted --cacert "$ETCDCTL_CACERT")"
  [ -z "${ETCDCTL_CERT:-}" ] || printf '%s ' "$(quoted --cert "$ETCDCTL_CERT" --key "${ETCDCTL_KEY:-}")"
  [ "${ETCDCTL_INSECURE_SKIP_TLS_VERIFY:-}" != true ] || printf -- '--insecure '
  # shellcheck disable=SC2016  # for the shell that runs it to expand
  [ -z "${ETCDCTL_USER:-}" ] || printf '%s "Authorization: $TOKEN" ' -H
}

# base64_of TEXT - its bytes in base64, on one line.
base64_of() { printf '%s' "$1" | base64 | tr -d '\n'; }

# base64_after TEXT - the end of the range of keys with that prefix, in base64: its
# last byte below 0xFF is raised by one, and what follows that is dropped.
base64_after() {
  local bytes last escapes='' byte
  read -r -a bytes <<<"$(printf '%s' "$1" | od -An -v -tu1 | tr '\n' ' ')"
  last=$((${#bytes[@]} - 1))
  while [ "$last" -ge 0 ] && [ "${bytes[last]}" -eq 255 ]; do last=$((last - 1)); done
  [ "$last" -ge 0 ] && bytes[last]=$((bytes[last] + 1)) || bytes=(0) last=0
  for byte in "${bytes[@]:0:last+1}"; do
    printf -v escapes '%s\\%03o' "$escapes" "$byte"
  done
  # shellcheck disable=SC2059  # the escapes are the format
  printf "$escapes" | base64 | tr -d '\n'
}

# lease_number ID - a lease's ID as the gateway wants it, in decimal.
lease_number() { if [ "$1" = LEASE_ID ]; then printf '%s' "$1"; else printf '%d' "0x$1"; fi; }

# put_body KEY [VALUE] [--lease=ID] [--prev-kv] - the body of a put.
put_body() {
  local key=$1 value='' fields='' argument
  [ -z "${STDIN:-}" ] || value=$(base64 <"$STDIN" | tr -d '\n')
  for argument in "${@:2}"; do
    case $argument in
      --lease=*) fields+=",\"lease\":$(lease_number "${argument#*=}")" ;;
      --prev-kv) fields+=',"prev_kv":true' ;;
      *) value=$(base64_of "$argument") ;;
    esac
  done
  printf '{"key":"%s","value":"%s"%s}' "$(base64_of "$key")" "$value" "$fields"
}

# range_body KEY [RANGE_END] FLAGS... - the body of a get, a del or a watch, which
# calls the revision otherwise: REVISION has the name.
range_body() {
  local key=$1 end='' fields='' prev_kv=''
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --prefix) end=$(base64_after "$key") ;;
      --limit=*) fields+=",\"limit\":${1#*=}" ;;
      --rev=*) fields+=",\"${REVISION:-revision}\":${1#*=}" ;;
      --order=*) fields+=",\"sort_order\":\"${1#*=}\"" ;;
      --keys-only) fields+=',"keys_only":true' ;;
      --prev-kv) prev_kv=',"prev_kv":true' ;;
      -w) shift ;; # how it is printed
      --*) ;;
      *) end=$(base64_of "$1") ;;
    esac
    shift
  done
  printf '{"key":"%s"%s%s}' "$(base64_of "$key")" "${end:+,\"range_end\":\"$end\"}" \
    "$fields$prev_kv"
}

lease_call() {
  case $1 in
    grant) post lease/grant "{\"TTL\":$2}" ;;
    revoke) post lease/revoke "{\"ID\":$(lease_number "$2")}" ;;
    timetolive) post lease/timetolive "{\"ID\":$(lease_number "$2")${3:+,\"keys\":true}}" ;;
    keep-alive) post lease/keepalive "{\"ID\":$(lease_number "${!#}")}" ;;
  esac
}

# txn_body - the body of the transaction in TXN: compares, then operations for each
# case; empty lines between.
txn_body() {
  local line part=0 names=(compare success failure) parts=('' '' '') name body=''
  while [ "$part" -le 2 ] && IFS= read -r line; do
    if [ -z "$line" ]; then
      part=$((part + 1))
    elif [ "$part" -eq 0 ]; then
      parts[0]+=,$(compare_body "$line")
    else
      parts[part]+=,$(operation_body "$line")
    fi
  done <<<"$TXN"
  for part in 0 1 2; do
    name=${names[part]}
    [ -z "${parts[part]}" ] || body+=",\"$name\":[${parts[part]#,}]"
  done
  printf '{%s}' "${body#,}"
}

# compare_body LINE - a compare such as mod("key") = "0".
compare_body() {
  [[ $1 =~ ^([a-z]+)\(\"(.*)\"\)\ ([=\<\>!]+)\ \"(.*)\"$ ]] || return
  local key=${BASH_REMATCH[2]} operand=${BASH_REMATCH[4]} target result field
  case ${BASH_REMATCH[1]} in
    mod) target=MOD field="\"mod_revision\":$operand" ;;
    create) target=CREATE field="\"create_revision\":$operand" ;;
    version) target=VERSION field="\"version\":$operand" ;;
    value) target=VALUE field="\"value\":\"$(base64_of "$operand")\"" ;;
  esac
  case ${BASH_REMATCH[3]} in
    =) result=EQUAL ;;
    '!=') result=NOT_EQUAL ;;
    '>') result=GREATER ;;
    '<') result=LESS ;;
  esac
  printf '{"target":"%s","key":"%s","result":"%s",%s}' \
    "$target" "$(base64_of "$key")" "$result" "$field"
}

# operation_body LINE - a put, get or del of plain words.
operation_body() {
  local words
  read -r -a words <<<"$1"
  case ${words[0]} in
    put) printf '{"request_put":%s}' "$(put_body "${words[@]:1}")" ;;
    get) printf '{"request_range":%s}' "$(range_body "${words[@]:1}")" ;;
    del) printf '{"request_delete_range":%s}' "$(range_body "${words[@]:1}")" ;;
  esac
}
