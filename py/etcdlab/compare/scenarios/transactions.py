"""Transactions: compares, operations and replies."""

from __future__ import annotations

import grpc
import requests

from etcdlab.compare.outcomes import answered, failure, printed, raised
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Answer, Json, Ran, Sides, b64, unb64


def _txn(sides: Sides, *sections: list[bytes]) -> Ran:
    """Run etcdctl txn; sections are compares, success and failure requests, a line each."""
    lines = [line for i in range(3) for line in [*(sections[i] if i < len(sections) else []), b""]]
    return sides.etcdctl.run("txn", stdin=b"\n".join([*lines, b""]))


def _put(key: bytes, value: bytes) -> Json:
    """The JSON of a put in a transaction."""
    return {"request_put": {"key": b64(key), "value": b64(value)}}


def _refused(ran: Ran, answer: Answer, error: Exception | None, why: str) -> tuple[str, str, str]:
    """Describe a refusal on each side, and claim that each has etcd's message `why`."""
    details = error.details() if isinstance(error, grpc.RpcError) else ""
    messages = ran.error, answer.json.get("message", ""), details
    claim(all(message.endswith(why) for message in messages), f"each says: {why}")
    return printed(ran), answered(answer), raised(error)


def _panicked(ran: Ran) -> str:
    """Describe how etcdctl ended, perhaps with a Go traceback."""
    return f"exit status {ran.status}, a Go traceback" if ".go:" in ran.error else printed(ran)


@scenario("transactions", "a compare that holds: put, then get, in one")
def held(sides: Sides) -> Facts:
    """The get reads what the put wrote, at the same revision."""
    a, t = sides.key("a"), sides.native.transactions
    ops = [_put(a, b"new"), {"request_range": {"key": b64(a)}}]

    def given(value: bytes, mod_revision: int, revision: int) -> str:
        return f"{value!r}, of {'the same' if mod_revision == revision else 'another'} revision"

    ran = _txn(sides, [], [b"put %s new" % a, b"get %s" % a])
    _, meta = sides.native.get(a)
    ctl = given(ran.stdout.splitlines()[-1], meta.mod_revision, meta.response_header.revision)
    reply = sides.http.post("kv/txn", {"success": ops}).json
    (kv,) = reply["responses"][1]["response_range"]["kvs"]
    gateway = given(unb64(kv["value"]), int(kv["mod_revision"]), int(reply["header"]["revision"]))
    _, (_, [(value, meta)]) = sides.native.transaction([], [t.put(a, b"new"), t.get(a)], [])
    return Facts(ctl, gateway, given(value, meta.mod_revision, meta.response_header.revision))


@scenario("transactions", "a compare that does not hold")
def not_held(sides: Sides) -> Facts:
    """The gateway leaves out `succeeded` if it is false."""
    a, t = sides.key("a"), sides.native.transactions
    sides.put(a, b"1")
    ctl = _txn(sides, [b'value("%s") = "2"' % a])
    compare = {"key": b64(a), "target": "VALUE", "value": b64(b"2")}
    gateway = sides.http.post("kv/txn", {"compare": [compare]})
    claim(ctl.status == 0 and gateway.status == requests.codes.ok, "it is no error")
    claim("succeeded" not in gateway.json, "the gateway leaves out what is false")
    return Facts(
        f"{ctl.stdout.decode().strip()}, exit status {ctl.status}",
        f"succeeded: {gateway.json.get('succeeded', 'absent')}",
        repr(sides.native.transaction([t.value(a) == b"2"], [], [])),
        'None calls it an error: look at the first line of output, at reply.get("succeeded", False)'
        " over the gateway, at the first of the pair.",
    )


@scenario("transactions", "129 operations; one key, put twice")
def too_many(sides: Sides) -> Facts:
    """The limit is --max-txn-ops, 128 by default. Puts share a revision: only one per key."""
    keys, t = [sides.key(f"{i}") for i in range(129)], sides.native.transactions
    texts = _refused(
        _txn(sides, [], [b"put %s 1" % key for key in keys]),
        sides.http.post("kv/txn", {"success": [_put(key, b"1") for key in keys]}),
        failure(lambda: sides.native.transaction([], [t.put(key, b"1") for key in keys], [])),
        "too many operations in txn request",
    )
    sides.native.transaction([], [t.put(key, b"1") for key in keys[:128]], [])
    a = keys[0]
    _refused(
        _txn(sides, [], [b"put %s 1" % a, b"put %s 2" % a]),
        sides.http.post("kv/txn", {"success": [_put(a, b"1"), _put(a, b"2")]}),
        failure(lambda: sides.native.transaction([], [t.put(a, b"1"), t.put(a, b"2")], [])),
        "duplicate key given in txn request",
    )
    twice, _ = sides.native.transaction([], [t.delete(a), t.delete(a)], [])
    claim(twice, "a key may be deleted twice")
    return Facts(
        *texts,
        "Each is one error of etcd's, in three forms; 128 go through: send the rest in a second"
        " transaction, and keep one put of each key; deletes may repeat one.",
    )


