"""How each side reports an error."""

from __future__ import annotations

from functools import partial

import grpc
import requests

from etcdlab.compare.outcomes import (
    answered,
    failure,
    is_code,
    printed,
    raised,
    short,
)
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Answer, Sides, b64

FUTURE_REVISION = 10**15
UNKNOWN_LEASE = 0x7EEE_0000_0000_0001


@scenario("errors", "the number 5 as a value")
def number_as_value(sides: Sides) -> Facts:
    """A value is bytes, and no side converts a number."""
    key = sides.key("a")
    answer = sides.http.post("kv/put", {"key": b64(key), "value": 5})
    error = failure(lambda: sides.native.put(key, 5))
    claim(answer.status == requests.codes.bad_request, "a JSON number is no bytes")
    claim(isinstance(error, AttributeError), "python-etcd3 calls encode() on a number")
    return Facts(
        printed(sides.etcdctl.run("put", key, "5")),
        f"HTTP {answer.status}, code {answer.json['code']}",
        raised(error),
        "etcd stores bytes: a command line has only text, the gateway wants base64, and"
        " python-etcd3 str or bytes; write str(5) and encode it yourself.",
    )


@scenario("errors", "a transaction that is no transaction")
def malformed(sides: Sides) -> Facts:
    """Who detects malformed input."""
    ran = sides.etcdctl.run("txn", stdin=b"junk\n\n\n\n")
    answer = sides.http.post("kv/txn", b'{"compare":')
    error = failure(lambda: sides.native.transaction([], ["junk"], []))
    claim(ran.status not in (0, 1), "etcdctl has an exit status for bad input")
    claim((answer.status, answer.json["code"]) == (400, 3), "bad JSON is code 3")
    claim(type(error) is Exception, "python-etcd3 raises a bare Exception")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "Each reads the request in its own place: etcdctl exits with more than 1 for bad input, the"
        " gateway has code 3, python-etcd3 a bare Exception; check input first.",
    )


@scenario("errors", "an option that is spelt wrong")
def misspelt(sides: Sides) -> Facts:
    """`limit` with one letter too many."""
    for name in ("a", "b"):
        sides.put(sides.key(name), b"1")
    start, end = sides.key("a"), sides.key("c")
    ran = sides.etcdctl.run("get", start, end, "--limitt=1")
    answer = sides.http.post("kv/range", {"key": b64(start), "range_end": b64(end), "limitt": 1})
    error = failure(lambda: list(sides.native.get_range(start, end, limitt=1)))
    claim(ran.status != 0 and isinstance(error, TypeError), "a program and a function refuse it")
    claim(len(answer.kvs) == 2, "the gateway ignores it, and gives all keys")
    return Facts(
        printed(ran),
        f"HTTP {answer.status}, {len(answer.kvs)} keys",
        short(f"{type(error).__name__}: {str(error).partition('() ')[2]}"),
        "The gateway ignores fields that it does not know, so a limit that is spelt wrong is no"
        " limit: compare names with etcd's rpc.proto, or the answer with what was asked.",
    )


@scenario("errors", "an empty key, a future revision, a compacted one: told apart")
def told_apart(sides: Sides) -> Facts:
    """Exit status, HTTP status and gRPC code: none of them tells all three apart."""
    key = sides.key("a")
    past, now = (sides.native.put(key, value).header.revision for value in (b"1", b"2"))
    sides.native.compact(now)
    asked = ((b"", 0), (key, FUTURE_REVISION), (key, past))
    runs = [sides.etcdctl.run("get", key, f"--rev={rev}") for key, rev in asked]
    posts = [sides.http.post("kv/range", {"key": b64(key), "revision": rev}) for key, rev in asked]
    errors = [failure(partial(sides.native.get, key, revision=rev)) for key, rev in asked]
    told = [each for each in errors if isinstance(each, grpc.RpcError)]
    claim({each.status for each in runs} == {1}, "etcdctl has one exit status for all")
    claim({each.status for each in posts} == {400}, "HTTP has one status for all")
    claim([each.json["code"] for each in posts] == [3, 11, 11], "two have the same code")
    claim(len(told) == 3, "python-etcd3 maps neither code")
    for index, words in ((1, "is a future revision"), (2, "has been compacted")):
        texts = runs[index].error, posts[index].json["message"], told[index].details()
        claim(all(text.endswith(words) for text in texts), "the message says which it is")
    put = sides.http.post("kv/put", {"key": "", "value": ""})
    claim(put.body == posts[0].body, "an empty key is the same error in a put")
    return Facts(
        "exit status " + ", ".join(str(each.status) for each in runs),
        f"HTTP {posts[0].status}, code " + ", ".join(str(each.json["code"]) for each in posts),
        ", ".join(each.code().name for each in told),
        "Exit status and HTTP status say too little: take the gRPC code, for python-etcd3 code() of"
        " grpc.RpcError, and for a future or a compacted revision, which share one, the message;"
        " read again at a revision of now.",
    )


