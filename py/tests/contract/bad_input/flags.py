"""Flags that are unknown, misspelt, without a value, bad, contradicting or repeated."""

from __future__ import annotations

from bad_input.row import Row, rows_of

_UNKNOWN = rows_of(
    """
    etcd_compare.py -nope
    bench_faker.py -nope
    bench_reporter.py -nope
    bench_executors.py -nope
    dask_demo.py -nope
    etcd_faker.py -nope
    etcd_reporter.py -nope
    etcd_tidy.py -nope
    etcd_top.py -nope
    etcd_certificates.py -nope
    etcd_chaos.py -nope
    load_fake_data.py -nope
    walk_parity.py -nope
    walk_basics.py -nope
    walk_history.py -nope
    walk_leases.py -nope
    walk_ranges.py -nope
    walk_txn.py -nope
    walk_values.py -nope
    etcd_env.sh -nope
    build_bench_tools.sh -nope
    etcd_clean.sh -nope
    etcd_down.sh -nope
    etcd_logs.sh -nope
    etcd_stats.sh -nope
    etcd_status.sh -nope
    etcd_up.sh -nope
    get_etcd.sh -nope
    get_etcd.sh -nope 3.5.30
    load_fake_data.sh -nope
    make_venv.sh -nope
    run_tests.sh -nope
    walk.sh -nope
    walk_basics.sh -nope
    walk_history.sh -nope
    walk_leases.sh -nope
    walk_ranges.sh -nope
    walk_txn.sh -nope
    walk_values.sh -nope
    """,
    2,
    "unknown flag: -nope (see ",
)

_UNEXPECTED = rows_of(
    """
    etcd_compare.py values
    bench_faker.py values
    bench_reporter.py values
    bench_executors.py values
    dask_demo.py values
    etcd_faker.py values
    etcd_certificates.py values
    etcd_chaos.py values
    etcd_reporter.py values
    etcd_tidy.py values
    etcd_top.py values
    load_fake_data.py values
    walk_parity.py values
    walk_basics.py values
    walk_txn.py values
    build_bench_tools.sh values
    etcd_clean.sh values
    etcd_down.sh values
    etcd_logs.sh values
    etcd_logs.sh -f values
    etcd_stats.sh values
    etcd_status.sh values
    etcd_up.sh values
    load_fake_data.sh values
    walk_basics.sh values
    walk_history.sh values
    walk_leases.sh values
    walk_ranges.sh values
    walk_txn.sh values
    walk_values.sh values
    """,
    2,
    "unexpected argument: ",
)

