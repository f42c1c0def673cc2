"""Keys and values at etcd's limits and beyond: 1.5 MiB to a request, 2 MiB to a message."""

from __future__ import annotations

from bad_input.row import Row

# An argument may have 128 KiB, so what is larger comes in through stdin.
_AT_MOST = 1536 * 1024 - 200
_LOAD = "etcd_faker.py -endpoints=$LIVE -n=3 -c=1"

ROWS = [
    Row(f"head -c {_AT_MOST} /dev/zero | etcdctl.py --endpoints=$LIVE put a", 0, "", "OK",
        writes=True),
    Row("head -c 1573000 /dev/zero | etcdctl.py --endpoints=$LIVE put a", 1,
        "Error: etcdserver: request is too large"),
    Row("head -c 1573000 /dev/zero | etcdctl.py --endpoints=$LIVE --transport=native put a", 1,
        "Error: etcdserver: request is too large"),
    Row("head -c 2200000 /dev/zero | etcdctl.py --endpoints=$LIVE put a", 1,
        "Error: grpc: received message larger than max"),
    Row("head -c 2200000 /dev/zero | etcdctl.py --endpoints=$LIVE --transport=native put a", 1,
        "Error: "),
    Row("head -c 16000000 /dev/zero | etcdctl.py --endpoints=$LIVE put a", 1, "Error: "),
    Row("etcdctl.py --endpoints=$LIVE put '' b", 1, "Error: etcdserver: key is not provided"),
    Row("etcdctl.py --endpoints=$LIVE --transport=native put '' b", 1,
        "Error: etcdserver: key is not provided"),
    Row("etcdctl.py --endpoints=$LIVE get ''", 1, "Error: etcdserver: key is not provided"),
    Row("etcdctl.py --endpoints=$LIVE del ''", 1, "Error: etcdserver: key is not provided"),
    Row("etcdctl.py --endpoints=$LIVE get $(printf %0100000d 0)", 0),
    Row("etcdctl.py --endpoints=$LIVE get --rev=999999999 a", 1,
        "Error: etcdserver: mvcc: required revision is a future revision"),
    Row("etcdctl.py --endpoints=$LIVE put a b --lease=1234", 1,
        "Error: etcdserver: requested lease not found"),
    Row("etcdctl.py --endpoints=$LIVE lease revoke 1234", 1, "requested lease not found"),
    Row("etcdctl.py --endpoints=$LIVE lease grant 99999999999", 1, "Error: etcdserver: too large"),
    Row("etcdctl.py --endpoints=$LIVE compaction 999999999", 1, "required revision is a future"),
    Row("echo 'nonsense' | etcdctl.py --endpoints=$LIVE txn", 3, "Error: "),
    Row("printf '\\n%s\\n\\n\\n' 'put a' | etcdctl.py --endpoints=$LIVE txn", 128, "Error: "),
    Row("{ echo; for i in {1..129}; do echo put a$i b; done; echo; echo; } |"
        " etcdctl.py --endpoints=$LIVE txn", 1, "Error: etcdserver: too many operations"),
    Row("printf '\\n%s\\n%s\\n\\n\\n' 'put a 1' 'put a 2' | etcdctl.py --endpoints=$LIVE txn", 1,
        "Error: etcdserver: duplicate key given in txn request"),
    Row("head -c 300000 /dev/urandom | etcdctl.py --endpoints=$LIVE txn", 3, "Error: "),
    Row(f"{_LOAD} -blob-bytes=1572864", 2, "a value of 1572864 bytes is more than etcd takes"),
    Row(f"{_LOAD} -blob-bytes=999999999999", 2, "is more than etcd takes"),
    Row(f"{_LOAD} -blob-bytes=0", 2, "-blob-bytes: must be above zero"),
    Row(f"{_LOAD} -prefix=$(printf %0100000d 0)", 0, "", "keys", writes=True),
    Row(f"{_LOAD} -prefix=$(printf %0100000d 0) -blob-bytes=1500000", 2, "is more than etcd takes"),
    Row(f"{_LOAD} -start=999999999999999999", 0, "", "keys", writes=True),
    Row(f"{_LOAD} -prefix=$'\\xff' -transport=native", 0, "", "keys", writes=True),
    Row(f"{_LOAD} -n=999999999999 -blob-bytes=1000", 1, "MB of etcd's database"),
    Row(f"{_LOAD} -ttl=999999999m", 2, "-ttl: at most"),
    Row(f"{_LOAD} -verify", 1, "missing: datasets/loadtest/00000000", "missing"),
    Row("etcd_reporter.py -endpoints=$LIVE -rev=999999999", 1, "future revision"),
    Row("etcd_reporter.py -endpoints=$LIVE -diff-rev=999999999", 1, "future revision"),
    Row("etcd_reporter.py -endpoints=$LIVE -rev=999999999 -transport=native", 1, "future revision"),
    Row("etcd_reporter.py -endpoints=$LIVE -batch=999999999999999999 -o=json", 0, "no keys under",
        "{"),
    Row("etcd_reporter.py -endpoints=$LIVE -top=999999999999999999 -o=json", 0, "no keys under",
        "{"),
    Row("etcd_reporter.py -endpoints=$LIVE -depth=999999999999999999", 0, "no keys under", "keys"),
    Row("etcd_reporter.py -endpoints=$LIVE -prefix=$'\\xff\\xff' -o=json", 0, "no keys under", "{"),
    Row("load_fake_data.py -endpoints=$LIVE -blob-bytes=1572864", 2, "is more than etcd takes"),
    Row("ETCD_ENDPOINT=$LIVE BLOB_BYTES=1572864 load_fake_data.sh", 2, "is more than etcd takes"),
    Row("etcd_tidy.py -endpoints=$LIVE -keep -timeout=999999999m", 2, "-timeout: at most"),
]  # fmt: skip
