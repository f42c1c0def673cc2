"""Encodings of keys, values and numbers."""

from __future__ import annotations

import requests

from etcdlab.compare.outcomes import answered, failure, printed, raised
from etcdlab.compare.scenario import Facts, claim, scenario
from etcdlab.compare.sides import Sides, b64, unb64


def _stored(sides: Sides, name: str = "a") -> str:
    """Describe the value of the key `name`."""
    return f"stores {sides.native.get(sides.key(name))[0]!r}"


def _put(sides: Sides, value: bytes) -> None:
    """Put a value on each side, under a, b and c."""
    sides.etcdctl.run("put", sides.key("a"), stdin=value)
    sides.http.post("kv/put", {"key": b64(sides.key("b")), "value": b64(value)})
    sides.native.put(sides.key("c"), value)


def _get(sides: Sides) -> tuple[bytes, bytes, bytes]:
    """Read on each side the key that _put wrote there."""
    found = sides.etcdctl.run("get", sides.key("a"), "-w", "json").json
    kv = sides.http.post("kv/range", {"key": b64(sides.key("b"))}).kvs[0]
    return (
        unb64(found["kvs"][0]["value"]),
        unb64(kv["value"]),
        sides.native.get(sides.key("c"))[0],
    )


@scenario("values", "a revision, as it travels")
def int64(sides: Sides) -> Facts:
    """64-bit numbers in JSON, which most readers take for doubles."""
    sides.put(sides.key("a"), b"1")
    found = sides.etcdctl.run("get", sides.key("a"), "-w", "json").json
    kv = sides.http.post("kv/range", {"key": b64(sides.key("a"))}).kvs[0]
    _, meta = sides.native.get(sides.key("a"))
    claim(isinstance(kv["mod_revision"], str), "the gateway writes 64-bit numbers as strings")
    claim(int(kv["mod_revision"]) == meta.mod_revision, "both are the same number")
    return Facts(
        f"JSON {type(found['kvs'][0]['mod_revision']).__name__}",
        f"JSON {type(kv['mod_revision']).__name__}",
        type(meta.mod_revision).__name__,
        "JSON over the gateway writes 64-bit numbers as strings, since readers with doubles"
        " would round them: convert them, with int() say.",
    )


@scenario("values", "an answer's bytes, as they travel")
def blanks(sides: Sides) -> Facts:
    """protojson adds blanks in some builds of etcd, so that nobody relies on bytes."""
    sides.put(sides.key("a"), b"1")
    ran = sides.etcdctl.run("get", sides.key("a"), "-w", "json")
    answer = sides.http.post("kv/range", {"key": b64(sides.key("a"))})
    spaced, commas = answer.body.count(b", "), answer.body.count(b",")
    is_first = sides.http.post("kv/range", {}).is_first_generation
    claim(spaced in ((0,) if is_first else (0, commas)), "it is all commas or none")
    claim(b", " not in ran.stdout, "etcdctl writes none")
    return Facts(
        "JSON without blanks",
        "JSON, a blank after each comma" if spaced else "JSON without blanks",
        "a message",
        "The gateway's second generation, etcd's since 3.6, puts a blank after each comma in about"
        " half of all builds: parse the JSON, and compare neither bytes nor lengths.",
    )


@scenario("values", "NUL bytes, invalid UTF-8, and text that is not ASCII")
def any_bytes(sides: Sides) -> Facts:
    """Each side reads the bytes that it wrote; both clients encode a str as UTF-8."""
    _put(sides, b"\x00\xff\xfe\n")
    found = _get(sides)
    sides.etcdctl.run("put", sides.key("a"), "é")
    sides.http.post("kv/put", {"key": b64(sides.key("b")), "value": b64("é".encode())})
    sides.native.put(sides.key("c"), "é")
    return Facts(*(f"{one!r}, {other!r}" for one, other in zip(found, _get(sides), strict=True)))