_SPELLING = [
    Row("etcd_faker.py -prefx=a", 2, "unknown flag: -prefx=a"),
    Row("etcd_faker.py -pre=a", 2, "unknown flag: -pre=a"),
    Row("etcd_faker.py ---n=5", 2, "unknown flag: ---n=5"),
    Row("etcd_faker.py -", 2, "unknown flag: -"),
    Row("etcd_faker.py --", 2, "unknown flag: --"),
    Row("etcd_faker.py ''", 2, "unexpected argument: ''"),
    Row("etcd_faker.py -json false", 2, "a switch takes its value after '=': -json=false"),
    Row("etcd_faker.py $'-no\\nsuch'", 2, "unknown flag: "),
    Row("etcd_faker.py $'no\\nsuch'", 2, "unexpected argument: "),
    Row("etcd_faker.py $'-\\xff'", 2, "unknown flag: "),
    Row("etcd_faker.py $'-n=\\xff'", 2, "-n: not a whole number"),
    Row("etcd_up.sh $'no\\nsuch'", 2, "unexpected argument: "),
    Row("walk_basics.sh $'-no\\nsuch'", 2, "unknown flag: "),
    Row("walk.sh $'no\\nsuch'", 2, "no such topic: "),
    Row("walk.sh basic", 2, "no such topic: 'basic'; there are basics "),
    Row("walk.sh basics '*'", 2, "no such topic: '*'"),
    Row("walk.sh 'basics ranges'", 2, "no such topic: 'basics ranges'"),
    Row("walk.sh basics --transport=tcp", 2, "-transport: gateway or native, not 'tcp'"),
    Row("walk.sh basics --transport=", 2, "-transport: gateway or native, not ''"),
    Row("walk.sh basics --transport", 2, "--transport"),
    Row("walk.sh basics --nope", 2, "unknown flag: --nope"),
    Row("build_bench_tools.sh ''", 2, "unexpected argument: "),
    Row("get_etcd.sh", 2, "usage: get_etcd.sh VERSION [DIR]"),
    Row("get_etcd.sh 3.5.30 a b", 2, "usage: get_etcd.sh VERSION [DIR]"),
    Row("get_etcd.sh 3.5.30 ''", 2, "usage: get_etcd.sh VERSION [DIR]"),
    Row("get_etcd.sh ''", 2, "not a release such as 3.5.30, nor 'latest': ''"),
    Row("get_etcd.sh banana", 2, "not a release such as 3.5.30, nor 'latest': 'banana'"),
    Row("get_etcd.sh 3.5", 2, "not a release such as 3.5.30, nor 'latest': '3.5'"),
    Row("get_etcd.sh 3.6.0-rc.1", 2, "not a release such as 3.5.30, nor 'latest': '3.6.0-rc.1'"),
    Row("get_etcd.sh $'3.5.1\\n'", 2, "not a release such as 3.5.30, nor 'latest': "),
    Row("get_etcd.sh v3.3.27", 2, "etcd 3.3.27 is too old; 3.4 or newer is needed"),
    Row("make_venv.sh", 2, "usage: make_venv.sh PYTHON FOLDER"),
    Row("make_venv.sh python3", 2, "usage: make_venv.sh PYTHON FOLDER"),
    Row("make_venv.sh python3 venv more", 2, "usage: make_venv.sh PYTHON FOLDER"),
    Row("make_venv.sh no-such-python venv", 1, "no no-such-python: Python 3.10 or newer"),
    Row("make_venv.sh false venv", 1, "Python 3.10 or newer"),
    Row("make_venv.sh python3 ''", 2, "usage: make_venv.sh PYTHON FOLDER"),
    Row("make_venv.sh '' venv", 2, "usage: make_venv.sh PYTHON FOLDER"),
]

_WITHOUT_VALUE = rows_of(
    """
    etcd_compare.py -only
    bench_faker.py -out
    bench_reporter.py -go-reporter
    etcd_reporter.py -merge
    etcd_faker.py -executor
    etcd_faker.py -n
    etcd_reporter.py -save
    etcd_tidy.py -timeout
    etcd_top.py -interval
    load_fake_data.py -blob-count
    walk_parity.py -topics
    walk_history.py -prefix
    walk_ranges.sh -prefix
    """,
    2,
    ": needs a value",
)

