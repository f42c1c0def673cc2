"""Users, passwords and tokens, on a scratch etcd with authentication."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

import etcd3
import grpc
import requests

from etcdlab.compare.auth_fixture import (
    MINE,
    PASSWORD,
    USER,
    as_user,
    log_in,
    logged_in,
    token_of,
    with_users,
    without_users,
)
from etcdlab.compare.outcomes import answered, failure, is_code, native_to, printed, raised
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Json, Sides, b64


@scenario("auth", "a read without a user")
def no_user(sides: Sides) -> Facts:
    """Authentication is on, and the request has no user."""
    scratch = with_users(sides)
    ran = scratch.etcdctl.run("get", MINE)
    answer = scratch.http.post("kv/range", {"key": b64(MINE)})
    error = failure(lambda: scratch.native.get(MINE))
    claim((answer.status, answer.json["code"]) == (400, 3), "it is code 3")
    claim(answer.json["message"].endswith("user name is empty"), "etcd says what is missing")
    claim(is_code(error, grpc.StatusCode.INVALID_ARGUMENT), "python-etcd3 has code 3")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "It counts as a bad request, code 3, so HTTP 400 and not 401: log in before you ask, do not"
        " wait for a 401 to do so.",
    )


@scenario("auth", "a wrong password, and a user that is not there")
def wrong_password(sides: Sides) -> Facts:
    """etcd answers both alike, so that user names cannot be guessed."""
    scratch = with_users(sides)
    logins = ((USER, "wrong"), ("nobody", PASSWORD))
    runs = [scratch.etcdctl.run("get", MINE, user=f"{u}:{p}") for u, p in logins]
    path = "auth/authenticate"
    answers = [scratch.http.post(path, {"name": u, "password": p}) for u, p in logins]
    errors = [log_in(scratch, user, password) for user, password in logins]
    claim(runs[0].error == runs[1].error, "etcdctl says the same of both")
    claim(answers[0].body == answers[1].body, "the gateway does")
    claim(raised(errors[0]) == raised(errors[1]), "python-etcd3 does")
    claim(answers[0].json["code"] == 3, "it is code 3")
    return Facts(
        printed(runs[0]),
        answered(answers[0]),
        raised(errors[0]),
        "etcd does not say which of the two it is; python-etcd3 logs in when the client is made, so"
        " that line is what raises.",
    )


@scenario("auth", "a user and a password, over plain HTTP")
def plain_http(sides: Sides) -> Facts:
    """gRPC in Python sends no call credentials without TLS."""
    scratch = with_users(sides)
    ran = scratch.etcdctl.run("get", MINE, user=f"{USER}:{PASSWORD}")
    answer = scratch.http.post("kv/range", {"key": b64(MINE)}, token=token_of(scratch))
    with native_to(scratch.settings, user=USER, password=PASSWORD) as client:
        error = failure(lambda: client.get(MINE))
        client.call_credentials = None
        claim(failure(lambda: client.get(MINE)) is None, "the token in its metadata will do")
    if error is not None:  # an older gRPC sends them
        claim(is_code(error, grpc.StatusCode.UNAUTHENTICATED), "gRPC refuses to send them")
        claim("security level" in str(error), "it is for want of encryption")
    why = (
        "gRPC sends no call credentials without TLS, yet python-etcd3 sets some beside the token in"
        " its metadata as well: set client.call_credentials = None."
    )
    return Facts(printed(ran), answered(answer), raised(error), why if error else "")


# https://github.com/etcd-io/etcd/blob/main/CHANGELOG/CHANGELOG-3.6.md
_BEARER = ("3.5.32", "3.6.13", "3.7.0")


@scenario("auth", "a token, and by which name it is sent")
def token_names(sides: Sides) -> Facts:
    """HTTP header or gRPC metadata; HTTP libraries often write Bearer before the token."""
    scratch = with_users(sides)
    token, url = token_of(scratch), f"{scratch.http.endpoint}/v3/kv/range"
    names = ("Authorization", "Grpc-Metadata-Token", "Token")
    post = partial(scratch.http.session.post, url, json={"key": b64(MINE)}, timeout=5)
    taken = [name for name in names if post(headers={name: token}).status_code == 200]
    bearer, junk = (
        scratch.http.post("kv/range", {"key": b64(MINE)}, token=each)
        for each in (f"Bearer {token}", "junk")
    )
    metadata = []
    for name in ("token", "authorization", "user"):
        with native_to(scratch.settings) as client:
            client.metadata = ((name, token),)
            metadata += [name] * (failure(lambda client=client: client.get(MINE)) is None)
    ran = scratch.etcdctl.run("get", MINE, user=f"{USER}:{PASSWORD}")
    claim(taken == ["Authorization", "Grpc-Metadata-Token"], "the gateway takes two headers")
    claim(metadata == ["token", "authorization"], "gRPC takes two names")
    claim((junk.status, junk.json["code"]) == (401, 16), "a token that is junk is code 16")
    is_taken = bearer.status == requests.codes.ok
    claim(is_taken or bearer.body == junk.body, "with Bearer it is good, or junk")
    claim(is_taken == sides.is_since(*_BEARER), "newer etcds take it with Bearer")
    return Facts(
        f"name:password: {printed(ran)}",
        f"{' or '.join(taken)}; with Bearer: {answered(bearer)}",
        "metadata " + " or ".join(metadata),
        "The gateway passes Authorization on, and what begins with Grpc-Metadata-, but no Token"
        " header; it wants the bare token, and since 3.5.32, 3.6.13 and 3.7 takes Bearer before it;"
        " python-etcd3 may be given a token by its client's metadata.",
    )


def _denied(
    sides: Sides,
    words: Sequence[str | bytes],
    post: tuple[str, Json],
    call: Callable[[etcd3.MultiEndpointEtcd3Client], object],
) -> tuple[str, str, str]:
    """Each side's refusal of a request that the user may not make."""
    ran = sides.etcdctl.run(*words, user=f"{USER}:{PASSWORD}")
    answer = sides.http.post(*post, token=token_of(sides))
    error = as_user(sides, call)
    claim((answer.status, answer.json["code"]) == (403, 7), "it is code 7, HTTP 403")
    claim(is_code(error, grpc.StatusCode.PERMISSION_DENIED), "python-etcd3 does not map code 7")
    claim(ran.status == 1, "etcdctl's exit status is 1")
    return printed(ran), answered(answer), raised(error)