@scenario("errors", "a lease that is not there, in a put, or revoked")
def unknown_lease(sides: Sides) -> Facts:
    """The only common error that is HTTP 404."""
    key = sides.key("a")
    ran = sides.etcdctl.run("put", key, "1", f"--lease={UNKNOWN_LEASE:x}")
    body = {"key": b64(key), "value": "", "lease": str(UNKNOWN_LEASE)}
    answer = sides.http.post("kv/put", body)
    error = failure(lambda: sides.native.put(key, b"1", lease=UNKNOWN_LEASE))
    claim((answer.status, answer.json["code"]) == (404, 5), "HTTP 404 stands for code 5")
    claim(is_code(error, grpc.StatusCode.NOT_FOUND), "python-etcd3 does not map code 5")
    missing = sides.http.post("kv/range", {"key": b64(key)})
    claim(missing.status == requests.codes.ok and not missing.kvs, "a missing key is HTTP 200")
    revoked = (
        sides.etcdctl.run("lease", "revoke", f"{UNKNOWN_LEASE:x}").error,
        answered(sides.http.post("lease/revoke", {"ID": str(UNKNOWN_LEASE)})),
        raised(failure(lambda: sides.native.revoke_lease(UNKNOWN_LEASE))),
    )
    claim(all("lease not found" in text for text in revoked), "to revoke it is the same error")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "HTTP 404 here means that the lease is gone, never that a key is, which is HTTP 200 and no"
        " kvs; pass over it where a lease is revoked twice, unlike a key deleted twice an error.",
    )


@scenario("errors", "a request that etcd does not know")
def unknown_rpc(sides: Sides) -> Facts:
    """An older etcd gets a newer request."""
    ran = sides.etcdctl.run("nosuch")
    answer = sides.http.post("kv/nosuch", {})
    # The public API has no call for a method by name; its channel does.
    no_such = sides.native.channel.unary_unary("/etcdserverpb.KV/NoSuch")
    error = failure(lambda: no_such(b"", timeout=5))
    claim(answer.status == requests.codes.not_found, "an unknown path is HTTP 404")
    is_first = sides.http.post("kv/range", {}).is_first_generation
    claim(answer.json.get("code") == (None if is_first else 5), "it is code 5, or no JSON")
    claim(is_code(error, grpc.StatusCode.UNIMPLEMENTED), "gRPC has a code of its own for it")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "gRPC says UNIMPLEMENTED, but the gateway looks for a path and says HTTP 404, without JSON"
        " in its first generation: check the status before you parse the body.",
    )


@scenario("errors", "a read by HTTP GET")
def get_method(sides: Sides) -> Facts:
    """Every request is a POST, reads included."""
    sides.put(sides.key("a"), b"1")
    ran = sides.etcdctl.run("get", sides.key("a"))
    reply = sides.http.session.get(f"{sides.http.endpoint}/v3/kv/range", timeout=5)
    answer = Answer(reply.status_code, reply.content)
    value, _ = sides.native.get(sides.key("a"))
    is_first = sides.http.post("kv/range", {}).is_first_generation
    claim(answer.status == (405 if is_first else 501), "GET is refused")
    return Facts(
        f"value {ran.stdout.splitlines()[1].decode()}",
        answered(answer),
        f"value {value.decode()}",
        "The gateway takes nothing but POST, for reads too, and its two generations refuse with"
        " different statuses; a proxy that caches or repeats by method sees no reads.",
    )


@scenario("errors", "where an error's text is")
def where_text_is(sides: Sides) -> Facts:
    """The same text in three places; the gateway's fields depend on its generation."""
    ran = sides.etcdctl.run("get", "")
    answer = sides.http.post("kv/range", {"key": ""})
    error = failure(lambda: sides.native.get(b""))
    claim(isinstance(error, grpc.RpcError), "python-etcd3 passes it through as it is")
    text = error.details() if isinstance(error, grpc.RpcError) else ""
    claim(ran.error == f"Error: {text}", "etcdctl prints it after Error:")
    claim(answer.json["message"] == text, "both generations have it as message")
    if answer.is_first_generation:
        claim(answer.json["error"] == text, "the first generation has it as error, too")
    return Facts(
        "after 'Error: '" if ran.error.endswith(text) else "elsewhere",
        "in " + " and ".join(sorted(k for k, v in answer.json.items() if v == text)),
        "in details()" if text else "nowhere",
        "The gateway's first generation says it twice, as error and as message, the second only as"
        " message: read message, which both have.",
    )
