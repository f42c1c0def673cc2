"""Environment variables that cannot be."""

from __future__ import annotations

from bad_input.row import Row, rows_of

_ENDPOINT = rows_of(
    """
    ETCD_ENDPOINT=nowhere etcd_compare.py
    ETCD_ENDPOINT=nowhere bench_faker.py
    ETCD_ENDPOINT=nowhere bench_reporter.py
    ETCD_ENDPOINT=nowhere bench_executors.py
    ETCD_ENDPOINT=nowhere dask_demo.py
    ETCD_ENDPOINT=nowhere etcd_faker.py
    ETCD_ENDPOINT=nowhere etcd_reporter.py
    ETCD_ENDPOINT=nowhere etcd_tidy.py
    ETCD_ENDPOINT=nowhere etcd_top.py
    ETCD_ENDPOINT=nowhere load_fake_data.py
    ETCD_ENDPOINT=nowhere walk_parity.py
    ETCD_ENDPOINT=nowhere walk_basics.py
    ETCD_ENDPOINT=nowhere walk_history.py
    ETCD_ENDPOINT=nowhere walk_leases.py
    ETCD_ENDPOINT=nowhere walk_ranges.py
    ETCD_ENDPOINT=nowhere walk_txn.py
    ETCD_ENDPOINT=nowhere walk_values.py
    ETCD_ENDPOINT=nowhere etcd_env.sh
    ETCD_ENDPOINT=nowhere etcd_stats.sh
    ETCD_ENDPOINT=nowhere etcd_status.sh
    ETCD_ENDPOINT=nowhere etcd_up.sh
    ETCD_ENDPOINT=nowhere load_fake_data.sh
    ETCD_ENDPOINT=nowhere walk_basics.sh
    ETCD_ENDPOINT=nowhere walk_history.sh
    ETCD_ENDPOINT=nowhere walk_leases.sh
    ETCD_ENDPOINT=nowhere walk_ranges.sh
    ETCD_ENDPOINT=nowhere walk_txn.sh
    ETCD_ENDPOINT=nowhere walk_values.sh
    ETCD_ENDPOINT=nowhere walk.sh basics
    """,
    2,
    "ETCD_ENDPOINT: not host:port or a URL: 'nowhere'",
)