_VALUES = [
    Row("etcd_compare.py -only=", 2, "-only: "),
    Row("etcd_compare.py -only=vlaues", 2, "-only: "),
    Row("etcd_compare.py -only=values,,ranges", 2, "-only: "),
    Row("etcd_compare.py -rounds=0", 2, "-rounds: must be above zero"),
    Row("etcd_compare.py -seconds=1h", 2, "-seconds: not a number of seconds above zero: '1h'"),
    Row("etcd_compare.py -o=xml", 2, "-o: table, markdown or json, not 'xml'"),
    Row("bench_faker.py -c=1,,2", 2, "-c: not a whole number: ''"),
    Row("bench_faker.py -c=4096", 2, "-c: at most 1024"),
    Row("bench_faker.py -n=-1", 2, "-n: must be above zero"),
    Row("bench_faker.py -seconds=0", 2, "-seconds: not a number of seconds above zero: '0'"),
    Row("bench_faker.py -transports=grpc", 2, "-transports: gateway or native, not 'grpc'"),
    Row("bench_faker.py -go-faker=no/such", 2, "-go-faker: not a program: 'no/such'"),
    Row("bench_faker.py -go-faker=/", 2, "-go-faker: not a program: '/'"),
    Row("bench_faker.py -txn-lua=no/such", 2, "-txn-lua: no such file: 'no/such'"),
    Row("dask_demo.py -n=0", 2, "-n: must be above zero"),
    Row("dask_demo.py -workers=1", 2, "-workers: two at least, as one is killed"),
    Row("dask_demo.py -workers=9999", 2, "-workers: at most 1024"),
    Row("dask_demo.py -prefix=", 2, "-prefix: must not be empty"),
    Row("bench_executors.py -workers=1,0", 2, "-workers: must be above zero"),
    Row("bench_executors.py -workers=a", 2, "-workers: not a whole number: 'a'"),
    Row("bench_executors.py -transports=tcp", 2, "-transports: gateway or native, not 'tcp'"),
    Row("etcd_faker.py -executor=fork", 2, "threads, processes or dask://HOST:PORT, not 'fork'"),
    Row("etcd_faker.py -executor=dask://", 2, "-executor: not host:port or a URL: ''"),
    Row("etcd_faker.py -executor=dask://a", 2, "-executor: not host:port or a URL: 'a'"),
    Row("etcd_faker.py -executor=dask://a:1/b", 2, "dask://HOST:PORT, not 'dask://a:1/b'"),
    Row("etcd_reporter.py -executor=dask://a:70000", 2, "not host:port or a URL: 'a:70000'"),
    Row("etcd_faker.py -workers=2", 2, "-workers: only with -executor=processes"),
    Row(
        "etcd_reporter.py -workers=2 -executor=dask://a:1",
        2,
        "-workers: only with -executor=processes",
    ),
    Row("etcd_faker.py -executor=processes -workers=0", 2, "-workers: must be above zero"),
    Row("etcd_reporter.py -from=b -prefix=a", 2, "-from: 'b' is not under 'a'"),
    Row("etcd_reporter.py -to=b -prefix=a", 2, "-to: 'b' is not under 'a'"),
    Row("etcd_reporter.py -from=ab -to=aa -prefix=a", 2, "-from and -to: no key is between them"),
    Row("etcd_reporter.py -from=ab -start=3 -prefix=a", 2, "-start and -from: one or the other"),
    Row("etcd_reporter.py -n=3 -to=ab -prefix=a", 2, "-n and -to: one or the other"),
    Row("etcd_reporter.py -start=-1", 2, "-start: must not be below zero"),
    Row("etcd_reporter.py -start=99999999 -n=2", 2, "not in the order of their numbers"),
    Row("etcd_reporter.py -merge a.json -prefix=x", 2, "-merge and -prefix: one or the other"),
    Row("etcd_reporter.py -merge a.json -watch=1s", 2, "-merge and -watch: one or the other"),
    Row("etcd_reporter.py -merge a.json -n 3", 2, "-merge and -n: one or the other"),
    Row("bench_reporter.py -n=1,x", 2, "-n: not a whole number: 'x'"),
    Row("bench_reporter.py -batch=0", 2, "-batch: must be above zero"),
    Row("bench_reporter.py -c=2000", 2, "-c: at most 1024"),
    Row("bench_reporter.py -go-reporter=", 2, "-go-reporter: not a program: ''"),
    Row("etcd_faker.py -n=", 2, "-n: not a whole number: ''"),
    Row("etcd_faker.py -n=1e3", 2, "-n: not a whole number: '1e3'"),
    Row("etcd_faker.py -n=1_000", 2, "-n: not a whole number: '1_000'"),
    Row("etcd_faker.py -n=٣", 2, "-n: not a whole number: '٣'"),
    Row("etcd_faker.py -n=99999999999999999999", 2, "-n: not a whole number"),
    Row("etcd_faker.py -n=5 -n=0", 2, "-n: must be above zero"),
    Row("etcd_faker.py -start=-1", 2, "-start: must not be below zero"),
    Row("etcd_faker.py -c=0", 2, "-c: must be above zero"),
    Row("etcd_faker.py -c=2000", 2, "-c: at most 1024"),
    Row("etcd_faker.py -prefix=", 2, "-prefix: must not be empty"),
    Row("etcd_faker.py -json=maybe", 2, "-json: true or false, not 'maybe'"),
    Row("etcd_faker.py -rate=0", 2, "-rate: not a number above zero: '0'"),
    Row("etcd_faker.py -rate=nan", 2, "-rate: not a number above zero: 'nan'"),
    Row("etcd_faker.py -rate=-5", 2, "-rate: not a number above zero: '-5'"),
    Row("etcd_faker.py -duration=inf", 2, "-duration: not a number of seconds"),
    Row("etcd_faker.py -ttl=0s", 2, "-ttl: not a number of seconds"),
    Row("etcd_faker.py -seed=1.5", 2, "-seed: not a whole number: '1.5'"),
    Row("etcd_faker.py -o=xml", 2, "-o: table or json, not 'xml'"),
    Row("etcd_faker.py -transport=GATEWAY", 2, "-transport: gateway or native, not 'GATEWAY'"),
    Row("etcd_reporter.py -batch=0", 2, "-batch: must be above zero"),
    Row("etcd_reporter.py -rev=0", 2, "-rev: must be above zero"),
    Row("etcd_reporter.py -rev=latest", 2, "-rev: not a whole number: 'latest'"),
    Row("etcd_reporter.py -field=.price", 2, "-field: names with a dot between two"),
    Row("etcd_reporter.py -field=", 2, "-field: names with a dot between two"),
    Row("etcd_reporter.py -depth=-1", 2, "-depth: must not be below zero"),
    Row("etcd_reporter.py -top=many", 2, "-top: not a whole number: 'many'"),
    Row("etcd_reporter.py -fail-on=errors", 2, "-fail-on: anomalies, not 'errors'"),
    Row("etcd_reporter.py -watch=0", 2, "-watch: not a number of seconds"),
    Row("etcd_reporter.py -save=", 2, "-save: must not be empty"),
    Row("etcd_tidy.py -prefix=", 2, "-prefix: must not be empty"),
    Row("etcd_tidy.py -timeout=never", 2, "-timeout: not a number of seconds"),
    Row("etcd_top.py -n=0", 2, "-n: must be above zero"),
    Row("etcd_top.py -n=ten", 2, "-n: not a whole number: 'ten'"),
    Row("etcd_top.py -interval=0s", 2, "-interval: not a number of seconds"),
    Row("etcd_top.py -interval=2h", 2, "-interval: not a number of seconds"),
    Row("etcd_top.py -o=csv", 2, "-o: table, lines or json, not 'csv'"),
    Row("load_fake_data.py -string-count=0", 2, "-string-count: must be above zero"),
    Row("load_fake_data.py -json-count=x", 2, "-json-count: not a whole number: 'x'"),
    Row("walk_parity.py -topics=", 2, "-topics: no such topic: ''"),
    Row("walk_parity.py -topics=basics,txns", 2, "-topics: no such topic: 'txns'"),
    Row("walk_basics.py -prefix=", 2, "-prefix: must not be empty"),
    Row("walk_values.py -prefix='a b'", 2, "-prefix: letters, digits and _@%+=:,./- only"),
    Row("walk_txn.py -step=perhaps", 2, "-step: true or false, not 'perhaps'"),
    Row("walk_basics.sh --prefix=", 2, "--prefix: must not be empty"),
    Row("walk_values.sh --prefix='a b'", 2, "--prefix: letters, digits and _@%+=:,./- only"),
    Row("walk_txn.sh --prefix=$'a\\nb'", 2, "--prefix: letters, digits and _@%+=:,./- only"),
]

