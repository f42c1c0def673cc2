"""A request as the curl command that does the same over the gateway.

scripts/lib/curl.sh makes the same commands of etcdctl's arguments.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import orjson

from etcdlab.client.connect import Settings
from etcdlab.client.tls import Tls


def curl(access: str, endpoint: str, path: str, body: Mapping[str, object], *flags: str) -> str:
    """The command that posts `body` to /v3/`path` at `endpoint` (a base URL).

    `access` is access_of() the settings.
    """
    data = orjson.dumps(body).decode()
    rest = shlex.join([*flags, f"{endpoint}/v3/{path}", "-d", data])
    return f"curl -sS {access}{rest}"


def access_of(settings: Settings) -> str:
    """The flags by which curl gets in, each with a space after it.

    A user's token is for the shell to fill in: auth/authenticate gives one for a password.
    """
    tls = settings.tls or Tls()
    files = {"--cacert": tls.cacert, "--cert": tls.cert, "--key": tls.key}
    flags = [f"{flag} {shlex.quote(path)}" for flag, path in files.items() if path]
    flags += ["--insecure"] * tls.skip_verify
    flags += ['-H "Authorization: $TOKEN"'] * bool(settings.login)
    return "".join(f"{flag} " for flag in flags)