_OTHERS = [
    Row("ETCDCTL_ENDPOINTS=nowhere etcd_reporter.py", 2, "ETCDCTL_ENDPOINTS: not host:port"),
    Row("ETCDCTL_ENDPOINTS=nowhere walk_ranges.py", 2, "ETCDCTL_ENDPOINTS: not host:port"),
    Row("ETCDCTL_ENDPOINTS=nowhere load_fake_data.sh", 2, "not host:port or a URL: 'nowhere'"),
    Row("ETCDCTL_ENDPOINTS=nowhere walk_ranges.sh", 2, "not host:port or a URL: 'nowhere'"),
    Row("ETCDCTL_ENDPOINTS=nowhere etcdctl.py get a", 1, "Error: "),
    Row("ETCDCTL_ENDPOINTS=$LIVE etcdctl.py --endpoints=$LIVE get a", 1, "are set"),
    Row("ETCDCTL_ENDPOINTS=, etcdctl.py get a", 2, "Error: no available endpoints"),
    Row("ETCDCTL_DIAL_TIMEOUT=soon etcdctl.py get a", 1, "Error: ETCDCTL_DIAL_TIMEOUT: "),
    Row("ETCDCTL_COMMAND_TIMEOUT=5 etcdctl.py get a", 1, "Error: ETCDCTL_COMMAND_TIMEOUT: "),
    Row("ETCDCTL_HEX=perhaps etcdctl.py get a", 1, "Error: ETCDCTL_HEX: "),
    Row("ETCDCTL_WRITE_OUT=xml etcdctl.py get a", 4, "Error: "),
    Row("ETCDCTL_TRANSPORT=tcp etcdctl.py get a", 1, "Error: --transport: gateway or native"),
    Row("ETCDCTL_WRITE_OUT=json etcdctl.py get a -w json", 1, "are set"),
    Row("STRING_COUNT=x load_fake_data.py", 2, "STRING_COUNT: not a whole number: 'x'"),
    Row("JSON_COUNT=0 load_fake_data.py", 2, "JSON_COUNT: must be above zero"),
    Row("BLOB_COUNT=-1 load_fake_data.py", 2, "BLOB_COUNT: must be above zero"),
    Row("BLOB_BYTES=1.5 load_fake_data.py", 2, "BLOB_BYTES: not a whole number: '1.5'"),
    Row("STRING_COUNT=x load_fake_data.sh", 2, "STRING_COUNT: not a whole number: 'x'"),
    Row("JSON_COUNT=0 load_fake_data.sh", 2, "JSON_COUNT: must be above zero"),
    Row("BLOB_COUNT=-1 load_fake_data.sh", 2, "BLOB_COUNT: not a whole number: '-1'"),
    Row("BLOB_BYTES=0x20 load_fake_data.sh", 2, "BLOB_BYTES: not a whole number: '0x20'"),
    Row("STRING_COUNT=9999999999 load_fake_data.sh", 2, "STRING_COUNT: too large"),
    Row("STRING_COUNT=$'5\\n6' load_fake_data.sh", 2, "STRING_COUNT: not a whole number"),
    Row("NODES=2 etcd_up.sh", 2, "NODES: 1 or 3, not '2'"),
    Row("NODES=three etcd_up.sh", 2, "NODES: 1 or 3, not 'three'"),
    Row("NODES=$'3\\n' etcd_up.sh", 2, "NODES: 1 or 3, not "),
    Row("ETCD_UP_TIMEOUT=soon etcd_up.sh", 2, "ETCD_UP_TIMEOUT: not a whole number: 'soon'"),
    Row("ETCD_UP_TIMEOUT=0 etcd_up.sh", 2, "ETCD_UP_TIMEOUT: must be above zero"),
    Row("ETCD_BIN= ETCD_RUNTIME=podman etcd_up.sh", 2, "docker, path, bin or wheel, not 'podman'"),
    Row("ETCD_BIN=no/such etcd_up.sh", 2, "ETCD_BIN: no such folder: 'no/such'"),
    Row("ETCD_BIN=/dev/null etcd_up.sh", 2, "ETCD_BIN: no such folder: '/dev/null'"),
    Row("ETCD_BIN=$GIVEN etcd_up.sh", 2, "ETCD_BIN: no working etcd in "),
    Row("ETCD_BIN=$GIVEN/old etcd_up.sh", 2, "is 3.3.27; 3.4 or newer is needed"),
    Row("ETCD_BIN=$GIVEN/half etcd_up.sh", 2, "ETCD_BIN: no etcdctl in "),
    Row("ETCD_BIN=$GIVEN ETCD_RUNTIME=wheel etcd_up.sh", 2, "contradict each other"),
    Row("ETCD_BIN= ETCD_RUNTIME=wheel VENV=no/such etcd_up.sh", 1, "run 'make venv'"),
    Row("ETCD_VERSION=banana etcd_up.sh", 2, "not a release such as 3.5.30, nor 'latest': 'b"),
    Row("ETCD_VERSION=3.7 etcd_up.sh", 2, "not a release such as 3.5.30, nor 'latest': '3.7'"),
    Row("ETCD_VERSION=$'3.7.3\\n' etcd_up.sh", 2, "not a release such as 3.5.30, nor 'latest': "),
    Row("ETCD_VERSION=3.3.27 etcd_up.sh", 2, "etcd 3.3.27 is too old; 3.4 or newer is needed"),
    Row(
        "ETCD_SOURCES=archive ETCD_DOWNLOAD_URL=$REFUSED ETCD_RUNTIME=bin ETCD_BIN="
        " ETCD_VERSION=9.9.9 etcd_up.sh",
        1,
        "cannot get etcd 9.9.9: archive: ",
    ),
    Row(
        "ETCD_BIN= ETCD_RUNTIME=wheel ETCD_VERSION=9.9.9 etcd_up.sh",
        2,
        "ETCD_VERSION=9.9.9 contradicts ETCD_RUNTIME=wheel, which is etcd 3.5.1",
    ),
    Row("ETCD_BIN= ETCD_RUNTIME=path etcd_up.sh", 1, "there is no etcd on PATH"),
    Row(
        "ETCD_BIN= ETCD_RUNTIME=docker COMPOSE_CMD=false etcd_up.sh", 1, "no engine answers 'false'"
    ),
    Row(
        "ETCD_BIN= ETCD_RUNTIME=docker COMPOSE_CMD='echo 1.29.2' etcd_up.sh",
        1,
        "is Compose 1.29.2; 2 or newer is needed",
    ),
    Row(
        "ETCD_STATE=/dev/null/a ETCD_ENDPOINT=$REFUSED etcd_up.sh", 1, "cannot write to /dev/null/a"
    ),
    Row("ETCD_STATE=/proc/a ETCD_ENDPOINT=$REFUSED etcd_up.sh", 1, "cannot write to /proc/a"),
    Row("ETCD_STATE=/dev/null etcd_down.sh", 0, "no etcd of the lab was running"),
    Row("ETCD_STATE=/dev/null get_etcd.sh 3.5.30", 1, "cannot write to /dev/null/bin: "),
    Row("ETCD_SOURCES='archive docker' get_etcd.sh 3.5.30", 2, "ETCD_SOURCES: of archive, debian"),
    Row("ETCD_SOURCES=' ' get_etcd.sh 3.5.30", 2, "of archive, debian and go, not ''"),
    Row("ETCD_DOWNLOAD_URL=ftp://localhost get_etcd.sh 3.5.30", 2, "not an http or https URL: 'f"),
    Row("ETCD_DOWNLOAD_URL='http://a b' get_etcd.sh 3.5.30", 2, "not an http or https URL: 'h"),
    Row("ETCD_STATE=/dev/null etcd_clean.sh", 0),
    Row("ETCD_STATE=/proc/self etcd_clean.sh", 0, "left alone, not the lab's: /proc/self"),
    Row("ETCD_STATE=no/such etcd_clean.sh", 0),
    Row("ETCD_STATE=no/such etcd_logs.sh", 0, "no log: nothing was started here"),
    Row("ETCD_STATE=no/such etcd_logs.sh -f", 0, "no log: nothing was started here"),
    Row("LINES_SHOWN=all etcd_logs.sh", 2, "LINES_SHOWN: not a whole number: 'all'"),
    Row("LINES_SHOWN=0 etcd_logs.sh", 2, "LINES_SHOWN: must be above zero"),
    Row("LINES_SHOWN=+5 etcd_logs.sh", 2, "LINES_SHOWN: not a whole number: '+5'"),
    Row("ETCD_STATE=/dev/null etcd_stats.sh", 0),
    Row("ETCDCTL=no-such load_fake_data.sh", 2, "ETCDCTL: no such command: 'no-such'"),
    Row("ETCDCTL=' ' walk_basics.sh", 2, "ETCDCTL: no such command: ' '"),
    Row("ETCDCTL=no-such ETCD_ENDPOINT=$LIVE etcd_status.sh", 2, "ETCDCTL: no such command"),
    Row(
        "ETCDCTL=no-such ETCD_ENDPOINT=$LIVE etcd_compare.py",
        1,
        "ETCDCTL: no such command: 'no-such'",
    ),
    Row("ETCD_BIN=no/such ETCD_ENDPOINT=$LIVE walk_txn.sh", 2, "ETCD_BIN: no etcdctl in 'no/such'"),
    Row(
        "ETCD_BIN=no/such ETCD_ENDPOINT=$LIVE etcd_compare.py",
        1,
        "ETCD_BIN: no etcdctl in 'no/such'",
    ),
]

