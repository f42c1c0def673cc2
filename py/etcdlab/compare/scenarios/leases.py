"""Leases: grant, keep-alive, time to live, revocation, expiry."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import etcd3
import grpc

from etcdlab.compare.outcomes import answered, failure, printed
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Ran, Sides, b64, unb64
from etcdlab.polling import until

_DEADLINE = 10.0  # seconds to wait for leases to expire


@contextmanager
def _granted(sides: Sides, ttl: int = 100, count: int = 1) -> Iterator[list[int]]:
    """Grant leases, and revoke them when the block ends, with those that it has added."""
    leases = [sides.native.lease(ttl).id for _ in range(count)]
    try:
        yield leases
    finally:
        for each in leases:
            with suppress(grpc.RpcError):  # already gone
                sides.native.revoke_lease(each)


def _unknown(sides: Sides) -> int:
    """The ID of a revoked lease."""
    with _granted(sides) as (lease,):
        return lease


def _id(ran: Ran) -> int:
    """The lease ID in etcdctl's output."""
    return int(ran.stdout.split()[1], 16)


def _ttl(ran: Ran) -> str:
    """The TTL in etcdctl's output, in seconds."""
    return ran.stdout.decode().split("TTL(")[1].partition("s")[0].rstrip(")\n")


@scenario("leases", "a lease's ID, as it is written")
def hexadecimal(sides: Sides) -> Facts:
    """Hexadecimal in etcdctl, decimal on the other sides."""
    with _granted(sides) as (lease,):
        ran = sides.etcdctl.run("lease", "timetolive", f"{lease:x}")
        answer = sides.http.post("lease/timetolive", {"ID": lease})
        swapped = sides.http.post("lease/timetolive", {"ID": f"{lease:x}"})
        info = sides.native.get_lease_info(lease)
    word, text = ran.stdout.split()[1].decode(), answer.json["ID"]
    claim(int(word, 16) == int(text) == info.ID == lease, "it is the same number")
    claim(swapped.json.get("ID") != text, "the gateway does not find it by its hexadecimal digits")
    return Facts(
        "hexadecimal" if word == f"{lease:016x}" else word,
        "decimal, a string" if text == f"{lease}" else text,
        f"decimal, {type(info.ID).__name__}",
        "etcdctl writes and reads hexadecimal, the others decimal: convert with int(text, 16), and"
        ' with f"{lease:x}".',
    )


@scenario("leases", "a key's lease, in a read of keys only")
def of_keys_only(sides: Sides) -> Facts:
    """etcd 3.7 answers from its index, which holds no leases: a regression, issue 22209."""
    key = sides.key("a")
    with _granted(sides) as (lease,):
        sides.native.put(key, b"1", lease=lease)
        ran = sides.etcdctl.run("get", key, "--keys-only", "-w", "json")
        answer = sides.http.post("kv/range", {"key": b64(key), "keys_only": True})
        _, meta = sides.native.get(key, keys_only=True)
    found = [ran.json["kvs"][0].get("lease", 0), answer.kvs[0].get("lease", 0), meta.lease_id]
    expected = 0 if sides.is_since("3.7.0") else lease
    claim({int(each) for each in found} == {expected}, "up to 3.6 it is there, in 3.7 it is not")
    return Facts(*("its ID" if int(each) else "absent" for each in found))


@scenario("leases", "a lease's ID, in a JSON reader with doubles")
def doubles(sides: Sides) -> Facts:
    """IDs exceed 2**53, above which doubles have gaps."""
    lease = 1 << 62 | _unknown(sides) | 1  # odd, so that no double equals it
    sides.native.lease(100, lease_id=lease)
    with _granted(sides, count=0) as leases:
        leases.append(lease)
        found = sides.etcdctl.run("lease", "timetolive", f"{lease:x}", "-w", "json").json["id"]
        text = sides.http.post("lease/timetolive", {"ID": lease}).json["ID"]
        native = sides.native.get_lease_info(lease).ID
    claim(isinstance(found, int) and isinstance(text, str), "one is a number, the other a string")
    claim(found == int(text) == native == lease, "as written both are exact")
    return Facts(
        "another ID" if int(float(found)) != lease else "the same ID",
        "the same ID, a string" if text == str(lease) else text,
        f"no JSON: {type(native).__name__}",
        "etcdctl's JSON has the ID as a number, which readers with doubles round, JavaScript say:"
        " take the hexadecimal ID of its plain output.",
    )