@scenario("transactions", "one transaction inside of another")
def nested(sides: Sides) -> Facts:
    """The protocol has it, etcdctl's input does not."""
    a, t = sides.key("a"), sides.native.transactions
    inner = {"request_txn": {"success": [_put(a, b"1")]}}
    reply = sides.http.post("kv/txn", {"success": [inner]}).json
    _, (response,) = sides.native.transaction([], [t.txn([], [t.put(a, b"2")], [])], [])
    ctl = _txn(sides, [], [b"txn"])
    claim(ctl.status != 0, "etcdctl does not know such a request")
    claim(response.WhichOneof("response") == "response_txn", "python-etcd3 leaves it as it is")
    return Facts(
        printed(ctl),
        f"succeeded: {reply['responses'][0]['response_txn']['succeeded']}",
        f"succeeded: {response.response_txn.succeeded}",
        "etcdctl's input has no line for it: use one of the others; python-etcd3's reply is the"
        " bare protobuf message then, not a pair.",
    )


@scenario("transactions", "nothing to do if the compare fails")
def empty_branch(sides: Sides) -> Facts:
    """A branch may be empty, but python-etcd3 needs a list."""
    a, t = sides.key("a"), sides.native.transactions
    ctl = _txn(sides, [], [b"put %s 1" % a])
    gateway = sides.http.post("kv/txn", {"success": [_put(a, b"1")]})
    native = raised(failure(lambda: sides.native.transaction([], [t.put(a, b"1")], None)))
    claim(sides.native.transaction([], [t.put(a, b"1")], [])[0], "an empty list is fine")
    return Facts(
        ctl.stdout.decode().split()[0],
        "SUCCESS" if gateway.json.get("succeeded") else answered(gateway),
        native.split(":")[0],
        "python-etcd3 goes through both branches, None as well: give it failure=[].",
    )


@scenario("transactions", 'a key created if its version is 0; a missing value != "x"')
def create(sides: Sides) -> Facts:
    """A missing key has version 0 in a compare, and no value compare holds for it."""
    none, t = sides.key("nothing"), sides.native.transactions
    ctl = _txn(sides, [b'version("%s") = "0"' % sides.key("a")], [b"put %s 1" % sides.key("a")])
    again = _txn(sides, [b'version("%s") = "0"' % sides.key("a")])
    other = _txn(sides, [b'value("%s") != "x"' % none])
    compare = {"key": b64(sides.key("b")), "target": "VERSION"}
    body: Json = {"compare": [compare], "success": [_put(sides.key("b"), b"1")]}
    value = {"key": b64(none), "target": "VALUE", "result": "NOT_EQUAL", "value": b64(b"x")}
    posts = [sides.http.post("kv/txn", each) for each in (body, body, {"compare": [value]})]
    native = [sides.native.put_if_not_exists(sides.key("c"), b"1") for _ in range(2)]
    native += [sides.native.transaction([t.value(none) != b"x"], [], [])[0]]
    held = (
        [each.stdout.startswith(b"SUCCESS") for each in (ctl, again, other)],
        [each.json.get("succeeded", False) for each in posts],
        native,
    )
    return Facts(*(f"first {one}, then {two}; {three}" for one, two, three in held))