_TESTS = [
    Row("TESTS_AT_ONCE=x run_tests.sh", 2, "TESTS_AT_ONCE: not a whole number: 'x'"),
    Row("TESTS_AT_ONCE=0 run_tests.sh slow", 2, "TESTS_AT_ONCE: must be above zero"),
    Row("VENV=/nonexistent run_tests.sh", 1, "no pytest in /nonexistent; run 'make venv'"),
]
_COUNTS = [
    Row(f"{name}={value} {loader}", 2, name)
    for loader in ("load_fake_data.sh", "load_fake_data.py")
    for name, values in (
        ("STRING_COUNT", ("0", "1.5", "1e3", "' 7'", "99999999999999999999")),
        ("JSON_COUNT", ("ten",)), ("BLOB_COUNT", ("0",)), ("BLOB_BYTES", ("-1",)),
    )
    for value in values
]  # fmt: skip
_ENDPOINTS = [
    Row(f"ETCD_ENDPOINT={endpoint} {loader}", 2, "not host:port or a URL")
    for loader in ("load_fake_data.sh", "load_fake_data.py")
    for endpoint in ("127.0.0.1:", ":2379", "ftp://127.0.0.1:2379", "127.0.0.1:0",
                     "127.0.0.1:99999", "http://me:pw@127.0.0.1:2379", "$LIVE,", "$LIVE/v3")
]  # fmt: skip

ROWS = [*_TESTS, *_COUNTS, *_ENDPOINTS, *_ENDPOINT, *_OTHERS]
