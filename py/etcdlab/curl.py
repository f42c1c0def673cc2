"""A request as the curl command that does the same over the gateway.

scripts/lib/curl.sh makes the same commands of etcdctl's arguments.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import orjson


def curl(endpoint: str, path: str, body: Mapping[str, object], *flags: str) -> str:
    """The command that posts `body` to /v3/`path` at `endpoint` (a base URL)."""
    data = orjson.dumps(body).decode()
    return shlex.join(["curl", "-sS", *flags, f"{endpoint}/v3/{path}", "-d", data])