@scenario("transactions", "a get of two keys, and one of nothing")
def gets(sides: Sides) -> Facts:
    """python-etcd3 returns a list of pairs for each get."""
    a, b, none = sides.key("a"), sides.key("b"), sides.key("none")
    t = sides.native.transactions
    for key in (a, b):
        sides.put(key, b"1")
    ctl = _txn(sides, [], [b"get %s %s" % (a, none), b"get %s" % none])
    lines = ctl.stdout.splitlines()
    claim(lines[1] == b"" and lines[-1] == b"", "an empty line goes before each get's output")
    ops = [{"request_range": {"key": b64(a), "range_end": b64(none)}}]
    ops += [{"request_range": {"key": b64(none)}}]
    replies = sides.http.post("kv/txn", {"success": ops}).json["responses"]
    kvs = [reply["response_range"].get("kvs") for reply in replies]
    _, found = sides.native.transaction([], [t.get(a, none), t.get(none)], [])
    claim(kvs[1] is None and found[1] == [], "nothing is an absent kvs, and an empty list")
    claim([value for value, _ in found[0]] == [b"1", b"1"], "python-etcd3 gives pairs")
    return Facts(
        f"{len(lines)} lines, {lines.count(b'')} of them empty",
        f"{len(kvs[0])} kvs, then {kvs[1] or 'no kvs'}",
        f"{len(found[0])} pairs, then {found[1]}",
        "Each get has an answer of its own: after an empty line in etcdctl (-w json is clearer), a"
        " reply that may lack kvs, a list of (value, meta) pairs.",
    )


@scenario("transactions", "a compare over a whole range of keys")
def range_compare(sides: Sides) -> Facts:
    """It must hold for all keys; etcdctl's input takes one key."""
    a, c, t = sides.key("a"), sides.key("c"), sides.native.transactions
    sides.put(a, b"1")
    compare = {"key": b64(a), "range_end": b64(c), "target": "VERSION", "result": "GREATER"}
    gateway = sides.http.post("kv/txn", {"compare": [compare]}).json
    native, _ = sides.native.transaction([t.version(a, range_end=c) > 0], [], [])
    ctl = _txn(sides, [b'version("%s", "%s") > "0"' % (a, c)])
    claim(ctl.status != 0, "etcdctl takes one key")
    return Facts(
        printed(ctl).split(": ...")[0],
        f"succeeded: {gateway.get('succeeded', False)}",
        f"succeeded: {native}",
        "etcdctl's input has no end of a range in a compare: use one of the others for it.",
    )


@scenario("transactions", "a compare of a key's lease")
def lease_compare(sides: Sides) -> Facts:
    """etcd has this target, some clients do not."""
    a = sides.key("a")
    sides.put(a, b"1")
    ctl = _txn(sides, [b'lease("%s") = "0"' % a])
    compare = {"key": b64(a), "target": "LEASE", "lease": "0"}
    gateway = sides.http.post("kv/txn", {"compare": [compare]}).json
    native = raised(failure(lambda: sides.native.transactions.lease(a) == 0))
    claim("succeeded" in gateway, "etcd compares leases")
    claim(native.startswith("AttributeError"), "python-etcd3 has no such compare")
    return Facts(
        _panicked(ctl),
        f"succeeded: {gateway['succeeded']}",
        native.split(":")[0],
        "etcd compares leases, but python-etcd3 has no such compare"
        + ("" if ctl.status == 0 else ", and etcdctl's parser fails on it")
        + ": use the gateway.",
    )


@scenario("transactions", "version >= 1, of a key with version 2")
def at_least(sides: Sides) -> Facts:
    """etcd has only =, !=, < and >."""
    a = sides.key("a")
    sides.native.delete(a)
    for value in (b"1", b"2"):
        sides.put(a, value)
    ctl = _txn(sides, [b'version("%s") >= "1"' % a])
    compare = {"key": b64(a), "target": "VERSION", "result": "GREATER_EQUAL", "version": 1}
    gateway = sides.http.post("kv/txn", {"compare": [compare]})
    native = raised(failure(lambda: sides.native.transactions.version(a) >= 1))
    claim(ctl.status != 0 and native.startswith("TypeError"), "no client has such a compare")
    claim(not gateway.json.get("succeeded"), "the gateway does not compare so either")
    if gateway.status == requests.codes.ok:
        compare["version"] = 2
        equal = sides.http.post("kv/txn", {"compare": [compare]}).json.get("succeeded")
        claim(equal, "the gateway compares with = instead")
        text = "compares with = instead"
        why = "etcd has no >=, and this gateway takes a name it does not know for =, without a word"
    else:
        claim(gateway.json.get("code") == 3, "the gateway refuses the name")
        text = answered(gateway).split(":")[0]
        why = "etcd has no >=, and each refuses it in a way of its own"
    return Facts(_panicked(ctl), text, native.split(":")[0], f"{why}: write > of one less.")
