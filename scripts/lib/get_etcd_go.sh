# shellcheck shell=bash
# get_etcd_go.sh - a release built from the Go module proxy, for get_etcd.sh.

ETCD_MODULE=go.etcd.io/etcd

# from_go - build the programs; fails, with REASON, where there is no Go, or the proxy has
# not the release. etcd's modules replace others, which `go install` refuses: so a module of
# our own requires them.
from_go() {
  local go modules=("$ETCD_MODULE/server/v3" "$ETCD_MODULE/etcdctl/v3" "$ETCD_MODULE/etcdutl/v3")
  go=$(command -v go || command -v /usr/local/go/bin/go) || lacks 'no Go toolchain on PATH or in /usr/local/go' || return
  reason_of in_module "$go" mod init get_etcd || return
  reason_of in_module "$go" get "${modules[@]/%/@v$VERSION}" || name_releases "$go" || return
  note "building etcd $VERSION, which takes a minute"
  reason_of in_module "$go" build -mod=mod -trimpath -ldflags='-s -w' -o bin/ \
    "${modules[@]}" || return
  mv "$WORK/go/bin/server" "$WORK/go/bin/etcd"
  take_programs "$WORK/go/bin" 'the Go module proxy'
}

# in_module COMMAND... - in our module, whatever workspace DIR is in.
in_module() { (cd "$WORK/go" && GOWORK=off CGO_ENABLED=0 "$@"); }

# name_releases GO - fail; where the proxy answers and VERSION is none of its, with a REASON
# that names the newest release of each minor that it has.
name_releases() {
  local releases
  releases=$(in_module "$1" list -m -versions "$ETCD_MODULE/server/v3" 2>/dev/null) || return
  case "$releases " in *" v$VERSION "*) return 1 ;; esac
  lacks "the module proxy has other releases: $(tr ' ' '\n' <<<"$releases" | awk -F. '
    !/^v[0-9.]+$/ {next}
    $2 != minor && newest {printf "%s, ", newest}
    {minor = $2; newest = substr($0, 2)}
    END {print newest}')"
}