@scenario("auth", "a read, or one write of a transaction, that the user may not do")
def denied(sides: Sides) -> Facts:
    """Permissions are all or nothing, too."""
    scratch, good, bad, end = with_users(sides), MINE + b"a", b"theirs/a", b"mine1"
    puts: list[Json] = [{"request_put": {"key": b64(key), "value": ""}} for key in (good, bad)]
    plain = scratch.http.post("kv/put", {"key": b64(bad)}, token=token_of(scratch))
    claim(plain.status == 403, "a put alone is refused as well")

    def transaction(client: etcd3.MultiEndpointEtcd3Client) -> None:
        put = client.transactions.put
        client.transaction([], [put(good, b"1"), put(bad, b"1")], [])

    write = _denied(scratch, ("put", bad, "1"), ("kv/txn", {"success": puts}), transaction)
    read = _denied(
        scratch,
        ("get", MINE, end),
        ("kv/range", {"key": b64(MINE), "range_end": b64(end)}),
        lambda client: list(client.get_range(MINE, end)),
    )
    claim(read == write, "a range that goes a little past the permitted prefix is refused alike")
    lines = b"\nput %s 1\nput %s 1\n\n\n" % (good, bad)
    ran = scratch.etcdctl.run("txn", stdin=lines, user=f"{USER}:{PASSWORD}")
    claim(printed(ran) == write[0], "etcdctl says the same of a transaction")
    found = scratch.http.post("kv/range", {"key": b64(good)}, token=token_of(scratch))
    claim(found.status == 200 and not found.kvs, "the other key is not written")
    return Facts(
        *write,
        "One key that is not permitted refuses the whole, range or transaction, with code 7, HTTP"
        " 403: grant it with role grant-permission, or leave it out.",
    )


@scenario("auth", "a log-in, where there are no users")
def not_enabled(sides: Sides) -> Facts:
    """etcdctl goes on without a token."""
    with without_users(sides) as scratch:
        scratch.put(MINE, b"1")
        ran = scratch.etcdctl.run("get", MINE, user=f"{USER}:{PASSWORD}")
        answer = scratch.http.post("auth/authenticate", {"name": USER, "password": PASSWORD})
        error = log_in(scratch)
    claim(ran.status == 0 and bool(ran.stdout), "etcdctl goes on without a token")
    status = 412 if sides.version.startswith("3.4.") else 400
    claim((answer.status, answer.json["code"]) == (status, 9), "code 9 is HTTP 412, then 400")
    claim(is_code(error, grpc.StatusCode.FAILED_PRECONDITION), "the constructor maps no errors")
    return Facts(
        printed(ran),
        answered(answer),
        raised(error),
        "etcdctl ignores that there are no users, the others do not; code 9 is HTTP 412 in etcd 3.4"
        " and 400 in 3.5: leave user and password out, or take code 9 for consent.",
    )