_CONTRADICTING = [
    Row("etcd_faker.py -json=0 -text=0 -binary=0", 2, "no payload kind left"),
    Row("etcd_faker.py -verify -delete", 2, "-verify and -delete: one at a time"),
    Row("etcd_faker.py -duration=1s -n=5", 2, "-duration and -n: one or the other"),
    Row("etcd_faker.py -duration=1s -resume", 2, "-duration and -resume: one or the other"),
    Row("etcd_reporter.py -diff=a -diff-rev=5", 2, "-diff and -diff-rev: one or the other"),
    Row("etcd_reporter.py -watch=1s -rev=5", 2, "-watch and -rev: one or the other"),
    Row("etcd_reporter.py -plot -o=json", 2, "-plot draws below tables, not in json"),
    Row("etcd_reporter.py -diff-rev=5 -o=html", 2, "-o: a comparison has no html"),
    Row("etcd_reporter.py -diff-rev=5 -plot", 2, "-plot: a comparison has no histograms"),
    Row("etcd_reporter.py -watch=1s -o=html", 2, "-watch: shows tables or json, not a page"),
]

# Bad flags print the usage on stdout, as etcdctl does up to 3.6, and say once what is wrong.
_ETCDCTL = [
    Row("etcdctl.py --nope get a", 1, 'Error: unknown command "a" for "etcdctl"'),
    Row("etcdctl.py --like=3.6 get a --nope", 1, "Error: unknown flag: --nope", "USAGE:"),
    Row("etcdctl.py --like=3.6 get a -z", 1, "Error: unknown shorthand flag: 'z' in -z", "USAGE:"),
    Row(
        "etcdctl.py --like=3.6 get a --limit", 1, "Error: flag needs an argument: --limit", "USAGE:"
    ),
    Row(
        "etcdctl.py --like=3.6 get a --limit=x",
        1,
        'invalid argument "x" for "--limit" flag',
        "USAGE:",
    ),
    Row("etcdctl.py --like=3.6 get a --rev=9999999999999999999", 1, 'for "--rev" flag', "USAGE:"),
    Row("etcdctl.py --like=3.6 get a --prefix=maybe", 1, 'for "--prefix" flag', "USAGE:"),
    Row("etcdctl.py --like=3.6 get a --dial-timeout=5", 1, 'for "--dial-timeout" flag', "USAGE:"),
    Row("etcdctl.py --like=3.6 get a --dial-timeout=1y", 1, 'for "--dial-timeout" flag', "USAGE:"),
    Row("etcdctl.py --like=3.8 get a", 1, "Error: --like: 3.5, 3.6 or 3.7, not '3.8'"),
    Row("etcdctl.py get a --like", 1, "Error: flag needs an argument: --like", lines=22),
    Row("etcdctl.py --like=3 version", 1, "Error: --like: 3.5, 3.6 or 3.7, not '3'"),
    Row("ETCDCTL_LIKE=banana etcdctl.py version", 1, "--like: 3.5, 3.6 or 3.7, not 'banana'"),
    Row("etcdctl.py nope", 1, 'Error: unknown command "nope" for "etcdctl"'),
    Row("etcdctl.py $'no\\nsuch'", 1, "Error: unknown command "),
    Row("etcdctl.py --like=3.6 get a --$'no\\nsuch'", 1, "Error: unknown flag: ", "USAGE:"),
    Row("etcdctl.py snapshot save f", 1, "Error: snapshot: etcdctl has it, this one does not"),
    Row("etcdctl.py get", 128, "Error: get command needs one argument as key"),
    Row("etcdctl.py get a --prefix --from-key", 128, "cannot be set at the same time"),
    Row("etcdctl.py get a b --prefix", 128, "too many arguments"),
    Row("etcdctl.py get a --order=up", 4, "Error: bad sort order up"),
    Row("etcdctl.py get a --sort-by=size", 4, "Error: bad sort target size"),
    Row("etcdctl.py get a --consistency=x", 4, "Error: unknown consistency flag 'x'"),
    Row("etcdctl.py get a -w=xml", 4, "Error: "),
    Row("etcdctl.py get a --transport=tcp", 1, "Error: --transport: gateway or native"),
    Row("etcdctl.py put", 128, "Error: put command needs"),
    Row("etcdctl.py put a b --lease=xyz", 128, "Error: bad lease ID"),
    Row("etcdctl.py put a b --ignore-value", 128, "Error: "),
    Row("etcdctl.py del", 128, "Error: del command needs one argument as key"),
    Row("etcdctl.py lease grant", 128, "Error: lease grant command needs TTL argument"),
    Row("etcdctl.py lease grant soon", 128, "Error: bad TTL"),
    Row("etcdctl.py lease revoke xyz", 128, "Error: bad lease ID"),
    Row("etcdctl.py lease timetolive", 128, "Error: lease timetolive command needs lease ID"),
    Row("etcdctl.py compaction", 128, "Error: compaction command needs 1 argument"),
    Row("etcdctl.py compaction x", 1, "Error: strconv.ParseInt: "),
    Row("etcdctl.py watch", 128, "Error: "),
    Row("etcdctl.py txn more", 128, "Error: txn command does not accept argument"),
    Row("etcdctl.py get a --command-timeout=0s", 1, "Error: context deadline exceeded"),
    Row("etcdctl.py get a --discovery-srv=x", 1, "Error: --discovery-srv"),
]

ROWS = [*_UNKNOWN, *_UNEXPECTED, *_SPELLING, *_WITHOUT_VALUE, *_VALUES, *_CONTRADICTING, *_ETCDCTL]