@scenario("leases", "an ID of one's own choice, and one that is taken")
def chosen_id(sides: Sides) -> Facts:
    """etcdctl cannot choose; python-etcd3's own exceptions drop etcd's message."""
    lease = _unknown(sides)
    ran = sides.etcdctl.run("lease", "grant", "100", f"--id={lease}")
    with _granted(sides, count=0) as leases:
        gateway = int(sides.http.post("lease/grant", {"TTL": 100, "ID": lease}).json["ID"])
        leases.append(gateway)
    with _granted(sides, count=0) as leases:
        native = sides.native.lease(100, lease_id=lease).id
        leases.append(native)
        answer = sides.http.post("lease/grant", {"TTL": 100, "ID": lease})
        error = failure(lambda: sides.native.lease(100, lease_id=lease))
    claim(ran.status != 0, "etcdctl has no such flag")
    claim(gateway == native == lease, "the others get the ID that they ask for")
    claim(answer.json["code"] == 9 and answer.status in (400, 412), "one that is taken is code 9")
    claim(isinstance(error, etcd3.exceptions.PreconditionFailedError), "python-etcd3 maps code 9")
    cause = error.__context__ if error else None
    claim(isinstance(cause, grpc.RpcError) and "exists" in cause.details(), "the context has it")
    return Facts(
        printed(ran),
        f"that ID, then {answered(answer)}",
        f"that ID, then {type(error).__name__}: {str(error)!r}",
        "etcdctl lets the server choose: use one of the others; python-etcd3's exception for an ID"
        " that is taken lacks etcd's words: they are in its __context__.details().",
    )


@scenario("leases", "a grant of -3 seconds, or of 0")
def negative_ttl(sides: Sides) -> Facts:
    """No error: etcd grants its least TTL, which follows from the election timeout."""
    ran = sides.etcdctl.run("lease", "grant", "-3")
    with _granted(sides, ttl=-3) as leases:
        native = sides.native.get_lease_info(leases[0]).grantedTTL
        answer = sides.http.post("lease/grant", {"TTL": -3})
        dashes = sides.etcdctl.run("lease", "grant", "--", "-3")
        zero = sides.etcdctl.run("lease", "grant", "0")
        none = sides.http.post("lease/grant", {"TTL": 0})
        leases += [_id(dashes), int(answer.json["ID"]), _id(zero), int(none.json["ID"])]
    with _granted(sides, ttl=0) as (lease,):
        least = sides.native.get_lease_info(lease).grantedTTL
    claim(ran.status != 0 and dashes.status == 0, "etcdctl takes it for a flag, but not after --")
    claim(native == least > 0, "etcd grants its least TTL")
    claim(_ttl(zero) == none.json["TTL"] == f"{least}", "so it does for 0, to all three")
    return Facts(
        printed(ran),
        f"{answer.json['TTL']} s",
        f"{native} s",
        "etcd grants its least TTL for either, and etcdctl takes -3 for a flag: check it yourself,"
        " as a TTL that was computed may have gone below 0.",
    )


@scenario("leases", "a lease that is gone: how long it lives, and a keep-alive")
def unknown_ttl(sides: Sides) -> Facts:
    """No errors, but a TTL of -1 or 0; only etcdctl makes the latter an error."""
    lease = _unknown(sides)
    ran = sides.etcdctl.run("lease", "timetolive", f"{lease:x}")
    answer = sides.http.post("lease/timetolive", {"ID": lease})
    native = sides.native.get_lease_info(lease).TTL
    claim(ran.status == 0 and int(answer.json["TTL"]) == native == -1, "it is no error")
    kept = sides.etcdctl.run("lease", "keep-alive", "--once", f"{lease:x}")
    frame = sides.http.post("lease/keepalive", {"ID": lease})
    (reply,) = sides.native.refresh_lease(lease)
    claim(kept.status != 0 and frame.status == 200, "etcdctl alone makes a keep-alive an error")
    claim("TTL" not in frame.json["result"] and reply.TTL == 0, "its TTL is 0, left out in JSON")
    return Facts(
        f"{' '.join(ran.stdout.decode().split()[2:])}; {printed(kept)}",
        f"TTL {answer.json['TTL']!r}; TTL {frame.json['result'].get('TTL', 'absent')}",
        f"TTL {native}; TTL {reply.TTL}",
        "timetolive answers with a TTL of -1, which etcdctl puts in words, keep-alive with one of"
        " 0, which the gateway leaves out: look at it after each.",
    )