def _stale(sides: Sides, spoil: Callable[[], object], why: str) -> Facts:
    """Use a token after `spoil` has made it invalid."""
    token = token_of(sides)
    with logged_in(sides) as client:
        fresh = sides.http.post("kv/range", {"key": b64(MINE)}, token=token)
        claim(fresh.status == 200 and failure(lambda: client.get(MINE)) is None, "both are good")
        spoil()
        ran = sides.etcdctl.run("get", MINE, user=f"{USER}:{PASSWORD}")
        answer = sides.http.post("kv/range", {"key": b64(MINE)}, token=token)
        error = failure(lambda: client.get(MINE))
    claim((answer.status, answer.json["code"]) == (401, 16), "it is code 16, HTTP 401")
    claim(is_code(error, grpc.StatusCode.UNAUTHENTICATED), "python-etcd3 does not log in again")
    claim(as_user(sides, lambda client: client.get(MINE)) is None, "a new client logs in")
    return Facts(printed(ran), answered(answer), raised(error), why)


@scenario("auth", "a read, after the token ran out")
def expired(sides: Sides) -> Facts:
    """This etcd drops a token that is unused for one second; the default is 300."""
    scratch = with_users(sides, "--auth-token-ttl=1")
    return _stale(
        scratch,
        partial(time.sleep, 2.2),  # each use would keep it alive
        "A token that nobody uses runs out (--auth-token-ttl), and python-etcd3 logs in only when a"
        " client is made: at code 16, HTTP 401, make a new one or ask for a new token.",
    )


@scenario("auth", "a read, after the password was set anew")
def password_set(sides: Sides) -> Facts:
    """A new password invalidates the user's tokens."""
    scratch = with_users(sides)
    root = token_of(scratch, "root")
    change = {"name": USER, "password": PASSWORD}
    return _stale(
        scratch,
        lambda: scratch.http.post("auth/user/changepw", change, token=root),
        "A new password, even the same, takes all tokens of the user away; etcdctl logs in for each"
        " command, the others hold an old token: log in again at code 16.",
    )


@scenario("auth", "what one may do without a user")
def anonymous(sides: Sides) -> Facts:
    """Leases and the member list: older releases need no user for them."""
    scratch = with_users(sides)
    runs = [scratch.etcdctl.run(*words) for words in (("lease", "grant", "9"), ("member", "list"))]
    paths = ("lease/grant", "cluster/member/list")
    answers = [scratch.http.post(path, {"TTL": 9} if "lease" in path else {}) for path in paths]
    native = scratch.native
    errors = [failure(lambda: native.lease(9)), failure(lambda: list(native.members))]
    refusals = (
        [each.error for each in runs],
        [str(each.json.get("message", "")) for each in answers],
        [str(each.details()) if isinstance(each, grpc.RpcError) else "" for each in errors],
    )
    told = [
        ", ".join(
            f"{what}: {'refused' if 'user name is empty' in text else text or 'done'}"
            for what, text in zip(("a lease", "the members"), texts, strict=True)
        )
        for texts in refusals
    ]
    claim(scratch.http.post("kv/range", {"key": b64(MINE)}).status == 400, "no key is read")
    return Facts(*told)


def _who_may(sides: Sides) -> str:
    """Who may ask for the status in this etcd: the rule has changed three times."""
    if sides.is_since("3.5.32", "3.6.12", "3.7.0"):
        return "no user: refused, alice: done, root: done"
    if sides.is_since("3.5.28", "3.6.0"):
        return "no user: refused, alice: refused, root: done"
    return "no user: done, alice: done, root: done"


@scenario("auth", "the status, and who may ask for it")
def status(sides: Sides) -> Facts:
    """Anyone, or root only, or any user."""
    scratch = with_users(sides)
    told: list[list[str]] = [[], [], []]
    for user in ("", USER, "root"):
        words, token = ("endpoint", "status"), token_of(scratch, user) if user else ""
        ran = scratch.etcdctl.run(*words, user=f"{user}:{PASSWORD}" if user else "")
        answer = scratch.http.post("maintenance/status", {}, token=token)
        with native_to(scratch.settings) as client:
            client.metadata = (("token", token),) if token else None
            error = failure(client.status)
        for side, is_done in zip(
            told, (not ran.status, answer.status == 200, not error), strict=True
        ):
            side.append(f"{user or 'no user'}: {'done' if is_done else 'refused'}")
    found = [", ".join(side) for side in told]
    claim(set(found) == {_who_may(sides)}, "it is as in the releases' notes")
    return Facts(*found)
