"""What etcd tells whoever can read HTTP, whatever the user: pages beside the gateway.

https://etcd.io/docs/v3.5/metrics/ for /metrics; /version is as old as etcd.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import orjson

from etcdlab.client.tls import Tls


def page(url: str, path: str, tls: Tls | None, connect_timeout: float, timeout: float) -> str:
    """The page at `path` of the endpoint with that base URL; empty where nothing answers.

    That of an error is one too. Timeouts are in seconds.
    """
    # Half of a script's start, and not every script asks for a page.
    from requests.exceptions import RequestException

    from etcdlab.client.http1 import Session

    try:
        with Session(tls) as session:
            reply = session.get(f"{url}{path}", timeout=(connect_timeout, timeout))
            return reply.content.decode(errors="replace")
    except RequestException:
        return ""


def version_in(text: str) -> str:
    """The server's version by the page at /version; empty where it does not say."""
    with suppress(orjson.JSONDecodeError, LookupError, TypeError):
        return str(orjson.loads(text)["etcdserver"])
    return ""


def is_healthy(
    url: str, ignored: Iterable[str], tls: Tls | None, connect_timeout: float, timeout: float
) -> bool | None:
    """Whether the member is healthy, or would be without those alarms; None if it is silent.

    It looks at what it has itself, as far as it can (from etcd 3.5 on). Timeouts are in seconds.
    """
    query = "".join(f"&exclude={alarm}" for alarm in ignored)
    text = page(url, f"/health?serializable=true{query}", tls, connect_timeout, timeout)
    with suppress(orjson.JSONDecodeError, LookupError, TypeError):
        return bool(orjson.loads(text)["health"] == "true")
    return None