@scenario("leases", "a lease kept alive for long")
def keep_alive_stream(sides: Sides) -> Facts:
    """Only etcdctl renews a lease again and again."""
    with _granted(sides, ttl=2) as (lease,):
        once = sides.etcdctl.run("lease", "keep-alive", "--once", f"{lease:x}")
        with sides.http.stream("lease/keepalive", {"ID": lease}) as frames:
            gateway = [frame["result"]["TTL"] for frame in frames]
        native = [f"{reply.TTL}" for reply in sides.native.refresh_lease(lease)]
        with sides.etcdctl.start("lease", "keep-alive", f"{lease:x}") as process:
            lines = [process.stdout.readline() for _ in range(2)] if process.stdout else []
            runs = process.poll() is None
            process.kill()
    claim(gateway == native == [_ttl(once)], "a request is answered once, with the TTL anew")
    claim(runs and all(b"keepalived" in line for line in lines), "etcdctl goes on")
    return Facts(
        f"{len(lines)} renewals, and goes on",
        f"{len(gateway)} renewal, then the end",
        f"{len(native)} renewal, then the end",
        "etcdctl goes on by itself, but for --once; the others send one keep-alive when told: send"
        " one yourself at each third of the TTL or so.",
    )


@scenario("leases", "the keys of a lease")
def keys(sides: Sides) -> Facts:
    """python-etcd3 always asks for the keys; the others on request."""
    with _granted(sides) as (lease,):
        for name in "ab":
            sides.native.put(sides.key(name), b"1", lease=lease)
        ran = sides.etcdctl.run("lease", "timetolive", f"{lease:x}", "--keys", "-w", "json")
        answer = sides.http.post("lease/timetolive", {"ID": lease, "keys": True})
        native = sides.native.get_lease_info(lease).keys
    found = map(unb64, ran.json["keys"]), map(unb64, answer.json["keys"]), native
    return Facts(*(" ".join(key[-1:].decode() for key in sorted(each)) for each in found))


@scenario("leases", "a new value, and the lease stays")
def ignore_lease(sides: Sides) -> Facts:
    """A put without a lease takes the key's lease away."""
    key = sides.key("a")
    with _granted(sides) as (lease,):
        sides.native.put(key, b"1", lease=lease)
        ran = sides.etcdctl.run("put", key, "2", "--ignore-lease")
        sides.http.post("kv/put", {"key": b64(key), "value": b64(b"3"), "ignore_lease": True})
        value, meta = sides.native.get(key)
        error = failure(lambda: sides.native.put(key, b"4", ignore_lease=True))
        sides.native.put(key, b"5")
        claim(sides.native.get(key)[1].lease_id == 0, "a put without a lease takes it away")
    claim(isinstance(error, TypeError), "python-etcd3's put has no such option")
    return Facts(
        printed(ran),
        "done" if (value, meta.lease_id) == (b"3", lease) else f"{value!r}, {meta.lease_id}",
        type(error).__name__,
        "python-etcd3's put has no ignore_lease, and a put without a lease takes it away:"
        " put with lease=meta.lease_id.",
    )


@scenario("leases", "keys whose lease has expired")
def expiry(sides: Sides) -> Facts:
    """A key is deleted with its lease, whichever side wrote it."""
    a, b, c = (sides.key(name) for name in "abc")
    with _granted(sides, ttl=1, count=3) as leases:
        sides.etcdctl.run("put", a, "1", f"--lease={leases[0]:x}")
        sides.http.post("kv/put", {"key": b64(b), "value": b64(b"1"), "lease": leases[1]})
        sides.native.put(c, b"1", lease=leases[2])
        claim(sides.native.get_prefix_response(sides.key()).count == 3, "the keys are there")
        gone = until(lambda: not sides.native.get_prefix_response(sides.key()).count, _DEADLINE)
        claim(bool(gone), "a key goes with its lease")
    ran = sides.etcdctl.run("get", a)
    answer = sides.http.post("kv/range", {"key": b64(b)})
    found = ran.stdout, answer.kvs, sides.native.get(c)[0]
    return Facts(*("still there" if each else "gone" for each in found))


@scenario("leases", "the list of leases")
def listed(sides: Sides) -> Facts:
    """python-etcd3's stubs come from a protocol without this request."""
    with _granted(sides) as (lease,):
        ran = sides.etcdctl.run("lease", "list")
        answer = sides.http.post("lease/leases", {})
    claim(not hasattr(sides.native.leasestub, "LeaseLeases"), "the stubs have no such request")
    native = [name for name in dir(sides.native) if "lease" in name and "list" in name]
    claim(not native, "there is no method for it")
    ids = [int(each["ID"]) for each in answer.json["leases"]]
    return Facts(
        "has it" if f"{lease:016x}".encode() in ran.stdout.split() else "does not have it",
        "has it" if lease in ids else "does not have it",
        ", ".join(native) or "no method, no stub",
        "python-etcd3 has no such request, not even as a generated stub: ask the gateway, or keep"
        " the IDs that you were granted.",
    )
