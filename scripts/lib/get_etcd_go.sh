# shellcheck shell=bash
# get_etcd_go.sh - build a release from the Go module proxy, for get_etcd.sh.

ETCD_MODULE=go.etcd.io/etcd

# from_go - build the programs; fail with REASON if there is no Go, or the proxy does not have
# the release. Builds in a module that requires etcd's: `go install` refuses their replace
# directives.
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

# in_module COMMAND... - run it in our module, outside any Go workspace.
in_module() { (cd "$WORK/go" && GOWORK=off CGO_ENABLED=0 "$@"); }

# name_releases GO - fail; if the proxy answers but does not have VERSION, set REASON to the
# newest release of each minor version that it has.
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
