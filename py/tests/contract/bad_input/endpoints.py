"""Endpoints that are none, or where no etcd can be reached; and odd ones that are fine."""

from __future__ import annotations

from bad_input.row import Row, rows_of

_MALFORMED = rows_of(
    """
    etcd_reporter.py -endpoints=
    etcd_reporter.py -endpoints=localhost
    etcd_reporter.py -endpoints=localhost:
    etcd_reporter.py -endpoints=:2379
    etcd_reporter.py -endpoints=localhost:0
    etcd_reporter.py -endpoints=localhost:65536
    etcd_reporter.py -endpoints=localhost:http
    etcd_reporter.py -endpoints=localhost:-1
    etcd_reporter.py -endpoints=localhost:2379/v3
    etcd_reporter.py -endpoints=http://
    etcd_reporter.py -endpoints=http://localhost:2379/v3
    etcd_reporter.py -endpoints=http://localhost:2379?x
    etcd_reporter.py -endpoints=http://me:secret@localhost:2379
    etcd_reporter.py -endpoints=ftp://localhost:2379
    etcd_reporter.py -endpoints=unix:///run/etcd
    etcd_reporter.py -endpoints=localhost:2379,
    etcd_reporter.py -endpoints=localhost:2379,,localhost:22379
    etcd_reporter.py -endpoints='localhost:2379 localhost:22379'
    etcd_reporter.py -endpoints=::1:2379
    etcd_reporter.py -endpoints=[::1]
    etcd_reporter.py -endpoints=[::1:2379
    etcd_reporter.py -endpoints=[::1%lo]:2379
    etcd_reporter.py -endpoints=[::g]:2379
    etcd_reporter.py -endpoints=a..b:2379
    etcd_reporter.py -endpoints=.:2379
    etcd_reporter.py -endpoints=$(printf %070d 0).example:2379
    etcd_reporter.py -endpoints=$'localhost:2379\\n'
    etcd_reporter.py -endpoints=$'\\xff:2379'
    """,
    2,
    "-endpoints: not host:port or a URL: ",
)

_MALFORMED_IN_SHELL = rows_of(
    """
    ETCD_ENDPOINT=localhost: walk_basics.sh
    ETCD_ENDPOINT=localhost:0 walk_basics.sh
    ETCD_ENDPOINT=localhost:65536 walk_basics.sh
    ETCD_ENDPOINT=localhost:http walk_basics.sh
    ETCD_ENDPOINT=http://localhost:2379/v3 walk_basics.sh
    ETCD_ENDPOINT=http://me:secret@localhost:2379 walk_basics.sh
    ETCD_ENDPOINT=ftp://localhost:2379 walk_basics.sh
    ETCD_ENDPOINT=localhost:2379, walk_basics.sh
    ETCD_ENDPOINT=localhost:2379,,localhost:22379 walk_basics.sh
    ETCD_ENDPOINT=::1:2379 walk_basics.sh
    ETCD_ENDPOINT=[::1:2379 walk_basics.sh
    ETCD_ENDPOINT=[::g]:2379 walk_basics.sh
    ETCD_ENDPOINT=a..b:2379 walk_basics.sh
    ETCD_ENDPOINT=$(printf %070d 0).example:2379 walk_basics.sh
    ETCD_ENDPOINT=$'localhost:2379\\nlocalhost' walk_basics.sh
    """,
    2,
    "ETCD_ENDPOINT: not host:port or a URL: ",
)

_NOT_ON_LOOPBACK = rows_of(
    """
    ETCD_ENDPOINT=http://0.0.0.0:2379 etcd_up.sh
    ETCD_ENDPOINT=http://127.0.0.1:2379,http://127.0.0.1:22379 etcd_up.sh
    ETCD_ENDPOINT=http://127.0.0.1 etcd_up.sh
    ETCD_ENDPOINT=http://[::1]:2379 etcd_up.sh
    NODES=3 ETCD_ENDPOINT=http://etcd.example:2379 etcd_env.sh
    """,
    2,
    "etcd is started on loopback only",
)

_NOT_IPV6 = [
    Row("etcd_reporter.py -endpoints=[:::1]:2379", 2, "-endpoints: not host:port or a URL: "),
    Row("etcd_reporter.py -endpoints=[1.2.3.4]:2379", 2, "-endpoints: not host:port or a URL: "),
    Row("ETCD_ENDPOINT=[:::1]:2379 walk_basics.py", 2, "ETCD_ENDPOINT: not host:port or a URL: "),
    Row("etcdctl.py --endpoints=[:::1]:2379 get a", 1, "not host:port or a URL: '[:::1]:2379'"),
]

_NO_PORTS_LEFT = [
    Row("ETCD_ENDPOINT=127.0.0.1:65535 etcd_up.sh", 2, "port 65535 leaves none for the other"),
    Row("NODES=3 ETCD_ENDPOINT=127.0.0.1:40000 etcd_up.sh", 2, "port 40000 leaves none for"),
    Row("NODES=3 ETCD_ENDPOINT=127.0.0.1:40000 etcd_env.sh", 2, "port 40000 leaves none for"),
    Row("etcd_env.sh no-such-command", 127, "no-such-command"),
    Row("ETCD_BIN= ETCD_RUNTIME=wheel ETCD_ENDPOINT=$LIVE etcd_up.sh", 1, "is in use"),
]

