#!/usr/bin/env python3
"""walk_values.py - JSON and binary values: a walkthrough in Python.

usage: walk_values.py [flags]

Prints the same as scripts/walk_values.sh, over the JSON gateway or the native client.

examples:
  py/walk_values.py -step
  py/walk_values.py -transport=native
  diff <(scripts/walk_values.sh) <(py/walk_values.py)

exits: 0 done, 1 failed, 2 wrong usage, 3 no etcd, 130 interrupted
"""

from __future__ import annotations

import etcdlab.bootstrap  # noqa: F401

# isort: split
import json
from base64 import b64decode

from etcdlab.walkthrough.run import walk_with
from etcdlab.walkthrough.transcript_client import TranscriptClient


def walk(lab: TranscriptClient) -> None:
    """JSON and binary values."""
    service, raw = lab.key("app/config/service"), lab.key("blobs/raw")
    lab.title("Values: JSON and binary")

    lab.step("To etcd a value is bytes. JSON is text, and easy to look at.")
    lab.put(service, b'{"host":"api.internal","port":8080,"timeout_ms":1500}')
    lab.get(service, value_only=True)

    lab.step('Pretty-printed on this machine ("jq ." does the same).')
    value = lab.get(service, value_only=True, after="| python3 -m json.tool --indent 2")
    if value:
        print(json.dumps(json.loads(value), indent=2))

    lab.step("Six bytes that are no text: the first four are 0xCAFEBABE.")
    blob = b"\xca\xfe\xba\xbe\x01\x02"
    lab.command(r"printf '\312\376\272\276\001\002' > blob.bin")

    lab.step(
        'Binary goes in through standard input. Not through "$(cat blob.bin)": a shell drops',
        "NUL bytes and newlines at the end, and in a container the file is another one (official",
        "images have no shell at all). With Compose: exec -T, or a terminal changes line ends.",
    )
    lab.put(raw, blob, file="blob.bin")

    lab.step("--hex shows every byte.")
    lab.get(raw, hexadecimal=True)

    lab.step(
        "--print-value-only ends with a newline that is not in the value: one byte too many",
        '("hexdump -C" shows the same).',
    )
    fetched = lab.get(raw, value_only=True, after="> blobs_raw.bin")
    lab.command("od -An -tx1 blobs_raw.bin", f" {fetched.hex(' ')}\n".encode())

    lab.step("JSON output has the exact bytes, in base64.")
    to_bytes = r"""| sed 's/.*"value":"\([^"]*\)".*/\1/' | base64 -d > blobs_raw.bin"""
    reply = lab.get(raw, write_out="json", after=to_bytes)
    same = reply and b64decode(json.loads(reply)["kvs"][0]["value"]) == blob
    lab.command(
        "cmp blob.bin blobs_raw.bin && echo the same bytes", b"the same bytes\n" if same else b""
    )

    lab.step("Clean up.")
    lab.delete(service)
    lab.delete(raw)
    lab.command("rm -f blob.bin blobs_raw.bin")


if __name__ == "__main__":
    walk_with(walk, f"{__doc__}")