@scenario("values", "base64 in the URL-safe alphabet, unpadded: _-8")
def base64_variants(sides: Sides) -> Facts:
    """Only the gateway uses base64; the variants it accepts depend on its generation."""
    key, name = sides.key("a"), b64(sides.key("b"))
    sides.etcdctl.run("put", key, "_-8")
    ctl = _stored(sides)
    gateway = sides.http.post("kv/put", {"key": name, "value": "_-8"})
    padded = sides.http.post("kv/put", {"key": name, "value": "_-8="})
    unpadded = sides.http.post("kv/put", {"key": name, "value": "/+8"})
    same = gateway.status == padded.status == unpadded.status
    claim(same, "the alphabet and the padding are taken, or refused, alike")
    sides.native.put(key, "_-8")
    how = "refused this kind" if gateway.is_first_generation else "took this kind too"
    return Facts(
        ctl,
        f"HTTP 400, code {gateway.json['code']}" if gateway.status == 400 else _stored(sides, "b"),
        _stored(sides),
        f"Only the gateway decodes what it gets, and this one {how}: send the standard alphabet"
        " with padding, as b64encode writes it.",
    )


@scenario("values", "text put without encoding it: abcd")
def plain_text(sides: Sides) -> Facts:
    """The gateway silently decodes text that happens to be base64."""
    sides.etcdctl.run("put", sides.key("a"), "abcd")
    ctl = _stored(sides)
    sides.http.post("kv/put", {"key": b64(sides.key("b")), "value": "abcd"})
    word = sides.http.post("kv/put", {"key": b64(sides.key("c")), "value": "plain"})
    claim((word.status, word.json["code"]) == (400, 3), "five letters are refused: no base64")
    key = sides.http.post("kv/put", {"key": sides.key("!").decode(), "value": ""})
    claim((key.status, key.json["code"]) == (400, 3), "so is a key that is no base64")
    claim(_stored(sides, "b") != ctl, "four letters are stored as other bytes")
    sides.native.put(sides.key("a"), "abcd")
    return Facts(
        ctl,
        _stored(sides, "b"),
        _stored(sides),
        "The gateway decodes base64, in keys too, whatever was meant: abcd is stored as other"
        " bytes, plain is refused with code 3: encode each value and key.",
    )


@scenario("values", "an empty value, and a count of 0 deleted")
def empty(sides: Sides) -> Facts:
    """The gateway leaves out what is empty or zero."""
    key, nothing = sides.key("a"), sides.key("nothing")
    sides.put(key, b"")
    lines = sides.etcdctl.run("get", key).stdout.splitlines()
    kv = sides.http.post("kv/range", {"key": b64(key)}).kvs[0]
    deleted = sides.etcdctl.run("del", nothing).stdout.decode().strip()
    reply = sides.http.post("kv/deleterange", {"key": b64(nothing)}).json
    native = sides.native.delete(nothing, return_response=True)
    claim(lines == [key, b""], "etcdctl prints the key, and the value's line")
    claim("value" not in kv and "deleted" not in reply, "the gateway leaves both fields out")
    return Facts(
        f"line {lines[1]!r}, {deleted}",
        f"value: {kv.get('value', 'absent')}, deleted: {reply.get('deleted', 'absent')}",
        f"{sides.native.get(key)[0]!r}, {native.deleted}",
        'The gateway leaves out what is empty or zero: read kv.get("value", "") and'
        ' int(reply.get("deleted", 0)), and tell a missing key by its missing kvs.',
    )


@scenario("values", "a key that is not there, read")
def missing(sides: Sides) -> Facts:
    """No side reports an error."""
    key = sides.key("nothing")
    ctl = sides.etcdctl.run("get", key)
    gateway = sides.http.post("kv/range", {"key": b64(key)})
    found = sides.native.get(key)
    claim(ctl.status == 0 and gateway.status == 200, "a missing key is no error")
    claim(list(gateway.json) == ["header"], "neither kvs nor a count of 0 is there")
    return Facts(
        f"exit status {ctl.status}, prints {len(ctl.stdout)} bytes",
        f"HTTP {gateway.status}, {' '.join(gateway.json)} only",
        repr(found),
        "No error in any of them: look for an empty output, for absent kvs, for None as value.",
    )