_UNREACHABLE = rows_of(
    """
    etcd_compare.py -endpoints=$REFUSED
    bench_faker.py -endpoints=$REFUSED
    bench_reporter.py -endpoints=$REFUSED
    bench_executors.py -endpoints=$REFUSED
    dask_demo.py -endpoints=$REFUSED
    etcd_faker.py -executor=processes -endpoints=$REFUSED
    etcd_reporter.py -executor=processes -endpoints=$REFUSED
    etcd_faker.py -endpoints=$REFUSED
    etcd_faker.py -endpoints=$REFUSED -transport=native
    etcd_reporter.py -endpoints=$REFUSED
    etcd_reporter.py -endpoints=$REFUSED,$REFUSED -transport=native
    etcd_top.py -endpoints=$REFUSED,$REFUSED
    etcd_tidy.py -endpoints=$REFUSED
    etcd_tidy.py -endpoints=$REFUSED -transport=native
    load_fake_data.py -endpoints=$REFUSED
    walk_parity.py -endpoints=$REFUSED
    walk_basics.py -endpoints=$REFUSED
    walk_history.py -endpoints=$REFUSED -transport=native
    walk_leases.py -endpoints=$REFUSED
    walk_ranges.py -endpoints=$REFUSED
    walk_txn.py -endpoints=$REFUSED -transport=native
    walk_values.py -endpoints=$REFUSED
    ETCD_ENDPOINT=$REFUSED etcd_status.sh
    ETCD_ENDPOINT=$REFUSED load_fake_data.sh
    ETCD_ENDPOINT=$REFUSED walk_basics.sh
    ETCD_ENDPOINT=$REFUSED walk.sh
    ETCD_ENDPOINT=$REFUSED walk.sh leases --transport=gateway
    etcd_reporter.py -endpoints=no-such-host.invalid:2379
    etcd_reporter.py -endpoints=no-such-host.invalid:2379 -transport=native
    etcd_reporter.py -endpoints=http://[::1]:1
    etcd_reporter.py -endpoints=http://[::1]:1 -transport=native
    ETCD_ENDPOINT=http://${HTTPS#https://} walk_basics.sh
    etcd_tidy.py -endpoints=$LIVE,$REFUSED
    etcd_tidy.py -endpoints=$LIVE,$REFUSED -transport=native
    """,
    3,
    "start",
)

_OTHER_SCHEME = [
    Row(f"{script} -transport={transport}", 1, words)
    for transport in ("gateway", "native")
    for script, words in (
        ("etcd_reporter.py -endpoints=https://${LIVE#http://}", "does not speak TLS: use http://"),
        ("etcd_tidy.py -endpoints=http://${HTTPS#https://}", "speaks TLS: use https://"),
        ("etcd_faker.py -endpoints=$HTTPS", "its certificate is not signed by an authority"),
    )
]
_OTHER_SCHEME += [
    Row("etcd_top.py -endpoints=http://${HTTPS#https://}", 1, "speaks TLS: use https://"),
]

# etcdctl takes what the Go library takes for an address, and says 1 for whatever is not there.
_ETCDCTL = [
    Row("etcdctl.py --endpoints=$REFUSED get a", 1, "Error: "),
    Row("etcdctl.py --endpoints=$REFUSED --transport=native get a", 1, "Error: "),
    Row("etcdctl.py --endpoints=localhost:65536 get a", 1, "not host:port or a URL"),
    Row("etcdctl.py --endpoints=[::g]:1 get a", 1, "not host:port or a URL"),
    Row("etcdctl.py --endpoints=http://h/p get a", 1, "not host:port or a URL: 'http://h/p'"),
    Row("etcdctl.py --endpoints= get a", 2, "Error: no available endpoints"),
    Row("etcdctl.py --endpoints=no-such-host.invalid:1 get a", 1, "Error: "),
    Row("etcdctl.py --endpoints=https://${LIVE#http://} get a", 1, "Error: "),
    Row("etcdctl.py --endpoints=http://${HTTPS#https://} get a", 1, "Error: "),
    Row("etcdctl.py --endpoints=$HTTPS get a", 1, "Error: "),
]

_FINE = [
    Row("etcdctl.py --endpoints=$LIVE/ get a", 0),
    Row("etcdctl.py --endpoints=$REFUSED,$LIVE get a", 0),
    Row("etcd_reporter.py -endpoints=$LIVE/ -o=json", 0, "no keys under", "{"),
    Row("etcd_reporter.py -endpoints=$LIVE/ -transport=native", 0, "no keys under", "keys"),
    Row("etcd_reporter.py -endpoints=$REFUSED,$LIVE -o=json", 0, "no keys under", "{"),
    Row("ETCD_ENDPOINT=$LIVE/ walk_basics.sh", 0, "", "hello world"),
    Row("NODES=3 ETCD_ENDPOINT=http://127.0.0.1:02379/ etcd_env.sh", 0, "", "127.0.0.1:2379"),
    Row("ETCD_ENDPOINT=http://[::1]:1 walk_basics.sh --dry-run", 0, "", "$ etcdctl"),
    Row("walk_basics.py -endpoints=[::1]:1 -dry-run -curl", 0, "", "http://[::1]:1/v3/"),
]

ROWS = [
    *_MALFORMED, *_MALFORMED_IN_SHELL, *_NOT_ON_LOOPBACK, *_NOT_IPV6, *_NO_PORTS_LEFT,
    *_UNREACHABLE, *_OTHER_SCHEME, *_ETCDCTL, *_FINE,
]  # fmt: skip
