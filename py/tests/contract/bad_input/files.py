"""Files that are missing, no files, or not what they should be."""

from __future__ import annotations

from pathlib import Path

import orjson

from bad_input.row import Row
from etcdlab.report.document import Origin, build_report
from etcdlab.report.summary import Summary

_OLD_ETCD = '#!/bin/sh\necho "etcd Version: 3.3.27"\n'
_ETCD = '#!/bin/sh\necho "etcd Version: 3.5.1"\n'


def make(folder: Path) -> None:
    """Make the bad files that rows name with $GIVEN."""
    report = {"kind": "etcd lab report", "version": 1}
    contents = {
        "empty": b"",
        "text": b"what I saved\n",
        "half.json": b'{"kind":"etcd lab report","vers',
        "list.json": b"[1,2,3]",
        "other.json": b'{"kind":"a menu","version":1}',
        "future.json": orjson.dumps(report | {"version": 99}),
        "no-version.json": orjson.dumps({"kind": report["kind"]}),
        "hollow.json": orjson.dumps(report),
        "numbers.json": orjson.dumps(report | {"keys": "many", "types": [], "prefix": 7}),
        "part.json": orjson.dumps(_report_on_what()),
        "latin1.json": b'{"kind":"caf\xe9"}',
        "deep.json": b"[" * 100_000,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for name, script in (("old", _OLD_ETCD), ("half", _ETCD)):
        (folder / name).mkdir()
        (folder / name / "etcd").write_text(script)
        (folder / name / "etcd").chmod(0o755)
    (folder / "folder").mkdir()
    (folder / "gone").symlink_to(folder / "no-such")
    (folder / "circle").symlink_to(folder / "circle")


def _report_on_what() -> dict[str, object]:
    """A report that says not which keys it is on."""
    report = build_report(Summary(b"p/", ("price",), 1, 5), Origin("", "", "", 1, 0.0))
    del report["range"]
    return report


ROWS = [
    Row("ETCD_BIN=$GIVEN/folder etcd_chaos.py", 2, "ETCD_BIN: no etcd in "),
    Row("get_etcd.sh 3.5.30 $GIVEN", 1, ": holds other things than etcd 3.5.30"),
    Row("get_etcd.sh 3.5.30 $GIVEN/half", 1, "half: holds other things than etcd 3.5.30"),
    Row("get_etcd.sh 3.5.30 $GIVEN/text", 1, "text: is there, and is not a folder to enter"),
    Row("get_etcd.sh 3.5.30 $GIVEN/gone", 1, "gone: is there, and is not a folder to enter"),
    Row("etcd_certificates.py -folder=$GIVEN", 1, ": already exists"),
    Row("etcd_certificates.py -folder=no/such", 1, "no/such: No such file or directory"),
    Row("etcd_faker.py -cacert=no-such.pem", 2, "no-such.pem: No such file or directory"),
    Row("etcd_top.py -cacert=$GIVEN/text", 2, "not a certificate or key"),
    Row("etcd_tidy.py -cert=$GIVEN/text", 2, "--cert and --key must be given together"),
    Row("walk_parity.py -cert=$GIVEN/text -key=$GIVEN/text", 2, "not a certificate or key"),
    Row("walk_txn.py -cacert=$GIVEN/folder", 2, "folder: Is a directory"),
    Row("load_fake_data.py -cacert=$GIVEN/empty", 2, "empty: not a certificate or key"),
    Row("etcd_reporter.py -diff=no-such.json", 2, "no-such.json: No such file or directory"),
    Row("etcd_reporter.py -diff=$GIVEN/folder", 2, "folder: Is a directory"),
    Row("etcd_reporter.py -diff=$GIVEN/gone", 2, "gone: No such file or directory"),
    Row("etcd_reporter.py -diff=$GIVEN/circle", 2, "circle: Too many levels of symbolic links"),
    Row("etcd_reporter.py -diff=$GIVEN/text/more", 2, "text/more: Not a directory"),
    Row("etcd_reporter.py -diff=/proc/self/mem", 2, "/proc/self/mem: Input/output error"),
    Row("etcd_reporter.py -diff=$(printf %0300d 0)", 2, "File name too long"),
    Row("etcd_reporter.py -diff=/dev/null", 2, "/dev/null: not a report that -save made"),
    Row("etcd_reporter.py -diff=/dev/zero", 2, "/dev/zero: not a report that -save made"),
    Row("etcd_reporter.py -diff=$GIVEN/empty", 2, "empty: not a report that -save made"),
    Row("etcd_reporter.py -diff=$GIVEN/text", 2, "text: not a report that -save made"),
    Row("etcd_reporter.py -diff=$GIVEN/half.json", 2, "half.json: not a report that -save made"),
    Row("etcd_reporter.py -diff=$GIVEN/list.json", 2, "list.json: not a report that -save made"),
    Row("etcd_reporter.py -diff=$GIVEN/other.json", 2, "other.json: not a report that -save made"),
    Row("etcd_reporter.py -diff=$GIVEN/latin1.json", 2, "latin1.json: not a report that -save"),
    Row("etcd_reporter.py -diff=$GIVEN/deep.json", 2, "deep.json: not a report that -save made"),
    Row("etcd_reporter.py -diff=$GIVEN/future.json", 2, "a report of version 99, not 1"),
    Row("etcd_reporter.py -diff=$GIVEN/no-version.json", 2, "a report of version None, not 1"),
    Row("etcd_reporter.py -diff=$GIVEN/hollow.json", 2, "a report with something missing"),
    Row("etcd_reporter.py -diff=$GIVEN/numbers.json", 2, "a report with something missing"),
    Row("etcd_reporter.py -save=no/such/a.json", 2, "no/such/a.json: no such directory"),
    Row("etcd_reporter.py -save=$GIVEN", 2, ": is a directory"),
    Row("etcd_reporter.py -save=$GIVEN/text/a", 2, "text/a: no such directory"),
    Row("etcd_reporter.py -save=/proc/a.json -endpoints=$LIVE", 2, "/proc/a.json: "),
    Row("etcd_reporter.py -save=/sys/a.json -endpoints=$LIVE", 2, "/sys/a.json: "),
    Row("etcd_reporter.py -save=$GIVEN/circle -endpoints=$LIVE", 2, "circle: "),
    Row("etcd_reporter.py -save=$(printf %0300d 0) -endpoints=$LIVE", 2, ": File name too long"),
    Row("bench_faker.py -out=no/such/a.json -endpoints=$LIVE", 2, "no/such/a.json: no such"),
    Row("bench_faker.py -out=$GIVEN -endpoints=$LIVE", 2, ": is a directory"),
    Row("bench_faker.py -out= -endpoints=$LIVE", 2, "-out: must not be empty"),
    Row("bench_faker.py -out=/proc/a.json -endpoints=$LIVE", 2, "/proc/a.json: "),
    Row("etcd_reporter.py -merge $GIVEN/text no-such.json", 2, "text: not a report that -save"),
    Row("etcd_reporter.py -merge no-such.json $GIVEN/text", 2, "no-such.json: No such file"),
    Row("etcd_reporter.py -merge $GIVEN/hollow.json", 2, "a report with something missing"),
    Row(
        "etcd_reporter.py -merge $GIVEN/part.json", 2, "part.json: a report with something missing"
    ),
    Row("etcd_reporter.py -merge= -o=json", 2, "-merge: must not be empty"),
    Row("etcd_reporter.py -merge $GIVEN/text -save=no/such.json", 2, "no/such.json: no such direc"),
    Row("bench_executors.py -out=no/such/a.json -endpoints=$LIVE", 2, "no/such/a.json: no such"),
    Row("bench_reporter.py -out=no/such/a.json -endpoints=$LIVE", 2, "no/such/a.json: no such"),
    Row("bench_reporter.py -out=$GIVEN/circle -endpoints=$LIVE", 2, "circle: "),
]