@scenario("values", "a field's name in camelCase")
def camel_case(sides: Sides) -> Facts:
    """The gateway accepts both spellings, and replies in snake_case."""
    key = sides.key("a")
    sides.put(key, b"1")
    (camel,) = sides.http.post("kv/range", {"key": b64(key), "keysOnly": True}).kvs
    (snake,) = sides.http.post("kv/range", {"key": b64(key), "keys_only": True}).kvs
    claim(camel == snake and "value" not in camel, "both spellings do the same")
    claim("mod_revision" in camel, "the reply is in snake_case")
    return Facts(
        printed(sides.etcdctl.run("get", key, "--keysOnly")),
        f"done, value {camel.get('value', 'left out')}",
        type(failure(lambda: sides.native.get(key, keysOnly=True))).__name__,
        "The gateway takes keysOnly as well as keys_only, but answers in snake_case:"
        " write that, and one spelling will do.",
    )


@scenario("values", "an enum's name that does not exist")
def unknown_enum(sides: Sides) -> Facts:
    """The second generation silently ignores such a name."""
    for name in "ab":
        sides.put(sides.key(name), b"1")
    ask = {"key": b64(sides.key("a")), "range_end": b64(sides.key("c")), "sort_order": "down"}
    answer = sides.http.post("kv/range", ask)
    ran = sides.etcdctl.run("get", sides.key("a"), "--order=down")
    claim("etcdserver" not in ran.error, "etcdctl refuses it by itself")
    if answer.status == requests.codes.ok:
        order = [unb64(kv["key"]) for kv in answer.kvs]
        claim(order == [sides.key("a"), sides.key("b")], "the order is the one by default")
        why = "This gateway takes an unknown name for the default, without a word: check it first."
    else:
        claim(answer.is_first_generation, "the first generation refuses it")
        why = "Each refuses it by itself, before it is etcd's turn: each has an error of its own."
    return Facts(
        printed(ran),
        answered(answer).split(":")[0],
        raised(failure(lambda: sides.native.get(sides.key("a"), sort_order="down"))),
        why,
    )


@scenario("values", "a key with a newline in it, listed")
def newline_in_key(sides: Sides) -> Facts:
    """etcdctl prints raw bytes, one line for the key and one for the value."""
    key = sides.key("a\nb")
    sides.put(key, b"1")
    lines = sides.etcdctl.run("get", key).stdout.splitlines()
    fields = sides.etcdctl.run("get", key, "-w", "fields").stdout
    claim(b'a\\nb"' in fields, "-w fields escapes it")
    kvs = sides.http.post("kv/range", {"key": b64(key)}).kvs
    pairs = list(sides.native.get_prefix(key))
    return Facts(
        f"{len(lines)} lines",
        f"{len(kvs)} key, {len(kvs)} value",
        f"{len(pairs)} key, {len(pairs)} value",
        "etcdctl prints the bytes as they are, so that lines are no longer keys and values in turn:"
        " read -w json, or -w fields, which escapes them.",
    )


@scenario("values", "a value that ends in a newline: hi\\n")
def last_newline(sides: Sides) -> Facts:
    """etcdctl appends a newline to each value."""
    _put(sides, b"hi\n")
    ctl, gateway, native = _get(sides)
    claim(ctl == gateway == native == b"hi\n", "-w json has the bytes")
    output = sides.etcdctl.run("get", sides.key("a"), "--print-value-only").stdout
    return Facts(
        repr(output),
        repr(gateway),
        repr(native),
        "etcdctl ends what it prints with a newline that is not in the value: take one off, or read"
        " the base64 of -w json.",
    )


@scenario("values", "a value that begins with a dash: -1")
def dash(sides: Sides) -> Facts:
    """etcdctl parses it as a flag."""
    ran, key = sides.etcdctl.run("put", sides.key("a"), "-1"), sides.key("a")
    claim(ran.status != 0, "etcdctl takes it for a flag")
    _put(sides, b"-1")
    claim(sides.etcdctl.run("put", key, "--", "-1").status == 0, "it stores it after --")
    claim(_stored(sides) == _stored(sides, "b"), "in the end all have stored the same")
    return Facts(
        printed(ran),
        _stored(sides, "b"),
        _stored(sides, "c"),
        "etcdctl takes it for a flag: put -- before it, or give the value by standard input.",
    )
